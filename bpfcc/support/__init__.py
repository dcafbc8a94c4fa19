"""Source files, spans, diagnostics, errors: the ground floor, which imports nothing of bpfcc."""
