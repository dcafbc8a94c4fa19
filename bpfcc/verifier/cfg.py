"""The program's shape: reachability, pruning points, loops, live registers, effects of functions.

Source: kernel ``check_subprogs``, ``check_cfg``, ``compute_live_registers``, ``compute_scc``.
"""

from __future__ import annotations

from ..graph.scc import is_cyclic, strong_components
from ..isa import insn as isa
from ..isa.insn import Insn
from ..uapi import kfuncs
from ..uapi.helpers import by_id
from .reject import Reject
from .subject import Subject

# Helpers that call a function of the program before they return, and those that call it later.
SYNC_CALLBACKS = {"for_each_map_elem", "find_vma", "loop", "user_ringbuf_drain"}
ASYNC_CALLBACKS = {"timer_set_callback"}
SYNC_KFUNCS = {"bpf_rbtree_add_impl"}
ASYNC_KFUNCS = {
    "bpf_wq_set_callback_impl",
    "bpf_task_work_schedule_signal_impl",
    "bpf_task_work_schedule_resume_impl",
}

_CALLER_SAVED = 0b111111


class Shape:
    """What ``analyse`` finds, by instruction."""

    __slots__ = (
        "calls_callback",
        "codes",
        "force",
        "iter_next",
        "jump",
        "live",
        "may_goto",
        "moves",
        "preds",
        "prune",
        "scc",
        "sleeps",
        "succs",
        "tail_calls",
    )

    def __init__(self, count: int) -> None:
        self.prune = [False] * count
        self.jump = [False] * count
        self.force = [False] * count
        self.calls_callback = [False] * count
        self.iter_next = [False] * count
        self.may_goto = [False] * count
        self.scc = [0] * count
        self.live = [0] * count
        self.codes: list[int] = []  # see ``precision.codes``
        self.succs: list[list[int]] = [[] for _ in range(count)]
        self.preds: list[list[int]] = [[] for _ in range(count)]
        self.moves: set[int] = set()  # functions that may move packet data
        self.sleeps: set[int] = set()  # functions that may sleep
        self.tail_calls: set[int] = set()  # functions with a tail call


def _class(insn: Insn) -> int:
    return insn.opcode & 7


def is_jump(insn: Insn) -> bool:
    """Tell whether ``insn`` is of a jump class."""
    return _class(insn) in (isa.JMP, isa.JMP32)


def is_call(insn: Insn) -> bool:
    """Tell whether ``insn`` calls anything."""
    return insn.opcode & ~isa.X == isa.JMP | isa.CALL


def is_helper(insn: Insn, short: str = "") -> bool:
    """Tell whether ``insn`` calls a helper (that one)."""
    if insn.opcode != isa.JMP | isa.CALL or insn.src:
        return False
    if not short:
        return True
    helper = by_id.get(insn.imm)
    return helper is not None and helper.short == short


def callee(subject: Subject, idx: int) -> int:
    """Return the instruction at which the function called at ``idx`` starts, or -1."""
    return subject.jump_index(idx, subject.insns[idx].imm)


def analyse(subject: Subject) -> Shape:
    """Judge the shape; raises Reject where the kernel refuses it before it runs anything."""
    insns = subject.insns
    shape = Shape(len(insns))
    _edges(subject, shape)
    _reachable(subject, shape)
    for idx, following in enumerate(shape.succs):
        for other in following:
            shape.preds[other].append(idx)
    _live(subject, shape)
    for number, component in enumerate(strong_components(shape.succs), 1):
        if is_cyclic(component, shape.succs) or shape.calls_callback[component[0]]:
            for idx in component:
                shape.scc[idx] = number
    _effects(subject, shape)
    return shape


def _edges(subject: Subject, shape: Shape) -> None:
    insns = subject.insns
    for sub in subject.subs:
        last = insns[sub.end - 1]
        ends = last.opcode in (isa.JMP | isa.EXIT, isa.JMP | isa.JA, isa.JMP32 | isa.JA) or (
            last.opcode == isa.JMP | isa.CALL
            and last.src == isa.PSEUDO_KFUNC_CALL
            and subject.targets.get(sub.end - 1) is not None
            and subject.targets[sub.end - 1].name == "bpf_throw"
        )
        if not ends:
            raise Reject("no-exit", "last insn is not an exit or jmp", sub.end - 1)
        for idx in range(sub.start, sub.end):
            insn = insns[idx]
            following = idx + 1
            if not is_jump(insn):
                if insn.opcode == isa.LD_IMM64 and insn.src == isa.PSEUDO_FUNC:
                    _function_address(subject, shape, idx)
                if following < sub.end:
                    shape.succs[idx].append(following)
                continue
            op = insn.opcode & 0xF0
            if op == isa.EXIT:
                continue
            if op == isa.CALL:
                _call_edges(subject, shape, idx)
                if following < sub.end:
                    shape.succs[idx].append(following)
                continue
            delta = insn.imm if insn.opcode == isa.JMP32 | isa.JA else insn.off
            target = subject.jump_index(idx, delta)
            if not sub.start <= target < sub.end:
                raise Reject(
                    "jump-range", f"jump out of range from insn {subject.slots[idx]} to"
                    f" {subject.slots[idx] + 1 + delta}", idx,
                )  # fmt: skip
            shape.prune[target] = True
            shape.jump[target] = True
            if op == isa.JA:
                shape.succs[idx].append(target)
                continue
            if op == isa.JCOND:
                shape.may_goto[idx] = True
                shape.force[idx] = True
            shape.prune[idx] = True
            if following < sub.end:
                shape.succs[idx].append(following)
            shape.succs[idx].append(target)


def _function_address(subject: Subject, shape: Shape, idx: int) -> None:
    """Taking a function's address counts as a call of it."""
    shape.prune[idx] = True
    if idx + 1 < len(subject.insns):
        shape.prune[idx + 1] = True
        shape.jump[idx + 1] = True
    target = subject.targets.get(idx)
    if target is not None and target.kind == "func":
        start = subject.subs[target.number].start
        shape.prune[start] = True
        shape.jump[start] = True


def _call_edges(subject: Subject, shape: Shape, idx: int) -> None:
    insn = subject.insns[idx]
    if idx + 1 < len(subject.insns):
        shape.prune[idx + 1] = True
        shape.jump[idx + 1] = True
    if insn.src == isa.PSEUDO_CALL:
        target = callee(subject, idx)
        if target < 0:
            raise Reject("jump-range", f"invalid call target at insn {subject.slots[idx]}", idx)
        shape.prune[idx] = True
        shape.prune[target] = True
        shape.jump[target] = True
        return
    if insn.src == isa.PSEUDO_KFUNC_CALL:
        target_ = subject.targets.get(idx)
        name = target_.name if target_ is not None else ""
        kfunc = kfuncs.by_name.get(name)
        sync, later = name in SYNC_KFUNCS, name in ASYNC_KFUNCS
        if kfunc is not None and "iter_next" in kfunc.flags:
            shape.iter_next[idx] = True
            shape.prune[idx] = True
            shape.force[idx] = True
    else:
        helper = by_id.get(insn.imm)
        short = helper.short if helper is not None else ""
        sync, later = short in SYNC_CALLBACKS, short in ASYNC_CALLBACKS
    if later:
        shape.prune[idx] = True
    if sync:
        shape.calls_callback[idx] = True
        shape.force[idx] = True
        shape.prune[idx] = True
        shape.jump[idx] = True


def _reachable(subject: Subject, shape: Shape) -> None:
    """Every instruction must be reachable from the entry, calls and callbacks included."""
    insns = subject.insns
    seen = [False] * len(insns)
    work = [0, subject.subs[subject.exception_sub].start]
    for idx in work:
        seen[idx] = True
    while work:
        idx = work.pop()
        following = list(shape.succs[idx])
        insn = insns[idx]
        if insn.opcode == isa.JMP | isa.CALL and insn.src == isa.PSEUDO_CALL:
            following.append(callee(subject, idx))
        elif insn.opcode == isa.LD_IMM64:
            target = subject.targets.get(idx)
            if target is not None and target.kind == "func":
                following.append(subject.subs[target.number].start)
        for other in following:
            if not seen[other]:
                seen[other] = True
                work.append(other)
    for sub in subject.subs:
        if not seen[sub.start]:
            continue
        for idx in range(sub.start, sub.end):
            if not seen[idx]:
                raise Reject("unreachable", f"unreachable insn {subject.slots[idx]}", idx)


def uses_and_defs(insn: Insn, idx: int, subject: Subject) -> tuple[int, int]:
    """Return the bit masks of registers that ``insn`` reads and that it sets."""
    klass = _class(insn)
    dst, src = 1 << insn.dst, 1 << insn.src
    if klass in (isa.ALU, isa.ALU64):
        op = insn.opcode & 0xF0
        if op == isa.MOV:
            return (src if insn.opcode & isa.X else 0), dst
        if op in (isa.NEG, isa.END):
            return dst, dst
        return (dst | src if insn.opcode & isa.X else dst), dst
    if klass == isa.LDX:
        return src, dst
    if klass == isa.ST:
        return dst, 0
    if klass == isa.STX:
        if insn.opcode & 0xE0 != isa.ATOMIC:
            return dst | src, 0
        if insn.imm == isa.CMPXCHG:
            return dst | src | 1, 1
        if insn.imm == isa.LOAD_ACQ:
            return src, dst
        if insn.imm & isa.FETCH:
            return dst | src, src
        return dst | src, 0
    if klass == isa.LD:
        if insn.opcode == isa.LD_IMM64:
            return 0, dst
        extra = src if insn.opcode & 0xE0 == isa.IND else 0
        return 1 << 6 | extra, _CALLER_SAVED
    op = insn.opcode & 0xF0
    if op == isa.JA:
        return 0, 0
    if op == isa.EXIT:
        return 1, 0
    if op == isa.CALL:
        count = 5
        if insn.src == 0:
            helper = by_id.get(insn.imm)
            if helper is not None:
                count = len(helper.args) if helper.short != "trace_printk" else 5
        return ((1 << count) - 1) << 1, _CALLER_SAVED
    if op == isa.JCOND:
        return 0, 0
    return (dst | src if insn.opcode & isa.X else dst), 0


def _live(subject: Subject, shape: Shape) -> None:
    insns = subject.insns
    gen = [0] * len(insns)
    kill = [0] * len(insns)
    for idx, insn in enumerate(insns):
        used, defined = uses_and_defs(insn, idx, subject)
        gen[idx] = used
        kill[idx] = defined
    shape.live = _live_before(shape.succs, gen, kill)


def _live_before(succs: list[list[int]], gen: list[int], kill: list[int]) -> list[int]:
    live = [0] * len(succs)
    changed = True
    while changed:
        changed = False
        for idx in range(len(succs) - 1, -1, -1):
            out = 0
            for other in succs[idx]:
                out |= live[other]
            new = out & ~kill[idx] | gen[idx]
            if new != live[idx]:
                live[idx] = new
                changed = True
    return live


def _effects(subject: Subject, shape: Shape) -> None:
    """Find which functions, themselves or through calls, move packets or sleep."""
    calls: dict[int, set[int]] = {sub.number: set() for sub in subject.subs}
    for sub in subject.subs:
        for idx in range(sub.start, sub.end):
            insn = subject.insns[idx]
            if insn.opcode == isa.LD_IMM64:
                target = subject.targets.get(idx)
                if target is not None and target.kind == "func":
                    calls[sub.number].add(target.number)
                continue
            if insn.opcode != isa.JMP | isa.CALL:
                continue
            if insn.src == isa.PSEUDO_CALL:
                calls[sub.number].add(subject.sub_at(callee(subject, idx)).number)
            elif insn.src == 0:
                helper = by_id.get(insn.imm)
                if helper is None:
                    continue
                if "moves" in helper.flags:
                    shape.moves.add(sub.number)
                if "sleeps" in helper.flags:
                    shape.sleeps.add(sub.number)
                if helper.short == "tail_call":
                    shape.tail_calls.add(sub.number)
            else:
                target = subject.targets.get(idx)
                kfunc = kfuncs.by_name.get(target.name) if target is not None else None
                if kfunc is not None and "sleeps" in kfunc.flags:
                    shape.sleeps.add(sub.number)
                if kfunc is not None and kfunc.name == "bpf_xdp_pull_data":
                    shape.moves.add(sub.number)
    for marked in (shape.moves, shape.sleeps):
        changed = True
        while changed:
            changed = False
            for number, others in calls.items():
                if number not in marked and others & marked:
                    marked.add(number)
                    changed = True


__all__ = ["Shape", "analyse", "callee", "is_call", "is_helper"]
