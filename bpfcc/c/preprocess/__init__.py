"""Source text to external declarations: lexer, macros, conditionals, includes, the index."""

from .declarations import Chunk, DeclIndex
from .preprocessor import Dependency, Preprocessed, preprocess
from .tokens import Token

__all__ = ["Chunk", "DeclIndex", "Dependency", "Preprocessed", "Token", "preprocess"]
