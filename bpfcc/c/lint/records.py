"""Keys, values and records whose bytes are not all written: padding, and members left out.

Hash maps compare keys byte by byte, padding included; values and records carry whatever the stack
or the ring buffer held before to user space. The kernel accepts it from root since Linux 6.3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...support.diagnostics import Diagnostic, FixIt, Note, Severity
from ...support.source import Span
from ..ctype.printing import quoted
from ..ctype.types import CType, PointerType, RecordType, strip
from ..tast import nodes as t
from ..tast.evaluate import evaluate_int
from ..tast.walk import walk
from .places import EVERYTHING, Object, Writes, bytes_of, field_bytes, member_at, member_before

if TYPE_CHECKING:
    from .findings import Findings

# Helper id: (argument, position of its size or -1, what it is used as).
_READERS: dict[int, tuple[tuple[int, int, str], ...]] = {
    1: ((1, -1, "key"),),
    2: ((1, -1, "key"), (2, -1, "value")),
    3: ((1, -1, "key"),),
    25: ((3, 4, "record"),),
    87: ((1, -1, "value"),),
    111: ((3, 4, "record"),),
    121: ((3, 4, "record"),),
    127: ((1, 2, "record"),),
    130: ((1, 2, "record"),),
}
_TABLE_CALLS: dict[str, tuple[tuple[int, int, str], ...]] = {
    "bpf_table_lookup": ((2, -1, "key"),),
    "bpf_table_update": ((2, -1, "key"), (3, -1, "value")),
    "bpf_table_delete": ((2, -1, "key"),),
}
_RESERVE, _SUBMIT = 131, 132

_WHY = {
    "key": "equal keys may differ",
    "value": "what was on the stack is stored in the map",
    "record": "what was on the stack goes to user space",
}


def check(findings: Findings) -> None:
    """Look at every local object that is used as a key, value or record, and at reserved records."""
    for function, body in findings.bodies:
        done: set[int] = set()
        masks: dict[int, int] = {}  # written bytes of local objects, by identity of the symbol
        for call in _calls(body):
            rows = _READERS.get(call.callee.helper or 0) or _TABLE_CALLS.get(
                call.callee.builtin, ()
            )
            for position, size_at, use in rows:
                if position < len(call.args):
                    _check_argument(findings, body, call, (position, size_at, use), done, masks)
            if call.callee.helper == _SUBMIT and call.args:
                _check_reserved(findings, function, body, call, done)


def _calls(body: t.Block) -> list[t.Call]:
    found = [node for node in walk(body) if isinstance(node, t.Call)]
    return sorted(found, key=lambda call: call.span.outermost().start if call.span else 0)


def local_behind(e: t.Expr) -> t.VarSymbol | None:
    """Return the local variable whose address ``e`` is."""
    while isinstance(e, t.Cast) and e.kind in ("pointer", "same", "decay"):
        e = e.operand
    if isinstance(e, t.AddressOf):
        e = e.operand
    if isinstance(e, t.VarRef) and e.symbol.storage == "auto" and not e.symbol.is_param:
        return e.symbol
    return None


def _check_argument(
    findings: Findings,
    body: t.Block,
    call: t.Call,
    row: tuple[int, int, str],
    done: set[int],
    masks: dict[int, int],
) -> None:
    position, size_at, use = row
    symbol = local_behind(call.args[position])
    if symbol is None or id(symbol) in done or isinstance(strip(symbol.type), PointerType):
        return
    mask = masks.get(id(symbol))
    if mask is None:
        writes = Writes(Object(symbol, behind=False))
        writes.visit(body)
        mask = masks[id(symbol)] = writes.mask
    if mask == EVERYTHING:
        return
    size = bytes_of(symbol.type)
    given = evaluate_int(call.args[size_at]) if 0 <= size_at < len(call.args) else None
    if given is not None and 0 <= given < size:
        size = given
    missing = ~mask & ((1 << size) - 1)
    if not missing:
        return
    done.add(id(symbol))
    generation1 = findings.generation == 1
    if not isinstance(strip(symbol.type), RecordType) and not generation1:
        return  # the verifier tells that a plain variable has no value
    severity = Severity.ERROR if generation1 else Severity.WARNING
    span = call.args[position].span
    padding = missing & ~field_bytes(symbol.type)
    if missing & ~padding:
        found = _report_members(findings, symbol, missing & ~padding, use, span, severity)
    else:
        found = _report_padding(findings, symbol, padding, use, span, severity)
    if body.span is not None:
        findings.unwritten.append((symbol.name, body.span, found))


def _report_padding(
    findings: Findings,
    symbol: t.VarSymbol,
    padding: int,
    use: str,
    span: Span | None,
    severity: Severity,
) -> Diagnostic:
    count = padding.bit_count() if hasattr(padding, "bit_count") else bin(padding).count("1")
    first = (padding & -padding).bit_length() - 1
    holes = _ranges(padding)
    name = member_before(symbol.type, first)
    where = f" after '{name}'" if name and len(holes) == 1 else ""
    at = ", ".join(f"{low}" if low == high else f"{low} to {high}" for low, high in holes)
    message = (
        f"{count} byte{'s' if count > 1 else ''} of padding{where} in '{symbol.name}' (offset {at}) "
        f"are never written, and it is used as a {use}: {_WHY[use]}"
    )
    if count == 1:
        message = message.replace(" are never written", " is never written")
    return findings.add(
        "bpf-padding",
        message,
        span,
        severity=severity,
        notes=[Note(f"'{symbol.name}' ({quoted(symbol.type)}) is declared here", symbol.span)],
        fixits=_initialise(symbol),
    )


def _report_members(
    findings: Findings,
    symbol: t.VarSymbol,
    missing: int,
    use: str,
    span: Span | None,
    severity: Severity,
) -> Diagnostic:
    names = _names(symbol.type, missing)
    if names:
        listed = _list(names)
        verb = "is" if len(names) == 1 else "are"
        members = "member" if len(names) == 1 else "members"
        what = f"{members} {listed} of '{symbol.name}' {verb} never written"
    else:
        what = f"'{symbol.name}' is never written"
    return findings.add(
        "bpf-unset-field",
        f"{what}, and it is used as a {use}: {_WHY[use]}",
        span,
        severity=severity,
        notes=[Note(f"'{symbol.name}' is declared here without an initialiser", symbol.span)],
        fixits=_initialise(symbol),
    )


def _check_reserved(
    findings: Findings, function: t.FuncSymbol, body: t.Block, call: t.Call, done: set[int]
) -> None:
    """A record of the ring buffer that is submitted with members that nothing writes."""
    e = call.args[0]
    while isinstance(e, t.Cast):
        e = e.operand
    if not isinstance(e, t.VarRef) or id(e.symbol) in done or e.symbol.is_param:
        return
    symbol = e.symbol
    pointer = strip(symbol.type)
    if symbol.storage != "auto" or not isinstance(pointer, PointerType):
        return
    record = strip(pointer.to)
    if not isinstance(record, RecordType) or not _only_reserved(body, symbol):
        return
    writes = Writes(Object(symbol, behind=True))
    writes.visit(body)
    if writes.mask == EVERYTHING:
        return
    missing = ~writes.mask & field_bytes(record)
    if not missing:
        return
    done.add(id(symbol))
    names = _names(record, missing)
    if not names:
        return
    verb = "is" if len(names) == 1 else "are"
    members = "member" if len(names) == 1 else "members"
    findings.add(
        "bpf-unset-field",
        f"{members} {_list(names)} of the record '{symbol.name}' {verb} never written: user space "
        "reads what the ring buffer held there before",
        call.span,
        notes=[Note(f"'{symbol.name}' is declared here", symbol.span)],
        fixits=[
            FixIt(
                f"write it, or clear the record first:  "
                f"__builtin_memset({symbol.name}, 0, sizeof(*{symbol.name}));"
            )
        ],
    )


def _only_reserved(body: t.Block, symbol: t.VarSymbol) -> bool:
    """Tell whether all that the pointer variable is ever set to is a reserved record (or NULL)."""
    values: list[t.Expr] = []
    for node in walk(body):
        if isinstance(node, t.Assign) and isinstance(node.target, t.VarRef):
            if node.target.symbol is symbol:
                values.append(node.value)
        elif isinstance(node, t.DeclStmt) and node.symbol is symbol and node.init is not None:
            values += [item.value for item in node.init.items]
        elif isinstance(node, (t.CompoundAssign, t.IncDec)) and isinstance(node.target, t.VarRef):
            if node.target.symbol is symbol:
                return False
    reserved = False
    for value in values:
        while isinstance(value, t.Cast):
            value = value.operand
        if isinstance(value, t.Call) and value.callee.helper == _RESERVE:
            reserved = True
        elif evaluate_int(value) != 0:
            return False
    return reserved


def _initialise(symbol: t.VarSymbol) -> list[FixIt]:
    """Return the edit that zeroes a variable, where its declaration can be edited."""
    span = symbol.span
    advice = FixIt(
        f"initialise it:  {symbol.name} = {{}}   or   __builtin_memset(&{symbol.name}, 0, "
        f"sizeof({symbol.name}));"
    )
    if span is None or span.expansion is not None or not isinstance(strip(symbol.type), RecordType):
        return [advice]
    return [advice, FixIt(" = {}", Span(span.file, span.end, span.end))]


def _ranges(mask: int) -> list[tuple[int, int]]:
    """Return the runs of set bits, as (first, last)."""
    found: list[tuple[int, int]] = []
    at = 0
    while mask >> at:
        if mask >> at & 1:
            first = at
            while mask >> (at + 1) & 1:
                at += 1
            found.append((first, at))
        at += 1
    return found


def _names(t_: CType, mask: int) -> list[str]:
    """Return the members that have bytes in ``mask``, in order."""
    found: list[str] = []
    for low, high in _ranges(mask):
        for offset in range(low, high + 1):
            name = member_at(t_, offset)
            if name and name not in found:
                found.append(name)
    return found


def _list(names: list[str]) -> str:
    shown = [f"'{name}'" for name in names]
    if len(shown) > 4:
        shown = [*shown[:3], f"{len(shown) - 3} others"]
    if len(shown) == 1:
        return shown[0]
    return ", ".join(shown[:-1]) + " and " + shown[-1]
