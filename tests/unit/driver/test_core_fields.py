"""The kernel's fields of a program against two kernels' types."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bpfcc.cli.check import main
from bpfcc.driver import check as checking
from bpfcc.driver.core_fields import table
from bpfcc.driver.flags import parse_flags
from bpfcc.driver.options import Options
from bpfcc.driver.pipeline import compile_source
from bpfcc.objfile.write import to_bytes
from bpfcc.support.diagnostics import Severity, Sink
from bpfcc.support.source import SourceFile

OLD = """\
struct mm { unsigned long start; };
struct task { int prio; long state; int pid; struct mm *mm; char comm[16]; };
struct task task; struct mm mm;
int f(void) { return task.prio + mm.start; }
"""
NEW = """\
struct mm { unsigned long pad, start; };
struct task { int prio; unsigned int __state; long pid; struct mm *mm; char comm[32]; };
struct task task; struct mm mm;
int f(void) { return task.prio + mm.start; }
"""
PROGRAM = """\
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
char LICENSE[] SEC("license") = "GPL";
struct mm { unsigned long start; } __attribute__((preserve_access_index));
struct task { int pid; long state; struct mm *mm; } __attribute__((preserve_access_index));
struct task___new { unsigned int __state; } __attribute__((preserve_access_index));
SEC("raw_tp/sched_switch") int f(struct bpf_raw_tracepoint_args *ctx)
{
	struct task *t = (void *)bpf_get_current_task();
	struct task___new *n = (void *)t;
	long s = BPF_CORE_READ(t, pid) + BPF_CORE_READ(t, mm, start);
	if (bpf_core_field_exists(n->__state))
		s += BPF_CORE_READ(n, __state);
	UNGUARDED
	return s;
}
"""


def btf(folder: Path, name: str, text: str) -> str:
    obj = compile_source(SourceFile(name, text), Options(), Sink())
    assert obj is not None
    path = folder / name
    path.write_bytes(to_bytes(obj))
    return str(path)


@pytest.fixture
def kernels(tmp_path: Path) -> list[str]:
    return [btf(tmp_path, "old.o", OLD), btf(tmp_path, "new.o", NEW)]


def program(folder: Path, unguarded: str = "") -> str:
    path = folder / "p.c"
    path.write_text(PROGRAM.replace("UNGUARDED", unguarded))
    return str(path)


def test_table_says_where_each_field_is(tmp_path, kernels) -> None:
    path = program(tmp_path, "s += BPF_CORE_READ(t, state);")
    subject = checking.load(path, parse_flags([path]))
    types = checking.kernel_types(kernels)
    fields = checking.core_fields(subject, types)
    rows = {line.split()[0]: line for line in table(fields, ["old", "new"]).splitlines()[1:]}
    assert {name: [f.state(0), f.state(1)] for name, f in zip(rows, fields)} == {
        "mm.start": ["present", "present"],
        "task.mm": ["present", "present"],
        "task.pid": ["present", "type changed"],
        "task.state": ["present", "absent"],
        "task___new.__state": ["absent", "present"],
    }
    assert "16 int" in rows["task.pid"] and "8 long (changed)" in rows["task.pid"]
    assert "if (bpf_core_field_exists(struct task, state)) ..." in rows["task.state"]
    assert rows["task___new.__state"].endswith("guarded")


def test_guarded_program_is_accepted_by_both(tmp_path, kernels, capsys) -> None:
    args = ["--btf", kernels[0], "--btf", kernels[1], program(tmp_path)]
    assert main(args) == 0
    out, err = capsys.readouterr()
    assert out.splitlines()[1].split()[1:] == ["accept", "accept"]
    assert err.count("[bpf-core-field]") == 1 and "(new.o)" in err


def test_an_unguarded_field_is_an_error_at_its_access(tmp_path, kernels, capsys) -> None:
    path = program(tmp_path, "s += BPF_CORE_READ(t, state);")
    assert main(["--btf", kernels[0], "--btf", kernels[1], "--format", "json", path]) == 1
    old, new = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert (old["btf"], old["verdict"]) == ("old.o", "accept")
    assert (new["btf"], new["verdict"]) == ("new.o", "reject")
    error = next(d for d in new["diagnostics"] if d["severity"] == "error")
    assert (error["id"], error["line"]) == ("bpf-core", 15)
    assert error["message"] == "'task.state' does not exist in this kernel"
    assert error["fixes"][0]["text"] == "if (bpf_core_field_exists(struct task, state)) ..."
    state = next(row for row in new["core_fields"] if row["field"] == "task.state")
    assert state["kernels"]["new.o"] == {"state": "absent", "offset": None, "type": None}
    assert state["kernels"]["old.o"]["type"] == "long"


def test_one_btf_keeps_the_plain_shape(tmp_path, kernels, capsys) -> None:
    path = program(tmp_path)
    main(["--btf", kernels[0], "--format", "json", path])
    row = json.loads(capsys.readouterr().out)
    assert set(row) == {"file", "verdict", "kernel", "programs", "diagnostics"}


def test_a_field_of_another_kind_counts_as_changed(tmp_path, kernels) -> None:
    other = btf(tmp_path, "kind.o", OLD.replace("int pid;", "struct mm pid;"))
    path = program(tmp_path)
    subject = checking.load(path, parse_flags([path]))
    fields = checking.core_fields(subject, checking.kernel_types([kernels[0], other]))
    pid = next(f for f in fields if f.name == "task.pid")
    assert [pid.state(0), pid.state(1)] == ["present", "type changed"]
    report = checking.check_subject(
        subject, "latest", types=subject.types[1], budget=checking.Budget()
    )
    assert any(d.severity == Severity.ERROR for d in report.diagnostics)
