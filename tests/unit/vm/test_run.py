"""Runs, faults and what the suite of the RFC leaves out."""

from __future__ import annotations

import re

import pytest

from bpfcc.isa.asm import assemble_insns
from bpfcc.objfile.maps import MapDef
from bpfcc.support.errors import InputError
from bpfcc.uapi.map_types import MapType
from bpfcc.uapi.prog_types import ProgType
from bpfcc.vm.engine import Careful, Engine, Interpreter
from bpfcc.vm.faults import BadCall, CallDepth, LimitExceeded, MemoryFault, UnknownHelper
from bpfcc.vm.memory import FUNCTION_BASE
from bpfcc.vm.program import LoadedProgram, from_insns
from bpfcc.vm.world import World

both = pytest.mark.parametrize("engine", [Interpreter, Careful], ids=lambda engine: engine.name)


def make(
    text: str, engine: type[Engine] = Interpreter, world: World | None = None, **more: object
) -> LoadedProgram:
    return from_insns(assemble_insns(text), world, engine=engine, **more)  # type: ignore[arg-type]


@both
def test_wide_loads_with_a_pseudo_source(engine: type[Engine]) -> None:
    world = World()
    table = world.add_map(MapDef("m", MapType.ARRAY, 4, 8, 2))
    insns = assemble_insns(
        "r1 = map_fd(3) ll; r2 = map_value(3, 8) ll; r3 = func(f) ll; r6 = r3\n"
        "r0 = *(u64 *)(r2 + 0); r0 += r1; r1 = 5; callx r6; exit; f: r0 = r1; r0 *= 3; exit"
    )
    address = table.address(1)  # type: ignore[attr-defined]
    program = from_insns(insns, world, engine=engine, values={0: table.handle, 2: address})
    assert program.call() == 15
    unresolved = from_insns(insns, World(), engine=engine, values={2: address})
    with pytest.raises(Exception, match="lddw_map_fd has no value"):
        unresolved.call()


@both
def test_function_addresses(engine: type[Engine]) -> None:
    program = make("r0 = func(f) ll; exit; f: exit", engine)
    assert program.call() == FUNCTION_BASE + 3 * 8


@both
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("r6 = r1; r0 = *(u8 *)skb[1]; exit", 0x22),
        ("r6 = r1; r0 = *(u16 *)skb[1]; exit", 0x2233),
        ("r6 = r1; r0 = *(u32 *)skb[4]; exit", 0x55667788),
        ("r6 = r1; r2 = 2; r0 = *(u16 *)skb[r2 + 1]; exit", 0x4455),
        ("r6 = r1; r0 = *(u32 *)skb[5]; r0 = 99; exit", 0),  # beyond: the program ends with 0
        ("r6 = r1; r2 = -1; r0 = *(u8 *)skb[r2]; r0 = 99; exit", 0),
        ("r6 = r1; call f; r0 += 1; exit; f: r0 = *(u8 *)skb[9]; r0 = 99; exit", 1),
        ("r6 = r1; r0 = *(u8 *)skb[-2097151]; exit", 0x22),  # SKF_LL_OFF + 1
    ],
)
def test_packet_loads(engine: type[Engine], text: str, expected: int) -> None:
    program = make(text, engine, prog_type=ProgType.SOCKET_FILTER)
    packet = bytes([0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88])
    result = program.run(packet=packet)
    assert result.fault is None
    assert result.value == expected


@both
def test_kfunc_calls(engine: type[Engine]) -> None:
    world = World()
    world.mock("#77", lambda a, b: a * b)
    assert make("r1 = 6; r2 = 7; call kfunc 77; exit", engine, world).call() == 42
    with pytest.raises(Exception, match=r'kernel function #78 .* world\.mock\("#78"'):
        make("call kfunc 78; exit", engine, world).call()


@both
def test_acquire_and_release(engine: type[Engine]) -> None:
    text = """
        r1 = 0x1122334455667788 ll
        store_release((u64 *)(r10 - 8), r1)
        w2 = load_acquire((u32 *)(r10 - 8))
        w3 = load_acquire((u16 *)(r10 - 4))
        w4 = load_acquire((u8 *)(r10 - 1))
        store_release((u16 *)(r10 - 8), w4)
        r0 = load_acquire((u64 *)(r10 - 8))
        r0 += r2; r0 += r3; r0 += r4; exit"""
    expected = 0x1122334455660011 + 0x55667788 + 0x3344 + 0x11
    assert make(text, engine).call() == expected
    with pytest.raises(MemoryFault, match="not aligned"):
        make("w0 = load_acquire((u32 *)(r10 - 7)); exit", engine).call()


@both
def test_may_goto_ends_loops(engine: type[Engine]) -> None:
    program = make("r0 = 0; l: may_goto out; r0 += 1; goto l; out: exit", engine)
    program._run.may_goto_budget = 1000
    assert program.call() == 1000
    nested = make(
        "r0 = 0; a: may_goto b; r0 += 1; goto a; b: may_goto c; r0 += 100; goto b; c: exit", engine
    )
    nested._run.may_goto_budget = 10
    assert nested.call() == 10  # one budget for the whole frame


@both
def test_address_space_casts(engine: type[Engine]) -> None:
    world = World()
    arena = world.add_map(MapDef("arena", MapType.ARENA, 0, 0, 4))
    base = arena.allocate(0, 1)  # type: ignore[attr-defined]
    text = f"""
        r1 = {base} ll; r2 = r1; w2 = w2
        r2 = addr_space_cast(r2, 0, 1)
        *(u32 *)(r2 + 8) = 77
        r3 = addr_space_cast(r2, 1, 0)
        r0 = *(u32 *)(r3 + 8)
        r4 = 0; r4 = addr_space_cast(r4, 1, 0); r0 += r4; exit"""
    assert make(text, engine, world).call() == 77
    with pytest.raises(MemoryFault, match="no page of arena arena is allocated"):
        make(f"r1 = {base + 4096} ll; r0 = *(u8 *)(r1 + 0); exit", engine, world).call()


@both
def test_unaligned_accesses_work(engine: type[Engine]) -> None:
    text = "r1 = 0x1122334455667788 ll; *(u64 *)(r10 - 13) = r1; r0 = *(u32 *)(r10 - 11); exit"
    assert make(text, engine).call() == 0x33445566


@both
@pytest.mark.parametrize(
    ("text", "pc", "message"),
    [
        ("r0 = 0; r0 = *(u64 *)(r10 + 0); exit", 1, "past the end of the stack frame"),
        ("*(u8 *)(r10 - 513) = 1; exit", 0, "before the start of the stack frame"),
        ("r2 = r10; r2 += -520; r1 = 5; *(u64 *)(r2 + 0) = r1; exit", 3, "before the start"),
        ("r1 = 0; r0 = *(u8 *)(r1 + 3); exit", 1, "null pointer plus 3"),
        ("lock *(u64 *)(r10 - 12) += r0; exit", 0, "not aligned"),
        ("r1 = func(f) ll; r0 = *(u8 *)(r1 + 0); exit; f: exit", 2, "the address of a function"),
        (
            "call f; r0 = *(u8 *)(r0 + 0); exit; f: r0 = r10; r0 += -8; exit",
            1,
            "call level 1, which has returned",
        ),
    ],
)
def test_memory_faults(engine: type[Engine], text: str, pc: int, message: str) -> None:
    with pytest.raises(MemoryFault, match=message) as raised:
        make(text, engine).call()
    assert raised.value.pc == pc


@both
def test_a_callee_may_use_its_callers_frame(engine: type[Engine]) -> None:
    text = """
        *(u64 *)(r10 - 8) = 5; r1 = r10; r1 += -8; call f; r0 = *(u64 *)(r10 - 8); exit
        f: *(u64 *)(r10 - 8) = 9; r2 = *(u64 *)(r1 + 0); r2 += 1; *(u64 *)(r1 + 0) = r2; exit"""
    assert make(text, engine).call() == 6


@both
def test_frames_start_as_zeros(engine: type[Engine]) -> None:
    text = """
        call f; call f; exit
        f: r0 = *(u64 *)(r10 - 8); r1 = 7; *(u64 *)(r10 - 8) = r1; exit"""
    program = make(text, engine)
    assert program.call() == 0
    assert program.call() == 0


@both
def test_call_depth(engine: type[Engine]) -> None:
    chain = "r0 = 0; call f0; exit; " + "; ".join(f"f{k}: call f{k + 1}; exit" for k in range(6))
    assert make(chain + "; f6: r0 = 8; exit", engine).call() == 8
    with pytest.raises(CallDepth) as raised:
        make("call f; exit; f: call f; exit", engine).call()
    assert raised.value.pc == 2
    assert raised.value.stack == [2, 2, 2, 2, 2, 2, 0]
    assert raised.value.executed == 7


@both
def test_limits_are_exact(engine: type[Engine]) -> None:
    program = make("r1 = 10; l: r1 -= 1; if r1 != 0 goto l; r0 = 1; exit", engine)
    assert program.call(limit=23) == 1
    with pytest.raises(LimitExceeded) as raised:
        program.call(limit=22)
    assert (raised.value.pc, raised.value.executed) == (4, 22)
    with pytest.raises(LimitExceeded) as raised:
        program.call(limit=6)
    assert raised.value.pc == 2
    with pytest.raises(LimitExceeded):
        make("l: goto l", engine).call(limit=100_000)


@both
def test_unknown_helpers_say_how_to_mock_them(engine: type[Engine]) -> None:
    world = World()
    program = make("r1 = 1; r2 = 2; call 166; exit", engine, world)
    line = 'world.mock("bpf_sys_bpf", lambda cmd, attr, attr_size: 0)'
    with pytest.raises(UnknownHelper, match=re.escape(line)):
        program.call()
    with pytest.raises(UnknownHelper, match="no helper number 4711"):
        make("call 4711; exit", engine, world).call()
    eval(line, {"world": world})
    assert program.call() == 0
    world.mock("bpf_sys_bpf", lambda a, b: a + b)
    assert program.call() == 3
    world.mock(166, 12)
    assert program.call() == 12
    world.unmock("sys_bpf")
    with pytest.raises(UnknownHelper):
        program.call()


@both
def test_mocks_see_the_run_and_their_errors_are_faults(engine: type[Engine]) -> None:
    world = World()

    def write(run, where: int) -> None:  # type: ignore[no-untyped-def]
        run.memory.write(where, b"\x2a")

    world.mock("bpf_get_prandom_u32", write)
    assert (
        make("r1 = r10; r1 += -1; call 7; r0 = *(u8 *)(r10 - 1); exit", engine, world).call() == 42
    )
    world.mock("bpf_get_prandom_u32", lambda: 1 // 0)
    program = make("call 7; exit", engine, world)
    result = program.run()
    assert result.fault is not None
    assert result.fault.kind == "mock"
    assert "ZeroDivisionError" in str(result.fault)
    world.mock("bpf_get_prandom_u32", -5)
    assert program.call() == (1 << 64) - 5


@both
def test_calls_through_registers(engine: type[Engine]) -> None:
    world = World()
    world.mock(5, lambda value: value + 1)
    assert make("r1 = 41; r2 = 5; callx r2; exit", engine, world).call() == 42
    with pytest.raises(BadCall):
        make("r2 = 0x123456789 ll; callx r2; exit", engine, world).call()
    with pytest.raises(BadCall):  # into the middle of a function
        make("r2 = func(f) ll; r2 += 8; callx r2; exit; f: r0 = 1; exit", engine, world).call()


@both
def test_tail_calls(engine: type[Engine]) -> None:
    world = World()
    table = world.add_map(MapDef("progs", MapType.PROG_ARRAY, 4, 4, 3))
    jump = f"r2 = {table.handle} ll; call 12;"
    first = make(f"r3 = 1; {jump} r0 = 7; exit", engine, world)
    second = make("r0 = r1; r0 <<= 4; exit", engine, world)
    assert first.call(3) == 7  # an empty slot: the program goes on
    table[1] = second
    assert first.call(3) == 0x30
    inner = make(f"call f; r0 += 1; exit; f: r3 = 1; {jump} exit", engine, world)
    assert inner.call(3) == 0x31  # replaces the callee's frame, not the caller's
    table[2] = loop = make(f"r3 = 2; {jump} r0 = 5; exit", engine, world)
    result = loop.run()
    assert result.fault is None
    assert result.value == 5  # after 33 turns of 3 instructions, and one of 5
    assert result.executed == 33 * 3 + 5


@both
def test_a_fault_behind_a_tail_call_is_in_the_other_program(engine: type[Engine]) -> None:
    world = World()
    table = world.add_map(MapDef("progs", MapType.PROG_ARRAY, 4, 4, 1))
    first = make(f"r0 = 1; r2 = {table.handle} ll; r3 = 0; call 12; exit", engine, world)
    table[0] = make("r1 = 0; r1 += 4; r0 = *(u32 *)(r1 + 0); exit", engine, world)
    fault = first.run().fault
    assert fault is not None
    assert (fault.pc, fault.stack, fault.insn) == (2, [4], "w0 = *(u32 *)(r1 + 0)")
    assert fault.executed == 4 + 2


def test_malformed_programs_are_refused() -> None:
    with pytest.raises(InputError, match="malformed program"):
        from_insns(assemble_insns("r0 = 1"))
    with pytest.raises(InputError, match="no instructions"):
        from_insns([])


@pytest.mark.parametrize("depth", [30, 120, 700])
def test_deep_nesting_still_runs(depth: int) -> None:
    """Python's limits on nesting do not limit programs."""
    lines = ["r0 = 0"]
    for k in range(depth):
        lines.append(f"if r1 == {k} goto out{k % 3}")
        lines.append(f"r0 += {k}")
    lines.append("r0 = 1; exit")
    lines += [f"out{k}: r0 += {k}; r0 *= 3; r0 += 7; r0 ^= 5; r0 += r1; exit" for k in range(3)]
    text = "\n".join(lines)
    for value in (0, 1, depth // 2, depth - 1, depth + 5):
        assert make(text).call(value) == make(text, Careful).call(value)


@pytest.mark.parametrize("depth", [5, 19, 40])
def test_deep_loops_still_run(depth: int) -> None:
    lines = ["r0 = 0; r6 = 0"]
    lines += [f"l{k}: r0 += {k}; r6 += 1" for k in range(depth)]
    lines += [f"if r6 < {depth * 3 - k * 2} goto l{depth - 1 - k}" for k in range(depth)]
    text = "\n".join([*lines, "exit"])
    assert make(text).call() == make(text, Careful).call()


def test_plain_function_with_memory() -> None:
    program = make("r0 = r2; r3 = *(u8 *)(r1 + 1); *(u8 *)(r1 + 0) = w3; r0 += r4; exit")
    memory = bytearray(b"\1\2\3")
    result = program.call_with_memory(memory, 0, 10)
    assert result.value == 13
    assert memory == b"\2\2\3"
    faulty = make("r0 = *(u8 *)(r1 + 3); exit").call_with_memory(memory)
    assert isinstance(faulty.fault, MemoryFault)


def test_trace_and_coverage() -> None:
    program = make(
        "r0 = 0; r1 = 3; l: r0 += 2; r1 -= 1; if r1 != 0 goto l; call f; exit; f: r0 += 1; exit"
    )
    seen: list[tuple[int, int]] = []
    result = program.run(
        trace=lambda run, code, index, registers: seen.append((index, registers[0]))
    )
    assert result.value == 1  # r0 is the callee's own
    assert [index for index, _ in seen] == [0, 1, 2, 3, 4, 2, 3, 4, 2, 3, 4, 5, 7, 8, 6]
    counted = program.run(coverage=True)
    assert counted.hits is not None
    assert counted.hits[program.code] == [1, 1, 3, 3, 3, 1, 1, 1, 1]
    assert counted.executed == result.executed == len(seen) == program.run().executed


def test_big_endian_programs() -> None:
    world = World(big_endian=True)
    text = "r1 = 0x1122334455667788 ll; *(u64 *)(r10 - 8) = r1; r0 = *(u16 *)(r10 - 8); r0 = be16 r0; exit"
    program = from_insns(assemble_insns(text), world, big_endian=True)
    assert program.call() == 0x1122
    assert (
        from_insns(
            assemble_insns(text), World(big_endian=True), big_endian=True, engine=Careful
        ).call()
        == 0x1122
    )
    swapped = assemble_insns("r0 = 0x1122; r0 = le16 r0; exit")
    assert from_insns(swapped, world, big_endian=True).call() == 0x2211
