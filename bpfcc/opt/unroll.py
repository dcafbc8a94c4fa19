"""unroll: loops with a known number of turns, written out.

The number of turns is found by running the loop's counters: an exit test that every turn passes,
and that depends only on phis which start at constants. Loops are unrolled where the programmer asks
(``#pragma unroll``, attribute ``unroll`` = 0 or n on the branch that closes the loop) and where the
copies stay small. Each copy keeps its own other exits; the decided test goes. A loop whose copies
would be too many is unrolled in part: a loop of some copies remains, one of which keeps the test.

A loop that was asked to be unrolled and cannot be is reported at the end, once per loop.
"""

from __future__ import annotations

from ..graph.dominators import Dominators
from ..graph.loops import Loop, find_loops
from ..ir.module import Block, Function, Module
from ..ir.values import VOID, Const, CoreConst, Instr, Param, Value
from .alias import escaped_locals
from .context import Context
from .edit import copy_blocks, remove_incoming, remove_unreachable, set_branch, successor_indices
from .ssa import Repair
from .turns import turns

AUTOMATIC = 100  # instructions of all copies together
AUTOMATIC_TURNS = 32
WITH_EXITS = 50  # of a loop that may be left early
WITH_ARRAYS = 240  # where constant indices may turn a local array into values
WITH_FIELDS = 400  # where the kernel accepts constant offsets only
ASKED = 16_384
ASKED_TURNS = 65_536


def run(function: Function, ctx: Context) -> bool:
    """Unroll the loops that qualify, innermost first; return whether there were any."""
    changed = False
    done: set[Block] = set()
    while True:
        remove_unreachable(function)
        found = _find(function, ctx, done)
        if found is None:
            return changed
        _Unrolling(function, *found).run()
        remove_unreachable(function)
        changed = True


def report_refused(module: Module, ctx: Context) -> None:
    """Warn of loops that still ask to be unrolled."""
    for function in module.functions:
        for instr in function.instrs():
            if instr.attrs.get("unroll") == 0:
                ctx.sink.warning(
                    "pass-failed",
                    "loop not unrolled: the number of turns is not a constant, or too large",
                    instr.span,
                )


def _find(
    function: Function, ctx: Context, done: set[Block]
) -> tuple[Loop, Block, int, int] | None:
    """Return the next loop to unroll, its decided exit, the turns before it, copies to make."""
    succs = successor_indices(function)
    dom = Dominators(succs)
    blocks = function.blocks
    for loop in find_loops(succs, 0, dom):
        header = blocks[loop.header]
        if header in done:
            continue
        done.add(header)
        wish = _wish(loop, blocks)
        if wish == -1 or header.instrs[0].op != "phi":
            continue
        if wish is None and not ctx.options.unroll:
            continue
        if any(blocks[n].instrs[-1].op in ("asm_goto", "may_goto") for n in loop.body):
            continue
        exits = loop.exits(succs)
        most = _most_copies(loop, blocks, wish, function, early=len(exits) > 1)
        limit = ASKED_TURNS if wish is not None else most
        best: tuple[Block, int] | None = None
        for node, _ in exits:
            exiting = blocks[node]
            if exiting.instrs[-1].op != "condbr":
                continue
            if not all(dom.dominates(node, latch) for latch in loop.latches):
                continue
            count = turns(loop, exiting, blocks, limit)
            if count is None or count > limit:
                continue
            if best is None or count < best[1]:
                best = exiting, count
        if best is not None:
            if best[1] <= most:
                return loop, *best, best[1] + 1
            if wish is not None and most > 1:
                return loop, *best, most
    return None


def _most_copies(
    loop: Loop, blocks: list[Block], wish: int | None, function: Function, *, early: bool
) -> int:
    """Return how many turns may be written out."""
    size = max(sum(_cost(i) for n in loop.body for i in blocks[n].instrs), 1)
    if wish is not None:
        return min(ASKED // size, wish or ASKED_TURNS)
    budget = WITH_EXITS if early else AUTOMATIC
    if _indexes_local(loop, blocks, function):
        budget = WITH_ARRAYS
    if _indexes_fields(loop, blocks, function):
        budget = WITH_FIELDS
    return min(budget // size, AUTOMATIC_TURNS)


def _wish(loop: Loop, blocks: list[Block]) -> int | None:
    for latch in loop.latches:
        wish = blocks[latch].instrs[-1].attrs.get("unroll")
        if wish is not None:
            return int(wish)
    return None


def _cost(instr: Instr) -> int:
    if instr.op in ("phi", "lifetime", "trunc", "inttoptr", "ptrtoint", "br", "zext"):
        return 0
    return 3 if instr.op == "call" else 1


def _indexes_local(loop: Loop, blocks: list[Block], function: Function) -> bool:
    """Whether the loop computes addresses by a variable, within a local that is used here alone."""
    found: set[Value] = set()
    for node in loop.body:
        for instr in blocks[node].instrs:
            if instr.op == "ptradd" and not isinstance(instr.args[1], Const):
                base = instr.args[0]
                if isinstance(base, Instr) and base.op == "alloca":
                    found.add(base)
    return bool(found and found - escaped_locals(function))


def _indexes_fields(loop: Loop, blocks: list[Block], function: Function) -> bool:
    """Whether the loop reads or writes the context or an object of the kernel by a variable offset.

    (The kernel refuses that: __check_ptr_off_reg, check_ptr_to_btf_access.) A pointer to such an object
    is a parameter of the program, was read from memory, or came as a 64-bit argument in the context.
    """
    for node in loop.body:
        for instr in blocks[node].instrs:
            if instr.op not in ("load", "store"):
                continue
            root = instr.args[0]
            variable = False
            while isinstance(root, Instr) and root.op == "ptradd":
                variable |= not isinstance(root.args[1], (Const, CoreConst))
                root = root.args[0]
            if not variable:
                continue
            if isinstance(root, Param):
                if function.section != ".text" or (function.ctx and root is function.params[0]):
                    return True
            elif isinstance(root, Instr):
                if root.op == "inttoptr":
                    root = root.args[0]
                if isinstance(root, Instr) and root.op == "load":
                    return True
    return False


class _Unrolling:
    """Replaces one loop by ``copies`` of its body.

    With ``turns`` + 1 copies the last leaves at the decided exit and no loop remains; with fewer,
    the last leads back to the first, and the copy in which the exit will be taken keeps the test.
    """

    def __init__(
        self, function: Function, loop: Loop, exiting: Block, turns: int, copies: int
    ) -> None:
        self.function = function
        blocks = function.blocks
        self.header = blocks[loop.header]
        self.body = [blocks[n] for n in sorted(loop.body)]
        self.members = set(self.body)
        self.latches = [blocks[n] for n in loop.latches]
        self.exiting = exiting
        self.turns = turns
        self.copies = copies
        self.whole = copies == turns + 1

    def run(self) -> None:
        for latch in self.latches:
            latch.instrs[-1].attrs.pop("unroll", None)
        outside = self._outside_uses()
        maps, block_maps = self._copies()
        self._link(maps, block_maps)
        self._exits(maps, block_maps)
        self._place(block_maps)
        self._decide(block_maps)
        remove_unreachable(self.function)
        if outside:
            self._repair(outside, maps, block_maps)

    def _outside_uses(self) -> dict[Instr, list[tuple[Instr, int]]]:
        uses: dict[Instr, list[tuple[Instr, int]]] = {}
        for block in self.function.blocks:
            if block in self.members:
                continue
            for instr in block.instrs:
                for number, arg in enumerate(instr.args):
                    if isinstance(arg, Instr) and arg.block in self.members:
                        if instr.op == "phi" and instr.attrs["blocks"][number] in self.members:
                            continue
                        uses.setdefault(arg, []).append((instr, number))
        return uses

    def _copies(self) -> tuple[list[dict[Value, Value]], list[dict[Block, Block]]]:
        """Copy the body for the turns from 1 on; number 0 is the loop itself."""
        maps: list[dict[Value, Value]] = [{}]
        block_maps = [{block: block for block in self.body}]
        for _ in range(self.copies - 1):
            mapping: dict[Value, Value] = {}
            copies = copy_blocks(self.body, self.function, mapping)
            maps.append(mapping)
            block_maps.append(dict(zip(self.body, copies)))
        return maps, block_maps

    def _link(self, maps: list[dict[Value, Value]], block_maps: list[dict[Block, Block]]) -> None:
        """Lead each turn into the next; give the next one's phis their values."""
        phis = list(self.header.phis())
        steps = {
            phi: [(phi.args[phi.attrs["blocks"].index(latch)], latch) for latch in self.latches]
            for phi in phis
        }
        for turn, block_map in enumerate(block_maps):
            header = block_map[self.header]
            if turn:
                mapping, before = maps[turn], maps[turn - 1]
                for phi in phis:
                    copy = mapping[phi]
                    assert isinstance(copy, Instr)
                    copy.args = [before.get(value, value) for value, _ in steps[phi]]
                    previous = block_maps[turn - 1]
                    copy.attrs["blocks"] = [previous[latch] for _, latch in steps[phi]]
            for latch in self.latches:
                last = block_map[latch].instrs[-1]
                if turn < self.copies - 1 or not self.whole:
                    following = block_maps[(turn + 1) % self.copies][self.header]
                    targets = last.attrs["targets"]
                    last.attrs["targets"] = [following if t is header else t for t in targets]
        for latch in self.latches:
            remove_incoming(self.header, latch)
        if not self.whole:
            for phi in phis:
                for value, latch in steps[phi]:
                    phi.args.append(maps[-1].get(value, value))
                    phi.attrs["blocks"].append(block_maps[-1][latch])

    def _exits(self, maps: list[dict[Value, Value]], block_maps: list[dict[Block, Block]]) -> None:
        """Tell the phis outside of the new ways out."""
        for block in self.body:
            for target in dict.fromkeys(block.successors):
                if target in self.members or target in block_maps[-1].values():
                    continue
                if any(target in block_map.values() for block_map in block_maps):
                    continue
                for phi in target.phis():
                    value = phi.args[phi.attrs["blocks"].index(block)]
                    for mapping, block_map in zip(maps[1:], block_maps[1:]):
                        phi.args.append(mapping.get(value, value))
                        phi.attrs["blocks"].append(block_map[block])

    def _place(self, block_maps: list[dict[Block, Block]]) -> None:
        blocks = self.function.blocks
        at = max(i for i, block in enumerate(blocks) if block in self.members) + 1
        copies = [block_map[b] for block_map in block_maps[1:] for b in self.body]
        blocks[at:at] = copies

    def _decide(self, block_maps: list[dict[Block, Block]]) -> None:
        """Fix the outcome of the exit test in each copy."""
        for turn, block_map in enumerate(block_maps):
            block = block_map[self.exiting]
            inside = set(block_map.values())
            inside.add(block_maps[(turn + 1) % self.copies][self.header])
            stay, leave = block.instrs[-1].attrs["targets"]
            if stay not in inside:
                stay, leave = leave, stay
            if turn != self.turns % self.copies:
                set_branch(block, stay)
                continue
            if not self.whole:
                continue
            set_branch(block, leave)
            # The last turn never comes to its latches.
            for latch in self.latches:
                end = block_map[latch]
                if end is not block:
                    for target in dict.fromkeys(end.successors):
                        remove_incoming(target, end)
                    end.instrs[-1] = Instr("unreachable", VOID, [], end.instrs[-1].span)
                    end.instrs[-1].block = end

    def _repair(
        self,
        outside: dict[Instr, list[tuple[Instr, int]]],
        maps: list[dict[Value, Value]],
        block_maps: list[dict[Block, Block]],
    ) -> None:
        present = set(self.function.blocks)
        repair = Repair(self.function)
        for value, uses in outside.items():
            assert value.block is not None
            definitions: dict[Block, Value] = {}
            for mapping, block_map in zip(maps, block_maps):
                block = block_map[value.block]
                if block in present:
                    definitions[block] = mapping.get(value, value)
            live = [(user, n) for user, n in uses if user.block in present]
            repair.value(definitions, value.type, live, value.name)
