"""Places in C: from the line information of an object to spans of real source text.

A line of an object that was compiled in this process knows its exact expression. For any other
object there are file, line, column and the line's text; where the file can be read the rest of it is
known too, which helps to find declarations and the ends of branches.
"""

from __future__ import annotations

import os
import re

from ..objfile.model import Line, Object
from ..support.source import SourceFile, Span
from .ctext import expression_end, expression_start

_MOST_SOURCE = 4 << 20


class Places:
    """The source files of one object."""

    def __init__(self, obj: Object | None) -> None:
        self._files: dict[str, SourceFile | None] = {}
        self._made: dict[str, SourceFile] = {}
        self._lines: dict[str, dict[int, str]] = {}
        self.names: list[str] = []
        if obj is not None:
            for function in obj.functions:
                for line in function.lines:
                    self._note(line)

    def _note(self, line: Line) -> None:
        if line.file not in self._lines:
            self._lines[line.file] = {}
            self.names.append(line.file)
        if line.text.strip():
            self._lines[line.file].setdefault(line.line, line.text)
        if line.span is not None and self._files.get(line.file) is None:
            outer = line.span.outermost()
            if outer.position()[0] == line.file:
                self._files[line.file] = outer.file

    def file(self, name: str) -> SourceFile | None:
        """Return the whole text of source file ``name``, None when it is not at hand.

        The file must agree with the lines that the object remembers.
        """
        if name not in self._files:
            self._files[name] = self._read(name)
        return self._files[name]

    def _read(self, name: str) -> SourceFile | None:
        if not os.path.isfile(name):
            return None  # an object may name a pipe, too
        try:
            with open(name, encoding="utf-8", errors="replace") as stream:
                text = stream.read(_MOST_SOURCE)
        except OSError:
            return None
        file = SourceFile(name, text)
        for number, remembered in self._lines.get(name, {}).items():
            if file.line_text(number).strip() != remembered.strip():
                return None  # it changed since the object was made
        return file

    def _known(self, name: str) -> SourceFile:
        """Return the file, or one made of the lines that the object remembers."""
        file = self.file(name)
        if file is not None:
            return file
        made = self._made.get(name)
        if made is None:
            lines = self._lines.get(name, {})
            last = max(lines, default=0)
            made = SourceFile(
                name, "\n".join(lines.get(number, "") for number in range(1, last + 1))
            )
            self._made[name] = made
        return made

    def line_text(self, name: str, number: int) -> str:
        """Return the text of a line, "" when it is not known."""
        file = self.file(name)
        if file is not None and not file.line_map:
            return file.line_text(number)
        return self._lines.get(name, {}).get(number, "")

    def span(self, line: Line) -> Span:
        """Return the place of ``line``: the exact expression, or a guess from its column."""
        if line.span is not None:
            return line.span
        text = self.line_text(line.file, line.line) or line.text
        column = max(line.column, 1) - 1
        if column >= len(text) or not text[column:].strip():
            column = len(text) - len(text.lstrip())
        start = expression_start(text, column)
        return self.at(line.file, line.line, start, max(expression_end(text, start), column + 1))

    def at(self, name: str, number: int, start: int, end: int) -> Span:
        """Return columns ``start`` to ``end`` (from 0) of a line."""
        file = self._known(name)
        base = 0
        for _ in range(number - 1):
            at = file.text.find("\n", base)
            if at < 0:
                break
            base = at + 1
        limit = len(file.text)
        return Span(file, min(base + start, limit), min(base + max(end, start + 1), limit))

    def whole_line(self, name: str, number: int) -> Span | None:
        """Return the text of a line without its indentation, None when it is not known."""
        text = self.line_text(name, number)
        if not text.strip():
            return None
        start = len(text) - len(text.lstrip())
        return self.at(name, number, start, len(text.rstrip()))

    def function_head(self, name: str, number: int) -> str:
        """Return the lines above the opening brace of the function around a line, "" if unknown.

        Functions are told by a brace at the start of a line.
        """
        for at in range(number, 0, -1):
            if not self.line_text(name, at).startswith("{"):
                continue
            head: list[str] = []
            for above in range(at - 1, max(0, at - 6), -1):
                text = self.line_text(name, above)
                if (
                    not text.strip()
                    or text.startswith(("}", "#", "/"))
                    or text.rstrip().endswith(";")
                ):
                    break
                head.append(text)
            return "\n".join(reversed(head))
        return ""

    # Declarations -------------------------------------------------------------------------

    def map_name(self, name: str) -> Span | None:
        """Return where map ``name`` is defined, None when the source is not at hand."""
        found = self._find(
            re.compile(rf"\b({re.escape(name)})\b\s*(?:\[[^\]]*\]\s*)?SEC\s*\(\s*\"\.?maps\"")
        )
        return found or self._find(
            re.compile(rf"SEC\s*\(\s*\"\.?maps\"\s*\)\s*({re.escape(name)})\b")
        )

    def function_name(self, name: str) -> Span | None:
        """Return where function ``name`` is defined, None when the source is not at hand."""
        return self._find(re.compile(rf"\b({re.escape(name)})\s*\([^;{{]*\)\s*\{{"))

    def section_name(self, name: str) -> Span | None:
        """Return where the section of a program is given, None when the source is not at hand."""
        return self._find(re.compile(rf"\b(SEC\s*\(\s*\"{re.escape(name)}\"\s*\))"))

    def map_attribute(self, name: str, attribute: str) -> Span | None:
        """Return where ``attribute`` ("key", "max_entries" ...) of map ``name`` is given."""
        named = self.map_name(name)
        if named is None:
            return None
        text = named.file.text
        start = text.rfind("struct", 0, named.start)
        if start < 0:
            return named
        words = {"key": "key|key_size", "value": "value|value_size"}.get(attribute, attribute)
        pattern = re.compile(
            rf"__(?:uint|type|array|ulong)\s*\(\s*(?:{words})\s*,[^;]*;|\.(?:{words})\s*=[^,}}]*"
        )
        best = None
        for match in pattern.finditer(text, start, named.start):
            best = match
        if best is None:
            after = pattern.search(text, named.end, min(len(text), named.end + 400))
            best = (
                after if after is not None and "}" not in text[named.end : after.start()] else None
            )
        if best is None:
            return named
        end = best.end() - (1 if text[best.end() - 1] == ";" else 0)
        return Span(named.file, best.start(), end)

    def declaration(self, name: str, file: str, before: int) -> Span | None:
        """Return the last declaration of variable ``name`` above line ``before`` of ``file``."""
        pattern = re.compile(
            rf"(?:^|[;{{(,]|\n)\s*(?:(?:const|volatile|static|unsigned|signed|struct|union|enum)\s+)*"
            rf"[A-Za-z_]\w*(?:\s+|\s*\*+\s*)(?:[A-Za-z_]\w*\s*(?:=[^,;]*)?,\s*\**)*"
            rf"({re.escape(name)})\s*(?=[=;,\[)])"
        )
        source = self.file(file)
        if source is None:
            return None
        best = None
        limit = 0
        for _ in range(before):
            limit = source.text.find("\n", limit) + 1
            if not limit:
                limit = len(source.text)
                break
        for match in pattern.finditer(source.text, 0, limit):
            if not re.match(r"\s*(return|goto|else|case)\b", match.group(0).lstrip(";{(,\n ")):
                best = match
        return Span(source, best.start(1), best.end(1)) if best is not None else None

    def _find(self, pattern: re.Pattern[str]) -> Span | None:
        for name in self.names:
            file = self.file(name)
            if file is None:
                continue
            match = pattern.search(file.text)
            if match is not None:
                return Span(file, match.start(1), match.end(1))
        return None
