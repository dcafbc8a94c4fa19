"""Lvalues in memory: where an object lies, and how it is read and written.

A ``Place`` is an address as pointer plus constant offset, with the object's C type, what is known
of its alignment, and a bit-field's bits. A chain of CO-RE accesses is kept open in ``chain`` until
the address is needed, so that ``p->a.b[2]`` becomes one relocation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...btf.core import CoreKind
from ...ir.builder import Builder
from ...ir.values import I64, CoreConst, Value
from ..ctype.layout import align_of, size_of
from ..ctype.relations import address_space
from ..ctype.types import CType
from . import bitfields
from .scalars import ir_type, is_memory, is_volatile

if TYPE_CHECKING:
    from ...btf.types import BtfType


class Chain:
    """An open chain of CO-RE accesses from pointer ``base``; ``offset`` in bytes so far."""

    __slots__ = ("access", "base", "offset", "root")

    def __init__(self, base: Value, root: BtfType, access: str, offset: int) -> None:
        self.base = base
        self.root = root
        self.access = access
        self.offset = offset

    def extend(self, index: int, offset: int) -> Chain:
        """Return the chain with one more access, ``offset`` bytes further."""
        return Chain(self.base, self.root, f"{self.access}:{index}", self.offset + offset)

    def address(self) -> tuple[Value, CoreConst]:
        """Return the base and the relocated offset to add."""
        number = CoreConst(I64, CoreKind.FIELD_BYTE_OFFSET, self.root, self.access, self.offset)
        return self.base, number


class Place:
    """Where an lvalue lies: ``pointer`` + ``offset`` bytes.

    ``align``: known alignment of that address in bytes. For a bit-field ``width`` is set, ``bit`` is
    the bit offset from the address (which is then that of its record, or of the chain's unit), and
    ``limit`` the number of bytes that may be touched from the address on.
    """

    __slots__ = (
        "align",
        "big_endian",
        "bit",
        "chain",
        "limit",
        "offset",
        "pointer",
        "type",
        "volatile",
        "width",
    )

    def __init__(
        self,
        pointer: Value,
        offset: int,
        type: CType,
        align: int = 0,
        *,
        volatile: bool = False,
        chain: Chain | None = None,
    ) -> None:
        self.pointer = pointer
        self.offset = offset
        self.type = type
        self.align = align or align_of(type)
        self.volatile = volatile or is_volatile(type)
        self.chain = chain
        self.width: int | None = None
        self.bit = 0
        self.limit = 0
        self.big_endian = False

    def address(self, b: Builder) -> Value:
        """Return the address as one value, closing the chain."""
        self.close(b)
        return b.ptradd(self.pointer, self.offset)

    def close(self, b: Builder) -> None:
        """Make an open chain's address: base plus relocated offset."""
        if self.chain is not None:
            base, number = self.chain.address()
            self.pointer = b.ptradd(base, number)
            self.offset = 0
            self.chain = None

    def _accessed(self, b: Builder) -> Value:
        """Return the pointer in the form that loads and stores take.

        Pointers into an arena hold addresses of user space; only converted ones can be used.
        """
        space = address_space(self.type)
        return b.addrspacecast(self.pointer, space, 0) if space else self.pointer

    def load(self, b: Builder, name: str = "") -> Value:
        """Read the object: a scalar's value, or the address of what lives in memory."""
        self.close(b)
        pointer = self._accessed(b)
        if self.width is not None:
            return bitfields.load(b, self, pointer)
        if is_memory(self.type):
            return b.ptradd(pointer, self.offset)
        kind = ir_type(self.type)
        align = self.align if self.align < kind.size else 0
        return b.load(kind, pointer, self.offset, volatile=self.volatile, align=align, name=name)

    def store(self, b: Builder, value: Value) -> None:
        """Write the object; ``value`` as ``load`` returns it."""
        self.close(b)
        pointer = self._accessed(b)
        if self.width is not None:
            bitfields.store(b, self, pointer, value)
            return
        if is_memory(self.type):
            self.copy_from(b, value)
            return
        align = self.align if self.align < value.type.size else 0
        b.store(pointer, value, self.offset, volatile=self.volatile, align=align)

    def copy_from(self, b: Builder, source: Value) -> None:
        """Copy the whole object from address ``source``."""
        size = size_of(self.type)
        if size:
            align = min(self.align, align_of(self.type))
            self.close(b)
            target = b.ptradd(self._accessed(b), self.offset)
            b.memcpy(target, source, size, align=align, volatile=self.volatile)


def aligned_at(align: int, offset: int) -> int:
    """Return the known alignment ``offset`` bytes behind an address of alignment ``align``."""
    low = offset & -offset
    return min(align, low) if low else align
