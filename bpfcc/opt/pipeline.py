"""The pipeline of the optimiser, as a list of passes.

A pass is a function ``run(function, ctx) -> changed``. Every pass is called through ``_Runner``,
which lets the one callback see it: to time, print and check between passes, and to stop after the
n-th (bisection). The IR is well-formed before and after each pass, not within.

Functions are optimised callees first, so that what is inlined is already small.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, Union

from ..ir.module import Function, Module
from ..support.diagnostics import Sink
from . import (
    constargs,
    dce,
    dse,
    gvn,
    indirect,
    inline,
    is_constant,
    landing,
    licm,
    likely,
    loadelim,
    mem2reg,
    memops,
    sccp,
    shortways,
    simplifycfg,
    sink,
    sroa,
    storemerge,
    threading,
    twins,
    unroll,
)
from .context import Context, OptOptions

__all__ = ["Callback", "OptOptions", "optimize"]

Unit = Union[Function, Module]
Pass = Callable[[Function, Context], bool]


class Callback(Protocol):
    """Looks at the IR between passes."""

    def before(self, name: str, unit: Unit, /) -> bool:
        """Return whether pass ``name`` may run on ``unit``."""
        ...

    def after(self, name: str, unit: Unit, changed: bool, /) -> None:
        """Look at what pass ``name`` made."""
        ...


class _Runner:
    def __init__(self, ctx: Context, callback: Callback | None) -> None:
        self.ctx = ctx
        self.callback = callback

    def step(self, name: str, unit: Unit, action: Callable[[], bool]) -> bool:
        """Run one pass under the eyes of the callback."""
        callback = self.callback
        if callback is None:
            return action()
        if not callback.before(name, unit):
            return False
        changed = action()
        callback.after(name, unit, changed)
        return changed

    def passes(self, function: Function, *passes: tuple[str, Pass]) -> bool:
        """Run passes in order; return whether any changed the function."""
        changed = False
        for name, run in passes:
            changed |= self.step(name, function, lambda run=run: run(function, self.ctx))  # type: ignore[misc]
        return changed


SROA = ("sroa", sroa.run)
MEM2REG = ("mem2reg", mem2reg.run)
SCCP = ("sccp", sccp.run)
SIMPLIFYCFG = ("simplifycfg", simplifycfg.run)
GVN = ("gvn", gvn.run)
MEMOPS = ("memops", memops.run)
LOADELIM = ("loadelim", loadelim.run)
DSE = ("dse", dse.run)
THREADING = ("threading", threading.run)
UNROLL = ("unroll", unroll.run)
LICM = ("licm", licm.run)
DCE = ("dce", dce.run)
STOREMERGE = ("storemerge", storemerge.run)
TWINS = ("twins", twins.run)
SINK = ("sink", sink.run)
LANDING = ("landing", landing.run)
SHORTWAYS = ("shortways", shortways.run)
LIKELY = ("likely", likely.run)
INDIRECT = ("indirect", indirect.run)
IS_CONSTANT = ("is-constant", is_constant.run)


def optimize(
    module: Module,
    options: OptOptions,
    callback: Callback | None = None,
    sink: Sink | None = None,
) -> None:
    """Optimise ``module`` in place.

    Reports to ``sink`` what the programmer asked for and cannot be done.
    """
    ctx = Context(module, options, sink if sink is not None else Sink())
    runner = _Runner(ctx, callback)
    _drop_unused(runner, module)
    if options.level:
        runner.step("constargs", module, lambda: bool(constargs.run(module)))
    plan = inline.Plan(ctx)
    inline.report_recursion(plan, ctx)
    for function in plan.order:
        if not function.blocks:
            continue
        if function.naked:
            runner.passes(function, SROA, MEM2REG, MEMOPS, LOADELIM, DSE, DCE)
            continue
        runner.step("inline", function, lambda f=function: inline.run(f, ctx, plan))  # type: ignore[misc]
        clean = _optimise if options.level else _minimum
        clean(runner, function)
        while runner.passes(function, INDIRECT):  # a call made direct may have a body to inline
            runner.step("inline", function, lambda f=function: inline.run(f, ctx, plan))  # type: ignore[misc]
            clean(runner, function)
    _drop_unused(runner, module)
    if options.level:
        _constant_arguments(runner, module)
    for function in module.functions:
        indirect.report(function, ctx)
    if options.level:
        unroll.report_refused(module, ctx)


def _drop_unused(runner: _Runner, module: Module) -> None:
    ctx = runner.ctx
    if not ctx.options.keep_unused:
        runner.step("dce-module", module, lambda: dce.run_module(module, ctx))


def _constant_arguments(runner: _Runner, module: Module) -> None:
    """Use what callers turned out to pass; the functions that change are optimised again."""
    for _ in range(2):
        found: list[Function] = []

        def search(found: list[Function] = found) -> bool:
            found.extend(constargs.run(module))
            return bool(found)

        if not runner.step("constargs", module, search):
            return
        for function in found:
            _optimise(runner, function)


def _minimum(runner: _Runner, function: Function) -> None:
    """What code needs to load at all: values in registers, no dead code."""
    _promote(runner, function)
    runner.passes(function, IS_CONSTANT, SIMPLIFYCFG, DCE)


def _promote(runner: _Runner, function: Function) -> None:
    """Make values of locals; a copy that is split may leave pieces that can be split further."""
    for _ in range(3):
        split = runner.passes(function, SROA)
        if not runner.passes(function, MEM2REG) or not split:
            return
        runner.passes(function, DCE)


def _optimise(runner: _Runner, function: Function) -> None:
    run = runner.passes
    _promote(runner, function)
    run(function, SCCP, SIMPLIFYCFG, GVN, SIMPLIFYCFG, DCE)
    if run(function, UNROLL):
        run(function, SIMPLIFYCFG, GVN)
        _promote(runner, function)
        run(function, GVN, SIMPLIFYCFG, DCE)
    if run(function, IS_CONSTANT):
        run(function, SCCP, SIMPLIFYCFG, GVN, DCE)
    _thread(runner, function)
    if run(function, MEMOPS, LOADELIM):
        run(function, GVN, SIMPLIFYCFG, DCE)
        _thread(runner, function)
    run(function, DSE, STOREMERGE, LICM, DCE, SIMPLIFYCFG)
    if run(function, TWINS):
        run(function, SIMPLIFYCFG, DCE)
    run(function, SINK, LANDING, SHORTWAYS, LIKELY)


def _thread(runner: _Runner, function: Function) -> None:
    """Pass by decided branches; each round may bring the next to light."""
    for _ in range(4):
        if not runner.passes(function, THREADING):
            return
        runner.passes(function, SIMPLIFYCFG, GVN, SIMPLIFYCFG, DCE)
