"""The analysis of one program: what all transfer functions share.

``Checker`` owns the current path's state and the tables per instruction. The transfer functions are
closures made by ``alu``, ``memory``, ``branch`` and ``call``; ``explore`` runs them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NoReturn

from ..uapi import contexts, helper_access, kernels
from ..uapi.helpers import Helper, by_id
from ..uapi.limits import MAX_JUMP_STATES
from ..uapi.prog_types import PROG_TYPE_NAMES, AttachType, ProgType
from . import precision, regs
from .regs import BASE, NOT_INIT, SCALAR, Reg
from .reject import NotModelled, Reject
from .state import Checkpoint, Frame, Slot, State
from .subject import MapInfo, SpecialField, Subject

if TYPE_CHECKING:
    from ..btf.read import Btf
    from ..btf.types import Struct
    from .cfg import Shape
    from .facts import Facts
    from .liveness import Instance
    from .prune import Place, Visit

_PKT_WRITE = frozenset(
    {
        ProgType.SCHED_CLS,
        ProgType.SCHED_ACT,
        ProgType.XDP,
        ProgType.LWT_XMIT,
        ProgType.SK_SKB,
        ProgType.SK_MSG,
    }
)
_PKT_READ_ONLY = frozenset(
    {
        ProgType.LWT_IN,
        ProgType.LWT_OUT,
        ProgType.LWT_SEG6LOCAL,
        ProgType.SK_REUSEPORT,
        ProgType.FLOW_DISSECTOR,
        ProgType.CGROUP_SKB,
    }
)


class _Twins:
    """Compares registers exactly: equal contents, and ids that stand for each other."""

    def __init__(self) -> None:
        self.pairs: dict[int, int] = {}
        self.back: set[int] = set()

    def _ids(self, a: int, b: int) -> bool:
        if not a or not b:
            return a == b
        known = self.pairs.get(a)
        if known is not None:
            return known == b
        if b in self.back:
            return False
        self.pairs[a] = b
        self.back.add(b)
        return True

    def same(self, a: Reg, b: Reg) -> bool:
        """Tell whether ``b`` holds what ``a`` holds. Source: kernel ``regs_exact``."""
        if a.t != b.t or a.off != b.off or a.x is not b.x:
            return False
        if a.v is not b.v and a.v.key() != b.v.key():
            return False
        return self._ids(a.id, b.id) and self._ids(a.ref, b.ref)


class Checker:
    """Everything one analysis knows. ``kernel`` is (major, minor)."""

    def __init__(
        self,
        subject: Subject,
        kernel: tuple[int, int],
        *,
        privileged: bool = True,
        capable: bool = True,
        vmlinux: Btf | None = None,
        cpus: int = 8192,
    ) -> None:
        self.subject = subject
        self.insns = subject.insns
        self.kernel = kernel
        self.capable = capable
        self.leaks = privileged
        self.speculative_checks = not privileged
        self.masks: dict[int, tuple[int, int]] = {}  # see ``speculation``
        self.barriers: set[int] = set()
        self.late_barriers: set[int] = set()
        self.strict_scalars = False
        self.uninit_stack = privileged and kernels.has("uninit-stack-read", kernel)
        self.vmlinux = vmlinux
        self.cpus = cpus
        self.prog_type = subject.prog_type
        self.attach_type = subject.attach_type
        self.type_name = PROG_TYPE_NAMES[subject.prog_type]
        self.ids = 0
        self.state = State()
        self.frame = Frame(0, -1, 0)
        self.ptr_types: dict[int, int] = {}
        self.packet_tests: dict[tuple[int, int, int], int] = {}  # (kind, id, bytes) -> jump
        self.processed = 0
        self.jumps = 0
        self.arena: MapInfo | None = None
        self.fields = contexts.fields(self.prog_type, self.attach_type)
        self.prev_jumps = 0
        self.prev_processed = -1  # at the last checkpoint; the kernel counts the current one
        self.states = 0
        self.explored: dict[tuple[int, int], Place] = {}
        self.instances: dict[tuple[int, ...], Instance] = {}  # see ``liveness``
        self.instance: Instance = None  # type: ignore[assignment]  # set before each path
        self.own_read: list[int] = []  # the lists of the current frame in ``instance``
        self.own_must: list[int] = []
        self.writes: dict[int, int] = {}
        self.visits: dict[tuple[int, ...], Visit] = {}
        self.warnings: list[Reject] = []
        self.seen_warnings: set[tuple[str, int]] = set()
        self.stack_need: dict[int, int] = {}
        self.called_globals: list[int] = []
        self.pending: list[State] = []
        self.async_subs: set[int] = set()
        self.callback_subs: set[int] = set()
        self.ctx_args: object = None
        self.ops_hidden: tuple[str, ...] = ()  # helpers that this struct_ops member may not call
        self.own_fields: dict[int, list[SpecialField]] = {}  # by type, see ``owned``
        self.own_contents: dict[int, tuple[Struct, int]] = {}
        self.at = 0  # the call that is being checked
        self.watch: Facts | None = None  # who wants to know what holds at each line
        self.shape: Shape = None  # type: ignore[assignment]  # set by explore before it starts

    # Ending -------------------------------------------------------------------------------

    def fail(
        self, rule: str, kernel: str, idx: int = -1, reg: int = -1, **facts: object
    ) -> NoReturn:
        """End the analysis: the kernel would refuse the program at ``idx``."""
        raise Reject(rule, kernel, idx, reg, **facts)

    def unknown(self, what: str, idx: int = -1) -> NoReturn:
        """End the analysis: ``what`` is not modelled."""
        raise NotModelled(what, idx)

    def warn(self, rule: str, kernel: str, idx: int, reg: int = -1, **facts: object) -> None:
        """Note something that this kernel accepts but the author should know; once a place."""
        key = (rule, idx)
        if self.state.speculative:
            return
        if key not in self.seen_warnings:
            self.seen_warnings.add(key)
            found = Reject(rule, kernel, idx, reg, **facts)
            found.facts["state"] = self.state.copy()
            self.warnings.append(found)

    # Registers ----------------------------------------------------------------------------

    def source(self, number: int, idx: int) -> Reg:
        """Return register ``number``, which an instruction reads."""
        reg = self.frame.regs[number]
        if reg.t == NOT_INIT:
            self.fail("uninit-reg", f"R{number} !read_ok", idx, number)
        return reg

    def leaking(self, reg: Reg) -> bool:
        """Tell whether giving ``reg`` away would show an address to somebody unprivileged."""
        return not self.leaks and reg.t > SCALAR

    def precise(self, number: int, idx: int) -> None:
        """Remember that the exact value of register ``number`` mattered at ``idx``."""
        if self.frame.regs[number].t == SCALAR:
            precision.mark(self, number, idx)

    def new_id(self) -> int:
        """Return an id that nothing has yet."""
        self.ids += 1
        return self.ids

    def rewrite(self, change: Callable[[Reg], Reg], state: State | None = None) -> None:
        """Replace every register and full spill of all frames by what ``change`` makes of it."""
        for frame in (state or self.state).frames:
            for some in (frame.regs, frame.stack):
                for i, item in enumerate(some):
                    if item.__class__ is Reg:
                        new = change(item)
                        if new is not item:
                            some[i] = new

    def invalid(self) -> Reg:
        """Return what an invalidated pointer becomes."""
        return regs.ANY if self.leaks else regs.UNINIT

    def forget_packets(self) -> None:
        """Make every packet pointer a plain number (a helper may have moved the data)."""
        gone = self.invalid()
        kinds = (regs.PKT, regs.PKT_META, regs.PKT_END)
        slices = regs.DYN_SKB | regs.DYN_XDP | regs.DYN_SKB_META

        def change(reg: Reg) -> Reg:
            if reg.t in kinds or (reg.t & BASE == regs.MEM and reg.t & slices):
                return gone
            return reg

        self.rewrite(change)

    # References ---------------------------------------------------------------------------

    def acquire(self, idx: int, kind: str = "ptr", obj: object = None) -> int:
        """Note a new thing to release; return its id."""
        number = self.new_id()
        self.state.refs = (*self.state.refs, (kind, number, idx, obj))
        return number

    def drop_ref(self, number: int) -> bool:
        """Take reference ``number`` off the list; False when it is not there."""
        left = tuple(ref for ref in self.state.refs if ref[1] != number)
        if len(left) == len(self.state.refs):
            return False
        self.state.refs = left
        return True

    def release(self, number: int) -> bool:
        """Release reference ``number`` and invalidate all that stands for it."""
        if not self.drop_ref(number):
            return False
        gone = self.invalid()
        self.rewrite(lambda reg: gone if reg.ref == number else reg)
        return True

    # Program facts ------------------------------------------------------------------------

    def may_write_packet(self) -> bool:
        """Tell whether this program type may store into the packet."""
        if self.prog_type == ProgType.CGROUP_SOCKOPT:
            return True
        return self.prog_type in _PKT_WRITE

    def may_pass_packet(self, helper_takes: bool | None, write: bool = False) -> bool:
        """Tell whether packet memory may be accessed, or passed to a helper.

        ``helper_takes``: the helper's "pkt" flag; None for a direct access.
        Source: kernel ``may_access_direct_pkt_data``.
        """
        if self.prog_type in _PKT_READ_ONLY:
            return not write
        if self.prog_type == ProgType.CGROUP_SOCKOPT:
            return True
        if self.prog_type in _PKT_WRITE:
            return True if helper_takes is None else helper_takes
        return False

    def helper(self, number: int) -> Helper | None:
        """Return helper ``number`` if the table has it."""
        return by_id.get(number)

    def helper_since(self, helper: Helper) -> tuple[int, int] | None:
        """Return since when this program type may call ``helper``."""
        if self.ops_hidden and helper.short in self.ops_hidden:
            return None
        if not self.leaks and helper.short in helper_access.NEED_PERFMON:
            return None
        return helper_access.available_since(
            helper, self.prog_type, self.attach_type, self.subject.attach_name
        )

    def configured(self, helper: Helper) -> bool:
        """Tell whether it depends on the kernel's configuration if ``helper`` exists."""
        types = helper_access.BY_CONFIGURATION.get(helper.short, ())
        return self.prog_type in types

    def void_target(self) -> bool:
        """Tell whether the hook of a struct_ops or LSM program returns nothing."""
        return getattr(self.ctx_args, "void", False) is True

    # Exploration --------------------------------------------------------------------------

    def push(self, idx: int, prev: int) -> State:
        """Queue a copy of the current state that goes on at ``idx``; return it."""
        other = self.state.copy()
        other.idx = idx
        other.prev = prev
        if other.parent is not None:
            other.parent.branches += 1
        self.pending.append(other)
        if len(self.pending) > MAX_JUMP_STATES:
            self.check_pending(prev)
        return other

    def check_pending(self, idx: int) -> None:
        """Reject a program that leaves too many branches unexplored at once."""
        count = len(self.pending)
        if count > MAX_JUMP_STATES:
            self.fail(
                "too-complex", f"The sequence of {count} jumps is too complex.", idx, count=count
            )

    def previous_entry(self, point: Checkpoint | None, idx: int) -> Checkpoint | None:
        """Return the latest unfinished checkpoint at ``idx`` on this path with the same callers.

        Source: kernel ``find_prev_entry``.
        """
        sites = [frame.callsite for frame in self.state.frames]
        while point is not None:
            if point.idx == idx and point.branches:
                frames = point.state.frames
                if [frame.callsite for frame in frames] == sites:
                    return point
            point = point.parent
        return None

    def widen(self, old: Checkpoint, new: State) -> None:
        """Forget what changed in ``new`` since ``old`` where the exact value did not matter.

        Source: kernel ``widen_imprecise_scalars``.
        """
        twins = _Twins()
        for number in range(len(new.frames) - 1, -1, -1):
            frame = new.frames[number]
            before = old.state.frames[number]
            precise = old.precise_regs[number]
            for i in range(10):
                a, b = before.regs[i], frame.regs[i]
                if a.t == SCALAR and b.t == SCALAR and not precise >> i & 1:
                    if not twins.same(a, b):
                        frame.regs[i] = regs.ANY
            slots = old.precise_slots[number]
            for spi in range(min(len(before.stack), len(frame.stack))):
                x, y = before.stack[spi], frame.stack[spi]
                if slots >> spi & 1:
                    continue
                if isinstance(x, Reg) and isinstance(y, Reg):
                    if x.t == SCALAR and y.t == SCALAR and not twins.same(x, y):
                        frame.stack[spi] = regs.ANY
                elif isinstance(x, Slot) and isinstance(y, Slot):
                    if isinstance(x.reg, Reg) and isinstance(y.reg, Reg):
                        if x.kinds == y.kinds and not twins.same(x.reg, y.reg):
                            frame.stack[spi] = Slot(y.kinds, regs.ANY)

    @property
    def is_iter(self) -> bool:
        """Whether this is an iterator program."""
        return self.attach_type == AttachType.TRACE_ITER

    def sleepable_now(self) -> bool:
        """Tell whether the current point may sleep, as far as the program goes."""
        return self.subject.sleepable or self.state.sleepable

    def slot_text(self, idx: int) -> int:
        """Return the slot number of instruction ``idx``, as kernel logs count."""
        return self.subject.slots[idx] if 0 <= idx < len(self.subject.slots) else idx


def frame_of(ck: Checker, reg: Reg) -> Frame:
    """Return the frame that the stack pointer ``reg`` points into."""
    number = reg.x
    assert isinstance(number, int)
    return ck.state.frames[number]
