from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpfcc.vm.faults import MemoryFault
from bpfcc.vm.memory import CellRegion, Memory, Region, SlabRegion

TOP = (1 << 64) - 1


def _memory() -> Memory:
    memory = Memory()
    memory.add(Region(0x5_0000_1000, bytearray(range(64)), "a"))
    memory.add(Region(0x5_0000_2000, bytearray(64), "b", writable=False))
    memory.add(CellRegion(0x6_0000_0000, bytearray(40), "cells", 5, 8))
    return memory


@given(
    st.sampled_from([0x5_0000_1000, 0x5_0000_2000, 0x6_0000_0000, 0, 1 << 63, TOP]),
    st.integers(-80, 80),
    st.sampled_from([1, 2, 4, 8]),
)
def test_an_access_succeeds_exactly_when_it_is_inside(base: int, off: int, size: int) -> None:
    memory = _memory()
    addr = (base + off) & TOP
    inside = any(
        start <= addr and addr + size <= start + 64 for start in (0x5_0000_1000, 0x5_0000_2000)
    )
    cell = addr - 0x6_0000_0000
    if 0 <= cell < 40 and cell % 8 + size <= 5:
        inside = True
    try:
        data = memory.read(addr, size)
    except MemoryFault as fault:
        assert not inside
        assert (fault.addr, fault.size, fault.access) == (addr, size, "read")
    else:
        assert inside
        assert len(data) == size


def test_sizes_and_offsets_do_not_wrap() -> None:
    """The bug of other machines: base + size over 2**64 passes an unsigned comparison."""
    memory = _memory()
    for addr in (TOP, TOP - 3, TOP - 7, (1 << 64) - 0x5_0000_1000):
        with pytest.raises(MemoryFault):
            memory.window(addr, 8, "read")
    with pytest.raises(MemoryFault):
        memory.read(0x5_0000_1000, 1 << 64)
    small = Memory()
    small.add(Region(0x7_0000_0000, bytearray(3), "tiny"))
    with pytest.raises(MemoryFault):  # a region shorter than the access
        small.window(0x7_0000_0000, 8, "read")


@pytest.mark.parametrize(
    ("addr", "size", "access", "reason"),
    [
        (0, 8, "read", "null pointer"),
        (24, 8, "read", "null pointer plus 24"),
        (TOP - 7, 4, "read", "null pointer minus 8, or an error number"),
        (0x5_0000_1040, 1, "read", "past the end of a (64 bytes; offset 64)"),
        (0x5_0000_103D, 4, "read", "past the end of a (64 bytes; offset 61)"),
        (0x5_0000_0FFF, 1, "read", "before the start of a (offset -1)"),
        (0x5_0000_2000, 4, "write", "b is read-only"),
        (0x5_0000_1002, 4, "atomic", "not aligned to its size"),
        (0x6_0000_000C, 4, "read", "past the end of element 1 of cells (5 bytes; offset 4)"),
        (0x6_0000_0028, 4, "read", "past the end of cells (40 bytes; offset 40)"),
        (0x20_0000_0000, 8, "read", "the address of a function"),
        (0x30_0000_0100, 8, "read", "a map itself, not one of its values"),
        (0x123_0000_0000_0000, 1, "read", "no memory is there"),
    ],
)
def test_faults_say_what_is_there(addr: int, size: int, access: str, reason: str) -> None:
    with pytest.raises(MemoryFault) as raised:
        _memory().window(addr, size, access, 7)
    assert raised.value.reason == reason
    assert raised.value.pc == 7


def test_slabs_hold_only_live_entries() -> None:
    memory = Memory()
    slab = SlabRegion(0x100_0001_0000, "map m", 12, 24)
    memory.add(slab)
    slab.cells[2] = bytearray(12)
    memory.write(0x100_0001_0000 + 48, b"x" * 12)
    assert bytes(slab.cells[2]) == b"x" * 12
    with pytest.raises(MemoryFault, match="past the end of an entry"):
        memory.read(0x100_0001_0000 + 52, 12)
    with pytest.raises(MemoryFault, match="no live entry"):
        memory.read(0x100_0001_0000, 4)


def test_regions_cannot_overlap_or_touch_the_ends() -> None:
    memory = _memory()
    with pytest.raises(ValueError, match="overlaps a"):
        memory.add(Region(0x5_0000_1020, bytearray(8), "c"))
    with pytest.raises(ValueError, match="no memory can be there"):
        memory.add(Region(0x100, bytearray(8), "c"))
    with pytest.raises(ValueError, match="no memory can be there"):
        memory.add(Region(TOP - 100, bytearray(8), "c"))
    big = Region(0xFFFF_8880_FFFF_F000, bytearray(0x2000), "two slots")
    memory.add(big)
    assert memory.read(0xFFFF_8881_0000_0800, 4) == bytes(4)
    memory.remove(big)
    with pytest.raises(MemoryFault):
        memory.read(0xFFFF_8881_0000_0800, 4)


def test_strings() -> None:
    memory = Memory()
    memory.add(Region(0x7_0000_0000, bytearray(b"abc\0def"), "s"))
    assert memory.read_string(0x7_0000_0000, 100) == b"abc"
    assert memory.read_string(0x7_0000_0000, 2) == b"ab"
    with pytest.raises(MemoryFault, match="past the end of s"):
        memory.read_string(0x7_0000_0004, 100)
    assert memory.read(0x9999, 0) == b""
