"""twins: pieces of code that do the same thing become one.

A piece is a block and what only it leads to. Two are equal if their instructions agree operand by
operand (the same SSA values from outside, equal constants, results of corresponding instructions,
locals that only the piece uses), and if they go on to the same places. Numbers that they store, or
bring to where they go, may differ if the piece is large enough: a phi in front hands them over.

Pointers never differ, so no pointer of one kind meets one of another; and pieces that access memory
through a merged pointer (a phi or select), which the kernel may see with one kind on each way, stay
apart. So do calls that are written at different places: a finding of the verifier must be told at
its own line. (Copies of an inlined function or of a macro are written at one place.)
"""

from __future__ import annotations

from collections.abc import Mapping

from ..ir.module import Block, FuncRef, Function, HelperRef, KfuncRef
from ..ir.values import PTR, VOID, CoreConst, Instr, Undef, Value
from .context import Context
from .edit import (
    constant_key,
    incoming,
    new_phi,
    predecessors,
    remove_incoming,
    remove_unreachable,
    users,
)

_NEVER = frozenset({"phi", "alloca", "asm", "asm_goto", "may_goto", "ld_pkt", "opaque"})
_MERGED = frozenset({"phi", "select"})
_MEMORY_OR_CALL = frozenset(
    {"load", "store", "memcpy", "memmove", "memset", "atomicrmw", "cmpxchg", "call"}
)
_FREE = frozenset({"lifetime", "br", "trunc", "zext", "ptrtoint", "inttoptr"})
_ROUNDS = 6
_MOST_BLOCKS = 12
_MOST_NUMBERS = 3


def run(function: Function, ctx: Context) -> bool:
    """Unite equal pieces, and then those that have become equal; return whether any were."""
    del ctx
    changed = False
    for _ in range(_ROUNDS):
        if not _round(function):
            break
        changed = True
    return changed


def _round(function: Function) -> bool:
    search = _Search(function)
    groups: dict[tuple[object, ...], list[Block]] = {}
    for block in function.blocks[1:]:
        shapes = search.shapes_of(block)
        if shapes is not None:
            groups.setdefault(shapes, []).append(block)
    changed = False
    for group in groups.values():
        if len(group) < 2:
            continue
        originals: dict[tuple[object, ...], list[Block]] = {}
        for block in group:
            if block.instrs[-1].op == "unreachable" and len(block.instrs) == 1:
                continue
            alike = originals.setdefault(search.outline(block), [])
            for original in alike:
                match = search.match(original, block)
                if match is not None:
                    search.unite(original, block, match)
                    changed = True
                    break
            else:
                alike.append(block)
    return remove_unreachable(function) if changed else False


def _stays(block: Block) -> bool:
    """Return whether ``block`` is no piece, or part of one, that may become one with another."""
    for instr in block.instrs:
        if instr.op in _NEVER:
            return True
        if instr.op in _MEMORY_OR_CALL and any(_is_merged(arg) for arg in instr.args):
            return True
    return False


def _may_differ(user: Instr, position: int) -> bool:
    """Return whether a phi may hand over this operand of ``user``: a number that is stored."""
    return user.op == "store" and position == 1 and user.args[1].type is not PTR


def _shape(instr: Instr) -> tuple[object, ...]:
    """Return operation, type and attributes of ``instr``, and the line of a call."""
    attrs = [
        (key, _plain(value))
        for key, value in sorted(instr.attrs.items())
        if key not in ("guess", "likely", "targets", "unroll")
    ]
    if instr.op == "call":
        span = instr.span
        attrs.append(("", (span.file, span.start, span.end) if span is not None else None))
    return (instr.op, instr.type, *attrs)


def _plain(value: object) -> object:
    if isinstance(value, (HelperRef, FuncRef, KfuncRef)):
        return repr(value)
    return tuple(value) if isinstance(value, list) else value


def _is_merged(value: Value) -> bool:
    while isinstance(value, Instr) and value.op in ("ptradd", "inttoptr", "ptrtoint", "zext"):
        value = value.args[0]
    return isinstance(value, Instr) and value.op in _MERGED


class _Match:
    """How a second piece corresponds to a first one.

    ``numbers``: operands (user in the first piece, operand number, value in the second) that differ.
    """

    __slots__ = ("blocks", "locals", "numbers", "values")

    def __init__(self, first: Block, second: Block) -> None:
        self.blocks: dict[Block, Block] = {second: first}
        self.values: dict[Value, Value] = {}
        self.locals: dict[Value, Value] = {}
        self.numbers: list[tuple[Instr, int, Value]] = []

    def same(self, one: Value, two: Value) -> bool:
        """Return whether ``two`` stands in the second piece for ``one`` in the first."""
        two = self.values.get(two, two)
        if one is two:
            return True
        if _is_local(one) and _is_local(two):
            return self.locals.setdefault(two, one) is one
        key = constant_key(one)
        return key is not None and type(one) is type(two) and key == constant_key(two)

    def differ(self, user: Instr, number: int, one: Value, two: Value) -> bool:
        """Note a number that differs; False where that is not possible."""
        if one.type is PTR or two in self.values or isinstance(two, (Undef, CoreConst)):
            return False
        if isinstance(one, (Undef, CoreConst)) or len(self.numbers) >= _MOST_NUMBERS:
            return False
        self.numbers.append((user, number, two))
        return True


def _is_local(value: Value) -> bool:
    return isinstance(value, Instr) and value.op == "alloca"


class _Search:
    """Compares and unites pieces of one function; the tables stay right while pieces go."""

    def __init__(self, function: Function) -> None:
        self.preds = predecessors(function)
        self.users = users(function)
        self.handed: dict[Value, Block] = {}  # phis made here, and where
        self._shapes: dict[Block, tuple[object, ...] | None] = {}

    def shapes_of(self, block: Block) -> tuple[object, ...] | None:
        """Return the shape of each instruction that ``block`` began with, None if it stays."""
        if block not in self._shapes:
            found = None if _stays(block) else tuple(map(_shape, block.instrs))
            self._shapes[block] = found
        return self._shapes[block]

    def outline(self, first: Block) -> tuple[object, ...]:
        """Return what pieces that match the one at ``first`` have in common at least.

        It only saves comparisons: without it, n blocks of the same shape cost n * n of them.
        """
        outline: list[object] = []
        numbers: dict[Value, int] = {}
        work = [first]
        blocks = {first}
        while work:
            block = work.pop()
            outline.append(self.shapes_of(block))
            for instr in block.instrs:
                for position, arg in enumerate(instr.args):
                    if arg in numbers:
                        outline.append(numbers[arg])
                    elif not _is_local(arg) and not _may_differ(instr, position):
                        outline.append(constant_key(arg) or arg)
                if instr.type is not VOID:
                    numbers[instr] = len(numbers)
            for to in block.successors:
                if not self._inner(to):
                    outline.append(to)
                    for phi in to.phis():
                        arg = incoming(phi, block)
                        if arg in numbers:
                            outline.append(numbers[arg])
                        elif phi.type is PTR and not _is_local(arg):
                            outline.append(constant_key(arg) or arg)
                elif to not in blocks and len(blocks) < _MOST_BLOCKS:
                    blocks.add(to)
                    work.append(to)
        return tuple(outline)

    def match(self, first: Block, second: Block) -> _Match | None:
        """Return how the piece that begins at ``second`` corresponds to the one at ``first``."""
        found = _Match(first, second)
        blocks = found.blocks
        work = [(first, second)]
        while work:
            one, two = work.pop()
            if not self._same_block(one, two, found, first):
                return None
            for to, twin_to in zip(one.successors, two.successors):
                if to is twin_to:
                    if not self._same_arrival(to, one, two, found, first):
                        return None
                elif twin_to in blocks:
                    if blocks[twin_to] is not to:
                        return None
                elif (
                    len(blocks) >= _MOST_BLOCKS
                    or to in (first, second)
                    or not self._inner(to)
                    or not self._inner(twin_to)
                    or self.shapes_of(to) is None
                ):
                    return None
                else:
                    blocks[twin_to] = to
                    work.append((to, twin_to))
        return found if self._contained(found) and self._pays(found, first, second) else None

    def _inner(self, block: Block) -> bool:
        return len(self.preds[block]) == 1 and block.instrs[0].op != "phi"

    def _same_block(self, one: Block, two: Block, found: _Match, first: Block) -> bool:
        if self.shapes_of(one) != self.shapes_of(two):
            return False
        if len(one.successors) != len(two.successors):
            return False
        for a, b in zip((i for i in one.instrs if i not in self.handed), two.instrs):
            if len(a.args) != len(b.args):
                return False
            for number, (x, y) in enumerate(zip(a.args, b.args)):
                if found.same(x, y):
                    continue
                stored = _may_differ(a, number) and x.type is y.type
                if not stored or not self._given(x, found, first):
                    return False
                if not found.differ(a, number, x, y):
                    return False
            found.values[b] = a
        return True

    def _same_arrival(self, to: Block, one: Block, two: Block, found: _Match, first: Block) -> bool:
        for phi in to.phis():
            x, y = incoming(phi, one), incoming(phi, two)
            if found.same(x, y):
                continue
            number = phi.attrs["blocks"].index(one)
            if not self._given(x, found, first) or not found.differ(phi, number, x, y):
                return False
        return True

    def _given(self, value: Value, found: _Match, first: Block) -> bool:
        """Return whether ``value`` comes from outside of the first piece, or is handed over."""
        if value in self.handed:
            return self.handed[value] is first
        return not isinstance(value, Instr) or value.block not in found.blocks.values()

    def _contained(self, found: _Match) -> bool:
        """Return whether the second piece's values and the locals of both are used within only."""
        for block in found.blocks:
            for instr in block.instrs:
                if not self._used_within(instr, found.blocks):
                    return False
        own = dict.fromkeys(found.blocks.values(), found.blocks)
        return all(
            self._used_within(two, found.blocks) and self._used_within(one, own)
            for two, one in found.locals.items()
        )

    def _used_within(self, value: Value, blocks: Mapping[Block, object]) -> bool:
        for user in self.users.get(value, ()):
            if user.op == "phi":
                for arg, source in zip(user.args, user.attrs["blocks"]):
                    if arg is value and source not in blocks:
                        return False
            elif user.block not in blocks:
                return False
        return True

    def _pays(self, found: _Match, first: Block, second: Block) -> bool:
        """Return whether handing numbers over costs less than the piece."""
        if not found.numbers:
            return True
        if set(self.preds[first]) & set(self.preds[second]):
            return False  # one edge cannot bring two numbers
        size = 0
        for block in found.blocks:
            for instr in block.instrs:
                size += instr.op not in _FREE
                size += len(instr.args) if instr.op == "call" else 0
        return size >= 4 + 2 * len(found.numbers)

    def unite(self, block: Block, twin: Block, found: _Match) -> None:
        """Lead to ``block`` all that leads to ``twin``, which is then unreachable."""
        preds = self.preds
        for user, number, value in found.numbers:
            phi = user.args[number]
            if phi not in self.handed:
                phi = self._hand_over(block, user, number)
            assert isinstance(phi, Instr)
            for pred in preds[twin]:
                phi.args.append(value)
                phi.attrs["blocks"].append(pred)
            self.users.setdefault(value, []).append(phi)
        for pred in preds[twin]:
            last = pred.instrs[-1]
            last.attrs["targets"] = [block if t is twin else t for t in last.attrs["targets"]]
        preds[block] = list(dict.fromkeys(preds[block] + preds[twin]))
        preds[twin] = []
        for target in dict.fromkeys(twin.successors):
            remove_incoming(target, twin)
            preds[target] = [p for p in preds[target] if p is not twin]
        end = Instr("unreachable", VOID, [], twin.instrs[-1].span)
        end.block = twin
        twin.instrs = [end]
        self._shapes.pop(twin, None)

    def _hand_over(self, block: Block, user: Instr, number: int) -> Instr:
        """Put a phi in front of the piece for an operand that was one value so far."""
        old = user.args[number]
        phi = new_phi(block, old.type)
        for pred in self.preds[block]:
            phi.args.append(old)
            phi.attrs["blocks"].append(pred)
        user.args[number] = phi
        self.handed[phi] = block
        self.users.setdefault(phi, []).append(user)
        self.users.setdefault(old, []).append(phi)
        return phi
