"""Sharing of constants: one wide load where several blocks load the same number or address.

A constant that a dominating instruction already made is not made again; the allocator repeats it
where keeping it in a register would cost more (``spill``). Small constants are shared only within a
block, up to the next call.
"""

from __future__ import annotations

from ..graph.dominators import Dominators
from .mir import (
    CALL,
    FIRST_VREG,
    LD_IMM64,
    MOV32_IMM,
    MOV64_IMM,
    MFunction,
    MInsn,
    defs,
    map_registers,
)

_Key = tuple[int, str, int]


def share(function: MFunction, dominators: Dominators) -> None:
    """Replace repeated constants by the register that holds them."""
    single = _candidates(function)
    if not single:
        return
    replaced: dict[int, int] = {}
    wide: list[dict[_Key, int]] = [{} for _ in function.blocks]
    for index in dominators.preorder():
        block = function.blocks[index]
        table = wide[index]
        if index:
            table.update(wide[dominators.idom[index]])
        small: dict[_Key, int] = {}
        kept: list[MInsn] = []
        for insn in block.insns:
            op = insn.op
            if op == CALL:
                small.clear()
            elif insn.dst in single and op in (LD_IMM64, MOV64_IMM, MOV32_IMM):
                key = (op, insn.sym, insn.imm)
                known = table if op == LD_IMM64 else small
                have = known.get(key)
                if have is not None:
                    replaced[insn.dst] = have
                    continue
                known[key] = insn.dst
            kept.append(insn)
        block.insns = kept
    if replaced:
        mapping = list(range(function.next_vreg))
        for old, new in replaced.items():
            mapping[old] = new
        for block in function.blocks:
            for insn in block.insns:
                map_registers(insn, mapping)


def _candidates(function: MFunction) -> set[int]:
    """Return the virtual registers that get their only value from one constant, if two exist."""
    seen: dict[_Key, int] = {}
    constants: set[int] = set()
    again = False
    count: dict[int, int] = {}
    for block in function.blocks:
        for insn in block.insns:
            mask = defs(insn) >> FIRST_VREG
            while mask:
                low = mask & -mask
                reg = low.bit_length() - 1 + FIRST_VREG
                count[reg] = count.get(reg, 0) + 1
                mask ^= low
            if insn.op in (LD_IMM64, MOV64_IMM, MOV32_IMM) and insn.dst >= FIRST_VREG:
                if insn.core is None:
                    constants.add(insn.dst)
                    key = (insn.op, insn.sym, insn.imm)
                    again = again or key in seen
                    seen[key] = 1
    if not again:
        return set()
    return {reg for reg in constants if count[reg] == 1}
