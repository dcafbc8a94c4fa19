"""``bpfcc check``: the kernel's verdict, before load, at C lines."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any

from ..driver import check as checking
from ..driver.formats import render
from ..driver.options import Options
from ..support.diagnostics import Diagnostic, Severity
from ..support.render import TextRenderer
from .arguments import CommandParser, compiler_options
from .report import wants_colour

FORMATS = ("text", "json", "sarif", "github", "gitlab", "junit", "csv")


def arguments() -> CommandParser:
    """Return what reads the command line."""
    parser = CommandParser(
        "check",
        "Judge filters (C or objects) as the kernel's verifier does, without a kernel or root.",
        "Exit code: 0 clean, 1 findings, 2 could not run. Other flags are the compiler's\n"
        "(-I, -D, -U, -include, -mcpu ...), for C files. Findings are silenced in the source by\n"
        "a comment 'bpfcc: ignore[ID] reason'; 'bpfcc explain ID' tells what an ID means.",
    )
    parser.add_argument(
        "--kernel",
        default="latest",
        metavar="V[,V...]",
        help="kernels to check for, like 4.19,5.4,6.1,latest",
    )
    parser.add_argument(
        "--btf",
        action="append",
        default=[],
        metavar="FILE",
        help="kernel types to check against (may be repeated; default: this kernel)",
    )
    parser.add_argument("--format", choices=FORMATS, help="how to print the findings (text)")
    parser.add_argument(
        "--baseline", metavar="FILE", help="report only findings not recorded there"
    )
    parser.add_argument(
        "--update-baseline", action="store_true", help="record today's findings there"
    )
    parser.add_argument("--max-insns", type=int, metavar="N", help="instructions per program")
    parser.add_argument(
        "--max-processed", type=int, metavar="N", help="instructions that the verifier walks"
    )
    parser.add_argument("--max-stack", type=int, metavar="BYTES", help="of a call chain")
    parser.add_argument(
        "--stack-report", action="store_true", help="bytes of stack by function and variable"
    )
    parser.add_argument(
        "--explain-states",
        action="store_true",
        help="print what the checker knows of variables and stack at each C line",
    )
    parser.add_argument(
        "--html",
        metavar="FILE",
        help="write the source with findings, facts on hover and the cost of each line",
    )
    parser.add_argument(
        "--unprivileged",
        action="store_true",
        help="judge for a loader with CAP_BPF but without CAP_PERFMON",
    )
    return parser


def main(argv: list[str]) -> int:
    """Check every input against every kernel; 0 clean, 1 findings (2 is for InputError)."""
    args, options = compiler_options(arguments(), argv)
    kernels = checking.kernel_list(args.kernel)
    if len(kernels) == 1 and kernels[0] != "latest":
        options.kernel = kernels[0]
    format = args.format or _default_format()
    budget = checking.Budget(args.max_insns, args.max_stack, args.max_processed)
    options.btf = args.btf[0] if args.btf else None
    types = checking.kernel_types(args.btf)
    wants_facts = bool(args.explain_states or args.html)
    reports: list[checking.FileReport] = []
    subjects: list[checking.Subject] = []
    for path in options.inputs:
        subject = checking.load(path, options)
        subjects.append(subject)
        if len(types) > 1:
            subject.fields = checking.core_fields(subject, types)
        for kernel in kernels:
            for target in types:
                reports.append(
                    checking.check_subject(
                        subject,
                        kernel,
                        types=target,
                        budget=budget,
                        privileged=not args.unprivileged,
                        facts=wants_facts and (kernel, target) == (kernels[0], types[0]),
                    )
                )
    if args.baseline:
        checking.apply_baseline(reports, args.baseline, update=args.update_baseline)
    _print(reports, format, options)
    if format == "text":
        _print_fields(subjects, types)
    if args.explain_states:
        _print_states(reports)
    if args.html:
        _write_html(reports, args.html)
    if args.stack_report:
        for subject in subjects:
            lines = checking.stack_lines(subject.obj) if subject.obj is not None else []
            sys.stdout.write(f"{subject.path}\n" + "".join(f"  {x}\n" for x in lines))
    return 1 if any(report.has_findings for report in reports) else 0


def _print_states(reports: Sequence[checking.FileReport]) -> None:
    from ..driver.states import programs_text

    for report in reports:
        sys.stdout.write(programs_text(report.programs))


def _write_html(reports: Sequence[checking.FileReport], path: str) -> None:
    from ..driver.html_page import page
    from ..driver.output import write_atomic

    first = {report.path: report for report in reversed(reports)}
    text = page(list(reversed(first.values())))
    write_atomic(path, text.encode("utf-8", "backslashreplace"))  # names in objects may be no text


def _default_format() -> str:
    import os

    return "github" if os.environ.get("GITHUB_ACTIONS") == "true" else "text"


def _print(reports: Sequence[checking.FileReport], format: str, options: Options) -> None:
    if format == "json":
        for report in reports:
            sys.stdout.write(json.dumps(report.as_dict(), ensure_ascii=False) + "\n")
        return
    if format == "csv":
        sys.stdout.write(checking.veristat_csv(reports))
        return
    merged = _merge(reports)
    if format != "text":
        files = list(dict.fromkeys(report.path for report in reports))
        sys.stdout.write(render(format, merged, files))
        return
    renderer = TextRenderer(colour=wants_colour(sys.stderr, options.colour))
    sys.stderr.write(renderer.render_all(merged))
    _print_verdicts(reports)


def _merge(reports: Sequence[checking.FileReport]) -> list[Diagnostic]:
    """Return each finding once; one that only some kernels have says which."""
    by_key: dict[Any, tuple[Diagnostic, list[str]]] = {}
    for report in reports:
        for d in report.diagnostics:
            place = d.span.position() if d.span is not None else report.path
            _, kernels = by_key.setdefault((d.id, d.message, place), (d, []))
            if report.target not in kernels:
                kernels.append(report.target)
    all_kernels = list(dict.fromkeys(report.target for report in reports))
    out = []
    for d, kernels in by_key.values():
        if len(all_kernels) > 1 and kernels != all_kernels and d.id.startswith("bpf-"):
            d.message += f" ({', '.join(kernels)})"
        out.append(d)
    return out


def _print_verdicts(reports: Sequence[checking.FileReport]) -> None:
    targets = list(dict.fromkeys(report.target for report in reports))
    if len(targets) == 1:
        for report in reports:
            total = sum(p.insns_processed or 0 for p in report.programs)
            errors = sum(d.severity == Severity.ERROR for d in report.diagnostics)
            detail = (
                f"{errors} error{'s' if errors != 1 else ''}"
                if errors
                else (
                    f"{len(report.programs)} program{'s' if len(report.programs) != 1 else ''}, "
                    f"{total} instructions processed"
                )
            )
            sys.stdout.write(f"{report.path}: {report.verdict} ({detail})\n")
        return
    files = list(dict.fromkeys(report.path for report in reports))
    width = max(map(len, files))
    columns = [max(8, len(target)) for target in targets]
    heads = "  ".join(f"{t:>{w}}" for t, w in zip(targets, columns))
    sys.stdout.write(f"{'':{width}}  {heads}\n")
    for path in files:
        row = []
        for target, column in zip(targets, columns):
            verdicts = [r.verdict for r in reports if (r.path, r.target) == (path, target)]
            worst = next((v for v in ("reject", "unknown") if v in verdicts), "accept")
            row.append(f"{worst:>{column}}")
        sys.stdout.write(f"{path:{width}}  " + "  ".join(row) + "\n")


def _print_fields(
    subjects: Sequence[checking.Subject], types: Sequence[checking.KernelTypes]
) -> None:
    """With several --btf: which kernel has which field."""
    from ..driver.core_fields import table

    for subject in subjects:
        if subject.fields:
            sys.stdout.write("\n" + table(subject.fields, [t.name for t in types]))
