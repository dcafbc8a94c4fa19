"""Remembering states and recognising ones that are already covered.

Source: kernel ``is_state_visited``, ``states_equal``, ``regsafe``, ``stacksafe``,
``propagate_backedges``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import bounds, liveness, precision, regs
from .regs import ADD_CONST, ARENA, BASE, NOT_INIT, PKT, PKT_META, SCALAR, Reg
from .stack import kinds_of
from .state import (
    DYNPTR,
    INVALID,
    IRQ,
    ITER,
    MISC,
    MISC_SLOT,
    SPILL,
    SPILL_KINDS,
    ZERO,
    Checkpoint,
    Frame,
    Slot,
    Special,
    State,
)

if TYPE_CHECKING:
    from .checker import Checker

NOT_EXACT, EXACT, RANGE = range(3)
_RANGED = frozenset({regs.MAP_KEY, regs.MAP_VALUE, regs.MEM, regs.BUF, regs.TP_BUFFER})


class Visit:
    """One run through a loop whose turns converge: where it was entered, who came back."""

    __slots__ = ("backedges", "entry")

    def __init__(self) -> None:
        self.entry: Checkpoint | None = None
        self.backedges: list[tuple[State, Checkpoint]] = []


class _Ids:
    """Which id of the old state stands for which of the new one."""

    __slots__ = ("back", "fresh", "pairs")

    def __init__(self, start: int) -> None:
        self.pairs: dict[int, int] | None = None  # old -> new; made when the first pair is seen
        self.back: set[int] = _NOTHING
        self.fresh = start

    def same(self, old: int, cur: int) -> bool:
        """Tell whether the two may stand for each other; remember the pair."""
        if not old or not cur:
            return old == cur
        if self.pairs is None:
            self.pairs = {old: cur}
            self.back = {cur}
            return True
        known = self.pairs.get(old)
        if known is not None:
            return known == cur
        if cur in self.back:
            return False
        self.pairs[old] = cur
        self.back.add(cur)
        return True

    def same_scalar(self, old: int, cur: int) -> bool:
        """The same for scalars, where no id stands for an id of its own."""
        if not old:
            if not cur:
                return True
            self.fresh += 1
            old = self.fresh
        elif not cur:
            self.fresh += 1
            cur = self.fresh
        return self.same(old, cur)


_NOTHING: set[int] = set()


class Place:
    """The checkpoints of one instruction: all, and those whose slots are not settled yet."""

    __slots__ = ("points", "unsettled")

    def __init__(self) -> None:
        self.points: list[Checkpoint] = []
        self.unsettled: list[Checkpoint] = []


def _exact(old: Reg, cur: Reg, ids: _Ids) -> bool:
    if old is not cur and not (
        old.t == cur.t
        and old.off == cur.off
        and old.x == cur.x
        and old.y == cur.y
        and (old.v is cur.v or old.v.key() == cur.v.key())
    ):
        return False
    return ids.same(old.id, cur.id) and ids.same(old.ref, cur.ref)


def _reg_safe(ck: Checker, old: Reg, cur: Reg, precise: bool, ids: _Ids, level: int) -> bool:
    if level == EXACT:
        return _exact(old, cur, ids)
    t = old.t
    if t == NOT_INIT and (level == NOT_EXACT or cur.t == NOT_INIT):
        return True
    if t != cur.t:
        return False
    if t == SCALAR:
        if ck.strict_scalars:
            same = old.off == cur.off and (old.v is cur.v or old.v.key() == cur.v.key())
            return same and ids.same_scalar(old.id, cur.id)
        if not precise and level == NOT_EXACT:
            return True
        if (old.id ^ cur.id) & ADD_CONST:
            return False
        if old.id & ADD_CONST and old.off != cur.off:
            return False
        return (old.v is cur.v or bounds.within(old.v, cur.v)) and ids.same_scalar(old.id, cur.id)
    base = t & BASE
    if base in _RANGED:
        return (
            old.off == cur.off
            and old.x == cur.x
            and old.y == cur.y
            and (old.v is cur.v or bounds.within(old.v, cur.v))
            and ids.same(old.id, cur.id)
            and ids.same(old.ref, cur.ref)
        )
    if base in (PKT, PKT_META):
        return (
            old.x <= cur.x
            and old.off == cur.off
            and ids.same(old.id, cur.id)
            and (old.v is cur.v or bounds.within(old.v, cur.v))
        )
    if base == ARENA:
        return True
    return _exact(old, cur, ids)


def _scalar_view(ck: Checker, item: Reg | Slot | None) -> Reg | None:
    """Return the 64-bit scalar that a load of the slot would give, if it is one."""
    if item.__class__ is Reg:
        return item if item.t == SCALAR else None
    for kind in kinds_of(item):
        if kind != MISC and not (kind == INVALID and ck.uninit_stack):
            return None
    return regs.ANY


def _stack_safe(
    ck: Checker, old: Frame, cur: Frame, precise: int, live: int, ids: _Ids, level: int
) -> bool:
    current = cur.stack
    count = len(current)
    for spi, item in enumerate(old.stack):
        if not live >> spi & 1:
            item = None  # nothing reads it any more
        if level == NOT_EXACT and item is None:
            continue
        if level != NOT_EXACT and spi >= count:
            return False
        here = current[spi] if spi < count else None
        if item is here and (item.__class__ is not Reg or not (item.id or item.ref)):
            if item.__class__ is not Slot or item.reg is None:
                continue
        if item is MISC_SLOT and ck.uninit_stack and level == NOT_EXACT:
            continue
        if level != NOT_EXACT:
            if item is None and here is None:
                continue
            if kinds_of(item) != kinds_of(here):
                return False
        if not _slot_safe(ck, item, here, precise >> spi & 1, ids, level):
            return False
    return True


_mattering: dict[tuple[bytes, bool], tuple[int, ...]] = {}


def _matters(kinds: bytes, uninit: bool) -> tuple[int, ...]:
    """Return the bytes of an old slot that a new one must match."""
    found = _mattering.get((kinds, uninit))
    if found is None:
        found = _mattering[kinds, uninit] = tuple(
            i for i in range(8) if kinds[i] != INVALID and not (kinds[i] == MISC and uninit)
        )
    return found


def _slot_safe(
    ck: Checker, item: Reg | Slot | None, here: Reg | Slot | None, precise: int, ids: _Ids,
    level: int,
) -> bool:  # fmt: skip
    if item.__class__ is Reg and here.__class__ is Reg:
        return _reg_safe(ck, item, here, bool(precise), ids, level)
    kinds = kinds_of(item)
    matters = _matters(kinds, ck.uninit_stack)
    if not matters:
        return True
    current = kinds_of(here)
    old_scalar = _scalar_view(ck, item)
    cur_scalar = _scalar_view(ck, here)
    if old_scalar is not None and cur_scalar is not None:
        return _reg_safe(ck, old_scalar, cur_scalar, bool(precise), ids, level)
    for i in matters:
        if kinds[i] == current[i] or (kinds[i] == MISC and current[i] == ZERO):
            continue
        return False
    first = kinds[0]
    if first == SPILL and current[0] == SPILL:
        a = item.reg if isinstance(item, Slot) else item
        b = here.reg if isinstance(here, Slot) else here
        assert isinstance(a, Reg) and isinstance(b, Reg)
        return _reg_safe(ck, a, b, bool(precise), ids, level)
    if first in (DYNPTR, ITER, IRQ):
        x = item.reg if isinstance(item, Slot) else None
        y = here.reg if isinstance(here, Slot) else None
        assert isinstance(x, Special) and isinstance(y, Special)
        return (
            x.kind == y.kind
            and x.first == y.first
            and x.state == y.state
            and ids.same(x.ref, y.ref)
        )
    return True


def same_callers(a: State, b: State) -> bool:
    """Tell whether two states are in the same chain of calls."""
    if len(a.frames) != len(b.frames):
        return False
    for x, y in zip(a.frames, b.frames):
        if x.callsite != y.callsite:
            return False
    return True


def covered(ck: Checker, point: Checkpoint, cur: State, level: int) -> bool:
    """Tell whether all that may happen from ``cur`` may happen from ``point``."""
    old = point.state
    if len(old.frames) != len(cur.frames) or old.sleepable != cur.sleepable:
        return False
    if old.speculative and not cur.speculative:
        return False
    ids = _Ids(ck.ids)
    if old.refs or cur.refs or old.locks != cur.locks:
        if len(old.refs) != len(cur.refs) or old.locks != cur.locks:
            return False
        if not ids.same(old.lock_id, cur.lock_id) or old.lock_obj is not cur.lock_obj:
            return False
        for a, b in zip(old.refs, cur.refs):
            if a[0] != b[0] or a[3] is not b[3] or not ids.same(a[1], b[1]):
                return False
    if old.preempt != cur.preempt or old.rcu != cur.rcu:
        return False
    if not ids.same(old.irq_id, cur.irq_id):
        return False
    for number, frame in enumerate(old.frames):
        here = cur.frames[number]
        if frame.callsite != here.callsite or frame.callback_depth > here.callback_depth:
            return False
    if level == NOT_EXACT and ck.speculative_checks:
        return _covered_strictly(ck, point, cur, ids)
    if level == NOT_EXACT:
        if point.plan is None:
            point.plan = _plan(ck, point)
        return _follows(ck, point.plan, cur, ids)
    return _all_covered(ck, point, cur, ids, level)


def _all_covered(ck: Checker, point: Checkpoint, cur: State, ids: _Ids, level: int) -> bool:
    """Compare everything, for checkpoints whose marks are not final."""
    old = point.state
    last = len(old.frames) - 1
    for number, frame in enumerate(old.frames):
        here = cur.frames[number]
        idx = point.idx if number == last else old.frames[number + 1].callsite
        live = ck.shape.live[idx]
        for i in range(10):
            if live >> i & 1:
                a, b = frame.regs[i], here.regs[i]
                if a is b and not a.id and not a.ref:
                    continue
                if not _reg_safe(ck, a, b, True, ids, level):
                    return False
        alive = -1 if point.alive is None else point.alive[number]
        if not _stack_safe(ck, frame, here, -1, alive, ids, level):
            return False
    return True


def _covered_strictly(ck: Checker, point: Checkpoint, cur: State, ids: _Ids) -> bool:
    """Compare with a finished checkpoint where ``strict_scalars`` may hold."""
    alive = point.alive
    assert alive is not None
    old = point.state
    last = len(old.frames) - 1
    for number, frame in enumerate(old.frames):
        here = cur.frames[number]
        idx = point.idx if number == last else old.frames[number + 1].callsite
        live = ck.shape.live[idx]
        precise = point.precise_regs[number]
        for i in range(10):
            if live >> i & 1 and not _reg_safe(
                ck, frame.regs[i], here.regs[i], bool(precise >> i & 1), ids, NOT_EXACT
            ):
                return False
        slots = point.precise_slots[number]
        if not _stack_safe(ck, frame, here, slots, alive[number], ids, NOT_EXACT):
            return False
    return True


# What of a finished checkpoint must be compared, one entry each: (frame, which, index, contents,
# precise). What made the last comparison fail comes first: most comparisons fail.
_KIND, _REG, _SLOT = range(3)  # a register of which only the kind matters; a register; a slot
_Entry = tuple[int, int, int, "Reg | Slot", int]
_Plan = list[_Entry]


def _plan(ck: Checker, point: Checkpoint) -> _Plan:
    old = point.state
    last = len(old.frames) - 1
    plan: _Plan = []
    alive = point.alive
    assert alive is not None
    for number, frame in enumerate(old.frames):
        idx = point.idx if number == last else old.frames[number + 1].callsite
        live = ck.shape.live[idx]
        precise = point.precise_regs[number] if ck.capable else 0x3FF
        for i in range(10):
            reg = frame.regs[i]
            if not live >> i & 1 or reg.t == NOT_INIT:
                continue
            which = _KIND if reg.t == SCALAR and not precise >> i & 1 else _REG
            plan.append((number, which, i, reg, 1))
        read = alive[number] & (1 << len(frame.stack)) - 1
        marks = point.precise_slots[number] if ck.capable else -1
        while read:
            spi = read.bit_length() - 1
            read ^= 1 << spi
            item = frame.stack[spi]
            if item is None:
                continue
            if item.__class__ is Reg or _matters(kinds_of(item), ck.uninit_stack):
                plan.append((number, _SLOT, spi, item, marks >> spi & 1))
    return plan


def _matches(ck: Checker, entry: _Entry, frames: list[Frame], ids: _Ids | None) -> bool:
    number, which, i, old, precise = entry
    frame = frames[number]
    if ids is None:
        ids = _Ids(ck.ids)
    if which == _KIND:
        return frame.regs[i].t == SCALAR
    if which == _REG:
        reg = frame.regs[i]
        if reg is old and not reg.id and not reg.ref:
            return True
        return _reg_safe(ck, old, reg, True, ids, NOT_EXACT)  # type: ignore[arg-type]
    stack = frame.stack
    here = stack[i] if i < len(stack) else None
    if here is old and here.__class__ is Reg and not (here.id or here.ref):
        return True
    return _slot_safe(ck, old, here, precise, ids, NOT_EXACT)


def _follows(ck: Checker, plan: _Plan, cur: State, ids: _Ids) -> bool:
    """Compare ``cur`` with the plan of a finished checkpoint."""
    frames = cur.frames
    for at, entry in enumerate(plan):
        if not _matches(ck, entry, frames, ids):
            if at:
                plan.insert(0, plan.pop(at))
            return False
    return True


def _maybe_looping(point: Checkpoint, cur: State) -> bool:
    """Tell whether the registers are those of the checkpoint.

    What differed last is looked at first: of a loop's registers it is always the same one.
    """
    old, new = point.state.frames[-1].regs, cur.frames[-1].regs
    if _differ(old[point.differs], new[point.differs]):
        return False
    for i in range(11):
        if old[i] is not new[i] and _differ(old[i], new[i]):
            point.differs = i
            return False
    return True


def _differ(a: Reg, b: Reg) -> bool:
    if a is b:
        return False
    if a.v is not b.v and (a.v.v != b.v.v or a.v.m != b.v.m or a.v.key() != b.v.key()):
        return True
    return a.t != b.t or a.off != b.off or a.id != b.id or a.ref != b.ref or a.x != b.x


def _iterators_moved(old: State, cur: State) -> bool:
    """Tell whether an active open-coded iterator made progress between the two states."""
    for number, frame in enumerate(old.frames):
        here = cur.frames[number].stack
        for spi, item in enumerate(frame.stack):
            if item.__class__ is not Slot or item.kinds[0] != ITER:
                continue
            x = item.reg
            if not isinstance(x, Special) or x.state != 1 or spi >= len(here):
                continue
            other = here[spi]
            y = other.reg if isinstance(other, Slot) else None
            if isinstance(y, Special) and y.depth != x.depth:
                return True
    return False


def _chain_key(ck: Checker, state: State, idx: int) -> tuple[int, ...] | None:
    """Return the call sites that lead to the outermost loop of ``state`` and that loop."""
    scc = ck.shape.scc
    key: list[int] = []
    last = len(state.frames) - 1
    for number in range(last + 1):
        at = idx if number == last else state.frames[number + 1].callsite
        if scc[at]:
            return (*key, -scc[at])
        key.append(at)
    return None


def incomplete(ck: Checker, point: Checkpoint) -> bool:
    """Tell whether marks of ``point`` may still grow because its loop is not finished."""
    if not ck.visits:
        return False
    key = _chain_key(ck, point.state, point.idx)
    visit = ck.visits.get(key) if key is not None else None
    return visit is not None and bool(visit.backedges)


def visited(ck: Checker, idx: int, prev: int) -> bool:
    """Tell whether the current state at ``idx`` needs no further look; else maybe remember it."""
    state = ck.state
    shape = ck.shape
    force = shape.force[idx] or len(state.history) > 40
    jumps = ck.jumps - ck.prev_jumps
    count = ck.processed - ck.prev_processed
    add = force or (jumps >= 2 and count >= 8)
    key = (idx, state.frames[-1].callsite)
    place = ck.explored.get(key)
    if place is not None:
        points = place.points
        if place.unsettled:
            _settle_slots(ck, place, state, idx)
        loop = False  # whether the loop of the finished state looked at last is not finished
        frames = state.frames
        for at in range(len(points) - 1, -1, -1):
            point = points[at]
            if point.branches:
                verdict = _compare(ck, point, state, idx, force, jumps, count, loop)
            else:
                loop = bool(ck.visits) and incomplete(ck, point)
                verdict = _MISS
                plan = point.plan
                if plan:
                    # What made the last comparison fail most often makes this one fail too.
                    number, which, i, old, _ = plan[0]
                    if number >= len(frames):
                        same = False
                    elif which != _SLOT:
                        reg = frames[number].regs[i]
                        same = reg is old or (
                            reg.t == old.t
                            and (which == _KIND or _matches(ck, plan[0], frames, None))
                        )
                    else:
                        same = _matches(ck, plan[0], frames, None)
                else:
                    same = True
                if same and covered(ck, point, state, RANGE if loop else NOT_EXACT):
                    verdict = _LOOP_HIT if loop else _HIT
            if verdict == _HIT or verdict == _LOOP_HIT:
                point.hits += 1
                if shape.jump[idx]:
                    state.history.append((idx, prev))
                _propagate(ck, point, state)
                if verdict == _LOOP_HIT:
                    _add_backedge(ck, point, state, idx)
                return True
            if verdict == _NO_ADD:
                add = False
            if add:
                point.misses += 1
            limit = 64 if point.branches and shape.force[idx] else 3
            if point.misses > point.hits * limit + limit:
                del points[at]
                if point.alive is None:
                    place.unsettled.remove(point)
    if add:
        _remember(ck, state, idx)
    return False


_MISS, _HIT, _LOOP_HIT, _NO_ADD = range(4)


def _settle_slots(ck: Checker, place: Place, state: State, idx: int) -> None:
    """Fix which slots matter of the checkpoints that are finished."""
    left = []
    for point in place.unsettled:
        if not point.branches and same_callers(point.state, state) and not incomplete(ck, point):
            point.alive = liveness.alive(ck, point.state, idx)
        else:
            left.append(point)
    place.unsettled = left


def _compare(
    ck: Checker, point: Checkpoint, state: State, idx: int, force: bool, jumps: int, count: int,
    loop: bool,
) -> int:  # fmt: skip
    """Compare with a checkpoint that is not finished: only loops that come round are covered."""
    shape = ck.shape
    old = point.state
    skip = False
    if old.frames[-1].async_cb and point.state is not state and not _same_run(ck, point, state):
        skip = True
    elif shape.iter_next[idx]:
        if covered(ck, point, state, RANGE) and _iterator_active(state):
            return _LOOP_HIT
        skip = True
    elif shape.may_goto[idx]:
        if old.may_goto_depth != state.may_goto_depth and covered(ck, point, state, RANGE):
            return _LOOP_HIT
    elif shape.calls_callback[idx]:
        if covered(ck, point, state, RANGE):
            return _LOOP_HIT if loop else _HIT
        skip = True
    if not skip and (
        _maybe_looping(point, state)
        and covered(ck, point, state, EXACT)
        and not _iterators_moved(old, state)
        and old.may_goto_depth == state.may_goto_depth
        and old.unroll_depth == state.unroll_depth
    ):
        ck.fail(
            "infinite-loop", f"infinite loop detected at insn {ck.slot_text(idx)}", idx,
            point=point,
        )  # fmt: skip
    if not force and jumps < 20 and count < 100:
        return _NO_ADD
    return _MISS


def _same_run(ck: Checker, point: Checkpoint, state: State) -> bool:
    """Tell whether ``point`` lies on the path of ``state`` (one run of an async callback)."""
    other = state.parent
    while other is not None:
        if other is point:
            return True
        other = other.parent
    return False


def _iterator_active(state: State) -> bool:
    reg = state.frames[-1].regs[1]
    if reg.t != regs.STACK or not isinstance(reg.x, int):
        return False
    spi = (-(reg.off + bounds.signed64(reg.v.v)) - 1) >> 3
    stack = state.frames[reg.x].stack
    item = stack[spi] if 0 <= spi < len(stack) else None
    return isinstance(item, Slot) and isinstance(item.reg, Special) and item.reg.state == 1


def _propagate(ck: Checker, point: Checkpoint, state: State) -> bool:
    """``state`` is covered by ``point``: what was read or mattered there, matters here."""
    return precision.propagate(ck, point, state)


def _add_backedge(ck: Checker, point: Checkpoint, state: State, idx: int) -> None:
    key = _chain_key(ck, point.state, point.idx)
    if key is None:
        return
    visit = ck.visits.get(key)
    if visit is not None:
        copy = state.copy()
        copy.history = state.history[:]
        visit.backedges.append((copy, point))


def _remember(ck: Checker, state: State, idx: int) -> None:
    ck.prev_jumps = ck.jumps
    ck.prev_processed = ck.processed
    point = Checkpoint(state.copy(), idx)
    key = _chain_key(ck, state, idx)
    if key is not None:
        visit = ck.visits.get(key)
        if visit is None:
            visit = ck.visits[key] = Visit()
        if visit.entry is None:
            visit.entry = point
            point.entry_of = visit
    state.parent = point
    state.first = idx
    state.history = []
    state.done = {}
    place = ck.explored.setdefault((idx, state.frames[-1].callsite), Place())
    place.points.append(point)
    place.unsettled.append(point)
    ck.states += 1


def finish_path(ck: Checker, state: State) -> None:
    """The path of ``state`` ended: its checkpoints have one branch less to wait for."""
    point = state.parent
    while point is not None:
        point.branches -= 1
        if point.branches:
            return
        visit = point.entry_of
        if isinstance(visit, Visit):
            _settle(ck, visit)
        point = point.parent


def _settle(ck: Checker, visit: Visit) -> None:
    """A loop is fully explored: carry marks along its back edges until nothing changes."""
    for _ in range(64):
        changed = False
        for state, point in visit.backedges:
            if _propagate(ck, point, state):
                changed = True
        if not changed:
            break
    else:
        for state, _point in visit.backedges:
            precision._mark_everything(state)
    visit.backedges = []
    visit.entry = None


__all__ = ["SPILL_KINDS", "Visit", "covered", "finish_path", "incomplete", "visited"]
