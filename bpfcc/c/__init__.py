"""The C language, whole, behind one door: source text to IR and BTF types."""

from .unit import compile_unit

__all__ = ["compile_unit"]
