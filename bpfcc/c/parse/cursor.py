"""The token cursor that all parts of the parser share: looking, taking, complaining, scopes.

``types`` runs parallel to ``tokens`` and holds what the grammar looks at: the canonical keyword,
the sign, or one of "id", "num", "str", "chr", "pragma", "other", and "" at the end.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...support.diagnostics import FixIt, Note, Sink
from ...support.source import SourceFile, Span
from ..syntax import nodes as n
from ..syntax.coord import Coord
from .keywords import DECL_STARTS, TYPE_NAME_STARTS

MAX_DEPTH = 256  # nested brackets and statements, as clang's -fbracket-depth


class SyntaxFault(Exception):
    """A construct cannot be parsed; the error has been reported already."""


class EndToken:
    """Stands after the last token of a chunk; its span is empty, right after that token."""

    __slots__ = (
        "_span",
        "bol",
        "end",
        "expansion",
        "file",
        "kind",
        "macro",
        "start",
        "text",
    )

    def __init__(self, span: Span) -> None:
        self.kind = "eof"
        self.text = ""
        self.bol = True
        self._span = span
        self.file = span.file
        self.start = self.end = span.end
        self.expansion = span.expansion
        self.macro = span.macro

    def span(self) -> Span:
        """Return the empty place at the end."""
        return after(self._span)


def after(span: Span) -> Span:
    """Return the empty span right after ``span``."""
    return Span(span.file, span.end, span.end, span.expansion, span.macro)


class Cursor:
    """State of parsing one chunk."""

    def __init__(self, sink: Sink, keywords: dict[str, str]) -> None:
        self.sink = sink
        self.keywords = keywords
        self.tokens: list[Any] = []
        self.types: list[str] = []
        self.i = 0
        self.depth = 0
        self.scopes: list[dict[str, bool]] = []
        self.file_typedef: Callable[[str], bool] = lambda name: False
        self.suggest: Callable[[str], str] | None = None
        self.pragmas: list[tuple[int, Any]] = []
        self.hoisted: list[Any] = []  # pragmas inside the declaration at hand

    def load(self, tokens: list[Any]) -> None:
        """Start on ``tokens``.

        Pragmas that are no loop's may stand anywhere (``_Pragma`` in a
        macro), so they are set aside with their positions; ``pragmas_before`` gives them back.
        """
        keyword = self.keywords.get
        self.pragmas = []
        kept: list[Any] = []
        types: list[str] = []
        for token in tokens:
            kind = token.kind
            text = token.text
            if kind == "id":
                types.append(keyword(text, "id"))
            elif kind == "punct":
                types.append(text)
            elif kind == "char":  # not the keyword of that name
                types.append("chr")
            elif kind == "pragma":
                if not is_loop_pragma(text):
                    self.pragmas.append((len(kept), token))
                    continue
                types.append(kind)
            else:
                types.append(kind)
            kept.append(token)
        end_span = kept[-1].span() if kept else Span(SourceFile("", ""), 0, 0)
        kept.append(EndToken(end_span))
        types.append("")
        self.tokens = kept
        self.types = types
        self.i = 0
        self.depth = 0
        self.scopes = []

    # ------------------------------------------------------------------ scopes
    def is_typedef(self, name: str) -> bool:
        """Say whether ``name`` is a type here: the innermost declaration of it decides."""
        for scope in reversed(self.scopes):
            if name in scope:
                return scope[name]
        return self.file_typedef(name)

    def declare(self, name: str | None, is_type: bool) -> None:
        """Note a declaration in the current scope; file scope is the index's business."""
        if self.scopes and name:
            self.scopes[-1][name] = is_type

    # ------------------------------------------------------------------ taking tokens
    def accept(self, kind: str) -> bool:
        """Take the next token if it is of this type."""
        if self.types[self.i] == kind:
            self.i += 1
            return True
        return False

    def previous(self) -> Any:
        """The token taken last."""
        return self.tokens[self.i - 1] if self.i else self.tokens[0]

    def coord(self, first: Any, at: Any = None) -> Coord:
        """The place from ``first`` to the token taken last."""
        return Coord(first, self.tokens[self.i - 1], at)

    def expect(self, kind: str, context: str = "") -> Any:
        """Take the next token, which must be ``kind``; ``context`` as in "expected ')' CONTEXT"."""
        if self.types[self.i] != kind:
            where = f" {context}" if context else ""
            what = "identifier" if kind == "id" else f"'{kind}'"
            self.fail(f"expected {what}{where}", insert="" if kind == "id" else kind)
        self.i += 1
        return self.tokens[self.i - 1]

    def expect_close(self, kind: str, opening: Any) -> Any:
        """Take the closing bracket that belongs to ``opening``."""
        if self.types[self.i] != kind:
            note = Note(f"to match this '{opening.text}'", opening.span())
            self.fail(f"expected '{kind}'", notes=[note], insert=kind)
        self.i += 1
        return self.tokens[self.i - 1]

    def expect_semicolon(self, context: str) -> None:
        """Take ``;``; a missing one is reported right after the last token, and parsing goes on."""
        if self.types[self.i] == ";":
            self.i += 1
            return
        place = self._after_previous()
        self.sink.error("c-syntax", f"expected ';' {context}", place, fixits=[FixIt(";", place)])
        if not self._goes_on_after_missing():
            raise SyntaxFault

    def _after_previous(self) -> Span:
        """The empty place after the token taken last; macros count as their invocation."""
        previous: Span = self.previous().span()
        return after(previous.outermost())

    def _goes_on_after_missing(self) -> bool:
        """Say whether what follows can stand by itself, as if the ``;`` were there."""
        token = self.tokens[self.i]
        kind = self.types[self.i]
        return bool(token.bol) or kind in ("}", "") or kind in DECL_STARTS

    def pragmas_before(self, end: int) -> list[Any]:
        """Return the pragmas that stand before token ``end`` and were not given out yet."""
        if not self.pragmas or self.pragmas[0][0] >= end:
            return []
        found: list[Any] = []
        while self.pragmas and self.pragmas[0][0] < end:
            token = self.pragmas.pop(0)[1]
            found.append(n.Pragma(token.text, Coord(token, token)))
        return found

    # ------------------------------------------------------------------ complaining
    def fail(
        self,
        message: str,
        token: Any = None,
        *,
        notes: list[Note] | None = None,
        insert: str = "",
    ) -> Any:
        """Report a syntax error at ``token`` (the next one) and give up the construct.

        With ``insert``, a sign that is missing, the place is right after the last token when the
        next one stands on another line.
        """
        place: Span
        fixits = []
        if token is None:
            token = self.tokens[self.i]
            if insert and self.i and (token.bol or token.kind == "eof"):
                place = self._after_previous()
                fixits = [FixIt(insert, place)]
            else:
                place = token.span()
        else:
            place = token.span()
        self.sink.error("c-syntax", message, place, notes=notes, fixits=fixits)
        raise SyntaxFault

    def complain(self, message: str, token: Any) -> None:
        """Report an error at ``token`` and go on."""
        self.sink.error("c-syntax", message, token.span())

    def enter(self) -> None:
        """Go one level deeper; past the limit is an error, so that no input exhausts the stack."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.depth = 0
            self.fail(f"nesting level exceeded maximum of {MAX_DEPTH}")

    # ------------------------------------------------------------------ looking ahead
    def starts_type_name(self, i: int) -> bool:
        """Say whether a type name begins at token ``i``."""
        kind = self.types[i]
        while kind == "__extension__":
            i += 1
            kind = self.types[i]
        if kind == "id":
            return self.is_typedef(self.tokens[i].text)
        return kind in TYPE_NAME_STARTS or kind == "__attribute__"

    def skip_balanced(self) -> None:
        """Take one bracketed group whose opening bracket was taken already."""
        level = 1
        while level:
            kind = self.types[self.i]
            if kind == "":
                return
            if kind in ("(", "[", "{"):
                level += 1
            elif kind in (")", "]", "}"):
                level -= 1
            self.i += 1

    # ------------------------------------------------------------------ what higher parts define
    def type_name(self) -> Any:
        """Parse a type name (declarations do)."""
        raise NotImplementedError

    def compound(self) -> Any:
        """Parse a block (statements do)."""
        raise NotImplementedError

    def initializer(self) -> Any:
        """Parse an initialiser (expressions do)."""
        raise NotImplementedError

    def string_literal(self) -> n.StringLiteral:
        """Parse adjacent string literals (expressions do)."""
        raise NotImplementedError


def is_loop_pragma(text: str) -> bool:
    """Say whether the text after ``#pragma`` is about the loop that follows."""
    words = text.split(None, 2)
    if not words:
        return False
    first = words[0]
    if first in ("unroll", "nounroll") or first.startswith("unroll("):
        return True
    second = words[1] if len(words) > 1 else ""
    return (first == "clang" and second == "loop") or (
        first == "GCC" and second.startswith(("unroll", "ivdep"))
    )
