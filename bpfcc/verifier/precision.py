"""Precision: which scalars' exact values mattered on a path, traced backwards.

A checkpoint may stand for a state whose scalar differs, unless the value was needed for safety
(an offset, a size, a branch that was decided by it). When a value is needed, its origins are marked
precise in all checkpoints of the path.
Source: kernel ``__mark_chain_precision`` and ``backtrack_insn``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..isa import insn as isa
from ..isa.insn import Insn
from .cfg import callee
from .regs import SCALAR, Reg
from .state import ACCESS, Checkpoint, Entry, Slot, State

if TYPE_CHECKING:
    from .checker import Checker

_ARGS = 0b111110
_SLOTS = 1 << 11  # some stack slot is wanted
_ALWAYS = 1 << 12


def codes(insns: list[Insn]) -> list[int]:
    """Return per instruction when tracing back must look at it, as a mask.

    It holds the registers of which one must be wanted, or ``_SLOTS``, or ``_ALWAYS``.
    """
    out = []
    for insn in insns:
        klass = insn.opcode & 7
        op = insn.opcode & 0xF0
        dst = 1 << insn.dst
        if klass in (isa.ALU, isa.ALU64):
            same = op in (isa.END, isa.NEG) or (op != isa.MOV and not insn.opcode & isa.X)
            out.append(0 if same else dst)
        elif klass == isa.LDX or insn.opcode == isa.LD_IMM64:
            out.append(dst)
        elif klass in (isa.JMP, isa.JMP32) and op not in (isa.CALL, isa.EXIT):
            plain = op in (isa.JA, isa.JCOND) or not insn.opcode & isa.X
            out.append(0 if plain else dst | 1 << insn.src)
        elif klass == isa.ST or (klass == isa.STX and insn.opcode & 0xE0 != isa.ATOMIC):
            out.append(_SLOTS | dst)
        else:
            out.append(_ALWAYS)
    return out


class _GiveUp(Exception):
    """The trace met something it cannot follow: mark everything."""


class _Trace:
    """Registers and slots that are still wanted, per frame."""

    __slots__ = ("frame", "regs", "slots")

    def __init__(self, frame: int) -> None:
        self.frame = frame
        self.regs = [0] * (frame + 1)
        self.slots = [0] * (frame + 1)

    def empty(self) -> bool:
        """Tell whether nothing is wanted any more."""
        for mask in self.regs:
            if mask:
                return False
        for mask in self.slots:
            if mask:
                return False
        return True

    def interest(self) -> int:
        """Return what concerns this, as a mask of the kind that ``codes`` gives."""
        mask = self.regs[self.frame] | _ALWAYS
        for slots in self.slots:
            if slots:
                return mask | _SLOTS
        return mask

    def enter(self) -> None:
        """Go into the frame of a function that returned here."""
        self.frame += 1
        if self.frame >= 8:
            raise _GiveUp
        while len(self.regs) <= self.frame:
            self.regs.append(0)
            self.slots.append(0)
        self.regs[self.frame] = 0
        self.slots[self.frame] = 0

    def leave(self) -> None:
        """Go out of the frame to its caller."""
        if self.frame == 0:
            raise _GiveUp
        self.regs[self.frame] = 0
        self.slots[self.frame] = 0
        self.frame -= 1


def mark(ck: Checker, number: int, idx: int) -> None:
    """Register ``number`` must be known exactly at instruction ``idx``, on this path."""
    state = ck.state
    if state.parent is None or not ck.capable:
        return
    trace = _Trace(len(state.frames) - 1)
    trace.regs[trace.frame] = 1 << number
    chain(ck, state, trace, idx)


def mark_pair(ck: Checker, a: int, b: int, idx: int) -> None:
    """Registers ``a`` and ``b``, where they hold numbers, must be known exactly at ``idx``."""
    state = ck.state
    if state.parent is None or not ck.capable:
        return
    registers = ck.frame.regs
    wanted = 0
    for number in (a, b):
        if registers[number].t == SCALAR:
            wanted |= 1 << number
    if wanted:
        trace = _Trace(len(state.frames) - 1)
        trace.regs[trace.frame] = wanted
        chain(ck, state, trace, idx)


def chain(ck: Checker, state: State, trace: _Trace, idx: int) -> bool:
    """Trace back what is wanted before instruction ``idx``, the current one of ``state``.

    Returns whether any mark is new.
    """
    changed = False
    current = state
    last = idx
    subseq = -1
    skip = True
    while True:
        try:
            if _segment(ck, current, trace, last, subseq, skip):
                return changed
        except _GiveUp:
            _mark_everything(state)
            return True
        skip = False
        point = current.parent
        if point is None:
            if any(trace.slots) or any(mask & ~_ARGS for mask in trace.regs):
                _mark_everything(state)
            return changed
        if _mark_point(point, trace):
            changed = True
        if trace.empty():
            return changed
        subseq = current.first
        current = point.state
        last = current.prev


def _segment(ck: Checker, state: State, trace: _Trace, idx: int, subseq: int, skip: bool) -> bool:
    """Walk from instruction ``idx`` back to where the segment began; True when all is found.

    ``skip``: ``idx`` itself is not done yet.
    """
    history = state.history
    codes = ck.shape.codes
    count = len(history)
    first = state.first
    done = state.done
    if idx < 0:
        return False
    interest = trace.interest()
    while True:
        if not skip:
            # Pass over instructions that no entry speaks of and that concern nothing wanted.
            stop = history[count - 1][0] if count else first
            at = idx
            while at > stop and not codes[at] & interest:
                at -= 1
            if at != idx:
                subseq = at + 1
                idx = at
        # Entries of this instruction that say more than where control came from.
        access: Entry | None = None
        linked: Entry | None = None
        while count and history[count - 1][0] == idx and history[count - 1][1] < -1:
            entry = history[count - 1]
            if entry[1] == ACCESS:
                access = entry
            else:
                linked = entry
            count -= 1
        if skip:
            skip = False
        else:
            if linked is not None:
                _sync_linked(trace, linked)
                interest = trace.interest()
            if codes[idx] & interest:
                _step(ck, trace, idx, subseq, access)
                if trace.empty():
                    return True
                interest = trace.interest()
            if linked is not None:
                _sync_linked(trace, linked)
                interest = trace.interest()
        jumped = bool(count) and history[count - 1][0] == idx
        if idx == first and (not count or (count == 1 and jumped)):
            return False
        subseq = idx
        if not jumped:
            idx -= 1
            if idx < 0:
                return False
            continue
        count -= 1
        idx = history[count][1]
        if idx < 0:
            return False
        seen = done.get(count)
        if seen is None:
            done[count] = (trace.regs[:], trace.slots[:])
        elif _covered(trace, seen):
            return True
        elif len(seen[0]) == len(trace.regs):
            for i, mask in enumerate(trace.regs):
                seen[0][i] |= mask
                seen[1][i] |= trace.slots[i]


def _covered(trace: _Trace, seen: tuple[list[int], list[int]]) -> bool:
    """Tell whether all that is wanted now was wanted at this place before."""
    regs, slots = seen
    if len(regs) != len(trace.regs):
        return False
    for i, mask in enumerate(trace.regs):
        if mask & ~regs[i] or trace.slots[i] & ~slots[i]:
            return False
    return True


def _sync_linked(trace: _Trace, entry: Entry) -> None:
    """If one of several linked registers is wanted, all are."""
    some = False
    for packed in entry[2:]:
        frame, is_slot, which = packed >> 16, packed >> 8 & 1, packed & 0xFF
        if frame < len(trace.regs):
            mask = trace.slots[frame] if is_slot else trace.regs[frame]
            if mask >> which & 1:
                some = True
                break
    if not some:
        return
    for packed in entry[2:]:
        frame, is_slot, which = packed >> 16, packed >> 8 & 1, packed & 0xFF
        if frame < len(trace.regs):
            if is_slot:
                trace.slots[frame] |= 1 << which
            else:
                trace.regs[frame] |= 1 << which


def _step(ck: Checker, trace: _Trace, idx: int, subseq: int, access: Entry | None) -> None:
    """Undo one instruction: what must be known before it for what is wanted after it."""
    insn = ck.insns[idx]
    klass = insn.opcode & 7
    frame = trace.frame
    wanted = trace.regs[frame]
    dst, src = 1 << insn.dst, 1 << insn.src
    if klass in (isa.ALU, isa.ALU64):
        if not wanted & dst:
            return
        op = insn.opcode & 0xF0
        if op in (isa.END, isa.NEG):
            return
        if op == isa.MOV:
            wanted &= ~dst
        if insn.opcode & isa.X and insn.src != 10:
            wanted |= src
        trace.regs[frame] = wanted
        return
    atomic = klass == isa.STX and insn.opcode & 0xE0 == isa.ATOMIC
    if klass == isa.LDX or (atomic and insn.imm & (isa.FETCH | 0x100)):
        target = dst
        base = insn.src
        if atomic:
            target = 1 if insn.imm == isa.CMPXCHG else src
            base = insn.dst
            if insn.imm == isa.LOAD_ACQ:
                target, base = dst, insn.src
        if not wanted & target:
            return
        trace.regs[frame] = wanted & ~target
        spot = _spot(insn.off, base, frame, access)
        if spot is not None:
            trace.slots[spot[0]] |= 1 << spot[1]
        return
    if klass in (isa.ST, isa.STX):
        if wanted & dst:
            raise _GiveUp
        spot = _spot(insn.off, insn.dst, frame, access)
        if spot is None or atomic or not trace.slots[spot[0]] >> spot[1] & 1:
            return
        trace.slots[spot[0]] &= ~(1 << spot[1])
        if klass == isa.STX:
            trace.regs[frame] |= src
        return
    if klass == isa.LD:
        if not wanted & dst:
            return
        trace.regs[frame] = wanted & ~dst
        if insn.opcode != isa.LD_IMM64:
            raise _GiveUp
        return
    _step_jump(ck, trace, idx, subseq)


def _spot(off: int, base: int, frame: int, access: Entry | None) -> tuple[int, int] | None:
    """Return (frame, slot) of a spill or fill; None when it was none."""
    if access is not None:
        return access[2], access[3]
    if base == 10 and off < 0 and off % 8 == 0:
        return frame, (-off - 1) >> 3
    return None


def _step_jump(ck: Checker, trace: _Trace, idx: int, subseq: int) -> None:
    insn = ck.insns[idx]
    op = insn.opcode & 0xF0
    frame = trace.frame
    wanted = trace.regs[frame]
    if op == isa.CALL:
        if insn.src == isa.PSEUDO_CALL:
            sub = ck.subject.sub_at(callee(ck.subject, idx))
            if sub.globl and subseq == idx + 1:
                trace.regs[frame] = wanted & ~1
                return
            # Into the caller: only arguments can still be wanted.
            args = wanted & _ARGS
            trace.leave()
            trace.regs[trace.frame] |= args
            return
        if ck.shape.calls_callback[idx] and subseq != idx + 1:
            trace.leave()
            return
        trace.regs[frame] = wanted & ~(1 | _ARGS)
        return
    if op == isa.EXIT:
        if subseq >= 0:
            returned = subseq - 1
            plain = (
                returned >= 0
                and ck.insns[returned].opcode == isa.JMP | isa.CALL
                and ck.insns[returned].src == isa.PSEUDO_CALL
            )
            r0 = plain and wanted & 1
            trace.regs[frame] = wanted & ~(1 | _ARGS)
            trace.enter()
            if r0:
                trace.regs[trace.frame] |= 1
        return
    if op in (isa.JA, isa.JCOND):
        return
    if insn.opcode & isa.X:
        dst, src = 1 << insn.dst, 1 << insn.src
        if wanted & (dst | src):
            if insn.dst != 10:
                wanted |= dst
            if insn.src != 10:
                wanted |= src
            trace.regs[frame] = wanted


def _mark_point(point: Checkpoint, trace: _Trace) -> bool:
    """Mark what is wanted in a checkpoint; what was marked before is found."""
    frames = point.state.frames
    changed = False
    for number, frame in enumerate(frames):
        if number >= len(trace.regs):
            break
        wanted = trace.regs[number]
        if wanted:
            wanted &= ~point.precise_regs[number]
            left = wanted
            while left:
                i = left.bit_length() - 1
                left ^= 1 << i
                if frame.regs[i].t != SCALAR:
                    wanted ^= 1 << i
            if wanted:
                point.precise_regs[number] |= wanted
                changed = True
            trace.regs[number] = wanted
        slots = trace.slots[number]
        if slots:
            left = 0
            slots &= (1 << len(frame.stack)) - 1 & ~point.precise_slots[number]
            while slots:
                spi = slots.bit_length() - 1
                slots ^= 1 << spi
                item = frame.stack[spi]
                reg = item.reg if type(item) is Slot else item
                if type(reg) is Reg and reg.t == SCALAR:
                    left |= 1 << spi
            if left:
                point.precise_slots[number] |= left
                changed = True
            trace.slots[number] = left
    for number in range(len(frames), len(trace.regs)):
        trace.regs[number] = trace.slots[number] = 0
    return changed


def _mark_everything(state: State) -> None:
    """Give up tracing: every scalar of every checkpoint on the path is precise."""
    point = state.parent
    while point is not None:
        count = len(point.precise_regs)
        point.precise_regs = [0x3FF] * count
        point.precise_slots = [(1 << 64) - 1] * count
        point = point.parent


def propagate(ck: Checker, old: Checkpoint, state: State) -> bool:
    """``state`` is covered by ``old``: what mattered there matters on this path too."""
    trace = _Trace(len(old.state.frames) - 1)
    for number, frame in enumerate(old.state.frames):
        wanted = old.precise_regs[number]
        if wanted:
            mask = 0
            for i in range(10):
                if wanted >> i & 1 and frame.regs[i].t == SCALAR:
                    mask |= 1 << i
            trace.regs[number] = mask
        trace.slots[number] = old.precise_slots[number] & (1 << len(frame.stack)) - 1
    if trace.empty():
        return False
    return chain(ck, state, trace, state.idx)


def mark_slot(ck: Checker, frame: int, spi: int) -> None:
    """The value spilled in stack slot ``spi`` of ``frame`` must be known exactly here."""
    state = ck.state
    if state.parent is None or not ck.capable:
        return
    trace = _Trace(len(state.frames) - 1)
    trace.slots[frame] = 1 << spi
    chain(ck, state, trace, ck.at)
