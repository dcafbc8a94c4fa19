"""What every pass is given: the module, the options, where to report."""

from __future__ import annotations

from ..ir.module import Function, Global, Module
from ..support.diagnostics import Sink


class OptOptions:
    """How to optimise.

    ``level`` 0 does what the code needs to load at all, 1 and up optimise. ``mcpu`` is the
    instruction set version 1..4: below 3 there are no 32-bit operations. ``unroll`` allows loops to
    be unrolled that do not ask for it. ``keep_unused`` keeps static functions and variables that
    nothing refers to.
    """

    __slots__ = ("big_endian", "keep_unused", "level", "mcpu", "unroll")

    def __init__(
        self,
        level: int = 2,
        mcpu: int = 3,
        unroll: bool = True,
        big_endian: bool = False,
        keep_unused: bool = False,
    ) -> None:
        self.level = level
        self.mcpu = mcpu
        self.unroll = unroll
        self.big_endian = big_endian
        self.keep_unused = keep_unused


class Context:
    """Options, module, and tables of it that passes look up by name."""

    __slots__ = ("functions", "globals", "module", "options", "sink")

    def __init__(self, module: Module, options: OptOptions, sink: Sink) -> None:
        self.module = module
        self.options = options
        self.sink = sink
        self.globals: dict[str, Global] = {g.name: g for g in module.globals}
        self.functions: dict[str, Function] = {f.name: f for f in module.functions}
