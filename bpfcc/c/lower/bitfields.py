"""Reading and writing bit-fields.

The smallest naturally aligned unit (1, 2, 4, 8 bytes) that holds all bits is accessed: the kernel
lets a program read a bit-field of its own structures only as a whole. A field that no such unit
holds (packed records) is put together from bytes.

    little endian: bit 0 of a record is the lowest bit of its byte 0; a field's bits go upwards
    big endian:    bit 0 of a record is the highest bit of its byte 0; a field's bits go downwards
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...ir.builder import Builder
from ...ir.values import I8, I64, Const, Value
from .scalars import INT_OF_SIZE, ir_type, is_bool, is_signed

if TYPE_CHECKING:
    from .place import Place


class _Piece:
    """``bits`` bits of the field lie in the ``size`` bytes at ``start``, ``shift`` bits up.

    ``low`` is the number of the lowest of them within the field.
    """

    __slots__ = ("bits", "low", "shift", "size", "start")

    def __init__(self, start: int, size: int, shift: int, bits: int, low: int) -> None:
        self.start = start
        self.size = size
        self.shift = shift
        self.bits = bits
        self.low = low


def pieces(bit: int, width: int, align: int, limit: int, *, big_endian: bool) -> list[_Piece]:
    """Divide a field of ``width`` bits at ``bit`` into accesses.

    ``align``: what is known of the address that bits are counted from. No byte from ``limit`` on is
    touched.
    """
    for size in (1, 2, 4, 8):
        start = bit // 8 // size * size
        end = start + size
        if end * 8 < bit + width or end > limit or align % size:
            continue
        inside = bit - start * 8
        shift = size * 8 - inside - width if big_endian else inside
        return [_Piece(start, size, shift, width, 0)]
    found: list[_Piece] = []
    done = 0
    while done < width:
        at = bit + done
        inside = at % 8
        bits = min(8 - inside, width - done)
        if big_endian:
            found.append(_Piece(at // 8, 1, 8 - inside - bits, bits, width - done - bits))
        else:
            found.append(_Piece(at // 8, 1, inside, bits, done))
        done += bits
    return found


def _of(place: Place) -> list[_Piece]:
    assert place.width is not None
    return pieces(place.bit, place.width, place.align, place.limit, big_endian=place.big_endian)


def load(b: Builder, place: Place, pointer: Value) -> Value:
    """Read a bit-field at ``pointer``, the place's own: a value of its declared type."""
    width = place.width
    assert width is not None
    target = ir_type(place.type)
    signed = is_signed(place.type)
    found = _of(place)
    if len(found) == 1:
        piece = found[0]
        unit = INT_OF_SIZE[piece.size]
        value: Value = b.load(unit, pointer, place.offset + piece.start, volatile=place.volatile)
        bits = unit.bits
        if signed:
            up = bits - piece.shift - width
            if up:
                value = b.shl(value, Const(unit, up))
            if bits - width:
                value = b.ashr(value, Const(unit, bits - width))
        else:
            if piece.shift:
                value = b.lshr(value, Const(unit, piece.shift))
            if piece.shift + width < bits:
                value = b.and_(value, Const(unit, (1 << width) - 1))
        return b.resize(value, target, signed=signed)
    total: Value = Const(I64, 0)
    for piece in found:
        byte: Value = b.load(I8, pointer, place.offset + piece.start, volatile=place.volatile)
        part = b.zext(byte, I64)
        if piece.shift:
            part = b.lshr(part, Const(I64, piece.shift))
        if piece.shift + piece.bits < 8:
            part = b.and_(part, Const(I64, (1 << piece.bits) - 1))
        if piece.low:
            part = b.shl(part, Const(I64, piece.low))
        total = part if isinstance(total, Const) else b.or_(total, part)
    if signed and width < 64:
        total = b.ashr(b.shl(total, Const(I64, 64 - width)), Const(I64, 64 - width))
    return b.resize(total, target, signed=signed)


def store(b: Builder, place: Place, pointer: Value, value: Value) -> None:
    """Write a bit-field at ``pointer``, the place's own; ``value`` is of its declared type."""
    width = place.width
    assert width is not None
    for piece in _of(place):
        unit = INT_OF_SIZE[piece.size]
        part = value
        if piece.low:
            part = b.lshr(part, Const(part.type, piece.low))
        part = b.resize(part, unit, signed=False)
        mask = (1 << piece.bits) - 1
        at = place.offset + piece.start
        if piece.bits < unit.bits:
            if not (is_bool(place.type) and piece.bits == 1):
                part = b.and_(part, Const(unit, mask))
            if piece.shift:
                part = b.shl(part, Const(unit, piece.shift))
            old = b.load(unit, pointer, at, volatile=place.volatile)
            kept = b.and_(old, Const(unit, ~(mask << piece.shift)))
            part = b.or_(kept, part)
        b.store(pointer, part, at, volatile=place.volatile)


def narrowed(b: Builder, place: Place, value: Value) -> Value:
    """Return what the field holds after ``value`` was stored: the assignment's value."""
    width = place.width
    assert width is not None
    kind = value.type
    if width >= kind.bits or is_bool(place.type):
        return value
    if is_signed(place.type):
        count = Const(kind, kind.bits - width)
        return b.ashr(b.shl(value, count), count)
    return b.and_(value, Const(kind, (1 << width) - 1))
