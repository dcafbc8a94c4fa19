r"""The values of constants and string literals from their spelling.

Source: C17 6.4.4 and 6.4.5, with GNU's ``\e``, binary constants and ``i128``-free suffixes as
clang takes them. Every function returns the value and a list of complaints, so that the caller
decides where and how to report them.
"""

from __future__ import annotations

INT_MAX = (1 << 31) - 1
UINT_MAX = (1 << 32) - 1
LONG_MAX = (1 << 63) - 1
ULONG_MAX = (1 << 64) - 1

_SUFFIXES = {
    "": (False, 0),
    "u": (True, 0),
    "l": (False, 1),
    "ul": (True, 1),
    "lu": (True, 1),
    "ll": (False, 2),
    "ull": (True, 2),
    "llu": (True, 2),
}
_NAMES = (
    ("int", INT_MAX),
    ("unsigned int", UINT_MAX),
    ("long", LONG_MAX),
    ("unsigned long", ULONG_MAX),
    ("long long", LONG_MAX),
    ("unsigned long long", ULONG_MAX),
)
_ESCAPES = {
    "n": 10,
    "t": 9,
    "r": 13,
    "0": 0,
    "a": 7,
    "b": 8,
    "f": 12,
    "v": 11,
    "e": 27,
    "E": 27,
    "\\": 92,
    "'": 39,
    '"': 34,
    "?": 63,
}
_OCTAL = "01234567"
_HEX = "0123456789abcdefABCDEF"
_WIDTHS = {"": 1, "u8": 1, "L": 4, "u": 2, "U": 4}


def is_float(text: str) -> bool:
    """Say whether the number ``text`` is a floating constant."""
    if text[:2] in ("0x", "0X"):
        return "." in text or "p" in text or "P" in text
    return "." in text or "e" in text or "E" in text


def integer(text: str) -> tuple[int, str, str]:
    """Return (value, type name, complaint) of an integer constant. Source: C17 6.4.4.1.

    The type name is "" when no type can hold the value; the complaint is "" when all is well.
    """
    lower = text.lower().replace("'", "")
    if lower[:2] == "0x":
        base, start = 16, 2
    elif lower[:2] == "0b":
        base, start = 2, 2
    elif lower[0] == "0" and len(lower) > 1:
        base, start = 8, 1
    else:
        base, start = 10, 0
    allowed = _HEX if base == 16 else "0123456789"
    end = start
    while end < len(lower) and lower[end] in allowed:
        end += 1
    digits, suffix = lower[start:end], lower[end:]
    if base == 8 and not digits:
        digits = "0"
    if suffix not in _SUFFIXES or "lL" in text or "Ll" in text:
        return 0, "int", f"invalid suffix '{text[end:]}' on integer constant"
    if not digits:
        return 0, "int", f"invalid digit in constant '{text}'"
    for digit in digits:
        if base < 10 and int(digit, 16) >= base:
            kind = "octal" if base == 8 else "binary"
            return 0, "int", f"invalid digit '{digit}' in {kind} constant"
    if len(digits) > 200:
        return 0, "", ""
    value = int(digits, base)
    unsigned, longs = _SUFFIXES[suffix]
    for index in range(longs * 2, 6):
        name, limit = _NAMES[index]
        if value > limit or (unsigned and not index & 1):
            continue
        if base == 10 and not unsigned and index & 1:
            continue
        return value, name, ""
    if (
        value <= ULONG_MAX
    ):  # a decimal constant too large for a signed type: as clang, with a warning
        return value, "unsigned long long" if longs == 2 else "unsigned long", ""
    return value & ULONG_MAX, "", ""


def floating(text: str) -> tuple[float, str, str]:
    """Return (value, type name, complaint) of a floating constant. Source: C17 6.4.4.2."""
    body = text.replace("'", "")
    is_hex = body[:2] in ("0x", "0X")
    name = "double"
    if body[-1] in "fF" and (not is_hex or "p" in body.lower()):
        name, body = "float", body[:-1]
    elif body[-1] in "lL":
        name, body = "long double", body[:-1]
    try:
        return (float.fromhex(body) if is_hex else float(body)), name, ""
    except (ValueError, OverflowError):
        return 0.0, name, f"invalid floating constant '{text}'"


def _encode(code: int, width: int) -> list[int]:
    """Return the units of one character."""
    if width == 4:
        return [code]
    if width == 2:
        if code > 0xFFFF:
            code -= 0x10000
            return [0xD800 | code >> 10, 0xDC00 | code & 0x3FF]
        return [code]
    return list(chr(code).encode("utf-8", "surrogateescape"))


def split_prefix(text: str) -> tuple[str, str]:
    """Split ``L"abc"`` into the prefix and what is between the quotes."""
    quote = text[-1]
    at = text.index(quote)
    return text[:at], text[at + 1 : -1]


def units_of(body: str, width: int, complaints: list[str]) -> list[int]:
    """Decode the characters and escapes of ``body`` to unsigned units of ``width`` bytes."""
    units: list[int] = []
    limit = (1 << (8 * width)) - 1
    i, n = 0, len(body)
    while i < n:
        char = body[i]
        i += 1
        if char != "\\":
            units += _encode(ord(char), width)
            continue
        if i >= n:
            break
        char = body[i]
        i += 1
        if char in _OCTAL:
            end = i
            while end < n and end < i + 2 and body[end] in _OCTAL:
                end += 1
            value = int(body[i - 1 : end], 8)
            i = end
        elif char == "x":
            end = i
            while end < n and body[end] in _HEX:
                end += 1
            if end == i:
                complaints.append("\\x used with no following hex digits")
                continue
            value = int(body[i:end], 16)
            i = end
        elif char in "uU":
            count = 4 if char == "u" else 8
            digits = body[i : i + count]
            if len(digits) < count or any(d not in _HEX for d in digits):
                complaints.append("incomplete universal character name")
                continue
            i += count
            code = int(digits, 16)
            if code > 0x10FFFF or 0xD800 <= code < 0xE000:
                complaints.append("invalid universal character")
                code = 0xFFFD
            units += _encode(code, width)
            continue
        elif char in _ESCAPES:
            value = _ESCAPES[char]
        else:
            complaints.append(f"?unknown escape sequence '\\{char}'")
            units += _encode(ord(char), width)
            continue
        if value > limit:
            complaints.append("hex or octal escape sequence out of range")
            value &= limit
        units.append(value)
    return units


def string(texts: list[str]) -> tuple[str, int, list[int] | bytes, list[str]]:
    """Decode adjacent string literals: (prefix, width, units without NUL, complaints).

    A complaint that begins with "?" is a warning. Source: C17 6.4.5.
    """
    complaints: list[str] = []
    if len(texts) == 1:
        text = texts[0]
        if text[0] == '"' and "\\" not in text and text.isascii():
            return "", 1, text[1:-1].encode(), complaints
    parts = [split_prefix(text) for text in texts]
    prefix = ""
    for each, _ in parts:
        if each and prefix and each != prefix:
            complaints.append("unsupported non-standard concatenation of string literals")
        prefix = prefix or each
    width = _WIDTHS[prefix]
    units: list[int] = []
    for _, body in parts:
        units += units_of(body, width, complaints)
    return prefix, width, bytes(units) if width == 1 else units, complaints


def character(text: str, *, unsigned_char: bool = False) -> tuple[int, str, list[str]]:
    """Decode a character constant: (value, type name, complaints). Source: C17 6.4.4.4.

    Several characters are packed as clang does: the first one highest, the last four kept.
    """
    complaints: list[str] = []
    if len(text) < 2 or text[-1] != "'":
        return 0, "int", ["missing terminating ' character"]
    prefix, body = split_prefix(text)
    width = _WIDTHS[prefix]
    units = units_of(body, width, complaints)
    if not units:
        complaints.append("empty character constant")
        return 0, "int", complaints
    if prefix:
        if len(units) > 1:
            complaints.append("wide character literals may not contain multiple characters")
        name = {"L": "int", "u": "unsigned short", "U": "unsigned int", "u8": "unsigned char"}
        return units[-1], name[prefix], complaints
    if len(units) == 1:
        value = units[0]
        return value - 256 if value > 127 and not unsigned_char else value, "int", complaints
    complaints.append("?multi-character character constant")
    value = 0
    for unit in units:
        value = (value << 8 | unit) & 0xFFFFFFFF
    return value - (1 << 32) if value >> 31 else value, "int", complaints
