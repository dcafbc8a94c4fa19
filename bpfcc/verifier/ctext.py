"""What a C expression is made of, as far as a message needs it: pointers, subscripts, arguments.

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
    _read(found, _bare(found.text))
    return found


def argument(text: str) -> Access:
    """Read an argument that is an address: what lies there."""
    bare = _bare(text)
    found = Access(text, 0)
    if bare.startswith("&"):
        _read(found, _bare(bare[1:]))
    else:
        found.pointer = bare
        match = _MEMBER.search(bare) or _NAME.fullmatch(bare)
        found.member = match.group(match.lastindex or 0) if match is not None else ""
    return found


def _read(found: Access, text: str) -> None:
    """Take subscripts and members off the end of an lvalue until a pointer is followed."""
    if text.startswith("*"):
        found.pointer = _bare(text[1:])
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
            if found.index and _bare(found.object) == text:
                found.pointer = text
            return
        if not found.member:
            found.member = match.group(2)
        text = text[: match.start()].rstrip()
        if match.group(1) == "->":
            found.pointer = _bare(text)
            return
        text = _bare(text)


def _bare(text: str) -> str:
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
