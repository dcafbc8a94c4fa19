"""Machine IR as text: for dumps and for messages of broken invariants.

v16 = *(u32 *)(fi#0 + 4)        if v16 s> 7 goto b2 else b3
"""

from __future__ import annotations

from ..isa import insn as _i
from .mir import (
    CALL,
    EXIT,
    FIRST_VREG,
    FP,
    JCOND,
    JUMP,
    LABEL,
    LD_IMM64,
    LEA,
    STOP,
    MFunction,
    MInsn,
)

_ALU = {
    _i.ADD: "+=", _i.SUB: "-=", _i.MUL: "*=", _i.DIV: "/=", _i.OR: "|=", _i.AND: "&=",
    _i.LSH: "<<=", _i.RSH: ">>=", _i.MOD: "%=", _i.XOR: "^=", _i.MOV: "=", _i.ARSH: "s>>=",
}  # fmt: skip
_JUMP = {
    _i.JEQ: "==", _i.JGT: ">", _i.JGE: ">=", _i.JSET: "&", _i.JNE: "!=", _i.JSGT: "s>",
    _i.JSGE: "s>=", _i.JLT: "<", _i.JLE: "<=", _i.JSLT: "s<", _i.JSLE: "s<=",
}  # fmt: skip


def _reg(reg: int, *, narrow: bool = False) -> str:
    if reg < FIRST_VREG:
        return f"{'w' if narrow else 'r'}{reg}"
    return f"v{reg}.w" if narrow else f"v{reg}"


def _memory(insn: MInsn, base: int) -> str:
    bits = _i.SIZE_BYTES[insn.op & 0x18] * 8
    sign = "s" if insn.op & 0xE0 == _i.MEMSX else "u"
    name = repr(insn.frame) if base == FP and insn.frame is not None else _reg(base)
    return f"*({sign}{bits} *)({name} {'-' if insn.off < 0 else '+'} {abs(insn.off)})"


def _alu(insn: MInsn) -> str:
    op = insn.op
    narrow = op & 7 == _i.ALU
    code = op & 0xF0
    dst = _reg(insn.dst, narrow=narrow)
    if code == _i.NEG:
        return f"{dst} = -{dst}"
    if code == _i.END:
        order = "swap" if op & 7 == _i.ALU64 else "be" if op & _i.X else "le"
        return f"{dst} = {order}{insn.imm} {dst}"
    value = _reg(insn.src, narrow=narrow) if op & _i.X else str(insn.imm)
    if code == _i.MOV and insn.off:
        return f"{dst} = (s{insn.off}){value}"
    sign = "s" if code in (_i.DIV, _i.MOD) and insn.off else ""
    return f"{dst} {sign}{_ALU[code]} {value}"


def _atomic(insn: MInsn) -> str:
    where, src = _memory(insn, insn.dst), _reg(insn.src)
    if insn.imm == _i.LOAD_ACQ:
        return f"{_reg(insn.dst)} = load_acquire {_memory(insn, insn.src)}"
    if insn.imm == _i.STORE_REL:
        return f"store_release {where}, {src}"
    if insn.imm == _i.CMPXCHG:
        return f"r0 = cmpxchg {where}, r0, {src}"
    if insn.imm == _i.XCHG:
        return f"{src} = xchg {where}, {src}"
    sign = _ALU[insn.imm & 0xF0]
    return f"{src + ' = fetch ' if insn.imm & _i.FETCH else 'lock '}{where} {sign} {src}"


def _pseudo(insn: MInsn, targets: str) -> str:
    op = insn.op
    if op == LABEL:
        return f"{targets}:"
    if op == LEA:
        return f"{_reg(insn.dst)} = &{insn.frame!r} + {insn.off}"
    if op == STOP:
        return "stop"
    if op == JUMP:
        return f"goto {targets}"
    regs = ", ".join(
        ("+" if o.read and o.write else "=" if o.write else "") + _reg(o.reg)
        for o in insn.extra.operands
    )
    return f"asm({regs})" + (f" -> {targets}" if targets else "")


def format_minsn(insn: MInsn) -> str:
    """Return one line of text for ``insn``."""
    op = insn.op
    targets = " else ".join(block.name for block in insn.targets or ())
    if op >= LABEL:
        return _pseudo(insn, targets)
    cls = op & 7
    if op == LD_IMM64:
        what = f"@{insn.sym}+{insn.imm}" if insn.sym else f"{insn.imm:#x}"
        text = f"{_reg(insn.dst)} = {what} ll"
    elif cls in (_i.ALU, _i.ALU64):
        text = _alu(insn)
    elif cls == _i.LDX:
        text = f"{_reg(insn.dst)} = {_memory(insn, insn.src)}"
    elif cls == _i.ST:
        text = f"{_memory(insn, insn.dst)} = {insn.imm}"
    elif cls == _i.STX:
        if op & 0xE0 == _i.ATOMIC:
            text = _atomic(insn)
        else:
            text = f"{_memory(insn, insn.dst)} = {_reg(insn.src)}"
    elif cls == _i.LD:
        index = f" + {_reg(insn.src)}" if op & 0xE0 == _i.IND else ""
        text = f"r0 = *(u{_i.SIZE_BYTES[op & 0x18] * 8} *)skb[{insn.imm}{index}]"
    elif op == CALL:
        text = f"call {insn.extra.symbol or insn.imm} ({insn.extra.nargs})"
    elif op == EXIT:
        text = "exit"
    elif op == JCOND:
        text = f"may_goto {targets}"
    else:
        narrow = cls == _i.JMP32
        right = _reg(insn.src, narrow=narrow) if op & _i.X else str(insn.imm)
        text = f"if {_reg(insn.dst, narrow=narrow)} {_JUMP[op & 0xF0]} {right} goto {targets}"
    if insn.core is not None:
        text += f"  # core {insn.core.kind.name} {insn.core.access}"
    if insn.name:
        text += f"  # {insn.name}"
    return text


def format_function(function: MFunction) -> str:
    """Return the whole function as text, for dumps."""
    lines = [f"{function.name}:"]
    for slot in function.frame:
        lines.append(f"    {slot!r}: {slot.size} bytes at {slot.offset} {slot.name}".rstrip())
    for block in function.blocks:
        lines.append(f"{block.name}:  # depth {block.depth}{', cold' if block.cold else ''}")
        lines += [f"    {format_minsn(insn)}" for insn in block.insns]
    return "\n".join(lines) + "\n"
