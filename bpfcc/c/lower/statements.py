"""Statements to blocks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...ir.values import VOID, Const, Undef, Value
from ..ctype.layout import size_of
from ..ctype.types import VoidType, strip
from ..tast import nodes as t
from ..tast.evaluate import evaluate, evaluate_int
from ..tast.walk import walk
from . import calls, expressions, initializers, inline_asm
from .function import Fn
from .scalars import ir_type, is_memory

MAX_CASE_RANGE = 64  # a longer range of case values becomes two comparisons


def statement(f: Fn, s: t.Stmt) -> None:
    """Lower one statement."""
    rule = _RULES.get(s.__class__)
    if rule is None:
        raise f.broken(f"no rule for {s.__class__.__name__}", s.span)
    f.b.span = s.span
    rule(f, s)


# --------------------------------------------------------------------------- blocks, declarations
def block(f: Fn, s: t.Block) -> None:
    """A compound statement: its variables live until its end."""
    scoped = enter_scope(f, s)
    depth = len(f.cleanups)
    for each in s.statements:
        if f.b.terminated:
            f.dead()
        statement(f, each)
    leave_scope(f, scoped, depth)


def enter_scope(f: Fn, s: t.Block) -> list[Value]:
    """Mark the block's variables in memory as born; none where a label could be jumped to."""
    if not s.variables or _has_label(s):
        return []
    scoped: list[Value] = []
    for symbol in s.variables:
        if symbol.storage != "auto":
            continue
        if symbol.address_taken or is_memory(symbol.type):
            slot = f.slot(symbol)
            f.b.lifetime_start(slot)
            scoped.append(slot)
    return scoped


def leave_scope(f: Fn, scoped: list[Value], depth: int) -> None:
    """Run the cleanup functions of the block's variables and mark its variables as gone."""
    if not f.b.terminated:
        run_cleanups(f, depth)
        for slot in scoped:
            f.b.lifetime_end(slot)
    del f.cleanups[depth:]


def run_cleanups(f: Fn, depth: int) -> None:
    """Call the cleanup functions of the variables declared since ``depth``, last first."""
    for symbol in reversed(f.cleanups[depth:]):
        assert symbol.cleanup is not None
        calls.call_symbol(f, symbol.cleanup, [f.slot(symbol)])


def _has_label(s: t.Stmt) -> bool:
    stack: list[Any] = [s]
    while stack:
        node = stack.pop()
        if isinstance(node, t.Label):
            return True
        if isinstance(node, t.Block):
            stack += node.statements
        elif isinstance(node, t.If):
            stack.append(node.then)
            if node.otherwise is not None:
                stack.append(node.otherwise)
        elif isinstance(node, t.Loop):
            stack.append(node.body)
        elif isinstance(node, t.Switch):
            # The cases of a switch inside are reached from it alone, hence through the block.
            stack += _inner_labels(node)
    return False


def _inner_labels(s: t.Switch) -> list[t.Stmt]:
    """Return the named labels (goto targets) inside a switch, as statements."""
    own = {label for _, _, label in s.cases}
    if s.default is not None:
        own.add(s.default)
    found: list[t.Stmt] = []
    stack: list[Any] = [s.body]
    while stack:
        node = stack.pop()
        if isinstance(node, t.Label):
            if node.label not in own:
                found.append(node)
        elif isinstance(node, t.Block):
            stack += node.statements
        elif isinstance(node, t.If):
            stack.append(node.then)
            if node.otherwise is not None:
                stack.append(node.otherwise)
        elif isinstance(node, t.Loop):
            stack.append(node.body)
        elif isinstance(node, t.Switch):
            found += _inner_labels(node)
    return found


def _declaration(f: Fn, s: t.DeclStmt) -> None:
    symbol = s.symbol
    slot = f.slot(symbol)
    if s.init is not None:
        initializers.initialize(f, f.place(symbol), s.init)
    elif f.loop_depth and not is_memory(symbol.type) and not symbol.address_taken:
        # Each turn of a loop begins with an unspecified value, not the last turn's.
        kind = ir_type(symbol.type)
        f.b.store(slot, Undef(kind))
    if symbol.cleanup is not None:
        f.cleanups.append(symbol)


def _expression(f: Fn, s: t.ExprStmt) -> None:
    expressions.effect(f, s.expr)


def statement_expression(f: Fn, e: t.StmtExpr) -> Value:
    """``({ ... })``: a block whose last expression is the value."""
    scoped = enter_scope(f, e.block)
    depth = len(f.cleanups)
    for each in e.block.statements:
        if f.b.terminated:
            f.dead()
        statement(f, each)
    if f.b.terminated:
        f.dead()
    f.b.span = e.span
    found: Value = Undef(VOID)
    result = e.result
    if result is not None:
        if isinstance(strip(result.type), VoidType):
            expressions.effect(f, result)
        else:
            found = expressions.value(f, result)
            if is_memory(result.type) and size_of(result.type):
                found = f.copied(found, result.type)
    leave_scope(f, scoped, depth)
    return found


# --------------------------------------------------------------------------- selection
def _if(f: Fn, s: t.If) -> None:
    b = f.b
    known = evaluate_int(s.cond) if evaluate(s.cond) is not None else None
    if known is not None and not _holds_label(s.otherwise if known else s.then):
        taken = s.then if known else s.otherwise
        if taken is not None:
            statement(f, taken)
        return
    then_block, end = f.block("then"), f.block("end")
    else_block = f.block("else") if s.otherwise is not None else end
    expressions.branch(f, s.cond, then_block, else_block)
    b.position(then_block)
    statement(f, s.then)
    if not b.terminated:
        b.br(end)
    if s.otherwise is not None:
        b.position(else_block)
        statement(f, s.otherwise)
        if not b.terminated:
            b.br(end)
    b.position(end)


def _holds_label(s: t.Stmt | None) -> bool:
    if s is None:
        return False
    return _has_label(s) or isinstance(s, t.Label)


def _switch(f: Fn, s: t.Switch) -> None:
    b = f.b
    value = expressions.value(f, s.value)
    end = f.block("endswitch")
    default = f.label(s.default) if s.default is not None else end
    cases: list[tuple[int, Any]] = []
    ranges: list[tuple[int, int, Any]] = []
    mask = (1 << value.type.bits) - 1
    seen: set[int] = set()
    for low, high, label in s.cases:
        target = f.label(label)
        if high - low < MAX_CASE_RANGE:
            for number in range(low, high + 1):
                if number & mask not in seen:
                    seen.add(number & mask)
                    cases.append((number, target))
        else:
            ranges.append((low, high, target))
    for low, high, target in ranges:
        # low <= value <= high, whatever the sign: value - low <= high - low without sign.
        after = f.block("case")
        distance = b.sub(value, Const(value.type, low))
        test = b.compare("ule", distance, Const(value.type, high - low))
        b.condbr(test, target, after)
        b.position(after)
    if cases:
        b.switch(value, default, cases)
    else:
        b.br(default)
    f.breaks.append((end, len(f.cleanups)))
    f.dead()
    statement(f, s.body)
    f.breaks.pop()
    f.start(end)


# --------------------------------------------------------------------------- loops
def _loop(f: Fn, s: t.Loop) -> None:
    b = f.b
    depth = len(f.cleanups)
    scoped = enter_scope(f, t.Block([s.body], s.span, s.scope))
    # The variables of the first clause live as long as the loop.
    for first in s.init.statements if isinstance(s.init, t.Block) else [s.init]:
        if first is not None:
            statement(f, first)
    body, end = f.block("body"), f.block("endloop")
    head = f.block("loop") if s.test_first else body
    has_step = s.step is not None or not s.test_first
    latch = f.block("next") if has_step else head
    f.start(head)
    if s.test_first:
        _test(f, s, body, end)
        b.position(body)
    f.breaks.append((end, len(f.cleanups)))
    f.continues.append((latch, len(f.cleanups)))
    f.loop_depth += 1
    statement(f, s.body)
    f.loop_depth -= 1
    f.breaks.pop()
    f.continues.pop()
    if not b.terminated:
        b.br(latch)
        if latch is head:
            _mark(f, s)
    if has_step:
        b.position(latch)
        if s.step is not None:
            b.span = s.step.span
            expressions.effect(f, s.step)
        b.span = s.span
        if s.test_first:
            b.br(head)
        else:
            _test(f, s, body, end)
        _mark(f, s)
    b.position(end)
    leave_scope(f, scoped, depth)


def _test(f: Fn, s: t.Loop, body: Any, end: Any) -> None:
    if s.cond is None:
        f.b.br(body)
    else:
        expressions.branch(f, s.cond, body, end)


def _mark(f: Fn, s: t.Loop) -> None:
    """Write the programmer's wish for unrolling on the branch that closes the loop."""
    last = f.b.block.terminator
    if s.unroll is not None and last is not None and last.op in ("br", "condbr"):
        last.attrs["unroll"] = s.unroll


def _break(f: Fn, s: t.Break) -> None:
    target, depth = f.breaks[-1]
    run_cleanups(f, depth)
    f.b.br(target)


def _continue(f: Fn, s: t.Continue) -> None:
    target, depth = f.continues[-1]
    run_cleanups(f, depth)
    f.b.br(target)


# --------------------------------------------------------------------------- jumps
def _label(f: Fn, s: t.Label) -> None:
    f.start(f.label(s.label))


def _goto(f: Fn, s: t.Goto) -> None:
    if f.cleanups:
        there = _cleanups_at(f, s.label)
        depth = 0
        while depth < min(len(there), len(f.cleanups)) and there[depth] is f.cleanups[depth]:
            depth += 1
        run_cleanups(f, depth)
    f.b.br(f.label(s.label))


def _cleanups_at(f: Fn, label: t.LabelSymbol) -> tuple[t.VarSymbol, ...]:
    """Return the variables with cleanup functions that live where ``label`` stands."""
    assert f.symbol.body is not None
    stack: list[tuple[Any, tuple[t.VarSymbol, ...]]] = [(f.symbol.body, ())]
    while stack:
        node, alive = stack.pop()
        if isinstance(node, t.Label) and node.label is label:
            return alive
        if isinstance(node, t.Block):
            for each in node.statements:
                stack.append((each, alive))
                if isinstance(each, t.DeclStmt) and each.symbol.cleanup is not None:
                    alive = (*alive, each.symbol)
        elif isinstance(node, t.If):
            stack += [(node.then, alive), (node.otherwise, alive)]
        elif isinstance(node, t.Loop):
            if isinstance(node.init, t.Block):
                alive += tuple(
                    each.symbol
                    for each in node.init.statements
                    if isinstance(each, t.DeclStmt) and each.symbol.cleanup is not None
                )
            stack.append((node.body, alive))
        elif isinstance(node, t.Switch):
            stack.append((node.body, alive))
        elif isinstance(node, (t.ExprStmt, t.DeclStmt, t.Return)):
            # A statement expression may hold the label; gotos into one from outside are errors.
            for inner in walk(node):
                if isinstance(inner, t.StmtExpr):
                    stack.append((inner.block, alive))
    return ()


def _return(f: Fn, s: t.Return) -> None:
    b = f.b
    value: Value | None = None
    if s.value is not None:
        if isinstance(strip(s.value.type), VoidType):
            expressions.effect(f, s.value)
        else:
            value = expressions.value(f, s.value)
            if f.result is not None:
                b.memcpy(f.result, value, size_of(s.value.type))
                value = None
    b.span = s.span
    run_cleanups(f, 0)
    if f.function.ret is VOID:
        b.ret()
    elif value is None:
        b.ret(Undef(f.function.ret))
    else:
        b.ret(value)


def _asm(f: Fn, s: t.Asm) -> None:
    inline_asm.asm(f, s)


_RULES: dict[type, Callable[[Fn, Any], None]] = {
    t.Block: block,
    t.DeclStmt: _declaration,
    t.ExprStmt: _expression,
    t.If: _if,
    t.Loop: _loop,
    t.Switch: _switch,
    t.Label: _label,
    t.Goto: _goto,
    t.Break: _break,
    t.Continue: _continue,
    t.Return: _return,
    t.Asm: _asm,
}
