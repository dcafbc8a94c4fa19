"""is_constant: decide what is left of __builtin_constant_p, so that the dead arm can go.

A rule answers "yes" as soon as the operand has become a constant. This pass answers "no" to what is
left, late and only in functions that nobody will inline any more.
"""

from __future__ import annotations

from ..ir.module import Function
from ..ir.values import I1, Const, Instr, Symbol, Value
from .context import Context
from .edit import replace_values


def run(function: Function, ctx: Context) -> bool:
    """Replace every ``is_constant``; return whether there was any."""
    del ctx
    if function.inline == "always" and function.linkage == "static":
        return False
    answers: dict[Value, Value] = {}
    for block in function.blocks:
        for instr in block.instrs:
            if instr.op == "is_constant":
                answers[instr] = Const(I1, int(answer(instr)))
    replace_values(function, answers)
    return bool(answers)


def answer(instr: Instr) -> bool:
    """Say whether the operand is known now."""
    return isinstance(instr.args[0], (Const, Symbol))
