"""Native code for the user-space machine: ``engine()`` is what ``vm.load`` takes.

    regions     every access is in bounds of its region or faults, as in the interpreter
    arena       an access that would fault goes to a private 4 GiB window instead, at the low 32
                bits of its address: contained, never a memory fault
    unchecked   a pointer is tested once, to find its memory; what the program does with it after
                that is not: for programs that a verifier accepted

Everything else (results, faults and their places, instruction counts) is as in the interpreter.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..isa import table as _t
from ..vm.code import Code, split_blocks
from ..vm.engine import Engine, Function
from .jit_build import build, host
from .jit_runner import Runner
from .jit_state import State, asked

if TYPE_CHECKING:
    from ..vm.batch import Batch
    from ..vm.run import Run

MODES = ("regions", "arena", "unchecked")
# Instructions run after which code of a level is worth its making.
_WORTH = {1: 10_000_000, 2: 200_000_000}
_FIRST_CHUNK = 64  # inputs of a batch before it is asked whether better code is worth its making
_ENTRY = ctypes.PYFUNCTYPE(ctypes.c_uint64, ctypes.c_void_p)


def engine(
    mode: str = "regions", *, opt: int | None = None, cache: bool = True
) -> Callable[[Code], Engine]:
    """Return a maker of native engines.

    Args:
        mode: see the module's text.
        opt: 0 = code at once, 1 = a few passes, 2 = LLVM's -O2; None begins with 0 and goes over
            to better code, between runs and in loops, when a program turns out to run for long.
        cache: keep objects under XDG_CACHE_HOME/bpfcc (unless BPFCC_NO_CACHE is set).

    Raises: ValueError for an unknown mode; InputError where llvmlite is not installed.
    """
    if mode not in MODES:
        raise ValueError(f"JIT mode {mode!r}: one of {', '.join(MODES)}")
    host()
    return lambda code: Jit(code, mode, opt, cache=cache)


class Jit(Engine):
    """Native code of one program, made when first run."""

    name = "jit"
    batches = True

    def __init__(self, code: Code, mode: str, opt: int | None, *, cache: bool) -> None:
        super().__init__(code)
        self.mode = mode
        self.opt = opt
        self.cache = cache
        self.asked = asked(code)
        # Faults of calls come when the call itself is counted already.
        self.pending = {code.slots[i]: -1 for i, row in enumerate(code.rows) if row.kind == _t.CALL}
        self.executed = 0
        self.level = -1
        # What may_goto has left in a frame is not handed on to better code.
        self._counts_turns = any(row.kind == _t.JCOND for row in code.rows)
        self._continuations: dict[int, tuple[object, Callable[[int], int]]] = {}
        self._functions: list[Function] | None = None

    @property
    def functions(self) -> list[Function]:
        """Return the callables of the program's functions; made when first asked for."""
        if self._functions is None:
            self._make(self.opt if self.opt is not None else 0)
        elif self.opt is None and self.level < 2 and self.executed > _WORTH[self.level + 1]:
            self._make(2 if self.executed > _WORTH[2] else 1)
        assert self._functions is not None
        return self._functions

    def _make(self, level: int) -> None:
        self.level = level
        # Code that is running now must stay: each callable holds what it came from.
        native = build(self.code, self.mode, level, cache=self.cache)
        self._functions = [self._function(native, address) for address in native.entries]

    def goes_over(self, index: int) -> bool:
        """Tell whether a long run should leave quick code at ``index`` for better code."""
        if self.opt is not None or self.level != 0 or self._counts_turns:
            return False
        function = self.code.functions[self.code.function_of(index)]
        return any(block.first == index for block in split_blocks(self.code, function))

    def continuation(self, index: int) -> Callable[[int], int]:
        """Return better code that goes on at ``index`` with the registers in the context block."""
        if index not in self._continuations:
            native = build(self.code, self.mode, 2, cache=self.cache, start=index)
            self._continuations[index] = native, _ENTRY(native.entries[0])
        return self._continuations[index][1]

    def run_batch(self, batch: Batch) -> None:
        """Run all inputs in native code; better code takes over between two chunks of them."""
        run = batch.run
        state = run.native
        if state is None:
            state = run.native = State(run)
        runner = Runner(state, batch, contained=self.mode == "arena")
        done = 0
        chunk = _FIRST_CHUNK
        with runner:
            while done < batch.count:
                native = self.functions[0].native  # type: ignore[attr-defined]
                end = min(done + chunk, batch.count)
                self.executed += runner.run(native.entries[0], done, end)
                done = end
                chunk *= 4

    def _function(self, native: object, address: int) -> Function:
        entry = _ENTRY(address)
        contained = self.mode == "arena"

        def call(run: Run, r1: int = 0, r2: int = 0, r3: int = 0, r4: int = 0, r5: int = 0) -> int:
            state = run.native
            if state is None:
                state = run.native = State(run)
            run.enter()
            before = run.n
            try:
                value: int = state.execute(entry, (r1, r2, r3, r4, r5), contained)
                return value
            finally:
                self.executed += before - run.n

        call.native = native  # type: ignore[attr-defined]
        return call
