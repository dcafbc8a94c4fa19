"""Programs whose functions stand in a header: what waits there, and what does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from bpfcc.driver.options import Options
from bpfcc.driver.pipeline import compile_source, read_source
from bpfcc.support.diagnostics import Sink

MAIN = '#include "prog.h"\nchar license[] __attribute__((section("license"))) = "GPL";\n'


@pytest.fixture
def build(tmp_path: Path):
    def run(header: str, *groups: str):
        (tmp_path / "prog.h").write_text(header)
        main = tmp_path / "main.bpf.c"
        main.write_text(MAIN)
        sink = Sink()
        sink.policy.on |= set(groups)
        return compile_source(read_source(str(main)), Options(), sink), sink.diagnostics

    return run


def test_static_function_defined_behind_its_use(build) -> None:
    obj, diagnostics = build(
        "static int inner(int x);\n"
        "static __attribute__((noinline)) int other(int x);\n"
        '__attribute__((section("syscall"), used)) int prog(int *ctx)\n'
        "{ return inner(*ctx); }\n"
        "static int inner(int x) { return other(x) + 1; }\n"
        "static int other(int x) { return x * 3; }\n"
    )
    assert diagnostics == []
    assert {function.name for function in obj.functions} >= {"prog", "other"}
    assert obj.externs == []


def test_libbpf_program_macro(build) -> None:
    obj, diagnostics = build(
        "#include <linux/bpf.h>\n#include <bpf/bpf_helpers.h>\n#include <bpf/bpf_tracing.h>\n"
        'SEC("tp_btf/sched_switch")\n'
        "int BPF_PROG(on_switch, int preempt, void *prev)\n{ return preempt; }\n"
        'SEC("tp_btf/sched_wakeup")\n'
        "int BPF_PROG(on_wakeup, void *task)\n{ return task != 0; }\n"
    )
    assert diagnostics == []
    assert {function.section for function in obj.functions} >= {
        "tp_btf/sched_switch", "tp_btf/sched_wakeup",
    }  # fmt: skip


def test_pragmas_among_the_words_of_a_waiting_declaration(build) -> None:
    _, diagnostics = build(
        '#define QUIET _Pragma("GCC diagnostic push") '
        '_Pragma("GCC diagnostic ignored \\"-Wshift-count-overflow\\"") '
        '__attribute__((used)) _Pragma("GCC diagnostic pop")\n'
        "QUIET int prog(int *ctx);\n"
        "int later(int x) { return x << 40; }\n"
        "int prog(int *ctx) { return later(*ctx); }\n"
    )
    assert [d.group for d in diagnostics] == ["shift-count-overflow"]
