"""storemerge: constants stored side by side into a local become wider stores.

Initialisers of structures and strings store members and bytes one by one; the frame is aligned, so
the bytes that are known between two looks at the local can be written as 8, 4, 2 and 1 byte
immediates. Only locals: other memory may be shared, or have fields that must be written as they
are. Only where the stores become fewer.
"""

from __future__ import annotations

from ..ir.module import Block, Function
from ..ir.values import INT_OF_BITS, PTR, VOID, Const, Instr, Value
from .alias import Aliases, Place, access, clobbers, locate, writes
from .context import Context

_IMM = 1 << 31


def run(function: Function, ctx: Context) -> bool:
    """Merge what can be merged; return whether anything was."""
    if not any(instr.op == "alloca" for instr in function.blocks[0].instrs):
        return False
    aliases = Aliases(function)
    order = "big" if ctx.options.big_endian else "little"
    changed = False
    for block in function.blocks:
        if sum(i.op == "store" and isinstance(i.args[1], Const) for i in block.instrs) > 1:
            changed |= _Merge(block, aliases, order).run()
    return changed


class _Pending:
    """Constant bytes of one local, and the stores that would write them."""

    __slots__ = ("known", "stores")

    def __init__(self) -> None:
        self.known: dict[int, int] = {}
        self.stores: list[Instr] = []


class _Merge:
    def __init__(self, block: Block, aliases: Aliases, order: str) -> None:
        self.block = block
        self.aliases = aliases
        self.order = order
        self.pending: dict[Value, _Pending] = {}
        self.replaced: dict[Instr, list[Instr]] = {}

    def run(self) -> bool:
        for instr in self.block.instrs:
            self._visit(instr)
        for base in list(self.pending):
            self._flush(base)
        if not self.replaced:
            return False
        out: list[Instr] = []
        for instr in self.block.instrs:
            out.extend(self.replaced.get(instr, (instr,)))
        for instr in out:
            instr.block = self.block
        self.block.instrs = out
        return True

    def _visit(self, instr: Instr) -> None:
        op = instr.op
        place = access(instr)
        if op == "store" and place is not None and _is_local(place.base):
            value = instr.args[1]
            if (
                place.off is not None
                and place.off >= 0
                and isinstance(value, Const)
                and not instr.attrs.get("volatile")
            ):
                self._note(place.base, place.off, value, instr)
            else:
                self._look(place)
            return
        if not self.pending:
            return
        if place is not None:
            self._look(place)
        elif op == "lifetime":
            self._flush(instr.args[0])
        elif clobbers(instr):
            for base in list(self.pending):
                if not self.aliases.private(base):
                    self._flush(base)
        else:
            written = writes(instr)
            if written is not None:
                self._look(written)
                if op != "memset":
                    self._look(locate(instr.args[1], 0, instr.attrs["size"]))

    def _note(self, base: Value, off: int, value: Const, instr: Instr) -> None:
        pending = self.pending.setdefault(base, _Pending())
        data = value.value.to_bytes(value.type.size, self.order)  # type: ignore[arg-type]
        for i, byte in enumerate(data):
            pending.known[off + i] = byte
        pending.stores.append(instr)

    def _look(self, place: Place) -> None:
        """Write down what is pending where ``place`` may see it or change it."""
        for base, pending in list(self.pending.items()):
            low = min(pending.known)
            whole = Place(base, low, max(pending.known) + 1 - low, base, low)
            if self.aliases.may_overlap(whole, place):
                self._flush(base)

    def _flush(self, base: Value) -> None:
        pending = self.pending.pop(base, None)
        if pending is None or len(pending.stores) < 2:
            return
        pieces = _pieces(pending.known, self.order)
        if len(pieces) >= len(pending.stores):
            return
        assert isinstance(base, Instr)
        base.attrs["align"] = max(base.attrs["align"], 8)
        last = pending.stores[-1]
        for store in pending.stores:
            self.replaced[store] = []
        self.replaced[last] = [
            Instr("store", VOID, [base, value], last.span, {"off": off} if off else {})
            for off, value in pieces
        ]


def _is_local(base: Value) -> bool:
    return isinstance(base, Instr) and base.op == "alloca" and base.type is PTR


def _pieces(known: dict[int, int], order: str) -> list[tuple[int, Const]]:
    """Cut the known bytes into immediates, as wide as alignment and immediates allow."""
    out: list[tuple[int, Const]] = []
    done: set[int] = set()
    for at in sorted(known):
        if at in done:
            continue
        for size in (8, 4, 2, 1):
            if at % size or any(at + i not in known for i in range(size)):
                continue
            data = bytes(known[at + i] for i in range(size))
            number = int.from_bytes(data, order)  # type: ignore[arg-type]
            value = Const(INT_OF_BITS[8 * size], number)
            if size == 8 and not -_IMM <= value.signed < _IMM:
                continue
            out.append((at, value))
            done.update(range(at, at + size))
            break
    return out
