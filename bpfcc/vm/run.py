"""One execution: what the generated code of an engine calls back into.

A ``Run`` belongs to a loaded program and is used again for each execution. It holds the frames, the
instruction counter and the call depth; memory, maps and the outside world are the ``World``'s.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .code import Code
from .faults import BadCall, CallDepth, Fault, MockFailed
from .memory import FRAME_SIZE, FUNCTION_BASE, MASK64, MAX_FRAMES, STACK_SLOT, Region, Window
from .memory import STACK_BASE_OFFSET as _OFFSET

if TYPE_CHECKING:
    from .context import Context
    from .engine import Engine
    from .packet import Packet
    from .recorder import Call
    from .world import World

Handler = Callable[["Run", int, int, int, int, int], int]
Trace = Callable[["Run", Code, int, "list[int]"], None]
_ZERO_FRAME = bytes(FRAME_SIZE)
MAY_GOTO_BUDGET = 8 * 1024 * 1024  # kernel: BPF_MAX_LOOPS turns per frame
MAX_TAIL_CALLS = 33


class _FrameRegion(Region):
    """A frame, out of bounds while no function uses it."""

    __slots__ = ("number", "run")

    def __init__(self, run: Run, number: int) -> None:
        base = (STACK_SLOT + number) << 32 | _OFFSET
        super().__init__(base, bytearray(FRAME_SIZE), f"the stack frame of call level {number}")
        self.run = run
        self.number = number

    def window(self, addr: int, size: int) -> Window | None:
        """As in ``Region``."""
        if self.number >= self.run.depth:
            return None
        return super().window(addr, size)

    def describe(self, addr: int, size: int) -> str:
        """As in ``Region``."""
        if self.number >= self.run.depth:
            return f"{self.name}, which has returned"
        return super().describe(addr, size)


class Run:
    """State of one execution.

    ``n`` is what is left of ``limit`` instructions, ``depth`` how many frames are in use,
    ``tail_calls`` how many were made. ``engine`` executes the current program; ``trace`` and
    ``hits`` make it step. ``ctx`` is the context's address, ``context`` its fields. What helpers
    report about the hook: ``cookie``, ``func_ip``, ``arg_count``, ``has_ret``, ``perf_values``.
    What they decided: ``redirects``, ``override``. ``calls``: see ``World.record_calls``.
    """

    def __init__(self, world: World, engine: Engine) -> None:
        self.world = world
        self.memory = world.memory
        self.window = world.memory.window
        self.handlers: dict[Any, Handler] = world.handlers
        self.engine = engine
        self.native: Any = None  # what an engine of native code keeps with this run
        self.limit = 0
        self.n = 0
        self.depth = 0
        self.tail_calls = 0
        self.may_goto_budget = MAY_GOTO_BUDGET
        self.trace: Trace | None = None
        self.hits: dict[Code, list[int]] | None = None
        self.ctx = 0
        self.context: Context | None = None
        self.packet: Packet | None = None
        self.calls: list[Call] = []
        self.redirects: list[tuple[Any, ...]] = []
        self.override: int | None = None
        self.cookie = 0
        self.func_ip = 0
        self.arg_count = 0
        self.has_ret = False
        self.perf_values = (0, 0, 0)
        self.scratch: list[Region] = []
        self.references: dict[int, Any] = {}  # address of something acquired -> what it is
        self.cleanups: list[Callable[[], None]] = []
        self._frames: list[tuple[int, bytearray, Any, Any, Any]] = []
        self.regions: list[_FrameRegion] = []
        for number in range(MAX_FRAMES):
            region = _FrameRegion(self, number)
            self.regions.append(region)
            view = memoryview(region.data)
            self._frames.append(
                (
                    region.base + FRAME_SIZE,
                    region.data,  # type: ignore[arg-type]
                    view.cast("H"),
                    view.cast("I"),
                    view.cast("Q"),
                )
            )

    # --- life of a run ---------------------------------------------------------------------

    def begin(self, limit: int) -> None:
        """Make ready for an execution of at most ``limit`` instructions."""
        self.limit = self.n = limit
        self.depth = 0
        self.tail_calls = 0
        self.calls = []
        self.redirects = []
        self.override = None
        for region in self.regions:
            self.memory.slots[STACK_SLOT + region.number] = region

    def finish(self) -> None:
        """Take away what lives no longer than the execution."""
        for clean in self.cleanups:
            clean()
        self.cleanups.clear()
        for region in self.scratch:
            self.memory.remove(region)
        self.scratch.clear()
        self.references.clear()

    @property
    def executed(self) -> int:
        """Instructions run so far, up to the last point where they were counted."""
        return self.limit - self.n

    def add_scratch(self, data: bytearray, name: str, *, writable: bool = True) -> int:
        """Make ``data`` addressable until the end of the run; return its address."""
        memory = self.memory
        base = memory.scratch_base()
        for _ in range(0x100):
            if base >> 32 not in memory.slots:
                break
            base = memory.scratch_base()
        region = memory.add(Region(base, data, name, writable=writable))
        self.scratch.append(region)
        return region.base

    def set_field(self, name: str, value: int) -> None:
        """Set a context field by name; contexts without it ignore that."""
        if self.context is not None:
            self.context.set(name, value)

    def get_field(self, name: str) -> int:
        """Return a context field by name, 0 where the context has none."""
        return self.context.get(name) if self.context is not None else 0

    # --- called by generated code ----------------------------------------------------------

    def enter(self) -> tuple[int, bytearray, Any, Any, Any]:
        """Open a frame; return (r10, its bytes, views of 2, 4 and 8 bytes)."""
        depth = self.depth
        if depth >= MAX_FRAMES:
            raise CallDepth(MAX_FRAMES)
        self.depth = depth + 1
        frame = self._frames[depth]
        frame[1][:] = _ZERO_FRAME
        return frame

    def call_function(
        self, number: int, r1: int = 0, r2: int = 0, r3: int = 0, r4: int = 0, r5: int = 0
    ) -> int:
        """Call function ``number`` of the current program; return r0."""
        engine = self.engine
        if self.trace is not None or self.hits is not None:
            frame = self.enter()
            start = engine.code.functions[number].first
            registers = [0, r1, r2, r3, r4, r5, 0, 0, 0, 0, frame[0]]
            return engine.step(self, start, registers, self.may_goto_budget)
        return engine.functions[number](self, r1, r2, r3, r4, r5)

    def call_address(self, addr: int, *args: int) -> int:
        """Call the function at ``addr`` (a callback). Raises: BadCall."""
        number = self.function_number(addr)
        if number is None:
            raise BadCall(f"callback {addr:#x} is not the address of a function")
        return self.call_function(number, *args)

    def function_number(self, addr: int) -> int | None:
        """Return the number of the function at ``addr``, None when none starts there."""
        code = self.engine.code
        slot, rest = divmod(addr - FUNCTION_BASE, 8)
        index = code.index.get(slot)
        if rest or index is None or index >= len(code.insns):
            return None
        number = code.function_of(index)
        return number if code.functions[number].first == index else None

    def call_register(self, target: int, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
        """Call a function by its address, or a helper by its number."""
        if target < 0x10000:
            return self.handlers[target](self, r1, r2, r3, r4, r5) & MASK64
        number = self.function_number(target)
        if number is None:
            raise BadCall(f"{target:#x} is neither a function's address nor a helper's number")
        return self.call_function(number, r1, r2, r3, r4, r5)

    def tail_call(self, ctx: int, table: int, index: int) -> int | None:
        """Go over to a program of a prog array; return its r0, None when there is none."""
        target = self.world.tail_target(table, index & 0xFFFFFFFF)
        if target is None or self.tail_calls >= MAX_TAIL_CALLS:
            return None
        self.tail_calls += 1
        before = self.engine
        self.depth -= 1
        self.engine = target
        try:
            return self.call_function(0, ctx)
        finally:
            self.engine = before

    def resume(self, index: int, registers: list[int], budget: int) -> int:
        """Go on one instruction at a time from ``index`` in the current frame."""
        try:
            return self.engine.step(self, index, registers, budget)
        except Fault as fault:
            fault.handed_over = True  # the caller is the same frame: it has nothing to add
            raise

    def cast(self, value: int, spaces: int) -> int:
        """``addr_space_cast``: between an arena's user and kernel view, which are one here."""
        low = value & 0xFFFFFFFF
        return self.world.arena_base | low if low else 0

    def unresolved(self, index: int) -> int:
        """Raise the fault of a wide load that has no value."""
        return self.engine.code.value(index)

    def packet_load(self, ctx: int, offset: int, size: int) -> int | None:
        """LD_ABS and LD_IND: packet bytes in network order, None when they are not there.

        Negative offsets address the network header (-0x100000) and the link header (-0x200000).
        """
        offset = offset & 0xFFFFFFFF
        offset -= (offset & 0x80000000) << 1
        packet = self.packet
        if packet is None:
            return None
        return packet.load(offset, size)

    def failed(self, fault: Fault, left: int, pc: int) -> None:
        """Complete a fault that leaves a function: ``left`` of the limit, ``pc`` of its call."""
        if fault.handed_over:
            fault.handed_over = False
            return
        if fault.pc < 0:
            fault.pc = pc
        elif fault.executed >= 0:
            fault.stack.append(pc)
            return
        if fault.executed < 0:
            fault.code = self.engine.code
            pending = self.engine.pending.get(fault.pc, 0)
            fault.executed = self.limit - min(left, self.n) + pending

    def failed_step(self, fault: Fault, slot: int) -> None:
        """The same for a fault that leaves the careful interpreter at ``slot``."""
        if fault.pc < 0:
            fault.pc = slot
        elif fault.executed >= 0:
            fault.stack.append(slot)
            return
        if fault.executed < 0:
            fault.code = self.engine.code
            limit_hit = fault.kind == "limit"
            fault.executed = self.limit - self.n - (0 if limit_hit else 1)


def mock_failed(name: str, error: Exception) -> MockFailed:
    """Return the fault for a mock that raised ``error``."""
    fault = MockFailed(f"the mock of {name} raised {type(error).__name__}: {error}")
    fault.__cause__ = error
    return fault


def recursion_room() -> None:
    """Let Python nest as deep as callbacks and tail calls may."""
    if sys.getrecursionlimit() < 5000:
        sys.setrecursionlimit(5000)
