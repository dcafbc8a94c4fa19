"""What the kernel's verifier has to walk: programs that would take many steps if compiled carelessly."""

from __future__ import annotations

import pytest

from bpfcc.driver.options import Options
from bpfcc.driver.pipeline import compile_source
from bpfcc.support.diagnostics import Sink
from bpfcc.support.source import SourceFile
from bpfcc.verifier.verify import VerifyOptions, verify

FLAGS = """
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __type(key, __u32);
         __type(value, __u64[2]); } out SEC(".maps");
static __always_inline __u32 translate(__u32 flags)
{
    __u32 res = 0;
    if (flags & 0x40) res |= 1 << 3;
    if (flags & 0x410000) res |= 1 << 11;
    if (flags & 0x400) res |= 1 << 2;
    if (flags & 0x1000) res |= 1 << 5;
    if (flags & 0x80) res |= 1 << 6;
    if (flags & 0x800) res |= 1 << 7;
    if (flags & 0x101000) res |= 1 << 8;
    if (flags & 0x200) res |= 1 << 9;
    if (flags & 0x4000) res |= 1 << 10;
    return res;
}
SEC("syscall") int prog(__u32 *ctx)
{
    __u32 key = 0, flags = *ctx;
    __u64 *to = bpf_map_lookup_elem(&out, &key);
    if (!to) return 0;
    to[0] = translate(flags);
    to[1] = flags & 0x410040 ? 5 : 0;
    return 0;
}
char LICENSE[] SEC("license") = "GPL";
"""


@pytest.mark.parametrize("mcpu", [1, 2, 3, 4])
def test_translated_flags(mcpu: int) -> None:
    options = Options()
    options.mcpu = mcpu
    sink = Sink()
    obj = compile_source(SourceFile("flags.bpf.c", FLAGS), options, sink)
    assert obj is not None and not sink.errors
    (report,) = verify(obj, VerifyOptions()).programs
    assert str(report.verdict) == "accept"
    assert report.insns_processed < 250
