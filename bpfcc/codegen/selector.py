"""What instruction selection works with: values to registers, addresses, constants, output.

Selection runs bottom-up: blocks in postorder, each from its terminator to its first instruction.
An instruction's users are thus seen before it (but for phis on back edges), so

* an instruction whose value nobody asked for in a register is not emitted: a comparison that only
  branches use, a constant offset that went into loads, what is dead;
* when an operand is asked for, it is known whether it is still needed further down (``is_live``).

What one IR instruction becomes is a *chunk*, in execution order; a block is its chunks reversed. A
chunk may hold LABELs and jumps (a ``select``); ``finish`` cuts the list into basic blocks.
"""

from __future__ import annotations

from ..graph.order import rpo
from ..ir.fold import convert
from ..ir.module import Block, Function, Global, HelperRef
from ..ir.values import Const, CoreConst, Instr, Param, Symbol, Undef, Value
from ..isa import insn as _i
from ..support.source import Span
from .mir import (
    FP,
    JUMP,
    LABEL,
    LD_IMM64,
    LEA,
    MOV32,
    MOV32_IMM,
    MOV64,
    MOV64_IMM,
    FrameObject,
    MBlock,
    MFunction,
    MInsn,
    fail,
)
from .options import CodegenOptions
from .widths import SIGN, ZERO, Widths

_S16 = range(-0x8000, 0x8000)
# Which operands are addresses that a constant offset can be folded into, as a mask.
_ADDRESSES = {
    "load": 1, "store": 1, "atomicrmw": 1, "cmpxchg": 1, "load_acquire": 1, "store_release": 1,
    "memcpy": 3, "memmove": 3, "memset": 1, "ptradd": 1, "lifetime": 1,
}  # fmt: skip

# map_lookup_elem, get_local_storage, {sk,inode,task,cgrp}_storage_get, ringbuf_reserve,
# map_lookup_percpu_elem. Source: kernel/bpf, where values are laid out at round_up(.., 8).
_ALIGNED_RESULTS = frozenset({1, 81, 107, 131, 145, 156, 195, 210})


def fits32(value: int) -> bool:
    """Whether the signed ``value`` can be an immediate (sign-extended from 32 bits)."""
    return -0x80000000 <= value <= 0x7FFFFFFF


def _result_align(pointer: Value) -> int:
    """Return the alignment of what a helper returns: map values and records start at 8 bytes."""
    if isinstance(pointer, Instr) and pointer.op == "call":
        callee = pointer.attrs["callee"]
        if isinstance(callee, HelperRef) and callee.id in _ALIGNED_RESULTS:
            return 8
    return 1


class Address:
    """A place in memory: register ``base`` or ``frame`` object, plus ``off`` bytes.

    ``core``: ``off`` is that CO-RE constant. ``ctx``: the base is the program's context.
    ``align``: what base (or frame object) is certainly a multiple of, at most 8.
    """

    __slots__ = ("align", "base", "core", "ctx", "frame", "off")

    def __init__(
        self,
        base: int,
        off: int,
        frame: FrameObject | None = None,
        core: CoreConst | None = None,
        *,
        ctx: bool = False,
        align: int = 1,
    ) -> None:
        self.base = base
        self.off = off
        self.align = align if frame is None else 8
        self.frame = frame
        self.core = core
        self.ctx = ctx


def _constant(value: Value) -> Const | None:
    """Return the number that a chain of conversions makes of a constant, None for others.

    The whole chain counts: sext(trunc(x)) of a constant is not what is left of x in any form.
    """
    if isinstance(value, Const):
        return value
    if not isinstance(value, Instr) or value.op not in ("zext", "sext", "trunc"):
        return None
    inner = _constant(value.args[0])
    if inner is None:
        return None
    bits, target = inner.type.bits, value.type
    return Const(target, convert(value.op, inner.value, bits, target.bits))


class Selector:
    """State of the selection of one function."""

    def __init__(
        self, function: Function, options: CodegenOptions, globals: dict[str, Global]
    ) -> None:
        self.function = function
        self.globals = globals
        self.options = options
        self.mcpu = options.mcpu
        self.alu32 = options.mcpu >= 3
        number = {block: i for i, block in enumerate(function.blocks)}
        succs = [[number[t] for t in block.successors] for block in function.blocks]
        self.order = [function.blocks[i] for i in rpo(succs)]
        self.widths = Widths(function, options.mcpu, self.order)
        self.out = MFunction(function.name, len(function.params), function.span)
        self.labels: dict[Block, MBlock] = {}
        for block in self.order:
            self.labels[block] = MBlock(block.name)
        self.code: dict[Block, list[MInsn]] = {}
        self.extra: dict[Block, list[MBlock]] = {}  # blocks made for edges, by where they come from
        self.regs: dict[Value, int] = {}
        self.slots: dict[Value, FrameObject] = {}
        self.chunk: list[MInsn] = []
        self.span: Span | None = None
        self.block: Block = function.blocks[0]
        self.uses: dict[Value, int] = {}
        self.valued: set[Value] = set()  # what is used otherwise than as an address to access
        self.bit_tests: dict[Value, int] = {}  # how many tests of constant bits of a value
        self._count_uses()
        self._delays: dict[Instr, int] = {}
        self._made = 0
        for instr in self.block.instrs:
            if instr.op == "alloca":
                self.slot(instr)  # in the order of the source

    def _count_uses(self) -> None:
        counts, valued = self.uses, self.valued
        for block in self.order:
            for instr in block.instrs:
                if instr.op in ("eq", "ne"):
                    masked = instr.args[0]
                    if isinstance(masked, Instr) and masked.op == "and":
                        tested, mask = masked.args
                        if isinstance(mask, Const):
                            self.bit_tests[tested] = self.bit_tests.get(tested, 0) + 1
                addresses = _ADDRESSES.get(instr.op, 0)
                for i, arg in enumerate(instr.args):
                    counts[arg] = counts.get(arg, 0) + 1
                    if not addresses >> i & 1:
                        valued.add(arg)

    def new_block(self, hint: str) -> MBlock:
        """Return a new machine block; it gets its place by a LABEL."""
        self._made += 1
        return MBlock(f"{self.labels[self.block].name}.{hint}{self._made}")

    def unique(self) -> str:
        """Return a number that no other call gave, for ``%=``."""
        self._made += 1
        return str(self._made)

    def unsupported(self, what: str, instr: Instr) -> Exception:
        """Return the exception for IR that no stage before should have let through."""
        return fail("isel", self.function.name, what, instr.span)

    # -- output -------------------------------------------------------------------------------

    def emit(self, op: int, dst: int = -1, src: int = -1, off: int = 0, imm: int = 0) -> MInsn:
        """Append an instruction to the chunk."""
        insn = MInsn(op, dst, src, off, imm)
        insn.span = self.span
        self.chunk.append(insn)
        return insn

    def place(self, label: MBlock) -> None:
        """From here on the code is in block ``label``."""
        insn = MInsn(LABEL)
        insn.targets = [label]
        self.chunk.append(insn)

    def jump(self, target: MBlock) -> None:
        """End a block: go to ``target``."""
        self.emit(JUMP).targets = [target]

    def temp(self) -> int:
        """Return a new virtual register."""
        return self.out.new_vreg()

    def copy(self, src: int) -> int:
        """Return a new register holding a copy of ``src``, to be worked on."""
        dst = self.temp()
        self.emit(MOV64, dst, src)
        return dst

    # -- values -------------------------------------------------------------------------------

    def is_live(self, value: Value) -> bool:
        """Whether an instruction further down needs ``value`` in its register."""
        return self.root(value) in self.regs

    def root(self, value: Value) -> Value:
        """Follow conversions that cost nothing to the value whose register is used."""
        while isinstance(value, Instr):
            op = value.op
            number = _constant(value)
            if number is not None:
                return number
            if op == "zext":
                if not self.widths.is_zero_extended(value.args[0]):
                    break
            elif op == "sext":
                widths = self.widths
                if not widths.is_sign_extended(value.args[0]):
                    break
                if widths.form(value) == ZERO and widths.born_bits(value) > value.type.bits:
                    break
            elif op == "trunc":
                if self.widths.form(value) and not self._trunc_is_free(value):
                    break
            elif op not in ("ptrtoint", "inttoptr"):
                break
            value = value.args[0]
        return value

    def _trunc_is_free(self, trunc: Instr) -> bool:
        """Whether the wide value's register has the form that was decided for the narrow one."""
        known = self.widths.born_bits(trunc)
        bits = trunc.type.bits
        return known <= bits if self.widths.form(trunc) == ZERO else known < bits

    def reg(self, value: Value) -> int:
        """Return the register of ``value``, whatever its form; constants are materialised here."""
        value = self.root(value)
        if isinstance(value, (Instr, Param)):
            if isinstance(value, Instr) and value.op == "alloca":
                dst = self.temp()
                self.address_of(dst, self.slot(value), 0)
                return dst
            reg = self.regs.get(value)
            if reg is None:
                reg = self.regs[value] = self.temp()
            return reg
        dst = self.temp()
        self.constant(dst, value)
        return dst

    def zreg(self, value: Value) -> int:
        """Return a register with ``value`` extended by zeros to 64 bits."""
        if isinstance(value, Const):
            dst = self.temp()
            self.load_constant(dst, value.value)
            return dst
        reg = self.reg(value)
        bits = value.type.bits
        if bits == 64 or self.widths.is_zero_extended(value):
            return reg
        dst = self.temp()
        self.zero_extend(dst, reg, bits)
        return dst

    def sreg(self, value: Value) -> int:
        """Return a register with ``value`` extended by its sign to 64 bits."""
        if isinstance(value, Const):
            dst = self.temp()
            self.load_constant(dst, value.signed)
            return dst
        reg = self.reg(value)
        bits = value.type.bits
        if bits == 64 or self.widths.is_sign_extended(value):
            return reg
        dst = self.temp()
        self.sign_extend(dst, reg, bits)
        return dst

    def in_form(self, value: Value, form: int) -> int:
        """Return a register with ``value`` in ``form``."""
        if form == ZERO:
            return self.zreg(value)
        return self.sreg(value) if form == SIGN else self.reg(value)

    def operand(self, instr: Instr, i: int) -> int:
        """Return the register of operand ``i`` in the form that ``instr`` needs."""
        return self.in_form(instr.args[i], self.widths.demand(instr, i))

    def result(self, instr: Instr) -> int:
        """Return the register for the value of ``instr``, or a scratch one if nobody wants it."""
        reg = self.regs.get(instr)
        return reg if reg is not None else self.temp()

    def define(self, instr: Instr, reg: int) -> None:
        """End the code of ``instr``, whose bare result is in ``reg``: bring it into its form."""
        widths = self.widths
        bits = instr.type.bits
        form = widths.form(instr)
        if self.chunk and self.chunk[-1].dst == reg:
            self.chunk[-1].name = instr.name
        if form == ZERO:
            if bits < 64 and widths.born_bits(instr) > bits:
                self.zero_extend(reg, reg, bits)
        elif form == SIGN and not widths.sign_extended_at_birth(instr):
            self.sign_extend(reg, reg, bits)

    # -- extensions and constants -------------------------------------------------------------

    def zero_extend(self, dst: int, src: int, bits: int) -> None:
        """Dst = the low ``bits`` bits of src."""
        if bits == 32 and self.alu32:
            last = self.chunk[-1] if self.chunk else None
            if last is not None and last.op == MOV64 and last.dst == src == dst and not last.off:
                last.op = MOV32
            else:
                self.emit(MOV32, dst, src)
            return
        if dst != src:
            self.emit(MOV64, dst, src)
        if bits == 32:
            self.emit(_i.ALU64 | _i.LSH | _i.K, dst, imm=32)
            self.emit(_i.ALU64 | _i.RSH | _i.K, dst, imm=32)
        else:
            self.emit((_i.ALU if self.alu32 else _i.ALU64) | _i.AND, dst, imm=(1 << bits) - 1)

    def sign_extend(self, dst: int, src: int, bits: int) -> None:
        """Dst = the low ``bits`` bits of src, as two's complement, in 64 bits."""
        if bits == 1:
            if dst != src:
                self.emit(MOV64, dst, src)
            self.emit(_i.ALU64 | _i.NEG, dst)
        elif self.mcpu >= 4:
            self.emit(MOV64, dst, src, bits)
        else:
            if dst != src:
                self.emit(MOV64, dst, src)
            self.emit(_i.ALU64 | _i.LSH | _i.K, dst, imm=64 - bits)
            self.emit(_i.ALU64 | _i.ARSH | _i.K, dst, imm=64 - bits)

    def load_constant(self, dst: int, value: int) -> None:
        """Dst = the 64-bit ``value`` (signed or unsigned), in the shortest way."""
        value &= (1 << 64) - 1
        signed = value - (1 << 64) if value >> 63 else value
        if fits32(signed):
            self.emit(MOV64_IMM, dst, imm=signed)
        elif value >> 32 == 0 and self.alu32:
            self.emit(MOV32_IMM, dst, imm=value - (1 << 32))
        else:
            self.emit(LD_IMM64, dst, imm=value)

    def constant(self, dst: int, value: Value) -> None:
        """Dst = a constant, symbol address or undefined value, in any form."""
        if isinstance(value, Const):
            if value.type.bits == 32 and self.alu32:
                self.emit(MOV32_IMM, dst, imm=value.signed)
            elif value.type.bits == 32:
                self.emit(MOV64_IMM, dst, imm=value.signed)
            else:
                self.load_constant(dst, value.value)
        elif isinstance(value, Symbol):
            insn = self.emit(LD_IMM64, dst, imm=value.addend)
            insn.sym = value.name
        elif isinstance(value, CoreConst):
            self._core_constant(dst, value)
        elif isinstance(value, Undef):
            # The kernel refuses to read a register that was never written.
            self.emit(MOV64_IMM, dst, imm=0)
        else:
            raise fail("isel", self.function.name, f"cannot materialise {value!r}", self.span)

    def _core_constant(self, dst: int, value: CoreConst) -> None:
        """Loaders patch the immediate of a move or of a wide load; ids and enumerators are wide."""
        wide = value.kind.name in ("ENUMVAL_VALUE", "TYPE_ID_LOCAL", "TYPE_ID_TARGET")
        signed = value.value - ((value.value >> (value.type.bits - 1)) << value.type.bits)
        if wide or not fits32(signed):
            insn = self.emit(LD_IMM64, dst, imm=signed & (1 << 64) - 1)
        else:
            insn = self.emit(MOV64_IMM, dst, imm=signed)
        insn.core = value

    # -- addresses ----------------------------------------------------------------------------

    def base_of(self, pointer: Value, *, reuse: bool = True) -> tuple[Value, int]:
        """Return a value and a constant whose sum is ``pointer``, constant steps undone.

        With ``reuse`` it stops at a sum that is in a register anyway.
        """
        off = 0
        while True:
            pointer = self.root(pointer)
            if not isinstance(pointer, Instr) or pointer.op != "ptradd":
                return pointer, off
            step = pointer.args[1]
            if not isinstance(step, Const):
                return pointer, off + self.delayed(pointer)
            if reuse and pointer in self.valued:
                return pointer, off
            off += step.signed
            pointer = pointer.args[0]

    def delayed(self, sum: Instr) -> int:
        """Return what is left out of the register of ``sum`` = base + c + index: the constant c.

        It is added in each access, where it costs nothing, if only accesses use the sum.
        """
        if sum in self.valued or isinstance(sum.args[1], (Const, CoreConst)):
            return 0
        known = self._delays.get(sum)
        if known is None:
            inner, known = self.base_of(sum.args[0])
            if isinstance(inner, Instr) and inner.op == "alloca":
                known = 0  # costs nothing there
            self._delays[sum] = known
        return known

    def slot(self, alloca: Instr) -> FrameObject:
        """Return the frame object of an ``alloca``."""
        slot = self.slots.get(alloca)
        if slot is None:
            slot = FrameObject(
                len(self.out.frame),
                alloca.attrs["size"],
                max(1, alloca.attrs["align"]),
                alloca.name,
                alloca.span,
            )
            slot.source = alloca
            self.slots[alloca] = slot
            self.out.frame.append(slot)
        return slot

    def address_of(self, dst: int, slot: FrameObject, off: int) -> None:
        """Dst = address of ``slot`` + off."""
        insn = self.emit(LEA, dst, off=off)
        insn.frame = slot

    def address(self, pointer: Value, off: int, width: int, *, pieces: bool = False) -> Address:
        """Return where ``pointer`` + off is, constant offsets folded, for accesses up to ``width``.

        ``pieces``: it is accessed at several offsets, so none of them can be a relocated one.

        Folding is unconditional: a context pointer or a packet pointer plus a constant is never
        put into a register of its own, because the kernel loses sight of it there.
        """
        core: CoreConst | None = None
        pointer, more = self.base_of(pointer, reuse=False)
        off += more
        if isinstance(pointer, Instr) and pointer.op == "ptradd" and not off and not pieces:
            step = pointer.args[1]
            if isinstance(step, CoreConst) and step.value in _S16:
                inner, before = self.base_of(pointer.args[0])
                if not before:
                    # The loader rewrites the whole offset, so it can hold nothing else.
                    core = step
                    off = step.value
                    pointer = inner
        if isinstance(pointer, Instr) and pointer.op == "alloca":
            if core is None:
                return Address(FP, off, self.slot(pointer))
            return Address(self.reg(pointer), off, core=core)
        if isinstance(pointer, Symbol) and core is None:
            whole = off + pointer.addend
            var = self.globals.get(pointer.name)
            align = min(8, var.align & -var.align) if var is not None and var.align > 0 else 1
            if whole in _S16 and whole + width - 1 in _S16:
                return Address(self.reg(Symbol(pointer.name)), whole, align=align)
            return Address(self.reg(Symbol(pointer.name, whole)), 0)
        ctx = isinstance(pointer, Param) and pointer.index == 0 and self.function.ctx
        if isinstance(pointer, Const):
            base = self.temp()
            self.load_constant(base, pointer.value + off)
            return Address(base, 0)
        base = self.reg(pointer)
        if off not in _S16 or off + width - 1 not in _S16:
            far = self.copy(base)
            self.add_constant(far, off)
            return Address(far, 0)
        return Address(base, off, core=core, ctx=ctx, align=_result_align(pointer))

    def add_constant(self, dst: int, value: int) -> None:
        """Dst += value, 64 bits."""
        if fits32(value):
            self.emit(_i.ALU64 | _i.ADD | _i.K, dst, imm=value)
        else:
            far = self.temp()
            self.load_constant(far, value)
            self.emit(_i.ALU64 | _i.ADD | _i.X, dst, far)

    # -- cutting into blocks ------------------------------------------------------------------

    def finish(self) -> MFunction:
        """Cut the linear code at its labels and return the function."""
        out = self.out
        for block in self.order:
            current = self.labels[block]
            out.blocks.append(current)
            for insn in self.code[block]:
                if insn.op == LABEL:
                    assert insn.targets is not None
                    following = insn.targets[0]
                    last = current.insns[-1] if current.insns else None
                    if last is None or last.targets is None:
                        goto = MInsn(JUMP)
                        goto.targets = [following]
                        goto.span = insn.span
                        current.insns.append(goto)
                    current = following
                    out.blocks.append(current)
                else:
                    current.insns.append(insn)
            out.blocks += self.extra.get(block, ())
        return out
