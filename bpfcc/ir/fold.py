"""The arithmetic of the IR on plain numbers: what each pure operation yields.

Operands and results are unsigned values modulo 2**bits. Builder, passes and the reference
interpreter all evaluate through here, so there is one meaning. Source: RFC 9669 section 4.1 for
division by zero and for signed division, which truncates towards zero.
"""

from __future__ import annotations

from collections.abc import Callable


def signed(value: int, bits: int) -> int:
    """Read the unsigned ``value`` of ``bits`` bits as two's complement."""
    return value - (1 << bits) if value >> (bits - 1) else value


def _sdiv(a: int, b: int, bits: int) -> int:
    if b == 0:
        return 0
    x, y = signed(a, bits), signed(b, bits)
    quotient = abs(x) // abs(y)
    return quotient if (x < 0) == (y < 0) else -quotient


def _srem(a: int, b: int, bits: int) -> int:
    if b == 0:
        return a
    x, y = signed(a, bits), signed(b, bits)
    rest = abs(x) % abs(y)
    return rest if x >= 0 else -rest


_BINARY: dict[str, Callable[[int, int, int], int]] = {
    "add": lambda a, b, n: a + b,
    "sub": lambda a, b, n: a - b,
    "mul": lambda a, b, n: a * b,
    "udiv": lambda a, b, n: a // b if b else 0,
    "sdiv": _sdiv,
    "urem": lambda a, b, n: a % b if b else a,
    "srem": _srem,
    "and": lambda a, b, n: a & b,
    "or": lambda a, b, n: a | b,
    "xor": lambda a, b, n: a ^ b,
    "shl": lambda a, b, n: a << (b % n),
    "lshr": lambda a, b, n: a >> (b % n),
    "ashr": lambda a, b, n: signed(a, n) >> (b % n),
}
_COMPARE: dict[str, Callable[[int, int, int], bool]] = {
    "eq": lambda a, b, n: a == b,
    "ne": lambda a, b, n: a != b,
    "ult": lambda a, b, n: a < b,
    "ule": lambda a, b, n: a <= b,
    "ugt": lambda a, b, n: a > b,
    "uge": lambda a, b, n: a >= b,
    "slt": lambda a, b, n: signed(a, n) < signed(b, n),
    "sle": lambda a, b, n: signed(a, n) <= signed(b, n),
    "sgt": lambda a, b, n: signed(a, n) > signed(b, n),
    "sge": lambda a, b, n: signed(a, n) >= signed(b, n),
}
BINARY_OPS = frozenset(_BINARY)
INVERSE = {
    "eq": "ne", "ne": "eq", "ult": "uge", "uge": "ult", "ule": "ugt", "ugt": "ule",
    "slt": "sge", "sge": "slt", "sle": "sgt", "sgt": "sle",
}  # fmt: skip
SWAPPED = {
    "eq": "eq", "ne": "ne", "ult": "ugt", "ugt": "ult", "ule": "uge", "uge": "ule",
    "slt": "sgt", "sgt": "slt", "sle": "sge", "sge": "sle",
}  # fmt: skip


def binary(op: str, a: int, b: int, bits: int) -> int:
    """Return ``a op b`` on ``bits`` bits."""
    return _BINARY[op](a, b, bits) & ((1 << bits) - 1)


def compare(op: str, a: int, b: int, bits: int) -> bool:
    """Return whether the comparison holds."""
    return _COMPARE[op](a, b, bits)


def convert(op: str, a: int, bits_from: int, bits_to: int) -> int:
    """Return ``a`` after zext, sext, trunc, ptrtoint or inttoptr."""
    if op == "sext":
        a = signed(a, bits_from)
    return a & ((1 << bits_to) - 1)


def bswap(a: int, bits: int) -> int:
    """Return ``a`` with its bytes reversed."""
    return int.from_bytes(a.to_bytes(bits // 8, "little"), "big")
