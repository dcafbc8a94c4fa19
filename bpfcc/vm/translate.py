"""The fast interpreter: each BPF function becomes one Python function.

Registers are local variables, control flow is nested ``while`` and ``if`` (``flow``), frame
accesses at known offsets are element accesses of typed views. Other accesses go through a window
kept in locals per pointer: the bounds test is one chained comparison, and only a miss asks
``Memory.window``, which raises the fault. Between joins the greatest value of each register is
known, which saves most of the wrap-to-64-bit masks.

Instructions are counted per path: ``n`` is what is left of the limit, lowered where paths join or
end. A function entry and every loop turn test that a whole acyclic path still fits; when it does
not, ``S.resume`` goes on one instruction at a time, so the limit strikes at the exact pc.
"""

from __future__ import annotations

from collections.abc import Callable

from ..isa import table as _t
from .code import Code, FunctionRange, split_blocks
from .flow import Plan, plan
from .instructions import FORGET, NOWHERE, InstructionWriter, Line, State, execution_names
from .semantics import M

MAX_INDENT = 90  # Python allows 100
MAX_LOOPS = 16  # Python allows 20 nested blocks
_SMALL = 4  # instructions of an exit block that is worth repeating instead of jumping to

Function = Callable[..., int]


class _TooDeep(Exception):
    """The nested form does not fit Python's limits."""


class _LoopContext:
    __slots__ = ("breaks", "header")

    def __init__(self, header: int) -> None:
        self.header = header
        self.breaks: set[int] = set()


def translate(code: Code) -> tuple[str, dict[int, int]]:
    """Return Python source with a function ``f0``, ``f1``... per function, and pending counts.

    The second result maps a slot to the instructions run on its path since ``n`` was last lowered:
    what a fault there must add to the count.
    """
    pending: dict[int, int] = {}
    texts = []
    for number, function in enumerate(code.functions):
        try:
            texts.append(_Writer(code, number, function, pending, dispatch=False).write())
        except _TooDeep:
            texts.append(_Writer(code, number, function, pending, dispatch=True).write())
    return "\n".join(texts), pending


def compile_code(code: Code) -> tuple[list[Function], dict[int, int]]:
    """Return the executable functions of ``code`` and the pending counts (see ``translate``)."""
    source, pending = translate(code)
    names = execution_names(big_endian=code.big_endian)
    exec(compile(source, f"<bpf {code.name}>", "exec"), names)
    return [names[f"f{k}"] for k in range(len(code.functions))], pending


class _Writer(InstructionWriter):
    """Writes one function."""

    def __init__(
        self,
        code: Code,
        number: int,
        function: FunctionRange,
        pending: dict[int, int],
        *,
        dispatch: bool,
    ) -> None:
        super().__init__(code, function, pending)
        self.number = number
        self.blocks = split_blocks(code, function)
        self.small = self._small_exits()
        succs = [[succ for succ in block.succs if succ not in self.small] for block in self.blocks]
        self.plan: Plan = plan(succs, dispatch=dispatch)
        self.weights = self._subtree_weights(succs)
        self.loops: list[_LoopContext] = []
        self.asked: set[int] = set()  # targets for which some guard reads t
        self.states: dict[int, State] = {}  # what is known at placed blocks
        self.written = self._written_registers()

    # --- analysis --------------------------------------------------------------------------

    def _small_exits(self) -> set[int]:
        """Return blocks that only compute a few registers and exit, and have several ways in."""
        ways: dict[int, int] = {}
        for block in self.blocks:
            for succ in block.succs:
                ways[succ] = ways.get(succ, 0) + 1
        plain = (_t.ALU, _t.NEG, _t.MOVSX, _t.LDDW, _t.EXIT)
        return {
            k
            for k, block in enumerate(self.blocks)
            if k
            and ways.get(k, 0) > 1
            and block.end - block.first <= _SMALL
            and self.code.rows[block.end - 1].kind == _t.EXIT
            and all(self.code.rows[i].kind in plain for i in range(block.first, block.end))
            and all(i not in self.code.unresolved for i in range(block.first, block.end))
        }

    def _subtree_weights(self, succs: list[list[int]]) -> list[int]:
        """Return for each block roughly how much code hangs on it: the smaller arm nests."""
        weights = [0] * len(succs)
        for node in reversed(self.plan.order):
            total = 1
            for succ in succs[node]:
                if succ not in self.plan.placed and succ not in self.plan.loops:
                    total += weights[succ]
            weights[node] = total
        return weights

    def _written_registers(self) -> dict[int, set[int]]:
        """Return for each loop header the registers that its loop writes."""
        result = {}
        for header, loop in self.plan.loops.items():
            regs: set[int] = set()
            for node in loop.body:
                block = self.blocks[node]
                for i in range(block.first, block.end):
                    insn, row = self.code.insns[i], self.code.rows[i]
                    if "dst" in row.writes:
                        regs.add(insn.dst)
                    if "src" in row.writes:
                        regs.add(insn.src)
                    if row.kind in (_t.CALL, _t.LDABS) or row.op == "cmpxchg":
                        regs.add(0)
            result[header] = regs
        return result

    # --- output ----------------------------------------------------------------------------

    def _deepen(self) -> None:
        self.indent += 1
        if self.indent > MAX_INDENT or len(self.loops) > MAX_LOOPS:
            raise _TooDeep

    def write(self) -> str:
        """Return the function's source."""
        state = State([M] * 10 + [M], [None] * 10 + [0], [f"r{reg}" for reg in range(11)])
        for reg in (0, 6, 7, 8, 9):
            state.tops[reg] = 0
        self._limit_test(0, state)
        if self.plan.dispatch:
            self._dispatch(state)
        else:
            self._emit(0, state)
        return "\n".join(self._prologue() + self._body() + self._epilogue()) + "\n"

    def _prologue(self) -> list[str]:
        lines = [f"def f{self.number}(S, r1=0, r2=0, r3=0, r4=0, r5=0):"]
        lines.append(" r10, F, F2, F4, F8 = S.enter()")
        lines.append(" n = S.n")
        lines.append(" p = -1")
        zeros = [f"r{reg}" for reg in sorted(self.used) if reg in (0, 6, 7, 8, 9)]
        lines.append(f" {' = '.join(zeros)} = 0")
        if self.groups:
            groups = sorted(self.groups)
            lines.append(" W = S.window")
            lines.append(" " + " = ".join(f"{group}_b" for group in groups) + " = 0")
            lines.append(f" {self._forget()}")
        for helper in sorted(self.helpers):
            lines.append(f" h{helper} = S.handlers[{helper}]")
        for name, k in self.kfuncs.items():
            lines.append(f" k{k} = S.handlers[{name!r}]")
        if self.uses_may_goto:
            lines.append(" mg = S.may_goto_budget")
        lines.append(" try:")
        return lines

    def _forget(self) -> str:
        return " = ".join(f"{group}_l" for group in sorted(self.groups)) + f" = {NOWHERE}"

    def _body(self) -> list[str]:
        out = []
        for k, line in enumerate(self.lines):
            if line.sets >= 0 and line.sets not in self.asked:
                after = self.lines[k + 1] if k + 1 < len(self.lines) else None
                opens = self.lines[k - 1].text.endswith(":") if k else False
                if not opens or (after is not None and after.indent == line.indent):
                    continue
                out.append(" " * line.indent + "pass")
                continue
            text = line.text
            if text == FORGET:
                if not self.groups:
                    continue
                text = self._forget()
            out.append(" " * line.indent + text)
        return out

    def _epilogue(self) -> list[str]:
        return [
            " except Fault as e:",
            "  S.failed(e, n, p)",
            "  raise",
        ]

    # --- structure -------------------------------------------------------------------------

    def _emit(self, first: int, state: State, *, in_loop: bool = False) -> set[int]:
        """Write block ``first`` and all that belongs behind it at this indentation.

        Returns the placed blocks (and outer loop headers) that control may be on its way to when
        it falls out at the end. ``in_loop``: the block's own ``while`` is already open.
        """
        later: list[list[int]] = []  # placed blocks still to come at this indentation
        node: int | None = first
        falls: set[int] = set()
        while True:
            while node is not None:
                if node in self.plan.loops and not in_loop and not self.plan.dispatch:
                    falls = self._loop(node, state)
                    later.append(list(self.plan.after.get(node, ())))
                    node = None
                else:
                    in_loop = False
                    self.straight(self.blocks[node], state)
                    later.append(list(self.plan.inside.get(node, ())))
                    falls, node, state = self._leave(node, state)
            if not later:
                return falls
            if not later[-1]:
                later.pop()
                continue
            place = later[-1].pop(0)
            if place not in falls:
                continue  # only unreachable jumps lead there
            if falls == {place}:
                node, state = place, self.states.pop(place)
                continue
            self.asked |= falls
            self.line(f"if t == {place}:")
            self._deepen()
            inner = self._emit(place, self.states.pop(place))
            self.indent -= 1
            falls = (falls - {place}) | inner

    def _loop(self, header: int, state: State) -> set[int]:
        """Write the loop of ``header``; return where control may be going behind it."""
        self.flush(state)
        state = state.copy()
        for reg in self.written[header]:
            state.tops[reg] = M
            state.frames[reg] = None
        context = _LoopContext(header)
        self.line("while True:")
        self.loops.append(context)
        self._deepen()
        self._limit_test(header, state)
        falls = self._emit(header, state, in_loop=True)
        outside = falls - {header}
        if outside and header not in falls:
            self.line("break")
        elif outside:
            self.asked |= falls
            self.line(f"if t != {header}:")
            self.line(" break")
        context.breaks |= outside
        self.indent -= 1
        self.loops.pop()
        return context.breaks

    def _leave(self, node: int, state: State) -> tuple[set[int], int | None, State]:
        """Write the end of a block.

        Returns (where control may be going when it falls out, block to go on with at this
        indentation, its state).
        """
        block = self.blocks[node]
        last = block.end - 1
        row, insn = self.code.rows[last], self.code.insns[last]
        if row.kind == _t.EXIT:
            self.exit(state)
            return set(), None, state
        if row.kind == _t.JUMP:
            state.pending += 1
            text = self.condition(row, insn, state)
            return self._branch(node, text, state, negate=None)
        if row.kind == _t.JCOND:
            state.pending += 1
            self.line("mg -= 1")
            return self._branch(node, "mg < 0", state, negate="mg >= 0")
        if row.kind == _t.JA:
            state.pending += 1
        return self._go(node, block.succs[0], state)

    def _branch(
        self, node: int, text: str, state: State, negate: str | None
    ) -> tuple[set[int], int | None, State]:
        taken, other = self.blocks[node].succs
        swap = self._jumps_out(other) and not self._jumps_out(taken)
        if self._jumps_out(other) == self._jumps_out(taken):
            swap = self._weight(taken) > self._weight(other)
        if taken == other:
            return self._go(node, taken, state)
        if swap:
            taken, other = other, taken
            text = negate or f"not ({text})"
        self.line(f"if {text}:")
        self._deepen()
        falls, rest, inner = self._go(node, taken, state.copy())
        if rest is not None:
            falls = self._emit(rest, inner)
        self.indent -= 1
        if not falls:
            return self._go(node, other, state)
        self.line("else:")
        self._deepen()
        more, rest, inner = self._go(node, other, state)
        if rest is not None:
            more = self._emit(rest, inner)
        self.indent -= 1
        return falls | more, None, state

    def _jumps_out(self, target: int) -> bool:
        """Tell whether going to ``target`` surely does not fall through."""
        if target in self.small:
            return True
        if self.plan.dispatch:
            return True
        if self.loops and target == self.loops[-1].header:
            return True
        if target in self.plan.placed:
            return self.plan.level[target] < len(self.loops)
        return not self.blocks[target].succs

    def _weight(self, target: int) -> int:
        return 1 if target in self.small or target in self.plan.placed else self.weights[target]

    def _go(self, node: int, target: int, state: State) -> tuple[set[int], int | None, State]:
        """Write a jump to ``target``; as ``_leave`` returns."""
        if target in self.small:
            self.flush(state)
            self.straight(self.blocks[target], state)
            self.exit(state)
            return set(), None, state
        if self.plan.dispatch:
            if target in self.plan.heads:
                self.flush(state)
                self._set_t(target)
                self.line("continue")
                return set(), None, state
            return set(), target, state
        for depth, context in enumerate(self.loops):
            if context.header == target:
                self.flush(state)
                if depth == len(self.loops) - 1:
                    self.line("continue")
                else:
                    self._set_t(target)
                    self.line("break")
                    self.loops[-1].breaks.add(target)
                return set(), None, state
        if target not in self.plan.placed:
            return set(), target, state
        self.flush(state)
        known = self.states.get(target)
        if known is None:
            self.states[target] = state.copy()
        else:
            known.meet(state, f"b{target}")
        self._set_t(target)
        if self.plan.level[target] == len(self.loops):
            return {target}, None, state
        self.line("break")
        self.loops[-1].breaks.add(target)
        return set(), None, state

    def _set_t(self, target: int) -> None:
        self.lines.append(Line(self.indent, f"t = {target}", target))

    def _dispatch(self, state: State) -> None:
        """Write the form for graphs that do not nest: one loop, an arm per head."""
        self.asked = set(range(len(self.blocks)))
        fresh = State([M] * 11, [None] * 10 + [0], state.groups)
        self.flush(state)
        self.line("t = 0")
        self.line("while True:")
        self._deepen()
        self._arms(sorted(self.plan.heads), fresh)

    def _arms(self, heads: list[int], fresh: State) -> None:
        if len(heads) == 1:
            state = fresh.copy()
            state.groups = [f"b{heads[0]}r{reg}" for reg in range(11)]
            self._limit_test(heads[0], state)
            self._emit(heads[0], state)
            return
        middle = len(heads) // 2
        self.line(f"if t < {heads[middle]}:")
        self._deepen()
        self._arms(heads[:middle], fresh)
        self.indent -= 1
        self.line("else:")
        self._deepen()
        self._arms(heads[middle:], fresh)
        self.indent -= 1

    # --- counting --------------------------------------------------------------------------

    def _limit_test(self, block: int, state: State) -> None:
        """Go on one instruction at a time when a whole path might not fit any more."""
        self.flush(state)
        self.line(f"if n < {self.weight}: {self.resume_text(self.blocks[block].first)}")
