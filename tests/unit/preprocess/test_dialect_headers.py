"""The header names of the 2013/14 patch sets, which no kernel has today."""

from __future__ import annotations

import pytest

from bpfcc.driver.options import Options
from bpfcc.driver.pipeline import compile_source
from bpfcc.support.diagnostics import Sink
from bpfcc.support.source import SourceFile


@pytest.mark.parametrize("host", [True, False])
def test_first_generation_with_its_includes(host: bool) -> None:
    """trace/bpf_trace.h was refused once headers were known by the names of today's kernel."""
    text = (
        "#include <linux/bpf.h>\n#include <trace/bpf_trace.h>\n"
        "void f(struct bpf_context *ctx) { uint64_t k = ctx->arg1, *v = bpf_table_lookup(ctx, 0, &k);\n"
        "if (v) __sync_fetch_and_add(v, 1); }\n"
    )
    options = Options()
    options.host_includes = host
    sink = Sink()
    assert compile_source(SourceFile("t.c", text), options, sink) is not None, sink.diagnostics


@pytest.mark.parametrize(
    "text",
    [
        '#include <uapi/linux/bpf.h>\n#include <trace/bpf_trace.h>\n#include "bpf_helpers.h"\n'
        'struct bpf_map_def SEC("maps") m = { .type = BPF_MAP_TYPE_HASH, .key_size = 8,\n'
        "  .value_size = 8, .max_entries = 4 };\n"
        'SEC("events/skb/kfree_skb") int f(struct bpf_context *ctx)\n'
        "{ uint64_t k = ctx->arg2, one = 1; bpf_map_update_elem(&m, &k, &one); return 0; }\n"
        'char _license[] SEC("license") = "GPL";\n',
        '#include <linux/skbuff.h>\n#include <uapi/linux/bpf.h>\n#include "bpf_helpers.h"\n'
        '#include "bpf_endian.h"\n'
        'SEC("socket") int f(struct __sk_buff *skb) { return bpf_htons(skb->len); }\n'
        'char _license[] SEC("license") = "GPL";\n',
    ],
    ids=["second generation", "samples"],
)
def test_headers_that_the_samples_keep_beside_them(text: str) -> None:
    sink = Sink()
    assert compile_source(SourceFile("t.c", text), Options(), sink) is not None, sink.diagnostics
