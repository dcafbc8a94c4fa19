"""Checks a translation unit: puts the rules together and runs them over the declarations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...btf import wire
from ...support.diagnostics import FixIt, Note
from ..ctype.printing import quoted
from ..ctype.types import CType, RecordType, strip
from ..tast.evaluate import Address, evaluate
from ..tast.nodes import FuncSymbol, Symbol, Unit, VarSymbol
from . import (
    assignment,
    builtins,
    calls,
    declarations,
    declarators,
    dialect,
    expressions,
    functions,
    gnu,
    initializers,
    inline_asm,
    jumps,
    objects,
    operators,
    primary,
    restrictions,
    statements,
    switches,
    unused,
)
from .btf_types import KernelTypes
from .context import Context, Hooks
from .demand import Demand
from .programs import check_programs
from .spelling import nearest
from .symbols import ERROR

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from ...btf.read import Btf
    from ...support.diagnostics import Sink
    from ...support.source import Span
    from ..options import COptions

_EXPRESSIONS: dict[Any, Any] = {
    **primary.RULES,
    **expressions.RULES,
    **gnu.RULES,
    **operators.RULES,
    **assignment.RULES,
    **calls.RULES,
}
_STATEMENTS: dict[Any, Any] = {
    **statements.RULES,
    **switches.RULES,
    **jumps.RULES,
    **inline_asm.RULES,
}


def check(
    pre: Any,
    parse_chunk: Callable[[Any], list[Any]],
    options: COptions,
    sink: Sink,
    source_name: str = "",
) -> Unit:
    """Check a preprocessed translation unit.

    Args:
        pre: ``preprocess.Preprocessed``: chunks in order and their index.
        parse_chunk: turns a chunk into syntax nodes, reporting syntax errors itself.
        options: what the compilation depends on.
        sink: takes the diagnostics. When it has counted errors, the unit is incomplete.
        source_name: the main file's name, for the object's records.

    Returns:
        The typed tree of everything that is defined and reachable.
    """
    cx = make_context(Unit(source_name), options, sink)
    cx.demand = demand = Demand(cx, pre, parse_chunk)
    cx.dialect = demand.dialect = dialect.Dialect(cx)
    if pre.kernel_types and options.kernel_types and options.btf is not None:
        demand.kernel = KernelTypes(cx, options.btf, pre.kernel_core)
    for ordinal, chunk in enumerate(pre.chunks):
        if chunk.eager:
            demand.eager(chunk, ordinal)
    demand.declared_before()
    finish(cx)
    if sink.errors:
        _explain_missing_types(pre, options, sink)
    return cx.unit


def _explain_missing_types(pre: Any, options: COptions, sink: Sink) -> None:
    """Say before everything else that there were no kernel types to take, where there were none."""
    if pre.kernel_header is None or not options.kernel_types:
        return
    if options.btf is not None and options.btf() is not None:
        return
    name, span = pre.kernel_header
    text = f"'{name}' file not found, and this system has no kernel's types to take instead"
    sink.error(
        "c-missing-header",
        text,
        span,
        notes=[
            Note(
                "give --btf FILE, a copy of the /sys/kernel/btf/vmlinux of a Linux system, or put a "
                f"{name} where -I finds it"
            )
        ],
    )
    sink.diagnostics.insert(0, sink.diagnostics.pop())


def typedef_test(pre: Any, options: COptions) -> Callable[[str], bool]:
    """Return what tells the parser whether a file-scope name is a type.

    Declarations come first, then the kernel's types where the program includes them, then the
    names that the dialect knows without any include.
    """
    declared: Callable[[str], bool] = pre.index.is_typedef
    load = options.btf if pre.kernel_types and options.kernel_types else None
    served: dict[str, bool] = {}
    loaded: list[Btf | None] = []

    def elsewhere(name: str) -> bool:
        if pre.index.find("ident", name):
            return False
        if load is not None:
            if not loaded:
                loaded.append(load())
            btf = loaded[0]
            if btf is not None and btf.ids(name, wire.KIND_TYPEDEF):
                return True
        return name in dialect.TYPES

    def test(name: str) -> bool:
        if declared(name):
            return True
        known = served.get(name)
        if known is None:
            known = served[name] = elsewhere(name)
        return known

    return test


def type_suggester(pre: Any, options: COptions) -> Callable[[str], str]:
    """Return what proposes a known type name for an unknown one ("" for none)."""

    def suggest(name: str) -> str:
        for chunk in pre.index.find("tag", name):
            text = chunk.text()
            for kind in ("struct", "union", "enum"):
                if f"{kind} {name} " in text + " ":
                    return f"{kind} {name}"
        names = [*pre.index.names("typedef"), *dialect.TYPES, "int", "char", "unsigned", "long"]
        if pre.kernel_types and options.kernel_types and options.btf is not None:
            btf = options.btf()
            if btf is not None and btf.ids(name, wire.KIND_STRUCT):
                return f"struct {name}"
            if btf is not None and len(name) > 2:
                numbers = btf.ids_starting(name[:3], wire.KIND_TYPEDEF)
                names += [btf.type_name(number) for number in numbers]
        return nearest(name, names) or ""

    return suggest


def make_context(unit: Unit, options: COptions, sink: Sink) -> Context:
    """Return a context with all rules in place."""
    cx = Context(unit, options, sink)
    cx.expr_rules = _EXPRESSIONS
    cx.statement_rules = _STATEMENTS
    counter = iter(range(1 << 60))
    cx.hooks = Hooks(
        type=declarators.type_of,
        type_for=declarators.type_of,
        declare=declarations.local,
        external=declarations.external,
        initializer=initializers.initializer,
        function=functions.define,
        file_asm=inline_asm.file_asm,
        prototype_name=_prototype_name,
        declare_name=declarations.declare_name,
        qualifier_bits=declarators.qualifier_bits,
        incomplete=_incomplete,
        incomplete_use=_incomplete_use,
        modifiable=assignment.modifiable,
        union_cast=expressions.union_cast,
        literal_name=lambda cx: f".compoundliteral.{next(counter)}",
        unused_value=unused.check_value,
        block_with_value=statements.block_with_value,
        builtin=builtins.find,
        builtin_named=builtins.is_builtin,
        library=builtins.library,
        new_function=builtins.new_function,
        restrict_definition=restrictions.restrict_definition,
    )
    return cx


def _prototype_name(cx: Context, node: Any, t: CType) -> None:
    """A parameter's name is visible in the rest of the prototype."""
    symbol = VarSymbol(node.name, t, None, "auto")
    symbol.is_param = True
    cx.scope.idents[node.name] = symbol


def _incomplete(cx: Context, t: CType, span: Span | None, what: str) -> None:
    declarators.complete_object(cx, t, span, what)


def _incomplete_use(
    cx: Context, t: CType, span: Span | None, message: str, *, bare: bool = False
) -> None:
    """Report the use of an incomplete type where its members or size are needed."""
    if t is ERROR:
        return
    where = cx.demand.tag_span(t) if cx.demand is not None else None
    notes = None
    if where is not None:
        notes = [Note(f"forward declaration of {quoted(t)}", where)]
    message += f" {quoted(t)}"
    fixits = None
    real = strip(t)
    if isinstance(real, RecordType) and real.tag and cx.demand is not None:
        near = cx.demand.similar_tag(real.tag)
        if near is not None:
            message += f"; did you mean '{real.kind} {near}'?"
            fixits = [FixIt(f"{real.kind} {near}")]
    cx.error("c-incomplete", message, span, notes=notes, fixits=fixits)


def finish(cx: Context) -> None:
    """Do what can be done only at the end of the unit."""
    objects.finish_variables(cx)
    if cx.dialect is not None:
        cx.dialect.finish()
    restrictions.restrict_functions(cx)
    _reachable(cx)
    if not cx.sink.errors:
        check_programs(cx)


def _reachable(cx: Context) -> None:
    """Drop static functions and objects that nothing emitted refers to; warn about those."""
    unit = cx.unit
    roots: list[Symbol] = [f for f in unit.functions if f.linkage != "static" or f.used_attr]
    roots += [v for v in unit.variables if v.storage != "static" or v.used_attr]
    seen: dict[Symbol, None] = dict.fromkeys(roots)
    queue = list(seen)
    externs: dict[Symbol, None] = {}
    while queue:
        symbol = queue.pop()
        state = cx.bodies.get(symbol) if isinstance(symbol, FuncSymbol) else None
        references: Iterable[Symbol] = state.references if state is not None else ()
        if isinstance(symbol, VarSymbol):
            references = _named_by(symbol)
        for other in references:
            if other in seen:
                continue
            seen[other] = None
            queue.append(other)
            if isinstance(other, FuncSymbol):
                if other.body is None and other.helper is None:
                    externs[other] = None
            elif isinstance(other, VarSymbol) and other.storage == "extern":
                externs[other] = None
    if not cx.sink.errors:
        _warn_unused(cx, seen)
    unit.functions = [f for f in unit.functions if f in seen]
    unit.variables = [v for v in unit.variables if v in seen]
    unit.externs = list(externs)


def _named_by(symbol: VarSymbol) -> list[Symbol]:
    """The functions and objects whose addresses an object's initialiser holds."""
    found: list[Symbol] = []
    for item in symbol.init.items if symbol.init is not None else ():
        value = evaluate(item.value)
        if isinstance(value, Address) and isinstance(value.base, Symbol):
            found.append(value.base)
    return found


def _warn_unused(cx: Context, seen: dict[Symbol, None]) -> None:
    """Warn about what only this file could use and nothing in it does."""
    for symbol in cx.file.idents.values():
        if symbol.span is None:
            continue
        if isinstance(symbol, FuncSymbol):
            if symbol.helper is not None:
                _unused_helper(cx, symbol)
            elif symbol.linkage == "static" and not symbol.quiet:
                _unused_function(cx, symbol, symbol in seen)
        elif isinstance(symbol, VarSymbol) and symbol.storage == "static":
            if not symbol.used and not symbol.quiet:
                cx.warning("unused-variable", f"unused variable '{symbol.name}'", symbol.span)


def _in_main_file(cx: Context, symbol: Symbol) -> bool:
    return symbol.span is not None and symbol.span.outermost().file.name == cx.unit.source_name


def _unused_helper(cx: Context, symbol: FuncSymbol) -> None:
    if not symbol.used and not symbol.quiet and _in_main_file(cx, symbol):
        cx.warning("unused-variable", f"unused variable '{symbol.name}'", symbol.span)


def _unused_function(cx: Context, symbol: FuncSymbol, reached: bool) -> None:
    main = _in_main_file(cx, symbol)
    if symbol.body is None and reached:
        cx.warning(
            "undefined-internal",
            f"function '{symbol.name}' has internal linkage but is not defined",
            symbol.span,
        )
    elif not symbol.used and (main or symbol.inline not in ("hint", "always")):
        cx.warning("unused-function", f"unused function '{symbol.name}'", symbol.span)
    elif not reached and symbol.used and symbol.inline not in ("hint", "always"):
        cx.warning(
            "unneeded-internal-declaration",
            f"function '{symbol.name}' is not needed and will not be emitted",
            symbol.span,
        )
