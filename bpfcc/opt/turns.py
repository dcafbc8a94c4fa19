"""How often a loop turns, where its counters tell."""

from __future__ import annotations

from ..graph.loops import Loop
from ..ir.module import Block
from ..ir.values import Const, Instr, Value
from .evaluate import fold_constant


def turns(loop: Loop, exiting: Block, blocks: list[Block], limit: int) -> int | None:
    """Return how often the exit test lets the loop go on; ``limit + 1`` if that is more often.

    None where the loop's counters do not tell. Each turn up to ``limit`` is computed.
    """
    header = blocks[loop.header]
    members = {blocks[n] for n in loop.body}
    latches = {blocks[n] for n in loop.latches}
    stays = exiting.instrs[-1].attrs["targets"][0] in members
    test = exiting.instrs[-1].args[0]
    state: dict[Value, Const] = {}
    steps: dict[Instr, Value] = {}
    for phi in header.phis():
        start = {id(v): v for v, b in zip(phi.args, phi.attrs["blocks"]) if b not in members}
        step = {id(v): v for v, b in zip(phi.args, phi.attrs["blocks"]) if b in latches}
        first = list(start.values())
        if len(step) == 1 and first and all(_equal(v, first[0]) for v in first):
            if isinstance(first[0], Const):
                state[phi] = first[0]
                steps[phi] = next(iter(step.values()))
    for turn in range(limit + 1):
        env: dict[Value, Const | None] = dict(state)
        outcome = _value(test, env, members)
        if outcome is None:
            return None
        if bool(outcome.value) != stays:
            return turn
        following: dict[Value, Const] = {}
        for phi, step_value in steps.items():
            value = _value(step_value, env, members)
            if value is not None:
                following[phi] = value
        state = following
    return limit + 1


def _equal(a: Value, b: Value) -> bool:
    return a is b or (isinstance(a, Const) and isinstance(b, Const) and a.value == b.value)


def _value(value: Value, env: dict[Value, Const | None], members: set[Block]) -> Const | None:
    """Return the constant that ``value`` is in this turn, or None."""
    if isinstance(value, Const):
        return value
    if value in env:
        return env[value]
    if not isinstance(value, Instr) or value.block not in members or value.op == "phi":
        return None
    env[value] = None  # also while its operands are looked at
    args = [_value(arg, env, members) for arg in value.args]
    numbers: list[Value] = [arg for arg in args if arg is not None]
    if args and len(numbers) == len(args):
        env[value] = fold_constant(value, numbers)
    return env[value]
