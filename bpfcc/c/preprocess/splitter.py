"""Cuts the pieces of a translation unit into external declarations.

Tokens of the main file, and everything that a macro touches, are cut as tokens. The text of headers
is cut as text: a scan for brackets and semicolons finds where each declaration ends, and if no word
of it is a macro at that place, it is kept as it stands. Macros are looked at when the text is
reached, so a chunk means the same whenever its tokens are made.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .declarations import TAG_HEAD, Chunk, DeclIndex, describe
from .large import LARGE, LargeHeader, words_of
from .lexer import lex
from .macros import Macro
from .pragmas import PragmaState
from .tokens import Token

if TYPE_CHECKING:
    from ...support.source import SourceFile
    from .preprocessor import Piece, Preprocessor
    from .search import Scanned

_OPEN = frozenset("([{")
_CLOSE = frozenset(")]}")
_BLANK = re.compile(r"\s*")
_MARK = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"?|'(?:[^'\\\n]|\\.)*'?|[{}();\[\]=]")

Part = "tuple[str, int, int, SourceFile] | Token"


class Splitter:
    """Builds the chunks and the index of one translation unit."""

    def __init__(self, unit: Preprocessor) -> None:
        self.unit = unit
        self.chunks: list[Chunk] = []
        self.index = DeclIndex()
        self.pragmas = PragmaState(unit.sink)
        # The declaration at hand: as tokens, or (in a header) as stretches of text.
        self._tokens: list[Token] = []
        self._parts: list[tuple[str, int, int, SourceFile] | Token] = []
        self._depth = 0  # braces
        self._parens = 0  # parentheses and brackets outside braces
        self._body = False  # the braces are a function's body
        self._value = False  # a "=" was met outside brackets
        self._among: list[Token] = []  # diagnostic pragmas between its words, outside braces
        # What was taken over from a compilation before, by id: a header that is read twice
        # declares everything twice.
        self._taken: set[int] = set()

    def run(self) -> None:
        """Read the whole unit."""
        unit = self.unit
        while True:
            piece = unit.next_piece(0)
            if piece is None:
                break
            if isinstance(piece, Token):
                if self._parts:
                    self.pragmas.apply(piece)
                    self._parts.append(piece)
                else:
                    self._add([piece])
            elif piece.frame.main:
                self._flush()
                self._add(unit.expand(piece.lex()))
            else:
                self._header(piece)
        self._flush()
        if self._tokens:
            self._complete()

    # Text of headers

    def _header(self, piece: Piece) -> None:
        """Take the text of a header."""
        scanned = piece.frame.scanned
        start, end = piece.start, piece.end
        if end - start > LARGE and not self._tokens and not self._parts:
            hits = self._macros_in(scanned, start, end)
            if not hits:
                header = self._large_header(scanned, start, end)
                self.index.add_large(header)
                for rest_start, rest_end in header.rest:
                    self._text(piece, rest_start, rest_end, hits)
                return
        else:
            hits = self._macros_in(scanned, start, end)
        self._text(piece, start, end, hits)

    def _large_header(self, scanned: Scanned, start: int, end: int) -> LargeHeader:
        """Return the index of a large header, perhaps of a compilation before."""
        core, pack = self.pragmas.core, self.pragmas.pack
        key = ("large", start, end, core, pack)
        header = scanned.kept.get(key)
        if not isinstance(header, LargeHeader) or id(header) in self._taken:
            header = LargeHeader(scanned, start, end)
            header.core, header.pack = core, pack
            scanned.kept[key] = header
        self._taken.add(id(header))
        return header

    def _macros_in(self, scanned: Scanned, start: int, end: int) -> set[str]:
        """Return the macros whose names occur in part of a text.

        The set of all words is made only for the second compilation that asks.
        """
        macros = self.unit.macros
        key = ("words", start, end)
        words = scanned.kept.get(key)
        if not isinstance(words, frozenset):
            listed = words_of(scanned.text, start, end)
            if words is None:
                scanned.kept[key] = True
                words = set(macros).intersection(listed)
            else:
                words = scanned.kept[key] = frozenset(listed)
        return {name for name in words.intersection(macros) if not self._harmless(name)}

    def _harmless(self, name: str) -> bool:
        """Whether a macro stands for its own name, as headers define next to enumerators."""
        macro = self.unit.macros[name]
        if isinstance(macro, Macro) and macro.params is None and not macro.builtin:
            body = macro.body
            return len(body) == 1 and body[0].text == name
        return False

    def _text(self, piece: Piece, start: int, end: int, hits: set[str]) -> None:
        """Cut the text of a header into declarations; ``hits`` are macros that occur in it."""
        scanned = piece.frame.scanned
        text = scanned.text
        places = _places(text, start, end, hits)
        next_hit = places.pop() if places else end
        pos = start
        while True:
            blank = _BLANK.match(text, pos, end)
            pos = blank.end() if blank is not None else pos
            if pos >= end:
                return
            stop, complete = self._scan(text, pos, end)
            hit = next_hit < stop
            while next_hit < stop:
                next_hit = places.pop() if places else end
            if hit or self._tokens:
                if not self._tokens:
                    self._reset()  # the scan counted what is now counted as tokens
                self._flush()
                tokens = lex(text, pos, stop, scanned.file)
                if hit:
                    tokens = self.unit.expand(tokens, more=not complete)
                self._add(tokens)
            elif complete and not self._parts:
                self._whole(scanned, pos, stop)
            elif complete:
                self._parts.append((text, pos, stop, scanned.file))
                self._complete_text()
            else:
                self._parts.append((text, pos, stop, scanned.file))
            pos = stop

    def _scan(self, text: str, pos: int, end: int) -> tuple[int, bool]:
        """Find the end of the declaration at hand: (offset, whether it ends before ``end``)."""
        depth, parens, body, value = self._depth, self._parens, self._body, self._value
        start = pos
        close = 0  # behind the last parenthesis
        for match in _MARK.finditer(text, pos, end):
            mark = match[0]
            if depth:
                if mark == "{":
                    depth += 1
                elif mark == "}":
                    depth -= 1
                    if depth == 0 and body and parens == 0:
                        return self._found(match.end())
            elif mark == ";":
                if parens == 0 and not (close and self._old_style_text(text, start, close, match)):
                    return self._found(match.end())
            elif mark == "(" or mark == "[":
                parens += 1
            elif mark == ")" or mark == "]":
                parens -= parens > 0
                close = match.end()
            elif mark == "=":
                value = value or parens == 0
            elif mark == "{":
                if parens == 0:
                    body = not value and self._head_opens_body(text[start : match.start()])
                depth = 1
            elif mark == "}":
                return self._found(match.end())
        if not self._tokens:
            self._depth, self._parens, self._body, self._value = depth, parens, body, value
        return end, False

    def _old_style_text(self, text: str, start: int, close: int, end: re.Match[str]) -> bool:
        """Whether text that ends in ``;`` is the head of a K&R definition."""
        behind = text[close : end.start()].lstrip()
        if not behind[:1].isalpha() or self._tokens or self._parts:
            return False
        return _old_style(lex(text, start, end.end(), self.unit.source))

    def _found(self, stop: int) -> tuple[int, bool]:
        if not self._tokens:
            self._reset()
        return stop, True

    def _head_opens_body(self, head: str) -> bool:
        """Whether ``{`` behind this text starts a function's body."""
        if self._tokens:
            return self._opens_body()
        if self._parts:
            head = (
                "".join(
                    part[0][part[1] : part[2]] + " "
                    for part in self._parts
                    if not isinstance(part, Token)
                )
                + head
            )
        if "__attribute" in head or "_Alignas" in head:
            tokens = lex(head, 0, len(head), self.unit.source)
            return _opens_body(tokens)
        return TAG_HEAD.search(head) is None

    def _flush(self) -> None:
        """Turn the unfinished text of a header into tokens: no macro was in it."""
        parts = self._parts
        if not parts:
            return
        self._parts = []
        self._reset()
        for part in parts:
            if isinstance(part, Token):
                self._tokens.append(part)
            else:
                text, start, end, file = part
                self._add(lex(text, start, end, file))

    def _whole(self, scanned: Scanned, start: int, stop: int) -> None:
        """Make a chunk of one stretch of text, or take that of a compilation before."""
        key = ("chunk", start, stop, self.pragmas.core, self.pragmas.pack)
        chunk = scanned.kept.get(key)
        if isinstance(chunk, Chunk) and id(chunk) not in self._taken:
            self._keep(chunk, chunk.names)
        else:
            self._parts.append((scanned.text, start, stop, scanned.file))
            chunk = self._complete_text()
            if chunk is None:
                return
            scanned.kept[key] = chunk
        self._taken.add(id(chunk))

    def _complete_text(self) -> Chunk | None:
        """Make a chunk of the text at hand."""
        parts = self._parts
        self._parts = []
        first = parts[0]
        if len(parts) == 1 and not isinstance(first, Token):
            words = first[0][first[1] : first[2]]
        else:
            words = " ".join(p[0][p[1] : p[2]] for p in parts if not isinstance(p, Token))
        if words == ";":
            return None
        assert not isinstance(first, Token)
        names, emits = describe(words)
        chunk = Chunk(
            None,
            parts,
            eager=emits,
            core=self.pragmas.core,
            system=first[3].system,
            pack=self.pragmas.pack,
        )
        self._keep(chunk, names)
        return chunk

    # Tokens

    def _add(self, tokens: list[Token]) -> None:
        """Take tokens whose macros are replaced."""
        for token in tokens:
            kind = token.kind
            if kind == "punct":
                text = token.text
                if text == ";":
                    if self._depth == 0 and self._parens == 0:
                        self._tokens.append(token)
                        if not _old_style(self._tokens):
                            self._complete()
                        continue
                elif text == "{":
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
                elif text == "(" or text == "[":
                    if self._depth == 0:
                        self._parens += 1
                elif text == ")" or text == "]":
                    if self._depth == 0 and self._parens:
                        self._parens -= 1
            elif kind == "pragma":
                self.pragmas.apply(token)
                if not self._tokens:
                    if " diagnostic" in token.text and not token.span().outermost().file.system:
                        # It holds for the declarations behind it, so it is one among them.
                        self._keep(Chunk([token], eager=True), [])
                    continue
                if self._depth == 0 and " diagnostic" in token.text:
                    self._among.append(token)
            elif kind == "other":
                self._stray(token)
            self._tokens.append(token)

    def _stray(self, token: Token) -> None:
        """Report what is no token of C."""
        quote = token.text.lstrip("LuU8")[:1]
        if quote in ("'", '"'):
            self.unit.sink.error(
                "c-unterminated-literal", f"missing terminating {quote} character", token.span()
            )
        elif token.text == "\\":
            self.unit.sink.error("c-stray-character", "stray '\\' in program", token.span())
        else:
            code = f" <U+{ord(token.text[0]):04X}>" if not token.text.isascii() else ""
            shown = token.text if token.text.isprintable() else ""
            self.unit.sink.error(
                "c-stray-character", f"unexpected character '{shown}'{code}", token.span()
            )

    def _opens_body(self) -> bool:
        """Whether a ``{`` behind the tokens at hand starts a function's body."""
        return _opens_body(self._tokens)

    def _reset(self) -> None:
        self._depth = 0
        self._parens = 0
        self._body = False
        self._value = False

    def _complete(self) -> None:
        """Make a chunk of the tokens at hand."""
        tokens, among = self._tokens, self._among
        self._tokens, self._among = [], []
        self._reset()
        if len(tokens) == 1 and tokens[0].text == ";":
            return
        first = tokens[0]
        outer = first.file if first.expansion is None else first.span().outermost().file
        chunk = Chunk(tokens, core=self.pragmas.core, system=outer.system, pack=self.pragmas.pack)
        names, emits = describe(chunk.text())
        chunk.eager = emits or outer is self.unit.source
        if among and not (chunk.eager or outer.system):
            # The declaration waits; a pop whose push stood before its first word does not.
            for token in among:
                tokens.remove(token)
                self._keep(Chunk([token], eager=True), [])
        self._keep(chunk, names)

    def _keep(self, chunk: Chunk, names: list[tuple[str, str]]) -> None:
        chunk.names = names
        self.chunks.append(chunk)
        self.index.add(chunk)


def _places(text: str, start: int, end: int, words: set[str]) -> list[int]:
    """Return where the words stand in part of a text, last place first."""
    places: list[int] = []
    for word in words:
        length = len(word)
        at = text.find(word, start, end)
        while at >= 0:
            behind = text[at + length : at + length + 1]
            if not _in_word(text[at - 1 : at]) and not _in_word(behind):
                places.append(at)
            at = text.find(word, at + length, end)
    places.sort(reverse=True)
    return places


def _in_word(character: str) -> bool:
    return character.isalnum() or character in ("_", "$")


def _opens_body(tokens: list[Token]) -> bool:
    """Whether a ``{`` behind these tokens starts a function's body."""
    depth = 0
    for i in range(len(tokens) - 1, -1, -1):
        token = tokens[i]
        text = token.text
        if token.kind == "punct":
            if text in _CLOSE:
                depth += 1
            elif text in _OPEN:
                depth -= 1
            elif depth == 0 and text == "=":
                return False
        elif depth == 0 and token.kind == "id" and text in ("struct", "union", "enum"):
            if _tag_follows(tokens, i):
                return False
    return True


def _old_style(tokens: list[Token]) -> bool:
    """Whether the tokens are the parameter list of a K&R definition: ``f(a) int a;``."""
    if tokens[0].text in ("typedef", "extern"):
        return False
    for i in range(1, len(tokens) - 1):
        text = tokens[i].text
        if text == "(" and tokens[i - 1].kind == "id":
            j = i + 1
            while j < len(tokens) and (tokens[j].kind == "id" or tokens[j].text == ","):
                j += 1
            if tokens[j].text != ")" or j == i + 1 or tokens[i + 1].text == "void":
                return False
            follow = tokens[j + 1]
            return follow.kind == "id" and not follow.text.startswith(("__a", "asm"))
        if text in ("=", "{"):
            return False
    return False


def _tag_follows(tokens: list[Token], at: int) -> bool:
    """Whether behind the keyword at ``at`` there is at most a tag, with attributes."""
    names = 0
    i = at + 1
    while i < len(tokens):
        token = tokens[i]
        if token.kind == "id":
            if token.text in ("__attribute__", "__attribute", "_Alignas", "__declspec"):
                depth = 0
                i += 1
                while i < len(tokens):
                    if tokens[i].text == "(":
                        depth += 1
                    elif tokens[i].text == ")":
                        depth -= 1
                        if depth == 0:
                            break
                    i += 1
            else:
                names += 1
        elif token.text == ":" and tokens[at].text == "enum":
            return True
        elif token.kind != "pragma":
            return False
        i += 1
    return names <= 1
