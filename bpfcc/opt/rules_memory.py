"""Rules for addresses, loads from constants, and select.

Constant parts of an address go into the access: the context may only be read through the pointer
that the program was given, and a constant step does not change what a pointer is to the kernel.
Variable parts are left as the program computed them: ``p + x + c`` is not reordered.
"""

from __future__ import annotations

from ..ir.values import I1, I64, PTR, Const, Instr, Symbol, Value
from .simplifier import Simplifier


def ptradd_rule(s: Simplifier, i: Instr) -> Value | None:
    """Constant steps: none, onto a symbol, onto a constant step."""
    pointer, off = i.args
    if type(off) is not Const:
        return None
    if off.value == 0:
        return pointer
    if type(pointer) is Symbol:
        return s.symbol(pointer.name, pointer.addend + off.signed)
    if isinstance(pointer, Instr) and pointer.op == "ptradd":
        # Constant steps keep the kernel's idea of what the pointer is, however it is reached.
        inner = pointer.args[1]
        if type(inner) is Const:
            total = s.const(I64, inner.value + off.value)
            return s.make("ptradd", PTR, [pointer.args[0], total])
    return None


def is_constant_rule(s: Simplifier, i: Instr) -> Value | None:
    """Yes, once the operand is a constant; "no" is said late, by the pass of that name."""
    return s.const(I1, 1) if isinstance(i.args[0], (Const, Symbol)) else None


def select_rule(s: Simplifier, i: Instr) -> Value | None:
    """Selections that are decided, equal, or a truth value."""
    cond, then, other = i.args
    if type(cond) is Const:
        return then if cond.value else other
    if then is other:
        return then
    if type(then) is Const and type(other) is Const and i.type is not PTR:
        if i.type is I1:
            return cond if then.value else s.make("xor", I1, [cond, s.const(I1, 1)])
        if (then.value, other.value) == (1, 0):
            return s.make("zext", i.type, [cond])
        if (then.value, other.value) == (0, 1):
            return s.make("zext", i.type, [s.make("xor", I1, [cond, s.const(I1, 1)])])
    return None


def load_rule(s: Simplifier, i: Instr) -> Value | None:
    """Read through a constant of the program; otherwise shape the address."""
    address_rule(s, i)
    symbol = i.args[0]
    if type(symbol) is not Symbol or i.attrs.get("volatile") or i.type is PTR:
        return None
    var = s.globals.get(symbol.name)
    if var is None or not var.constant:
        return None
    off = symbol.addend + i.attrs.get("off", 0)
    end = off + i.type.size
    if (
        off < 0
        or end > len(var.init)
        or any(r.offset < end and off < r.offset + 8 for r in var.relocs)
    ):
        return None
    return s.const(i.type, int.from_bytes(var.init[off:end], s.order))  # type: ignore[arg-type]


def address_rule(s: Simplifier, i: Instr) -> None:
    """Move a constant part of the address into ``off``."""
    pointer = i.args[0]
    if isinstance(pointer, Instr) and pointer.op == "ptradd":
        amount = pointer.args[1]
        if type(amount) is Const:
            off = i.attrs.get("off", 0) + amount.signed
            if -(1 << 15) <= off < 1 << 15:
                i.args[0] = pointer.args[0]
                _set_off(s, i, off)
    elif type(pointer) is Symbol and pointer.addend:
        off = i.attrs.get("off", 0) + pointer.addend
        if -(1 << 15) <= off < 1 << 15:
            i.args[0] = s.symbol(pointer.name, 0)
            _set_off(s, i, off)


def _set_off(s: Simplifier, i: Instr, off: int) -> None:
    """Set the offset of an access; 0 is not written down."""
    s.changed = True
    if off:
        i.attrs["off"] = off
    else:
        i.attrs.pop("off", None)
