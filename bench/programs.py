"""Real programs: those of the kernel's own tree, where its sources are installed.

    python -m bench programs --source DIR [--mcpu v4] [--only 'verifier_*']

``--source`` is a tree of Linux (Debian's linux-source-6.1 unless given). For every program of its
samples, selftests, tools and drivers that clang compiles here: does bpfcc compile it unchanged; of
the programs in clang's object that this kernel loads (root only): does it load ours too; of those
that the kernel can run on given input: do both do the same (``bench.runs``); instructions of both.
"""

from __future__ import annotations

import argparse
import fnmatch
import glob
import json
import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator

from .peers import BPFCC, KERNEL_SOURCE, ROOT, clang, instructions, vmlinux_header

_SELFTESTS = "tools/testing/selftests/bpf"
_SKELETONS = "tools/perf/util/bpf_skel"
_UAPI = "tools/include/uapi"
# Group: patterns of its programs, folders to include from, further flags.
GROUPS: dict[str, tuple[list[str], list[str], list[str]]] = {
    "samples": (
        ["samples/bpf/*_kern.c", "samples/bpf/*.bpf.c"],
        ["samples/bpf", _SELFTESTS, _UAPI],
        ["-D__KERNEL__"],
    ),
    "selftests": (
        [f"{_SELFTESTS}/progs/*.c"],
        [_SELFTESTS, _UAPI, "tools/include"],
        ["-DENABLE_ATOMICS_TESTS"],
    ),
    "sched_ext": (
        ["tools/sched_ext/*.bpf.c"],
        ["tools/sched_ext/include", "tools/sched_ext/include/bpf-compat", _UAPI],
        [],
    ),
    "hid": (
        ["tools/testing/selftests/hid/progs/*.c", "drivers/hid/bpf/progs/*.bpf.c"],
        ["tools/testing/selftests/hid", _UAPI],
        [],
    ),
    "perf": ([f"{_SKELETONS}/*.bpf.c"], [_UAPI, f"{_SKELETONS}/vmlinux"], []),
}


def sources(tree: str, group: str) -> list[str]:
    """Return the paths of a group's programs."""
    patterns = GROUPS[group][0]
    return [path for one in patterns for path in sorted(glob.glob(os.path.join(tree, one)))]


def flags(tree: str, group: str, mcpu: str) -> list[str]:
    """Return the flags that the kernel's own build gives, as far as they matter."""
    _, folders, more = GROUPS[group]
    common = ["-g", "-O2", "-D__TARGET_ARCH_x86", f"-mcpu={mcpu}", "-mlittle-endian"]
    common += ["-Wno-compare-distinct-pointer-types", *more]
    return common + [f"-I{os.path.join(tree, folder)}" for folder in folders]


def compile_both(
    compiler: str, path: str, options: list[str], stem: str, headers: str
) -> tuple[str | None, str | None]:
    """Return the paths of clang's and of our object; None for a compiler that refused."""
    theirs = [compiler, "-target", "bpf", *options, f"-I{headers}"]
    theirs += ["-idirafter", "/usr/include/x86_64-linux-gnu"]
    out: list[str | None] = []
    for suffix, command in (("clang", theirs), ("ours", [*BPFCC, *options])):
        product = f"{stem}.{suffix}.o"
        try:
            done = subprocess.run(
                [*command, "-w", "-c", path, "-o", product],
                cwd=ROOT, capture_output=True, timeout=300,
            )  # fmt: skip
            out.append(product if done.returncode == 0 else None)
        except subprocess.TimeoutExpired:
            out.append(None)
        if out[0] is None:
            return None, None
    return out[0], out[1]


def fates(theirs: str, ours: str) -> dict[str, dict[str, object]]:
    """Return what became of each program of two objects (``bench.runs``); {} if nobody can say.

    They are loaded and run in namespaces of their own for mounts and networks.
    """
    if not sys.platform.startswith("linux") or os.geteuid():
        return {}
    command = shlex.join([sys.executable, "-m", "bench.runs", theirs, ours])
    script = f"mount -t bpf bpf /sys/fs/bpf; ip link set lo up; exec {command}"
    try:
        done = subprocess.run(
            ["unshare", "-m", "-n", "sh", "-c", script],
            cwd=ROOT, capture_output=True, text=True, timeout=600,
        )  # fmt: skip
        programs: dict[str, dict[str, object]] = json.loads(done.stdout)["programs"]
    except (subprocess.TimeoutExpired, ValueError):
        return {}
    return programs


class Totals:
    """The sums of one table row."""

    def __init__(self) -> None:
        self.clang = self.ours = 0
        self.loaded = self.ours_loaded = 0
        self.runs = self.same = 0
        self.insns = [0, 0]

    def row(self, name: str) -> str:
        """Format the sums."""
        ratio = f"{self.insns[1] / self.insns[0]:8.2f}" if self.insns[0] else f"{'-':>8}"
        return (
            f"  {name:10} {self.clang:6} {self.ours:6} {_share(self.ours, self.clang)} "
            f"{self.loaded:8} {self.ours_loaded:6} {_share(self.ours_loaded, self.loaded)} "
            f"{self.runs:5} {self.same:5} {_share(self.same, self.runs)} {ratio}"
        )

    def add(self, theirs: str, mine: str) -> Iterator[str]:
        """Count one pair of objects; yield what differs."""
        sizes = [instructions(theirs), instructions(mine)]
        if all(sizes):
            self.insns = [a + (b or 0) for a, b in zip(self.insns, sizes)]
        for name, fate in fates(theirs, mine).items():
            loads = fate["loads"]
            assert isinstance(loads, list)
            self.loaded += loads[0]
            self.ours_loaded += all(loads)
            if loads == [True, False]:
                assert isinstance(fate["why"], list)
                yield f"{name}: clang's loads, ours does not: {fate['why'][1]}"
            if fate["ran"]:
                self.runs += 1
                self.same += not fate["differences"]
                differences = fate["differences"]
                assert isinstance(differences, list)
                yield from (f"{name}: {one}" for one in differences[:3])


HEADER = (
    f"  {'':10} {'clang':>6} {'bpfcc':>6} {'':7} {'programs':>8} {'ours':>6} {'':7} {'':5} "
    f"{'same':>5} {'':7} {'insns':>8}\n"
    f"  {'group':10} {'builds':>6} {'builds':>6} {'share':>7} {'loaded':>8} {'loaded':>6} "
    f"{'share':>7} {'runs':>5} {'':5} {'share':>7} {'ratio':>8}"
)


def run(arguments: list[str] | None = None) -> Iterator[str]:
    """Yield the table, and then every program that fails or differs, with the reason."""
    parser = argparse.ArgumentParser(prog="python -m bench programs")
    parser.add_argument("--source", metavar="DIR", default=KERNEL_SOURCE)
    parser.add_argument("--mcpu", default="v3")
    parser.add_argument("--only", default="*", help="names of programs, a pattern")
    options = parser.parse_args(arguments or [])
    tree = os.path.abspath(options.source)
    compiler = clang()
    if compiler is None or not os.path.isdir(os.path.join(tree, _SELFTESTS)):
        yield "  not measured: needs clang with the BPF target and a kernel's sources, unpacked"
        return
    found: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        vmlinux_header(folder)
        yield HEADER
        for group in GROUPS:
            totals = Totals()
            for path in sources(tree, group):
                name = os.path.basename(path)
                if not fnmatch.fnmatch(name.split(".", 1)[0], options.only):
                    continue
                stem = os.path.join(folder, f"{group}.{name[:-2]}")
                command = flags(tree, group, options.mcpu)
                theirs, mine = compile_both(compiler, path, command, stem, folder)
                if theirs is None:
                    continue
                totals.clang += 1
                short = os.path.relpath(path, tree)
                if mine is None:
                    found.append(f"{short}: does not compile")
                    continue
                totals.ours += 1
                found += [f"{short}: {line}" for line in totals.add(theirs, mine)]
            if totals.clang:
                yield totals.row(group)
    yield from (f"    {line}" for line in found)


def _share(part: int, whole: int) -> str:
    return f"{part / whole:7.1%}" if whole else f"{'-':>7}"
