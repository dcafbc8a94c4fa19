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
from ..graph.loops import Loop, find_loops
from ..ir import fold
from ..ir.module import Block, Function
from ..ir.ops import COMPARISONS
from ..ir.values import PTR, VOID, Const, Instr, Symbol, Value
from .context import Context
from .edit import incoming, predecessors, remove_incoming, remove_unreachable, successor_indices
from .inline import copy_blocks
from .ssa import Repair

MAX_COPIED = 6
_CASTS = frozenset({"zext", "sext", "trunc", "ptrtoint", "inttoptr"})


def run(function: Function, ctx: Context) -> bool:
    """Thread what can be threaded; return whether anything was."""
    del ctx
    candidates = [block for block in function.blocks[1:] if _suits(block)]
    if not candidates:
        return False
    remove_unreachable(function)
    return _Threading(function).run(candidates)


def _suits(block: Block) -> bool:
    """Whether the block is phis, a little pure arithmetic, and a decision."""
    instrs = block.instrs
    if instrs[0].op != "phi" or instrs[-1].op not in ("condbr", "switch"):
        return False
    copied = 0
    for instr in instrs[:-1]:
        if instr.op == "phi":
            continue
        copied += 1
        if copied > MAX_COPIED or not _foldable(instr):
            return False
    return isinstance(instrs[-1].args[0], Instr) and instrs[-1].args[0].block is block


def _foldable(instr: Instr) -> bool:
    op = instr.op
    return op in fold.BINARY_OPS or op in COMPARISONS or op in _CASTS or op == "ptradd"


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
    if op in _CASTS:
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


class _Threading:
    def __init__(self, function: Function) -> None:
        self.function = function
        succs = successor_indices(function)
        dom = Dominators(succs)
        blocks = function.blocks
        self.loops: dict[Block, set[Block]] = {}
        for loop in find_loops(succs, 0, dom):
            self.loops[blocks[loop.header]] = self._members(loop)

    def _members(self, loop: Loop) -> set[Block]:
        return {self.function.blocks[n] for n in loop.body}

    def run(self, candidates: list[Block]) -> bool:
        changed = False
        for block in candidates:
            if block not in self.function.blocks:
                continue
            for pred in predecessors(self.function)[block]:
                target = self._decided(block, pred)
                if target is not None and self._allowed(block, pred, target):
                    self._redirect(pred, block, target)
                    changed = True
        if changed:
            remove_unreachable(self.function)
        return changed

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
        return sum(p not in members for p in predecessors(self.function)[block]) == 1

    def _redirect(self, pred: Block, block: Block, target: Block) -> None:
        """Let ``pred`` go through a copy of the block's arithmetic to ``target``."""
        function = self.function
        mapping: dict[Value, Value] = {phi: incoming(phi, pred) for phi in block.phis()}
        source = Block(block.name, function)
        source.instrs = [i for i in block.instrs[:-1] if i.op != "phi"]
        (copy,) = copy_blocks([source], function, mapping)
        copy.name = block.name + ".thread"
        branch = Instr("br", VOID, [], block.instrs[-1].span, {"targets": [target]})
        branch.block = copy
        copy.instrs.append(branch)
        for phi in target.phis():
            value = incoming(phi, block)
            phi.args.append(mapping.get(value, value))
            phi.attrs["blocks"].append(copy)
        remove_incoming(block, pred)
        last = pred.instrs[-1]
        last.attrs["targets"] = [copy if t is block else t for t in last.attrs["targets"]]
        function.blocks.insert(function.blocks.index(block), copy)
        for header, members in self.loops.items():
            if header is not block and pred in members and target in members:
                members.add(copy)
        self._repair(block, copy, mapping)

    def _repair(self, block: Block, copy: Block, mapping: dict[Value, Value]) -> None:
        """Let uses of the block's values elsewhere see the copy's as well."""
        own = {i for i in block.instrs if i.type is not VOID}
        uses: dict[Instr, list[tuple[Instr, int]]] = {}
        for other in self.function.blocks:
            for instr in other.instrs:
                if other is block and instr.op != "phi":
                    continue
                for number, arg in enumerate(instr.args):
                    if arg not in own:
                        continue
                    assert isinstance(arg, Instr)
                    if instr.op == "phi" and instr.attrs["blocks"][number] is block:
                        continue
                    uses.setdefault(arg, []).append((instr, number))
        if not uses:
            return
        repair = Repair(self.function)
        for value, places in uses.items():
            repair.value({block: value, copy: mapping[value]}, value.type, places, value.name)
