"""Checks what was parsed against the rules of C and of BPF, and resolves it."""
