"""loadelim: a load of bytes whose value is known becomes that value.

Forward over the blocks: what was loaded or stored at which place, until something may change it.
At a join only what all predecessors agree on survives; at the head of a loop, what the loop does
not change. So a value loaded from memory, tested, and loaded again is one value, and the test
counts for the use.

No load moves and none is added (``contract.md``).
"""

from __future__ import annotations

from ..graph.dominators import Dominators
from ..graph.loops import find_loops
from ..ir.module import Block, Function
from ..ir.values import I8, PTR, Const, Instr, Value
from .alias import Aliases, Place, access, base_key, clobbers, writes
from .context import Context
from .edit import remove_unreachable, replace_values, resolve, successor_indices
from .evaluate import fold_constant

_Key = tuple[object, int, int]  # anchor, offset from it, size


class _Known:
    """Values of places, by anchor, offset from it and size."""

    __slots__ = ("places", "values")

    def __init__(self, values: dict[_Key, Value], places: dict[_Key, Place]) -> None:
        self.values = values
        self.places = places

    def copy(self) -> _Known:
        return _Known(dict(self.values), self.places)

    def drop(self, keys: list[_Key]) -> None:
        for key in keys:
            del self.values[key]


def run(function: Function, ctx: Context) -> bool:
    """Replace loads of known bytes; return whether there were any."""
    if not any(i.op == "load" for i in function.instrs()):
        return False
    remove_unreachable(function)
    return _Elimination(function, big_endian=ctx.options.big_endian).run()


class _Elimination:
    def __init__(self, function: Function, *, big_endian: bool) -> None:
        self.function = function
        self.aliases = Aliases(function)
        self.big_endian = big_endian
        self.mapping: dict[Value, Value] = {}
        self.places: dict[_Key, Place] = {}

    def run(self) -> bool:
        function = self.function
        succs = successor_indices(function)
        dom = Dominators(succs)
        changes = self._loop_changes(succs, dom)
        after: dict[int, _Known] = {}
        for node in dom.order:
            known = self._meet([after.get(p) for p in set(dom.preds[node])], node in changes)
            for instr in changes.get(node, ()):
                self._effect(known, instr)
            after[node] = known
            self._block(function.blocks[node], known)
        replace_values(function, self.mapping)
        return bool(self.mapping)

    def _loop_changes(self, succs: list[list[int]], dom: Dominators) -> dict[int, list[Instr]]:
        """Return for each loop header what in the loop writes memory."""
        changes: dict[int, list[Instr]] = {}
        blocks = self.function.blocks
        for loop in find_loops(succs, 0, dom):
            changes[loop.header] = [
                instr
                for node in sorted(loop.body)
                for instr in blocks[node].instrs
                if writes(instr) is not None or clobbers(instr)
            ]
        return changes

    def _meet(self, states: list[_Known | None], is_header: bool) -> _Known:
        """Return what all predecessors agree on.

        The sources of back edges are not visited yet; what the loop changes is applied by the
        caller. Nothing is known where another retreating edge comes in.
        """
        visited = [s for s in states if s is not None]
        if not visited or (len(visited) < len(states) and not is_header):
            return _Known({}, self.places)
        first, rest = visited[0], visited[1:]
        if not rest:
            return first.copy()
        values = {
            key: value
            for key, value in first.values.items()
            if all(_agree(other.values.get(key), value) for other in rest)
        }
        return _Known(values, self.places)

    def _effect(self, known: _Known, instr: Instr) -> None:
        """Forget what ``instr`` may change."""
        if not known.values:
            return
        place = writes(instr)
        aliases, places = self.aliases, self.places
        if place is not None:
            gone = [k for k in known.values if aliases.may_overlap(places[k], place)]
            rests = [rest for key in gone for rest in self._rests(known, key, place)]
            known.drop(gone)
            for rest, value in rests:
                self._learn(known, rest, value)
        elif clobbers(instr):
            known.drop([k for k in known.values if not aliases.private(places[k].base)])

    def _rests(self, known: _Known, key: _Key, place: Place) -> list[tuple[Place, Value]]:
        """Return the bytes of a constant that a write to ``place`` leaves as they were."""
        value, (base, start, size) = known.values[key], key
        if not isinstance(value, Const) or base_key(place.anchor) != base:
            return []
        written = range(place.at, place.at + place.size)
        data = self._bytes(value.value, size)
        return [
            (self.places[key].part(at, 1), Const(I8, data[at - start]))
            for at in range(start, start + size)
            if at not in written
        ]

    def _bytes(self, value: int, size: int) -> bytes:
        return value.to_bytes(size, "big" if self.big_endian else "little")

    def _learn(self, known: _Known, place: Place, value: Value) -> None:
        key = (base_key(place.anchor), place.at, place.size)
        self.places.setdefault(key, place)
        known.values[key] = value

    def _block(self, block: Block, known: _Known) -> None:
        out: list[Instr] = []
        for instr in block.instrs:
            op = instr.op
            if op == "load":
                place = access(instr)
                assert place is not None
                if not instr.attrs.get("volatile"):
                    value = self._find(known, place, instr, out)
                    if value is not None:
                        self.mapping[instr] = value
                        if isinstance(value, Instr) and not value.name:
                            value.name = instr.name
                        continue
                    self._learn(known, place, instr)
            elif op == "store":
                place = access(instr)
                assert place is not None
                self._effect(known, instr)
                if not instr.attrs.get("volatile"):
                    self._learn(known, place, resolve(instr.args[1], self.mapping))
            elif writes(instr) is not None or clobbers(instr):
                self._effect(known, instr)
            elif self._folds(instr):
                continue
            out.append(instr)
        for instr in out:
            instr.block = block
        block.instrs = out

    def _folds(self, instr: Instr) -> bool:
        """Tell whether ``instr`` became a constant by what was found so far, as bit-fields do."""
        if not any(arg in self.mapping for arg in instr.args):
            return False
        value = fold_constant(instr, [resolve(arg, self.mapping) for arg in instr.args])
        if value is None:
            return False
        self.mapping[instr] = value
        return True

    def _find(self, known: _Known, place: Place, load: Instr, out: list[Instr]) -> Value | None:
        base = base_key(place.anchor)
        value = known.values.get((base, place.at, place.size))
        if value is not None:
            return _as_type(resolve(value, self.mapping), load, out)
        data = self._constant_bytes(known, base, place.at, place.size)
        if data is None:
            return None
        return Const(load.type, int.from_bytes(data, "big" if self.big_endian else "little"))

    def _constant_bytes(self, known: _Known, base: object, off: int, size: int) -> bytes | None:
        """Return the bytes of a place that wider or several narrower constants cover."""
        found = b""
        while len(found) < size:
            at = off + len(found)
            for width in (8, 4, 2, 1):
                for start in range(at - width + 1, at + 1):
                    value = known.values.get((base, start, width))
                    if isinstance(value, Const):
                        found += self._bytes(value.value, width)[at - start :]
                        break
                else:
                    continue
                break
            else:
                return None
        return found[:size]


def _agree(a: Value | None, b: Value) -> bool:
    if a is b:
        return True
    return isinstance(a, Const) and isinstance(b, Const) and a.value == b.value and a.type is b.type


def _as_type(value: Value, load: Instr, out: list[Instr]) -> Value | None:
    """Return ``value`` as the type of ``load``; pointers and i64 are one in memory."""
    if value.type is load.type:
        return value
    if isinstance(value, Const):
        return Const(load.type, value.value)
    if PTR not in (value.type, load.type):
        return None
    cast = Instr("inttoptr" if load.type is PTR else "ptrtoint", load.type, [value], load.span)
    out.append(cast)
    return cast
