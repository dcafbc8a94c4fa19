"""What executes a ``Code``: the interpreter here, and the interface that a JIT fills.

An engine gives ``functions``: one callable per function of the program, taking the ``Run`` and r1
to r5, returning r0. It must open a frame with ``run.enter()`` (or keep its own at the same
addresses), leave the rest of the limit in ``run.n`` at every call and at the end, lower
``run.depth`` on return, and raise the faults of ``faults`` with the pc of the instruction and
``executed`` set. ``step`` goes on one instruction at a time from any point, so an engine may hand
over whenever it wants something done with care.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from .code import Code
from .stepper import Stepper
from .translate import compile_code

if TYPE_CHECKING:
    from .batch import Batch
    from .run import Run

Function = Callable[..., int]


class Engine:
    """Base of engines: holds the code, and the careful interpreter, made when first needed.

    ``pending``: slot -> instructions that its path has run but not yet taken from the counter, for
    engines which count late (``Run.failed`` adds them); {} for those that count exactly.
    """

    name = "engine"
    batches = False  # whether run_batch() works

    def __init__(self, code: Code) -> None:
        self.code = code
        self.pending: dict[int, int] = {}
        self._stepper: Stepper | None = None

    @property
    def functions(self) -> list[Function]:
        """Return the callables of the program's functions; made when first asked for."""
        raise NotImplementedError

    def run_batch(self, batch: Batch) -> None:
        """Run all inputs of ``batch``; engines that can do so say ``batches``."""
        raise NotImplementedError

    def step(self, run: Run, index: int, registers: list[int], budget: int) -> int:
        """Execute one at a time from instruction ``index`` until the function exits; return r0."""
        if self._stepper is None:
            self._stepper = Stepper(self.code)
        return self._stepper.run(run, index, registers, budget)


class Interpreter(Engine):
    """The fast interpreter of ``translate``."""

    name = "interpreter"

    def __init__(self, code: Code) -> None:
        super().__init__(code)
        self._functions: list[Function] | None = None

    @property
    def functions(self) -> list[Function]:
        """Return the generated functions."""
        if self._functions is None:
            self._functions, self.pending = compile_code(self.code)
        return self._functions


class Careful(Engine):
    """The careful interpreter alone: slower, but ready at once."""

    name = "careful"

    @property
    def functions(self) -> list[Function]:
        """Return functions that step from the start."""
        return [self._function(function.first) for function in self.code.functions]

    def _function(self, first: int) -> Function:
        def call(run: Run, r1: int = 0, r2: int = 0, r3: int = 0, r4: int = 0, r5: int = 0) -> int:
            frame = run.enter()
            registers = [0, r1, r2, r3, r4, r5, 0, 0, 0, 0, frame[0]]
            return self.step(run, first, registers, run.may_goto_budget)

        return call
