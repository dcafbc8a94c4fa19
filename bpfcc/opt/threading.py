"""threading: a branch whose outcome the way there decides is passed by.

A block of phis, a little arithmetic and a branch: where the phi values that come from one
predecessor make the branch constant, that predecessor goes straight to the target. So flags,
results of inlined functions and merged null pointers cost no test and no merge, and the verifier
sees each way with its own facts. Applied to the test at the head of a loop that the way in
satisfies, it makes a loop tested at the bottom.

Only constants decide; no test of a variable is dropped.
"""

from __future__ import annotations

from ..graph.dominators import Dominators
from ..graph.loops import find_loops
from ..ir import fold
from ..ir.module import Block, Function
from ..ir.ops import COMPARISONS
from ..ir.values import VOID, Const, Instr, Value
from .context import Context
from .edit import (
    copy_blocks,
    incoming,
    predecessors,
    remove_incoming,
    remove_unreachable,
    successor_indices,
    users,
)
from .evaluate import CASTS, evaluate
from .ssa import Repair

MAX_COPIED = 6


def run(function: Function, ctx: Context) -> bool:
    """Thread what can be threaded; return whether anything was."""
    del ctx
    candidates = [block for block in function.blocks[1:] if _suits(block)]
    if not candidates:
        return False
    remove_unreachable(function)
    return _Threading(function).run(candidates)


def _suits(block: Block) -> bool:
    """Whether the block is phis, a little pure arithmetic, and a decision.

    Ends of the lifetimes of inlined locals may stand between.
    """
    instrs = block.instrs
    if instrs[0].op != "phi" or instrs[-1].op not in ("condbr", "switch"):
        return False
    copied = 0
    for instr in instrs[:-1]:
        if instr.op in ("phi", "lifetime"):
            continue
        copied += 1
        if copied > MAX_COPIED or not _foldable(instr):
            return False
    return isinstance(instrs[-1].args[0], Instr) and instrs[-1].args[0].block is block


def _foldable(instr: Instr) -> bool:
    op = instr.op
    return op in fold.BINARY_OPS or op in COMPARISONS or op in CASTS or op == "ptradd"


class _Threading:
    def __init__(self, function: Function) -> None:
        self.function = function
        succs = successor_indices(function)
        blocks = function.blocks
        self.loops: dict[Block, set[Block]] = {}
        for loop in find_loops(succs, 0, Dominators(succs)):
            self.loops[blocks[loop.header]] = {blocks[n] for n in loop.body}
        # Both are kept up to date: who leads to a block, and who may use a value.
        self.preds = predecessors(function)
        self.users = users(function)
        self.copies: dict[Block, list[Block]] = {}

    def run(self, candidates: list[Block]) -> bool:
        for block in candidates:
            made: list[tuple[Block, dict[Value, Value]]] = []
            for pred in list(self.preds[block]):
                target = self._decided(block, pred)
                if target is not None and self._allowed(block, pred, target):
                    made.append(self._redirect(pred, block, target))
            if made:
                self.copies[block] = [copy for copy, _ in made]
                self._repair(block, made)
        if not self.copies:
            return False
        placed: list[Block] = []
        for block in self.function.blocks:
            placed.extend(self.copies.get(block, ()))
            placed.append(block)
        self.function.blocks = placed
        remove_unreachable(self.function)
        return True

    def _decided(self, block: Block, pred: Block) -> Block | None:
        """Return where ``block`` surely goes when control comes from ``pred``."""
        if pred.instrs[-1].op in ("asm_goto", "may_goto"):
            return None
        env: dict[Value, Value] = {phi: incoming(phi, pred) for phi in block.phis()}
        last = block.instrs[-1]
        value = evaluate(last.args[0], env, block)
        if not isinstance(value, Const):
            return None
        targets: list[Block] = last.attrs["targets"]
        if last.op == "condbr":
            return targets[0 if value.value else 1]
        cases: list[int] = last.attrs["cases"]
        return targets[cases.index(value.value) + 1 if value.value in cases else 0]

    def _allowed(self, block: Block, pred: Block, target: Block) -> bool:
        """Keep loops natural: a header may only be passed on the way in, into the loop."""
        if target is block:
            return False
        members = self.loops.get(block)
        if members is None:
            return True
        if pred in members or target not in members:
            return False
        others = [t for t in block.successors if t is not target]
        if any(t in members for t in others):
            return False
        return sum(p not in members for p in self.preds[block]) == 1

    def _redirect(
        self, pred: Block, block: Block, target: Block
    ) -> tuple[Block, dict[Value, Value]]:
        """Let ``pred`` go through a copy of the block's arithmetic to ``target``.

        Returns the copy and what the values of ``block`` are there.
        """
        mapping: dict[Value, Value] = {phi: incoming(phi, pred) for phi in block.phis()}
        source = Block(block.name, self.function)
        source.instrs = [i for i in block.instrs[:-1] if i.op != "phi"]
        (copy,) = copy_blocks([source], self.function, mapping)
        copy.name = block.name + ".thread"
        for instr in copy.instrs:
            self._note(instr)
        branch = Instr("br", VOID, [], block.instrs[-1].span, {"targets": [target]})
        branch.block = copy
        copy.instrs.append(branch)
        for phi in target.phis():
            value = incoming(phi, block)
            phi.args.append(mapping.get(value, value))
            phi.attrs["blocks"].append(copy)
            self.users.setdefault(phi.args[-1], []).append(phi)
        remove_incoming(block, pred)
        last = pred.instrs[-1]
        last.attrs["targets"] = [copy if t is block else t for t in last.attrs["targets"]]
        self.preds[block].remove(pred)
        self.preds[copy] = [pred]
        self.preds[target].append(copy)
        for header, members in self.loops.items():
            if header is not block and pred in members and target in members:
                members.add(copy)
        return copy, mapping

    def _note(self, instr: Instr) -> None:
        for arg in instr.args:
            self.users.setdefault(arg, []).append(instr)

    def _repair(self, block: Block, made: list[tuple[Block, dict[Value, Value]]]) -> None:
        """Let uses of the block's values elsewhere see the copies' as well."""
        repair = Repair(self.function, self.preds)
        for value in block.instrs[:-1]:
            places = self._uses_elsewhere(value, block)
            if not places:
                continue
            definitions: dict[Block, Value] = {block: value}
            definitions.update((copy, mapping[value]) for copy, mapping in made)
            for phi in repair.value(definitions, value.type, places, value.name):
                self._note(phi)
            for user, number in places:
                self.users.setdefault(user.args[number], []).append(user)

    def _uses_elsewhere(self, value: Instr, block: Block) -> list[tuple[Instr, int]]:
        """Return the uses that control may come to without passing ``block``."""
        places: list[tuple[Instr, int]] = []
        for user in dict.fromkeys(self.users.get(value, ())):
            phi = user.op == "phi"
            if user.block is block and not phi:
                continue
            for number, arg in enumerate(user.args):
                if arg is value and not (phi and user.attrs["blocks"][number] is block):
                    places.append((user, number))
        return places
