"""Maps as their definitions tell of them, and operations that load but fail every time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...support.diagnostics import FixIt, Note
from ...uapi.map_types import MapType
from ..ctype.types import RecordType, strip
from ..sema.checks import MapTypes
from ..tast import nodes as t
from ..tast.evaluate import evaluate_int
from ..tast.walk import walk

if TYPE_CHECKING:
    from .findings import Findings

_UPDATE, _DELETE = 2, 3
_NOEXIST = 1
_ARRAYS = (MapType.ARRAY, MapType.PERCPU_ARRAY)
PER_CPU = (
    MapType.PERCPU_HASH,
    MapType.PERCPU_ARRAY,
    MapType.LRU_PERCPU_HASH,
    MapType.PERCPU_CGROUP_STORAGE,
)


def map_symbol(e: t.Expr) -> t.VarSymbol | None:
    """Return the map variable whose address ``e`` is."""
    while isinstance(e, t.Cast):
        e = e.operand
    if isinstance(e, t.AddressOf) and isinstance(e.operand, t.VarRef):
        symbol = e.operand.symbol
        if symbol.section in (".maps", "maps"):
            return symbol
    return None


def kind_of(symbol: t.VarSymbol) -> int:
    """Return a map's BPF_MAP_TYPE number, 0 when it is not told."""
    record = strip(symbol.type)
    return MapTypes(symbol, record).kind if isinstance(record, RecordType) else 0


def check(findings: Findings) -> None:
    """Look at the map operations of every function."""
    for _, body in findings.bodies:
        for node in walk(body):
            if isinstance(node, t.Call) and node.callee.helper in (_UPDATE, _DELETE) and node.args:
                _check_call(findings, node)


def _check_call(findings: Findings, call: t.Call) -> None:
    symbol = map_symbol(call.args[0])
    if symbol is None or kind_of(symbol) not in _ARRAYS:
        return
    note = Note(f"'{symbol.name}' is defined here", symbol.span)
    if call.callee.helper == _DELETE:
        findings.add(
            "bpf-map-operation",
            f"elements of the array map '{symbol.name}' cannot be deleted: this always fails with "
            "-EINVAL",
            call.span,
            notes=[note],
            fixits=[FixIt("store zeros instead, or use a hash map")],
        )
    elif len(call.args) > 3 and evaluate_int(call.args[3]) == _NOEXIST:
        findings.add(
            "bpf-map-operation",
            f"elements of the array map '{symbol.name}' always exist: BPF_NOEXIST always fails with "
            "-EEXIST",
            call.args[3].span,
            notes=[note],
            fixits=[FixIt("BPF_ANY", call.args[3].span)],
        )
