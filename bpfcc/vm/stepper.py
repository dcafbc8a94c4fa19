"""The careful interpreter: one small Python function per instruction.

Used where something must happen between instructions (tracing, coverage, the last stretch before
the instruction limit). Its functions are generated from the same ``semantics`` as the fast
interpreter's; a function returns the index of the next instruction, or None for the following one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..isa import table as _t
from ..isa.insn import Insn
from ..isa.table import Row
from . import semantics as _s
from .code import Code
from .faults import Fault, LimitExceeded
from .instructions import TAIL_CALL, execution_names
from .semantics import M, Value

if TYPE_CHECKING:
    from .run import Run

Step = Callable[["Run", "list[int]"], "int | None"]
EXITED = -1
_UNPACK = {2: "UH", 4: "UI", 8: "UQ"}
_PACK = {2: "PH", 4: "PI", 8: "PQ"}


class Stepper:
    """All steps of one program."""

    def __init__(self, code: Code) -> None:
        self.code = code
        names = execution_names(big_endian=code.big_endian)
        parts = []
        for i, (insn, row) in enumerate(zip(code.insns, code.rows)):
            body = _STEP[row.kind](code, i, insn, row)
            parts.append(f"def i{i}(S, R):\n " + "\n ".join(body) + "\n")
        exec(compile("".join(parts), f"<bpf steps {code.name}>", "exec"), names)
        self.steps: list[Step] = [names[f"i{i}"] for i in range(len(code.insns))]

    def run(self, run: Run, index: int, registers: list[int], budget: int) -> int:
        """Execute from ``index`` until the current function exits; return r0.

        ``registers`` are r0 to r10; ``budget`` is what may_goto has left in this frame.
        """
        steps, slots = self.steps, self.code.slots
        trace = run.trace
        hits = run.hits[self.code] if run.hits is not None else None
        registers.append(budget)
        try:
            while True:
                if run.n <= 0:
                    raise LimitExceeded(run.limit, slots[index])
                if trace is not None:
                    trace(run, self.code, index, registers)
                if hits is not None:
                    hits[index] += 1
                run.n -= 1
                following = steps[index](run, registers)
                if following is None:
                    index += 1
                elif following >= 0:
                    index = following
                else:
                    run.depth -= 1
                    return registers[0]
        except Fault as fault:
            run.failed_step(fault, slots[index])
            raise


def _value(reg: int) -> Value:
    return Value(f"R[{reg}]")


def _alu(code: Code, i: int, insn: Insn, row: Row) -> list[str]:
    src = _value(insn.src) if row.reg else None
    return [f"R[{insn.dst}] = {_s.alu(row, insn, _value(insn.dst), src)[0]}"]


def _neg(code: Code, i: int, insn: Insn, row: Row) -> list[str]:
    return [f"R[{insn.dst}] = {_s.neg(row, _value(insn.dst))[0]}"]


def _movsx(code: Code, i: int, insn: Insn, row: Row) -> list[str]:
    text = _s.sign_extend(f"R[{insn.src}]", M, row.size, row.width)[0]
    return [f"R[{insn.dst}] = {text}"]


def _end(code: Code, i: int, insn: Insn, row: Row) -> list[str]:
    text = _s.endian(row, _value(insn.dst), big_endian=code.big_endian)[0]
    return [f"R[{insn.dst}] = {text}"]


def _cast(code: Code, i: int, insn: Insn, row: Row) -> list[str]:
    return [f"R[{insn.dst}] = S.cast(R[{insn.src}], {insn.imm})"]


def _lddw(code: Code, i: int, insn: Insn, row: Row) -> list[str]:
    if i in code.unresolved:
        return [f"R[{insn.dst}] = S.unresolved({i})"]
    return [f"R[{insn.dst}] = {code.values[i]}"]


def _ldabs(code: Code, i: int, insn: Insn, row: Row) -> list[str]:
    where = f"R[{insn.src}] + {insn.imm}" if row.reg else f"{insn.imm}"
    return [
        f"v = S.packet_load(R[6], {where}, {row.size})",
        "if v is None:",
        " R[0] = 0",
        f" return {EXITED}",
        "R[0] = v",
    ]


def _window(reg: int, off: int, size: int, access: str, slot: int) -> list[str]:
    return [
        f"a = R[{reg}] + {off} & M",
        f'b, _, _, _, _, _, m = S.window(a, {size}, "{access}", {slot})',
        "o = a - b",
    ]


def _get(size: int) -> str:
    return "m[o]" if size == 1 else f"{_UNPACK[size]}(m, o)[0]"


def _put(size: int, text: str) -> str:
    return f"m[o] = {text}" if size == 1 else f"{_PACK[size]}(m, o, {text})"


def _load(code: Code, i: int, insn: Insn, row: Row) -> list[str]:
    access = "atomic" if row.kind == _t.LOAD_ACQ else "read"
    lines = _window(insn.src, insn.off, row.size, access, code.slots[i])
    text = _get(row.size)
    if row.kind == _t.LDSX:
        lines.append(f"v = {text}")
        text = _s.sign_extend("v", (1 << row.size * 8) - 1, row.size, 64)[0]
    return [*lines, f"R[{insn.dst}] = {text}"]


def _store(code: Code, i: int, insn: Insn, row: Row) -> list[str]:
    access = "atomic" if row.kind == _t.STORE_REL else "write"
    limit = (1 << row.size * 8) - 1
    text = str(insn.imm & limit) if row.kind == _t.ST else f"R[{insn.src}] & {limit}"
    return [
        *_window(insn.dst, insn.off, row.size, access, code.slots[i]),
        _put(row.size, text),
    ]


def _atomic(code: Code, i: int, insn: Insn, row: Row) -> list[str]:
    lines = _window(insn.dst, insn.off, row.size, "atomic", code.slots[i])
    mask = (1 << row.size * 8) - 1
    lines += [f"v = R[{insn.src}] & {mask}", f"x = {_get(row.size)}"]
    if row.op == "cmpxchg":
        return [*lines, f"if x == R[0] & {mask}: {_put(row.size, 'v')}", "R[0] = x"]
    new = _s.ATOMIC_TEXT[row.op.removeprefix("fetch_")].replace("o ", "x ")
    lines.append(_put(row.size, f"({new}) & {mask}"))
    if row.op == "xchg" or row.op.startswith("fetch_"):
        lines.append(f"R[{insn.src}] = x")
    return lines


def _ja(code: Code, i: int, insn: Insn, row: Row) -> list[str]:
    return [f"return {code.target(i)}"]


def _jump(code: Code, i: int, insn: Insn, row: Row) -> list[str]:
    src = _value(insn.src) if row.reg else None
    text = _s.condition(row, insn, _value(insn.dst), src)
    return [f"if {text}: return {code.target(i)}"]


def _may_goto(code: Code, i: int, insn: Insn, row: Row) -> list[str]:
    return ["R[11] -= 1", f"if R[11] < 0: return {code.target(i)}"]


def _call(code: Code, i: int, insn: Insn, row: Row) -> list[str]:
    args = "R[1], R[2], R[3], R[4], R[5]"
    if row.op == "local":
        return [f"R[0] = S.call_function({code.callee(i)}, {args})"]
    if row.op == "reg":
        return [f"R[0] = S.call_register(R[{insn.dst}], {args})"]
    if row.op == "kfunc":
        return [f"R[0] = S.handlers[{code.kfuncs[i]!r}](S, {args}) & M"]
    if insn.imm == TAIL_CALL:
        return [
            "v = S.tail_call(R[1], R[2], R[3])",
            "if v is not None:",
            " R[0] = v",
            " S.depth += 1",  # the frame that the target took over counts as left already
            f" return {EXITED}",
            "R[0] = M - 1",
        ]
    return [f"R[0] = S.handlers[{insn.imm}](S, {args}) & M"]


def _exit(code: Code, i: int, insn: Insn, row: Row) -> list[str]:
    return [f"return {EXITED}"]


_STEP: dict[str, Callable[[Code, int, Insn, Row], list[str]]] = {
    _t.ALU: _alu,
    _t.NEG: _neg,
    _t.MOVSX: _movsx,
    _t.END: _end,
    _t.CAST: _cast,
    _t.LDDW: _lddw,
    _t.LDABS: _ldabs,
    _t.LDX: _load,
    _t.LDSX: _load,
    _t.LOAD_ACQ: _load,
    _t.ST: _store,
    _t.STX: _store,
    _t.STORE_REL: _store,
    _t.ATOMIC: _atomic,
    _t.JA: _ja,
    _t.JUMP: _jump,
    _t.JCOND: _may_goto,
    _t.CALL: _call,
    _t.EXIT: _exit,
}
