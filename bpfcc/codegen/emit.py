"""Machine code in blocks to ``objfile`` instructions: pseudo-operations, jumps, relocations.

Positions are in slots. A jump whose distance does not fit 16 bits becomes a 32-bit ``gotol`` (v4)
or goes over islands: unconditional jumps placed on the way (``_use_islands``).
"""

from __future__ import annotations

from ..ir.module import Function
from ..isa import insn as _i
from ..isa.insn import Insn
from ..objfile import model
from ..objfile.from_ir import function_linkage
from ..support.source import Span
from . import notes
from .layout import inverse, is_conditional, is_exit
from .mir import (
    ASM,
    CALL,
    EXIT,
    FP,
    JUMP,
    LD_IMM64,
    LEA,
    MOV64,
    MOV64_IMM,
    STOP,
    AsmBlock,
    MBlock,
    MFunction,
    MInsn,
    fail,
)
from .options import CodegenOptions

_JA = _i.JMP | _i.JA
_GOTOL = _i.JMP32 | _i.JA
_ADD_IMM = _i.ALU64 | _i.ADD | _i.K
_REACH = 0x7FFF


class _Emitter:
    """State of the emission of one function."""

    def __init__(self, function: MFunction, options: CodegenOptions) -> None:
        self.function = function
        self.options = options
        self.insns: list[Insn] = []
        self.spans: list[Span | None] = []
        self.jumps: list[tuple[int, MBlock]] = []  # instruction number, target
        self.starts: dict[MBlock, int] = {}  # block -> instruction number
        self.marks: dict[MBlock, list[int]] = {}  # block -> number of each instruction and the end
        self.relocs: list[tuple[int, model.RelocKind, str, int]] = []
        self.core: list[tuple[int, MInsn]] = []

    def run(self) -> None:
        blocks = self.function.blocks
        for i, block in enumerate(blocks):
            following = blocks[i + 1] if i + 1 < len(blocks) else None
            self.starts[block] = len(self.insns)
            marks = self.marks[block] = []
            for insn in block.insns:
                marks.append(len(self.insns))
                if insn.targets is not None and insn.op != ASM:
                    self.jump(insn, following)
                elif insn.op > 255:
                    self.pseudo(insn, following)
                else:
                    self.plain(insn)
            marks.append(len(self.insns))

    def add(self, insn: Insn, span: Span | None) -> None:
        self.insns.append(insn)
        self.spans.append(span)

    def plain(self, insn: MInsn) -> None:
        off, imm = insn.off, insn.imm
        if insn.frame is not None:
            off += insn.frame.offset
        at = len(self.insns)
        if insn.op == LD_IMM64:
            imm &= (1 << 64) - 1
            if insn.sym:
                self.relocs.append((at, model.RelocKind.DATA, insn.sym, insn.imm))
                imm = 0
        elif insn.op == CALL and insn.extra.symbol:
            self.relocs.append((at, model.RelocKind.CALL, insn.extra.symbol, 0))
        if insn.core is not None:
            self.core.append((at, insn))
        self.add(Insn(insn.op, max(insn.dst, 0), max(insn.src, 0), off, imm), insn.span)

    def pseudo(self, insn: MInsn, following: MBlock | None) -> None:
        if insn.op == LEA:
            assert insn.frame is not None
            self.add(Insn(MOV64, insn.dst, FP), insn.span)
            self.add(Insn(_ADD_IMM, insn.dst, 0, 0, insn.frame.offset + insn.off), insn.span)
        elif insn.op == STOP:
            if self.function.naked and self.insns:
                return
            self.add(Insn(MOV64_IMM, 0), insn.span)
            self.add(Insn(EXIT), insn.span)
        elif insn.op == ASM:
            self.assembly(insn, following)
        else:
            raise fail("emit", self.function.name, f"pseudo-operation {insn.op:#x} left over")

    def assembly(self, insn: MInsn, following: MBlock | None) -> None:
        asm: AsmBlock = insn.extra
        start = len(self.insns)
        for code in asm.insns:
            self.add(code, insn.span)
        for at, kind, symbol, addend in asm.relocs:
            self.relocs.append((start + at, kind, symbol, addend))
        if insn.targets is not None:
            for at, label in asm.jumps:
                self.jumps.append((start + at, insn.targets[1 + label]))
            if insn.targets[0] is not following:
                self.goto(insn.targets[0], insn.span)

    def jump(self, insn: MInsn, following: MBlock | None) -> None:
        targets = insn.targets
        assert targets is not None
        if insn.op == JUMP:
            if targets[0] is not following:
                self.goto(targets[0], insn.span)
            return
        if not is_conditional(insn):
            raise fail("emit", self.function.name, f"no jump: {insn.op:#x}", insn.span)
        op, (taken, other) = insn.op, targets
        if taken is following and other is not following:
            opposite = inverse(op, self.options.mcpu)
            if opposite is not None:
                op, taken, other = opposite, other, taken
        self.jumps.append((len(self.insns), taken))
        self.add(Insn(op, max(insn.dst, 0), max(insn.src, 0), 0, insn.imm), insn.span)
        if other is not following:
            self.goto(other, insn.span)

    def goto(self, target: MBlock, span: Span | None) -> None:
        if is_exit(target):
            self.plain(target.insns[0])
            return
        self.jumps.append((len(self.insns), target))
        self.add(Insn(_JA), span)

    # -- jump distances -----------------------------------------------------------------------

    def resolve(self) -> list[int]:
        """Fill in the jump distances; return the slot of each instruction."""
        slots = _i.slot_starts(self.insns)
        far = [
            (at, block)
            for at, block in self.jumps
            if not -_REACH - 1 <= slots[self.starts[block]] - slots[at] - 1 <= _REACH
        ]
        if far:
            self.lengthen()
            slots = _i.slot_starts(self.insns)
        for at, block in self.jumps:
            distance = slots[self.starts[block]] - slots[at] - 1
            insn = self.insns[at]
            if insn.opcode == _GOTOL:
                insn.imm = distance
            elif -_REACH - 1 <= distance <= _REACH:
                insn.off = distance
            else:
                raise fail("emit", self.function.name, "jump too far", self.spans[at])
        return slots

    def insert(self, at: int, insns: list[Insn]) -> None:
        """Put instructions before number ``at`` and move everything that refers to later ones.

        A block that starts at ``at`` starts after them.
        """
        n = len(insns)
        self.insns[at:at] = insns
        self.spans[at:at] = [self.spans[max(at - 1, 0)]] * n
        self.jumps = [(i + n if i >= at else i, block) for i, block in self.jumps]
        self.starts = {b: i + n if i >= at else i for b, i in self.starts.items()}
        self.relocs = [(i + n if i >= at else i, *rest) for i, *rest in self.relocs]  # type: ignore[misc]
        self.core = [(i + n if i >= at else i, insn) for i, insn in self.core]
        for block, marks in self.marks.items():
            self.marks[block] = [i + n if i >= at else i for i in marks]

    def lengthen(self) -> None:
        """Make every jump that is or may become too long reach its target."""
        if self.options.mcpu >= 4:
            self._use_gotol()
        else:
            self._use_islands()

    def _use_gotol(self) -> None:
        """Far conditional jumps hop over a ``gotol``; far plain ones become one."""
        margin = 2 * len(self.jumps)
        slots = _i.slot_starts(self.insns)
        far = []
        for at, block in self.jumps:
            if abs(slots[self.starts[block]] - slots[at]) + margin > _REACH:
                if self.insns[at].opcode == _JA:
                    self.insns[at].opcode = _GOTOL
                else:
                    far.append((at, block))
        for at, block in sorted(far, key=lambda jump: -jump[0]):
            # if c goto far  =>  if c goto +1; goto +1; gotol far
            self.jumps.remove((at, block))
            self.insns[at].off = 1
            self.insert(at + 1, [Insn(_JA, off=1), Insn(_GOTOL)])
            self.jumps.append((at + 2, block))

    def _use_islands(self) -> None:
        """Below v4: every so often a bypassed row of jumps onwards, one for each far target."""
        step = _REACH // 2
        while True:
            slots = _i.slot_starts(self.insns)
            far = [
                (at, block)
                for at, block in self.jumps
                if not -_REACH + 64 <= slots[self.starts[block]] - slots[at] - 1 <= _REACH - 64
            ]
            if not far:
                return
            at, block = min(far, key=lambda jump: slots[jump[0]])
            forward = slots[self.starts[block]] > slots[at]
            goal = slots[at] + (step if forward else -step)
            place = next(i for i, slot in enumerate(slots) if slot >= goal)
            island = MBlock("island")
            self.insert(place, [Insn(_JA, off=1), Insn(_JA)])
            at = at + 2 if at >= place else at
            self.starts[island] = place + 1
            slots = _i.slot_starts(self.insns)
            middle = slots[place + 1]
            # All far jumps to this target that reach the island take it.
            for number, (at, other) in enumerate(self.jumps):
                if other is block and abs(middle - slots[at]) < _REACH - 64:
                    distance = slots[self.starts[block]] - slots[at] - 1
                    if not -_REACH + 64 <= distance <= _REACH - 64:
                        self.jumps[number] = (at, island)
            self.jumps.append((place + 1, block))


def emit(function: MFunction, source: Function, options: CodegenOptions) -> model.Function:
    """Return the finished function.

    Requires: blocks in final order, registers and frame offsets set, assembly assembled.
    """
    emitter = _Emitter(function, options)
    emitter.run()
    slots = emitter.resolve()
    out = model.Function(
        source.name,
        source.section,
        emitter.insns,
        linkage=function_linkage(source),
        btf=source.btf,
        stack=function.frame_size,
    )
    out.relocs = [
        model.Reloc(slots[at], kind, symbol, addend) for at, kind, symbol, addend in emitter.relocs
    ]
    for at, insn in emitter.core:
        core = insn.core
        assert core is not None
        out.core.append(model.CoreReloc(slots[at], core.kind, core.btf, core.access))
    slots_of = {b: [slots[i] for i in marks] for b, marks in emitter.marks.items()}
    out.notes = notes.collect(function, slots_of, slots[-1])
    out.lines = _lines(emitter.spans, slots, function.span)
    return out


def _lines(spans: list[Span | None], slots: list[int], first: Span | None) -> list[model.Line]:
    """Return a line entry wherever the C expression changes; the first instruction has one.

    ``p->q`` and ``p->q->r`` begin at the same place: which of them it is, a message wants to know.
    """
    out: list[model.Line] = []
    last: tuple[tuple[str, int, int], int] | None = None
    before: Span | None = None
    for i, span in enumerate(spans):
        if span is None and not i:
            span = first
        if span is None or span is before:
            continue
        before = span
        where = span.position()
        if (where, span.end) == last:
            continue
        last = where, span.end
        outer = span.outermost()
        line = outer.file.line_col(outer.start)[0]
        name, number, column = where
        out.append(model.Line(slots[i], name, number, column, outer.file.line_text(line), span))
    return out
