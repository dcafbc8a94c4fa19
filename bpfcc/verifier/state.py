"""The abstract machine state: frames of registers and stack slots, references, locks.

Registers and slots are immutable objects in plain lists, so a copy of a frame is two list copies.
"""

from __future__ import annotations

from typing import Any, final

from . import regs as R
from .regs import Reg

# What a stack byte holds (``Slot.kinds``), as in the kernel's ``enum bpf_stack_slot_type``.
INVALID, SPILL, MISC, ZERO, DYNPTR, ITER, IRQ = range(7)


@final
class Slot:
    """Eight stack bytes that are not one full spilled register.

    ``kinds[i]`` is what the byte at the slot's address + i holds. ``reg`` is the spilled scalar
    when the low bytes are SPILL, or the record of a dynptr, iterator or saved interrupt state.
    """

    __slots__ = ("kinds", "reg")

    def __init__(self, kinds: bytes, reg: Reg | Special | None = None) -> None:
        self.kinds = kinds
        self.reg = reg

    def __repr__(self) -> str:
        text = "".join("?smzdir"[kind] for kind in self.kinds)
        return f"Slot({text}, {self.reg!r})" if self.reg is not None else f"Slot({text})"


class Special:
    """What a DYNPTR, ITER or IRQ slot stands for; immutable.

    ``kind``: the dynptr's flag, the iterator's name, or the irq flag's class. ``first``: whether
    this is the first slot. ``state``/``depth`` of iterators: 1 active, 2 drained; turns taken.
    """

    __slots__ = ("depth", "first", "id", "kind", "rdonly", "ref", "state", "trusted")

    def __init__(
        self,
        kind: object,
        first: bool,
        ref: int,
        id: int = 0,
        state: int = 0,
        depth: int = 0,
        rdonly: bool = False,
        trusted: int = 0,
    ) -> None:
        self.kind = kind
        self.first = first
        self.ref = ref
        self.id = id
        self.state = state
        self.depth = depth
        self.rdonly = rdonly
        self.trusted = trusted


MISC_SLOT = Slot(bytes([MISC] * 8))
ZERO_SLOT = Slot(bytes([ZERO] * 8))
INVALID_KINDS = bytes(8)
SPILL_KINDS = bytes([SPILL] * 8)

StackItem = "Reg | Slot | None"


class Frame:
    """One function's registers and stack.

    ``stack[i]`` is the slot at frame offset -8 * (i + 1): None (never written), a full spilled
    ``Reg``, or a ``Slot``. ``callsite`` is the calling instruction (-1 in the entry).
    """

    __slots__ = (
        "async_cb",
        "callback",
        "callback_depth",
        "callback_kind",
        "callsite",
        "exception_cb",
        "instance",
        "number",
        "regs",
        "ret_range",
        "stack",
        "sub",
    )

    def __init__(self, number: int, callsite: int, sub: int) -> None:
        self.number = number
        self.callsite = callsite
        self.sub = sub
        self.regs: list[Reg] = [R.UNINIT] * 11
        self.regs[10] = Reg(R.STACK, x=number)
        self.stack: list[Reg | Slot | None] = []
        self.callback = False
        self.async_cb = False
        self.exception_cb = False
        self.callback_depth = 0
        self.callback_kind = ""
        self.ret_range: tuple[int, int] | None = None
        self.instance: Any = None  # see ``liveness``

    def copy(self) -> Frame:
        """Return an independent copy."""
        new = Frame.__new__(Frame)
        new.number = self.number
        new.callsite = self.callsite
        new.sub = self.sub
        new.regs = self.regs[:]
        new.stack = self.stack[:]
        new.callback = self.callback
        new.async_cb = self.async_cb
        new.exception_cb = self.exception_cb
        new.callback_depth = self.callback_depth
        new.callback_kind = self.callback_kind
        new.ret_range = self.ret_range
        new.instance = self.instance
        return new

    def grow(self, spi: int) -> None:
        """Make sure that slot ``spi`` exists."""
        missing = spi + 1 - len(self.stack)
        if missing > 0:
            self.stack.extend([None] * missing)


# A thing that must be given back: ("ptr"|"lock"|"res_lock"|"irq", id, instruction, object).
Ref = tuple[str, int, int, object]
LOCK_REFS = frozenset({"lock", "res_lock", "res_lock_irq"})

# Jump history entries: (instruction, previous instruction) where control did not fall through;
# (instruction, ACCESS, frame, spi) for a stack access through a pointer other than r10;
# (instruction, LINKED, packed...) for registers that a condition updated together.
ACCESS, LINKED = -2, -3
Entry = tuple[int, ...]


class State:
    """One point of one path.

    ``parent`` is the checkpoint that the path went through last, ``history`` how it went since.
    Sections and locks are counters; ``locks`` lists held ones in ``refs`` too.
    """

    __slots__ = (
        "branches",
        "done",
        "first",
        "frames",
        "history",
        "idx",
        "irq_id",
        "lock_id",
        "lock_obj",
        "locks",
        "may_goto_depth",
        "parent",
        "preempt",
        "prev",
        "rcu",
        "refs",
        "sleepable",
        "speculative",
        "unroll_depth",
    )

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self.refs: tuple[Ref, ...] = ()
        self.locks = 0
        self.lock_id = 0
        self.lock_obj: object = None
        self.preempt = 0
        self.rcu = 0
        self.irq_id = 0
        self.sleepable = False
        self.speculative = False  # only the processor's guesses get here
        self.may_goto_depth = 0
        self.unroll_depth = 0
        self.parent: Checkpoint | None = None
        self.history: list[Entry] = []
        self.first = 0  # first instruction since the checkpoint
        self.prev = -1  # instruction executed last
        self.idx = 0  # instruction to execute next
        self.branches = 1
        self.done: dict[int, tuple[list[int], list[int]]] = {}  # see ``precision``

    def copy(self) -> State:
        """Return an independent copy with the same parent."""
        new = State.__new__(State)
        new.frames = [frame.copy() for frame in self.frames]
        new.refs = self.refs
        new.locks = self.locks
        new.lock_id = self.lock_id
        new.lock_obj = self.lock_obj
        new.preempt = self.preempt
        new.rcu = self.rcu
        new.irq_id = self.irq_id
        new.sleepable = self.sleepable
        new.speculative = self.speculative
        new.may_goto_depth = self.may_goto_depth
        new.unroll_depth = self.unroll_depth
        new.parent = self.parent
        new.history = self.history[:]
        new.first = self.first
        new.prev = self.prev
        new.idx = self.idx
        new.branches = 1
        new.done = {}
        return new


class Checkpoint:
    """A state that was remembered at a pruning point.

    Attributes:
        state: a copy of what it was; its ``history`` leads back to its own parent.
        idx: the instruction it is about to execute.
        branches: paths from here that are not finished.
        precise: per frame (registers, slots) bit masks of scalars whose value mattered.
        alive: per frame mask of stack slots that are read later; None while that may grow.
        plan: what to compare, once no mark can be added (see ``prune``).
        entry_of: the visit of a loop that was entered here.
        differs: which register made the last comparison with an unfinished loop fail.
    """

    __slots__ = (
        "alive",
        "branches",
        "differs",
        "entry_of",
        "hits",
        "idx",
        "misses",
        "parent",
        "plan",
        "precise_regs",
        "precise_slots",
        "state",
    )

    def __init__(self, state: State, idx: int) -> None:
        self.state = state
        self.idx = idx
        self.parent = state.parent
        self.branches = 1
        count = len(state.frames)
        self.precise_regs = [0] * count
        self.precise_slots = [0] * count
        self.alive: list[int] | None = None
        self.hits = 0
        self.misses = 0
        self.plan: Any = None
        self.entry_of: object = None
        self.differs = 0  # the register that was not the same in the last comparison
