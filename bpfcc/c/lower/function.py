"""The state of lowering one function, and the frame around its body.

Locals live in allocas; mem2reg and sroa make values of them. What the sibling modules do with
expressions, lvalues, statements and calls, they do to a ``Fn``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...graph.order import rpo
from ...ir.builder import Builder
from ...ir.module import Block, Function
from ...ir.values import PTR, VOID, Const, Instr, Param, Undef, Value
from ...support.errors import InternalError
from ...support.source import Span
from ..ctype.layout import align_of, size_of
from ..ctype.types import CType, FuncType, strip
from ..tast import nodes as t
from .place import Place
from .scalars import ir_type, is_memory

if TYPE_CHECKING:
    from .module import ModuleLowering


class Fn:
    """One function being lowered: its builder, its locals' places, its labels and loops."""

    __slots__ = (
        "b",
        "breaks",
        "cleanups",
        "continues",
        "function",
        "labels",
        "loop_depth",
        "module",
        "preserve",
        "result",
        "slots",
        "symbol",
        "temps",
    )

    def __init__(self, module: ModuleLowering, symbol: t.FuncSymbol, function: Function) -> None:
        self.module = module
        self.symbol = symbol
        self.function = function
        self.b = Builder(function, span=symbol.span)
        self.slots: dict[t.VarSymbol, Value] = {}
        self.labels: dict[t.LabelSymbol, Block] = {}
        self.breaks: list[tuple[Block, int]] = []
        self.continues: list[tuple[Block, int]] = []
        self.cleanups: list[t.VarSymbol] = []  # variables with a cleanup function, innermost last
        self.preserve = 0  # inside __builtin_preserve_access_index
        self.result: Value | None = None  # where a record is returned to
        self.loop_depth = 0
        self.temps = 0

    # ------------------------------------------------------------------ blocks
    def block(self, name: str) -> Block:
        """Return a new block."""
        return self.b.new_block(f"{name}{len(self.function.blocks)}")

    def start(self, block: Block) -> None:
        """Go on in ``block``; a block without an end falls into it."""
        if not self.b.terminated:
            self.b.br(block)
        self.b.position(block)

    def dead(self) -> None:
        """After a terminator: what follows is reached by labels only."""
        self.b.position(self.block("dead"))

    def label(self, symbol: t.LabelSymbol) -> Block:
        """Return the block of a label."""
        found = self.labels.get(symbol)
        if found is None:
            found = self.labels[symbol] = self.b.new_block(
                f"{symbol.name.replace(' ', '_') or 'case'}.{len(self.function.blocks)}"
            )
        return found

    # ------------------------------------------------------------------ memory
    def temp(self, kind: CType, name: str = "") -> Instr:
        """Reserve memory for a value of ``kind``."""
        size = max(size_of(kind), 1)
        return self.b.alloca(size, _frame_align(size, align_of(kind)), name)

    def bytes(self, size: int, align: int = 8, name: str = "") -> Instr:
        """Reserve ``size`` bytes."""
        return self.b.alloca(size, align, name)

    def slot(self, symbol: t.VarSymbol) -> Value:
        """Return the address of a variable."""
        found = self.slots.get(symbol)
        if found is not None:
            return found
        if symbol.storage != "auto":
            return self.module.symbol(symbol)
        size = max(size_of(symbol.type), 1)
        align = max(symbol.align, _frame_align(size, align_of(symbol.type)))
        saved, self.b.span = self.b.span, symbol.span
        found = self.slots[symbol] = self.b.alloca(size, min(align, 8), symbol.name)
        self.b.span = saved
        return found

    def place(self, symbol: t.VarSymbol) -> Place:
        """Return the place of a variable."""
        return Place(self.slot(symbol), 0, symbol.type, max(symbol.align, align_of(symbol.type)))

    def copied(self, address: Value, kind: CType) -> Value:
        """Copy what lies at ``address`` to memory of its own."""
        temp = self.temp(kind)
        self.b.memcpy(temp, address, size_of(kind), align=align_of(kind))
        return temp

    # ------------------------------------------------------------------ errors
    def unsupported(self, what: str, span: Span | None, advice: str = "") -> Value:
        """Report what BPF, or bpfcc, cannot do; the value stands for anything."""
        self.module.error("bpf-unsupported", what + (f"; {advice}" if advice else ""), span)
        return Undef(PTR)

    def broken(self, what: str, span: Span | None) -> InternalError:
        """Return the exception for a tree that lower does not expect."""
        return InternalError(what, stage="lower", function=self.symbol.name, span=span)


def _frame_align(size: int, align: int) -> int:
    """The frame's slots have 8 bytes: what is larger is aligned so that it can be copied fast."""
    return 8 if size >= 8 else max(align, 1)


def signature(symbol: t.FuncSymbol, params: list[t.VarSymbol]) -> tuple[Function, Param | None]:
    """Return the empty IR function and, where a record is returned, the parameter for its place.

    A record or 128-bit integer is passed and returned by address; the place for the result comes
    first. Such functions must be inlined.
    """
    kind = strip(symbol.type)
    assert isinstance(kind, FuncType)
    values: list[Param] = []
    result: Param | None = None
    if is_memory(kind.ret):
        result = Param(PTR, 0, "result")
        values.append(result)
    for param in params:
        values.append(Param(ir_type(param.type), len(values), param.name))
    ret = VOID if result is not None else ir_type(kind.ret)
    return Function(symbol.link_name, ret, values), result


def prune(function: Function) -> None:
    """Remove the blocks that control cannot reach, and what phis say of them."""
    number = {block: i for i, block in enumerate(function.blocks)}
    succs = [[number[s] for s in block.successors] for block in function.blocks]
    reached = set(rpo(succs))
    if len(reached) == len(function.blocks):
        return
    gone = {block for i, block in enumerate(function.blocks) if i not in reached}
    function.blocks = [block for block in function.blocks if block not in gone]
    for block in function.blocks:
        for phi in block.phis():
            blocks = phi.attrs["blocks"]
            kept = [i for i, source in enumerate(blocks) if source not in gone]
            phi.args = [phi.args[i] for i in kept]
            phi.attrs["blocks"] = [blocks[i] for i in kept]


def falls_off(f: Fn) -> None:
    """End the function where its closing brace is reached: C17 6.9.1p12, main-like rules apart."""
    b = f.b
    if b.terminated:
        return
    b.span = f.symbol.span
    if f.function.ret is VOID:
        b.ret()
    else:
        # Nothing says what is returned. The value is whatever r0 holds for clang; 0 is safe.
        b.ret(Const(f.function.ret, 0))
