"""Many inputs for one program, laid out for a loop in native code.

Contexts lie one behind the other in ``contexts``, packets in ``packets``; the engine copies each
into ``live`` and ``packet`` in turn, runs, and copies back what the program left. Python is told of
an input (``begin``, ``end``) only when something of it is needed: a helper, an unknown address, a
fault.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, overload

from ..support.errors import InputError
from ..uapi.prog_types import ProgType
from . import context as _context
from .context import Context
from .faults import Fault
from .memory import CONTEXT_BASE, Region
from .packet import FRAME, HEADROOM, Packet

if TYPE_CHECKING:
    from .program import LoadedProgram, Result

_ETH = 14
_LARGEST = FRAME - HEADROOM - 1024  # bytes of a packet that fits the buffer every packet gets
_TYPES = (ProgType.XDP, *_context.SKB - {ProgType.FLOW_DISSECTOR})
# Fields of contexts that follow from the packet.
_END, _LENGTH, _PROTOCOL = "data_end", "len", "protocol"


class Batch:
    """See the module's text.

    ``values``: r0 of each input; ``lefts``: what was left
    of ``chunk``, the part of the limit that native code begins with. ``skipped``: bytes of each
    packet before what the program sees. ``details``: results of the inputs that Python was told of.
    """

    def __init__(self, program: LoadedProgram, contexts: list[Context], limit: int) -> None:
        first = contexts[0]
        self.program = program
        self.run = program._run
        self.limit = limit
        self.chunk = limit
        self.count = len(contexts)
        self.size = len(first.data)
        self.places = first.places
        self.order = first.byteorder
        self.contexts = bytearray(b"".join(context.data for context in contexts))
        self.live = Context(bytearray(self.size), first.places, first.byteorder)
        self.packets: bytearray | None = None
        self.offsets = array("Q")
        self.packet: Packet | None = None
        self.pulled = False
        self.frame = 0  # bytes of the packet's buffer
        self.skipped = 0
        self.arguments: list[tuple[int, bool]] = []
        self.values = array("Q", bytes(8 * self.count))
        self.lefts = array("q", bytes(8 * self.count))
        self.details: dict[int, Result] = {}
        self._printed = self._sent = 0

    # --- for the engine --------------------------------------------------------------------

    def open(self) -> None:
        """Make the live context and packet addressable."""
        self.run.engine = self.program.engine
        self.run.trace = self.run.hits = None
        region = Region(CONTEXT_BASE, self.live.data, "the context")
        self.run.world.memory.slots[CONTEXT_BASE >> 32] = region
        if self.packets is not None:
            self.new_packet()

    def close(self) -> None:
        """Undo ``open``."""
        run = self.run
        if self.packet is not None:
            self.packet.close()
        run.world.memory.slots.pop(CONTEXT_BASE >> 32, None)
        run.context = run.packet = None

    def new_packet(self) -> None:
        """Take a fresh buffer for packets."""
        if self.packet is not None:
            self.packet.close()
        xdp = self.program.prog_type == ProgType.XDP
        self.packet = Packet(
            self.run.memory,
            bytes(_ETH),
            kind="xdp" if xdp else "skb",
            set_field=self.live.set,
            pulled=self.pulled,
        )
        self.packet.open()
        self.frame = len(self.packet.buffer)

    def begin(self, index: int) -> None:
        """Input ``index`` is running, and Python is asked for the first time."""
        run, world = self.run, self.run.world
        run.begin(self.limit)
        run.context = self.live
        run.ctx = CONTEXT_BASE
        run.packet = self.packet
        if self.packet is not None:
            self.packet.hold(self.offsets[index + 1] - self.offsets[index], pulled=self.pulled)
        if self.arguments:
            run.arg_count, run.has_ret = self.arguments[index]
        self._printed, self._sent = len(world.trace), len(world.records)
        world.running = run

    def end(self, index: int, fault: Fault | None) -> None:
        """It has ended; ``run.n`` is what was left of the limit."""
        from .program import Result

        result = Result()
        result.value = self.values[index]
        result.context = Context(bytearray(self.live.data), self.places, self.order)
        if self.packet is not None:
            result.packet = self.packet.data
            result.metadata = self.packet.metadata
        if fault is not None:
            result.value = 0
            self.program.failed(result, fault)
        self.program.settle(result, self._printed, self._sent)
        self.details[index] = result

    # --- for the caller --------------------------------------------------------------------

    def result(self, index: int) -> Result:
        """Return the result of one input."""
        from .program import Result

        found = self.details.get(index)
        if found is None:
            found = Result()
            found.value = self.values[index]
            found.executed = self.chunk - self.lefts[index]
            at = index * self.size
            data = self.contexts[at : at + self.size]
            found.context = Context(data, self.places, self.order)
            if self.packets is not None:
                start = self.offsets[index] + self.skipped
                found.packet = bytes(self.packets[start : self.offsets[index + 1]])
        return found


class Results(Sequence["Result"]):
    """The results of a batch, each made when asked for; ``values`` are the r0 of all."""

    def __init__(self, batch: Batch) -> None:
        self._batch = batch
        self.values: Sequence[int] = batch.values
        for index, result in batch.details.items():
            batch.values[index] = result.value

    @overload
    def __getitem__(self, index: int) -> Result: ...
    @overload
    def __getitem__(self, index: slice) -> list[Result]: ...
    def __getitem__(self, index: int | slice) -> Result | list[Result]:
        if isinstance(index, slice):
            return [self._batch.result(k) for k in range(*index.indices(len(self)))]
        k = index + len(self) if index < 0 else index
        if not 0 <= k < len(self):
            raise IndexError(index)
        return self._batch.result(k)

    def __len__(self) -> int:
        return self._batch.count

    def __iter__(self) -> Iterator[Result]:
        return (self._batch.result(k) for k in range(len(self)))


def of_packets(
    program: LoadedProgram, packets: Sequence[bytes], spec: Any, limit: int
) -> Batch | None:
    """Return the batch of a program over packets, None when they must be run one by one.

    Raises: InputError for a context that cannot be built.
    """
    if program.prog_type not in _TYPES or not packets:
        return None
    if any(not _ETH <= len(packet) <= _LARGEST for packet in packets):
        return None
    run = program._run
    template = _context.build(run, program.prog_type, program.attach_type, spec, program._function)
    if run.scratch:
        run.finish()
        return None
    kept_protocol = template.get(_PROTOCOL)
    packet = _context.attach_packet(run, template, program.prog_type, packets[0])
    packet.close()
    batch = Batch(program, [template], limit)
    batch.pulled = packet.start != HEADROOM
    batch.skipped = packet.start - HEADROOM
    batch.count = len(packets)
    batch.packets = bytearray(b"".join(packets))
    at = 0
    batch.offsets.append(0)
    for one in packets:
        at += len(one)
        batch.offsets.append(at)
    batch.values = array("Q", bytes(8 * batch.count))
    batch.lefts = array("q", bytes(8 * batch.count))
    batch.contexts = _contexts(template, packets, batch, packet, kept_protocol)
    return batch


def _contexts(
    template: Context, packets: Sequence[bytes], batch: Batch, packet: Packet, kept: int
) -> bytearray:
    """Return the contexts of all packets: the template, and what follows from each packet."""
    base = packet.region.base + HEADROOM
    skipped = batch.skipped
    protocol = _PROTOCOL in template.places and not kept and packet.kind == "skb"
    out = bytearray()
    for one in packets:
        template.set(_END, base + len(one))
        if packet.kind == "skb":
            template.set(_LENGTH, len(one) - skipped)
            if protocol:
                template.set(_PROTOCOL, int.from_bytes(one[12:14], "little"))
        out += template.data
    return out


def of_contexts(program: LoadedProgram, specs: Sequence[Any], limit: int) -> Batch | None:
    """Return the batch of a program over contexts alone, None when they must be run one by one.

    Raises: InputError for a context that cannot be built.
    """
    run = program._run
    contexts: list[Context] = []
    arguments: list[tuple[int, bool]] = []
    for spec in specs:
        run.arg_count, run.has_ret, run.func_ip = 0, False, 0
        contexts.append(
            _context.build(run, program.prog_type, program.attach_type, spec, program._function)
        )
        arguments.append((run.arg_count, run.has_ret))
    same = {(len(context.data), tuple(context.places)) for context in contexts}
    if run.scratch or run.func_ip or len(same) != 1 or not contexts[0].data:
        run.finish()
        return None
    batch = Batch(program, contexts, limit)
    batch.arguments = arguments
    return batch


def require_inputs(packets: object, contexts: object) -> None:
    """Raise InputError unless just one kind of input is given."""
    if (packets is None) == (contexts is None):
        raise InputError("run_batch() takes packets or contexts")
