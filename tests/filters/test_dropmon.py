"""The article's dropmon, in the user-space machine and in the kernel."""

from __future__ import annotations

import os
import socket

import pytest

from bpfcc.driver.options import Options
from bpfcc.driver.pipeline import compile_source, read_source
from bpfcc.driver.trace import TraceOptions, Tracer
from bpfcc.support.diagnostics import Sink

FILTERS = os.path.join(os.path.dirname(__file__), "..", "..", "filters")


def test_counts_each_location(bpf) -> None:
    prog = bpf.compile(os.path.join(FILTERS, "dropmon.c"))
    for location in (0x1000, 0x1000, 0x2000, 0x1000):
        assert prog.run(arg2=location).retval == 0
    # The first packet of a location makes the entry with count 0, as the article has it.
    assert prog.maps["table_0"] == {0x1000: 2, 0x2000: 0}


def test_recorded_drops(bpf) -> None:
    prog = bpf.compile(os.path.join(FILTERS, "dropmon.c"))
    outcomes = prog.run_events(os.path.join(FILTERS, "events", "skb_kfree_skb.jsonl"))
    assert len(outcomes) == 60
    counts = dict(prog.maps["table_0"])
    assert sum(counts.values()) == len(outcomes) - len(counts)


@pytest.mark.kernel
def test_counts_99_of_100_packets_at_one_site() -> None:
    """The promise of the first example: real drops, counted where they happen."""
    obj = compile_source(read_source(os.path.join(FILTERS, "dropmon.c")), Options(), Sink())
    assert obj is not None
    wanted = TraceOptions()
    wanted.events = ["skb:kfree_skb"]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with Tracer(obj, wanted) as tracer:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for _ in range(100):
                sender.sendto(b"x", ("127.0.0.1", port))
        rows = tracer.snapshot().maps["table_0"]
    # The first drop at a place makes its entry, with count 0: of 100 packets, 99 are counted.
    assert max(row.value for row in rows) >= 99
