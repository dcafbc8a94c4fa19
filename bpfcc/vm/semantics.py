"""What each instruction does, as Python text over register names.

One function turns a table row and an instruction into a Python expression or condition; both
engines are generated from it (``translate``: whole functions; ``stepper``: one closure per
instruction), so they cannot differ in meaning. Registers hold unsigned 64-bit integers.

The texts use these names, which ``namespace`` provides: M (64 ones), M32, and functions for what
has no short expression (signed division, byte order of 8 bytes, sign extension).
Source: RFC 9669 sections 4.1 (division by zero, overflow, shifts masked), 4.2, 4.3.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

from ..isa.insn import Insn
from ..isa.table import Row

M = 0xFFFFFFFFFFFFFFFF
M32 = 0xFFFFFFFF
S64 = 1 << 63
S32 = 1 << 31


def _sdiv(a: int, b: int, bits: int) -> int:
    mask = (1 << bits) - 1
    sign = 1 << bits - 1
    a = (a & mask ^ sign) - sign
    b = (b & mask ^ sign) - sign
    if b == 0:
        return 0
    quotient = abs(a) // abs(b)
    return (-quotient if (a < 0) != (b < 0) else quotient) & mask


def _smod(a: int, b: int, bits: int) -> int:
    mask = (1 << bits) - 1
    sign = 1 << bits - 1
    a = (a & mask ^ sign) - sign
    b = (b & mask ^ sign) - sign
    if b == 0:
        return a & mask
    rest = abs(a) % abs(b)
    return (-rest if a < 0 else rest) & mask


_pack_q = struct.Struct("<Q").pack
_unpack_q = struct.Struct(">Q").unpack


def _swap64(a: int) -> int:
    return int(_unpack_q(_pack_q(a))[0])


def namespace() -> dict[str, Any]:
    """Return the names that the generated texts use."""
    return {"M": M, "M32": M32, "sdiv": _sdiv, "smod": _smod, "swap64": _swap64}


class Value:
    """A register operand as text, with what is known of it: ``top`` is its greatest value."""

    __slots__ = ("text", "top")

    def __init__(self, text: str, top: int = M) -> None:
        self.text = text
        self.top = top


def _low(value: Value) -> str:
    """Return the text of the operand's low 32 bits."""
    return value.text if value.top <= M32 else f"({value.text} & M32)"


def _mask(text: str, top: int, bits: int) -> tuple[str, int]:
    """Cut ``text``, whose value is 0 to ``top``, to ``bits`` bits; negative ``top``: may be < 0."""
    limit = M if bits == 64 else M32
    if 0 <= top <= limit:
        return text, top
    return f"({text}) & {'M' if bits == 64 else 'M32'}", limit


def alu(row: Row, insn: Insn, dst: Value, src: Value | None) -> tuple[str, int]:
    """Return (expression, greatest value) of an ALU instruction.

    ``src`` is None for an immediate.
    """
    bits = row.width
    if src is None:
        number = insn.imm & (M if bits == 64 else M32)
        right = Value(str(number), number)
    else:
        right = src
    return _ALU[row.op](bits, dst, right, src is None, insn)


def _add(bits: int, d: Value, s: Value, const: bool, insn: Insn) -> tuple[str, int]:
    if const and insn.imm < 0:
        return _mask(f"{d.text} - {-insn.imm}", -1, bits)
    return _mask(f"{d.text} + {s.text}", d.top + s.top, bits)


def _sub(bits: int, d: Value, s: Value, const: bool, insn: Insn) -> tuple[str, int]:
    if const and insn.imm < 0:
        return _mask(f"{d.text} + {-insn.imm}", d.top - insn.imm, bits)
    if const and insn.imm == 0:
        return _mask(d.text, d.top, bits)
    return _mask(f"{d.text} - {s.text}", -1, bits)


def _mul(bits: int, d: Value, s: Value, const: bool, insn: Insn) -> tuple[str, int]:
    return _mask(f"{d.text} * {s.text}", d.top * s.top, bits)


def _or(bits: int, d: Value, s: Value, const: bool, insn: Insn) -> tuple[str, int]:
    top = (1 << max(d.top.bit_length(), s.top.bit_length())) - 1
    return _mask(f"{d.text} | {s.text}", top, bits)


def _and(bits: int, d: Value, s: Value, const: bool, insn: Insn) -> tuple[str, int]:
    return _mask(f"{d.text} & {s.text}", min(d.top, s.top), bits)


def _xor(bits: int, d: Value, s: Value, const: bool, insn: Insn) -> tuple[str, int]:
    top = (1 << max(d.top.bit_length(), s.top.bit_length())) - 1
    return _mask(f"{d.text} ^ {s.text}", top, bits)


def _shift(bits: int, s: Value, const: bool) -> tuple[str, int, int]:
    """Return (count text, greatest count, constant count or -1)."""
    if const:
        count = int(s.text) & (bits - 1)
        return str(count), count, count
    if s.top < bits:
        return s.text, s.top, -1
    return f"({s.text} & {bits - 1})", bits - 1, -1


def _lsh(bits: int, d: Value, s: Value, const: bool, insn: Insn) -> tuple[str, int]:
    text, top, _ = _shift(bits, s, const)
    return _mask(f"{d.text} << {text}", d.top << top, bits)


def _rsh(bits: int, d: Value, s: Value, const: bool, insn: Insn) -> tuple[str, int]:
    text, _, known = _shift(bits, s, const)
    left = d.text if bits == 64 else _low(d)
    top = min(d.top, M if bits == 64 else M32)
    return f"{left} >> {text}", top >> max(known, 0)


def _arsh(bits: int, d: Value, s: Value, const: bool, insn: Insn) -> tuple[str, int]:
    text, _, known = _shift(bits, s, const)
    if d.top < (S64 if bits == 64 else S32):  # never negative
        return f"{d.text} >> {text}", d.top >> max(known, 0)
    if bits == 64:
        return f"(({d.text} ^ {S64}) - {S64} >> {text}) & M", M
    return f"(({_low(d)} ^ {S32}) - {S32} >> {text}) & M32", M32


def _div(bits: int, d: Value, s: Value, const: bool, insn: Insn) -> tuple[str, int]:
    left = d.text if bits == 64 else _low(d)
    top = min(d.top, M if bits == 64 else M32)
    if const:
        number = int(s.text)
        return ("0", 0) if number == 0 else (f"{left} // {number}", top // number)
    right = s.text if bits == 64 else _low(s)
    return f"{left} // {right} if {right} else 0", top


def _mod(bits: int, d: Value, s: Value, const: bool, insn: Insn) -> tuple[str, int]:
    left = d.text if bits == 64 else _low(d)
    top = min(d.top, M if bits == 64 else M32)
    if const:
        number = int(s.text)
        return (left, top) if number == 0 else (f"{left} % {number}", min(top, number - 1))
    right = s.text if bits == 64 else _low(s)
    return f"{left} % {right} if {right} else {left}", top


def _mov(bits: int, d: Value, s: Value, const: bool, insn: Insn) -> tuple[str, int]:
    return _mask(s.text, s.top, bits)


def _signed_div(bits: int, d: Value, s: Value, const: bool, insn: Insn) -> tuple[str, int]:
    return f"sdiv({d.text}, {s.text}, {bits})", M if bits == 64 else M32


def _signed_mod(bits: int, d: Value, s: Value, const: bool, insn: Insn) -> tuple[str, int]:
    return f"smod({d.text}, {s.text}, {bits})", M if bits == 64 else M32


_ALU: dict[str, Callable[[int, Value, Value, bool, Insn], tuple[str, int]]] = {
    "add": _add,
    "sub": _sub,
    "mul": _mul,
    "div": _div,
    "or": _or,
    "and": _and,
    "lsh": _lsh,
    "rsh": _rsh,
    "mod": _mod,
    "xor": _xor,
    "mov": _mov,
    "arsh": _arsh,
    "sdiv": _signed_div,
    "smod": _signed_mod,
}


def neg(row: Row, dst: Value) -> tuple[str, int]:
    """Return (expression, greatest value) of a negation."""
    return _mask(f"-{dst.text}", -1, row.width)


def sign_extend(text: str, top: int, size: int, width: int) -> tuple[str, int]:
    """Return (expression, greatest value) of the low ``size`` bytes of ``text`` sign-extended."""
    sign = 1 << size * 8 - 1
    if top < sign:
        return text, top
    mask = "M" if width == 64 else "M32"
    low = text if top < sign << 1 else f"({text} & {(sign << 1) - 1})"
    return f"({low} ^ {sign}) - {sign} & {mask}", M if width == 64 else M32


def swap(size: int, value: Value) -> tuple[str, int]:
    """Return (expression, greatest value) of the low ``size`` bytes in reverse order."""
    t = value.text
    if size == 2:
        high = f"{t} >> 8" if value.top <= 0xFFFF else f"{t} >> 8 & 255"
        return f"({t} & 255) << 8 | {high}", 0xFFFF
    if size == 4:
        return (
            f"({t} & 255) << 24 | ({t} & 65280) << 8 | {t} >> 8 & 65280 | {t} >> 24 & 255",
            M32,
        )
    return f"swap64({t})", M


def endian(row: Row, dst: Value, *, big_endian: bool) -> tuple[str, int]:
    """Return (expression, greatest value) of a byte order instruction.

    ``big_endian`` is the program's own order: le16 then swaps, be16 only cuts.
    """
    if row.op == "bswap" or (row.op == "be") != big_endian:
        return swap(row.size, dst)
    limit = (1 << row.size * 8) - 1
    if dst.top <= limit:
        return dst.text, dst.top
    return f"{dst.text} & {limit}", limit


def condition(row: Row, insn: Insn, dst: Value, src: Value | None) -> str:
    """Return the condition text of a conditional jump; ``src`` None for an immediate."""
    wide = row.width == 64
    left = dst.text if wide else _low(dst)
    mask, sign = (M, S64) if wide else (M32, S32)
    op = row.op
    if src is not None:
        right = src.text if wide else _low(src)
        if op in _UNSIGNED:
            return f"{left} {_UNSIGNED[op]} {right}"
        if op == "jset":
            return f"{left} & {right}"
        if dst.top < sign and src.top < sign:
            return f"{left} {_SIGNED[op]} {right}"
        return f"({left} ^ {sign}) {_SIGNED[op]} ({right} ^ {sign})"
    number = insn.imm & mask
    if op in _UNSIGNED:
        return f"{left} {_UNSIGNED[op]} {number}"
    if op == "jset":
        return f"{left} & {number}"
    # Signed against a constant: a range of unsigned values, no sign flip needed.
    # Unsigned order of signed values: 0 .. sign-1 are >= 0, sign .. mask are < 0.
    if insn.imm >= 0:
        if op == "jsgt":
            return f"{number} < {left} < {sign}"
        if op == "jsge":
            return f"{number} <= {left} < {sign}" if number else f"{left} < {sign}"
        if op == "jslt":
            return f"not {number} <= {left} < {sign}" if number else f"{left} >= {sign}"
        return f"not {number} < {left} < {sign}"
    if op == "jsgt":
        return f"not {sign} <= {left} <= {number}"
    if op == "jsge":
        return f"not {sign} <= {left} < {number}"
    if op == "jslt":
        return f"{sign} <= {left} < {number}"
    return f"{sign} <= {left} <= {number}"


_UNSIGNED = {"jeq": "==", "jne": "!=", "jgt": ">", "jge": ">=", "jlt": "<", "jle": "<="}
_SIGNED = {"jsgt": ">", "jsge": ">=", "jslt": "<", "jsle": "<="}

# The new value of an atomic operation, from the old one ``o`` and the operand ``v``.
ATOMIC_TEXT = {"add": "o + v", "or": "o | v", "and": "o & v", "xor": "o ^ v", "xchg": "v"}
