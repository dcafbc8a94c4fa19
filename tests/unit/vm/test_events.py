"""Recorded events, coverage and traces of a run."""

from __future__ import annotations

import pytest

from bpfcc.isa.asm import assemble_insns
from bpfcc.objfile.model import Line
from bpfcc.support.errors import InputError
from bpfcc.uapi.prog_types import ProgType
from bpfcc.vm.code import Code
from bpfcc.vm.coverage import Coverage
from bpfcc.vm.engine import Interpreter
from bpfcc.vm.events import parse_fields, read, replay
from bpfcc.vm.program import LoadedProgram
from bpfcc.vm.tracing import tracer
from bpfcc.vm.world import World

TEXT = """r0 = *(u64 *)(r1 + 0)
if r0 > 5 goto big
r0 += 1
exit
big: call helper
exit
helper: r0 = 9
exit"""
LINES = [
    Line(0, "f.c", 3, 1, "int f(struct c *ctx)"),
    Line(1, "f.c", 4, 1, "  if (ctx->a > 5)"),
    Line(2, "f.c", 7, 1, "  return ctx->a + 1;"),
    Line(4, "f.c", 5, 1, "    return helper();"),
    Line(6, "f.c", 1, 1, "static int helper(void)"),
]


def make(prog_type: int = ProgType.RAW_TRACEPOINT) -> LoadedProgram:
    code = Code(assemble_insns(TEXT), name="f", names={6: "helper"}, lines=LINES)
    return LoadedProgram("f", World(), Interpreter(code), prog_type=prog_type)


def test_replay_sets_the_world() -> None:
    lines = [
        '{"event": "skb:kfree_skb", "ctx": {"arg1": "0x3"}, "time": 77, "cpu": 1, "pid": 8, "comm": "sh"}',
        "",
        "# a comment",
        '{"ctx": {"arg1": 6}, "memory": {"0xffff888000000000": "aabb"}, "stack": ["0x10", 32]}',
    ]
    program = make()
    results = []
    for event, result in replay(program, read(lines), coverage=True):
        results.append((event.raw.get("event"), result.value))
        if event.memory:
            assert program.world.stack == [16, 32]
    world = program.world
    assert results == [("skb:kfree_skb", 4), (None, 9)]
    assert (world.clock, world.cpu, world.task.pid, world.task.tgid, world.task.comm) == (
        77,
        1,
        8,
        8,
        b"sh",
    )
    assert 0xFFFF888000000000 >> 32 not in world.memory.slots


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "events:1: not an event"),
        ("[1]", "not an object"),
        ('{"ctx": {"arg1": "zz"}}', "not an event"),
        ('{"packet": "xyz"}', "not an event"),
        ('{"packet": 5}', "no hexadecimal text"),
        ('{"memory": [1]}', "not an event"),
        ('{"ctx": {"arg1": true}}', "is no number"),
        ("[" * 100_000, "not an event"),
        ('{"symbols": 3}', "events:1: not an event"),
        ('{"symbols": {"x": "name"}}', "events:1: not an event"),
    ],
)
def test_bad_lines(line: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        list(read([line]))


@pytest.mark.parametrize(
    "line", ['{"time": "x"}', '{"memory": {"0": "aa"}}', '{"stack": 5}', '{"pid": [1]}']
)
def test_bad_members(line: str) -> None:
    with pytest.raises(InputError, match=r"recorded\.jsonl:2: "):
        list(replay(make(), read(["", line], "recorded.jsonl")))


@pytest.mark.parametrize("spec", [5, 1.5, True])
def test_a_context_that_is_no_object(spec: object) -> None:
    with pytest.raises(InputError, match="a context is"):
        make().run(spec)


def test_fields_of_the_command_line() -> None:
    assert parse_fields(["arg1=0x10", "cb=hex:0102"]) == {"arg1": 16, "cb": b"\1\2"}
    for bad in ("arg1", "=5", "arg1=zz", "a=hex:0"):
        with pytest.raises(InputError):
            parse_fields([bad])


def test_coverage_by_line_branch_and_function() -> None:
    program = make()
    coverage = Coverage()
    for value in (1, 2, 9):
        coverage.add(program.run([value], coverage=True))
    assert coverage.lines() == {
        ("f.c", 3): 3, ("f.c", 4): 3, ("f.c", 7): 2, ("f.c", 5): 1, ("f.c", 1): 1
    }  # fmt: skip
    assert coverage.functions() == {"f": 3, "helper": 1}
    assert [(i, taken, missed) for _, i, taken, missed in coverage.branches()] == [(1, 1, 2)]
    text = coverage.lcov()
    assert text.splitlines()[:3] == ["TN:", "SF:f.c", "FN:3,f"]
    assert "FNDA:1,helper" in text and "DA:7,2" in text and "LF:5" in text
    assert text.endswith("end_of_record\n")
    assert Coverage().lcov() == ""


def test_trace_for_people() -> None:
    lines: list[str] = []
    make().run([9], trace=tracer(lines.append))
    assert lines == [
        "f.c:3: int f(struct c *ctx)",
        "     0: r0 = *(u64 *)(r1 + 0)",
        "              ; r0=0x9",
        "f.c:4: if (ctx->a > 5)",
        "     1: if r0 > 5 goto +2  # 4",
        "f.c:5: return helper();",
        "     4: call helper",
        "f.c:1: static int helper(void)",
        "       6: r0 = 9",
        "              ; r0=0x9",
        "       7: exit",
        "f.c:5: return helper();",
        "     5: exit",
    ]
