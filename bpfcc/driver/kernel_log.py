"""A kernel verifier's log, told at C lines.

Old and new logs differ in what they say of the source: kernels with BTF print "; text", from 6.8 on
"; text @ file.c:12"; the number before "(opcode)" is the instruction's slot in the loaded program.
With the object at hand the slot leads to file, line and column; without it the last source text does.
With the object our own verifier is asked as well: where it finds the same, its words are the author's.
"""

from __future__ import annotations

import re

from ..btf.read import Btf
from ..objfile.link import entry_functions, link
from ..objfile.model import Line, Object
from ..support.catalogue import by_kernel_message
from ..support.diagnostics import Diagnostic, FixIt, Note, Severity
from ..support.errors import InputError
from ..support.source import SourceFile, Span
from ..verifier import VerifyOptions, verify

_INSN = re.compile(r"^\s*(\d+): \(([0-9a-f]{2})\) ?(.*)$")
_SOURCE = re.compile(r"^; (.*?)(?: @ ([^@\s][^@]*):(\d+))?\s*$")
_END = re.compile(r"^(processed \d+ insns|verification time|stack depth|-- END|max_states)")
_FRAME = re.compile(
    r"^(\s*\d+: (R\d|frame\d)|from \d+ to \d+|mark_precise|last_idx|regs=|parent |R\d+=|caller:"
    r"|callee:|frame\d+:|propagating|arg#\d+ |\s+R\d|math between$)"
)
_LIBBPF = re.compile(r"^(libbpf: )(?!.*(failed to (create|find BTF)))")
_NUMBERS = re.compile(r"-?\b(0x[0-9a-f]+|\d+)|\bR\d+\b")
_KERNELS = ("latest", "6.1", "5.4", "4.19")
_PROGRAM = re.compile(r"prog '([^']+)'")
_LINE_BY_TEXT_LIMIT = 200


class LogError:
    """The rejection that a log tells of: ``message``, instruction ``slot`` (-1 unknown)."""

    __slots__ = ("file", "line", "message", "program", "slot", "text")

    def __init__(self) -> None:
        self.message = ""
        self.slot = -1
        self.text = ""
        self.file = ""
        self.line = 0
        self.program = ""


def parse_log(log: str) -> LogError:
    """Find the rejection in ``log``.

    Raises: InputError when there is none.
    """
    error = LogError()
    found = False
    slot, text, file, line = -1, "", "", 0
    for raw in log.splitlines():
        raw = raw.rstrip()
        program = _PROGRAM.search(raw)
        if program and not error.program:
            error.program = program.group(1)
        if not raw.strip() or raw.startswith(("--", "#")):
            continue
        insn = _INSN.match(raw)
        if insn:
            slot = int(insn.group(1))
            continue
        source = _SOURCE.match(raw)
        if source:
            text, file, line = source.group(1), source.group(2) or "", int(source.group(3) or 0)
            continue
        if _END.match(raw):
            break
        known = by_kernel_message(raw)
        if known is None and (found or _FRAME.match(raw) or _LIBBPF.match(raw)):
            continue
        if known is None and slot < 0:
            continue
        found = True
        error.message = raw.removeprefix("libbpf: ").strip()
        error.slot, error.text, error.file, error.line = slot, text, file, line
    if not found:
        raise InputError("no rejection found: this does not look like a verifier's log")
    return error


def _find_line(error: LogError, obj: Object) -> Line | None:
    """Return the line record of the instruction that the log stopped at."""
    candidates = [f.name for f in entry_functions(obj)]
    if error.program in candidates:
        candidates = [error.program]
    for name in candidates:
        line = link(obj, name).line_at(error.slot)
        if line is not None and (not error.text or line.text.strip() == error.text.strip()):
            return line
    return None


def _same_words(a: str, b: str) -> bool:
    """Tell whether two kernel messages differ in registers and numbers only."""
    return bool(a) and _NUMBERS.sub("N", a) == _NUMBERS.sub("N", b)


def _our_finding(error: LogError, obj: Object, btf: Btf | None) -> Diagnostic | None:
    """Return what our verifier says of the object, if it finds what the kernel has found.

    The log does not tell its kernel: the newest rules are tried first, then older ones.
    """
    entry = by_kernel_message(error.message)
    programs = [f.name for f in entry_functions(obj) if error.program in ("", f.name)]
    for kernel in _KERNELS:
        report = verify(obj, VerifyOptions(kernel, btf, programs=programs or None))
        found = [d for d in report.findings() if d.severity == Severity.ERROR]
        for d in found:
            if _same_words(d.kernel, error.message):
                return d
        for d in found:
            if entry is not None and d.id == entry.id:
                return d
    return None


def explain(log: str, obj: Object | None, btf: Btf | None = None) -> Diagnostic:
    """Return the rejection in ``log`` as a diagnostic at its C line.

    ``obj`` is the object that the log is about; ``btf`` the types of its kernel.
    Raises: InputError when the log holds none.
    """
    error = parse_log(log)
    entry = by_kernel_message(error.message)
    ours = _our_finding(error, obj, btf) if obj is not None else None
    if ours is not None:
        ours.kernel = error.message
        return ours
    line = _find_line(error, obj) if obj is not None and error.slot >= 0 else None
    span: Span | None = None
    if line is not None:
        span = line_span(line.file, line.line, line.column, line.text)
    elif error.file:
        span = line_span(error.file, error.line, 1, error.text)
    title = entry.title if entry is not None else error.message
    diagnostic = Diagnostic(
        entry.id if entry is not None else "bpf-kernel",
        Severity.ERROR,
        title,
        span,
        kernel=error.message,
    )
    if span is None and error.text:
        diagnostic.notes.append(Note(f"at the C line: {error.text}"))
    if entry is not None:
        diagnostic.notes.append(Note(entry.meaning.replace("\n", " ")))
        diagnostic.fixits.append(FixIt(f"write:  {' '.join(entry.after.split())}"))
    else:
        diagnostic.notes.append(Note("this wording is not in bpfcc's catalogue"))
    return diagnostic


def line_span(name: str, line: int, column: int, text: str) -> Span:
    """Return a span for a place of which only the line's text is known.

    The text stands at its line of an otherwise empty file, so that rendering needs no file access.
    """
    start = max(0, line - 1)
    source = SourceFile(name, "\n" * start + text)
    at = start + min(max(0, column - 1), len(text))
    rest = text[at - start :].rstrip()
    return Span(source, at, at + max(1, min(len(rest), _LINE_BY_TEXT_LIMIT)))
