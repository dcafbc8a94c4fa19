"""Any bytes as input: one seed is one damaged input given to one command, in this process.

``python -m tests.fuzz.attack [--seeds A:B] [--kind KIND]`` goes on until interrupted. What must hold
for every seed: the command ends by itself within seconds, with 0, 1 or 2 and never as an internal
error; what is refused is refused in words, and a C file's errors have a place; a file that was
there before a failed run is still there, whole, and nothing unfinished lies beside it.
"""

from __future__ import annotations

import argparse
import contextlib
import glob
import io
import itertools
import os
import random
import re
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator

from bpfcc.cli import main as cli
from bpfcc.cli import record as cli_record
from bpfcc.driver import trace as driver_trace

from .generate import generate
from .mangle import mangle_arguments, mangle_bytes, mangle_c, mangle_lines, mangle_object

_ROOT = os.path.join(os.path.dirname(__file__), "..", "..")
_OLD = b"what was there before"
_PLACE = re.compile(r"^[^\n]*:\d+:\d+: (?:fatal )?error: ", re.M)
LIMIT_SECONDS = 20


class Hang(BaseException):
    """Not an Exception, so that nothing on the way takes it for an error of its own."""


def _alarm(*_: object) -> None:
    raise Hang


@contextlib.contextmanager
def _time_limit(seconds: int) -> Iterator[None]:
    if not hasattr(signal, "SIGALRM"):
        yield
        return
    before = signal.signal(signal.SIGALRM, _alarm)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


class Outcome:
    """Exit code and what was written."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code = code
        self.out = out
        self.err = err


class _Stream(io.TextIOWrapper):
    """Standard input or output that keeps its bytes."""

    def __init__(self, data: bytes = b"") -> None:
        super().__init__(io.BytesIO(data), encoding="utf-8", errors="backslashreplace")

    def text(self) -> str:
        self.flush()
        held = self.buffer
        assert isinstance(held, io.BytesIO)
        return held.getvalue().decode("utf-8", "replace")


def call(argv: list[str], stdin: bytes = b"") -> Outcome:
    """Run the command line in this process, without a kernel to load anything into.

    Raises: Hang.
    """
    out, err = _Stream(), _Stream()
    real = sys.stdin, sys.stdout, sys.stderr
    kept = driver_trace.cannot_trace, cli_record.cannot_trace
    driver_trace.cannot_trace = cli_record.cannot_trace = lambda: "this is a test"
    sys.stdin, sys.stdout, sys.stderr = _Stream(stdin), out, err
    try:
        with _time_limit(LIMIT_SECONDS):
            try:
                code = cli.main(argv)
            except SystemExit as stop:  # argparse after --help
                code = stop.code if isinstance(stop.code, int) else 1
    finally:
        sys.stdin, sys.stdout, sys.stderr = real
        driver_trace.cannot_trace, cli_record.cannot_trace = kept
    return Outcome(code, out.text(), err.text())


class Material:
    """Programs, objects and recordings to damage, and a folder to work in."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.sources: list[tuple[str, bytes]] = []
        patterns = ("filters/*.c", "tests/cases/programs/*/*.c", "tests/files/*/*.c")
        for pattern in patterns:
            for path in sorted(glob.glob(os.path.join(_ROOT, pattern))):
                with open(path, "rb") as file:
                    self.sources.append((path, file.read()))
        self.sources += [(f"seed{seed}.c", generate(seed).encode()) for seed in range(20)]
        with open(os.path.join(_ROOT, "filters/events/skb_kfree_skb.jsonl"), "rb") as file:
            self.events = file.read()
        self._objects: dict[str, bytes] = {}

    def file(self, name: str, data: bytes) -> str:
        path = os.path.join(self.folder, name)
        with open(path, "wb") as file:
            file.write(data)
        return path

    def object(self, rng: random.Random) -> bytes:
        """Return the object of a filter or another program that compiles."""
        programs = [s for s in self.sources if "/files/" not in s[0]]
        for _ in range(100):
            data = self._compiled(*rng.choice(programs))
            if data:  # some of the bad programs are no C
                return data
        raise AssertionError("nothing compiles")

    def _compiled(self, path: str, text: bytes) -> bytes:
        if path not in self._objects:
            source, made = self.file("good.c", text), os.path.join(self.folder, "good.o")
            with contextlib.suppress(FileNotFoundError):
                os.unlink(made)
            call([source, "-o", made])
            data = b""
            if os.path.exists(made):
                with open(made, "rb") as file:
                    data = file.read()
            self._objects[path] = data
        return self._objects[path]


Job = Callable[[Material, random.Random], "tuple[list[str], bytes]"]


def attack_c(material: Material, rng: random.Random) -> tuple[list[str], bytes]:
    """Damaged C, compiled, preprocessed or judged."""
    _, text = rng.choice(material.sources)
    _, other = rng.choice(material.sources)
    bad = mangle_bytes(rng, text) if rng.random() < 0.1 else mangle_c(rng, text, other)
    source = material.file("in.c", bad)
    product = os.path.join(material.folder, "out")
    how = rng.choice(
        [
            [source, "-o", product],
            [source, "-Wall", "-Wextra", "-o", product, "-MMD", "-MF", product + ".d"],
            [source, "-O0", f"-mcpu=v{rng.randrange(1, 5)}", "-o", product],
            [source, "-S", "-o", product],
            [source, "-E", "-o", product],
            [source, "--format", rng.choice(("json", "sarif", "github")), "-o", product],
            ["check", source],
            ["-", "-xc", "-o", product],
        ]
    )
    return how, bad


def attack_object(material: Material, rng: random.Random) -> tuple[list[str], bytes]:
    """A damaged object, given to every command that reads objects."""
    bad = mangle_object(rng, material.object(rng))
    path = material.file("in.o", bad)
    product = os.path.join(material.folder, "out")
    how = rng.choice(
        [
            ["objdump", path],
            ["objdump", "--raw", path],
            ["objdump", "--btf", path],
            ["check", path],
            ["check", "--kernel", "4.19,latest", "--stack-report", path],
            ["check", "--explain-states", "--html", product, path],
            ["run", path, "--limit", "20000"],
            ["run", path, "--limit", "20000", "--packet", "00" * 64, "--json"],
            ["run", path, "--limit", "20000", "--trace", "--coverage", product],
            ["min-kernel", "--all", path],
            ["gen", "python", path, "-o", product],
            ["btf", path],
            ["explain", "-", "--object", path],
            ["trace", path, "--replay", os.path.join(_ROOT, "filters/events/skb_kfree_skb.jsonl")],
            [path, path, "-o", product],
            [path, material.file("other.o", material.object(rng)), "-o", product],
        ]
    )
    return how, b"0: (85) call bpf_map_lookup_elem#1\nR1 type=scalar expected=map_ptr\n"


def attack_btf(material: Material, rng: random.Random) -> tuple[list[str], bytes]:
    """A raw BTF file, damaged."""
    from .mangle import sections

    data = material.object(rng)
    begin, size = sections(data)[".BTF"]
    path = material.file("in.btf", mangle_bytes(rng, data[begin : begin + size]))
    source = material.file(
        "in.c",
        b'#include "vmlinux.h"\n#include <bpf/bpf_helpers.h>\nstruct event; SEC("xdp") int f('
        b"struct xdp_md *c) { return c->data + sizeof(u32); }\n",
    )
    product = os.path.join(material.folder, "out")
    how = rng.choice(
        [
            ["btf", path],
            ["btf", path, "--type", "event"],
            [source, "--btf", path, "-o", product],
            ["check", source, "--btf", path],
            ["check", material.file("in.o", data), "--btf", path],
        ]
    )
    return how, b""


def attack_events(material: Material, rng: random.Random) -> tuple[list[str], bytes]:
    """Recordings, captures, logs, baselines and assembly, damaged."""
    lines = material.file("in.jsonl", mangle_lines(rng, material.events))
    obj = material.file("in.o", material.object(rng))
    noise = material.file(
        "noise", mangle_bytes(rng, rng.choice((material.events[:500], obj.encode())))
    )
    capture = material.file(
        "in.pcap",
        mangle_bytes(
            rng,
            b"\xd4\xc3\xb2\xa1\x02\0\x04\0" + bytes(8) + b"\xff\xff\0\0\x01\0\0\0"
            + (bytes(8) + b"\x40\0\0\0" * 2 + bytes(64)) * 3,
        ),
    )  # fmt: skip
    text = mangle_c(
        rng,
        b"r1 = *(u64 *)(r2 + 8)\nif r1 > 5 goto +2\nr0 = 0\nlock *(u32 *)(r1 + 0) += r2\nldxdw %r1, [%r2+8]\n"
        b"jeq %r1, 5, L1\nL1: exit\ncall 1\nr1 = 0x1122334455667788 ll\nr0 = be16 r0\nw1 s>>= 3\nexit\n",
        b"r9 = r8 -- mem:",
    )
    how = rng.choice(
        [
            ["run", obj, "--events", lines, "--limit", "20000"],
            ["run", obj, "--pcap", capture, "--limit", "20000"],
            ["run", obj, "--packet", "@" + noise, "--limit", "20000"],
            ["trace", obj, "--replay", lines],
            ["check", obj, "--baseline", noise],
            ["check", obj, "--baseline", lines],
            ["explain", lines, "--object", obj],
            ["explain", noise],
            ["asm", material.file("in.s", text), "-o", os.path.join(material.folder, "out")],
            ["vm-plugin", "00ff"],
            ["@" + noise],
            ["btf", noise],
            ["objdump", noise],
            [obj, noise, "-o", os.path.join(material.folder, "out")],
        ]
    )
    return how, mangle_bytes(rng, b"b7 00 00 00 00 00 00 00 95 00 00 00 00 00 00 00")


def attack_arguments(material: Material, rng: random.Random) -> tuple[list[str], bytes]:
    """Good files, and arguments that are not."""
    files = [
        material.file("in.o", material.object(rng)),
        material.file("in.c", rng.choice(material.sources)[1]),
        material.file("in.jsonl", material.events[:2000]),
        material.file("empty", b""),
        material.folder,
    ]
    words = [
        word for word in mangle_arguments(rng, files) if "\0" not in word or rng.random() < 0.1
    ]
    command = rng.choice([*cli.COMMANDS, "", "", "", ""])
    if command and rng.random() < 0.8:
        words.insert(0, files[rng.choice((0, 0, 1))])
    return ([command] if command else []) + words, b""


KINDS: dict[str, Job] = {
    "c": attack_c,
    "object": attack_object,
    "btf": attack_btf,
    "events": attack_events,
    "arguments": attack_arguments,
}


def attack(material: Material, kind: str, seed: int) -> list[str]:
    """Run one seed; one line for each thing that must not be, [] if all is well."""
    rng = random.Random(f"{kind} {seed}")
    argv, stdin = KINDS[kind](material, rng)
    product = os.path.join(material.folder, "out")
    with open(product, "wb") as file:
        file.write(_OLD)
    here = os.getcwd()
    os.chdir(material.folder)
    tempdir, tempfile.tempdir = tempfile.tempdir, material.folder
    try:
        outcome = call(argv, stdin)
    except Hang:
        return [f"{kind} {seed}: no end after {LIMIT_SECONDS} s: {argv}"]
    except BaseException:
        return [f"{kind} {seed}: not caught: {argv}\n{traceback.format_exc()}"]
    finally:
        os.chdir(here)
        tempfile.tempdir = tempdir
    return [f"{kind} {seed}: {what}: {argv}" for what in _judge(material, kind, argv, outcome)]


def _judge(material: Material, kind: str, argv: list[str], outcome: Outcome) -> Iterator[str]:
    said = outcome.err + outcome.out
    if outcome.code == 70 or "internal error" in outcome.err:
        report = ""
        for path in glob.glob(os.path.join(material.folder, "bpfcc-crash-*")):
            with open(path, encoding="utf-8") as file:
                report += "\n".join(file.read().splitlines()[-12:])
            os.unlink(path)
        yield f"internal error: {outcome.err}{report}"
    elif outcome.code not in (0, 1, 2):
        yield f"exit code {outcome.code}"
    if outcome.code and not said.strip():
        yield f"exit code {outcome.code} without a word"
    if "Traceback" in said:
        yield "traceback"
    if outcome.code == 0 and re.search(r"\berror: ", outcome.err) and argv[0] != "explain":
        yield f"exit code 0 and an error: {outcome.err[:300]}"
    compiles = argv[0].endswith("in.c") and argv[-1].endswith("out") and "--format" not in argv
    place = _PLACE.search(outcome.err) or (kind == "btf" and "in.btf: " in outcome.err)
    if compiles and outcome.code and not place:
        yield f"an error without a place: {outcome.err[:300]}"
    reads = kind in ("object", "btf") and argv[0] not in ("run", "trace")  # those run as well
    if reads and outcome.code and not re.search(r"\b\w+\.(o|c|btf)\b", said):
        yield f"an error that names no file: {said[:300]}"
    with open(os.path.join(material.folder, "out"), "rb") as file:
        kept = file.read() == _OLD
    if outcome.code and not kept and argv[0] not in ("check", "run"):
        yield "the old file is gone after an error"
    left = [name for name in os.listdir(material.folder) if ".tmp" in name]
    if left:
        yield f"left behind: {left}"


def main() -> int:
    """Attack until interrupted; 0 when nothing was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.attack")
    parser.add_argument("--seeds", default="0:", metavar="A:B")
    parser.add_argument("--kind", choices=KINDS, action="append")
    args = parser.parse_args()
    first, _, last = args.seeds.partition(":")
    seeds = range(int(first), int(last)) if last else itertools.count(int(first))
    found = count = 0
    with tempfile.TemporaryDirectory() as folder, contextlib.suppress(KeyboardInterrupt):
        material = Material(folder)
        for seed in seeds:
            for kind in args.kind or KINDS:
                lines = attack(material, kind, seed)
                count += 1
                found += bool(lines)
                for line in lines:
                    print(line, flush=True)
    print(f"{count} inputs, {found} of them not taken well")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
