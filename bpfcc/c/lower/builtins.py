"""Compiler builtins that generate code; the list is in ``tast.nodes.BuiltinCall``."""

from __future__ import annotations

from collections.abc import Callable

from ...ir.values import I1, I8, I32, I64, PTR, VOID, Const, Type, Undef, Value
from ..ctype.layout import align_of as type_align
from ..ctype.layout import is_complete, size_of
from ..ctype.promotion import integer_of
from ..ctype.types import PointerType, VoidType, strip
from ..tast import nodes as t
from ..tast.evaluate import evaluate_int
from . import dialect, expressions, wide
from .function import Fn
from .memory import compare_memory, copy_loop, fill_loop
from .place import Place, aligned_at
from .scalars import ir_type, is_signed


def builtin(f: Fn, e: t.BuiltinCall) -> Value:
    """Lower a builtin by name."""
    rule = _RULES.get(e.name)
    if rule is not None:
        return rule(f, e)
    if e.name.startswith("atomic_"):
        return _ATOMIC[e.name](f, e)
    found = dialect.call(f, e.name, e)
    if found is None:
        raise f.broken(f"no rule for builtin {e.name}", e.span)
    return found


# --------------------------------------------------------------------------- memory
def pointer_align(e: t.Expr) -> int:
    """Return the alignment that the type of pointer ``e``, before casts to void *, promises."""
    while isinstance(e, t.Cast) and e.kind in ("pointer", "same"):
        e = e.operand
    if isinstance(e, t.Cast) and e.kind == "decay":
        return lvalue_align(e.operand)
    if isinstance(e, t.AddressOf):
        return lvalue_align(e.operand)
    real = strip(e.type)
    if isinstance(real, PointerType) and not isinstance(strip(real.to), VoidType):
        if is_complete(real.to):
            return type_align(real.to)
    return 1


def lvalue_align(e: t.Expr) -> int:
    """Return the alignment that an lvalue surely has: a member of a packed record has little."""
    if isinstance(e, t.Member):
        return aligned_at(lvalue_align(e.base), e.field.offset // 8)
    if isinstance(e, t.VarRef):
        return max(e.symbol.align, type_align(e.type))
    if isinstance(e, t.Index) and isinstance(e.pointer, t.Cast) and e.pointer.kind == "decay":
        return aligned_at(lvalue_align(e.pointer.operand), size_of(e.type))
    return type_align(e.type)


def _memory(f: Fn, e: t.BuiltinCall) -> Value:
    b = f.b
    dst = expressions.value(f, e.args[0])
    align = pointer_align(e.args[0])
    size = evaluate_int(e.args[2])
    if e.name == "memset":
        byte = b.trunc(expressions.value(f, e.args[1]), I8)
        if size is None:
            fill_loop(f, dst, byte, expressions.value(f, e.args[2]))
        else:
            b.memset(dst, byte, size, align=align)
        return dst
    src = expressions.value(f, e.args[1])
    align = min(align, pointer_align(e.args[1]))
    if size is None:
        copy_loop(f, dst, src, expressions.value(f, e.args[2]), backward=e.name == "memmove")
    elif e.name == "memcpy":
        b.memcpy(dst, src, size, align=align)
    else:
        b.memmove(dst, src, size, align=align)
    return dst


def _memcmp(f: Fn, e: t.BuiltinCall) -> Value:
    left, right = expressions.value(f, e.args[0]), expressions.value(f, e.args[1])
    align = min(pointer_align(e.args[0]), pointer_align(e.args[1]))
    size = expressions.value(f, e.args[2])
    return compare_memory(f, left, right, size, align)


# --------------------------------------------------------------------------- bits
def _bswap(f: Fn, e: t.BuiltinCall) -> Value:
    return f.b.bswap(expressions.value(f, e.args[0]))


def popcount(f: Fn, x: Value) -> Value:
    """Count the ones of an i32 or i64, by adding neighbours (Warren, Hacker's Delight, 5-1)."""
    b = f.b
    kind = x.type
    full = (1 << kind.bits) - 1

    def c(value: int) -> Const:
        return Const(kind, value)

    pairs, fours = full // 3, full // 5
    bytes_, ones = full // 17, full // 255
    x = b.sub(x, b.and_(b.lshr(x, c(1)), c(pairs)))
    x = b.add(b.and_(x, c(fours)), b.and_(b.lshr(x, c(2)), c(fours)))
    x = b.and_(b.add(x, b.lshr(x, c(4))), c(bytes_))
    return b.lshr(b.mul(x, c(ones)), c(kind.bits - 8))


def count_trailing(f: Fn, x: Value) -> Value:
    """Count the zeros below the lowest one: the ones of (x & -x) - 1."""
    b = f.b
    return popcount(f, b.and_(b.sub(x, Const(x.type, 1)), b.not_(x)))


def count_leading(f: Fn, x: Value) -> Value:
    """Count the zeros above the highest one: smear it downwards, count what is still zero."""
    b = f.b
    step = 1
    while step < x.type.bits:
        x = b.or_(x, b.lshr(x, Const(x.type, step)))
        step *= 2
    return popcount(f, b.not_(x))


def _count(f: Fn, e: t.BuiltinCall) -> Value:
    b = f.b
    x = expressions.value(f, e.args[0])
    if e.name == "ctz":
        found = count_trailing(f, x)
    elif e.name == "clz":
        found = count_leading(f, x)
    elif e.name == "ffs":
        count = b.add(count_trailing(f, x), Const(x.type, 1))
        found = b.select(b.compare("eq", x, Const(x.type, 0)), Const(x.type, 0), count)
    else:
        found = popcount(f, x)
        if e.name == "parity":
            found = b.and_(found, Const(x.type, 1))
    return b.resize(found, ir_type(e.type), signed=False)


def _rotate(f: Fn, e: t.BuiltinCall) -> Value:
    b = f.b
    x, n = expressions.value(f, e.args[0]), expressions.value(f, e.args[1])
    n = b.resize(n, x.type, signed=False)
    back = b.neg(n)
    if e.name == "rotate_right":
        n, back = back, n
    mask = Const(x.type, x.type.bits - 1)
    return b.or_(b.shl(x, b.and_(n, mask)), b.lshr(x, b.and_(back, mask)))


def _abs(f: Fn, e: t.BuiltinCall) -> Value:
    b = f.b
    x = expressions.value(f, e.args[0])
    return b.select(b.compare("slt", x, Const(x.type, 0)), b.neg(x), x)


# --------------------------------------------------------------------------- values and flow
def _expect(f: Fn, e: t.BuiltinCall) -> Value:
    return expressions.value(f, e.args[0])


def _constant_p(f: Fn, e: t.BuiltinCall) -> Value:
    """Whether the operand is constant is decided by the optimiser, after inlining."""
    operand = expressions.value(f, e.args[0])
    if isinstance(operand, Const):
        return Const(I32, 1)
    return f.b.zext(f.b.emit("is_constant", I1, [operand]), I32)


def _trap(f: Fn, e: t.BuiltinCall) -> Value:
    f.b.unreachable()
    f.dead()
    return Undef(VOID)


def _fence(f: Fn, e: t.BuiltinCall) -> Value:
    f.b.fence()
    return Undef(VOID)


# --------------------------------------------------------------------------- overflow
def _overflow(f: Fn, e: t.BuiltinCall) -> Value:
    """The exact result of a op b, stored wrapped; the value says whether it did not fit."""
    op = e.name[:3]
    left, right = e.args[0], e.args[1]
    pointer = expressions.value(f, e.args[2])
    pointee = strip(e.args[2].type)
    assert isinstance(pointee, PointerType)
    target = integer_of(pointee.to)
    kinds = [integer_of(left.type), integer_of(right.type), target]
    place = Place(pointer, 0, pointee.to)
    if any(kind is None or kind.size > 8 for kind in kinds) or target is None:
        return f.unsupported("overflow builtin on 128-bit integers", e.span, "use 64-bit ones")
    a_signed, b_signed = is_signed(left.type), is_signed(right.type)
    a = f.b.resize(expressions.value(f, left), I64, signed=a_signed)
    c = f.b.resize(expressions.value(f, right), I64, signed=b_signed)
    if max(size_of(left.type), size_of(right.type)) <= 4:
        result, lost = _narrow(
            f, op, a, c, a_signed or b_signed or op == "sub", target.bits, target.signed
        )
    elif op == "mul":
        result, lost = _multiply(f, a, c, a_signed, b_signed, target.bits, target.signed)
    else:
        result, lost = _add(f, op, a, c, a_signed, b_signed, target.bits, target.signed)
    place.store(f.b, f.b.resize(result, ir_type(pointee.to), signed=False))
    return f.b.zext(lost, I8)


def _narrow(
    f: Fn, op: str, a: Value, c: Value, signed: bool, bits: int, to_signed: bool
) -> tuple[Value, Value]:
    """Operands of at most 32 bits: the result is exact in 64 bits, signed or not."""
    b = f.b
    exact = b.binary(op, a, c)
    if bits == 64:
        if signed == to_signed or (op != "mul" and not signed):
            return exact, Const(I1, 0)
        return exact, b.compare("slt", exact, Const(I64, 0))
    if to_signed:
        up = Const(I64, 64 - bits)
        back = b.ashr(b.shl(exact, up), up)
    else:
        back = b.and_(exact, Const(I64, (1 << bits) - 1))
    return exact, b.compare("ne", back, exact)


def _add(
    f: Fn, op: str, a: Value, c: Value, a_signed: bool, c_signed: bool, bits: int, to_signed: bool
) -> tuple[Value, Value]:
    """Add or subtract in 128 bits: low half and sign half, which tell what fits."""
    b = f.b
    zero, top = Const(I64, 0), Const(I64, 63)
    if bits == 64 and a_signed == c_signed == to_signed:
        result = b.binary(op, a, c)
        if not to_signed:
            lost = b.compare("ult", result, a) if op == "add" else b.compare("ult", a, c)
            return result, lost
        other = b.xor(c, result) if op == "add" else b.xor(a, c)
        return result, b.compare("slt", b.and_(b.xor(a, result), other), zero)
    a_high: Value = b.ashr(a, top) if a_signed else zero
    c_high: Value = b.ashr(c, top) if c_signed else zero
    low = b.binary(op, a, c)
    if op == "add":
        carry = b.zext(b.compare("ult", low, a), I64)
        high = b.add(b.add(a_high, c_high), carry)
    else:
        borrow = b.zext(b.compare("ult", a, c), I64)
        high = b.sub(b.sub(a_high, c_high), borrow)
    return low, _does_not_fit(f, low, high, bits, to_signed)


def _does_not_fit(f: Fn, low: Value, high: Value, bits: int, signed: bool) -> Value:
    """Whether a 128-bit number is no value of an integer type of ``bits`` bits."""
    b = f.b
    if not signed:
        lost = b.is_nonzero(high)
        if bits < 64:
            lost = b.or_(lost, b.is_nonzero(b.lshr(low, Const(I64, bits))))
        return lost
    up = Const(I64, 64 - bits)
    narrowed = b.ashr(b.shl(low, up), up) if bits < 64 else low
    lost = b.compare("ne", high, b.ashr(narrowed, Const(I64, 63)))
    if bits < 64:
        lost = b.or_(lost, b.compare("ne", narrowed, low))
    return lost


def _multiply(
    f: Fn, a: Value, c: Value, a_signed: bool, c_signed: bool, bits: int, to_signed: bool
) -> tuple[Value, Value]:
    """Multiply magnitudes to 128 bits; the sign decides how large the result may be."""
    b = f.b
    zero = Const(I64, 0)
    negative: Value = Const(I1, 0)
    if a_signed:
        minus = b.compare("slt", a, zero)
        a = b.select(minus, b.neg(a), a)
        negative = minus
    if c_signed:
        minus = b.compare("slt", c, zero)
        c = b.select(minus, b.neg(c), c)
        negative = minus if isinstance(negative, Const) else b.xor(negative, minus)
    low, high = wide.multiply(f, a, c)
    result = low if isinstance(negative, Const) else b.select(negative, b.neg(low), low)
    limit = Const(I64, (1 << (bits - 1 if to_signed else bits)) - 1)
    if isinstance(negative, Const):
        most: Value = limit
    elif to_signed:
        most = b.add(limit, b.zext(negative, I64))
    else:
        most = b.select(negative, zero, limit)
    lost = b.or_(b.is_nonzero(high), b.compare("ugt", low, most))
    return result, lost


# --------------------------------------------------------------------------- atomics
def _pointer(f: Fn, e: t.BuiltinCall) -> Value:
    """Return the first argument, converted where it points into an arena."""
    pointer = expressions.value(f, e.args[0])
    kind = strip(e.args[0].type)
    space = kind.address_space if isinstance(kind, PointerType) else 0
    return f.b.addrspacecast(pointer, space, 0) if space else pointer


def _pointer_and_value(f: Fn, e: t.BuiltinCall) -> tuple[Value, list[Value]]:
    pointer = _pointer(f, e)
    values = [_as_int(f, expressions.value(f, each)) for each in e.args[1:]]
    return pointer, values


def _as_int(f: Fn, value: Value) -> Value:
    return f.b.ptrtoint(value) if value.type is PTR else value


def _as_type(f: Fn, value: Value, kind: Type) -> Value:
    return f.b.inttoptr(value) if kind is PTR and value.type is not PTR else value


def _atomic_fetch(f: Fn, e: t.BuiltinCall) -> Value:
    b = f.b
    pointer, (value,) = _pointer_and_value(f, e)
    op = str(e.extra["op"])
    if op == "nand":
        # An endless exchange loop, as elsewhere, is what the kernel's verifier never accepts.
        f.unsupported(
            "atomic nand",
            e.span,
            "use __sync_val_compare_and_swap in a loop that ends after some turns",
        )
        return Undef(ir_type(e.type))
    if op == "sub":
        op, value = "add", b.neg(value)
    old = b.atomicrmw(op, pointer, value)
    return _as_type(f, b.binary(op, old, value) if e.extra["new"] else old, ir_type(e.type))


def _atomic_exchange(f: Fn, e: t.BuiltinCall) -> Value:
    pointer, (value,) = _pointer_and_value(f, e)
    return _as_type(f, f.b.atomicrmw("xchg", pointer, value), ir_type(e.type))


def _atomic_cmpxchg(f: Fn, e: t.BuiltinCall) -> Value:
    pointer, (old, new) = _pointer_and_value(f, e)
    seen = f.b.cmpxchg(pointer, old, new)
    if e.extra["result"] == "bool":
        return f.b.zext(f.b.compare("eq", seen, old), I8)
    return _as_type(f, seen, ir_type(e.type))


def _atomic_compare(f: Fn, e: t.BuiltinCall) -> Value:
    """``__atomic_compare_exchange_n``: the value seen goes to *expected."""
    b = f.b
    pointer = _pointer(f, e)
    expected = expressions.value(f, e.args[1])
    new = _as_int(f, expressions.value(f, e.args[2]))
    old = b.load(new.type, expected)
    seen = b.cmpxchg(pointer, old, new)
    b.store(expected, seen)
    return b.zext(b.compare("eq", seen, old), I8)


_ACQUIRE = (1, 2, 4, 5)
_RELEASE = (3, 4, 5)


def _atomic_load(f: Fn, e: t.BuiltinCall) -> Value:
    b = f.b
    pointer = _pointer(f, e)
    kind = ir_type(e.type)
    if e.extra["order"] in _ACQUIRE and f.module.options.mcpu >= 4:
        return b.load_acquire(kind, pointer)
    found = b.load(kind, pointer, volatile=True)
    if e.extra["order"] in _ACQUIRE:
        b.fence()
    return found


def _atomic_store(f: Fn, e: t.BuiltinCall) -> Value:
    b = f.b
    pointer = _pointer(f, e)
    value = expressions.value(f, e.args[1])
    if e.extra["order"] in _RELEASE and f.module.options.mcpu >= 4:
        b.store_release(pointer, value)
        return Undef(VOID)
    if e.extra["order"] in _RELEASE:
        b.fence()
    b.store(pointer, value, volatile=True)
    return Undef(VOID)


_Rule = Callable[[Fn, t.BuiltinCall], Value]
_RULES: dict[str, _Rule] = {
    "memcpy": _memory,
    "memmove": _memory,
    "memset": _memory,
    "memcmp": _memcmp,
    "bswap": _bswap,
    "ctz": _count,
    "clz": _count,
    "ffs": _count,
    "popcount": _count,
    "parity": _count,
    "rotate_left": _rotate,
    "rotate_right": _rotate,
    "abs": _abs,
    "expect": _expect,
    "constant_p": _constant_p,
    "trap": _trap,
    "unreachable": _trap,
    "fence": _fence,
    "add_overflow": _overflow,
    "sub_overflow": _overflow,
    "mul_overflow": _overflow,
}
_ATOMIC: dict[str, _Rule] = {
    "atomic_fetch": _atomic_fetch,
    "atomic_exchange": _atomic_exchange,
    "atomic_cmpxchg": _atomic_cmpxchg,
    "atomic_compare": _atomic_compare,
    "atomic_load": _atomic_load,
    "atomic_store": _atomic_store,
}
