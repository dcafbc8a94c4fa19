"""The bytes of static data: constant initialisers laid out, addresses left to relocations."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from ...ir.module import GlobalReloc
from ..ctype.layout import size_of
from ..ctype.types import CType, FloatType, strip
from ..tast import nodes as t
from ..tast.evaluate import Address, evaluate

if TYPE_CHECKING:
    from .module import ModuleLowering


class Data:
    """The contents of one object being put together."""

    __slots__ = ("bytes", "module", "relocs")

    def __init__(self, module: ModuleLowering, size: int) -> None:
        self.module = module
        self.bytes = bytearray(size)
        self.relocs: list[GlobalReloc] = []

    def init(self, init: t.Init, base: int) -> None:
        """Write an initialiser; ``base`` is the bit offset of the object within this one."""
        for item in init.items:
            self._item(base + item.offset, item)

    def _item(self, bit: int, item: t.InitItem) -> None:
        value = item.value
        at = bit // 8
        if isinstance(value, t.StringLit):
            self.bytes[at : at + len(value.data)] = value.data
            return
        inner = _constant_object(value)
        if inner is not None:
            if inner.init is not None:
                self.init(inner.init, bit)
            return
        found = evaluate(value)
        if found is None:
            self.module.error(
                "c-not-constant",
                "initializer element is not a compile-time constant",
                value.span,
            )
            return
        if isinstance(found, Address):
            self.relocs = [each for each in self.relocs if each.offset != at]
            self.relocs.append(GlobalReloc(at, self.module.data_symbol(found), found.offset))
        elif item.width is not None:
            self._bits(bit, item.width, int(found))
        else:
            self._scalar(at, value.type, found)

    def _scalar(self, at: int, kind: CType, value: int | float) -> None:
        size = size_of(kind)
        big = self.module.big_endian
        real = strip(kind)
        if isinstance(real, FloatType):
            letter = "f" if size == 4 else "d"
            packed = struct.pack((">" if big else "<") + letter, float(value))
        else:
            packed = (int(value) & ((1 << size * 8) - 1)).to_bytes(size, "big" if big else "little")
        self.bytes[at : at + size] = packed

    def _bits(self, bit: int, width: int, value: int) -> None:
        """Write a bit-field, bit by bit as ``bitfields`` numbers them."""
        big = self.module.big_endian
        for i in range(width):
            at, inside = divmod(bit + (width - 1 - i if big else i), 8)
            mask = 0x80 >> inside if big else 1 << inside
            if value >> i & 1:
                self.bytes[at] |= mask
            else:
                self.bytes[at] &= ~mask & 0xFF


def _constant_object(value: t.Expr) -> t.VarSymbol | None:
    """Return the constant object whose whole value ``value`` is: a compound literal, mostly."""
    while isinstance(value, t.Cast) and value.kind in ("load", "same"):
        value = value.operand
        if isinstance(value, t.CompoundLiteral):
            return value.symbol
    return None
