"""Maps without keys: queue, stack, Bloom filter.

Source: kernel/bpf/queue_stack_maps.c, bloom_filter.c.
"""

from __future__ import annotations

from typing import Any

from ..errnos import E2BIG, EINVAL, ENOENT
from .base import BPF_ANY, BPF_EXIST, BPF_NOEXIST, Map


class QueueMap(Map):
    """BPF_MAP_TYPE_QUEUE: first in, first out."""

    newest_first = False

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.values: list[bytes] = []

    def push(self, value: bytes, flags: int) -> int:
        """Add; BPF_EXIST makes room by dropping the oldest."""
        if flags & BPF_NOEXIST or flags > BPF_EXIST:
            return -EINVAL
        if len(self.values) >= self.max_entries:
            if not flags & BPF_EXIST:
                return -E2BIG
            self.values.pop(0)
        self.values.append(value)
        return 0

    def pop(self) -> bytes | int:
        """As in ``Map``."""
        if not self.values:
            return -ENOENT
        return self.values.pop(-1 if self.newest_first else 0)

    def peek(self, value: bytes) -> bytes | int:
        """As in ``Map``."""
        if not self.values:
            return -ENOENT
        return self.values[-1 if self.newest_first else 0]

    def __len__(self) -> int:
        return len(self.values)

    def items(self) -> list[tuple[Any, Any]]:
        """Return (place, value), the next one to pop first."""
        order = reversed(self.values) if self.newest_first else self.values
        return [(i, self.value_value(value)) for i, value in enumerate(order)]

    def append(self, value: Any) -> None:
        """Add a value from outside."""
        result = self.push(self.value_bytes(value), BPF_ANY)
        if result:
            raise OSError(-result, f"map {self.name} is full")

    def clear(self) -> None:
        """As in ``Map``."""
        self.values.clear()


class StackMap(QueueMap):
    """BPF_MAP_TYPE_STACK: last in, first out."""

    newest_first = True


class BloomMap(Map):
    """BPF_MAP_TYPE_BLOOM_FILTER; exact here: it never says yes by mistake."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.values: dict[bytes, None] = {}

    def push(self, value: bytes, flags: int) -> int:
        """As in ``Map``."""
        if flags != BPF_ANY:
            return -EINVAL
        self.values[value] = None
        return 0

    def peek(self, value: bytes) -> bytes | int:
        """Return ``value`` when it may be in the set."""
        return value if value in self.values else -ENOENT

    def add(self, value: Any) -> None:
        """Add a value from outside."""
        self.values[self.value_bytes(value)] = None

    def __contains__(self, value: Any) -> bool:
        return self.value_bytes(value) in self.values

    def __len__(self) -> int:
        return len(self.values)

    def items(self) -> list[tuple[Any, Any]]:
        """A filter cannot be listed."""
        return []
