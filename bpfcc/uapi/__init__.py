"""Facts of the kernel's interface as tables: helpers, program types, map types, versions."""
