"""Places of lvalues, with CO-RE chains (kernel Documentation/bpf/llvm_reloc.rst).

A chain begins at the first access to a member of a record whose accesses are relocated (all records
inside ``__builtin_preserve_access_index``, those with the attribute elsewhere) and goes on through
members and constant array indices; it ends where a pointer is loaded. Its access string is what the
kernel's loaders expect: the index of the pointer itself first ("0", or n for ``p[n].x``), then
member numbers and array indices.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...ir.values import I64, Const, Value
from ..ctype.layout import align_of, size_of
from ..ctype.types import CType, PointerType, RecordType, strip
from ..tast import nodes as t
from ..tast.evaluate import evaluate_int
from . import dialect, expressions, initializers
from .function import Fn
from .place import Chain, Place, aligned_at


def place(f: Fn, e: t.Expr) -> Place:
    """Return where lvalue ``e`` lies (or the memory that holds a record rvalue)."""
    rule = _RULES.get(e.__class__)
    if rule is None:
        return _value_in_memory(f, e)
    saved = f.b.span
    f.b.span = e.span
    found = rule(f, e)
    f.b.span = saved
    return found


def address(f: Fn, e: t.Expr) -> Value:
    """Return the address of lvalue ``e``."""
    found = place(f, e)
    if found.width is not None:
        raise f.broken("the address of a bit-field", e.span)
    return found.address(f.b)


def _value_in_memory(f: Fn, e: t.Expr) -> Place:
    """A record rvalue: a call's or conditional's result, whose members may be read."""
    return Place(expressions.value(f, e), 0, e.type)


def _variable(f: Fn, e: t.VarRef) -> Place:
    found = f.place(e.symbol)
    found.type = e.type
    return found


def _string(f: Fn, e: t.StringLit) -> Place:
    return Place(f.module.string(e.data, align_of(e.type)), 0, e.type)


def _literal(f: Fn, e: t.CompoundLiteral) -> Place:
    symbol = e.symbol
    if symbol.storage == "auto":
        initializers.initialize(f, f.place(symbol), symbol.init)
    return f.place(symbol)


def _deref(f: Fn, e: t.Deref) -> Place:
    pointer = e.pointer
    if isinstance(pointer, t.Cast) and pointer.kind == "decay":
        inner = place(f, pointer.operand)  # *array is the array's first element
        inner.close(f.b)  # in an access string, only an index can lead from array to element
        inner.type = e.type
        return inner
    base, offset = pointer_parts(f, pointer)
    return Place(base, offset, e.type)


def pointer_parts(f: Fn, e: t.Expr) -> tuple[Value, int]:
    """Return pointer rvalue ``e`` as a value and a constant offset in bytes."""
    offset = 0
    while True:
        if isinstance(e, t.PtrAdd):
            count = evaluate_int(e.index)
            if count is None:
                break
            offset += -count * e.scale if e.subtract else count * e.scale
            e = e.pointer
        elif (
            isinstance(e, t.Cast)
            and e.kind in ("pointer", "same")
            and not _space_changes(e.operand.type, e.type)
        ):
            e = e.operand
        elif isinstance(e, t.AddressOf) or (isinstance(e, t.Cast) and e.kind == "decay"):
            inner = place(f, e.operand)
            inner.close(f.b)
            return inner.pointer, inner.offset + offset
        else:
            break
    return expressions.value(f, e), offset


def _space_changes(source: CType, target: CType) -> bool:
    source, target = strip(source), strip(target)
    return (
        isinstance(source, PointerType)
        and isinstance(target, PointerType)
        and source.address_space != target.address_space
    )


def _index(f: Fn, e: t.Index) -> Place:
    size = size_of(e.type)
    pointer = e.pointer
    count = evaluate_int(e.index)
    if isinstance(pointer, t.Cast) and pointer.kind == "decay":
        base = place(f, pointer.operand)
        if base.chain is not None and count is not None and _goes_on(f, pointer.operand):
            chain = base.chain.extend(count, count * size)
            return Place(base.pointer, 0, e.type, volatile=base.volatile, chain=chain)
        base.close(f.b)
        return _element(f, base.pointer, base.offset, base.align, e, count, size, base.volatile)
    if count is not None and _is_core_pointer(f, pointer):
        # p[n].member: the access string begins with n. Only a member access opens the chain.
        return Place(expressions.value(f, pointer), count * size, e.type)
    base_value, offset = pointer_parts(f, pointer)
    return _element(f, base_value, offset, align_of(e.type), e, count, size, False)


def _element(
    f: Fn,
    base: Value,
    offset: int,
    align: int,
    e: t.Index,
    count: int | None,
    size: int,
    volatile: bool,
) -> Place:
    if count is not None:
        offset += count * size
        known = aligned_at(max(align, 1), count * size) if count else align
        return Place(base, offset, e.type, known, volatile=volatile)
    index = expressions.value(f, e.index)
    known = min(align, align_of(e.type)) if align else align_of(e.type)
    if isinstance(index, Const):
        return Place(base, offset + index.signed * size, e.type, known, volatile=volatile)
    b = f.b
    scaled = index if size == 1 else b.mul(index, Const(I64, size))
    return Place(b.ptradd(base, scaled), offset, e.type, known, volatile=volatile)


def _is_core_pointer(f: Fn, e: t.Expr) -> bool:
    """Say whether ``e`` points to records whose accesses are relocated."""
    kind = strip(e.type)
    if not isinstance(kind, PointerType):
        return False
    real = strip(kind.to)
    return isinstance(real, RecordType) and (bool(f.preserve) or real.core)


def _goes_on(f: Fn, array: t.Expr) -> bool:
    """Say whether indexing ``array`` belongs to the open chain: its record is relocated."""
    if f.preserve:
        return True
    while isinstance(array, t.Index):
        pointer = array.pointer
        if not (isinstance(pointer, t.Cast) and pointer.kind == "decay"):
            return False
        array = pointer.operand
    return isinstance(array, t.Member) and array.record.core


def _member(f: Fn, e: t.Member) -> Place:
    field = e.field
    record = e.record
    base = place(f, e.base)
    volatile = base.volatile
    if f.preserve or record.core:
        return _core_member(f, e, base, volatile)
    base.close(f.b)
    if field.width is not None:
        found = Place(base.pointer, base.offset, e.type, base.align, volatile=volatile)
        _set_bits(f, found, field.offset, field.width, record.size)
        return found
    offset = field.offset // 8
    found = Place(
        base.pointer,
        base.offset + offset,
        e.type,
        aligned_at(base.align, offset),
        volatile=volatile,
    )
    if f.module.context:
        if record.tag == "bpf_context":
            dialect.context_member(f, e, found)
        elif record.tag == "pt_regs":
            dialect.register_member(f, e, found)
    return found


def _set_bits(f: Fn, found: Place, bit: int, width: int, limit: int) -> None:
    found.bit = bit
    found.width = width
    found.limit = limit
    found.big_endian = f.module.big_endian


def _through_pointer(e: t.Expr) -> bool:
    """Say whether ``e`` is ``pointer[constant]``, not an element of an array."""
    if not isinstance(e, t.Index):
        return False
    return not (isinstance(e.pointer, t.Cast) and e.pointer.kind == "decay")


def _core_member(f: Fn, e: t.Member, base: Place, volatile: bool) -> Place:
    """A member access that is relocated: opens a chain at the record's address or prolongs one."""
    field = e.field
    record = e.record
    types = f.module.types
    chain = base.chain
    if chain is None:
        start = base.pointer
        first = "0"
        size = record.size
        steps, rest = divmod(base.offset, size) if size else (0, base.offset)
        if _through_pointer(e.base) and not rest and steps >= 0:
            chain = Chain(start, types.record(e.base.type), str(steps), base.offset)
        else:
            start = f.b.ptradd(start, base.offset)
            chain = Chain(start, types.record(e.base.type), first, 0)
    index = types.field_index(record, field)
    if field.width is None:
        chain = chain.extend(index, field.offset // 8)
        align = aligned_at(record.align, field.offset // 8)
        return Place(base.pointer, 0, e.type, align, volatile=volatile, chain=chain)
    unit = size_of(field.type)
    at = field.offset // 8 // unit * unit
    if field.offset + field.width > (at + unit) * 8:
        at = field.offset // 8
        unit = (field.offset % 8 + field.width + 7) // 8
    found = Place(base.pointer, 0, e.type, 0, volatile=volatile, chain=chain.extend(index, at))
    _set_bits(f, found, field.offset - at * 8, field.width, unit)
    return found


def _preserved(f: Fn, e: t.CoreAccess) -> Place:
    f.preserve += 1
    try:
        return place(f, e.operand)
    finally:
        f.preserve -= 1


def _load(f: Fn, e: t.Cast) -> Place:
    """The rvalue of a record lvalue: its own memory."""
    if e.kind in ("load", "same"):
        return place(f, e.operand)
    return _value_in_memory(f, e)


_RULES: dict[type, Callable[[Fn, Any], Place]] = {
    t.VarRef: _variable,
    t.StringLit: _string,
    t.CompoundLiteral: _literal,
    t.Deref: _deref,
    t.Index: _index,
    t.Member: _member,
    t.CoreAccess: _preserved,
    t.Cast: _load,
}
