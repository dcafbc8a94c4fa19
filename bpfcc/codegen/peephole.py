"""Small improvements of allocated code: moves that do nothing, values that are already there."""

from __future__ import annotations

from ..graph.order import rpo
from ..isa import insn as _i
from .layout import thread_jumps
from .liveness import Liveness, remove_dead
from .mir import (
    FP,
    LD_IMM64,
    LEA,
    MOV32_IMM,
    MOV64,
    MOV64_IMM,
    MBlock,
    MFunction,
    MInsn,
    clobbers,
    defs,
)
from .options import CodegenOptions
from .tails import merge_tails

_LOAD = _i.LDX | _i.MEM | _i.DW
_STORE = _i.STX | _i.MEM | _i.DW
_SLOTS = 1000

_Value = object
_State = dict[int, _Value]  # register, or spill slot from _SLOTS up -> what it holds


def run(function: MFunction, options: CodegenOptions) -> None:
    """Improve ``function`` in place.

    Requires: registers are machine registers.
    Ensures: blocks are numbered, none is unreachable.
    """
    for block in function.blocks:
        block.insns = _without(block.insns, [i.is_copy and i.dst == i.src for i in block.insns])
    thread_jumps(function)
    if not options.opt_level:
        return
    _Values(function).run()
    remove_dead(function, Liveness(function))
    merge_tails(function)


def _without(insns: list[MInsn], drop: list[bool]) -> list[MInsn]:
    """Return ``insns`` but for some; the variables that those named are noted at the next one."""
    kept = []
    renames: tuple[tuple[int, str], ...] = ()
    for insn, dropped in zip(insns, drop):
        if dropped:
            renames += insn.renames
            if insn.name:
                renames += ((insn.dst, insn.name),)
            continue
        if renames:
            insn.renames = renames + insn.renames
            renames = ()
        kept.append(insn)
    return kept


class _Values:
    """Forward walk that knows what registers and spill slots hold, and drops what is a repetition.

    A value is a constant's key, or the instruction that made it. At a join both sides must agree;
    at a loop's entry nothing is known.
    """

    def __init__(self, function: MFunction) -> None:
        self.function = function
        self.succs = function.number()
        self.out: list[_State | None] = [None] * len(function.blocks)

    def run(self) -> None:
        for index in rpo(self.succs):
            block = self.function.blocks[index]
            state = self.entry(block)
            drop = [self.step(insn, state) for insn in block.insns]
            if any(drop):
                block.insns = _without(block.insns, drop)
            self.out[index] = state

    def entry(self, block: MBlock) -> _State:
        states = [self.out[pred.index] for pred in block.preds]
        if not states or any(state is None for state in states):
            return {}
        first, *rest = states
        assert first is not None
        if not rest:
            return dict(first)
        return {
            place: value
            for place, value in first.items()
            if all(state is not None and state.get(place) == value for state in rest)
        }

    def step(self, insn: MInsn, state: _State) -> bool:
        """Update ``state`` by ``insn``; return whether it changes nothing and can go."""
        op = insn.op
        if insn.is_copy:
            return self.give(insn.dst, state.setdefault(insn.src, object()), state)
        if op in (MOV64_IMM, MOV32_IMM, LD_IMM64, LEA) and insn.core is None:
            return self.constant(insn, state)
        slot = insn.frame
        if slot is not None and slot.spill:
            place = _SLOTS + slot.index
            if op == _LOAD and insn.src == FP:
                return self.give(insn.dst, state.setdefault(place, insn), state)
            if op == _STORE and insn.dst == FP:
                return self.give(place, state.setdefault(insn.src, object()), state)
        written = defs(insn) | clobbers(insn)
        while written:
            low = written & -written
            written ^= low
            state[low.bit_length() - 1] = object()
        return False

    @staticmethod
    def give(place: int, value: _Value, state: _State) -> bool:
        if state.get(place) == value:
            return True
        state[place] = value
        return False

    def constant(self, insn: MInsn, state: _State) -> bool:
        key: tuple[object, ...]
        if insn.op == LEA:
            key = ("frame", insn.frame, insn.off)
        elif insn.sym:
            key = ("symbol", insn.sym, insn.imm)
        else:
            mask = (1 << 32) - 1 if insn.op == MOV32_IMM else (1 << 64) - 1
            key = ("number", insn.imm & mask)
        if self.give(insn.dst, key, state):
            return True
        if insn.op in (LD_IMM64, LEA):
            # Another register has it: a move is half as long.
            for reg in range(10):
                if reg != insn.dst and state.get(reg) == key:
                    insn.op, insn.src, insn.imm, insn.sym, insn.off = MOV64, reg, 0, "", 0
                    insn.frame = None
                    break
        return False
