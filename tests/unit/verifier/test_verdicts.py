"""Small programs with one defect each, and their repaired twins: verdict, id and line.

As root the running kernel is asked as well: its verdict must be the same.
"""

from __future__ import annotations

import os
import sys

import pytest

from bpfcc.driver.btf_source import load_btf
from bpfcc.driver.check import Budget, check_object
from bpfcc.driver.options import Options
from bpfcc.driver.pipeline import compile_source
from bpfcc.objfile.model import Object
from bpfcc.support.diagnostics import Severity, Sink
from bpfcc.support.errors import InputError
from bpfcc.support.source import SourceFile

HEAD = """\
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <bpf/bpf_helpers.h>
char LICENSE[] SEC("license") = "GPL";
struct value { __u64 n[8]; };
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 8); __type(key, __u32);
	__type(value, struct value); } m SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096); } rb SEC(".maps");
"""
LOOKUP = "__u32 k = ctx->args[0]; struct value *v = bpf_map_lookup_elem(&m, &k);\n"


def raw_tp(body: str) -> str:
    return HEAD + 'SEC("raw_tp/sys_enter") int prog(struct bpf_raw_tracepoint_args *ctx)\n{\n' \
        + body + "\n}\n"  # fmt: skip


def xdp(body: str) -> str:
    return HEAD + 'SEC("xdp") int prog(struct xdp_md *ctx)\n{\n' \
        "void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;\n" \
        + body + "\n}\n"  # fmt: skip


# name -> (program, id of the error or "" for accepted, text of the line of the error)
CASES: dict[str, tuple[str, str, str]] = {
    "null": (raw_tp(LOOKUP + "v->n[0]++;\nreturn 0;"), "bpf-null-deref", "v->n[0]++"),
    "null tested": (raw_tp(LOOKUP + "if (v)\nv->n[0]++;\nreturn 0;"), "", ""),
    "index": (
        raw_tp(LOOKUP + "if (!v) return 0;\n__u64 i = ctx->args[1];\nv->n[i]++;\nreturn 0;"),
        "bpf-unbounded-index", "v->n[i]++",
    ),
    "index bounded": (
        raw_tp(LOOKUP + "if (!v) return 0;\n__u64 i = ctx->args[1];\nif (i < 8)\nv->n[i]++;\nreturn 0;"),
        "", "",
    ),
    "index off by one": (
        raw_tp(LOOKUP + "if (!v) return 0;\n__u64 i = ctx->args[1];\nif (i <= 8)\nv->n[i]++;\nreturn 0;"),
        "bpf-map-value-bounds", "v->n[i]++",
    ),
    "kernel pointer": (
        raw_tp("__u64 *p = (void *)ctx->args[0];\nreturn *p;"), "bpf-not-a-pointer", "return *p",
    ),
    "packet": (
        xdp("struct ethhdr *eth = data;\nreturn eth->h_proto;"), "bpf-packet-bounds", "eth->h_proto",
    ),
    "packet checked": (
        xdp("struct ethhdr *eth = data;\nif ((void *)(eth + 1) > end) return 1;\nreturn eth->h_proto;"),
        "", "",
    ),
    "record kept": (
        raw_tp("__u64 *e = bpf_ringbuf_reserve(&rb, 8, 0);\nif (!e)\nreturn 0;\n*e = 1;\nreturn 0;"),
        "bpf-reference-leak", "",
    ),
    "record sent": (
        raw_tp("__u64 *e = bpf_ringbuf_reserve(&rb, 8, 0);\nif (!e)\nreturn 0;\n*e = 1;\n"
               "bpf_ringbuf_submit(e, 0);\nreturn 0;"),
        "", "",
    ),
    "helper of another type": (
        raw_tp("return bpf_xdp_adjust_head((void *)ctx, 0);"), "bpf-helper-not-allowed",
        "bpf_xdp_adjust_head",
    ),
    "endless loop": (
        raw_tp("volatile __u64 i = 0;\nwhile (1)\ni++;\nreturn 0;"), "bpf-loop", "while",
    ),
    "bounded loop": (
        raw_tp("__u64 s = 0;\nfor (__u32 i = 0; i < 100; i++)\ns += ctx->args[0] ^ i;\nreturn s;"), "", "",
    ),
    "write to the context": (
        raw_tp("ctx->args[0] = 1;\nreturn 0;"), "bpf-context-access", "ctx->args[0] = 1",
    ),
    "key by value": (
        raw_tp("return !bpf_map_lookup_elem(&m, (void *)ctx->args[0]);"), "bpf-argument-type",
        "bpf_map_lookup_elem",
    ),
}  # fmt: skip


def compiled(name: str) -> Object:
    sink = Sink()
    obj = compile_source(SourceFile("t.c", CASES[name][0]), Options(), sink)
    assert obj is not None, sink.diagnostics
    return obj


@pytest.mark.parametrize("name", CASES)
def test_verdict_id_and_line(name: str) -> None:
    text, id, where = CASES[name]
    report = check_object(compiled(name), "t.c", "latest", btf=None, budget=Budget())
    errors = [d for d in report.diagnostics if d.severity == Severity.ERROR]
    if not id:
        assert (report.verdict, errors) == ("accept", [])
        return
    assert report.verdict == "reject"
    assert [d.id for d in errors] == [id]
    assert errors[0].span is not None
    line = text.splitlines()[errors[0].span.position()[1] - 1]
    assert where in line


@pytest.mark.kernel
@pytest.mark.parametrize("name", CASES)
def test_kernel_agrees(name: str) -> None:
    from bpfcc.kernel.load import load

    try:
        load(compiled(name)).close()
        verdict = "accept"
    except InputError:
        verdict = "reject"
    assert verdict == ("reject" if CASES[name][1] else "accept")


def test_unprivileged_judges_uninitialised_keys() -> None:
    text = raw_tp("__u32 k; return !bpf_map_lookup_elem(&m, &k);")
    obj = compile_source(SourceFile("t.c", text), Options(), Sink())
    assert obj is not None
    old = check_object(obj, "t.c", "5.15", btf=None, budget=Budget())
    assert old.verdict == "reject"
    new = check_object(obj, "t.c", "latest", btf=None, budget=Budget())
    assert new.verdict == "accept"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs a kernel's BTF")
def test_typed_kernel_pointers_need_btf() -> None:
    if not os.path.exists("/sys/kernel/btf/vmlinux"):
        pytest.skip("this system has no kernel BTF")
    text = (
        '#include "vmlinux.h"\n#include <bpf/bpf_helpers.h>\n#include <bpf/bpf_tracing.h>\n'
        'SEC("tp_btf/sched_switch") int BPF_PROG(p, bool b, struct task_struct *prev)\n'
        "{ return prev->pid == 0; }\n"
    )
    obj = compile_source(SourceFile("t.c", text), Options(), Sink())
    assert obj is not None
    assert check_object(obj, "t.c", "latest", btf=None, budget=Budget()).verdict == "unknown"
    report = check_object(obj, "t.c", "latest", btf=load_btf(None), budget=Budget())
    assert report.verdict == "reject"  # tp_btf programs return 0
