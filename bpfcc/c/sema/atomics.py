"""Atomic builtins: ``__sync_*``, ``__atomic_*`` and ``__c11_atomic_*`` (GCC manual 6.55, 6.56)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..ctype.layout import is_complete, size_of
from ..ctype.printing import quoted
from ..ctype.promotion import integer_of
from ..ctype.relations import unqualified
from ..ctype.types import BOOL, INT, VOID, CType, PointerType, strip
from ..tast.evaluate import evaluate_int
from ..tast.nodes import Assign, BuiltinCall, Cast, Deref, Expr, IntConst
from .context import span_of
from .conversions import assign, convert, rvalue
from .implicit import Target
from .symbols import ERROR, ErrorExpr

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ...support.source import Span
    from .context import Context

    Handler = Callable[[Context, Any, list[Any], Span | None], Expr]

SEQ_CST = 5


class AtomicObject:
    """The object that an atomic operation works on: pointer expression and value type."""

    __slots__ = ("pointer", "type")

    def __init__(self, pointer: Expr, type: CType) -> None:
        self.pointer = pointer
        self.type = type


def _object(cx: Context, node: Any, name: str) -> AtomicObject | None:
    """Check the first argument: a pointer to an integer or pointer of 1, 2, 4 or 8 bytes."""
    pointer = rvalue(cx, cx.expr(node))
    if pointer.type is ERROR:
        return None
    real = strip(pointer.type)
    if not isinstance(real, PointerType):
        cx.error(
            "c-atomic",
            f"address argument to atomic builtin must be a pointer ({quoted(pointer.type)} "
            "invalid)",
            span_of(node),
        )
        return None
    value = strip(real.to)
    if integer_of(value) is None and not isinstance(value, PointerType):
        cx.error(
            "c-atomic",
            "address argument to atomic builtin must be a pointer to integer or pointer "
            f"({quoted(pointer.type)} invalid)",
            span_of(node),
        )
        return None
    if not is_complete(value) or size_of(value) not in (1, 2, 4, 8):
        cx.error(
            "bpf-atomic",
            f"BPF has atomic operations on 4 and 8 bytes only, {quoted(real.to)} is not one",
            span_of(node),
        )
        return None
    return AtomicObject(pointer, unqualified(real.to))


def sized(cx: Context, found: AtomicObject, span: Span | None) -> bool:
    """Check that a read-modify-write works on 4 or 8 bytes."""
    size = size_of(found.type)
    if size in (4, 8):
        return True
    cx.error(
        "bpf-atomic",
        f"BPF has atomic operations on 4 and 8 bytes only, {quoted(found.type)} has {size}",
        span,
    )
    return False


def _arguments(cx: Context, name: str, node: Any, arguments: list[Any], count: int) -> bool:
    if len(arguments) >= count:
        return True
    cx.error(
        "c-argument-count",
        f"too few arguments to function call, expected {count}, have {len(arguments)}",
        span_of(node),
    )
    return False


def _value(cx: Context, node: Any, t: CType) -> Expr:
    real = strip(t)
    e = rvalue(cx, cx.expr(node))
    if isinstance(real, PointerType) and integer_of(e.type) is not None:
        return convert(e, t)  # __sync_fetch_and_add on a pointer counts bytes
    return assign(cx, e, Target("passing", t))


def _order(cx: Context, node: Any) -> int:
    """Return the memory order that an argument names; unknown ones count as the strongest."""
    value = evaluate_int(rvalue(cx, cx.expr(node)))
    return value if value is not None and 0 <= value <= SEQ_CST else SEQ_CST


# --------------------------------------------------------------------------- operations
def _fetch(name: str, op: str, new: bool, order_at: int | None) -> Handler:
    def handle(cx: Context, node: Any, arguments: list[Any], span: Span | None) -> Expr:
        count = 2 if order_at is None else order_at + 1
        if not _arguments(cx, name, node, arguments, count):
            return ErrorExpr(span)
        found = _object(cx, arguments[0], name)
        if found is None or not sized(cx, found, span_of(arguments[0])):
            return ErrorExpr(span)
        value = _value(cx, arguments[1], found.type)
        if value.type is ERROR:
            return ErrorExpr(span)
        order = SEQ_CST if order_at is None else _order(cx, arguments[order_at])
        extra: dict[str, object] = {"op": op, "order": order, "new": new}
        return BuiltinCall("atomic_fetch", [found.pointer, value], found.type, span, extra)

    return handle


def _exchange(name: str, order_at: int | None) -> Handler:
    def handle(cx: Context, node: Any, arguments: list[Any], span: Span | None) -> Expr:
        if not _arguments(cx, name, node, arguments, 2 if order_at is None else order_at + 1):
            return ErrorExpr(span)
        found = _object(cx, arguments[0], name)
        if found is None or not sized(cx, found, span_of(arguments[0])):
            return ErrorExpr(span)
        value = _value(cx, arguments[1], found.type)
        if value.type is ERROR:
            return ErrorExpr(span)
        order = SEQ_CST if order_at is None else _order(cx, arguments[order_at])
        return BuiltinCall(
            "atomic_exchange", [found.pointer, value], found.type, span, {"order": order}
        )

    return handle


def _compare_and_swap(name: str, result: str) -> Handler:
    """``__sync_val_compare_and_swap`` and ``__sync_bool_compare_and_swap``."""

    def handle(cx: Context, node: Any, arguments: list[Any], span: Span | None) -> Expr:
        if not _arguments(cx, name, node, arguments, 3):
            return ErrorExpr(span)
        found = _object(cx, arguments[0], name)
        if found is None or not sized(cx, found, span_of(arguments[0])):
            return ErrorExpr(span)
        old, new = _value(cx, arguments[1], found.type), _value(cx, arguments[2], found.type)
        if old.type is ERROR or new.type is ERROR:
            return ErrorExpr(span)
        t: CType = found.type if result == "old" else BOOL
        return BuiltinCall(
            "atomic_cmpxchg",
            [found.pointer, old, new],
            t,
            span,
            {"result": result, "order": SEQ_CST},
        )

    return handle


def _compare_exchange(name: str, by_value: bool) -> Handler:
    """``__atomic_compare_exchange_n(p, &expected, desired, weak, success, failure)``."""

    def handle(cx: Context, node: Any, arguments: list[Any], span: Span | None) -> Expr:
        if not _arguments(cx, name, node, arguments, 5):
            return ErrorExpr(span)
        found = _object(cx, arguments[0], name)
        if found is None or not sized(cx, found, span_of(arguments[0])):
            return ErrorExpr(span)
        pointer = PointerType(found.type)
        expected = assign(cx, cx.expr(arguments[1]), Target("passing", pointer))
        if by_value:
            desired = _value(cx, arguments[2], found.type)
        else:
            where = assign(cx, cx.expr(arguments[2]), Target("passing", pointer))
            desired = rvalue(cx, Deref(where, found.type, where.span))
        if expected.type is ERROR or desired.type is ERROR:
            return ErrorExpr(span)
        order = _order(cx, arguments[4 if len(arguments) > 5 else 3])
        return BuiltinCall(
            "atomic_compare", [found.pointer, expected, desired], BOOL, span, {"order": order}
        )

    return handle


def _load(name: str, by_value: bool) -> Handler:
    def handle(cx: Context, node: Any, arguments: list[Any], span: Span | None) -> Expr:
        if not _arguments(cx, name, node, arguments, 2 if by_value else 3):
            return ErrorExpr(span)
        found = _object(cx, arguments[0], name)
        if found is None:
            return ErrorExpr(span)
        order = _order(cx, arguments[-1])
        loaded = BuiltinCall("atomic_load", [found.pointer], found.type, span, {"order": order})
        if by_value:
            return loaded
        pointer = assign(cx, cx.expr(arguments[1]), Target("passing", PointerType(found.type)))
        if pointer.type is ERROR:
            return ErrorExpr(span)
        stored = Assign(Deref(pointer, found.type, span), loaded, found.type, span)
        return Cast("void", stored, VOID, span)

    return handle


def _store(name: str, by_value: bool) -> Handler:
    def handle(cx: Context, node: Any, arguments: list[Any], span: Span | None) -> Expr:
        if not _arguments(cx, name, node, arguments, 3):
            return ErrorExpr(span)
        found = _object(cx, arguments[0], name)
        if found is None:
            return ErrorExpr(span)
        if by_value:
            value = _value(cx, arguments[1], found.type)
        else:
            pointer = assign(cx, cx.expr(arguments[1]), Target("passing", PointerType(found.type)))
            value = rvalue(cx, Deref(pointer, found.type, pointer.span))
        if value.type is ERROR:
            return ErrorExpr(span)
        return BuiltinCall(
            "atomic_store",
            [found.pointer, value],
            VOID,
            span,
            {"order": _order(cx, arguments[2])},
        )

    return handle


def _fence(cx: Context, node: Any, arguments: list[Any], span: Span | None) -> Expr:
    order = _order(cx, arguments[0]) if arguments else SEQ_CST
    return BuiltinCall("fence", [], VOID, span, {"order": order})


def _release(cx: Context, node: Any, arguments: list[Any], span: Span | None) -> Expr:
    """``__sync_lock_release(p)``: a store of zero."""
    if not _arguments(cx, "__sync_lock_release", node, arguments, 1):
        return ErrorExpr(span)
    found = _object(cx, arguments[0], "__sync_lock_release")
    if found is None:
        return ErrorExpr(span)
    zero = IntConst(found.type, 0, span)
    return BuiltinCall("atomic_store", [found.pointer, zero], VOID, span, {"order": 3})


def _lock_free(cx: Context, node: Any, arguments: list[Any], span: Span | None) -> Expr:
    size = evaluate_int(rvalue(cx, cx.expr(arguments[0]))) if arguments else None
    return IntConst(INT, int(size in (4, 8)), span)


def _flag(cx: Context, node: Any, arguments: list[Any], span: Span | None) -> Expr:
    return cx.wrong(
        "bpf-atomic",
        "byte-sized atomic flags are not available in BPF",
        span,
    )


def _table() -> dict[str, Handler]:
    table: dict[str, Handler] = {
        "__sync_synchronize": _fence,
        "__atomic_thread_fence": _fence,
        "__atomic_signal_fence": _fence,
        "__c11_atomic_thread_fence": _fence,
        "__c11_atomic_signal_fence": _fence,
        "__sync_lock_release": _release,
        "__atomic_always_lock_free": _lock_free,
        "__atomic_is_lock_free": _lock_free,
        "__atomic_test_and_set": _flag,
        "__atomic_clear": _flag,
    }
    for op in ("add", "sub", "and", "or", "xor", "nand"):
        for name, new in ((f"__sync_fetch_and_{op}", False), (f"__sync_{op}_and_fetch", True)):
            table[name] = _fetch(name, op, new, None)
        for name, new in ((f"__atomic_fetch_{op}", False), (f"__atomic_{op}_fetch", True)):
            table[name] = _fetch(name, op, new, 2)
        table[f"__c11_atomic_fetch_{op}"] = _fetch(f"__c11_atomic_fetch_{op}", op, False, 2)
    table["__sync_lock_test_and_set"] = _exchange("__sync_lock_test_and_set", None)
    table["__sync_swap"] = _exchange("__sync_swap", None)
    table["__sync_val_compare_and_swap"] = _compare_and_swap("__sync_val_compare_and_swap", "old")
    table["__sync_bool_compare_and_swap"] = _compare_and_swap(
        "__sync_bool_compare_and_swap", "bool"
    )
    for prefix in ("__atomic_", "__c11_atomic_"):
        n = "_n" if prefix == "__atomic_" else ""
        table[prefix + "exchange" + n] = _exchange(prefix + "exchange" + n, 2)
        table[prefix + "load" + n] = _load(prefix + "load" + n, True)
        table[prefix + "store" + n] = _store(prefix + "store" + n, True)
    table["__atomic_load"] = _load("__atomic_load", False)
    table["__atomic_store"] = _store("__atomic_store", False)
    table["__atomic_compare_exchange_n"] = _compare_exchange("__atomic_compare_exchange_n", True)
    table["__atomic_compare_exchange"] = _compare_exchange("__atomic_compare_exchange", False)
    for kind in ("strong", "weak"):
        name = f"__c11_atomic_compare_exchange_{kind}"
        table[name] = _compare_exchange(name, True)
    return table


ATOMICS = _table()
