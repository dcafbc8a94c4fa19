"""The checker against the running kernel: whole objects, and mutants of accepted programs."""
