from __future__ import annotations

import os
import shutil
import subprocess

import pytest

from bpfcc.btf.dump_c import declaration, dump
from bpfcc.btf.read import parse
from bpfcc.btf.types import (
    Array,
    BtfType,
    Const,
    Enum,
    Func,
    FuncProto,
    Fwd,
    Int,
    Member,
    Ptr,
    Struct,
    Typedef,
    TypeTag,
    Union,
    Volatile,
)
from bpfcc.btf.write import encode
from bpfcc.support.errors import InputError

VMLINUX = "/sys/kernel/btf/vmlinux"
INT, CHAR = Int("int", 4, Int.SIGNED), Int("char", 1, Int.SIGNED)


@pytest.mark.parametrize(
    ("type", "text"),
    [
        (INT, "int x"),
        (Ptr(Const(CHAR)), "const char *x"),
        (Const(Ptr(CHAR)), "char *const x"),
        (Array(Array(INT, 3, INT), 2, INT), "int x[2][3]"),
        (Ptr(Array(INT, 3, INT)), "int (*x)[3]"),
        (Array(Ptr(FuncProto(INT, [("a", INT), ("", None)])), 4, INT), "int (*x[4])(int a, ...)"),
        (Ptr(FuncProto(Ptr(FuncProto(None, [])), [])), "void (*(*x)(void))(void)"),
        (Ptr(TypeTag(INT, "user")), 'int __attribute__((btf_type_tag("user"))) *x'),
        (Volatile(Const(INT)), "volatile const int x"),
        (Const(Array(INT, 2, INT)), "const int x[2]"),
        (Ptr(Struct("s", 4)), "struct s *x"),
        (Ptr(Fwd("u", is_union=True)), "union u *x"),
        (Func("x", FuncProto(INT, [("p", Ptr(None))]), Func.GLOBAL), "int x(void *p)"),
    ],
)
def test_declarators(type, text):
    name = "" if isinstance(type, Func) else "x"
    assert declaration(type, name) == text


def test_named_types_come_with_what_they_need():
    leaf = Struct("leaf", 4, [Member("n", INT, 0)])
    far = Struct("far", 4, [Member("unused", INT, 0)])
    root = Struct(
        "root", 16, [Member("leaf", Typedef(leaf, "leaf_t"), 0), Member("far", Ptr(far), 64)]
    )
    text = dump(parse(encode([root]).data), ["root"])
    assert text.index("struct leaf {") < text.index("typedef struct leaf leaf_t;")
    assert text.index("typedef struct leaf leaf_t;") < text.index("struct root {")
    assert "struct far;" in text and "unused" not in text
    assert "preserve_access_index" in text
    with pytest.raises(InputError, match="'nothing'"):
        dump(parse(encode([root]).data), ["nothing"])


def test_hostile_nesting_is_refused():
    type: BtfType = INT
    for _ in range(200):
        type = Ptr(FuncProto(None, [("p", type)]))
    with pytest.raises(InputError, match="too deeply"):
        declaration(type, "x")


def _awkward() -> list[Struct]:
    packed = Struct("packed", 5, [Member("c", CHAR, 0), Member("i", INT, 8)])
    holes = Struct("holes", 64, [Member("a", INT, 0), Member("b", INT, 256)])
    bits = Struct(
        "bits",
        12,
        [
            Member("a", INT, 0, 3),
            Member("b", INT, 5, 7),
            Member("c", INT, 32, 30),
            Member("d", CHAR, 64),
            Member("e", INT, 72, 2),
        ],
    )
    mode = Enum("small", 1, [("SMALL", 1)])
    nested = Struct(
        "nested",
        24,
        [
            Member("", Union("", 8, [Member("x", INT, 0), Member("y", Ptr(CHAR), 0)]), 0),
            Member("in", Struct("", 8, [Member("e", mode, 0), Member("z", INT, 32)]), 64),
            Member("p", packed, 128),
        ],
    )
    far = Struct("far", 1 << 20, [Member("a", INT, 0), Member("b", CHAR, 8 * 1000 * 1000 + 8)])
    big = Struct("big", 16, [Member("v", Enum("huge", 8, [("HUGE", 1 << 40)]), 0)])
    return [packed, holes, bits, nested, big, far]


@pytest.mark.peer
def test_a_compiler_lays_it_out_alike(tmp_path):
    if shutil.which("clang-19") is None:
        pytest.skip("needs clang-19")
    from bpfcc.objfile.read import btf_from_bytes

    structs = _awkward()
    text = dump(parse(encode(structs).data))
    source, output = tmp_path / "t.c", tmp_path / "t.o"
    source.write_text(text + "".join(f"struct {s.name} v_{s.name};\n" for s in structs))
    subprocess.run(
        ["clang-19", "-g", "-target", "bpf", "-c", str(source), "-o", str(output)], check=True
    )
    btf = btf_from_bytes(output.read_bytes())
    for struct in structs:
        theirs = btf.find(struct.name)
        assert isinstance(theirs, Struct) and theirs.size == struct.size
        named = [m for m in theirs.members if m.name or not m.bitfield_size]
        named = [m for m in named if not m.name.startswith("__gap_")]
        assert [(m.name, m.bit_offset, m.bitfield_size) for m in named] == [
            (m.name, m.bit_offset, m.bitfield_size) for m in struct.members
        ]


@pytest.mark.peer
@pytest.mark.slow
@pytest.mark.skipif(not os.path.exists(VMLINUX), reason="needs a kernel with BTF")
def test_the_whole_kernel_compiles(tmp_path):
    if shutil.which("clang-19") is None:
        pytest.skip("needs clang-19")
    with open(VMLINUX, "rb") as file:
        btf = parse(file.read(), check=False)
    source = tmp_path / "vmlinux.c"
    checks = "".join(
        f'_Static_assert(sizeof(struct {name}) == {btf.find(name).size}, "");\n'
        for name in ("task_struct", "sk_buff", "sock", "inode", "mm_struct", "net_device")
    )
    source.write_text(dump(btf) + checks)
    subprocess.run(
        ["clang-19", "-target", "bpf", "-fsyntax-only", "-Wno-visibility", str(source)], check=True
    )
