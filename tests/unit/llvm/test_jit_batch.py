"""A native batch gives, input by input, what single runs give."""

from __future__ import annotations

import random
from typing import Any

import pytest

pytest.importorskip("llvmlite", reason="llvmlite is not installed")

from bpfcc.isa.asm import assemble_insns
from bpfcc.llvm import jit_runner, jit_state
from bpfcc.llvm.jit import engine
from bpfcc.objfile.maps import MapDef
from bpfcc.support.errors import InputError
from bpfcc.uapi.map_types import MapType
from bpfcc.uapi.prog_types import ProgType
from bpfcc.vm.batch import Results
from bpfcc.vm.code import Code
from bpfcc.vm.engine import Interpreter
from bpfcc.vm.program import LoadedProgram, Result
from bpfcc.vm.world import World
from tests.fuzz.bytecode import Surroundings
from tests.fuzz.bytecode import program as random_program

NATIVE = engine(cache=False)


def load(text: str, prog_type: int, make: Any, maps: tuple[MapDef, ...] = ()) -> LoadedProgram:
    world = World(seed=5)
    handles = {spec.name: world.add_map(spec).handle for spec in maps}
    code = Code(assemble_insns(text.format(**handles)))
    return LoadedProgram("p", world, make(code), prog_type=prog_type)


def seen(result: Result) -> list[object]:
    fault = result.fault
    return [
        result.value,
        result.executed,
        None if fault is None else (fault.kind, fault.pc, fault.executed, fault.message),
        result.packet,
        result.metadata,
        None if result.context is None else bytes(result.context.data),
        result.trace,
        [record.data for record in result.records],
        result.redirects,
        result.leaks,
    ]


def both(
    text: str, prog_type: int, inputs: list[Any], maps: tuple[MapDef, ...] = (), **options: Any
) -> list[Result]:
    """Run in a batch and one by one; all must be equal."""
    kind = {} if options.pop("packets", True) else {"contexts": inputs}
    ends = []
    for make in (NATIVE, Interpreter):
        program = load(text, prog_type, make, maps)
        given = () if kind else (inputs,)
        results = program.run_batch(*given, **kind, **options)
        state = [held.items() for held in program.world.maps.values()]
        ends.append(([seen(result) for result in results], state, results))
    for k, (left, right) in enumerate(zip(ends[0][0], ends[1][0])):
        assert left == right, k
    assert len(ends[0][0]) == len(inputs)
    assert ends[0][1] == ends[1][1]
    return list(ends[0][2])


def packets(count: int, seed: int = 1) -> list[bytes]:
    rng = random.Random(seed)
    return [rng.randbytes(rng.randrange(14, 200)) for _ in range(count)]


PARSE = """
    r6 = r1; r2 = *(u32 *)(r1 + 4); r1 = *(u32 *)(r1 + 0); r3 = r1; r3 += 60; r0 = 2
    if r3 > r2 goto out
    r0 = *(u8 *)(r1 + 20); *(u8 *)(r1 + 21) = r0; r0 &= 1
    out: exit"""


def test_packets_that_need_no_python() -> None:
    results = both(PARSE, ProgType.XDP, packets(300))
    assert {result.ret for result in results} == {0, 1, 2}
    native = load(PARSE, ProgType.XDP, NATIVE).run_batch(packets(300))
    assert isinstance(native, Results)
    assert not native._batch.details  # Python was never asked


def test_faults_are_of_their_input_alone() -> None:
    text = "r1 = *(u32 *)(r1 + 0); r0 = *(u8 *)(r1 + 100); r0 = 1; exit"
    results = both(text, ProgType.XDP, packets(200))
    assert 20 < sum(result.fault is not None for result in results) < 180


def test_packets_that_move_and_grow() -> None:
    text = """
        r6 = r1; r2 = *(u32 *)(r1 + 0); r7 = *(u8 *)(r2 + 13); r7 &= 3
        if r7 == 0 goto plain
        if r7 == 1 goto tail
        r2 = -20; call 44; goto read
        tail: r2 = 30; call 65; goto read
        plain: r0 = 0; exit
        read: r2 = *(u32 *)(r6 + 4); r1 = *(u32 *)(r6 + 0)
        r0 = *(u8 *)(r1 + 7); r2 -= r1; r0 += r2; exit"""
    both(text, ProgType.XDP, packets(200))


def test_socket_buffers_grow_beyond_their_room() -> None:
    text = """
        r6 = r1; r2 = 300; r3 = 0; call 43
        r1 = *(u32 *)(r6 + 76); r2 = *(u32 *)(r6 + 80); r0 = *(u32 *)(r6 + 0); exit"""
    both(text, ProgType.SCHED_CLS, packets(40))
    both("r0 = *(u32 *)(r1 + 16); exit", ProgType.CGROUP_SKB, packets(40))
    both("r6 = r1; r0 = *(u8 *)skb[3]; exit", ProgType.SOCKET_FILTER, packets(40))


COUNT = (
    MapDef("count", MapType.ARRAY, 4, 8, 2),
    MapDef("seen", MapType.HASH, 4, 8, 8),
    MapDef("ring", MapType.RINGBUF, 0, 0, 4096),
)


def test_maps_records_and_lines() -> None:
    text = """
        r6 = *(u32 *)(r1 + 0); r7 = *(u8 *)(r6 + 0); r7 &= 7
        *(u32 *)(r10 - 4) = r7
        *(u64 *)(r10 - 16) = 1
        r1 = {seen} ll; r2 = r10; r2 += -4; r3 = r10; r3 += -16; r4 = 0; call 2
        *(u32 *)(r10 - 4) = 1
        r1 = {count} ll; r2 = r10; r2 += -4; call 1
        if r0 == 0 goto out
        lock *(u64 *)(r0 + 0) += r7
        if r7 != 3 goto out
        r1 = {ring} ll; r2 = r10; r2 += -16; r3 = 8; r4 = 0; call 130
        out: r0 = r7; exit"""
    results = both(text, ProgType.XDP, packets(100), COUNT)
    assert any(result.records for result in results)


def test_events_without_packets() -> None:
    rng = random.Random(3)
    inputs: list[Any] = [[rng.getrandbits(64) for _ in range(3)] for _ in range(100)]
    inputs[7] = {"arg1": 5, "ret": 9}
    text = "r6 = r1; r7 = *(u64 *)(r1 + 0); r1 = r6; call 185; r7 ^= r0; r0 = r7; exit"
    both(text, ProgType.TRACING, inputs, packets=False)
    plain = "r0 = *(u64 *)(r1 + 8); *(u64 *)(r1 + 0) = r0; exit"
    both(plain, ProgType.RAW_TRACEPOINT, inputs, packets=False)


def test_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    loop = "r2 = *(u64 *)(r1 + 0); r2 &= 255; l: r0 += 1; r2 -= 1; if r2 s> 0 goto l; exit"
    inputs = [[k] for k in range(256)]
    for limit in (1, 5, 100, 399, 5000):
        both(loop, ProgType.RAW_TRACEPOINT, inputs, packets=False, limit=limit)
    monkeypatch.setattr(jit_runner, "CHUNK", 60)
    monkeypatch.setattr(jit_state, "CHUNK", 60)
    for limit in (50, 399, 5000):
        both(loop, ProgType.RAW_TRACEPOINT, inputs, packets=False, limit=limit)


@pytest.mark.parametrize("block", range(4))
def test_random_programs(block: int) -> None:
    for seed in range(block * 15, block * 15 + 15):
        rng = random.Random(seed)
        inputs = [rng.randbytes(48) for _ in range(5)]
        ends = []
        for make in (NATIVE, Interpreter):
            around = Surroundings()
            code = Code(random_program(seed, around))
            program = LoadedProgram("r", around.world, make(code), prog_type=ProgType.SYSCALL)
            results = program.run_batch(contexts=inputs, limit=3000)
            ends.append([[seen(result) for result in results], around.state()])
        assert ends[0] == ends[1], seed


def test_results_are_a_sequence() -> None:
    program = load(PARSE, ProgType.XDP, NATIVE)
    results = program.run_batch(packets(10))
    assert len(results) == 10
    assert [r.value for r in results[2:4]] == [results[2].value, results[-7].value]
    with pytest.raises(IndexError):
        results[10]
    assert list(program.run_batch([])) == []
    with pytest.raises(InputError, match="packets or contexts"):
        program.run_batch()


def test_single_runs_and_batches_take_turns() -> None:
    program = load(PARSE, ProgType.XDP, NATIVE)
    given = packets(20)
    alone = [seen(program.run(packet=one)) for one in given]
    assert [seen(result) for result in program.run_batch(given)] == alone
    assert [seen(program.run(packet=one)) for one in given] == alone
