"""Types from their syntax: specifiers, declarators, type names (C17 6.7.2, 6.7.6, 6.7.7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...support.diagnostics import FixIt, Note
from ..ctype.layout import MAX_OBJECT, align_of, is_complete, size_of
from ..ctype.printing import quoted, spell
from ..ctype.promotion import integer_of
from ..ctype.relations import (
    ATOMIC,
    CONST,
    RESTRICT,
    VOLATILE,
    compatible,
    pointer_to,
    qualify,
    split,
    unqualified,
)
from ..ctype.types import (
    BOOL,
    CHAR,
    DOUBLE,
    FLOAT,
    INT,
    INT128,
    LLONG,
    LONG,
    LONG_DOUBLE,
    SCHAR,
    SHORT,
    UCHAR,
    UINT,
    UINT128,
    ULLONG,
    ULONG,
    USHORT,
    VOID,
    VOID_PTR,
    ArrayType,
    CType,
    FuncType,
    PointerType,
    RecordType,
    VoidType,
    strip,
)
from ..syntax.nodes import (
    ID,
    ArrayDecl,
    BitInt,
    EllipsisParam,
    Enum,
    FuncDecl,
    IdentifierType,
    PtrDecl,
    Struct,
    TypeDecl,
    Typename,
    TypeOf,
    Union,
)
from ..tast.evaluate import evaluate
from .attributes import apply_to_type, read
from .context import at_of, span_of
from .conversions import rvalue
from .records import enum_type, record_type
from .symbols import ERROR, Scope, TypeName

if TYPE_CHECKING:
    from typing import Any

    from ...support.source import Span
    from .context import Context

VLA_ADVICE = "use a constant size, or keep the buffer in a map value"

# Sorted type words -> type (C17 6.7.2p2; the words may come in any order).
_WORDS: dict[str, CType] = {
    "void": VOID,
    "_Bool": BOOL,
    "char": CHAR,
    "char signed": SCHAR,
    "char unsigned": UCHAR,
    "short": SHORT,
    "int short": SHORT,
    "short signed": SHORT,
    "int short signed": SHORT,
    "short unsigned": USHORT,
    "int short unsigned": USHORT,
    "int": INT,
    "signed": INT,
    "int signed": INT,
    "unsigned": UINT,
    "int unsigned": UINT,
    "long": LONG,
    "int long": LONG,
    "long signed": LONG,
    "int long signed": LONG,
    "long unsigned": ULONG,
    "int long unsigned": ULONG,
    "long long": LLONG,
    "int long long": LLONG,
    "long long signed": LLONG,
    "int long long signed": LLONG,
    "long long unsigned": ULLONG,
    "int long long unsigned": ULLONG,
    "__int128": INT128,
    "__int128 signed": INT128,
    "__int128 unsigned": UINT128,
    "float": FLOAT,
    "double": DOUBLE,
    "double long": LONG_DOUBLE,
    "__builtin_va_list": VOID_PTR,
    "__float128": LONG_DOUBLE,
    "_Float128": LONG_DOUBLE,
    "_Float64": DOUBLE,
    "_Float32": FLOAT,
    "_Float32x": DOUBLE,
    "_Float64x": LONG_DOUBLE,
}
_QUALS = {"const": CONST, "volatile": VOLATILE, "restrict": RESTRICT, "_Atomic": ATOMIC}


def qualifier_bits(words: list[str]) -> int:
    """Return the qualifier set of qualifier words."""
    bits = 0
    for word in words:
        bits |= _QUALS.get(word, 0)
    return bits


def type_of(cx: Context, node: Any, name: str = "") -> CType:
    """Resolve a type node; ``name`` is what is being declared, for messages."""
    kind = node.__class__
    if kind is TypeDecl:
        return _base(cx, node, name)
    if kind is PtrDecl:
        return _pointer(cx, node, name)
    if kind is ArrayDecl:
        return _array(cx, node, name)
    if kind is FuncDecl:
        return function_type(cx, node, name)
    if kind is Typename:
        return type_of(cx, node.type, name)
    return specifier(cx, node)


def _base(cx: Context, node: Any, name: str) -> CType:
    t = specifier(cx, node.type)
    if node.attributes:
        t = apply_to_type(cx, t, read(cx, node.attributes))
    if node.quals:
        bits = qualifier_bits(node.quals)
        if bits & RESTRICT and not isinstance(strip(t), PointerType):
            if strip(t) is not ERROR:
                cx.error(
                    "c-restrict",
                    f"restrict requires a pointer ({quoted(t)} is invalid)",
                    span_of(node),
                )
            bits &= ~RESTRICT
        t = qualify(t, bits)
    return t


def _pointer(cx: Context, node: Any, name: str) -> CType:
    to = type_of(cx, node.type, name)
    t: CType = pointer_to(to) if to is not ERROR else ERROR
    if node.attributes:
        t = apply_to_type(cx, t, read(cx, node.attributes))
    if node.quals:
        t = qualify(t, qualifier_bits(node.quals))
    return t


# --------------------------------------------------------------------------- specifiers
def specifier(cx: Context, node: Any) -> CType:
    """Resolve the type specifier at the bottom of a declarator."""
    kind = node.__class__
    if kind is IdentifierType:
        return named(cx, node)
    if kind is Struct or kind is Union or kind is Enum or kind is TypeOf:
        cached = cx.declared_types.get(id(node))
        if cached is not None:
            return cached[1]
        if kind is TypeOf:
            t = _typeof(cx, node)
        elif kind is Enum:
            t = enum_type(cx, node)
        else:
            t = record_type(cx, node)
        cx.declared_types[id(node)] = (node, t)
        return t
    if kind is BitInt:
        cx.error(
            "c-unsupported",
            "_BitInt is not supported",
            span_of(node),
            fixits=[FixIt("use a standard integer type, masked to the width")],
        )
        return ERROR
    return type_of(cx, node)


def named(cx: Context, node: Any) -> CType:
    """Resolve type words or a typedef name."""
    names: list[str] = node.names
    if len(names) == 1:
        word = names[0]
        found = _WORDS.get(word)
        if found is not None:
            return cx.char if found is CHAR else found
        return _typedef(cx, node, word)
    if not names:
        cx.warning(
            "implicit-int",
            "type specifier missing, defaults to 'int'; ISO C99 and later do not support "
            "implicit int",
            span_of(node),
        )
        return INT
    found = _WORDS.get(" ".join(sorted(names)))
    if found is not None:
        return found
    if "_Complex" in names:
        cx.error("bpf-unsupported-c", "complex numbers are not available in BPF", span_of(node))
    else:
        cx.error("c-type-words", f"cannot combine '{' '.join(names)}' into a type", span_of(node))
    return ERROR


def _typedef(cx: Context, node: Any, word: str) -> CType:
    symbol = cx.lookup(word)
    if isinstance(symbol, TypeName):
        symbol.used = True
        if symbol.deprecated is not None:
            cx.warning("deprecated-declarations", f"'{word}' is deprecated", span_of(node))
        return symbol.type
    if word == "__auto_type":
        return ERROR  # declarations handle it; elsewhere the parser has reported it
    fixits = None
    message = f"unknown type name '{word}'"
    near = cx.demand.similar_type(word) if cx.demand is not None else None
    if near is not None:
        message += f"; did you mean '{near}'?"
        fixits = [FixIt(near, span_of(node))]
    cx.error("c-unknown-type", message, span_of(node), fixits=fixits)
    return ERROR


def _typeof(cx: Context, node: Any) -> CType:
    operand = node.operand
    if operand.__class__ is Typename:
        t = type_of(cx, operand)
        if node.op == "_Atomic":
            return qualify(t, ATOMIC)
    else:
        cx.unevaluated += 1
        e = cx.expr(operand)
        cx.unevaluated -= 1
        t = e.type
    return unqualified(t) if node.op == "typeof_unqual" else t


# --------------------------------------------------------------------------- arrays
def _array(cx: Context, node: Any, name: str) -> CType:
    elem = type_of(cx, node.type, name)
    if not valid_element(cx, elem, node, name):
        return ERROR
    if node.dim is None:
        return ArrayType(elem, None)
    if node.dim.__class__ is ID and node.dim.name == "*":
        cx.error(
            "c-star-array", "star modifier used outside of function prototype", span_of(node.dim)
        )
        return ERROR
    count = array_count(cx, node.dim, name)
    if count is None:
        return ERROR
    if count and is_complete(elem) and size_of(elem) * count >= MAX_OBJECT:
        cx.error("c-array-size", f"array is too large ({count} elements)", span_of(node.dim))
        return ERROR
    return ArrayType(elem, count)


def valid_element(cx: Context, elem: CType, node: Any, name: str) -> bool:
    """Check the element type of an array (6.7.6.2p1)."""
    if elem is ERROR:
        return False
    real = strip(elem)
    if isinstance(real, FuncType):
        cx.error("c-array-element", f"'{name}' declared as array of functions", at_of(node))
        return False
    if not is_complete(elem):
        cx.error("c-incomplete", f"array has incomplete element type {quoted(elem)}", at_of(node))
        return False
    size, align = size_of(elem), align_of(elem)
    if size % align:
        cx.error(
            "c-array-element",
            f"size of array element of type {quoted(elem)} ({size} bytes) isn't a multiple of its "
            f"alignment ({align} bytes)",
            at_of(node),
        )
        return False
    return True


def array_count(cx: Context, dim: Any, name: str) -> int | None:
    """Evaluate an array size. Reports: sizes that are no constants, negative ones."""
    cx.unevaluated += 1
    e = rvalue(cx, cx.expr(dim))
    cx.unevaluated -= 1
    if e.type is ERROR:
        return None
    if integer_of(e.type) is None:
        cx.error(
            "c-array-size",
            f"size of array has non-integer type {quoted(e.type)}",
            span_of(dim),
        )
        return None
    value = evaluate(e)
    if not isinstance(value, int):
        what = f"the size of '{name}' is not a constant" if name else "not a constant size"
        cx.error(
            "bpf-unsupported-c",
            f"variable length arrays are not available in BPF: {what}",
            span_of(dim),
            fixits=[FixIt(VLA_ADVICE)],
            kernel="unsupported dynamic stack allocation",
        )
        return None
    if value < 0:
        cx.error(
            "c-array-size",
            f"'{name}' declared as an array with a negative size"
            if name
            else "array size is negative",
            span_of(dim),
        )
        return None
    return value


# --------------------------------------------------------------------------- functions
def function_type(cx: Context, node: Any, name: str) -> CType:
    """Resolve ``T name(parameters)`` (6.7.6.3)."""
    ret = type_of(cx, node.type, name)
    real = strip(ret)
    if isinstance(real, (ArrayType, FuncType)):
        what = "array" if isinstance(real, ArrayType) else "function"
        message = f"function cannot return {what} type {quoted(ret)}"
        cx.error("c-function-type", message, at_of(node))
        ret = ERROR
    args = node.args
    if args is None:
        return FuncType(ret, [], prototype=False)
    params: list[tuple[str, CType]] = []
    tags: dict[int, list[str]] = {}
    variadic = False
    # Tags and names that parameters declare belong to the prototype's own scope (6.2.1p4).
    outer, cx.scope = cx.scope, Scope(cx.scope, prototype=True)
    try:
        if node.idents is not None or (args.params and args.params[0].__class__ is ID):
            return FuncType(ret, [], prototype=False)
        for param in args.params:
            if param.__class__ is EllipsisParam:
                variadic = True
                continue
            t, decl_tags = parameter(cx, param)
            if isinstance(strip(t), VoidType):
                if len(args.params) == 1 and not param.name:
                    break
                cx.error("c-parameter", "argument may not have 'void' type", span_of(param))
                t = ERROR
            if decl_tags:
                tags[len(params)] = decl_tags
            params.append((param.name or "", t))
            if param.name and t is not ERROR:
                cx.hooks.prototype_name(cx, param, t)
    finally:
        cx.scope = outer
    found = FuncType(ret, params, variadic=variadic)
    found.param_tags = tags
    return found


def parameter(cx: Context, node: Any) -> tuple[CType, list[str]]:
    """Return a parameter's adjusted type (6.7.6.3p7, p8) and its btf_decl_tags."""
    decl_type = node.type
    if decl_type.__class__ is ArrayDecl:
        elem = type_of(cx, decl_type.type, node.name or "")
        if not valid_element(cx, elem, decl_type, node.name or ""):
            return ERROR, []
        t: CType = qualify(pointer_to(elem), qualifier_bits(decl_type.dim_quals or []))
        if decl_type.dim is not None and not (
            decl_type.dim.__class__ is ID and decl_type.dim.name == "*"
        ):
            cx.unevaluated += 1
            cx.expr(decl_type.dim)
            cx.unevaluated -= 1
    else:
        t = adjust_parameter(type_of(cx, decl_type, node.name or ""))
    storage = getattr(node, "storage", None)
    if storage and any(word not in ("register",) for word in storage):
        cx.error(
            "c-storage-class",
            f"invalid storage class specifier '{storage[0]}' in function declarator",
            span_of(node),
        )
    tags: list[str] = []
    if node.attributes:
        tags = read(cx, node.attributes).decl_tags
    bottom = decl_type
    while bottom.__class__ in (PtrDecl, ArrayDecl, FuncDecl):
        bottom = bottom.type
    if bottom.__class__ is TypeDecl and bottom.attributes:
        tags = tags + read(cx, bottom.attributes).decl_tags
    return t, tags


def adjust_parameter(t: CType) -> CType:
    """Turn array and function types of parameters into pointers."""
    real = strip(t)
    if isinstance(real, ArrayType):
        return pointer_to(qualify(real.elem, split(t)[1]))
    if isinstance(real, FuncType):
        return PointerType(t)
    return t


def complete_object(cx: Context, t: CType, span: Span | None, what: str) -> bool:
    """Check that ``t`` is complete; report "``what`` has incomplete type" if not."""
    if t is ERROR or strip(t) is ERROR:
        return False
    if is_complete(t):
        return True
    real = strip(t)
    notes = None
    if isinstance(real, RecordType) and real.tag:
        where = cx.demand.tag_span(real) if cx.demand is not None else None
        notes = [Note(f"forward declaration of '{spell(real)}'", where)] if where else None
    cx.error("c-incomplete", f"{what} has incomplete type {quoted(t)}", span, notes=notes)
    return False


def same_type(a: CType, b: CType) -> bool:
    """Return whether two types are compatible, silently true for what is already wrong."""
    return a is ERROR or b is ERROR or compatible(a, b)
