"""From the steps that showed a difference to few and small ones that still do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from .cross_inputs import Step

# How many of the given steps run until the difference shows; None when it does not.
Differs = Callable[[list[Step]], "int | None"]


def shrink(steps: list[Step], differs: Differs, budget: int) -> list[Step]:
    """Return steps, the last of which shows the difference, that ``differs`` still accepts.

    First the steps before the last are dropped, in halves, quarters and so on; then contexts,
    packets and map contents of those left are made zero or shorter. ``budget``: calls of
    ``differs`` at most.
    """
    calls = 0

    def attempt(candidate: list[Step]) -> list[Step] | None:
        nonlocal calls
        if calls >= budget:
            return None
        calls += 1
        count = differs(candidate)
        return None if count is None else candidate[:count]

    steps = attempt(steps[-1:]) or _fewer(steps, attempt)
    for i in range(len(steps)):
        steps = _smaller(steps, i, attempt)
        if i + 1 >= len(steps):
            break
    return steps


Attempt = Callable[[list[Step]], "list[Step] | None"]


def _fewer(steps: list[Step], attempt: Attempt) -> list[Step]:
    size = max(1, (len(steps) - 1) // 2)
    while True:
        at = 0
        while at < len(steps) - 1:
            end = min(at + size, len(steps) - 1)
            found = attempt(steps[:at] + steps[end:])
            if found is None:
                at = end
            else:
                steps = found
        if size == 1:
            return steps
        size //= 2


def _smaller(steps: list[Step], i: int, attempt: Attempt) -> list[Step]:
    """Simplify step ``i`` until no simpler form still shows the difference."""
    changed = True
    while changed and i < len(steps):
        changed = False
        for simpler in _simpler(steps[i]):
            found = attempt([*steps[:i], simpler, *steps[i + 1 :]])
            if found is not None:
                steps, changed = found, True
                break
    return steps


def _simpler(step: Step) -> Iterator[Step]:
    """Yield forms of ``step`` with one thing less, boldest first."""
    if step.writes:
        yield replace(step, writes=())
    if step.wait:
        yield replace(step, wait=0)
    if step.fail is not None:
        yield replace(step, fail=None)
    if step.pid != 1000:
        yield replace(step, pid=1000)
    for data in _less(step.packet or b"", 14):
        yield replace(step, packet=data)
    ctx = step.ctx
    if isinstance(ctx, bytes):
        for data in _zeroed(ctx):
            yield replace(step, ctx=data)
    elif isinstance(ctx, list):
        for i, value in enumerate(ctx):
            if value:
                yield replace(step, ctx=[*ctx[:i], 0, *ctx[i + 1 :]])
    else:
        for name in ctx:
            yield replace(step, ctx={k: v for k, v in ctx.items() if k != name})


def _less(data: bytes, shortest: int) -> Iterator[bytes]:
    """Yield shorter forms of ``data``, then ones with a part zeroed."""
    cut = (len(data) - shortest) // 2
    while cut > 0:
        yield data[:-cut]
        cut //= 2
    yield from _zeroed(data)


def _zeroed(data: bytes) -> Iterator[bytes]:
    size = len(data)
    while size > 0:
        for at in range(0, len(data), size):
            part = data[at : at + size]
            if any(part):
                yield data[:at] + bytes(len(part)) + data[at + size :]
        if size == 1:
            return
        size = (size + 1) // 2
