"""The walk over all paths: straight pieces of steps, joined by jumps, with pruning between.

Instructions are compiled once into closures. A *piece* is a run of instructions without a pruning
point inside; it ends with a jump, call or exit, or where the next piece starts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..isa import insn as isa
from ..uapi.limits import processed_limit
from ..uapi.prog_types import ProgType
from . import btfwalk, cfg, globalfuncs, liveness, precision, prune, regs
from .alu import Step, compile_alu
from .branch import Jump, compile_jump
from .call import END, compile_call, compile_exit
from .loads import compile_packet_jump, compile_wide
from .mapuse import check_used_maps
from .memory import compile_load, compile_store
from .prune import finish_path, visited
from .regs import Reg
from .reject import Reject
from .speculation import HARD
from .state import Frame, State
from .structure import check_addresses, check_early_ends, check_externs, check_structure
from .subject import Sub

if TYPE_CHECKING:
    from .checker import Checker


_PERFMON_TYPES = frozenset(
    {
        ProgType.KPROBE,
        ProgType.TRACEPOINT,
        ProgType.PERF_EVENT,
        ProgType.RAW_TRACEPOINT,
        ProgType.RAW_TRACEPOINT_WRITABLE,
        ProgType.TRACING,
        ProgType.STRUCT_OPS,
        ProgType.EXT,
        ProgType.LSM,
    }
)


class Piece:
    """Steps from ``idx`` on; ``jump`` decides what comes next, or ``following`` does."""

    __slots__ = ("count", "following", "jump", "jumps", "last", "steps")

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.jump: Jump | None = None
        self.following = -1
        self.count = 0
        self.jumps = 0
        self.last = 0


def run(ck: Checker) -> None:
    """Analyse the program; raises Reject or NotModelled, returns when it is accepted."""
    check_externs(ck)
    check_structure(ck)
    check_addresses(ck)
    check_early_ends(ck)
    ck.shape = cfg.analyse(ck.subject)
    ck.shape.codes = precision.codes(ck.insns)
    if ck.prog_type in (ProgType.STRUCT_OPS, ProgType.LSM) and not ck.subject.gpl:
        word = "struct ops" if ck.prog_type == ProgType.STRUCT_OPS else "LSM"
        ck.fail(
            "license", f"{word} programs must have a GPL compatible license", -1,
            name=f"a {word} program",
        )  # fmt: skip
    if not ck.leaks and ck.prog_type in _PERFMON_TYPES:
        ck.fail("unprivileged", "programs of this type need CAP_PERFMON (EPERM)", -1)
    check_used_maps(ck)
    ck.ctx_args = btfwalk.context_args(ck)
    runner = _Runner(ck)
    first = ck.subject.subs[0]
    runner.explore(first, [Reg(regs.CTX)])
    done: set[int] = set()
    if ck.subject.exception_sub:
        ck.called_globals.append(ck.subject.exception_sub)
    while True:
        left = [number for number in ck.called_globals if number not in done]
        if not left:
            break
        for number in left:
            done.add(number)
            sub = ck.subject.subs[number]
            arguments = globalfuncs.entry_registers(ck, sub)
            if number == ck.subject.exception_sub and arguments != [regs.ANY]:
                ck.fail(
                    "exception", "exception cb only supports single integer argument", sub.start
                )
            runner.explore(sub, arguments)
    if ck.prog_type == ProgType.EXT:
        ck.unknown("the program that this one replaces a function of is not known")


class _Runner:
    def __init__(self, ck: Checker) -> None:
        self.ck = ck
        self.pieces: dict[int, Piece] = {}
        self.piece = Piece()  # the current one
        self.limit = processed_limit(ck.kernel)

    def explore(self, sub: Sub, arguments: list[Reg]) -> None:
        """Follow every path from the start of ``sub``."""
        ck = self.ck
        state = State()
        state.sleepable = False
        frame = Frame(0, -1, sub.number)
        frame.regs[1 : 1 + len(arguments)] = arguments
        frame.exception_cb = 0 < sub.number == ck.subject.exception_sub
        state.frames.append(frame)
        state.idx = sub.start
        ck.explored = {}
        ck.visits = {}
        ck.pending = [state]
        while ck.pending:
            state = ck.pending.pop()
            ck.state = state
            ck.frame = state.frames[-1]
            liveness.enter(ck)
            try:
                self._path(state)
            except Reject as reject:
                self._count_to(reject)
                raise
            finish_path(ck, state)
            liveness.update(ck)

    def _count_to(self, reject: Reject) -> None:
        """Take the instructions behind the rejected one back out of the count."""
        ck = self.ck
        if reject.rule == "infinite-loop":
            ck.processed += 1
        elif reject.rule == "too-large":
            ck.processed = self.limit + 1
        elif 0 <= self.piece.last - reject.idx < self.piece.count:
            ck.processed -= self.piece.last - reject.idx

    def _path(self, state: State) -> None:
        """Follow one path to its end, or to a state that is covered."""
        ck = self.ck
        pieces = self.pieces
        prune_at = ck.shape.prune
        jump_at = ck.shape.jump
        limit = self.limit
        idx, prev = state.idx, state.prev
        while True:
            if prune_at[idx]:
                state.idx = idx
                state.prev = prev
                if visited(ck, idx, prev):
                    ck.processed += 1
                    return
            if jump_at[idx]:
                state.history.append((idx, prev))
            piece = pieces.get(idx)
            if piece is None:
                piece = self._compile(idx)
                if ck.watch is not None:
                    ck.watch.watch(ck, idx, piece)
            self.piece = piece
            ck.processed += piece.count
            if ck.processed > limit:
                self._too_large(idx)
            if state.speculative:
                idx, prev = self._guessed(piece, idx), piece.last
                if idx == END:
                    return
                continue
            registers = ck.frame.regs
            for step in piece.steps:
                step(registers)
            prev = piece.last
            if piece.jump is None:
                idx = piece.following
                continue
            ck.jumps += 1
            idx = piece.jump(registers)
            if idx == END:
                return

    def _guessed(self, piece: Piece, first: int) -> int:
        """Do a piece of a path that only the processor's guesses take; return what is next."""
        ck = self.ck
        barriers = ck.barriers
        registers = ck.frame.regs
        curable = ck.kernel >= (6, 16)
        at = first
        try:
            for at in range(first, first + len(piece.steps)):
                if at in barriers:
                    break
                piece.steps[at - first](registers)
                if at in ck.late_barriers and curable:
                    break
            else:
                if piece.jump is None:
                    return piece.following
                at = piece.last
                if at not in barriers:
                    ck.jumps += 1
                    return piece.jump(registers)
        except Reject as reject:
            if not curable or reject.rule in HARD:
                raise
            barriers.add(at)
            ck.writes = {}
            ck.masks.pop(at, None)
        ck.processed -= piece.last - at
        return END

    def _too_large(self, idx: int) -> None:
        ck = self.ck
        ck.fail(
            "too-large", f"BPF program is too large. Processed {self.limit + 1} insn", idx,
            limit=self.limit,
        )  # fmt: skip

    def _compile(self, start: int) -> Piece:
        ck = self.ck
        piece = Piece()
        self.pieces[start] = piece
        idx = start
        prune_at = ck.shape.prune
        in_function = ck.subject.sub_at(start).number > 0
        while True:
            insn = ck.insns[idx]
            piece.count += 1
            piece.last = idx
            klass = insn.opcode & 7
            if klass in (isa.ALU, isa.ALU64):
                piece.steps.append(compile_alu(ck, idx, insn))
            elif klass == isa.LDX:
                piece.steps.append(compile_load(ck, idx, insn))
            elif klass in (isa.ST, isa.STX):
                piece.steps.append(compile_store(ck, idx, insn))
            elif klass == isa.LD and insn.opcode != isa.LD_IMM64 and in_function:
                piece.jump = compile_packet_jump(ck, idx, insn)
                return piece
            elif klass == isa.LD:
                piece.steps.append(compile_wide(ck, idx, insn))
            else:
                piece.jump = self._compile_jump(idx)
                return piece
            idx += 1
            if idx >= len(ck.insns) or prune_at[idx]:
                piece.following = idx
                return piece

    def _compile_jump(self, idx: int) -> Jump:
        ck = self.ck
        insn = ck.insns[idx]
        op = insn.opcode & 0xF0
        if op == isa.CALL:
            return compile_call(ck, idx, insn, idx + 1)
        if op == isa.EXIT:
            return compile_exit(ck, idx)
        if op == isa.JA:
            delta = insn.imm if insn.opcode & 7 == isa.JMP32 else insn.off
            target = ck.subject.jump_index(idx, delta)
            return lambda registers: target
        target = ck.subject.jump_index(idx, insn.off)
        return compile_jump(ck, idx, insn, idx + 1, target)


Compile = Callable[[int], Piece]
__all__ = ["Reject", "prune", "run"]
