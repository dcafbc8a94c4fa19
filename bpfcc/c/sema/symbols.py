"""What sema alone needs to know: scopes, names that are no objects, the state of a function."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..ctype.types import CType, EnumType, RecordType
from ..tast.nodes import Expr, LabelSymbol, Symbol

if TYPE_CHECKING:
    from ...support.source import Span
    from ..ctype.types import FuncType
    from ..tast.nodes import FuncSymbol, Switch, VarSymbol


class ErrorType(CType):
    """The type of what is wrong and has been reported: silences everything that follows."""

    __slots__ = ()


ERROR = ErrorType()


class ErrorExpr(Expr):
    """An expression that could not be understood; counts as an lvalue so that nothing complains."""

    __slots__ = ()
    lvalue = True

    def __init__(self, span: Span | None) -> None:
        super().__init__(ERROR, span)


class EnumConst(Symbol):
    """An enumerator. ``enum`` is its enum type, None while that is being declared."""

    __slots__ = ("enum", "value")

    def __init__(self, name: str, type: CType, value: int, span: Span | None) -> None:
        super().__init__(name, type, span)
        self.value = value
        self.enum: EnumType | None = None


class TypeName(Symbol):
    """A typedef; ``type`` is the ``Typedef``."""

    __slots__ = ("deprecated",)

    def __init__(self, name: str, type: CType, span: Span | None) -> None:
        super().__init__(name, type, span)
        self.deprecated: str | None = None


class Tag:
    """A struct, union or enum tag of one scope. ``span``: where it was first seen, then defined."""

    __slots__ = ("defined", "span", "type")

    def __init__(self, type: RecordType | EnumType, span: Span | None) -> None:
        self.type = type
        self.span = span
        self.defined = False


class Scope:
    """The names of one scope. ``variables`` are the locals declared in it, in order.

    ``prototype``: the scope of a function declarator's parameters. ``labels``: those that
    ``__label__`` made local.
    """

    __slots__ = ("idents", "labels", "parent", "prototype", "tags", "variables")

    def __init__(self, parent: Scope | None, *, prototype: bool = False) -> None:
        self.parent = parent
        self.prototype = prototype
        self.idents: dict[str, Symbol] = {}
        self.tags: dict[str, Tag] = {}
        self.variables: list[VarSymbol] = []
        self.labels: dict[str, LabelState] = {}


class LabelState:
    """A label of the function: where defined and used, and the nesting it lies in."""

    __slots__ = ("attributes_unused", "defined", "inside", "symbol", "used", "uses")

    def __init__(self, symbol: LabelSymbol) -> None:
        self.symbol = symbol
        self.defined: Span | None = None
        self.used: Span | None = None
        self.inside: tuple[int, ...] = ()  # the statement expressions that it lies in
        self.uses: list[tuple[tuple[int, ...], Span | None]] = []
        self.attributes_unused = False


class SwitchState:
    """A switch being checked. ``single`` and ``ranges``: case values with their places."""

    __slots__ = ("default_span", "node", "ranges", "single", "type", "value")

    def __init__(self, node: Switch, type: CType, value: Expr) -> None:
        self.node = node
        self.type = type
        self.value = value
        self.single: dict[int, Span | None] = {}
        self.ranges: list[tuple[int, int, Span | None]] = []
        self.default_span: Span | None = None

    def find(self, low: int, high: int) -> tuple[int, Span | None] | None:
        """Return a value in ``low``..``high`` that has a case already, and its place."""
        if low == high:
            if low in self.single:
                return low, self.single[low]
        else:
            for value, span in self.single.items():
                if low <= value <= high:
                    return value, span
        for other_low, other_high, span in self.ranges:
            if low <= other_high and other_low <= high:
                return max(low, other_low), span
        return None

    def add(self, low: int, high: int, span: Span | None) -> None:
        """Take note of a case."""
        if low == high:
            self.single[low] = span
        else:
            self.ranges.append((low, high, span))


class FunctionState:
    """The function definition being checked.

    ``references``: functions and static objects that its body names, in order, as dict keys;
    ``calls``: those that it calls directly, with the place of the first call. ``fallthroughs``:
    the ids of the empty blocks that stand for fallthrough attributes.
    """

    __slots__ = (
        "breakable",
        "calls",
        "continuable",
        "errors_before",
        "fallthroughs",
        "keep",
        "labels",
        "references",
        "ret",
        "statics",
        "stmt_expr_count",
        "stmt_exprs",
        "switches",
        "symbol",
        "type",
        "unset",
    )

    def __init__(self, symbol: FuncSymbol, type: FuncType) -> None:
        self.symbol = symbol
        self.type = type
        self.ret = type.ret
        self.labels: dict[str, LabelState] = {}
        self.switches: list[SwitchState] = []
        self.breakable = 0
        self.continuable = 0
        self.stmt_exprs: tuple[int, ...] = ()  # those that are open, by number
        self.stmt_expr_count = 0
        self.statics: dict[str, int] = {}
        self.references: dict[Symbol, Span | None] = {}
        self.calls: dict[FuncSymbol, Span | None] = {}
        self.fallthroughs: set[int] = set()
        self.errors_before = 0  # errors counted before this function
        self.unset: list[VarSymbol] = []  # scalar locals without an initialiser
        self.keep: list[object] = []
