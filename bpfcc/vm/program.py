"""A loaded program: run it, call it as a function, look at what happened."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, MutableMapping, Sequence
from typing import Any

from ..btf.types import Func, Struct
from ..isa.disasm import format_insn
from ..isa.insn import Insn
from ..objfile.model import Program
from ..support.errors import InputError
from . import batch as _batch
from . import context as _context
from .code import Code
from .engine import Engine, Interpreter
from .faults import Fault, Thrown
from .maps.output import Record
from .memory import CONTEXT_BASE, MASK64, Region
from .recorder import Call
from .run import Run, Trace, recursion_room
from .world import World

DEFAULT_LIMIT = 100_000_000


class Result:
    """What one run did.

    ``value`` is r0 (unsigned 64-bit) and ``ret`` its low half as a signed number, which is what
    the kernel takes; both are 0 after a fault. ``executed`` counts instructions. ``trace`` holds
    the lines of bpf_trace_printk and ``records`` the ring and perf buffer records of this run.
    ``packet`` and ``metadata`` are the bytes afterwards, ``context`` the context's. ``hits`` counts
    executions by code and instruction index when coverage was asked for. ``leaks`` names what was
    acquired and not released.
    """

    __slots__ = (
        "calls",
        "context",
        "executed",
        "fault",
        "hits",
        "leaks",
        "metadata",
        "override",
        "packet",
        "records",
        "redirects",
        "trace",
        "value",
    )

    def __init__(self) -> None:
        self.value = 0
        self.fault: Fault | None = None
        self.executed = 0
        self.trace: list[str] = []
        self.records: list[Record] = []
        self.redirects: list[tuple[Any, ...]] = []
        self.override: int | None = None
        self.calls: list[Call] = []
        self.packet: bytes | None = None
        self.metadata = b""
        self.context: _context.Context | None = None
        self.hits: dict[Code, list[int]] | None = None
        self.leaks: list[str] = []

    @property
    def ret(self) -> int:
        """The result as a signed 32-bit number."""
        low = self.value & 0xFFFFFFFF
        return low - ((low & 0x80000000) << 1)

    def check(self) -> Result:
        """Return this result; raise its fault when it has one."""
        if self.fault is not None:
            raise self.fault
        return self

    def __repr__(self) -> str:
        what = f"fault={self.fault}" if self.fault is not None else f"ret={self.ret}"
        return f"<Result {what} executed={self.executed}>"


class LoadedProgram:
    """A program in a world.

    ``prog_type`` and ``attach_type`` are numbers of ``uapi.prog_types``, 0 where the section name
    says nothing. ``globals`` are the object's variables. ``program`` is what was linked, None for
    bare instructions.
    """

    def __init__(
        self,
        name: str,
        world: World,
        engine: Engine,
        *,
        program: Program | None = None,
        prog_type: int = 0,
        attach_type: int = 0,
        variables: MutableMapping[str, Any] | None = None,
        find_struct: Callable[[str], Struct] | None = None,
    ) -> None:
        self._find_struct = find_struct
        self.exception_callback: Callable[[int], int] | None = None  # cookie -> result
        self.name = name
        self.world = world
        self.engine = engine
        self.program = program
        self.prog_type = prog_type
        self.attach_type = attach_type
        self.globals: MutableMapping[str, Any] = {} if variables is None else variables
        self._run = Run(world, engine)
        recursion_room()

    @property
    def code(self) -> Code:
        """The instructions."""
        return self.engine.code

    @property
    def _function(self) -> Func | None:
        return self.program.functions[0].function.btf if self.program is not None else None

    def new_struct(self, name: str, **values: Any) -> int:
        """Put a kernel struct that the program's BTF describes into memory; return its address.

        ``values``: its members; what is not given is zero. For contexts, probe reads, BTF pointers.
        Raises: InputError when the object has no such struct or a value does not fit.
        """
        if self._find_struct is None:
            raise InputError("a program of bare instructions has no types")
        try:
            return self.world.new_struct(self._find_struct(name), values, writable=True)
        except (ValueError, TypeError) as error:
            raise InputError(f"struct {name}: {error}") from None

    def run_batch(
        self,
        packets: Iterable[bytes] | None = None,
        *,
        contexts: Iterable[Any] | None = None,
        **options: Any,
    ) -> Sequence[Result]:
        """Run once per packet, or once per context; native code does so in a loop of its own.

        Args:
            packets: the packets; ``ctx`` among the options is the context of all.
            contexts: for programs without packets, each as ``ctx`` of ``run``.
            options: as for ``run``; others than ``ctx`` and ``limit`` run one by one.

        Returns: the results, in order. Raises: InputError.
        """
        _batch.require_inputs(packets, contexts)
        given = list(contexts if packets is None else packets)  # type: ignore[arg-type]
        limit = options.get("limit", DEFAULT_LIMIT)
        if given and self.engine.batches and not set(options) - {"ctx", "limit"}:
            if packets is None:
                batch = _batch.of_contexts(self, given, limit) if "ctx" not in options else None
            else:
                batch = _batch.of_packets(self, given, options.get("ctx"), limit)
            if batch is not None:
                self._run.cookie = self._run.func_ip = 0
                self.engine.run_batch(batch)
                return _batch.Results(batch)
        if packets is None:
            return [self.run(context, **options) for context in given]
        return [self.run(packet=packet, **options) for packet in given]

    def run(
        self,
        ctx: Mapping[str, Any] | Sequence[int] | bytes | None = None,
        *,
        packet: bytes | None = None,
        linear: int | None = None,
        metadata: bytes = b"",
        pulled: bool | None = None,
        cookie: int = 0,
        func_ip: int = 0,
        limit: int = DEFAULT_LIMIT,
        trace: Trace | None = None,
        coverage: bool = False,
    ) -> Result:
        """Run once.

        Args:
            ctx: the context: fields by name, a list of arguments, bytes, or None for zeros.
            packet: the packet's bytes, from the Ethernet header on.
            linear: how much of it the program may access directly; all when None.
            metadata: XDP metadata before the packet.
            pulled: the program sees the packet from the network layer on; None = as its type does.
            cookie: what bpf_get_attach_cookie returns.
            func_ip: what bpf_get_func_ip returns.
            limit: instructions after which the run ends in LimitExceeded.
            trace: called before each instruction with (run, code, index, registers).
            coverage: count executions per instruction.

        Returns: the result; a fault is in it, not raised.
        Raises: InputError for a context that cannot be built.
        """
        run = self._run
        world = self.world
        run.cookie, run.func_ip = cookie, func_ip
        context = _context.build(run, self.prog_type, self.attach_type, ctx, self._function)
        result = Result()
        result.context = run.context = context
        region = Region(CONTEXT_BASE, context.data, "the context")
        world.memory.slots[CONTEXT_BASE >> 32] = region
        run.ctx = CONTEXT_BASE
        run.packet = None
        try:
            if packet is not None:
                run.packet = _context.attach_packet(
                    run,
                    context,
                    self.prog_type,
                    packet,
                    linear=linear,
                    meta=metadata,
                    pulled=pulled,
                )
            self._execute(result, (CONTEXT_BASE,), limit, trace, coverage)
            if run.packet is not None:
                result.packet = run.packet.data
                result.metadata = run.packet.metadata
        finally:
            if run.packet is not None:
                run.packet.close()
            world.memory.slots.pop(CONTEXT_BASE >> 32, None)
            run.context = None
        return result

    def call(self, *args: int, limit: int = DEFAULT_LIMIT) -> int:
        """Call the entry as a plain function of up to five 64-bit numbers; return r0.

        Raises: Fault.
        """
        result = Result()
        self._execute(result, tuple(arg & MASK64 for arg in args), limit, None, False)
        return result.check().value

    def call_with_memory(self, memory: bytearray, *args: int, limit: int = DEFAULT_LIMIT) -> Result:
        """Call it with r1 = address of ``memory`` and r2 = its length, ``args`` in r3 to r5.

        The buffer is changed in place. A fault is in the result, not raised.
        """
        region = Region(CONTEXT_BASE, memory, "the memory argument")
        self.world.memory.slots[CONTEXT_BASE >> 32] = region
        result = Result()
        try:
            self._execute(result, (CONTEXT_BASE, len(memory), *args), limit, None, False)
        finally:
            del self.world.memory.slots[CONTEXT_BASE >> 32]
        return result

    def _execute(
        self,
        result: Result,
        args: tuple[int, ...],
        limit: int,
        trace: Trace | None,
        coverage: bool,
    ) -> None:
        run, world = self._run, self.world
        run.engine = self.engine
        run.trace = trace
        run.hits = _Hits() if coverage else None
        printed, sent = len(world.trace), len(world.records)
        run.begin(limit)
        world.running = run
        try:
            result.value = run.call_function(0, *args)
        except Fault as fault:
            self.failed(result, fault)
        except RecursionError:
            result.fault = Fault("callbacks and tail calls nest too deep")
        finally:
            self.settle(result, printed, sent)

    def failed(self, result: Result, fault: Fault) -> None:
        """Put a fault into ``result``: where in C it is; bpf_throw is none."""
        if isinstance(fault, Thrown):
            result.executed = fault.executed
            self._end_thrown(result, fault)
            return
        _explain(fault, fault.code or self.code)
        result.fault = fault

    def settle(self, result: Result, printed: int, sent: int) -> None:
        """Put into ``result`` what a run left behind, and end it.

        ``printed`` and ``sent``: lines of trace and records that there were before.
        """
        run, world = self._run, self.world
        if not result.executed:
            result.executed = run.limit - run.n
        if result.fault is not None and result.fault.executed >= 0:
            result.executed = result.fault.executed
        result.leaks = [str(what) for what in run.references.values()]
        result.hits = run.hits
        result.calls = run.calls
        result.redirects = run.redirects
        result.override = run.override
        result.trace = world.trace[printed:]
        result.records = world.records[sent:]
        run.finish()
        world.end_run()

    def _end_thrown(self, result: Result, thrown: Thrown) -> None:
        """bpf_throw: the result is the cookie, or what the exception callback makes of it."""
        try:
            callback = self.exception_callback
            result.value = thrown.cookie if callback is None else callback(thrown.cookie)
        except Fault as fault:
            result.fault = fault


def _explain(fault: Fault, code: Code) -> None:
    """Say where in C, in which function, and at which instruction a fault is."""
    index = code.index.get(fault.pc)
    if index is None or index >= len(code.insns):
        return
    fault.line = code.line_at(fault.pc)
    fault.function = code.functions[code.function_of(index)].name
    fault.insn = format_insn(code.insns[index], fault.pc)


class _Hits(dict[Code, list[int]]):
    """Execution counts; codes come in as they are run."""

    def __missing__(self, code: Code) -> list[int]:
        self[code] = counts = [0] * len(code.insns)
        return counts


def from_insns(
    insns: Sequence[Insn],
    world: World | None = None,
    *,
    name: str = "program",
    engine: Callable[[Code], Engine] = Interpreter,
    prog_type: int = 0,
    values: dict[int, int] | None = None,
    big_endian: bool = False,
) -> LoadedProgram:
    """Load bare instructions; ``values``: slot -> value of wide loads with a pseudo source.

    Raises: InputError when they are malformed.
    """
    if world is None:
        world = World(big_endian=big_endian)
    code = Code(insns, name=name, values=values, big_endian=big_endian)
    return LoadedProgram(name, world, engine(code), prog_type=prog_type)
