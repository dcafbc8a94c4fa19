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

import struct
import sys
from collections.abc import Callable
from typing import Any

from ..isa import table as _t
from ..isa.insn import Insn
from ..isa.table import Row
from ..uapi.helpers import HELPERS
from . import semantics as _s
from .code import Block, Code, FunctionRange, split_blocks
from .faults import Fault
from .flow import Plan, plan
from .semantics import M32, M, Value

MAX_INDENT = 90  # Python allows 100
MAX_LOOPS = 16  # Python allows 20 nested blocks
_SMALL = 4  # instructions of an exit block that is worth repeating instead of jumping to

TAIL_CALL = 12
# Helpers during which no instruction runs and after which every pointer still leads to the same
# memory: not those that take callbacks, move the packet, or release what a pointer points to.
KEEPS_WINDOWS = frozenset(
    helper.id
    for helper in HELPERS
    if helper.id != TAIL_CALL
    and "moves" not in helper.flags
    and "func" not in helper.args
    and not any(arg.endswith("!") for arg in helper.args)
)
_NOWHERE = 1 << 70  # lowest offset of a window that nothing is in
_UNPACK = {2: "UH", 4: "UI", 8: "UQ"}
_PACK = {2: "PH", 4: "PI", 8: "PQ"}

Function = Callable[..., int]


class _TooDeep(Exception):
    """The nested form does not fit Python's limits."""


class _State:
    """What is known of the registers at a point of one path.

    ``tops``: greatest values. ``frames``: offset from r10 for registers known to be r10 plus a
    constant, else None. ``groups``: which window a register's accesses share. ``pending``:
    instructions run but not yet taken from ``n``.
    """

    __slots__ = ("frames", "groups", "pending", "tops")

    def __init__(
        self, tops: list[int], frames: list[int | None], groups: list[str], pending: int = 0
    ) -> None:
        self.tops = tops
        self.frames = frames
        self.groups = groups
        self.pending = pending

    def copy(self) -> _State:
        return _State(self.tops[:], self.frames[:], self.groups[:], self.pending)

    def set(self, reg: int, top: int, group: str, frame: int | None = None) -> None:
        self.tops[reg] = top
        self.groups[reg] = group
        self.frames[reg] = frame

    def meet(self, other: _State, place: str) -> None:
        """Keep what holds in both states."""
        for reg in range(11):
            if other.tops[reg] > self.tops[reg]:
                self.tops[reg] = other.tops[reg]
            if other.frames[reg] != self.frames[reg]:
                self.frames[reg] = None
            if other.groups[reg] != self.groups[reg]:
                self.groups[reg] = f"{place}r{reg}"


class _Line:
    """One line of output. ``sets``: the line is ``t = sets``, kept only when somebody asks t."""

    __slots__ = ("indent", "sets", "text")

    def __init__(self, indent: int, text: str, sets: int = -1) -> None:
        self.indent = indent
        self.text = text
        self.sets = sets


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


def execution_names(*, big_endian: bool) -> dict[str, Any]:
    """Return the global names that generated code uses."""
    names = _s.namespace()
    order = ">" if big_endian else "<"
    for letter in "HIQ":
        coder = struct.Struct(order + letter)
        names["U" + letter] = coder.unpack_from
        names["P" + letter] = coder.pack_into
    names["Fault"] = Fault
    return names


class _Writer:
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
        self.code = code
        self.number = number
        self.function = function
        self.pending_at = pending
        self.blocks = split_blocks(code, function)
        self.small = self._small_exits()
        succs = [[succ for succ in block.succs if succ not in self.small] for block in self.blocks]
        self.plan: Plan = plan(succs, dispatch=dispatch)
        self.weights = self._subtree_weights(succs)
        self.lines: list[_Line] = []
        self.indent = 2
        self.loops: list[_LoopContext] = []
        self.asked: set[int] = set()  # targets for which some guard reads t
        self.states: dict[int, _State] = {}  # what is known at placed blocks
        self.written = self._written_registers()
        self.groups: set[str] = set()
        self.helpers: set[int] = set()
        self.kfuncs: dict[str, int] = {}
        used = range(function.first, function.end)
        self.uses_may_goto = any(code.rows[i].kind == _t.JCOND for i in used)
        self.used = self._used_registers()
        # A path between two limit tests runs each instruction at most once.
        self.weight = function.end - function.first
        self.native = (sys.byteorder == "little") != code.big_endian

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

    def _used_registers(self) -> set[int]:
        """Return the registers that the function names, and r0."""
        used = {0}
        for i in range(self.function.first, self.function.end):
            insn, row = self.code.insns[i], self.code.rows[i]
            if row.uses & _t.USE_DST:
                used.add(insn.dst)
            if row.uses & _t.USE_SRC:
                used.add(insn.src)
            if row.kind == _t.LDABS:
                used.add(6)
        return used

    # --- output ----------------------------------------------------------------------------

    def line(self, text: str) -> None:
        self.lines.append(_Line(self.indent, text))

    def _deepen(self) -> None:
        self.indent += 1
        if self.indent > MAX_INDENT or len(self.loops) > MAX_LOOPS:
            raise _TooDeep

    def write(self) -> str:
        """Return the function's source."""
        state = _State([M] * 10 + [M], [None] * 10 + [0], [f"r{reg}" for reg in range(11)])
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
        return " = ".join(f"{group}_l" for group in sorted(self.groups)) + f" = {_NOWHERE}"

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
            if text == _FORGET:
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

    def _emit(self, first: int, state: _State, *, in_loop: bool = False) -> set[int]:
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
                    self._straight(self.blocks[node], state)
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

    def _loop(self, header: int, state: _State) -> set[int]:
        """Write the loop of ``header``; return where control may be going behind it."""
        self._flush(state)
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

    def _leave(self, node: int, state: _State) -> tuple[set[int], int | None, _State]:
        """Write the end of a block.

        Returns (where control may be going when it falls out, block to go on with at this
        indentation, its state).
        """
        block = self.blocks[node]
        last = block.end - 1
        row, insn = self.code.rows[last], self.code.insns[last]
        if row.kind == _t.EXIT:
            self._exit(state)
            return set(), None, state
        if row.kind == _t.JUMP:
            state.pending += 1
            text = self._condition(row, insn, state)
            return self._branch(node, text, state, negate=None)
        if row.kind == _t.JCOND:
            state.pending += 1
            self.line("mg -= 1")
            return self._branch(node, "mg < 0", state, negate="mg >= 0")
        if row.kind == _t.JA:
            state.pending += 1
        return self._go(node, block.succs[0], state)

    def _branch(
        self, node: int, text: str, state: _State, negate: str | None
    ) -> tuple[set[int], int | None, _State]:
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

    def _go(self, node: int, target: int, state: _State) -> tuple[set[int], int | None, _State]:
        """Write a jump to ``target``; as ``_leave`` returns."""
        if target in self.small:
            self._flush(state)
            self._straight(self.blocks[target], state)
            self._exit(state)
            return set(), None, state
        if self.plan.dispatch:
            if target in self.plan.heads:
                self._flush(state)
                self._set_t(target)
                self.line("continue")
                return set(), None, state
            return set(), target, state
        for depth, context in enumerate(self.loops):
            if context.header == target:
                self._flush(state)
                if depth == len(self.loops) - 1:
                    self.line("continue")
                else:
                    self._set_t(target)
                    self.line("break")
                    self.loops[-1].breaks.add(target)
                return set(), None, state
        if target not in self.plan.placed:
            return set(), target, state
        self._flush(state)
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
        self.lines.append(_Line(self.indent, f"t = {target}", target))

    def _dispatch(self, state: _State) -> None:
        """Write the form for graphs that do not nest: one loop, an arm per head."""
        self.asked = set(range(len(self.blocks)))
        fresh = _State([M] * 11, [None] * 10 + [0], state.groups)
        self._flush(state)
        self.line("t = 0")
        self.line("while True:")
        self._deepen()
        self._arms(sorted(self.plan.heads), fresh)

    def _arms(self, heads: list[int], fresh: _State) -> None:
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

    def _flush(self, state: _State) -> None:
        if state.pending:
            self.line(f"n -= {state.pending}")
            state.pending = 0

    def _limit_test(self, block: int, state: _State) -> None:
        """Go on one instruction at a time when a whole path might not fit any more."""
        self._flush(state)
        self.line(f"if n < {self.weight}: {self._resume(self.blocks[block].first)}")

    def _resume(self, index: int) -> str:
        registers = ", ".join(
            f"r{reg}" if 1 <= reg <= 5 or reg in self.used else "0" for reg in range(10)
        )
        budget = "mg" if self.uses_may_goto else "S.may_goto_budget"
        return f"S.n = n; return S.resume({index}, [{registers}, r10], {budget})"

    # --- instructions ----------------------------------------------------------------------

    def _value(self, reg: int, state: _State) -> Value:
        return Value(f"r{reg}", state.tops[reg])

    def _condition(self, row: Row, insn: Insn, state: _State) -> str:
        src = self._value(insn.src, state) if row.reg else None
        return _s.condition(row, insn, self._value(insn.dst, state), src)

    def _exit(self, state: _State) -> None:
        state.pending += 1
        self.line(f"S.n = n - {state.pending}")
        self.line("S.depth -= 1")
        self.line("return r0")

    def _straight(self, block: Block, state: _State) -> None:
        """Write the instructions of a block, but not the jump or exit at its end."""
        rows = self.code.rows
        last = block.end - 1
        stop = last if rows[last].kind in (_t.JA, _t.JUMP, _t.JCOND, _t.EXIT) else block.end
        for i in range(block.first, stop):
            self.pending_at[self.code.slots[i]] = state.pending
            _WRITE[rows[i].kind](self, i, self.code.insns[i], rows[i], state)
            state.pending += 1

    def _alu(self, i: int, insn: Insn, row: Row, state: _State) -> None:
        src = self._value(insn.src, state) if row.reg else None
        text, top = _s.alu(row, insn, self._value(insn.dst, state), src)
        dst = f"r{insn.dst}"
        group, frame = f"i{i}", None
        if row.width == 64 and row.op in ("mov", "add", "sub"):
            group, frame = self._pointer(insn, row, state, group)
        if frame is not None and -0x10000 < frame < 0x10000:
            text = f"r10 - {-frame}" if frame < 0 else f"r10 + {frame}" if frame else "r10"
        else:
            frame = None
        if text != dst:
            self.line(f"{dst} = {text}")
        state.set(insn.dst, top, group, frame)

    def _pointer(self, insn: Insn, row: Row, state: _State, new: str) -> tuple[str, int | None]:
        """Return (window group, frame offset) of the result of mov, add, sub."""
        dst = insn.dst
        if row.op == "mov":
            if row.reg:
                return state.groups[insn.src], state.frames[insn.src]
            return new, None
        if not row.reg:
            frame = state.frames[dst]
            if frame is not None:
                frame += insn.imm if row.op == "add" else -insn.imm
            return state.groups[dst], frame
        # The narrower operand is the index; its register's window is not the one to use.
        if row.op == "add" and state.tops[dst] < M and state.tops[insn.src] == M:
            return state.groups[insn.src], None
        return state.groups[dst], None

    def _neg(self, i: int, insn: Insn, row: Row, state: _State) -> None:
        text, top = _s.neg(row, self._value(insn.dst, state))
        self.line(f"r{insn.dst} = {text}")
        state.set(insn.dst, top, f"i{i}")

    def _movsx(self, i: int, insn: Insn, row: Row, state: _State) -> None:
        src = self._value(insn.src, state)
        text, top = _s.sign_extend(src.text, src.top, row.size, row.width)
        self.line(f"r{insn.dst} = {text}")
        state.set(insn.dst, top, f"i{i}")

    def _end(self, i: int, insn: Insn, row: Row, state: _State) -> None:
        value = self._value(insn.dst, state)
        text, top = _s.endian(row, value, big_endian=self.code.big_endian)
        if text != value.text:
            self.line(f"r{insn.dst} = {text}")
        state.set(insn.dst, top, f"i{i}")

    def _cast(self, i: int, insn: Insn, row: Row, state: _State) -> None:
        self.line(f"r{insn.dst} = S.cast(r{insn.src}, {insn.imm})")
        state.set(insn.dst, M, f"i{i}")

    def _lddw(self, i: int, insn: Insn, row: Row, state: _State) -> None:
        if i in self.code.unresolved:
            self.line(f"r{insn.dst} = S.unresolved({i})")
            state.set(insn.dst, M, f"i{i}")
            return
        value = self.code.values[i]
        self.line(f"r{insn.dst} = {value}")
        state.set(insn.dst, value, f"i{i}")

    def _ldabs(self, i: int, insn: Insn, row: Row, state: _State) -> None:
        where = f"r{insn.src} + {insn.imm}" if row.reg else f"{insn.imm}"
        self.line(f"p = {self.code.slots[i]}")
        self.line(f"r0 = S.packet_load(r6, {where}, {row.size})")
        self.line("if r0 is None:")
        self.indent += 1
        self.line("r0 = 0")
        self._exit_copy(state)
        self.indent -= 1
        state.set(0, (1 << row.size * 8) - 1, f"i{i}")

    def _exit_copy(self, state: _State) -> None:
        self.line(f"S.n = n - {state.pending + 1}")
        self.line("S.depth -= 1")
        self.line("return r0")

    # memory

    def _frame(self, offset: int, size: int) -> tuple[str, int] | None:
        """Return (view, index) of a frame access at a constant offset from r10, None if unfit."""
        at = 512 + offset
        if not 0 <= at <= 512 - size:
            return None
        if size == 1:
            return "F", at
        if self.native and at % size == 0:
            return f"F{size}", at // size
        return None

    def _site(self, i: int, reg: int, off: int, size: int, access: str, state: _State) -> str:
        """Write the bounds test of an access; return the name of the window's buffer.

        Afterwards ``o`` is the access's offset in that buffer.
        """
        group = state.groups[reg] + ("" if access == "read" else "w")
        self.groups.add(group)
        plus = f" + {off}" if off > 0 else f" - {-off}" if off < 0 else ""
        window = ", ".join(f"{group}_{part}" for part in "bl1248m")
        self.line(f"o = r{reg} - {group}_b{plus}")
        self.line(f"if not {group}_l <= o <= {group}_{size}:")
        self.line(
            f" {window} = "
            f'W(r{reg}{plus}, {size}, "{access}", {self.code.slots[i]}); '
            f"o = r{reg} - {group}_b{plus}"
        )
        # No region reaches into the last 64 KiB (``Memory.add``): small steps cannot wrap.
        state.tops[reg] = min(state.tops[reg], M - 0x8000)
        return f"{group}_m"

    def _load_text(self, i: int, reg: int, off: int, size: int, state: _State) -> str:
        """Write what a load needs; return the expression of the loaded value."""
        frame = state.frames[reg]
        if frame is not None:
            view = self._frame(frame + off, size)
            if view is not None:
                return f"{view[0]}[{view[1]}]"
            at = 512 + frame + off
            if 0 <= at <= 512 - size:
                return f"{_UNPACK[size]}(F, {at})[0]"
        data = self._site(i, reg, off, size, "read", state)
        return f"{data}[o]" if size == 1 else f"{_UNPACK[size]}({data}, o)[0]"

    def _load(self, i: int, insn: Insn, row: Row, state: _State) -> None:
        text = self._load_text(i, insn.src, insn.off, row.size, state)
        top = (1 << row.size * 8) - 1
        if row.kind == _t.LDSX:
            self.line(f"o = {text}")
            text, top = _s.sign_extend("o", top, row.size, 64)
        self.line(f"r{insn.dst} = {text}")
        # The same field loaded twice is most often the same pointer.
        state.set(insn.dst, top, f"m{i}")

    def _store_value(
        self, i: int, reg: int, off: int, size: int, value: Value, state: _State
    ) -> None:
        text = value.text
        limit = (1 << size * 8) - 1
        if value.top > limit:
            text = f"{text} & {limit}"
        frame = state.frames[reg]
        if frame is not None:
            view = self._frame(frame + off, size)
            if view is not None:
                self.line(f"{view[0]}[{view[1]}] = {text}")
                return
            at = 512 + frame + off
            if 0 <= at <= 512 - size:
                self.line(f"{_PACK[size]}(F, {at}, {text})")
                return
        data = self._site(i, reg, off, size, "write", state)
        if size == 1:
            self.line(f"{data}[o] = {text}")
        else:
            self.line(f"{_PACK[size]}({data}, o, {text})")

    def _store(self, i: int, insn: Insn, row: Row, state: _State) -> None:
        if row.kind == _t.ST:
            number = insn.imm & (1 << row.size * 8) - 1
            value = Value(str(number), number)
        else:
            value = self._value(insn.src, state)
        self._store_value(i, insn.dst, insn.off, row.size, value, state)

    def _load_acquire(self, i: int, insn: Insn, row: Row, state: _State) -> None:
        data = self._site(i, insn.src, insn.off, row.size, "atomic", state)
        self._aligned(i, insn.src, insn.off, row.size)
        text = f"{data}[o]" if row.size == 1 else f"{_UNPACK[row.size]}({data}, o)[0]"
        self.line(f"r{insn.dst} = {text}")
        state.set(insn.dst, (1 << row.size * 8) - 1, f"m{i}")

    def _aligned(self, i: int, reg: int, off: int, size: int) -> None:
        """Write the test that an atomic access is aligned; the window test does it on a miss."""
        if size > 1:
            plus = f" + {off}" if off > 0 else f" - {-off}" if off < 0 else ""
            where = f"(r{reg}{plus})" if plus else f"r{reg}"
            self.line(
                f'if {where} & {size - 1}: W(r{reg}{plus}, {size}, "atomic", {self.code.slots[i]})'
            )

    def _store_release(self, i: int, insn: Insn, row: Row, state: _State) -> None:
        data = self._site(i, insn.dst, insn.off, row.size, "atomic", state)
        self._aligned(i, insn.dst, insn.off, row.size)
        text = f"r{insn.src} & {(1 << row.size * 8) - 1}"
        if row.size == 1:
            self.line(f"{data}[o] = {text}")
        else:
            self.line(f"{_PACK[row.size]}({data}, o, {text})")

    def _atomic(self, i: int, insn: Insn, row: Row, state: _State) -> None:
        data = self._site(i, insn.dst, insn.off, row.size, "atomic", state)
        self._aligned(i, insn.dst, insn.off, row.size)
        mask = "M" if row.width == 64 else "M32"
        load, store = f"{_UNPACK[row.size]}({data}, o)[0]", _PACK[row.size]
        value = f"r{insn.src}"
        if row.op == "cmpxchg":
            # r0 is compared as it is before, and always receives the old value.
            low = "r0" if row.width == 64 else "(r0 & M32)"
            self.line(f"v = {load}")
            self.line(f"if v == {low}: {store}({data}, o, {value} & {mask})")
            self.line("r0 = v")
            state.set(0, M if row.width == 64 else M32, f"i{i}")
            return
        fetch = row.op == "xchg" or row.op.startswith("fetch_")
        text = _s.ATOMIC_TEXT[row.op.removeprefix("fetch_")]
        self.line(f"v = {load}")
        new = text.replace("v", value).replace("o ", "v ")
        self.line(f"{store}({data}, o, ({new}) & {mask})")
        if fetch:
            self.line(f"{value} = v")
            state.set(insn.src, M if row.width == 64 else M32, f"i{i}")

    # calls

    def _call(self, i: int, insn: Insn, row: Row, state: _State) -> None:
        self.line(f"p = {self.code.slots[i]}")
        if row.op == "local":
            self._call_counted(f"f{self.code.callee(i)}(S, r1, r2, r3, r4, r5)", i, state)
        elif row.op == "reg":
            self._call_counted(f"S.call_register(r{insn.dst}, r1, r2, r3, r4, r5)", i, state)
        elif row.op == "kfunc":
            name = self.code.kfuncs[i]
            k = self.kfuncs.setdefault(name, len(self.kfuncs))
            self._call_counted(f"k{k}(S, r1, r2, r3, r4, r5) & M", i, state)
        elif insn.imm == TAIL_CALL:
            self._tail_call(i, state)
        elif insn.imm in KEEPS_WINDOWS:
            self.helpers.add(insn.imm)
            self.line(f"r0 = h{insn.imm}(S, r1, r2, r3, r4, r5) & M")
        else:
            name = self._helper_name(insn.imm)
            self._call_counted(f"{name}(S, r1, r2, r3, r4, r5) & M", i, state)
        state.set(0, M, f"c{i}")

    def _helper_name(self, number: int) -> str:
        if number < 0:
            return f"S.handlers[{number}]"
        self.helpers.add(number)
        return f"h{number}"

    def _call_counted(self, call: str, i: int, state: _State) -> None:
        """Write a call during which instructions may run and pointers become stale."""
        self._count_call(i, state)
        self.line(f"r0 = {call}")
        self.line("n = S.n")
        self.line(_FORGET)
        if i + 1 < self.function.end:
            self.line(f"if n < {self.weight}: {self._resume(i + 1)}")

    def _tail_call(self, i: int, state: _State) -> None:
        self._count_call(i, state)
        self.line("v = S.tail_call(r1, r2, r3)")
        self.line("if v is not None: return v")
        self.line("n = S.n")
        self.line("r0 = M - 1")  # -2 = -ENOENT: no program there
        self.line(f"if n < {self.weight}: {self._resume(i + 1)}")

    def _count_call(self, i: int, state: _State) -> None:
        """Bring ``n`` up to date, this call included, for those who count on from it."""
        self.line(f"S.n = n = n - {state.pending + 1}")
        state.pending = -1  # the caller adds one for this instruction
        self.pending_at[self.code.slots[i]] = -1


_FORGET = "#forget"

_WRITE: dict[str, Callable[[_Writer, int, Insn, Row, _State], None]] = {
    _t.ALU: _Writer._alu,
    _t.NEG: _Writer._neg,
    _t.MOVSX: _Writer._movsx,
    _t.END: _Writer._end,
    _t.CAST: _Writer._cast,
    _t.LDDW: _Writer._lddw,
    _t.LDABS: _Writer._ldabs,
    _t.LDX: _Writer._load,
    _t.LDSX: _Writer._load,
    _t.ST: _Writer._store,
    _t.STX: _Writer._store,
    _t.ATOMIC: _Writer._atomic,
    _t.LOAD_ACQ: _Writer._load_acquire,
    _t.STORE_REL: _Writer._store_release,
    _t.CALL: _Writer._call,
}
