"""twins: blocks that do the very same thing become one.

Equal are blocks whose instructions agree operand by operand: the same SSA values, equal constants,
or results of the same earlier instruction of the block; that go on to the same places, and bring
the same values there. Nothing is parametrised: no phi is made, so no pointer of one kind meets one
of another. Blocks that access memory through a merged pointer (a phi or select), which the kernel
may see with one kind on each way, stay apart. So do calls of different source lines: a finding of
the verifier must be told at its own line. (Copies of one inlined function have the same lines.)
"""

from __future__ import annotations

from ..ir.module import Block, FuncRef, Function, HelperRef, KfuncRef
from ..ir.values import VOID, Instr, Value
from .context import Context
from .edit import constant_key, incoming, predecessors, remove_incoming, remove_unreachable

_NEVER = frozenset({"phi", "alloca", "asm", "asm_goto", "may_goto", "ld_pkt", "opaque"})
_MERGED = frozenset({"phi", "select"})
_MEMORY = frozenset({"load", "store", "memcpy", "memmove", "memset", "atomicrmw", "cmpxchg"})
_MEMORY_OR_CALL = _MEMORY | {"call"}
_ROUNDS = 6


def run(function: Function, ctx: Context) -> bool:
    """Unite equal blocks, and then those that have become equal; return whether any were."""
    del ctx
    changed = False
    for _ in range(_ROUNDS):
        if not _round(function):
            break
        changed = True
    return changed


def _round(function: Function) -> bool:
    candidates = [b for b in function.blocks[1:] if all(i.op not in _NEVER for i in b.instrs)]
    if len(candidates) < 2:
        return False
    shared = _seen_elsewhere(function)
    groups: dict[tuple[object, ...], list[Block]] = {}
    for block in candidates:
        key = _key(block, shared)
        if key is not None:
            groups.setdefault(key, []).append(block)
    preds = None
    for group in groups.values():
        if len(group) == 1:
            continue
        if preds is None:
            preds = predecessors(function)
        for twin in group[1:]:
            _unite(group[0], twin, preds)
    return remove_unreachable(function) if preds is not None else False


def _seen_elsewhere(function: Function) -> set[Value]:
    """Return the values used outside of their block, other than by phis on an edge out of it."""
    seen: set[Value] = set()
    for block in function.blocks:
        for instr in block.instrs:
            phi = instr.op == "phi"
            for i, arg in enumerate(instr.args):
                if isinstance(arg, Instr):
                    place = instr.attrs["blocks"][i] if phi else block
                    if arg.block is not place:
                        seen.add(arg)
    return seen


def _key(block: Block, shared: set[Value]) -> tuple[object, ...] | None:
    """Return what equal blocks have in common, None for a block that stays as it is."""
    numbers: dict[Value, int] = {}
    key: list[object] = []
    for instr in block.instrs:
        if instr in shared:
            return None
        if instr.op in _MEMORY_OR_CALL and any(_is_merged(arg) for arg in instr.args):
            return None
        attrs = tuple((k, _plain(v)) for k, v in sorted(instr.attrs.items()) if k != "likely")
        key.append((instr.op, instr.type, attrs, *(_name(arg, numbers) for arg in instr.args)))
        if instr.op == "call":
            span = instr.span.outermost() if instr.span is not None else None
            key.append((span.file, span.start, span.end) if span is not None else None)
        if instr.type is not VOID:
            numbers[instr] = len(numbers)
    for target in dict.fromkeys(block.successors):
        if target is block:
            return None
        key.extend(_name(incoming(phi, block), numbers) for phi in target.phis())
    return tuple(key)


def _plain(value: object) -> object:
    if isinstance(value, (HelperRef, FuncRef, KfuncRef)):
        return repr(value)
    return tuple(value) if isinstance(value, list) else value


def _name(value: Value, numbers: dict[Value, int]) -> object:
    if value in numbers:
        return numbers[value]
    return constant_key(value) or value


def _is_merged(value: Value) -> bool:
    while isinstance(value, Instr) and value.op in ("ptradd", "inttoptr", "ptrtoint", "zext"):
        value = value.args[0]
    return isinstance(value, Instr) and value.op in _MERGED


def _unite(block: Block, twin: Block, preds: dict[Block, list[Block]]) -> None:
    """Lead to ``block`` all that leads to ``twin``, which is then unreachable."""
    for pred in preds[twin]:
        last = pred.instrs[-1]
        last.attrs["targets"] = [block if t is twin else t for t in last.attrs["targets"]]
    preds[block] = list(dict.fromkeys(preds[block] + preds[twin]))
    preds[twin] = []
    for target in dict.fromkeys(twin.successors):
        remove_incoming(target, twin)
    end = Instr("unreachable", VOID, [], twin.instrs[-1].span)
    end.block = twin
    twin.instrs = [end]
