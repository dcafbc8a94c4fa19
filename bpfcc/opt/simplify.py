"""Local rules: what an operation is when its operands are what they are.

``Simplifier.simplify`` looks at one instruction whose operands are final and returns the value that
it equals, or None. New instructions that a rule needs are made through ``make``, which simplifies
them in turn. ``opt.gvn`` drives the rules over a function.

Rules that LLVM has and that are missing here on purpose, see ``contract.md``: no test is moved to
another value than the one tested (``x + 1 < 8`` stays a test of ``x + 1`` unless that sum is used
nowhere else and the test is for equality); no two tests are merged; ``p + x + c`` keeps its order;
no load changes its size; no sum becomes an ``or``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Optional

from ..ir import fold
from ..ir.fold import BINARY_OPS, INVERSE, SWAPPED
from ..ir.module import Global
from ..ir.ops import COMPARISONS, OPS
from ..ir.values import I1, I32, I64, PTR, Const, Instr, Symbol, Type, Undef, Value
from ..support.source import Span
from .ranges import Facts, bounds, implied, known_zeros

_CASTS = frozenset({"zext", "sext", "trunc", "ptrtoint", "inttoptr"})
_COMMUTES = frozenset(name for name, row in OPS.items() if row.commutes)
_IMM_MAX = (1 << 31) - 1
_WORD = (1 << 32) - 1


def has_imm(value: int) -> bool:
    """Return whether an unsigned 64-bit ``value`` fits a sign-extended 32-bit immediate."""
    return value <= _IMM_MAX or value >= (1 << 64) - (1 << 31)


class Simplifier:
    """The rules, with what they may consult.

    ``uses`` counts uses of each value as the pass began; ``facts`` holds bounds at the place looked
    at. Constants are interned, so equal ones are one object.
    """

    def __init__(
        self,
        globals: dict[str, Global],
        uses: dict[Value, int],
        *,
        mcpu: int = 3,
        big_endian: bool = False,
    ) -> None:
        self.globals = globals
        self.mcpu = mcpu
        self.order = "big" if big_endian else "little"
        self.uses = uses
        self.facts: Facts = {}
        self.out: list[Instr] = []
        self.span: Span | None = None
        self.changed = False
        self._constants: dict[tuple[Type, int], Const] = {}
        self._symbols: dict[tuple[str, int], Symbol] = {}

    # -- making values ----------------------------------------------------------------------

    def const(self, type: Type, value: int) -> Const:
        """Return the interned constant."""
        value &= (1 << type.bits) - 1
        found = self._constants.get((type, value))
        if found is None:
            found = self._constants[type, value] = Const(type, value)
        return found

    def symbol(self, name: str, addend: int) -> Symbol:
        """Return the interned symbol."""
        found = self._symbols.get((name, addend))
        if found is None:
            found = self._symbols[name, addend] = Symbol(name, addend)
        return found

    def intern(self, value: Value) -> Value:
        """Return the one object for a constant or symbol, other values as they are."""
        if type(value) is Const:
            return self.const(value.type, value.value)
        if type(value) is Symbol:
            return self.symbol(value.name, value.addend)
        return value

    def make(
        self, op: str, type: Type, args: list[Value], attrs: dict[str, Any] | None = None
    ) -> Value:
        """Return a value for the operation: an existing one, or a new instruction in ``out``."""
        instr = Instr(op, type, args, self.span, attrs)
        found = self.simplify(instr) or self.number(instr)
        if found is not None:
            return found
        uses = self.uses
        uses[instr] = 0
        for arg in instr.args:
            uses[arg] = uses.get(arg, 0) + 1
        self.out.append(instr)
        return instr

    def number(self, instr: Instr) -> Value | None:
        """Return an earlier equal computation that may stand for ``instr``; None: there is none."""
        del instr
        return None

    def one_use(self, value: Value) -> bool:
        """Return whether ``value`` is used at one place only."""
        return self.uses.get(value, 0) <= 1

    # -- dispatch ---------------------------------------------------------------------------

    def simplify(self, instr: Instr) -> Value | None:
        """Return what ``instr`` equals, or None; its operands may be put in canonical order."""
        op = instr.op
        args = instr.args
        if op in BINARY_OPS:
            a, b = args
            if type(b) is Const:
                if type(a) is Const:
                    return self.const(a.type, fold.binary(op, a.value, b.value, a.type.bits))
            elif op in _COMMUTES and type(a) is Const:
                args[0], args[1] = b, a
                self.changed = True
            rule = _RULES[op]
            return rule(self, instr)
        if op in COMPARISONS:
            return _compare(self, instr)
        if op in _CASTS:
            a = args[0]
            if type(a) is Const:
                value = fold.convert(op, a.value, a.type.bits, instr.type.bits)
                return self.const(instr.type, value)
            if type(a) is Undef:
                return Undef(instr.type) if op == "trunc" else self.const(instr.type, 0)
            return _RULES[op](self, instr)
        found = _RULES.get(op)
        return found(self, instr) if found is not None else None


Rule = Callable[[Simplifier, Instr], Optional[Value]]


def _is(value: Value, op: str) -> bool:
    return isinstance(value, Instr) and value.op == op


def _inner(s: Simplifier, value: Value, op: str) -> tuple[Value, int] | None:
    """Return (x, c) where ``value`` is ``x op c`` and is used here alone.

    A value with other uses may be the one that a test proved something of: what is computed from
    it must go on being computed from it.
    """
    if isinstance(value, Instr) and value.op == op:
        amount = value.args[1]
        if type(amount) is Const and s.one_use(value):
            return value.args[0], amount.value
    return None


# -- arithmetic -----------------------------------------------------------------------------


def _add(s: Simplifier, i: Instr) -> Value | None:
    a, b = i.args
    if type(b) is Const:
        if b.value == 0:
            return a
        if i.type is I1:
            return s.make("xor", I1, [a, b])
        inner = _inner(s, a, "add")
        if inner is not None:
            return s.make("add", i.type, [inner[0], s.const(i.type, inner[1] + b.value)])
    elif _is(b, "sub") and isinstance(b.args[0], Const) and b.args[0].value == 0:  # type: ignore[attr-defined]
        return s.make("sub", i.type, [a, b.args[1]])  # type: ignore[attr-defined]
    elif a is b and i.type is not I1:
        return s.make("shl", i.type, [a, s.const(i.type, 1)])
    return None


def _sub(s: Simplifier, i: Instr) -> Value | None:
    a, b = i.args
    if type(b) is Const:
        if b.value == 0:
            return a
        return s.make("add", i.type, [a, s.const(i.type, -b.value)])
    if a is b:
        return s.const(i.type, 0)
    if i.type is I64 and _is(a, "ptrtoint") and _is(b, "ptrtoint"):
        return _pointer_difference(s, a.args[0], b.args[0])  # type: ignore[attr-defined]
    if isinstance(a, Instr) and a.op == "add" and a.args[0] is b:
        return a.args[1]
    if isinstance(a, Instr) and a.op == "add" and a.args[1] is b:
        return a.args[0]
    return None


def _pointer_difference(s: Simplifier, p: Value, q: Value) -> Value | None:
    p_base, p_off = split_offset(p)
    q_base, q_off = split_offset(q)
    if p_base is q_base:
        return s.const(I64, p_off - q_off)
    return None


def split_offset(pointer: Value) -> tuple[Value, int]:
    """Return base and constant offset of a pointer."""
    off = 0
    while isinstance(pointer, Instr) and pointer.op == "ptradd":
        amount = pointer.args[1]
        if type(amount) is not Const:
            break
        off += amount.signed
        pointer = pointer.args[0]
    return pointer, off


def _mul(s: Simplifier, i: Instr) -> Value | None:
    a, b = i.args
    if type(b) is not Const:
        return None
    if b.value == 0:
        return b
    if b.value == 1:
        return a
    if i.type is not I1 and b.value & (b.value - 1) == 0:
        return s.make("shl", i.type, [a, s.const(i.type, b.value.bit_length() - 1)])
    inner = _inner(s, a, "mul")
    if inner is not None:
        return s.make("mul", i.type, [inner[0], s.const(i.type, inner[1] * b.value)])
    inner = _inner(s, a, "shl")
    if inner is not None:
        factor = b.value << (inner[1] % i.type.bits)
        return s.make("mul", i.type, [inner[0], s.const(i.type, factor)])
    return None


def _udiv(s: Simplifier, i: Instr) -> Value | None:
    a, b = i.args
    if type(b) is Const:
        if b.value == 0:
            return b
        if b.value == 1:
            return a
        if b.value & (b.value - 1) == 0:
            return s.make("lshr", i.type, [a, s.const(i.type, b.value.bit_length() - 1)])
    return None


def _urem(s: Simplifier, i: Instr) -> Value | None:
    a, b = i.args
    if type(b) is Const:
        if b.value == 0:
            return a
        if b.value & (b.value - 1) == 0:
            return s.make("and", i.type, [a, s.const(i.type, b.value - 1)])
    return None


def _sdiv(s: Simplifier, i: Instr) -> Value | None:
    a, b = i.args
    if type(b) is not Const:
        return None
    if b.value == 0:
        return b
    if b.value == 1:
        return a
    if b.signed == -1:
        return s.make("sub", i.type, [s.const(i.type, 0), a])
    if b.signed > 0 and bounds(a, s.facts).slo >= 0:
        return s.make("udiv", i.type, [a, b])
    if s.mcpu < 4 and b.signed > 0 and b.value & (b.value - 1) == 0 and i.type is not I1:
        # Towards zero: negative dividends are raised by the divisor less one before the shift.
        bits, n = i.type.bits, b.value.bit_length() - 1
        sign = s.make("ashr", i.type, [a, s.const(i.type, bits - 1)])
        bias = s.make("lshr", i.type, [sign, s.const(i.type, bits - n)])
        return s.make("ashr", i.type, [s.make("add", i.type, [a, bias]), s.const(i.type, n)])
    return None


def _srem(s: Simplifier, i: Instr) -> Value | None:
    a, b = i.args
    if type(b) is not Const:
        return None
    if b.value == 0:
        return a
    if b.value == 1 or b.signed == -1:
        return s.const(i.type, 0)
    if b.signed > 0 and bounds(a, s.facts).slo >= 0:
        return s.make("urem", i.type, [a, b])
    if s.mcpu < 4 and b.signed > 0 and b.value & (b.value - 1) == 0 and i.type is not I1:
        bits, n = i.type.bits, b.value.bit_length() - 1
        sign = s.make("ashr", i.type, [a, s.const(i.type, bits - 1)])
        bias = s.make("lshr", i.type, [sign, s.const(i.type, bits - n)])
        whole = s.make("and", i.type, [s.make("add", i.type, [a, bias]), s.const(i.type, -b.value)])
        return s.make("sub", i.type, [a, whole])
    return None


# -- bits -----------------------------------------------------------------------------------


def _and(s: Simplifier, i: Instr) -> Value | None:
    a, b = i.args
    if a is b:
        return a
    if type(b) is not Const:
        return None
    full = (1 << i.type.bits) - 1
    if b.value == 0:
        return b
    if b.value == full:
        return a
    possible = full & ~known_zeros(a)
    if possible & ~b.value == 0:
        return a
    if possible & b.value == 0:
        return s.const(i.type, 0)
    if i.type is I64 and b.value == _WORD:
        return s.make("zext", I64, [s.make("trunc", I32, [a])])
    inner = _inner(s, a, "and")
    if inner is not None:
        return s.make("and", i.type, [inner[0], s.const(i.type, inner[1] & b.value)])
    if isinstance(a, Instr) and a.op in ("or", "xor") and s.one_use(a):
        # Bits that the mask clears need not be set or flipped.
        for side in (0, 1):
            if (full & ~known_zeros(a.args[side])) & b.value == 0:
                return s.make("and", i.type, [a.args[1 - side], b])
    if _is(a, "zext") and s.one_use(a):
        narrow = a.args[0]  # type: ignore[attr-defined]
        mask = (1 << narrow.type.bits) - 1
        if narrow.type is not I1 and narrow.type.bits >= 32:
            masked = s.make("and", narrow.type, [narrow, s.const(narrow.type, b.value & mask)])
            return s.make("zext", i.type, [masked])
    if isinstance(a, Instr) and a.op == "sext" and b.value < 1 << (a.args[0].type.bits):
        return s.make("and", i.type, [s.make("zext", i.type, [a.args[0]]), b])
    return None


def _or(s: Simplifier, i: Instr) -> Value | None:
    a, b = i.args
    if a is b:
        return a
    if type(b) is Const:
        if b.value == 0:
            return a
        if b.value == (1 << i.type.bits) - 1:
            return b
        inner = _inner(s, a, "or")
        if inner is not None:
            return s.make("or", i.type, [inner[0], s.const(i.type, inner[1] | b.value)])
    return None


def _xor(s: Simplifier, i: Instr) -> Value | None:
    a, b = i.args
    if a is b:
        return s.const(i.type, 0)
    if type(b) is Const:
        if b.value == 0:
            return a
        if i.type is I1 and isinstance(a, Instr) and a.op in INVERSE and s.one_use(a):
            return s.make(INVERSE[a.op], I1, list(a.args))
        inner = _inner(s, a, "xor")
        if inner is not None:
            return s.make("xor", i.type, [inner[0], s.const(i.type, inner[1] ^ b.value)])
    return None


def _shift_count(i: Instr) -> int | None:
    b = i.args[1]
    return b.value % i.type.bits if type(b) is Const else None


def _shl(s: Simplifier, i: Instr) -> Value | None:
    a, n, bits = i.args[0], _shift_count(i), i.type.bits
    if type(a) is Const and a.value == 0:
        return a
    if n is None:
        return None
    if n == 0:
        return a
    full = (1 << bits) - 1
    inner = _inner(s, a, "shl")
    if inner is not None:
        total = inner[1] % bits + n
        if total >= bits:
            return s.const(i.type, 0)
        return s.make("shl", i.type, [inner[0], s.const(i.type, total)])
    inner = _inner(s, a, "lshr")
    if inner is not None and inner[1] % bits == n:
        mask = full & ~((1 << n) - 1)
        if bits < 64 or has_imm(mask):
            return s.make("and", i.type, [inner[0], s.const(i.type, mask)])
    return _demand(s, i, full >> n)


def _demand(s: Simplifier, i: Instr, demanded: int) -> Value | None:
    """Drop a mask or an extension below ``i`` that only clears bits outside ``demanded``."""
    a = i.args[0]
    if not isinstance(a, Instr) or not s.one_use(a):
        return None
    if a.op == "and":
        mask = a.args[1]
        if type(mask) is Const and demanded & ~mask.value == 0:
            return s.make(i.op, i.type, [a.args[0], i.args[1]])
    elif a.op in ("zext", "sext"):
        source = a.args[0]
        if isinstance(source, Instr) and source.op == "trunc":
            if source.args[0].type is i.type and demanded < 1 << source.type.bits:
                return s.make(i.op, i.type, [source.args[0], i.args[1]])
    return None


def _lshr(s: Simplifier, i: Instr) -> Value | None:
    a, n, bits = i.args[0], _shift_count(i), i.type.bits
    if type(a) is Const and a.value == 0:
        return a
    if n is None:
        return None
    if n == 0:
        return a
    full = (1 << bits) - 1
    if (full & ~known_zeros(a)) >> n == 0:
        return s.const(i.type, 0)
    inner = _inner(s, a, "lshr")
    if inner is not None:
        total = inner[1] % bits + n
        if total >= bits:
            return s.const(i.type, 0)
        return s.make("lshr", i.type, [inner[0], s.const(i.type, total)])
    inner = _inner(s, a, "shl")
    if inner is not None and inner[1] % bits == n:
        mask = full >> n
        if bits < 64 or has_imm(mask) or mask == _WORD:
            return s.make("and", i.type, [inner[0], s.const(i.type, mask)])
    inner = _inner(s, a, "and")
    if inner is not None:
        # (x & m) >> n: the mask after the shift is the smaller immediate, and gives the bound.
        shifted = s.make("lshr", i.type, [inner[0], i.args[1]])
        if inner[1] >> n == full >> n:
            return shifted
        return s.make("and", i.type, [shifted, s.const(i.type, inner[1] >> n)])
    return None


def _ashr(s: Simplifier, i: Instr) -> Value | None:
    a, n, bits = i.args[0], _shift_count(i), i.type.bits
    if type(a) is Const and a.value == 0:
        return a
    if n is None:
        return None
    if n == 0:
        return a
    if known_zeros(a) >> (bits - 1):
        return s.make("lshr", i.type, list(i.args))
    inner = _inner(s, a, "ashr")
    if inner is not None:
        total = min(inner[1] % bits + n, bits - 1)
        return s.make("ashr", i.type, [inner[0], s.const(i.type, total)])
    return None


def _bswap(s: Simplifier, i: Instr) -> Value | None:
    a = i.args[0]
    if type(a) is Const:
        return s.const(i.type, fold.bswap(a.value, i.type.bits))
    if isinstance(a, Instr) and a.op == "bswap":
        return a.args[0]
    return None


# -- conversions ----------------------------------------------------------------------------


def _zext(s: Simplifier, i: Instr) -> Value | None:
    a = i.args[0]
    if not isinstance(a, Instr):
        return None
    if a.op == "zext" and s.one_use(a):
        return s.make("zext", i.type, [a.args[0]])
    if a.op == "trunc":
        wide = a.args[0]
        full = (1 << wide.type.bits) - 1
        if known_zeros(wide) | ((1 << a.type.bits) - 1) == full:  # nothing was cut off
            if wide.type is i.type:
                return wide
            return s.make("zext" if wide.type.bits < i.type.bits else "trunc", i.type, [wide])
        if a.type.bits < 32 or wide.type is not I64:
            mask = s.const(i.type, (1 << a.type.bits) - 1)
            if wide.type is i.type:
                return s.make("and", i.type, [wide, mask])
            if wide.type.bits > i.type.bits and s.one_use(a):
                return s.make("and", i.type, [s.make("trunc", i.type, [wide]), mask])
            if a.type.bits < wide.type.bits < i.type.bits:
                mask = s.const(wide.type, mask.value)
                return s.make("zext", i.type, [s.make("and", wide.type, [wide, mask])])
    return None


def _sext(s: Simplifier, i: Instr) -> Value | None:
    a = i.args[0]
    if isinstance(a, Instr):
        if a.op == "zext":
            return s.make("zext", i.type, [a])
        if a.op == "sext" and s.one_use(a):
            return s.make("sext", i.type, [a.args[0]])
    if bounds(a, s.facts).slo >= 0:
        return s.make("zext", i.type, [a])
    return None


def _trunc(s: Simplifier, i: Instr) -> Value | None:
    a = i.args[0]
    if not isinstance(a, Instr):
        return None
    op = a.op
    if op == "trunc":
        return s.make("trunc", i.type, [a.args[0]])
    if op in ("zext", "sext"):
        source = a.args[0]
        if source.type is i.type:
            return source
        if source.type.bits < i.type.bits:
            return s.make(op, i.type, [source])
        return s.make("trunc", i.type, [source])
    if op == "and":
        mask = a.args[1]
        if type(mask) is Const and mask.value & ((1 << i.type.bits) - 1) == (1 << i.type.bits) - 1:
            return s.make("trunc", i.type, [a.args[0]])
    return _narrow(s, i, a)


_NARROW = frozenset({"add", "sub", "mul", "and", "or", "xor", "shl"})


def _narrow(s: Simplifier, i: Instr, a: Instr) -> Value | None:
    """Do an operation of which only the low bits are wanted on those bits.

    Only where that removes an extension or a constant does the work: nothing is computed twice.
    """
    if a.op not in _NARROW or not s.one_use(a) or i.type is I1:
        return None
    x, y = a.args
    bits = i.type.bits
    if a.op == "shl":
        if type(y) is not Const or y.value >= bits:
            return None
    if not (_narrows(x, bits) and (_narrows(y, bits))):
        return None
    low = [s.make("trunc", i.type, [arg]) for arg in (x, y)]
    return s.make(a.op, i.type, low)


def _narrows(value: Value, bits: int) -> bool:
    """Return whether the low bits of ``value`` are there without an instruction."""
    if isinstance(value, Const):
        return True
    if isinstance(value, Instr) and value.op in ("zext", "sext"):
        return value.args[0].type.bits <= bits
    return bits == 32 and value.type is I64


def _ptrtoint(s: Simplifier, i: Instr) -> Value | None:
    a = i.args[0]
    return a.args[0] if isinstance(a, Instr) and a.op == "inttoptr" else None


def _inttoptr(s: Simplifier, i: Instr) -> Value | None:
    a = i.args[0]
    if not isinstance(a, Instr):
        return None
    if a.op == "ptrtoint":
        return a.args[0]
    if a.op == "add":
        for side in (0, 1):
            pointer = a.args[side]
            if isinstance(pointer, Instr) and pointer.op == "ptrtoint":
                return s.make("ptradd", PTR, [pointer.args[0], a.args[1 - side]])
    if a.op == "sub":
        pointer = a.args[0]
        if isinstance(pointer, Instr) and pointer.op == "ptrtoint":
            amount = s.make("sub", I64, [s.const(I64, 0), a.args[1]])
            return s.make("ptradd", PTR, [pointer.args[0], amount])
    return None


# -- pointers, select, phi, loads -----------------------------------------------------------


def _ptradd(s: Simplifier, i: Instr) -> Value | None:
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


def _select(s: Simplifier, i: Instr) -> Value | None:
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


def _load(s: Simplifier, i: Instr) -> Value | None:
    """Read through a constant of the program; otherwise shape the address."""
    _address(s, i)
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


def _address(s: Simplifier, i: Instr) -> None:
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


# -- comparisons ----------------------------------------------------------------------------


def _compare(s: Simplifier, i: Instr) -> Value | None:
    op, (a, b) = i.op, i.args
    if type(a) is Const:
        if type(b) is Const:
            return s.const(I1, fold.compare(op, a.value, b.value, a.type.bits))
        a, b = i.args[0], i.args[1] = b, a
        op = i.op = SWAPPED[op]
        s.changed = True
    if a is b:
        return s.const(I1, op in ("eq", "ule", "uge", "sle", "sge"))
    if a.type is PTR:
        return _compare_pointers(s, i, a, b)
    if a.type is I1 and type(b) is Const:
        if op in ("eq", "ne"):
            if (op == "ne") == (b.value == 0):
                return a
            return s.make("xor", I1, [a, s.const(I1, 1)])
        return None
    known = implied(op, bounds(a, s.facts), bounds(b, s.facts))
    if known is not None:
        return s.const(I1, known)
    if type(b) is Const and isinstance(a, Instr):
        return _compare_constant(s, i, a, b)
    return None


def _compare_pointers(s: Simplifier, i: Instr, a: Value, b: Value) -> Value | None:
    if i.op not in ("eq", "ne"):
        return None
    if type(b) is Const and b.value == 0:
        if type(a) is Symbol and a.name in s.globals:
            return s.const(I1, i.op == "ne")
        if isinstance(a, Instr) and a.op == "alloca":
            return s.const(I1, i.op == "ne")
        if isinstance(a, Instr) and a.op == "inttoptr":
            return s.make(i.op, I1, [a.args[0], s.const(I64, 0)])
    return None


def _compare_constant(s: Simplifier, i: Instr, a: Instr, b: Const) -> Value | None:
    """Rules for equality with a constant that leave the tested value itself alone.

    Each holds for a value that exists only to be tested.
    """
    op = i.op
    if a.op == "zext" and a.args[0].type is I1:
        if op in ("eq", "ne"):
            inner = a.args[0]
            if b.value > 1:
                return s.const(I1, op == "ne")
            if (op == "ne") == (b.value == 0):
                return inner
            return s.make("xor", I1, [inner, s.const(I1, 1)])
        return None
    if op not in ("eq", "ne") or not s.one_use(a):
        if op == "ult" and b.value == 1:
            return s.make("eq", I1, [a, s.const(a.type, 0)])
        if op == "uge" and b.value == 1:
            return s.make("ne", I1, [a, s.const(a.type, 0)])
        return None
    bits = a.type.bits
    if a.op in ("add", "xor") and type(a.args[1]) is Const:
        other = a.args[1].value
        target = b.value - other if a.op == "add" else b.value ^ other
        return s.make(op, I1, [a.args[0], s.const(a.type, target)])
    if a.op in ("sub", "xor") and b.value == 0:
        return s.make(op, I1, list(a.args))
    if a.op == "bswap":
        return s.make(op, I1, [a.args[0], s.const(a.type, fold.bswap(b.value, bits))])
    if a.op in ("zext", "sext"):
        narrow = a.args[0].type
        low = b.value & ((1 << narrow.bits) - 1)
        if fold.convert(a.op, low, narrow.bits, bits) != b.value:
            return s.const(I1, op == "ne")
        if narrow.bits >= 32:
            return s.make(op, I1, [a.args[0], s.const(narrow, low)])
    if a.op == "ptrtoint" and b.value == 0:
        return s.make(op, I1, [a.args[0], s.const(PTR, 0)])
    return None


_RULES: dict[str, Rule] = {
    "add": _add,
    "sub": _sub,
    "mul": _mul,
    "udiv": _udiv,
    "sdiv": _sdiv,
    "urem": _urem,
    "srem": _srem,
    "and": _and,
    "or": _or,
    "xor": _xor,
    "shl": _shl,
    "lshr": _lshr,
    "ashr": _ashr,
    "bswap": _bswap,
    "zext": _zext,
    "sext": _sext,
    "trunc": _trunc,
    "ptrtoint": _ptrtoint,
    "inttoptr": _inttoptr,
    "ptradd": _ptradd,
    "select": _select,
    "load": _load,
    "store": _address,
    "atomicrmw": _address,
    "cmpxchg": _address,
    "load_acquire": _address,
    "store_release": _address,
}
