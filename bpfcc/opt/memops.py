"""memops: small copies and fills of locals become loads and stores.

Then single bytes of them can be forwarded, overwritten or found dead. Locals lie on 8-byte
boundaries of the frame, so widths follow from the offset alone; the other side of a copy is
accessed as wide as its own alignment allows. Copies out of constants of the program become stores
of immediates.
"""

from __future__ import annotations

from typing import Any

from ..ir.module import Function, Global
from ..ir.values import INT_OF_BITS, VOID, Const, Instr, Symbol, Value
from .alias import Place, locate
from .context import Context

MAX_BYTES = 64
MAX_CONSTANT = 128
_IMM = 1 << 31


def run(function: Function, ctx: Context) -> bool:
    """Expand what is small; return whether anything was."""
    changed = False
    for block in function.blocks:
        if not any(i.op in ("memset", "memcpy", "memmove") for i in block.instrs):
            continue
        out: list[Instr] = []
        for instr in block.instrs:
            made = _expand(instr, ctx)
            if made is None:
                out.append(instr)
            else:
                out.extend(made)
                changed = True
        for instr in out:
            instr.block = block
        block.instrs = out
    return changed


def _expand(instr: Instr, ctx: Context) -> list[Instr] | None:
    op, attrs = instr.op, instr.attrs
    if op not in ("memset", "memcpy", "memmove") or attrs.get("volatile"):
        return None
    size: int = attrs["size"]
    dst = locate(instr.args[0], 0, size)
    if op == "memmove" and not _is_local(dst):
        return _shift(instr, dst, size)
    if not _is_local(dst) or dst.off is None:
        return None
    source = instr.args[1]
    assert isinstance(dst.base, Instr)
    dst.base.attrs["align"] = max(dst.base.attrs["align"], 8)
    if op == "memset":
        if not isinstance(source, Const) or size > MAX_BYTES:
            return None
        pattern = 0x0101010101010101 * source.value
        return [
            _store(instr, at, Const(INT_OF_BITS[8 * n], pattern)) for at, n in cut(dst.off, size, 8)
        ]
    if isinstance(source, Symbol):
        var = ctx.globals.get(source.name)
        if var is not None and var.constant and size <= MAX_CONSTANT:
            return _constants(instr, dst.off, var, source.addend, size, ctx.options.big_endian)
    src = locate(source, 0, size)
    if size > MAX_BYTES or (op == "memmove" and not _is_local(src)):
        return None
    if src.off is not None and _is_local(src):
        if src.base is dst.base and abs(src.off - dst.off) < size:
            return None
        align, source_at = 8, src.off
    else:
        align, source_at = attrs.get("align") or 1, 0
    loads, stores = [], []
    for at, n in cut(dst.off, size, min(8, align), source_at):
        offset: dict[str, Any] = {"off": at} if at else {}
        value = Instr("load", INT_OF_BITS[8 * n], [source], instr.span, offset)
        loads.append(value)
        stores.append(_store(instr, at, value))
    return loads + stores if op == "memmove" else [i for p in zip(loads, stores) for i in p]


def _shift(instr: Instr, dst: Place, size: int) -> list[Instr] | None:
    """Move bytes within one object, in the order that reads each before it is overwritten."""
    src = locate(instr.args[1], 0, size)
    if src.base is not dst.base or src.off is None or dst.off is None or size > MAX_BYTES:
        return None
    align = instr.attrs.get("align") or 1
    pieces = cut(0, size, min(8, align))
    if dst.off > src.off:
        pieces.reverse()
    out = []
    for at, n in pieces:
        offset: dict[str, Any] = {"off": at} if at else {}
        value = Instr("load", INT_OF_BITS[8 * n], [instr.args[1]], instr.span, offset)
        out += [value, _store(instr, at, value)]
    return out


def _is_local(place: Place) -> bool:
    return isinstance(place.base, Instr) and place.base.op == "alloca"


def _store(instr: Instr, at: int, value: Value) -> Instr:
    attrs = {"off": at} if at else {}
    return Instr("store", VOID, [instr.args[0], value], instr.span, attrs)


def cut(start: int, size: int, widest: int, source: int | None = None) -> list[tuple[int, int]]:
    """Cut ``size`` bytes that begin at frame offset ``start`` into (offset from it, width).

    Every piece is aligned there and, counted from ``source``, where it is copied from.
    """
    pieces = []
    at = 0
    if source is None:
        source = start
    while at < size:
        width = widest
        while (start + at) % width or (source + at) % width or at + width > size:
            width //= 2
        pieces.append((at, width))
        at += width
    return pieces


def _constants(
    instr: Instr, start: int, var: Global, addend: int, size: int, big_endian: bool
) -> list[Instr] | None:
    if addend < 0 or addend + size > len(var.init):
        return None
    if any(r.offset < addend + size and addend < r.offset + 8 for r in var.relocs):
        return None
    data = var.init[addend : addend + size]
    out = []
    for at, width in cut(start, size, 8):
        for sub in _immediates(data, at, width, big_endian):
            out.append(_store(instr, *sub))
    return out


def _immediates(data: bytes, at: int, width: int, big_endian: bool) -> list[tuple[int, Const]]:
    """Return (offset, value) of stores for one piece: 8 bytes that are no immediate are two."""
    number = int.from_bytes(data[at : at + width], "big" if big_endian else "little")
    value = Const(INT_OF_BITS[8 * width], number)
    if width < 8 or -_IMM <= value.signed < _IMM:
        return [(at, value)]
    return [part for half in (at, at + 4) for part in _immediates(data, half, 4, big_endian)]
