"""The interference graph: which registers may not be one, as bit masks.

``adjacent[v]`` has bit u where v and u hold different values at one time; bits 0..9 are the machine
registers that v may not get (a value that lives across a call may not get r0..r5). A move's source
and destination do not interfere by that move. Source: Chaitin, "Register allocation and spilling
via graph coloring", 1982.
"""

from __future__ import annotations

from .liveness import Liveness
from .masks import members
from .mir import ASM, FIRST_VREG, FP, MOV64, MFunction, MInsn

PREGS = 0b1111111111


class Move:
    """A copy in the code: ``weight`` counts how often it is expected to run."""

    __slots__ = ("a", "b", "weight")

    def __init__(self, a: int, b: int, weight: float) -> None:
        self.a = a
        self.b = b
        self.weight = weight


def block_weight(depth: int, cold: bool) -> float:
    """Return how often a block is expected to run, relative to the entry."""
    weight = 10.0 ** min(depth, 4)
    return weight * 0.1 if cold else weight


class Graph:
    """Interference, moves and spill costs of one function.

    ``cost[v]``: how much slower the code gets if v lives in memory. ``definitions[v]``: the
    instructions that write v.
    """

    __slots__ = ("adjacent", "cost", "definitions", "moves", "nodes")

    def __init__(self, function: MFunction, live: Liveness) -> None:
        n = function.next_vreg
        self.adjacent = [0] * n
        self.cost = [0.0] * n
        self.definitions: list[list[MInsn]] = [[] for _ in range(n)]
        self.moves: list[Move] = []
        self.nodes = 0  # mask of virtual registers in use
        for block in function.blocks:
            weight = block_weight(block.depth, block.cold)
            self._scan(live.live_out[block.index], live.effects[block.index], weight)
        self._make_symmetric()

    def _scan(self, now: int, effects: list[tuple[MInsn, int, int, int]], weight: float) -> None:
        adjacent, cost, definitions = self.adjacent, self.cost, self.definitions
        for insn, reads, gives, destroys in reversed(effects):
            around = now
            if insn.op == MOV64 and insn.off == 0 and insn.src != FP:
                around &= ~(1 << insn.src)
                if insn.dst != insn.src:
                    self.moves.append(Move(insn.dst, insn.src, weight))
            mask = gives
            while mask:
                low = mask & -mask
                mask ^= low
                reg = low.bit_length() - 1
                adjacent[reg] |= (around | gives) & ~low
                if reg >= FIRST_VREG:
                    cost[reg] += weight
                    definitions[reg].append(insn)
            if destroys:
                for reg in members((now & ~gives) >> FIRST_VREG):
                    adjacent[reg + FIRST_VREG] |= destroys
                if insn.op == ASM:
                    self._asm(insn, gives, destroys)
            now = (now & ~(gives | destroys)) | reads
            mask = reads >> FIRST_VREG
            self.nodes |= mask | gives >> FIRST_VREG
            while mask:
                low = mask & -mask
                mask ^= low
                cost[low.bit_length() - 1 + FIRST_VREG] += weight
            if insn.op == ASM:
                self._asm(insn, gives, destroys)

    def _asm(self, insn: MInsn, gives: int, destroys: int) -> None:
        """Operands avoid clobbered registers; early results avoid the inputs."""
        operands = insn.extra.operands
        for operand in operands:
            if operand.reg >= FIRST_VREG:
                self.adjacent[operand.reg] |= destroys
            if operand.early:
                for other in operands:
                    if other.read and other.reg != operand.reg:
                        self.adjacent[operand.reg] |= 1 << other.reg

    def _make_symmetric(self) -> None:
        adjacent = self.adjacent
        self.nodes <<= FIRST_VREG
        for reg in range(len(adjacent)):
            bit = 1 << reg
            for other in members(adjacent[reg]):
                adjacent[other] |= bit
