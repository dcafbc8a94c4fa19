"""Selection of comparisons, conditional values, branches and switches.

A comparison is selected where it is used to branch, on the registers that its operands live in, so
what the kernel learns from the test is learnt of the value that is used afterwards. 32-bit jumps
(v3 and up) are used unless both operands are known to be extended, when the 64-bit jump says the
same and older kernels track it better.
"""

from __future__ import annotations

from ..ir.fold import INVERSE, SWAPPED
from ..ir.module import Block
from ..ir.ops import COMPARISONS
from ..ir.values import I1, Const, Instr, Param, Value
from ..isa import insn as _i
from .mir import JCOND, JUMP, MOV64, MOV64_IMM, MBlock, MInsn
from .parmove import Copy, sequentialise
from .selector import Selector, fits32
from .widths import EITHER, SIGN, ZERO

_CODES = {
    "eq": _i.JEQ, "ne": _i.JNE, "ugt": _i.JGT, "uge": _i.JGE, "ult": _i.JLT, "ule": _i.JLE,
    "sgt": _i.JSGT, "sge": _i.JSGE, "slt": _i.JSLT, "sle": _i.JSLE,
}  # fmt: skip
_FLAGS = 3  # tests of bits that make a value a word of flags
_NOT_IN_V1 = frozenset({"ult", "ule", "slt", "sle"})


class Cond:
    """A test ready to be emitted: ``op`` names a comparison, or "set" for a & b != 0.

    ``right`` is a register, or -1 and then ``imm`` counts. ``wide``: 64-bit.
    """

    __slots__ = ("imm", "left", "op", "right", "wide")

    def __init__(self, op: str, left: int, right: int, imm: int, *, wide: bool) -> None:
        self.op = op
        self.left = left
        self.right = right
        self.imm = imm
        self.wide = wide


def condition(s: Selector, value: Value, *, negate: bool = False) -> Cond:
    """Return the test for the i1 ``value``; operands' registers are asked for here."""
    value = s.root(value)
    while isinstance(value, Instr) and value.op == "xor" and _is_true(value.args[1]):
        negate = not negate
        value = s.root(value.args[0])
    if not isinstance(value, Instr) or value.op not in COMPARISONS:
        return Cond("eq" if negate else "ne", s.reg(value), -1, 0, wide=True)
    op = INVERSE[value.op] if negate else value.op
    a, b = value.args
    if isinstance(a, Const) and not isinstance(b, Const):
        a, b, op = b, a, SWAPPED[op]
    test = _bit_test(s, op, a, b)
    return test if test is not None else _compare(s, value, op, a, b)


def _is_true(value: Value) -> bool:
    return isinstance(value, Const) and value.type.bits == 1 and value.value == 1


def _bit_test(s: Selector, op: str, a: Value, b: Value) -> Cond | None:
    """A & mask ==/!= 0, where nobody else wants the masked value: JSET.

    From JSET the kernel learns the bits of the value itself. Of a word of flags it had better not:
    once it can foretell a test from earlier ones, it compares states by all the bits it knows, and
    each combination of flags is walked on its own. A copy is masked and tested there.
    """
    if op not in ("eq", "ne") or not isinstance(b, Const) or b.value:
        return None
    if not isinstance(a, Instr) or a.op != "and" or s.uses.get(a, 0) != 1:
        return None
    x, mask = a.args
    if isinstance(x, Const):
        x, mask = mask, x
    bits = a.type.bits
    wide = not (s.alu32 and bits == 32)
    if isinstance(mask, Const):
        if s.bit_tests.get(x, 0) >= _FLAGS and not _bounds(mask, bits):
            return None
        imm = mask.signed if bits >= 32 else mask.value
        if isinstance(x, Instr) and x.op == "lshr" and s.uses.get(x, 0) == 1:
            # (x >> n) & m  ==  x & (m << n), for the test against 0
            count = x.args[1]
            moved = mask.value << count.value % bits if isinstance(count, Const) else -1
            if 0 <= moved <= 0x7FFFFFFF and moved >> bits == 0:
                x, imm = x.args[0], moved
        if (wide and bits == 32 and imm < 0) or not fits32(imm):
            return None
        return Cond("set" if op == "ne" else "clear", s.reg(x), -1, imm, wide=wide)
    if wide and bits < 64:
        return None
    return Cond("set" if op == "ne" else "clear", s.reg(x), s.reg(mask), 0, wide=wide)


def _bounds(mask: Const, bits: int) -> bool:
    """Tell whether a mask is all of the upper bits, so that its test bounds the value."""
    low = (1 << bits) - mask.value
    return low & (low - 1) == 0


def _compare(s: Selector, compare: Instr, op: str, a: Value, b: Value) -> Cond:
    widths = s.widths
    bits = a.type.bits
    if bits == 64:
        if isinstance(b, Const) and fits32(b.signed):
            return Cond(op, s.reg(a), -1, b.signed, wide=True)
        return Cond(op, s.reg(a), s.reg(b), 0, wide=True)
    form = widths.demand(compare, 0)
    signed = op in ("slt", "sle", "sgt", "sge")
    if form == 0:  # i32 with 32-bit jumps
        if isinstance(b, Const):
            if signed and widths.is_sign_extended(a):
                return Cond(op, s.reg(a), -1, b.signed, wide=True)
            if not signed and widths.is_zero_extended(a) and b.value <= 0x7FFFFFFF:
                return Cond(op, s.reg(a), -1, b.value, wide=True)
            return Cond(op, s.reg(a), -1, b.signed, wide=False)
        extended = widths.is_sign_extended if signed else widths.is_zero_extended
        return Cond(op, s.reg(a), s.reg(b), 0, wide=extended(a) and extended(b))
    if form == EITHER:
        operands = [v for v in (a, b) if not isinstance(v, Const)]
        signed = all(widths.is_sign_extended(v) for v in operands)
        if all(widths.is_zero_extended(v) for v in operands):
            signed = False
        form = SIGN if signed else ZERO
    left = s.in_form(a, form)
    if isinstance(b, Const):
        imm = b.signed if form == SIGN else b.value
        if fits32(imm):
            return Cond(op, left, -1, imm, wide=True)
    return Cond(op, left, s.in_form(b, form), 0, wide=True)


def branch(s: Selector, cond: Cond, taken: MBlock, other: MBlock) -> MInsn:
    """End a block: go to ``taken`` if ``cond`` holds, else to ``other``."""
    op, left, right, imm = cond.op, cond.left, cond.right, cond.imm
    if op == "clear":
        op, taken, other = "set", other, taken
    if s.mcpu == 1 and op in _NOT_IN_V1:
        if right >= 0:
            op, left, right = SWAPPED[op], right, left
        else:
            op, taken, other = INVERSE[op], other, taken
    code = _i.JSET if op == "set" else _CODES[op]
    cls = _i.JMP if cond.wide else _i.JMP32
    if right >= 0:
        insn = s.emit(cls | code | _i.X, left, right)
    else:
        insn = s.emit(cls | code | _i.K, left, imm=imm)
    insn.targets = [taken, other]
    return insn


def branch_on(
    s: Selector, value: Value, taken: MBlock, other: MBlock, *, negate: bool = False
) -> None:
    """End a block: go to ``taken`` if the i1 ``value`` holds (not, with ``negate``).

    What is made of several tests and has no other use becomes several branches: the kernel learns
    from each, and no 0 or 1 is put together.
    """
    work: list[tuple[MBlock | None, Value, MBlock, MBlock, bool]] = []
    work.append((None, value, taken, other, negate))
    while work:
        label, value, taken, other, negate = work.pop()
        if label is not None:
            s.place(label)
        value = s.root(value)
        parts = _parts(s, value) if isinstance(value, Instr) else None
        if isinstance(value, Const):
            s.jump(taken if bool(value.value) != negate else other)
        elif parts is None:
            branch(s, condition(s, value, negate=negate), taken, other)
        else:
            test, then, otherwise = parts
            if negate:
                taken, other = other, taken
            # Constant arms are the targets themselves.
            ways = []
            for arm in (then, otherwise):
                if isinstance(arm, Const):
                    ways.append(taken if arm.value else other)
                else:
                    ways.append(s.new_block("and"))
            for arm, way in ((otherwise, ways[1]), (then, ways[0])):
                if not isinstance(arm, Const):
                    work.append((way, arm, taken, other, False))
            work.append((None, test, ways[0], ways[1], False))


def _parts(s: Selector, value: Instr) -> tuple[Value, Value, Value] | None:
    """Read an i1 as test ? a : b, if it is one and has no other use."""
    if value.type.bits != 1 or s.uses.get(value, 0) != 1 or s.is_live(value):
        return None
    if value.op == "select":
        return value.args[0], value.args[1], value.args[2]
    if value.op == "and":
        return value.args[0], value.args[1], Const(I1, 0)
    if value.op == "or":
        return value.args[0], Const(I1, 1), value.args[1]
    return None


# -- values ---------------------------------------------------------------------------------------


def comparison(s: Selector, instr: Instr) -> None:
    """Select a comparison whose 0 or 1 somebody wants in a register."""
    dst = s.result(instr)
    cond = condition(s, instr)
    done, other = s.new_block("set"), s.new_block("clear")
    s.emit(MOV64_IMM, dst, imm=1)
    branch(s, cond, done, other)
    s.place(other)
    s.emit(MOV64_IMM, dst, imm=0)
    s.place(done)


def select(s: Selector, instr: Instr) -> None:
    """Select cond ? a : b as a move, a branch over, and the other move."""
    test, first, second = instr.args
    negate = False
    if isinstance(s.root(first), Const) or (s.is_live(first) and not s.is_live(second)):
        # Start from the value that dies here: then its move vanishes.
        if not isinstance(s.root(second), Const):
            first, second, negate = second, first, True
    dst = s.result(instr)
    form = s.widths.form(instr)
    second_const = isinstance(s.root(second), Const)
    start = s.in_form(first, form) if not isinstance(first, Const) else -1
    other_reg = s.in_form(second, form) if not second_const else -1
    cond = condition(s, test, negate=negate)
    if start >= 0:
        s.emit(MOV64, dst, start)
        # Test the register that will be used, where it is one of the operands.
        if cond.left == start:
            cond.left = dst
        if cond.right == start:
            cond.right = dst
    else:
        assert isinstance(first, Const)
        s.load_constant(dst, _formed(s, first, form))
    done, other = s.new_block("sel"), s.new_block("else")
    branch(s, cond, done, other)
    s.place(other)
    if second_const:
        const = s.root(second)
        assert isinstance(const, Const)
        s.load_constant(dst, _formed(s, const, form))
    else:
        s.emit(MOV64, dst, other_reg)
    s.chunk[-1].name = instr.name
    s.place(done)


def _formed(s: Selector, const: Const, form: int) -> int:
    if form == SIGN or (form == 0 and const.type.bits == 32 and s.mcpu < 3):
        return const.signed
    return const.value


# -- terminators ------------------------------------------------------------------------------


def edge(s: Selector, block: Block, target: Block, *, alone: bool) -> MBlock:
    """Return where a jump from ``block`` to ``target`` goes: through the moves for its phis.

    With ``alone`` (the only way out of ``block``) the moves are emitted here, into the chunk.
    """
    label = s.labels[target]
    copies: list[Copy] = []
    late: list[tuple[int, Value, int]] = []
    saved, s.chunk = s.chunk, []
    for phi in target.phis():
        value = phi.args[phi.attrs["blocks"].index(block)]
        if value is phi:
            continue
        reg = s.regs.get(phi)
        if reg is None:
            if not s.uses.get(phi, 0):
                continue
            reg = s.regs[phi] = s.temp()
        form = s.widths.form(phi)
        root = s.root(value)
        if isinstance(root, Param) or (isinstance(root, Instr) and root.op != "alloca"):
            src = s.in_form(value, form)
            if src != reg:
                copies.append((reg, src, phi.name))
        else:
            late.append((reg, root, form))
    for dst, src, name in sequentialise(copies, s.temp):
        s.emit(MOV64, dst, src).name = name
    for reg, root, form in late:
        if isinstance(root, Const):
            s.load_constant(reg, _formed(s, root, form))
        elif isinstance(root, Instr):
            s.address_of(reg, s.slot(root), 0)
        else:
            s.constant(reg, root)
    moves, s.chunk = s.chunk, saved
    if alone or not moves:
        s.chunk += moves
        return label
    landing = s.new_block("to")
    landing.insns = moves
    goto = MInsn(JUMP)
    goto.targets = [label]
    goto.span = s.span
    landing.insns.append(goto)
    s.extra.setdefault(block, []).append(landing)
    return landing


def br(s: Selector, instr: Instr) -> None:
    """Select an unconditional branch."""
    s.jump(edge(s, s.block, instr.attrs["targets"][0], alone=True))


def condbr(s: Selector, instr: Instr) -> None:
    """Select a conditional branch."""
    then, other = instr.attrs["targets"]
    if then is other:
        s.jump(edge(s, s.block, then, alone=True))
        return
    taken = edge(s, s.block, then, alone=False)
    fallthrough = edge(s, s.block, other, alone=False)
    likely = instr.attrs.get("likely")
    if likely is not None:
        hot, cold = (taken, fallthrough) if likely else (fallthrough, taken)
        cold.cold = True
        hot.near |= instr.attrs.get("guess") == "short"
    branch_on(s, instr.args[0], taken, fallthrough)


def may_goto(s: Selector, instr: Instr) -> None:
    """Select may_goto (kernel 6.9): leaves the loop when the kernel's budget is spent."""
    leave, go_on = instr.attrs["targets"]
    insn = s.emit(JCOND, 0, 0)
    insn.targets = [
        edge(s, s.block, leave, alone=False),
        edge(s, s.block, go_on, alone=False),
    ]
