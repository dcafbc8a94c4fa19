"""The shape of the typed tree, as ``lower`` relies on it."""

from __future__ import annotations

from bpfcc.c.ctype.types import (
    BOOL,
    INT,
    LONG,
    UCHAR,
    UINT,
    ULONG,
    ArrayType,
    PointerType,
    strip,
)
from bpfcc.c.tast.nodes import (
    AddressOf,
    Asm,
    Assign,
    Binary,
    Block,
    BuiltinCall,
    Call,
    Cast,
    CompoundAssign,
    Conditional,
    CoreAccess,
    CoreInfo,
    DeclStmt,
    Deref,
    Expr,
    ExprStmt,
    FuncSymbol,
    If,
    IncDec,
    Index,
    IndirectCall,
    IntConst,
    Loop,
    Member,
    PtrAdd,
    PtrDiff,
    Return,
    StmtExpr,
    StringLit,
    Switch,
    VarRef,
)

PRELUDE = """
typedef unsigned char u8; typedef unsigned u32; typedef unsigned long u64;
struct s { int a; char name[8]; struct { long deep; }; unsigned b3 : 3; unsigned b32 : 32; };
int ext(int, ...);
"""


def value(sema, text: str, params: str = "int i, u32 u, long l, u8 b, struct s *p, int *q") -> Expr:
    """Return the checked expression of ``return text;``."""
    checked = sema(f"{PRELUDE} static long f({params}) {{ return (long)({text}); }}"
                   "long keep(void) { return (long)f; }")  # fmt: skip
    assert not [d for d in checked.diagnostics if d.severity == 2], checked.diagnostics
    function = next(f for f in checked.unit.functions if f.name == "f")
    assert isinstance(function.body, Block)
    found = function.body.statements[0]
    assert isinstance(found, Return) and found.value is not None
    e = found.value
    while isinstance(e, Cast) and not e.implicit:
        e = e.operand
    return e


def statements(sema, text: str, params: str = "int i, u32 u, struct s *p, int *q") -> list:
    checked = sema(f"{PRELUDE} void f({params}) {{ {text} }}")
    assert not [d for d in checked.diagnostics if d.severity == 2], checked.diagnostics
    body = checked.unit.functions[-1].body
    assert body is not None
    return body.statements


def test_every_conversion_is_a_cast(sema) -> None:
    e = value(sema, "i + u")
    assert isinstance(e, Binary) and strip(e.type) is UINT
    assert isinstance(e.left, Cast) and e.left.kind == "int" and strip(e.left.type) is UINT
    assert isinstance(e.left.operand, Cast) and e.left.operand.kind == "load"
    e = value(sema, "b + l")
    assert strip(e.type) is LONG and e.left.kind == "int" and e.left.operand.kind == "load"


def test_small_types_are_promoted(sema) -> None:
    e = value(sema, "b * b")
    assert strip(e.type) is INT and e.left.kind == "int"
    assert strip(value(sema, "-b").type) is INT
    assert strip(value(sema, "b << l").type) is INT
    assert strip(value(sema, "p->b3 + 0").type) is INT
    assert strip(value(sema, "p->b32 + 0").type) is UINT


def test_shift_count_has_the_left_type(sema) -> None:
    e = value(sema, "l << i")
    assert strip(e.right.type) is LONG and e.right.kind == "int"


def test_comparisons_are_int(sema) -> None:
    e = value(sema, "u < l")
    assert strip(e.type) is INT and strip(e.left.type) is LONG
    assert strip(value(sema, "!l").type) is INT
    assert strip(value(sema, "i && l").type) is INT


def test_pointer_arithmetic(sema) -> None:
    e = value(sema, "q + i")
    assert isinstance(e, PtrAdd) and e.scale == 4 and not e.subtract
    assert strip(e.index.type) is LONG
    e = value(sema, "u + p")
    assert isinstance(e, PtrAdd) and e.scale == 32 and strip(e.index.type) is ULONG
    e = value(sema, "q - i")
    assert isinstance(e, PtrAdd) and e.subtract
    e = value(sema, "&q[3] - q")
    assert isinstance(e, PtrDiff) and e.scale == 4 and e.type is LONG
    e = value(sema, "(void *)q + 1")
    assert isinstance(e, PtrAdd) and e.scale == 1


def test_members_are_one_level_each(sema) -> None:
    e = value(sema, "p->deep")
    assert isinstance(e, Cast) and e.kind == "load"
    deep = e.operand
    assert isinstance(deep, Member) and deep.field.name == "deep"
    assert isinstance(deep.base, Member) and deep.base.field.name == ""
    assert isinstance(deep.base.base, Deref)
    e = value(sema, "p->name[i]")
    index = e.operand.operand if isinstance(e.operand, Cast) else e.operand
    assert isinstance(index, Index) and isinstance(index.pointer, Cast)
    assert index.pointer.kind == "decay"


def test_addresses(sema) -> None:
    e = value(sema, "&p->a")
    assert isinstance(e, AddressOf) and isinstance(e.operand, Member)
    assert isinstance(value(sema, "&*q"), Cast)
    assert not isinstance(value(sema, "*&i"), Deref)
    e = value(sema, "&((struct s *)0)->deep")
    assert isinstance(e, IntConst) and e.value == 16


def test_constants_are_folded(sema) -> None:
    for text, number in [("1 + 2 * 3", 7), ("sizeof(struct s)", 32), ("(u8)300", 44),
                         ("1 ? 5 : ext(1)", 5), ("0 && ext(1)", 0), ("'a' == 97", 1),
                         ("-7 / 2", -3), ("-7 % 3", -1), ("~0u >> 4", 0x0FFFFFFF)]:  # fmt: skip
        e = value(sema, text)
        assert isinstance(e, IntConst) and e.value == number, text


def test_bool_conversion(sema) -> None:
    found = statements(sema, "_Bool x = q; x = i; (void)x;")
    init = found[0].init.items[0].value
    assert isinstance(init, Cast) and init.kind == "bool" and strip(init.type) is BOOL
    assert isinstance(found[1].expr, Assign) and found[1].expr.value.kind == "bool"


def test_assignment_forms(sema) -> None:
    a, b, c, d = (s.expr for s in statements(sema, "i += u; q += i; q++; --p->b3;"))
    assert isinstance(a, CompoundAssign) and strip(a.compute) is UINT and strip(a.type) is INT
    assert isinstance(b, CompoundAssign) and b.scale == 4 and strip(b.value.type) is LONG
    assert isinstance(c, IncDec) and c.delta == 1 and c.scale == 4 and not c.prefix
    assert isinstance(d, IncDec) and d.delta == -1 and d.prefix


def test_gnu_conditional_is_evaluated_once(sema) -> None:
    e = value(sema, "i ?: l")
    assert isinstance(e, Conditional) and e.then is None
    assert strip(e.cond.type) is LONG and strip(e.otherwise.type) is LONG


def test_statement_expression(sema) -> None:
    e = value(sema, "({ int t = i; t + 1; })")
    assert isinstance(e, StmtExpr) and isinstance(e.result, Binary)
    assert [v.name for v in e.block.variables] == ["t"]
    assert isinstance(e.block.statements[0], DeclStmt)


def test_helpers_become_functions(sema) -> None:
    checked = sema(
        """
        enum bpf_func_id { BPF_FUNC_unspec, BPF_FUNC_map_lookup_elem };
        static void *(*bpf_map_lookup_elem)(void *map, const void *key) = (void *) BPF_FUNC_map_lookup_elem;
        static long (*const bpf_trace_printk)(const char *fmt, unsigned size, ...) = (void *) 6;
        struct { int x; } m;
        void f(int k) { bpf_map_lookup_elem(&m, &k); bpf_trace_printk("%d", 3, (char)k); }
        char _license[] __attribute__((section("license"))) = "GPL";
        """
    )
    assert checked.messages == []
    lookup, printk = (s.expr for s in checked.unit.functions[0].body.statements)
    assert isinstance(lookup, Call) and lookup.callee.helper == 1
    assert all(isinstance(strip(a.type), PointerType) for a in lookup.args)
    assert printk.callee.helper == 6 and strip(printk.args[2].type) is INT


def test_local_function_pointer_stays_an_indirect_call(sema) -> None:
    found = statements(sema, "int (*fp)(int, ...) = ext; fp(1);")
    assert isinstance(found[1].expr, IndirectCall)


def test_switch_cases(sema) -> None:
    found = statements(sema, "switch (i) { case 1: case 3 ... 5: i = 2; break; default: i = 0; }")
    switch = found[0]
    assert isinstance(switch, Switch)
    assert [(low, high) for low, high, _ in switch.cases] == [(1, 1), (3, 5)]
    assert switch.default is not None


def test_loops_and_unrolling(sema) -> None:
    found = statements(
        sema,
        """
        _Pragma("unroll")
        for (int k = 0; k < 3; k++) ext(k);
        _Pragma("clang loop unroll(disable)")
        while (i) i--;
        _Pragma("clang loop unroll_count(4)")
        do i++; while (i < 3);
        """,
    )
    loops = [s for s in found if isinstance(s, Loop)]
    assert [s.unroll for s in loops] == [0, -1, 4]
    assert [s.test_first for s in loops] == [True, True, False]
    assert [v.name for v in loops[0].scope] == ["k"]
    assert loops[0].step is not None and loops[0].init is not None


def test_initialisers_are_flat(sema) -> None:
    checked = sema(
        PRELUDE
        + 'struct s v = { .name = "ab", .b3 = 5, .deep = 7 }; int a[] = { [1] = 2, 3 };'
        + "struct { int n; int tail[]; } flex = { 1, { 2, 3 } };"
    )
    v, a, flex = checked.unit.variables
    assert v.init is not None and v.init.zero
    items = [(i.offset, i.width) for i in v.init.items]
    assert items == [(32, None), (192, 3), (128, None)]
    text = v.init.items[0].value
    assert isinstance(text, StringLit) and text.data == b"ab\0\0\0\0\0\0"
    array = strip(a.type)
    assert isinstance(array, ArrayType) and array.count == 3
    assert [(i.offset, i.value.value) for i in a.init.items] == [(32, 2), (64, 3)]
    assert flex.extent == 12 and [i.offset for i in flex.init.items] == [0, 32, 64]


def test_record_assignment_is_whole(sema) -> None:
    found = statements(sema, "struct s t = *p; *p = t;")
    init = found[0].init
    assert not init.zero and len(init.items) == 1 and init.items[0].value.kind == "load"
    assert isinstance(found[1].expr, Assign)


def test_only_what_is_reached_is_kept(sema) -> None:
    checked = sema(
        """
        static int unused(void) { return 1; }
        static int used(void) { return 2; }
        static int table_unused[4];
        static int table_used[4];
        static int (*keep)(void) __attribute__((used)) = used;
        extern int outside, outside_unused;
        int global_fn(void) { return table_used[0] + outside; }
        """
    )
    assert [f.name for f in checked.unit.functions] == ["used", "global_fn"]
    assert [v.name for v in checked.unit.variables] == ["table_used", "keep"]
    assert [e.name for e in checked.unit.externs] == ["outside"]


def test_local_statics_have_names_of_their_own(sema) -> None:
    checked = sema("int f(int x) { static int n; { static int n; n++; } return n++; }")
    assert [v.link_name for v in checked.unit.variables] == ["f.n", "f.n.1"]


def test_builtins_that_generate_code(sema) -> None:
    found = statements(
        sema,
        """
        __builtin_memcpy(p, q, 4);
        i = __builtin_bswap32(u);
        __sync_fetch_and_add(q, 1);
        i = __atomic_exchange_n(q, 2, 5);
        if (!__builtin_constant_p(i)) __builtin_trap();
        """,
    )
    memcpy = found[0].expr
    assert isinstance(memcpy, BuiltinCall) and memcpy.name == "memcpy"
    assert [strip(a.type) for a in memcpy.args][2] is ULONG
    swap = found[1].expr.value.operand
    assert swap.name == "bswap" and strip(swap.args[0].type) is UINT
    add = found[2].expr
    assert add.name == "atomic_fetch" and add.extra["op"] == "add" and add.extra["new"] is False
    test = found[4]
    assert isinstance(test, If) and test.cond.operand.name == "constant_p"


def test_core_nodes(sema) -> None:
    checked = sema(
        """
        struct t { int a; } __attribute__((preserve_access_index));
        enum e { ONE = 1 };
        long f(struct t *p)
        {
            long n = __builtin_preserve_field_info(p->a, 1);
            n += __builtin_preserve_enum_value(*(enum e *)ONE, 1);
            n += *__builtin_preserve_access_index(&p->a);
            return n + p->a;
        }
        """
    )
    assert checked.messages == []
    first, second, third, last = checked.unit.functions[0].body.statements
    info = first.init.items[0].value
    while isinstance(info, Cast):
        info = info.operand
    assert isinstance(info, CoreInfo) and info.what == "field" and info.kind == 1
    assert isinstance(info.operand, Member) and info.operand.record.core
    enum = second.expr.value
    while isinstance(enum, Cast):
        enum = enum.operand
    assert isinstance(enum, CoreInfo) and enum.enumerator == ("ONE", 1)
    load = third.expr.value
    while isinstance(load, Cast):
        load = load.operand
    assert isinstance(load, Deref) and isinstance(load.pointer, CoreAccess)
    assert isinstance(last, Return)


def test_asm_operands(sema) -> None:
    found = statements(sema, 'asm volatile("%0 = %[x]" : "=r"(i) : [x] "r"(u) : "r0");')
    asm = found[0]
    assert isinstance(asm, Asm) and asm.volatile and asm.clobbers == ["r0"]
    assert isinstance(asm.outputs[0].expr, VarRef) and asm.inputs[0].name == "x"


def test_types_of_promoted_results(sema) -> None:
    e = value(sema, "(u8)i + 0")
    assert strip(e.type) is INT and strip(e.left.operand.type) is UCHAR
    e = value(sema, "q")
    assert isinstance(e, Cast) and isinstance(strip(e.type), PointerType)


def test_a_function_defined_twice_is_one_symbol(sema) -> None:
    checked = sema("int f(int); int g(void) { return f(1); } int f(int x) { return x; }")
    f = next(x for x in checked.unit.functions if x.name == "f")
    call = checked.unit.functions[0].body.statements[0].value
    assert isinstance(call, Call) and call.callee is f and isinstance(f, FuncSymbol)


def test_expression_statements_have_spans(sema) -> None:
    found = statements(sema, "i = 1;")
    assert isinstance(found[0], ExprStmt) and found[0].span is not None
    assert found[0].span.text() == "i = 1"
