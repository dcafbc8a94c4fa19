"""likely: which way a branch usually goes, where the program does not say.

Null pointers and negative results are the exceptions. The likely way is laid out to fall through,
and the kernel's verifier looks at the way that falls through first: it then meets the state with
most facts first, and the ways around it end early at what it has seen. Source of the rules: Ball
and Larus, "Branch prediction for free", 1993.
"""

from __future__ import annotations

from ..ir.module import Function
from ..ir.values import PTR, Const, Instr
from .context import Context


def run(function: Function, ctx: Context) -> bool:
    """Mark the branches; return whether any were."""
    del ctx
    changed = False
    for block in function.blocks:
        last = block.instrs[-1]
        if last.op == "condbr" and "likely" not in last.attrs:
            guess = expected(last.args[0])
            if guess is not None:
                last.attrs["likely"] = guess
                last.attrs["guess"] = "kind"
                changed = True
    return changed


def expected(cond: object) -> bool | None:
    """Return whether the test is expected to hold, None where nothing speaks for either."""
    if not isinstance(cond, Instr) or len(cond.args) != 2:
        return None
    value, other = cond.args
    if not isinstance(other, Const):
        return None
    if cond.op in ("eq", "ne") and value.type is PTR and other.value == 0:
        return cond.op == "ne"
    if cond.op == "slt" and other.value == 0:
        return False
    if cond.op == "sge" and other.value == 0:
        return True
    return None
