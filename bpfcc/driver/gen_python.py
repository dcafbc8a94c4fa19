"""``bpfcc gen python``: the text of a module that gives an object's parts typed attributes.

The module declares, and ``driver.skeleton`` does the work. It holds the object itself, so it needs
no other file.
"""

from __future__ import annotations

import base64
import keyword

from ..btf.layout import strip
from ..btf.types import (
    Array,
    BtfType,
    Enum,
    Float,
    Int,
    Modifier,
    Ptr,
    Struct,
    Typedef,
    TypeRef,
    Union,
    Var,
)
from ..btf.values import is_char
from ..objfile.link import entry_functions
from ..objfile.maps import MapDef, data_sections, is_readonly, map_defs
from ..objfile.model import Object
from ..objfile.typesof import structs_of
from ..support.errors import InputError
from ..uapi.map_types import MapType, c_name
from ..uapi.prog_types import ProgType
from ..uapi.sections import match
from .buffers import record_type
from .skeleton import context_type

_PER_CPU = (MapType.PERCPU_HASH, MapType.PERCPU_ARRAY, MapType.LRU_PERCPU_HASH)
_PLAIN = (MapType.HASH, MapType.ARRAY, MapType.LRU_HASH, MapType.LPM_TRIE)
_QUEUES = (MapType.QUEUE, MapType.STACK)
_BUFFERS = (MapType.RINGBUF, MapType.PERF_EVENT_ARRAY)

# Names that annotations use: an attribute of that name would hide the type from those after it.
_TYPE_NAMES = frozenset(
    "int str bytes bool float tuple ClassVar dataclass enum skeleton TypedDict None".split()
)
_HEADER = '''\
"""Typed access to the BPF object {source}.

Made by "bpfcc gen python"; make it again rather than change it.

    with {cls}.load("kernel") as filter:  # or "vm", which needs no privilege
        ...
"""

from __future__ import annotations

{imports}from bpfcc.driver import skeleton
'''


class _Names:
    """Gives out Python identifiers for C names, each once in its scope."""

    def __init__(self, taken: frozenset[str] = frozenset()) -> None:
        self.taken = set(taken)
        self.changed: dict[str, str] = {}  # Python name -> C name, where they differ

    def take(self, name: str) -> str:
        text = "".join(c if c.isascii() and (c.isalnum() or c == "_") else "_" for c in name)
        if text.startswith("__"):
            text = text.lstrip("_")  # Python would read it as private to the class
        if not text or text[0].isdigit():
            text = "n" + text
        if keyword.iskeyword(text) or text in _TYPE_NAMES or text in self.taken:
            text += "_"
        base, number = text, 2
        while text in self.taken:
            text = f"{base}{number}"
            number += 1
        self.taken.add(text)
        if text != name:
            self.changed[text] = name
        return text

    def declaration(self) -> list[str]:
        """Return the line that tells the runtime which names are others in C."""
        if not self.changed:
            return []
        return [f"    _c_names = {self.changed!r}".replace("'", '"')]


def class_name(text: str) -> str:
    """Return a C name as the name of a Python class: "exec_event" is "ExecEvent"."""
    words = "".join(c if c.isascii() and c.isalnum() else " " for c in text).split()
    name = "".join(word[:1].upper() + word[1:] for word in words)
    if not name or name[0].isdigit():
        name = "Filter" + name
    return name + "_" if keyword.iskeyword(name) else name


class _Types:
    """BTF types as Python annotations; collects the classes that they need."""

    def __init__(self, reserved: set[str]) -> None:
        self.names = _Names(frozenset(reserved))
        self.classes: list[str] = []
        self.made: dict[int, str] = {}
        self.kept: list[BtfType] = []  # keeps the ids in ``made`` unique

    def hint(self, type: TypeRef, where: str) -> str:
        """Return the annotation for ``type``; ``where`` names it if it has no name itself."""
        base = strip(type)
        if isinstance(base, Int):
            return "bool" if base.encoding & Int.BOOL else "int"
        if isinstance(base, Enum):
            self._enum(base, _name_of(type) or where)
            return "int"
        if isinstance(base, Ptr):
            return "int"
        if isinstance(base, Float):
            return "float"
        if isinstance(base, Array):
            if is_char(base.type):
                return "str"
            return f"tuple[{self.hint(base.type, where)}, ...]"
        if isinstance(base, Struct):
            return self._struct(base, _name_of(type) or where)
        return "bytes"

    def default(self, type: TypeRef, hint: str) -> str:
        """Return the zero value of a type."""
        base = strip(type)
        if isinstance(base, Array) and not is_char(base.type):
            inner = self.default(base.type, hint.removeprefix("tuple[").removesuffix(", ...]"))
            return f"({inner},) * {base.nelems}"
        if isinstance(base, Struct):
            return f"{hint}()"
        return {"bool": "False", "float": "0.0", "str": '""', "bytes": 'b""'}.get(hint, "0")

    def _struct(self, base: Struct, name: str) -> str:
        known = self.made.get(id(base))
        if known is not None:
            return known
        made = self.names.take(class_name(name))
        self.made[id(base)] = made
        self.kept.append(base)
        fields = _Names(frozenset({"_c_names", "_union"}))
        lines: list[str] = []
        shared: list[str] = []
        self._members(base, made, fields, lines, shared, isinstance(base, Union))
        kind = "union" if isinstance(base, Union) else "struct"
        what = f"{kind} {base.name}" if base.name else f"{kind} without a name"
        text = [
            "@dataclass(frozen=True)",
            f"class {made}(skeleton.Record):",
            f'    """{what}, {base.size} bytes."""',
            "",
            *fields.declaration(),
            *([f"    _union = {tuple(shared)!r}".replace("'", '"')] if shared else []),
            *lines,
        ]
        self.classes.append("\n".join(text).rstrip() + "\n")
        return made

    def _members(
        self,
        base: Struct,
        owner: str,
        fields: _Names,
        lines: list[str],
        shared: list[str],
        in_union: bool,
    ) -> None:
        for member in base.members:
            inner = strip(member.type)
            if not member.name:
                if isinstance(inner, Struct):
                    deeper = in_union or isinstance(inner, Union)
                    self._members(inner, owner, fields, lines, shared, deeper)
                continue
            field = fields.take(member.name)
            hint = self.hint(member.type, f"{owner}_{member.name}")
            bits = f" : {member.bitfield_size}" if member.bitfield_size else ""
            comment = c_text(member.type)
            lines.append(
                f"    {field}: {hint} = {self.default(member.type, hint)}  # {comment}{bits}"
            )
            if in_union:
                shared.append(field)

    def _enum(self, base: Enum, name: str) -> None:
        if id(base) in self.made:
            return
        made = self.names.take(class_name(name))
        self.made[id(base)] = made
        self.kept.append(base)
        members = _Names()
        lines = [f"    {members.take(n)} = {value}" for n, value in base.values]
        if lines:
            title = f"enum {base.name or 'without a name'}"
            head = f'class {made}(enum.IntEnum):\n    """{title}."""\n\n'
            self.classes.append(head + "\n".join(lines) + "\n")


def _name_of(type: TypeRef) -> str:
    """Return the name that C knows a type by: its own, else the innermost typedef's."""
    typedef = ""
    while isinstance(type, Modifier) and not isinstance(type, Ptr):
        if isinstance(type, Typedef):
            typedef = type.name
        type = type.type
    return getattr(type, "name", "") or typedef


def c_text(type: TypeRef) -> str:
    """Return a type as people name it in C; good for a comment, not for a compiler."""
    while isinstance(type, Modifier) and not isinstance(type, (Typedef, Ptr)):
        type = type.type
    if type is None:
        return "void"
    if isinstance(type, Ptr):
        return f"{c_text(type.type)} *"
    if isinstance(type, Array):
        lengths = ""
        while isinstance(type, Array):
            lengths += f"[{type.nelems}]"
            type = type.type
        return c_text(type) + lengths
    if isinstance(type, Struct):
        kind = "union" if isinstance(type, Union) else "struct"
        return f"{kind} {type.name}".rstrip()
    if isinstance(type, Enum):
        return f"enum {type.name}".rstrip()
    return getattr(type, "name", "") or "function"


def python_module(obj: Object, data: bytes, source: str, name: str, records: dict[str, str]) -> str:
    """Return the text of the module.

    Args:
        obj: the object.
        data: its bytes, which the module carries.
        source: the object's file name without folders.
        name: of the class.
        records: buffer -> struct of its records, where the object does not say.

    Raises: InputError for a buffer or struct that the object does not have.
    """
    reserved = {name, "Maps", "Variables", "Programs", "Settings"}
    types = _Types(reserved)
    maps = _maps(obj, types, records)
    variables, settings = _variables(obj, types)
    programs = _programs(obj, types)
    classes = types.classes
    imports = [
        "import enum\n" if any("(enum.IntEnum)" in text for text in classes) else "",
        "from dataclasses import dataclass\n"
        if any("@dataclass" in text for text in classes)
        else "",
        "from typing import TypedDict\n\n",
    ]
    entries = "".join(f"\n        {entry}," for entry in settings) + ("\n    " if settings else "")
    encoded = base64.b64encode(data).decode("ascii")
    rows = [f'        "{encoded[at : at + 76]}"' for at in range(0, len(encoded), 76)]
    parts = [
        _HEADER.format(source=source, cls=name, imports="".join(imports)),
        *classes,
        _class("Maps", "The maps.", maps),
        _class("Variables", "The global variables.", variables),
        _class("Programs", "The programs.", programs),
        f'Settings = TypedDict(\n    "Settings",\n    {{{entries}}},\n    total=False,\n)\n',
        f"class {name}(skeleton.Skeleton[Maps, Variables, Programs, Settings]):\n"
        f'    """The object {source}: load() is where to begin."""\n\n'
        f"    _name = {_quoted(source)}\n    _object = (\n" + "\n".join(rows) + "\n    )\n",
    ]
    return "\n\n".join(parts)


def _quoted(text: str) -> str:
    import json

    return json.dumps(text)


def _class(kind: str, title: str, lines: list[str]) -> str:
    body = "\n".join(lines)
    return f'class {kind}(skeleton.{kind}):\n    """{title}"""\n' + (f"\n{body}\n" if body else "")


def _maps(obj: Object, types: _Types, records: dict[str, str]) -> list[str]:
    names = _Names(frozenset({"_c_names", "_records"}))
    lines: list[str] = []
    structs = structs_of(obj) if records else {}
    buffers = set()
    for definition in map_defs(obj):
        hint = _map_hint(obj, definition, types, records, structs)
        if definition.type in _BUFFERS:
            buffers.add(definition.name)
        comment = f"{c_name(definition.type)}, {definition.max_entries} entries"
        lines.append(f"    {names.take(definition.name)}: skeleton.{hint}  # {comment}")
    for buffer in records:
        if buffer not in buffers:
            raise InputError(f"--record: the object has no ring buffer or perf buffer {buffer!r}")
    head = names.declaration()
    if records:
        head.append(f"    _records = {dict(sorted(records.items()))!r}".replace("'", '"'))
    return head + lines


def _map_hint(
    obj: Object,
    definition: MapDef,
    types: _Types,
    records: dict[str, str],
    structs: dict[str, Struct],
) -> str:
    name = definition.name
    if definition.type in _BUFFERS:
        kind: TypeRef = record_type(obj, name)
        if name in records:
            kind = structs.get(records[name])
            if kind is None:
                raise InputError(f"--record: the object's BTF has no struct {records[name]!r}")
        return f"Buffer[{types.hint(kind, name + '_record')}]"
    value = _sized(types, definition.value_type, definition.value_size, f"{name}_value")
    if definition.type in _QUEUES:
        return f"Queue[{value}]"
    key = _sized(types, definition.key_type, definition.key_size, f"{name}_key")
    if definition.type in _PER_CPU:
        return f"PerCpuMap[{key}, {value}]"
    return f"Map[{key}, {value}]" if definition.type in _PLAIN else "OtherMap"


def _sized(types: _Types, type: TypeRef, size: int, where: str) -> str:
    if type is not None:
        return types.hint(type, where)
    return "int" if size in (1, 2, 4, 8) else "bytes"


def _variables(obj: Object, types: _Types) -> tuple[list[str], list[str]]:
    """Return the lines of class Variables, and the entries of Settings."""
    names = _Names(frozenset({"_c_names", "_place"}))
    lines: list[str] = []
    told = {f"{one.name}_record" for one in map_defs(obj) if one.type in _BUFFERS}
    settings: list[str] = []
    for section in data_sections(obj):
        for symbol in section.symbols:
            if not isinstance(symbol.btf, Var) or "." in symbol.name or symbol.name in told:
                continue  # literals, statics inside of functions, what only tells a type
            hint = types.hint(symbol.btf.type, symbol.name)
            comment = c_text(symbol.btf.type)
            if is_readonly(section):
                comment += ", constant: set by load() only"
            lines.append(f"    {names.take(symbol.name)}: {hint}  # {comment}")
            settings.append(f'"{symbol.name}": {hint}')
    return names.declaration() + lines, settings


def _programs(obj: Object, types: _Types) -> list[str]:
    names = _Names(frozenset({"_c_names"}))
    lines: list[str] = []
    for function in entry_functions(obj):
        section = match(function.section)
        context = "None"
        if section is not None and section.prog_type == ProgType.SYSCALL:
            type = context_type(obj, function.name)
            if isinstance(strip(type), Struct):
                context = types.hint(type, function.name + "_context")
        taken = names.take(function.name)
        lines.append(
            f"    {taken}: skeleton.Program[{context}]  # SEC({_quoted(function.section)})"
        )
    return names.declaration() + lines
