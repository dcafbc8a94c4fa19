"""Sizes, alignments and record layout of the BPF target (LP64).

Bit-fields follow the System V rules as clang applies them to this target: a bit-field lies in a
storage unit of its declared type, starts the next one when it would straddle two, may share bytes
with its neighbours, and a zero width closes the unit. Units: sizes and alignments in bytes,
offsets in bits.
"""

from __future__ import annotations

from ...support.errors import InternalError
from .types import (
    INT,
    LONG,
    SCHAR,
    SHORT,
    UCHAR,
    UINT,
    ULONG,
    USHORT,
    ArrayType,
    CType,
    EnumType,
    Field,
    FloatType,
    FuncType,
    IntType,
    PointerType,
    Qualified,
    RecordType,
    Typedef,
    VoidType,
)

POINTER_SIZE = 8
MAX_OBJECT = 1 << 61  # bytes; larger arrays are refused, so that bit offsets fit in 64 bits


def is_complete(t: CType) -> bool:
    """Return whether objects of ``t`` can exist: not void, not a function, not incomplete."""
    while True:
        if isinstance(t, Typedef):
            t = t.to
        elif isinstance(t, Qualified):
            t = t.base
        elif isinstance(t, ArrayType):
            if t.count is None:
                return False
            t = t.elem
        else:
            break
    if isinstance(t, RecordType):
        return t.fields is not None
    if isinstance(t, EnumType):
        return t.underlying is not None
    return not isinstance(t, (VoidType, FuncType))


def size_of(t: CType) -> int:
    """Return the size in bytes. GNU C: 1 for void and functions. Incomplete arrays count 0.

    Raises: InternalError for an incomplete record or enum (ask ``is_complete`` first).
    """
    factor = 1
    while True:
        if isinstance(t, Typedef):
            t = t.to
        elif isinstance(t, Qualified):
            t = t.base
        elif isinstance(t, ArrayType):
            factor *= t.count or 0
            t = t.elem
        else:
            break
    if isinstance(t, (IntType, FloatType)):
        return factor * t.size
    if isinstance(t, PointerType):
        return factor * POINTER_SIZE
    if isinstance(t, RecordType):
        if t.fields is None:
            raise InternalError(f"size of incomplete {t!r}", stage="ctype")
        return factor * t.size
    if isinstance(t, EnumType):
        if t.underlying is None:
            raise InternalError(f"size of incomplete enum {t.tag}", stage="ctype")
        return factor * t.underlying.size
    return factor


def align_of(t: CType) -> int:
    """Return the alignment in bytes; a typedef's aligned attribute decides (it may lower, too)."""
    while True:
        if isinstance(t, Typedef):
            if t.align:
                return t.align
            t = t.to
        elif isinstance(t, Qualified):
            t = t.base
        elif isinstance(t, ArrayType):
            t = t.elem
        else:
            break
    if isinstance(t, (IntType, FloatType)):
        return t.size
    if isinstance(t, PointerType):
        return POINTER_SIZE
    if isinstance(t, RecordType):
        return t.align if t.fields is not None else 1
    if isinstance(t, EnumType):
        return t.underlying.size if t.underlying is not None else 1
    return 1


def enum_type_for(low: int, high: int, packed: bool) -> IntType:
    """Return the integer type of an enum whose values span ``low``..``high`` (both inclusive).

    ``unsigned int`` unless a value is negative, then ``int``; 64-bit when that is too small;
    the smallest type that fits when ``packed``.
    """
    choices = (SCHAR, SHORT, INT, LONG) if low < 0 else (UCHAR, USHORT, UINT, ULONG)
    for choice in choices if packed else choices[2:]:
        bits = choice.size * 8
        if low < 0:
            if low >= -(1 << (bits - 1)) and high < 1 << (bits - 1):
                return choice
        elif high < 1 << bits:
            return choice
    return choices[-1]


class RecordLayout:
    """Places fields one after the other; ``finish`` gives the record its size and alignment.

    ``pack`` is the value of ``#pragma pack`` in bytes, 0 for none.
    """

    __slots__ = ("align", "bits", "is_union", "pack", "packed", "tail", "unfilled")

    def __init__(self, *, union: bool, packed: bool = False, pack: int = 0) -> None:
        self.is_union = union
        self.packed = packed
        self.pack = pack
        self.align = 1
        self.bits = 0  # data size so far, whole bytes
        self.unfilled = 0  # bits of the last byte that a bit-field left free
        self.tail = 0

    def place(self, t: CType, align: int, packed: bool = False) -> int:
        """Place an ordinary member of complete type ``t``; return its offset in bits.

        ``align``: the member's own aligned attribute, 0 for none; ``packed``: its own attribute.
        Flexible array members take no room.
        """
        natural = 1 if packed or self.packed else align_of(t)
        natural = max(natural, align)
        if self.pack:
            natural = min(natural, self.pack)
        self.align = max(self.align, natural)
        self.unfilled = 0
        size = size_of(t) * 8
        if self.is_union:
            self.bits = max(self.bits, size)
            return 0
        offset = _round_up(self.bits, natural * 8)
        self.bits = offset + size
        return offset

    def place_bits(self, t: CType, width: int, align: int, packed: bool, named: bool) -> int:
        """Place a bit-field of ``width`` bits and declared type ``t``; return its bit offset."""
        unit = size_of(t) * 8
        explicit = align * 8
        natural = max(align_of(t) * 8, explicit)
        field_align = max(1, explicit) if (packed or self.packed) and width else natural
        if self.pack and width:
            # Under #pragma pack, packed has no say in bit-fields (as clang has it).
            field_align = min(natural, self.pack * 8)
        offset = 0 if self.is_union else self.bits - self.unfilled
        straddles = not self.pack and offset % field_align + width > unit
        if width == 0 or straddles:
            offset = _round_up(offset, field_align)
        elif explicit and (not self.pack or align <= self.pack):
            offset = _round_up(offset, explicit)
        if self.is_union:
            self.bits = max(self.bits, _round_up(width, 8))
            self.unfilled = 0
        else:
            end = offset + width
            self.bits = _round_up(end, 8)
            self.unfilled = self.bits - end
        if named:
            self.align = max(self.align, field_align // 8 or 1)
        return offset

    def finish(self, record: RecordType, fields: list[Field], align: int) -> None:
        """Complete ``record``; ``align`` is its own aligned attribute in bytes, 0 for none."""
        self.align = max(self.align, align)
        record.align = self.align
        record.size = _round_up(self.bits, self.align * 8) // 8
        record.packed = self.packed
        record.fields = fields


def _round_up(value: int, multiple: int) -> int:
    return -(-value // multiple) * multiple
