from __future__ import annotations

import json
import os
import random
import shutil
import struct
import subprocess

import pytest

from bpfcc.btf import wire
from bpfcc.btf.read import Btf, build_index, parse
from bpfcc.btf.types import (
    Array,
    BtfType,
    Const,
    Datasec,
    DeclTag,
    Enum,
    Float,
    Func,
    FuncProto,
    Fwd,
    Int,
    Member,
    Ptr,
    Restrict,
    Struct,
    Typedef,
    TypeTag,
    Union,
    Var,
    Volatile,
)
from bpfcc.btf.write import BtfWriter, encode
from bpfcc.support.errors import InputError, InternalError

VMLINUX = "/sys/kernel/btf/vmlinux"
INT = Int("int", 4, Int.SIGNED)


def every_kind() -> list[BtfType]:
    char = Int("char", 1, Int.SIGNED)
    node = Struct("node", 24)
    node.members = [
        Member("next", Ptr(node), 0),
        Member("flags", INT, 64, 3),
        Member("rest", Int("unsigned int", 4), 67, 29),
        Member("text", Array(char, 8, INT), 96),
    ]
    either = Union("either", 8, [Member("i", INT, 0), Member("p", Ptr(Const(char)), 0)])
    colour = Enum("colour", 4, [("RED", -1), ("BLUE", 7)], signed=True)
    big = Enum("big", 8, [("HUGE", 1 << 40), ("ALL", (1 << 64) - 1)])
    low = Enum("low", 8, [("LOW", -(1 << 40))], signed=True)
    proto = FuncProto(INT, [("a", Ptr(Restrict(Volatile(INT)))), ("", None)])
    callback = Func("callback", proto, Func.STATIC)
    var = Var("count", INT, Var.GLOBAL)
    return [
        node,
        either,
        colour,
        big,
        low,
        Typedef(Ptr(FuncProto(None, [])), "hook_t"),
        Float("double", 8),
        Fwd("hidden"),
        Fwd("hidden_union", is_union=True),
        Ptr(TypeTag(INT, "user")),
        callback,
        Datasec(".bss", 4, [(var, 0, 4)]),
        DeclTag("about the second", node, 1),
        DeclTag("about it all", callback),
    ]


def shape(type: BtfType | None, seen: dict[int, int]) -> object:
    """A type as nested tuples; cycles become numbers."""
    if type is None:
        return None
    if id(type) in seen:
        return seen[id(type)]
    seen[id(type)] = len(seen)
    fields: list[object] = [type.__class__.__name__, type.name]
    for slot in (
        "size",
        "bits",
        "encoding",
        "nelems",
        "linkage",
        "is_union",
        "signed",
        "component",
    ):
        if hasattr(type, slot):
            fields.append(getattr(type, slot))
    if isinstance(type, Struct):
        fields += [
            (m.name, shape(m.type, seen), m.bit_offset, m.bitfield_size) for m in type.members
        ]
    elif isinstance(type, Enum):
        fields.append(tuple(type.values))
    elif isinstance(type, FuncProto):
        fields += [shape(type.ret, seen), *((n, shape(t, seen)) for n, t in type.params)]
    elif isinstance(type, Func):
        fields.append(shape(type.proto, seen))
    elif isinstance(type, Datasec):
        fields += [(shape(v, seen), o, s) for v, o, s in type.vars]
    elif hasattr(type, "type"):
        fields.append(shape(type.type, seen))
    return tuple(fields)


@pytest.mark.parametrize("big_endian", [False, True])
def test_every_kind_round_trips(big_endian):
    roots = every_kind()
    image = encode(roots, big_endian=big_endian)
    btf = parse(image.data)
    assert btf.big_endian is big_endian
    for root in roots:
        assert shape(btf.type(image.id_of(root)), {}) == shape(root, {})


def test_equal_graphs_equal_bytes():
    assert encode(every_kind()).data == encode(every_kind()).data


def test_equal_shapes_share_an_id_but_structs_do_not():
    first, second = Struct("s", 4, [Member("a", INT, 0)]), Struct("s", 4, [Member("a", INT, 0)])
    other_int = Int("int", 4, Int.SIGNED)
    image = encode([Ptr(INT), Ptr(other_int), first, second, Var("v", INT, 0), Var("v", INT, 0)])
    btf = parse(image.data)
    assert len(btf.ids("int")) == 1
    assert len(btf.ids("s")) == 2 and len(btf.ids("v")) == 2
    assert [btf.kind(n) for n in range(1, btf.last_id + 1)].count(wire.KIND_PTR) == 1


def test_struct_members_come_after_and_cycles_end():
    a, b = Struct("a", 8), Struct("b", 8)
    a.members, b.members = [Member("b", Ptr(b), 0)], [Member("a", Ptr(a), 0)]
    btf = parse(encode([a]).data)
    back = btf.find("a")
    assert isinstance(back, Struct)
    inner = back.members[0].type.type
    assert inner.name == "b" and inner.members[0].type.type is back


def test_a_typedef_of_itself_is_refused():
    loop = Typedef(None, "loop")
    loop.type = Ptr(loop)
    with pytest.raises(InternalError, match="refers to itself"):
        encode([loop])


def test_long_chains_need_no_recursion():
    type: BtfType = INT
    for _ in range(50_000):
        type = Ptr(type)
    image = encode([type])
    btf = parse(image.data)
    assert isinstance(btf.type(image.id_of(type)), Ptr)


def test_strings_are_shared_and_texts_with_nul_are_kept_whole():
    writer = BtfWriter()
    assert writer.string("") == 0
    at = writer.string("a\0b")
    assert writer.string("a\0b") == at
    btf = parse(writer.finish().data)
    assert btf.string(at) == "a b"


def test_enum_constants_are_found():
    btf = parse(encode(every_kind()).data)
    (number,) = btf.enums_with("BLUE")
    assert btf.type_name(number) == "colour"
    assert btf.enums_with("GREEN") == []


def test_split_btf_continues_its_base():
    base = parse(encode([INT, Struct("task", 4, [Member("pid", INT, 0)])]).data)
    strings = b"mod_task\0task_of\0"
    number = base.last_id
    types = struct.pack(
        "<IIIIII",
        base.strings_length,
        wire.KIND_TYPEDEF << 24,
        base.ids("task")[0],
        base.strings_length + 9,
        wire.KIND_TYPEDEF << 24,
        number + 1,
    )
    header = struct.pack("<HBBIIIII", 0xEB9F, 1, 0, 24, 0, len(types), len(types), len(strings))
    split = parse(header + types + strings, base=base)
    assert split.first_id == number + 1
    outer = split.find("task_of")
    assert isinstance(outer, Typedef) and outer.type is split.type(number + 1)
    assert outer.type.type is base.find("task")
    assert split.ids("task") == base.ids("task")
    assert split.id_of(base.find("task")) == base.ids("task")[0]


def test_truncated_btf_is_an_input_error():
    data = encode(every_kind()).data
    for length in range(len(data)):
        with pytest.raises(InputError):
            parse(data[:length])


def test_damaged_btf_is_an_input_error_or_types():
    data = encode(every_kind()).data
    rng = random.Random(7)
    for _ in range(2000):
        damaged = bytearray(data)
        for _ in range(rng.randint(1, 5)):
            damaged[rng.randrange(len(damaged))] = rng.choice((0, 1, 0x7F, 0x80, 0xFF))
        try:
            btf = parse(bytes(damaged))
            build_index(bytes(damaged))
            for _, type in btf.types():
                repr(type)
        except InputError as error:
            assert str(error)


def test_unknown_ids_and_kinds_are_named():
    good = encode([Ptr(INT)]).data
    data = bytearray(good)
    struct.pack_into("<I", data, 24 + 16 + 8, 99)
    with pytest.raises(InputError, match="no type 99"):
        parse(bytes(data))
    data = bytearray(good)
    data[24 + 7] = 30
    with pytest.raises(InputError, match="unknown kind 30"):
        parse(bytes(data))


def test_a_struct_in_itself_is_refused():
    loop = Struct("loop", 8)
    loop.members = [Member("inner", Typedef(Array(loop, 1, INT), "loop_t"), 0)]
    with pytest.raises(InputError, match=r"'loop'.* contains itself"):
        parse(encode([loop]).data)
    deep = Struct("deep", 4, [Member("x", INT, 0)])
    for i in range(70):
        deep = Struct(f"deep{i}", 4, [Member("x", deep, 0)])
    with pytest.raises(InputError, match="structs deep"):
        parse(encode([deep]).data)


def test_a_saved_index_answers_alike_and_notices_other_data():
    data = encode(every_kind()).data
    index = build_index(data)
    assert index == build_index(data)
    direct, indexed = parse(data), Btf.with_index(data, index)
    for name in ("node", "colour", "hook_t", "nothing"):
        assert direct.ids(name) == indexed.ids(name)
    assert list(direct.names()) == list(indexed.names())
    assert indexed.enums_with("HUGE") == direct.enums_with("HUGE")
    with pytest.raises(InputError, match="other BTF"):
        Btf.with_index(encode([INT]).data, index)
    with pytest.raises(InputError, match="cut off"):
        Btf.with_index(data, index[:-4])
    with pytest.raises(InputError, match="version"):
        Btf.with_index(data, b"x" * 40)


@pytest.mark.skipif(not os.path.exists(VMLINUX), reason="needs a kernel with BTF")
def test_kernel_btf_is_cheap_to_ask():
    import time

    with open(VMLINUX, "rb") as file:
        data = file.read()
    index = build_index(data)
    start = time.perf_counter()
    btf = Btf.with_index(data, index)
    task = btf.find("task_struct", wire.KIND_STRUCT)
    assert isinstance(task, Struct)
    names = {member.name for member in task.members}
    elapsed = time.perf_counter() - start
    assert {"pid", "tgid", "comm"} <= names
    assert len(btf._objects) < 2000  # what task_struct mentions, not what it reaches
    assert elapsed < 0.05
    assert [btf.type_name(n) for n in btf.enums_with("XDP_PASS")] == ["xdp_action"]


@pytest.mark.peer
def test_bpftool_prints_the_same_types(tmp_path):
    if shutil.which("bpftool") is None:
        pytest.skip("needs bpftool")
    image = encode(every_kind())
    path = tmp_path / "types.btf"
    path.write_bytes(image.data)
    out = subprocess.run(
        ["bpftool", "-j", "btf", "dump", "file", path], capture_output=True, text=True, check=True
    )
    theirs = {t["id"]: t for t in json.loads(out.stdout)["types"]}
    btf = parse(image.data)
    assert sorted(theirs) == list(range(1, btf.last_id + 1))
    for number, entry in theirs.items():
        assert entry["kind"].lower() == wire.KIND_NAMES[btf.kind(number)]
        assert entry["name"].replace("(anon)", "") == btf.type_name(number)
    node = next(t for t in theirs.values() if t["name"] == "node")
    assert [(m["bits_offset"], m.get("bitfield_size", 0)) for m in node["members"]] == [
        (0, 0),
        (64, 3),
        (67, 29),
        (96, 0),
    ]
    big = next(t for t in theirs.values() if t["name"] == "big")
    assert [v["val"] for v in big["values"]] == [1 << 40, (1 << 64) - 1]


@pytest.mark.kernel
def test_the_kernel_accepts_the_types():
    from bpfcc.kernel.types import ObjectTypes
    from bpfcc.objfile.model import Function, Object

    obj = Object("x.c")
    roots = every_kind()
    callback = next(t for t in roots if isinstance(t, Func))
    callback.proto.params = [("a", Ptr(INT))]
    obj.functions = [Function("callback", ".text", [], btf=callback)]
    types = ObjectTypes(obj)
    types.load()
    assert types.error == "" and types.fd >= 0
    types.close()


@pytest.mark.kernel
def test_plain_types_for_old_kernels():
    from bpfcc.kernel.types import ObjectTypes
    from bpfcc.objfile.model import Function, Object

    obj = Object("x.c")
    callback = next(t for t in every_kind() if isinstance(t, Func))
    callback.proto.params = [("a", Ptr(INT)), *(("x", t) for t in every_kind()[3:7])]
    callback.proto.params += [("u", Ptr(TypeTag(INT, "user")))]
    obj.functions = [Function("callback", ".text", [], btf=callback)]
    obj.decl_tags = [DeclTag("text", callback)]
    types = ObjectTypes(obj)
    types._build(plain=True)
    btf = parse(types.data)
    new = {wire.KIND_ENUM64, wire.KIND_TYPE_TAG, wire.KIND_DECL_TAG, wire.KIND_FLOAT}
    assert not new & {btf.kind(n) for n in range(1, btf.last_id + 1)}
    assert types._attempt() == ""
    assert btf.type_name(types.function_id(obj.functions[0])) == "callback"
    types.close()
