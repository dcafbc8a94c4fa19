"""Function definitions (C17 6.9.1): parameters, body, what must hold at the end of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..ctype.layout import is_complete
from ..ctype.printing import quoted
from ..ctype.types import INT, CType, FuncType, VoidType, strip
from ..syntax import nodes as n
from ..tast.nodes import Block, FuncSymbol, VarSymbol
from .context import at_of, span_of
from .declarators import adjust_parameter
from .flow import check_flow
from .jumps import finish_labels
from .prototypes import declare_function
from .records import member_attributes
from .statements import items
from .symbols import ERROR, FunctionState, Scope
from .unused import leave_scope, parameters

if TYPE_CHECKING:
    from typing import Any

    from .context import Context


def define(cx: Context, node: Any) -> None:
    """Check a function definition. Bodies in headers wait until the main file is at rest."""
    decl = node.decl
    if decl.__class__ is not n.Decl:
        cx.error("c-function-type", "function definition declared 'typedef'", at_of(decl))
        return
    if cx.demand is not None and decl.name:
        cx.demand.before(decl.name)
    t = cx.hooks.type_for(cx, decl.type, decl.name)
    ftype = strip(t)
    if not isinstance(ftype, FuncType):
        if t is not ERROR:
            cx.error(
                "c-function-type",
                f"'{decl.name}' is not a function, yet it has a body",
                at_of(decl),
            )
        return
    attrs = member_attributes(cx, decl)
    declarator = _declarator(decl.type)
    if node.param_decls or (declarator is not None and declarator.idents):
        ftype = _old_style(cx, node, declarator, ftype)
        t = ftype
    symbol = declare_function(cx, decl, t, attrs, definition=True)
    if symbol is None:
        return
    if "inline" in (decl.funcspec or []) and symbol.linkage == "global":
        if "extern" not in decl.storage or attrs.gnu_inline:
            # Only an inline definition (6.7.4p7): nothing is emitted for other units.
            symbol.linkage = "static"
            symbol.quiet = True
    if not isinstance(strip(ftype.ret), VoidType) and ftype.ret is not ERROR:
        if not is_complete(ftype.ret):
            cx.error(
                "c-incomplete",
                f"incomplete result type {quoted(ftype.ret)} in function definition",
                at_of(decl),
            )
    params = _parameters(cx, symbol, ftype, declarator, node)
    symbol.builtin = ""  # the program's own function, whatever its name
    function = FunctionState(symbol, ftype)
    function.errors_before = -1 if _broken(cx, node) else cx.sink.errors
    symbol.params = params
    cx.hooks.restrict_definition(cx, symbol, ftype, at_of(decl))

    def check() -> None:
        _body(cx, function, node)

    if cx.deferring:
        symbol.body = Block([], span_of(node.body))  # until the body is checked
        cx.pending.append(check)
    else:
        check()


def _broken(cx: Context, node: Any) -> bool:
    """Whether the parser reported something inside a definition: what is left tells little."""
    span = span_of(node.body)
    return span is not None and any(
        d.id == "c-syntax"
        and d.span is not None
        and d.span.file is span.file
        and span.start <= d.span.start <= span.end
        for d in cx.sink.diagnostics
    )


def _declarator(node: Any) -> Any:
    """Find the function declarator nearest to the name."""
    found = None
    while node.__class__ in (n.PtrDecl, n.ArrayDecl, n.FuncDecl):
        if node.__class__ is n.FuncDecl:
            found = node
            break
        node = node.type
    return found


def _old_style(cx: Context, node: Any, declarator: Any, ftype: FuncType) -> FuncType:
    """Parameters of ``f(a, b) int a; char *b; {...}``; undeclared ones are int."""
    types: dict[str, CType] = {}
    for decl in node.param_decls or ():
        t = adjust_parameter(cx.hooks.type_for(cx, decl.type, decl.name))
        types[decl.name] = t
    names = declarator.idents or [p.name for p in declarator.args.params]
    for name in names:
        if name not in types:
            cx.warning(
                "implicit-int",
                f"parameter '{name}' was not declared, defaults to 'int'; ISO C99 and later do "
                "not support implicit int",
                at_of(node.decl),
            )
    return FuncType(ftype.ret, [(name, types.get(name, INT)) for name in names])


def _parameters(
    cx: Context, symbol: FuncSymbol, ftype: FuncType, declarator: Any, node: Any
) -> list[VarSymbol]:
    places: dict[str, Any] = {}
    if declarator is not None and declarator.args is not None:
        for param in declarator.args.params:
            if getattr(param, "name", None):
                places[param.name] = param
    for decl in node.param_decls or ():
        places[decl.name] = decl
    params: list[VarSymbol] = []
    for name, t in ftype.params:
        where = places.get(name)
        param = VarSymbol(name, t, at_of(where if where is not None else node.decl), "auto")
        param.is_param = True
        if where is not None and where.__class__ is n.Decl:
            attrs = member_attributes(cx, where)
            param.quiet = attrs.unused
            param.decl_tags = attrs.decl_tags
        if not name:
            cx.warning(
                "c23-extensions",
                "omitting the parameter name in a function definition is a C23 extension",
                param.span,
            )
        if t is not ERROR and not is_complete(t):
            cx.hooks.incomplete(cx, t, param.span, "variable")
            param.type = ERROR
        params.append(param)
    return params


def _body(cx: Context, function: FunctionState, node: Any) -> None:
    symbol = function.symbol
    saved = (cx.scope, cx.function, cx.unevaluated)
    cx.scope = Scope(cx.file)
    cx.function = function
    cx.unevaluated = 0
    for param in symbol.params:
        if param.name:
            before = cx.scope.idents.get(param.name)
            if before is not None:
                cx.error("c-redefinition", f"redefinition of parameter '{param.name}'", param.span)
            cx.scope.idents[param.name] = param
    try:
        block = items(cx, node.body)
        block.variables = cx.scope.variables
        leave_scope(cx, cx.scope)
        if cx.sink.errors == function.errors_before:
            parameters(cx, symbol.params)
        finish_labels(cx, function)
    finally:
        cx.scope, cx.function, cx.unevaluated = saved
    symbol.body = block
    cx.bodies[symbol] = function
    cx.unit.functions.append(symbol)
    if cx.sink.errors == function.errors_before:
        end = node.body.coord.last.span() if node.body.coord is not None else None
        check_flow(cx, function, block, end)
