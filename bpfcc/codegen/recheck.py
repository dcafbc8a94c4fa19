"""Proof that a register allocation is right, without knowing how it was made.

Before allocation ``snapshot`` keeps every instruction as it was, on virtual registers. Afterwards
``check`` walks the allocated code with, for each place (machine register or spill slot), the set of
virtual registers whose present value it certainly holds:

    original instruction   each operand's place must hold the operand; the result's place then holds
                           the result and nothing else, and no other place holds it any more
    copy                   additionally the source's names are shared, as values are
    inserted load, store   moves the set between slot and register
    inserted constant      must equal the one definition of a virtual register: holds that
    call                   empties what it destroys

At joins sets are intersected, to a fixed point. Machine registers in the original code are treated
as virtual registers that must be in the place of the same name. Idea: the checker of regalloc2.
"""

from __future__ import annotations

from ..graph.order import rpo
from ..isa import insn as _i
from .masks import members
from .mir import (
    ARG_REGS,
    ASM,
    FIRST_VREG,
    FP,
    AsmBlock,
    AsmOperandReg,
    MBlock,
    MFunction,
    MInsn,
    clobbers,
    defs,
    fail,
    is_rematerialisable,
    uses,
)
from .mirprint import format_minsn

State = dict[int, frozenset[int]]  # place -> names; slots are places from 1000 up
_SLOTS = 1000
_EMPTY: frozenset[int] = frozenset()
_LOAD = _i.LDX | _i.MEM | _i.DW
_STORE = _i.STX | _i.MEM | _i.DW


class Snapshot:
    """The code before allocation, and the constants that may be repeated."""

    __slots__ = ("blocks", "constants")

    def __init__(self, function: MFunction) -> None:
        self.blocks: dict[MBlock, list[MInsn]] = {}
        count: dict[int, int] = {}
        made: dict[int, MInsn] = {}
        for block in function.blocks:
            row = []
            for insn in block.insns:
                original = insn.copy()
                original.orig = None
                if insn.op == ASM:
                    original.extra = _copy_asm(insn.extra)
                insn.orig = original
                row.append(original)
                for reg in members(defs(insn)):
                    count[reg] = count.get(reg, 0) + 1
                    made[reg] = original
            self.blocks[block] = row
        self.constants = {
            reg: insn
            for reg, insn in made.items()
            if count[reg] == 1 and reg >= FIRST_VREG and is_rematerialisable(insn)
        }


def _copy_asm(asm: AsmBlock) -> AsmBlock:
    operands = [
        AsmOperandReg(o.reg, read=o.read, write=o.write, early=o.early) for o in asm.operands
    ]
    return AsmBlock(operands, asm.clobbers, asm.render, asm.labels)


def check(function: MFunction, snapshot: Snapshot) -> None:
    """Prove that ``function`` computes what the snapshot does.

    Requires: allocation changed no block, deleted nothing but definitions of constants, and left
    copies in place.
    Raises: InternalError naming the first instruction whose operand is not where it should be.
    """
    _Checker(function, snapshot).run()


class _Checker:
    def __init__(self, function: MFunction, snapshot: Snapshot) -> None:
        self.function = function
        self.snapshot = snapshot
        self.succs = function.number()
        self.entry: list[State | None] = [None] * len(function.blocks)

    def run(self) -> None:
        for block in self.function.blocks:
            self.check_order(block)
        start: State = {reg: frozenset((reg,)) for reg in ARG_REGS[: self.function.nparams]}
        self.entry[0] = start
        order = rpo(self.succs)
        changed = True
        while changed:
            changed = False
            for index in order:
                into = self.entry[index]
                if into is None:
                    continue
                out = self.walk(self.function.blocks[index], dict(into), report=False)
                for succ in self.succs[index]:
                    changed |= self.join(succ, out)
        for index in order:
            into = self.entry[index]
            if into is not None:
                self.walk(self.function.blocks[index], dict(into), report=True)

    def join(self, index: int, state: State) -> bool:
        have = self.entry[index]
        if have is None:
            self.entry[index] = dict(state)
            return True
        changed = False
        for place in list(have):
            common = have[place] & state.get(place, _EMPTY)
            if common != have[place]:
                changed = True
                if common:
                    have[place] = common
                else:
                    del have[place]
        return changed

    def check_order(self, block: MBlock) -> None:
        """The original instructions are all there, in order, but for constants' definitions."""
        rest = iter(self.snapshot.blocks.get(block, ()))
        for insn in block.insns:
            if insn.orig is None:
                continue
            for original in rest:
                if original is insn.orig:
                    break
                self.check_deleted(block, original)
            else:
                self.wrong(block, insn, "out of order")
        for original in rest:
            self.check_deleted(block, original)

    def check_deleted(self, block: MBlock, original: MInsn) -> None:
        if self.snapshot.constants.get(original.dst) is not original:
            self.wrong(block, original, "deleted")

    def wrong(self, block: MBlock, insn: MInsn, what: str) -> None:
        before = f" (was '{format_minsn(insn.orig)}')" if insn.orig is not None else ""
        raise fail(
            "recheck",
            self.function.name,
            f"block {block.name}: '{format_minsn(insn)}'{before}: {what}",
            insn.span,
        )

    def walk(self, block: MBlock, state: State, *, report: bool) -> State:
        for insn in block.insns:
            if insn.orig is None:
                self.inserted(block, insn, state, report=report)
            else:
                self.original(block, insn, insn.orig, state, report=report)
        return state

    # -- inserted instructions ----------------------------------------------------------------

    def inserted(self, block: MBlock, insn: MInsn, state: State, *, report: bool) -> None:
        slot = insn.frame
        if insn.op == _LOAD and slot is not None and slot.spill and insn.src == FP:
            state[insn.dst] = state.get(_SLOTS + slot.index, _EMPTY)
        elif insn.op == _STORE and slot is not None and slot.spill and insn.dst == FP:
            state[_SLOTS + slot.index] = state.get(insn.src, _EMPTY)
        elif is_rematerialisable(insn):
            state[insn.dst] = frozenset(
                reg for reg, made in self.snapshot.constants.items() if _same(made, insn)
            )
        elif report:
            self.wrong(block, insn, "inserted for no reason that this check knows")

    # -- original instructions ----------------------------------------------------------------

    def original(
        self, block: MBlock, insn: MInsn, was: MInsn, state: State, *, report: bool
    ) -> None:
        pairs = _pairs(insn, was)
        if report:
            self.check_operands(block, insn, was, pairs, state)
        if was.is_copy:
            names = state.get(insn.src, _EMPTY) - {was.dst}
            _forget(state, was.dst)
            state[insn.dst] = names | {was.dst}
            return
        for reg in members(clobbers(was)):
            _forget(state, reg)
            state.pop(reg, None)
        places = dict(pairs)
        written = members(defs(was))
        for reg in written:
            _forget(state, reg)
        for reg in written:
            state[places.get(reg, reg)] = frozenset((reg,))

    def check_operands(
        self,
        block: MBlock,
        insn: MInsn,
        was: MInsn,
        pairs: list[tuple[int, int]],
        state: State,
    ) -> None:
        if (insn.op, insn.imm, insn.off, insn.sym) != (was.op, was.imm, was.off, was.sym):
            self.wrong(block, insn, "changed")
        places = dict(pairs)
        for reg, place in pairs:
            if reg < FIRST_VREG and reg != place:
                self.wrong(block, insn, f"r{reg} became r{place}")
            if not 0 <= place <= FP:
                self.wrong(block, insn, f"v{reg} got no register")
            if places[reg] != place:
                self.wrong(block, insn, f"v{reg} is in two places")
        for reg in members(uses(was)):
            place = places.get(reg, reg)
            if reg not in state.get(place, _EMPTY):
                self.wrong(block, insn, f"r{place} does not hold {'v' if reg > 15 else 'r'}{reg}")
        if insn.op == ASM:
            self.check_asm(block, insn, was)

    def check_asm(self, block: MBlock, insn: MInsn, was: MInsn) -> None:
        """Results are in different registers, outside the clobbers, early ones off the inputs."""
        taken: dict[int, int] = {}
        for operand, name in zip(insn.extra.operands, was.extra.operands):
            if insn.extra.clobbers >> operand.reg & 1:
                self.wrong(block, insn, f"operand in clobbered r{operand.reg}")
            if operand.write:
                if taken.setdefault(operand.reg, name.reg) != name.reg:
                    self.wrong(block, insn, f"two results in r{operand.reg}")
            if operand.write and (operand.early or operand.read):
                for other, other_name in zip(insn.extra.operands, was.extra.operands):
                    if other.read and other.reg == operand.reg and other_name.reg != name.reg:
                        self.wrong(block, insn, f"r{operand.reg} is written before it is read")


def _pairs(insn: MInsn, was: MInsn) -> list[tuple[int, int]]:
    """Return (name, place) for each register field."""
    pairs = []
    if was.dst >= 0 and was.dst != FP:
        pairs.append((was.dst, insn.dst))
    if was.src >= 0 and was.src != FP:
        pairs.append((was.src, insn.src))
    if was.op == ASM:
        pairs += [(a.reg, b.reg) for a, b in zip(was.extra.operands, insn.extra.operands)]
    return pairs


def _same(a: MInsn, b: MInsn) -> bool:
    return (a.op, a.imm, a.off, a.sym) == (b.op, b.imm, b.off, b.sym) and a.frame is b.frame


def _forget(state: State, reg: int) -> None:
    """No place holds ``reg`` any longer."""
    for place, names in list(state.items()):
        if reg in names:
            rest = names - {reg}
            if rest:
                state[place] = rest
            else:
                del state[place]
