"""Format strings: bpf_trace_printk and its kin, bpf_snprintf, bpf_seq_printf, format attributes.

Source: kernel/bpf/helpers.c, bpf_bprintf_prepare() (which conversions the kernel knows).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...support.diagnostics import FixIt
from ..ctype.printing import quoted
from ..ctype.promotion import integer_of
from ..ctype.types import ArrayType, IntType, PointerType, strip
from ..tast.nodes import Cast, Expr, FuncSymbol, IntConst, StringLit, VarRef
from .context import span_of

if TYPE_CHECKING:
    from typing import Any

    from ...support.source import Span
    from .context import Context

ADVICE = "use one of %d %i %u %x %ld %lu %lx %lld %llu %llx %p %s %c"
# Helper id: (format argument, first value argument; -1 = values are an array).
_PRINTERS = {6: (0, 2), 126: (1, -1), 165: (2, -1), 177: (0, -1)}
_MAX_TRACE_ARGS = 3


class Conversion:
    """One ``%`` conversion: its text, its length modifier and letter; ``bad`` to the kernel."""

    __slots__ = ("bad", "length", "letter", "text")

    def __init__(self, text: str, length: str, letter: str, bad: bool) -> None:
        self.text = text
        self.length = length
        self.letter = letter
        self.bad = bad


def conversions(text: str) -> list[Conversion]:
    """Return the conversions of a format, ``%%`` left out."""
    found: list[Conversion] = []
    i = 0
    while i < len(text):
        if text[i] != "%":
            i += 1
            continue
        start = i
        i += 1
        if text[i : i + 1] == "%":
            i += 1
            continue
        while i < len(text) and text[i] in "0123456789+- #.*":
            i += 1
        flags = text[start + 1 : i]
        length_at = i
        while i < len(text) and text[i] in "lhzjtq":
            i += 1
        length = text[length_at:i]
        letter = text[i : i + 1]
        i += 1
        bad = letter not in tuple("diuxXpsc") or not _is_width(flags)
        if letter in "psc":
            bad = bad or bool(length)
        else:
            bad = bad or length not in ("", "l", "ll")
        if letter == "p":
            known = _pointer_extension(text[i:])
            bad = bad or known is None
            i += known or 0
        if letter in "ps" and text[i : i + 1].isalnum():
            bad = True
            while i < len(text) and text[i].isalnum():
                i += 1
        found.append(Conversion(text[start:i], length, letter, bad))
    return found


def _is_width(flags: str) -> bool:
    """Tell whether the kernel skips what stands before a length: [0 +-]* and a number."""
    width = flags.lstrip("0 +-")
    return not width or width.isdigit()


def _pointer_extension(rest: str) -> int | None:
    """Return how many letters after %p belong to it; None for one that the kernel does not know."""
    if not rest[:1].isalnum():
        return 0
    if rest[:2] in ("ks", "us", "i4", "i6", "I4", "I6"):
        return 2
    return 1 if rest[0] in "KxsSB" else None


def literal_text(e: Expr) -> tuple[str, Span | None] | None:
    """Return the text of a string that is known here: a literal or a constant array."""
    while isinstance(e, Cast):
        e = e.operand
    if isinstance(e, StringLit):
        if isinstance(strip(e.type), ArrayType):
            return e.data.rstrip(b"\0").decode("latin-1"), e.span
        return None
    if isinstance(e, VarRef) and e.symbol.init is not None:
        items = e.symbol.init.items
        if len(items) == 1 and isinstance(items[0].value, StringLit):
            return items[0].value.data.split(b"\0")[0].decode("latin-1"), e.span
    return None


def check_format(
    cx: Context, symbol: FuncSymbol, values: list[Expr], nodes: list[Any], span: Span | None
) -> None:
    """Check the format argument of a call, if the function takes one."""
    if symbol.helper is not None:
        rule = _PRINTERS.get(symbol.helper)
        if rule is not None:
            _check_helper(cx, symbol, rule, values, nodes, span)
    elif symbol.format is not None:
        _check_attribute(cx, symbol, values, span)


def _check_helper(
    cx: Context,
    symbol: FuncSymbol,
    rule: tuple[int, int],
    values: list[Expr],
    nodes: list[Any],
    span: Span | None,
) -> None:
    position, first = rule
    if position >= len(values):
        return
    found = literal_text(values[position])
    if found is None:
        return
    text, where = found
    wanted = conversions(text)
    traced = first > 0
    for conversion in wanted:
        if conversion.bad:
            message = f"bad conversion '{conversion.text}' in the format of {symbol.name}()"
            if traced:
                message += ": the call will fail with -EINVAL"
            cx.warning(
                "bpf-format-string",
                message,
                where,
                fixits=[FixIt(ADVICE)],
                kernel="" if traced else "Invalid format string",
            )
            return
    if any(not (c.isprintable() or c.isspace()) for c in text if c < "\x80"):
        cx.warning(
            "bpf-format-string",
            f"control characters in the format of {symbol.name}(): the call will fail with -EINVAL",
            where,
        )
    if not traced:
        _check_data(cx, symbol, values, wanted)
        return
    given = values[first:]
    if len(given) > _MAX_TRACE_ARGS:
        return  # an error: no helper takes so many arguments
    if len(given) < len(wanted):
        cx.warning(
            "format",
            f"more '%' conversions than data arguments: the format has {len(wanted)}, "
            f"{symbol.name}() gets {len(given)}",
            where,
            id="bpf-format-string",
        )
    elif len(given) > len(wanted):
        cx.warning(
            "format-extra-args",
            "data argument not used by format string",
            span_of(nodes[first + len(wanted)]),
        )
    _check_types(cx, wanted, given)
    _check_size(cx, symbol, values, position, len(text))


def _check_data(
    cx: Context, symbol: FuncSymbol, values: list[Expr], wanted: list[Conversion]
) -> None:
    """The values of bpf_snprintf() and its kin are an array: 8 bytes for each conversion."""
    size = values[-1]
    if not isinstance(size, IntConst) or size.value >= 8 * len(wanted):
        return
    cx.warning(
        "bpf-format-string",
        f"more '%' conversions than values: the format has {len(wanted)}, {symbol.name}() gets "
        f"{size.value // 8} ({size.value} bytes)",
        size.span,
    )


def _check_size(
    cx: Context, symbol: FuncSymbol, values: list[Expr], position: int, length: int
) -> None:
    """``bpf_trace_printk(fmt, size, ...)``: size covers the text and its NUL, and not more."""
    if position + 1 >= len(values) or not isinstance(values[position + 1], IntConst):
        return
    size = values[position + 1]
    e = values[position]
    while isinstance(e, Cast):
        e = e.operand
    array = strip(e.type)
    if not isinstance(array, ArrayType) or array.count is None or not isinstance(size, IntConst):
        return
    if size.value > array.count:
        cx.warning(
            "bpf-format-string",
            f"size argument {size.value} of {symbol.name}() exceeds the format's {array.count} "
            "bytes",
            size.span,
            fixits=[FixIt("sizeof(fmt)")],
        )
    elif size.value <= length:
        cx.warning(
            "bpf-format-string",
            f"size argument {size.value} of {symbol.name}() cuts off the format's final NUL: the "
            "call will fail with -EINVAL",
            size.span,
            fixits=[FixIt("sizeof(fmt)")],
        )


def _check_types(cx: Context, wanted: list[Conversion], given: list[Expr]) -> None:
    """Compare conversions with the arguments that they print (-Wformat)."""
    for conversion, e in zip(wanted, given):
        real = strip(e.type)
        pointer = isinstance(real, PointerType)
        integer = integer_of(real)
        if conversion.letter in "diuxX" and integer is not None:
            wide = integer.size > 4
            long = conversion.length in ("l", "ll")
            if wide != long:
                _mismatch(cx, conversion, e, integer)
        elif conversion.letter in "diuxXc" and pointer and not conversion.length:
            cx.warning(
                "format",
                f"format specifies an integer but the argument has type {quoted(e.type)}",
                e.span,
                fixits=[FixIt("%p")],
            )
        elif conversion.letter == "s" and integer is not None and not pointer:
            if integer.size < 8:
                cx.warning(
                    "format",
                    f"format specifies type 'char *' but the argument has type {quoted(e.type)}",
                    e.span,
                )


def _mismatch(cx: Context, conversion: Conversion, e: Expr, integer: IntType) -> None:
    unsigned = conversion.letter in "uxX"
    name = {"": "int", "h": "short", "hh": "char", "l": "long", "ll": "long long"}[
        conversion.length
    ]
    shown = ("unsigned " if unsigned else "") + name
    letter = conversion.letter
    fix = f"%ll{letter}" if integer.size > 4 else f"%{letter}"
    cx.warning(
        "format",
        f"format specifies type '{shown}' but the argument has type {quoted(e.type)}",
        e.span,
        fixits=[FixIt(fix)],
    )


def _check_attribute(
    cx: Context, symbol: FuncSymbol, values: list[Expr], span: Span | None
) -> None:
    """``__attribute__((format(printf, f, a)))``."""
    assert symbol.format is not None
    kind, position, first = symbol.format
    if kind not in ("printf", "gnu_printf") or not 0 < position <= len(values):
        return
    found = literal_text(values[position - 1])
    if found is None or first == 0:
        return
    text, where = found
    wanted = conversions(text)
    given = values[first - 1 :]
    if len(given) < len(wanted):
        cx.warning("format", "more '%' conversions than data arguments", where)
    elif len(given) > len(wanted):
        cx.warning("format-extra-args", "data argument not used by format string", span)
    _check_types(cx, wanted, given)
