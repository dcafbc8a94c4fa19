"""What ``-E`` prints: the preprocessed text with line markers, or the macros (``-dM``).

A marker is ``# LINE "FILE" FLAGS``: 1 for a file that was entered, 2 for one returned to, 3 for a
system header (gcc's manual, "Preprocessor Output").
"""

from __future__ import annotations

from ...support.diagnostics import Sink
from ...support.source import SourceFile, Span
from ..options import COptions
from .preprocessor import Dependency, Frame, Piece, Preprocessor
from .tokens import Token

_MAX_BLANK_LINES = 8


class Output:
    """The text, and the files that were read."""

    def __init__(self, text: str, dependencies: list[Dependency]) -> None:
        self.text = text
        self.dependencies = dependencies


def macro_text(source: SourceFile, options: COptions, sink: Sink) -> Output:
    """Return every macro defined at the end of the unit, as ``#define`` lines by name."""
    unit = Preprocessor(source, options, sink)
    while (piece := unit.next_piece(0)) is not None:
        if isinstance(piece, Piece):
            unit.expand(piece.lex())  # _Pragma and __COUNTER__ have effects
    lines = []
    for name in sorted(unit.macros):
        macro = unit.macros[name]
        if isinstance(macro, str):
            lines.append(f"#define {name} {macro}".rstrip() + "\n")
        elif not macro.builtin:
            lines.append(f"#define {macro.text()}".rstrip() + "\n")
    return Output("".join(lines), unit.dependencies)


def preprocessed_text(
    source: SourceFile,
    options: COptions,
    sink: Sink,
    *,
    line_markers: bool = True,
    keep_defines: bool = False,
) -> Output:
    """Return the text after preprocessing.

    Args:
        source: the main file.
        options: as for ``preprocess``.
        sink: takes the diagnostics.
        line_markers: False for ``-P``.
        keep_defines: print the definitions too, where they stand (``-dD``).
    """
    unit = Preprocessor(source, options, sink)
    unit.events = []
    writer = _Writer(source, line_markers=line_markers, definitions=keep_defines)
    if keep_defines:
        for name, body in unit.macros.items():
            if isinstance(body, str):
                writer.line_of_text(f"#define {name} {body}".rstrip())
    while (piece := unit.next_piece(0)) is not None:
        writer.happened(unit.events)
        if isinstance(piece, Token):
            writer.pragma(piece)
            continue
        sites = unit.expander.sites = []
        for token in unit.expand(piece.lex()):
            writer.token(token, sites)
    writer.happened(unit.events)
    return Output(writer.finish(), unit.dependencies)


class _Writer:
    """Writes tokens where they stand, line by line."""

    def __init__(self, source: SourceFile, *, line_markers: bool, definitions: bool) -> None:
        self.markers = line_markers
        self.definitions = definitions
        self.out: list[str] = []
        self.file = source.name
        self.line = 1
        self.fresh = True  # at the start of a line
        if line_markers:
            self._marker(source, source.name, 1, "")

    def _marker(self, file: SourceFile, name: str, line: int, flag: str) -> None:
        quoted = name.replace("\\", "\\\\").replace('"', '\\"')
        system = " 3" if file.system else ""
        self.out.append(f'# {line} "{quoted}"{flag}{system}\n')

    def happened(self, events: list[tuple[int, Frame, str, int]]) -> None:
        """Write what stands between two pieces of text: files that were entered and left."""
        for change, frame, text, offset in events:
            file = frame.scanned.file
            if frame.scanned.path == "" and not self.definitions:
                continue
            name, line, _ = file.presumed(offset)
            if change:
                self._end_line()
                if self.markers:
                    self._marker(file, name, line, " 1" if change > 0 else " 2")
                self.file, self.line = name, line
            elif self.definitions:
                self._go_to(file, name, line)
                self.line_of_text(text.rstrip())
        events.clear()

    def line_of_text(self, text: str) -> None:
        """Write a line."""
        self._end_line()
        self.out.append(text + "\n")
        self.line += 1

    def _go_to(self, file: SourceFile, name: str, line: int) -> bool:
        """Make the next token appear at ``line`` of ``name``; whether that was another place."""
        if name == self.file and line == self.line:
            return False
        self._end_line()
        if not self.markers:
            self.file, self.line = name, line
            return True
        gap = line - self.line
        if name == self.file and 0 <= gap <= _MAX_BLANK_LINES:
            self.out.append("\n" * gap)
        else:
            self._marker(file, name, line, "")
        self.file, self.line = name, line
        return True

    def token(self, token: Token, sites: list[Span]) -> None:
        """Write one token; ``sites`` are the macro invocations that it may come from."""
        outer = token.span().outermost()
        if token.kind == "pragma":
            self.pragma(token)
            return
        inside = token.expansion is not None
        while sites and not inside:
            site = sites[0]
            if site.file is not outer.file or site.end <= outer.start:
                del sites[0]
                continue
            inside = site.start <= outer.start
            if inside:
                outer = site
            break
        name, line, column = outer.file.presumed(outer.start)
        moved = False
        # Tokens of one expansion stay on one line, wherever their parts are spelled.
        if token.bol or self.fresh or name != self.file:
            moved = self._go_to(outer.file, name, line)
        if self.fresh:
            if moved and not inside:
                self.out.append(" " * (column - 1))
            elif token.space:
                self.out.append(" ")
        elif token.space or token.bol or _would_join(self.out[-1], token.text):
            self.out.append(" ")
        self.out.append(token.text)
        self.fresh = False

    def pragma(self, token: Token) -> None:
        """Write a pragma on a line of its own."""
        outer = token.span().outermost()
        name, line, _ = outer.file.presumed(outer.start)
        self._end_line()
        self._go_to(outer.file, name, line)
        self.out.append(f"#pragma {token.text}\n")
        self.line += 1

    def _end_line(self) -> None:
        if not self.fresh:
            self.out.append("\n")
            self.line += 1
            self.fresh = True

    def finish(self) -> str:
        """Return the whole text."""
        self._end_line()
        return "".join(self.out)


def _would_join(left: str, right: str) -> bool:
    """Whether two neighbours without white space would be read as other tokens."""
    a, b = left[-1:], right[:1]
    if (a.isalnum() or a in "_.$") and (b.isalnum() or b in "_.$\"'"):
        return True
    return a in "+-&|<>=#%:/*!^" and b in "+-&|<>=#%:/*"
