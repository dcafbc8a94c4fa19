"""Rejection logs of several kernels, read back to C lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from bpfcc.cli.explain import main
from bpfcc.driver.kernel_log import explain, parse_log
from bpfcc.driver.options import Options
from bpfcc.driver.pipeline import compile_source
from bpfcc.objfile.model import Object
from bpfcc.objfile.read import from_bytes
from bpfcc.objfile.write import to_bytes
from bpfcc.support.diagnostics import Sink
from bpfcc.support.errors import InputError
from bpfcc.support.source import SourceFile

SOURCE = """\
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
char LICENSE[] SEC("license") = "GPL";
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 16);
	__type(key, __u32); __type(value, __u64); } counts SEC(".maps");
SEC("raw_tp/sys_enter") int prog(struct bpf_raw_tracepoint_args *ctx)
{
	__u32 key = ctx->args[1];
	__u64 *n = bpf_map_lookup_elem(&counts, &key);
	*n += 1;
	return 0;
}
"""
# Linux 4.19: no source text at all.
OLD = """\
0: (79) r1 = *(u64 *)(r1 +8)
1: (63) *(u32 *)(r10 -4) = r1
2: (bf) r2 = r10
3: (07) r2 += -4
4: (18) r1 = 0xffff8881f6a4c000
6: (85) call bpf_map_lookup_elem#1
7: (79) r1 = *(u64 *)(r0 +0)
R0 invalid mem access 'map_value_or_null'
"""
# 5.x, through libbpf: the C text, without a place.
MIDDLE = """\
libbpf: load bpf program failed: Permission denied
libbpf: -- BEGIN DUMP LOG ---
libbpf:
; __u64 *n = bpf_map_lookup_elem(&counts, &key);
6: (85) call bpf_map_lookup_elem#1
; *n += 1;
7: (79) r1 = *(u64 *)(r0 +0)
 R0_w=map_value_or_null(id=1,off=0,ks=4,vs=8,imm=0) R10=fp0 fp-8=mmmm????
7: (79) r1 = *(u64 *)(r0 +0)
R0 invalid mem access 'map_value_or_null'
processed 7 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0

libbpf: -- END LOG --
libbpf: failed to load program 'prog'
"""
# 6.8 and later: text, file and line.
NEW = """\
libbpf: prog 'prog': BPF program load failed: -EACCES
libbpf: prog 'prog': -- BEGIN PROG LOAD LOG --
0: R1=ctx() R10=fp0
; __u64 *n = bpf_map_lookup_elem(&counts, &key); @ counts.c:9
6: (85) call bpf_map_lookup_elem#1    ; R0_w=map_value_or_null(id=1,map=counts,ks=4,vs=8)
; *n += 1; @ counts.c:10
7: (79) r1 = *(u64 *)(r0 +0)
R0 invalid mem access 'map_value_or_null'
processed 8 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0
-- END PROG LOAD LOG --
libbpf: prog 'prog': failed to load: -EACCES
libbpf: failed to load object 'counts.o'
"""


@pytest.fixture(scope="module")
def obj() -> Object:
    made = compile_source(SourceFile("counts.c", SOURCE), Options(), Sink())
    assert made is not None
    return from_bytes(to_bytes(made), "counts.o")


@pytest.mark.parametrize("log", [OLD, MIDDLE, NEW], ids=["4.19", "5.x", "6.8"])
def test_every_format_leads_to_the_rejection(log: str) -> None:
    error = parse_log(log)
    assert error.message == "R0 invalid mem access 'map_value_or_null'"
    assert error.slot == 7


@pytest.mark.parametrize("log", [OLD, MIDDLE, NEW], ids=["4.19", "5.x", "6.8"])
def test_with_the_object_it_is_said_in_the_authors_words(log: str, obj: Object) -> None:
    found = explain(log, obj)
    assert (found.id, found.message) == ("bpf-null-deref", "'n' may be NULL here")
    assert found.span is not None and found.span.position()[:2] == ("counts.c", 10)
    assert found.kernel == "R0 invalid mem access 'map_value_or_null'"
    assert any("returns NULL when" in note.message for note in found.notes)


def test_without_the_object_the_log_has_the_place() -> None:
    found = explain(NEW, None)
    assert found.id == "bpf-null-deref"
    assert found.span is not None and found.span.position()[:2] == ("counts.c", 10)
    assert explain(MIDDLE, None).notes[0].message == "at the C line: *n += 1;"
    assert explain(OLD, None).span is None


def test_a_rejection_that_the_object_does_not_have_keeps_its_own_words(obj: Object) -> None:
    log = NEW.replace("R0 invalid mem access 'map_value_or_null'", "back-edge from insn 7 to 6")
    found = explain(log, obj)
    assert found.id in ("bpf-loop", "bpf-kernel-version")
    assert found.span is not None and found.span.position()[1] == 10


@pytest.mark.parametrize(
    ("line", "id"),
    [
        ("R1 type=fp expected=ctx", "bpf-context-arg"),
        ("dereference of modified ctx ptr R1 off=8 disallowed", "bpf-context-arg"),
        ("R2 type=scalar expected=fp, pkt, map_value", "bpf-argument-type"),
        ("At callback return the register R0 has unknown scalar value", "bpf-callback-return"),
        ("At program exit the register R0 has smin=-1", "bpf-return-code"),
        ("R1 invalid mem access 'inv'", "bpf-not-a-pointer"),
        ("Unreleased reference id=2 alloc_insn=4", "bpf-reference-leak"),
        ("cannot call GPL-restricted function from non-GPL compatible program", "bpf-license"),
    ],
)
def test_wordings_lead_to_ids(line: str, id: str) -> None:
    assert explain(f"5: (85) call x#1\n{line}\n", None).id == id


def test_what_is_no_log_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no rejection"):
        parse_log("all is well\nprocessed 8 insns\n")
    empty = tmp_path / "empty.log"
    empty.write_bytes(b"\xff\x00\n")
    with pytest.raises(InputError):
        main([str(empty)])


@pytest.mark.kernel
def test_the_running_kernels_own_log(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from bpfcc.kernel.load import load
    from bpfcc.kernel.rejection import LoadError

    made = compile_source(SourceFile("counts.c", SOURCE), Options(), Sink())
    assert made is not None
    (tmp_path / "counts.o").write_bytes(to_bytes(made))
    with pytest.raises(LoadError) as caught:
        load(made)
    (tmp_path / "log").write_text(caught.value.log)
    assert main([str(tmp_path / "log"), "--object", str(tmp_path / "counts.o")]) == 0
    shown = capsys.readouterr().err
    assert "counts.c:10:" in shown and "'n' may be NULL here [bpf-null-deref]" in shown
