"""CO-RE numbers: __builtin_preserve_field_info, _type_info, _enum_value, __builtin_btf_type_id.

Source: kernel Documentation/bpf/llvm_reloc.rst, "CO-RE Relocations"; the local values follow
libbpf's own computation, which checks them against the instruction.
"""

from __future__ import annotations

from ...btf.core import CoreKind
from ...btf.types import BtfType
from ..ctype.layout import size_of
from ..ctype.promotion import integer_of
from ..ctype.types import CType, Field, RecordType, strip
from ..tast import nodes as t
from ..tast.evaluate import evaluate_int
from .function import Fn

_TYPE_KINDS = (CoreKind.TYPE_EXISTS, CoreKind.TYPE_SIZE, CoreKind.TYPE_MATCHES)


def info(f: Fn, e: t.CoreInfo) -> tuple[CoreKind, BtfType, str, int]:
    """Return the relocation's kind, root type and access string, and the value for local types."""
    types = f.module.types
    if e.what == "field":
        assert e.operand is not None
        root, access, field, offset, size = _path(f, e.operand)
        kind = CoreKind(e.kind)
        if kind is CoreKind.FIELD_SIGNED:
            return kind, root, access, int(_signed(e.operand.type))
        big = f.module.big_endian
        return kind, root, access, field_number(kind, field, offset, size, big_endian=big)
    assert e.subject is not None
    root = types.record(e.subject)
    if e.what == "enum":
        assert e.enumerator is not None
        name, number = e.enumerator
        kind = CoreKind.ENUMVAL_VALUE if e.kind else CoreKind.ENUMVAL_EXISTS
        real = strip(e.subject)
        index = 0
        for i, (each, _) in enumerate(getattr(real, "enumerators", ())):
            if each == name:
                index = i
        return kind, root, str(index), number if e.kind else 1
    if e.what == "btf_id":
        kind = CoreKind.TYPE_ID_TARGET if e.kind else CoreKind.TYPE_ID_LOCAL
        return kind, root, "0", 0
    kind = _TYPE_KINDS[e.kind]
    number = size_of(e.subject) if kind is CoreKind.TYPE_SIZE else 1
    return kind, root, "0", number


def _path(f: Fn, e: t.Expr) -> tuple[BtfType, str, Field | None, int, int]:
    """Return root type, access string, last field, its bit offset from the root, its size.

    ``e`` is not evaluated: only its shape matters.
    """
    types = f.module.types
    steps: list[str] = []
    field: Field | None = None
    bits = 0
    size = size_of(e.type)
    root_type = e.type
    while True:
        if isinstance(e, t.Member):
            if field is None and not steps:
                field = e.field
            steps.append(str(types.field_index(e.record, e.field)))
            bits += e.field.offset
            e = e.base
            root_type = e.type
        elif isinstance(e, t.Index):
            count = evaluate_int(e.index) or 0
            pointer = e.pointer
            bits += count * size_of(e.type) * 8
            if isinstance(pointer, t.Cast) and pointer.kind == "decay":
                steps.append(str(count))
                e = pointer.operand
                root_type = e.type
            else:
                steps.append(str(count))
                break
        elif isinstance(e, t.CoreAccess) or (
            isinstance(e, t.Cast) and e.kind in ("load", "same", "decay")
        ):
            e = e.operand
        else:
            steps.append("0")
            break
    steps.reverse()
    return types.record(root_type), ":".join(steps), field, bits, size


def field_number(
    kind: CoreKind, field: Field | None, bits: int, size: int, *, big_endian: bool
) -> int:
    """Return what the relocation ``kind`` of a field gives for the local layout.

    ``bits``: the field's offset from the root; ``size``: that of its type in bytes.
    """
    width = field.width if field is not None else None
    offset = bits // 8
    if width is not None and size:
        offset = bits // 8 // size * size
        while bits + width - offset * 8 > size * 8 and size < 8:
            size *= 2
            offset = bits // 8 // size * size
    if kind is CoreKind.FIELD_BYTE_OFFSET:
        return offset
    if kind is CoreKind.FIELD_BYTE_SIZE:
        return size
    if kind is CoreKind.FIELD_EXISTS:
        return 1
    if kind is CoreKind.FIELD_RSHIFT_U64:
        return 64 - (width if width is not None else size * 8)
    inside = bits - offset * 8
    length = width if width is not None else size * 8
    if big_endian:
        return (8 - size) * 8 + inside
    return 64 - (inside + length)


def _signed(kind: CType) -> bool:
    if isinstance(strip(kind), RecordType):
        return False
    integer = integer_of(kind)
    return integer is not None and integer.signed
