"""Objects into programs: maps, variables, externs, tail calls, structs; contexts and packets."""

from __future__ import annotations

import pytest

from bpfcc.btf.types import Array, Func, FuncProto, Int, Member, Ptr, Struct, Var
from bpfcc.isa.asm import assemble
from bpfcc.objfile.model import (
    DataReloc,
    DataSection,
    DataSymbol,
    Extern,
    Function,
    Line,
    Linkage,
    Object,
    Reloc,
    RelocKind,
)
from bpfcc.support.errors import InputError
from bpfcc.uapi.map_types import MapType
from bpfcc.vm.load import load, load_all
from bpfcc.vm.world import World

INT, U32, U64 = Int("int", 4, Int.SIGNED), Int("u32", 4), Int("u64", 8)


def function(name: str, section: str, text: str, **more: object) -> Function:
    """Assemble a function; undefined names become relocations."""
    assembly = assemble(text)
    relocs = [
        Reloc(r.slot, RelocKind.CALL if r.kind == "call" else RelocKind.DATA, r.symbol, r.addend)
        for r in assembly.relocs
    ]
    return Function(name, section, assembly.insns, relocs=relocs, **more)  # type: ignore[arg-type]


def attribute(name: str, number: int) -> Member:
    return Member(name, Ptr(Array(INT, number, U32)), 0)


def add_map(obj: Object, name: str, kind: int, entries: int, key: int = 4, value: int = 8) -> None:
    section = obj.data.setdefault(".maps", DataSection(".maps", bytearray(), 8))
    members = [attribute("type", kind), attribute("max_entries", entries)]
    if key:
        members += [attribute("key_size", key)]
    members += [attribute("value_size", value)]
    var = Var(name, Struct("", 32, members), Var.GLOBAL)
    section.symbols.append(DataSymbol(name, len(section.data), 32, Linkage.GLOBAL, var))
    section.data += bytes(32)


def sample() -> Object:
    obj = Object("sample.c")
    add_map(obj, "counts", MapType.HASH, 16)
    data = DataSection(".data", bytearray(16), 8)
    data.data[0] = 5
    data.symbols.append(DataSymbol("limit", 0, 4, Linkage.GLOBAL, Var("limit", INT, Var.GLOBAL)))
    data.symbols.append(DataSymbol("where", 8, 8, Linkage.GLOBAL, Var("where", U64, Var.GLOBAL)))
    data.relocs.append(DataReloc(8, "limit", 0))
    obj.data[".data"] = data
    rodata = DataSection(".rodata", bytearray(b"\x2a\0\0\0"), 4, readonly=True)
    rodata.symbols.append(DataSymbol("answer", 0, 4, Linkage.GLOBAL, Var("answer", INT, 1)))
    obj.data[".rodata"] = rodata
    obj.functions = [
        function(
            "count",
            "raw_tp/x",
            """r1 = *(u64 *)(r1 + 8); *(u64 *)(r10 - 8) = r1; *(u32 *)(r10 - 12) = w1
               r2 = r10; r2 += -12; r3 = r10; r3 += -8; r4 = 0; r1 = counts ll; call 2
               r1 = limit ll; w0 = *(u32 *)(r1 + 0); w0 += 1; *(u32 *)(r1 + 0) = w0
               call helper; exit""",
            lines=[Line(0, "sample.c", 3, 1, "int count(...)")],
        ),
        function("helper", ".text", "r1 = answer ll; r2 = *(s32 *)(r1 + 0); r0 = r2; exit"),
        function("write", "raw_tp/y", "r1 = answer ll; *(u32 *)(r1 + 0) = 1; r0 = 0; exit"),
    ]
    return obj


def test_maps_and_variables_are_shared_between_programs() -> None:
    obj = sample()
    world = World()
    programs = load_all(obj, world)
    assert set(programs) == {"count", "write"}
    result = programs["count"].run({"arg2": 9})
    assert result.check().value == 42
    assert world.maps["counts"].items() == [(9, 9)]
    assert programs["count"].globals["limit"] == 6
    programs["write"].globals["limit"] = -3
    assert programs["count"].run({"arg2": 8}).ret == 42
    assert programs["count"].globals["limit"] == -2
    assert dict(programs["count"].globals)["answer"] == 42
    where = programs["count"].globals["where"]
    assert world.memory.read(where, 4) == (-2 & 0xFFFFFFFF).to_bytes(4, "little")
    assert load(obj, "count", world) is programs["count"]


def test_constants_are_read_only_and_faults_name_the_c_line() -> None:
    obj = sample()
    obj.functions[2].lines.append(Line(0, "sample.c", 30, 5, "    answer = 1;"))
    result = load(obj, "write").run()
    assert result.fault is not None
    assert str(result.fault) == (
        "at instruction 2: write of 4 bytes at "
        f"{load(obj, 'write').code.values[0]:#x}: map .rodata is read-only (sample.c:30: answer = 1;)"
    )
    assert result.fault.function == "write"
    assert result.fault.insn == "*(u32 *)(r1 + 0) = 1"
    with pytest.raises(type(result.fault)):
        result.check()


def test_names_must_be_known() -> None:
    with pytest.raises(InputError, match="say which program to run: count, write"):
        load(sample())
    with pytest.raises(InputError, match="no program is called 'nix'"):
        load(sample(), "nix")
    with pytest.raises(InputError, match="byte order"):
        load(sample(), "count", World(big_endian=True))


def test_externs() -> None:
    obj = Object("e.c")
    obj.externs = [
        Extern("CONFIG_HZ", ".kconfig", weak=False, btf=Var("CONFIG_HZ", INT, Var.EXTERN)),
        Extern("CONFIG_X", ".kconfig", weak=True, btf=Var("CONFIG_X", U64, Var.EXTERN)),
        Extern("jiffies", ".ksyms", weak=False, btf=None),
        Extern("gone", ".ksyms", weak=True, btf=None),
        Extern("bpf_rcu_read_lock", ".ksyms", weak=False, btf=None),
        Extern("bpf_my_kfunc", ".ksyms", weak=False, btf=None),
    ]
    obj.functions = [
        function(
            "f",
            "raw_tp/x",
            """call bpf_rcu_read_lock
               r1 = CONFIG_HZ ll; w0 = *(u32 *)(r1 + 0)
               r1 = CONFIG_X ll; r2 = *(u64 *)(r1 + 0); r0 += r2
               r1 = gone ll; r0 += r1; exit""",
        ),
        function("g", "raw_tp/x", "r0 = jiffies ll; exit"),
        function("h", "raw_tp/x", "call bpf_my_kfunc; exit"),
    ]
    world = World()
    world.kconfig["CONFIG_HZ"] = 250
    assert load(obj, "f", world).run().check().value == 250
    fault = load(obj, "g", world).run().fault
    assert fault is not None
    assert "world.ksyms['jiffies'] = address" in str(fault)
    with_symbol = World()
    with_symbol.ksyms["jiffies"] = 0xFFFFFFFF82000000
    assert load(obj, "g", with_symbol).run().value == 0xFFFFFFFF82000000
    missing = load(obj, "h", world).run().fault
    assert missing is not None and missing.kind == "unknown-kfunc"
    world.mock("bpf_my_kfunc", 3)
    assert load(obj, "h", world).run().value == 3


def test_prog_arrays_are_filled() -> None:
    obj = Object("t.c")
    add_map(obj, "progs", MapType.PROG_ARRAY, 4, 4, 4)
    section = obj.data[".maps"]
    target = Ptr(FuncProto(INT, [("", Ptr(None))]))
    members = [
        attribute("type", MapType.PROG_ARRAY),
        attribute("max_entries", 4),
        attribute("key_size", 4),
        Member("values", Array(target, 0, U32), 24 * 8),
    ]
    section.symbols[0].btf = Var("progs", Struct("", 24, members), Var.GLOBAL)
    section.relocs.append(DataReloc(24, "second", 0))
    section.symbols[0].size = 32
    obj.functions = [
        function("first", "raw_tp/x", "r2 = progs ll; r3 = 0; call 12; r0 = 1; exit"),
        function("second", "raw_tp/x", "r0 = *(u64 *)(r1 + 0); exit"),
    ]
    assert load(obj, "first").run([77]).check().value == 77


def test_structs_from_the_objects_types() -> None:
    obj = Object("s.c")
    task = Struct("task_struct", 16, [Member("pid", INT, 0), Member("next", Ptr(None), 64)])
    obj.types.append(task)
    obj.functions = [
        function(
            "f",
            "tp_btf/x",
            "r1 = *(u64 *)(r1 + 0); r1 = *(u64 *)(r1 + 8); w0 = *(u32 *)(r1 + 0); exit",
        )
    ]
    program = load(obj, "f")
    inner = program.new_struct("task_struct", pid=99)
    outer = program.new_struct("task_struct", next=inner)
    assert program.run([outer]).ret == 99
    with pytest.raises(InputError, match="no member 'tgid'"):
        program.new_struct("task_struct", tgid=1)
    with pytest.raises(InputError, match="no struct 'sock'"):
        program.new_struct("sock")
    empty = program.run([program.new_struct("task_struct")])
    assert empty.fault is not None and "null pointer" in str(empty.fault)
    program.world.memory.zero_reads = True  # as the kernel's reads through BTF pointers
    assert program.run([program.new_struct("task_struct")]).check().value == 0


CTX = FuncProto(
    INT,
    [
        (
            "ctx",
            Ptr(
                Struct("rec", 24, [Member("id", U64, 64), Member("args", Array(U64, 1, U32), 128)])
            ),
        )
    ],
)


@pytest.mark.parametrize(
    ("section", "text", "ctx", "expected"),
    [
        ("raw_tp/x", "r0 = *(u64 *)(r1 + 8); exit", {"arg2": 5}, 5),
        ("raw_tp/x", "r0 = *(u64 *)(r1 + 8); exit", [1, 7], 7),
        ("raw_tp/x", "r0 = *(u64 *)(r1 + 8); exit", bytes(8) + b"\6" + bytes(7), 6),
        ("kprobe/x", "r0 = *(u64 *)(r1 + 112); exit", {"arg1": 5}, 5),  # di
        ("kprobe/x", "r0 = *(u64 *)(r1 + 72); exit", [0, 0, 0, 0, 9], 9),  # r8
        ("kretprobe/x", "r0 = *(u64 *)(r1 + 80); exit", {"ret": -4}, (1 << 64) - 4),  # ax
        ("kprobe/x", "call 173; exit", {"ip": 0x1234}, 0x1234),
        ("fexit/x", "r0 = *(u64 *)(r1 + 16); exit", {"arg1": 1, "arg2": 2, "ret": 3}, 3),
        ("fexit/x", "r2 = r10; r2 += -8; call 184; r0 = *(u64 *)(r10 - 8); exit", {"arg1": 1, "ret": 8}, 8),
        ("fentry/x", "call 185; exit", {"arg1": 1, "arg3": 2}, 3),
        ("tp/g/n", "r0 = *(u64 *)(r1 + 16); exit", {"args": [7]}, 7),
        ("perf_event", "r0 = *(u64 *)(r1 + 168); exit", {"sample_period": 100}, 100),
        ("xdp", "w0 = *(u32 *)(r1 + 12); exit", {"ingress_ifindex": 3}, 3),
        ("tc", "w0 = *(u32 *)(r1 + 8); exit", {"mark": 3}, 3),
        ("cgroup/bind4", "w0 = *(u32 *)(r1 + 24); exit", {"user_port": 0x5000}, 0x5000),
        ("cgroup/bind4", "r1 = *(u64 *)(r1 + 64); w0 = *(u32 *)(r1 + 4); exit", {"sk": {"family": 2}}, 2),
        ("sockops", "w0 = *(u32 *)(r1 + 0); exit", {"op": 4}, 4),
        ("sk_lookup", "w0 = *(u32 *)(r1 + 60); exit", {"local_port": 80}, 80),
        ("tc", "w0 = *(u32 *)(r1 + 56); exit", {"cb": [1, 2, 3, 4, 5]}, 3),
    ],
)  # fmt: skip
def test_contexts(section: str, text: str, ctx: object, expected: int) -> None:
    obj = Object("c.c")
    obj.functions = [function("f", section, text, btf=Func("f", CTX, Func.GLOBAL))]
    result = load(obj, "f").run(ctx)  # type: ignore[arg-type]
    assert result.check().value == expected


@pytest.mark.parametrize(
    ("section", "ctx", "message"),
    [
        ("raw_tp/x", {"arg99": 1}, "no field 'arg99'"),
        ("raw_tp/x", [0] * 13, "13 arguments given"),
        ("raw_tp/x", ["a"], "must be numbers"),
        ("kprobe/x", {"bogus": 1}, r"no field 'bogus' \(fields: ax, bp"),
        ("xdp", {"rx_queue_index": 1 << 40}, "does not fit"),
        ("tc", {"mark": "x"}, "is no number"),
        ("tp/g/n", {"nix": 1}, "rec has no member 'nix'"),
        ("tc", 5, "a context is a dict"),
    ],
)
def test_contexts_that_cannot_be(section: str, ctx: object, message: str) -> None:
    obj = Object("c.c")
    obj.functions = [function("f", section, "r0 = 0; exit", btf=Func("f", CTX, Func.GLOBAL))]
    with pytest.raises(InputError, match=message):
        load(obj, "f").run(ctx)  # type: ignore[arg-type]


def test_packets_move_and_stale_pointers_fault() -> None:
    obj = Object("x.c")
    obj.functions = [
        function(
            "f",
            "xdp",
            """r6 = r1; w7 = *(u32 *)(r6 + 0); r2 = *(u8 *)(r7 + 0)
               r1 = r6; r2 = 4; call 44; r0 = *(u8 *)(r7 + 0); exit""",
        ),
        function(
            "len", "tc", "w2 = *(u32 *)(r1 + 80); w0 = *(u32 *)(r1 + 76); w2 -= w0; w0 = w2; exit"
        ),
    ]
    result = load(obj, "f").run(packet=bytes(64))
    assert result.fault is not None
    assert "before the start of the packet" in str(result.fault)
    program = load(obj, "len")
    assert program.run(packet=bytes(64), linear=20).value == 20
    assert [r.value for r in program.run_batch([bytes(60), bytes(70)])] == [60, 70]
    with pytest.raises(InputError, match="has no packet"):
        other = Object("y.c")
        other.functions = [function("f", "raw_tp/x", "r0 = 0; exit")]
        load(other, "f").run(packet=bytes(64))
