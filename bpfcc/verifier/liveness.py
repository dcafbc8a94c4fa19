"""Which stack slots may still be read, per chain of calls and instruction.

Instructions leave marks when they are executed: slots that they may read, and slots that they write
whole every time. A data flow analysis over the function turns them into what is alive before each
instruction; a callee's marks on its callers' frames are carried to the call. Pruning ignores slots
that nothing reads any more.

Source: kernel ``kernel/bpf/liveness.c`` (6.18). Earlier kernels kept marks in the states themselves;
that made other states equal now and then, but no other programs safe.
"""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING

from .state import State
from .tnum import U64

if TYPE_CHECKING:
    from .checker import Checker

_Masks = list[int]


class Instance:
    """A function as it is called through one chain of calls. Masks have a bit per stack slot.

    ``read``, ``must`` and ``live`` hold lists per frame of the chain (the own one is the last), one
    mask per instruction; None for a frame that was never touched. ``must`` of the own frame is -1
    where the instruction was not executed yet. ``work``: (frame, instruction) with new marks.
    """

    __slots__ = ("count", "dropped", "live", "must", "own", "read", "seen", "start", "work")

    def __init__(self, start: int, count: int, own: int) -> None:
        self.start = start
        self.count = count
        self.own = own
        self.read: list[_Masks | None] = [None] * (own + 1)
        self.must: list[_Masks | None] = [None] * (own + 1)
        self.live: list[_Masks | None] = [None] * (own + 1)
        self.seen = bytearray(count)
        self.work: list[tuple[int, int]] = []
        self.dropped = False
        self.touch(own)
        self.must[own] = [-1] * count

    def touch(self, frame: int) -> None:
        """Make the lists of ``frame``."""
        if self.read[frame] is None:
            self.read[frame] = [0] * self.count
            self.must[frame] = [0] * self.count
            self.live[frame] = [0] * self.count


def _instance(ck: Checker, state: State, number: int) -> Instance:
    """Return the instance of frame ``number`` of a state."""
    frames = state.frames
    known: Instance | None = frames[number].instance
    if known is not None:
        return known
    sub = frames[number].sub
    key = (*[frame.callsite for frame in frames[1 : number + 1]], -1 - sub)
    found = ck.instances.get(key)
    if found is None:
        part = ck.subject.subs[sub]
        found = ck.instances[key] = Instance(part.start, part.end - part.start, number)
    frames[number].instance = found
    return found


def enter(ck: Checker) -> None:
    """The current frame of the current state changed: marks go to its instance from now on."""
    state = ck.state
    found = _instance(ck, state, len(state.frames) - 1)
    ck.instance = found
    read, must = found.read[found.own], found.must[found.own]
    assert read is not None and must is not None
    ck.own_read = read
    ck.own_must = must


def mark_read(ck: Checker, frame: int, idx: int, mask: int) -> None:
    """Instruction ``idx`` may read the slots of ``mask`` in ``frame``."""
    _read(ck.instance, frame, idx, mask)


def _read(found: Instance, frame: int, idx: int, mask: int) -> None:
    if found.read[frame] is None:
        found.touch(frame)
    reads, live = found.read[frame], found.live[frame]
    assert reads is not None and live is not None
    at = idx - found.start
    new = reads[at] | mask
    if new != reads[at]:
        reads[at] = new
        if new & ~live[at]:
            found.work.append((frame, at))


def mark_written(ck: Checker, frame: int, mask: int) -> None:
    """The current instruction writes whole slots; ``commit`` follows when it is done."""
    ck.writes[frame] = ck.writes.get(frame, 0) | mask


def commit(ck: Checker, idx: int) -> None:
    """Instruction ``idx`` is done: what it wrote this time it must write every time."""
    if ck.writes:
        _commit(ck.instance, idx, ck.writes)
        ck.writes = {}
    elif ck.own_must[idx - ck.instance.start]:
        _commit(ck.instance, idx, ck.writes)


def _commit(found: Instance, idx: int, writes: dict[int, int]) -> None:
    at = idx - found.start
    seen = found.seen[at]
    for frame in range(found.own + 1):
        mask = writes.get(frame, 0)
        if found.must[frame] is None:
            if seen or not mask:
                continue
            found.touch(frame)
        must = found.must[frame]
        assert must is not None
        old = max(must[at], 0)
        if seen:
            mask &= old
        must[at] = mask
        if old != mask:
            found.work.append((frame, at))
            if old & ~mask:
                found.dropped = True
    found.seen[at] = 1


def update(ck: Checker) -> None:
    """Bring all instances of the current chain of calls up to date."""
    state = ck.state
    for number in range(len(state.frames) - 1, -1, -1):
        found = _instance(ck, state, number)
        if found.work:
            _flow(ck, found)
            if number:
                _to_caller(ck, state, number, found)
            found.dropped = False


def _flow(ck: Checker, found: Instance) -> None:
    """Compute what is alive, starting from the instructions with new marks."""
    succs, preds = ck.shape.succs, ck.shape.preds
    start = found.start
    work, found.work = found.work, []
    for frame in range(found.own + 1):
        todo = {at for where, at in work if where == frame}
        read, must, live = found.read[frame], found.must[frame], found.live[frame]
        if not todo or read is None or must is None or live is None:
            continue
        heap = [-at for at in todo]
        heapify(heap)
        while heap:
            at = -heappop(heap)  # the last instruction first: what follows is mostly done then
            todo.discard(at)
            following = succs[start + at]
            if not following:
                continue
            after = 0
            for idx in following:
                after |= live[idx - start]
            kill = must[at]
            before = (after & ~kill if kill > 0 else after) | read[at]
            if before != live[at]:
                live[at] = before
                for idx in preds[start + at]:
                    if idx - start not in todo:
                        todo.add(idx - start)
                        heappush(heap, start - idx)


def _to_caller(ck: Checker, state: State, number: int, found: Instance) -> None:
    """Carry marks on the callers' frames to the call."""
    outer = _instance(ck, state, number - 1)
    site = state.frames[number].callsite
    writes: dict[int, int] = {}
    for frame in range(number):
        live, must = found.live[frame], found.must[frame]
        if live is None or must is None:
            continue
        if any(must):
            writes[frame] = _always_written(ck, found, must)
        _read(outer, frame, site, live[0])
    _commit(outer, site, writes)


def _always_written(ck: Checker, found: Instance, must: _Masks) -> int:
    """Return the slots that every way through the function writes."""
    succs, start = ck.shape.succs, found.start
    done = [0] * found.count
    changed = True
    while changed:
        changed = False
        for at in range(found.count - 1, -1, -1):
            following = succs[start + at]
            if not following:
                continue
            mask = -1
            for idx in following:
                mask &= done[idx - start]
            mask |= must[at]
            if mask != done[at]:
                done[at] = mask
                changed = True
    return done[0] & U64


def alive(ck: Checker, state: State, idx: int) -> list[int]:
    """Return the mask of slots, per frame, that may be read from ``idx`` in ``state`` on."""
    frames = state.frames
    last = len(frames) - 1
    found = [_instance(ck, state, number) for number in range(last + 1)]
    out: list[int] = []
    for frame in range(last + 1):
        own = found[last].live[frame]
        mask = own[idx - found[last].start] if own is not None else 0
        for number in range(frame, last):
            live = found[number].live[frame]
            if live is not None:
                site = frames[number + 1].callsite
                at = site - found[number].start
                mask |= live[at] if ck.shape.calls_callback[site] else live[at + 1]
        out.append(mask)
    return out
