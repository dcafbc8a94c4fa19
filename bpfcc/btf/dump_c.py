"""BTF types as C declarations that a compiler lays out alike.

Definitions come before what holds them by value; behind pointers a forward declaration is enough.
Where C's own layout differs from the BTF's, unnamed bit-fields fill gaps and ``packed`` removes
them. Two types of one name get ``___2`` and so on, as do constants of the same name.

The output has the form that CO-RE programs include as ``vmlinux.h``: every access to these structs
is recorded for relocation (``preserve_access_index``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..support.errors import InputError
from .layout import byte_size, strip
from .read import Btf
from .types import (
    Array,
    BtfType,
    Const,
    Enum,
    Float,
    Func,
    FuncProto,
    Fwd,
    Int,
    Member,
    Modifier,
    Ptr,
    Restrict,
    Struct,
    Typedef,
    TypeRef,
    TypeTag,
    Union,
    Var,
    Volatile,
)

_QUALIFIERS: dict[type[BtfType], str] = {
    Const: "const",
    Volatile: "volatile",
    Restrict: "restrict",
}
# Names that compilers have without a declaration.
_BUILT_IN = frozenset({"__builtin_va_list"})
_NO_IDENTIFIER = re.compile(r"[^A-Za-z0-9_]")
_MOST_DEPTH = 60
_LARGE_GAP = 8 * 1024  # bits
_HEAD = """\
#ifndef __VMLINUX_H__
#define __VMLINUX_H__

#ifndef BPF_NO_PRESERVE_ACCESS_INDEX
#pragma clang attribute push (__attribute__((preserve_access_index)), apply_to = record)
#endif

"""
_TAIL = """\
#ifndef BPF_NO_PRESERVE_ACCESS_INDEX
#pragma clang attribute pop
#endif

#endif /* __VMLINUX_H__ */
"""


def dump(btf: Btf, names: Iterable[str] = ()) -> str:
    """Return the types called ``names`` with all they need, or all types, as a C header.

    A name may be a type's or carry its keyword ("struct task_struct").
    Raises: InputError for a name that the BTF does not have.
    """
    roots: list[BtfType] = []
    for name in names:
        roots += _named(btf, name)
    if not roots:
        roots = [made for _, made in btf.types()]
        if btf.base is not None:
            roots = [made for _, made in btf.base.types()] + roots
    return _HEAD + Dumper().definitions(roots) + _TAIL


def _named(btf: Btf, name: str) -> list[BtfType]:
    words = name.split()
    kinds = {"struct": Struct, "union": Union, "enum": Enum}
    wanted = kinds.get(words[0]) if len(words) == 2 else None
    found: list[BtfType] = []
    for made in map(btf.type, btf.ids(words[-1] if words else "")):
        if isinstance(made, (Struct, Enum, Typedef)) and (wanted is None or type(made) is wanted):
            found.append(made)
    if not found:
        raise InputError(f"{btf.name}: no type is called {name!r}")
    return found


def declaration(type: TypeRef, name: str = "") -> str:
    """Return the C declaration of ``name`` with ``type``; the type's own text without a name.

    Anonymous structs are written out.
    """
    return Dumper().declaration(type, name)


class Dumper:
    """Writes declarations; remembers which names are taken and what was written."""

    def __init__(self) -> None:
        self._done: set[tuple[str, int]] = set()
        self._tags: dict[str, object] = {}  # struct, union and enum tags -> what has them
        self._names: dict[str, object] = {}  # typedefs and constants
        self._given: dict[int, str] = {}
        self._declared: set[str] = set()
        self._alignments: dict[int, int] = {}
        self._keep: list[BtfType] = []

    # Order ----------------------------------------------------------------------------------

    def definitions(self, roots: Iterable[BtfType]) -> str:
        """Return definitions of ``roots`` and what they need that were not returned before."""
        out: list[str] = []
        for root in roots:
            self._keep.append(root)
            for unit in self._units(root, complete=True):
                self._emit(unit, out)
        return "".join(out)

    def _emit(self, unit: tuple[str, BtfType], out: list[str]) -> None:
        """Write a unit after what it needs; without recursion, since chains can be long."""
        stack = [(unit, False)]
        open_: set[tuple[str, int]] = set()
        while stack:
            (what, type), ready = stack.pop()
            key = (what, id(type))
            if ready:
                if key not in self._done:
                    self._done.add(key)
                    text = self._unit_text(what, type)
                    # Of a struct that is declared or defined already no declaration is needed.
                    if text not in self._declared:
                        out.append(text)
                    if isinstance(type, (Struct, Fwd)):
                        self._declared.add(f"{self._spec(type)};\n\n")
                continue
            if key in self._done or key in open_:
                continue
            open_.add(key)
            stack.append(((what, type), True))
            stack += [(need, False) for need in reversed(self._needs(what, type))]

    def _needs(self, what: str, type: BtfType) -> list[tuple[str, BtfType]]:
        if what == "define" and isinstance(type, Struct):
            units: list[tuple[str, BtfType]] = []
            for member in type.members:
                units += self._units(member.type, complete=True)
            return units
        if what == "typedef" and isinstance(type, Typedef):
            return self._units(type.type, complete=False)
        return []

    def _units(self, type: TypeRef, *, complete: bool) -> list[tuple[str, BtfType]]:
        """Return what must be written before ``type`` can be used, by value if ``complete``."""
        units: list[tuple[str, BtfType]] = []
        stack: list[tuple[TypeRef, bool]] = [(type, complete)]
        seen: set[tuple[int, bool]] = set()
        while stack:
            current, whole = stack.pop()
            if current is None or (id(current), whole) in seen:
                continue
            seen.add((id(current), whole))
            if isinstance(current, Typedef):
                if current.name in _BUILT_IN:
                    continue
                units.append(("typedef", current))
                if whole:
                    stack.append((current.type, True))
            elif isinstance(current, Ptr):
                stack.append((current.type, False))
            elif isinstance(current, Modifier):
                stack.append((current.type, whole))
            elif isinstance(current, Array):
                stack.append((current.type, True))
            elif isinstance(current, FuncProto):
                stack += [(t, False) for _, t in reversed(current.params)]
                stack.append((current.ret, False))
            elif isinstance(current, Struct):
                if current.name:
                    units.append(("define" if whole else "declare", current))
                else:
                    stack += [(m.type, True) for m in reversed(current.members)]
            elif isinstance(current, Enum) and (current.name or current is type):
                units.append(("define", current))
            elif isinstance(current, Fwd):
                units.append(("declare", current))
        # What completes a typedef's target must come before what uses the typedef by value.
        units.sort(key=lambda unit: unit[0] == "typedef")
        return units

    # Texts ----------------------------------------------------------------------------------

    def _unit_text(self, what: str, type: BtfType) -> str:
        if what == "declare":
            return f"{self._spec(type)};\n\n"
        if isinstance(type, Typedef):
            return f"typedef {self.declaration(type.type, self._typedef_name(type))};\n\n"
        if isinstance(type, Enum):
            return f"{self._enum_text(type, 0)};\n\n"
        assert isinstance(type, Struct)
        return f"{self._struct_text(type, 0)};\n\n"

    def declaration(self, type: TypeRef, name: str, indent: int = 0, depth: int = 0) -> str:
        """Return ``name`` declared with ``type``; ``indent`` of the lines of written-out structs."""
        if depth > _MOST_DEPTH:
            raise InputError("a type is nested too deeply to be written in C")
        inner = name
        while True:
            qualifiers: list[str] = []
            while isinstance(type, (Const, Volatile, Restrict, TypeTag)):
                text = _qualifier(type)
                if text not in qualifiers:
                    qualifiers.append(text)
                type = type.type
            if isinstance(type, Ptr):
                inner = "*" + " ".join([*qualifiers, inner]).strip()
                type = type.type
                if isinstance(_below_qualifiers(type), (Array, FuncProto)):
                    inner = f"({inner})"
            elif isinstance(type, Array):
                inner += f"[{type.nelems}]"
                type = _requalify(qualifiers, type.type)
            elif isinstance(type, FuncProto):
                inner += f"({self._parameters(type, depth)})"
                type = type.ret
            else:
                break
        words = [*qualifiers, self._base(type, indent, depth)]
        # Tags come after the type they are on, qualifiers before it.
        words.sort(key=lambda word: word.startswith("__attribute__"))
        return " ".join(words) + (" " + inner if inner else "")

    def _parameters(self, proto: FuncProto, depth: int) -> str:
        if not proto.params:
            return "void"
        texts = []
        for i, (name, type) in enumerate(proto.params):
            variadic = type is None and not name and i == len(proto.params) - 1
            name = _identifier(name)
            texts.append("..." if variadic else self.declaration(type, name, 0, depth + 1))
        return ", ".join(texts)

    def _base(self, type: TypeRef, indent: int, depth: int) -> str:
        if type is None:
            return "void"
        if isinstance(type, Typedef):
            return self._typedef_name(type)
        if isinstance(type, (Struct, Enum, Fwd)):
            if type.name:
                return self._spec(type)
            if isinstance(type, Struct):
                return self._struct_text(type, indent, depth + 1)
            if isinstance(type, Enum):
                return self._enum_text(type, indent)
        if isinstance(type, (Int, Float)):
            return type.name or f"_BitInt({type.size * 8})"
        if isinstance(type, (Func, Var)):
            return self.declaration(type.proto if isinstance(type, Func) else type.type, type.name)
        return type.name or "void"

    def _spec(self, type: BtfType) -> str:
        """Return "struct name" and the like."""
        if isinstance(type, Enum):
            word = "enum"
        elif isinstance(type, Fwd):
            word = "union" if type.is_union else "struct"
        else:
            word = "union" if isinstance(type, Union) else "struct"
        # A forward declaration and its struct share the tag; other types of the name do not.
        owner: object = word if isinstance(type, Fwd) else type
        return f"{word} {self._unique(self._tags, type, owner, word)}"

    def _typedef_name(self, type: Typedef) -> str:
        return self._unique(self._names, type, type, "")

    def _unique(self, table: dict[str, object], type: BtfType, owner: object, word: str) -> str:
        known = self._given.get(id(type))
        if known is not None:
            return known
        base = name = _identifier(type.name)
        number = 1
        while True:
            holder = table.get(name)
            # "word" holds the place of a tag that was only declared so far.
            if holder is None or holder is owner or holder == word != "":
                break
            if isinstance(owner, str) and _word_of(holder) == word:
                break
            number += 1
            name = f"{base}___{number}"
        if table.get(name) is None or not isinstance(owner, str):
            table[name] = owner
        self._given[id(type)] = name
        self._keep.append(type)
        return name

    def _enum_text(self, type: Enum, indent: int) -> str:
        head = self._spec(type) if type.name else "enum"
        pad = "\t" * (indent + 1)
        lines = []
        for name, value in type.values:
            unique = _identifier(name)
            number = 1
            while unique in self._names:
                number += 1
                unique = f"{_identifier(name)}___{number}"
            self._names[unique] = (type, name)
            suffix = ("LL" if type.signed else "ULL") if type.size > 4 else ""
            lines.append(f"{pad}{unique} = {value}{suffix},\n")
        mode = {1: "byte", 2: "HI"}.get(type.size)
        attribute = f" __attribute__((mode({mode})))" if mode else ""
        if not lines:
            return f"{head} {{ {_identifier(type.name) or 'anonymous'}_none }}{attribute}"
        return f"{head} {{\n{''.join(lines)}{pad[1:]}}}{attribute}"

    # Structs --------------------------------------------------------------------------------

    def _struct_text(self, type: Struct, indent: int, depth: int = 0) -> str:
        word = "union" if isinstance(type, Union) else "struct"
        head = self._spec(type) if type.name else word
        pad = "\t" * (indent + 1)
        packed = self._is_packed(type)
        lines: list[str] = []
        end = 0
        for member in type.members:
            if word == "struct":
                lines += self._gap(end, member, packed)
                width = member.bitfield_size or 8 * byte_size(member.type)
                end = member.bit_offset + width
            name = _identifier(member.name)
            text = self.declaration(member.type, name, indent + 1, depth)
            lines.append(f"{text}: {member.bitfield_size};" if member.bitfield_size else f"{text};")
        align = 1 if packed else self._alignment(type)
        if word == "struct":
            if type.size * 8 > (end + 8 * align - 1) // (8 * align) * 8 * align:
                lines += _padding(end, type.size * 8)
        elif type.size > self._natural_union_size(type):
            lines.append(f"char __size[{type.size}];")
        body = "".join(f"{pad}{line}\n" for line in lines)
        attribute = " __attribute__((packed))" if packed else ""
        return f"{head} {{\n{body}{pad[1:]}}}{attribute}"

    def _gap(self, end: int, member: Member, packed: bool) -> list[str]:
        """Return the unnamed bit-fields that put ``member`` where it belongs."""
        if member.bitfield_size:
            size = 8 * byte_size(member.type) or 8
            natural = end
            if not packed and end // size != (end + member.bitfield_size - 1) // size:
                natural = (end + size - 1) // size * size
        else:
            align = 8 if packed else 8 * self._alignment(member.type)
            natural = (end + align - 1) // align * align
        return _padding(end, member.bit_offset) if member.bit_offset > natural else []

    def _natural_union_size(self, type: Struct) -> int:
        size = max((byte_size(m.type) for m in type.members), default=0)
        align = 1 if self._is_packed(type) else self._alignment(type)
        return (size + align - 1) // align * align

    def _is_packed(self, type: Struct) -> bool:
        """Tell whether members are where, or the size is what, natural alignment forbids."""
        if not type.members:
            return False
        align = max(self._alignment(m.type) for m in type.members)
        if type.size % align:
            return True
        for member in type.members:
            size = 8 * byte_size(member.type)
            if not member.bitfield_size:
                if member.bit_offset % (8 * self._alignment(member.type)):
                    return True
            elif size and (
                member.bit_offset // size != (member.bit_offset + member.bitfield_size - 1) // size
            ):
                return True
        return False

    def _alignment(self, type: TypeRef) -> int:
        base = strip(type)
        while isinstance(base, Array):
            base = strip(base.type)
        if isinstance(base, Ptr):
            return 8
        if isinstance(base, (Int, Float, Enum)):
            return max(1, min(base.size & -base.size, 16))
        if not isinstance(base, Struct):
            return 1
        known = self._alignments.get(id(base))
        if known is None:
            self._alignments[id(base)] = 1  # a struct that contains itself has no alignment
            known = 1
            if not self._is_packed(base):
                known = max((self._alignment(m.type) for m in base.members), default=1)
            self._alignments[id(base)] = known
            self._keep.append(base)
        return known


def _padding(start: int, end: int) -> list[str]:
    """Return unnamed bit-fields, or for much room an array, that fill bits ``start`` to ``end``."""
    lines: list[str] = []
    if end - start > _LARGE_GAP and start % 8 == 0:
        lines.append(f"char __gap_{start // 8}[{(end - start) // 8}];")
        start += (end - start) // 8 * 8
    while start < end:
        for word, bits in (("long", 64), ("int", 32), ("short", 16), ("char", 8)):
            if start % bits == 0 and start + bits <= end:
                lines.append(f"{word}: {bits};")
                start += bits
                break
        else:
            bits = min(end, start // 8 * 8 + 8) - start
            lines.append(f"char: {bits};")
            start += bits
    return lines


def _word_of(holder: object) -> str:
    if isinstance(holder, Union):
        return "union"
    return "struct" if isinstance(holder, Struct) else ""


def _identifier(name: str) -> str:
    """Return ``name`` as a C identifier (other languages' compilers write BTF, too)."""
    return _NO_IDENTIFIER.sub("_", name)


def _qualifier(type: Modifier) -> str:
    if isinstance(type, TypeTag):
        return f'__attribute__((btf_type_tag("{type.name}")))'
    return _QUALIFIERS[type.__class__]


def _requalify(qualifiers: list[str], type: TypeRef) -> TypeRef:
    """Put an array's qualifiers on its elements, where C has them."""
    for text in reversed(qualifiers):
        for shape, word in _QUALIFIERS.items():
            if word == text and shape is not Restrict:
                type = Const(type) if shape is Const else Volatile(type)
    return type


def _below_qualifiers(type: TypeRef) -> TypeRef:
    while isinstance(type, (Const, Volatile, Restrict, TypeTag)):
        type = type.type
    return type
