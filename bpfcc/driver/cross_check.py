"""Two compilers, many inputs, one answer: or the input on which they differ.

The direct backend compiles as a user's command would. The other object comes from the same IR as
lowered, before this project's optimiser, through LLVM; so a wrong rule in a pass, in instruction
selection or in register allocation shows as a difference. Both run in the user-space machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ..c.unit import compile_unit
from ..isa.table import JUMP
from ..objfile.model import Object
from ..opt.pipeline import OptOptions, optimize
from ..support.diagnostics import Sink
from ..support.errors import InputError, InternalError
from ..support.source import SourceFile
from ..vm.code import Code
from ..vm.coverage import Coverage
from ..vm.load import load_all
from ..vm.program import Result
from . import pipeline
from .cross_inputs import Inputs, Step, constants_of, shape_of
from .cross_run import Side, lines_of_calls, lines_reached, returns_value, same_call
from .cross_shrink import shrink
from .options import Options

_SHRINK_RUNS = 400
_FEW = 4


@dataclass
class Difference:
    """Where the two part: ``what`` differs, its values, the steps that lead there, C lines."""

    program: str
    what: str
    left: str
    right: str
    steps: list[Step] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)


@dataclass
class Report:
    """The outcome. ``verdict``: "same", "differ" or "unknown" (``reason`` says why).

    ``inputs`` and ``faults`` count runs by program; ``branches`` is (ways taken, ways there are)
    by backend and program.
    """

    verdict: str
    reason: str = ""
    inputs: dict[str, int] = field(default_factory=dict)
    faults: dict[str, int] = field(default_factory=dict)
    branches: dict[str, dict[str, tuple[int, int]]] = field(default_factory=dict)
    difference: Difference | None = None


def cross_check(
    source: SourceFile,
    options: Options,
    sink: Sink,
    *,
    budget: int = 200,
    seed: int = 1,
    shrink_runs: int = _SHRINK_RUNS,
) -> Report:
    """Compile ``source`` by both backends and compare the objects.

    Args:
        source: C text.
        options: of the compiler; ``backend`` is not looked at.
        sink: takes the compiler's diagnostics.
        budget: inputs per program.
        seed: of the inputs.
        shrink_runs: how often a difference may be run again to find a smaller input.

    Returns: the report; "unknown" when one of the two cannot be had or run.
    """
    options.backend = "direct"
    direct = pipeline.compile_source(source, options, sink)
    if direct is None:
        return Report("unknown", "it does not compile")
    try:
        other = compile_reference(source, options)
    except InputError as error:
        return Report("unknown", str(error))
    if other is None:
        return Report("unknown", "the LLVM backend does not compile it")
    return compare(direct, other, budget=budget, seed=seed, shrink_runs=shrink_runs)


def compile_reference(source: SourceFile, options: Options) -> Object | None:
    """Compile through LLVM, from IR that this project's optimiser has not improved.

    Where that is not possible (loops that must be unrolled first), from improved IR; None when that
    fails too. Raises: InputError where llvmlite is not installed.
    """
    from ..llvm.backend import generate  # the one door to llvmlite

    for level in (0, options.opt_level):
        sink = Sink()
        module = compile_unit(source, pipeline.c_options(options), sink, [])
        if module is None:
            return None
        mcpu, order = options.level(), options.big_endian
        more = OptOptions(level=level, mcpu=mcpu, unroll=options.unroll, big_endian=order)
        optimize(module, more, None, sink)
        if sink.errors:
            continue
        obj = generate(module, mcpu=mcpu, big_endian=order, opt_level=2, sink=sink)
        if obj is not None and not sink.errors:
            return obj
    return None


def compare(
    direct: Object,
    other: Object,
    *,
    budget: int = 200,
    seed: int = 1,
    shrink_runs: int = _SHRINK_RUNS,
) -> Report:
    """Run every program of both objects over ``budget`` inputs each, and compare.

    ``shrink_runs``: how often a difference may be run again to find a smaller input.
    """
    try:
        constants = constants_of([*load_all(direct).values(), *load_all(other).values()])
        return _Comparison(direct, other, constants, seed).explore(budget, shrink_runs)
    except InputError as error:
        return Report("unknown", str(error))


class _Comparison:
    def __init__(self, direct: Object, other: Object, constants: list[int], seed: int) -> None:
        self.objects = direct, other
        self.constants = constants
        self.seed = seed

    def sides(self) -> tuple[Side, Side]:
        """Return both objects in fresh worlds."""
        return (
            Side("direct", self.objects[0], self.seed, self.constants),
            Side("llvm", self.objects[1], self.seed, self.constants),
        )

    def explore(self, budget: int, shrink_runs: int) -> Report:
        """Run until the budget is used up or the two differ."""
        pair = self.sides()
        names = [name for name in pair[0].programs if name in pair[1].programs]
        shapes = {name: shape_of(pair[0].programs[name]) for name in names}
        inputs = Inputs(shapes, self.constants, self.seed, pair[0].pointer)
        report = Report("same", inputs=dict.fromkeys(names, 0), faults=dict.fromkeys(names, 0))
        seen = _Reached(), _Reached()
        history: list[Step] = []
        for name in [name for _ in range(budget) for name in names]:
            step = inputs.make(name)
            history.append(step)
            results = pair[0].run(step, coverage=True), pair[1].run(step, coverage=True)
            if results[0] is None or results[1] is None:
                continue
            new = seen[0].add(results[0]) | seen[1].add(results[1])
            found = _difference(pair, step, results[0], results[1])
            if found is not None:
                report.verdict = "differ"
                report.difference = self.explain(history, shrink_runs)
                break
            report.inputs[name] += 1
            missed = pair[0].missed(results[0])
            inputs.learn(step, new=new, missed=missed, fallible=pair[0].fallible)
            if results[0].fault is not None:
                report.faults[name] += 1
                if _maps_difference(pair, step) is not None:  # stores may come in another order
                    pair = self.sides()
                    history.clear()
        report.branches = {side.name: reached.branches() for side, reached in zip(pair, seen)}
        return _judged(report)

    def replay(self, steps: Sequence[Step]) -> tuple[int, Difference] | None:
        """Run ``steps`` in fresh worlds; return the first difference and the step it came at."""
        pair = self.sides()
        # A few steps are done sooner instruction by instruction than after a translation.
        more: dict[str, Any] = {"trace": _ignore} if len(steps) <= _FEW else {}
        for i, step in enumerate(steps):
            one, two = pair[0].run(step, **more), pair[1].run(step, **more)
            if one is None or two is None:
                return None
            found = _difference(pair, step, one, two)
            if found is not None:
                return i, found
        return None

    def explain(self, history: list[Step], shrink_runs: int) -> Difference:
        """Return the difference at the end of ``history``, with few and small steps."""

        def differs(steps: list[Step]) -> int | None:
            found = self.replay(steps)
            return None if found is None else found[0] + 1

        steps = shrink(history, differs, shrink_runs)
        found = self.replay(steps)
        if found is None:
            raise InternalError("a difference that does not come again", stage="cross-check")
        difference = found[1]
        difference.steps = steps
        difference.lines = self._part_at(steps)
        return difference

    def _part_at(self, steps: list[Step]) -> list[str]:
        """Say at which C lines the last step parts: the first call, then the lines of one side."""
        pair = self.sides()
        for step in steps[:-1]:
            for side in pair:
                side.run(step)
        results = [side.run(steps[-1], coverage=True) for side in pair]
        one, two = results
        assert one is not None and two is not None
        out = []
        at = _first_call(one, two)
        if at is not None:
            fresh = self.sides()
            for side, result in zip(fresh, (one, two)):
                for step in steps[:-1]:
                    side.run(step)
                lines = lines_of_calls(side, steps[-1])
                line = lines[at] if at < len(lines) else None
                where = f" at {line.file}:{line.line}: {line.text.strip()}" if line else ""
                call = repr(result.calls[at]) if at < len(result.calls) else "no call"
                out.append(f"{side.name}: call {at + 1} is {call}{where}")
        reached = lines_reached(one), lines_reached(two)
        for side, only in zip(pair, (reached[0] - reached[1], reached[1] - reached[0])):
            out += [f"{side.name} alone runs {file}:{line}" for file, line in sorted(only)[:4]]
        return out


def _ignore(*_where: object) -> None:
    """Trace nothing."""


def _judged(report: Report) -> Report:
    """Call a comparison that compared nothing unknown."""
    idle = [
        name
        for name, count in report.inputs.items()
        if count == report.faults[name] and report.difference is None
    ]
    if not report.inputs:
        report.verdict, report.reason = "unknown", "the objects have no program in common"
    elif idle:
        report.verdict = "unknown"
        report.reason = f"no run without a fault: {', '.join(idle)}"
    return report


class _Reached:
    """What one object's runs reached, by program; worlds come and go, the code stays the same."""

    def __init__(self) -> None:
        self.coverage = Coverage()
        self._codes: dict[str, Code] = {}

    def add(self, result: Result) -> bool:
        """Add a run; tell whether it reached something new."""
        hits = {
            self._codes.setdefault(code.name, code): counts
            for code, counts in (result.hits or {}).items()
        }
        new = False
        for code, counts in hits.items():
            held = self.coverage.hits.get(code)
            new = new or held is None or any(n and not h for n, h in zip(counts, held))
        result.hits = hits
        self.coverage.add(result)
        return new

    def branches(self) -> dict[str, tuple[int, int]]:
        """Return program -> (ways of its conditional jumps that were taken, all of them)."""
        found: dict[str, tuple[int, int]] = dict.fromkeys(self._codes, (0, 0))
        for code, index, taken, missed in self.coverage.branches():
            if code.rows[index].kind == JUMP:
                have, total = found[code.name]
                found[code.name] = have + (taken > 0) + (missed > 0), total + 2
        return found


def _first_call(one: Result, two: Result) -> int | None:
    """Return the number of the first call that differs."""
    for i in range(max(len(one.calls), len(two.calls))):
        if i >= min(len(one.calls), len(two.calls)):
            return i
        if not same_call(one.calls[i], two.calls[i]):
            return i
    return None


def _difference(pair: tuple[Side, Side], step: Step, one: Result, two: Result) -> Difference | None:
    """Compare all that one step did."""

    def differ(what: str, left: Any, right: Any) -> Difference:
        return Difference(step.program, what, _short(left), _short(right))

    if one.fault is not None or two.fault is not None:
        kinds = [result.fault.kind if result.fault else "" for result in (one, two)]
        if kinds[0] == kinds[1]:
            return None
        return differ("fault", one.fault or "none", two.fault or "none")
    at = _first_call(one, two)
    if at is not None:
        shown = [repr(r.calls[at]) if at < len(r.calls) else "none" for r in (one, two)]
        return differ(f"helper call {at + 1}", *shown)
    if returns_value(pair[0].programs[step.program]) and one.ret != two.ret:
        return differ("return value", one.ret, two.ret)
    records = [[(r.source, bytes(r.data)) for r in result.records] for result in (one, two)]
    contexts = [result.context.data if result.context else b"" for result in (one, two)]
    outcomes: list[tuple[str, Any, Any]] = [
        ("records", records[0], records[1]),
        ("packet", one.packet, two.packet),
        ("packet metadata", one.metadata, two.metadata),
        ("context", contexts[0], contexts[1]),
        ("printed lines", one.trace, two.trace),
        ("redirects", one.redirects, two.redirects),
        ("overridden return value", one.override, two.override),
    ]
    for what, left, right in outcomes:
        if left != right:
            return differ(what, left, right)
    return _maps_difference(pair, step)


def _maps_difference(pair: tuple[Side, Side], step: Step) -> Difference | None:
    maps = pair[0].maps(), pair[1].maps()
    for name in maps[0]:
        if name in maps[1] and maps[0][name] != maps[1][name]:
            return _map_difference(step, name, maps[0][name], maps[1][name])
    return None


def _map_difference(step: Step, name: str, left: Any, right: Any) -> Difference:
    what = f"map {name}"
    if isinstance(left, dict):
        key = next(k for k in [*left, *right] if left.get(k) != right.get(k))
        return Difference(
            step.program,
            f"{what}[{key.hex()}]",
            _short(left.get(key, "absent")),
            _short(right.get(key, "absent")),
        )
    return Difference(step.program, what, _short(left), _short(right))


def _short(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_short(one) for one in value[:4]) + "]"
    text = bytes(value).hex() if isinstance(value, (bytes, bytearray)) else str(value)
    return text if len(text) <= 400 else text[:400] + "..."
