"""Text to preprocessing tokens (C17 5.1.1.2 phases 1 to 3, 6.4).

The work is done by two regular expressions. ``clean`` makes a text of the same length in which
comments are blanks and spliced lines are joined, so that every offset stays true; ``lex`` cuts a
part of such a text into tokens. Between the two the directives are found by line (``scan``).
"""

from __future__ import annotations

import re

from ...support.source import SourceFile
from .tokens import Token

_LITERAL = r"\"(?:[^\"\\\n]|\\.)*\"?|'(?:[^'\\\n]|\\.)*'?"
_QUOTED = re.compile(_LITERAL)
_START = re.compile(r"/[*/]|[\"']")
_SPLICE = re.compile(r"\\[ \t]*\n")
_SPLICED_LINE = re.compile(r"(?:[^\n]*\\[ \t]*\n)+[^\n]*")
_RUN = re.compile(r"/\*.*?(?:\*/|\Z)|//.*|" + _LITERAL + r"|[^\s\"'/]+|.", re.DOTALL)

_TOKEN = re.compile(
    r"\s+"
    r"|[LU](?:\"(?:[^\"\\\n]+|\\.)*\"?|'(?:[^'\\\n]+|\\.)*'?)"
    r"|u8?(?:\"(?:[^\"\\\n]+|\\.)*\"?|'(?:[^'\\\n]+|\\.)*'?)"
    r"|[^\W\d][\w$]*"
    r"|[][(){};,~?]"
    r"|\d(?:[eEpP][+-]|[\w.])*"
    r"|->|\+\+|--|<<=?|>>=?|&&|\|\||[-+*/%&|^<>=!]=|\.\.\."
    r"|\.\d(?:[eEpP][+-]|[\w.])*"
    r"|<[:%]|:>|%>|%:(?:%:)?|##?|[-+*/%&|^<>=!.:]"
    r"|\"(?:[^\"\\\n]+|\\.)*\"?"
    r"|'(?:[^'\\\n]+|\\.)*'?"
    r"|\$[\w$]*"
    r"|.",
    re.DOTALL,
)

_DIGRAPHS = {"<:": "[", ":>": "]", "<%": "{", "%>": "}", "%:": "#", "%:%:": "##"}

# Kind of a token by its first character; letters beyond ASCII are asked for one by one.
_KIND: dict[str, str] = {
    **dict.fromkeys("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_$", "id"),
    **dict.fromkeys("0123456789", "num"),
    **dict.fromkeys("[](){};,~?-+*/%&|^<>=!.:#", "punct"),
    **dict.fromkeys(" \t\n\r\f\v", ""),
    '"': "str",
    "'": "char",
}


def clean(text: str) -> str:
    """Return ``text`` with comments blanked and lines joined; same length, same offsets.

    A comment becomes blanks without newlines, since it does not end a line. A splice inside a
    token is moved behind that token, so only a spliced token's own later characters shift.
    """
    if "\r" in text:
        text = text.replace("\r", " ")
    if "\0" in text:
        text = text.replace("\0", " ")
    if text.startswith("\ufeff"):
        text = " " + text[1:]
    if "\\" in text and _SPLICE.search(text):
        text = _join_lines(text)
    if "/*" in text or "//" in text:
        text = _blank_comments(text)
    return text


def _blank_comments(text: str) -> str:
    """Replace every comment by as many blanks (phase 3)."""
    parts: list[str] = []
    kept = 0  # what is before this is in parts
    pos = 0
    find = text.find
    literals = '"' in text or "'" in text
    while True:
        if literals:
            match = _START.search(text, pos)
            start = match.start() if match is not None else -1
        else:
            block, line = find("/*", pos), find("//", pos)
            start = block if line < 0 or 0 <= block < line else line
        if start < 0:
            break
        if text[start] != "/":
            literal = _QUOTED.match(text, start)
            pos = literal.end() if literal is not None else start + 1
            continue
        if text[start + 1] == "*":
            end = find("*/", start + 2) + 2
            if end == 1:
                end = len(text)
        else:
            end = find("\n", start)
            if end < 0:
                end = len(text)
        parts.append(text[kept:start])
        parts.append(" " * (end - start))
        kept = pos = end
    parts.append(text[kept:])
    return "".join(parts)


def _join_lines(text: str) -> str:
    """Join spliced lines (phase 2), keeping the length."""
    parts: list[str] = []
    pos = 0
    size = len(text)
    for match in _SPLICE.finditer(text):
        start, end = match.span()
        if start > 0 and end < size and not text[start - 1].isspace() and not text[end].isspace():
            # A token may go on behind it.
            return _SPLICED_LINE.sub(_join_line, text)
        parts.append(text[pos:start])
        parts.append(" " * (end - start))
        pos = end
    parts.append(text[pos:])
    return "".join(parts)


def _join_line(match: re.Match[str]) -> str:
    """Join one logical line; the characters of a splice go behind the token that it cut."""
    pieces = _SPLICE.split(match[0])
    lengths = [len(found) for found in _SPLICE.findall(match[0])]
    joined = "".join(pieces)
    cuts: list[tuple[int, int]] = []
    at = 0
    for piece, length in zip(pieces, lengths):
        at += len(piece)
        cuts.append((at, length))
    out: list[str] = []
    owed = 0
    i = 0
    if cuts[0][0] == 0:
        out.append(" " * cuts[0][1])
        i = 1
    for run in _RUN.finditer(joined):
        out.append(run[0])
        while i < len(cuts) and cuts[i][0] <= run.end():
            owed += cuts[i][1]
            i += 1
        out.append(" " * owed)
        owed = 0
    out.append(" " * sum(length for _, length in cuts[i:]))
    return "".join(out)


def lex(text: str, start: int, end: int, file: SourceFile) -> list[Token]:
    """Cut ``text[start:end]``, cleaned text of ``file``, into tokens."""
    tokens: list[Token] = []
    append = tokens.append
    kind_of = _KIND.get
    pos = start
    space = False
    bol = start == 0 or text[start - 1] == "\n"
    for found in _TOKEN.findall(text, start, end):
        first = found[0]
        kind = kind_of(first)
        if kind == "id":
            if first in "LuU" and ('"' in found or "'" in found):
                kind = _literal_kind(found)
            append(Token(kind, found, file, pos, space, bol))
        elif kind == "":
            pos += len(found)
            space = True
            if "\n" in found:
                bol = True
            continue
        elif kind == "punct":
            if first == "." and len(found) > 1 and found[1] != ".":
                kind = "num"
            elif found in _DIGRAPHS:
                append(Token(kind, _DIGRAPHS[found], file, pos, space, bol))
                pos += len(found)
                space = bol = False
                continue
            append(Token(kind, found, file, pos, space, bol))
        elif kind is None:
            kind = "id" if first.isidentifier() else "other"
            if kind == "other" and first.isspace():
                pos += len(found)
                space = True
                continue
            append(Token(kind, found, file, pos, space, bol))
        else:
            if kind != "num":
                kind = _literal_kind(found)
            append(Token(kind, found, file, pos, space, bol))
        pos += len(found)
        space = bol = False
    return tokens


def _literal_kind(text: str) -> str:
    """Return "str" or "char"; "other" for a literal that its line does not end."""
    quote = '"' if '"' in text[:3] and "'" not in text[: text.index('"')] else "'"
    body = text[text.index(quote) + 1 :]
    if not body.endswith(quote):
        return "other"
    inner = body[:-1]
    escaped = (len(inner) - len(inner.rstrip("\\"))) % 2
    if escaped:
        return "other"
    return "str" if quote == '"' else "char"
