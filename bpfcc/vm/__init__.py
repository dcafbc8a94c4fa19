"""A user-space machine for BPF programs: engine, memory, maps, kernel functions, run records."""
