"""What ``-E`` prints: the preprocessed text with line markers, or the macros (``-dM``).

A marker is ``# LINE "FILE" FLAGS``: 1 for a file that was entered, 2 for one returned to, 3 for a
system header (gcc's manual, "Preprocessor Output").
"""

from __future__ import annotations

from ...support.diagnostics import Sink
from ...support.source import SourceFile
from ..options import COptions
from .macros import Macro
from .preprocessor import Dependency, Piece, Preprocessor
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
        keep_defines: print the definitions too, before the text (``-dD``).
    """
    unit = Preprocessor(source, options, sink)
    writer = _Writer(source, line_markers=line_markers)
    while (piece := unit.next_piece(0)) is not None:
        if isinstance(piece, Token):
            writer.pragma(piece)
            continue
        for token in unit.expand(piece.lex()):
            writer.token(token)
    text = writer.finish()
    if keep_defines:
        defined = [m for m in unit.macros.values() if isinstance(m, Macro) and not m.builtin]
        kept = [m for m in defined if not m.file.name.startswith("<built-in>")]
        text = "".join(f"#define {m.text()}".rstrip() + "\n" for m in kept) + text
    return Output(text, unit.dependencies)


class _Writer:
    """Writes tokens where they stand, line by line."""

    def __init__(self, source: SourceFile, *, line_markers: bool) -> None:
        self.markers = line_markers
        self.out: list[str] = []
        self.file = source.name
        self.line = 1
        self.files = [source.name]
        self.fresh = True  # at the start of a line
        if line_markers:
            self.out.append(f'# 1 "{_quoted(source.name)}"\n')

    def _go_to(self, file: SourceFile, name: str, line: int) -> None:
        """Make the next token appear at ``line`` of ``name``."""
        if name == self.file and line == self.line:
            return
        if not self.fresh:
            self.out.append("\n")
            self.line += 1
            self.fresh = True
        if not self.markers:
            self.file, self.line = name, line
            return
        gap = line - self.line
        if name == self.file and 0 <= gap <= _MAX_BLANK_LINES:
            self.out.append("\n" * gap)
        else:
            flags = ""
            if name != self.file:
                flags = " 2" if name in self.files[:-1] else " 1"
                if flags == " 1":
                    self.files.append(name)
                else:
                    del self.files[self.files.index(name) + 1 :]
            system = " 3" if file.system else ""
            self.out.append(f'# {line} "{_quoted(name)}"{flags}{system}\n')
        self.file, self.line = name, line

    def token(self, token: Token) -> None:
        """Write one token."""
        if token.kind == "pragma":
            self.pragma(token)
            return
        outer = token.span().outermost()
        name, line, column = outer.file.presumed(outer.start)
        before = self.file, self.line
        # Tokens of one expansion stay on one line, wherever their parts are spelled.
        if token.expansion is None or token.bol or self.fresh or name != self.file:
            self._go_to(outer.file, name, line)
        if self.fresh:
            if token.expansion is None and (self.file, self.line) != before:
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
        self._go_to(outer.file, name, line)
        if not self.fresh:
            self.out.append("\n")
            self.line += 1
        self.out.append(f"#pragma {token.text}\n")
        self.line += 1
        self.fresh = True

    def finish(self) -> str:
        """Return the whole text."""
        if not self.fresh:
            self.out.append("\n")
        return "".join(self.out)


def _would_join(left: str, right: str) -> bool:
    """Whether two neighbours without white space would be read as other tokens."""
    a, b = left[-1:], right[:1]
    if (a.isalnum() or a in "_.$") and (b.isalnum() or b in "_.$\"'"):
        return True
    return a in "+-&|<>=#%:/*!^" and b in "+-&|<>=#%:/*"


def _quoted(name: str) -> str:
    return name.replace("\\", "\\\\").replace('"', '\\"')
