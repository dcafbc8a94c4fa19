"""sroa: scalar replacement of aggregates.

A local struct, union or array that is only accessed at constant offsets is split into the pieces
that are accessed together; each piece becomes a local of its own, which mem2reg can then promote.
Copies and fills of the whole are split along. A local whose address goes elsewhere, or that is
indexed by a variable, stays as it is: the verifier wants one stack object there.

Pieces are the connected ranges of overlapping loads and stores. A piece of 1, 2, 4 or 8 bytes whose
stores write all of it becomes a scalar (narrower loads shift and truncate); other pieces stay in
memory, but smaller.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import pairwise
from typing import Any

from ..ir.module import Block, Function
from ..ir.values import I8, I16, I32, I64, INT_OF_BITS, PTR, VOID, Const, Instr, Type, Value
from .context import Context
from .edit import replace_values

_WHOLE = {1: I8, 2: I16, 4: I32, 8: I64}
_MAX_BLIND = 128  # bytes of a local that only copies touch and that is still split
_MAX_PARTIAL_STORES = 2


def run(function: Function, ctx: Context) -> bool:
    """Split what can be split; return whether anything was."""
    allocas = [instr for instr in function.blocks[0].instrs if instr.op == "alloca"]
    if not allocas:
        return False
    scan = _Scan(function, allocas)
    plans: dict[Value, _Plan] = {}
    for alloca in allocas:
        uses = scan.uses.get(alloca)
        if alloca in scan.escaped or uses is None:
            continue
        plan = _Plan(alloca, uses)
        if plan.worthwhile():
            plans[alloca] = plan
    if not plans:
        return False
    _Rewriter(function, scan, plans, big_endian=ctx.options.big_endian).run()
    return True


class _Use:
    """One access of a local: ``start`` to ``end`` in bytes; ``fixed`` if it cannot be split."""

    __slots__ = ("end", "fixed", "instr", "start")

    def __init__(self, instr: Instr, start: int, end: int, fixed: bool) -> None:
        self.instr = instr
        self.start = start
        self.end = end
        self.fixed = fixed


class _Scan:
    """Finds which local each pointer is into and how the locals are used."""

    def __init__(self, function: Function, allocas: list[Instr]) -> None:
        self.base: dict[Value, tuple[Instr, int]] = {a: (a, 0) for a in allocas}
        self.uses: dict[Value, list[_Use]] = {}
        self.escaped: set[Value] = set()
        later: list[Instr] = []
        for block in function.blocks:
            for instr in block.instrs:
                if instr.op == "ptradd":
                    later.append(instr)
        grown = True
        while grown and later:
            grown = False
            rest = []
            for instr in later:
                found = self.base.get(instr.args[0])
                offset = instr.args[1]
                if found is not None and isinstance(offset, Const):
                    self.base[instr] = (found[0], found[1] + offset.signed)
                    grown = True
                else:
                    rest.append(instr)
            later = rest
        for block in function.blocks:
            for instr in block.instrs:
                self._visit(instr)

    def _visit(self, instr: Instr) -> None:
        base = self.base
        for i, arg in enumerate(instr.args):
            found = base.get(arg)
            if found is None or instr in base:
                continue
            alloca, offset = found
            if alloca in self.escaped or instr.op == "lifetime":
                continue
            use = self._use(instr, i, alloca, offset)
            if use is None:
                self.escaped.add(alloca)
            else:
                self.uses.setdefault(alloca, []).append(use)

    def _use(self, instr: Instr, i: int, alloca: Instr, offset: int) -> _Use | None:
        op, attrs = instr.op, instr.attrs
        if op == "load":
            size, fixed = instr.type.size, True
        elif op == "store" and i == 0:
            size, fixed = instr.args[1].type.size, True
        elif op == "memset" and i == 0:
            size, fixed = attrs["size"], not isinstance(instr.args[1], Const)
        elif op in ("memcpy", "memmove"):
            other = self.base.get(instr.args[1 - i])
            size = attrs["size"]
            fixed = bool(attrs.get("volatile")) or (other is not None and other[0] is alloca)
        else:
            return None
        start = offset + attrs.get("off", 0)
        if start < 0 or start + size > alloca.attrs["size"]:
            return None
        if fixed and op not in ("load", "store"):
            return None
        return _Use(instr, start, start + size, fixed)


class _Piece:
    """Bytes ``start`` to ``end`` of a local that become ``alloca``; ``type`` if a scalar."""

    __slots__ = ("alloca", "end", "start", "type")

    def __init__(self, start: int, end: int, type: Type | None) -> None:
        self.start = start
        self.end = end
        self.type = type
        self.alloca: Instr | None = None


class _Plan:
    """How one local is cut into pieces."""

    def __init__(self, alloca: Instr, uses: list[_Use]) -> None:
        self.alloca = alloca
        self.uses = uses
        self.size: int = alloca.attrs["size"]
        self.pieces = self._cut()
        self.starts = [piece.start for piece in self.pieces]

    def worthwhile(self) -> bool:
        """Whether cutting changes anything."""
        if not self.pieces:
            return False
        if len(self.pieces) > 1:
            return True
        piece = self.pieces[0]
        if (piece.start, piece.end) != (0, self.size):
            return True
        whole = all(
            use.fixed
            and (use.start, use.end) == (0, self.size)
            and use.instr.args[0] is self.alloca
            and not use.instr.attrs.get("off")
            for use in self.uses
        )
        return piece.type is not None and not whole

    def _cut(self) -> list[_Piece]:
        fixed = sorted({(use.start, use.end) for use in self.uses if use.fixed})
        ranges: list[list[int]] = []
        for start, end in fixed:
            if ranges and start < ranges[-1][1]:
                ranges[-1][1] = max(ranges[-1][1], end)
            else:
                ranges.append([start, end])
        pieces: list[_Piece] = []
        at = 0
        for start, end in ranges:
            self._blind(at, start, pieces)
            pieces.append(_Piece(start, end, self._scalar(start, end)))
            at = end
        self._blind(at, self.size, pieces)
        return pieces

    def _blind(self, start: int, end: int, pieces: list[_Piece]) -> None:
        """Cut bytes that only copies and fills touch: into words where the local is small."""
        if start >= end:
            return
        touched = [
            (max(use.start, start), min(use.end, end))
            for use in self.uses
            if use.start < end and use.end > start
        ]
        if not touched:
            return
        if self.size > _MAX_BLIND:
            low, high = min(t[0] for t in touched), max(t[1] for t in touched)
            pieces.append(_Piece(low, high, None))
            return
        edges = sorted({e for t in touched for e in t} | {start, end})
        for low, high in pairwise(edges):
            if not any(t[0] <= low and high <= t[1] for t in touched):
                continue
            at = low
            while at < high:
                size = 8
                while at % size or at + size > high:
                    size //= 2
                pieces.append(_Piece(at, at + size, _WHOLE[size]))
                at += size

    def _scalar(self, start: int, end: int) -> Type | None:
        whole = _WHOLE.get(end - start)
        if whole is None:
            return None
        pointers = integers = partial = 0
        for use in self.uses:
            if not use.fixed or use.start >= end or use.end <= start:
                continue
            instr = use.instr
            if instr.attrs.get("volatile"):
                return None
            type = instr.type if instr.op == "load" else instr.args[1].type
            if (use.start, use.end) != (start, end):
                integers += 1
                partial += instr.op == "store"
            elif type is PTR:
                pointers += 1
            else:
                integers += 1
        if partial > _MAX_PARTIAL_STORES:
            return None
        for use in self.uses:  # a copy or fill that ends inside the piece would store part of it
            if not use.fixed and (start < use.start < end or start < use.end < end):
                return None
        return PTR if pointers and not integers else whole


class _Rewriter:
    def __init__(
        self, function: Function, scan: _Scan, plans: dict[Value, _Plan], *, big_endian: bool
    ) -> None:
        self.function = function
        self.scan = scan
        self.plans = plans
        self.big_endian = big_endian
        self.mapping: dict[Value, Value] = {}
        self.out: list[Instr] = []
        self.block: Block = function.blocks[0]
        self.span: Any = None

    def run(self) -> None:
        entry = self.function.blocks[0]
        for plan in self.plans.values():
            self._allocate(plan, entry)
        for block in self.function.blocks:
            self._block(block)
        replace_values(self.function, self.mapping)

    def _allocate(self, plan: _Plan, entry: Block) -> None:
        old = plan.alloca
        at = entry.instrs.index(old)
        for piece in plan.pieces:
            align = old.attrs["align"]
            while piece.start % align:
                align //= 2
            size = piece.end - piece.start
            if piece.type is not None:
                align = max(align, size)
            new = Instr("alloca", PTR, [], old.span, {"size": size, "align": align}, old.name)
            new.block = entry
            piece.alloca = new
            at += 1
            entry.instrs.insert(at, new)

    def _block(self, block: Block) -> None:
        self.out, self.block = [], block
        plans, base = self.plans, self.scan.base
        for instr in block.instrs:
            op = instr.op
            if op == "alloca" and instr in plans:
                continue
            found = base.get(instr)
            if found is not None and op == "ptradd" and found[0] in plans:
                continue
            plan = None
            for arg in instr.args:
                found = base.get(arg)
                if found is not None and found[0] in plans:
                    plan = plans[found[0]]
                    break
            if plan is None:
                self.out.append(instr)
                continue
            self.span = instr.span
            if op == "lifetime":
                for piece in plan.pieces:
                    self._emit("lifetime", VOID, [_alloca(piece)], {"start": instr.attrs["start"]})
            elif op in ("memcpy", "memmove"):
                self._copy(instr)
            elif op == "memset":
                self._fill(instr, plan)
            elif op == "load":
                self._load(instr, plan)
            else:
                self._store(instr, plan)
        block.instrs = self.out
        for instr in block.instrs:
            instr.block = block

    # -- emitting ---------------------------------------------------------------------------

    def _emit(self, op: str, type: Type, args: list[Value], attrs: dict[str, Any] | None) -> Instr:
        instr = Instr(op, type, args, self.span, attrs)
        self.out.append(instr)
        return instr

    def _binary(self, op: str, a: Value, amount: int) -> Value:
        return self._emit(op, a.type, [a, Const(a.type, amount)], None)

    def _place(self, plan: _Plan, arg: Value, off: int) -> tuple[_Piece, int]:
        """Return the piece that ``arg`` + ``off`` points into and the offset there."""
        start = self.scan.base[arg][1] + off
        piece = plan.pieces[bisect_right(plan.starts, start) - 1]
        return piece, start - piece.start

    def _load(self, instr: Instr, plan: _Plan) -> None:
        piece, off = self._place(plan, instr.args[0], instr.attrs.get("off", 0))
        type, size = instr.type, instr.type.size
        if piece.type is None or size == piece.end - piece.start:
            _set_address(instr, _alloca(piece), off)
            self.out.append(instr)
            return
        value: Value = self._emit("load", piece.type, [_alloca(piece)], None)
        shift = 8 * (piece.end - piece.start - size - off if self.big_endian else off)
        if shift:
            value = self._binary("lshr", value, shift)
        self.mapping[instr] = self._emit("trunc", type, [value], None)

    def _store(self, instr: Instr, plan: _Plan) -> None:
        piece, off = self._place(plan, instr.args[0], instr.attrs.get("off", 0))
        value = instr.args[1]
        size, whole = value.type.size, piece.end - piece.start
        if piece.type is None or size == whole:
            _set_address(instr, _alloca(piece), off)
            self.out.append(instr)
            return
        type = piece.type
        shift = 8 * (whole - size - off if self.big_endian else off)
        if value.type is PTR:
            value = self._emit("ptrtoint", I64, [value], None)
        old: Value = self._emit("load", type, [_alloca(piece)], None)
        mask = ((1 << 8 * size) - 1) << shift
        old = self._binary("and", old, ~mask)
        value = self._emit("zext", type, [value], None)
        if shift:
            value = self._binary("shl", value, shift)
        value = self._emit("or", type, [old, value], None)
        self._emit("store", VOID, [_alloca(piece), value], None)

    def _fill(self, instr: Instr, plan: _Plan) -> None:
        byte = instr.args[1]
        assert isinstance(byte, Const)
        start = self.scan.base[instr.args[0]][1]
        end = start + instr.attrs["size"]
        for piece in plan.pieces:
            low, high = max(start, piece.start), min(end, piece.end)
            if low >= high:
                continue
            if piece.type is not None:
                size = piece.end - piece.start
                number = int.from_bytes(bytes([byte.value]) * size, "little")
                self._emit("store", VOID, [_alloca(piece), Const(piece.type, number)], None)
                continue
            target = self._offset(_alloca(piece), low - piece.start)
            attrs = {"size": high - low, "align": _align(instr, low - start)}
            self._emit("memset", VOID, [target, byte], attrs)

    def _offset(self, pointer: Value, off: int) -> Value:
        if not off:
            return pointer
        return self._emit("ptradd", PTR, [pointer, Const(I64, off)], None)

    def _copy(self, instr: Instr) -> None:
        """Split a copy along the pieces of either side."""
        size: int = instr.attrs["size"]
        sides = [self._side(arg) for arg in instr.args]
        edges = {0, size}
        for plan, start in sides:
            for piece in plan.pieces if plan is not None else ():
                edges.update(e - start for e in (piece.start, piece.end) if 0 < e - start < size)
        cuts = sorted(edges)
        moves: list[tuple[int, int, Value]] = []
        for low, high in pairwise(cuts):
            scalar = next(
                (p.type for p in (self._piece(s, low, high) for s in sides) if p and p.type), None
            )
            if any(
                plan is not None and self._piece((plan, start), low, high) is None
                for plan, start in sides
            ):
                continue  # bytes that nothing reads, or that were never written
            if scalar is None:
                dst = self._address(instr.args[0], sides[0], low)
                src = self._address(instr.args[1], sides[1], low)
                attrs = {"size": high - low, "align": _align(instr, low)}
                self._emit(instr.op, VOID, [dst, src], attrs)
                continue
            for at, type in _words(low, high, scalar):
                moves.append((at, type.size, self._read(instr, sides[1], at, type)))
        for at, _, value in moves:
            self._write(instr, sides[0], at, value)

    def _side(self, arg: Value) -> tuple[_Plan | None, int]:
        found = self.scan.base.get(arg)
        if found is None or found[0] not in self.plans:
            return None, 0
        return self.plans[found[0]], found[1]

    def _piece(self, side: tuple[_Plan | None, int], low: int, high: int) -> _Piece | None:
        plan, start = side
        if plan is None:
            return None
        i = bisect_right(plan.starts, start + low) - 1
        if i < 0 or plan.pieces[i].end < start + high:
            return None
        return plan.pieces[i]

    def _address(self, arg: Value, side: tuple[_Plan | None, int], low: int) -> Value:
        piece = self._piece(side, low, low + 1)
        if piece is None:
            return self._offset(arg, low)
        return self._offset(_alloca(piece), side[1] + low - piece.start)

    def _read(self, instr: Instr, side: tuple[_Plan | None, int], at: int, type: Type) -> Value:
        piece = self._piece(side, at, at + 1)
        if piece is None:
            attrs = _access(at, _align(instr, at), type)
            return self._emit("load", type, [instr.args[1]], attrs)
        attrs = _access(side[1] + at - piece.start, 0, type)
        return self._emit("load", type, [_alloca(piece)], attrs)

    def _write(self, instr: Instr, side: tuple[_Plan | None, int], at: int, value: Value) -> None:
        piece = self._piece(side, at, at + 1)
        if piece is None:
            attrs = _access(at, _align(instr, at), value.type)
            self._emit("store", VOID, [instr.args[0], value], attrs)
        else:
            attrs = _access(side[1] + at - piece.start, 0, value.type)
            self._emit("store", VOID, [_alloca(piece), value], attrs)


def _alloca(piece: _Piece) -> Instr:
    assert piece.alloca is not None
    return piece.alloca


def _set_address(instr: Instr, pointer: Value, off: int) -> None:
    instr.args[0] = pointer
    if off:
        instr.attrs["off"] = off
    else:
        instr.attrs.pop("off", None)


def _access(off: int, align: int, type: Type) -> dict[str, Any]:
    attrs: dict[str, Any] = {}
    if off:
        attrs["off"] = off
    if 0 < align < type.size:
        attrs["align"] = align
    return attrs


def _align(copy: Instr, off: int) -> int:
    """Return the alignment of byte ``off`` of a copy."""
    align: int = copy.attrs.get("align") or 1
    while off % align:
        align //= 2
    return align


def _words(low: int, high: int, scalar: Type) -> list[tuple[int, Type]]:
    """Cut ``low`` to ``high`` of a copy into scalars: one where it fits."""
    if high - low == scalar.size:
        return [(low, scalar)]
    words = []
    at = low
    while at < high:
        size = 8
        while at % size or at + size > high:
            size //= 2
        words.append((at, INT_OF_BITS[8 * size]))
        at += size
    return words
