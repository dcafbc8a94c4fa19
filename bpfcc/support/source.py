"""Source text and places in it.

A ``Span`` is a half-open range of character offsets in one ``SourceFile``. Line and column are
computed only when somebody asks, both counted from 1.
"""

from __future__ import annotations

from bisect import bisect_right


class SourceFile:
    """One file's name and whole text.

    ``name`` is what diagnostics print; ``system`` marks headers whose warnings stay silent.
    ``line_map`` holds ``#line`` directives and line markers as (offset, line, name): from that
    offset on, the text counts as starting at that line of that file.
    """

    __slots__ = ("_starts", "line_map", "name", "system", "text")

    def __init__(self, name: str, text: str, *, system: bool = False) -> None:
        self.name = name
        self.text = text
        self.system = system
        self.line_map: list[tuple[int, int, str]] = []
        self._starts: list[int] | None = None

    def _line_starts(self) -> list[int]:
        if self._starts is None:
            starts = [0]
            find = self.text.find
            pos = find("\n")
            while pos >= 0:
                starts.append(pos + 1)
                pos = find("\n", pos + 1)
            self._starts = starts
        return self._starts

    def line_col(self, offset: int) -> tuple[int, int]:
        """Return the physical (line, column) of ``offset``, both from 1."""
        starts = self._line_starts()
        line = bisect_right(starts, offset)
        return line, offset - starts[line - 1] + 1

    def presumed(self, offset: int) -> tuple[str, int, int]:
        """Return (file name, line, column) as ``#line`` directives have it."""
        line, col = self.line_col(offset)
        if self.line_map:
            i = bisect_right(self.line_map, offset, key=lambda entry: entry[0])
            if i:
                start, new_line, name = self.line_map[i - 1]
                return name, new_line + line - self.line_col(start)[0], col
        return self.name, line, col

    def line_text(self, line: int) -> str:
        """Return physical line ``line`` (from 1) without its newline; "" past the end."""
        starts = self._line_starts()
        if not 1 <= line <= len(starts):
            return ""
        end = starts[line] - 1 if line < len(starts) else len(self.text)
        return self.text[starts[line - 1] : end].rstrip("\r")

    def __repr__(self) -> str:
        return f"SourceFile({self.name!r})"


class Span:
    """Characters ``start`` to ``end`` (exclusive) of ``file``.

    For text that a macro produced, ``file/start/end`` is where its characters are *spelled* (in the
    macro's body or in an argument), ``macro`` the macro's name and ``expansion`` the span of the
    invocation, which may itself lie in an expansion: the chain that notes print.
    """

    __slots__ = ("end", "expansion", "file", "macro", "start")

    def __init__(
        self,
        file: SourceFile,
        start: int,
        end: int,
        expansion: Span | None = None,
        macro: str = "",
    ) -> None:
        self.file = file
        self.start = start
        self.end = end
        self.expansion = expansion
        self.macro = macro

    def outermost(self) -> Span:
        """Return the span in real source text: the invocation at the end of the chain."""
        span = self
        while span.expansion is not None:
            span = span.expansion
        return span

    def to(self, other: Span) -> Span:
        """Return the span from the start of this one to the end of ``other``.

        When the two are not in one file and expansion, their outermost spans are joined.
        """
        if self.file is other.file and self.expansion is other.expansion:
            return Span(self.file, self.start, max(self.end, other.end), self.expansion, self.macro)
        a, b = self.outermost(), other.outermost()
        if a.file is b.file:
            return Span(a.file, a.start, max(a.end, b.end))
        return a

    def position(self) -> tuple[str, int, int]:
        """Return (file name, line, column) of the outermost start, from 1."""
        span = self.outermost()
        return span.file.presumed(span.start)

    def text(self) -> str:
        """Return the characters that the span covers."""
        return self.file.text[self.start : self.end]

    def __repr__(self) -> str:
        name, line, col = self.position()
        return f"Span({name}:{line}:{col})"
