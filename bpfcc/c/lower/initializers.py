"""Initialisers of local objects: zeros and stores, or a copy of constant data.

An initialiser list zeroes all bytes that no item covers, padding included: that is a promise, since
the kernel must not see indeterminate bytes of a map key.
"""

from __future__ import annotations

from ...ir.values import Symbol
from ..ctype.layout import align_of, size_of
from ..tast import nodes as t
from ..tast.evaluate import evaluate
from . import bitfields, expressions
from .data import Data
from .function import Fn
from .place import Place, aligned_at
from .scalars import INT_OF_SIZE, is_memory

TABLE_FROM = 64  # bytes of constant items from which on they are copied from .rodata


def initialize(f: Fn, target: Place, init: t.Init | None) -> None:
    """Write ``init`` to ``target``, a local object."""
    if init is None:
        return
    size = size_of(target.type)
    if size == 0:
        _effects_only(f, init)
        return
    items = init.items
    if not init.zero:
        _item(f, target, items[0], whole=True)
        return
    if _is_table(init, size):
        _copy_table(f, target, init, size)
        return
    if not _covers(items, size):
        f.b.memset(target.address(f.b), 0, size, align=min(target.align, 8))
    for item in items:
        _item(f, target, item)


def _effects_only(f: Fn, init: t.Init) -> None:
    for item in init.items:
        expressions.effect(f, item.value)


def _covers(items: list[t.InitItem], size: int) -> bool:
    """Say whether the items, in ascending order, leave no byte out."""
    end = 0
    for item in items:
        if item.width is not None or item.offset != end:
            return False
        end += size_of(item.value.type) * 8
    return end == size * 8


def _is_table(init: t.Init, size: int) -> bool:
    """Say whether the data are many and constant: a table or a long string."""
    if size < TABLE_FROM:
        return False
    given = 0
    for item in init.items:
        value = item.value
        if isinstance(value, t.StringLit):
            given += len(value.data.rstrip(b"\0"))
        elif isinstance(evaluate(value), int):
            given += size_of(value.type)
        else:
            return False
    return given * 2 >= size


def _copy_table(f: Fn, target: Place, init: t.Init, size: int) -> None:
    data = Data(f.module, size)
    data.init(init, 0)
    align = max(align_of(target.type), 8)
    name = f.module.constant(bytes(data.bytes), align)
    f.b.memcpy(target.address(f.b), Symbol(name), size, align=min(max(target.align, 1), 8))


def _item(f: Fn, target: Place, item: t.InitItem, *, whole: bool = False) -> None:
    value = item.value
    b = f.b
    saved = b.span
    b.span = value.span or saved
    offset, bit = divmod(item.offset, 8)
    kind = target.type if whole else value.type
    place = Place(
        target.pointer,
        target.offset + offset,
        kind,
        target.align if whole else aligned_at(target.align, offset),
        volatile=target.volatile,
    )
    if item.width is not None:
        place = Place(target.pointer, target.offset, value.type, target.align)
        place.width = item.width
        place.bit = item.offset
        place.limit = size_of(target.type)
        place.big_endian = f.module.big_endian
        bitfields.store(b, place, place.pointer, expressions.value(f, value))
    elif isinstance(value, t.StringLit):
        _string(f, place, value)
    elif is_memory(value.type):
        place.copy_from(b, expressions.value(f, value))
    else:
        assert bit == 0
        found = expressions.value(f, value)
        if whole:
            slot = getattr(target.pointer, "name", "")
            if slot and getattr(found, "name", None) == "":
                found.name = slot  # type: ignore[attr-defined]
        place.store(b, found)
    b.span = saved


def _string(f: Fn, place: Place, literal: t.StringLit) -> None:
    """Initialise a character array: short ones by stores of words, long ones from .rodata."""
    data = literal.data
    b = f.b
    text = data.rstrip(b"\0")
    if len(text) > TABLE_FROM:
        source = Symbol(f.module.constant(data, 8))
        b.memcpy(place.address(b), source, len(data), align=min(place.align, 8))
        return
    if len(data) - len(text) > 16:
        b.memset(place.address(b), 0, len(data), align=min(place.align, 8))
        data = data[: -(-(len(text) + 1) // 8) * 8][: len(data)]
    order = "big" if f.module.big_endian else "little"
    at = 0
    while at < len(data):
        step = 8
        while step > len(data) - at or step > aligned_at(max(place.align, _slot(place)), at):
            step //= 2
        word = int.from_bytes(data[at : at + step], order)  # type: ignore[arg-type]
        kind = INT_OF_SIZE[step]
        b.store(place.pointer, b.const(kind, word), place.offset + at)
        at += step


def _slot(place: Place) -> int:
    """The alignment of a local's slot, when the place is one."""
    attrs = getattr(place.pointer, "attrs", None)
    if attrs is not None and getattr(place.pointer, "op", "") == "alloca":
        return aligned_at(int(attrs["align"]), place.offset)
    return 1
