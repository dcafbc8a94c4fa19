"""CO-RE relocations: the access strings are those that clang 19 makes of the same programs."""

from __future__ import annotations

import pytest

TYPES = """
#pragma clang attribute push (__attribute__((preserve_access_index)), apply_to = record)
struct un { short fam; char path[108]; };
struct addr { int ref; int len; struct un name[]; };
struct in {
    int a; int arr[4][5]; struct { int q; struct un u[3]; } an[2];
    union { int x; long y; }; int bf1 : 3, bf2 : 5; unsigned long long bf3 : 40;
};
typedef struct { int z; int w; } anon_t;
struct sk { struct addr *addr; struct in in; anon_t t; struct in *pin; };
enum e { E_A = 1, E_B = 7 };
#pragma clang attribute pop
struct plain { int a; struct un u; int t[4]; };
"""


@pytest.mark.parametrize(
    ("expression", "wanted"),
    [
        ("sk->addr->len", ["sk 0:0 0", "addr 0:1 4"]),
        ("sk->addr->name->path[i]", ["sk 0:0 0", "addr 0:2 8", "un 0:1 2"]),
        ("sk->addr->name[0].path[i]", ["sk 0:0 0", "addr 0:2:0:1 10"]),
        ("sk->addr->name[2].path[3]", ["sk 0:0 0", "addr 0:2:2:1:3 233"]),
        ("sk->in.arr[2][3]", ["sk 0:1:1:2:3 64"]),
        ("sk->in.arr[i][3]", ["sk 0:1:1 12"]),
        ("sk->in.arr[2][i]", ["sk 0:1:1:2 52"]),
        ("sk->in.an[1].u[2].path[1]", ["sk 0:1:2:1:1:2:1:1 655"]),
        ("sk->pin->x + sk->pin->y", ["sk 0:3 792", "in 0:3:0 760", "sk 0:3 792", "in 0:3:1 760"]),
        ("sk->t.w", ["sk 0:2:1 788"]),
        ("in[3].a", ["in 3:0 2328"]),
        ("(in + 3)->a", ["in 0:0 0"]),
        ("(&in[1])->a", ["in 1:0 776"]),
        ("t->w", ["anon_t 0:1 4"]),
        ("*in->arr[1]", ["in 0:1:1 24"]),
        ("((const struct in *)in)->a", ["in 0:0 0"]),
        ("((struct plain *)sk)->u.fam", ["un 0:0 0"]),
        ("((struct plain *)sk)->t[2]", []),
        ("__builtin_preserve_access_index(((struct plain *)sk)->u.path[2])", ["plain 0:1:1:2 8"]),
        ("__builtin_preserve_access_index(((struct plain *)sk)[2].a)", ["plain 2:0 264"]),
        ("*__builtin_preserve_access_index(&((struct plain *)sk)->t[2])", ["plain 0:2:2 124"]),
        ("(long)&((struct in *)0)->an", ["in 0:2 84"]),
    ],
)
def test_access_strings(lower, expression, wanted):
    text = (
        TYPES + f"long f(struct sk *sk, struct in *in, anon_t *t, int i) {{ return {expression}; }}"
    )
    found = lower(text).core()
    assert [line.split(" ", 1)[1] for line in found] == wanted
    assert all(line.startswith("FIELD_BYTE_OFFSET ") for line in found)


@pytest.mark.parametrize(
    ("call", "wanted"),
    [
        ("__builtin_preserve_field_info(in->arr, 0)", "FIELD_BYTE_OFFSET in 0:1 4"),
        ("__builtin_preserve_field_info(in->arr, 1)", "FIELD_BYTE_SIZE in 0:1 80"),
        ("__builtin_preserve_field_info(in->arr[2][1], 1)", "FIELD_BYTE_SIZE in 0:1:2:1 4"),
        ("__builtin_preserve_field_info(in->a, 2)", "FIELD_EXISTS in 0:0 1"),
        ("__builtin_preserve_field_info(in->a, 3)", "FIELD_SIGNED in 0:0 1"),
        ("__builtin_preserve_field_info(in->bf3, 3)", "FIELD_SIGNED in 0:6 0"),
        ("__builtin_preserve_field_info(in->bf2, 0)", "FIELD_BYTE_OFFSET in 0:5 768"),
        ("__builtin_preserve_field_info(in->bf2, 4)", "FIELD_LSHIFT_U64 in 0:5 56"),
        ("__builtin_preserve_field_info(in->bf2, 5)", "FIELD_RSHIFT_U64 in 0:5 59"),
        ("__builtin_preserve_field_info(in->bf3, 1)", "FIELD_BYTE_SIZE in 0:6 8"),
        ("__builtin_preserve_type_info(*(struct in *)0, 0)", "TYPE_EXISTS in 0 1"),
        ("__builtin_preserve_type_info(*(struct in *)0, 1)", "TYPE_SIZE in 0 776"),
        ("__builtin_preserve_type_info(*(anon_t *)0, 2)", "TYPE_MATCHES anon_t 0 1"),
        ("__builtin_preserve_enum_value(*(typeof(enum e) *)E_B, 0)", "ENUMVAL_EXISTS e 1 1"),
        ("__builtin_preserve_enum_value(*(typeof(enum e) *)E_B, 1)", "ENUMVAL_VALUE e 1 7"),
        ("__builtin_btf_type_id(*(struct in *)0, 0)", "TYPE_ID_LOCAL in 0 0"),
        ("__builtin_btf_type_id(*(struct in *)0, 1)", "TYPE_ID_TARGET in 0 0"),
    ],
)
def test_numbers(lower, call, wanted):
    assert lower(TYPES + f"long f(struct in *in) {{ return {call} + 1; }}").core() == [wanted]


def test_bit_field_of_a_relocated_record(lower):
    found = lower(TYPES + "int f(struct in *in) { return in->bf2; }")
    assert found.core() == ["FIELD_BYTE_OFFSET in 0:5 768"]
    (load,) = [i for i in found.ops("load") if i.type.bits != 64]
    assert load.type.bits == 8


def test_big_endian_shifts(lower):
    text = TYPES + "long f(struct in *in) { return __builtin_preserve_field_info(in->bf2, 4) + 1; }"
    assert lower(text, big_endian=True).core() == ["FIELD_LSHIFT_U64 in 0:5 35"]


@pytest.mark.parametrize("opt_level", [0, 2])
def test_a_relocated_offset_stands_alone_in_its_instruction(opt_level):
    """The loader checks that the instruction holds the local offset, and rewrites all of it."""
    from bpfcc.driver.options import Options
    from bpfcc.driver.pipeline import compile_source
    from bpfcc.support.diagnostics import Sink
    from bpfcc.support.source import SourceFile

    text = TYPES + (
        "void g(void *); void f(struct in *in) { struct un u; __builtin_memcpy(&u, &in->an[1].u[2],"
        " sizeof u); g(&u); int t[5]; __builtin_memcpy(t, in->arr[1], 18); g(t); g(&in->y); }"
    )
    options = Options()
    options.opt_level = opt_level
    obj = compile_source(SourceFile("t.c", text), options, Sink())
    assert obj is not None
    (function,) = obj.functions
    seen = []
    slots = {}
    slot = 0
    for insn in function.insns:
        slots[slot] = insn
        slot += insn.slots
    for reloc in function.core:
        insn = slots[reloc.slot]
        memory = insn.opcode & 7 in (1, 2, 3)
        seen.append((reloc.access, insn.off if memory else insn.imm))
    assert sorted(set(seen)) == [("0:1:1", 24), ("0:2:1:1:2", 644), ("0:3:1", 760)]
