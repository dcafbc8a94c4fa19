"""gvn: local rules and value numbering in one walk over the dominator tree.

Each block is visited after those that dominate it and, back edges apart, after its predecessors,
so operands are final when a rule of ``opt.rules`` looks at them. An operation that an earlier,
dominating instruction already computes is replaced by that instruction: a test and a later use of
equal expressions have one value between them.

With one exception, for the verifier's sake: when a test on the way has bounded an *operand*, the
earlier result does not carry that bound in the kernel's eyes, a fresh computation does; then the
later one stays (``stale``).

On the edge of a test, what the test says is known: the test itself, and bounds of its operands.

Loads are left to ``opt.loadelim``. Division results are never bounded (``opt.ranges``).
"""

from __future__ import annotations

from ..graph.dominators import Dominators
from ..ir.fold import INVERSE, SWAPPED
from ..ir.module import Block, Function
from ..ir.ops import OPS
from ..ir.values import I1, PTR, Const, CoreConst, Instr, Symbol, Value
from .context import Context
from .edit import remove_unreachable, resolve, sole_value, successor_indices, use_counts
from .ranges import Bounds, bounds, induction_bounds, learn
from .rules import RULES
from .simplifier import Simplifier

_PURE = frozenset(
    name for name, row in OPS.items() if row.effects == "" and name not in ("phi", "alloca")
)
_COMMUTES = frozenset(name for name, row in OPS.items() if row.commutes)
_ALIASES = frozenset({"zext", "trunc", "ptrtoint", "inttoptr", "ptradd", "phi"})
_ORDERED = frozenset({"ult", "ule", "ugt", "uge", "slt", "sle", "sgt", "sge"})
_DEPTH = 4


def run(function: Function, ctx: Context) -> bool:
    """Simplify and number ``function``; return whether anything changed."""
    remove_unreachable(function)
    return _Walk(function, ctx).run()


class _Walk(Simplifier):
    def __init__(self, function: Function, ctx: Context) -> None:
        super().__init__(
            RULES,
            ctx.globals,
            use_counts(function),
            mcpu=ctx.options.mcpu,
            big_endian=ctx.options.big_endian,
        )
        self.function = function
        self.table: dict[tuple[object, ...], Instr] = {}
        self.mapping: dict[Value, Value] = {}
        self.truth: dict[Value, Const] = {}
        self.made: dict[Value, int] = {}  # when an instruction was seen
        self.refined: dict[Value, int] = {}  # when a test last bounded a value
        self.clock = 0
        self._elsewhere: set[Value] | None = None  # values that are not only tested for equality
        self.undo: list[tuple[dict[object, object], object, object]] = []

    def only_equated(self, value: Value) -> bool:
        """Return whether all that is done with ``value`` is to test it for equal constants."""
        if self._elsewhere is None:
            self._elsewhere = {
                arg
                for instr in self.function.instrs()
                for arg in instr.args
                if instr.op not in ("eq", "ne") or type(instr.args[1]) is not Const
            }
        return value not in self._elsewhere

    def run(self) -> bool:
        function = self.function
        succs = successor_indices(function)
        dom = Dominators(succs)
        self.facts = induction_bounds(function, dom, succs)
        children, preds = dom.children, dom.preds
        blocks = function.blocks
        # Entries of the stack: a node to enter, or ~(length of the undo log) to go back to.
        stack = [0]
        while stack:
            node = stack.pop()
            if node < 0:
                self._rewind(~node)
                continue
            stack.append(~len(self.undo))
            sources = preds[node]
            if len(sources) == 1:
                self._edge(blocks[sources[0]], blocks[node])
            self._block(blocks[node])
            stack.extend(reversed(children[node]))
        self._finish_phis()
        return self.changed

    # -- scoped tables ----------------------------------------------------------------------

    def _set(self, table: dict[object, object], key: object, value: object) -> None:
        self.undo.append((table, key, table.get(key)))
        table[key] = value

    def _rewind(self, length: int) -> None:
        undo = self.undo
        while len(undo) > length:
            table, key, old = undo.pop()
            if old is None:
                del table[key]
            else:
                table[key] = old

    # -- what an edge says ------------------------------------------------------------------

    def _edge(self, pred: Block, block: Block) -> None:
        last = pred.instrs[-1]
        if last.op != "condbr":
            return
        then, other = last.attrs["targets"]
        if then is not other:
            self._learn(resolve(last.args[0], self.mapping), then is block)

    def _learn(self, cond: Value, holds: bool) -> None:
        if not isinstance(cond, Instr):
            return
        self._set(self.truth, cond, self.const(I1, holds))  # type: ignore[arg-type]
        op = cond.op
        if op == ("and" if holds else "or"):
            for part in cond.args:
                self._learn(part, holds)
            return
        if op not in INVERSE or cond.args[0].type is PTR:
            return
        if not holds:
            op = INVERSE[op]
        a, b = cond.args
        of_a, of_b = bounds(a, self.facts), bounds(b, self.facts)
        self.clock += 1
        self._bound(op, a, of_a, of_b)
        self._bound(SWAPPED[op], b, of_b, of_a)

    def _bound(self, op: str, value: Value, old: Bounds, other: Bounds) -> None:
        """Note that ``value op`` something within ``other`` holds."""
        if isinstance(value, Const):
            return
        if op in _ORDERED:
            self._set(self.refined, value, self.clock)  # type: ignore[arg-type]
        new = learn(op, old, other, value.type.bits)
        if not new.empty:
            self._set(self.facts, value, new)  # type: ignore[arg-type]

    # -- numbering --------------------------------------------------------------------------

    def number(self, instr: Instr) -> Value | None:
        """Find an earlier equal computation, or make this one findable."""
        op = instr.op
        if op not in _PURE:
            return None
        args = instr.args
        key: tuple[object, ...] = (op, instr.type, *args)
        if op == "addrspacecast":
            key += (instr.attrs["from"], instr.attrs["to"])
        found = self.table.get(key)
        if found is None and op in _COMMUTES:
            found = self.table.get((op, instr.type, args[1], args[0]))
        if found is not None and not (self.refined and self._stale(found)):
            return found
        self._set(self.table, key, instr)  # type: ignore[arg-type]
        self.clock += 1
        self.made[instr] = self.clock
        return None

    def _stale(self, found: Instr) -> bool:
        """Return whether a test since ``found`` bounded one of its operands, not itself."""
        if found.op in _ALIASES:
            return False
        made = self.made[found]
        if self.refined.get(found, -1) > made:
            return False
        return self._refined_below(found, made, _DEPTH)

    def _refined_below(self, instr: Instr, since: int, depth: int) -> bool:
        for arg in instr.args:
            if not isinstance(arg, Instr):
                if self.refined.get(arg, -1) > since:
                    return True
                continue
            if self.refined.get(arg, -1) > since:
                return True
            if depth and arg.op in _PURE and self._refined_below(arg, since, depth - 1):
                return True
        return False

    # -- blocks -----------------------------------------------------------------------------

    def _block(self, block: Block) -> None:
        mapping, truth, uses = self.mapping, self.truth, self.uses
        out: list[Instr] = []
        self.out = out
        for instr in block.instrs:
            if instr.op == "phi":
                if not self._phi(instr, block):
                    out.append(instr)
                continue
            self.span = instr.span
            args = instr.args
            for i, arg in enumerate(args):
                kind = type(arg)
                if kind is Instr:
                    if arg in mapping:
                        arg = args[i] = resolve(arg, mapping)
                    if arg in truth:
                        args[i] = truth[arg]
                        self.changed = True
                elif kind is Const or kind is Symbol or kind is CoreConst:
                    args[i] = self.intern(arg)
            found = self.simplify(instr) or self.number(instr)
            if found is None:
                out.append(instr)
                continue
            self.changed = True
            uses[found] = uses.get(found, 0) + uses.get(instr, 0)
            mapping[instr] = found
            if isinstance(found, Instr):
                if found.span is None:
                    found.span = instr.span
                if not found.name:
                    found.name = instr.name
        for instr in out:
            instr.block = block
        block.instrs = out

    def _phi(self, phi: Instr, block: Block) -> bool:
        """Look at a phi; True if it was replaced."""
        args = phi.args
        for i, arg in enumerate(args):
            args[i] = self.intern(resolve(arg, self.mapping))
        only = sole_value(phi, self.mapping)
        if only is None:
            key = ("phi", block, *zip(args, phi.attrs["blocks"]))
            only = self.table.get(key)
            if only is None:
                self._set(self.table, key, phi)  # type: ignore[arg-type]
                self.clock += 1
                self.made[phi] = self.clock
                return False
        self.changed = True
        self.uses[only] = self.uses.get(only, 0) + self.uses.get(phi, 0)
        self.mapping[phi] = only
        return True

    def _finish_phis(self) -> None:
        """Bring the values that come over back edges up to date."""
        mapping = self.mapping
        if not mapping:
            return
        for block in self.function.blocks:
            for phi in block.phis():
                for i, arg in enumerate(phi.args):
                    if arg in mapping:
                        phi.args[i] = resolve(arg, mapping)
