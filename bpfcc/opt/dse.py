"""dse: stores whose bytes nobody reads before they are overwritten or gone.

Locals: a backward analysis with one bit per byte of each local, over the whole function; a byte is
live where a load, a copy or (for locals whose address is known elsewhere) a call may read it. Fills
and copies with dead bytes at an end are shortened. Other memory: only stores that a later store of
the same block covers, with nothing in between that may read them or end the program.
"""

from __future__ import annotations

from ..graph.dataflow import backward_union
from ..ir.module import Block, Function
from ..ir.values import I64, PTR, Const, Instr, Value
from .alias import Aliases, Place, access, clobbers, locate, writes
from .context import Context
from .edit import successor_indices

_TRACKED = 1 << 17  # bytes of locals with a bit each; a frame has 512, and most of these go away


def run(function: Function, ctx: Context) -> bool:
    """Delete dead stores; return whether there were any."""
    del ctx
    aliases = Aliases(function)
    changed = _Locals(function, aliases).run()
    for block in function.blocks:
        changed |= _overwritten(block, aliases)
    return changed


class _Locals:
    def __init__(self, function: Function, aliases: Aliases) -> None:
        self.function = function
        self.first: dict[Value, int] = {}
        self.mask: dict[Value, int] = {}
        self.escaped = 0
        at = 0
        for instr in function.blocks[0].instrs:
            if instr.op == "alloca":
                size = instr.attrs["size"]
                if at + size > _TRACKED:
                    continue
                self.first[instr] = at
                self.mask[instr] = ((1 << size) - 1) << at
                if instr in aliases.escaped:
                    self.escaped |= self.mask[instr]
                at += size

    def bits(self, place: Place | None) -> int:
        """Return the bits of a place within a local; all of the local if the offset varies."""
        if place is None or place.base not in self.first:
            return 0
        whole = self.mask[place.base]
        if place.off is None:
            return whole
        if place.off < 0:
            return whole
        return (((1 << place.size) - 1) << self.first[place.base] + place.off) & whole

    def effect(self, instr: Instr) -> tuple[int, int]:
        """Return (bytes read, bytes surely overwritten) by ``instr``."""
        op = instr.op
        if op == "load":
            place = access(instr)
            assert place is not None
            if place.base not in self.first and not self._identified(place.base):
                return self.escaped, 0
            return self.bits(place), 0
        if op == "lifetime":
            return 0, self.mask.get(instr.args[0], 0)
        written = writes(instr)
        read = 0
        if op in ("memcpy", "memmove"):
            source = locate(instr.args[1], 0, instr.attrs["size"])
            read = self.bits(source)
            if source.base not in self.first and not self._identified(source.base):
                read = self.escaped
        if written is not None:
            if instr.attrs.get("volatile"):
                return read, 0
            return read, 0 if written.off is None else self.bits(written)
        if clobbers(instr):
            return self.escaped, 0
        return 0, 0

    def _identified(self, base: Value) -> bool:
        return not isinstance(base, Instr) or base.op == "alloca"

    def run(self) -> bool:
        if not self.first:
            return False
        function = self.function
        gen, kill = [], []
        for block in function.blocks:
            live = killed = 0
            for instr in reversed(block.instrs):
                read, gone = self.effect(instr)
                live = (live & ~gone) | read
                killed |= gone
            gen.append(live)
            kill.append(killed)
        _, live_out = backward_union(successor_indices(function), gen, kill)
        changed = False
        for block, live in zip(function.blocks, live_out):
            changed |= self._block(block, live)
        return changed

    def _block(self, block: Block, live: int) -> bool:
        kept: list[Instr] = []
        changed = False
        for instr in reversed(block.instrs):
            written = writes(instr)
            if written is not None and written.base in self.first and not self._fixed(instr):
                bits = self.bits(written)
                if not bits & live:
                    changed = True
                    continue
                if written.off is not None and instr.op in ("memset", "memcpy"):
                    step = self._shorten(instr, written, live)
                    if step is not None:
                        changed = True
                        kept.append(instr)
                        kept.extend(step)
                        read, gone = self.effect(instr)
                        live = (live & ~gone) | read
                        continue
            read, gone = self.effect(instr)
            live = (live & ~gone) | read
            kept.append(instr)
        kept.reverse()
        for instr in kept:
            instr.block = block
        block.instrs = kept
        return changed

    @staticmethod
    def _fixed(instr: Instr) -> bool:
        return bool(instr.attrs.get("volatile"))

    def _shorten(self, instr: Instr, place: Place, live: int) -> list[Instr] | None:
        """Cut dead 8-byte ends off a fill or copy.

        Returns the address computations that must stand before it, in reverse order; None if
        nothing is cut.
        """
        assert place.off is not None
        size: int = instr.attrs["size"]
        here = live >> self.first[place.base] + place.off & ((1 << size) - 1)
        start, end = place.off, place.off + size
        low = start + (here & -here).bit_length() - 1  # the first byte that is live
        high = start + here.bit_length()  # behind the last
        head = max(low // 8 * 8 - start, 0)
        tail = max(end - (high + 7) // 8 * 8, 0)
        if head + tail == 0 or head + tail >= size:
            return None
        instr.attrs = dict(instr.attrs, size=size - head - tail)
        steps: list[Instr] = []
        if head:
            for i in range(2 if instr.op == "memcpy" else 1):
                step = Instr("ptradd", PTR, [instr.args[i], Const(I64, head)], instr.span)
                instr.args[i] = step
                steps.append(step)
        return steps


def _overwritten(block: Block, aliases: Aliases) -> bool:
    """Delete stores that a later store of the block covers before anything may look."""
    later: list[Place] = []
    kept: list[Instr] = []
    for instr in reversed(block.instrs):
        op = instr.op
        place = access(instr)
        if op == "store" and place is not None and place.off is not None:
            if not instr.attrs.get("volatile"):
                if any(_covers(p, place) for p in later):
                    continue
                later.append(place)
        elif op == "load" and place is not None:
            later = [p for p in later if not aliases.may_overlap(p, place)]
        elif op in ("memcpy", "memmove"):
            source = locate(instr.args[1], 0, instr.attrs["size"])
            later = [p for p in later if not aliases.may_overlap(p, source)]
        elif clobbers(instr):
            later = []
        kept.append(instr)
    if len(kept) == len(block.instrs):
        return False
    kept.reverse()
    block.instrs = kept
    return True


def _covers(later: Place, earlier: Place) -> bool:
    if later.base is not earlier.base or later.off is None or earlier.off is None:
        return False
    return later.off <= earlier.off and earlier.off + earlier.size <= later.off + later.size
