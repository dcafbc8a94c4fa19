"""What BPF helpers and kernel functions do, one module per theme."""
