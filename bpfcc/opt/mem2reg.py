"""mem2reg: locals whose address is not taken become SSA values.

A local qualifies when it is only loaded and stored whole, at offset 0, without volatile, with
values of its own size. Phis are placed on the iterated dominance frontier of the stores where the
local is live, then one walk over the dominator tree renames. Source: Cytron et al., "Efficiently
Computing Static Single Assignment Form", 1991 (pruned form).

A local that is read before it is written, or outside of its lifetime, holds ``Undef``.
"""

from __future__ import annotations

from ..graph.dataflow import backward_union
from ..graph.dominators import Dominators
from ..ir.module import Block, Function
from ..ir.values import I64, PTR, Instr, Type, Undef, Value
from .context import Context
from .edit import new_phi, remove_unreachable, replace_values, resolve, successor_indices


def run(function: Function, ctx: Context) -> bool:
    """Promote what can be promoted; return whether anything was."""
    del ctx
    if not any(instr.op == "alloca" for instr in function.blocks[0].instrs):
        return False
    types = promotable(function)
    if not types:
        return False
    remove_unreachable(function)
    _Promotion(function, types).run()
    return True


def promotable(function: Function) -> dict[Value, Type]:
    """Return the allocas that can become values, with the type of the value."""
    types: dict[Value, Type | None] = {
        instr: None for instr in function.blocks[0].instrs if instr.op == "alloca"
    }
    bad: set[Value] = set()
    for block in function.blocks:
        for instr in block.instrs:
            op = instr.op
            for i, arg in enumerate(instr.args):
                if arg not in types or arg in bad:
                    continue
                if op == "lifetime":
                    continue
                if op == "load":
                    type = instr.type
                elif op == "store" and i == 0:
                    type = instr.args[1].type
                else:
                    bad.add(arg)
                    continue
                attrs = instr.attrs
                known = types[arg]
                if attrs.get("off") or attrs.get("volatile"):
                    bad.add(arg)
                elif known is None:
                    types[arg] = type
                elif type.bits != known.bits:
                    bad.add(arg)
    return {a: t for a, t in types.items() if t is not None and a not in bad} | {
        a: I64 for a, t in types.items() if t is None and a not in bad
    }


class _Promotion:
    def __init__(self, function: Function, types: dict[Value, Type]) -> None:
        self.function = function
        self.types = types
        self.number = {alloca: i for i, alloca in enumerate(types)}
        self.allocas = list(types)
        self.phis: dict[Instr, int] = {}
        self.mapping: dict[Value, Value] = {}

    def run(self) -> None:
        succs = successor_indices(self.function)
        dom = Dominators(succs)
        self._place_phis(succs, dom)
        self._rename(dom)
        replace_values(self.function, self.mapping)

    def _place_phis(self, succs: list[list[int]], dom: Dominators) -> None:
        blocks = self.function.blocks
        gen, kill = [0] * len(blocks), [0] * len(blocks)
        stores: list[list[int]] = [[] for _ in self.allocas]
        for i, block in enumerate(blocks):
            used = killed = 0
            for instr in block.instrs:
                if instr.op == "load":
                    n = self.number.get(instr.args[0])
                    if n is not None and not killed >> n & 1:
                        used |= 1 << n
                elif instr.op in ("store", "lifetime"):
                    n = self.number.get(instr.args[0])
                    if n is not None:
                        if not killed >> n & 1:
                            stores[n].append(i)
                        killed |= 1 << n
            gen[i], kill[i] = used, killed
        live_in, _ = backward_union(succs, gen, kill)
        frontier = dom.frontier()
        for n, alloca in enumerate(self.allocas):
            placed: set[int] = set()
            work = list(stores[n])
            while work:
                for join in frontier[work.pop()]:
                    if join not in placed and live_in[join] >> n & 1:
                        placed.add(join)
                        work.append(join)
            for join in sorted(placed):
                name = alloca.name if isinstance(alloca, Instr) else ""
                phi = new_phi(blocks[join], self.types[alloca], name)
                self.phis[phi] = n

    def _rename(self, dom: Dominators) -> None:
        blocks = self.function.blocks
        current: list[Value] = [Undef(self.types[a]) for a in self.allocas]
        stack: list[tuple[int, list[Value]]] = [(dom.entry, current)]
        children = dom.children
        while stack:
            node, values = stack.pop()
            values = self._rename_block(blocks[node], list(values))
            for child in reversed(children[node]):
                stack.append((child, values))

    def _rename_block(self, block: Block, values: list[Value]) -> list[Value]:
        kept: list[Instr] = []
        number = self.number
        for instr in block.instrs:
            op = instr.op
            if op == "phi":
                n = self.phis.get(instr)
                if n is not None:
                    values[n] = instr
            elif op in ("load", "store", "lifetime", "alloca"):
                n = number.get(instr if op == "alloca" else instr.args[0])
                if n is not None:
                    if op == "load":
                        self.mapping[instr] = _as_type(values[n], instr, kept)
                        _name(values[n], self.allocas[n])
                    elif op == "store":
                        value = resolve(instr.args[1], self.mapping)
                        values[n] = _cast(value, self.types[self.allocas[n]], instr, kept)
                        _name(values[n], self.allocas[n])
                    elif op == "lifetime":
                        values[n] = Undef(self.types[self.allocas[n]])
                    continue
            kept.append(instr)
        block.instrs = kept
        for instr in kept:
            instr.block = block
        for target in dict.fromkeys(block.successors):
            for phi in target.phis():
                n = self.phis.get(phi)
                if n is not None:
                    phi.args.append(values[n])
                    phi.attrs["blocks"].append(block)
        return values


def _name(value: Value, alloca: Value) -> None:
    """Let the value be called like the variable it is the value of."""
    if isinstance(value, Instr) and not value.name and isinstance(alloca, Instr):
        value.name = alloca.name


def _as_type(value: Value, load: Instr, out: list[Instr]) -> Value:
    return _cast(value, load.type, load, out)


def _cast(value: Value, type: Type, where: Instr, out: list[Instr]) -> Value:
    """Return ``value`` as ``type`` of the same size: pointers and i64 share storage."""
    if value.type is type:
        return value
    if isinstance(value, Undef):
        return Undef(type)
    cast = Instr("inttoptr" if type is PTR else "ptrtoint", type, [value], where.span)
    out.append(cast)
    return cast
