"""Instructions as text, in LLVM's syntax (what clang, llvm-objdump, bpftool and kernel logs print).

    format_insn(Insn(0x07, 1, imm=-5))            "r1 += -5"
    format_insn(jump, target_label="L1")          "if r1 != 3 goto L1"
    disassemble(insns)                            the whole program, one instruction a line, labels

``asm.assemble`` reads everything that is printed here back to equal instructions. A bare ``call``
number is a helper; local calls and kfuncs print as ``call local +5`` and ``call kfunc 12``, wide
loads with a pseudo source as ``map_fd(3) ll`` and so on: LLVM has no spelling for those.
What is not well-formed (unknown, or with an unused field set) prints as raw words, ``.8byte``.
"""

from __future__ import annotations

from . import table as _t
from .insn import CALL, JMP, LD_IMM64, R10, Insn, encode, slot_starts
from .table import Row, lookup

_ALU_SIGN = {name: sign for name, _, sign in _t.ALU_OPS}
_ALU_SIGN["sdiv"], _ALU_SIGN["smod"] = "s/", "s%"
_JUMP_SIGN = {name: sign for name, _, sign, _ in _t.JUMP_OPS}
_ATOMIC_SIGN = {name: sign for name, _, sign in _t.ATOMIC_OPS}


def _reg(number: int, width: int = 64) -> str:
    return f"{'w' if width == 32 else 'r'}{number}"


def _address(base: int, off: int) -> str:
    return f"(r{base} {'-' if off < 0 else '+'} {abs(off)})"


def _target(delta: int, label: str | None) -> str:
    return label if label is not None else f"{delta:+d}"


def _printable(insn: Insn, row: Row) -> bool:
    """Tell whether the text says all that the fields hold: else it would not be read back."""
    selecting = row.select[0] if row.select else ""
    uses = row.uses
    for field, bit in (("dst", _t.USE_DST), ("src", _t.USE_SRC)):
        value = getattr(insn, field)
        if value > R10 if uses & bit else value and field != selecting:
            return False
    for field, bit in (("off", _t.USE_OFF), ("imm", _t.USE_IMM)):
        if not uses & bit and field != selecting and getattr(insn, field):
            return False
    return row.kind != _t.CAST or insn.imm in (0x00001, 0x10000)


def format_insn(
    insn: Insn,
    slot: int | None = None,
    target_label: str | None = None,
    symbol: str | None = None,
) -> str:
    """Return one instruction as text.

    Args:
        insn: the instruction.
        slot: where it stands; with it, and no label, a jump shows its target slot as a comment.
        target_label: name of the place that a jump or local call goes to.
        symbol: what the relocation at this instruction refers to (a map, variable, function), or
            the helper's or kfunc's name.
    """
    row = lookup(insn)
    if row is None or not _printable(insn, row):
        words = encode([insn])
        return "; ".join(
            f".8byte {int.from_bytes(words[i : i + 8], 'little'):#x}"
            for i in range(0, len(words), 8)
        )
    text = _FORMAT[row.kind](insn, row, target_label, symbol)
    if slot is not None and target_label is None and row.kind in (_t.JA, _t.JCOND, _t.JUMP):
        delta = insn.imm if row.op == "gotol" else insn.off
        text += f"  # {slot + 1 + delta}"
    return text


def _alu(insn: Insn, row: Row, label: str | None, symbol: str | None) -> str:
    operand = _reg(insn.src, row.width) if row.reg else str(insn.imm)
    return f"{_reg(insn.dst, row.width)} {_ALU_SIGN[row.op]}= {operand}"


def _neg(insn: Insn, row: Row, label: str | None, symbol: str | None) -> str:
    name = _reg(insn.dst, row.width)
    return f"{name} = -{name}"


def _movsx(insn: Insn, row: Row, label: str | None, symbol: str | None) -> str:
    dst, src = _reg(insn.dst, row.width), _reg(insn.src, row.width)
    return f"{dst} = (s{row.size * 8}){src}"


def _end(insn: Insn, row: Row, label: str | None, symbol: str | None) -> str:
    return f"r{insn.dst} = {row.op}{row.size * 8} r{insn.dst}"


def _cast(insn: Insn, row: Row, label: str | None, symbol: str | None) -> str:
    return f"r{insn.dst} = addr_space_cast(r{insn.src}, {insn.imm >> 16}, {insn.imm & 0xFFFF})"


def _lddw(insn: Insn, row: Row, label: str | None, symbol: str | None) -> str:
    low, high = insn.imm & 0xFFFFFFFF, insn.imm >> 32
    if symbol is not None:
        value = symbol
    elif row.op == "imm":
        value = str(insn.imm) if insn.imm < 10 else f"{insn.imm:#x}"
    elif row.op in ("map_value", "map_idx_value", "btf_id"):
        value = f"{row.op}({low}, {high})"
    elif row.op == "func":
        value = "func(" + _target(low - ((low & 0x80000000) << 1), label) + ")"
        if high:
            value = value[:-1] + f", {high})"
    else:
        value = f"{row.op}({low})" if not high else f"{row.op}({low}, {high})"
    return f"r{insn.dst} = {value} ll"


def _ldabs(insn: Insn, row: Row, label: str | None, symbol: str | None) -> str:
    place = str(insn.imm)
    if row.reg:
        place = f"r{insn.src}"
        if insn.imm:
            place += f" {'-' if insn.imm < 0 else '+'} {abs(insn.imm)}"
    return f"r0 = *(u{row.size * 8} *)skb[{place}]"


def _ldx(insn: Insn, row: Row, label: str | None, symbol: str | None) -> str:
    place = _address(insn.src, insn.off)
    if row.kind == _t.LDSX:
        return f"r{insn.dst} = *(s{row.size * 8} *){place}"
    return f"{_reg(insn.dst, 64 if row.size == 8 else 32)} = *(u{row.size * 8} *){place}"


def _st(insn: Insn, row: Row, label: str | None, symbol: str | None) -> str:
    return f"*(u{row.size * 8} *){_address(insn.dst, insn.off)} = {insn.imm}"


def _stx(insn: Insn, row: Row, label: str | None, symbol: str | None) -> str:
    src = _reg(insn.src, 64 if row.size == 8 else 32)
    return f"*(u{row.size * 8} *){_address(insn.dst, insn.off)} = {src}"


def _atomic(insn: Insn, row: Row, label: str | None, symbol: str | None) -> str:
    src, place = _reg(insn.src, row.width), _address(insn.dst, insn.off)
    if row.op in _ATOMIC_SIGN:
        return f"lock *(u{row.width} *){place} {_ATOMIC_SIGN[row.op]}= {src}"
    if row.op.startswith("fetch_"):
        return f"{src} = atomic_{row.op}((u{row.width} *){place}, {src})"
    name = row.op + ("_64" if row.width == 64 else "32_32")
    inside = place[1:-1]
    if row.op == "xchg":
        return f"{src} = {name}({inside}, {src})"
    result = _reg(0, row.width)
    return f"{result} = {name}({inside}, {result}, {src})"


def _load_acq(insn: Insn, row: Row, label: str | None, symbol: str | None) -> str:
    dst, place = _reg(insn.dst, row.width), _address(insn.src, insn.off)
    return f"{dst} = load_acquire((u{row.size * 8} *){place})"


def _store_rel(insn: Insn, row: Row, label: str | None, symbol: str | None) -> str:
    src, place = _reg(insn.src, row.width), _address(insn.dst, insn.off)
    return f"store_release((u{row.size * 8} *){place}, {src})"


def _ja(insn: Insn, row: Row, label: str | None, symbol: str | None) -> str:
    return f"{row.op} {_target(insn.imm if row.op == 'gotol' else insn.off, label)}"


def _jump(insn: Insn, row: Row, label: str | None, symbol: str | None) -> str:
    left = _reg(insn.dst, row.width)
    right = _reg(insn.src, row.width) if row.reg else str(insn.imm)
    return f"if {left} {_JUMP_SIGN[row.op]} {right} goto {_target(insn.off, label)}"


def _call(insn: Insn, row: Row, label: str | None, symbol: str | None) -> str:
    if row.op == "reg":
        return f"callx r{insn.dst}"
    if row.op == "local":
        return f"call {symbol or label}" if symbol or label else f"call local {insn.imm:+d}"
    if row.op == "kfunc":
        if symbol:
            return f"call {symbol}"
        module = f", {insn.off}" if insn.off else ""
        return f"call kfunc {insn.imm}{module}"
    return f"call {insn.imm}" + (f"  # {symbol}" if symbol else "")


def _exit(insn: Insn, row: Row, label: str | None, symbol: str | None) -> str:
    return "exit"


_FORMAT = {
    _t.ALU: _alu,
    _t.NEG: _neg,
    _t.MOVSX: _movsx,
    _t.END: _end,
    _t.CAST: _cast,
    _t.LDDW: _lddw,
    _t.LDABS: _ldabs,
    _t.LDX: _ldx,
    _t.LDSX: _ldx,
    _t.ST: _st,
    _t.STX: _stx,
    _t.ATOMIC: _atomic,
    _t.LOAD_ACQ: _load_acq,
    _t.STORE_REL: _store_rel,
    _t.JA: _ja,
    _t.JCOND: _ja,
    _t.JUMP: _jump,
    _t.CALL: _call,
    _t.EXIT: _exit,
}


def target_slot(insn: Insn, slot: int) -> int | None:
    """Return the slot that a jump, local call or function address at ``slot`` names, else None."""
    row = lookup(insn)
    if row is None:
        return None
    if row.kind in (_t.JA, _t.JCOND, _t.JUMP):
        return slot + 1 + (insn.imm if row.op == "gotol" else insn.off)
    if row.kind == _t.CALL and row.op == "local":
        return slot + 1 + insn.imm
    if row.kind == _t.LDDW and row.op == "func":
        low = insn.imm & 0xFFFFFFFF
        return slot + 1 + low - ((low & 0x80000000) << 1)
    return None


def targets(insns: list[Insn]) -> dict[int, str]:
    """Return {slot: label} of every place that a jump, local call or function address names.

    Labels are L1, L2 ... for jumps and func1, func2 ... for functions, in slot order. Targets
    outside the program or inside a wide load get none.
    """
    starts = slot_starts(insns)
    jumps: set[int] = set()
    functions: set[int] = set()
    for slot, insn in zip(starts, insns):
        target = target_slot(insn, slot)
        if target is not None:
            (functions if insn.opcode in (LD_IMM64, JMP | CALL) else jumps).add(target)
    valid = set(starts[:-1])
    labels = {slot: f"func{n}" for n, slot in enumerate(sorted(functions & valid), 1)}
    for n, slot in enumerate(sorted((jumps & valid) - functions), 1):
        labels[slot] = f"L{n}"
    return labels


def disassemble(insns: list[Insn], symbols: dict[int, str] | None = None) -> str:
    """Return a whole program as text that ``asm.assemble`` reads back.

    ``symbols``: slot -> name of what the relocation there refers to.
    """
    labels = targets(insns)
    lines = []
    slot = 0
    for insn in insns:
        if slot in labels:
            lines.append(f"{labels[slot]}:")
        target = target_slot(insn, slot)
        label = labels.get(target) if target is not None else None
        symbol = symbols.get(slot) if symbols else None
        lines.append("    " + format_insn(insn, None, label, symbol))
        slot += insn.slots
    return "\n".join(lines) + "\n"
