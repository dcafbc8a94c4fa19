"""Macros that the preprocessor computes: the place, the time, ``__has_xxx``, ``_Pragma``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...support.source import Span
from .features import answer
from .macros import Macro
from .tokens import Token

if TYPE_CHECKING:
    from .preprocessor import Preprocessor

_QUERIES = (
    "__has_attribute __has_builtin __has_feature __has_extension __has_c_attribute "
    "__has_cpp_attribute __has_declspec_attribute __has_warning __is_identifier __building_module"
).split()

# Name, parameters (None: object-like), variadic.
BUILTIN_NAMES: list[tuple[str, list[str] | None, bool]] = [
    *(
        (name, None, False)
        for name in (
            "__LINE__", "__FILE__", "__FILE_NAME__", "__BASE_FILE__", "__INCLUDE_LEVEL__",
            "__COUNTER__", "__DATE__", "__TIME__", "__TIMESTAMP__",
        )
    ),
    *((name, ["x"], True) for name in _QUERIES),
    ("__has_include", ["x"], True),
    ("__has_include_next", ["x"], True),
    ("_Pragma", ["x"], True),
]  # fmt: skip

_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
_DAYS = "Mon Tue Wed Thu Fri Sat Sun".split()


class Builtins:
    """Computes them for one translation unit."""

    def __init__(self, unit: Preprocessor) -> None:
        self.unit = unit
        self.counter = 0
        self.in_condition = False
        self.defined = Macro("defined", unit.builtin_file, 0, builtin="defined")

    def compute(
        self, macro: Macro, token: Token, args: list[list[Token]], span: Span
    ) -> list[Token]:
        """Return the tokens that an invocation stands for."""
        name = macro.builtin
        kind = "num"
        if name == "_Pragma":
            return self._pragma(token, args, span)
        if name == "__COUNTER__":
            text = str(self.counter)
            self.counter += 1
        elif name == "__LINE__":
            site = self.unit.expander.site or span.outermost()
            text = str(site.file.presumed(max(site.start, site.end - 1))[1])
        elif name == "__INCLUDE_LEVEL__":
            level = sum(1 for frame in self.unit.frames if frame.scanned.path) - 1
            text = str(max(level, 0))
        elif name in ("__has_include", "__has_include_next"):
            text = self._has_include(name, token, args, span)
        elif macro.params is not None:
            words = [t for t in args[0] if t.kind != "punct" or t.text != "::"]
            if not words:
                self.unit.sink.error("c-bad-condition", f"missing operand of '{name}'", span)
            operand = words[-1].text if words else ""
            text = str(answer(name, operand))
        else:
            kind = "str"
            text = _quote(self._text(name, span))
        return [Token(kind, text, token.file, token.start, token.space, token.bol, span, name)]

    def _text(self, name: str, span: Span) -> str:
        unit = self.unit
        if name == "__FILE__":
            return self._mapped(span.position()[0])
        if name == "__FILE_NAME__":
            return span.position()[0].rsplit("/", 1)[-1]
        if name == "__BASE_FILE__":
            return self._mapped(unit.source.name)
        # The clock is never read: the same source gives the same bytes.
        year, month, day, weekday, clock = civil(unit.options.source_date_epoch)
        if name == "__DATE__":
            return f"{_MONTHS[month - 1]} {day:2} {year}"
        if name == "__TIME__":
            return clock
        return f"{_DAYS[weekday]} {_MONTHS[month - 1]} {day:2} {clock} {year}"

    def _mapped(self, path: str) -> str:
        """Apply -fmacro-prefix-map; of several that fit, the last one counts."""
        for old, new in reversed(self.unit.options.prefix_maps):
            if path.startswith(old):
                return new + path[len(old) :]
        return path

    def _has_include(self, name: str, token: Token, args: list[list[Token]], span: Span) -> str:
        from .preprocessor import header_name

        unit = self.unit
        if not self.in_condition:
            unit.sink.error(
                "c-bad-condition", f"'{name}' can only be used in a preprocessing directive", span
            )
            return "0"
        operand = args[0]
        if operand and operand[0].kind == "id":
            operand = unit.expander.expand(list(operand), None, 1)
        found = header_name(operand)
        if found is None:
            unit.sink.error("c-bad-condition", 'expected "FILENAME" or <FILENAME>', span)
            return "0"
        header, quoted = found
        frame = unit.frames[-1]
        first = unit.next_folder(frame) if name == "__has_include_next" else -1
        directory = frame.directory if quoted else None
        found_file = unit.search.find(header, directory, first)
        return "1" if found_file is not None or (first < 0 and unit.serves(header)) else "0"

    def _pragma(self, token: Token, args: list[list[Token]], span: Span) -> list[Token]:
        """``_Pragma("text")`` (C17 6.10.9)."""
        unit = self.unit
        operand = args[0]
        if len(operand) != 1 or operand[0].kind != "str":
            operand = unit.expander.expand(list(operand), None, 1)
        if len(operand) != 1 or operand[0].kind != "str":
            unit.sink.error("c-bad-pragma", "_Pragma takes a parenthesized string literal", span)
            return []
        text = operand[0].text
        text = text[text.index('"') + 1 : -1].replace('\\"', '"').replace("\\\\", "\\")
        pragma = Token(
            "pragma", " ".join(text.split()), token.file, token.start, token.space, token.bol,
            token.expansion, token.macro,
        )  # fmt: skip
        kept = unit.run_pragma(pragma, unit.frames[-1] if unit.frames else None, span)
        return [] if kept is None else [kept]


def _quote(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def civil(seconds: int) -> tuple[int, int, int, int, str]:
    """Return (year, month, day, weekday from Monday = 0, "hh:mm:ss") of seconds since 1970, UTC."""
    days, rest = divmod(max(seconds, 0), 86400)
    weekday = (days + 3) % 7
    # Days since 1 March of year 0, in eras of 400 years (Hinnant, "chrono-compatible low-level
    # date algorithms").
    days += 719468
    era, of_era = divmod(days, 146097)
    year = (of_era - of_era // 1460 + of_era // 36524 - of_era // 146096) // 365
    of_year = of_era - (365 * year + year // 4 - year // 100)
    shifted = (5 * of_year + 2) // 153
    day = of_year - (153 * shifted + 2) // 5 + 1
    month = shifted + 3 if shifted < 10 else shifted - 9
    year += era * 400 + (month <= 2)
    clock = f"{rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}"
    return year, month, day, weekday, clock
