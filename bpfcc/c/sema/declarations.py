"""Declarations: file scope and blocks, linkage, redeclaration, typedefs (C17 6.7, 6.2.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...support.diagnostics import Note
from ..ctype.printing import quoted
from ..ctype.relations import compatible, qualify
from ..ctype.types import (
    CType,
    FuncType,
    PointerType,
    RecordType,
    Typedef,
    VoidType,
    strip,
)
from ..syntax.nodes import (
    Asm,
    Decl,
    EmptyStatement,
    Enum,
    ErrorNode,
    FuncDecl,
    FuncDef,
    IdentifierType,
    Pragma,
    StaticAssert,
    Struct,
    TypeDecl,
    Union,
)
from ..syntax.nodes import Typedef as TypedefNode
from ..tast.evaluate import evaluate_int
from ..tast.nodes import (
    Stmt,
    Symbol,
)
from .attributes import apply_mode
from .context import at_of, span_of
from .conversions import rvalue
from .linkage import conflict, no_function_words, storage_words
from .objects import automatic, file_variable, local_extern, local_static
from .pragmas import pragma
from .prototypes import declare_function, declare_helper
from .records import alignas, declare_tag, member_attributes
from .symbols import ERROR, EnumConst, TypeName

if TYPE_CHECKING:
    from typing import Any

    from .context import Context


# --------------------------------------------------------------------------- entry points
def external(cx: Context, node: Any) -> None:
    """Process an external declaration (6.9)."""
    kind = node.__class__
    if kind is FuncDef:
        cx.hooks.function(cx, node)
    elif kind is Decl:
        _file_declaration(cx, node)
    elif kind is TypedefNode:
        typedef(cx, node)
    elif kind is StaticAssert:
        static_assert(cx, node)
    elif kind is Pragma:
        pragma(cx, node)
    elif kind is Asm:
        cx.hooks.file_asm(cx, node)
    elif kind not in (EmptyStatement, ErrorNode):
        cx.error("c-external", "expected a declaration", span_of(node))


def local(cx: Context, node: Any) -> list[Stmt]:
    """Process a declaration in a block; return what must happen at run time."""
    kind = node.__class__
    if kind is TypedefNode:
        typedef(cx, node)
        return []
    if kind is StaticAssert:
        static_assert(cx, node)
        return []
    if node.name is None:
        _without_name(cx, node)
        return []
    storage = storage_words(cx, node)
    attrs = member_attributes(cx, node)
    if _is_function(node):
        t = cx.type_name(node.type)
        if isinstance(strip(t), FuncType):
            declare_function(cx, node, t, attrs, local=True)
        return []
    auto_type = _wants_inference(node)
    if auto_type:
        t = _inferred(cx, node)
    else:
        t = apply_mode(cx.hooks.type_for(cx, node.type, node.name), attrs)
    if isinstance(strip(t), FuncType):
        declare_function(cx, node, t, attrs, local=True)
        return []
    no_function_words(cx, node)
    if "extern" in storage:
        local_extern(cx, node, t, attrs)
        return []
    if "static" in storage:
        return local_static(cx, node, t, attrs)
    return automatic(cx, node, t, attrs)


def _is_function(node: Any) -> bool:
    return node.type.__class__ is FuncDecl


def _file_declaration(cx: Context, node: Any) -> None:
    if node.name is None:
        _without_name(cx, node)
        return
    if cx.demand is not None:
        cx.demand.before(node.name)
    attrs = member_attributes(cx, node)
    if _wants_inference(node):
        t: CType = _inferred(cx, node)
    else:
        t = apply_mode(cx.hooks.type_for(cx, node.type, node.name), attrs)
    real = strip(t)
    if isinstance(real, FuncType):
        declare_function(cx, node, t, attrs)
        return
    if isinstance(real, PointerType) and node.init is not None:
        if isinstance(strip(real.to), FuncType) and declare_helper(cx, node, t, real, attrs):
            return
    no_function_words(cx, node)
    file_variable(cx, node, t, attrs)


def _without_name(cx: Context, node: Any) -> None:
    """``struct s {...};``, ``struct s;``, ``enum {...};``."""
    bottom = node.type
    if bottom.__class__ is TypeDecl:
        bottom = bottom.type
    kind = bottom.__class__
    if kind in (Struct, Union) and bottom.decls is None and bottom.name:
        declare_tag(cx, "union" if kind is Union else "struct", bottom.name, at_of(bottom))
        return
    cx.type_name(bottom)
    named = kind in (Struct, Union, Enum) and (
        bottom.name or (kind is Enum and bottom.values is not None)
    )
    if not named:
        cx.warning("missing-declarations", "declaration does not declare anything", span_of(node))


def _wants_inference(node: Any) -> bool:
    bottom = node.type
    return (
        bottom.__class__ is TypeDecl
        and bottom.type.__class__ is IdentifierType
        and bottom.type.names == ["__auto_type"]
    )


def _inferred(cx: Context, node: Any) -> CType:
    """The type of a ``__auto_type`` variable: that of its initialiser."""
    if node.init is None:
        cx.error(
            "c-auto-type",
            f"declaration of variable '{node.name}' with deduced type '__auto_type' requires an "
            "initializer",
            at_of(node),
        )
        return ERROR
    cx.unevaluated += 1
    e = rvalue(cx, cx.expr(node.init))
    cx.unevaluated -= 1
    if isinstance(strip(e.type), VoidType):
        cx.error("c-incomplete", "variable has incomplete type 'void'", at_of(node))
        return ERROR
    quals = cx.hooks.qualifier_bits(node.type.quals)
    return qualify(e.type, quals)


def declare_name(cx: Context, symbol: Symbol) -> None:
    """Enter an enumerator into the current scope."""
    name = symbol.name
    scope = cx.scope
    if scope is cx.file and cx.demand is not None:
        cx.demand.before(name)
    before = scope.idents.get(name)
    if before is not None:
        if isinstance(before, EnumConst):
            cx.error(
                "c-redefinition",
                f"redefinition of enumerator '{name}'",
                symbol.span,
                notes=[Note("previous definition is here", before.span)],
            )
        else:
            conflict(cx, name, symbol.span, before)
        return
    scope.idents[name] = symbol


def typedef(cx: Context, node: Any) -> None:
    """Declare a typedef name (6.7.8)."""
    name, span = node.name, at_of(node)
    if cx.scope is cx.file and cx.demand is not None:
        cx.demand.before(name)
    t = cx.hooks.type_for(cx, node.type, name)
    attrs = member_attributes(cx, node)
    t = apply_mode(t, attrs)
    before = cx.scope.idents.get(name)
    if before is not None:
        if not isinstance(before, TypeName):
            conflict(cx, name, span, before)
            return
        old = before.type
        if not (t is ERROR or strip(old) is ERROR or compatible(t, old)):
            shown = old.to if isinstance(old, Typedef) else old
            cx.error(
                "c-typedef-redefinition",
                f"typedef redefinition with different types ({quoted(t)} vs {quoted(shown)})",
                span,
                notes=[Note("previous definition is here", before.span)],
            )
        return
    made = Typedef(name, t, max(attrs.align, alignas(cx, node.align)))
    made.decl_tags = attrs.decl_tags
    symbol = TypeName(name, made if t is not ERROR else ERROR, span)
    symbol.deprecated = attrs.deprecated
    symbol.used = attrs.unused
    cx.scope.idents[name] = symbol
    real = strip(t)
    if attrs.transparent_union and isinstance(real, RecordType):
        real.transparent = True


def static_assert(cx: Context, node: Any) -> None:
    """``_Static_assert`` (6.7.10)."""
    e = rvalue(cx, cx.expr(node.cond))
    if e.type is ERROR:
        return
    value = evaluate_int(e)
    if value is None:
        cx.error(
            "c-not-constant",
            "static assertion expression is not an integral constant expression",
            span_of(node.cond),
        )
    elif value == 0:
        text = f": {node.message.string()}" if node.message is not None else ""
        cx.error("c-static-assert", f"static assertion failed{text}", span_of(node.cond))
