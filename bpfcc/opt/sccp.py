"""sccp: sparse conditional constant propagation.

Values and reachability are found together, so a variable that is constant on all ways that can be
taken is known even through loops. Only what follows from constants by arithmetic counts. Source:
Wegman and Zadeck, "Constant Propagation with Conditional Branches", 1991.
"""

from __future__ import annotations

from ..ir.module import Block, Function
from ..ir.values import Const, Instr, Value
from .context import Context
from .edit import remove_unreachable, replace_values, set_branch, users
from .evaluate import fold_constant

_BRANCHES = frozenset({"condbr", "switch"})


def run(function: Function, ctx: Context) -> bool:
    """Replace what is constant, fix decided branches; return whether anything changed."""
    del ctx
    if not any(isinstance(arg, Const) for instr in function.instrs() for arg in instr.args):
        return False
    return _Propagation(function).run()


class _Propagation:
    """``known[v]``: a constant, or None if v varies; values not yet seen are absent."""

    def __init__(self, function: Function) -> None:
        self.function = function
        self.users = users(function)
        self.known: dict[Value, Const | None] = {}
        self.edges: set[tuple[Block, Block]] = set()
        self.reached: set[Block] = set()
        self.flow: list[tuple[Block | None, Block]] = [(None, function.blocks[0])]
        self.values: list[Instr] = []

    def run(self) -> bool:
        while self.flow or self.values:
            while self.flow:
                self._enter(*self.flow.pop())
            while self.values:
                for user in self.users.get(self.values.pop(), ()):
                    if user.block in self.reached:
                        self._visit(user)
        return self._apply()

    def _enter(self, source: Block | None, block: Block) -> None:
        if source is not None:
            if (source, block) in self.edges:
                return
            self.edges.add((source, block))
        if block in self.reached:
            for phi in block.phis():
                self._visit(phi)
            return
        self.reached.add(block)
        for instr in block.instrs:
            self._visit(instr)

    def _value(self, value: Value) -> Const | bool | None:
        """Return the constant, None if it varies, False if nothing is known yet."""
        if type(value) is Const:
            return value
        if not isinstance(value, Instr):
            return None
        return self.known.get(value, False)

    def _visit(self, instr: Instr) -> None:
        if instr.op in _BRANCHES or "targets" in instr.attrs:
            self._branch(instr)
            return
        new = self._phi(instr) if instr.op == "phi" else self._evaluate(instr)
        if isinstance(new, bool):
            return
        if instr in self.known:
            old = self.known[instr]
            if old is None or (new is not None and old.value == new.value):
                return
            new = None  # the lattice only goes down
        self.known[instr] = new
        self.values.append(instr)

    def _phi(self, phi: Instr) -> Const | bool | None:
        result: Const | bool | None = False
        for arg, source in zip(phi.args, phi.attrs["blocks"]):
            if (source, phi.block) not in self.edges:
                continue
            value = self._value(arg)
            if value is None:
                return None
            if isinstance(value, bool):
                continue
            if isinstance(result, Const) and result.value != value.value:
                return None
            result = value
        return result

    def _evaluate(self, instr: Instr) -> Const | bool | None:
        args: list[Value] = []
        for arg in instr.args:
            value = self._value(arg)
            if value is False:
                return False
            args.append(value if isinstance(value, Const) else arg)
        if not args:
            return None
        return fold_constant(instr, args)

    def _branch(self, last: Instr) -> None:
        block = last.block
        assert block is not None
        targets: list[Block] = last.attrs["targets"]
        if last.op in _BRANCHES:
            value = self._value(last.args[0])
            if value is False:
                return
            if isinstance(value, Const):
                targets = [_taken(last, value)]
        for target in targets:
            if (block, target) not in self.edges:
                self.flow.append((block, target))

    def _apply(self) -> bool:
        constants: dict[Value, Value] = {v: c for v, c in self.known.items() if c is not None}
        if constants:
            replace_values(self.function, constants)
        changed = False
        for block in self.function.blocks:
            kept = [instr for instr in block.instrs if instr not in constants]
            if len(kept) < len(block.instrs):
                block.instrs = kept
                changed = True
            last = block.instrs[-1]
            if last.op in _BRANCHES and block in self.reached and isinstance(last.args[0], Const):
                set_branch(block, _taken(last, last.args[0]))
                changed = True
        return remove_unreachable(self.function) or changed


def _taken(last: Instr, value: Const) -> Block:
    targets: list[Block] = last.attrs["targets"]
    if last.op == "condbr":
        return targets[0 if value.value else 1]
    cases: list[int] = last.attrs["cases"]
    return targets[cases.index(value.value) + 1 if value.value in cases else 0]
