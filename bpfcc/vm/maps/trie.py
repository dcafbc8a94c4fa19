"""BPF_MAP_TYPE_LPM_TRIE: longest prefix match.

A key is a 32-bit prefix length in bits, then the data, most significant bit first. One table per
prefix length serves; a lookup tries the lengths from the longest.
Source: kernel/bpf/lpm_trie.c.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..errnos import EEXIST, EINVAL, ENOENT, ENOSPC
from .base import BPF_EXIST, BPF_NOEXIST
from .hash import HashMap

if TYPE_CHECKING:
    from ..run import Run


class TrieMap(HashMap):
    """Elements are stored under (length, masked data) in the hash table's cells."""

    def _split(self, key: bytes) -> tuple[int, int]:
        """Return (prefix length, data as a number)."""
        length = int.from_bytes(key[:4], self.world.byteorder)
        return length, int.from_bytes(key[4 : self.key_size], "big")

    @property
    def bits(self) -> int:
        """The longest prefix."""
        return (self.key_size - 4) * 8

    def _normal(self, key: bytes) -> bytes | None:
        """Return ``key`` with the bits behind its prefix cleared, None when it is too long."""
        length, data = self._split(key)
        if length > self.bits:
            return None
        kept = data >> (self.bits - length) << (self.bits - length)
        return key[:4] + kept.to_bytes(self.key_size - 4, "big")

    def _find(self, key: bytes) -> bytes | None:
        length, data = self._split(key)
        if length > self.bits:
            return None
        for shorter in sorted({self._split(one)[0] for one in self.index}, reverse=True):
            if shorter > length:
                continue
            kept = data >> (self.bits - shorter) << (self.bits - shorter)
            probe = shorter.to_bytes(4, self.world.byteorder) + kept.to_bytes(
                self.key_size - 4, "big"
            )
            if probe in self.index:
                return probe
        return None

    def lookup(self, run: Run, key: bytes) -> int:
        """As in ``Map``: of the longest prefix that matches."""
        found = self._find(key)
        return 0 if found is None else self._address(self.index[found], 0)

    def update(self, key: bytes, value: bytes, flags: int) -> int:
        """As in ``Map``."""
        normal = self._normal(key)
        if flags > BPF_EXIST or normal is None:
            return -EINVAL
        present = normal in self.index
        if present and flags == BPF_NOEXIST:
            return -EEXIST
        if not present and flags == BPF_EXIST:
            return -ENOENT
        if not present and len(self.index) >= self.max_entries:
            return -ENOSPC
        return self._update(normal, value, 0, 0)

    def delete(self, key: bytes) -> int:
        """As in ``Map``: of exactly this prefix."""
        normal = self._normal(key)
        return -EINVAL if normal is None else super().delete(normal)

    def cells(self) -> Iterator[tuple[bytes, int]]:
        """As in ``Map``: longer prefixes first, as the kernel walks."""
        order = sorted(self.index, key=lambda key: (-self._split(key)[0], key))
        return iter([(key, self._address(self.index[key], 0)) for key in order])

    def read(self, key: bytes) -> bytes | list[bytes] | None:
        """As in ``Map``: of the longest prefix that matches, like the system call."""
        found = self._find(key)
        return None if found is None else super().read(found)

    def write(self, key: bytes, value: bytes | list[bytes], flags: int = 0) -> int:
        """As in ``Map``."""
        return self.update(key, value if isinstance(value, bytes) else value[0], flags)
