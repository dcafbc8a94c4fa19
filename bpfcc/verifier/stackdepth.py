"""The stack that a chain of calls needs. Source: kernel ``check_max_stack_depth``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..isa import insn as isa
from ..uapi import kernels
from ..uapi.limits import MAX_STACK, MAX_STACK_TAIL_CALL
from ..uapi.prog_types import ProgType
from .cfg import callee

if TYPE_CHECKING:
    from .checker import Checker

_PRIVATE = frozenset(
    {
        ProgType.KPROBE,
        ProgType.TRACEPOINT,
        ProgType.PERF_EVENT,
        ProgType.RAW_TRACEPOINT,
        ProgType.TRACING,
    }
)


def _round(ck: Checker, size: int) -> int:
    step = 16 if ck.kernel >= (6, 8) else 32
    return (max(size, 1) + step - 1) // step * step


def check_stack(ck: Checker) -> int:
    """Return the bytes of the deepest chain; raises Reject when it is too deep."""
    subject = ck.subject
    calls: dict[int, list[tuple[int, int, bool]]] = {sub.number: [] for sub in subject.subs}
    for sub in subject.subs:
        for idx in range(sub.start, sub.end):
            insn = subject.insns[idx]
            if insn.opcode == isa.JMP | isa.CALL and insn.src == isa.PSEUDO_CALL:
                number = subject.sub_at(callee(subject, idx)).number
                calls[sub.number].append((idx, number, False))
            elif insn.opcode == isa.LD_IMM64:
                target = subject.targets.get(idx)
                if target is not None and target.kind == "func":
                    if target.number not in ck.async_subs:
                        calls[sub.number].append((idx, target.number, True))
    private = (
        ck.prog_type in _PRIVATE
        and len(subject.subs) > 1
        and kernels.has("private-stack", ck.kernel)
        and not ck.shape.tail_calls
    )
    deepest = 0
    for root in [0, *sorted(ck.async_subs)]:
        deepest = max(deepest, _walk(ck, root, calls, private))
    return deepest


def _walk(
    ck: Checker, root: int, calls: dict[int, list[tuple[int, int, bool]]], private: bool
) -> int:
    deepest = 0
    tails = ck.shape.tail_calls
    # (function, bytes so far, chain of functions, call instruction)
    work: list[tuple[int, int, tuple[int, ...], int]] = [(root, 0, (), -1)]
    while work:
        number, used, chain, site = work.pop()
        need = ck.stack_need.get(number, 0)
        size = _round(ck, need)
        chain = (*chain, number)
        if number in chain[:-1]:
            ck.fail(
                "call-depth", f"recursive call from {chain[-2]}() to {number}()"
                if ck.kernel >= (6, 13) else f"the call stack of {9} frames is too deep !", site,
                frames=list(chain),
            )  # fmt: skip
        if len(chain) > 8:
            ck.fail(
                "call-depth", f"the call stack of {len(chain)} frames is too deep !", site,
                frames=list(chain),
            )  # fmt: skip
        if number in tails and used >= MAX_STACK_TAIL_CALL and len(chain) > 1:
            ck.fail(
                "stack-tail", "tail_calls are not allowed when call stack of previous frames is"
                f" {used} bytes. Too large", site, bytes=used,
            )  # fmt: skip
        if private and need >= 64:
            if size > MAX_STACK:
                _too_large(ck, site, chain, size)
            total = used
        else:
            total = used + size
        if total > MAX_STACK:
            _too_large(ck, site, chain, total)
        deepest = max(deepest, used + size)
        for idx, other, _ in calls[number]:
            work.append((other, total, chain, idx))
    return deepest


def _too_large(ck: Checker, site: int, chain: tuple[int, ...], total: int) -> None:
    ck.fail(
        "stack-chain", f"combined stack size of {len(chain)} calls is {total}. Too large", site,
        chain=[ck.subject.subs[number].name for number in chain], bytes=total,
        sizes=[_round(ck, ck.stack_need.get(number, 0)) for number in chain],
    )  # fmt: skip
