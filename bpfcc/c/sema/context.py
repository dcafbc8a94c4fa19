"""What every checking function needs: scopes, the sink, the state of pragmas, the dispatch.

Checking functions are module-level functions whose first argument is the ``Context``. Those that
need each other in a circle (an expression may hold statements, a type an expression) call each
other through the context: ``cx.expr(node)``, ``cx.statement(node)``, ``cx.type_name(node)`` look
the function up by the node's class.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...support.diagnostics import Diagnostic, FixIt, Note, Severity
from ...support.errors import InternalError
from ..ctype.types import CHAR, CType, IntType
from ..tast.nodes import Expr, Stmt, Symbol, Unit, VarSymbol
from .symbols import ErrorExpr, Scope

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ...support.diagnostics import Sink
    from ...support.source import Span
    from ..options import COptions
    from ..tast.nodes import FuncSymbol, Init
    from .demand import Demand
    from .dialect import Dialect
    from .symbols import FunctionState

    Rule = Callable[["Context", Any], Any]

# Warnings that are errors unless -W flags or pragmas say otherwise, as in clang 16 and later.
ERROR_BY_DEFAULT = frozenset(
    {
        "int-conversion",
        "implicit-function-declaration",
        "implicit-int",
        "incompatible-function-pointer-types",
        "return-type-mismatch",
    }
)


class Hooks:
    """The functions that modules call in a circle, by what they do; ``unit`` fills them in.

    Expressions hold types, types hold expressions, both may hold declarations: each of these
    modules imports only those below it and reaches the others through here.
    """

    __slots__ = (
        "block_with_value",
        "builtin",
        "builtin_named",
        "declare",
        "declare_name",
        "external",
        "file_asm",
        "function",
        "incomplete",
        "incomplete_use",
        "initializer",
        "library",
        "literal_name",
        "modifiable",
        "new_function",
        "prototype_name",
        "qualifier_bits",
        "restrict_definition",
        "type",
        "type_for",
        "union_cast",
        "unused_value",
    )

    def __init__(self, **functions: Callable[..., Any]) -> None:
        for name in self.__slots__:
            setattr(self, name, functions[name])

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Callable[..., Any]: ...


class Context:
    """The state of checking one translation unit."""

    __slots__ = (
        "bodies",
        "char",
        "core_depth",
        "dead",
        "declared_types",
        "deferring",
        "defined",
        "demand",
        "dialect",
        "errors_pragma",
        "expr_rules",
        "file",
        "function",
        "hooks",
        "ignored",
        "loop_head",
        "modifications",
        "options",
        "pack",
        "pending",
        "pragma_stack",
        "preserve",
        "scope",
        "shadow",
        "sink",
        "statement_rules",
        "unevaluated",
        "unit",
        "warnings_pragma",
    )

    def __init__(self, unit: Unit, options: COptions, sink: Sink) -> None:
        self.unit = unit
        self.options = options
        self.sink = sink
        self.file = Scope(None)
        self.scope = self.file
        self.function: FunctionState | None = None
        self.demand: Demand | None = None
        self.dialect: Dialect | None = None
        self.expr_rules: dict[type, Rule] = {}
        self.statement_rules: dict[type, Rule] = {}
        self.hooks: Hooks
        self.ignored: frozenset[str] = frozenset()
        self.errors_pragma: frozenset[str] = frozenset()
        self.warnings_pragma: frozenset[str] = frozenset()
        self.pragma_stack: list[tuple[frozenset[str], frozenset[str], frozenset[str]]] = []
        self.pack = 0  # of #pragma pack, in bytes
        self.unevaluated = 0
        self.modifications = 0  # assignments and increments seen so far
        self.loop_head = False  # inside a comparison that is the whole condition of a loop
        self.dead = 0  # inside a branch that a constant condition never takes
        self.core_depth = 0  # inside records whose members are CO-RE relocated
        self.preserve = 0  # inside __builtin_preserve_access_index
        # Function bodies of headers wait here until the declaration at hand is complete.
        self.pending: list[Callable[[], None]] = []
        self.deferring = False
        self.bodies: dict[FuncSymbol, FunctionState] = {}
        # One type for a specifier node that several declarators share; the node is kept alive.
        self.declared_types: dict[int, tuple[Any, CType]] = {}
        self.defined: dict[VarSymbol, None] = {}
        self.shadow = "shadow" in sink.policy.on or "shadow" in sink.policy.errors
        self.char: IntType = CHAR if not options.unsigned_char else IntType("char", 1, False, 1)

    # ------------------------------------------------------------------------- dispatch
    def expr(self, node: Any) -> Expr:
        """Check an expression; the result may be an lvalue, an array or a function."""
        rule = self.expr_rules.get(node.__class__)
        if rule is None:
            what = node.__class__.__name__
            raise InternalError(f"no rule for expression {what}", stage="sema", span=span_of(node))
        found: Expr = rule(self, node)
        return found

    def statement(self, node: Any) -> Stmt | None:
        """Check a statement; None if it leaves nothing behind."""
        rule = self.statement_rules.get(node.__class__)
        if rule is None:
            rule = self.statement_rules[object]  # an expression statement
        found: Stmt | None = rule(self, node)
        return found

    def type_name(self, node: Any) -> CType:
        """Resolve a Typename (or another type node without a name)."""
        found: CType = self.hooks.type(self, node)
        return found

    def declare(self, node: Any) -> list[Stmt]:
        """Process a declaration inside a block; return the statements it needs at run time."""
        found: list[Stmt] = self.hooks.declare(self, node)
        return found

    def initializer(self, symbol: VarSymbol, node: Any) -> Init | None:
        """Check the initialiser of ``symbol``, completing its type when it is an array ``[]``."""
        found: Init | None = self.hooks.initializer(self, symbol, node)
        return found

    # ------------------------------------------------------------------------- names
    def lookup(self, name: str) -> Symbol | None:
        """Find an ordinary identifier: scopes first, then what headers and the kernel declare."""
        scope: Scope | None = self.scope
        while scope is not None:
            found = scope.idents.get(name)
            if found is not None:
                return found
            scope = scope.parent
        return self.demand.ident(name) if self.demand is not None else None

    def reference(self, symbol: Symbol, span: Span | None) -> None:
        """Note that evaluated code names ``symbol`` (a function or an object with storage)."""
        symbol.used = True
        if not self.unevaluated and self.function is not None:
            self.function.references.setdefault(symbol, span)

    # ------------------------------------------------------------------------- diagnostics
    def error(
        self,
        id: str,
        message: str,
        span: Span | None,
        *,
        notes: list[Note] | None = None,
        fixits: list[FixIt] | None = None,
        kernel: str = "",
    ) -> None:
        """Report an error."""
        self.sink.error(id, message, span, notes=notes, fixits=fixits, kernel=kernel)

    def wrong(self, id: str, message: str, span: Span | None, **more: Any) -> ErrorExpr:
        """Report an error and return the expression that stands for what is wrong."""
        self.sink.error(id, message, span, **more)
        return ErrorExpr(span)

    def runtime_warning(
        self, group: str, message: str, span: Span | None, *, notes: list[Note] | None = None
    ) -> None:
        """Report a warning about what happens when the code runs: not if it never does."""
        if not self.unevaluated and not self.dead:
            self.warning(group, message, span, notes=notes)

    def warning(
        self,
        group: str,
        message: str,
        span: Span | None,
        *,
        id: str = "",
        notes: list[Note] | None = None,
        fixits: list[FixIt] | None = None,
        kernel: str = "",
    ) -> None:
        """Report a warning of ``-W<group>``, unless a pragma ignores it here.

        Groups in ERROR_BY_DEFAULT are errors unless flags or pragmas make them warnings.
        """
        if group in self.ignored:
            return
        policy = self.sink.policy
        severity = Severity.WARNING
        if group in self.errors_pragma:
            severity = Severity.ERROR
        elif group in ERROR_BY_DEFAULT and group not in self.warnings_pragma:
            if group in policy.off:
                return
            if group not in policy.not_errors:
                severity = Severity.ERROR
        self.sink.report(
            Diagnostic(
                id or (group if group.startswith("bpf-") else "c-" + group),
                severity,
                message,
                span,
                group=group,
                notes=notes,
                fixits=fixits,
                kernel=kernel,
            )
        )


def span_of(node: Any) -> Span | None:
    """Return the place of a syntax node."""
    coord = node.coord
    if coord is None:
        return None
    span: Span = coord.span
    return span


def at_of(node: Any) -> Span | None:
    """Return the place of the token that messages about ``node`` point to (an operator, a name)."""
    coord = node.coord
    if coord is None:
        return None
    span: Span = coord.at_span
    return span


def state(cx: Context) -> FunctionState:
    """Return the function being checked."""
    assert cx.function is not None
    return cx.function
