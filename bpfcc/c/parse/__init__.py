"""GNU C's grammar: chunks of tokens to syntax trees."""

from .parser import Parser

__all__ = ["Parser"]
