"""Helpers and kernel functions about what a test describes: routes, paths, sysctls, tasks, ..."""

from __future__ import annotations

from typing import Any

import pytest

from bpfcc.btf.types import Int, Member, Struct
from bpfcc.isa.asm import assemble_insns
from bpfcc.objfile.maps import MapDef
from bpfcc.support.errors import InputError
from bpfcc.uapi.helpers import HELPERS, by_name
from bpfcc.uapi.map_types import MapType
from bpfcc.uapi.prog_types import ProgType
from bpfcc.vm.calls.table import HELPERS as MODELLED
from bpfcc.vm.code import Code
from bpfcc.vm.engine import Careful, Interpreter
from bpfcc.vm.faults import NotDescribed, UnknownHelper
from bpfcc.vm.program import LoadedProgram, from_insns
from bpfcc.vm.routes import Routes
from bpfcc.vm.world import World

M = 1 << 64


def run(text: str, world: World, *args: int) -> int:
    return from_insns(assemble_insns(text), world).call(*args)


def program(
    text: str, world: World, names: list[str], *, prog_type: int = 0, engine: Any = Interpreter
) -> LoadedProgram:
    """Return a program whose ``call kfunc K`` calls the K-th of ``names``."""
    insns = assemble_insns(text)
    slots, slot = {}, 0
    for insn in insns:
        if insn.opcode == 0x85 and insn.src == 2:
            slots[slot] = names[insn.imm - 1]
        slot += insn.slots
    return LoadedProgram("p", world, engine(Code(insns, kfuncs=slots)), prog_type=prog_type)


def test_few_helpers_are_left_out() -> None:
    """What is not modelled is what loads programs, edits SRv6 headers, or is no call at all."""
    left = {helper.short for helper in HELPERS if helper.id not in MODELLED}
    assert left == {
        "tail_call",
        "lwt_seg6_store_bytes",
        "lwt_seg6_adjust_srh",
        "lwt_seg6_action",
        "sys_bpf",
        "btf_find_by_name_kind",
        "sys_close",
    }


@pytest.mark.parametrize("name", sorted(h.name for h in HELPERS if h.id not in MODELLED))
def test_faults_say_the_line_to_write(name: str) -> None:
    if name == "bpf_tail_call":
        return
    world = World()
    loaded = from_insns(assemble_insns(f"call {by_name[name].id}; exit"), world)
    with pytest.raises(UnknownHelper) as raised:
        loaded.call()
    line = str(raised.value).split("write ")[1].split(" in Python")[0]
    eval(line, {"world": world})
    assert loaded.call() == 0


def test_routes_must_be_described() -> None:
    world = World()
    text = "r1 = 0; r2 = r10; r2 += -64; r3 = 64; r4 = 0; call 69; exit"
    with pytest.raises(NotDescribed, match=r"no routes are described; write world\.routes\.add"):
        run(text, world)
    assert not world.knows(69)
    world.routes.add("default", dev=2, via="10.0.0.1")
    assert world.knows(69)
    assert run("*(u8 *)(r10 - 64) = 2; *(u32 *)(r10 - 56) = 1; " + text, world) == 7
    world.routes.neighbour("10.0.0.1", "02:00:00:00:00:01")
    assert run("*(u8 *)(r10 - 64) = 2; *(u32 *)(r10 - 56) = 1; " + text, world) == 0


def test_routes_refuse_what_they_cannot_mean() -> None:
    routes = Routes()
    for wrong in ({"dev": 1, "kind": "magic"}, {}, {"dev": 1, "via": "nowhere"}):
        with pytest.raises(ValueError):
            routes.add("10.0.0.0/8", **wrong)  # type: ignore[arg-type]
    with pytest.raises(ValueError):
        routes.neighbour("10.0.0.1", "02:00")


def test_paths() -> None:
    world = World()
    text = "r1 = 0xffff888000001000 ll; r2 = r10; r2 += -16; r3 = {}; call 147; exit"
    with pytest.raises(NotDescribed, match=r'world\.paths\[0xffff888000001000\] = "/etc/passwd"'):
        run(text.format(16), world)
    world.paths[0xFFFF888000001000] = "/etc/hosts"
    assert run(text.format(16), world) == 11
    assert run(text.format(11), world) == 11
    assert run(text.format(10), world) == M - 36
    assert run(text.format(0), world) == 0
    read = text.format(16).replace("exit", "r0 = *(u64 *)(r10 - 16); exit")
    assert run(read, world) == int.from_bytes(b"/etc/hos", "little")


def test_sysctls() -> None:
    world = World()
    name = "r2 = r10; r2 += -32; r3 = {}; r4 = {}; call 101; exit"
    with pytest.raises(NotDescribed):
        run(name.format(32, 0), world)
    world.sysctl.name = "net/ipv4/tcp_mem"
    assert run(name.format(32, 0), world) == 16
    assert run(name.format(32, 1), world) == 7
    assert run(name.format(16, 0), world) == M - 7
    value = "r2 = r10; r2 += -32; r3 = {}; call {}; exit"
    assert run(value.format(32, 102), world) == M - 22
    world.sysctl.value = b"1 2 3"
    assert run(value.format(32, 102), world) == 5
    assert run(value.format(3, 102), world) == M - 7
    assert run(value.format(32, 103), world) == M - 22
    put = "*(u64 *)(r10 - 8) = 0x3939; r2 = r10; r2 += -8; r3 = 2; call 104; exit"
    assert run(put, world) == M - 22
    world.sysctl.new_value = b"5"
    assert run(value.format(32, 103), world) == 1
    assert run(put, world) == 0
    assert world.sysctl.new_value == b"99"


def test_tcp_options() -> None:
    world = World()
    load = "*(u64 *)(r10 - 8) = {}; r2 = r10; r2 += -8; r3 = 8; r4 = 0; call 142; exit"
    with pytest.raises(NotDescribed):
        run(load.format(2), world)
    world.tcp_options = bytes.fromhex("0101 020405b4 fd04abcd 0000".replace(" ", ""))
    assert run(load.format(2), world) == 4
    assert run(load.format(8), world) == M - 42
    assert run(load.format(0xCDAB04FD), world) == 4
    assert run(load.format(0xCEAB04FD), world) == M - 42
    assert run(load.format(1), world) == M - 22
    store = program(
        "*(u64 *)(r10 - 8) = 0x22110488; r2 = r10; r2 += -8; r3 = 4; r4 = 0; call 143; exit",
        world,
        [],
        prog_type=ProgType.SOCK_OPS,
    )
    assert store.run({"op": 1}).ret == -1
    world.tcp_options = b""
    assert store.run({"op": 15}).ret == 0
    assert world.tcp_options == bytes.fromhex("88041122")
    assert store.run({"op": 15}).ret == -17
    assert world.tcp_option_room == 36


def test_memory_areas() -> None:
    world = World()
    world.vmas.append((0x1000, 0x3000, 0xFFFF888000005000))
    text = (
        "r1 = 7; r2 = {}; r3 = cb ll; r4 = 9; r5 = 0; call 180; exit;"
        "cb: *(u64 *)(r10 - 8) = r2; r0 = 0; exit"
    )
    assert run(text.format("0x2fff"), world) == 0
    assert run(text.format("0x3000"), world) == M - 2


def _engines() -> list[Any]:
    try:
        from bpfcc.llvm.jit import engine

        return [Interpreter, Careful, engine(opt=0, cache=False), engine(opt=2, cache=False)]
    except InputError:
        return [Interpreter, Careful]


@pytest.mark.parametrize("engine", _engines())
def test_throw_ends_all_functions(engine: Any) -> None:
    world = World()
    text = "r6 = 5; call f; r0 = 1; exit; f: r1 = 42; call kfunc 1; r0 = 2; exit"
    loaded = program(text, world, ["bpf_throw"], engine=engine)
    result = loaded.run()
    assert (result.value, result.fault) == (42, None)
    assert result.executed == 3
    loaded.exception_callback = lambda cookie: cookie + 1
    assert loaded.run().value == 43


def test_tasks_cgroups_and_connections() -> None:
    world = World()
    find = program("r1 = r1; call kfunc 1; exit", world, ["bpf_task_from_pid"])
    assert find.call(77) == 0
    world.tasks[77] = 0xFFFF888000007000
    assert find.call(77) == 0xFFFF888000007000
    world.cgroups[5] = 0xFFFF888000008000
    group = program("call kfunc 1; exit", world, ["bpf_cgroup_from_id"])
    assert group.call(5) == 0xFFFF888000008000
    assert group.call(6) == 0
    walk = program(
        "r6 = 0; r1 = r10; r1 += -16; r2 = 0; r3 = 0; call kfunc 1;"
        "l: r1 = r10; r1 += -16; call kfunc 2; if r0 == 0 goto out; r6 += 1; goto l;"
        "out: r1 = r10; r1 += -16; call kfunc 3; r0 = r6; exit",
        world,
        ["bpf_iter_task_new", "bpf_iter_task_next", "bpf_iter_task_destroy"],
    )
    world.tasks[78] = 0xFFFF888000009000
    assert walk.call() == 2
    assert not world.iterators
    look = program(
        "*(u64 *)(r10 - 32) = 0; *(u64 *)(r10 - 24) = 0; *(u64 *)(r10 - 16) = 0;"
        "*(u8 *)(r10 - 8) = 6; r1 = 0; r2 = r10; r2 += -32; r3 = 12; r4 = r10; r4 += -16;"
        "r5 = 16; call kfunc 1; if r0 != 0 goto out; w0 = *(u32 *)(r10 - 12); out: exit",
        world,
        ["bpf_xdp_ct_lookup"],
    )
    assert look.call() == 0xFFFFFFFE
    world.connections[bytes(12)] = 0xFFFF88800000A000
    assert look.call() == 0xFFFF88800000A000


def test_work_queues_run_when_time_passes() -> None:
    world = World()
    table = world.add_map(MapDef("m", MapType.ARRAY, 4, 64, 1))
    text = (
        f"r6 = {table.address()} ll; r1 = r6; r2 = {table.handle} ll; r3 = 0; call kfunc 1;"
        "r1 = r6; r2 = cb ll; r3 = 0; r4 = 0; call kfunc 2;"
        "r1 = r6; r2 = 0; call kfunc 3; exit;"
        "cb: r1 = 1; *(u64 *)(r3 + 32) = r1; r0 = 0; exit"
    )  # type: ignore[attr-defined]
    names = ["bpf_wq_init", "bpf_wq_set_callback_impl", "bpf_wq_start"]
    assert program(text, world, names).call() == 0
    value = table.read(bytes(4))
    assert isinstance(value, bytes) and value[32] == 0
    assert world.advance(0) == 1
    value = table.read(bytes(4))
    assert isinstance(value, bytes) and value[32] == 1


def test_balanced_view_of_a_tree() -> None:
    world = World()
    nodes = [0x1000 * k for k in range(1, 8)]
    world.lists[5] = list(nodes)
    ask = {
        name: program("call kfunc 1; exit", world, [f"bpf_rbtree_{name}"])
        for name in ("root", "left", "right")
    }

    def walk(node: int) -> list[int]:
        if not node:
            return []
        return [*walk(ask["left"].call(5, node)), node, *walk(ask["right"].call(5, node))]

    root = ask["root"].call(5)
    assert root == 0x4000
    assert walk(root) == nodes


def test_values_in_words_need_a_described_type() -> None:
    world = World()
    world.types[9] = Struct("pair", 8, [Member("a", Int("int", 4, Int.SIGNED), 0),
                                        Member("b", Int("int", 4, Int.SIGNED), 32)])  # fmt: skip
    at = world.new_object((7).to_bytes(4, "little") + bytes(4), "a pair")
    text = (
        "r1 = {at} ll; *(u64 *)(r10 - 16) = r1; *(u64 *)(r10 - 8) = {id}; r1 = r10; r1 += -80;"
        "r2 = 64; r3 = r10; r3 += -16; r4 = 16; r5 = 1; call 149; exit"
    )
    assert run(text.format(at=at, id=9), world) == len("(struct pair){.a = (int)7,}")
    assert run(text.format(at=at, id=8), world) == M - 2
    assert run(text.format(at=at, id=0), world) == M - 22
    assert run(text.format(at=64, id=9), world) == M - 14


def test_sockets_are_found_by_their_ends() -> None:
    world = World()
    listener = world.add_socket("10.0.0.1:80")
    connection = world.add_socket("10.0.0.1:80", "10.0.0.9:4711", mark=7)
    everywhere = world.add_socket("[::]:53", protocol="udp")
    text = (
        "r2 = r10; r2 += -40; r3 = {size}; r4 = -1; r5 = 0; call {call}; if r0 == 0 goto out;"
        "r6 = r0; r1 = r0; call 86; r0 = r6; out: exit"
    )
    ends = (
        "*(u32 *)(r10 - 40) = 0x0900000a; *(u32 *)(r10 - 36) = 0x0100000a;"
        "*(u16 *)(r10 - 32) = {}; *(u16 *)(r10 - 30) = 0x5000;"
    )
    tcp = text.format(size=12, call=84)
    assert run(ends.format(0x6712) + tcp, world) == connection
    assert run(ends.format(0x6713) + tcp, world) == listener
    assert run(ends.format(0x6712) + text.format(size=12, call=85), world) == 0
    assert run(ends.format(0x6712) + text.format(size=13, call=84), world) == 0
    six = "*(u16 *)(r10 - 6) = 0x3500; *(u8 *)(r10 - 20) = 9;"
    assert run(six + text.format(size=36, call=85), world) == everywhere
    look = ends.format(0x6712) + tcp.replace("r0 = r6; out", "w0 = *(u32 *)(r6 + 16); out")
    assert run(look, world) == 7
    for wrong in ("10.0.0.1", "10.0.0.1:x", "nowhere:1"):
        with pytest.raises(ValueError):
            world.add_socket(wrong)
    with pytest.raises(ValueError, match="no field 'marks'"):
        world.add_socket("10.0.0.1:81", marks=1)
