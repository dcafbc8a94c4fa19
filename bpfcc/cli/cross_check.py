"""``bpfcc cross-check``: one C file, two backends, many inputs, one answer."""

from __future__ import annotations

import json
import sys
from typing import Any

from ..driver import pipeline
from ..driver.cross_check import Difference, Report, cross_check
from ..driver.cross_inputs import Step
from ..support.diagnostics import Sink
from ..support.errors import InputError
from .arguments import CommandParser, compiler_options
from .report import print_diagnostics

_CODES = {"same": 0, "differ": 1, "unknown": 2}


def arguments() -> CommandParser:
    """Return what reads the command line."""
    parser = CommandParser(
        "cross-check",
        "Compile a C file by both backends and compare what the two objects do, in the user-space "
        "machine.",
        "examples:\n  bpfcc cross-check filter.c\n"
        "  bpfcc cross-check filter.c -Iinclude --budget 2000 --seed 7 --json\n"
        "Exit code: 0 the same, 1 they differ, 2 could not tell.",
    )
    parser.add_argument(
        "--budget", type=int, default=200, metavar="N", help="inputs per program (200)"
    )
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="of the inputs (1)")
    parser.add_argument("--json", action="store_true", help="one JSON object per input")
    return parser


def main(argv: list[str]) -> int:
    """Compare; 0 same, 1 differ, 2 could not tell."""
    args, options = compiler_options(arguments(), argv)
    if len(options.inputs) != 1:
        raise InputError("cross-check takes one C file")
    if args.budget < 1:
        raise InputError("--budget must be at least 1")
    path = options.inputs[0]
    if path.endswith(".o"):
        raise InputError("cross-check takes C: an object has one compiler only")
    sink = Sink(options.warnings)
    report = cross_check(
        pipeline.read_source(path), options, sink, budget=args.budget, seed=args.seed
    )
    print_diagnostics(sink)
    if args.json:
        sys.stdout.write(json.dumps(_as_dict(report)) + "\n")
    else:
        sys.stdout.write(_text(path, report))
    return _CODES[report.verdict]


def _text(path: str, report: Report) -> str:
    out = []
    for name, count in report.inputs.items():
        ways = ", ".join(
            f"{backend} {have} of {total} ways of branches"
            for backend, programs in report.branches.items()
            for have, total in [programs.get(name, (0, 0))]
        )
        faults = f", {report.faults[name]} ended in a fault" if report.faults[name] else ""
        out.append(f"{name}: {count} inputs agree{faults}; {ways}")
    if report.difference is not None:
        out += _difference_lines(report.difference)
    if report.verdict == "unknown":
        out.append(f"{path}: could not tell: {report.reason}")
    else:
        out.append(f"{path}: {'the same' if report.verdict == 'same' else 'they differ'}")
    return "\n".join(out) + "\n"


def _difference_lines(found: Difference) -> list[str]:
    out = [f"{found.program}: {found.what} differs", f"  direct: {found.left}"]
    out += [f"  llvm:   {found.right}", "input:"]
    for i, step in enumerate(found.steps, 1):
        parts = " ".join(f"{key}={value}" for key, value in _step(step).items())
        out.append(f"  {i}. {parts}")
    if found.lines:
        out += ["they part at:", *(f"  {line}" for line in found.lines)]
    return out


def _step(step: Step) -> dict[str, Any]:
    """Return a step as plain values; what is as usual is left out."""
    ctx = step.ctx.hex() if isinstance(step.ctx, bytes) else step.ctx
    row: dict[str, Any] = {"program": step.program, "ctx": ctx}
    if step.packet is not None:
        row["packet"] = step.packet.hex()
    if step.writes:
        row["maps"] = [[name, key.hex(), value.hex()] for name, key, value in step.writes]
    if step.pid != 1000:
        row["pid"] = step.pid
    if step.fail is not None:
        row["fails"] = list(step.fail)
    if step.wait:
        row["wait_ns"] = step.wait
    return row


def _as_dict(report: Report) -> dict[str, Any]:
    row: dict[str, Any] = {
        "verdict": report.verdict,
        "reason": report.reason,
        "programs": {
            name: {
                "inputs": count,
                "faults": report.faults[name],
                "branches": {
                    backend: list(programs.get(name, (0, 0)))
                    for backend, programs in report.branches.items()
                },
            }
            for name, count in report.inputs.items()
        },
    }
    if report.difference is not None:
        found = report.difference
        row["difference"] = {
            "program": found.program,
            "what": found.what,
            "direct": found.left,
            "llvm": found.right,
            "steps": [_step(step) for step in found.steps],
            "lines": found.lines,
        }
    return row
