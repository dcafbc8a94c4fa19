"""A program made ready to run: what every engine (interpreter, JIT) starts from.

``Code`` is independent of a run: instructions with their table rows, positions, function ranges,
and for each wide load the 64-bit value it yields. Engines must agree on everything that can be
seen: the same result, the same fault at the same pc, the same instruction count.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..isa.check import require
from ..isa.insn import Insn, slot_starts
from ..isa.table import CALL, EXIT, JA, JCOND, JUMP, LDDW, Row, lookup
from ..objfile.model import Line
from .faults import BadInstruction
from .memory import FUNCTION_BASE


class FunctionRange:
    """One function: instruction indexes ``first`` to ``end`` (exclusive), and its ``name``."""

    __slots__ = ("end", "first", "name")

    def __init__(self, first: int, end: int, name: str) -> None:
        self.first = first
        self.end = end
        self.name = name


class Code:
    """A linked program.

    Indexes count instructions, slots count 8-byte units; ``slots[i]`` is the slot of index i, and
    ``index`` the reverse. ``values``: index of a wide load -> the value it loads. ``kfuncs``:
    index of a kfunc call -> its name. ``unresolved``: index -> why it cannot run.
    """

    __slots__ = (
        "big_endian",
        "functions",
        "index",
        "insns",
        "kfuncs",
        "lines",
        "name",
        "rows",
        "slots",
        "unresolved",
        "values",
    )

    def __init__(
        self,
        insns: Sequence[Insn],
        *,
        name: str = "program",
        names: dict[int, str] | None = None,
        lines: Sequence[Line] = (),
        values: dict[int, int] | None = None,
        kfuncs: dict[int, str] | None = None,
        unresolved: dict[int, str] | None = None,
        big_endian: bool = False,
    ) -> None:
        """Take a program.

        Args:
            insns: flat code, local calls resolved; it must be structurally sound.
            name: of the entry function.
            names: slot -> name of the function that starts there.
            lines: C lines by slot.
            values: slot of a wide load -> 64-bit value, for those with a pseudo source or a
                relocation.
            kfuncs: slot of a kfunc call -> name.
            unresolved: slot -> message of what has no value; a fault when reached.
            big_endian: byte order of its memory accesses.

        Raises: InputError when the program is malformed (``isa.check``).
        """
        self.insns = list(insns)
        require(self.insns)
        rows = [lookup(insn) for insn in self.insns]
        self.rows: list[Row] = [row for row in rows if row is not None]
        self.slots = slot_starts(self.insns)
        self.index = {slot: i for i, slot in enumerate(self.slots)}
        self.name = name
        self.lines = list(lines)
        self.big_endian = big_endian
        by_slot = self.index
        self.unresolved = {by_slot[slot]: text for slot, text in (unresolved or {}).items()}
        self.kfuncs = {by_slot[slot]: text for slot, text in (kfuncs or {}).items()}
        self.values = {by_slot[slot]: value for slot, value in (values or {}).items()}
        self._fill_values()
        self.functions = self._find_functions({0: name, **(names or {})})

    def _fill_values(self) -> None:
        for i, (insn, row) in enumerate(zip(self.insns, self.rows)):
            if row.kind == LDDW and i not in self.values and i not in self.unresolved:
                if row.op == "imm":
                    self.values[i] = insn.imm
                elif row.op == "func":
                    low = insn.imm & 0xFFFFFFFF
                    target = self.slots[i] + 1 + low - ((low & 0x80000000) << 1)
                    self.values[i] = FUNCTION_BASE + target * 8
                else:
                    self.unresolved[i] = f"{row.name} has no value: its relocation is unresolved"
            elif row.kind == CALL and row.op == "kfunc" and i not in self.kfuncs:
                self.kfuncs[i] = f"#{insn.imm}"

    def _find_functions(self, names: dict[int, str]) -> list[FunctionRange]:
        entries = {0}
        for i, (insn, row) in enumerate(zip(self.insns, self.rows)):
            if row.kind == CALL and row.op == "local":
                entries.add(self.index[self.slots[i] + 1 + insn.imm])
            elif row.kind == LDDW and row.op == "func":
                entries.add(self.index[(self.values[i] - FUNCTION_BASE) // 8])
        for slot in names:
            if slot in self.index and self.index[slot] < len(self.insns):
                entries.add(self.index[slot])
        order = sorted(entries)
        return [
            FunctionRange(first, end, names.get(self.slots[first], f"func{number}"))
            for number, (first, end) in enumerate(zip(order, [*order[1:], len(self.insns)]))
        ]

    def function_of(self, index: int) -> int:
        """Return the number of the function that contains instruction ``index``."""
        low, high = 0, len(self.functions)
        while high - low > 1:
            middle = (low + high) // 2
            if self.functions[middle].first <= index:
                low = middle
            else:
                high = middle
        return low

    def callee(self, index: int) -> int:
        """Return the number of the function that the local call at ``index`` calls."""
        target = self.index[self.slots[index] + 1 + self.insns[index].imm]
        return self.function_of(target)

    def target(self, index: int) -> int:
        """Return the index that the jump at ``index`` goes to."""
        insn = self.insns[index]
        delta = insn.imm if self.rows[index].op == "gotol" else insn.off
        return self.index[self.slots[index] + 1 + delta]

    def line_at(self, slot: int) -> Line | None:
        """Return the C line of ``slot``, None when unknown."""
        low, high = 0, len(self.lines)
        while low < high:
            middle = (low + high) // 2
            if self.lines[middle].slot <= slot:
                low = middle + 1
            else:
                high = middle
        if not low:
            return None
        line = self.lines[low - 1]
        i = self.index.get(slot)
        if i is not None:
            function = self.functions[self.function_of(i)]
            if line.slot < self.slots[function.first]:
                return None
        return line

    def value(self, index: int) -> int:
        """Return what the wide load at ``index`` yields. Raises: BadInstruction."""
        found = self.values.get(index)
        if found is None:
            raise BadInstruction(self.unresolved[index], self.slots[index])
        return found


class Block:
    """Instructions ``first`` to ``end`` (exclusive); ``succs`` are block numbers.

    For a conditional jump ``succs`` is [taken, not taken].
    """

    __slots__ = ("end", "first", "succs")

    def __init__(self, first: int, end: int) -> None:
        self.first = first
        self.end = end
        self.succs: list[int] = []


def split_blocks(code: Code, function: FunctionRange) -> list[Block]:
    """Return the basic blocks of ``function`` in code order; block 0 is its entry."""
    leaders = {function.first}
    for i in range(function.first, function.end):
        kind = code.rows[i].kind
        if kind in (JA, JUMP, JCOND):
            leaders.add(code.target(i))
        if kind in (JA, JUMP, JCOND, EXIT) and i + 1 < function.end:
            leaders.add(i + 1)
    order = sorted(leaders)
    blocks = [Block(first, end) for first, end in zip(order, [*order[1:], function.end])]
    number = {block.first: k for k, block in enumerate(blocks)}
    for block in blocks:
        last = block.end - 1
        kind = code.rows[last].kind
        if kind in (JA, JUMP, JCOND):
            block.succs.append(number[code.target(last)])
        if kind not in (JA, EXIT):
            block.succs.append(number[block.end])
    return blocks
