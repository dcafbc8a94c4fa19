"""Declarations of objects, at file scope and in blocks (C17 6.7, 6.9.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...support.diagnostics import Note
from ..ctype.layout import is_complete
from ..ctype.printing import quoted
from ..ctype.relations import CONST, compatible, composite, qualifiers
from ..ctype.types import (
    ArrayType,
    CType,
    FloatType,
    RecordType,
    VoidType,
    strip,
)
from ..tast.nodes import (
    Cast,
    DeclStmt,
    FuncSymbol,
    Init,
    Stmt,
    VarRef,
    VarSymbol,
)
from .attributes import Attrs
from .context import at_of, span_of
from .linkage import conflict, storage_words
from .records import alignas
from .symbols import ERROR

if TYPE_CHECKING:
    from typing import Any

    from ...support.source import Span
    from .context import Context


# --------------------------------------------------------------------------- objects
def _apply(cx: Context, symbol: VarSymbol, node: Any, attrs: Attrs) -> None:
    if attrs.section:
        symbol.section = attrs.section
    symbol.align = max(symbol.align, attrs.align, alignas(cx, node.align))
    symbol.weak = symbol.weak or attrs.weak
    symbol.hidden = symbol.hidden or attrs.hidden
    symbol.used_attr = symbol.used_attr or attrs.used
    symbol.quiet = symbol.quiet or attrs.unused or attrs.used
    for tag in attrs.decl_tags:
        if tag not in symbol.decl_tags:
            symbol.decl_tags.append(tag)
    if node.asm_label is not None:
        symbol.link_name = node.asm_label.string()


def file_variable(cx: Context, node: Any, t: CType, attrs: Attrs) -> None:
    """Declare or define an object at file scope (6.9.2)."""
    name, span = node.name, at_of(node)
    storage = storage_words(cx, node)
    if "auto" in storage or "register" in storage:
        cx.error("c-storage-class", "illegal storage class on file-scoped variable", span)
    static, extern = "static" in storage, "extern" in storage
    if isinstance(strip(t), VoidType):
        if not extern:
            cx.error("c-incomplete", "variable has incomplete type 'void'", span)
            t = ERROR
    before = cx.file.idents.get(name)
    if before is not None and not isinstance(before, VarSymbol):
        if before.span is not None or isinstance(before, FuncSymbol):
            conflict(cx, name, span, before)
            return
        before = None
    if before is None:
        symbol = VarSymbol(name, t, span, "extern" if extern else "static" if static else "global")
        cx.file.idents[name] = symbol
    else:
        assert isinstance(before, VarSymbol)
        symbol = before
        _merge_variable(cx, symbol, t, static, extern, span)
    _apply(cx, symbol, node, attrs)
    if node.init is not None and extern:
        if span is None or cx.scope is cx.file:
            cx.warning("extern-initializer", "'extern' variable has an initializer", span)
        symbol.storage = "global"
        extern = False
    if extern:
        return
    if symbol.storage == "extern":
        symbol.storage = "static" if static else "global"
    if symbol not in cx.defined:
        cx.defined[symbol] = None
        cx.unit.variables.append(symbol)
    if node.init is not None:
        _define(cx, symbol, node)


def _define(cx: Context, symbol: VarSymbol, node: Any) -> None:
    if symbol.init is not None:
        cx.error(
            "c-redefinition",
            f"redefinition of '{symbol.name}'",
            at_of(node),
            notes=[Note("previous definition is here", symbol.span)],
        )
        return
    symbol.span = at_of(node)
    symbol.init = cx.initializer(symbol, node.init)


def _merge_variable(
    cx: Context, symbol: VarSymbol, t: CType, static: bool, extern: bool, span: Span | None
) -> None:
    previous = [Note("previous definition is here", symbol.span)]
    old = symbol.type
    if t is ERROR or old is ERROR:
        return
    if not compatible(t, old):
        cx.error(
            "c-redefinition",
            f"redefinition of '{symbol.name}' with a different type: {quoted(t)} vs {quoted(old)}",
            span,
            notes=previous,
        )
        return
    if static and symbol.storage != "static":
        cx.error(
            "c-linkage",
            f"static declaration of '{symbol.name}' follows non-static declaration",
            span,
            notes=previous,
        )
    elif not static and not extern and symbol.storage == "static":
        cx.error(
            "c-linkage",
            f"non-static declaration of '{symbol.name}' follows static declaration",
            span,
            notes=previous,
        )
    symbol.type = composite(t, old)


def finish_variables(cx: Context) -> None:
    """Complete tentative definitions (6.9.2p2, p5) at the end of the unit."""
    for symbol in cx.unit.variables:
        real = strip(symbol.type)
        if isinstance(real, ArrayType) and real.count is None and symbol.init is None:
            cx.warning(
                "tentative-definition-array",
                "tentative array definition assumed to have one element",
                symbol.span,
            )
            symbol.type = ArrayType(real.elem, 1)
        elif symbol.type is not ERROR and not is_complete(symbol.type):
            if not isinstance(real, ArrayType):
                cx.error(
                    "c-incomplete",
                    f"tentative definition has type {quoted(symbol.type)} that is never completed",
                    symbol.span,
                )


def _enter(cx: Context, symbol: VarSymbol) -> bool:
    """Enter a local into its scope; report a second one of that name."""
    before = cx.scope.idents.get(symbol.name)
    if before is not None:
        if isinstance(before, VarSymbol):
            cx.error(
                "c-redefinition",
                f"redefinition of '{symbol.name}'",
                symbol.span,
                notes=[Note("previous definition is here", before.span)],
            )
        else:
            conflict(cx, symbol.name, symbol.span, before)
        return False
    if cx.shadow:
        _check_shadow(cx, symbol)
    cx.scope.idents[symbol.name] = symbol
    return True


def _check_shadow(cx: Context, symbol: VarSymbol) -> None:
    scope = cx.scope.parent
    while scope is not None:
        before = scope.idents.get(symbol.name)
        if isinstance(before, VarSymbol) and before.span is not None:
            where = "a variable in the global scope" if scope is cx.file else "a local variable"
            cx.warning(
                "shadow",
                f"declaration shadows {where}",
                symbol.span,
                notes=[Note("previous declaration is here", before.span)],
            )
            return
        scope = scope.parent


def local_extern(cx: Context, node: Any, t: CType, attrs: Attrs) -> None:
    """Declare in a block an object that is defined elsewhere (6.2.2p4)."""
    name, span = node.name, at_of(node)
    if node.init is not None:
        cx.error(
            "c-storage-class",
            "declaration of block scope identifier with linkage cannot have an initializer",
            span,
        )
    if cx.demand is not None:
        cx.demand.before(name)
    before = cx.file.idents.get(name)
    if isinstance(before, VarSymbol):
        symbol = before
        _merge_variable(cx, symbol, t, False, True, span)
    elif before is not None:
        conflict(cx, name, span, before)
        return
    else:
        symbol = VarSymbol(name, t, span, "extern")
        cx.file.idents[name] = symbol
    _apply(cx, symbol, node, attrs)
    cx.scope.idents[name] = symbol


def local_static(cx: Context, node: Any, t: CType, attrs: Attrs) -> list[Stmt]:
    """Define a static object in a block; it becomes one of the unit."""
    name, span = node.name, at_of(node)
    if t is not ERROR and node.init is None and not is_complete(t):
        cx.error("c-incomplete", f"variable has incomplete type {quoted(t)}", span)
        t = ERROR
    symbol = VarSymbol(name, t, span, "static")
    function = cx.function
    if function is not None:
        base = f"{function.symbol.name}.{name}"
        count = function.statics.get(name, 0)
        function.statics[name] = count + 1
        symbol.link_name = f"{base}.{count}" if count else base
    _apply(cx, symbol, node, attrs)
    _enter(cx, symbol)
    cx.scope.variables.append(symbol)
    cx.defined[symbol] = None
    cx.unit.variables.append(symbol)
    if node.init is not None:
        symbol.init = cx.initializer(symbol, node.init)
    return []


def automatic(cx: Context, node: Any, t: CType, attrs: Attrs) -> list[Stmt]:
    """Define a local; return the statement that brings it to life."""
    name, span = node.name, at_of(node)
    real = strip(t)
    if isinstance(real, VoidType):
        cx.error("c-incomplete", "variable has incomplete type 'void'", span)
        t = ERROR
    elif t is not ERROR and not is_complete(t):
        unsized = isinstance(real, ArrayType) and is_complete(real.elem)
        if unsized and node.init is None:
            cx.error(
                "c-incomplete",
                "definition of variable with array type needs an explicit size or an initializer",
                span,
            )
            t = ERROR
        elif not unsized:
            cx.hooks.incomplete(cx, t, span, "variable")
            t = ERROR
    symbol = VarSymbol(name, t, span, "auto")
    _apply(cx, symbol, node, attrs)
    _enter(cx, symbol)
    cx.scope.variables.append(symbol)
    if cx.function is not None:
        cx.function.symbol.locals.append(symbol)
    if attrs.cleanup is not None:
        _cleanup(cx, symbol, attrs.cleanup)
    if attrs.section:
        cx.error(
            "c-attribute",
            "'section' attribute only applies to functions and global variables",
            attrs.spans.get("section"),
        )
    init: Init | None = None
    if node.init is not None:
        init = cx.initializer(symbol, node.init)
        if init is None and isinstance(real, FloatType):
            symbol.type = ERROR  # refused once; its uses need no further word
        if qualifiers(symbol.type) & CONST or isinstance(real, ArrayType):
            symbol.init = init  # constant expressions and format checks look at it
        _check_own_value(cx, symbol, init)
    elif cx.function is not None and not isinstance(real, (ArrayType, RecordType)):
        if t is not ERROR and attrs.cleanup is None:
            cx.function.unset.append(symbol)
    return [DeclStmt(symbol, init, span_of(node))]


def _check_own_value(cx: Context, symbol: VarSymbol, init: Init | None) -> None:
    """Warn about ``int x = x;``."""
    value = init.items[0].value if init is not None and not init.zero and init.items else None
    while isinstance(value, Cast) and value.kind not in ("decay", "func"):
        value = value.operand
    if isinstance(value, VarRef) and value.symbol is symbol:
        cx.warning(
            "uninitialized",
            f"variable '{symbol.name}' is uninitialized when used within its own initialization",
            value.span,
        )


def _cleanup(cx: Context, symbol: VarSymbol, node: Any) -> None:
    found = cx.lookup(node.name)
    if not isinstance(found, FuncSymbol):
        cx.error(
            "c-attribute",
            f"'cleanup' argument '{node.name}' is not a function",
            span_of(node),
        )
        return
    cx.reference(found, span_of(node))
    symbol.cleanup = found
    symbol.quiet = True
    symbol.address_taken = True
