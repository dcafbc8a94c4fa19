"""Did-you-mean: the known name nearest to an unknown one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def distance(a: str, b: str, limit: int) -> int:
    """Return the edit distance of two words (swapped neighbours count 1), or limit + 1 if more.

    Source: optimal string alignment, a restricted Damerau-Levenshtein distance.
    """
    if abs(len(a) - len(b)) > limit:
        return limit + 1
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        two_before, before, row = before, row, [i] + [0] * len(b)
        best = i
        for j, y in enumerate(b, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, two_before[j - 2] + 1)
            row[j] = cost
            best = min(best, cost)
        if best > limit:
            return limit + 1
    return row[-1]


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the word of ``known`` nearest to ``word``, None when nothing is near enough.

    A third of the letters may be wrong; ties go to the alphabetically first.
    """
    limit = max(1, (len(word) + 1) // 3)
    best: str | None = None
    length = len(word)
    letters = set(word)
    for candidate in known:
        if abs(len(candidate) - length) > limit or candidate == word:
            continue
        # Each letter that the candidate lacks costs a change: a bound that is quick to compute,
        # for headers with a hundred thousand names.
        if len(letters.difference(candidate)) > limit:
            continue
        found = distance(word, candidate, limit)
        if found > limit:
            continue
        if found < limit or best is None or candidate < best:
            best, limit = candidate, found
    return best
