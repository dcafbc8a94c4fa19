"""Maps: one class per kind of storage, with the kernel's results for every flag and limit."""
