from __future__ import annotations

import copy
import shutil
import subprocess
from pathlib import Path

import pytest
from samples import INT, LONG, sample, uint, variable

from bpfcc.btf.types import Func, FuncProto, Fwd, Member, Ptr, Struct, Var
from bpfcc.btf.write import encode
from bpfcc.isa.insn import ALU64, EXIT, JMP, MOV, Insn, K
from bpfcc.objfile.combine import combine
from bpfcc.objfile.link import link
from bpfcc.objfile.maps import map_defs
from bpfcc.objfile.model import (
    DataSection,
    Extern,
    Function,
    Linkage,
    Object,
    Reloc,
    RelocKind,
)
from bpfcc.objfile.read import from_bytes
from bpfcc.objfile.write import to_bytes
from bpfcc.support.errors import InputError


def _returns(number: int, name: str = "f", linkage: Linkage = Linkage.GLOBAL) -> Function:
    return Function(
        name,
        ".text",
        [Insn(ALU64 | MOV | K, 0, imm=number), Insn(JMP | EXIT)],
        linkage=linkage,
        btf=Func(name, FuncProto(INT, [("x", INT)]), Func.GLOBAL),
    )


def _caller(name: str, callee: str) -> Function:
    return Function(
        name,
        "xdp",
        [Insn(0x85, src=1), Insn(JMP | EXIT)],
        relocs=[Reloc(0, RelocKind.CALL, callee)],
        btf=Func(name, FuncProto(INT, [("ctx", Ptr(None))]), Func.GLOBAL),
    )


def _object(*functions: Function, license: bytes = b"GPL\0") -> Object:
    obj = Object("x.c")
    obj.functions = list(functions)
    text = obj.data["license"] = DataSection("license", bytearray(license), 1)
    variable(text, "_license", 0, INT, len(license))
    return obj


def _extern(name: str, *params: str, section: str = "", weak: bool = False) -> Extern:
    btf = Func(name, FuncProto(INT, [(p, INT) for p in params]), Func.EXTERN)
    return Extern(name, section, weak=weak, btf=btf)


def test_declarations_find_definitions():
    user = _object(_caller("main", "f"))
    user.externs = [_extern("f", "x")]
    linked = combine([user, _object(_returns(7))], ["a.o", "b.o"])
    assert linked.externs == [] and linked.license == "GPL"
    program = link(linked, "main")
    assert [part.function.name for part in program.functions] == ["main", "f"]
    assert program.functions[1].function.insns[0].imm == 7


@pytest.mark.parametrize("strong_first", [True, False])
def test_strong_definitions_win(strong_first):
    weak, strong = _object(_returns(1, linkage=Linkage.WEAK)), _object(_returns(2))
    objects = [strong, weak] if strong_first else [weak, strong]
    linked = combine(objects, ["a.o", "b.o"])
    (kept,) = linked.functions
    assert kept.insns[0].imm == 2 and kept.linkage is Linkage.GLOBAL


def test_the_first_of_several_weak_ones_stays_and_hiding_spreads():
    first = _object(_returns(1, linkage=Linkage.WEAK))
    second = _object(_returns(2, linkage=Linkage.WEAK_HIDDEN))
    (kept,) = combine([first, second], ["a.o", "b.o"]).functions
    assert kept.insns[0].imm == 1 and kept.linkage is Linkage.WEAK_HIDDEN


def test_two_strong_definitions_are_an_error():
    with pytest.raises(InputError, match=r"b\.o: 'f' is defined already in a\.o"):
        combine([_object(_returns(1)), _object(_returns(2))], ["a.o", "b.o"])


def test_licenses_must_agree():
    with pytest.raises(InputError, match="'MIT', earlier objects have 'GPL'"):
        combine([_object(), _object(license=b"MIT\0")], ["a.o", "b.o"])


def test_wrong_declarations_are_named():
    user = _object(_caller("main", "f"))
    user.externs = [_extern("f", "x", "y")]
    with pytest.raises(InputError, match="another prototype"):
        combine([user, _object(_returns(7))], ["a.o", "b.o"])
    user.externs = [Extern("f", "", weak=False, btf=Var("f", INT, Var.EXTERN))]
    with pytest.raises(InputError, match=r"as a variable, but in b\.o it is a function"):
        combine([user, _object(_returns(7))], ["a.o", "b.o"])
    user.externs = [_extern("f", "x", section=".ksyms")]
    with pytest.raises(InputError, match="as the kernel's"):
        combine([user, _object(_returns(7))], ["a.o", "b.o"])
    user.externs = [Extern("v", "", weak=False, btf=Var("v", LONG, Var.EXTERN))]
    other = _object()
    data = other.data[".data"] = DataSection(".data", bytearray(4), 4)
    variable(data, "v", 0, INT, 4)
    with pytest.raises(InputError, match="another type"):
        combine([user, other], ["a.o", "b.o"])


def test_data_is_joined_at_its_alignment_and_statics_stay_apart():
    objects = []
    for number in (1, 2):
        static = _returns(number, "own", Linkage.LOCAL)
        user = _caller(f"main{number}", "own")
        user.insns.insert(1, Insn(0x18, 1))
        user.relocs.append(Reloc(1, RelocKind.DATA, "here"))
        user.insns.insert(2, Insn(0x18, 1))
        user.relocs.append(Reloc(3, RelocKind.DATA, ".data", 2))
        obj = _object(user, static)
        data = obj.data[".data"] = DataSection(".data", bytearray([number] * (2 + number)), 8)
        variable(data, "here", number, INT, 1, local=True)
        objects.append(obj)
    linked = combine(objects, ["a.o", "b.o"])
    assert bytes(linked.data[".data"].data) == b"\1\1\1" + bytes(5) + b"\2\2\2\2"
    assert [(s.name, s.offset) for s in linked.data[".data"].symbols] == [
        ("here", 1),
        ("here.2", 10),
    ]
    program = link(linked, "main2")
    assert program.functions[1].function.name == "own.2"
    assert [(r.symbol, r.addend) for r in program.relocs] == [("here.2", 0), (".data", 10)]
    assert to_bytes(from_bytes(to_bytes(linked)))


def test_maps_must_match_their_declarations():
    def shape(entries: int) -> Struct:
        members = [Member("type", uint(2), 0), Member("max_entries", uint(entries), 64)]
        members += [Member("key", Ptr(INT), 128), Member("value", Ptr(INT), 192)]
        return Struct("", 32, members)

    def objects(entries: int) -> list[Object]:
        owner, user = _object(), _object()
        maps = owner.data[".maps"] = DataSection(".maps", bytearray(32), 8)
        variable(maps, "m", 0, shape(4), 32)
        user.externs = [Extern("m", "", weak=False, btf=Var("m", shape(entries), Var.EXTERN))]
        return [owner, user]

    (definition,) = map_defs(combine(objects(4), ["a.o", "b.o"]))
    assert definition.max_entries == 4
    with pytest.raises(InputError, match="another max_entries"):
        combine(objects(5), ["a.o", "b.o"])


def test_externs_of_one_name_are_kept_once_and_strong():
    objects = []
    for weak in (True, False):
        obj = _object()
        obj.externs = [_extern("k", section=".ksyms", weak=weak)]
        objects.append(obj)
    (extern,) = combine(objects, ["a.o", "b.o"]).externs
    assert not extern.weak


def test_equal_types_become_one():
    def node() -> Struct:
        made = Struct("node", 16)
        other = Struct("other", 8, [Member("back", Ptr(made), 0)])
        made.members = [Member("next", Ptr(made), 0), Member("other", Ptr(other), 64)]
        return made

    def with_type(number: int, type) -> Object:
        obj = _object(_caller(f"p{number}", "f"))
        obj.externs = [_extern("f")]
        obj.types = [type]
        return obj

    different = node()
    different.members[0].name = "previous"
    forward = Struct("user", 8, [Member("p", Ptr(Fwd("other")), 0)])
    linked = combine(
        [with_type(i, t) for i, t in enumerate((node(), node(), different, forward))],
        ["a.o", "b.o", "c.o", "d.o"],
    )
    names = [type.name for type in linked.types]
    assert names == ["node", "node", "user"]
    image = encode(linked.types)
    from bpfcc.btf.read import parse

    btf = parse(image.data)
    assert len(btf.ids("node")) == 2
    # "other" differs, too: it points back to a different node. So the forward stays open.
    assert len(btf.ids("other")) == 3


def test_byte_orders_must_agree():
    with pytest.raises(InputError, match="byte order"):
        combine([sample(), sample(big_endian=True)], ["a.o", "b.o"])


def test_one_object_links_to_itself():
    assert {f.name for f in combine([sample()], ["a.o"]).functions} == {
        f.name for f in sample().functions
    }


@pytest.mark.peer
@pytest.mark.kernel
def test_linked_objects_of_clang_load(tmp_path: Path):
    if shutil.which("clang-19") is None:
        pytest.skip("needs clang-19")
    from bpfcc.kernel.load import load
    from bpfcc.kernel.testrun import test_run as run_once

    head = "#define SEC(x) __attribute__((section(x), used))\n"
    texts = [
        "extern int add(int a, int b); extern int shared; static int own = 5;\n"
        'SEC("syscall") int run(int *ctx) { return add(*ctx, own) + shared; }\n',
        "int shared = 100; static int own = 1;\n"
        "__attribute__((noinline)) int add(int a, int b) { return a + b + own; }\n",
    ]
    objects = []
    for i, text in enumerate(texts):
        source, output = tmp_path / f"{i}.c", tmp_path / f"{i}.o"
        source.write_text(head + text + 'char _license[] SEC("license") = "GPL";\n')
        subprocess.run(
            ["clang-19", "-O2", "-g", "-target", "bpf", "-c", str(source), "-o", str(output)],
            check=True,
        )
        objects.append(from_bytes(output.read_bytes(), output.name))
    linked = from_bytes(to_bytes(combine(objects, ["0.o", "1.o"])))
    with load(linked) as loaded:
        assert loaded.types.error == ""
        context = (20).to_bytes(8, "little")
        assert run_once(loaded.programs["run"], context=context).retval == 20 + 5 + 1 + 100


def test_inputs_survive_being_copied():
    obj = sample()
    combine([copy.deepcopy(obj), _object(license=b"GPL\0")], ["a.o", "b.o"])
    assert to_bytes(obj) == to_bytes(sample())
