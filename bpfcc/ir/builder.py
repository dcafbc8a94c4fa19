"""Builder: appends instructions at the end of a block, one typed method per operation.

Constant operands of pure operations are folded, and nothing else is simplified. ``span`` and
``name`` set on the builder are given to the instructions made next.
"""

from __future__ import annotations

from typing import Any

from ..support.source import Span
from . import fold
from .module import AsmOperand, Block, FuncRef, Function, HelperRef, KfuncRef, PointerRef
from .ops import COMPARISONS
from .values import I1, I8, I16, I32, I64, PTR, VOID, Const, Instr, Symbol, Type, Value


class Builder:
    """Appends to ``block`` of ``function``.

    ``fold`` False keeps operations on constants as instructions.
    """

    __slots__ = ("block", "fold", "function", "span")

    def __init__(
        self,
        function: Function,
        block: Block | None = None,
        span: Span | None = None,
        *,
        fold: bool = True,
    ) -> None:
        self.function = function
        self.block = block if block is not None else function.block("entry")
        self.span = span
        self.fold = fold

    # -- placing ----------------------------------------------------------------------------

    def new_block(self, name: str = "") -> Block:
        """Append an empty block to the function; the insertion point stays."""
        return self.function.block(name)

    def position(self, block: Block) -> None:
        """Append to ``block`` from now on."""
        self.block = block

    @property
    def terminated(self) -> bool:
        """Whether the block has its terminator, so that nothing may follow."""
        return self.block.terminator is not None

    def emit(
        self,
        op: str,
        type: Type,
        args: list[Value],
        attrs: dict[str, Any] | None = None,
        name: str = "",
    ) -> Instr:
        """Append any operation; the typed methods below check more."""
        return self.block.append(Instr(op, type, args, self.span, attrs, name))

    # -- constants --------------------------------------------------------------------------

    @staticmethod
    def const(type: Type, value: int) -> Const:
        """Return ``value`` modulo 2**bits as a constant."""
        return Const(type, value)

    @staticmethod
    def i1(value: bool) -> Const:
        """Return an i1."""
        return Const(I1, int(value))

    @staticmethod
    def i8(value: int) -> Const:
        """Return an i8."""
        return Const(I8, value)

    @staticmethod
    def i16(value: int) -> Const:
        """Return an i16."""
        return Const(I16, value)

    @staticmethod
    def i32(value: int) -> Const:
        """Return an i32."""
        return Const(I32, value)

    @staticmethod
    def i64(value: int) -> Const:
        """Return an i64."""
        return Const(I64, value)

    @staticmethod
    def null() -> Const:
        """Return the null pointer."""
        return Const(PTR, 0)

    # -- arithmetic -------------------------------------------------------------------------

    def binary(self, op: str, a: Value, b: Value, name: str = "") -> Value:
        """Append arithmetic ``op`` on two integers of one type; the result has that type."""
        if self.fold and isinstance(a, Const) and isinstance(b, Const):
            return Const(a.type, fold.binary(op, a.value, b.value, a.type.bits))
        return self.emit(op, a.type, [a, b], None, name)

    def add(self, a: Value, b: Value) -> Value:
        """Append a + b, wrapping."""
        return self.binary("add", a, b)

    def sub(self, a: Value, b: Value) -> Value:
        """Append a - b, wrapping."""
        return self.binary("sub", a, b)

    def mul(self, a: Value, b: Value) -> Value:
        """Append a * b, wrapping."""
        return self.binary("mul", a, b)

    def udiv(self, a: Value, b: Value) -> Value:
        """Append the unsigned quotient; 0 where b is 0."""
        return self.binary("udiv", a, b)

    def sdiv(self, a: Value, b: Value) -> Value:
        """Append the signed quotient, towards zero; 0 where b is 0."""
        return self.binary("sdiv", a, b)

    def urem(self, a: Value, b: Value) -> Value:
        """Append the unsigned rest; a where b is 0."""
        return self.binary("urem", a, b)

    def srem(self, a: Value, b: Value) -> Value:
        """Append the signed rest, with the sign of a; a where b is 0."""
        return self.binary("srem", a, b)

    def and_(self, a: Value, b: Value) -> Value:
        """Append a & b."""
        return self.binary("and", a, b)

    def or_(self, a: Value, b: Value) -> Value:
        """Append a | b."""
        return self.binary("or", a, b)

    def xor(self, a: Value, b: Value) -> Value:
        """Append a ^ b."""
        return self.binary("xor", a, b)

    def shl(self, a: Value, b: Value) -> Value:
        """Append a << (b modulo bits)."""
        return self.binary("shl", a, b)

    def lshr(self, a: Value, b: Value) -> Value:
        """Append the unsigned a >> (b modulo bits)."""
        return self.binary("lshr", a, b)

    def ashr(self, a: Value, b: Value) -> Value:
        """Append the signed a >> (b modulo bits)."""
        return self.binary("ashr", a, b)

    def neg(self, a: Value) -> Value:
        """Append 0 - a."""
        return self.binary("sub", Const(a.type, 0), a)

    def not_(self, a: Value) -> Value:
        """Append ~a; on i1 the logical not."""
        return self.binary("xor", a, Const(a.type, -1))

    def compare(self, op: str, a: Value, b: Value) -> Value:
        """Append comparison ``op`` (eq, ne, ult ... sge) of two values of one type: an i1."""
        assert op in COMPARISONS
        if self.fold and isinstance(a, Const) and isinstance(b, Const):
            return Const(I1, int(fold.compare(op, a.value, b.value, a.type.bits)))
        return self.emit(op, I1, [a, b])

    def is_nonzero(self, a: Value) -> Value:
        """Append a != 0 (an i1 is returned as it is)."""
        return a if a.type is I1 else self.compare("ne", a, Const(a.type, 0))

    # -- conversions ------------------------------------------------------------------------

    def convert(self, op: str, a: Value, type: Type) -> Value:
        """Append zext, sext, trunc, ptrtoint or inttoptr to ``type``."""
        if self.fold and isinstance(a, Const):
            return Const(type, fold.convert(op, a.value, a.type.bits, type.bits))
        return self.emit(op, type, [a])

    def zext(self, a: Value, type: Type) -> Value:
        """Append the extension of ``a`` by zeros to the wider ``type``."""
        return self.convert("zext", a, type)

    def sext(self, a: Value, type: Type) -> Value:
        """Append the extension of ``a`` by its sign to the wider ``type``."""
        return self.convert("sext", a, type)

    def trunc(self, a: Value, type: Type) -> Value:
        """Append the low bits of ``a`` as the narrower ``type``."""
        return self.convert("trunc", a, type)

    def resize(self, a: Value, type: Type, *, signed: bool) -> Value:
        """Append what makes an integer of ``type`` from the integer ``a``: C's conversion."""
        if a.type is type:
            return a
        if type.bits < a.type.bits:
            return self.trunc(a, type)
        return self.convert("sext" if signed else "zext", a, type)

    def ptrtoint(self, a: Value) -> Value:
        """Append the address as an i64."""
        return self.convert("ptrtoint", a, I64)

    def inttoptr(self, a: Value) -> Value:
        """Append the i64 ``a`` as a pointer."""
        return self.convert("inttoptr", a, PTR)

    def bswap(self, a: Value) -> Value:
        """Append the value with its bytes reversed; i16, i32 or i64."""
        if self.fold and isinstance(a, Const):
            return Const(a.type, fold.bswap(a.value, a.type.bits))
        return self.emit("bswap", a.type, [a])

    def addrspacecast(self, a: Value, source: int, target: int) -> Value:
        """Append the conversion of an arena pointer between address spaces."""
        return self.emit("addrspacecast", PTR, [a], {"from": source, "to": target})

    # -- pointers and memory ----------------------------------------------------------------

    def ptradd(self, pointer: Value, offset: Value | int, name: str = "") -> Value:
        """Append pointer + offset bytes; a constant offset on a symbol becomes its addend."""
        if isinstance(offset, int):
            offset = Const(I64, offset)
        if isinstance(offset, Const):
            if offset.value == 0:
                return pointer
            if isinstance(pointer, Symbol):
                return Symbol(pointer.name, pointer.addend + offset.signed)
        return self.emit("ptradd", PTR, [pointer, offset], None, name)

    def select(self, cond: Value, then: Value, other: Value) -> Value:
        """Append cond ? then : other."""
        if self.fold and isinstance(cond, Const):
            return then if cond.value else other
        return self.emit("select", then.type, [cond, then, other])

    def phi(self, type: Type, incoming: list[tuple[Value, Block]], name: str = "") -> Instr:
        """Insert a phi after the block's phis; ``add_incoming`` may complete it later."""
        phi = Instr(
            "phi",
            type,
            [value for value, _ in incoming],
            self.span,
            {"blocks": [block for _, block in incoming]},
            name,
        )
        phi.block = self.block
        at = sum(1 for _ in self.block.phis())
        self.block.instrs.insert(at, phi)
        return phi

    @staticmethod
    def add_incoming(phi: Instr, value: Value, block: Block) -> None:
        """Say that ``phi`` is ``value`` when control comes from ``block``."""
        phi.args.append(value)
        phi.attrs["blocks"].append(block)

    def alloca(self, size: int, align: int = 8, name: str = "") -> Instr:
        """Reserve ``size`` bytes of the frame; the instruction goes to the top of the entry."""
        alloca = Instr("alloca", PTR, [], self.span, {"size": size, "align": align}, name)
        entry = self.function.blocks[0]
        at = 0
        while at < len(entry.instrs) and entry.instrs[at].op == "alloca":
            at += 1
        alloca.block = entry
        entry.instrs.insert(at, alloca)
        return alloca

    def load(
        self,
        type: Type,
        pointer: Value,
        off: int = 0,
        *,
        volatile: bool = False,
        align: int = 0,
        name: str = "",
    ) -> Instr:
        """Append a load of ``type`` from pointer + off. ``align`` 0: the size's own."""
        return self.emit("load", type, [pointer], _access(off, volatile, align), name)

    def store(
        self, pointer: Value, value: Value, off: int = 0, *, volatile: bool = False, align: int = 0
    ) -> Instr:
        """Append a store of ``value`` to pointer + off."""
        return self.emit("store", VOID, [pointer, value], _access(off, volatile, align))

    def memcpy(
        self, dst: Value, src: Value, size: int, *, align: int = 1, volatile: bool = False
    ) -> None:
        """Append a copy of ``size`` bytes between places that do not overlap."""
        if size:
            attrs: dict[str, Any] = {"size": size, "align": align}
            if volatile:
                attrs["volatile"] = True
            self.emit("memcpy", VOID, [dst, src], attrs)

    def memmove(self, dst: Value, src: Value, size: int, *, align: int = 1) -> None:
        """Append a copy of ``size`` bytes between places that may overlap."""
        if size:
            self.emit("memmove", VOID, [dst, src], {"size": size, "align": align})

    def memset(
        self,
        dst: Value,
        value: Value | int,
        size: int,
        *,
        align: int = 1,
        volatile: bool = False,
    ) -> None:
        """Append the filling of ``size`` bytes with the i8 ``value``."""
        if size:
            attrs: dict[str, Any] = {"size": size, "align": align}
            if volatile:
                attrs["volatile"] = True
            byte = Const(I8, value) if isinstance(value, int) else value
            self.emit("memset", VOID, [dst, byte], attrs)

    def lifetime_start(self, alloca: Value) -> None:
        """Append the entry of a local's scope: before it the bytes hold nothing."""
        self.emit("lifetime", VOID, [alloca], {"start": True})

    def lifetime_end(self, alloca: Value) -> None:
        """Append the end of a local's scope: after it the bytes hold nothing."""
        self.emit("lifetime", VOID, [alloca], {"start": False})

    # -- atomics ----------------------------------------------------------------------------

    def atomicrmw(self, op: str, pointer: Value, value: Value, off: int = 0) -> Instr:
        """Append an atomic add, and, or, xor or xchg on i32 or i64; the old value."""
        attrs: dict[str, Any] = {"op": op}
        if off:
            attrs["off"] = off
        return self.emit("atomicrmw", value.type, [pointer, value], attrs)

    def cmpxchg(self, pointer: Value, expected: Value, new: Value, off: int = 0) -> Instr:
        """Append an atomic compare-and-exchange on i32 or i64; the old value."""
        return self.emit("cmpxchg", new.type, [pointer, expected, new], {"off": off} if off else {})

    def load_acquire(self, type: Type, pointer: Value, off: int = 0) -> Instr:
        """Append a load with acquire order."""
        return self.emit("load_acquire", type, [pointer], {"off": off} if off else {})

    def store_release(self, pointer: Value, value: Value, off: int = 0) -> Instr:
        """Append a store with release order."""
        return self.emit("store_release", VOID, [pointer, value], {"off": off} if off else {})

    # -- calls, packets, barriers -----------------------------------------------------------

    def call(
        self,
        type: Type,
        callee: HelperRef | FuncRef | KfuncRef | PointerRef,
        args: list[Value],
        name: str = "",
    ) -> Instr:
        """Append a call; ``type`` VOID where nothing is returned."""
        return self.emit("call", type, args, {"callee": callee}, name)

    def ld_pkt(self, ctx: Value, index: Value, size: int, off: int) -> Instr:
        """Append a legacy packet load of ``size`` bytes at index + off, in host order, as i64."""
        return self.emit("ld_pkt", I64, [ctx, index], {"size": size, "off": off})

    def fence(self) -> None:
        """Append a compiler barrier: no memory access moves across."""
        self.emit("fence", VOID, [])

    def opaque(self, a: Value) -> Instr:
        """Append a copy of ``a`` that the optimiser knows nothing about."""
        return self.emit("opaque", a.type, [a])

    def asm(
        self,
        type: Type,
        template: str,
        constraints: list[AsmOperand],
        args: list[Value],
        clobbers: tuple[str, ...] = (),
    ) -> Instr:
        """Append inline assembly; ``type`` is that of its one direct output, or VOID."""
        attrs: dict[str, Any] = {"template": template, "constraints": constraints}
        if clobbers:
            attrs["clobbers"] = clobbers
        return self.emit("asm", type, args, attrs)

    # -- terminators ------------------------------------------------------------------------

    def br(self, target: Block) -> Instr:
        """End the block: go to ``target``."""
        return self.emit("br", VOID, [], {"targets": [target]})

    def condbr(self, cond: Value, then: Block, other: Block, likely: bool | None = None) -> Instr:
        """End the block: go to ``then`` if the i1 ``cond`` holds, else to ``other``."""
        if self.fold and isinstance(cond, Const):
            return self.br(then if cond.value else other)
        attrs: dict[str, Any] = {"targets": [then, other]}
        if likely is not None:
            attrs["likely"] = likely
        return self.emit("condbr", VOID, [cond], attrs)

    def switch(self, value: Value, default: Block, cases: list[tuple[int, Block]]) -> Instr:
        """End the block: go where ``value`` has its case (unsigned numbers), else to default."""
        mask = (1 << value.type.bits) - 1
        attrs = {
            "targets": [default] + [block for _, block in cases],
            "cases": [number & mask for number, _ in cases],
        }
        return self.emit("switch", VOID, [value], attrs)

    def ret(self, value: Value | None = None) -> Instr:
        """End the block: return."""
        return self.emit("ret", VOID, [] if value is None else [value])

    def unreachable(self) -> Instr:
        """End the block: control does not come here."""
        return self.emit("unreachable", VOID, [])

    def may_goto(self, leave: Block, go_on: Block) -> Instr:
        """End the block: the kernel may take ``leave`` when its loop budget is spent."""
        return self.emit("may_goto", VOID, [], {"targets": [leave, go_on]})

    def asm_goto(
        self,
        template: str,
        constraints: list[AsmOperand],
        args: list[Value],
        targets: list[Block],
        clobbers: tuple[str, ...] = (),
        labels: tuple[str, ...] = (),
    ) -> Instr:
        """End the block with ``asm goto``; targets[0] is the fall-through, then the labels."""
        attrs: dict[str, Any] = {
            "template": template,
            "constraints": constraints,
            "targets": targets,
        }
        if clobbers:
            attrs["clobbers"] = clobbers
        if labels:
            attrs["labels"] = labels
        return self.emit("asm_goto", VOID, args, attrs)


def _access(off: int, volatile: bool, align: int) -> dict[str, Any]:
    attrs: dict[str, Any] = {}
    if off:
        attrs["off"] = off
    if volatile:
        attrs["volatile"] = True
    if align:
        attrs["align"] = align
    return attrs
