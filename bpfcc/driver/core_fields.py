"""The kernel's fields that a program uses, against several kernels' types, without those kernels.

Every CO-RE access of an object is looked up in each BTF that is given: there, missing, or of another
type. Where a field is missing and the program uses it unguarded, the guard to add is said at the
access.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ..btf.core import CoreKind
from ..btf.dump_c import declaration
from ..btf.layout import byte_size, strip
from ..btf.read import Btf
from ..btf.relocate import CoreError, Located, Resolver, describe, located
from ..btf.types import Array, BtfType, Int, Ptr, Struct, TypeRef
from ..objfile.model import Line, Object
from ..support.diagnostics import Diagnostic, FixIt, Severity

_READS = (CoreKind.FIELD_BYTE_OFFSET, CoreKind.FIELD_BYTE_SIZE)
_FIELDS = (
    *_READS,
    CoreKind.FIELD_EXISTS,
    CoreKind.FIELD_SIGNED,
    CoreKind.FIELD_LSHIFT_U64,
    CoreKind.FIELD_RSHIFT_U64,
)
_UNRESOLVED = "failed to resolve CO-RE relocation "


class Field:
    """One field of the kernel that the object uses.

    ``name`` is "task_struct.mm"; ``guarded``: the program asks somewhere whether it exists;
    ``line``: its first use. ``answers`` has for each BTF, in order, where it is there, or None.
    """

    __slots__ = ("access", "answers", "guarded", "line", "local", "name", "own")

    def __init__(self, name: str, local: BtfType, access: str) -> None:
        self.name = name
        self.local = local
        self.access = access
        self.own: Located | None = None
        self.guarded = False
        self.line: Line | None = None
        self.answers: list[Located | None] = []

    @property
    def guard(self) -> str:
        """The condition to put around an access."""
        kind = "struct" if isinstance(strip(self.local), Struct) else ""
        root, _, path = self.name.partition(".")
        return f"if (bpf_core_field_exists({kind} {root}, {path})) ..."

    def state(self, number: int) -> str:
        """Return what BTF ``number`` says: "present", "absent" or "type changed"."""
        answer = self.answers[number]
        if answer is None:
            return "absent"
        if not answer.fits or (self.own is not None and _differs(self.own.type, answer.type)):
            return "type changed"
        return "present"


def fields(obj: Object, btfs: Sequence[Btf]) -> list[Field]:
    """Return the fields that an object's CO-RE accesses name, in order of their names."""
    found: dict[tuple[str, str], Field] = {}
    for function in obj.functions:
        for reloc in function.core:
            if reloc.kind not in _FIELDS:
                continue
            name = describe(reloc.kind, reloc.type, reloc.access)
            if "." not in name:
                continue
            field = found.get((name, reloc.access))
            if field is None:
                field = found[name, reloc.access] = Field(name, reloc.type, reloc.access)
            if reloc.kind is CoreKind.FIELD_EXISTS:
                field.guarded = True
            elif field.line is None:
                field.line = _line_at(function.lines, reloc.slot)
    resolvers = [Resolver(btf) for btf in btfs]
    for field in found.values():
        try:
            field.own = located(field.local, field.access)
            field.answers = [r.locate(field.local, field.access) for r in resolvers]
        except CoreError:  # the verdict says so
            field.answers = [None for _ in resolvers]
    return sorted(found.values(), key=lambda field: field.name)


def _line_at(lines: Iterable[Line], slot: int) -> Line | None:
    best = None
    for line in lines:
        if line.slot > slot:
            break
        best = line
    return best


def _differs(own: TypeRef, other: TypeRef) -> bool:
    """Tell whether a value of the kernel's type reads differently from the program's own type."""
    a, b = strip(own), strip(other)
    if isinstance(a, Int) and isinstance(b, Int):
        return a.size != b.size or bool((a.encoding ^ b.encoding) & Int.SIGNED)
    if isinstance(a, Array) and isinstance(b, Array):
        return a.nelems != b.nelems or _differs(a.type, b.type)
    if isinstance(a, (Struct, Ptr)):
        return type(a) is not type(b)
    return byte_size(own) != byte_size(other)


def advise(found: Sequence[Field], diagnostics: Iterable[Diagnostic]) -> None:
    """Put the field's name and the guard to add into the errors of accesses that cannot be resolved."""
    by_name = {field.name: field for field in found}
    for d in diagnostics:
        field = by_name.get(d.kernel.removeprefix(_UNRESOLVED)) if d.id == "bpf-core" else None
        if field is not None:
            d.message = f"'{field.name}' does not exist in this kernel"
            d.fixits = [FixIt(field.guard)]


def changed(found: Sequence[Field], number: int) -> list[Diagnostic]:
    """Return a warning for each field whose type in BTF ``number`` is another than the program's."""
    out = []
    for field in found:
        if field.line is None or field.state(number) != "type changed":
            continue
        answer = field.answers[number]
        assert answer is not None and field.own is not None
        theirs, ours = declaration(answer.type, ""), declaration(field.own.type, "")
        out.append(
            Diagnostic(
                "bpf-core-field",
                Severity.WARNING,
                f"'{field.name}' is '{theirs}' in this kernel, and '{ours}' in the program",
                field.line.place(),
                group="bpf-core-field",
                fixits=[
                    FixIt(
                        f"declare a struct {field.name.partition('.')[0]}___other with that type, and "
                        "choose by bpf_core_field_size() or bpf_core_type_matches()"
                    )
                ],
            )
        )
    return out


def table(found: Sequence[Field], names: Sequence[str]) -> str:
    """Return the fields as a table: one column per BTF, then the guard where one is missing."""
    rows = [["CO-RE field", *names]]
    for field in found:
        rows.append([field.name, *(_cell(field, i) for i in range(len(names)))])
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = ["  ".join(f"{cell:{width}}" for cell, width in zip(row, widths)) for row in rows]
    for i, field in enumerate(found, 1):
        if any(answer is None for answer in field.answers):
            lines[i] += "  guarded" if field.guarded else f"  {field.guard}"
    return "".join(line.rstrip() + "\n" for line in lines)


def _cell(field: Field, number: int) -> str:
    answer = field.answers[number]
    if answer is None:
        return "absent"
    text = f"{answer.bits // 8}" + (f".{answer.bits % 8}" if answer.bits % 8 else "")
    text += f" {declaration(answer.type, '')}"
    return text + (" (changed)" if field.state(number) == "type changed" else "")


def as_rows(found: Sequence[Field], names: Sequence[str]) -> list[dict[str, Any]]:
    """Return the fields as JSON-ready values."""
    return [
        {
            "field": field.name,
            "guarded": field.guarded,
            "kernels": {
                name: {
                    "state": field.state(i),
                    "offset": answer.bits // 8 if answer is not None else None,
                    "type": declaration(answer.type, "") if answer is not None else None,
                }
                for i, name in enumerate(names)
                for answer in (field.answers[i],)
            },
        }
        for field in found
    ]
