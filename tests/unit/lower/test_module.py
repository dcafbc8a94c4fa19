from __future__ import annotations

import pytest

from bpfcc.btf import types as btf
from bpfcc.ir.module import FuncRef, HelperRef, KfuncRef


def test_sections_of_data(lower):
    found = lower(
        "int zero; int one = 1; static int s; const int c = 5; const volatile int cv = 6;"
        'static const int *const p = &c; const char *q = "text"; int placed '
        '__attribute__((section(".data.x"), aligned(64))) = 3; __attribute__((weak)) int w;'
        '__attribute__((visibility("hidden"))) int h;'
        "int f(void) { static int local = 2; s++; local++; return *p + cv; }"
    )
    where = {g.name: g.section for g in found.module.globals}
    assert where == {
        "zero": ".bss",
        "one": ".data",
        "s": ".bss",
        "c": ".rodata",
        "cv": ".rodata",
        "q": ".data",
        "placed": ".data.x",
        "w": ".bss",
        "h": ".bss",
        "f.local": ".data",
        ".L.str": ".rodata.str1.1",
    } | ({"p": ".rodata"} if "p" in where else {})
    assert found.variable("c").constant and not found.variable("cv").constant
    assert found.variable("cv").readonly
    assert found.variable("placed").align == 64
    assert found.variable("w").linkage == "weak"
    assert found.variable("h").hidden
    assert found.variable("s").linkage == "static"
    (reloc,) = found.variable("q").relocs
    assert (reloc.offset, reloc.symbol, reloc.addend) == (0, ".L.str", 0)


def test_equal_strings_are_one_object(lower):
    found = lower('const char *f(int x) { return x ? "abc" : "ab" "c"; } const char *q = "other";')
    strings = [g for g in found.module.globals if g.name.startswith(".L.str")]
    assert sorted(g.init for g in strings) == [b"abc\0", b"other\0"]


def test_static_data(lower):
    found = lower(
        "struct s { char a; short b; int c[3]; long *p; } v = { 1, -2, { [1] = 7 }, 0 };"
        "long x; struct s t[2] = { [1] = { .p = &x + 1 } }; double d = 1.5; float e = -2;"
        "unsigned char big[4] = { 250, 255, -1, 256 }; struct { int n; int rest[]; } flex = { 2, { 5, 6 } };"
        "struct s *self = &(struct s){ .a = 9 }; _Bool yes = 5; enum { A, B } en = B;"
    )
    assert found.variable("v").init.hex() == "0100feff" + "00000000" + "07000000" + "00" * 12
    (reloc,) = found.variable("t").relocs
    assert (reloc.offset, reloc.symbol, reloc.addend) == (40, "x", 8)
    assert found.variable("d").init.hex() == "000000000000f83f"
    assert found.variable("e").init.hex() == "000000c0"
    assert list(found.variable("big").init) == [250, 255, 255, 0]
    assert found.variable("flex").init.hex() == "020000000500000006000000"
    assert list(found.variable("yes").init) == [1]


def test_big_endian_data(lower):
    found = lower(
        "int x = 0x01020304; struct { int a : 4, b : 12; } s = { 1, 0x234 };", big_endian=True
    )
    assert found.variable("x").init.hex() == "01020304"
    assert found.variable("s").init.hex() == "12340000"


def test_functions(lower):
    found = lower(
        "static __attribute__((noinline)) int a(void) { return 1; } int g(void) { return a(); }"
        "static inline __attribute__((always_inline)) int b(void) { return 2; }"
        "__attribute__((weak)) int w(void) { return 3; }"
        '__attribute__((visibility("hidden"))) int h(void) { return 4; }'
        '__attribute__((section("xdp"))) int f(void *ctx) { return b() + g() + w() + h(); }'
    )
    facts = {
        x.name: (x.section, x.linkage, x.hidden, x.inline, x.ctx) for x in found.module.functions
    }
    assert facts == {
        "a": (".text", "static", False, "never", False),
        "g": (".text", "global", False, "", False),
        "b": (".text", "static", False, "always", False),
        "w": (".text", "weak", False, "", False),
        "h": (".text", "global", True, "", False),
        "f": ("xdp", "global", False, "", True),
    }
    func = found.function("a").btf
    assert (func.name, func.linkage) == ("a", btf.Func.STATIC)
    assert found.function("g").btf.linkage == btf.Func.GLOBAL


def test_callees(lower):
    found = lower(
        "static void *(*lookup)(void *, const void *) = (void *)1; int sub(int x) { return x; }"
        'extern int kf(int) __attribute__((section(".ksyms"))); static int (*const h)(void) = (void *)7;'
        "int f(void *m) { int k = kf(3); return !lookup(m, &k) + sub(k) + h(); }"
    )
    callees = [i.attrs["callee"] for i in found.ops("call")]
    kinds = [(type(c), getattr(c, "name", "")) for c in callees]
    assert kinds == [
        (KfuncRef, "kf"),
        (HelperRef, "map_lookup_elem"),
        (FuncRef, "sub"),
        (HelperRef, "get_prandom_u32"),
    ]


def test_externs(lower):
    found = lower(
        'extern unsigned hz __attribute__((section(".kconfig"))); '
        'extern const int sym __attribute__((section(".ksyms"), weak)); '
        'extern void kf(struct task *t, int n) __attribute__((section(".ksyms")));'
        "int f(void) { kf(0, 1); return hz + (&sym ? 1 : 2); }"
    )
    facts = {e.name: (e.section, e.weak, type(e.btf).__name__) for e in found.module.externs}
    assert facts == {
        "hz": (".kconfig", False, "Var"),
        "sym": (".ksyms", True, "Var"),
        "kf": (".ksyms", False, "Func"),
    }


def test_btf_is_full_where_it_must_be_and_short_elsewhere(lower):
    found = lower(
        "struct far { int x; };"
        "struct deep { struct far *f; struct deep *next; int (*call)(struct far2 *); };"
        "struct far2 { int y; }; struct val { struct deep d; struct far *p; };"
        "typedef struct val val_t; val_t v; struct other { struct far3 *q; } o; "
        "int f(struct direct { struct far *p; } *a) { return 0; }"
    )
    deep = found.variable("v").btf.type.type.members[0].type
    assert isinstance(found.variable("v").btf.type, btf.Typedef)
    assert isinstance(deep.members[0].type.type, btf.Fwd)  # far: only named
    assert deep.members[1].type.type is deep
    proto = deep.members[2].type.type
    assert isinstance(proto, btf.FuncProto)
    assert proto.params[0][1].type.name == "far2"  # what functions take is followed
    assert isinstance(found.variable("o").btf.type.members[0].type.type, btf.Fwd)
    pointer = found.function().btf.proto.params[0][1]
    assert pointer.type.members[0].name == "p"


def test_map_definitions_are_full(lower):
    found = lower(
        "struct key { int a; }; struct value { long b; }; struct { int (*type)[1]; struct key *key;"
        " struct value *value; struct { struct key *key; } *values[]; } m "
        '__attribute__((section(".maps")));'
    )
    members = {x.name: x.type for x in found.variable("m").btf.type.members}
    assert members["key"].type.members[0].name == "a"
    assert members["value"].type.size == 8
    inner = members["values"].type.type
    assert inner.members[0].type.type is members["key"].type


@pytest.mark.parametrize(
    ("declaration", "chain"),
    [
        ("const volatile int x;", ["Const", "Volatile", "Int"]),
        ("const int *volatile x;", ["Volatile", "Ptr", "Const", "Int"]),
        ("const int x[3];", ["Array", "Const", "Int"]),
        ("int *restrict x;", ["Restrict", "Ptr", "Int"]),
        (
            'int __attribute__((btf_type_tag("t"))) *x;',
            ["Ptr", "TypeTag", "Int"],
        ),
        (
            'const int __attribute__((btf_type_tag("t"))) *x;',
            ["Ptr", "TypeTag", "Const", "Int"],
        ),
        ("enum { A = -1, B } x;", ["Enum"]),
        ("double x;", ["Float"]),
        ("void *x;", ["Ptr"]),
    ],
)
def test_btf_of_types(lower, declaration, chain):
    node = lower(declaration).variable("x").btf.type
    names = []
    while node is not None:
        names.append(type(node).__name__)
        node = getattr(node, "type", None)
    assert names == chain


def test_btf_of_integers_and_enums(lower):
    found = lower(
        "_Bool a; char b; unsigned long c; enum e { X = 1, Y = -5 } d; enum big { Z = 1ULL << 40 } e;"
        "struct { unsigned q : 3; int : 5; long r : 40; } s;"
    )
    kinds = {g.name: g.btf.type for g in found.module.globals}
    assert (kinds["a"].encoding, kinds["b"].encoding, kinds["c"].encoding) == (4, 1, 0)
    assert (kinds["d"].signed, kinds["d"].values) == (True, [("X", 1), ("Y", -5)])
    assert (kinds["e"].size, kinds["e"].signed) == (8, False)
    fields = [(m.name, m.bit_offset, m.bitfield_size) for m in kinds["s"].members]
    assert fields == [("q", 0, 3), ("r", 8, 40)]


def test_decl_tags(lower):
    found = lower(
        "#define T(x) __attribute__((btf_decl_tag(x)))\n"
        'struct s { int a T("m"); } T("s"); struct s v T("v"); int f(int p T("p")) T("f");'
        "int f(int p) { return p; }"
    )
    tags = [(t.name, type(t.type).__name__, t.component) for t in found.module.decl_tags]
    assert sorted(tags) == [
        ("f", "Func", -1),
        ("m", "Struct", 0),
        ("p", "Func", 0),
        ("s", "Struct", -1),
        ("v", "Var", -1),
    ]
