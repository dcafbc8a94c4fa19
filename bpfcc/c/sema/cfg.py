"""The control-flow graph of a function body, with reads and writes of the locals of interest.

It serves warnings only: blocks hold events in evaluation order, edges know which branch they are.
Constant conditions have one edge, calls that do not return have none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..tast.nodes import (
    AddressOf,
    Asm,
    Assign,
    Binary,
    Block,
    Break,
    BuiltinCall,
    Call,
    Cast,
    Comma,
    CompoundAssign,
    CompoundLiteral,
    Conditional,
    Continue,
    CoreAccess,
    DeclStmt,
    Deref,
    Expr,
    ExprStmt,
    Goto,
    If,
    IncDec,
    Index,
    IndirectCall,
    IntConst,
    Label,
    LabelSymbol,
    Loop,
    Member,
    PtrAdd,
    PtrDiff,
    Return,
    Stmt,
    StmtExpr,
    Switch,
    Unary,
    VarRef,
    VarSymbol,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ...support.source import Span

USE, DEF, DECL = 0, 1, 2


class Node:
    """A basic block.

    ``events``: (USE, DEF or DECL, variable, place). ``branch``: what decides among several
    successors, as ("if", place of the condition), with ``names`` of the edges, parallel to
    ``succs``. ``returns``: it ends in a return statement.
    """

    __slots__ = ("branch", "events", "index", "names", "place", "preds", "returns", "succs")

    def __init__(self, index: int) -> None:
        self.index = index
        self.events: list[tuple[int, VarSymbol, Span | None]] = []
        self.succs: list[Node] = []
        self.preds: list[Node] = []
        self.names: list[str] = []
        self.branch: tuple[str, Span | None] | None = None
        self.returns = False
        self.place: Span | None = None  # of the case label that it begins with


class Graph:
    """The graph of one function; ``end`` is where control falls off its closing brace."""

    __slots__ = (
        "_breaks",
        "_cases",
        "_continues",
        "_current",
        "_fresh",
        "_labels",
        "_tracked",
        "end",
        "entry",
        "fallthroughs",
        "has_return",
        "markers",
        "nodes",
    )

    def __init__(self, body: Block, tracked: set[VarSymbol], markers: set[int]) -> None:
        self.nodes: list[Node] = []
        self.entry = self._node()
        self._current: Node | None = self.entry
        self._labels: dict[LabelSymbol, Node] = {}
        self._breaks: list[Node] = []
        self._cases: set[LabelSymbol] = set()
        self._continues: list[Node] = []
        self._tracked = tracked
        self._fresh = True  # nothing but labels since the last case label
        self.markers = markers
        self.fallthroughs: list[tuple[Node, Span | None]] = []
        self.has_return = False
        self.end = self._node()
        self._stmt(body)
        self._jump(self.end)
        for node in self.nodes:
            for succ in node.succs:
                succ.preds.append(node)

    # ------------------------------------------------------------------------- plumbing
    def _node(self) -> Node:
        node = Node(len(self.nodes))
        self.nodes.append(node)
        return node

    def _here(self) -> Node:
        if self._current is None:
            self._current = self._node()  # unreachable, yet it may hold labels
        return self._current

    def _jump(self, target: Node) -> None:
        if self._current is not None:
            self._current.succs.append(target)
        self._current = None

    def _start(self, node: Node) -> None:
        self._jump(node)
        self._current = node

    def _label(self, symbol: LabelSymbol) -> Node:
        found = self._labels.get(symbol)
        if found is None:
            found = self._labels[symbol] = self._node()
        return found

    def _split(
        self, cond: Expr, true: Node, false: Node, kind: str, names: tuple[str, str]
    ) -> None:
        """End the current block in a branch on ``cond``; && and || become branches themselves."""
        if isinstance(cond, IntConst):
            self._jump(true if cond.value else false)
            return
        if isinstance(cond, Binary) and cond.op in ("&&", "||"):
            middle = self._node()
            if cond.op == "&&":
                self._split(cond.left, middle, false, "&&", ("true", "false"))
            else:
                self._split(cond.left, true, middle, "||", ("true", "false"))
            self._current = middle
            self._split(cond.right, true, false, kind, names)
            return
        if isinstance(cond, Unary) and cond.op == "!":
            self._split(cond.operand, false, true, kind, (names[1], names[0]))
            return
        self._expr(cond)
        here = self._current
        if here is None:
            return
        here.branch = (kind, cond.span)
        here.names = list(names)
        here.succs = [true, false]
        self._current = None

    # ------------------------------------------------------------------------- statements
    def _stmt(self, s: Stmt) -> None:
        rule = _STATEMENTS.get(s.__class__)
        if rule is not None:
            rule(self, s)

    def block(self, s: Block) -> None:
        """Statements in order; an empty marked block is a fallthrough attribute."""
        if id(s) in self.markers:
            self._fresh = True
            return
        for inner in s.statements:
            if self._fresh and not isinstance(inner, (Label, Block)):
                self._fresh = False
            self._stmt(inner)

    def expr_stmt(self, s: ExprStmt) -> None:
        """An expression statement; calls that do not return end the block."""
        self._expr(s.expr)

    def decl(self, s: DeclStmt) -> None:
        """A local comes to life: set if it has an initialiser."""
        if s.init is not None:
            for item in s.init.items:
                self._expr(item.value)
        if s.symbol in self._tracked:
            kind = DECL if s.init is None else DEF
            self._here().events.append((kind, s.symbol, s.span))

    def if_(self, s: If) -> None:
        """``if``."""
        then, after = self._node(), self._node()
        otherwise = self._node() if s.otherwise is not None else after
        self._split(s.cond, then, otherwise, "if", ("true", "false"))
        self._current = then
        self._stmt(s.then)
        self._jump(after)
        if s.otherwise is not None:
            self._current = otherwise
            self._stmt(s.otherwise)
            self._jump(after)
        self._current = after

    def loop(self, s: Loop) -> None:
        """All loops."""
        kind = "do" if not s.test_first else "for" if s.init or s.step or not s.cond else "while"
        if s.init is not None:
            self._stmt(s.init)
        head, inner, step, after = self._node(), self._node(), self._node(), self._node()
        self._jump(head if s.test_first else inner)
        self._breaks.append(after)
        self._continues.append(step)
        self._current = inner
        self._fresh = False
        self._stmt(s.body)
        self._jump(step)
        self._breaks.pop()
        self._continues.pop()
        self._current = step
        if s.step is not None:
            self._expr(s.step)
        self._jump(head)
        self._current = head
        if s.cond is None:
            self._jump(inner)
        else:
            self._split(s.cond, inner, after, kind, ("true", "false"))
        self._current = after

    def switch(self, s: Switch) -> None:
        """``switch``: one edge for each case, one for default or for passing by."""
        self._expr(s.value)
        head, after = self._current, self._node()
        if head is None:
            head = self._here()
        head.branch = ("switch", s.value.span)
        own: set[LabelSymbol] = set()
        for _, _, label in s.cases:
            self._label(label).place = label.span
            head.succs.append(self._label(label))
            head.names.append("case")
            own.add(label)
        if s.default is not None:
            own.add(s.default)
            self._label(s.default).place = s.default.span
        head.succs.append(self._label(s.default) if s.default is not None else after)
        head.names.append("default" if s.default is not None else "")
        self._current = None
        self._fresh = True
        self._breaks.append(after)
        self._cases |= own
        self._stmt(s.body)
        self._breaks.pop()
        self._jump(after)
        self._current = after
        self._fresh = False

    def label(self, s: Label) -> None:
        """A label; a case label reached from above is a fallthrough."""
        node = self._label(s.label)
        if s.label in self._cases:
            if self._current is not None and not self._fresh:
                self.fallthroughs.append((self._current, s.label.span))
            self._fresh = True
        self._start(node)

    def goto(self, s: Goto) -> None:
        """``goto``."""
        self._jump(self._label(s.label))

    def break_(self, s: Break) -> None:
        """``break``."""
        if self._breaks:
            self._jump(self._breaks[-1])
        self._current = None

    def continue_(self, s: Continue) -> None:
        """``continue``."""
        if self._continues:
            self._jump(self._continues[-1])
        self._current = None

    def return_(self, s: Return) -> None:
        """``return``."""
        if s.value is not None:
            self._expr(s.value)
        if self._current is not None:
            self._current.returns = True
        self.has_return = True
        self._current = None

    def asm(self, s: Asm) -> None:
        """Assembly: inputs are read, then outputs written."""
        for operand in s.inputs:
            self._expr(operand.expr)
        for operand in s.outputs:
            self._write(operand.expr)
        if s.labels:
            here = self._here()
            after = self._node()
            here.branch = ("asm", s.span)
            here.succs = [after, *[self._label(label) for label in s.labels]]
            here.names = ["fall through", *["goto"] * len(s.labels)]
            self._current = after

    # ------------------------------------------------------------------------- expressions
    def _expr(self, e: Expr) -> None:
        rule = _EXPRESSIONS.get(e.__class__)
        if rule is not None:
            rule(self, e)

    def _read(self, e: Expr) -> None:
        """The lvalue ``e`` is read."""
        if isinstance(e, VarRef):
            if e.symbol in self._tracked:
                self._here().events.append((USE, e.symbol, e.span))
        else:
            self._expr(e)

    def _write(self, e: Expr) -> None:
        """The lvalue ``e`` is written."""
        if isinstance(e, VarRef):
            if e.symbol in self._tracked:
                self._here().events.append((DEF, e.symbol, e.span))
        else:
            self._expr(e)

    def cast(self, e: Cast) -> None:
        """A load reads its operand; other conversions just pass on."""
        if e.kind == "load":
            self._read(e.operand)
        else:
            self._expr(e.operand)

    def assign(self, e: Assign) -> None:
        """``=``."""
        if not isinstance(e.target, VarRef):
            self._expr(e.target)
        self._expr(e.value)
        if isinstance(e.target, VarRef):
            self._write(e.target)

    def compound(self, e: CompoundAssign) -> None:
        """``op=``."""
        self._expr(e.value)
        self._read(e.target)
        if isinstance(e.target, VarRef):
            self._write(e.target)

    def inc_dec(self, e: IncDec) -> None:
        """``++`` and ``--``."""
        self._read(e.target)
        if isinstance(e.target, VarRef):
            self._write(e.target)

    def address(self, e: AddressOf) -> None:
        """Whoever gets the address may write."""
        self._write(e.operand)

    def logical(self, e: Binary) -> None:
        """Binary operators; && and || are branches."""
        if e.op not in ("&&", "||"):
            self._expr(e.left)
            self._expr(e.right)
            return
        after = self._node()
        self._split(e, after, after, e.op, ("true", "false"))
        self._current = after

    def conditional(self, e: Conditional) -> None:
        """``?:``."""
        then, otherwise, after = self._node(), self._node(), self._node()
        self._split(e.cond, then, otherwise, "?:", ("true", "false"))
        self._current = then
        if e.then is not None:
            self._expr(e.then)
        self._jump(after)
        self._current = otherwise
        self._expr(e.otherwise)
        self._jump(after)
        self._current = after

    def call(self, e: Call) -> None:
        """A call; one that does not return ends the block."""
        for arg in e.args:
            self._expr(arg)
        if e.callee.noreturn:
            self._current = None

    def builtin(self, e: BuiltinCall) -> None:
        """A builtin; ``trap`` and ``unreachable`` end the block."""
        if e.name != "constant_p":
            for arg in e.args:
                self._expr(arg)
        if e.name in ("trap", "unreachable"):
            self._current = None

    def indirect(self, e: IndirectCall) -> None:
        """A call through a pointer."""
        self._expr(e.pointer)
        for arg in e.args:
            self._expr(arg)

    def stmt_expr(self, e: StmtExpr) -> None:
        """A statement expression."""
        self._stmt(e.block)
        if e.result is not None:
            self._expr(e.result)

    def two(self, e: Any) -> None:
        """Operators on two operands evaluated in order."""
        for name in e.__class__.__slots__:
            part = getattr(e, name)
            if isinstance(part, Expr):
                self._expr(part)

    def literal(self, e: CompoundLiteral) -> None:
        """A compound literal is initialised here."""
        if e.symbol.init is not None:
            for item in e.symbol.init.items:
                self._expr(item.value)


_STATEMENTS: dict[type, Callable[[Graph, Any], None]] = {
    Block: Graph.block,
    ExprStmt: Graph.expr_stmt,
    DeclStmt: Graph.decl,
    If: Graph.if_,
    Loop: Graph.loop,
    Switch: Graph.switch,
    Label: Graph.label,
    Goto: Graph.goto,
    Break: Graph.break_,
    Continue: Graph.continue_,
    Return: Graph.return_,
    Asm: Graph.asm,
}
_EXPRESSIONS: dict[type, Callable[[Graph, Any], None]] = {
    Cast: Graph.cast,
    Assign: Graph.assign,
    CompoundAssign: Graph.compound,
    IncDec: Graph.inc_dec,
    AddressOf: Graph.address,
    Binary: Graph.logical,
    Conditional: Graph.conditional,
    Call: Graph.call,
    IndirectCall: Graph.indirect,
    BuiltinCall: Graph.builtin,
    StmtExpr: Graph.stmt_expr,
    CompoundLiteral: Graph.literal,
    Unary: Graph.two,
    PtrAdd: Graph.two,
    PtrDiff: Graph.two,
    Comma: Graph.two,
    Deref: Graph.two,
    Index: Graph.two,
    Member: Graph.two,
    CoreAccess: Graph.two,
}
