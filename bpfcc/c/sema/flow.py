"""What control flow tells: missing returns, fall-through, values used before they are set.

Uninitialised uses follow clang's analysis: a use is certain ("uninitialized when used here") when
no path has set the variable; it is reported for one branch ("whenever 'if' condition is false")
when the edge of that branch leaves the variable unset and everything behind it leads to the use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...support.diagnostics import FixIt, Note
from ..ctype.promotion import integer_of
from ..ctype.relations import VOLATILE, qualifiers
from ..ctype.types import VoidType, strip
from ..tast.nodes import VarSymbol
from .cfg import DECL, DEF, USE, Graph, Node
from .symbols import ERROR

if TYPE_CHECKING:
    from ...support.source import Span
    from ..tast.nodes import Block
    from .context import Context
    from .symbols import FunctionState

_LOOP_WORDS = {
    "true": "{} loop is entered",
    "false": "{} loop exits because its condition is false",
}


def check_flow(cx: Context, function: FunctionState, block: Block, end: Span | None) -> None:
    """Check a function body; ``end`` is its closing brace."""
    symbol = function.symbol
    if symbol.naked:
        return
    tracked = {v for v in function.unset if not qualifiers(v.type) & VOLATILE}
    graph = Graph(block, tracked, function.fallthroughs)
    reachable = _reachable(graph)
    _check_return(cx, function, graph, reachable, end)
    for node, span in graph.fallthroughs:
        if node.index in reachable:
            cx.warning(
                "implicit-fallthrough",
                "unannotated fall-through between switch labels",
                span,
                fixits=[FixIt("break; or __attribute__((fallthrough));")],
            )
    if tracked:
        _Unset(cx, graph, tracked).report()


def _reachable(graph: Graph) -> set[int]:
    seen = {graph.entry.index}
    stack = [graph.entry]
    while stack:
        for succ in stack.pop().succs:
            if succ.index not in seen:
                seen.add(succ.index)
                stack.append(succ)
    return seen


def _check_return(
    cx: Context, function: FunctionState, graph: Graph, reachable: set[int], end: Span | None
) -> None:
    if graph.end.index not in reachable:
        return
    symbol = function.symbol
    if symbol.noreturn:
        cx.warning(
            "invalid-noreturn",
            f"function '{symbol.name}' declared 'noreturn' should not return",
            end,
        )
        return
    if function.ret is ERROR or isinstance(strip(function.ret), VoidType):
        return
    some = any(node.returns for node in graph.nodes if node.index in reachable)
    message = "non-void function does not return a value"
    if some:
        message += " in all control paths"
    cx.warning("return-type", message, end, fixits=[FixIt("return 0;")])


class _Unset:
    """Which variables may or must be unset where; solved forward over the graph.

    ``may``: bit set = unset on some path; ``set_``: bit set = set on some path. A variable is
    certainly unset where only its first bit is.
    """

    def __init__(self, cx: Context, graph: Graph, tracked: set[VarSymbol]) -> None:
        self.cx = cx
        self.graph = graph
        order = sorted(tracked, key=_place)
        self.bit = {symbol: 1 << i for i, symbol in enumerate(order)}
        count = len(graph.nodes)
        self.may_in = [0] * count
        self.set_in = [0] * count
        self.may_out = [0] * count
        self.set_out = [0] * count
        self.visited = [False] * count
        self._solve()

    def _solve(self) -> None:
        work = [self.graph.entry]
        self.visited[self.graph.entry.index] = True
        while work:
            node = work.pop()
            may, sets = self._through(node)
            index = node.index
            self.may_out[index], self.set_out[index] = may, sets
            for succ in node.succs:
                k = succ.index
                new_may, new_set = self.may_in[k] | may, self.set_in[k] | sets
                if not self.visited[k] or new_may != self.may_in[k] or new_set != self.set_in[k]:
                    self.visited[k] = True
                    self.may_in[k], self.set_in[k] = new_may, new_set
                    work.append(succ)

    def _through(self, node: Node) -> tuple[int, int]:
        may, sets = self.may_in[node.index], self.set_in[node.index]
        for kind, symbol, _ in node.events:
            bit = self.bit[symbol]
            if kind == DEF:
                may, sets = may & ~bit, sets | bit
            elif kind == DECL:
                may, sets = may | bit, sets & ~bit
        return may, sets

    def report(self) -> None:
        """Report the first unset use of each variable."""
        done: set[VarSymbol] = set()
        uses: list[tuple[Node, VarSymbol, Span | None, bool]] = []
        for node in self.graph.nodes:
            if not self.visited[node.index]:
                continue
            may, sets = self.may_in[node.index], self.set_in[node.index]
            for kind, symbol, span in node.events:
                bit = self.bit[symbol]
                if kind == USE and may & bit:
                    uses.append((node, symbol, span, not sets & bit))
                elif kind == DEF:
                    may, sets = may & ~bit, sets | bit
                elif kind == DECL:
                    may, sets = may | bit, sets & ~bit
        for certain in (True, False):
            for node, symbol, span, sure in uses:
                if sure != certain or symbol in done:
                    continue
                if sure:
                    done.add(symbol)
                    self._report_certain(symbol, span)
                elif self._report_branch(node, symbol, span):
                    done.add(symbol)

    def _initialise(self, symbol: VarSymbol) -> tuple[Note, FixIt]:
        value = "0" if integer_of(symbol.type) is not None else "NULL"
        span = symbol.span
        at = span.__class__(span.file, span.end, span.end) if span is not None else None
        if span is not None and span.expansion is not None:
            at = None
        note = Note(f"initialize the variable '{symbol.name}' to silence this warning", span)
        return note, FixIt(f" = {value}", at)

    def _report_certain(self, symbol: VarSymbol, span: Span | None) -> None:
        note, fixit = self._initialise(symbol)
        self.cx.warning(
            "uninitialized",
            f"variable '{symbol.name}' is uninitialized when used here",
            span,
            notes=[note],
            fixits=[fixit],
        )

    def _report_branch(self, use: Node, symbol: VarSymbol, span: Span | None) -> bool:
        """Find the branches that surely lead to an unset use; report the first."""
        bit = self.bit[symbol]
        visited: dict[int, int] = {use.index: max(1, len(use.succs))}
        queue = [use]
        while queue:
            node = queue.pop()
            if any(kind == DECL and s is symbol for kind, s, _ in node.events) and node is not use:
                continue
            for pred in node.preds:
                if not self.visited[pred.index] or not self.may_out[pred.index] & bit:
                    continue
                visited[pred.index] = visited.get(pred.index, 0) + 1
                if visited[pred.index] == len(pred.succs):
                    queue.append(pred)  # all paths from here lead to the use
        for node in self.graph.nodes:
            count = visited.get(node.index)
            if count is None or node is use or count >= len(node.succs) or node.branch is None:
                continue
            unset = self.may_out[node.index] & bit and not self.set_out[node.index] & bit
            if not unset:
                continue
            for edge, succ in enumerate(node.succs):
                if node.names[edge] == "":
                    continue
                reached = visited.get(succ.index, 0)
                if reached and reached >= max(1, len(succ.succs)):
                    self._report_edge(node, edge, symbol, span)
                    return True
        return False

    def _report_edge(self, node: Node, edge: int, symbol: VarSymbol, span: Span | None) -> None:
        assert node.branch is not None
        kind, where = node.branch
        name = node.names[edge]
        if kind == "switch":
            how = "switch case is taken" if name == "case" else "switch default is taken"
            where = node.succs[edge].place
        elif kind in ("for", "while"):
            how = _LOOP_WORDS[name].format(f"'{kind}'")
        elif kind == "do":
            how = f"'do' loop condition is {name}"
        else:
            how = f"'{kind}' condition is {name}"
        note, fixit = self._initialise(symbol)
        self.cx.warning(
            "sometimes-uninitialized",
            f"variable '{symbol.name}' is used uninitialized whenever {how}",
            where,
            notes=[Note("uninitialized use occurs here", span), note],
            fixits=[fixit],
        )


def _place(symbol: VarSymbol) -> tuple[int, str]:
    return (symbol.span.start if symbol.span is not None else 0, symbol.name)
