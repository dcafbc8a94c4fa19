"""Names of kernel addresses, from /proc/kallsyms.

The file has some 200,000 lines; it is read once per process and kept as sorted arrays.
"""

from __future__ import annotations

import functools
from array import array
from bisect import bisect_right

from .syscall import KernelError

_PATH = "/proc/kallsyms"


@functools.cache
def _table() -> tuple[array[int], list[bytes], dict[bytes, int]]:
    """Return (addresses sorted, names beside them, address by name)."""
    try:
        with open(_PATH, "rb") as file:
            lines = file.read().split(b"\n")
    except OSError as error:
        raise KernelError(f"cannot read {_PATH}: {error.strerror}") from None
    pairs: list[tuple[int, bytes]] = []
    by_name: dict[bytes, int] = {}
    for line in lines:
        fields = line.split(None, 3)
        if len(fields) < 3:
            continue
        at, name = int(fields[0], 16), fields[2]
        by_name.setdefault(name, at)
        if fields[1] in b"tTwWdDbBrR":
            pairs.append((at, name))
    pairs.sort(key=lambda pair: pair[0])
    return array("Q", [at for at, _ in pairs]), [name for _, name in pairs], by_name


class KernelSymbols:
    """Looks kernel symbols up by address and by name."""

    def name(self, at: int) -> str | None:
        """Return "symbol" or "symbol+0x1f" for a kernel address; None if nothing is there.

        Without the right to see addresses (kptr_restrict) nothing is.
        """
        addresses, names, _ = _table()
        i = bisect_right(addresses, at)
        if not i or not addresses[i - 1]:
            return None
        # Several names may share an address: the first one listed is the usual one.
        first = i - 1
        while first and addresses[first - 1] == addresses[first]:
            first -= 1
        distance = at - addresses[first]
        if distance > 1 << 20:
            return None
        text = names[first].decode("utf-8", "replace")
        return f"{text}+{distance:#x}" if distance else text

    def address(self, name: str) -> int | None:
        """Return the address of ``name``; None if there is none or it is hidden."""
        return _table()[2].get(name.encode()) or None

    def has(self, name: str) -> bool:
        """Tell whether the kernel has a symbol ``name``, visible or not."""
        return name.encode() in _table()[2]
