"""The parser's door: one chunk of tokens to syntax nodes.

A recursive-descent parser of GNU C that makes pycparser's nodes. It is our own and not a subclass
of ``pycparser.CParser``: that class has no interface for extension, its private methods changed in
every release of version 3, it re-lexes its input, stops at the first error, and costs 30 ms to
import; its tree is what everybody knows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from ...support.diagnostics import Sink
from ..syntax import nodes as n
from ..syntax.coord import Coord
from .cursor import SyntaxFault
from .keywords import keywords
from .statements import StatementParser


class ChunkLike(Protocol):
    """What the parser reads of a chunk."""

    @property
    def tokens(self) -> Any:
        """Its tokens, in order."""


class Parser(StatementParser):
    """Parses chunks: top-level external declarations.

    ``suggest``, where given, maps an unknown type name to a similar known one, or "".
    """

    def __init__(
        self,
        sink: Sink,
        *,
        std: str = "gnu17",
        suggest: Callable[[str], str] | None = None,
    ) -> None:
        super().__init__(sink, keywords(std))
        self.suggest = suggest

    def parse_chunk(self, chunk: ChunkLike, is_typedef: Callable[[str], bool]) -> list[Any]:
        """Return the declarations in ``chunk`` (usually one, more for ``int a, b;``).

        ``is_typedef`` says of a file-scope name whether it is a type. Reports: c-syntax,
        c-unknown-type. After a syntax error outside a function body the rest of the chunk is
        dropped; inside one, the broken statement alone (an ``ErrorNode`` marks it).
        """
        # A chunk may ask for another in the midst of being read (the index of declarations looks
        # a name up), so the state is the chunk's own.
        saved = (self.tokens, self.types, self.i, self.depth, self.scopes, self.file_typedef)
        pragmas, hoisted = self.pragmas, self.hoisted
        self.hoisted = []
        self.file_typedef = is_typedef
        self.load(chunk.tokens)
        found: list[Any] = []
        try:
            while self.types[self.i]:
                found += self.pragmas_before(self.i + 1)
                nodes = self.external()
                found += self.hoisted
                self.hoisted = []
                found += self.pragmas_before(self.i)
                found += nodes
            found += self.pragmas_before(self.i + 1)
        except SyntaxFault:
            pass
        finally:
            (
                self.tokens,
                self.types,
                self.i,
                self.depth,
                self.scopes,
                self.file_typedef,
            ) = saved
            self.pragmas, self.hoisted = pragmas, hoisted
        return found

    def external(self) -> list[Any]:
        """External-declaration. Source: C17 6.9."""
        kind = self.types[self.i]
        token = self.tokens[self.i]
        if kind == ";":
            self.i += 1
            return []
        if kind == "pragma":
            self.i += 1
            return [n.Pragma(token.text, Coord(token, token))]
        if kind == "asm":
            return [self.asm_statement()]
        if kind == "_Static_assert":
            return [self.static_assert()]
        attributes = self.attributes()
        if self.types[self.i] == ";" and attributes:
            self.i += 1
            return []
        specs = self.specifiers(attributes)
        return self.declarators(specs, "external")
