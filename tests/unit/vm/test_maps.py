"""Maps from outside, and what the kernel comparison in test_kernel_helpers does not reach."""

from __future__ import annotations

import pytest

from bpfcc.isa.asm import assemble_insns
from bpfcc.objfile.maps import MapDef
from bpfcc.support.errors import InputError
from bpfcc.uapi.map_types import MapType
from bpfcc.vm.maps.base import Map
from bpfcc.vm.maps.make import _CLASSES
from bpfcc.vm.program import from_insns
from bpfcc.vm.world import World


def make(kind: int, key: int = 4, value: int = 8, entries: int = 3, **more: object) -> Map:
    world = World(**more)  # type: ignore[arg-type]
    return world.add_map(MapDef("m", kind, key, value, entries))


def test_every_map_type_has_a_class() -> None:
    numbers = {value for name, value in vars(MapType).items() if isinstance(value, int)}
    assert numbers - {MapType.UNSPEC} == set(_CLASSES)


@pytest.mark.parametrize("kind", sorted(_CLASSES))
def test_every_map_type_can_be_made_and_listed(kind: int) -> None:
    key = {MapType.LPM_TRIE: 8}.get(kind, 4)
    table = make(kind, key, 8, 4)
    assert table.items() == [] or kind in (MapType.ARRAY, MapType.PERCPU_ARRAY)
    assert repr(table)
    table.clear()


def test_hash_as_a_mapping() -> None:
    table = make(MapType.HASH)
    table[1] = 10
    table[2] = 20
    table[1] = 11
    assert dict(table.items()) == {1: 11, 2: 20}
    assert 1 in table and 3 not in table
    assert table.get(3) is None and table.get(3, 5) == 5
    del table[1]
    with pytest.raises(KeyError):
        table[1]
    with pytest.raises(KeyError):
        del table[1]
    table[3] = 30
    table[4] = 40
    with pytest.raises(OSError, match="cannot set 5"):
        table[5] = 50
    assert len(table) == 3
    table.clear()
    assert len(table) == 0
    with pytest.raises(ValueError, match="does not fit"):
        table[1] = 1 << 64


def test_array_and_percpu_values() -> None:
    table = make(MapType.ARRAY)
    table[2] = 5
    assert [table[k] for k in range(3)] == [0, 0, 5]
    with pytest.raises(KeyError):
        table[3]
    with pytest.raises(OSError):
        del table[0]
    percpu = make(MapType.PERCPU_ARRAY, cpus=2)
    percpu[1] = [3, 4]
    assert percpu[1] == [3, 4]
    percpu[1] = 9
    assert percpu[1] == [9, 9]
    assert percpu.world.maps["m"] is percpu
    with pytest.raises(InputError, match="more than the 1024 MiB"):
        make(MapType.ARRAY, 4, 1 << 20, 1 << 20)


def test_lru_drops_the_element_that_was_used_longest_ago() -> None:
    world = World()
    table = world.add_map(MapDef("m", MapType.LRU_HASH, 4, 8, 2))
    table[1] = 1
    table[2] = 2
    lookup = from_insns(
        assemble_insns(
            f"*(u32 *)(r10 - 4) = 1; r2 = r10; r2 += -4; r1 = {table.handle} ll; call 1; exit"
        ),
        world,
    )
    assert lookup.call()
    table[3] = 3
    assert sorted(key for key in table) == [1, 3]


def test_a_program_keeps_a_deleted_value_until_it_ends() -> None:
    world = World()
    table = world.add_map(MapDef("m", MapType.HASH, 4, 8, 2))
    table[1] = 77
    text = f"""
        *(u32 *)(r10 - 4) = 1; r2 = r10; r2 += -4; r1 = {table.handle} ll; call 1
        if r0 == 0 goto out; r6 = r0
        r2 = r10; r2 += -4; r1 = {table.handle} ll; call 3
        r0 = *(u64 *)(r6 + 0)
        out: exit"""
    program = from_insns(assemble_insns(text), world)
    assert program.call() == 77
    assert len(table) == 0
    assert program.call() == 0
    assert all(not slab.cells for slab in table.slabs)  # type: ignore[attr-defined]


def test_a_value_cannot_be_overrun() -> None:
    world = World()
    for kind in (MapType.ARRAY, MapType.HASH):
        table = world.add_map(MapDef(f"m{kind}", kind, 4, 6, 3))
        table[1] = bytes(6)
        text = f"""
            *(u32 *)(r10 - 4) = 1; r2 = r10; r2 += -4; r1 = {table.handle} ll; call 1
            r0 = *(u32 *)(r0 + 3); exit"""
        result = from_insns(assemble_insns(text), world).run()
        assert result.fault is not None
        assert "past the end of" in str(result.fault)


def test_queues_and_filters_from_outside() -> None:
    queue = make(MapType.QUEUE, 0, 4)
    queue.append(1)  # type: ignore[attr-defined]
    queue.append(2)  # type: ignore[attr-defined]
    assert [value for _, value in queue.items()] == [1, 2]
    stack = make(MapType.STACK, 0, 4)
    stack.append(1)  # type: ignore[attr-defined]
    stack.append(2)  # type: ignore[attr-defined]
    assert [value for _, value in stack.items()] == [2, 1]
    bloom = make(MapType.BLOOM_FILTER, 0, 4)
    bloom.add(5)  # type: ignore[attr-defined]
    assert 5 in bloom and 6 not in bloom


def test_prefixes_from_outside() -> None:
    trie = make(MapType.LPM_TRIE, 8, 4, 8)

    def key(length: int, *data: int) -> bytes:
        return length.to_bytes(4, "little") + bytes(data)

    trie[key(0, 0, 0, 0, 0)] = 1
    trie[key(8, 10, 0, 0, 0)] = 2
    trie[key(32, 10, 1, 2, 3)] = 3
    assert trie[key(32, 10, 1, 2, 3)] == 3
    assert trie[key(32, 10, 1, 2, 4)] == 2
    assert trie[key(32, 11, 1, 2, 4)] == 1
    assert trie[key(16, 10, 9, 0, 0)] == 2
    del trie[key(8, 10, 0, 0, 0)]
    assert trie[key(32, 10, 1, 2, 4)] == 1
    with pytest.raises(OSError):
        trie[key(33, 0, 0, 0, 0)] = 1


def test_stack_traces() -> None:
    world = World()
    table = world.add_map(MapDef("m", MapType.STACK_TRACE, 4, 32, 8))
    world.stack = [0x100, 0x200, 0x300, 0x400, 0x500]
    text = f"r2 = {table.handle} ll; r3 = r1; r1 = 0; call 27; exit"
    program = from_insns(assemble_insns(text), world)
    number = program.call(0)
    assert table[number] == b"".join(a.to_bytes(8, "little") for a in (0x100, 0x200, 0x300, 0x400))
    skipped = program.call(3)
    assert table[skipped][:24] == b"".join(a.to_bytes(8, "little") for a in (0x400, 0x500, 0))
    assert program.call(0) == number
    assert program.call(0x1000) == (1 << 64) - 22
    world.stack = []
    assert program.call(0) == (1 << 64) - 14


def test_ring_without_a_reader_fills_up() -> None:
    world = World()
    ring = world.add_map(MapDef("rb", MapType.RINGBUF, 0, 0, 4096))
    text = f"*(u64 *)(r10 - 8) = 7; r1 = {ring.handle} ll; r2 = r10; r2 += -8; r3 = 8; r4 = 0; call 130; exit"
    program = from_insns(assemble_insns(text), world)
    assert [program.call() for _ in range(300)] == [0] * 300
    assert len(ring) == 300
    ring.reader = False  # type: ignore[attr-defined]
    results = [program.call() for _ in range(300)]
    assert results.count(0) == 255
    assert results[-1] == (1 << 64) - 11
    assert ring.dropped == 45  # type: ignore[attr-defined]
    assert len(ring.drain()) == 255  # type: ignore[attr-defined]
    assert program.call() == 0


def test_bad_definitions() -> None:
    for kind, key, value, message in (
        (99, 4, 4, "unknown map type 99"),
        (MapType.HASH, 0, 4, "key size 0"),
        (MapType.HASH, 4, 0, "value size 0"),
        (MapType.LPM_TRIE, 4, 4, "a length and data"),
    ):
        with pytest.raises(InputError, match=message):
            make(kind, key, value)
