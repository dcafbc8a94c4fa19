"""Writing LLVM IR text: values, labels, registers of the program, and its arithmetic."""

from __future__ import annotations

from ..isa.insn import Insn
from ..isa.table import Row
from ..vm.code import Code
from .jit_facts import Facts

COMPARE = {
    "jeq": "eq",
    "jne": "ne",
    "jgt": "ugt",
    "jge": "uge",
    "jlt": "ult",
    "jle": "ule",
    "jsgt": "sgt",
    "jsge": "sge",
    "jslt": "slt",
    "jsle": "sle",
}
_BINARY = {"add": "add", "sub": "sub", "mul": "mul", "or": "or", "and": "and", "xor": "xor"}
_SHIFT = {"lsh": "shl", "rsh": "lshr", "arsh": "ashr"}
_DIVIDE = {"div": "udiv", "mod": "urem", "sdiv": "sdiv", "smod": "srem"}


class Writer:
    """Collects the text of one function; what inherits says how it goes on.

    ``out`` is the text, ``cold`` blocks for its end, ``pending`` the instructions run but not yet
    taken from the counter, ``state`` what is known of the registers here. ``held``: for code that
    no optimiser sees (``quick``), the values of registers since the block began.
    """

    code: Code
    out: list[str]
    cold: list[str]
    names: int
    pending: int
    label: str
    state: Facts
    quick: bool
    held: dict[int, str]

    # --- text ------------------------------------------------------------------------------

    def name(self) -> str:
        """Return a fresh value name."""
        self.names += 1
        return f"%v{self.names}"

    def line(self, text: str) -> None:
        """Write one instruction."""
        self.out.append("  " + text)

    def value(self, text: str) -> str:
        """Write an instruction with a result; return its name."""
        name = self.name()
        self.out.append(f"  {name} = {text}")
        return name

    def start(self, label: str) -> None:
        """Begin a block."""
        self.out.append(f"{label}:")
        self.label = label

    def fresh_label(self, what: str) -> str:
        """Return a label that is not in use."""
        self.names += 1
        return f"{what}{self.names}"

    # --- registers and counters ------------------------------------------------------------

    def get(self, reg: int) -> str:
        """Return the value of a register."""
        if reg == 10:
            return "%r10"
        found = self.held.get(reg)
        if found is None:
            found = self.value(f"load i64, ptr %r{reg}")
            if self.quick:
                self.held[reg] = found
        return found

    def put(self, reg: int, value: str) -> None:
        """Set a register."""
        self.line(f"store i64 {value}, ptr %r{reg}")
        if self.quick:
            self.held[reg] = value

    def low(self, value: str) -> str:
        """Return the low half."""
        return self.value(f"trunc i64 {value} to i32")

    def left(self, more: int = 0) -> str:
        """Return what is left of the limit here, ``more`` instructions further."""
        n = self.value("load i64, ptr %n")
        count = self.pending + more
        return self.value(f"sub i64 {n}, {count}") if count else n

    def flush(self, more: int = 0) -> None:
        """Take the instructions run since the last time from the counter."""
        if self.pending + more:
            self.line(f"store i64 {self.left(more)}, ptr %n")
        self.pending = 0

    def context(self, index: int) -> str:
        """Return the address of a word of the context block."""
        return self.value(f"getelementptr inbounds i64, ptr %ctx, i64 {index}")

    # --- arithmetic ------------------------------------------------------------------------

    def _operands(self, insn: Insn, row: Row) -> tuple[str, str, int]:
        bits = row.width
        left = self.get(insn.dst) if row.op != "mov" else "0"
        right = self.get(insn.src) if row.reg else str(insn.imm & (1 << bits) - 1)
        if bits == 32:
            left = self.low(left) if row.op != "mov" else "0"
            right = self.low(right) if row.reg else right
        return left, right, bits

    def _put_result(self, reg: int, value: str, bits: int) -> None:
        if bits < 64:
            value = self.value(f"zext i{bits} {value} to i64")
        self.put(reg, value)

    def _alu(self, i: int, insn: Insn, row: Row) -> None:
        a, b, bits = self._operands(insn, row)
        op = row.op
        if op == "mov":
            result = b
        elif op in _BINARY:
            result = self.value(f"{_BINARY[op]} i{bits} {a}, {b}")
        elif op in _SHIFT:
            count = self.value(f"and i{bits} {b}, {bits - 1}")
            result = self.value(f"{_SHIFT[op]} i{bits} {a}, {count}")
        else:
            result = self._divide(op, a, b, bits)
        self._put_result(insn.dst, result, bits)

    def _divide(self, op: str, a: str, b: str, bits: int) -> str:
        """Division never traps: by zero gives 0 (or the dividend for mod), min / -1 wraps."""
        kind = f"i{bits}"
        zero = self.value(f"icmp eq {kind} {b}, 0")
        if op in ("div", "mod"):
            safe = self.value(f"select i1 {zero}, {kind} 1, {kind} {b}")
            result = self.value(f"{_DIVIDE[op]} {kind} {a}, {safe}")
        else:
            ones = self.value(f"icmp eq {kind} {b}, -1")
            special = self.value(f"or i1 {zero}, {ones}")
            safe = self.value(f"select i1 {special}, {kind} 1, {kind} {b}")
            result = self.value(f"{_DIVIDE[op]} {kind} {a}, {safe}")
            by_minus = self.value(f"sub {kind} 0, {a}") if op == "sdiv" else "0"
            result = self.value(f"select i1 {ones}, {kind} {by_minus}, {kind} {result}")
        at_zero = a if op in ("mod", "smod") else "0"
        return self.value(f"select i1 {zero}, {kind} {at_zero}, {kind} {result}")

    def _neg(self, i: int, insn: Insn, row: Row) -> None:
        value = self.get(insn.dst)
        if row.width == 32:
            value = self.low(value)
        negated = self.value(f"sub i{row.width} 0, {value}")
        self._put_result(insn.dst, negated, row.width)

    def _movsx(self, i: int, insn: Insn, row: Row) -> None:
        narrow = self.value(f"trunc i64 {self.get(insn.src)} to i{row.size * 8}")
        wide = self.value(f"sext i{row.size * 8} {narrow} to i{row.width}")
        self._put_result(insn.dst, wide, row.width)

    def _end(self, i: int, insn: Insn, row: Row) -> None:
        value, bits = self.get(insn.dst), row.size * 8
        if bits < 64:
            value = self.value(f"trunc i64 {value} to i{bits}")
        if row.op == "bswap" or (row.op == "be") != self.code.big_endian:
            value = self.value(f"call i{bits} @llvm.bswap.i{bits}(i{bits} {value})")
        self._put_result(insn.dst, value, bits)
