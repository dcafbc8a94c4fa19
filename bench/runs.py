"""Two objects of one program, loaded and run on the same inputs: ``python -m bench.runs A.o B.o``.

Each program of the first object is loaded alone, from both objects (with the programs that tail-call
tables name). Where both load and the kernel can run such a program on given input
(BPF_PROG_TEST_RUN), both run on all inputs, from maps in their initial state. Compared are return
values, packets and contexts afterwards, the elements of maps, records sent, and global variables by
name. Everything is done twice: what differs between two runs of one object (times, pointers, random
numbers) is left out. The answer is JSON.
"""

from __future__ import annotations

import json
import struct
import sys
from collections.abc import Iterator

from bpfcc.driver.objects import read_object
from bpfcc.kernel.load import Loader, LoadOptions
from bpfcc.kernel.maps import Map
from bpfcc.kernel.ringbuf import RingBuffer
from bpfcc.kernel.syscall import KernelError
from bpfcc.kernel.testrun import test_run
from bpfcc.objfile.link import entry_functions
from bpfcc.objfile.maps import data_sections, is_readonly, map_defs
from bpfcc.objfile.model import Object
from bpfcc.support.errors import InputError
from bpfcc.uapi.contexts import fields
from bpfcc.uapi.map_types import MapType
from bpfcc.uapi.prog_types import ProgType

from .libbpf import packets

Input = tuple[bytes | None, bytes | list[int] | None]  # packet, context
Seen = dict[str, str]  # what was observed, by name

_SKB = frozenset(
    {
        ProgType.SCHED_CLS,
        ProgType.SCHED_ACT,
        ProgType.SOCKET_FILTER,
        ProgType.CGROUP_SKB,
        ProgType.LWT_IN,
        ProgType.LWT_OUT,
        ProgType.LWT_XMIT,
        ProgType.SK_SKB,
    }
)
_PACKET_ONLY = frozenset({ProgType.XDP, ProgType.FLOW_DISSECTOR, ProgType.NETFILTER})
_RAW = frozenset({ProgType.RAW_TRACEPOINT, ProgType.RAW_TRACEPOINT_WRITABLE})
RUNNABLE = _SKB | _PACKET_ONLY | _RAW | {ProgType.SYSCALL, ProgType.SK_LOOKUP}
_COMPARED = frozenset(
    {
        MapType.HASH,
        MapType.ARRAY,
        MapType.PERCPU_HASH,
        MapType.PERCPU_ARRAY,
        MapType.LRU_HASH,
        MapType.LRU_PERCPU_HASH,
        MapType.LPM_TRIE,
    }
)
_TAKEN = frozenset({MapType.QUEUE, MapType.STACK})
_MOST_ELEMENTS = 4096


def inputs(kind: int) -> list[Input]:
    """Return what a program of this type is run on."""
    if kind in _RAW:
        return [(None, [0] * 6), (None, [1, 2, 3, 4, 5, 6]), (None, [1 << 40, -1, 77, 0, 8, 9])]
    if kind == ProgType.SYSCALL:
        return [(None, bytes(512)), (None, bytes(range(1, 65)) + bytes(448)), (None, None)]
    if kind == ProgType.SK_LOOKUP:
        return [(None, _lookup(family, port)) for family in (2, 10) for port in (7, 7007)]
    some: list[Input] = [(packet, None) for packet in _packets()]
    if kind in _SKB:
        some += [(packet, _skb(packet)) for packet in packets()[:2]]
    return some


def _packets() -> list[bytes]:
    """The packets of every kind, and short, long and broken ones."""
    some = packets()
    tcp, udp6 = some[0], some[3]
    return [
        *some,
        tcp[:14],
        tcp[:30],
        tcp + bytes(range(256)) * 5,
        udp6[:14] + b"\x60\0\0\0\0\x14\x06\x40" + udp6[22:54] + tcp[34:],
        tcp[:14] + b"\x4f" + tcp[15:],
        b"\xff" * 90,
    ]


def _skb(packet: bytes) -> bytes:
    """A ``struct __sk_buff`` with the fields set that a run takes."""
    context = bytearray(192)
    values = {"mark": 7, "priority": 5, "tstamp": 1 << 30, "wire_len": len(packet), "gso_segs": 3}
    for field in fields(ProgType.SCHED_CLS):
        at = field.offset
        if field.name in values:
            size = field.size
            context[at : at + size] = values[field.name].to_bytes(size, sys.byteorder)
        if field.name == "cb":
            context[at : at + 20] = struct.pack("=5I", 1, 2, 3, 4, 5)
    return bytes(context)


def _lookup(family: int, port: int) -> bytes:
    """A ``struct bpf_sk_lookup``: TCP to ``port`` on this host."""
    ip4 = bytes([127, 0, 0, 1])
    ip6 = bytes(15) + b"\1"
    remote, local = struct.pack(">H2x", 12345), struct.pack("=I", port)
    return struct.pack("=QII", 0, family, 6) + ip4 + ip6 + remote + ip4 + ip6 + local + bytes(4)


class Side:
    """One of the two objects."""

    def __init__(self, path: str) -> None:
        self.object: Object = read_object(path)
        self.names = [function.name for function in entry_functions(self.object)]

    def load(self, name: str) -> Loader:
        """Load one program and those in the object's tail-call tables."""
        loader = Loader(self.object, LoadOptions(pin_root="/sys/fs/bpf"))
        try:
            loader.create_maps()
            loader.load_program(name)
            for other in self._in_tables(loader):
                if other != name:
                    loader.load_program(other)
            loader.finish()
        except BaseException:
            loader.close()
            raise
        return loader

    def _in_tables(self, loader: Loader) -> Iterator[str]:
        for definition in map_defs(self.object):
            if definition.inner is None:
                for _, name in definition.values:
                    if name in self.names:
                        yield name

    def observe(self, name: str) -> Seen:
        """Run a program on all inputs and return what came of it."""
        seen: Seen = {}
        with self.load(name) as loader:
            program = loader.programs[name]
            buffers = {
                held.name: RingBuffer(held)
                for held in loader.maps.values()
                if held.type == MapType.RINGBUF
            }
            for i, (packet, context) in enumerate(inputs(program.type)):
                try:
                    result = test_run(program, data=packet, context=context)
                except KernelError as error:
                    seen[f"input {i}: error"] = str(error.errno)
                    continue
                seen[f"input {i}: returned"] = str(result.retval)
                seen[f"input {i}: packet"] = result.data.hex()
                seen[f"input {i}: context"] = result.context.hex()
            for buffer_name, buffer in buffers.items():
                seen[f"records in {buffer_name}"] = str([one.hex() for one in buffer.read()])
                buffer.close()
            for held in loader.maps.values():
                seen.update(_elements(held))
            seen.update(self._variables(loader))
        return seen

    def _variables(self, loader: Loader) -> Seen:
        seen: Seen = {}
        for section in data_sections(self.object):
            if is_readonly(section) or section.name not in loader.maps:
                continue
            held = loader.maps[section.name]
            whole = held.lookup(bytes(held.key_size)) if held.type == MapType.ARRAY else None
            for symbol in section.symbols if whole is not None else ():
                assert whole is not None
                value = whole[symbol.offset : symbol.offset + symbol.size]
                seen[f"variable {symbol.name}"] = value.hex()
        return seen


def _elements(held: Map) -> Seen:
    if held.name.startswith((".data", ".bss", ".rodata", ".kconfig")):
        return {}
    if held.type in _TAKEN:
        taken = [value.hex() for value in iter(held.lookup_and_delete, None)]
        return {f"map {held.name}": str(taken)}
    if held.type not in _COMPARED or held.max_entries * held.value_size > 1 << 24:
        return {}
    try:
        found = held.items()[:_MOST_ELEMENTS]
    except KernelError:
        return {}
    return {f"map {held.name} at {key.hex()}": value.hex() for key, value in found if any(value)}


def compare(a: Side, b: Side, name: str) -> dict[str, object]:
    """Load one program from both objects; run both where that can be done."""
    row: dict[str, object] = {"loads": [], "ran": False, "differences": []}
    fates = [_fate(side, name) for side in (a, b)]
    row["loads"] = [fate == "" for fate in fates]
    row["why"] = fates
    if fates != ["", ""] or _kind(a, name) not in RUNNABLE:
        return row
    runs = [side.observe(name) for side in (a, b, a, b)]
    first, second, again, second_again = runs
    names = set(first) | set(second)
    returned = [key for key in first if "returned" in key]
    row["ran"] = bool(returned)
    row["differences"] = [
        f"{key}: {_short(first.get(key))} | {_short(second.get(key))}"
        for key in sorted(names)
        if first.get(key) == again.get(key)
        and second.get(key) == second_again.get(key)
        and first.get(key) != second.get(key)
        and not (key.startswith("variable ") and (key not in first or key not in second))
    ]
    return row


def _short(value: str | None) -> str:
    return "nothing" if value is None else value if len(value) < 200 else value[:200] + "..."


def _kind(side: Side, name: str) -> int:
    from bpfcc.uapi.sections import match

    function = side.object.function(name)
    section = match(function.section) if function is not None else None
    return section.prog_type if section is not None else 0


def _fate(side: Side, name: str) -> str:
    """Return "" for a program that loads, else why it does not."""
    if name not in side.names:
        return "no such program"
    try:
        side.load(name).close()
    except InputError as error:
        return str(error)[:500] or "refused"
    return ""


def main(first: str, second: str) -> dict[str, object]:
    """Compare two objects."""
    try:
        a, b = Side(first), Side(second)
    except InputError as error:
        return {"error": str(error), "programs": {}}
    return {"error": "", "programs": {name: compare(a, b, name) for name in a.names}}


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], sys.argv[2])))
