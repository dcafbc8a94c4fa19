"""Statements (C17 6.8): blocks, expressions, return, if, loops with their pragmas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...support.diagnostics import FixIt
from ..ctype.types import (
    RecordType,
    VoidType,
    strip,
)
from ..syntax import nodes as n
from ..tast.nodes import (
    AddressOf,
    Block,
    Cast,
    Expr,
    ExprStmt,
    If,
    Index,
    IntConst,
    Loop,
    Member,
    PtrAdd,
    Return,
    Stmt,
    VarRef,
    VarSymbol,
)
from .attributes import read
from .casts import condition
from .context import span_of, state
from .conversions import assign, rvalue
from .implicit import Target
from .parentheses import check_assigned_condition
from .pragmas import pragma
from .records import find_tag
from .sequencing import check_sequence
from .symbols import ERROR, Scope
from .unused import check_value, leave_scope

if TYPE_CHECKING:
    from typing import Any

    from .context import Context

_DECLARATIONS = (n.Decl, n.Typedef, n.StaticAssert)


# --------------------------------------------------------------------------- blocks
def compound(cx: Context, node: Any) -> Block:
    """A block with a scope of its own."""
    cx.scope = Scope(cx.scope)
    block = items(cx, node)
    _close(cx, block)
    return block


def _close(cx: Context, block: Block) -> None:
    """Leave the current scope: its variables belong to ``block``."""
    scope = cx.scope
    block.variables = scope.variables
    leave_scope(cx, scope)
    assert scope.parent is not None
    cx.scope = scope.parent


def items(cx: Context, node: Any) -> Block:
    """Check the items of a compound statement in the current scope."""
    out: list[Stmt] = []
    for item in node.block_items or ():
        block_item(cx, item, out)
    return Block(out, span_of(node))


def block_item(cx: Context, item: Any, out: list[Stmt]) -> None:
    """Check one item of a block and append what it becomes to ``out``."""
    if isinstance(item, _DECLARATIONS):
        out += cx.declare(item)
        return
    found = cx.statement(item)
    if found is not None:
        out.append(found)


def block_with_value(cx: Context, node: Any) -> tuple[Block, Expr | None]:
    """Check the body of a statement expression; its last expression is not yet converted."""
    function = state(cx)
    outer = function.stmt_exprs
    function.stmt_expr_count += 1
    function.stmt_exprs = (*outer, function.stmt_expr_count)
    cx.scope = Scope(cx.scope)
    out: list[Stmt] = []
    result: Expr | None = None
    contents = list(node.block_items or ())
    while contents and contents[-1].__class__ is n.Pragma:
        contents.pop()
    if contents and contents[-1].__class__ is n.Label:  # a labelled expression gives the value too
        label = contents.pop()
        empty = n.EmptyStatement(label.coord)
        contents += [n.Label(label.name, empty, label.coord, label.attributes), label.stmt]
    for position, item in enumerate(contents):
        last = position == len(contents) - 1
        if last and item.__class__ in cx.expr_rules:
            result = cx.expr(item)
        else:
            block_item(cx, item, out)
    block = Block(out, span_of(node))
    if result is not None and result.lvalue:
        result = rvalue(cx, result)  # the value leaves the scope, the object does not
    _close(cx, block)
    function.stmt_exprs = outer
    return block, result


# --------------------------------------------------------------------------- simple statements
def expression(cx: Context, node: Any) -> Stmt | None:
    """An expression statement."""
    if _missing_tag_keyword(cx, node):
        return None
    before = cx.modifications
    e = cx.expr(node)
    if e.type is ERROR:
        return None
    check_sequence(cx, e, before)
    check_value(cx, e)
    if e.lvalue:
        # An object named for nothing: its value is read only if it is volatile.
        e = rvalue(cx, e)
    return ExprStmt(e, span_of(node))


def _missing_tag_keyword(cx: Context, node: Any) -> bool:
    """Recognise ``event *e;`` and ``event *e = x;`` where ``struct event`` was meant."""
    value = None
    if node.__class__ is n.Assignment and node.op == "=":
        node, value = node.lvalue, node.rvalue
    if node.__class__ is not n.BinaryOp or node.op != "*":
        return False
    left, right = node.left, node.right
    if left.__class__ is not n.ID or right.__class__ is not n.ID:
        return False
    if cx.lookup(left.name) is not None:
        return False
    tag = find_tag(cx, "struct", left.name)
    if tag is None or (isinstance(tag.type, RecordType) and tag.type.fields is None):
        return False
    kind = tag.type.kind if isinstance(tag.type, RecordType) else "enum"
    cx.error(
        "c-unknown-type",
        f"must use '{kind}' tag to refer to type '{left.name}'",
        span_of(left),
        fixits=[FixIt(f"{kind} {left.name}", span_of(left))],
    )
    # What follows may use the variable that was meant to be declared.
    symbol = VarSymbol(right.name, ERROR, span_of(right), "auto")
    symbol.quiet = True
    cx.scope.idents.setdefault(right.name, symbol)
    if value is not None:
        cx.expr(value)
    return True


def empty(cx: Context, node: Any) -> Stmt | None:
    """``;``."""
    return None


def pragma_statement(cx: Context, node: Any) -> Stmt | None:
    """A pragma among statements."""
    pragma(cx, node)
    return None


def attributed(cx: Context, node: Any) -> Stmt | None:
    """Attributes before a statement: ``fallthrough`` and hints."""
    attrs = read(cx, node.attributes)
    if node.stmt is None or node.stmt.__class__ is n.EmptyStatement:
        if attrs.fallthrough:
            function = state(cx)
            if not function.switches:
                cx.error(
                    "c-fallthrough",
                    "fallthrough annotation is outside switch statement",
                    span_of(node),
                )
            marker = Block([], span_of(node))
            function.fallthroughs.add(id(marker))
            function.keep.append(marker)
            return marker
        return None
    return cx.statement(node.stmt)


def return_statement(cx: Context, node: Any) -> Stmt:
    """``return`` (6.8.6.4)."""
    function = state(cx)
    span = span_of(node)
    ret = function.ret
    void = isinstance(strip(ret), VoidType)
    name = function.symbol.name
    if function.symbol.noreturn:
        cx.warning(
            "invalid-noreturn",
            f"function '{name}' declared 'noreturn' should not return",
            span,
        )
    if node.expr is None:
        if not void and ret is not ERROR:
            cx.warning(
                "return-type-mismatch",
                f"non-void function '{name}' should return a value",
                span,
                id="c-return-type",
            )
        return Return(None, span)
    before = cx.modifications
    e = cx.expr(node.expr)
    if ret is ERROR or e.type is ERROR:
        return Return(None, span)
    check_sequence(cx, e, before)
    if void:
        if isinstance(strip(e.type), VoidType):
            return Block([ExprStmt(e, e.span), Return(None, span)], span)
        cx.warning(
            "return-type-mismatch",
            f"void function '{name}' should not return a value",
            span,
            id="c-return-type",
        )
        return Return(None, span)
    value = assign(cx, e, Target("returning", ret))
    _check_escape(cx, value)
    return Return(value if value.type is not ERROR else None, span)


def _check_escape(cx: Context, value: Expr) -> None:
    """Warn when the address of a local leaves its function (-Wreturn-stack-address)."""
    e = value
    while True:
        if isinstance(e, Cast) and e.kind in ("pointer", "same", "ptr2int"):
            e = e.operand
        elif isinstance(e, PtrAdd):
            e = e.pointer
        else:
            break
    if isinstance(e, AddressOf) or (isinstance(e, Cast) and e.kind == "decay"):
        root: Expr = e.operand
        while isinstance(root, (Member, Index)):
            if isinstance(root, Member):
                root = root.base
            elif isinstance(root.pointer, Cast) and root.pointer.kind == "decay":
                root = root.pointer.operand
            else:
                return
        if isinstance(root, VarRef) and root.symbol.storage == "auto":
            what = "parameter" if root.symbol.is_param else "local variable"
            cx.warning(
                "return-stack-address",
                f"address of stack memory associated with {what} '{root.symbol.name}' returned",
                value.span,
                fixits=[FixIt("let the caller provide the buffer")],
            )


# --------------------------------------------------------------------------- selection
def if_statement(cx: Context, node: Any) -> Stmt:
    """``if`` (6.8.4.1); long chains of ``else if`` are walked without recursion."""
    head: If | None = None
    tail: If | None = None
    while True:
        check_assigned_condition(cx, node.cond)
        before = cx.modifications
        cond = condition(cx, cx.expr(node.cond))
        check_sequence(cx, cond, before)
        known = cond.value if isinstance(cond, IntConst) else None
        cx.dead += known == 0
        then = body(cx, node.iftrue, node, "if")
        cx.dead -= known == 0
        _dangling_else(cx, node)
        made = If(cond, then, None, span_of(node))
        if tail is None:
            head = made
        else:
            tail.otherwise = made
        tail = made
        follow = node.iffalse
        if follow is None:
            break
        if follow.__class__ is not n.If:
            cx.dead += bool(known)
            made.otherwise = body(cx, follow, None, "else")
            cx.dead -= bool(known)
            break
        node = follow
    assert head is not None
    return head


def _dangling_else(cx: Context, node: Any) -> None:
    """Warn about ``if (a) if (b) x; else y;`` (-Wdangling-else)."""
    inner = node.iftrue
    if node.iffalse is not None or inner.__class__ is not n.If:
        return
    while inner.__class__ is n.If:
        if inner.iffalse is not None:
            span = span_of(inner.iffalse)
            if span is not None and span.expansion is None:
                cx.warning("dangling-else", "add explicit braces to avoid dangling else", span)
            return
        inner = inner.iftrue


def body(cx: Context, node: Any, owner: Any, what: str) -> Stmt:
    """Check the statement that ``if``, a loop or ``switch`` governs; it is a scope (6.8.4p3)."""
    if node.__class__ is n.Compound:
        return compound(cx, node)
    cx.scope = Scope(cx.scope)
    out: list[Stmt] = []
    if node.__class__ is n.EmptyStatement and owner is not None and what != "do":
        _empty_body(cx, node, owner, what)
    if isinstance(node, _DECLARATIONS):
        cx.error("c-declaration", "expected expression", span_of(node))
    else:
        block_item(cx, node, out)
    block = Block(out, span_of(node))
    _close(cx, block)
    return out[0] if len(out) == 1 and not block.variables else block


def _empty_body(cx: Context, node: Any, owner: Any, what: str) -> None:
    """Warn about ``if (x);`` on one line (-Wempty-body)."""
    span = span_of(node)
    if span is None or span.expansion is not None or what in ("for", "while"):
        return
    cond = span_of(owner.cond)
    if cond is None or cond.expansion is not None or cond.file is not span.file:
        return
    between = span.file.text[cond.end : span.start]
    if "\n" not in between:
        cx.warning("empty-body", f"{what} statement has empty body", span)


# --------------------------------------------------------------------------- loops
def _unroll(cx: Context, node: Any) -> int | None:
    """Read the loop pragmas: ``unroll``, ``unroll(n)``, ``nounroll``, ``clang loop unroll(..)``."""
    found: int | None = None
    for item in node.pragmas or ():
        words = item.string.replace("(", " ").replace(")", " ").replace(",", " ").split()
        if not words:
            continue
        if words[0] == "GCC" and words[1:2] == ["unroll"]:
            words = words[1:]
        if words[0] == "unroll":
            found = _unroll_count(words[1:])
        elif words[0] == "nounroll":
            found = -1
        elif words[:2] == ["clang", "loop"]:
            for option, value in zip(words[2::2], words[3::2]):
                if option == "unroll":
                    found = {"full": 0, "enable": 0, "disable": -1}.get(value, found)
                elif option == "unroll_count":
                    found = _unroll_count([value])
        else:
            pragma(cx, item)
    return found


def _unroll_count(words: list[str]) -> int:
    if words and words[0].isdigit():
        count = int(words[0])
        return -1 if count <= 1 else count
    return 0


_ORDERS = ("<", ">", "<=", ">=")


def _loop_condition(cx: Context, node: Any) -> Expr:
    check_assigned_condition(cx, node)
    outer, cx.loop_head = cx.loop_head, node.__class__ is n.BinaryOp and node.op in _ORDERS
    cond = condition(cx, cx.expr(node))
    cx.loop_head = outer
    return cond


def while_loop(cx: Context, node: Any) -> Stmt:
    """``while``."""
    cond = _loop_condition(cx, node.cond)
    inner = _loop_body(cx, node, "while")
    return Loop(cond, inner, span_of(node), unroll=_unroll(cx, node))


def do_loop(cx: Context, node: Any) -> Stmt:
    """``do ... while``."""
    inner = _loop_body(cx, node, "do")
    cond = _loop_condition(cx, node.cond)
    return Loop(cond, inner, span_of(node), test_first=False, unroll=_unroll(cx, node))


def for_loop(cx: Context, node: Any) -> Stmt:
    """``for`` (6.8.5.3); its first clause opens a scope."""
    cx.scope = Scope(cx.scope)
    init: Stmt | None = None
    if node.init is not None:
        if node.init.__class__ is n.DeclList:
            out: list[Stmt] = []
            for decl in node.init.decls:
                block_item(cx, decl, out)
            init = Block(out, span_of(node.init))
        else:
            init = expression(cx, node.init)
    cond: Expr | None = None
    if node.cond is not None:
        cond = _loop_condition(cx, node.cond)
    step: Expr | None = None
    if node.next is not None:
        step = cx.expr(node.next)
        if step.type is ERROR:
            step = None
        else:
            check_value(cx, step)
            if step.lvalue:
                step = rvalue(cx, step)
    inner = _loop_body(cx, node, "for")
    made = Loop(cond, inner, span_of(node), init=init, step=step, unroll=_unroll(cx, node))
    made.scope = cx.scope.variables
    leave_scope(cx, cx.scope)
    assert cx.scope.parent is not None
    cx.scope = cx.scope.parent
    return made


def _loop_body(cx: Context, node: Any, what: str) -> Stmt:
    function = state(cx)
    function.breakable += 1
    function.continuable += 1
    inner = body(cx, node.stmt, node, what)
    function.breakable -= 1
    function.continuable -= 1
    return inner


RULES = {
    n.Compound: compound,
    n.EmptyStatement: empty,
    n.Pragma: pragma_statement,
    n.AttributedStatement: attributed,
    n.Return: return_statement,
    n.If: if_statement,
    n.While: while_loop,
    n.DoWhile: do_loop,
    n.For: for_loop,
    n.ErrorNode: empty,
    object: expression,
}
