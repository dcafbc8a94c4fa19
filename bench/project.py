"""A folder of somebody's BPF programs, compiled by clang and by bpfcc with the same flags.

    python -m bench programs --project DIR [--pattern '*.bpf.c'] [--clang-flags "-I types"] --flags ...

Commands run in DIR, so the flags may hold relative paths. ``--clang-flags`` are clang's alone: with
the folder of vmlinux.h there, bpfcc takes the types from BTF. One table row sums up the folder; the
programs in which the two differ follow, by what differs: warnings that clang does not give, types
and skeletons (bpftool), what libbpf and the kernel say of each program, results of runs.
"""

from __future__ import annotations

import argparse
import difflib
import fnmatch
import json
import os
import re
import resource
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator

from .peers import BPFCC, ROOT, clang, instructions

_TIMEOUT = 300
_WARNING = re.compile(r"^(\S[^:]*):(\d+):\d+: warning: (.*)")


class Made:
    """What one compiler made of one program."""

    def __init__(self, path: str, errors: str, seconds: float) -> None:
        self.path, self.errors, self.seconds = path, errors, seconds
        self.ok = os.path.exists(path)

    def warnings(self) -> dict[tuple[str, int], str]:
        """Return the text of the warnings by file and line."""
        found = (_WARNING.match(line) for line in self.errors.splitlines())
        return {(os.path.basename(m[1]), int(m[2])): m[3] for m in found if m}


def compile_with(command: list[str], source: str, folder: str, product: str) -> Made:
    """Run a compiler on one source; the seconds are those of the processor."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    try:
        done = subprocess.run(
            [*command, "-c", source, "-o", product],
            cwd=folder, capture_output=True, text=True, timeout=_TIMEOUT, env=_environment(),
        )  # fmt: skip
        errors = done.stderr
    except subprocess.TimeoutExpired:
        errors = "timeout"
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Made(product, errors, seconds)


def _environment() -> dict[str, str]:
    """Return the environment of compilers: with byte code kept, as an installed package has it."""
    out = {**os.environ, "PYTHONPATH": ROOT}
    out.pop("PYTHONDONTWRITEBYTECODE", None)
    out["PYTHONPYCACHEPREFIX"] = os.path.join(tempfile.gettempdir(), "bpfcc-bench-bytecode")
    return out


def judge(path: str) -> dict[str, dict[str, object]] | None:
    """Return what libbpf and the kernel say of each program, in a mount namespace of its own."""
    if not sys.platform.startswith("linux") or os.geteuid():
        return None
    inner = [sys.executable, "-m", "bench.libbpf", path, "run"]
    script = f"mount -t bpf bpf /sys/fs/bpf && exec {shlex.join(inner)}"
    try:
        done = subprocess.run(
            ["unshare", "-m", "sh", "-c", script],
            cwd=ROOT, capture_output=True, text=True, timeout=_TIMEOUT,
        )  # fmt: skip
        answer = json.loads(done.stdout)
    except (subprocess.TimeoutExpired, ValueError):
        return None
    if answer["error"]:
        return {"": {"error": 1, "why": answer["error"], "processed": 0}}
    return {row["name"]: row for row in answer["programs"]}


def own_verdicts(path: str) -> dict[str, str]:
    """Return the checker's verdict of each program."""
    try:
        done = subprocess.run(
            [*BPFCC, "check", "--format", "json", path],
            cwd=ROOT, capture_output=True, text=True, timeout=_TIMEOUT,
        )  # fmt: skip
        return {one["name"]: one["verdict"] for one in json.loads(done.stdout)["programs"]}
    except (subprocess.TimeoutExpired, ValueError, KeyError):
        return {}


def types(path: str) -> dict[str, str]:
    """Return the complete named types of an object's BTF in C (bpftool)."""
    done = subprocess.run(
        ["bpftool", "btf", "dump", "file", path, "format", "c"], capture_output=True, text=True
    )
    found = {}
    for block in (block.strip() for block in done.stdout.split("\n\n")):
        lines = block.split("\n")
        if len(lines) > 1 and not block.startswith("#"):
            found[lines[-1] if lines[0] in _NAMELESS else lines[0]] = block
    return found


_NAMELESS = ("typedef struct {", "typedef union {", "typedef enum {", "enum {")


def maps(path: str) -> dict[str, str]:
    """Return each map's definition and the types of its keys and values, as text."""
    from bpfcc.btf.dump_c import Dumper, declaration
    from bpfcc.driver.objects import read_object
    from bpfcc.objfile.maps import map_defs
    from bpfcc.support.errors import InputError

    found = {}
    try:
        definitions = map_defs(read_object(path))
    except InputError as error:
        return {"": str(error)}
    for one in definitions:
        roots = [type for type in (one.key_type, one.value_type) if type is not None]
        words = [repr(one), str(one.pinning), repr(one.inner), repr(one.values)]
        words += [declaration(type) for type in roots]
        found[one.name] = "\n".join([*words, Dumper().definitions(roots)])
    return found


def skeleton(path: str) -> list[str] | None:
    """Return the lines of an object's skeleton without the object's bytes; None if refused."""
    done = subprocess.run(
        ["bpftool", "gen", "skeleton", path, "name", "x"], capture_output=True, text=True
    )
    if done.returncode:
        return None
    # Sorted: variables lie in the order of their definition here, of their first use in clang's.
    return sorted(
        line.strip()
        for line in done.stdout.splitlines()
        if not re.search(r"\\[x0-9]|sz = |__pad|maps\[|rodata_str|^$", line)
    )


class Totals:
    """The sums of one table row."""

    def __init__(self) -> None:
        self.clang = self.ours = self.loaded = self.ours_loaded = 0
        self.insns = [0, 0]
        self.seconds = [0.0, 0.0]
        self.runs = self.same_runs = 0
        self.judged = self.agreed = 0
        self.processed = [0, 0]

    def row(self, name: str) -> str:
        """Format the sums."""

        def share(part: float, whole: float) -> str:
            return f"{part / whole:7.2f}" if whole else f"{'-':>7}"

        return (
            f"  {name[:20]:20} {self.clang:6} {self.ours:6} {self.loaded:8} {self.ours_loaded:6} "
            f"{self.runs:5} {self.same_runs:6} {self.judged:7} {self.agreed:7} "
            f"{share(*reversed(self.insns))} {share(*reversed(self.processed))} "
            f"{share(*reversed(self.seconds))}"
        )


HEADER = (
    f"  {'':20} {'clang':>6} {'bpfcc':>6} {'programs':>8} {'ours':>6} {'':5} {'same':>6} "
    f"{'checked':>7} {'as the':>7} {'insns':>7} {'verif.':>7} {'cpu':>7}\n"
    f"  {'project':20} {'builds':>6} {'builds':>6} {'loaded':>8} {'loaded':>6} {'runs':>5} "
    f"{'result':>6} {'':7} {'kernel':>7} {'ratio':>7} {'ratio':>7} {'ratio':>7}"
)


def compare(theirs: Made, mine: Made, totals: Totals) -> Iterator[str]:
    """Yield the differences between the two objects of one program."""
    known = theirs.warnings()
    for place, text in mine.warnings().items():
        if place not in known:
            yield f"warning of ours only: {place[0]}:{place[1]}: {text}"
    for i, made in enumerate((theirs, mine)):
        totals.insns[i] += instructions(made.path) or 0
        totals.seconds[i] += made.seconds
    yield from _compare_texts("type", types(theirs.path), types(mine.path))
    first_maps, second_maps = maps(theirs.path), maps(mine.path)
    yield from _compare_texts("map", first_maps, second_maps)
    if sorted(first_maps) != sorted(second_maps):
        yield f"other maps: clang's {sorted(first_maps)}, ours {sorted(second_maps)}"
    a, b = skeleton(theirs.path), skeleton(mine.path)
    if a is not None and a != b:
        lines = list(difflib.unified_diff(a, b or [], lineterm="", n=0))[2:8]
        yield f"skeleton differs: {' | '.join(lines)}"
    first, second = judge(theirs.path), judge(mine.path)
    if first is None or second is None:
        return
    yield from _compare_fates(first, second, totals)
    for whose, path, fates in (("clang's", theirs.path, first), ("ours", mine.path, second)):
        if all(_verdict(fate) == "other" for fate in fates.values()):
            continue
        verdicts = own_verdicts(path)
        for name, fate in fates.items():
            truth = _verdict(fate)
            if truth == "other":
                continue
            totals.judged += 1
            verdict = verdicts.get(name, "none")
            totals.agreed += verdict == truth
            if verdict != truth:
                yield f"check says {verdict}, kernel {truth}, of {name} ({whose}): {fate['why']}"


def _compare_texts(what: str, theirs: dict[str, str], mine: dict[str, str]) -> Iterator[str]:
    for head, text in theirs.items():
        if mine.get(head, text) != text:
            changes = difflib.unified_diff(
                text.split("\n"), mine[head].split("\n"), lineterm="", n=0
            )
            yield f"{what} differs: {head} {' | '.join(list(changes)[2:6])}"


def _verdict(fate: dict[str, object]) -> str:
    if not fate["error"]:
        return "accept"
    return "reject" if fate["processed"] else "other"


def _compare_fates(
    theirs: dict[str, dict[str, object]], mine: dict[str, dict[str, object]], totals: Totals
) -> Iterator[str]:
    if "" in theirs and "" not in mine:
        yield f"libbpf opens ours only: {theirs['']['why']}"
        return
    for name, fate in theirs.items():
        other = mine.get(name)
        if other is None:
            yield f"program missing: {name or fate['why']}; ours: {mine.get('', {}).get('why')}"
            continue
        if not fate["error"]:
            totals.loaded += 1
            totals.ours_loaded += not other["error"]
        if not fate["error"] and not other["error"]:
            totals.processed[0] += int(str(fate["processed"]))
            totals.processed[1] += int(str(other["processed"]))
        if bool(fate["error"]) != bool(other["error"]):
            what = "clang's loads, ours not" if other["error"] else "ours loads, clang's not"
            yield f"{what}: {name}: {other['why'] or fate['why']}"
        elif fate["error"] and _plain(fate["why"]) != _plain(other["why"]):
            yield f"other refusal: {name}: clang's: {fate['why']} | ours: {other['why']}"
        if "runs" in fate and "runs" in other:
            totals.runs += 1
            same = fate["runs"] == other["runs"] and fate["maps"] == other["maps"]
            totals.same_runs += same
            if not same:
                what = "result" if fate["runs"] != other["runs"] else "maps"
                yield f"{what} of a run differ: {name}"
    yield from (f"program of ours only: {name}" for name in mine if name not in theirs)


def _plain(text: object) -> str:
    return re.sub(r"\d+|; libbpf: failed to load object.*", "", str(text))


def sources(folder: str, patterns: list[str]) -> list[str]:
    """Return the programs below a folder, relative to it."""
    found = []
    for base, _, names in os.walk(folder):
        for name in names:
            path = os.path.relpath(os.path.join(base, name), folder)
            if any(fnmatch.fnmatch(path, one) or fnmatch.fnmatch(name, one) for one in patterns):
                found.append(path)
    return sorted(found)


def run(arguments: list[str]) -> Iterator[str]:
    """Yield the table's row for one folder, and the differences below it."""
    options = _options(arguments)
    compiler = clang()
    if compiler is None:
        yield "  not measured: needs clang with the BPF target"
        return
    folder = os.path.abspath(options.project)
    totals, differences = Totals(), []
    with tempfile.TemporaryDirectory() as temporary:
        keep = os.path.abspath(options.keep) if options.keep else temporary
        os.makedirs(keep, exist_ok=True)
        for source in sources(folder, options.pattern):
            stem = os.path.join(keep, re.sub(r"\W+", "_", source.removesuffix(".c")))
            flags = options.flags
            own = shlex.split(options.clang_flags)
            theirs = compile_with(
                [compiler, "-target", "bpf", *flags, *own], source, folder, f"{stem}.clang.o"
            )
            if not theirs.ok:
                if options.verbose:
                    differences.append(f"{source}: clang: {theirs.errors[:300]}")
                continue
            totals.clang += 1
            mine = compile_with(
                [*BPFCC, "-target", "bpf", *flags], source, folder, f"{stem}.ours.o"
            )
            if not mine.ok:
                differences.append(f"{source}: does not compile: {mine.errors[:400]}")
                continue
            totals.ours += 1
            found = [f"{source}: {line}" for line in compare(theirs, mine, totals)]
            differences += found
            if options.verbose:
                print(*found, sep="\n", flush=True)
    yield HEADER
    yield totals.row(os.path.basename(folder))
    yield from (f"    {line}" for line in differences)


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench programs",
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("--project", metavar="DIR", required=True)
    parser.add_argument("--pattern", action="append", default=[], help="names, or paths in DIR")
    parser.add_argument("--clang-flags", default="", help="for clang alone, in one word")
    parser.add_argument("--keep", metavar="DIR", help="where the objects are kept")
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("--flags", nargs=argparse.REMAINDER, default=[], help="the rest: for both")
    options = parser.parse_args(arguments)
    options.pattern = options.pattern or ["*.bpf.c"]
    options.flags = options.flags or ["-g", "-O2", "-D__TARGET_ARCH_x86"]
    return options
