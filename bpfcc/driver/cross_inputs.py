"""Inputs for the cross-check: contexts, packets and map contents near a program's own constants.

A ``Step`` is one run of one program. Steps are made from a seed and from what earlier steps showed:
those that reached new code are varied again, and keys that a program looked up in vain are put into
the map the next time, because a program's other half often lies behind such a lookup.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from ..btf.layout import byte_size
from ..isa.table import ALU, JUMP, LDDW
from ..uapi import contexts
from ..uapi.prog_types import ProgType
from ..vm.context import ARGS, SKB, parameter_struct
from ..vm.program import LoadedProgram

Ctx = dict[str, int] | list[int] | bytes

_ARGUMENTS = 8
_MOST_CONSTANTS = 4096
_MOST_KEPT = 256
_MOST_FAILING = 16
_ERRORS = (-1, -2, -7, -14, -17, -22)  # EPERM, ENOENT, E2BIG, EFAULT, EEXIST, EINVAL
_BTF_POINTERS = (ProgType.TRACING, ProgType.LSM, ProgType.STRUCT_OPS)
_MASK64 = (1 << 64) - 1
_ETH_TYPES = (0x0800, 0x0800, 0x0800, 0x86DD, 0x0806, 0x8100)
_PROTOCOLS = (6, 17, 17, 1)
# One byte short of, exactly, and one byte past the end of each header; then the frame limits.
_LENGTHS = (1, 13, 14, 15, 17, 18, 33, 34, 35, 41, 42, 43, 53, 54, 55, 60, 61, 62, 73, 74, 75, 1514)


@dataclass(frozen=True)
class Step:
    """One run: which program, over what.

    ``writes`` are (map, key, value) set from outside before the run, ``pid`` the current process,
    ``wait`` nanoseconds that pass before it. ``fail``: (first, last, error) of the helper calls
    that fail, counted from 1 among those that can; one that returns a pointer gives NULL.
    """

    program: str
    ctx: Ctx
    packet: bytes | None = None
    writes: tuple[tuple[str, bytes, bytes], ...] = ()
    pid: int = 1000
    wait: int = 0
    fail: tuple[int, int, int] | None = None


@dataclass(frozen=True)
class Shape:
    """What a program's context looks like.

    ``fields`` are (name, bytes) of a context described by names; ``size`` the bytes of one that is
    a plain struct; both empty: 64-bit arguments. ``pointers``: most arguments are kernel pointers
    that the program may read through without asking.
    """

    fields: tuple[tuple[str, int], ...]
    size: int
    packet: bool
    pointers: bool = False


def shape_of(program: LoadedProgram) -> Shape:
    """Return the shape of the context of ``program``."""
    kind = program.prog_type
    if kind in ARGS:
        return Shape((), 0, False, kind in _BTF_POINTERS)
    rows = contexts.fields(kind, program.attach_type)
    if not rows:
        func = program.program.functions[0].function.btf if program.program is not None else None
        record = parameter_struct(func)
        return Shape((), max(64, (byte_size(record) or 0) if record is not None else 0), False)
    packet = kind == ProgType.XDP or kind in SKB or any(row.name == "data" for row in rows)
    named = tuple(
        (row.name, row.size)
        for row in rows
        if not row.pointer and row.size in (1, 2, 4, 8) and row.name not in ("len", "protocol")
    )
    return Shape(named, 0, packet)


def constants_of(programs: Iterable[LoadedProgram]) -> list[int]:
    """Return the numbers that the code compares and computes with, and their neighbours."""
    found: set[int] = set()
    for program in programs:
        code = program.code
        for i, (insn, row) in enumerate(zip(code.insns, code.rows)):
            if row.kind == JUMP and not row.reg:
                found |= {insn.imm - 1, insn.imm, insn.imm + 1}
            elif row.kind == ALU and not row.reg:
                found.add(insn.imm)
            elif row.kind == LDDW and insn.src == 0 and i in code.values:
                found |= {code.values[i] - 1, code.values[i], code.values[i] + 1}
    swapped = {_swap(value, 2) for value in found if 0 <= value < 1 << 16}
    swapped |= {_swap(value & 0xFFFFFFFF, 4) for value in found}
    return sorted({value & _MASK64 for value in found | swapped})[:_MOST_CONSTANTS]


def _swap(value: int, size: int) -> int:
    return int.from_bytes(value.to_bytes(size, "little"), "big")


class Inputs:
    """Makes steps. The same arguments and the same ``learn`` calls make the same steps."""

    def __init__(
        self, shapes: dict[str, Shape], constants: list[int], seed: int, pointer: int
    ) -> None:
        """Take what to make inputs for.

        Args:
            shapes: program name -> shape.
            constants: numbers worth trying.
            seed: of the choices.
            pointer: address of readable memory, for arguments that are dereferenced.
        """
        self.shapes = shapes
        self.constants = constants or [0]
        self.random = random.Random(seed)
        self.pointer = pointer
        self._kept: dict[str, list[Step]] = {name: [] for name in shapes}
        self._planned: dict[str, list[Step]] = {name: [] for name in shapes}
        self._missed: dict[str, list[tuple[Step, str, bytes, int]]] = {name: [] for name in shapes}

    def make(self, name: str) -> Step:
        """Return the next step for program ``name``."""
        choice = self.random.random()
        missed, kept, planned = self._missed[name], self._kept[name], self._planned[name]
        if planned and self.random.random() < 0.3:
            return planned.pop(self.random.randrange(len(planned)))
        if missed and choice < 0.25:
            step, table, key, size = missed.pop(self.random.randrange(len(missed)))
            return replace(step, writes=((table, key, self.contents(size)),))
        if kept and choice < 0.65:
            return self._vary(self.random.choice(kept))
        return self._fresh(name)

    def learn(
        self,
        step: Step,
        *,
        new: bool,
        missed: Iterable[tuple[str, bytes, int]],
        fallible: int = 0,
    ) -> None:
        """Take what a step showed.

        Args:
            step: one that ``make`` returned.
            new: it reached code that no step before had.
            missed: (map, key, bytes of a value) of lookups that found nothing.
            fallible: how many helper calls could have failed.
        """
        if new and len(self._kept[step.program]) < _MOST_KEPT:
            self._kept[step.program].append(step)
            self._planned[step.program] += self._nearby(step, fallible)
        held = self._missed[step.program]
        for table, key, size in missed:
            if len(held) < _MOST_KEPT:
                held.append((step, table, key, size))

    def _nearby(self, step: Step, fallible: int) -> Iterator[Step]:
        """Yield steps that go the way of ``step`` and leave it: a shorter packet, a failing call."""
        packet = step.packet or b""
        for length in (at - back for at in _header_ends(packet) for back in (0, 1)):
            yield replace(step, packet=packet[:length].ljust(length, b"\0"))
        if step.fail is None and fallible:
            some = min(fallible, _MOST_FAILING)
            for first, last in [(1, some), *((n, n) for n in range(1, some + 1))]:
                yield replace(step, fail=(first, last, self.random.choice(_ERRORS)))

    def value(self, size: int = 8) -> int:
        """Return a number of ``size`` bytes that is worth trying."""
        rng = self.random
        choice = rng.random()
        if choice < 0.4:
            value = rng.choice(self.constants)
        elif choice < 0.6:
            value = (1 << rng.randrange(size * 8)) + rng.choice((-1, 0, 0, 1))
        elif choice < 0.75:
            value = rng.randrange(17)
        elif choice < 0.85:
            value = self.pointer + 8 * rng.randrange(512)
        else:
            value = rng.getrandbits(size * 8)
        return value & (1 << size * 8) - 1

    def contents(self, size: int) -> bytes:
        """Return ``size`` bytes of memory: zeros, or words worth trying."""
        if self.random.random() < 0.3:
            return bytes(size)
        data = bytearray()
        while len(data) < size:
            word = self.random.choice((4, 8)) if len(data) % 8 == 0 else 4
            data += self.value(word).to_bytes(word, "little")
        return bytes(data[:size])

    def _fresh(self, name: str) -> Step:
        shape = self.shapes[name]
        ctx: Ctx
        if shape.fields:
            some = [field for field in shape.fields if self.random.random() < 0.5]
            ctx = {field: self.value(size) for field, size in some}
        elif shape.size:
            ctx = self.contents(shape.size)
        else:
            ctx = [self._argument(shape) for _ in range(_ARGUMENTS)]
        packet = self._packet() if shape.packet else None
        pid = self.random.choice((1000, 1000, 1, 0, 4242))
        return Step(name, ctx, packet, (), pid, self.random.choice((0, 1, 1000, 10**6, 10**9)))

    def _argument(self, shape: Shape) -> int:
        if shape.pointers and self.random.random() < 0.8:
            return self.pointer + 8 * self.random.randrange(512)
        return self.value()

    def _vary(self, step: Step) -> Step:
        ctx, packet = step.ctx, step.packet
        if packet is not None and self.random.random() < 0.8:
            return replace(step, packet=self._mutated(packet))
        if isinstance(ctx, bytes):
            return replace(step, ctx=self._poke(ctx, len(ctx)))
        if isinstance(ctx, list):
            args = list(ctx)
            args[self.random.randrange(len(args))] = self._argument(self.shapes[step.program])
            return replace(step, ctx=args)
        name, size = self.random.choice(self.shapes[step.program].fields)
        return replace(step, ctx={**ctx, name: self.value(size)})

    def _poke(self, data: bytes, within: int) -> bytes:
        size = self.random.choice((1, 2, 4, 8))
        if within < size:
            return data
        at = self.random.randrange(within - size + 1) // size * size
        order = self.random.choice(("little", "big"))
        value = self.value(size).to_bytes(size, "little" if order == "little" else "big")
        return data[:at] + value + data[at + size :]

    def _packet(self) -> bytes:
        """Return a frame: Ethernet, perhaps a VLAN tag, IPv4 or IPv6, TCP, UDP or ICMP."""
        rng = self.random
        kind, protocol = rng.choice(_ETH_TYPES), rng.choice(_PROTOCOLS)
        frame = bytes.fromhex("ffffffffffff020000000001") + kind.to_bytes(2, "big")
        if kind == 0x8100:
            kind = rng.choice((0x0800, 0x86DD))
            frame += struct.pack(">HH", rng.randrange(4096), kind)
        sport, dport = self.value(2), self.value(2)
        payload = self.contents(rng.choice((0, 1, 8, 32)))
        if protocol == 6:
            flags = rng.choice((0x02, 0x10, 0x12, 0x11, 0x04, 0x18))
            inner = struct.pack(
                ">HHIIBBHHH", sport, dport, self.value(4), 0, 5 << 4, flags, 512, 0, 0
            )
        elif protocol == 17:
            inner = struct.pack(">HHHH", sport, dport, 8 + len(payload), 0)
        else:
            inner = struct.pack(">BBHI", 8, 0, 0, 1)
        inner += payload
        if kind == 0x86DD:
            addresses = self.contents(32)
            frame += struct.pack(">IHBB", 6 << 28, len(inner), protocol, 64) + addresses
        else:
            ihl = rng.choice((5, 5, 5, 6, 15, 10, 4))
            options = bytes(max(0, ihl - 5) * 4)
            total = 20 + len(options) + len(inner)
            frame += struct.pack(">BBHHH", 4 << 4 | ihl, 0, total, 1, rng.choice((0, 0x2000, 1)))
            frame += struct.pack(">BBH", 64, protocol, 0) + self.value(4).to_bytes(4, "big")
            frame += self.value(4).to_bytes(4, "big") + options
        return self._mutated(frame + inner) if rng.random() < 0.5 else frame + inner

    def _mutated(self, packet: bytes) -> bytes:
        if self.random.random() < 0.4:
            length = self.random.choice((*_LENGTHS, max(14, len(packet) - 1), len(packet) + 1))
            return packet[:length].ljust(length, b"\0")
        return self._poke(packet, min(len(packet), 80))


def _header_ends(packet: bytes) -> list[int]:
    """Return where the headers of a frame end, as far as it goes: the lengths that code tests."""
    if len(packet) < 14:
        return []
    kind, end = int.from_bytes(packet[12:14], "big"), 14
    ends = [end]
    if kind == 0x8100 and len(packet) >= 18:
        kind, end = int.from_bytes(packet[16:18], "big"), 18
        ends.append(end)
    if kind == 0x0800 and len(packet) > end + 9:
        ends.append(end + 20)
        protocol, end = packet[end + 9], end + (packet[end] & 15) * 4
    elif kind == 0x86DD and len(packet) > end + 6:
        protocol, end = packet[end + 6], end + 40
    else:
        return ends
    ends += [end, end + (20 if protocol == 6 else 8)]
    return sorted(set(ends))
