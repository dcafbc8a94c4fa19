"""Declarations of functions: merging, attributes, BPF helpers (C17 6.7.6.3, 6.2.7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...support.diagnostics import Note
from ..ctype.relations import CONST, compatible, composite, qualifiers
from ..ctype.types import (
    CType,
    FuncType,
    PointerType,
    strip,
)
from ..syntax.nodes import (
    FuncDecl,
)
from ..tast.evaluate import evaluate_int
from ..tast.nodes import (
    FuncSymbol,
)
from .attributes import Attrs
from .context import at_of, span_of
from .conversions import rvalue
from .linkage import conflict, storage_words
from .symbols import ERROR

if TYPE_CHECKING:
    from typing import Any

    from ...support.source import Span
    from .context import Context


# --------------------------------------------------------------------------- functions
def declare_function(
    cx: Context,
    node: Any,
    t: CType,
    attrs: Attrs,
    *,
    local: bool = False,
    definition: bool = False,
) -> FuncSymbol | None:
    """Declare a function, merging it with earlier declarations (6.2.7, 6.2.2).

    A declaration in a block names the function at file scope.
    """
    name, span = node.name, at_of(node)
    ftype = strip(t)
    assert isinstance(ftype, FuncType)
    if not definition and node.type.__class__ is FuncDecl and node.type.idents:
        cx.error(
            "c-parameter",
            "a parameter list without types is only allowed in a function definition",
            span,
        )
    storage = storage_words(cx, node)
    if local and cx.scope is not cx.file and cx.demand is not None:
        cx.demand.before(name)
    before = cx.file.idents.get(name)
    if local:
        hidden = cx.scope.idents.get(name)
        if hidden is not None and not isinstance(hidden, FuncSymbol):
            conflict(cx, name, span, hidden)
            return None
    symbol: FuncSymbol | None = None
    if isinstance(before, FuncSymbol):
        symbol = _merge_function(cx, before, ftype, storage, span, definition)
    elif before is not None:
        conflict(cx, name, span, before)
        if not definition:
            return None
    if symbol is None:
        symbol = FuncSymbol(name, ftype, span)
        symbol.linkage = "static" if "static" in storage else "global"
        if before is None:
            cx.file.idents[name] = symbol
            cx.hooks.new_function(cx, symbol)
    if node.init is not None:
        cx.error(
            "c-function-init",
            "illegal initializer (only variables can be initialized)",
            span_of(node.init),
        )
    function_attributes(cx, symbol, node, attrs)
    if local:
        cx.scope.idents[name] = symbol
    return symbol


def _merge_function(
    cx: Context,
    before: FuncSymbol,
    ftype: FuncType,
    storage: list[str],
    span: Span | None,
    definition: bool,
) -> FuncSymbol | None:
    previous = [Note("previous declaration is here", before.span)]
    old = before.type
    assert isinstance(old, FuncType)
    if definition and before.body is not None:
        previous = [Note("previous definition is here", before.span)]
        cx.error("c-redefinition", f"redefinition of '{before.name}'", span, notes=previous)
        return None
    if not _compatible(ftype, old):
        if before.builtin and not before.body and before.span is None:
            return None  # the user's own function of that name replaces what we knew
        cx.error(
            "c-conflicting-types",
            f"conflicting types for '{before.name}'",
            span,
            notes=previous,
        )
        return None
    if "static" in storage and before.linkage != "static" and before.span is not None:
        cx.error(
            "c-linkage",
            f"static declaration of '{before.name}' follows non-static declaration",
            span,
            notes=previous,
        )
    if "static" in storage and before.span is None:
        before.linkage = "static"
    # The composite type; a definition's own parameter names win.
    merged = composite(ftype, old)
    assert isinstance(merged, FuncType)
    before.type = merged
    if definition or before.span is None:
        before.span = span
    return before


def _compatible(a: FuncType, b: FuncType) -> bool:
    if a.ret is ERROR or b.ret is ERROR or any(p is ERROR for _, p in a.params + b.params):
        return True
    return compatible(a, b)


def function_attributes(cx: Context, symbol: FuncSymbol, node: Any, attrs: Attrs) -> None:
    """Take over what the attributes and specifiers of a function declaration say."""
    funcspec: list[str] = node.funcspec or []
    if attrs.always_inline:
        symbol.inline = "always"
    elif attrs.noinline:
        symbol.inline = "never"
    elif "inline" in funcspec and not symbol.inline:
        symbol.inline = "hint"
    if attrs.noreturn or "_Noreturn" in funcspec:
        symbol.noreturn = True
    if attrs.section:
        symbol.section = attrs.section
        symbol.section_span = attrs.spans.get("section")
    symbol.weak = symbol.weak or attrs.weak
    symbol.hidden = symbol.hidden or attrs.hidden
    symbol.used_attr = symbol.used_attr or attrs.used
    symbol.naked = symbol.naked or attrs.naked
    symbol.quiet = symbol.quiet or attrs.unused
    symbol.must_use = symbol.must_use or attrs.must_use
    for tag in attrs.decl_tags:
        if tag not in symbol.decl_tags:
            symbol.decl_tags.append(tag)
    if attrs.deprecated is not None:
        symbol.deprecated = attrs.deprecated
    if attrs.format is not None:
        symbol.format = attrs.format
    if node.asm_label is not None:
        symbol.link_name = node.asm_label.string()
        if symbol.link_name.startswith("llvm."):
            symbol.builtin = symbol.link_name
    symbol.ksym = symbol.section == ".ksyms"


def declare_helper(cx: Context, node: Any, t: CType, pointer: PointerType, attrs: Attrs) -> bool:
    """``static T (*name)(..) = (void *)N;`` is BPF helper N; return whether this is one."""
    if "extern" in node.storage or not ("static" in node.storage or qualifiers(t) & CONST):
        return False
    value = evaluate_int(rvalue(cx, cx.expr(node.init)))
    if value is None or value <= 0:
        return False
    ftype = strip(pointer.to)
    assert isinstance(ftype, FuncType)
    before = cx.file.idents.get(node.name)
    if isinstance(before, FuncSymbol) and before.helper == value:
        return True  # the same helper declared twice
    if before is not None and not (isinstance(before, FuncSymbol) and before.span is None):
        cx.error(
            "c-redefinition",
            f"redefinition of '{node.name}'",
            at_of(node),
            notes=[Note("previous definition is here", before.span)],
        )
        return True
    symbol = FuncSymbol(node.name, ftype, at_of(node))
    symbol.helper = value
    symbol.linkage = "static"
    symbol.quiet = attrs.unused or attrs.used or "static" not in node.storage
    cx.file.idents[node.name] = symbol
    return True
