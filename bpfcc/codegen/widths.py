"""Which bits of a 64-bit register a narrow IR value leaves defined: the extension convention.

A value of type iN, N < 64, lives in a 64-bit register whose low N bits are the value. What the
other bits hold is its *form*:

    ANY   nobody asks: whatever the instruction left there
    ZERO  zeros        (an unsigned comparison, a division, a ``zext`` asks for it)
    SIGN  copies of bit N-1   (a signed comparison, ``ashr``, ``sext`` ask for it)

The form is decided once per value, at its definition, by what its users ask for. So when a user
extends a value and another compares it, both read *the same register*: a bound that the kernel
verifier learns from the test holds for the use. (Where users ask for both forms the value is in
ZERO form and the users of the other extend it for themselves.) i1 is always in ZERO form.

With ALU32 (v3 and up) operations on i8, i16 and i32 are 32-bit ones, which clear the upper half for
free, and i32 comparisons, shifts and divisions ignore the upper half, so they ask for nothing.
Below v3 all arithmetic has 64 bits and an extension costs two shifts; ``zero_bits`` tells where the
bits are known to be zero already, so that no extension is emitted. It is a forward analysis over
the SSA graph, optimistic at phis.
"""

from __future__ import annotations

from collections.abc import Callable

from ..ir.module import Block, FuncRef, Function
from ..ir.ops import COMPARISONS
from ..ir.values import Const, Instr, Value

ANY, ZERO, SIGN, EITHER = 0, 1, 2, 4

_LOW_BITS_ONLY = frozenset(
    {"add", "sub", "mul", "and", "or", "xor", "bswap", "trunc", "store", "ret", "atomicrmw",
     "cmpxchg", "store_release"}
)  # fmt: skip
_SIGNED = frozenset({"ashr", "sdiv", "srem", "slt", "sle", "sgt", "sge"})
_PASSES_ON = frozenset({"phi", "select", "opaque"})
_LEVELS = (0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 24, 31, 32, 48, 63, 64)
_ROUND_UP = [next(level for level in _LEVELS if level >= n) for n in range(65)]


class Widths:
    """The forms and known zero bits of the values of ``function`` at instruction level ``mcpu``."""

    def __init__(self, function: Function, mcpu: int, order: list[Block]) -> None:
        self.alu32 = mcpu >= 3
        self.movsx = mcpu >= 4
        self.forms: dict[Value, int] = {}
        self.bits: dict[Value, int] = {}
        self._decide_forms(order)
        self._solve_zero_bits(order)

    # -- what users ask for -------------------------------------------------------------------

    def demand(self, instr: Instr, i: int) -> int:
        """Return the form in which ``instr`` needs operand ``i`` (ANY, ZERO, SIGN or EITHER)."""
        op = instr.op
        bits = instr.args[i].type.bits
        if bits == 64 or op in _LOW_BITS_ONLY:
            return ANY
        if op in _PASSES_ON:
            if op == "select" and i == 0:
                return ZERO
            return self.form(instr)
        if op == "sext":
            return SIGN
        native = bits == 32 and self.alu32
        if op in COMPARISONS:
            if native:
                return ANY
            return EITHER if op in ("eq", "ne") else SIGN if op in _SIGNED else ZERO
        if op in ("lshr", "udiv", "urem", "switch"):
            return ANY if native else ZERO
        if op in ("sdiv", "srem") or (op == "ashr" and i == 0):
            return ANY if native else SIGN
        if op == "ashr":
            return ANY if native else ZERO
        if op == "shl":
            return ANY if native or i == 0 else ZERO
        if op == "call" and isinstance(instr.attrs["callee"], FuncRef):
            return ANY
        return ZERO

    def _decide_forms(self, order: list[Block]) -> None:
        wants: dict[Value, int] = {}
        passers: list[Instr] = []
        equalities: list[Instr] = []
        for block in order:
            for instr in block.instrs:
                op = instr.op
                if op in _PASSES_ON:
                    passers.append(instr)
                    if op != "select":
                        continue
                for i, arg in enumerate(instr.args):
                    if arg.type.bits < 64 and not isinstance(arg, Const):
                        if op in _PASSES_ON and i:
                            break
                        want = self.demand(instr, i)
                        if want == EITHER:
                            equalities.append(instr)
                        elif want:
                            wants[arg] = wants.get(arg, 0) | want
        for form in (ZERO, SIGN):
            self._pass_on(wants, passers, form)
        for instr in equalities:
            form = self._equality_form(instr, wants)
            for arg in instr.args:
                if not isinstance(arg, Const):
                    wants[arg] = wants.get(arg, 0) | form
        self._pass_on(wants, passers, ZERO)
        self._pass_on(wants, passers, SIGN)
        for value, want in wants.items():
            self.forms[value] = ZERO if want & ZERO or value.type.bits == 1 else want & SIGN

    @staticmethod
    def _pass_on(wants: dict[Value, int], passers: list[Instr], form: int) -> None:
        """What is asked of a phi, select or barrier is asked of its operands."""
        work = [
            p
            for p in passers
            if wants.get(p, 0) & form and (form == ZERO or not wants.get(p, 0) & ZERO)
        ]
        while work:
            instr = work.pop()
            for arg in instr.args[1:] if instr.op == "select" else instr.args:
                have = wants.get(arg, 0)
                if have & form or isinstance(arg, Const):
                    continue
                wants[arg] = have | form
                if isinstance(arg, Instr) and arg.op in _PASSES_ON:
                    if form == ZERO or not have & ZERO:
                        work.append(arg)

    @staticmethod
    def _equality_form(instr: Instr, wants: dict[Value, int]) -> int:
        """Equality can be tested on either form: take the one that the operands have anyway."""
        have = [wants.get(arg, 0) for arg in instr.args if not isinstance(arg, Const)]
        if have and all(want == SIGN for want in have):
            return SIGN
        return ZERO

    def form(self, value: Value) -> int:
        """Return the form that ``value`` has by decision."""
        if value.type.bits == 1:
            return ZERO
        return self.forms.get(value, ANY)

    # -- what is known ------------------------------------------------------------------------

    def zero_bits(self, value: Value) -> int:
        """Return n such that all bits from n up of the register of ``value`` are zero."""
        if isinstance(value, Const):
            return self._const_bits(value)
        known = self.bits.get(value)
        if known is not None:
            return known
        return value.type.bits if self.form(value) == ZERO else 64

    def is_zero_extended(self, value: Value) -> bool:
        """Whether the register of ``value`` is in ZERO form, by decision or by luck."""
        return self.zero_bits(value) <= value.type.bits

    def is_sign_extended(self, value: Value) -> bool:
        """Whether the register of ``value`` is in SIGN form."""
        return self.form(value) == SIGN or self.zero_bits(value) < value.type.bits

    def sign_extended_at_birth(self, instr: Instr) -> bool:
        """Whether the instruction selected for ``instr`` leaves SIGN form by itself.

        Requires: ``form(instr)`` is SIGN.
        """
        op = instr.op
        if op in _PASSES_ON or op == "sext" or (op == "load" and self.movsx):
            return True
        if op == "ashr" and not (self.alu32 and instr.type.bits == 32):
            return True
        return self._born(instr) < instr.type.bits

    def _const_bits(self, const: Const) -> int:
        """The significant bits of a constant as an immediate: a negative one fills the register."""
        bits = const.type.bits
        if bits == 32 and not self.alu32 and const.value >> 31:
            return 64
        return const.value.bit_length()

    def _solve_zero_bits(self, order: list[Block]) -> None:
        known = self.bits
        todo = [i for block in order for i in block.instrs if 0 < i.type.bits <= 64]
        changed = True
        while changed:
            changed = False
            for instr in todo:
                new = self._born(instr)
                if instr.op == "phi":
                    new = _ROUND_UP[new]
                if self.form(instr) == ZERO:
                    new = min(new, instr.type.bits)
                elif self.form(instr) == SIGN and new >= instr.type.bits:
                    new = 64  # it may be negative, and is sign-extended
                if new != known.get(instr, -1):
                    known[instr] = max(new, known.get(instr, 0))
                    changed = True

    def born_bits(self, instr: Instr) -> int:
        """As ``zero_bits``, but of what the selected instruction leaves, before any extension."""
        return self._born(instr)

    def _operand(self, value: Value, cap: int) -> int:
        if isinstance(value, Const):
            return min(self._const_bits(value), cap)
        if isinstance(value, Instr):
            # Unknown yet: an operand of a phi on a back edge, to be revised.
            return min(self.bits.get(value, 0), cap)
        return min(self.zero_bits(value), cap)

    def _born(self, instr: Instr) -> int:
        op, bits = instr.op, instr.type.bits
        if op in COMPARISONS:
            return 1
        if op == "load" or op == "load_acquire":
            return 64 if self.movsx and self.form(instr) == SIGN and op == "load" else bits
        rule = _RULES.get(op)
        if rule is None:
            return 64
        cap = 32 if self.alu32 and bits <= 32 else 64
        return min(64, max(0, rule(self, instr, cap)))


def _arith(w: Widths, instr: Instr, cap: int) -> int:
    a, b = w._operand(instr.args[0], cap), w._operand(instr.args[1], cap)
    op = instr.op
    if op == "and":
        return min(a, b)
    if op in ("or", "xor"):
        return max(a, b)
    if op == "add":
        return min(cap, max(a, b) + 1)
    return min(cap, a + b)


def _shl(w: Widths, instr: Instr, cap: int) -> int:
    count = instr.args[1]
    if isinstance(count, Const):
        return min(cap, w._operand(instr.args[0], cap) + count.value % instr.type.bits)
    return cap


def _lshr(w: Widths, instr: Instr, cap: int) -> int:
    bits = instr.type.bits
    have = min(w._operand(instr.args[0], cap), bits)
    count = instr.args[1]
    return have - count.value % bits if isinstance(count, Const) else have


def _ashr(w: Widths, instr: Instr, cap: int) -> int:
    bits = instr.type.bits
    have = w._operand(instr.args[0], cap)
    if have < bits:
        return _lshr(w, instr, cap)
    return 32 if w.alu32 and bits == 32 else 64


def _urem(w: Widths, instr: Instr, cap: int) -> int:
    bits = instr.type.bits
    have = min(w._operand(instr.args[0], cap), bits)
    by = instr.args[1]
    if isinstance(by, Const) and by.value:
        have = min(have, (by.value - 1).bit_length())
    return have


def _sext(w: Widths, instr: Instr, cap: int) -> int:
    arg = instr.args[0]
    have = w._operand(arg, 64)
    return have if have < arg.type.bits else 64


def _merge(w: Widths, instr: Instr, cap: int) -> int:
    args = instr.args[1:] if instr.op == "select" else instr.args
    form = w.form(instr)
    bits = instr.type.bits
    most = 0
    for arg in args:
        have = w._operand(arg, 64)
        if isinstance(arg, Const):
            have = arg.value.bit_length()
            if arg.value >> (bits - 1) and (
                form == SIGN or (form == ANY and bits == 32 and not w.alu32)
            ):
                have = 64
        most = max(most, min(have, bits) if form == ZERO else have)
    return most


_RULES: dict[str, Callable[[Widths, Instr, int], int]] = {
    "add": _arith, "mul": _arith, "and": _arith, "or": _arith, "xor": _arith,
    "sub": lambda w, instr, cap: cap,
    "sdiv": lambda w, instr, cap: cap,
    "srem": lambda w, instr, cap: cap,
    "udiv": lambda w, instr, cap: min(w._operand(instr.args[0], cap), instr.type.bits),
    "urem": _urem, "shl": _shl, "lshr": _lshr, "ashr": _ashr,
    "zext": lambda w, instr, cap: min(w._operand(instr.args[0], 64), instr.args[0].type.bits),
    "trunc": lambda w, instr, cap: w._operand(instr.args[0], 64),
    "sext": _sext,
    "bswap": lambda w, instr, cap: instr.type.bits,
    "phi": _merge, "select": _merge, "opaque": _merge,
    "atomicrmw": lambda w, instr, cap: instr.type.bits,
    "cmpxchg": lambda w, instr, cap: instr.type.bits,
    "ld_pkt": lambda w, instr, cap: instr.attrs["size"] * 8,
}  # fmt: skip
