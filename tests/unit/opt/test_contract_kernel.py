"""The clauses of bpfcc/opt/contract.md as C programs that the kernel must accept.

Each is right C whose proof clang (at some -mcpu) loses, or a neighbour of such a program.
"""

from __future__ import annotations

import pytest

from bpfcc.driver.options import Options
from bpfcc.driver.pipeline import compile_source
from bpfcc.kernel.load import load
from bpfcc.support.diagnostics import Sink
from bpfcc.support.source import SourceFile

HEAD = """
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <bpf/bpf_helpers.h>
struct value { __u64 slots[8]; __u32 count, index; char bytes[64]; };
struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 4);
    __type(key, __u32);
    __type(value, struct value);
} values SEC(".maps");
char LICENSE[] SEC("license") = "GPL";
static __always_inline struct value *find(__u32 key)
{
    return bpf_map_lookup_elem(&values, &key);
}
"""

PROGRAMS = {
    "modulo_check": """
SEC("tracepoint/sched/sched_switch") int f(void *ctx)
{
    struct value *v = find(bpf_get_smp_processor_id());
    __u32 x = bpf_get_prandom_u32() % 10;
    if (!v) return 0;
    if (x < 8) v->slots[x]++;
    return 0;
}""",
    "zero_extend": """
SEC("tracepoint/sched/sched_switch") int f(void *ctx)
{
    struct value *v = find(0);
    __u32 x = bpf_get_prandom_u32();
    if (!v) return 0;
    if (x >= 8) return 0;
    v->slots[x]++;
    return 0;
}""",
    "u32_clamp": """
SEC("tc") int f(struct __sk_buff *skb)
{
    struct value *v = find(1);
    __u32 n;
    if (!v) return 0;
    n = v->count;
    if (n > sizeof(v->bytes)) n = sizeof(v->bytes);
    return bpf_probe_read_kernel(v->bytes, n, (void *)skb->cb[0]);
}""",
    "shifted_bound": """
SEC("tracepoint/irq/softirq_entry") int f(void *ctx)
{
    struct value *v = find(0);
    __u32 vec = bpf_get_prandom_u32(), slot = vec >> 3;
    if (!v) return 0;
    if (slot >= 8) return 0;
    v->slots[slot]++;
    return 0;
}""",
    "shifted_twice": """
SEC("tracepoint/irq/softirq_entry") int f(void *ctx)
{
    struct value *v = find(0);
    __u32 vec = bpf_get_prandom_u32();
    if (!v) return 0;
    if ((vec >> 3) >= 8) return 0;
    v->slots[vec >> 3]++;
    return 0;
}""",
    "merged_loads": """
SEC("tc") int f(struct __sk_buff *skb)
{
    struct value *v = find(0);
    __u32 mark;
    if (v) mark = v->slots[1]; else mark = skb->mark;
    return mark;
}""",
    "merged_stores": """
SEC("tc") int f(struct __sk_buff *skb)
{
    if (skb->len > 100) skb->cb[1] = 7; else skb->cb[2] = 7;
    return 0;
}""",
    "range_of_two_tests": """
SEC("tracepoint/sched/sched_switch") int f(void *ctx)
{
    struct value *v = find(0);
    long i = (long)bpf_get_prandom_u32() - 5;
    if (!v) return 0;
    if (i >= 2 && i < 64) return v->bytes[i];
    return 0;
}""",
    "signed_index": """
SEC("tracepoint/sched/sched_switch") int f(void *ctx)
{
    struct value *v = find(0);
    int i;
    if (!v) return 0;
    i = v->index;
    if (i < 0 || i >= 64) return 0;
    return v->bytes[i];
}""",
    "signed_char_index": """
SEC("tracepoint/sched/sched_switch") int f(void *ctx)
{
    struct value *v = find(0);
    signed char i;
    if (!v) return 0;
    i = v->bytes[0];
    if (i < 0 || i > 60) return 0;
    return v->bytes[i + 2];
}""",
    "index_of_64_bits_kept_in_32": """
SEC("tracepoint/sched/sched_switch") int f(void *ctx)
{
    struct value *v = find(0);
    __u64 wide = bpf_ktime_get_ns();
    __u32 i = wide;
    if (!v) return 0;
    if (i > 63) return 0;
    return v->bytes[i];
}""",
    "memory_tested_then_read_again": """
SEC("tracepoint/sched/sched_switch") int f(void *ctx)
{
    struct value *v = find(0);
    if (!v) return 0;
    if (v->index < 64) return v->bytes[v->index];
    return 0;
}""",
    "bound_on_the_operand": """
SEC("tracepoint/sched/sched_switch") int f(void *ctx)
{
    struct value *v = find(0);
    __u64 x = bpf_ktime_get_ns();
    if (!v) return 0;
    v->slots[0] = x + 1;
    if (x < 63) return v->bytes[x + 1];
    return 0;
}""",
    "or_of_aligned_base": """
SEC("tracepoint/sched/sched_switch") int f(void *ctx)
{
    __u32 small[2] = {1, 2};
    __u32 i = bpf_get_prandom_u32() & 1;
    char *p = (char *)small;
    bpf_probe_read_kernel(small, sizeof(small), 0);
    return *(__u32 *)(p + i * 4);
}""",
    "packet_pointer": """
SEC("xdp") int f(struct xdp_md *ctx)
{
    void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
    struct ethhdr *eth = data;
    struct iphdr *ip;
    __u8 *payload;
    if (data + sizeof(*eth) + sizeof(*ip) > end) return XDP_PASS;
    ip = data + sizeof(*eth);
    payload = (void *)ip + ip->ihl * 4;
    if ((void *)(payload + 8) > end) return XDP_PASS;
    return payload[3] + ((__u8 *)ip + ip->ihl * 4)[7];
}""",
    "packet_loop": """
SEC("xdp") int f(struct xdp_md *ctx)
{
    void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
    __u8 *p = data;
    int i, sum = 0;
    for (i = 0; i < 20; i++) {
        if ((void *)(p + 1) > end) break;
        sum += *p++;
    }
    return sum & 1;
}""",
    "address_before_null_test": """
SEC("tracepoint/sched/sched_switch") int f(void *ctx)
{
    struct value *v = find(0);
    __u64 *slot = &v->slots[3];
    if (!v) return 0;
    *slot += 1;
    return 0;
}""",
    "null_test_in_a_loop": """
SEC("tracepoint/sched/sched_switch") int f(void *ctx)
{
    __u64 sum = 0;
    for (__u32 i = 0; i < 4; i++) {
        struct value *v = find(i);
        if (v) sum += v->slots[i * 2];
    }
    return sum & 1;
}""",
    "null_merged_after_inlining": """
static __always_inline struct value *checked(__u32 key, int ok)
{
    struct value *v = 0;
    if (ok) v = find(key);
    return v;
}
SEC("tracepoint/sched/sched_switch") int f(void *ctx)
{
    struct value *v = checked(1, bpf_get_prandom_u32() & 1);
    if (!v) return 0;
    return v->count;
}""",
    "error_code_of_an_inlined_parser": """
static __always_inline int parse(void *data, void *end, struct iphdr **ip)
{
    struct ethhdr *eth = data;
    if ((void *)(eth + 1) > end) return -1;
    if (eth->h_proto != 8) return -2;
    *ip = (void *)(eth + 1);
    if ((void *)(*ip + 1) > end) return -3;
    return 0;
}
SEC("xdp") int f(struct xdp_md *ctx)
{
    void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
    struct iphdr *ip;
    if (parse(data, end, &ip) < 0) return XDP_DROP;
    return ip->protocol == 6 ? XDP_PASS : XDP_DROP;
}""",
    "local_array_by_variable": """
SEC("tracepoint/sched/sched_switch") int f(void *ctx)
{
    char buf[16] = {};
    __u32 i = bpf_get_prandom_u32();
    if (i < 16) buf[i] = 1;
    return buf[3] + buf[i & 15];
}""",
    "loop_over_a_local_array": """
SEC("tracepoint/sched/sched_switch") int f(void *ctx)
{
    __u32 a[8];
    for (int i = 0; i < 8; i++) a[i] = bpf_get_prandom_u32();
    __u32 sum = 0;
    for (int i = 7; i >= 0; i--) sum += a[i];
    return sum;
}""",
    "long_loop": """
SEC("tracepoint/sched/sched_switch") int f(void *ctx)
{
    struct value *v = find(0);
    if (!v) return 0;
    for (__u32 i = 0; i < 1000; i++) v->slots[i & 7] += i;
    return 0;
}""",
    "switch_on_a_checked_value": """
SEC("tracepoint/sched/sched_switch") int f(void *ctx)
{
    struct value *v = find(0);
    __u32 i = bpf_get_prandom_u32();
    if (!v) return 0;
    switch (i) {
    case 0 ... 7: return v->slots[i];
    case 20: return v->bytes[i];
    default: return 0;
    }
}""",
    "unreachable_gives_a_bound": """
SEC("tracepoint/sched/sched_switch") int f(void *ctx)
{
    struct value *v = find(0);
    __u32 i;
    if (!v) return 0;
    i = v->index;
    if (i >= 64) __builtin_unreachable();
    return v->bytes[i];
}""",
    "minimum_by_selection": """
SEC("tracepoint/sched/sched_switch") int f(void *ctx)
{
    struct value *v = find(0);
    __u64 n;
    if (!v) return 0;
    n = v->count < 64 ? v->count : 64;
    return bpf_probe_read_kernel(v->bytes, n, ctx);
}""",
    "context_of_narrow_fields": """
SEC("tc") int f(struct __sk_buff *skb)
{
    __u32 sum = skb->len + skb->protocol + skb->cb[0] + skb->cb[1];
    skb->cb[0] = 0;
    skb->cb[1] = 0;
    return sum & 0xffff;
}""",
    "context_array_in_a_loop": """
SEC("cgroup/connect6") int f(struct bpf_sock_addr *ctx)
{
    struct value *v = find(0);
    if (!v) return 1;
    for (int i = 0; i < 4; i++) v->slots[i] = ctx->user_ip6[i];
    for (int i = 0; i < 4; i++) ctx->user_ip6[i] = v->slots[7 - i];
    return 1;
}""",
    "context_array_compared_in_a_loop": """
SEC("cgroup/connect6") int f(struct bpf_sock_addr *ctx)
{
    for (int i = 0; i < 4; i++) {
        __u32 ip = ((volatile __u8 *)&ctx->user_ip6[i])[0];
        ip |= ((volatile __u8 *)&ctx->user_ip6[i])[1] << 8;
        ip |= ((volatile __u8 *)&ctx->user_ip6[i])[2] << 16;
        ip |= ((volatile __u8 *)&ctx->user_ip6[i])[3] << 24;
        if (ctx->user_ip6[i] != ip) return 0;
    }
    return 1;
}""",
    "context_address_masked_in_a_loop": """
SEC("cgroup/sendmsg6") int f(struct bpf_sock_addr *ctx)
{
    for (__u32 k = 0; k < 3; k++) {
        struct value *v = find(k);
        int match = 1;
        if (!v) return 0;
        for (int i = 0; i < 4; i++)
            if ((ctx->user_ip6[i] & v->slots[i]) != v->slots[i + 4]) { match = 0; break; }
        if (match) return v->count != 0;
    }
    return 0;
}""",
    "struct_key_of_two_halves": """
struct key { __u32 a; __u16 b; __u8 c, d; };
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 8);
         __type(key, struct key); __type(value, __u64); } keyed SEC(".maps");
SEC("tc") int f(struct __sk_buff *skb)
{
    struct key k = {.a = skb->len, .b = skb->protocol};
    __u64 one = 1, *n = bpf_map_lookup_elem(&keyed, &k);
    if (n) __sync_fetch_and_add(n, 1);
    else bpf_map_update_elem(&keyed, &k, &one, BPF_ANY);
    return 0;
}""",
}


@pytest.mark.kernel
@pytest.mark.parametrize("mcpu", [1, 2, 3, 4])
@pytest.mark.parametrize("name", sorted(PROGRAMS))
def test_accepted(name: str, mcpu: int) -> None:
    for level in (1, 2):
        options = Options()
        options.mcpu = mcpu
        options.opt_level = level
        options.verify_each = True
        sink = Sink()
        obj = compile_source(SourceFile(name + ".c", HEAD + PROGRAMS[name]), options, sink)
        assert obj is not None, sink.diagnostics
        load(obj).close()


LONG_LOOPS = """
static __always_inline void walk(struct value *v)
{
    __u32 x = bpf_get_prandom_u32();
    #pragma clang loop unroll(disable)
    for (int i = 0; i < 600; i++) {
        if (x) {
            if (bpf_get_prandom_u32() == 3) {
                if (bpf_get_prandom_u32() > 9) v->slots[0]++;
                if (bpf_get_prandom_u32() > 7) v->slots[1]++;
                if (bpf_get_prandom_u32() > 5) v->slots[2]++;
                v->bytes[i & 63] = i;
            }
        }
    }
}
SEC("raw_tp") int f(void *ctx)
{
    struct value *v = find(0);
    if (!v) return 0;
    walk(v); walk(v); walk(v); walk(v); walk(v);
    return 0;
}"""


@pytest.mark.kernel
def test_long_loops_keep_few_ways_for_later() -> None:
    """The verifier keeps 8192 ways at most; laid out the other way round there would be 15000."""
    obj = compile_source(SourceFile("long.c", HEAD + LONG_LOOPS), Options(), Sink())
    assert obj is not None
    load(obj).close()
