"""BPF_MAP_TYPE_ARENA: pages shared with user space, at 32-bit addresses of their own.

Source: kernel/bpf/arena.c. ``addr_space_cast`` puts the arena's high half onto a 32-bit address.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..memory import Region, Window
from .base import Map

if TYPE_CHECKING:
    from ...objfile.maps import MapDef
    from ..world import World

PAGE = 4096


class _Pages(Region):
    """4 GiB of which only the pages that were allocated are there."""

    __slots__ = ("pages",)

    def __init__(self, base: int, name: str) -> None:
        super().__init__(base, bytearray(), name)
        self.size = 1 << 32
        self.pages: dict[int, bytearray] = {}

    def window(self, addr: int, size: int) -> Window | None:
        """As in ``Region``, within one page."""
        number, inside = divmod(addr - self.base, PAGE)
        page = self.pages.get(number)
        if page is None or inside > PAGE - size:
            return None
        return addr - inside, 0, PAGE - 1, PAGE - 2, PAGE - 4, PAGE - 8, page

    def describe(self, addr: int, size: int) -> str:
        """As in ``Region``."""
        return f"no page of {self.name} is allocated at offset {addr - self.base:#x}"


class ArenaMap(Map):
    """Pages by number; ``max_entries`` of them at most."""

    def __init__(self, spec: MapDef, world: World, number: int) -> None:
        super().__init__(spec, world, number)
        base = (world.memory.map_base(1 << 33) >> 32) + 1 << 32
        self.region = _Pages(base, f"arena {self.name}")
        world.memory.add(self.region)
        world.arena_base = base

    def allocate(self, addr: int, count: int) -> int:
        """Add ``count`` pages at ``addr`` (0 = anywhere); return their address, 0 when full."""
        pages = self.region.pages
        if count <= 0 or len(pages) + count > self.max_entries:
            return 0
        first = (addr & 0xFFFFFFFF) // PAGE
        if not first:
            first = 1  # the page at 0 would look like a null pointer
            while any(first + i in pages for i in range(count)):
                first += 1
        elif any(first + i in pages for i in range(count)):
            return 0
        for i in range(count):
            pages[first + i] = bytearray(PAGE)
        return self.region.base + first * PAGE

    def free(self, addr: int, count: int) -> None:
        """Take pages away."""
        first = (addr & 0xFFFFFFFF) // PAGE
        for i in range(count):
            self.region.pages.pop(first + i, None)
