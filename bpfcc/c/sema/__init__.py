"""Checks what was parsed against the rules of C and of BPF, and resolves it."""

from .unit import check, type_suggester, typedef_test

__all__ = ["check", "type_suggester", "typedef_test"]
