"""A trace of a run for people: each instruction with the registers it changed, C lines between.

result = program.run(ctx, trace=tracer(print))
"""

from __future__ import annotations

from collections.abc import Callable

from ..isa.disasm import format_insn
from ..uapi.helpers import by_id
from .code import Code
from .run import Run, Trace


def tracer(emit: Callable[[str], object], *, lines: bool = True) -> Trace:
    """Return a trace callback that gives each line of text to ``emit``.

    ``lines``: show the C line whenever it changes.
    """
    state: dict[int, list[int]] = {}  # call depth -> registers when last seen
    last_line: list[object] = [None]

    def trace(run: Run, code: Code, index: int, registers: list[int]) -> None:
        slot = code.slots[index]
        before = state.get(run.depth)
        changes = ""
        if before is not None:
            changes = " ".join(
                f"r{reg}={registers[reg]:#x}" for reg in range(10) if registers[reg] != before[reg]
            )
        if changes:
            emit(f"{'':14}; {changes}")
        state[run.depth] = registers[:10]
        for deeper in [depth for depth in state if depth > run.depth]:
            del state[deeper]
        if lines:
            line = code.line_at(slot)
            if line is not None and (line.file, line.line) != last_line[0]:
                last_line[0] = line.file, line.line
                emit(f"{line.file}:{line.line}: {line.text.strip()}")
        emit(f"{'  ' * (run.depth - 1)}{slot:6}: {_text(code, index)}")

    return trace


def _text(code: Code, index: int) -> str:
    insn, row = code.insns[index], code.rows[index]
    symbol = None
    if row.kind == "call" and row.op == "helper":
        helper = by_id.get(insn.imm)
        symbol = helper.name if helper is not None else None
    elif row.kind == "call" and row.op == "local":
        symbol = code.functions[code.callee(index)].name
    elif row.kind == "call" and row.op == "kfunc":
        symbol = code.kfuncs[index]
    elif row.kind == "lddw" and index in code.values and code.values[index] != insn.imm:
        symbol = f"{code.values[index]:#x}"
    return format_insn(insn, code.slots[index], symbol=symbol)
