"""Helpers and kernel functions that the comparison with the kernel does not reach."""

from __future__ import annotations

import pytest

from bpfcc.btf.types import Struct
from bpfcc.isa.asm import assemble_insns
from bpfcc.objfile.maps import MapDef
from bpfcc.uapi.helpers import HELPERS
from bpfcc.uapi.kfuncs import by_name as kfunc_names
from bpfcc.uapi.map_types import MapType
from bpfcc.uapi.prog_types import ProgType
from bpfcc.vm.calls.table import HELPERS as MODELLED
from bpfcc.vm.calls.table import KFUNCS
from bpfcc.vm.calls.text import format_text, parse_number
from bpfcc.vm.memory import FUNCTION_BASE
from bpfcc.vm.program import LoadedProgram, from_insns
from bpfcc.vm.recorder import Call
from bpfcc.vm.world import World

M = 1 << 64


def run(text: str, world: World, *args: int) -> int:
    return from_insns(assemble_insns(text), world).call(*args)


def program(text: str, world: World, kfuncs: dict[int, str] | None = None) -> LoadedProgram:
    from bpfcc.vm.code import Code
    from bpfcc.vm.engine import Interpreter

    code = Code(assemble_insns(text), kfuncs=kfuncs)
    return LoadedProgram("p", world, Interpreter(code))


def test_the_tables_name_real_helpers() -> None:
    assert set(MODELLED) <= {helper.id for helper in HELPERS}
    assert set(KFUNCS) <= set(kfunc_names)
    assert len(MODELLED) > 160


def test_identity_time_and_chance() -> None:
    world = World(seed=7, clock=1000, tick=5, cpu=2)
    world.task.pid, world.task.tgid, world.task.uid, world.task.gid = 11, 10, 3, 4
    world.cgroup_id = 99
    world.task.address = 0xFFFF888000000000
    assert run("call 14; exit", world) == 10 << 32 | 11
    assert run("call 15; exit", world) == 4 << 32 | 3
    assert run("call 8; exit", world) == 2
    assert run("call 80; exit", world) == 99
    assert run("call 35; exit", world) == 0xFFFF888000000000
    assert [run("call 5; exit", world) for _ in range(3)] == [1000, 1005, 1010]
    first = [run("call 7; exit", world) for _ in range(3)]
    world.random.seed(7)
    assert [run("call 7; exit", world) for _ in range(3)] == first
    assert run("r1 = r10; r1 += -16; r2 = 16; call 16; r0 = *(u64 *)(r10 - 16); exit", world) == (
        int.from_bytes(b"bpfcc\0\0\0", "little")
    )
    real = World(clock=None)
    assert run("call 5; exit", real) <= run("call 5; exit", real)


def test_probe_reads() -> None:
    world = World()
    world.describe(0xFFFF888000001000, b"hello\0world")
    world.describe(0xFFFF88800000100B, b"!!\0")  # adjoining memory reads through
    read = (
        "r1 = r10; r1 += -16; r3 = {addr} ll; r2 = {size}; call {call}; r6 = r0;"
        "r0 = *(u64 *)(r10 - 16); exit"
    )
    at = 0xFFFF888000001000
    assert run(read.format(addr=at, size=8, call=113), world) == int.from_bytes(
        b"hello\0wo", "little"
    )
    assert run(read.format(addr=at + 6, size=8, call=4), world) == int.from_bytes(
        b"world!!\0", "little"
    )
    assert run(read.format(addr=at + 8, size=8, call=4), world) == 0
    ret = "r1 = r10; r1 += -16; r3 = {addr} ll; r2 = {size}; call {call}; exit"
    assert run(ret.format(addr=at + 8, size=8, call=4), world) == M - 14
    assert run(ret.format(addr=at, size=16, call=45), world) == 6
    assert run(ret.format(addr=at, size=3, call=115), world) == 3
    assert run(ret.format(addr=at + 6, size=16, call=115), world) == 8
    assert run(ret.format(addr=0, size=16, call=115), world) == M - 14


def test_spin_locks_are_checked() -> None:
    world = World()
    table = world.add_map(MapDef("m", MapType.ARRAY, 4, 8, 1))
    address = table.address()  # type: ignore[attr-defined]
    lock = f"r1 = {address} ll; call 93;"
    unlock = f"r1 = {address} ll; call 94;"
    assert run(f"{lock} {unlock} r0 = 1; exit", world) == 1
    with pytest.raises(Exception, match="already held"):
        run(f"{lock} {lock} r0 = 1; exit", world)
    table[0] = 0
    with pytest.raises(Exception, match="not held"):
        run(f"{unlock} r0 = 1; exit", world)


def test_timers_run_when_time_passes() -> None:
    world = World()
    table = world.add_map(MapDef("m", MapType.ARRAY, 4, 32, 2))
    address = table.address(1)  # type: ignore[attr-defined]
    text = f"""
        r6 = {address} ll; r6 += 8
        r1 = r6; r2 = {table.handle} ll; r3 = 1; call 169
        r1 = r6; r2 = cb ll; call 170
        r1 = r6; r2 = 1000; r3 = 0; call 171; exit
        cb: r0 = *(u32 *)(r2 + 0); r0 += 100; *(u64 *)(r3 + 0) = r0; r0 = 0; exit"""
    assert run(text, world) == 0
    assert world.advance(999) == 0
    assert table[1][:8] == bytes(8)
    assert world.advance(1) == 1
    assert table[1][:8] == (101).to_bytes(8, "little")
    assert world.advance(10_000) == 0
    assert run(f"r1 = {address + 8} ll; r2 = 5; r3 = 0; call 171; exit", world) == 0
    assert run(f"r1 = {address + 8} ll; call 172; exit", world) == 1
    assert run(f"r1 = {address + 8} ll; call 172; exit", world) == 0
    with pytest.raises(ValueError, match="the host's"):
        World(clock=None).advance(1)


def test_storage_and_pointers_in_maps() -> None:
    world = World()
    table = world.add_map(MapDef("s", MapType.TASK_STORAGE, 4, 8, 0))
    owner = world.new_object(bytes(64), "task")
    get = f"r1 = {table.handle} ll; r2 = {owner} ll; r3 = 0; r4 = {{flags}}; call 156;"
    assert run(get.format(flags=0) + "exit", world) == 0
    assert run(get.format(flags=1) + "r1 = 9; *(u64 *)(r0 + 0) = r1; r0 = 1; exit", world) == 1
    assert run(get.format(flags=0) + "r0 = *(u64 *)(r0 + 0); exit", world) == 9
    assert run(f"r1 = {table.handle} ll; r2 = {owner} ll; call 157; exit", world) == 0
    assert run(f"r1 = {table.handle} ll; r2 = {owner} ll; call 157; exit", world) == M - 2
    slot = world.add_map(MapDef("k", MapType.ARRAY, 4, 8, 1))
    exchange = f"r1 = {slot.address()} ll; r2 = {{new}} ll; call 194; exit"  # type: ignore[attr-defined]
    assert run(exchange.format(new=0x1234), world) == 0
    assert run(exchange.format(new=0), world) == 0x1234


def test_per_cpu_variables() -> None:
    world = World(cpus=2, cpu=1)
    places = [world.new_object((cpu + 5).to_bytes(8, "little"), f"cpu {cpu}") for cpu in range(2)]
    base = 0xFFFFFFFF82000000
    world.percpu[base] = places
    assert run(f"r1 = {base} ll; r2 = 0; call 153; r0 = *(u64 *)(r0 + 0); exit", world) == 5
    assert run(f"r1 = {base} ll; call 154; r0 = *(u64 *)(r0 + 0); exit", world) == 6
    assert run(f"r1 = {base} ll; r2 = 2; call 153; exit", world) == 0


def test_perf_output_and_counters() -> None:
    world = World(cpus=2)
    events = world.add_map(MapDef("e", MapType.PERF_EVENT_ARRAY, 4, 4, 0))
    send = "*(u64 *)(r10 - 8) = 7; r2 = {map} ll; r3 = {flags} ll; r4 = r10; r4 += -8; r5 = 8; call 25; exit"
    assert run(send.format(map=events.handle, flags=0xFFFFFFFF), world) == 0
    assert run(send.format(map=events.handle, flags=1), world) == 0
    assert run(send.format(map=events.handle, flags=2), world) == M - 7
    assert run(send.format(map=events.handle, flags=1 << 52), world) == M - 22
    assert [(r.cpu, r.data) for r in events.records] == [  # type: ignore[attr-defined]
        (0, (7).to_bytes(8, "little")),
        (1, (7).to_bytes(8, "little")),
    ]
    assert [record.source for record in world.records] == ["e", "e"]
    read = f"r1 = {events.handle} ll; r2 = 1; call 22; exit"
    assert run(read, world) == M - 2
    events.counters[1] = (55, 60, 61)  # type: ignore[attr-defined]
    assert run(read, world) == 55
    value = (
        f"r1 = {events.handle} ll; r2 = 1; r3 = r10; r3 += -24; r4 = 24; call 55;"
        "r0 = *(u64 *)(r10 - 8); exit"
    )
    assert run(value, world) == 61


def test_redirects_are_recorded() -> None:
    world = World()
    devices = world.add_map(MapDef("d", MapType.DEVMAP, 4, 4, 4))
    devices[2] = 7
    text = f"r1 = {devices.handle} ll; r2 = {{key}}; r3 = 2; call 51; exit"
    xdp = from_insns(assemble_insns(text.format(key=2)), world, prog_type=ProgType.XDP)
    result = xdp.run(packet=bytes(64))
    assert (result.value, result.redirects) == (4, [("d", 2, 2)])
    missing = from_insns(assemble_insns(text.format(key=3)), world, prog_type=ProgType.XDP)
    assert missing.run(packet=bytes(64)).value == 2
    plain = from_insns(
        assemble_insns("r1 = 5; r2 = 0; call 23; exit"), world, prog_type=ProgType.XDP
    )
    result = plain.run(packet=bytes(64))
    assert (result.value, result.redirects) == (4, [("interface", 5, 0)])


def test_leaked_records_are_named() -> None:
    world = World()
    ring = world.add_map(MapDef("rb", MapType.RINGBUF, 0, 0, 4096))
    result = from_insns(
        assemble_insns(f"r1 = {ring.handle} ll; r2 = 8; r3 = 0; call 131; r0 = 0; exit"), world
    ).run()
    assert result.leaks == ["a record of ring buffer rb"]
    with pytest.raises(Exception, match="is no reserved ring buffer record"):
        run("r1 = r10; r2 = 0; call 132; r0 = 0; exit", world)


def test_a_submitted_record_is_gone() -> None:
    world = World()
    ring = world.add_map(MapDef("rb", MapType.RINGBUF, 0, 0, 4096))
    text = f"""
        r1 = {ring.handle} ll; r2 = 8; r3 = 0; call 131; r6 = r0
        r1 = 5; *(u64 *)(r6 + 0) = r1
        r1 = r6; r2 = 0; call 132; r0 = *(u64 *)(r6 + 0); exit"""
    result = from_insns(assemble_insns(text), world).run()
    assert result.fault is not None
    assert result.fault.kind == "memory"
    assert [record.data for record in result.records] == [(5).to_bytes(8, "little")]


def test_recorded_calls_do_not_depend_on_addresses() -> None:
    sequences = []
    for extra in (0, 3):
        world = World()
        for k in range(extra):
            world.add_map(MapDef(f"other{k}", MapType.HASH, 4, 8, 4))
        table = world.add_map(MapDef("m", MapType.HASH, 4, 8, 4))
        world.record_calls()
        pad = "r7 = 1;" * extra
        text = f"""{pad} *(u32 *)(r10 - {4 + extra * 4}) = 5; *(u64 *)(r10 - 32) = 9
            r2 = r10; r2 += -{4 + extra * 4}; r3 = r10; r3 += -32; r4 = 0
            r1 = {table.handle} ll; call 2; call 7; exit"""
        sequences.append(from_insns(assemble_insns(text), world).run().calls)
    assert sequences[0] == sequences[1]
    assert sequences[0][0] == Call(
        "bpf_map_update_elem", ("m", (5).to_bytes(4, "little"), (9).to_bytes(8, "little"), 0), 0
    )
    assert str(sequences[0][1]).startswith("bpf_get_prandom_u32() = ")


def test_callbacks_count_and_fault_like_any_code() -> None:
    world = World()
    text = "r1 = 5; r2 = cb ll; r3 = r10; r4 = 0; call 181; exit; cb: r0 = 0; exit"
    plain = from_insns(assemble_insns(text), world)
    assert plain.run().executed == 6 + 5 * 2
    faulty = text.replace("r0 = 0; exit", "r0 = *(u8 *)(r1 + 0); exit")
    result = from_insns(assemble_insns(faulty), world).run()
    assert result.fault is not None
    assert (result.fault.pc, result.fault.stack) == (7, [5])
    assert result.executed == 5
    with pytest.raises(Exception, match="is not the address of a function"):
        run("r1 = 5; r2 = 77; r3 = 0; r4 = 0; call 181; exit", world)
    limited = from_insns(assemble_insns(text), world)
    with pytest.raises(Exception, match="instruction limit"):
        limited.call(limit=10)


def test_number_iterator_and_objects() -> None:
    world = World()
    world.types[3] = Struct("node", 24)
    text = """
        r6 = 0
        r1 = r10; r1 += -8; r2 = 2; r3 = 6; call kfunc 1
        l: r1 = r10; r1 += -8; call kfunc 2; if r0 == 0 goto out
        w1 = *(u32 *)(r0 + 0); r6 += r1; goto l
        out: r1 = r10; r1 += -8; call kfunc 3
        r1 = 3; r2 = 0; call kfunc 4; r7 = r0
        *(u64 *)(r7 + 16) = r6; r0 = *(u64 *)(r7 + 16); r8 = r0
        r1 = r7; r2 = 0; call kfunc 5; r0 = r8; exit"""
    insns = assemble_insns(text)
    names = {1: "bpf_iter_num_new", 2: "bpf_iter_num_next", 3: "bpf_iter_num_destroy",
             4: "bpf_obj_new_impl", 5: "bpf_obj_drop_impl"}  # fmt: skip
    from bpfcc.isa.insn import slot_starts

    places = {
        slot: names[insn.imm]
        for slot, insn in zip(slot_starts(insns), insns)
        if insn.opcode == 0x85 and insn.src == 2
    }
    result = program(text, world, places).run()
    assert result.check().value == 2 + 3 + 4 + 5
    assert result.leaks == []


@pytest.mark.parametrize(
    ("text", "base", "expected"),
    [
        (b"10", 2, -22),
        (b"0b1", 0, (0, 1)),
        (b"\t 7", 0, (7, 3)),
        (b"7\0", 0, (7, 1)),
        (b"z", 16, -22),
        (b"99999999999999999999", 10, -34),
    ],
)
def test_numbers_from_text(text: bytes, base: int, expected: object) -> None:
    assert parse_number(text, base) == expected


@pytest.mark.parametrize(
    ("text", "args", "expected"),
    [
        (b"%d", [], None),
        (b"%q", [1], None),
        (b"%hd", [1], None),
        (b"\xff", [], None),
        (b"%pI9", [0], None),
        (b"%pz", [0], None),
        (b"%lld", [(1 << 64) - 1], b"-1"),
        (b"%pS", [0xFFFFFFFF81000010], b"start+0x10"),
        (b"%ps|", [0xFFFFFFFF81000010], b"start|"),
        (b"%pB", [0x1234], b"0x1234"),
    ],
)
def test_formats(text: bytes, args: list[int], expected: bytes | None) -> None:
    world = World()
    world.ksyms["start"] = 0xFFFFFFFF81000000
    loaded = from_insns(assemble_insns("r0 = 0; exit"), world)
    assert format_text(world, loaded._run, text, args) == expected


def test_function_addresses_are_no_memory() -> None:
    assert FUNCTION_BASE >> 32 not in World().memory.slots
