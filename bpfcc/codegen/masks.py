"""Sets of small integers as bit masks: bit n set means that n is in."""

from __future__ import annotations


def members(mask: int) -> list[int]:
    """Return the numbers in ``mask``, ascending.

    Taking off the lowest bit costs as much as the mask is long; of long masks the bits are found
    by searching their text.
    """
    out = []
    if mask < 1 << 512:
        while mask:
            low = mask & -mask
            mask ^= low
            out.append(low.bit_length() - 1)
        return out
    text = bin(mask)[:1:-1]
    at = text.find("1")
    while at >= 0:
        out.append(at)
        at = text.find("1", at + 1)
    return out
