"""Statements (C17 6.8), labels, switch, loops with their pragmas, asm."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...support.diagnostics import FixIt, Note
from ..ctype.printing import quoted
from ..ctype.promotion import fits, integer_of, to_signed, to_unsigned, wrap
from ..ctype.types import (
    BOOL,
    EnumType,
    RecordType,
    VoidType,
    strip,
)
from ..syntax import nodes as n
from ..tast.evaluate import evaluate_int
from ..tast.nodes import (
    AddressOf,
    Asm,
    AsmOperand,
    Block,
    Break,
    Cast,
    Continue,
    Expr,
    ExprStmt,
    Goto,
    If,
    Index,
    IntConst,
    Label,
    LabelSymbol,
    Loop,
    Member,
    PtrAdd,
    Return,
    Stmt,
    Switch,
    VarRef,
)
from .attributes import read
from .context import at_of, span_of
from .conversions import Target, assign, condition, promoted, rvalue
from .parentheses import check_assigned_condition
from .pragmas import pragma
from .sequencing import check_sequence
from .symbols import ERROR, FunctionState, LabelState, Scope, SwitchState
from .unused import check_value, leave_scope

if TYPE_CHECKING:
    from typing import Any

    from ...support.source import Span
    from .context import Context

_DECLARATIONS = (n.Decl, n.Typedef, n.StaticAssert)


def state(cx: Context) -> FunctionState:
    """Return the function being checked."""
    assert cx.function is not None
    return cx.function


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
        _item(cx, item, out)
    return Block(out, span_of(node))


def _item(cx: Context, item: Any, out: list[Stmt]) -> None:
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
            _item(cx, item, out)
    block = Block(out, span_of(node))
    if result is not None and result.lvalue:
        result = rvalue(cx, result)  # the value leaves the scope, the object does not
    _close(cx, block)
    function.stmt_exprs = outer
    return block, result


# --------------------------------------------------------------------------- simple statements
def expression(cx: Context, node: Any) -> Stmt | None:
    """An expression statement."""
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
        _item(cx, node, out)
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


def switch(cx: Context, node: Any) -> Stmt:
    """``switch`` (6.8.4.2)."""
    function = state(cx)
    span = span_of(node)
    e = rvalue(cx, cx.expr(node.cond))
    source = e
    if e.type is not ERROR and integer_of(e.type) is None:
        cx.error(
            "c-switch",
            f"statement requires expression of integer type ({quoted(e.type)} invalid)",
            span_of(node.cond),
        )
        e = IntConst(BOOL, 0, e.span)
    if e.type is not ERROR:
        e = promoted(cx, e)
    made = Switch(e, Block([], span), span)
    function.switches.append(SwitchState(made, e.type, source))
    function.breakable += 1
    made.body = body(cx, node.stmt, None, "switch")
    function.breakable -= 1
    _check_enum_cases(cx, function.switches.pop(), span_of(node.cond))
    return made


def _check_enum_cases(cx: Context, done: SwitchState, span: Span | None) -> None:
    """Warn when a switch over an enum without default misses enumerators (-Wswitch)."""
    enum = strip(done.value.type)
    if not isinstance(enum, EnumType) or done.node.default is not None:
        return
    missing = [
        name
        for name, value in enum.enumerators
        if not any(low <= value <= high for low, high, _ in done.seen)
    ]
    if not missing:
        return
    if len(missing) <= 3:
        shown = [f"'{name}'" for name in missing]
        joined = (
            shown[0]
            if len(shown) == 1
            else (
                " and ".join(shown)
                if len(shown) == 2
                else f"{shown[0]}, {shown[1]}, and {shown[2]}"
            )
        )
        message = f"enumeration value{'s' if len(shown) > 1 else ''} {joined} not handled in switch"
    else:
        message = (
            f"{len(missing)} enumeration values not handled in switch: "
            f"'{missing[0]}', '{missing[1]}', '{missing[2]}'..."
        )
    cx.warning("switch", message, span)


def case(cx: Context, node: Any) -> Stmt:
    """``case low ... high:`` and what it labels; long runs of cases are walked flat."""
    function = state(cx)
    out: list[Stmt] = []
    first = span_of(node)
    while node.__class__ in (n.Case, n.Default):
        if node.__class__ is n.Case:
            label = _case_label(cx, function, node)
        else:
            label = _default_label(cx, function, node)
        if label is not None:
            out.append(Label(label, at_of(node)))
        inner = node.stmts
        if len(inner) == 1 and inner[0].__class__ in (n.Case, n.Default):
            node = inner[0]
            continue
        for item in inner:
            _item(cx, item, out)
        break
    return Block(out, first)


def _case_label(cx: Context, function: FunctionState, node: Any) -> LabelSymbol | None:
    span = at_of(node)
    if not function.switches:
        cx.error("c-case", "'case' statement not in switch statement", span)
        return None
    owner = function.switches[-1]
    if node.expr.__class__ is n.Range:
        low = _case_value(cx, owner, node.expr.low)
        high = _case_value(cx, owner, node.expr.high)
    else:
        low = high = _case_value(cx, owner, node.expr)
    if low is None or high is None:
        return None
    if low > high:
        cx.warning("empty-range", "empty case range specified", span_of(node.expr))
        return None
    for other_low, other_high, where in owner.seen:
        if low <= other_high and other_low <= high:
            value = max(low, other_low)
            cx.error(
                "c-duplicate-case",
                f"duplicate case value '{_enumerator(owner, value)}'",
                span_of(node.expr),
                notes=[Note("previous case defined here", where)],
            )
            return None
    owner.seen.append((low, high, span_of(node.expr)))
    label = LabelSymbol(f"case {low}", span)
    owner.node.cases.append((low, high, label))
    return label


def _enumerator(owner: SwitchState, value: int) -> str:
    enum = strip(owner.value.type)
    if isinstance(enum, EnumType):
        for name, number in enum.enumerators:
            if number == value:
                return name
    return str(value)


def _case_value(cx: Context, owner: SwitchState, node: Any) -> int | None:
    e = rvalue(cx, cx.expr(node))
    if e.type is ERROR or owner.type is ERROR:
        return None
    value = evaluate_int(e)
    if value is None or integer_of(e.type) is None:
        cx.error(
            "c-not-constant",
            "expression is not an integer constant expression",
            span_of(node),
        )
        return None
    integer = integer_of(owner.type)
    assert integer is not None
    enum = strip(owner.value.type)
    if isinstance(enum, EnumType) and enum.enumerators:
        if not any(value == number for _, number in enum.enumerators) and value >= 0:
            cx.warning(
                "switch",
                f"case value not in enumerated type {quoted(owner.value.type)}",
                span_of(node),
            )
    elif not fits(value, to_signed(integer)) and not fits(value, to_unsigned(integer)):
        cx.warning(
            "switch",
            f"overflow converting case value to switch condition type ({value} to "
            f"{wrap(value, integer)})",
            span_of(node),
        )
    return wrap(value, integer)


def _default_label(cx: Context, function: FunctionState, node: Any) -> LabelSymbol | None:
    span = at_of(node)
    if not function.switches:
        cx.error("c-case", "'default' statement not in switch statement", span)
        return None
    owner = function.switches[-1]
    if owner.node.default is not None:
        cx.error(
            "c-duplicate-case",
            "multiple default labels in one switch",
            span,
            notes=[Note("previous case defined here", owner.default_span)],
        )
        return None
    label = LabelSymbol("default", span)
    owner.node.default = label
    owner.default_span = span
    return label


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


def while_loop(cx: Context, node: Any) -> Stmt:
    """``while``."""
    check_assigned_condition(cx, node.cond)
    cond = condition(cx, cx.expr(node.cond))
    inner = _loop_body(cx, node, "while")
    return Loop(cond, inner, span_of(node), unroll=_unroll(cx, node))


def do_loop(cx: Context, node: Any) -> Stmt:
    """``do ... while``."""
    inner = _loop_body(cx, node, "do")
    check_assigned_condition(cx, node.cond)
    cond = condition(cx, cx.expr(node.cond))
    return Loop(cond, inner, span_of(node), test_first=False, unroll=_unroll(cx, node))


def for_loop(cx: Context, node: Any) -> Stmt:
    """``for`` (6.8.5.3); its first clause opens a scope."""
    cx.scope = Scope(cx.scope)
    init: Stmt | None = None
    if node.init is not None:
        if node.init.__class__ is n.DeclList:
            out: list[Stmt] = []
            for decl in node.init.decls:
                _item(cx, decl, out)
            init = Block(out, span_of(node.init))
        else:
            init = expression(cx, node.init)
    cond: Expr | None = None
    if node.cond is not None:
        check_assigned_condition(cx, node.cond)
        cond = condition(cx, cx.expr(node.cond))
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


# --------------------------------------------------------------------------- jumps
def break_statement(cx: Context, node: Any) -> Stmt | None:
    """``break``."""
    if not state(cx).breakable:
        cx.error("c-break", "'break' statement not in loop or switch statement", span_of(node))
        return None
    return Break(span_of(node))


def continue_statement(cx: Context, node: Any) -> Stmt | None:
    """``continue``."""
    if not state(cx).continuable:
        cx.error("c-break", "'continue' statement not in loop statement", span_of(node))
        return None
    return Continue(span_of(node))


def label_state(cx: Context, name: str) -> LabelState:
    """Return the function's label ``name``, made at its first mention.

    ``__label__`` makes a name local to a block; it is renamed behind the scenes.
    """
    function = state(cx)
    scope: Scope | None = cx.scope
    while scope is not None:
        if name in scope.labels:
            return scope.labels[name]
        scope = scope.parent
    found = function.labels.get(name)
    if found is None:
        found = function.labels[name] = LabelState(LabelSymbol(name, None))
    return found


def local_labels(cx: Context, node: Any) -> Stmt | None:
    """``__label__ a, b;``."""
    function = state(cx)
    for item in node.names:
        made = LabelState(LabelSymbol(item.name, span_of(item)))
        cx.scope.labels[item.name] = made
        function.labels[f"{item.name} {len(function.labels)}"] = made
    return None


def goto(cx: Context, node: Any) -> Stmt:
    """``goto name``."""
    found = label_state(cx, node.name)
    if found.used is None:
        found.used = span_of(node)
    found.uses.append((state(cx).stmt_exprs, span_of(node)))
    return Goto(found.symbol, span_of(node))


def label(cx: Context, node: Any) -> Stmt:
    """``name: statement``."""
    found = label_state(cx, node.name)
    span = at_of(node)
    if found.defined is not None:
        cx.error(
            "c-redefinition",
            f"redefinition of label '{node.name}'",
            span,
            notes=[Note("previous definition is here", found.defined)],
        )
        return Block([], span)
    found.defined = found.symbol.span = span
    if node.attributes:
        found.attributes_unused = read(cx, node.attributes).unused
    function = state(cx)
    found.inside = function.stmt_exprs
    function.symbol.labels.append(found.symbol)
    out: list[Stmt] = [Label(found.symbol, span)]
    if node.stmt is not None:
        _item(cx, node.stmt, out)
    return Block(out, span_of(node))


def computed_goto(cx: Context, node: Any) -> Stmt | None:
    """``goto *p`` does not exist in BPF."""
    cx.error(
        "bpf-unsupported-c",
        "computed goto is not available in BPF",
        span_of(node),
        fixits=[FixIt("use a switch")],
    )
    return None


def finish_labels(cx: Context, function: FunctionState) -> None:
    """Report labels used but not defined, and defined but not used."""
    for key, found in function.labels.items():
        name = key.split(" ")[0]
        if found.defined is None:
            if found.used is not None:
                cx.error("c-undeclared-label", f"use of undeclared label '{name}'", found.used)
        for inside, span in found.uses:
            if found.defined is not None and inside[: len(found.inside)] != found.inside:
                cx.error(
                    "c-jump",
                    "cannot jump from this goto statement to its label",
                    span,
                    notes=[Note("jump enters a statement expression", found.defined)],
                )
        if found.defined is not None and found.used is None and not found.attributes_unused:
            cx.warning("unused-label", f"unused label '{name}'", found.defined)


# --------------------------------------------------------------------------- asm
def asm(cx: Context, node: Any) -> Stmt | None:
    """Inline assembly with its operands."""
    outputs = [_operand(cx, item, output=True) for item in node.outputs]
    inputs = [_operand(cx, item, output=False) for item in node.inputs]
    labels: list[LabelSymbol] = []
    for item in node.labels:
        found = label_state(cx, item.name)
        found.used = found.used or span_of(item)
        labels.append(found.symbol)
    made_outputs = [o for o in outputs if o is not None]
    made_inputs = [i for i in inputs if i is not None]
    if len(made_outputs) != len(outputs) or len(made_inputs) != len(inputs):
        return None
    if not node.basic:
        _check_template(cx, node, len(outputs) + len(inputs) + len(labels))
    return Asm(
        node.template.string(),
        made_outputs,
        made_inputs,
        list(node.clobbers),
        labels,
        span_of(node),
        volatile=node.volatile or not outputs or node.goto,
    )


def _check_template(cx: Context, node: Any, count: int) -> None:
    """Check that every operand which the template names exists."""
    names = {item.name for item in (*node.outputs, *node.inputs) if item.name}
    names |= {item.name for item in node.labels}
    text = node.template.string()
    at = text.find("%")
    while at >= 0:
        at += 1
        if text[at : at + 1] in ("%", "="):
            at += 1
        else:
            if text[at : at + 1].isalpha():
                at += 1  # a modifier: %w0, %l[label]
            if text[at : at + 1] == "[":
                close = text.find("]", at)
                name = text[at + 1 : close]
                if close < 0 or name not in names:
                    cx.error(
                        "c-asm",
                        f"unknown symbolic operand name '{name}' in inline assembly string",
                        span_of(node.template),
                    )
                    return
                at = close + 1
            else:
                end = at
                while text[end : end + 1].isdigit():
                    end += 1
                if end == at or int(text[at:end]) >= count:
                    cx.error(
                        "c-asm",
                        f"invalid operand number '%{text[at:end]}' in inline asm string",
                        span_of(node.template),
                    )
                    return
                at = end
        at = text.find("%", at)


def _operand(cx: Context, node: Any, *, output: bool) -> AsmOperand | None:
    e = cx.expr(node.expr)
    constraint = node.constraint
    if e.type is ERROR:
        return None
    span = span_of(node.expr)
    if output:
        if not constraint or constraint[0] not in "=+":
            cx.error("c-asm", f"invalid output constraint '{constraint}' in asm", span_of(node))
            return None
        if not e.lvalue:
            cx.error("c-asm", "invalid lvalue in asm output", span)
            return None
        if isinstance(e, VarRef):
            e.symbol.writes += 1
            if constraint[0] == "+":
                e.symbol.refs += 1
        if isinstance(strip(e.type), RecordType) and "m" not in constraint:
            cx.error("c-asm", f"invalid type {quoted(e.type)} in asm output", span)
            return None
        return AsmOperand(node.name, constraint, e)
    if "m" in constraint and not any(c in constraint for c in "rig0123456789"):
        if not e.lvalue:
            cx.error("c-asm", "invalid lvalue in asm input for constraint 'm'", span)
            return None
        return AsmOperand(node.name, constraint, e)
    value = rvalue(cx, e)
    real = strip(value.type)
    if isinstance(real, (RecordType, VoidType)):
        cx.error("c-asm", f"invalid type {quoted(e.type)} in asm input", span)
        return None
    if constraint in ("i", "n", "I", "s"):
        known = evaluate_int(value)
        if known is not None and integer_of(value.type) is not None:
            value = IntConst(value.type, known, value.span)
    return AsmOperand(node.name, constraint, value)


def file_asm(cx: Context, node: Any) -> None:
    """Assembly at file scope."""
    cx.unit.asm.append(Asm(node.template.string(), [], [], [], [], span_of(node), volatile=True))


RULES = {
    n.Compound: compound,
    n.EmptyStatement: empty,
    n.Pragma: pragma_statement,
    n.AttributedStatement: attributed,
    n.Return: return_statement,
    n.If: if_statement,
    n.Switch: switch,
    n.Case: case,
    n.Default: case,
    n.While: while_loop,
    n.DoWhile: do_loop,
    n.For: for_loop,
    n.Break: break_statement,
    n.Continue: continue_statement,
    n.Goto: goto,
    n.Label: label,
    n.ComputedGoto: computed_goto,
    n.LocalLabels: local_labels,
    n.Asm: asm,
    n.ErrorNode: empty,
    object: expression,
}
