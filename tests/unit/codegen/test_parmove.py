"""Every way to permute and duplicate four registers, in sequence."""

from __future__ import annotations

import itertools

from bpfcc.codegen.parmove import sequentialise


def test_all_small_cases():
    for sources in itertools.product(range(4), repeat=4):
        copies = [(dst, src, f"n{dst}") for dst, src in enumerate(sources)]
        made = itertools.count(100)
        before = {reg: f"value {reg}" for reg in range(4)}
        state = dict(before)
        out = sequentialise(copies, lambda made=made: next(made))
        for dst, src, _ in out:
            state[dst] = state[src]
        assert [state[dst] for dst in range(4)] == [before[src] for src in sources]
        moved = sum(dst != src for dst, src, _ in copies)
        assert moved <= len(out) <= moved + 2


def test_chain_needs_no_extra_register():
    def never():
        raise AssertionError

    out = sequentialise([(1, 2, ""), (2, 3, ""), (3, 4, "")], never)
    assert [copy[:2] for copy in out] == [(1, 2), (2, 3), (3, 4)]
