"""Diagnostics as text for people, in the manner of clang, and as plain values for machines.

    file:line:col: error: text [bpf-id]
       12 |     *n += 1;
          |     ^~
    file:line:col: note: ...
    = help: ...
    = kernel: ...

Columns count characters from 1; the caret line is aligned by display width (tabs become spaces,
wide East Asian characters take two cells).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .diagnostics import Diagnostic, FixIt, Severity
from .source import Span

_COLOUR = {
    Severity.ERROR: "\x1b[1;31m",
    Severity.WARNING: "\x1b[1;35m",
    Severity.NOTE: "\x1b[1;36m",
}
_BOLD, _GREEN, _RESET = "\x1b[1m", "\x1b[1;32m", "\x1b[0m"
_TAB = 8
_MAX_LINE = 400
"""Source lines longer than this many characters are shown cut around the place."""


def _cell_width(char: str) -> int:
    if char < "\u0300":
        return 1
    import unicodedata  # only exotic text pays for the table

    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _expand(text: str, upto: int) -> tuple[str, int]:
    """Return ``text`` without tabs and control characters, and the cell where ``upto`` starts."""
    if text.isascii() and text.isprintable():
        return text, upto
    out: list[str] = []
    cell = 0
    start = 0
    for i, char in enumerate(text):
        if i == upto:
            start = cell
        if char == "\t":
            pad = _TAB - cell % _TAB
            out.append(" " * pad)
            cell += pad
        elif not char.isprintable():
            out.append("?")
            cell += 1
        else:
            out.append(char)
            cell += _cell_width(char)
    if upto >= len(text):
        start = cell
    return "".join(out), start


class TextRenderer:
    """Turns diagnostics into text; ``colour`` adds ANSI escapes, ``carets`` the source lines."""

    def __init__(
        self, *, colour: bool = False, carets: bool = True, show_kernel: bool = True
    ) -> None:
        self.colour = colour
        self.carets = carets
        self.show_kernel = show_kernel

    def _paint(self, code: str, text: str) -> str:
        return f"{code}{text}{_RESET}" if self.colour else text

    def _snippet(self, span: Span, fix: FixIt | None = None) -> list[str]:
        span = span.outermost()
        file = span.file
        line, col = file.line_col(span.start)
        text = file.line_text(line)
        if not text and not file.text:
            return []
        end = max(span.end, span.start + 1)
        line_end = span.start - (col - 1) + len(text)
        width = max(1, min(end, line_end) - span.start)
        lead = col - 1
        if len(text) > _MAX_LINE:
            cut = max(0, lead - 60)
            text, lead = text[cut : cut + 160], lead - cut
        shown, start = _expand(text, lead)
        _, stop = _expand(text, min(lead + width, len(text)))
        marker = "^" + "~" * max(0, stop - start - 1)
        number = f"{span.position()[1]:5d} | "
        margin = " " * 5 + " | "
        lines = [number + shown, margin + " " * start + self._paint(_GREEN, marker)]
        if fix is not None and fix.span is not None and "\n" not in fix.text:
            fix_line, fix_col = file.line_col(fix.span.outermost().start)
            if fix_line == line:
                _, at = _expand(text, min(fix_col - 1, len(text)))
                lines.append(margin + " " * at + self._paint(_GREEN, fix.text))
        return lines

    def _head(self, severity: Severity, message: str, span: Span | None, tag: str) -> str:
        place = ""
        if span is not None:
            name, line, col = span.position()
            place = f"{name}:{line}:{col}: "
        kind = severity.name.lower()
        return (
            self._paint(_BOLD, place)
            + self._paint(_COLOUR[severity], f"{kind}: ")
            + self._paint(_BOLD, message)
            + tag
        )

    def _expansion_notes(self, span: Span | None) -> list[str]:
        """One note per macro that the place comes from, innermost first."""
        lines: list[str] = []
        hops = 0
        while span is not None and span.expansion is not None and hops < 12:
            name, line = span.file.name, span.file.line_col(span.start)
            if span.macro and span.file.name != "<built-in>" and not span.file.system:
                head = f"{name}:{line[0]}:{line[1]}: "
                lines.append(
                    self._paint(_BOLD, head)
                    + self._paint(_COLOUR[Severity.NOTE], "note: ")
                    + f"expanded from macro '{span.macro}'"
                )
                if self.carets:
                    lines += self._snippet(Span(span.file, span.start, span.end))
            span = span.expansion
            hops += 1
        return lines

    def render(self, diagnostic: Diagnostic) -> str:
        """Return the whole text of one diagnostic, ending in a newline."""
        if diagnostic.group and not diagnostic.id.startswith("bpf-"):
            tag = f" [-W{diagnostic.group}]"
            if diagnostic.severity == Severity.ERROR:
                tag = f" [-Werror,-W{diagnostic.group}]"
        else:
            tag = f" [{diagnostic.id}]"
        lines = [self._head(diagnostic.severity, diagnostic.message, diagnostic.span, tag)]
        fix = diagnostic.fixits[0] if diagnostic.fixits else None
        if self.carets and diagnostic.span is not None:
            lines += self._snippet(diagnostic.span, fix)
        lines += self._expansion_notes(diagnostic.span)
        for note in diagnostic.notes:
            lines.append(self._head(Severity.NOTE, note.message, note.span, ""))
            if self.carets and note.span is not None:
                lines += self._snippet(note.span)
        lines += [f"  = help: {fixit.text}" for fixit in diagnostic.fixits if fixit.span is None]
        if self.show_kernel and diagnostic.kernel:
            lines.append(f"  = kernel: {diagnostic.kernel}")
        return "\n".join(lines) + "\n"

    def render_all(self, diagnostics: Iterable[Diagnostic]) -> str:
        """Return the text of all."""
        return "".join(self.render(d) for d in diagnostics)


def summary(errors: int, warnings: int) -> str:
    """Return clang's closing line ("1 warning and 2 errors generated."), "" for none."""
    parts = []
    if warnings:
        parts.append(f"{warnings} warning{'s' if warnings > 1 else ''}")
    if errors:
        parts.append(f"{errors} error{'s' if errors > 1 else ''}")
    return " and ".join(parts) + " generated.\n" if parts else ""


def place(span: Span | None) -> dict[str, Any]:
    """Return ``{file, line, column, end_line, end_column}`` of a span, all from 1; {} for None."""
    if span is None:
        return {}
    outer = span.outermost()
    name, line, col = outer.file.presumed(outer.start)
    _, end_line, end_col = outer.file.presumed(max(outer.end, outer.start))
    return {
        "file": name,
        "line": line,
        "column": col,
        "end_line": end_line,
        "end_column": end_col,
    }


def as_dict(diagnostic: Diagnostic) -> dict[str, Any]:
    """Return a diagnostic as JSON-ready values: id, severity, place, message, notes, fixes."""
    notes = [{"message": note.message, **place(note.span)} for note in diagnostic.notes]
    fixes = [{"text": fix.text, **place(fix.span)} for fix in diagnostic.fixits]
    out: dict[str, Any] = {
        "id": diagnostic.id,
        "severity": diagnostic.severity.name.lower(),
        **(place(diagnostic.span) or {"file": "", "line": 0, "column": 0, "end_column": 0}),
        "message": diagnostic.message,
        "notes": notes,
        "fixes": fixes,
    }
    if diagnostic.kernel:
        out["kernel"] = diagnostic.kernel
    if diagnostic.group:
        out["group"] = diagnostic.group
    return out
