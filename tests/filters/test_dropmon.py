"""The article's dropmon, in the user-space machine and in the kernel."""

from __future__ import annotations

import os

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
