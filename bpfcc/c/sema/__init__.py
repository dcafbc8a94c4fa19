"""Checks what was parsed against the rules of C and of BPF, and resolves it."""

from .unit import check

__all__ = ["check"]
