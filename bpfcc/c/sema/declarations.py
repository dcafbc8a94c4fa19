"""Declarations: file scope and blocks, linkage, redeclaration, typedefs (C17 6.7, 6.2.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...support.diagnostics import FixIt, Note
from ..ctype.layout import is_complete
from ..ctype.printing import quoted
from ..ctype.relations import CONST, compatible, composite, qualifiers, qualify
from ..ctype.types import (
    ArrayType,
    CType,
    FloatType,
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
    DeclStmt,
    FuncSymbol,
    Init,
    InitItem,
    Stmt,
    Symbol,
    VarSymbol,
)
from .attributes import Attrs, apply_mode
from .context import at_of, span_of
from .conversions import rvalue
from .pragmas import pragma
from .records import alignas, declare_tag, member_attributes
from .symbols import ERROR, EnumConst, TypeName

if TYPE_CHECKING:
    from typing import Any

    from ...support.source import Span
    from .context import Context

PERCPU_ADVICE = "use a BPF_MAP_TYPE_PERCPU_ARRAY map"


# --------------------------------------------------------------------------- entry points
def external(cx: Context, node: Any) -> None:
    """Process an external declaration (6.9)."""
    kind = node.__class__
    if kind is FuncDef:
        cx.hooks["function"](cx, node)
    elif kind is Decl:
        _file_declaration(cx, node)
    elif kind is TypedefNode:
        typedef(cx, node)
    elif kind is StaticAssert:
        static_assert(cx, node)
    elif kind is Pragma:
        pragma(cx, node)
    elif kind is Asm:
        cx.hooks["file_asm"](cx, node)
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
    storage = _storage(cx, node)
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
        t = apply_mode(cx.hooks["type_for"](cx, node.type, node.name), attrs)
    if isinstance(strip(t), FuncType):
        declare_function(cx, node, t, attrs, local=True)
        return []
    if "extern" in storage:
        _local_extern(cx, node, t, attrs)
        return []
    if "static" in storage:
        return _local_static(cx, node, t, attrs)
    return _automatic(cx, node, t, attrs)


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
        t = apply_mode(cx.hooks["type_for"](cx, node.type, node.name), attrs)
    real = strip(t)
    if isinstance(real, FuncType):
        declare_function(cx, node, t, attrs)
        return
    if isinstance(real, PointerType) and node.init is not None:
        if isinstance(strip(real.to), FuncType) and _helper(cx, node, t, real, attrs):
            return
    _file_variable(cx, node, t, attrs)


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


# --------------------------------------------------------------------------- parts
def _storage(cx: Context, node: Any) -> list[str]:
    words: list[str] = node.storage
    if "_Thread_local" in words:
        cx.error(
            "bpf-unsupported-c",
            "thread-local storage is not available in BPF",
            at_of(node),
            fixits=[FixIt(PERCPU_ADVICE)],
        )
    return words


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
    quals = cx.hooks["qualifier_bits"](node.type.quals)
    return qualify(e.type, quals)


def _conflict(cx: Context, name: str, span: Span | None, before: Symbol) -> None:
    cx.error(
        "c-redefinition",
        f"redefinition of '{name}' as different kind of symbol",
        span,
        notes=[Note("previous definition is here", before.span)],
    )


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
            _conflict(cx, name, symbol.span, before)
        return
    scope.idents[name] = symbol


def typedef(cx: Context, node: Any) -> None:
    """Declare a typedef name (6.7.8)."""
    name, span = node.name, at_of(node)
    if cx.scope is cx.file and cx.demand is not None:
        cx.demand.before(name)
    t = cx.hooks["type_for"](cx, node.type, name)
    attrs = member_attributes(cx, node)
    t = apply_mode(t, attrs)
    before = cx.scope.idents.get(name)
    if before is not None:
        if not isinstance(before, TypeName):
            _conflict(cx, name, span, before)
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
    storage = _storage(cx, node)
    if local and cx.scope is not cx.file and cx.demand is not None:
        cx.demand.before(name)
    before = cx.file.idents.get(name)
    if local:
        hidden = cx.scope.idents.get(name)
        if hidden is not None and not isinstance(hidden, FuncSymbol):
            _conflict(cx, name, span, hidden)
            return None
    symbol: FuncSymbol | None = None
    if isinstance(before, FuncSymbol):
        symbol = _merge_function(cx, before, ftype, storage, span, definition)
    elif before is not None:
        _conflict(cx, name, span, before)
        if not definition:
            return None
    if symbol is None:
        symbol = FuncSymbol(name, ftype, span)
        symbol.linkage = "static" if "static" in storage else "global"
        if before is None:
            cx.file.idents[name] = symbol
            cx.hooks["new_function"](cx, symbol)
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


def _helper(cx: Context, node: Any, t: CType, pointer: PointerType, attrs: Attrs) -> bool:
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


def _file_variable(cx: Context, node: Any, t: CType, attrs: Attrs) -> None:
    """Declare or define an object at file scope (6.9.2)."""
    name, span = node.name, at_of(node)
    storage = _storage(cx, node)
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
            _conflict(cx, name, span, before)
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
    outer, cx.initialising = cx.initialising, symbol
    symbol.init = cx.initializer(symbol, node.init)
    cx.initialising = outer


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
            _conflict(cx, symbol.name, symbol.span, before)
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


def _local_extern(cx: Context, node: Any, t: CType, attrs: Attrs) -> None:
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
        _conflict(cx, name, span, before)
        return
    else:
        symbol = VarSymbol(name, t, span, "extern")
        cx.file.idents[name] = symbol
    _apply(cx, symbol, node, attrs)
    cx.scope.idents[name] = symbol


def _local_static(cx: Context, node: Any, t: CType, attrs: Attrs) -> list[Stmt]:
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


def _automatic(cx: Context, node: Any, t: CType, attrs: Attrs) -> list[Stmt]:
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
            cx.hooks["incomplete"](cx, t, span, "variable")
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
    elif cx.function is not None and not isinstance(real, (ArrayType, RecordType)):
        if t is not ERROR and attrs.cleanup is None:
            cx.function.unset.append(symbol)
    return [DeclStmt(symbol, init, span_of(node))]


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


def constant_item(init: Init | None) -> InitItem | None:
    """Return the only item of an initialiser, None when there is not exactly one."""
    return init.items[0] if init is not None and len(init.items) == 1 else None
