"""What one ``Run`` keeps for native code: the context block, pinned buffers, and the callbacks.

Native code holds the interpreter lock. Before every callback it asks for pending signals, so that
Ctrl-C ends a run like an exception of ours and not inside a callback, where it would be lost.
"""

from __future__ import annotations

import ctypes
import struct
from typing import TYPE_CHECKING, Any

from ..isa import table as _t
from ..vm.faults import CallDepth, Fault
from ..vm.instructions import KEEPS_WINDOWS, TAIL_CALL
from ..vm.memory import FRAME_SIZE, MASK64, MAX_FRAMES, CellRegion
from . import jit_layout as at

if TYPE_CHECKING:
    from ..vm.code import Code
    from ..vm.run import Run
    from .jit_runner import Runner

CHUNK = 1 << 23  # instructions between two looks at pending signals: some milliseconds
ARENA_SIZE = 1 << 32
ARENA_GUARD = 1 << 16
_VOID = ctypes.PYFUNCTYPE(None)

# What an instruction asks for by ``ask``: kind, then what the kind needs.
HELPER, KFUNC, REGISTER, TAIL, DEEP, PACKET, CAST, UNRESOLVED = range(8)
Asked = tuple[int, Any, int, bool]  # kind, key, slot, windows survive


class _Buffer(ctypes.Structure):
    """CPython's Py_buffer; only the first two members and the size matter."""

    _fields_ = (
        ("buf", ctypes.c_void_p),
        ("obj", ctypes.py_object),
        ("len", ctypes.c_ssize_t),
        ("rest", ctypes.c_byte * 128),
    )


class _ReadOnlyPin:
    """Keeps a read-only buffer where it is."""

    def __init__(self, data: Any) -> None:
        self.view = _Buffer()
        ctypes.pythonapi.PyObject_GetBuffer(
            ctypes.py_object(data), ctypes.byref(self.view), ctypes.c_int(0)
        )

    def __del__(self) -> None:
        ctypes.pythonapi.PyBuffer_Release(ctypes.byref(self.view))


def pin(data: Any) -> tuple[Any, int]:
    """Return (what keeps ``data`` from moving while it is referenced, host address)."""
    try:
        held = ctypes.c_char.from_buffer(data)
        return held, ctypes.addressof(held)
    except (TypeError, ValueError):
        if not len(data):
            return None, 0
        read_only = _ReadOnlyPin(data)
        return read_only, read_only.view.buf or 0


def asked(code: Code) -> dict[int, Asked]:
    """Return what the instructions of ``code`` that cannot run natively ask for."""
    found: dict[int, Asked] = {}
    for i, (insn, row) in enumerate(zip(code.insns, code.rows)):
        slot = code.slots[i]
        if row.kind == _t.CALL:
            if row.op == "local":
                found[i] = DEEP, 0, slot, False
            elif row.op == "reg":
                found[i] = REGISTER, insn.dst, slot, False
            elif row.op == "kfunc":
                found[i] = KFUNC, code.kfuncs[i], slot, False
            elif insn.imm == TAIL_CALL:
                found[i] = TAIL, 0, slot, False
            else:
                found[i] = HELPER, insn.imm, slot, insn.imm in KEEPS_WINDOWS
        elif row.kind == _t.LDABS:
            found[i] = PACKET, row.size, slot, True
        elif row.kind == _t.CAST:
            found[i] = CAST, insn.imm, slot, True
        elif row.kind == _t.LDDW and i in code.unresolved:
            found[i] = UNRESOLVED, i, slot, True
    return found


class State:
    """The context block of ``run`` and what its callbacks do."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.error: BaseException | None = None
        self.reserve = 0  # of the limit, beyond what native code was given
        self.pins: dict[int, tuple[Any, int, Any]] = {}
        self.better = -1  # instruction at which better code takes over
        self.over = False  # it has
        self.arena: Any = None
        self.zeros = bytearray(8)
        self.contained = False
        self.batch: Runner | None = None
        self.batch_reserve = 0
        self.begun = False  # the batch's current input is known to Python
        self._kept: list[Any] = []  # keeps memory of the table where it is
        self._words = (ctypes.c_uint64 * at.WORDS)()
        self.address = ctypes.addressof(self._words)
        self.view = memoryview(self._words).cast("B").cast("Q")
        self._frames = [pin(region.data) for region in run.regions]
        self._bases = [region.base + FRAME_SIZE for region in run.regions]
        for number, (_, address) in enumerate(self._frames):
            self.view[at.FRAMES + number] = address
        check = ctypes.cast(ctypes.pythonapi.PyErr_CheckSignals, ctypes.c_void_p).value
        self.view[at.CHECK_SIGNALS] = check or 0
        self._callbacks = [
            _VOID(function) for function in (self._miss, self._call, self._step, self._refill)
        ]
        for number, callback in enumerate(self._callbacks):
            self.view[at.ON_MISS + number] = ctypes.cast(callback, ctypes.c_void_p).value or 0
        self._asked = struct.Struct("6Q")  # INFO and ARGS

    # --- in and out ------------------------------------------------------------------------

    def execute(self, function: Any, args: tuple[int, ...], contained: bool) -> int:
        """Run native ``function`` on the frame that was opened last; return r0.

        Raises: what the callbacks met; KeyboardInterrupt.
        """
        run, view = self.run, self.view
        outer = self.pins, self.contained, self.over, self.reserve
        self.pins, self.contained, self.over = {}, contained, False
        try:
            for number, arg in enumerate(args, at.ARGS):
                view[number] = arg & MASK64
            for number in range(at.ARGS + len(args), at.ARGS + 5):
                view[number] = 0
            self._give()
            view[at.STATUS] = view[at.TRACED] = 0
            view[at.BUDGET] = run.may_goto_budget
            value: int = function(self.address)
            self.take()
            if view[at.STATUS]:
                self.raise_error()
            return value
        finally:
            self.pins, self.contained, self.over, self.reserve = outer

    def _give(self) -> None:
        """Tell native code the limit and the depth."""
        left = self.run.n
        chunk = left if left < CHUNK else CHUNK
        self.reserve = left - chunk
        self.view[at.LEFT] = chunk & MASK64
        self.view[at.DEPTH] = self.run.depth

    def take(self) -> None:
        """Take them back; in a batch, begin with the input that is running."""
        if self.batch is not None and not self.begun:
            self.begun = True
            self.reserve = self.batch_reserve
            self.batch.begin()
        left = self.view[at.LEFT]
        self.run.n = (left - (1 << 64) if left >> 63 else left) + self.reserve
        self.run.depth = self.view[at.DEPTH]

    def raise_error(self) -> None:
        """Raise what a callback met, with the calls that led there."""
        error, self.error = self.error, None
        assert error is not None
        if isinstance(error, Fault):
            for number in range(self.view[at.TRACED]):
                self.run.failed(error, self.run.n, self.view[at.TRACE + number])
        raise error

    def _fail(self, error: BaseException, slot: int) -> None:
        """Note what a callback met at ``slot`` and let native code unwind."""
        self.error = error
        if slot >= 0 and isinstance(error, Fault):
            self.run.failed(error, self.run.n, slot)
        self.view[at.DEPTH] = self.run.depth
        self.view[at.STATUS] = at.UNWIND

    # --- batches ---------------------------------------------------------------------------

    def begin_batch(self, runner: Runner, reserve: int) -> None:
        """Runs are those of a batch from now on; ``reserve``: of the limit, beyond the first chunk."""
        self.batch, self.batch_reserve = runner, reserve
        self._next_known = 2

    def end_batch(self) -> None:
        """No more."""
        self.batch = None
        for number in range(at.KNOWN_COUNT):
            self.unknow(number)
        self._kept.clear()

    def know(self, number: int, low: int, length: int, host: int, writable: bool) -> None:
        """Let native code find memory by itself, as entry ``number`` of its table."""
        word = at.KNOWN + number * at.KNOWN_WORDS
        self.view[word] = low
        self.view[word + 1] = length
        self.view[word + 2] = host
        self.view[word + 3] = writable

    def unknow(self, number: int) -> None:
        """Take an entry away."""
        self.view[at.KNOWN + number * at.KNOWN_WORDS + 1] = 0

    def _learn(self, addr: int, low: int, length: int, offset: int, data: Any) -> None:
        """Keep an array's element in the table: it stays where it is while the batch runs."""
        region = self.run.memory.find(addr)
        if self._next_known < at.KNOWN_COUNT and type(region) is CellRegion:
            keeper, address = pin(data)
            self._kept.append(keeper)
            self.know(self._next_known, low, length, address + offset, region.writable)
            self._next_known += 1

    # --- callbacks -------------------------------------------------------------------------

    def _miss(self) -> None:
        """An access outside of its window: find the region, or fault."""
        slot = -1
        try:
            self.take()
            view, run = self.view, self.run
            addr, info = view[at.ADDR], view[at.INFO]
            slot = info >> 16
            size = info & 0xFF
            access = at.ACCESSES[info >> 8 & 0xFF]
            if run.memory.zero_reads and access == "read":
                region = run.memory.find(addr)
                if region is None or region.window(addr, size) is None:
                    self._hold(addr, size, 0, self.zeros)
                    return
            try:
                base, low, last, _, _, _, data = run.window(addr, size, access, slot)
            except Fault:
                if not self.contained:
                    raise
                self._in_arena(addr)
                return
            self._hold(base + low, last + 1 - low, low, data)
            if self.batch is not None:
                self._learn(addr, base + low, last + 1 - low, low, data)
        except BaseException as error:
            self._fail(error, slot)

    def _hold(self, low: int, length: int, offset: int, data: Any) -> None:
        """Make a window: ``length`` bytes from virtual ``low``, at ``offset`` of ``data``."""
        held = self.pins.get(id(data))
        if held is None:
            keeper, address = pin(data)
            held = self.pins[id(data)] = keeper, address, data
        self._window(low, length, held[1] + offset)

    def _window(self, low: int, length: int, host: int) -> None:
        view = self.view
        view[at.WINDOW_LOW] = low
        view[at.WINDOW_FIT[1]] = length
        view[at.WINDOW_FIT[2]] = length - 1
        view[at.WINDOW_FIT[4]] = length - 3 if length > 3 else 0
        view[at.WINDOW_FIT[8]] = length - 7 if length > 7 else 0
        view[at.WINDOW_BIAS] = host - low & MASK64
        view[at.HOST] = host + view[at.ADDR] - low

    def _in_arena(self, addr: int) -> None:
        """Contain an access that no region allows: only its low 32 bits count."""
        if self.arena is None:
            self.arena = _map_arena()
            self.arena_address = ctypes.addressof(ctypes.c_char.from_buffer(self.arena))
        low = addr & ~(ARENA_SIZE - 1)
        self._window(low, ARENA_SIZE + 7, self.arena_address)

    def _call(self) -> None:
        """An instruction that native code cannot do."""
        slot = -1
        try:
            self.take()
            view, run = self.view, self.run
            info, r1, r2, r3, r4, r5 = self._asked.unpack_from(self._words, at.INFO * 8)
            kind, key, slot, keeps = run.engine.asked[info]  # type: ignore[attr-defined]
            view[at.FLAG] = 0
            if not keeps:
                self.pins.clear()
                if self.batch is not None:
                    self.batch.release()
            if kind in (HELPER, KFUNC):
                value = run.handlers[key](run, r1, r2, r3, r4, r5)
            elif kind == REGISTER:
                value = run.call_register(view[at.ADDR], r1, r2, r3, r4, r5)
            elif kind == TAIL:
                value = self._tail(r1, r2, r3)
            elif kind == PACKET:
                loaded = run.packet_load(r1, r2, key)
                view[at.FLAG] = loaded is None
                value = loaded or 0
            elif kind == CAST:
                value = run.cast(r1, key)
            elif kind == UNRESOLVED:
                value = run.unresolved(key)
            else:
                raise CallDepth(MAX_FRAMES)
            view[at.RESULT] = value & MASK64
            view[at.STATUS] = view[at.TRACED] = 0  # a mock may have caught a nested run's fault
            if not keeps:  # otherwise native code goes on with its own count
                self._give()
        except BaseException as error:
            self._fail(error, slot)

    def _tail(self, ctx: int, table: int, index: int) -> int:
        value = self.run.tail_call(ctx, table, index)
        self.view[at.FLAG] = value is not None
        return MASK64 - 1 if value is None else value  # -2 = -ENOENT: no program there

    def _step(self) -> None:
        """Go on to the end of the function: one instruction at a time, or in better code."""
        try:
            self.take()
            view, run = self.view, self.run
            if self.better >= 0:
                index, self.better = self.better, -1
                entry = run.engine.continuation(index)  # type: ignore[attr-defined]
                self.pins.clear()
                self._give()
                self.over = True
                try:
                    view[at.RESULT] = entry(self.address)
                finally:
                    self.over = False
                return
            self.pins.clear()
            registers = list(view[at.REGISTERS : at.REGISTERS + 11])
            budget = view[at.BUDGET]
            budget = budget - (1 << 64) if budget >> 63 else budget
            index = view[at.INFO]
            view[at.RESULT] = run.engine.step(run, index, registers, budget)
            view[at.BUDGET] = run.may_goto_budget
            view[at.STATUS] = view[at.TRACED] = 0
            self._give()
        except BaseException as error:
            self._fail(error, -1)

    def _goes_over(self, index: int) -> bool:
        return bool(self.run.engine.goes_over(index))  # type: ignore[attr-defined]

    def _refill(self) -> None:
        """Give native code more of the limit; other threads get their turn meanwhile."""
        try:
            self.take()
            self._give()
            index = self.view[at.INFO]
            if not self.over and self.reserve and self._goes_over(index):
                self.reserve = self.run.n
                self.view[at.LEFT] = 0  # makes native code give up its registers
                self.better = index
        except BaseException as error:
            self._fail(error, -1)


def _map_arena() -> Any:
    """Return 4 GiB of zeros and a little, of which only touched pages take memory."""
    import mmap

    return mmap.mmap(-1, ARENA_SIZE + ARENA_GUARD)
