"""The Python side of native batches: memory that the loop works on, inputs that need Python."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any

from ..vm.faults import Fault
from ..vm.memory import CONTEXT_BASE
from ..vm.packet import HEADROOM
from . import jit_batch as b
from . import jit_layout as at
from .jit_build import host
from .jit_state import CHUNK, pin

if TYPE_CHECKING:
    from ..vm.batch import Batch
    from .jit_state import State

_BATCH = ctypes.PYFUNCTYPE(ctypes.c_uint64, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_uint64)


class Runner:
    """A batch while it runs; a context manager."""

    def __init__(self, state: State, batch: Batch, *, contained: bool) -> None:
        self.state = state
        self.batch = batch
        self.contained = contained
        self._loop = _BATCH(int(host().runtime(cache=True)["batch"]))
        self._words = (ctypes.c_uint64 * b.WORDS)()
        self.view = memoryview(self._words).cast("B").cast("Q")
        self._held: list[Any] = []  # what keeps buffers where they are

    def __enter__(self) -> Runner:
        batch, view, state = self.batch, self.view, self.state
        batch.open()
        view[b.CONTEXTS] = self._pin(batch.contexts)
        view[b.CONTEXT_SIZE] = batch.size
        view[b.CONTEXT] = self._pin(batch.live.data)
        if batch.packets is not None:
            view[b.PACKETS] = self._pin(batch.packets)
            view[b.OFFSETS] = batch.offsets.buffer_info()[0]
        chunk = batch.chunk = min(batch.limit, CHUNK)
        view[b.LIMIT] = chunk
        view[b.RESULTS] = batch.values.buffer_info()[0]
        view[b.LEFTS] = batch.lefts.buffer_info()[0]
        view[b.BUDGET] = batch.run.may_goto_budget
        view[b.R1] = CONTEXT_BASE
        view[b.SKIPPED] = batch.skipped
        self._outer = state.pins, state.contained, state.over, state.reserve
        state.pins, state.contained, state.over = {}, self.contained, False
        state.begin_batch(self, batch.limit - chunk)
        state.know(0, CONTEXT_BASE, batch.size, view[b.CONTEXT], True)
        self._show_packet()
        return self

    def __exit__(self, *_: object) -> None:
        state = self.state
        state.end_batch()
        state.pins, state.contained, state.over, state.reserve = self._outer
        self._held.clear()
        self._packet_pin = None
        self.batch.close()

    def _pin(self, data: Any) -> int:
        held, address = pin(data)
        self._held.append(held)
        return address

    def _show_packet(self) -> None:
        packet = self.batch.packet
        self._packet_pin = None
        if packet is None:
            return
        self._packet_pin, address = pin(packet.buffer)
        self._buffer = packet.buffer
        start = HEADROOM + self.batch.skipped
        self.view[b.PACKET] = address + HEADROOM
        self.view[b.PREVIOUS] = 0
        self.state.know(1, packet.region.base + start, 0, address + start, True)

    def begin(self) -> None:
        """Python is asked for the first time during an input."""
        self.batch.begin(self.view[b.INDEX])

    def release(self) -> None:
        """The packet may move or grow: native code must ask for it anew."""
        self._packet_pin = None
        self.state.unknow(1)

    def run(self, entry: int, first: int, end: int) -> int:
        """Run inputs ``first`` to ``end`` (exclusive); return how many instructions they took."""
        batch, view, state = self.batch, self.view, self.state
        view[b.INDEX], view[b.COUNT] = first, end
        while True:
            state.begun = False
            state.view[at.TOUCHED] = 0
            if self._loop(state.address, ctypes.addressof(self._words), entry) == b.DONE:
                break
            index = view[b.INDEX]
            self._end(index)
            view[b.INDEX] = index + 1
        total = batch.chunk * (end - first)
        for index in range(first, end):
            total -= batch.lefts[index]
        return total

    def _end(self, index: int) -> None:
        """An input ended during which Python was asked."""
        batch, state = self.batch, self.state
        fault: Fault | None = None
        state.take()
        batch.lefts[index] = batch.run.n - (batch.limit - batch.chunk)
        if state.view[at.STATUS]:
            try:
                state.raise_error()
            except Fault as error:
                fault = error
        state.pins.clear()
        self._packet_pin = None
        batch.end(index, fault)
        packet = batch.packet
        if packet is not None:
            if packet.buffer is self._buffer and len(packet.buffer) == batch.frame:
                packet.buffer[:] = bytes(batch.frame)
            else:
                batch.new_packet()
            self._show_packet()
