from __future__ import annotations

import pytest

from bpfcc.btf import types as btf
from bpfcc.ir.module import HelperRef

DROPMON = """\
void dropmon(struct bpf_context *ctx) {
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


def numbers(variable):
    """The numbers of a map definition, and the types it names."""
    found = {}
    for member in variable.btf.type.members:
        target = member.type.type
        found[member.name] = target.nelems if isinstance(target, btf.Array) else target
    return found


def helpers(found, name):
    callees = [i.attrs["callee"] for i in found.ops("call", name)]
    return [c.id for c in callees if isinstance(c, HelperRef)]


def test_dropmon_as_it_was_published(lower):
    found = lower(DROPMON)
    function = found.function("dropmon")
    assert (function.section, function.linkage, function.ctx) == ("raw_tracepoint", "global", True)
    assert helpers(found, "dropmon") == [1, 2]
    table = found.variable("table_0")
    assert table.section == ".maps"
    shape = numbers(table)
    assert (shape["type"], shape["max_entries"]) == (1, 4096)
    assert isinstance(shape["key"], btf.Ptr) and shape["value"].name == "uint64_t"
    assert found.variable("_license").init == b"GPL\0"
    (note,) = found.sink.diagnostics
    assert note.id == "bpf-implicit-license"
    (context,) = [i for i in found.ops("load", "dropmon") if i.attrs.get("off") == 8]
    assert context.type.bits == 64


def test_the_license_can_be_given(lower):
    found = lower(DROPMON, license="Dual BSD/GPL")
    assert found.variable("_license").init == b"Dual BSD/GPL\0"
    assert not found.messages
    own = 'char x[] __attribute__((section("license"))) = "MIT";' + DROPMON
    assert lower(own).variable("x").init == b"MIT\0"
    assert lower(own, license="GPL").variable("x").init == b"GPL\0"


def test_declared_tables(lower):
    found = lower(
        "struct bpf_table t[] = { { BPF_TABLE_HASH, 8, 16, 100, 0 }, { BPF_TABLE_LPM, 8, 4, 9, 0 } };"
        "int f(struct bpf_context *ctx) { long k = 1, v[2] = {}; return bpf_table_update(ctx, 0, &k, v)"
        " + bpf_table_delete(ctx, 1, &k); }"
    )
    hash_, trie = numbers(found.variable("t_0")), numbers(found.variable("t_1"))
    assert (hash_["type"], hash_["max_entries"]) == (1, 100)
    assert (trie["type"], trie["value_size"], trie["map_flags"]) == (11, 4, 1)
    assert helpers(found, "f") == [2, 3]


@pytest.mark.parametrize(
    ("section", "wanted"),
    [
        ("events/skb/kfree_skb", "raw_tracepoint/kfree_skb"),
        ("events/kprobes/sys_write", "kprobe/sys_write"),
        ("events/kretprobes/sys_write", "kretprobe/sys_write"),
        ("kprobe/x", "kprobe/x"),
        ("socket", "socket"),
    ],
)
def test_sections(lower, section, wanted):
    text = f'__attribute__((section("{section}"))) int f(struct bpf_context *ctx) {{ return 0; }}'
    assert lower(text).function().section == wanted


@pytest.mark.parametrize(
    ("section", "field", "offset"),
    [
        ("events/a/b", "arg1", 0),
        ("events/a/b", "arg6", 40),
        ("events/a/b", "ret", 8),
        ("events/a/b", "regs.di", 0),
        ("events/a/b", "regs.cx", 24),
        ("events/kprobes/b", "arg1", 112),
        ("events/kprobes/b", "arg3", 96),
        ("events/kprobes/b", "ret", 80),
        ("events/kprobes/b", "regs.si", 104),
    ],
)
def test_context_fields(lower, section, field, offset):
    found = lower(
        f'__attribute__((section("{section}"))) int f(struct bpf_context *ctx) '
        f"{{ return ctx->{field}; }}"
    )
    (load,) = [i for i in found.ops("load") if i.type.bits == 64 and i.type.name == "i64"]
    assert load.attrs.get("off", 0) == offset


def test_registers_that_a_tracepoint_has_not(lower):
    found = lower(
        '__attribute__((section("events/a/b"))) int f(struct bpf_context *ctx) '
        "{ return ctx->regs.bx; }"
    )
    assert found.messages == ["register 'bx' is not available in a tracepoint"]


def test_registers_alone_mean_a_kprobe(lower):
    found = lower("int f(struct bpf_context *ctx) { return ctx->regs.di; }")
    assert found.function().section == "kprobe"


def test_calls(lower):
    found = lower(
        "int f(struct bpf_context *ctx) { void *p = bpf_load_pointer((void *)ctx->arg1); char s[4] = {};"
        ' bpf_dump_stack(ctx); bpf_trace_printk("%d", 3, 1, 2, 3);'
        " if (bpf_memcmp(p, s, 4)) return bpf_fetch_u16(p); bpf_ktime_get_ns(); bpf_get_current();"
        " return 0; }"
    )
    assert helpers(found, "f") == [113, 27, 6, 113, 113, 5, 35]
    assert numbers(found.variable("bpf_stacks"))["type"] == 7


def test_memcmp_needs_a_constant_size(lower):
    found = lower("int f(struct bpf_context *c) { char s[4]; return bpf_memcmp(c, s, c->arg1); }")
    assert found.messages == ["the size must be a constant from 1 to 63"]


def test_legacy_maps(lower):
    found = lower(
        'struct bpf_map_def __attribute__((section("maps"))) m = '
        "{ .type = 2, .key_size = 4, .value_size = 8, .max_entries = 3, .map_flags = 1 };"
        '__attribute__((section("socket"))) int f(void *ctx) '
        "{ int k = 0; return !bpf_map_lookup_elem(&m, &k); }"
    )
    variable = found.variable("m")
    assert variable.section == ".maps"
    assert numbers(variable) == {
        "type": 2,
        "key_size": 4,
        "value_size": 8,
        "max_entries": 3,
        "map_flags": 1,
    }


def test_legacy_packet_loads(lower):
    found = lower(
        'unsigned long long load_half(void *skb, unsigned long long off) asm("llvm.bpf.load.half");'
        '__attribute__((section("socket"))) int f(void *skb) { return load_half(skb, 12); }'
    )
    (load,) = found.ops("ld_pkt")
    assert (load.attrs["size"], load.args[1].value) == (2, 12)


def test_iproute2s_maps(lower):
    found = lower(
        "struct bpf_elf_map { unsigned type, size_key, size_value, max_elem, flags, id, pinning; };"
        'struct bpf_elf_map __attribute__((section("maps"))) m = '
        "{ .type = 1, .size_key = 4, .max_elem = 3, .pinning = 2 };"
    )
    assert numbers(found.variable("m")) == {
        "type": 1,
        "key_size": 4,
        "max_entries": 3,
        "pinning": 1,
    }
