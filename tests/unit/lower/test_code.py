"""The shape of the IR where the kernel, the optimiser or the messages depend on it."""

from __future__ import annotations

import pytest

from bpfcc.ir.module import PointerRef


def test_every_instruction_has_the_span_of_its_expression(lower):
    text = "int f(int *p, int n) { return p[n] + n * 2; }"
    found = lower(text)
    spans = {i.op: i.span.text() for i in found.function().instrs() if i.span is not None}
    assert spans["add"] == "p[n] + n * 2"
    assert spans["ret"] == "return p[n] + n * 2"
    (load,) = [i for i in found.ops("load") if i.span.text() == "p[n]"]
    assert load.type.bits == 32


def test_values_carry_names(lower):
    found = lower("int g(void); int f(void) { int count = g(); return count; }")
    assert [i.name for i in found.ops("alloca")] == ["count"]
    assert found.ops("call")[0].name == "count"


def test_context_fields_keep_their_size(lower):
    found = lower(
        "struct __sk_buff { unsigned len, pkt_type; }; "
        '__attribute__((section("tc"))) int f(struct __sk_buff *skb) { return (char)skb->pkt_type; }'
    )
    (load,) = [i for i in found.ops("load") if i.attrs.get("off")]
    assert (load.type.bits, load.attrs["off"]) == (32, 4)


@pytest.mark.parametrize("init", ["{}", "{ 0 }", "{ 1 }", "{ .b = 2 }", "{ 1, 2, 3 }"])
def test_initialisers_zero_padding(lower, init):
    found = lower(
        f"void g(void *); void f(void) {{ struct {{ char a; long b; char c; }} s = {init}; g(&s); }}"
    )
    (fill,) = found.ops("memset")
    assert (fill.attrs["size"], fill.args[1].value) == (24, 0)


def test_full_initialisers_need_no_zeros(lower):
    found = lower("void g(void *); void f(int x) { int t[2] = { x, 3 }; g(t); }")
    assert not found.ops("memset") and len(found.ops("store")) == 3


def test_tables_are_copied_from_rodata(lower):
    numbers = ", ".join(str(i) for i in range(1, 40))
    found = lower(f"int f(int i) {{ int t[39] = {{ {numbers} }}; return t[i]; }}")
    (copy,) = found.ops("memcpy")
    assert copy.attrs["size"] == 156
    (data,) = [g for g in found.module.globals if g.section == ".rodata"]
    assert data.constant and data.init[:4] == b"\1\0\0\0"


def test_packed_members_say_their_alignment(lower):
    found = lower(
        "struct __attribute__((packed)) s { char a; int b; }; int f(struct s *p) { return p->b; }"
    )
    (load,) = [i for i in found.ops("load") if i.type.bits == 32]
    assert (load.attrs["off"], load.attrs["align"]) == (1, 1)
    plain = lower("struct s { char a; int b; }; int f(struct s *p) { return p->b; }")
    (load,) = [i for i in plain.ops("load") if i.type.bits == 32]
    assert "align" not in load.attrs


def test_volatile_accesses(lower):
    found = lower("volatile int v; int f(volatile char *p) { v; v = 1; return *p; }")
    marked = [i.op for i in found.function().instrs() if i.attrs.get("volatile")]
    assert marked == ["load", "store", "load"]


@pytest.mark.parametrize(
    ("pragma", "value"),
    [
        ("unroll", 0),
        ("unroll 4", 4),
        ("clang loop unroll(full)", 0),
        ("clang loop unroll(disable)", -1),
    ],
)
def test_loop_pragmas(lower, pragma, value):
    for loop in ("for (int i = 0; i < n; i++) g();", "while (n--) g();", "do g(); while (n--);"):
        found = lower(f"void g(void); void f(int n) {{\n#pragma {pragma}\n{loop} }}")
        marks = [i.attrs["unroll"] for i in found.function().instrs() if "unroll" in i.attrs]
        assert marks == [value], loop


def test_expect_marks_the_branch(lower):
    found = lower("int f(int x) { if (__builtin_expect(x == 3, 0)) return 1; return 2; }")
    (branch,) = found.ops("condbr")
    assert branch.attrs["likely"] is False


def test_barriers(lower):
    found = lower(
        'int f(int x, int *p) { asm volatile("" ::: "memory"); asm volatile("" : "+r"(x));'
        ' asm("" : "=r"(x) : "0"(x)); return x; }'
    )
    assert len(found.ops("fence")) == 1
    assert len(found.ops("opaque")) == 2
    assert not found.ops("asm")


def test_real_assembly(lower):
    found = lower(
        'long f(long a, int *m) { long r, s; asm volatile("%0 = %2; %1 = *(u32 *)%3" '
        ': "=r"(r), "=&r"(s) : "ri"(a), "m"(*m) : "r5"); return r + s; }'
    )
    (asm,) = found.ops("asm")
    facts = [(o.constraint, o.by_address, o.size) for o in asm.attrs["constraints"]]
    assert facts == [("=r", False, 8), ("=&r", True, 8), ("ri", False, 8), ("m", True, 4)]
    assert asm.attrs["clobbers"] == ("r5",)


def test_a_cast_to_short_hands_the_register_over_as_it_is(lower):
    found = lower('void f(long a) { asm volatile("r0 = %0" : : "r"((short)a) : "r0"); }')
    (asm,) = found.ops("asm")
    assert asm.args[0].type.bits == 64 and not found.ops("and") and not found.ops("zext")
    found = lower('void f(short *a) { asm volatile("r0 = %0" : : "r"(*a) : "r0"); }')
    assert found.ops("asm")[0].args[0].type.bits == 32


def test_may_goto(lower):
    text = 'int f(int n) { while (n) { asm volatile goto("%s" :::: out); n--; } out: return n; }'
    for template in (
        "may_goto %l[out]",
        "1:.byte 0xe5; .byte 0; .long ((%l[out] - 1b - 8) / 8) & 0xffff; .short 0",
    ):
        found = lower(text % template)
        assert len(found.ops("may_goto")) == 1 and not found.ops("asm_goto")


def test_lifetimes_end_with_the_block_but_not_where_labels_lead_in(lower):
    scoped = lower("void g(void *); void f(void) { { int a[4]; g(a); } { int b[4]; g(b); } }")
    assert [i.attrs["start"] for i in scoped.ops("lifetime")] == [True, False, True, False]
    jumped = lower("void g(void *); void f(int x) { if (x) goto in; { int a[4]; in: g(a); } }")
    assert not jumped.ops("lifetime")


def test_indirect_calls_are_left_to_the_optimiser(lower):
    found = lower("int f(int (*g)(int)) { return g(3); }")
    assert isinstance(found.ops("call")[0].attrs["callee"], PointerRef)


def test_constant_conditions_leave_no_code(lower):
    found = lower("int g(void); int f(void) { if (0) return g(); return 1 ? 2 : g(); }")
    assert not found.ops("call") and not found.ops("condbr")
    kept = lower("int g(void); int f(void) { goto in; if (0) { in: return g(); } return 1; }")
    assert len(kept.ops("call")) == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("__int128 f(__int128 a) { return a / 3; }", "division of 128-bit integers"),
        ("long x; long f(void) { return __sync_fetch_and_nand(&x, 1); }", "atomic nand"),
        ('asm("x"); int f(void) { return 1; }', "assembly outside of functions"),
    ],
)
def test_what_is_refused(lower, text, message):
    found = lower(text)
    assert any(m.startswith(message) for m in found.messages), found.messages
    assert all(d.span is not None for d in found.sink.diagnostics)
