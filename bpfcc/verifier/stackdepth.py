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
    {ProgType.KPROBE, ProgType.TRACEPOINT, ProgType.PERF_EVENT, ProgType.RAW_TRACEPOINT}
)
_LEAST_PRIVATE = 64  # bytes of frame from which on a private stack is worth while
_MOST_FRAMES = 8

_Calls = dict[int, list[tuple[int, int]]]


def _round(ck: Checker, size: int) -> int:
    if ck.kernel >= (6, 8):
        return (size + 15) // 16 * 16
    return (max(size, 1) + 31) // 32 * 32


def check_stack(ck: Checker) -> int:
    """Return the bytes of the deepest chain of calls; raises Reject when it is too deep.

    A chain counts frames that the program's private stack takes too, though they are no part of
    the limit (since 6.13, for tracing programs on x86-64 without tail calls).
    """
    subject = ck.subject
    calls: _Calls = {sub.number: [] for sub in subject.subs}
    exception = subject.exception_sub
    throws: dict[int, int] = {}
    for sub in subject.subs:
        for idx in range(sub.start, sub.end):
            insn = subject.insns[idx]
            if insn.opcode == isa.JMP | isa.CALL and insn.src == isa.PSEUDO_CALL:
                number = subject.sub_at(callee(subject, idx)).number
                if number and number == exception:
                    ck.fail("exception-direct", f"insn {ck.slot_text(idx)} cannot call exception cb"
                            " directly", idx)  # fmt: skip
                calls[sub.number].append((idx, number))
            elif insn.opcode == isa.JMP | isa.CALL and insn.src == isa.PSEUDO_KFUNC_CALL:
                target = subject.targets.get(idx)
                if target is not None and target.name == "bpf_throw":
                    throws.setdefault(sub.number, idx)
            elif insn.opcode == isa.LD_IMM64:
                target = subject.targets.get(idx)
                if target is not None and target.kind == "func":
                    if target.number not in ck.async_subs and target.number != exception:
                        calls[sub.number].append((idx, target.number))
    walk = _Walk(ck, calls, throws)
    roots = ck.async_subs | {exception} - {0}
    for root in sorted(roots, reverse=True):
        walk.chain(root, private=False)
    walk.chain(0, private=_has_private_stack(ck))
    return walk.deepest


def _has_private_stack(ck: Checker) -> bool:
    if not kernels.has("private-stack", ck.kernel) or ck.shape.tail_calls:
        return False
    tracing = ck.prog_type == ProgType.TRACING and not ck.is_iter
    return ck.prog_type in _PRIVATE or tracing


class _Walk:
    """Walks all chains of calls."""

    def __init__(self, ck: Checker, calls: _Calls, throws: dict[int, int]) -> None:
        self.ck = ck
        self.calls = calls
        self.throws = throws  # functions that call bpf_throw(), and where
        self.callbacks = ck.callback_subs | {ck.subject.exception_sub} - {0}
        self.shared: set[int] = set()  # functions that must use the normal stack
        self.deepest = 0

    def chain(self, root: int, private: bool) -> None:
        """Follow all chains from ``root``; ``private``: larger frames have a stack of their own."""
        self._frame(root, 0, 0, (), -1, private)

    def _frame(
        self, number: int, used: int, all_used: int, callers: tuple[int, ...], site: int,
        private: bool,
    ) -> None:  # fmt: skip
        ck = self.ck
        if not private:
            self.shared.add(number)
        if len(callers) >= _MOST_FRAMES:
            ck.fail(
                "call-depth", f"the call stack of {len(callers)} frames is too deep !", site,
                frames=[*callers, number],
            )  # fmt: skip
        if callers and number in ck.shape.tail_calls and used >= MAX_STACK_TAIL_CALL:
            ck.fail(
                "stack-tail", "tail_calls are not allowed when call stack of previous frames is"
                f" {used} bytes. Too large", site, bytes=used,
            )  # fmt: skip
        size = _round(ck, ck.stack_need.get(number, 0))
        chain = (*callers, number)
        if number in self.throws and not self.callbacks.isdisjoint(chain):
            at = self.throws[number]
            ck.fail(
                "exception-inside", f"bpf_throw kfunc (insn {ck.slot_text(at)}) cannot be called from"
                f" callback subprog {number}", at,
            )  # fmt: skip
        if number in ck.shape.tail_calls and 0 < ck.subject.exception_sub in callers:
            ck.fail("exception", "cannot tail call within exception cb", site)
        if private and number not in self.shared and size >= _LEAST_PRIVATE:
            if size > MAX_STACK:
                self._too_large(site, chain, size, f"stack size of subprog {number} is {size}")
        else:
            used += size
            if used > MAX_STACK:
                text = f"combined stack size of {len(chain)} calls is {used}"
                self._too_large(site, chain, used, text)
        all_used += size
        self.deepest = max(self.deepest, all_used)
        for idx, other in self.calls[number]:
            self._frame(other, used, all_used, chain, idx, private)

    def _too_large(self, site: int, chain: tuple[int, ...], total: int, text: str) -> None:
        ck = self.ck
        ck.fail(
            "stack-chain", text + ". Too large", site, bytes=total,
            chain=[ck.subject.subs[number].name for number in chain],
            sizes=[_round(ck, ck.stack_need.get(number, 0)) for number in chain],
        )  # fmt: skip
