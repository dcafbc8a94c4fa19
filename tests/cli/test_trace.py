"""``bpfcc trace`` and ``run`` as a user types them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILTERS = ROOT / "filters"
DROPMON = str(FILTERS / "dropmon.c")
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}


def trace(*argv: str, **more: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bpfcc", "trace", *argv],
        capture_output=True, text=True, timeout=60, env=ENVIRONMENT, **more,
    )  # fmt: skip


@pytest.mark.kernel
@pytest.mark.parametrize(
    ("argv", "words"),
    [
        ([DROPMON, "-e", "skb:kfree_skbb"], "did you mean skb:kfree_skb?"),
        ([DROPMON, "-e", "skbb:kfree_skb"], "did you mean skb:kfree_skb?"),
        ([DROPMON], "give -e GROUP:NAME"),
        ([DROPMON, "-e", "x=skb:kfree_skb"], "no program 'x' (it has dropmon)"),
        ([DROPMON, "-e", "skb:kfree_skb", "--map", "drops"], "no such map (there are table_0)"),
        ([str(FILTERS / "xdpguard.c")], "needs --interface NAME"),
        ([str(FILTERS / "xdpguard.c"), "--interface", "nosuch"], "(there are "),
    ],
)
def test_mistakes_are_one_sentence(argv, words) -> None:
    done = trace(*argv, "-w", "--duration", "1")
    assert done.returncode == 1
    assert words in done.stderr.splitlines()[-1]


@pytest.mark.parametrize("argv", [["--duration", "nan"], ["--interval", "0"], ["--limit", "0"]])
def test_numbers_that_make_no_sense(argv) -> None:
    done = trace(DROPMON, "-w", "-e", "skb:kfree_skb", *argv)
    assert done.returncode == 1 and "positive number" in done.stderr


@pytest.mark.kernel
def test_json_is_one_line_an_interval() -> None:
    """Records come with the interval's line, not each in its own."""
    argv = [str(FILTERS / "execsnoop.c"), "--json", "--duration", "2", "--interval", "0.5"]
    with subprocess.Popen(
        [sys.executable, "-m", "bpfcc", "trace", *argv],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT,
    ) as process:  # fmt: skip
        assert process.stderr is not None and process.stdout is not None
        assert "in the running kernel" in process.stderr.readline()
        for _ in range(10):
            subprocess.run(["/bin/true"])
        rows = [json.loads(line) for line in process.stdout.read().splitlines()]
    assert process.returncode == 0
    assert len(rows) == 4
    for row in rows:
        assert list(row) == ["time", "event", "maps", "records", "lost"]
    assert sum(r["filename"] == "/bin/true" for row in rows for r in row["records"]) >= 10


@pytest.mark.kernel
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_shows_what_there_is(number) -> None:
    argv = [DROPMON, "-w", "-e", "skb:kfree_skb", "--demo", "--interval", "100"]
    with subprocess.Popen(
        [sys.executable, "-m", "bpfcc", "trace", *argv],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT,
    ) as process:  # fmt: skip
        try:
            assert process.stderr is not None
            assert "in the running kernel" in process.stderr.readline()
            time.sleep(0.5)
            process.send_signal(number)
            shown, said = process.communicate(timeout=30)
        finally:
            process.kill()
    assert process.returncode == 0 and said == ""
    assert "table_0: " in shown


@pytest.mark.kernel
def test_reader_that_goes_away_ends_it() -> None:
    command = f"{sys.executable} -m bpfcc trace {DROPMON} -w -e skb:kfree_skb --json --demo"
    done = subprocess.run(
        f"{command} --interval 0.2 | head -1", shell=True, capture_output=True, text=True,
        timeout=60, env=ENVIRONMENT,
    )  # fmt: skip
    assert len(done.stdout.splitlines()) == 1
    assert done.stderr.startswith("in the running kernel") and done.stderr.count("\n") == 1


@pytest.mark.kernel
def test_one_program_at_several_events() -> None:
    done = trace(
        DROPMON, "-w", "-e", "skb:kfree_skb", "-e", "skb:consume_skb", "--demo", "--duration", "1"
    )
    assert "dropmon to skb:kfree_skb; dropmon to skb:consume_skb" in done.stderr
    assert "udp" in done.stdout and "icmp" in done.stdout  # the answers are consumed


@pytest.mark.kernel
def test_an_event_that_no_program_takes_is_noted() -> None:
    done = trace(str(FILTERS / "dropreason.c"), "-e", "skb:consume_skb", "--duration", "0.1")
    assert "-e skb:consume_skb is not used" in done.stderr
    done = trace(str(FILTERS / "dropreason.c"), "-e", "skb:kfree_skb", "--duration", "0.1")
    assert "not used" not in done.stderr
