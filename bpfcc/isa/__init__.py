"""The BPF instruction set: one table, and encoder, check, assembler and disassembler over it."""
