"""Killed at any moment: what was there before is whole, and an object is never without its files."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

if not hasattr(os, "fork"):
    pytest.skip("this system has no processes to kill", allow_module_level=True)

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "filters" / "sockproto.c"
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}
OLD = b"old\n"
FILES = ("x.o", "x.d", "x.json", "x.i", "x.s")  # the object, and what comes with it
ARGUMENTS = [
    str(SOURCE), "-c", "-o", "x.o", "-MMD", "-MF", "x.d", "-MJ", "x.json", "-save-temps=obj",
]  # fmt: skip

# Compiles in children that end at the first, second ... step that touches a file of the output,
# half a write included, until one gets through. Writes what each has left: [status, {file: hex}].
CHILDREN = """
import builtins, io, json, os, signal, sys
from bpfcc.cli.main import main
end, old, files, argv = sys.argv[1], bytes.fromhex(sys.argv[2]), sys.argv[3].split(), sys.argv[4:]
left = 0
def step():
    global left
    left -= 1
    if left == -1:
        if end == "interrupt":
            raise KeyboardInterrupt
        os.kill(os.getpid(), signal.SIGKILL)
def before(function):
    def wrapped(*arguments, **more):
        step()
        return function(*arguments, **more)
    return wrapped
class Slow(io.FileIO):
    def write(self, data):
        step()
        done = super().write(data[: len(data) // 2])
        step()
        return done + super().write(data[len(data) // 2 :])
real = builtins.open
def opened(path, mode="r", *arguments, **more):
    if mode != "wb":
        return real(path, mode, *arguments, **more)
    step()
    return Slow(path, "w")
def child(steps):
    global left
    left = steps
    builtins.open = opened
    for name in ("replace", "rename", "unlink", "chmod"):
        setattr(os, name, before(getattr(os, name)))
    os._exit(main(argv))
main(argv)  # so that the children find everything imported
steps = status = 1
while status:
    for name in os.listdir():
        os.unlink(name)
    for name in files:
        with open(name, "wb") as file:
            file.write(old)
    pid = os.fork()
    if not pid:
        child(steps - 1)
    status = os.waitpid(pid, 0)[1]
    held = {name: real(name, "rb").read().hex() for name in os.listdir()}
    print(json.dumps([status, held]))
    steps += 1
"""


def compile_once(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bpfcc", *ARGUMENTS], cwd=folder, env=ENVIRONMENT, timeout=60
    )
    assert done.returncode == 0


def ended(folder: Path, end: str) -> list[tuple[int, dict[str, bytes]]]:
    """Return (status, file -> bytes) for a compilation that ends at each of its steps."""
    done = subprocess.run(
        [sys.executable, "-c", CHILDREN, end, OLD.hex(), " ".join(FILES), *ARGUMENTS],
        cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    return [(status, {k: bytes.fromhex(v) for k, v in held.items()}) for status, held in rows]


def judge(held: dict[str, bytes], new: dict[str, bytes]) -> bool:
    """Return whether the object is the new one; then all are, and before that each is whole."""
    for name in FILES:
        assert held[name] in (OLD, new[name]), f"{name}: {len(held[name])} bytes"
    if held["x.o"] == OLD:
        return False
    assert all(held[name] == new[name] for name in FILES), "an object without its files"
    return True


def test_at_each_step(tmp_path) -> None:
    rows = ended(tmp_path, "kill")
    *killed, (_, new) = rows
    assert sorted(new) == sorted(FILES) and OLD not in new.values()
    assert all(status == signal.SIGKILL for status, _ in killed)
    assert [judge(held, new) for _, held in killed] == [False] * len(killed)  # it comes last
    assert len(killed) == 5 * len(FILES)  # open, two halves of a write, mode, rename of each


def test_interrupted_leaves_nothing_behind(tmp_path) -> None:
    """Ctrl-C: nothing unfinished stays beside the files."""
    *interrupted, (_, new) = ended(tmp_path, "interrupt")
    assert len(interrupted) == 5 * len(FILES)
    for status, held in interrupted:
        assert os.waitstatus_to_exitcode(status) == 130
        assert sorted(held) == sorted(FILES)
        judge(held, new)


def test_at_any_time(tmp_path) -> None:
    rng = random.Random(1)
    start = time.monotonic()
    compile_once(tmp_path)
    whole = time.monotonic() - start
    new = {name: (tmp_path / name).read_bytes() for name in FILES}
    for _ in range(6):
        for name in FILES:
            (tmp_path / name).write_bytes(OLD)
        process = subprocess.Popen(
            [sys.executable, "-m", "bpfcc", *ARGUMENTS], cwd=tmp_path, env=ENVIRONMENT
        )
        time.sleep(whole * rng.uniform(0.3, 1.1))
        process.kill()
        process.wait()
        judge({name: (tmp_path / name).read_bytes() for name in FILES}, new)
