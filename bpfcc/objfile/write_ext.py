"""The ``.BTF.ext`` section: function info, line info and CO-RE relocations, by code section.

Here offsets are in bytes from the start of the code section; the object model counts slots from the
start of the function. Source: kernel Documentation/bpf/btf.rst, ".BTF.ext section".
"""

from __future__ import annotations

import struct
from collections.abc import Callable

from ..btf import wire
from ..btf.write import BtfWriter
from .model import Function, Line

_MAX_LINE, _MAX_COLUMN = (1 << 22) - 1, (1 << 10) - 1
_Pack = Callable[..., bytes]
_REC_SIZE = {"func": 8, "line": 16, "core": 16}


class Placed:
    """A function and the slot of its code section at which it starts."""

    __slots__ = ("base", "function", "slots")

    def __init__(self, function: Function, base: int, slots: int) -> None:
        self.function = function
        self.base = base
        self.slots = slots


def encode_ext(placed: list[Placed], btf: BtfWriter, *, source_name: str = "") -> bytes:
    """Return the section for functions in their final places; b"" when there is nothing to say.

    Types are looked up in, and strings added to, ``btf``.
    """
    with_lines = any(p.function.lines for p in placed)
    groups: dict[str, list[Placed]] = {}
    for p in placed:
        groups.setdefault(p.function.section, []).append(p)
    order = ">" if btf.big_endian else "<"
    pair = struct.Struct(order + "II").pack
    quad = struct.Struct(order + "IIII").pack
    word = struct.Struct(order + "I").pack
    parts: list[bytes] = []
    for kind in ("func", "line", "core"):
        body = b""
        for section, members in groups.items():
            records: list[bytes] = []
            for p in members:
                if kind == "func":
                    records += _functions(p, btf, pair)
                elif kind == "core":
                    records += _core(p, btf, quad)
                elif with_lines:
                    records += _lines(p, btf, quad, source_name)
            if records:
                body += pair(btf.string(section), len(records)) + b"".join(records)
        parts.append(word(_REC_SIZE[kind]) + body if body else b"")
    if not any(parts):
        return b""
    offsets: list[int] = []
    position = 0
    for part in parts:
        offsets += (position, len(part))
        position += len(part)
    header = struct.pack(
        order + "HBBI6I", wire.MAGIC, wire.VERSION, 0, wire.EXT_HEADER_SIZE, *offsets
    )
    return header + b"".join(parts)


def tidy_lines(function: Function, source_name: str = "") -> list[Line]:
    """Return the lines as the kernel wants them: from slot 0, slots strictly increasing.

    Of several lines at one slot the last one given counts; code before the first line gets that
    line. A line that repeats the one before says nothing.
    """
    by_slot: dict[int, Line] = {}
    for line in sorted(function.lines, key=lambda item: item.slot):
        by_slot[line.slot] = line
    lines: list[Line] = []
    for line in by_slot.values():
        before = lines[-1] if lines else line
        if before is line or (before.file, before.line, before.column, before.text) != (
            line.file, line.line, line.column, line.text
        ):  # fmt: skip
            lines.append(line)
    if not lines:
        return [Line(0, source_name, 0, 0, "")]
    first = lines[0]
    if first.slot:
        lines.insert(0, Line(0, first.file, first.line, first.column, first.text))
    return lines


def _functions(placed: Placed, btf: BtfWriter, pair: _Pack) -> list[bytes]:
    function = placed.function
    return [pair(placed.base * 8, btf.add(function.btf))] if function.btf is not None else []


def _lines(placed: Placed, btf: BtfWriter, quad: _Pack, source_name: str) -> list[bytes]:
    string = btf.string
    return [
        quad(
            (placed.base + line.slot) * 8,
            string(line.file),
            string(line.text),
            min(line.line, _MAX_LINE) << 10 | min(line.column, _MAX_COLUMN),
        )
        for line in tidy_lines(placed.function, source_name)
        if line.slot < placed.slots
    ]


def _core(placed: Placed, btf: BtfWriter, quad: _Pack) -> list[bytes]:
    return [
        quad(
            (placed.base + core.slot) * 8,
            btf.add(core.type),
            btf.string(core.access),
            int(core.kind),
        )
        for core in sorted(placed.function.core, key=lambda item: item.slot)
    ]
