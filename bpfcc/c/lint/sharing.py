"""Map values and global variables that several CPUs change at once.

Reading, adding and storing again loses what another CPU has added in between. Where a program adds
atomically in one place and plainly in another, it is certain that one of them is a mistake; plain
additions alone are a matter of taste (a few lost counts), so they are reported on request only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...support.diagnostics import FixIt, Note
from ..ctype.promotion import integer_of
from ..tast import nodes as t
from ..tast.walk import walk
from .maps import PER_CPU, kind_of, map_symbol
from .places import Object, Place

if TYPE_CHECKING:
    from ...support.source import Span
    from .findings import Findings

    Where = tuple[int, int]  # id of the map or variable, byte offset

_LOOKUP = 1
_SPIN_LOCK = 93


class _Update:
    """A read-modify-write of shared memory: ``target`` is the lvalue, ``added`` what is added."""

    __slots__ = ("added", "atomic", "shared", "span", "target", "text")

    def __init__(
        self, shared: t.VarSymbol, target: t.Expr, span: Span | None, text: str, *, atomic: bool
    ) -> None:
        self.shared = shared
        self.target = target
        self.span = span
        self.text = text
        self.atomic = atomic


def check(findings: Findings) -> None:
    """Look at every update of a shared map value or a global variable."""
    updates: dict[Where, list[_Update]] = {}
    for _, body in findings.bodies:
        if _takes_lock(body):
            continue
        pointers = _lookups(body)
        for node in walk(body):
            found = _update(node)
            if found is None:
                continue
            target, span, atomic, text = found
            where = _shared(target, pointers)
            if where is not None:
                symbol, place = where
                updates.setdefault((id(symbol), place.offset), []).append(
                    _Update(symbol, target, span, text, atomic=atomic)
                )
    for group in updates.values():
        _report(findings, group)


def _takes_lock(body: t.Block) -> bool:
    return any(isinstance(n, t.Call) and n.callee.helper == _SPIN_LOCK for n in walk(body))


def _lookups(body: t.Block) -> dict[t.VarSymbol, t.VarSymbol]:
    """Return the pointer variables that only ever hold values of one shared map, and that map."""
    found: dict[t.VarSymbol, t.VarSymbol | None] = {}

    def note(pointer: t.VarSymbol, value: t.Expr) -> None:
        while isinstance(value, t.Cast):
            value = value.operand
        shared = None
        if isinstance(value, t.Call) and value.callee.helper == _LOOKUP and value.args:
            shared = map_symbol(value.args[0])
        known = found.setdefault(pointer, shared)
        if known is not shared:
            found[pointer] = None

    for node in walk(body):
        if isinstance(node, t.Assign) and isinstance(node.target, t.VarRef):
            note(node.target.symbol, node.value)
        elif isinstance(node, t.DeclStmt) and node.init is not None and len(node.init.items) == 1:
            note(node.symbol, node.init.items[0].value)
    return {
        pointer: shared
        for pointer, shared in found.items()
        if shared is not None and kind_of(shared) not in PER_CPU
    }


def _update(node: object) -> tuple[t.Expr, Span | None, bool, str] | None:
    """Return (target, place, atomic?, the amount as text) of a read-modify-write."""
    if isinstance(node, t.CompoundAssign) and node.op.rstrip("=") in ("+", "-", "|", "&", "^"):
        amount = node.value.span.text() if node.value.span is not None else "n"
        return node.target, node.span, False, amount if node.op.startswith("+") else ""
    if isinstance(node, t.IncDec) and not node.scale:
        return node.target, node.span, False, "1" if node.delta > 0 else "-1"
    if isinstance(node, t.BuiltinCall) and node.name == "atomic_fetch" and node.args:
        pointer = node.args[0]
        target = t.Deref(pointer, pointer.type, pointer.span)
        return target, node.span, True, ""
    return None


def _shared(
    target: t.Expr, pointers: dict[t.VarSymbol, t.VarSymbol]
) -> tuple[t.VarSymbol, Place] | None:
    """Return the shared object that ``target`` is part of, and the part."""
    symbol = _root(target)
    if symbol is None:
        return None
    shared = pointers.get(symbol)
    if shared is not None:
        place = Object(symbol, behind=True).place(target)
        return None if place is None else (shared, place)
    if symbol.storage in ("global", "static") and symbol.section in ("", ".bss", ".data"):
        place = Object(symbol, behind=False).place(target)
        return None if place is None else (symbol, place)
    return None


def _root(e: t.Expr) -> t.VarSymbol | None:
    """Return the variable at the bottom of an lvalue."""
    while True:
        if isinstance(e, t.VarRef):
            return e.symbol
        if isinstance(e, t.Member):
            e = e.base
        elif isinstance(e, (t.Deref, t.Index, t.PtrAdd)):
            e = e.pointer
        elif isinstance(e, (t.Cast, t.AddressOf, t.CoreAccess)):
            e = e.operand
        else:
            return None


def _report(findings: Findings, group: list[_Update]) -> None:
    atomic = next((update for update in group if update.atomic), None)
    for update in group:
        if update.atomic:
            continue
        name = update.target.span.text() if update.target.span is not None else "this"
        fixits = _fix(update, name)
        if atomic is not None:
            findings.add(
                "bpf-racy-update",
                f"'{name}' is changed without an atomic operation here, but with one elsewhere",
                update.span,
                notes=[Note("changed atomically here", atomic.span)],
                fixits=fixits,
            )
        else:
            whose = (
                f"the value of map '{update.shared.name}'"
                if update.shared.section in (".maps", "maps")
                else f"global variable '{update.shared.name}'"
            )
            findings.add(
                "bpf-shared-counter",
                f"{whose} is read, changed and written back: what other CPUs change in between is "
                "lost",
                update.span,
                fixits=[*fixits, FixIt("or use a per-CPU map, and add up in user space")],
            )


def _fix(update: _Update, name: str) -> list[FixIt]:
    integer = integer_of(update.target.type)
    if not update.text or integer is None or integer.size not in (4, 8):
        return []
    text = f"__sync_fetch_and_add(&{name}, {update.text})"
    span = update.span
    if span is None or span.expansion is not None or "\n" in span.text():
        return [FixIt(text)]
    return [FixIt(text), FixIt(text, span)]
