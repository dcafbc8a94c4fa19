"""Map definitions that the kernel refuses to create, with the reason it does not give.

Source: the ``map_alloc_check`` functions of each map type; rules are rows of
``uapi.map_types``. libbpf repairs some (ring buffer sizes, the size of perf event arrays).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..btf.layout import strip
from ..btf.types import Struct
from ..objfile.maps import MapDef
from ..objfile.model import Object
from ..support.diagnostics import Diagnostic, FixIt, Note, Severity
from ..uapi import kernels
from ..uapi.map_types import FLAG_NAMES, MapFlag, MapType, c_name, rule, size_ok, size_words
from .places import Places

if TYPE_CHECKING:
    from ..btf.read import Btf

_STORAGE = frozenset(
    {
        MapType.SK_STORAGE,
        MapType.INODE_STORAGE,
        MapType.TASK_STORAGE,
        MapType.CGRP_STORAGE,
    }
)
_MOST_HASH = 4 * 1024 * 1024 - 64


def check_operations(obj: Object, vmlinux: Btf | None) -> list[Diagnostic]:
    """Return one error per variable of operations that the kernel has no struct for.

    Those of sections marked "?" are left out by loaders.
    """
    out: list[Diagnostic] = []
    for section in obj.data.values():
        if vmlinux is None or not section.name.startswith(".struct_ops"):
            continue
        for symbol in section.symbols:
            kind = strip(symbol.btf.type) if symbol.btf is not None else None
            name = kind.name.split("___")[0] if isinstance(kind, Struct) else ""
            if name and not any(isinstance(vmlinux.type(n), Struct) for n in vmlinux.ids(name)):
                out.append(
                    Diagnostic(
                        "bpf-attach-target",
                        Severity.ERROR,
                        f"'{symbol.name}': this kernel has no struct {name}",
                        kernel=f"libbpf: struct_ops init_kern: struct {name} is not found in"
                        " kernel BTF",
                    )
                )
    return out


class _Fault:
    """What is wrong: ``attribute`` names the line to point at."""

    __slots__ = ("attribute", "fix", "kernel", "text")

    def __init__(self, attribute: str, text: str, fix: str, kernel: str) -> None:
        self.attribute = attribute
        self.text = text
        self.fix = fix
        self.kernel = kernel


def check_maps(
    obj: Object, defs: list[MapDef], kernel: tuple[int, int], places: Places
) -> list[Diagnostic]:
    """Return one error per map definition that ``kernel`` would refuse."""
    out = []
    for definition in defs:
        fault = _fault(definition, kernel)
        if fault is not None:
            out.append(_diagnostic(definition, fault, places))
    return out


def _fault(d: MapDef, kernel: tuple[int, int]) -> _Fault | None:
    row = rule(d.type)
    name = c_name(d.type)
    if row is None:
        return _Fault(
            "type",
            f"{name} is no map type",
            "use a BPF_MAP_TYPE_ constant",
            "Invalid argument(-22)",
        )
    if kernels.parse(row.since) > kernel:
        return _Fault(
            "type",
            f"{name} exists since Linux {row.since}, not on {kernel[0]}.{kernel[1]}",
            "use another map type, or a newer kernel",
            "Invalid argument(-22)",
        )
    invalid = "Invalid argument(-22)"
    key_size = 4 if d.type in _STORAGE and not d.key_size else d.key_size
    if not size_ok(row.key, key_size):
        return _Fault(
            "key",
            f"the key of a {name} map must have {size_words(row.key)}; it has {d.key_size}",
            _key_fix(row.key),
            invalid,
        )
    value_size = d.value_size or (4 if d.type == MapType.PROG_ARRAY else 0)
    if d.type in (MapType.PROG_ARRAY, MapType.PERF_EVENT_ARRAY, MapType.CGROUP_ARRAY):
        value_size = d.value_size or 4
    if d.type in (MapType.ARRAY_OF_MAPS, MapType.HASH_OF_MAPS):
        value_size = d.value_size or 4
        if d.inner is None:
            return _Fault(
                "values",
                f"a {name} map needs the shape of its inner maps",
                "__array(values, struct { ... inner map ... });",
                invalid,
            )
    spec = row.value
    if d.type == MapType.STACK_TRACE and d.flags & MapFlag.STACK_BUILD_ID:
        spec = "32*4064"
    if not size_ok(spec, value_size):
        too_big = spec.startswith("1-") and value_size > 1
        return _Fault(
            "value",
            f"the value of a {name} map must have {size_words(spec)}; it has {value_size}",
            "make the value smaller, or split it over several elements"
            if too_big
            else _value_fix(spec),
            "Argument list too long(-7)" if too_big else invalid,
        )
    return _entries(d, row.entries, name) or _flags(d, row.flags, row.required, name)


def _entries(d: MapDef, spec: str, name: str) -> _Fault | None:
    invalid = "Invalid argument(-22)"
    if d.type in (MapType.HASH, MapType.LRU_HASH) and d.key_size + d.value_size > _MOST_HASH:
        return _Fault(
            "value",
            f"key and value of a {name} map may have {_MOST_HASH} bytes together",
            "make the value smaller",
            "Argument list too long(-7)",
        )
    if d.type == MapType.PERF_EVENT_ARRAY:
        return None  # libbpf puts the number of CPUs where it is 0
    if spec == "0" and d.max_entries:
        return _Fault(
            "max_entries",
            f"max_entries of a {name} map must be 0",
            "leave max_entries out",
            invalid,
        )
    if spec in ("", "2^") and not d.max_entries:
        return _Fault(
            "max_entries",
            f"max_entries of a {name} map must not be 0",
            "__uint(max_entries, 1024);" if spec == "" else "__uint(max_entries, 256 * 1024);",
            invalid,
        )
    return None


def _flags(d: MapDef, allowed: int, required: int, name: str) -> _Fault | None:
    invalid = "Invalid argument(-22)"
    missing = required & ~d.flags
    if missing:
        text = FLAG_NAMES[missing & -missing]
        return _Fault(
            "map_flags", f"a {name} map needs {text}", f"__uint(map_flags, {text});", invalid
        )
    extra = d.flags & ~allowed & ~(MapFlag.PATH_FD | MapFlag.TOKEN_FD)
    if extra:
        text = FLAG_NAMES.get(extra & -extra, f"{extra:#x}")
        return _Fault("map_flags", f"a {name} map cannot have {text}", f"remove {text}", invalid)
    for a, b in (
        (MapFlag.RDONLY_PROG, MapFlag.WRONLY_PROG),
        (MapFlag.RDONLY, MapFlag.WRONLY),
    ):
        if d.flags & a and d.flags & b:
            return _Fault(
                "map_flags",
                f"{FLAG_NAMES[a]} and {FLAG_NAMES[b]} exclude each other",
                f"remove {FLAG_NAMES[b]}",
                invalid,
            )
    return None


def _key_fix(spec: str) -> str:
    if spec == "0":
        return "remove the key"
    if spec == "4":
        return "__type(key, __u32);"
    return f"use a key of {size_words(spec)}"


def _value_fix(spec: str) -> str:
    if spec == "0":
        return "remove the value"
    if spec == "4":
        return "__type(value, __u32);"
    if spec == "":
        return "__type(value, ...);"
    return f"use a value of {size_words(spec)}"


def _diagnostic(d: MapDef, fault: _Fault, places: Places) -> Diagnostic:
    span = places.map_attribute(d.name, fault.attribute)
    named = places.map_name(d.name)
    notes = []
    if named is not None and span is not None and named.start != span.start:
        notes.append(Note(f"map '{d.name}' is defined here", named))
    return Diagnostic(
        "bpf-map-definition",
        Severity.ERROR,
        f"map '{d.name}': {fault.text}",
        span or named,
        notes=notes,
        fixits=[FixIt(fault.fix)],
        kernel=f"libbpf: map '{d.name}': failed to create: {fault.kernel}",
    )
