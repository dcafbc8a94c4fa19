"""One preprocessing token: what the lexer makes, macros rewrite, and the parser reads."""

from __future__ import annotations

from ...support.source import SourceFile, Span


class Token:
    """One preprocessing token (C17 6.4).

    ``kind`` is one of "id" (keywords too), "num" (a pp-number), "str", "char", "punct", "pragma"
    (``text`` is the pragma's line without ``#pragma``), "other" (a character that starts no token,
    or an unterminated literal). ``text`` is the spelling; digraphs are spelled canonically.

    ``file`` and ``start`` say where the characters are spelled, ``expansion`` is the span of the
    macro invocation that brought the token here (None for text of a file, macro arguments
    included) and ``macro`` the macro's name. ``space``: white space stood before the token;
    ``bol``: it is the first of its line. ``hidden``: an identifier that may never be expanded
    again (C17 6.10.3.4p2).
    """

    __slots__ = ("bol", "expansion", "file", "hidden", "kind", "macro", "space", "start", "text")

    def __init__(
        self,
        kind: str,
        text: str,
        file: SourceFile,
        start: int,
        space: bool = False,
        bol: bool = False,
        expansion: Span | None = None,
        macro: str = "",
        hidden: bool = False,
    ) -> None:
        self.kind = kind
        self.text = text
        self.file = file
        self.start = start
        self.space = space
        self.bol = bol
        self.expansion = expansion
        self.macro = macro
        self.hidden = hidden

    @property
    def end(self) -> int:
        """Offset behind the token in its file.

        A token that was not spelled as it stands (pasted, stringized, spliced) ends with the
        first character that is certainly its own.
        """
        end = self.start + len(self.text)
        if self.kind == "pragma":
            newline = self.file.text.find("\n", self.start)
            return newline if newline >= 0 else len(self.file.text)
        return end if self.file.text.startswith(self.text, self.start) else self.start + 1

    def span(self) -> Span:
        """Return the token's place, with its chain of expansions."""
        return Span(self.file, self.start, self.end, self.expansion, self.macro)

    def moved(self, space: bool, bol: bool) -> Token:
        """Return a copy with other white space before it."""
        return Token(
            self.kind,
            self.text,
            self.file,
            self.start,
            space,
            bol,
            self.expansion,
            self.macro,
            self.hidden,
        )

    def __repr__(self) -> str:
        return f"<{self.kind} {self.text!r}>"
