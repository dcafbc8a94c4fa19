"""Checks what was parsed against the rules of C and of BPF, and resolves it."""

from .unit import check, typedef_test

__all__ = ["check", "typedef_test"]
