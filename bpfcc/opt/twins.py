"""twins: pieces of code that do the very same thing become one.

A piece is a block and what only it leads to. Two are equal if their instructions agree operand by
operand (the same SSA values from outside, equal constants, results of corresponding instructions),
if they go on to the same places, and bring the same values there. Nothing is parametrised: no phi
is made, so no pointer of one kind meets one of another. Pieces that access memory through a merged
pointer (a phi or select), which the kernel may see with one kind on each way, stay apart. So do
calls of different source lines: a finding of the verifier must be told at its own line. (Copies of
one inlined function have the same lines.)
"""

from __future__ import annotations

from ..ir.module import Block, FuncRef, Function, HelperRef, KfuncRef
from ..ir.values import VOID, Instr, Value
from .context import Context
from .edit import constant_key, incoming, predecessors, remove_incoming, remove_unreachable, users

_NEVER = frozenset({"phi", "alloca", "asm", "asm_goto", "may_goto", "ld_pkt", "opaque"})
_MERGED = frozenset({"phi", "select"})
_MEMORY_OR_CALL = frozenset(
    {"load", "store", "memcpy", "memmove", "memset", "atomicrmw", "cmpxchg", "call"}
)
_ROUNDS = 6
_MOST_BLOCKS = 12


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
    groups: dict[tuple[object, ...], list[Block]] = {}
    for block in function.blocks[1:]:
        key = _key(block)
        if key is not None:
            groups.setdefault(key, []).append(block)
    pairs = [group for group in groups.values() if len(group) > 1]
    if not pairs:
        return False
    search = _Search(function)
    changed = False
    for group in pairs:
        originals: list[Block] = []
        for block in group:
            if block.instrs[-1].op == "unreachable" and len(block.instrs) == 1:
                continue
            original = next((o for o in originals if search.equal(o, block)), None)
            if original is None:
                originals.append(block)
            else:
                search.unite(original, block)
                changed = True
    return remove_unreachable(function) if changed else False


def _key(block: Block) -> tuple[object, ...] | None:
    """Return what equal blocks have in common at least, None for a block that stays as it is."""
    key: list[object] = []
    numbers: dict[Value, int] = {}
    for instr in block.instrs:
        if instr.op in _NEVER:
            return None
        if instr.op in _MEMORY_OR_CALL and any(_is_merged(arg) for arg in instr.args):
            return None
        key.append(_shape(instr))
        key.extend(numbers.get(arg, -1) for arg in instr.args)
        if instr.type is not VOID:
            numbers[instr] = len(numbers)
    return tuple(key)


def _shape(instr: Instr) -> tuple[object, ...]:
    """Return operation, type and attributes of ``instr``, and the line of a call."""
    attrs = [
        (key, _plain(value))
        for key, value in sorted(instr.attrs.items())
        if key not in ("likely", "targets", "unroll")
    ]
    if instr.op == "call":
        span = instr.span.outermost() if instr.span is not None else None
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


class _Search:
    """Compares and unites pieces of one function; the tables stay right while pieces go."""

    def __init__(self, function: Function) -> None:
        self.preds = predecessors(function)
        self.users = users(function)

    def equal(self, first: Block, second: Block) -> bool:
        """Return whether the pieces that begin at the two blocks are equal."""
        values: dict[Value, Value] = {}
        blocks = {second: first}
        work = [(first, second)]
        while work:
            one, two = work.pop()
            if not self._same_block(one, two, values):
                return False
            for to, twin_to in zip(one.successors, two.successors):
                if to is twin_to:
                    if not _same_arrival(to, one, two, values):
                        return False
                elif twin_to in blocks:
                    if blocks[twin_to] is not to:
                        return False
                elif (
                    len(blocks) >= _MOST_BLOCKS
                    or to in (first, second)
                    or not self._inner(to)
                    or not self._inner(twin_to)
                    or _key(to) is None
                ):
                    return False
                else:
                    blocks[twin_to] = to
                    work.append((to, twin_to))
        return all(self._used_within(block, blocks) for block in blocks)

    def _inner(self, block: Block) -> bool:
        return len(self.preds[block]) == 1 and block.instrs[0].op != "phi"

    @staticmethod
    def _same_block(one: Block, two: Block, values: dict[Value, Value]) -> bool:
        if len(one.instrs) != len(two.instrs) or len(one.successors) != len(two.successors):
            return False
        for a, b in zip(one.instrs, two.instrs):
            if len(a.args) != len(b.args) or _shape(a) != _shape(b):
                return False
            if not all(_same(x, y, values) for x, y in zip(a.args, b.args)):
                return False
            values[b] = a
        return True

    def _used_within(self, block: Block, blocks: dict[Block, Block]) -> bool:
        """Return whether the values of ``block`` are used in the piece and on its way out only."""
        for instr in block.instrs:
            for user in self.users.get(instr, ()):
                if user.op == "phi":
                    for arg, source in zip(user.args, user.attrs["blocks"]):
                        if arg is instr and source not in blocks:
                            return False
                elif user.block not in blocks:
                    return False
        return True

    def unite(self, block: Block, twin: Block) -> None:
        """Lead to ``block`` all that leads to ``twin``, which is then unreachable."""
        preds = self.preds
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


def _same(one: Value, two: Value, values: dict[Value, Value]) -> bool:
    two = values.get(two, two)
    if one is two:
        return True
    key = constant_key(one)
    return key is not None and type(one) is type(two) and key == constant_key(two)


def _same_arrival(to: Block, one: Block, two: Block, values: dict[Value, Value]) -> bool:
    return all(_same(incoming(phi, one), incoming(phi, two), values) for phi in to.phis())
