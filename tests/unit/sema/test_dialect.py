"""The dialect of 2013/14: names without includes, tables declared and inferred."""

from __future__ import annotations

from bpfcc.c.ctype.layout import size_of
from bpfcc.c.tast.nodes import Call

DROPMON = """void dropmon(struct bpf_context *ctx) {
    void *loc;
    uint64_t *drop_cnt;

    loc = (void *)ctx->arg2;

    drop_cnt = bpf_table_lookup(ctx, 0, &loc);
    if (drop_cnt) {
        __sync_fetch_and_add(drop_cnt, 1);
    } else {
        uint64_t init = 0;
        bpf_table_update(ctx, 0, &loc, &init);
    }
}
"""


def test_dropmon_needs_nothing(sema) -> None:
    checked = sema(DROPMON, ["all", "extra"])
    assert checked.messages == []
    unit = checked.unit
    assert unit.dialect == 1
    (table,) = unit.tables
    assert (table.index, table.kind, table.key_size, table.elem_size) == (0, 1, 8, 8)
    assert table.max_entries == 4096 and table.inferred
    call = unit.functions[0].body.statements[3].expr.value
    assert isinstance(call.operand, Call) and call.operand.callee.builtin == "bpf_table_lookup"


def test_declared_tables(sema) -> None:
    checked = sema(
        """
        struct key { u32 a; u32 b; };
        void f(struct bpf_context *ctx)
        {
            struct key k = { 1, 2 };
            u64 one = 1;
            bpf_table_update(ctx, 1, &k, &one);
        }
        struct bpf_table tables[] = {
            { BPF_TABLE_HASH, sizeof(void *), sizeof(u64), 64, 0 },
            { .type = BPF_TABLE_LPM, .key_size = 8, .elem_size = 8, .max_entries = 10 },
        };
        """
    )
    assert checked.messages == []
    assert checked.unit.variables == []
    rows = [(t.name, t.kind, t.key_size, t.elem_size, t.max_entries) for t in checked.unit.tables]
    assert rows == [("tables_0", 1, 8, 8, 64), ("tables_1", 2, 8, 8, 10)]


def test_disagreeing_uses_name_both_places(sema) -> None:
    checked = sema(
        """
        void f(struct bpf_context *ctx)
        {
            u32 a = 0; u64 b = 0, v = 0;
            bpf_table_update(ctx, 0, &a, &v);
            bpf_table_update(ctx, 0, &b, &v);
        }
        """
    )
    (finding,) = checked.diagnostics
    assert "key of table 0 has 8 bytes here" in finding.message
    assert finding.span.text() == "&b"
    assert finding.notes[0].span.text() == "&a"


def test_the_programs_own_names_win(sema) -> None:
    checked = sema(
        "typedef char u64[3]; static long bpf_memcmp(u64 *a) { return sizeof(*a); }"
        "long f(u64 *a) { return bpf_memcmp(a); }"
    )
    assert checked.messages == []
    assert not checked.unit.functions[0].builtin


def test_context_layout(sema) -> None:
    checked = sema(
        '_Static_assert(__builtin_offsetof(struct bpf_context, arg6) == 40, "");'
        "u64 f(struct bpf_context *c) { return c->ret + c->regs.di; }"
    )
    assert checked.messages == []
    context = checked.unit.functions[0].params[0].type
    assert size_of(context) == 8


def test_generation_two_names(sema) -> None:
    checked = sema(
        """
        #define SEC(n) __attribute__((section(n), used))
        struct bpf_map_def SEC("maps") m = { .type = 1, .key_size = 8, .value_size = 8, .max_entries = 4 };
        SEC("events/skb/kfree_skb") int prog(struct bpf_context *ctx)
        {
            u64 key = bpf_ktime_get_ns();
            void *task = bpf_get_current();
            u64 *v = bpf_map_lookup_elem(&m, &key);
            if (bpf_fetch_u32(task) && v)
                bpf_dump_stack();
            return 0;
        }
        char _license[] SEC("license") = "GPL";
        """
    )
    assert checked.messages == []


def test_unknown_register_suggests(sema) -> None:
    checked = sema("u64 f(struct bpf_context *c) { return c->arg9; }")
    assert "did you mean 'arg1'" in checked.messages[0]
