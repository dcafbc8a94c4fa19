"""Machine IR: instructions of the ISA on virtual, then physical registers, in basic blocks.

A register is a small integer: 0..10 are the machine's, ``FIRST_VREG`` and up are virtual. Register
10 is the frame pointer; it is read-only and no analysis follows it. An operation is the opcode byte
of ``isa.insn``, or one of the pseudo-operations below, which later stages replace:

    LABEL   a block starts here (only in the selector's linear output)
    LEA     dst = address of ``frame`` + off (becomes mov + add)
    ASM     inline assembly, ``extra`` is an ``AsmBlock``
    STOP    control does not come here (becomes an exit)
    JUMP    goto ``targets[0]``

A conditional jump has two targets, [taken, fall through]; ``layout`` makes real jumps of them.

What an instruction reads and writes is told by ``uses`` and ``defs`` as bit masks over register
numbers: bit n is register n.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..ir.values import CoreConst, Instr
from ..isa import insn as _i
from ..isa.insn import Insn
from ..support.errors import InternalError
from ..support.source import Span

FIRST_VREG = 16
FP = 10
NOREG = -1
ARG_REGS = (1, 2, 3, 4, 5)
CLOBBERED = 0b111111  # r0..r5 by a call
NO_FP = ~(1 << FP)

LABEL, LEA, ASM, STOP, JUMP = 0x100, 0x101, 0x102, 0x103, 0x104

MOV64 = _i.ALU64 | _i.MOV | _i.X
MOV64_IMM = _i.ALU64 | _i.MOV | _i.K
MOV32 = _i.ALU | _i.MOV | _i.X
MOV32_IMM = _i.ALU | _i.MOV | _i.K
CALL = _i.JMP | _i.CALL
EXIT = _i.JMP | _i.EXIT
JCOND = _i.JMP | _i.JCOND
LD_IMM64 = _i.LD_IMM64

# Roles of the fields, by opcode.
_USE_DST, _DEF_DST, _USE_SRC, _DEF_SRC = 1, 2, 4, 8


def _role(op: int) -> int:
    cls = op & 7
    if cls in (_i.ALU, _i.ALU64):
        code = op & 0xF0
        if code in (_i.NEG, _i.END):
            return _USE_DST | _DEF_DST
        role = _DEF_DST if code == _i.MOV else _DEF_DST | _USE_DST
        return role | _USE_SRC if op & _i.X else role
    if cls == _i.LDX:
        return _DEF_DST | _USE_SRC
    if cls == _i.ST:
        return _USE_DST
    if cls == _i.STX:
        return _USE_DST | _USE_SRC
    if cls == _i.LD:
        return _DEF_DST if op == LD_IMM64 else (_USE_SRC if op & 0xE0 == _i.IND else 0)
    if op & 0xF0 in (_i.JA, _i.CALL, _i.EXIT, _i.JCOND):
        return 0
    return _USE_DST | _USE_SRC if op & _i.X else _USE_DST


ROLES = [_role(op) for op in range(256)] + [0, _DEF_DST, 0, 0, 0]


class FrameObject:
    """Bytes of the frame: a C variable, or a spilled register.

    ``offset`` (from the frame pointer, negative) is set by ``frame.lay_out``. ``source`` is the
    IR's alloca.
    """

    __slots__ = ("align", "index", "name", "offset", "size", "source", "span", "spill")

    def __init__(
        self,
        index: int,
        size: int,
        align: int,
        name: str = "",
        span: Span | None = None,
        *,
        spill: bool = False,
    ) -> None:
        self.index = index
        self.size = size
        self.align = align
        self.name = name
        self.span = span
        self.spill = spill
        self.source: Instr | None = None
        self.offset = 0

    def __repr__(self) -> str:
        return f"{'spill' if self.spill else 'fi'}#{self.index}"


class CallInfo:
    """``extra`` of a call: how many argument registers it reads; the symbol called, if any."""

    __slots__ = ("nargs", "symbol")

    def __init__(self, nargs: int, symbol: str = "") -> None:
        self.nargs = nargs
        self.symbol = symbol


class AsmOperandReg:
    """An operand of inline assembly that is in a register.

    ``read``/``write`` say how the assembly treats it; ``early``: written before the inputs are
    read, so it shares a register with none of them.
    """

    __slots__ = ("early", "read", "reg", "write")

    def __init__(self, reg: int, *, read: bool, write: bool, early: bool = False) -> None:
        self.reg = reg
        self.read = read
        self.write = write
        self.early = early


class AsmBlock:
    """``extra`` of ASM: the assembly with its operands.

    ``render(regs)`` gives the final text for the registers of ``regs`` (parallel to ``operands``).
    ``clobbers`` is a mask, ``frames`` are the frame objects that the text names. ``insns`` is
    filled once registers and the frame are known.
    """

    __slots__ = ("clobbers", "frames", "insns", "jumps", "labels", "operands", "relocs", "render")

    def __init__(
        self,
        operands: list[AsmOperandReg],
        clobbers: int,
        render: Callable[[list[int]], str],
        labels: list[str],
    ) -> None:
        self.operands = operands
        self.clobbers = clobbers
        self.render = render
        self.labels = labels
        self.frames: list[FrameObject] = []
        self.insns: list[Insn] = []
        self.relocs: list[Any] = []  # instruction number, kind, symbol, addend
        self.jumps: list[tuple[int, int]] = []  # instruction number, number of the label


class MInsn:
    """One machine instruction; the fields that its opcode does not have stay at their defaults.

    ``frame``: dst or src is the frame pointer and ``off`` counts from this object. ``sym``: the
    wide load takes the address of this symbol, ``imm`` is the addend. ``core``: a CO-RE relocation
    patches this instruction. ``name``: the C variable that dst now holds; ``renames``: variables
    that registers hold from here on, left by moves that are gone. ``orig``: the instruction before
    allocation, for ``recheck``.
    """

    __slots__ = (
        "core", "dst", "extra", "frame", "imm", "name", "off", "op", "orig", "renames",
        "span", "src", "sym", "targets",
    )  # fmt: skip

    def __init__(
        self, op: int, dst: int = NOREG, src: int = NOREG, off: int = 0, imm: int = 0
    ) -> None:
        self.op = op
        self.dst = dst
        self.src = src
        self.off = off
        self.imm = imm
        self.span: Span | None = None
        self.frame: FrameObject | None = None
        self.sym: str = ""
        self.core: CoreConst | None = None
        self.extra: Any = None
        self.targets: list[MBlock] | None = None
        self.orig: MInsn | None = None
        self.name = ""
        self.renames: tuple[tuple[int, str], ...] = ()

    def copy(self) -> MInsn:
        """Return a separate instruction with the same fields."""
        new = MInsn(self.op, self.dst, self.src, self.off, self.imm)
        new.span = self.span
        new.frame = self.frame
        new.sym = self.sym
        new.core = self.core
        new.extra = self.extra
        new.targets = self.targets
        new.orig = self.orig
        new.name = self.name
        new.renames = self.renames
        return new

    @property
    def is_copy(self) -> bool:
        """Whether it copies all 64 bits of a register and nothing else."""
        return self.op == MOV64 and self.off == 0 and self.src != FP

    def __repr__(self) -> str:
        return f"MInsn({self.op:#x}, {self.dst}, {self.src}, {self.off}, {self.imm})"


def uses(insn: MInsn) -> int:
    """Return the mask of the registers that ``insn`` reads."""
    op = insn.op
    role = ROLES[op]
    mask = 0
    if role & _USE_DST:
        mask = 1 << insn.dst
    if role & _USE_SRC:
        mask |= 1 << insn.src
    if op & 0xE7 == _i.STX | _i.ATOMIC:
        if insn.imm == _i.LOAD_ACQ:
            mask = 1 << insn.src
        elif insn.imm == _i.CMPXCHG:
            mask |= 1
    elif op == CALL:
        mask = (2 << insn.extra.nargs) - 2
    elif op == EXIT:
        mask = 0 if insn.extra is VOID_EXIT else 1
    elif op == ASM:
        for operand in insn.extra.operands:
            if operand.read:
                mask |= 1 << operand.reg
    elif op < 256 and op & 7 == _i.LD and op != LD_IMM64:
        mask |= 1 << 6
    return mask & NO_FP


def defs(insn: MInsn) -> int:
    """Return the mask of the registers that ``insn`` gives a value, clobbered ones not counted."""
    op = insn.op
    role = ROLES[op]
    mask = 1 << insn.dst if role & _DEF_DST else 0
    if op & 0xE7 == _i.STX | _i.ATOMIC:
        if insn.imm == _i.LOAD_ACQ:
            mask = 1 << insn.dst
        elif insn.imm == _i.CMPXCHG:
            mask = 1
        elif insn.imm & _i.FETCH:
            mask = 1 << insn.src
    elif op == CALL:
        mask = 1
    elif op == ASM:
        for operand in insn.extra.operands:
            if operand.write:
                mask |= 1 << operand.reg
    elif op < 256 and op & 7 == _i.LD and op != LD_IMM64:
        mask = 1
    return mask


def clobbers(insn: MInsn) -> int:
    """Return the mask of the registers whose value ``insn`` destroys besides ``defs``."""
    op = insn.op
    if op == CALL or (op < 256 and op & 7 == _i.LD and op != LD_IMM64):
        return CLOBBERED
    if op == ASM:
        return int(insn.extra.clobbers)
    return 0


def has_effect(insn: MInsn) -> bool:
    """Whether ``insn`` does more than give registers a value."""
    op = insn.op
    if op > 255:
        return op != LEA
    cls = op & 7
    if cls in (_i.ALU, _i.ALU64):
        return False
    if cls == _i.LDX:
        return insn.extra is VOLATILE
    return op != LD_IMM64


VOLATILE = "volatile"  # extra of a load that must stay
VOID_EXIT = "void"  # extra of an exit that returns nothing


def map_registers(insn: MInsn, mapping: list[int]) -> None:
    """Replace each register n of ``insn`` by ``mapping[n]``."""
    if insn.dst >= 0:
        insn.dst = mapping[insn.dst]
    if insn.src >= 0:
        insn.src = mapping[insn.src]
    if insn.op == ASM:
        for operand in insn.extra.operands:
            operand.reg = mapping[operand.reg]


def is_rematerialisable(insn: MInsn) -> bool:
    """Whether ``insn`` can be repeated anywhere with the same result: it reads no register."""
    return insn.op in (MOV64_IMM, MOV32_IMM, LD_IMM64, LEA) and insn.core is None


class MBlock:
    """A basic block; the last instruction ends it and holds the successors as its targets.

    ``depth``: loops around it. ``cold``: expected not to run (0 hot, 1 cold).
    ``near``: a test that leads here shall fall through to here.
    """

    __slots__ = ("cold", "depth", "index", "insns", "name", "near", "preds")

    def __init__(self, name: str) -> None:
        self.name = name
        self.index = 0
        self.insns: list[MInsn] = []
        self.preds: list[MBlock] = []
        self.depth = 0
        self.cold = False
        self.near = False

    @property
    def succs(self) -> list[MBlock]:
        """Where control may go next."""
        last = self.insns[-1]
        return last.targets if last.targets is not None else []

    def __repr__(self) -> str:
        return f"MBlock({self.name})"


class MFunction:
    """A function in machine IR; ``blocks[0]`` is the entry.

    ``next_vreg`` numbers new virtual registers. ``frame`` lists the frame objects, ``nparams`` the
    argument registers that are live at the entry. ``naked``: its assembly returns by itself.
    """

    __slots__ = (
        "blocks", "frame", "frame_size", "naked", "name", "next_vreg", "nparams", "span",
    )  # fmt: skip

    def __init__(self, name: str, nparams: int, span: Span | None = None) -> None:
        self.name = name
        self.nparams = nparams
        self.span = span
        self.blocks: list[MBlock] = []
        self.frame: list[FrameObject] = []
        self.frame_size = 0
        self.next_vreg = FIRST_VREG
        self.naked = False

    def new_vreg(self) -> int:
        """Return a fresh virtual register."""
        reg = self.next_vreg
        self.next_vreg = reg + 1
        return reg

    def new_slot(self) -> FrameObject:
        """Return a fresh 8-byte spill slot."""
        slot = FrameObject(len(self.frame), 8, 8, spill=True)
        self.frame.append(slot)
        return slot

    def number(self) -> list[list[int]]:
        """Number the blocks, set their predecessors, return the successor lists by number."""
        for i, block in enumerate(self.blocks):
            block.index = i
            block.preds = []
        succs = []
        for block in self.blocks:
            row = []
            for target in block.succs:
                row.append(target.index)
                if block not in target.preds:
                    target.preds.append(block)
            succs.append(row)
        return succs


def fail(stage: str, function: str, message: str, span: Span | None = None) -> InternalError:
    """Return the exception for a broken invariant of this room."""
    return InternalError(message, stage=f"codegen.{stage}", function=function, span=span)
