"""Liveness of registers: a backward dataflow over bit masks (bit n is register n).

Clobbered registers count as written: nothing lives in r1 to r5 across a call.
"""

from __future__ import annotations

from ..graph.order import postorder
from .mir import ASM, CALL, MFunction, MInsn, clobbers, defs, has_effect, uses

Effects = list[tuple[MInsn, int, int, int]]  # instruction, reads, gives, destroys


class Liveness:
    """``live_in``/``live_out`` by block number; ``effects`` per block, in order."""

    __slots__ = ("effects", "live_in", "live_out")

    def __init__(self, function: MFunction) -> None:
        self.effects: list[Effects] = []
        n = len(function.blocks)
        self.live_in = [0] * n
        self.live_out = [0] * n
        gen = [0] * n
        kill = [0] * n
        succs = function.number()
        for i, block in enumerate(function.blocks):
            row: Effects = []
            used = defined = 0
            for insn in block.insns:
                reads, gives = uses(insn), defs(insn)
                op = insn.op
                destroys = clobbers(insn) if op in (CALL, ASM) or op & 7 == 0 else 0
                row.append((insn, reads, gives, destroys))
                used |= reads & ~defined
                defined |= gives | destroys
            self.effects.append(row)
            gen[i] = used
            kill[i] = defined
        self._solve(function, succs, gen, kill)

    def _solve(
        self, function: MFunction, succs: list[list[int]], gen: list[int], kill: list[int]
    ) -> None:
        live_in, live_out = self.live_in, self.live_out
        order = postorder(succs)
        changed = True
        while changed:
            changed = False
            for i in order:
                out = 0
                for succ in succs[i]:
                    out |= live_in[succ]
                into = gen[i] | (out & ~kill[i])
                live_out[i] = out
                if into != live_in[i]:
                    live_in[i] = into
                    changed = True


def remove_dead(function: MFunction, live: Liveness) -> Liveness:
    """Delete instructions whose results nobody reads; return liveness that holds afterwards."""
    while True:
        removed = False
        for block in function.blocks:
            now = live.live_out[block.index]
            kept: list[MInsn] = []
            dropped = False
            for insn, reads, gives, destroys in reversed(live.effects[block.index]):
                if gives and not gives & now and not has_effect(insn):
                    dropped = True
                    continue
                now = (now & ~(gives | destroys)) | reads
                kept.append(insn)
            if dropped:
                kept.reverse()
                block.insns = kept
                removed = True
        if not removed:
            return live
        live = Liveness(function)
