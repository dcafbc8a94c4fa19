"""ELF64 relocatable files: sections, symbols, relocations; reading and writing, nothing of BPF."""
