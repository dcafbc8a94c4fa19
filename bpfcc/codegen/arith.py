"""Selection of arithmetic, conversions and pointer sums.

Operations on i8, i16 and i32 are 32-bit ones from v3 on, and 64-bit ones below (``widths``).
Signed division exists from v4 on; below it the quotient is that of the absolute values, with the
sign put on afterwards (RFC 9669 section 4.1 for division by zero: x / 0 = 0, x % 0 = x).
"""

from __future__ import annotations

from ..ir.values import Const, CoreConst, Instr, Value
from ..isa import insn as _i
from .mir import MOV32, MOV64, MOV64_IMM
from .selector import Selector, fits32
from .widths import ANY, SIGN, ZERO

_CODES = {
    "add": _i.ADD, "sub": _i.SUB, "mul": _i.MUL, "udiv": _i.DIV, "urem": _i.MOD, "and": _i.AND,
    "or": _i.OR, "xor": _i.XOR, "shl": _i.LSH, "lshr": _i.RSH, "ashr": _i.ARSH,
    "sdiv": _i.DIV, "srem": _i.MOD,
}  # fmt: skip
_COMMUTES = frozenset({"add", "mul", "and", "or", "xor"})


def _immediate(s: Selector, instr: Instr, const: Const) -> int | None:
    """Return ``const`` as the immediate of ``instr``, or None if it does not fit."""
    bits = const.type.bits
    if bits == 64:
        return const.signed if fits32(const.signed) else None
    if bits == 32:
        return const.signed
    return const.value


def binary(s: Selector, instr: Instr) -> None:
    """Select add, sub, mul, and, or, xor."""
    a, b = instr.args
    op = instr.op
    if op in _COMMUTES:
        if isinstance(a, Const) or (s.is_live(a) and not s.is_live(b) and not isinstance(b, Const)):
            a, b = b, a
    dst = s.result(instr)
    bits = instr.type.bits
    cls = _i.ALU if s.alu32 and bits < 64 else _i.ALU64
    if op == "and" and isinstance(b, Const) and bits == 64 and b.value == 0xFFFFFFFF:
        s.zero_extend(dst, s.reg(a), 32)
        s.define(instr, dst)
        return
    if op == "sub" and isinstance(a, Const) and not a.value:
        s.emit(MOV64, dst, s.reg(b))
        s.emit(cls | _i.NEG, dst)
        s.define(instr, dst)
        return
    code = _CODES[op]
    imm = _immediate(s, instr, b) if isinstance(b, Const) else None
    if op == "sub" and imm is not None and imm != -0x80000000:
        code, imm = _i.ADD, -imm
    if imm is not None:
        s.emit(MOV64, dst, s.reg(a))
        s.emit(cls | code | _i.K, dst, imm=imm)
    elif isinstance(b, CoreConst):
        s.emit(MOV64, dst, s.reg(a))
        _core_operand(s, cls | code, dst, b)
    else:
        right = s.reg(b)
        if isinstance(a, Const):
            s.constant(dst, a)
        else:
            s.emit(MOV64, dst, s.reg(a))
        s.emit(cls | code | _i.X, dst, right)
    s.define(instr, dst)


def _core_operand(s: Selector, op: int, dst: int, b: CoreConst) -> None:
    """A CO-RE constant as operand: in the immediate, which loaders patch, if it fits there."""
    if b.kind.name in ("ENUMVAL_VALUE", "TYPE_ID_LOCAL", "TYPE_ID_TARGET") or not fits32(b.value):
        s.emit(op | _i.X, dst, s.reg(b))
    else:
        s.emit(op | _i.K, dst, imm=b.value).core = b


def shift(s: Selector, instr: Instr) -> None:
    """Select shl, lshr, ashr; the machine takes counts modulo 32 or 64 by itself."""
    value, count = instr.args
    bits = instr.type.bits
    native = bits == 32 and s.alu32
    # ashr of a narrow value works on its 64-bit sign extension, so that the result stays one.
    narrow = s.alu32 and bits < 64 and not (instr.op == "ashr" and bits < 32)
    op = (_i.ALU if narrow else _i.ALU64) | _CODES[instr.op]
    dst = s.result(instr)
    if isinstance(count, Const):
        s.emit(MOV64, dst, s.operand(instr, 0))
        s.emit(op | _i.K, dst, imm=count.value % bits)
    elif isinstance(count, CoreConst):
        s.emit(MOV64, dst, s.operand(instr, 0))
        _core_operand(s, op, dst, count)
    else:
        by = s.operand(instr, 1)
        if not native and bits < 64 and s.widths.zero_bits(count) > bits.bit_length() - 1:
            masked = s.copy(by)
            s.emit((_i.ALU if s.alu32 else _i.ALU64) | _i.AND, masked, imm=bits - 1)
            by = masked
        if isinstance(value, Const):
            form = s.widths.demand(instr, 0)
            s.load_constant(dst, value.signed if form == SIGN else value.value)
        else:
            s.emit(MOV64, dst, s.operand(instr, 0))
        s.emit(op | _i.X, dst, by)
    s.define(instr, dst)


def divide(s: Selector, instr: Instr) -> None:
    """Select udiv and urem; by a power of two they are a shift and a mask, which keep bounds."""
    bits = instr.type.bits
    cls = _i.ALU if s.alu32 and bits < 64 else _i.ALU64
    dst = s.result(instr)
    by = instr.args[1]
    if isinstance(by, Const):
        _divide_by_constant(s, instr, cls, dst, by)
    else:
        right = s.operand(instr, 1)
        s.emit(MOV64, dst, s.operand(instr, 0))
        s.emit(cls | _CODES[instr.op] | _i.X, dst, right)
    s.define(instr, dst)


def _divide_by_constant(s: Selector, instr: Instr, cls: int, dst: int, by: Const) -> None:
    value = by.value
    if not value:
        # x / 0 = 0 and x % 0 = x; the kernel refuses the instruction itself.
        if instr.op == "udiv":
            s.emit(MOV64_IMM, dst, imm=0)
        else:
            s.emit(MOV64, dst, s.operand(instr, 0))
        return
    power = value.bit_length() - 1
    single = value == 1 << power
    signed32 = cls == _i.ALU or fits32(value)  # a 64-bit immediate is sign-extended
    if not signed32 and not (single and instr.op == "udiv"):
        right = s.temp()
        s.load_constant(right, value - 1 if single else value)
        s.emit(MOV64, dst, s.operand(instr, 0))
        s.emit(cls | (_i.AND if single else _CODES[instr.op]) | _i.X, dst, right)
        return
    s.emit(MOV64, dst, s.operand(instr, 0))
    if not single:
        s.emit(cls | _CODES[instr.op] | _i.K, dst, imm=_signed32(value))
    elif instr.op == "urem":
        s.emit(cls | _i.AND | _i.K, dst, imm=value - 1)
    elif power:
        s.emit(cls | _i.RSH | _i.K, dst, imm=power)
    elif cls == _i.ALU:
        s.emit(MOV32, dst, dst)


def _signed32(value: int) -> int:
    return value - (1 << 32) if value >> 31 else value


def signed_divide(s: Selector, instr: Instr) -> None:
    """Select sdiv and srem."""
    bits = instr.type.bits
    cls = _i.ALU if s.alu32 and bits < 64 else _i.ALU64
    dst = s.result(instr)
    by = instr.args[1]
    if isinstance(by, Const) and not by.value:
        if instr.op == "sdiv":
            s.emit(MOV64_IMM, dst, imm=0)
        else:
            s.emit(MOV64, dst, s.operand(instr, 0))
    elif s.mcpu >= 4:
        if isinstance(by, Const) and fits32(by.signed):
            s.emit(MOV64, dst, s.operand(instr, 0))
            s.emit(cls | _CODES[instr.op] | _i.K, dst, off=1, imm=by.signed)
        else:
            right = s.operand(instr, 1)
            s.emit(MOV64, dst, s.operand(instr, 0))
            s.emit(cls | _CODES[instr.op] | _i.X, dst, right, off=1)
    elif isinstance(by, Const) and by.value & (by.value - 1) == 0 and by.signed > 0:
        _signed_by_power(s, instr, cls, dst, by.value.bit_length() - 1)
    else:
        _signed_by_magnitude(s, instr, cls, dst)
    s.define(instr, dst)


def _signed_by_power(s: Selector, instr: Instr, cls: int, dst: int, power: int) -> None:
    """X / 2**power = (x + (2**power - 1 if x < 0)) >> power; the rest is x minus that, scaled."""
    width = 32 if cls == _i.ALU else 64
    x = s.operand(instr, 0)
    if not power:
        if instr.op == "sdiv":
            s.emit(MOV64, dst, x)
        else:
            s.emit(MOV64_IMM, dst, imm=0)
        return
    bias = s.copy(x)
    s.emit(cls | _i.ARSH | _i.K, bias, imm=width - 1)
    s.emit(cls | _i.RSH | _i.K, bias, imm=width - power)
    s.emit(cls | _i.ADD | _i.X, bias, x)
    if instr.op == "sdiv":
        s.emit(cls | _i.ARSH | _i.K, bias, imm=power)
        s.emit(MOV64, dst, bias)
        return
    s.emit(cls | _i.RSH | _i.K, bias, imm=power)
    s.emit(cls | _i.LSH | _i.K, bias, imm=power)
    s.emit(MOV64, dst, x)
    s.emit(cls | _i.SUB | _i.X, dst, bias)


def _magnitude(s: Selector, cls: int, x: int, sign: int) -> int:
    """Return |x| where ``sign`` is x's sign in all bits: (x ^ sign) - sign."""
    out = s.copy(x)
    s.emit(cls | _i.XOR | _i.X, out, sign)
    s.emit(cls | _i.SUB | _i.X, out, sign)
    return out


def _signed_by_magnitude(s: Selector, instr: Instr, cls: int, dst: int) -> None:
    """Divide absolute values; a quotient has the signs' product, a rest the dividend's sign."""
    width = 32 if cls == _i.ALU else 64
    by = instr.args[1]
    x = s.operand(instr, 0)
    sign = s.copy(x)
    s.emit(cls | _i.ARSH | _i.K, sign, imm=width - 1)
    negate = False
    if isinstance(by, Const):
        value = abs(by.signed)
        negate = by.signed < 0 and instr.op == "sdiv"
        out = _magnitude(s, cls, x, sign)
        if value <= 0x7FFFFFFF:
            s.emit(cls | _CODES[instr.op] | _i.K, out, imm=value)
        else:
            right = s.temp()
            s.load_constant(right, value)
            s.emit(cls | _CODES[instr.op] | _i.X, out, right)
    else:
        y = s.operand(instr, 1)
        sign_y = s.copy(y)
        s.emit(cls | _i.ARSH | _i.K, sign_y, imm=width - 1)
        out = _magnitude(s, cls, x, sign)
        right = _magnitude(s, cls, y, sign_y)
        s.emit(cls | _CODES[instr.op] | _i.X, out, right)
        if instr.op == "sdiv":
            s.emit(cls | _i.XOR | _i.X, sign, sign_y)
    s.emit(MOV64, dst, out)
    s.emit(cls | _i.XOR | _i.X, dst, sign)
    s.emit(cls | _i.SUB | _i.X, dst, sign)
    if negate:
        s.emit(cls | _i.NEG, dst)


def convert(s: Selector, instr: Instr) -> None:
    """Select zext, sext and trunc where they are not free (then ``root`` looks through them)."""
    if s.root(instr) is not instr:
        return
    arg = instr.args[0]
    dst = s.result(instr)
    bits = arg.type.bits
    if instr.op == "zext":
        s.zero_extend(dst, s.reg(arg), bits)
    elif instr.op == "sext":
        if s.widths.is_sign_extended(arg):
            s.emit(MOV64, dst, s.reg(arg))
        else:
            s.sign_extend(dst, s.reg(arg), bits)
    else:
        form = s.widths.form(instr)
        if form == ZERO:
            s.zero_extend(dst, s.reg(arg), instr.type.bits)
        else:
            s.sign_extend(dst, s.reg(arg), instr.type.bits)
        s.chunk[-1].name = instr.name
        return
    s.define(instr, dst)


def bswap(s: Selector, instr: Instr) -> None:
    """Select a byte swap: as conversion to the other byte order, which every level has."""
    dst = s.result(instr)
    s.emit(MOV64, dst, s.reg(instr.args[0]))
    order = 0 if s.options.big_endian else _i.X
    s.emit(_i.ALU | _i.END | order, dst, imm=instr.type.bits)
    s.define(instr, dst)


def ptradd(s: Selector, instr: Instr) -> None:
    """Select pointer + offset: always a sum, never ``|``, so that the kernel tracks the pointer."""
    step: Value | None = instr.args[1]
    dst = s.result(instr)
    inner, off = s.base_of(instr.args[0])
    if isinstance(step, Const):
        off += step.signed
        step = None
    elif s.delayed(instr):
        off = 0
    index = _index(s, step) if step is not None else None
    if isinstance(inner, Instr) and inner.op == "alloca":
        s.address_of(dst, s.slot(inner), off)
        off = 0
    else:
        s.emit(MOV64, dst, s.reg(inner))
    if off:
        s.add_constant(dst, off)
    if isinstance(step, CoreConst):
        _core_operand(s, _i.ALU64 | _i.ADD, dst, step)
    elif index is not None:
        s.emit(_i.ALU64 | _i.ADD | _i.X, dst, index)
    s.define(instr, dst)


def _index(s: Selector, step: Value) -> int | None:
    return None if isinstance(step, CoreConst) else s.reg(step)


def is_constant(s: Selector, instr: Instr) -> None:
    """Select what the optimiser left undecided: no."""
    dst = s.result(instr)
    s.load_constant(dst, 0)
    s.define(instr, dst)


def opaque(s: Selector, instr: Instr) -> None:
    """Select a value barrier: a copy, which allocation makes vanish."""
    dst = s.result(instr)
    form = s.widths.form(instr)
    s.emit(MOV64, dst, s.in_form(instr.args[0], form if form != ANY else ANY))
    s.chunk[-1].name = instr.name


def cast_address_space(s: Selector, instr: Instr) -> None:
    """Select the conversion of an arena pointer (kernel 6.9): a move with off 1."""
    dst = s.result(instr)
    spaces = instr.attrs["to"] << 16 | instr.attrs["from"]
    s.emit(MOV64, dst, s.reg(instr.args[0]), 1, spaces)
    s.define(instr, dst)
