"""Selection of ``switch``: a binary search over ranges of cases with one target.

BPF has no jump tables. A range is tested by its two ends on the value itself, never by subtracting
its start first, so the kernel learns the bounds of the value that the program goes on to use.
"""

from __future__ import annotations

from ..ir.module import Block
from ..ir.values import Const, Instr
from .branches import Cond, branch, edge
from .mir import MBlock
from .selector import Selector, fits32

_LINEAR = 3


class Range:
    """Cases ``low`` to ``high`` (inclusive) that lead to ``target``."""

    __slots__ = ("high", "low", "target")

    def __init__(self, low: int, high: int, target: MBlock) -> None:
        self.low = low
        self.high = high
        self.target = target


def switch(s: Selector, instr: Instr) -> None:
    """Select a switch."""
    value = instr.args[0]
    targets: list[Block] = instr.attrs["targets"]
    cases: list[int] = instr.attrs["cases"]
    labels: dict[Block, MBlock] = {}
    alone = all(target is targets[0] for target in targets)
    for target in targets:
        if target not in labels:
            labels[target] = edge(s, s.block, target, alone=alone)
    default = labels[targets[0]]
    if alone:
        s.jump(default)
        return
    if isinstance(value, Const):
        at = cases.index(value.value) + 1 if value.value in cases else 0
        # The other ways are not taken: their landing blocks stay unreachable and are dropped.
        s.jump(labels[targets[at]])
        return
    ranges: list[Range] = []
    for case, target in sorted(zip(cases, targets[1:]), key=lambda pair: pair[0]):
        label = labels[target]
        if label is default:
            continue
        if ranges and ranges[-1].target is label and ranges[-1].high == case - 1:
            ranges[-1].high = case
        else:
            ranges.append(Range(case, case, label))
    if not ranges:
        s.jump(default)
        return
    bits = value.type.bits
    wide = not (bits == 32 and s.alu32) or s.widths.is_zero_extended(value)
    reg = s.operand(instr, 0)
    _search(s, reg, bits, ranges, default, 0, (1 << bits) - 1, wide=wide)


def _test(s: Selector, op: str, reg: int, number: int, bits: int, *, wide: bool) -> Cond:
    """Compare the (unsigned) value in ``reg`` with ``number``."""
    signed = number - (1 << bits) if bits >= 32 and number >> (bits - 1) else number
    if wide and bits == 32:
        if number <= 0x7FFFFFFF:
            return Cond(op, reg, -1, number, wide=True)
        if s.alu32:
            return Cond(op, reg, -1, signed, wide=False)
    elif fits32(signed):
        return Cond(op, reg, -1, signed, wide=wide)
    right = s.temp()
    s.load_constant(right, number)
    return Cond(op, reg, right, 0, wide=True)


def _search(
    s: Selector,
    reg: int,
    bits: int,
    ranges: list[Range],
    default: MBlock,
    low: int,
    high: int,
    *,
    wide: bool,
) -> None:
    """Emit the search among ``ranges``, knowing that low <= value <= high."""
    work: list[tuple[MBlock | None, list[Range], int, int]] = [(None, ranges, low, high)]
    while work:
        label, part, low, high = work.pop()
        if label is not None:
            s.place(label)
        if len(part) > _LINEAR:
            middle = len(part) // 2
            pivot = part[middle].low
            above, below = s.new_block("ge"), s.new_block("lt")
            branch(s, _test(s, "uge", reg, pivot, bits, wide=wide), above, below)
            work.append((above, part[middle:], pivot, high))
            work.append((below, part[:middle], low, pivot - 1))
            continue
        for i, case in enumerate(part):
            last = i == len(part) - 1
            low = _leaf(s, reg, bits, case, default, low, high, last=last, wide=wide)


def _leaf(
    s: Selector,
    reg: int,
    bits: int,
    case: Range,
    default: MBlock,
    low: int,
    high: int,
    *,
    last: bool,
    wide: bool,
) -> int:
    """Emit the test for one range; return the lowest value that is still possible after it."""
    following = default if last else s.new_block("next")
    at_low, at_high = low >= case.low, high <= case.high
    if at_low and at_high:
        s.jump(case.target)
    elif case.low == case.high:
        branch(s, _test(s, "eq", reg, case.low, bits, wide=wide), case.target, following)
        low = case.high + 1 if at_low else low
    else:
        if not at_low:
            # Below the range: later ranges lie above it, so it is the default.
            inside = s.new_block("in")
            branch(s, _test(s, "ult", reg, case.low, bits, wide=wide), default, inside)
            s.place(inside)
        if at_high:
            s.jump(case.target)
        else:
            branch(s, _test(s, "ule", reg, case.high, bits, wide=wide), case.target, following)
        low = case.high + 1
    if not last:
        s.place(following)
    return low
