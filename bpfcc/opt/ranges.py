"""What is known of an integer: bits that are zero, and bounds.

Two kinds of knowledge are kept apart, because of ``contract.md``:

* ``known_zeros`` and ``Facts`` hold what the kernel's verifier knows too: masks, shifts by
  constants, extensions, and tests of the very same value. Tests may be folded on them.
* ``induction_bounds`` holds what the verifier sees by walking a loop turn by turn.

Results of division and remainder are never known here: the verifier does not know them, and a test
of one must stay.
"""

from __future__ import annotations

from ..graph.dominators import Dominators
from ..graph.loops import find_loops
from ..ir.fold import INVERSE
from ..ir.module import Block, Function
from ..ir.values import Const, Instr, Value

_DEPTH = 5


def known_zeros(value: Value, depth: int = _DEPTH) -> int:
    """Return the bits of ``value`` that are certainly zero, as a mask."""
    full = (1 << value.type.bits) - 1
    if isinstance(value, Const):
        return full & ~value.value
    if not isinstance(value, Instr) or depth == 0:
        return 0
    op, args = value.op, value.args
    if op == "zext":
        narrow = args[0].type.bits
        return (full & ~((1 << narrow) - 1)) | known_zeros(args[0], depth - 1)
    if op == "and":
        return known_zeros(args[0], depth - 1) | known_zeros(args[1], depth - 1)
    if op in ("or", "xor"):
        other = known_zeros(args[1], depth - 1)
        return other and other & known_zeros(args[0], depth - 1)
    if op in ("lshr", "shl") and isinstance(args[1], Const):
        count = args[1].value % value.type.bits
        zeros = known_zeros(args[0], depth - 1)
        if op == "lshr":
            return (zeros >> count) | (full & ~(full >> count))
        return ((zeros << count) | ((1 << count) - 1)) & full
    if op == "trunc":
        return known_zeros(args[0], depth - 1) & full
    if op == "phi" and len(args) <= 4:
        zeros = full
        for arg in args:
            if arg is not value:
                zeros &= known_zeros(arg, min(depth - 1, 2))
                if not zeros:
                    break
        return zeros
    if op == "select":
        return known_zeros(args[1], depth - 1) & known_zeros(args[2], depth - 1)
    if op == "add":
        # The sum of two numbers below 2**n is below 2**(n+1).
        top = max(_upper(a, depth) for a in args)
        return full & ~((2 << top) - 1) if top + 1 < value.type.bits else 0
    return 0


def _upper(value: Value, depth: int) -> int:
    full = (1 << value.type.bits) - 1
    return (full & ~known_zeros(value, depth - 1)).bit_length()


class Bounds:
    """Closed intervals of one value, read as unsigned and as signed."""

    __slots__ = ("shi", "slo", "uhi", "ulo")

    def __init__(self, ulo: int, uhi: int, slo: int, shi: int) -> None:
        self.ulo = ulo
        self.uhi = uhi
        self.slo = slo
        self.shi = shi

    @staticmethod
    def full(bits: int) -> Bounds:
        """Return the bounds that say nothing."""
        half = 1 << (bits - 1)
        return Bounds(0, 2 * half - 1, -half, half - 1)

    def meet(self, other: Bounds) -> Bounds:
        """Return the bounds of what satisfies both."""
        return Bounds(
            max(self.ulo, other.ulo),
            min(self.uhi, other.uhi),
            max(self.slo, other.slo),
            min(self.shi, other.shi),
        )

    def deduce(self, bits: int) -> Bounds:
        """Carry what one reading knows over to the other."""
        half = 1 << (bits - 1)
        ulo, uhi, slo, shi = self.ulo, self.uhi, self.slo, self.shi
        if uhi < half:  # the sign bit is clear
            slo, shi = max(slo, ulo), min(shi, uhi)
        elif ulo >= half:
            slo, shi = max(slo, ulo - 2 * half), min(shi, uhi - 2 * half)
        if slo >= 0:
            ulo, uhi = max(ulo, slo), min(uhi, shi)
        elif shi < 0:
            ulo, uhi = max(ulo, slo + 2 * half), min(uhi, shi + 2 * half)
        return Bounds(ulo, uhi, slo, shi)

    @property
    def empty(self) -> bool:
        """Whether no number satisfies them: the place is not reached."""
        return self.ulo > self.uhi or self.slo > self.shi


Facts = dict[Value, Bounds]


def bounds(value: Value, facts: Facts) -> Bounds:
    """Return the bounds of ``value`` where ``facts`` hold."""
    bits = value.type.bits
    if isinstance(value, Const):
        return Bounds(value.value, value.value, value.signed, value.signed)
    zeros = known_zeros(value, 3)
    result = Bounds.full(bits)
    if zeros:
        result.uhi = (1 << bits) - 1 & ~zeros
    known = facts.get(value)
    if known is not None:
        result = result.meet(known)
    elif isinstance(value, Instr) and value.op == "zext":
        known = facts.get(value.args[0])
        if known is not None:
            result.ulo, result.uhi = max(result.ulo, known.ulo), min(result.uhi, known.uhi)
    elif isinstance(value, Instr) and value.op == "sext":
        known = facts.get(value.args[0])
        if known is not None:
            result.slo, result.shi = max(result.slo, known.slo), min(result.shi, known.shi)
    return result.deduce(bits)


def implied(op: str, a: Bounds, b: Bounds) -> bool | None:
    """Return what the comparison yields for all numbers in the bounds, None if it depends."""
    if op in ("eq", "ne"):
        if a.uhi < b.ulo or a.ulo > b.uhi or a.shi < b.slo or a.slo > b.shi:
            return op == "ne"
        if a.ulo == a.uhi == b.ulo == b.uhi:
            return op == "eq"
        return None
    if op[0] == "u":
        alo, ahi, blo, bhi = a.ulo, a.uhi, b.ulo, b.uhi
    else:
        alo, ahi, blo, bhi = a.slo, a.shi, b.slo, b.shi
    kind = op[1:]
    if kind == "lt":
        return True if ahi < blo else False if alo >= bhi else None
    if kind == "le":
        return True if ahi <= blo else False if alo > bhi else None
    if kind == "gt":
        return True if alo > bhi else False if ahi <= blo else None
    return True if alo >= bhi else False if ahi < blo else None


def learn(op: str, a: Bounds, b: Bounds, bits: int) -> Bounds:
    """Return the bounds of ``a`` where ``a op b`` holds."""
    result = Bounds(a.ulo, a.uhi, a.slo, a.shi)
    if op == "eq":
        result = result.meet(b)
    elif op == "ne":
        if b.ulo == b.uhi:
            if result.ulo == b.ulo:
                result.ulo += 1
            if result.uhi == b.ulo:
                result.uhi -= 1
            if result.slo == b.slo:
                result.slo += 1
            if result.shi == b.slo:
                result.shi -= 1
    elif op == "ult":
        result.uhi = min(result.uhi, b.uhi - 1)
    elif op == "ule":
        result.uhi = min(result.uhi, b.uhi)
    elif op == "ugt":
        result.ulo = max(result.ulo, b.ulo + 1)
    elif op == "uge":
        result.ulo = max(result.ulo, b.ulo)
    elif op == "slt":
        result.shi = min(result.shi, b.shi - 1)
    elif op == "sle":
        result.shi = min(result.shi, b.shi)
    elif op == "sgt":
        result.slo = max(result.slo, b.slo + 1)
    elif op == "sge":
        result.slo = max(result.slo, b.slo)
    return result.deduce(bits)


def induction_bounds(function: Function, dom: Dominators, succs: list[list[int]]) -> Facts:
    """Return bounds of counters: phis that start at a constant, step up, and are tested.

    ``i = phi(c0, i + step)`` with ``c0 >= 0``, ``step > 0``, where each way back to the header
    passes a test ``i < x`` or ``i + step < x`` (or ``!= n`` for step 1), stays in c0 .. bound and
    does not wrap.
    """
    facts: Facts = {}
    for loop in find_loops(succs, 0, dom):
        header = function.blocks[loop.header]
        if header.instrs[0].op != "phi" or len(loop.latches) != 1:
            continue
        latch = loop.latches[0]
        tests = None
        for phi in header.phis():
            step = _step(phi, function.blocks[latch], loop.body, function)
            if step is None:
                continue
            if tests is None:
                tests = _tests(function, dom, loop.header, latch, loop.body)
            found = _bounded(phi, *step, tests)
            if found is not None:
                facts[phi] = found
    return facts


def _step(
    phi: Instr, latch: Block, body: set[int], function: Function
) -> tuple[Instr, int, int] | None:
    """Return (next value, step, least start) of a counter that counts up from a constant."""
    start: int | None = None
    following: Instr | None = None
    inside = {function.blocks[i] for i in body}
    for value, block in zip(phi.args, phi.attrs["blocks"]):
        if block is latch:
            if not isinstance(value, Instr) or value.op != "add" or value.args[0] is not phi:
                return None
            following = value
        elif block in inside or not isinstance(value, Const) or value.signed < 0:
            return None
        else:
            start = value.value if start is None else min(start, value.value)
    if following is None or start is None:
        return None
    amount = following.args[1]
    if not isinstance(amount, Const) or amount.signed <= 0:
        return None
    return following, amount.value, start


def _tests(
    function: Function, dom: Dominators, header: int, latch: int, body: set[int]
) -> list[tuple[str, Value, Value]]:
    """Return the comparisons (op, a, b) that hold on every way from header back to header."""
    holds: list[tuple[str, Value, Value]] = []
    node = latch
    after: int | None = header
    index = {block: i for i, block in enumerate(function.blocks)}
    while True:
        last = function.blocks[node].instrs[-1]
        if last.op == "condbr" and isinstance(last.args[0], Instr) and after is not None:
            test = last.args[0]
            then, other = (index[t] for t in last.attrs["targets"])
            if test.op in INVERSE and then != other:
                # The edge to ``after`` decides only where nothing else leads there.
                single = after == header or len(set(dom.preds[after])) == 1
                if single and then == after:
                    holds.append((test.op, *test.args))  # type: ignore[arg-type]
                elif single and other == after:
                    holds.append((INVERSE[test.op], *test.args))  # type: ignore[arg-type]
        if node == header:
            return holds
        after = node
        node = dom.idom[node]
        if node not in body:
            return holds


def _bounded(
    phi: Instr, following: Instr, step: int, start: int, tests: list[tuple[str, Value, Value]]
) -> Bounds | None:
    bits = phi.type.bits
    top = (1 << (bits - 1)) - 1
    for op, a, b in tests:
        if a is not phi and a is not following:
            continue
        limit = b.value if isinstance(b, Const) else None
        if op == "ne" and step == 1 and limit is not None and limit <= top:
            if start > limit or (a is following and start == limit):
                continue
            last = limit - 1
        elif op in ("slt", "ult") and (limit is None or limit <= top):
            if limit is None and (step != 1 or op == "ult"):
                continue
            last = (limit if limit is not None else top) - 1
        elif op in ("sle", "ule") and limit is not None and limit < top:
            last = limit
        else:
            continue
        if last + step > top or start + step > top:
            continue
        # Back at the header: i = old + step with old <= last, or with old + step <= last.
        high = max(start, last + step if a is phi else last)
        return Bounds(start, high, start, high)
    return None
