"""The one callback between passes: print, verify, time, stop after the n-th.

``--dump-after=PASS|all`` prints the IR after a pass (or after the stages "lower" and "opt"), or the
machine code after a stage of code generation ("isel", "prepare", "regalloc", "peephole",
"layout"), ``--verify-each`` checks it, ``--time-passes`` adds up seconds per pass,
``--pass-limit=N`` runs only the first N passes, which finds the pass that breaks a program by
bisection.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from ..codegen.mir import MFunction
from ..ir.module import Function, Module
from .options import Options


def machine_dump(options: Options) -> Callable[[str, MFunction], None] | None:
    """Return what prints machine code between the stages of code generation, if asked for."""
    wanted = set(options.dump_after)
    if not wanted:
        return None

    def dump(stage: str, function: MFunction) -> None:
        if stage in wanted or "all" in wanted:
            from ..codegen.mirprint import format_function

            sys.stderr.write(f"; after {stage}\n{format_function(function)}\n")

    return dump


class PassCallback:
    """Called by ``opt.pipeline`` before and after every pass on a function or module."""

    def __init__(self, options: Options) -> None:
        self.dump = set(options.dump_after)
        self.verify = options.verify_each
        self.timing = options.time_passes
        self.limit = options.pass_limit
        self.count = 0
        self.seconds: dict[str, float] = {}
        self._started = 0.0

    def before(self, name: str, _unit: Function | Module) -> bool:
        """Tell whether pass ``name`` may run."""
        if self.limit is not None and self.count >= self.limit:
            return False
        self.count += 1
        if self.timing:
            self._started = time.perf_counter()
        return True

    def after(self, name: str, unit: Function | Module, changed: bool) -> None:
        """Look at the result of pass ``name``."""
        if self.timing:
            spent = time.perf_counter() - self._started
            self.seconds[name] = self.seconds.get(name, 0.0) + spent
        if self.verify and changed:
            from ..ir.verify import verify

            verify(unit, after=name)
        if name in self.dump or "all" in self.dump:
            from ..ir.printer import print_function, print_module

            text = print_module(unit) if isinstance(unit, Module) else print_function(unit)
            sys.stderr.write(f"; after {name}{'' if changed else ' (no change)'}\n{text}\n")

    def after_stage(self, name: str, module: Module) -> None:
        """Look at the whole module after a stage."""
        if self.verify:
            from ..ir.verify import verify

            verify(module, after=name)
        if name in self.dump or "all" in self.dump:
            from ..ir.printer import print_module

            sys.stderr.write(f"; after {name}\n{print_module(module)}\n")

    def finish(self) -> None:
        """Print the times, longest first."""
        if not self.timing:
            return
        total = sum(self.seconds.values()) or 1.0
        for name, spent in sorted(self.seconds.items(), key=lambda item: -item[1]):
            sys.stderr.write(f"{spent * 1000:9.3f} ms {spent / total:6.1%}  {name}\n")
