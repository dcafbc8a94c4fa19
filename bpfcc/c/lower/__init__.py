"""The typed tree to IR and BTF types."""

from .module import lower

__all__ = ["lower"]
