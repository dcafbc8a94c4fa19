"""Compiler builtins: bits, memory, overflow, constants (GCC manual chapter 6; clang's list)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...support.diagnostics import FixIt
from ..ctype.layout import is_complete, size_of
from ..ctype.printing import quoted
from ..ctype.promotion import integer_of, wrap
from ..ctype.relations import compatible, qualify
from ..ctype.types import (
    BOOL,
    INT,
    LLONG,
    LONG,
    UCHAR,
    UINT,
    ULLONG,
    ULONG,
    USHORT,
    VOID,
    VOID_PTR,
    ArrayType,
    CType,
    FuncType,
    IntType,
    PointerType,
    VoidType,
    strip,
)
from ..syntax import nodes as n
from ..tast.evaluate import evaluate, evaluate_int
from ..tast.nodes import (
    AddressOf,
    Assign,
    Binary,
    BuiltinCall,
    Call,
    Cast,
    Comma,
    CompoundAssign,
    Conditional,
    Expr,
    FuncSymbol,
    IncDec,
    Index,
    IntConst,
    Member,
    StmtExpr,
    StringLit,
    Unary,
    VarRef,
)
from .atomics import ATOMICS
from .casts import condition
from .context import span_of
from .conversions import assign, rvalue
from .core_builtins import CORE
from .implicit import Target
from .restrictions import no_variadic
from .symbols import ERROR, ErrorExpr

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ...support.source import Span
    from .context import Context

    Handler = Callable[[Context, Any, list[Any], Span | None], Expr]

_MEMORY: dict[str, tuple[CType, list[CType]]] = {
    "memcpy": (VOID_PTR, [VOID_PTR, PointerType(qualify(VOID, 1)), ULONG]),
    "memmove": (VOID_PTR, [VOID_PTR, PointerType(qualify(VOID, 1)), ULONG]),
    "memset": (VOID_PTR, [VOID_PTR, INT, ULONG]),
    "memcmp": (INT, [PointerType(qualify(VOID, 1)), PointerType(qualify(VOID, 1)), ULONG]),
}


# --------------------------------------------------------------------------- plumbing
def argument_count(
    cx: Context, node: Any, arguments: list[Any], low: int, high: int | None = None
) -> bool:
    """Check the number of arguments of a builtin (``high`` None: exactly ``low``)."""
    have = len(arguments)
    high = low if high is None else high
    if low <= have <= high:
        return True
    few = have < low
    want = low if few else high
    cx.error(
        "c-argument-count",
        f"too {'few' if few else 'many'} arguments to function call, expected {want}, have {have}",
        span_of(node),
    )
    return False


def typed(cx: Context, node: Any, arguments: list[Any], params: list[CType]) -> list[Expr] | None:
    """Check and convert arguments to the given types; None after an error."""
    if not argument_count(cx, node, arguments, len(params)):
        return None
    values = [
        assign(cx, cx.expr(argument), Target("passing", t))
        for argument, t in zip(arguments, params)
    ]
    return None if any(v.type is ERROR for v in values) else values


# --------------------------------------------------------------------------- bits
def _bits(name: str, t: IntType, result: CType) -> Handler:
    def handle(cx: Context, node: Any, arguments: list[Any], span: Span | None) -> Expr:
        values = typed(cx, node, arguments, [t])
        if values is None:
            return ErrorExpr(span)
        value = values[0]
        if isinstance(value, IntConst):
            known = _fold_bits(name, value.value & ((1 << t.size * 8) - 1), t.size * 8)
            if known is not None:
                return IntConst(result, known, span)
        return BuiltinCall(name, [value], result, span)

    return handle


def _fold_bits(name: str, value: int, bits: int) -> int | None:
    if name == "bswap":
        return int.from_bytes(value.to_bytes(bits // 8, "little"), "big")
    if name == "popcount":
        return value.bit_count()
    if name == "parity":
        return value.bit_count() & 1
    if name == "ffs":
        return (value & -value).bit_length()
    if value == 0:
        return None  # ctz and clz of zero are undefined
    if name == "ctz":
        return (value & -value).bit_length() - 1
    return bits - value.bit_length()


def _rotate(name: str, t: IntType) -> Handler:
    def handle(cx: Context, node: Any, arguments: list[Any], span: Span | None) -> Expr:
        values = typed(cx, node, arguments, [t, t])
        if values is None:
            return ErrorExpr(span)
        a, b = values
        if isinstance(a, IntConst) and isinstance(b, IntConst):
            bits = t.size * 8
            count = b.value % bits
            count = count if name == "rotate_left" else -count % bits
            value = (a.value << count | a.value >> (bits - count)) & ((1 << bits) - 1)
            return IntConst(t, value, span)
        return BuiltinCall(name, values, t, span)

    return handle


def _abs(t: IntType) -> Handler:
    def handle(cx: Context, node: Any, arguments: list[Any], span: Span | None) -> Expr:
        values = typed(cx, node, arguments, [t])
        if values is None:
            return ErrorExpr(span)
        if isinstance(values[0], IntConst):
            return IntConst(t, wrap(abs(values[0].value), t), span)
        return BuiltinCall("abs", values, t, span)

    return handle


# --------------------------------------------------------------------------- memory
def _memory(name: str) -> Handler:
    result, params = _MEMORY[name]

    def handle(cx: Context, node: Any, arguments: list[Any], span: Span | None) -> Expr:
        values = typed(cx, node, arguments, params)
        if values is None:
            return ErrorExpr(span)
        _check_sizeof(cx, name, arguments, span)
        _check_memory(cx, name, values, span)
        return BuiltinCall(name, values, result, span)

    return handle


def _check_sizeof(cx: Context, name: str, arguments: list[Any], span: Span | None) -> None:
    """Warn about ``memset(p, 0, sizeof(p))`` with a pointer p (-Wsizeof-pointer-memaccess)."""
    size = arguments[2]
    if size.__class__ is not n.UnaryOp or size.op != "sizeof" or size.expr.__class__ is not n.ID:
        return
    if any(a.__class__ is n.ID and a.name == size.expr.name for a in arguments[:2]):
        cx.unevaluated += 1
        t = cx.expr(size.expr).type
        cx.unevaluated -= 1
        pointer = strip(t)
        if isinstance(pointer, PointerType) and not isinstance(strip(pointer.to), VoidType):
            cx.warning(
                "sizeof-pointer-memaccess",
                f"'{name}' call operates on objects of type {quoted(pointer.to)} while the size "
                f"is based on a different type {quoted(t)}",
                span_of(size),
                fixits=[FixIt(f"sizeof(*{size.expr.name})")],
            )


def _check_memory(cx: Context, name: str, values: list[Expr], span: Span | None) -> None:
    """Warn about writes behind the destination, and arguments of memset in the wrong order."""
    size = values[2]
    if not isinstance(size, IntConst) or name == "memcmp":
        return
    fill = values[1]
    if name == "memset" and size.value == 0:
        if not (isinstance(fill, IntConst) and fill.value == 0):
            cx.warning(
                "memset-transposed-args",
                "'size' argument to memset is '0'; did you mean to transpose the last two "
                "arguments?",
                size.span,
            )
        return
    room = object_room(values[0])
    if room is not None and size.value > room:
        cx.runtime_warning(
            "fortify-source",
            f"'{name}' will always overflow; destination buffer has size {room}, but size "
            f"argument is {size.value}",
            span,
        )


def object_room(pointer: Expr) -> int | None:
    """Return the bytes from where ``pointer`` points to the end of its variable, if known."""
    while isinstance(pointer, Cast) and pointer.kind in ("pointer", "same"):
        pointer = pointer.operand
    offset = 0
    e: Expr = pointer
    if isinstance(e, AddressOf) or (isinstance(e, Cast) and e.kind == "decay"):
        e = e.operand
    else:
        return None
    while isinstance(e, (Member, Index)):
        if isinstance(e, Member):
            offset += e.field.offset // 8
            e = e.base
            continue
        if not isinstance(e.index, IntConst):
            return None
        offset += e.index.value * size_of(e.type)
        if not isinstance(e.pointer, Cast) or e.pointer.kind != "decay":
            return None
        e = e.pointer.operand
    if not isinstance(e, VarRef) or not is_complete(e.type):
        return None
    return max(e.symbol.extent or size_of(e.type), offset) - offset


# --------------------------------------------------------------------------- values and flow
def _expect(cx: Context, node: Any, arguments: list[Any], span: Span | None) -> Expr:
    values = typed(cx, node, arguments[:2], [LONG, LONG])
    if values is None:
        return ErrorExpr(span)
    if isinstance(values[0], IntConst):
        return IntConst(LONG, values[0].value, span)
    return BuiltinCall("expect", values, LONG, span)


def has_effects(e: Expr) -> bool:
    """Return whether evaluating ``e`` may do something besides giving a value."""
    if isinstance(e, (Assign, CompoundAssign, IncDec, Call, StmtExpr, BuiltinCall)):
        return not (isinstance(e, BuiltinCall) and e.name in ("bswap", "constant_p", "expect"))
    if isinstance(e, (Cast, Unary)):
        return has_effects(e.operand)
    if isinstance(e, (Binary, Comma)):
        return has_effects(e.left) or has_effects(e.right)
    if isinstance(e, Conditional):
        return any(x is not None and has_effects(x) for x in (e.cond, e.then, e.otherwise))
    return False


def _constant_p(cx: Context, node: Any, arguments: list[Any], span: Span | None) -> Expr:
    """1 if known now; 0 if it can never be; else lower decides once all is inlined."""
    if not argument_count(cx, node, arguments, 1):
        return ErrorExpr(span)
    cx.unevaluated += 1
    e = cx.expr(arguments[0])
    cx.unevaluated -= 1
    if e.type is ERROR:
        return ErrorExpr(span)
    e = rvalue(cx, e)
    if isinstance(e, IntConst):
        return IntConst(INT, 1, span)
    if isinstance(e, Cast) and isinstance(e.operand, StringLit):
        return IntConst(INT, 1, span)
    if isinstance(evaluate(e), (int, float)):
        return IntConst(INT, 1, span)
    if has_effects(e) or integer_of(e.type) is None or cx.function is None or not _local(e):
        return IntConst(INT, 0, span)
    cx.expr(arguments[0])  # evaluated after all, if only to ask whether it is constant
    return BuiltinCall("constant_p", [e], INT, span)


def _local(e: Expr) -> bool:
    """Whether ``e`` is made of locals and constants, which inlining may turn into constants."""
    if isinstance(e, IntConst):
        return True
    if isinstance(e, VarRef):
        return e.symbol.storage == "auto"
    if isinstance(e, (Cast, Unary)):
        return _local(e.operand)
    if isinstance(e, (Binary, Comma)):
        return _local(e.left) and _local(e.right)
    if isinstance(e, Member):
        return _local(e.base)
    if isinstance(e, BuiltinCall):
        return all(_local(a) for a in e.args)
    if isinstance(e, Conditional):
        return all(x is None or _local(x) for x in (e.cond, e.then, e.otherwise))
    return False


def _no_value(name: str) -> Handler:
    def handle(cx: Context, node: Any, arguments: list[Any], span: Span | None) -> Expr:
        if not argument_count(cx, node, arguments, 0):
            return ErrorExpr(span)
        return BuiltinCall(name, [], VOID, span)

    return handle


def _ignored(result: CType) -> Handler:
    """A hint that means nothing here; its arguments are evaluated for their effects."""

    def handle(cx: Context, node: Any, arguments: list[Any], span: Span | None) -> Expr:
        values = [rvalue(cx, cx.expr(argument)) for argument in arguments]
        if any(v.type is ERROR for v in values):
            return ErrorExpr(span)
        found: Expr = Cast("void", IntConst(INT, 0, span), VOID, span)
        for value in reversed(values):
            if has_effects(value):
                found = Comma(value, found, span)
        return found

    return handle


def _assume(cx: Context, node: Any, arguments: list[Any], span: Span | None) -> Expr:
    if not argument_count(cx, node, arguments, 1):
        return ErrorExpr(span)
    cx.unevaluated += 1
    e = condition(cx, cx.expr(arguments[0]))
    cx.unevaluated -= 1
    if e.type is ERROR:
        return ErrorExpr(span)
    return Cast("void", IntConst(INT, 0, span), VOID, span)


def _first(cx: Context, node: Any, arguments: list[Any], span: Span | None) -> Expr:
    """``assume_aligned``, ``launder``: the first argument itself."""
    if not arguments:
        argument_count(cx, node, arguments, 1)
        return ErrorExpr(span)
    for extra in arguments[1:]:
        cx.expr(extra)
    return rvalue(cx, cx.expr(arguments[0]))


def _object_size(cx: Context, node: Any, arguments: list[Any], span: Span | None) -> Expr:
    """The bytes behind a pointer if they are plain to see, else "unknown"."""
    if not argument_count(cx, node, arguments, 2):
        return ErrorExpr(span)
    cx.unevaluated += 1
    e = rvalue(cx, cx.expr(arguments[0]))
    kind = evaluate(rvalue(cx, cx.expr(arguments[1])))
    cx.unevaluated -= 1
    unknown = 0 if kind in (2, 3) else (1 << 64) - 1
    if isinstance(e, Cast) and e.kind == "pointer":
        e = e.operand
    if isinstance(e, (AddressOf, Cast)) and is_complete(e.operand.type):
        if isinstance(e, AddressOf) or e.kind == "decay":
            unknown = size_of(e.operand.type)
    return IntConst(ULONG, unknown, span)


def _text(e: Expr) -> bytes | None:
    """Return the characters of a string literal (without the final zero); None of all else."""
    while isinstance(e, Cast):
        e = e.operand
    if not isinstance(e, StringLit):
        return None
    array = strip(e.type)
    if not isinstance(array, ArrayType) or size_of(array.elem) != 1:
        return None
    return e.data.split(b"\0", 1)[0]


def _of_texts(name: str, result: IntType, fold: Callable[..., int], numbers: int = 0) -> Handler:
    """``__builtin_strlen`` and its kin: of literals they fold; nothing else is available.

    ``fold`` takes the texts and then ``numbers`` constants.
    """

    def handle(cx: Context, node: Any, arguments: list[Any], span: Span | None) -> Expr:
        count = fold.__code__.co_argcount
        if not argument_count(cx, node, arguments, count):
            return ErrorExpr(span)
        values = [rvalue(cx, cx.expr(argument)) for argument in arguments]
        if any(e.type is ERROR for e in values):
            return ErrorExpr(span)
        known: list[object] = [_text(e) for e in values[: count - numbers]]
        known += [evaluate_int(e) for e in values[count - numbers :]]
        if None not in known:
            return IntConst(result, fold(*known), span)
        return cx.wrong(
            "bpf-unknown-function",
            f"{name}() does not exist in BPF programs",
            span_of(node.name),
            fixits=[FixIt(_INSTEAD.get(name, "compare with __builtin_memcmp() or in a loop"))],
        )

    return handle


_INSTEAD = {"strlen": "write a bounded loop; for a literal use sizeof(s) - 1"}


def _length(text: bytes) -> int:
    return len(text)


def _order_of(a: bytes, b: bytes) -> int:
    return (a > b) - (a < b)


def _order_of_starts(a: bytes, b: bytes, size: int) -> int:
    return _order_of(a[:size], b[:size])


def _overflow(op: str, fixed: CType | None = None) -> Handler:
    """``__builtin_add_overflow`` and its kin (the exact result, wrapped, and whether it fits)."""

    def handle(cx: Context, node: Any, arguments: list[Any], span: Span | None) -> Expr:
        if not argument_count(cx, node, arguments, 3):
            return ErrorExpr(span)
        a, b = (rvalue(cx, cx.expr(x)) for x in arguments[:2])
        pointer = rvalue(cx, cx.expr(arguments[2]))
        if any(e.type is ERROR for e in (a, b, pointer)):
            return ErrorExpr(span)
        target = strip(pointer.type)
        for e, where in zip((a, b), arguments):
            if integer_of(e.type) is None:
                return cx.wrong(
                    "c-operands",
                    f"operand argument to overflow builtin must be an integer "
                    f"({quoted(e.type)} invalid)",
                    span_of(where),
                )
        if not isinstance(target, PointerType) or integer_of(target.to) in (None, BOOL):
            return cx.wrong(
                "c-operands",
                "result argument to overflow builtin must be a pointer to a non-const integer "
                f"({quoted(pointer.type)} invalid)",
                span_of(arguments[2]),
            )
        if fixed is not None:
            a = assign(cx, a, Target("passing", fixed))
            b = assign(cx, b, Target("passing", fixed))
        return BuiltinCall(op + "_overflow", [a, b, pointer], BOOL, span)

    return handle


def _refused(id: str, message: str, advice: str) -> Handler:
    def handle(cx: Context, node: Any, arguments: list[Any], span: Span | None) -> Expr:
        for argument in arguments:
            cx.expr(argument)
        return cx.wrong(id, message, span_of(node.name), fixits=[FixIt(advice)])

    return handle


def _variadic(cx: Context, node: Any, arguments: list[Any], span: Span | None) -> Expr:
    """``va_start`` and its kin: what is wrong is the function that they stand in."""
    for argument in arguments:
        cx.expr(argument)
    return no_variadic(cx, span)


_NO_ALLOCA = _refused(
    "bpf-unsupported-c",
    "the stack cannot grow at run time in BPF",
    "use an array of constant size, or keep the buffer in a map value",
)


def _known(result: IntType, value: int) -> Handler:
    def handle(cx: Context, node: Any, arguments: list[Any], span: Span | None) -> Expr:
        for argument in arguments:
            cx.expr(argument)
        return IntConst(result, value, span)

    return handle


def _types_p(cx: Context, node: Any, arguments: list[Any], span: Span | None) -> Expr:
    """``__builtin_classify_type``: 1 for integers, 5 for pointers, 12 for records."""
    if not argument_count(cx, node, arguments, 1):
        return ErrorExpr(span)
    cx.unevaluated += 1
    e = rvalue(cx, cx.expr(arguments[0]))
    cx.unevaluated -= 1
    real = strip(e.type)
    number = 1 if integer_of(real) is not None else 5 if isinstance(real, PointerType) else 12
    return IntConst(INT, number, span)


def _table() -> dict[str, Handler]:
    table: dict[str, Handler] = {
        "expect": _expect,
        "expect_with_probability": _expect,
        "constant_p": _constant_p,
        "trap": _no_value("trap"),
        "unreachable": _no_value("unreachable"),
        "debugtrap": _no_value("trap"),
        "assume": _assume,
        "prefetch": _ignored(VOID),
        "assume_aligned": _first,
        "launder": _first,
        "object_size": _object_size,
        "dynamic_object_size": _object_size,
        "strlen": _of_texts("strlen", ULONG, _length),
        "strcmp": _of_texts("strcmp", INT, _order_of),
        "strncmp": _of_texts("strncmp", INT, _order_of_starts, 1),
        "classify_type": _types_p,
        "alloca": _NO_ALLOCA,
        "alloca_with_align": _NO_ALLOCA,
        "va_start": _variadic,
        "va_end": _variadic,
        "va_copy": _variadic,
        "setjmp": _refused(
            "bpf-unsupported-c", "setjmp is not available in BPF", "return an error code"
        ),
        "longjmp": _refused(
            "bpf-unsupported-c", "longjmp is not available in BPF", "return an error code"
        ),
        "frame_address": _refused(
            "bpf-unsupported-c",
            "the frame address is not available in BPF",
            "use the address of a local variable",
        ),
        "return_address": _refused(
            "bpf-unsupported-c",
            "the return address is not available in BPF",
            "use bpf_get_func_ip() for the probed function",
        ),
        "is_constant_evaluated": _known(BOOL, 0),
    }
    for name in _MEMORY:
        table[name] = _memory(name)
    table["memcpy_inline"] = _memory("memcpy")
    table["memset_inline"] = _memory("memset")
    table["bcmp"] = _memory("memcmp")
    for bits, t in ((16, USHORT), (32, UINT), (64, ULONG)):
        table[f"bswap{bits}"] = _bits("bswap", t, t)
    for bits, t in ((8, UCHAR), (16, USHORT), (32, UINT), (64, ULONG)):
        table[f"rotateleft{bits}"] = _rotate("rotate_left", t)
        table[f"rotateright{bits}"] = _rotate("rotate_right", t)
    for name in ("ctz", "clz", "popcount", "parity", "ffs"):
        for suffix, t in (("", UINT), ("l", ULONG), ("ll", ULLONG)):
            table[name + suffix] = _bits(name, t, INT)
    table["abs"], table["labs"], table["llabs"] = _abs(INT), _abs(LONG), _abs(LLONG)
    for name, op in (("add", "add"), ("sub", "sub"), ("mul", "mul")):
        table[f"{name}_overflow"] = _overflow(op)
        for prefix, kinds in (("s", (INT, LONG, LLONG)), ("u", (UINT, ULONG, ULLONG))):
            for suffix, t in zip(("", "l", "ll"), kinds):
                table[f"{prefix}{name}{suffix}_overflow"] = _overflow(op, t)
    return table


_TABLE = _table()


def find(name: str) -> Handler | None:
    """Return what handles a call of the undeclared function ``name``, if it is a builtin."""
    if name.startswith("__builtin_"):
        short = name[10:]
        return _TABLE.get(short) or CORE.get(short)
    if name.startswith("__") and name[2:].startswith(("sync_", "atomic_", "c11_atomic_")):
        return ATOMICS.get(name)
    return None


def is_builtin(name: str) -> bool:
    """Return whether ``name`` is a builtin of ours (``__has_builtin``)."""
    return find(name) is not None or name in (
        "__builtin_offsetof",
        "__builtin_types_compatible_p",
        "__builtin_choose_expr",
    )


def library_type(name: str) -> FuncType | None:
    """Return the type of a C library function that is expanded inline, else None."""
    known = _MEMORY.get(name)
    if known is None:
        return None
    return FuncType(known[0], [("", t) for t in known[1]])


def library(
    cx: Context, symbol: FuncSymbol, node: Any, arguments: list[Any], span: Span | None
) -> Expr | None:
    """Expand a call of ``memcpy`` and its kin by name; None: an ordinary call."""
    handler = _TABLE.get(symbol.builtin) if symbol.body is None else None
    if handler is None or symbol.builtin not in _MEMORY:
        return None
    symbol.used = True
    return handler(cx, node, arguments, span)


def new_function(cx: Context, symbol: FuncSymbol) -> None:
    """Recognise a declaration of a library function that is expanded inline."""
    known = library_type(symbol.name)
    if known is not None and "no-builtin" not in cx.options.flags:
        if isinstance(symbol.type, FuncType) and compatible(symbol.type, known):
            symbol.builtin = symbol.name
