"""Switches: every value goes where its case says."""

from __future__ import annotations

import random

import pytest


def switch_text(type, cases, targets):
    lines = [f'func @f({type} %x) -> i64 section "tc" linkage global {{', "entry:"]
    lines.append(f"  switch %x, d, {', '.join(f'{c}: t{t}' for c, t in zip(cases, targets))}")
    lines += ["d:", "  ret i64 999"]
    for t in sorted(set(targets)):
        lines += [f"t{t}:", f"  ret i64 {t}"]
    return "\n".join([*lines, "}"]) + "\n"


@pytest.mark.parametrize("mcpu", [1, 2, 3])
@pytest.mark.parametrize("type", ["i8", "i16", "i32", "i64"])
def test_all_ways(box, type, mcpu):
    bits = int(type[1:])
    r = random.Random(bits + mcpu)
    for _ in range(12):
        n = r.randint(1, 14)
        pool = [
            *range(12),
            *(r.getrandbits(bits) for _ in range(4)),
            (1 << bits) - 1,
            1 << bits - 1,
        ]
        cases = sorted({c & ((1 << bits) - 1) for c in r.choices(pool, k=n)})
        targets = [r.randint(0, 3) for _ in cases]
        text = switch_text(type, cases, targets)
        for value in {c + d & ((1 << bits) - 1) for c in cases for d in (-1, 0, 1)}:
            want, got = box.both(text, [value], mcpu)
            assert got == want, (text, value)


def test_ranges_are_tested_on_the_value_itself(box):
    text = switch_text("i64", list(range(10, 30)), [1] * 20)
    lines = box.lines(text)
    assert not any("+=" in line or "-=" in line for line in lines)
    assert sum(line.startswith("if") for line in lines) == 2
