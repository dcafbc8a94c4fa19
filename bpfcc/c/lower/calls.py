"""Calls: functions of the program, helpers, kernel functions."""

from __future__ import annotations

from ...ir.module import HelperRef, PointerRef
from ...ir.values import VOID, Undef, Value
from ..ctype.layout import size_of
from ..ctype.types import CType, FuncType, VoidType, strip
from ..tast import nodes as t
from ..tast.evaluate import Address, evaluate
from . import dialect, expressions
from .function import Fn
from .scalars import ir_type, is_memory


def call(f: Fn, e: t.Call) -> Value:
    """Lower a direct call; the value of a void call is undefined, of type void."""
    symbol = e.callee
    if symbol.builtin:
        found = dialect.call(f, symbol.builtin, e)
        if found is not None:
            return found
    return _direct(f, symbol, e.args, e.type)


def _direct(f: Fn, symbol: t.FuncSymbol, arguments: list[t.Expr], kind: CType) -> Value:
    values = [argument(f, each) for each in arguments]
    return call_symbol(f, symbol, values, kind)


def argument(f: Fn, e: t.Expr) -> Value:
    """Return an argument's value; a record gets memory of its own."""
    found = expressions.value(f, e)
    if is_memory(e.type) and size_of(e.type):
        return f.copied(found, e.type)
    return found


def call_symbol(
    f: Fn, symbol: t.FuncSymbol, values: list[Value], kind: CType | None = None
) -> Value:
    """Call ``symbol`` with arguments that are values already."""
    b = f.b
    if kind is None:
        ftype = strip(symbol.type)
        assert isinstance(ftype, FuncType)
        kind = ftype.ret
    temp: Value | None = None
    if is_memory(kind):
        temp = f.temp(kind)
        values = [temp, *values]
    callee = f.module.callee(symbol)
    ret = VOID if temp is not None else ir_type(kind)
    found: Value = b.call(ret, callee, values)
    if symbol.noreturn:
        b.unreachable()
        f.dead()
    if temp is not None:
        return temp
    return found if not isinstance(strip(kind), VoidType) else Undef(VOID)


def helper(f: Fn, id: int, name: str, kind: CType, values: list[Value]) -> Value:
    """Call helper ``id`` for a result of C type ``kind``."""
    return f.b.call(ir_type(kind), HelperRef(id, name), values)


def indirect_call(f: Fn, e: t.IndirectCall) -> Value:
    """A call through a pointer."""
    target = evaluate(e.pointer)
    if isinstance(target, Address) and isinstance(target.base, t.FuncSymbol) and not target.offset:
        return _direct(f, target.base, e.args, e.type)
    if isinstance(target, int) and target:
        values = [argument(f, each) for each in e.args]
        return helper(f, target, f.module.helper_name(target), e.type, values)
    # The optimiser finds the target where inlining makes it a constant, or reports the call.
    values = [expressions.value(f, e.pointer)]
    temp = f.temp(e.type) if is_memory(e.type) else None
    if temp is not None:
        values.append(temp)
    values += [argument(f, each) for each in e.args]
    f.b.span = e.span
    found = f.b.call(VOID if temp is not None else ir_type(e.type), PointerRef(), values)
    return temp if temp is not None else found
