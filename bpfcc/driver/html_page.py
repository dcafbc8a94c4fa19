"""One self-contained HTML page: the source with findings, what is known at each line, its cost.

No script and nothing from elsewhere. What is known at a line appears when the pointer rests on it, or
when it has the focus; the bar beside a line shows its share of the instructions that the verifier
processes.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from html import escape

from ..support.diagnostics import Diagnostic, Severity
from ..support.files import read_file
from ..support.source import SourceFile, Span
from ..verifier.facts import LineFacts
from ..verifier.report import ProgramReport
from .check import FileReport
from .formats import help_url
from .states import cost

_STYLE = """\
:root { --bg: #fff; --fg: #1c1c1c; --soft: #666; --line: #e4e4e4; --error: #c1121f; --warning: #a65d00;
  --note: #1d5fa8; --bar: #7aa7d9; --box: #f6f8fa; }
@media (prefers-color-scheme: dark) { :root { --bg: #16181c; --fg: #e6e6e6; --soft: #9a9a9a;
  --line: #2c2f36; --error: #ff7b72; --warning: #e3a04f; --note: #79b8ff; --bar: #35577d;
  --box: #1f2228; } }
body { background: var(--bg); color: var(--fg); font: 15px/1.45 system-ui, sans-serif; margin: 1.5rem; }
table { border-collapse: collapse; }
.programs td, .programs th { padding: .15rem .9rem .15rem 0; text-align: left; }
.source { font: 13px/1.5 ui-monospace, monospace; margin-top: .5rem; width: 100%; }
.source td { padding: 0 .5rem; vertical-align: top; white-space: pre-wrap; }
.source .number, .source .cost { color: var(--soft); text-align: right; user-select: none;
  white-space: nowrap; }
.source .bar { width: 5rem; min-width: 5rem; }
.bar i { background: var(--bar); display: inline-block; height: .7em; }
.code { position: relative; tab-size: 8; width: 100%; }
.code:hover, .code:focus { background: var(--box); outline: none; }
.facts { background: var(--box); border: 1px solid var(--line); display: none; left: 2rem;
  padding: .4rem .7rem; position: absolute; top: 1.6em; white-space: pre-wrap; z-index: 1;
  box-shadow: 0 2px 8px rgba(0, 0, 0, .25); }
.code:hover .facts, .code:focus .facts { display: block; }
.never .code { color: var(--soft); }
.finding { border-left: 3px solid; margin: .1rem 0 .3rem; padding: .1rem .6rem; white-space: pre-wrap; }
.error { color: var(--error); border-color: var(--error); }
.warning { color: var(--warning); border-color: var(--warning); }
.note { color: var(--note); border-color: var(--note); }
.finding small { color: var(--soft); }
mark { background: none; color: inherit; text-decoration: underline wavy; }
"""


def page(reports: Sequence[FileReport]) -> str:
    """Return the page for the reports of one or several files (each on one kernel)."""
    parts = [
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>bpfcc check: {escape(', '.join(r.path for r in reports))}</title>\n"
        f"<style>\n{_STYLE}</style></head><body>\n"
    ]
    for report in reports:
        parts += _report(report)
    parts.append("</body></html>\n")
    return "".join(parts)


def _report(report: FileReport) -> Iterable[str]:
    kernel = "" if report.kernel == "latest" else f", Linux {report.kernel}"
    yield f"<h1>{escape(report.path)}: {escape(report.verdict)}{escape(kernel)}</h1>\n"
    if report.programs:
        yield '<table class="programs"><tr><th>program<th>section<th>verdict<th>processed<th>stack</tr>\n'
        for program in report.programs:
            yield (
                f"<tr><td>{escape(program.name)}<td>{escape(program.section)}"
                f"<td>{escape(program.verdict)}<td>{program.insns_processed}"
                f"<td>{program.stack} bytes</tr>\n"
            )
        yield "</table>\n"
    placed = _by_line(report.diagnostics)
    for d in report.diagnostics:
        if d.span is None:
            yield _finding(d)
    facts = _facts(report.programs)
    files = _files(report, facts)
    for name, source in files.items():
        if len(files) > 1:
            yield f"<h2>{escape(name)}</h2>\n"
        yield from _source(name, source, facts, placed)


def _by_line(diagnostics: Iterable[Diagnostic]) -> dict[tuple[str, int], list[Diagnostic]]:
    found: dict[tuple[str, int], list[Diagnostic]] = {}
    for d in diagnostics:
        if d.span is not None:
            name, line, _ = d.span.position()
            found.setdefault((name, line), []).append(d)
    return found


Lines = dict[tuple[str, int], list[tuple[str, LineFacts]]]


def _facts(programs: Iterable[ProgramReport]) -> Lines:
    """Return for each C line what each program knows there."""
    found: Lines = {}
    for program in programs:
        for key, line in (program.facts.lines if program.facts is not None else {}).items():
            found.setdefault(key, []).append((program.name, line))
    return found


def _files(report: FileReport, facts: Lines) -> dict[str, SourceFile | None]:
    """Return the source files to show, the checked one first; None = its text is not at hand."""
    spans: list[Span] = [d.span.outermost() for d in report.diagnostics if d.span is not None]
    for lines in facts.values():
        spans += [f.line.span.outermost() for _, f in lines if f.line.span is not None]
    known = {span.file.name: span.file for span in spans if span.file.text}
    found: dict[str, SourceFile | None] = {}
    if report.path in known:
        found[report.path] = known[report.path]
    for name, _ in facts:
        if name not in found:
            found[name] = known.get(name) or _read(name, facts)
    for span in spans:
        if not span.file.system:
            found.setdefault(span.file.name, span.file)
    return found


def _read(name: str, facts: Lines) -> SourceFile | None:
    """Read a source file that an object names, if it still is what the object was made of."""
    try:
        if not os.path.isfile(name):
            return None  # an object may name a device
        source = SourceFile(name, read_file(name).decode("utf-8", "replace").replace("\r\n", "\n"))
    except (OSError, ValueError):
        return None
    for (file, number), lines in facts.items():
        if file == name and source.line_text(number).strip() != lines[0][1].line.text.strip():
            return None
    return source


def _source(
    name: str,
    source: SourceFile | None,
    facts: Lines,
    placed: dict[tuple[str, int], list[Diagnostic]],
) -> Iterable[str]:
    if source is not None:
        numbers = list(range(1, source.text.rstrip("\n").count("\n") + 2))
    else:
        numbers = sorted(number for file, number in facts if file == name)
    top = max((sum(f.processed for _, f in lines) for lines in facts.values()), default=0)
    yield '<table class="source">\n'
    for number in numbers:
        lines = facts.get((name, number), [])
        findings = placed.get((name, number), [])
        text = source.line_text(number) if source is not None else lines[0][1].line.text
        processed = sum(f.processed for _, f in lines)
        instructions = sum(f.instructions for _, f in lines)
        share = round(100 * processed / top) if top else 0
        never = ' class="never"' if lines and not processed else ""
        yield f'<tr{never} id="L{number}"><td class="number">{number}'
        if lines:
            yield (
                f'<td class="cost" title="instructions / processed">{instructions} / {processed}'
                f'<td class="bar"><i style="width:{share}%"></i>'
            )
        else:
            yield '<td class="cost"><td class="bar">'
        focus = ' tabindex="0"' if lines else ""
        yield f'<td class="code"{focus}>{_marked(text, findings) or " "}'
        yield _popup(lines)
        yield from map(_finding, findings)
        yield "</tr>\n"
    yield "</table>\n"


def _popup(lines: list[tuple[str, LineFacts]]) -> str:
    if not lines:
        return ""
    parts = []
    for program, line in lines:
        width = max((len(name) for name in line.known), default=0)
        rows = [f"{program}: {cost(line)}"]
        rows += [f"{name:{width}}  {known.text()}" for name, known in line.known.items()]
        parts.append("\n".join(rows))
    return f'<div class="facts">{escape(chr(10).join(parts))}</div>'


def _marked(text: str, findings: list[Diagnostic]) -> str:
    """Return a source line with the first finding's expression underlined."""
    if findings and findings[0].span is not None:
        outer = findings[0].span.outermost()
        start = outer.file.line_col(outer.start)[1] - 1
        end = min(len(text), start + max(1, outer.end - outer.start))
        if start < end:
            return (
                escape(text[:start])
                + f"<mark>{escape(text[start:end])}</mark>"
                + escape(text[end:])
            )
    return escape(text)


def _finding(d: Diagnostic) -> str:
    kind = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}[d.severity]
    rows = [
        f'{kind}: {escape(d.message)} <small><a href="{escape(help_url(d.id))}">[{escape(d.id)}]'
        "</a></small>"
    ]
    for note in d.notes:
        where = ""
        if note.span is not None:
            name, line, _ = note.span.position()
            where = f"line {line}: " if _same_file(d, name) else f"{name}:{line}: "
        rows.append(f"<small>note: {escape(where + note.message)}</small>")
    rows += [f"<small>help: {escape(f.text)}</small>" for f in d.fixits if f.span is None]
    if d.kernel:
        rows.append(f"<small>kernel: {escape(d.kernel)}</small>")
    return f'<div class="finding {kind}">' + "\n".join(rows) + "</div>"


def _same_file(d: Diagnostic, name: str) -> bool:
    return d.span is not None and d.span.position()[0] == name
