"""What is judged: instructions with everything resolved that a loader would resolve.

``Subject`` is made from an ``objfile.Program``, or by hand in tests. Instructions are counted one
by one here (a wide load is one); ``slots`` and ``index_of`` convert to the kernel's slot numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..btf.layout import byte_size, strip
from ..btf.types import Array, BtfType, Func, Ptr, Struct, TypeRef, TypeTag
from ..isa import insn as isa
from ..isa.insn import Insn
from ..uapi.map_types import MapFlag, MapType
from ..uapi.prog_types import AttachType, ProgType

if TYPE_CHECKING:
    from ..btf.read import Btf
    from ..objfile.model import Program

# Fields of map values that only helpers may touch: struct name -> size.
SPECIAL_STRUCTS = {
    "bpf_spin_lock": 4,
    "bpf_res_spin_lock": 8,
    "bpf_timer": 16,
    "bpf_wq": 16,
    "bpf_task_work": 8,
    "bpf_list_head": 16,
    "bpf_list_node": 24,
    "bpf_rb_root": 16,
    "bpf_rb_node": 32,
    "bpf_refcount": 4,
}
_KPTR_TAGS = {
    "kptr_untrusted": "kptr_unref",
    "kptr": "kptr_ref",
    "percpu_kptr": "kptr_percpu",
    "uptr": "uptr",
}
# Kernel versions that know the field at all.
FIELD_SINCE = {
    "bpf_spin_lock": (5, 1),
    "bpf_timer": (5, 15),
    "kptr_unref": (5, 19),
    "kptr_ref": (5, 19),
    "bpf_list_head": (6, 2),
    "bpf_rb_root": (6, 4),
    "bpf_refcount": (6, 5),
    "bpf_wq": (6, 10),
    "uptr": (6, 13),
    "bpf_res_spin_lock": (6, 15),
    "bpf_task_work": (6, 18),
}


_MOST_FIELDS = 11
_STORAGE = {MapType.SK_STORAGE, MapType.INODE_STORAGE, MapType.TASK_STORAGE, MapType.CGRP_STORAGE}
_LOCK_MAPS = frozenset({MapType.HASH, MapType.ARRAY, MapType.CGROUP_STORAGE, *_STORAGE})
_TIMER_MAPS = frozenset({MapType.HASH, MapType.LRU_HASH, MapType.ARRAY})
_KPTR_MAPS = frozenset(
    {
        MapType.HASH,
        MapType.PERCPU_HASH,
        MapType.LRU_HASH,
        MapType.LRU_PERCPU_HASH,
        MapType.ARRAY,
        MapType.PERCPU_ARRAY,
        *_STORAGE,
    }
)
# Map types that may have the field.
_FIELD_MAPS: dict[str, frozenset[int]] = {
    "bpf_spin_lock": _LOCK_MAPS,
    "bpf_res_spin_lock": _LOCK_MAPS,
    "bpf_timer": _TIMER_MAPS,
    "bpf_wq": _TIMER_MAPS,
    "bpf_task_work": _TIMER_MAPS,
    "bpf_list_head": _TIMER_MAPS,
    "bpf_rb_root": _TIMER_MAPS,
    "kptr_unref": _KPTR_MAPS,
    "kptr_ref": _KPTR_MAPS,
    "kptr_percpu": _KPTR_MAPS,
    "bpf_refcount": _KPTR_MAPS,
    "uptr": frozenset({MapType.TASK_STORAGE}),
}


class SpecialField:
    """A field of a map value that loads and stores must not touch. Offsets in bytes.

    ``owner``: the struct and the number of the member that it is, or is an element of.
    """

    __slots__ = ("kind", "off", "owner", "size", "target")

    def __init__(
        self,
        kind: str,
        off: int,
        size: int,
        target: BtfType | None = None,
        owner: tuple[BtfType, int] | None = None,
    ) -> None:
        self.kind = kind
        self.off = off
        self.size = size
        self.target = target
        self.owner = owner


class MapInfo:
    """A map as the verifier sees it; sizes in bytes.

    ``data`` is the frozen content of a read-only global section. ``direct``: its values may be
    addressed by constants (global data). ``section`` names the global section.
    """

    __slots__ = (
        "data",
        "direct",
        "fields",
        "flags",
        "inner",
        "key_size",
        "max_entries",
        "name",
        "section",
        "type",
        "value_size",
        "value_type",
    )

    def __init__(
        self,
        name: str,
        type: int,
        key_size: int,
        value_size: int,
        max_entries: int,
        flags: int = 0,
        *,
        value_type: TypeRef = None,
        inner: MapInfo | None = None,
        data: bytes | None = None,
        direct: bool = False,
        section: str = "",
    ) -> None:
        self.name = name
        self.type = type
        self.key_size = key_size
        self.value_size = value_size
        self.max_entries = max_entries
        self.flags = flags
        self.value_type = value_type
        self.inner = inner
        self.data = data
        self.direct = direct
        self.section = section
        self.fields: list[SpecialField] = _known_fields(value_type, type, flags)

    def field(self, kind: str) -> SpecialField | None:
        """Return the first special field of that kind, or None."""
        for field in self.fields:
            if field.kind == kind:
                return field
        return None

    @property
    def frozen(self) -> bool:
        """Whether reads give constants: content known and fixed (``bpf_map_is_rdonly``)."""
        return self.data is not None and bool(self.flags & MapFlag.RDONLY_PROG)

    def __repr__(self) -> str:
        return f"<MapInfo {self.name}>"


def _known_fields(value: TypeRef, map_type: int, flags: int) -> list[SpecialField]:
    """Return the special fields that the kernel respects.

    It refuses types that it cannot use for the map; loaders then create the map without types.
    Source: kernel ``map_check_btf``, ``btf_find_kptr``.
    """
    fields: list[SpecialField] = []
    collect_fields(value, fields)
    seen: set[str] = set()
    for field in fields:
        kind = field.kind
        if kind in _FIELD_MAPS and map_type not in _FIELD_MAPS[kind]:
            return []
        if "ptr" in kind:
            if kind == "bad_kptr" or type(field.target) is not Struct:
                return []
        elif kind in seen and kind not in ("bpf_list_head", "bpf_list_node", "bpf_rb_root",
                                           "bpf_rb_node"):  # fmt: skip
            return []
        seen.add(kind)
    if len(fields) > _MOST_FIELDS or {"bpf_spin_lock", "bpf_res_spin_lock"} <= seen:
        return []
    if fields and flags & (MapFlag.RDONLY_PROG | MapFlag.WRONLY_PROG):
        return []
    return fields


def collect_fields(type: TypeRef, out: list[SpecialField]) -> None:
    """Add all special fields that a value of ``type`` has to ``out``, by offset."""
    _collect(type, 0, out, 0, None)
    out.sort(key=lambda field: field.off)


def _collect(
    type: TypeRef, base: int, out: list[SpecialField], depth: int, owner: tuple[BtfType, int] | None
) -> None:
    kind = strip(type)
    if depth > 8:
        return
    if isinstance(kind, Struct):
        size = SPECIAL_STRUCTS.get(kind.name)
        if size is not None:
            out.append(SpecialField(kind.name, base, size, owner=owner))
            return
        for i, member in enumerate(kind.members):
            if not member.bitfield_size:
                at = base + member.bit_offset // 8
                _collect(member.type, at, out, depth + 1, (kind, i))
    elif isinstance(kind, Array):
        size = byte_size(kind.type)
        if kind.nelems and isinstance(strip(kind.type), (Struct, Ptr, Array)):
            for i in range(min(kind.nelems, 16)):
                _collect(kind.type, base + i * size, out, depth + 1, owner)
    elif isinstance(kind, Ptr):
        inner = kind.type
        if isinstance(inner, TypeTag):
            tag = _KPTR_TAGS.get(inner.name, "bad_kptr")
            if isinstance(inner.type, TypeTag):
                tag = "bad_kptr"
            out.append(SpecialField(tag, base, 8, strip(inner)))


# What the kernel takes for "no attach type". Source: ``bpf_prog_load_fixup_attach_type``.
_USUAL_ATTACH: dict[int, int] = {
    ProgType.CGROUP_SOCK: AttachType.CGROUP_INET_SOCK_CREATE,
    ProgType.SK_REUSEPORT: AttachType.SK_REUSEPORT_SELECT,
}


class Sub:
    """A function of the program: instructions ``start`` to ``end`` (exclusive)."""

    __slots__ = ("btf", "end", "globl", "name", "number", "start")

    def __init__(
        self, number: int, name: str, start: int, end: int, globl: bool, btf: Func | None
    ) -> None:
        self.number = number
        self.name = name
        self.start = start
        self.end = end
        self.globl = globl
        self.btf = btf


class Target:
    """What a wide load or a kfunc call refers to.

    ``kind``: "map", "value" (map and ``off``), "func" (``number``), "kfunc" (``name``), "extern" (a
    function ``name`` that is not declared as a kernel symbol), "ksym" (``name``), "weak" (an absent
    weak extern: address 0), "kconfig" (map and off), "missing" (nothing is called ``name``).
    """

    __slots__ = ("kind", "map", "name", "number", "off")

    def __init__(
        self,
        kind: str,
        map: MapInfo | None = None,
        off: int = 0,
        number: int = 0,
        name: str = "",
    ) -> None:
        self.kind = kind
        self.map = map
        self.off = off
        self.number = number
        self.name = name


class Subject:
    """A program to judge. See the module's text for the counting of instructions."""

    def __init__(
        self,
        insns: Sequence[Insn],
        prog_type: int,
        attach_type: int = 0,
        *,
        name: str = "prog",
        section: str = "",
        gpl: bool = True,
        sleepable: bool = False,
        subs: list[Sub] | None = None,
        targets: dict[int, Target] | None = None,
        attach_name: str = "",
        program: Program | None = None,
        btf: Btf | None = None,
        has_func_info: bool = True,
    ) -> None:
        self.insns: list[Insn] = list(insns)
        self.prog_type = prog_type
        self.attach_type = attach_type or _USUAL_ATTACH.get(prog_type, 0)
        self.name = name
        self.section = section
        self.gpl = gpl
        self.sleepable = sleepable or prog_type == ProgType.SYSCALL
        self.targets: dict[int, Target] = targets or {}
        self.attach_name = attach_name
        self.program = program
        self.btf = btf
        self.has_func_info = has_func_info
        self.slots: list[int] = isa.slot_starts(self.insns)
        self.index_of = {slot: i for i, slot in enumerate(self.slots[:-1])}
        self.subs: list[Sub] = subs or [Sub(0, name, 0, len(self.insns), True, None)]
        self.struct_op: tuple[Struct, int] | None = None  # operations struct, member number
        self.poisoned: dict[int, str] = {}  # instructions whose CO-RE field does not exist
        self.local_types: dict[int, BtfType] = {}  # by the number that stands for it in the code
        self.exception_sub = 0  # the function that bpf_throw() goes to, 0 = none

    def sub_at(self, idx: int) -> Sub:
        """Return the function that instruction ``idx`` belongs to."""
        subs = self.subs
        low, high = 0, len(subs)
        while high - low > 1:
            mid = (low + high) // 2
            if subs[mid].start <= idx:
                low = mid
            else:
                high = mid
        return subs[low]

    def jump_index(self, idx: int, delta: int) -> int:
        """Return the instruction that a jump at ``idx`` over ``delta`` slots goes to, or -1."""
        insn = self.insns[idx]
        return self.index_of.get(self.slots[idx] + insn.slots + delta, -1)

    def maps(self) -> list[MapInfo]:
        """Return every map that the code refers to, once."""
        seen: dict[int, MapInfo] = {}
        for target in self.targets.values():
            if target.map is not None:
                seen.setdefault(id(target.map), target.map)
        return list(seen.values())


def is_array(map_type: int) -> bool:
    """Tell whether a constant key of that map type can be known to exist."""
    return map_type in (MapType.ARRAY, MapType.PERCPU_ARRAY)
