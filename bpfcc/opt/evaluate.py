"""Evaluation of operations whose operands are constants, for passes that follow values along paths."""

from __future__ import annotations

from ..ir import fold
from ..ir.module import Block
from ..ir.ops import COMPARISONS
from ..ir.values import PTR, Const, Instr, Symbol, Value

CASTS = frozenset({"zext", "sext", "trunc", "ptrtoint", "inttoptr"})


def evaluate(value: Value, env: dict[Value, Value], block: Block) -> Value:
    """Return ``value`` as far as ``env`` (values of the phis of ``block``) decides it."""
    if not isinstance(value, Instr) or value.block is not block:
        return value
    found = env.get(value)
    if found is not None:
        return found
    args = [evaluate(arg, env, block) for arg in value.args]
    result = fold_constant(value, args)
    env[value] = result if result is not None else value
    return env[value]


def fold_constant(instr: Instr, args: list[Value]) -> Const | None:
    """Return the result of a pure operation on constants, else None."""
    op = instr.op
    if op in ("eq", "ne") and args[0].type is PTR:
        pair = [_nullness(arg) for arg in args]
        if None in pair or pair == [False, False]:
            return None
        return Const(instr.type, int((pair[0] == pair[1]) == (op == "eq")))
    numbers = [arg.value for arg in args if isinstance(arg, Const)]
    if len(numbers) < len(args):
        return _of_selection(instr, args) if op in COMPARISONS else None
    bits = args[0].type.bits
    if op in fold.BINARY_OPS:
        return Const(instr.type, fold.binary(op, numbers[0], numbers[1], bits))
    if op in COMPARISONS:
        return Const(instr.type, int(fold.compare(op, numbers[0], numbers[1], bits)))
    if op in CASTS:
        return Const(instr.type, fold.convert(op, numbers[0], bits, instr.type.bits))
    if op == "bswap":
        return Const(instr.type, fold.bswap(numbers[0], bits))
    return None


def _of_selection(instr: Instr, args: list[Value]) -> Const | None:
    """Return the outcome of a test of a choice of two constants, if both give the same."""
    choice, other = args
    if not isinstance(choice, Instr) or choice.op != "select" or not isinstance(other, Const):
        return None
    outcomes = [fold_constant(instr, [arm, other]) for arm in choice.args[1:]]
    first, second = outcomes
    if first is None or second is None or first.value != second.value:
        return None
    return first


def _nullness(value: Value) -> bool | None:
    """Return whether a pointer is null, None if not known."""
    if isinstance(value, Const):
        return value.value == 0
    if isinstance(value, Instr) and value.op == "alloca":
        return False
    return False if isinstance(value, Symbol) and value.addend else None
