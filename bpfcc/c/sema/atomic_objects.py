"""Operators on ``_Atomic`` objects: ``x += 1`` is one read-modify-write (C17 6.5.16.2, 6.5.2.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..ctype.printing import quoted
from ..ctype.relations import ATOMIC, qualifiers, unqualified
from ..ctype.types import ULONG, CType, PointerType, strip
from ..tast.nodes import AddressOf, BuiltinCall, Expr, IntConst
from .atomics import SEQ_CST, AtomicObject, sized
from .conversions import convert
from .symbols import ErrorExpr

if TYPE_CHECKING:
    from ...support.source import Span
    from .context import Context

_OPERATIONS = {"+": "add", "-": "sub", "&": "and", "|": "or", "^": "xor"}


def is_atomic(t: CType) -> bool:
    """Whether objects of type ``t`` are atomic."""
    return bool(qualifiers(t) & ATOMIC)


def update(
    cx: Context,
    op: str,
    target: Expr,
    value: Expr,
    span: Span | None,
    *,
    scale: int = 0,
    new: bool = True,
) -> Expr:
    """Return ``target op= value`` as one atomic operation; ``op`` stands without its "=".

    ``value`` is an integer, counted in ``scale`` bytes where the target is a pointer. With ``new``
    the result is the value afterwards, else the one before.
    """
    t = unqualified(target.type)
    pointer = AddressOf(target, PointerType(target.type), span)
    if op not in _OPERATIONS or (scale and not isinstance(value, IntConst)):
        return cx.wrong(
            "bpf-atomic",
            f"BPF has no atomic operation for '{op}=' on {quoted(target.type)}",
            span,
        )
    if not sized(cx, AtomicObject(pointer, t), span):
        return ErrorExpr(span)
    if isinstance(strip(t), PointerType):
        assert isinstance(value, IntConst)
        value = IntConst(ULONG, value.value * scale & (1 << 64) - 1, span)
    extra: dict[str, object] = {"op": _OPERATIONS[op], "order": SEQ_CST, "new": new}
    return BuiltinCall("atomic_fetch", [pointer, convert(value, t)], t, span, extra)
