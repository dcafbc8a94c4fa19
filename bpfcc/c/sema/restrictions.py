"""What BPF cannot do: refused where it is written, with the reason and what to write instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...support.diagnostics import FixIt, Note
from ..ctype.printing import quoted
from ..ctype.types import FloatType, FuncType, RecordType, strip
from ..tast.nodes import FuncSymbol
from .symbols import ErrorExpr

if TYPE_CHECKING:
    from ...support.source import Span
    from .context import Context

    Graph = dict[FuncSymbol, dict[FuncSymbol, Span | None]]

MAX_ARGUMENTS = 5


def restrict_definition(
    cx: Context, symbol: FuncSymbol, ftype: FuncType, span: Span | None
) -> None:
    """Check a function definition's signature."""
    if isinstance(strip(ftype.ret), FloatType):
        cx.error(
            "bpf-unsupported-c",
            "floating point is not available in BPF",
            span,
            fixits=[FixIt("use fixed-point integers, e.g. sum * 1000 / n")],
        )


def restrict_functions(cx: Context) -> None:
    """Check what only the whole unit shows: recursion, calls that cannot be inlined."""
    graph = {symbol: state.calls for symbol, state in cx.bodies.items()}
    cycle: list[FuncSymbol] | None = None
    for symbol, state in cx.bodies.items():
        if cycle is None:
            cycle = _cycle(symbol, graph)
            if cycle is not None:
                _report_cycle(cx, cycle, graph)
        ftype = state.type
        if symbol.inline == "always":
            continue
        if len(ftype.params) > MAX_ARGUMENTS and not _inlinable(symbol):
            cx.error(
                "bpf-unsupported-c",
                f"'{symbol.name}' has {len(ftype.params)} parameters; a BPF function that is not "
                f"inlined can have {MAX_ARGUMENTS}",
                symbol.span,
                fixits=[FixIt("make it static __always_inline, or pass a pointer to a struct")],
                kernel="too many arguments",
            )
        ret = strip(ftype.ret)
        if isinstance(ret, RecordType) and (symbol.inline == "never" or not _inlinable(symbol)):
            cx.error(
                "bpf-unsupported-c",
                f"'{symbol.name}' returns {quoted(ftype.ret)} by value; a BPF function that is "
                "not inlined returns one register",
                symbol.span,
                fixits=[FixIt("make it static __always_inline, or fill in a pointer")],
                kernel="aggregate returns are not supported",
            )
        if ftype.variadic and not _inlinable(symbol):
            _refuse_variadic(cx, symbol.span)


def no_variadic(cx: Context, span: Span | None) -> ErrorExpr:
    """Refuse the use of variable arguments, at the function that has them."""
    function = cx.function
    _refuse_variadic(cx, function.symbol.span if function is not None else span)
    return ErrorExpr(span)


def _refuse_variadic(cx: Context, span: Span | None) -> None:
    cx.error(
        "bpf-unsupported-c",
        "functions with a variable number of arguments are not available in BPF",
        span,
        fixits=[FixIt("use fixed parameters, or a macro")],
        kernel="variadic functions are not supported",
    )


def _inlinable(symbol: FuncSymbol) -> bool:
    """Whether the optimiser may change the signature: it sees all calls."""
    return symbol.linkage == "static" and not symbol.used_attr


def _cycle(start: FuncSymbol, graph: Graph) -> list[FuncSymbol] | None:
    """Find a path from ``start`` back to itself."""
    seen: set[int] = set()
    stack: list[tuple[FuncSymbol, list[FuncSymbol]]] = [(start, [start])]
    while stack:
        symbol, path = stack.pop()
        for callee in graph.get(symbol, {}):
            if callee is start:
                return path
            if isinstance(callee, FuncSymbol) and callee in graph and id(callee) not in seen:
                seen.add(id(callee))
                stack.append((callee, [*path, callee]))
    return None


def _report_cycle(cx: Context, cycle: list[FuncSymbol], graph: Graph) -> None:
    first = cycle[0]
    advice = [FixIt("rewrite the recursion as a bounded loop")]
    kernel = "the call stack of 9 frames is too deep"
    if len(cycle) == 1:
        cx.error(
            "bpf-call-depth",
            f"{first.name}() calls itself: recursion is not allowed",
            graph[first][first],
            fixits=advice,
            kernel=kernel,
        )
        return
    notes = []
    for caller, callee in zip(cycle[1:], [*cycle[2:], first]):
        notes.append(Note(f"{caller.name}() calls {callee.name}() here", graph[caller][callee]))
    chain = " -> ".join(f.name for f in [*cycle, first])
    cx.error(
        "bpf-call-depth",
        f"recursion is not allowed: {chain}",
        graph[first][cycle[1]],
        notes=notes,
        fixits=advice,
        kernel=kernel,
    )
