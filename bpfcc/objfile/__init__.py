"""The object model of BPF programs, reading and writing it as ELF, linking, map definitions."""
