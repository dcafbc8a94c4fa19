"""printf-like formats as the kernel reads them. Source: ``bpf_bprintf_prepare``."""

from __future__ import annotations

_PUNCT = frozenset(b"!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
_SPACE = frozenset(b" \t\n\v\f\r")


def _ends(char: int) -> bool:
    return char == 0 or char in _SPACE or char in _PUNCT


def bad_conversion(text: bytes, count: int) -> str | None:
    """Return what is wrong with format ``text`` for ``count`` arguments, None when nothing."""
    data = text + b"\0\0\0"
    i = 0
    used = 0
    while i < len(text):
        char = data[i]
        if char >= 0x7F or (char < 0x20 and char not in _SPACE):
            return f"character {char:#x}"
        if char != 0x25:
            i += 1
            continue
        if data[i + 1] == 0x25:
            i += 2
            continue
        if used >= count:
            return "more conversions than arguments"
        start = i
        i += 1
        while data[i] in b"0+- " and data[i]:
            i += 1
        if 0x31 <= data[i] <= 0x39:
            while 0x30 <= data[i] <= 0x39:
                i += 1
        letter = chr(data[i])
        if letter == "p":
            following = chr(data[i + 1])
            if _ends(data[i + 1]):
                pass
            elif following in "ku" and data[i + 2] == ord("s"):
                i += 2
                if not _ends(data[i + 1]):
                    return _shown(text, start, i + 1)
            elif following in "KxsSB":
                i += 1
            elif following in "iI" and chr(data[i + 2]) in "46":
                i += 2
            else:
                return _shown(text, start, i + 1)
        elif letter == "s":
            if not _ends(data[i + 1]):
                return _shown(text, start, i + 1)
        elif letter != "c":
            if data[i] == ord("l"):
                i += 1
            if data[i] == ord("l"):
                i += 1
            if chr(data[i]) not in "iduxX" or not data[i]:
                return _shown(text, start, i)
        used += 1
        i += 1
    return None


def _shown(text: bytes, start: int, end: int) -> str:
    return text[start : end + 1].decode("latin-1")
