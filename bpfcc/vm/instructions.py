"""Python text of each instruction, for the fast interpreter.

``InstructionWriter`` turns the straight part of a basic block into lines of Python, and keeps what is
known of the registers (``State``); where blocks go is ``translate``'s business.
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
from .code import Block, Code, FunctionRange
from .faults import Fault
from .semantics import M32, M, Value

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
NOWHERE = 1 << 70  # lowest offset of a window that nothing is in
_UNPACK = {2: "UH", 4: "UI", 8: "UQ"}
_PACK = {2: "PH", 4: "PI", 8: "PQ"}


class State:
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

    def copy(self) -> State:
        """Return an equal, separate state."""
        return State(self.tops[:], self.frames[:], self.groups[:], self.pending)

    def set(self, reg: int, top: int, group: str, frame: int | None = None) -> None:
        """Say what ``reg`` holds now."""
        self.tops[reg] = top
        self.groups[reg] = group
        self.frames[reg] = frame

    def meet(self, other: State, place: str) -> None:
        """Keep what holds in both states."""
        for reg in range(11):
            if other.tops[reg] > self.tops[reg]:
                self.tops[reg] = other.tops[reg]
            if other.frames[reg] != self.frames[reg]:
                self.frames[reg] = None
            if other.groups[reg] != self.groups[reg]:
                self.groups[reg] = f"{place}r{reg}"


class Line:
    """One line of output. ``sets``: the line is ``t = sets``, kept only when somebody asks t."""

    __slots__ = ("indent", "sets", "text")

    def __init__(self, indent: int, text: str, sets: int = -1) -> None:
        self.indent = indent
        self.text = text
        self.sets = sets


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


class InstructionWriter:
    """Writes instructions of one function; joins and loops are left to who inherits.

    ``pending_at``: slot -> instructions run on its path since ``n`` was lowered. ``groups``,
    ``helpers``, ``kfuncs``: what the function's prologue must provide.
    """

    def __init__(self, code: Code, function: FunctionRange, pending: dict[int, int]) -> None:
        self.code = code
        self.function = function
        self.pending_at = pending
        self.lines: list[Line] = []
        self.indent = 2
        self.groups: set[str] = set()
        self.helpers: set[int] = set()
        self.kfuncs: dict[str, int] = {}
        rows = range(function.first, function.end)
        self.uses_may_goto = any(code.rows[i].kind == _t.JCOND for i in rows)
        self.used = self._used_registers()
        # A path between two limit tests runs each instruction at most once.
        self.weight = function.end - function.first
        self.native = (sys.byteorder == "little") != code.big_endian

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

    def line(self, text: str) -> None:
        """Write one line at the current indentation."""
        self.lines.append(Line(self.indent, text))

    def flush(self, state: State) -> None:
        """Take the instructions run since the last time from ``n``."""
        if state.pending:
            self.line(f"n -= {state.pending}")
            state.pending = 0

    def resume_text(self, index: int) -> str:
        """Return the statements that go on one at a time from instruction ``index``."""
        registers = ", ".join(
            f"r{reg}" if 1 <= reg <= 5 or reg in self.used else "0" for reg in range(10)
        )
        budget = "mg" if self.uses_may_goto else "S.may_goto_budget"
        return f"S.n = n; return S.resume({index}, [{registers}, r10], {budget})"

    def _value(self, reg: int, state: State) -> Value:
        return Value(f"r{reg}", state.tops[reg])

    def condition(self, row: Row, insn: Insn, state: State) -> str:
        """Return the text of a conditional jump's condition."""
        src = self._value(insn.src, state) if row.reg else None
        return _s.condition(row, insn, self._value(insn.dst, state), src)

    def exit(self, state: State) -> None:
        """Write the end of the function."""
        state.pending += 1
        self.line(f"S.n = n - {state.pending}")
        self.line("S.depth -= 1")
        self.line("return r0")

    def straight(self, block: Block, state: State) -> None:
        """Write the instructions of a block, but not the jump or exit at its end."""
        rows = self.code.rows
        last = block.end - 1
        stop = last if rows[last].kind in (_t.JA, _t.JUMP, _t.JCOND, _t.EXIT) else block.end
        for i in range(block.first, stop):
            self.pending_at[self.code.slots[i]] = state.pending
            _WRITE[rows[i].kind](self, i, self.code.insns[i], rows[i], state)
            state.pending += 1

    def _alu(self, i: int, insn: Insn, row: Row, state: State) -> None:
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

    def _pointer(self, insn: Insn, row: Row, state: State, new: str) -> tuple[str, int | None]:
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

    def _neg(self, i: int, insn: Insn, row: Row, state: State) -> None:
        text, top = _s.neg(row, self._value(insn.dst, state))
        self.line(f"r{insn.dst} = {text}")
        state.set(insn.dst, top, f"i{i}")

    def _movsx(self, i: int, insn: Insn, row: Row, state: State) -> None:
        src = self._value(insn.src, state)
        text, top = _s.sign_extend(src.text, src.top, row.size, row.width)
        self.line(f"r{insn.dst} = {text}")
        state.set(insn.dst, top, f"i{i}")

    def _end(self, i: int, insn: Insn, row: Row, state: State) -> None:
        value = self._value(insn.dst, state)
        text, top = _s.endian(row, value, big_endian=self.code.big_endian)
        if text != value.text:
            self.line(f"r{insn.dst} = {text}")
        state.set(insn.dst, top, f"i{i}")

    def _cast(self, i: int, insn: Insn, row: Row, state: State) -> None:
        self.line(f"r{insn.dst} = S.cast(r{insn.src}, {insn.imm})")
        state.set(insn.dst, M, f"i{i}")

    def _lddw(self, i: int, insn: Insn, row: Row, state: State) -> None:
        if i in self.code.unresolved:
            self.line(f"r{insn.dst} = S.unresolved({i})")
            state.set(insn.dst, M, f"i{i}")
            return
        value = self.code.values[i]
        self.line(f"r{insn.dst} = {value}")
        state.set(insn.dst, value, f"i{i}")

    def _ldabs(self, i: int, insn: Insn, row: Row, state: State) -> None:
        where = f"r{insn.src} + {insn.imm}" if row.reg else f"{insn.imm}"
        self.line(f"p = {self.code.slots[i]}")
        self.line(f"r0 = S.packet_load(r6, {where}, {row.size})")
        self.line("if r0 is None:")
        self.indent += 1
        self.line("r0 = 0")
        self._exit_copy(state)
        self.indent -= 1
        state.set(0, (1 << row.size * 8) - 1, f"i{i}")

    def _exit_copy(self, state: State) -> None:
        self.line(f"S.n = n - {state.pending + 1}")
        self.line("S.depth -= 1")
        self.line("return r0")

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

    def _site(self, i: int, reg: int, off: int, size: int, access: str, state: State) -> str:
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

    def _load_text(self, i: int, reg: int, off: int, size: int, state: State) -> str:
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

    def _load(self, i: int, insn: Insn, row: Row, state: State) -> None:
        text = self._load_text(i, insn.src, insn.off, row.size, state)
        top = (1 << row.size * 8) - 1
        if row.kind == _t.LDSX:
            self.line(f"o = {text}")
            text, top = _s.sign_extend("o", top, row.size, 64)
        self.line(f"r{insn.dst} = {text}")
        # The same field loaded twice is most often the same pointer.
        state.set(insn.dst, top, f"m{i}")

    def _store_value(
        self, i: int, reg: int, off: int, size: int, value: Value, state: State
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

    def _store(self, i: int, insn: Insn, row: Row, state: State) -> None:
        if row.kind == _t.ST:
            number = insn.imm & (1 << row.size * 8) - 1
            value = Value(str(number), number)
        else:
            value = self._value(insn.src, state)
        self._store_value(i, insn.dst, insn.off, row.size, value, state)

    def _load_acquire(self, i: int, insn: Insn, row: Row, state: State) -> None:
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

    def _store_release(self, i: int, insn: Insn, row: Row, state: State) -> None:
        data = self._site(i, insn.dst, insn.off, row.size, "atomic", state)
        self._aligned(i, insn.dst, insn.off, row.size)
        text = f"r{insn.src} & {(1 << row.size * 8) - 1}"
        if row.size == 1:
            self.line(f"{data}[o] = {text}")
        else:
            self.line(f"{_PACK[row.size]}({data}, o, {text})")

    def _atomic(self, i: int, insn: Insn, row: Row, state: State) -> None:
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

    def _call(self, i: int, insn: Insn, row: Row, state: State) -> None:
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

    def _call_counted(self, call: str, i: int, state: State) -> None:
        """Write a call during which instructions may run and pointers become stale."""
        self._count_call(i, state)
        self.line(f"r0 = {call}")
        self.line("n = S.n")
        self.line(FORGET)
        if i + 1 < self.function.end:
            self.line(f"if n < {self.weight}: {self.resume_text(i + 1)}")

    def _tail_call(self, i: int, state: State) -> None:
        self._count_call(i, state)
        self.line("v = S.tail_call(r1, r2, r3)")
        self.line("if v is not None: return v")
        self.line("n = S.n")
        self.line("r0 = M - 1")  # -2 = -ENOENT: no program there
        self.line(f"if n < {self.weight}: {self.resume_text(i + 1)}")

    def _count_call(self, i: int, state: State) -> None:
        """Bring ``n`` up to date, this call included, for those who count on from it."""
        self.line(f"S.n = n = n - {state.pending + 1}")
        state.pending = -1  # the caller adds one for this instruction
        self.pending_at[self.code.slots[i]] = -1


FORGET = "#forget"

_WRITE: dict[str, Callable[[InstructionWriter, int, Insn, Row, State], None]] = {
    _t.ALU: InstructionWriter._alu,
    _t.NEG: InstructionWriter._neg,
    _t.MOVSX: InstructionWriter._movsx,
    _t.END: InstructionWriter._end,
    _t.CAST: InstructionWriter._cast,
    _t.LDDW: InstructionWriter._lddw,
    _t.LDABS: InstructionWriter._ldabs,
    _t.LDX: InstructionWriter._load,
    _t.LDSX: InstructionWriter._load,
    _t.ST: InstructionWriter._store,
    _t.STX: InstructionWriter._store,
    _t.ATOMIC: InstructionWriter._atomic,
    _t.LOAD_ACQ: InstructionWriter._load_acquire,
    _t.STORE_REL: InstructionWriter._store_release,
    _t.CALL: InstructionWriter._call,
}
