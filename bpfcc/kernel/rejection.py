"""What the kernel's verifier log says: which instruction, why, and which C line that is."""

from __future__ import annotations

import re

from ..objfile.model import Line, Program
from ..support.diagnostics import Diagnostic, Note, Severity
from .syscall import KernelError

_INSN = re.compile(r"^(\d+): \([0-9a-f]{2}\) ", re.MULTILINE)
_AT_INSN = re.compile(r"\binsn (\d+)\b")
_FUNC = re.compile(r"\bfunc#(\d+)\b", re.IGNORECASE)
_NOISE = re.compile(
    r"^(processed \d|verification time|stack depth|mark_precise|\(?\d+\) frame|peak_states"
    r"|func#\d+ @|Live regs|\s|;|-- |Validating |live |\d+: |from \d+ to|caller:|callee:"
    r"|returning from|to caller|propagating|frame ?\d|Func#\d+ .* is global and assumed)"
)
_PROCESSED = re.compile(
    r"processed (\d+) insns .*?max_states_per_insn (\d+) total_states (\d+) peak_states (\d+)"
)


class LoadError(KernelError):
    """The kernel rejected a program.

    ``reason`` is the verifier's own last word, ``slot`` the instruction it was at (None if the log
    names none), ``line`` the C line of that instruction, ``log`` the whole log.
    """

    def __init__(
        self,
        program: str,
        number: int,
        log: str,
        reason: str,
        slot: int | None,
        line: Line | None,
        function: str,
    ) -> None:
        where = f"{line.file}:{line.line}: " if line is not None and line.line else ""
        super().__init__(f"{where}the kernel rejects program {program!r}: {reason}", number)
        self.program = program
        self.log = log
        self.reason = reason
        self.slot = slot
        self.line = line
        self.function = function
        notes = []
        if slot is not None:
            inside = f" of {function!r}" if function else ""
            notes.append(Note(f"at instruction {slot}{inside}"))
        self.diagnostics = [
            Diagnostic(
                "bpf-kernel-rejects",
                Severity.ERROR,
                f"the kernel rejects program {program!r}: {reason}",
                line.place() if line is not None else None,
                notes=notes,
                kernel=reason,
            )
        ]


def load_error(program: Program, number: int, log: str, fallback: str) -> LoadError:
    """Return the error for a rejected program from the verifier's log.

    ``fallback`` is the reason when the log is empty.
    """
    reason = last_word(log) or fallback
    slot = last_slot(log)
    line = program.line_at(slot) if slot is not None else None
    function = program.function_at(slot) if slot is not None else None
    if slot is None:
        named = _FUNC.search(reason)
        if named and int(named[1]) < len(program.functions):
            part = program.functions[int(named[1])]
            function = part.function
            line = program.line_at(part.start)
    name = function.name if function is not None else ""
    return LoadError(program.name, number, log, reason, slot, line, name)


def last_word(log: str) -> str:
    """Return the line of the log that says why; "" when there is none."""
    for line in reversed(log.splitlines()):
        if line.strip() and not _NOISE.match(line):
            return line.strip()
    return ""


def last_slot(log: str) -> int | None:
    """Return the slot of the instruction that the verifier looked at last."""
    slots = _INSN.findall(log)
    if slots:
        return int(slots[-1])
    named = _AT_INSN.search(last_word(log))
    return int(named[1]) if named else None


class Statistics:
    """What the verifier counted; zeros where the log does not say."""

    __slots__ = ("insns", "peak_states", "states", "states_per_insn")

    def __init__(self, log: str) -> None:
        found = _PROCESSED.search(log)
        numbers = [int(text) for text in found.groups()] if found else [0, 0, 0, 0]
        self.insns, self.states_per_insn, self.states, self.peak_states = numbers
