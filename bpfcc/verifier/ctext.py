"""What a C expression is made of, as far as a message needs it: pointers, subscripts, its ends.

An object's line information gives the text of an expression, not a tree. These functions read
well-formed C; of anything else they make nothing ("" or None), never an error.
"""

from __future__ import annotations

import re

_NAME = re.compile(r"[A-Za-z_]\w*")
_CALL = re.compile(r"\s*([A-Za-z_]\w*)\s*\(")
_MEMBER = re.compile(r"(->|\.)\s*([A-Za-z_]\w*)\s*$")
_CAST = re.compile(
    r"\(\s*(?:(?:const|volatile|struct|union|enum|unsigned|signed)\s+)*\w+[\s*]*\)\s*(?=[\w(&*])"
)
_RUN = re.compile(r"[A-Za-z_0-9]+")
_LAST = re.compile(r"[A-Za-z_0-9]+$")
_OPERATOR = re.compile(r"\+\+|--|[-+*/%&|^]?=(?!=)|<<=|>>=")
_OPENERS, _CLOSERS = "([{", ")]}"


class Access:
    """An access to memory, as C writes it.

    Attributes:
        text: the accessed object, ``h->slots[b]``, and where it starts in the text that was read.
        pointer: the pointer that is followed, ``h``; "" when a variable is named.
        object: what the subscript applies to, ``h->slots``; "" without one.
        member: the last name of ``object`` or of ``text``, ``slots``.
        index: the subscript, ``b``; "" without one.
        subscripts: how many there are behind each other.
    """

    __slots__ = ("index", "member", "object", "pointer", "start", "subscripts", "text")

    def __init__(self, text: str, start: int) -> None:
        self.text = text
        self.start = start
        self.pointer = self.object = self.index = self.member = ""
        self.subscripts = 0


def access(text: str, *, write: bool) -> Access:
    """Read an access; of an assignment the left side if it is a ``write``, else the right one.

    ``a += b`` reads its left side too, and that is the likelier one.
    """
    start, end = 0, len(text)
    at = _assignment(text)
    if at >= 0:
        if write or text[at] != "=":
            end = at
        else:
            start = text.index("=", at) + 1
    call = call_arguments(text[start:end])
    if call is not None and call[0].startswith(("__sync_", "__atomic_")) and call[1]:
        first, last = call[1][0]
        found = argument(text[start + first : start + last])
        found.start = start + first
        return found
    start, end = _trim(text, start, end)
    while text.startswith(("++", "--"), start):
        start, end = _trim(text, start + 2, end)
    while text.endswith(("++", "--"), start, end):
        start, end = _trim(text, start, end - 2)
    found = Access(text[start:end], start)
    _read(found, bare(found.text))
    return found


def argument(text: str) -> Access:
    """Read an argument that is an address: what lies there."""
    plain = bare(text)
    found = Access(text, 0)
    if plain.startswith("&"):
        _read(found, bare(plain[1:]))
    else:
        found.pointer = plain
        match = _MEMBER.search(plain) or _NAME.fullmatch(plain)
        found.member = match.group(match.lastindex or 0) if match is not None else ""
    return found


def _read(found: Access, text: str) -> None:
    """Take subscripts and members off the end of an lvalue until a pointer is followed."""
    if text.startswith("*"):
        found.pointer = bare(text[1:])
        return
    while text:
        if text.endswith("]"):
            opening = _opening(text, len(text) - 1)
            inner, text = text[opening + 1 : -1].strip(), text[:opening].rstrip()
            found.subscripts += 1
            if not found.index:
                found.index, found.object = inner, text
                match = _MEMBER.search(text) or _NAME.fullmatch(text)
                found.member = match.group(match.lastindex or 0) if match is not None else ""
            continue
        match = _MEMBER.search(text)
        if match is None:
            if found.index and bare(found.object) == text:
                found.pointer = text
            return
        if not found.member:
            found.member = match.group(2)
        text = text[: match.start()].rstrip()
        if match.group(1) == "->":
            found.pointer = bare(text)
            return
        text = bare(text)


def bare(text: str) -> str:
    """Return an expression without casts in front of it and parentheses around it."""
    text = text.strip()
    while True:
        cast = _CAST.match(text)
        if cast is not None:
            text = text[cast.end() :].strip()
        elif text.startswith("(") and _closing(text, 0) == len(text) - 1:
            text = text[1:-1].strip()
        else:
            return text


def call_arguments(text: str) -> tuple[str, list[tuple[int, int]]] | None:
    """Return the name that a call starts with, and where its arguments are."""
    match = _CALL.match(text)
    if match is None:
        return None
    close = _closing(text, match.end() - 1)
    places: list[tuple[int, int]] = []
    start, depth = match.end(), 0
    for at in range(match.end(), close):
        char = text[at]
        depth += (char in _OPENERS) - (char in _CLOSERS)
        if char == "," and not depth:
            places.append(_trim(text, start, at))
            start = at + 1
    if text[start:close].strip():
        places.append(_trim(text, start, close))
    return match.group(1), places


def assigned_name(text: str, at: int) -> str:
    """Return the variable that the expression at offset ``at`` of a C text is assigned to."""
    line = text.rfind("\n", 0, at) + 1
    before = text[max(text.rfind(";", line, at), text.rfind("{", line, at), line - 1) + 1 : at]
    while True:
        shorter = re.sub(r"\([\w\s*]*\)\s*$", "", before.rstrip())
        if shorter == before:
            break
        before = shorter
    match = re.search(r"([A-Za-z_]\w*)\s*=\s*$", before)
    return match.group(1) if match is not None else ""


def mentions(text: str, name: str) -> bool:
    """Tell whether identifier ``name`` occurs in ``text``."""
    return bool(name) and re.search(rf"\b{re.escape(name)}\b", text) is not None


def expression_start(text: str, column: int) -> int:
    """Return where the C expression starts that other compilers place at ``column`` of a line.

    They point at the name of a member (``p->here``) and at the operator of an assignment.
    """
    operator = _OPERATOR.match(text, column)
    before = text[:column].rstrip()
    if operator is None and not before.endswith(("->", ".")):
        return column
    at = len(before)
    while at:
        if text[at - 1] in ")]":
            at = _opening(text, at - 1)
        elif text.startswith("->", at - 2):
            at -= 2
        elif text[at - 1] == ".":
            at -= 1
        else:
            word = _LAST.search(text, 0, at)
            if word is None:
                break
            at = word.start()
            if not text[:at].rstrip().endswith(("->", ".")):
                break
            at = len(text[:at].rstrip())
    if operator is not None:
        while at and text[at - 1] in "*&":
            at -= 1
    return at if text[at:column].strip() else column


def expression_end(text: str, start: int) -> int:
    """Return where the C expression that starts at column ``start`` of a line ends.

    Unary operators, a name or a parenthesis, then calls, subscripts, members and ++/--.
    """
    i = start
    size = len(text)
    while i < size and text[i] in "*&!~-+ \t":
        i += 1
    if i < size and text[i] == "(":
        i = _closing(text, i) + 1
        while i < size and text[i] == " ":
            i += 1
        # A cast: go on with what is cast.
        if i < size and (text[i].isalpha() or text[i] in "_*&("):
            return expression_end(text, i)
    match = _RUN.match(text, i)
    if match is not None:
        i = match.end()
    while i < size:
        if text[i] in "([":
            i = _closing(text, i) + 1
        elif text.startswith("->", i) or (text[i] == "." and i + 1 < size):
            i += 2 if text[i] == "-" else 1
            match = _RUN.match(text, i)
            if match is None:
                break
            i = match.end()
        elif text.startswith(("++", "--"), i):
            i += 2
        else:
            break
    return max(i, start + 1)


def _assignment(text: str) -> int:
    """Return where the outermost assignment operator of ``text`` starts, -1 if there is none."""
    depth = 0
    for at, char in enumerate(text):
        depth += (char in _OPENERS) - (char in _CLOSERS)
        if char == "=" and not depth:
            if text[at + 1 : at + 2] == "=" or text[at - 1 : at] in ("=", "!"):
                continue
            if text[at - 1 : at] in ("<", ">") and text[at - 2 : at - 1] not in ("<", ">"):
                continue
            while at and text[at - 1] in "+-*/%&|^<>":
                at -= 1
            return at
    return -1


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _closing(text: str, at: int) -> int:
    depth = 0
    for i in range(at, len(text)):
        depth += (text[i] in _OPENERS) - (text[i] in _CLOSERS)
        if not depth:
            return i
    return len(text)


def _opening(text: str, at: int) -> int:
    depth = 0
    for i in range(at, -1, -1):
        depth += (text[i] in _CLOSERS) - (text[i] in _OPENERS)
        if not depth:
            return i
    return 0
