"""One side of the cross-check: an object in a world of its own, and what each step did there.

Two sides with the same seed have the same clock, random numbers, task, kernel memory and results of
helpers that the user-space machine does not model, so that whatever differs comes from the code.
"""

from __future__ import annotations

import functools
import random
import zlib
from collections.abc import Iterator
from typing import Any

from ..isa.table import CALL
from ..objfile.model import Line, Object
from ..support.errors import InputError
from ..uapi.helpers import Helper, by_id
from ..uapi.kernels import LATEST_TUPLE
from ..vm.code import Code
from ..vm.load import load_all
from ..vm.maps.array import ArrayMap
from ..vm.maps.base import Map
from ..vm.maps.output import PerfMap, RingbufMap, UserRingbufMap
from ..vm.maps.queue import QueueMap
from ..vm.memory import STACK_SLOT
from ..vm.program import LoadedProgram, Result
from ..vm.recorder import Call
from ..vm.run import Handler, Run
from ..vm.world import World
from .cross_inputs import Step

LIMIT = 1_000_000  # instructions per run
MEMORY = 16384  # bytes of kernel memory that arguments point to
_STACKS = range(STACK_SLOT, 2 * STACK_SLOT)  # upper halves of addresses of stack frames
_VERSION = LATEST_TUPLE[0] << 16 | LATEST_TUPLE[1] << 8
_ERROR_TYPES = ("long", "int")  # C types of results that are 0 or an error; others are values
_RESULTS = (0, 0, 0, 1, -1, -2, -22)


class Side:
    """The programs of one object. ``pointer``: address of the kernel memory."""

    def __init__(self, name: str, obj: Object, seed: int, constants: list[int]) -> None:
        """Load ``obj``. Raises: InputError when it cannot be loaded."""
        self.name = name
        self.obj = obj
        self.seed = seed
        self.world = World(seed=seed, big_endian=obj.big_endian)
        data = bytearray(MEMORY)
        self.pointer = self.world.new_object(data, "kernel memory", writable=True)
        data[:] = _memory(self.pointer, seed, tuple(constants), obj.big_endian)
        self._set_externs()
        self.programs = load_all(obj, self.world)
        if not self.programs:
            raise InputError("there is no program to run")
        self.fallible = 0  # helper calls of the run so far that could fail
        self._fail: tuple[int, int, int] | None = None
        self._mock_unmodelled()
        self._let_fail()
        self.world.record_calls()

    def _set_externs(self) -> None:
        for extern in self.obj.externs:
            if extern.section == ".kconfig":
                known = extern.name == "LINUX_KERNEL_VERSION"
                self.world.kconfig[extern.name] = _VERSION if known else 1
            else:
                self.world.ksyms[extern.name] = self.pointer

    def _mock_unmodelled(self) -> None:
        for program in self.programs.values():
            code = program.code
            for i, (insn, row) in enumerate(zip(code.insns, code.rows)):
                if row.kind != CALL:
                    continue
                if row.op == "helper" and not self.world.knows(insn.imm):
                    helper = by_id.get(insn.imm)
                    if helper is not None:
                        self.world.mock(helper.name, _Stub(helper, self.seed, self.pointer))
                elif row.op == "kfunc" and not self.world.knows(code.kfuncs[i]):
                    self.world.mock(code.kfuncs[i], 0)

    def _let_fail(self) -> None:
        """Wrap each helper that can fail, so that a step may have it fail."""
        wanted = {
            insn.imm
            for program in self.programs.values()
            for insn, row in zip(program.code.insns, program.code.rows)
            if row.kind == CALL and row.op == "helper"
        }
        for number in sorted(wanted):
            helper = by_id.get(number)
            if helper is None or helper.ret == "void":
                continue
            pointer = helper.ret != "int"
            if helper.ret.endswith("?") or (not pointer and helper.proto.startswith(_ERROR_TYPES)):
                self.world.mock(number, self._fallible(self.world.handlers[number], pointer))

    def _fallible(self, handler: Handler, pointer: bool) -> Handler:
        def call(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
            self.fallible += 1
            fail = self._fail
            if fail is None or not fail[0] <= self.fallible <= fail[1]:
                return handler(run, r1, r2, r3, r4, r5)
            if pointer:
                return 0
            # What it writes is written all the same: an error must not leave memory to chance.
            handler(run, r1, r2, r3, r4, r5)
            return fail[2] & (1 << 64) - 1

        return call

    def run(self, step: Step, **more: Any) -> Result | None:
        """Run one step; None when its context cannot be built."""
        for name, key, value in step.writes:
            table = self.world.maps.get(name)
            if table is not None:
                table.write(key, value)
        self.world.task.pid = self.world.task.tgid = step.pid
        self.world.advance(step.wait)
        program = self.programs[step.program]
        self.fallible, self._fail = 0, step.fail
        try:
            return program.run(step.ctx, packet=step.packet, limit=LIMIT, **more)
        except InputError:
            return None

    def maps(self) -> dict[str, Any]:
        """Return what every map and writable variable holds, in a form that can be compared."""
        held: dict[str, Any] = {}
        for name, table in self.world.maps.items():
            if name.startswith((".rodata", ".kconfig")):
                continue
            held[name] = _contents(table)
        return held

    def missed(self, result: Result) -> Iterator[tuple[str, bytes, int]]:
        """Yield (map, key, bytes of a value) of each lookup of a run that found nothing."""
        for call in result.calls:
            if call.name == "bpf_map_lookup_elem" and call.result == 0:
                table = self.world.maps.get(call.args[0])
                if table is not None and isinstance(call.args[1], bytes):
                    yield table.name, call.args[1], table.value_size


@functools.lru_cache(maxsize=4)
def _memory(address: int, seed: int, constants: tuple[int, ...], big_endian: bool) -> bytes:
    """Return what lies where pointers lead: numbers, and pointers into the same memory."""
    rng = random.Random(seed)
    words = []
    for at in range(0, MEMORY, 8):
        value = address + 8 * rng.randrange(MEMORY // 16)
        if rng.random() < 0.6:
            numbers = (rng.choice(constants or (0,)), rng.choice(constants or (0,)), at, 0)
            value = rng.choice(numbers)
        words.append((value & (1 << 64) - 1).to_bytes(8, "big" if big_endian else "little"))
    return b"".join(words)


class _Stub:
    """What an unmodelled helper does: results and memory from the seed and the number of the call."""

    def __init__(self, helper: Helper, seed: int, pointer: int) -> None:
        self.helper = helper
        self.seed = seed
        self.pointer = pointer
        self.calls = 0

    def __call__(self, run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
        self.calls += 1
        number = zlib.crc32(f"{self.seed} {self.helper.name} {self.calls}".encode())
        raw = (r1, r2, r3, r4, r5)
        for i, kind in enumerate(self.helper.args):
            size = 0
            if kind.startswith("outfix:"):
                size = int(kind[7:].rstrip("?!"))
            elif kind.rstrip("?!") == "out" and i + 1 < len(self.helper.args):
                size = min(raw[i + 1], 1 << 16)
            if size and raw[i]:
                run.memory.write(raw[i], (number.to_bytes(4, "little") * (size // 4 + 1))[:size])
        if self.helper.ret == "void":
            return 0
        if self.helper.ret == "int":
            return _RESULTS[number % len(_RESULTS)] & (1 << 64) - 1
        return 0 if number & 1 and self.helper.ret.endswith("?") else self.pointer


def _contents(table: Map) -> Any:
    if isinstance(table, ArrayMap):
        return [bytes(region.data) for region in table.regions]
    if isinstance(table, (QueueMap, RingbufMap, UserRingbufMap, PerfMap)):
        return table.items() if isinstance(table, QueueMap) else len(table)
    return {key: table.read(key) for key in table.keys_raw()}


def same_call(one: Call, other: Call) -> bool:
    """Tell whether two calls agree; where in its own memory a program keeps things is its affair."""
    return (
        one.name == other.name
        and len(one.args) == len(other.args)
        and all(map(_same_value, one.args, other.args))
        and _same_value(one.result, other.result)
    )


def _same_value(one: Any, other: Any) -> bool:
    if one == other:
        return True
    both = isinstance(one, int) and isinstance(other, int)
    return both and one >> 32 in _STACKS and other >> 32 in _STACKS


def lines_of_calls(side: Side, step: Step) -> list[Line | None]:
    """Run ``step`` and return the C line of each helper and kernel function call, in order."""
    found: list[Line | None] = []

    def trace(_run: Run, code: Code, index: int, _registers: Any) -> None:
        row = code.rows[index]
        if row.kind == CALL and row.op in ("helper", "kfunc"):
            found.append(code.line_at(code.slots[index]))

    side.run(step, trace=trace)
    return found


def lines_reached(result: Result) -> set[tuple[str, int]]:
    """Return the (file, line) of the C code that a run with coverage executed."""
    reached = set()
    for code, counts in (result.hits or {}).items():
        for i, count in enumerate(counts):
            line = code.line_at(code.slots[i]) if count else None
            if line is not None:
                reached.add((line.file, line.line))
    return reached


def returns_value(program: LoadedProgram) -> bool:
    """Tell whether the C function returns something: r0 of a void one may hold anything."""
    func = program.program.functions[0].function.btf if program.program is not None else None
    return func is None or func.proto.ret is not None
