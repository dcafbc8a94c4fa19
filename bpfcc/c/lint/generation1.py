"""What the checker of the 2013/14 patch sets demanded of filters, beyond today's kernels.

Keys and elements of table calls lie on the stack and are written over their whole size (``records``
looks at that); the context is read by whole fields; accesses are aligned; memory is indexed by
constants; the format of bpf_trace_printk() lies on the stack. These are errors, but only for
sources of that generation: nothing of this holds for a program of today.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...support.diagnostics import FixIt, Note, Severity
from ..ctype.types import PointerType, RecordType, strip
from ..tast import nodes as t
from ..tast.evaluate import evaluate_int
from ..tast.walk import walk
from .places import Object, bytes_of

if TYPE_CHECKING:
    from ...support.source import Span
    from .findings import Findings

_TABLE_CALLS = ("bpf_table_lookup", "bpf_table_update", "bpf_table_delete")
_FIELDS = 56
"""Bytes of arg1..arg6 and ret; behind them lies regs, which is read by its own members."""


def applies(unit: t.Unit) -> bool:
    """Tell whether a unit is of this generation: table calls, or a filter without a section."""
    if unit.dialect == 1:
        return True
    return any(
        function.linkage == "global"
        and not function.section
        and function.body is not None
        and len(function.params) == 1
        and _is_context(function.params[0])
        for function in unit.functions
    )


def check(findings: Findings) -> None:
    """Look at every function of the unit."""
    for function, body in findings.bodies:
        _Rules(findings, function, body).run()


def _is_context(symbol: t.VarSymbol) -> bool:
    pointer = strip(symbol.type)
    record = strip(pointer.to) if isinstance(pointer, PointerType) else None
    return isinstance(record, RecordType) and record.tag == "bpf_context"


class _Rules:
    def __init__(self, findings: Findings, function: t.FuncSymbol, body: t.Block) -> None:
        self.findings = findings
        self.body = body
        self.contexts = [Object(p, behind=True) for p in function.params if _is_context(p)]
        self.values = _table_values(body)
        self.counters = _counters(body)

    def error(
        self,
        id: str,
        message: str,
        span: Span | None,
        fix: str = "",
        notes: list[Note] | None = None,
    ) -> None:
        self.findings.add(
            id,
            message,
            span,
            severity=Severity.ERROR,
            notes=notes,
            fixits=[FixIt(fix)] if fix else [],
        )

    def run(self) -> None:
        for node in walk(self.body):
            if isinstance(node, t.Call) and node.callee.builtin in _TABLE_CALLS:
                self._table_call(node)
            elif isinstance(node, t.Call) and node.callee.name in (
                "bpf_trace_printk",
                "bpf_printk",
            ):
                self._print_call(node)
            elif isinstance(node, t.Cast) and node.kind == "load":
                self._access(node.operand, node.span)
            elif isinstance(node, (t.Assign, t.CompoundAssign, t.IncDec)):
                self._access(node.target, node.target.span)
            if isinstance(node, t.Index):
                self._index(node)

    # ------------------------------------------------------------------ calls
    def _table_call(self, call: t.Call) -> None:
        name = call.callee.name
        if call.args and not self._is_context_value(call.args[0]):
            self.error(
                "bpf-context-arg",
                f"argument 1 of {name}() must be the filter's context",
                call.args[0].span,
                "pass ctx",
            )
        for position, what in ((2, "key"), (3, "element")):
            if position < len(call.args):
                self._on_stack(call, call.args[position], position + 1, what)

    def _is_context_value(self, e: t.Expr) -> bool:
        while isinstance(e, t.Cast) and e.kind != "load":
            e = e.operand
        if isinstance(e, t.IntConst):
            return False
        pointer = strip(e.type)
        record = strip(pointer.to) if isinstance(pointer, PointerType) else None
        return isinstance(record, RecordType) and record.tag in ("bpf_context", "pt_regs")

    def _on_stack(self, call: t.Call, e: t.Expr, number: int, what: str) -> None:
        name = call.callee.name
        inner = e
        while isinstance(inner, t.Cast) and inner.kind in ("pointer", "same", "decay"):
            inner = inner.operand
        if isinstance(inner, t.StringLit):
            where, notes = "it is a string literal", []
        else:
            symbol = _followed(inner)
            if symbol is None:
                return
            if symbol in self.values:
                where = f"'{symbol.name}' points into a table"
                notes = [Note(f"'{symbol.name}' is looked up here", self.values[symbol])]
            elif symbol.storage != "auto" and not isinstance(strip(symbol.type), PointerType):
                where = f"'{symbol.name}' is a global variable"
                notes = [Note(f"'{symbol.name}' is declared here", symbol.span)]
            else:
                return
        self.error(
            "bpf-argument-type",
            f"argument {number} of {name}(), the {what}, must be on the stack; {where}",
            e.span,
            "copy it to a local variable",
            notes,
        )

    def _print_call(self, call: t.Call) -> None:
        if not call.args:
            return
        e = call.args[0]
        while isinstance(e, t.Cast):
            e = e.operand
        if isinstance(e, t.StringLit):
            self.error(
                "bpf-argument-type",
                f"the format of {call.callee.name}() must be on the stack; it is a string literal",
                call.args[0].span,
                'char fmt[] = "...";   and pass fmt, sizeof(fmt)',
            )
        elif len(call.args) > 1 and evaluate_int(call.args[1]) is None:
            self.error(
                "bpf-size-argument",
                f"the size given to {call.callee.name}() must be a constant",
                call.args[1].span,
                "sizeof(fmt)",
            )

    # ------------------------------------------------------------------ memory
    def _access(self, target: t.Expr, span: Span | None) -> None:
        size = bytes_of(target.type)
        if isinstance(strip(target.type), RecordType) or size not in (1, 2, 4, 8):
            return
        for context in self.contexts:
            place = context.place(target)
            if place is not None:
                self._context_access(context.symbol, target, place.offset, size, span)
                return
        for symbol in self.values:
            place = Object(symbol, behind=True).place(target)
            if place is not None and place.size == size and place.offset % size:
                self.error(
                    "bpf-alignment",
                    f"misaligned {size}-byte access at offset {place.offset} of the table's element",
                    span,
                    "align the member, or read it in parts",
                )
                return

    def _context_access(
        self, symbol: t.VarSymbol, target: t.Expr, offset: int, size: int, span: Span | None
    ) -> None:
        if _through_registers(target):
            return
        shown = f"{symbol.name}->{_field(offset)}"
        if offset + size > _FIELDS:
            self.error(
                "bpf-context-access",
                f"struct bpf_context has arg1..arg6 and ret only; this reads {size} bytes at offset "
                f"{offset}",
                span,
            )
        elif size != 8 or offset % 8:
            self.error(
                "bpf-context-access",
                f"{shown} must be read as 8 bytes; this reads {size}",
                span,
                f"uint64_t v = {shown};",
            )

    def _index(self, e: t.Index) -> None:
        """Memory is indexed by constants; a loop's counter is one once the loop is unrolled."""
        if evaluate_int(e.index) is not None or self._may_unroll(e.index):
            return
        text = e.index.span.text() if e.index.span is not None else "the index"
        symbol = _followed(e.pointer)
        if symbol is None:
            return
        if symbol in self.values:
            what = "a table's element may be accessed at constant offsets only"
        elif symbol.storage == "auto" and not isinstance(strip(symbol.type), PointerType):
            what = "local arrays may be indexed with constants only"
        else:
            return
        self.error(
            "bpf-unbounded-index",
            f"{what} in this dialect; '{text}' is variable",
            e.index.span,
            "use a table with that number as its key",
        )

    def _may_unroll(self, index: t.Expr) -> bool:
        return any(isinstance(n, t.VarRef) and n.symbol in self.counters for n in walk(index))


def _field(offset: int) -> str:
    return "ret" if offset // 8 == 6 else f"arg{offset // 8 + 1}"


def _through_registers(e: t.Expr) -> bool:
    """Tell whether an lvalue is a member of ``ctx->regs``."""
    return any(isinstance(n, t.Member) and n.field.name == "regs" for n in walk(e))


def _followed(e: t.Expr) -> t.VarSymbol | None:
    """Return the variable that an address is taken of, or the pointer variable it comes from."""
    while True:
        if isinstance(e, t.VarRef):
            return e.symbol
        if isinstance(e, (t.AddressOf, t.Cast)):
            if isinstance(e, t.Cast) and e.kind not in ("pointer", "same", "decay", "load"):
                return None
            e = e.operand
        elif isinstance(e, t.Member):
            e = e.base
        elif isinstance(e, (t.Deref, t.Index, t.PtrAdd)):
            e = e.pointer
        else:
            return None


def _table_values(body: t.Block) -> dict[t.VarSymbol, Span | None]:
    """Return the pointer variables that take a lookup's result, and where they do."""
    found: dict[t.VarSymbol, Span | None] = {}

    def note(pointer: t.VarSymbol, value: t.Expr) -> None:
        while isinstance(value, t.Cast):
            value = value.operand
        if isinstance(value, t.Call) and value.callee.builtin == "bpf_table_lookup":
            found.setdefault(pointer, value.span)

    for node in walk(body):
        if isinstance(node, t.Assign) and isinstance(node.target, t.VarRef):
            note(node.target.symbol, node.value)
        elif isinstance(node, t.DeclStmt) and node.init is not None:
            for item in node.init.items:
                note(node.symbol, item.value)
    return found


def _counters(body: t.Block) -> set[t.VarSymbol]:
    """Return the variables that a step changes: a loop over constants makes constants of them."""
    return {
        node.target.symbol
        for node in walk(body)
        if isinstance(node, (t.IncDec, t.CompoundAssign)) and isinstance(node.target, t.VarRef)
    }
