"""The address space a program sees: regions with bounds and permissions.

Every region lives at a 64-bit address of our own choosing, in a 4 GiB slot of its own, so that
finding the region of an address is one dictionary lookup on ``addr >> 32``:

    slot                what
    0                   packets, whose addresses must fit in the 32-bit ``data`` fields
    0x1                 the context
    0x10 .. 0x1f        stack frames, one each (r10 of frame d is (0x10 + d) << 32 | 0x10200)
    0x20                function addresses (nothing is readable there)
    0x30                map handles (likewise)
    0x40 ..             scratch: buffers of a run, records being written
    0x100 ..            map values, one slot or more per map
    anything            kernel and user memory that the user describes, at the addresses given

An access lies in one region or faults; ``lo <= addr - base <= hi - size`` decides, in Python's
unbounded integers, so nothing wraps. Regions may be cut into cells (elements of an array map):
an access must stay inside one cell.
"""

from __future__ import annotations

from .faults import MemoryFault

MASK64 = 0xFFFFFFFFFFFFFFFF

PACKET_BASE = 0x0000_0000_1000_0000
CONTEXT_BASE = 0x1_0001_0000
STACK_SLOT = 0x10
STACK_BASE_OFFSET = 0x1_0000
FUNCTION_BASE = 0x20_0000_0000
HANDLE_BASE = 0x30_0000_0000
SCRATCH_SLOT = 0x40
MAP_SLOT = 0x100
FRAME_SIZE = 512
MAX_FRAMES = 8

# What ``Region.window`` returns: (base address of the buffer, lowest offset, highest offset of a
# 1-, 2-, 4- and 8-byte access, buffer). A load may use it again for other addresses.
Window = tuple[int, int, int, int, int, int, "bytearray | memoryview"]


class Region:
    """``size`` bytes at ``base``, held in ``data``; ``name`` is for messages.

    ``stop`` (exclusive, relative to base) and ``start`` narrow what is accessible now: a packet's
    headroom exists but is out of bounds until the program grows into it.
    """

    __slots__ = ("base", "data", "name", "size", "start", "stop", "writable")

    def __init__(
        self,
        base: int,
        data: bytearray | memoryview,
        name: str,
        *,
        writable: bool = True,
        start: int = 0,
        stop: int | None = None,
    ) -> None:
        self.base = base
        self.data = data
        self.size = len(data)
        self.name = name
        self.writable = writable
        self.start = start
        self.stop = self.size if stop is None else stop

    def window(self, addr: int, size: int) -> Window | None:
        """Return the window around ``addr``, None when ``size`` bytes there are out of bounds."""
        offset = addr - self.base
        stop = self.stop
        if self.start <= offset <= stop - size:
            return self.base, self.start, stop - 1, stop - 2, stop - 4, stop - 8, self.data
        return None

    def describe(self, addr: int, size: int) -> str:
        """Say why ``addr`` is out of bounds here."""
        offset = addr - self.base
        if offset >= self.stop or offset + size > self.stop:
            return (
                f"past the end of {self.name} ({self.stop - self.start} bytes; offset "
                f"{offset - self.start})"
            )
        return f"before the start of {self.name} (offset {offset - self.start})"


class CellRegion(Region):
    """An array of cells in one buffer: cell i is ``cell`` bytes at ``i * stride``."""

    __slots__ = ("cell", "stride")

    def __init__(
        self,
        base: int,
        data: bytearray,
        name: str,
        cell: int,
        stride: int,
        *,
        writable: bool = True,
    ) -> None:
        super().__init__(base, data, name, writable=writable)
        self.cell = cell
        self.stride = stride

    def window(self, addr: int, size: int) -> Window | None:
        """Return the window of the cell around ``addr``."""
        offset = addr - self.base
        if not 0 <= offset < self.size:
            return None
        lo = offset - offset % self.stride
        stop = lo + self.cell
        if offset <= stop - size:
            return self.base, lo, stop - 1, stop - 2, stop - 4, stop - 8, self.data
        return None

    def describe(self, addr: int, size: int) -> str:
        """Say which element the access leaves."""
        offset = addr - self.base
        if not 0 <= offset < self.size:
            return super().describe(addr, size)
        index, inside = divmod(offset, self.stride)
        return (
            f"past the end of element {index} of {self.name} ({self.cell} bytes; offset {inside})"
        )


class SlabRegion(Region):
    """Cells with a buffer each, some of them absent: the entries of a hash map."""

    __slots__ = ("cell", "cells", "stride")

    def __init__(self, base: int, name: str, cell: int, stride: int) -> None:
        super().__init__(base, bytearray(), name)
        self.cell = cell
        self.stride = stride
        self.cells: dict[int, bytearray] = {}
        self.size = 1 << 32

    def window(self, addr: int, size: int) -> Window | None:
        """Return the window of the cell around ``addr``."""
        offset = addr - self.base
        index, inside = divmod(offset, self.stride)
        data = self.cells.get(index)
        if data is None or offset < 0 or inside > len(data) - size:
            return None
        stop = len(data)
        return addr - inside, 0, stop - 1, stop - 2, stop - 4, stop - 8, data

    def describe(self, addr: int, size: int) -> str:
        """Say whether the entry exists and how long it is."""
        index, inside = divmod(addr - self.base, self.stride)
        data = self.cells.get(index)
        if data is None:
            return f"no live entry of {self.name} is there"
        return f"past the end of an entry of {self.name} ({len(data)} bytes; offset {inside})"


class Memory:
    """All regions, by address.

    ``zero_reads``: a read of memory that is not there gives zeros instead of a fault, as a read
    through a BTF pointer does in the kernel (which no other read of an accepted program can miss).
    """

    __slots__ = ("_next_map", "_next_scratch", "slots", "zero_reads")

    def __init__(self) -> None:
        self.zero_reads = False
        self.slots: dict[int, Region | list[Region]] = {}
        self._next_map = MAP_SLOT
        self._next_scratch = SCRATCH_SLOT

    def add(self, region: Region) -> Region:
        """Make ``region`` accessible.

        Raises: ValueError when it overlaps another region, or lies in the first or last 64 KiB of
        the address space, which belong to null pointers and error numbers.
        """
        if region.base < 0x10000 or region.base + region.size > (1 << 64) - 0x10000:
            raise ValueError(f"{region.name} at {region.base:#x}: no memory can be there")
        first, last = region.base >> 32, (region.base + max(region.size, 1) - 1) >> 32
        for slot in range(first, last + 1):
            held = self.slots.get(slot)
            if held is None:
                self.slots[slot] = region
                continue
            regions = held if isinstance(held, list) else [held]
            for other in regions:
                if region.base < other.base + other.size and other.base < region.base + region.size:
                    raise ValueError(
                        f"{region.name} at {region.base:#x} overlaps {other.name} "
                        f"at {other.base:#x}"
                    )
            self.slots[slot] = sorted([*regions, region], key=lambda one: one.base)
        return region

    def remove(self, region: Region) -> None:
        """Take ``region`` away; no error when it is not there."""
        first, last = region.base >> 32, (region.base + max(region.size, 1) - 1) >> 32
        for slot in range(first, last + 1):
            held = self.slots.get(slot)
            if held is region:
                del self.slots[slot]
            elif isinstance(held, list) and region in held:
                left = [one for one in held if one is not region]
                self.slots[slot] = left[0] if len(left) == 1 else left

    def map_base(self, size: int) -> int:
        """Return a fresh address for the values of a map of ``size`` bytes."""
        slot = self._next_map
        self._next_map += (size >> 32) + 1
        return slot << 32 | STACK_BASE_OFFSET

    def scratch_base(self, used: int = -1) -> int:
        """Return a fresh scratch address; slots below the map area are used again in turn."""
        slot = self._next_scratch
        self._next_scratch = slot + 1 if slot + 1 < MAP_SLOT else SCRATCH_SLOT
        return slot << 32 | STACK_BASE_OFFSET

    def find(self, addr: int) -> Region | None:
        """Return the region that contains ``addr``, or the one just before it in its slot."""
        held = self.slots.get(addr >> 32)
        if type(held) is list:
            found = None
            for region in held:
                if region.base > addr:
                    break
                found = region
            return found if found is not None else held[0]
        return held  # type: ignore[return-value]

    def window(self, addr: int, size: int, access: str, pc: int = -1) -> Window:
        """Return the window for an access.

        Args:
            addr: address, wrapped to 64 bits here.
            size: bytes.
            access: "read", "write" or "atomic"; the last two need a writable region, and "atomic"
                natural alignment.
            pc: slot for the fault.

        Raises: MemoryFault.
        """
        addr &= MASK64
        region = self.find(addr)
        if region is not None:
            window = region.window(addr, size)
            if window is not None and (region.writable or access == "read"):
                if access != "atomic" or not addr % size:
                    return window
                raise MemoryFault(addr, size, access, "not aligned to its size", pc)
            if window is not None:
                raise MemoryFault(addr, size, access, f"{region.name} is read-only", pc)
        if self.zero_reads and access == "read":
            return addr, 0, size - 1, size - 2, size - 4, size - 8, bytearray(size)
        raise MemoryFault(addr, size, access, self.why(addr, size, region), pc)

    def why(self, addr: int, size: int, region: Region | None) -> str:
        """Say what is wrong with an address that is out of bounds."""
        if addr < 0x1000:
            return f"null pointer plus {addr}" if addr else "null pointer"
        if addr > MASK64 - 0x1000:
            return f"null pointer minus {MASK64 + 1 - addr}, or an error number"
        if region is not None:
            return region.describe(addr, size)
        if addr >> 32 == FUNCTION_BASE >> 32:
            return "the address of a function"
        if addr >> 32 == HANDLE_BASE >> 32:
            return "a map itself, not one of its values"
        return "no memory is there"

    def read(self, addr: int, size: int, pc: int = -1) -> bytes:
        """Return ``size`` bytes at ``addr``; 0 bytes are readable anywhere. Raises: MemoryFault."""
        if size == 0:
            return b""
        base, _, _, _, _, _, data = self.window(addr, size, "read", pc)
        at = (addr & MASK64) - base
        return bytes(data[at : at + size])

    def write(self, addr: int, value: bytes, pc: int = -1) -> None:
        """Write ``value`` at ``addr``. Raises: MemoryFault."""
        size = len(value)
        if size == 0:
            return
        base, _, _, _, _, _, data = self.window(addr, size, "write", pc)
        at = (addr & MASK64) - base
        data[at : at + size] = value

    def fill(self, addr: int, size: int, value: bytes = b"", pc: int = -1) -> None:
        """Write ``value`` and then zeros, ``size`` bytes in all. Raises: MemoryFault."""
        if size == 0:
            return
        base, _, _, _, _, _, data = self.window(addr, size, "write", pc)
        at = (addr & MASK64) - base
        data[at : at + size] = value[:size].ljust(size, b"\0")

    def view(self, addr: int, size: int, pc: int = -1, *, write: bool = False) -> memoryview:
        """Return a view of ``size`` bytes at ``addr``. Raises: MemoryFault."""
        if size == 0:
            return memoryview(b"")
        base, _, _, _, _, _, data = self.window(addr, size, "write" if write else "read", pc)
        at = (addr & MASK64) - base
        return memoryview(data)[at : at + size]

    def read_string(self, addr: int, limit: int, pc: int = -1) -> bytes:
        """Return the bytes up to a NUL (not included) or ``limit`` of them. Raises: MemoryFault."""
        addr &= MASK64
        base, _, last, _, _, _, data = self.window(addr, 1, "read", pc)
        at = addr - base
        chunk = bytes(data[at : min(at + limit, last + 1)])
        end = chunk.find(0)
        if end >= 0:
            return chunk[:end]
        if len(chunk) < limit:  # ran off the region without a NUL
            raise MemoryFault(
                addr + len(chunk), 1, "read", self.why(addr + len(chunk), 1, self.find(addr)), pc
            )
        return chunk
