"""Values of the SSA IR: types, constants, symbols, parameters, instructions.

The IR knows bytes, not C: pointers are opaque, every offset and size is explicit, arithmetic wraps.
``ir.ops`` has one row per operation: operands, result, effects, meaning.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..btf.core import CoreKind
from ..btf.types import BtfType
from ..support.source import Span

if TYPE_CHECKING:
    from .module import Block


class Type:
    """A value type. There are exactly seven, compared by identity."""

    __slots__ = ("bits", "name")

    def __init__(self, name: str, bits: int) -> None:
        self.name = name
        self.bits = bits

    @property
    def size(self) -> int:
        """Bytes in memory (i1 takes one)."""
        return (self.bits + 7) // 8

    def __repr__(self) -> str:
        return self.name


VOID = Type("void", 0)
I1 = Type("i1", 1)
I8 = Type("i8", 8)
I16 = Type("i16", 16)
I32 = Type("i32", 32)
I64 = Type("i64", 64)
PTR = Type("ptr", 64)
INT_OF_BITS = {1: I1, 8: I8, 16: I16, 32: I32, 64: I64}


class Value:
    """Anything that can be an operand."""

    __slots__ = ("type",)

    def __init__(self, type: Type) -> None:
        self.type = type


class Const(Value):
    """An integer (or null/absolute pointer), kept as its unsigned value modulo 2**bits."""

    __slots__ = ("value",)

    def __init__(self, type: Type, value: int) -> None:
        super().__init__(type)
        self.value = value & ((1 << type.bits) - 1)

    @property
    def signed(self) -> int:
        """The value read as two's complement."""
        top = 1 << (self.type.bits - 1)
        return self.value - ((self.value & top) << 1)

    def __repr__(self) -> str:
        return f"{self.type} {self.signed if self.type is not PTR else self.value}"


class Undef(Value):
    """An unspecified value: an uninitialised variable. Any use may see any bits."""

    __slots__ = ()


class Symbol(Value):
    """The address of a global, map, function or extern by ``name``, plus ``addend`` bytes."""

    __slots__ = ("addend", "name")

    def __init__(self, name: str, addend: int = 0) -> None:
        super().__init__(PTR)
        self.name = name
        self.addend = addend

    def __repr__(self) -> str:
        return f"@{self.name}" + (f"+{self.addend}" if self.addend else "")


class CoreConst(Value):
    """A number that a CO-RE relocation patches at load; ``value`` holds for the local types."""

    __slots__ = ("access", "btf", "kind", "value")

    def __init__(self, type: Type, kind: CoreKind, btf: BtfType, access: str, value: int) -> None:
        super().__init__(type)
        self.kind = kind
        self.btf = btf
        self.access = access
        self.value = value & ((1 << type.bits) - 1)

    def __repr__(self) -> str:
        return f"{self.type} core({self.kind.name}, {self.btf.name!r}, {self.access}) {self.value}"


class Param(Value):
    """Parameter number ``index`` of the function, counted from 0."""

    __slots__ = ("index", "name")

    def __init__(self, type: Type, index: int, name: str = "") -> None:
        super().__init__(type)
        self.index = index
        self.name = name


class Instr(Value):
    """One instruction; itself the value that it computes (type VOID: none).

    ``attrs`` holds what is not an operand; the keys are those of the op's row in ``ir.ops``.
    ``name`` is the C variable whose value this is, where one is known: for messages only.
    """

    __slots__ = ("args", "attrs", "block", "name", "op", "span")

    def __init__(
        self,
        op: str,
        type: Type,
        args: list[Value],
        span: Span | None = None,
        attrs: dict[str, Any] | None = None,
        name: str = "",
    ) -> None:
        super().__init__(type)
        self.op = op
        self.args = args
        self.span = span
        self.attrs: dict[str, Any] = attrs if attrs is not None else {}
        self.name = name
        self.block: Block | None = None
