"""Cuts the stream of pieces into external declarations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .declarations import Chunk, DeclIndex, describe
from .tokens import Token

if TYPE_CHECKING:
    from .preprocessor import Preprocessor

_OPEN = frozenset("([{")
_CLOSE = frozenset(")]}")


class Splitter:
    """Builds chunks from tokens."""

    def __init__(self, unit: Preprocessor) -> None:
        self.unit = unit
        self.chunks: list[Chunk] = []
        self.index = DeclIndex()
        self._tokens: list[Token] = []
        self._depth = 0
        self._parens = 0
        self._body = False
        self._attributes: list[str] = []
        self._pack = 0
        self._packs: list[int] = []

    def run(self) -> None:
        """Read the whole unit."""
        unit = self.unit
        while True:
            piece = unit.next_piece(0)
            if piece is None:
                break
            if isinstance(piece, Token):
                self._add([piece])
            else:
                self._add(unit.expand(piece.lex()))
        self._finish()

    def _finish(self) -> None:
        if self._tokens:
            self._complete()

    def _add(self, tokens: list[Token]) -> None:
        for token in tokens:
            kind = token.kind
            if kind == "punct":
                text = token.text
                if text == ";" and self._depth == 0 and self._parens == 0:
                    self._tokens.append(token)
                    if not self._old_style():
                        self._complete()
                    continue
                if text == "{":
                    if self._depth == 0 and self._parens == 0:
                        self._body = self._opens_body()
                    self._depth += 1
                elif text == "}":
                    self._depth -= 1
                    if self._depth <= 0:
                        self._tokens.append(token)
                        if self._depth < 0 or (self._body and self._parens == 0):
                            self._complete()
                        continue
                elif text in ("(", "["):
                    if self._depth == 0:
                        self._parens += 1
                elif text in (")", "]"):
                    if self._depth == 0 and self._parens:
                        self._parens -= 1
            elif kind == "pragma" and not self._tokens:
                self._pragma(token)
                continue
            elif kind == "pragma":
                self._pragma(token)
            self._tokens.append(token)

    def _opens_body(self) -> bool:
        """Whether a ``{`` at file level starts a function's body."""
        depth = 0
        ids = 0
        i = len(self._tokens) - 1
        while i >= 0:
            token = self._tokens[i]
            text = token.text
            if token.kind == "punct":
                if text in _CLOSE:
                    depth += 1
                elif text in _OPEN:
                    depth -= 1
                elif depth == 0 and text == "=":
                    return False
            elif depth == 0 and token.kind == "id":
                if text in ("struct", "union", "enum"):
                    if self._tag_follows(i):
                        return False
                    ids = 0
                else:
                    ids += 1
            i -= 1
        return True

    def _tag_follows(self, at: int) -> bool:
        """Whether between the tag keyword and the ``{`` there is at most a tag."""
        rest = [t for t in self._tokens[at + 1 :] if t.kind != "pragma"]
        enum = self._tokens[at].text == "enum"
        names = 0
        i = 0
        while i < len(rest):
            token = rest[i]
            if token.kind == "id":
                if token.text in ("__attribute__", "__attribute", "_Alignas", "__declspec"):
                    depth = 0
                    i += 1
                    while i < len(rest):
                        if rest[i].text == "(":
                            depth += 1
                        elif rest[i].text == ")":
                            depth -= 1
                            if depth == 0:
                                break
                        i += 1
                else:
                    names += 1
            elif token.text == ":" and enum:
                return True
            else:
                return False
            i += 1
        return names <= 1

    def _old_style(self) -> bool:
        """Whether the declaration is the parameter list of a K&R definition: ``f(a) int a;``."""
        tokens = self._tokens
        if tokens[0].text in ("typedef", "extern"):
            return False
        for i in range(1, len(tokens) - 1):
            if tokens[i].text == "(" and tokens[i - 1].kind == "id":
                j = i + 1
                while j < len(tokens) and (tokens[j].kind == "id" or tokens[j].text == ","):
                    j += 1
                if tokens[j].text != ")" or j == i + 1 or tokens[i + 1].text == "void":
                    return False
                follow = tokens[j + 1]
                return follow.kind == "id" and not follow.text.startswith(("__a", "asm"))
            if tokens[i].text in ("=", "{"):
                return False
        return False

    def _complete(self) -> None:
        tokens = self._tokens
        self._tokens = []
        self._depth = 0
        self._parens = 0
        self._body = False
        while tokens and tokens[0].kind == "pragma":
            tokens.pop(0)
        if not tokens or (len(tokens) == 1 and tokens[0].text == ";"):
            return
        first = tokens[0]
        outer = first.span().outermost().file
        chunk = Chunk(tokens, core=bool(self._attributes), system=outer.system, pack=self._pack)
        names, emits = describe(chunk.text())
        chunk.names = names
        chunk.eager = emits or outer is self.unit.source
        self.chunks.append(chunk)
        self.index.add(chunk)

    def _pragma(self, token: Token) -> None:
        text = token.text
        if text.startswith("clang attribute"):
            rest = text[len("clang attribute") :].strip()
            if rest.startswith("push"):
                self._attributes.append(rest)
            elif rest.startswith("pop") and self._attributes:
                self._attributes.pop()
        elif text.startswith("pack"):
            self._set_pack(text[4:].strip())

    def _set_pack(self, operand: str) -> None:
        words = [word.strip() for word in operand.strip("()").split(",") if word.strip()]
        if "pop" in words:
            self._pack = self._packs.pop() if self._packs else 0
        elif "push" in words:
            self._packs.append(self._pack)
        elif not words:
            self._pack = 0
        if words and words[-1].isdigit():
            self._pack = int(words[-1])
