"""From a linked program of an object file to a ``Subject``: what a loader would fill in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..btf.layout import alignment, byte_size, strip
from ..btf.patch import apply
from ..btf.relocate import CoreError, Resolver, describe
from ..btf.types import BtfType, Datasec, Func, Struct, TypeRef, Var
from ..isa import insn as isa
from ..isa.insn import Insn
from ..objfile.link import exception_callbacks
from ..objfile.maps import MapDef, data_sections, is_readonly, map_defs
from ..objfile.model import DataSection, Linkage, Object, Program, Reloc, RelocKind
from ..uapi import kfuncs
from ..uapi.licenses import is_gpl_compatible
from ..uapi.map_types import MapFlag, MapType
from ..uapi.prog_types import ProgType
from ..uapi.sections import Section, match
from .owned import NODES, contents_in
from .reject import Reject
from .subject import MapInfo, Sub, Subject, Target

if TYPE_CHECKING:
    from ..btf.read import Btf


class Maps:
    """The maps of an object, its global data included, by symbol or section name."""

    def __init__(self, obj: Object, kernel: tuple[int, int]) -> None:
        self.obj = obj
        self.kernel = kernel
        self.defs: list[MapDef] = map_defs(obj)
        self.by_name: dict[str, MapInfo] = {d.name: _map_info(d) for d in self.defs}
        self.sections: dict[str, MapInfo] = {}
        self.kconfig = Kconfig(obj, kernel)
        self.resolver: Resolver | None = None
        self.local_types: dict[int, BtfType] = {}  # number in the code -> type of the program
        self.places: dict[str, tuple[str, int]] = {}  # variable -> (section, offset)
        for section in data_sections(obj):
            self.sections[section.name] = _section_map(obj, section)
            for symbol in section.symbols:
                self.places[symbol.name] = (section.name, symbol.offset)
        for info in (*self.by_name.values(), *self.sections.values()):
            for field in info.fields:
                if field.kind in NODES and contents_in(obj, field) is None:
                    info.fields = []  # the kernel refuses the types, loaders go without
                    break
        arena = next((d.name for d in self.defs if d.type == MapType.ARENA), None)
        inside = obj.data.get(".addr_space.1")
        if arena is not None and inside is not None:
            self.sections[inside.name] = self.by_name[arena]
            for symbol in inside.symbols:
                self.places[symbol.name] = (inside.name, symbol.offset)

    def local_number(self, type: BtfType) -> int:
        """Return the number that stands for a type of the program's own in its code."""
        for number, known in self.local_types.items():
            if known is type:
                return number
        number = len(self.local_types) + 1
        self.local_types[number] = type
        return number


class Kconfig:
    """The ``__kconfig`` externs: one map as libbpf lays it out.

    What follows from the kernel's version has that value; the configuration is not known.
    """

    def __init__(self, obj: Object, kernel: tuple[int, int]) -> None:
        self.offsets: dict[str, int] = {}
        self.values: dict[str, int] = {
            "LINUX_KERNEL_VERSION": kernel[0] << 16 | kernel[1] << 8,
            "LINUX_HAS_BPF_COOKIE": int(kernel >= (5, 15)),
        }
        size = 0
        data = bytearray()
        for order, one, name in sorted(
            (-alignment(extern.btf.type), byte_size(extern.btf.type), extern.name)
            for extern in obj.externs
            if extern.section == ".kconfig" and isinstance(extern.btf, Var)
        ):
            size = size // order * order  # up to the next multiple
            self.offsets[name] = size
            data += bytes(size - len(data))
            value = self.values.get(name, 0) & (1 << 8 * one) - 1
            data += value.to_bytes(one, "big" if obj.big_endian else "little")
            size += one
        self.known = self._map(size, bytes(data))
        self.unknown = self._map(size, None)

    @staticmethod
    def _map(size: int, data: bytes | None) -> MapInfo:
        return MapInfo(
            ".kconfig", MapType.ARRAY, 4, size, 1, MapFlag.RDONLY_PROG, data=data, direct=True,
            section=".kconfig",
        )  # fmt: skip

    def target(self, name: str) -> Target:
        """Return where extern ``name`` is."""
        place = self.known if name in self.values else self.unknown
        return Target("kconfig", place, self.offsets.get(name, 0), name=name)


def _map_info(definition: MapDef) -> MapInfo:
    inner = _map_info(definition.inner) if definition.inner is not None else None
    return MapInfo(
        definition.name,
        definition.type,
        definition.key_size,
        definition.value_size,
        definition.max_entries,
        definition.flags,
        value_type=definition.value_type,
        inner=inner,
    )


def _section_map(obj: Object, section: DataSection) -> MapInfo:
    readonly = is_readonly(section)
    return MapInfo(
        section.name,
        MapType.ARRAY,
        4,
        len(section.data),
        1,
        MapFlag.RDONLY_PROG if readonly else 0,
        value_type=_section_type(section),
        data=bytes(section.data) if readonly else None,
        direct=True,
        section=section.name,
    )


def _section_type(section: DataSection) -> TypeRef:
    """Return a struct with the section's variables as members, for locks and timers in .bss."""
    from ..btf.types import Member

    members = [
        Member(symbol.name, symbol.btf.type, symbol.offset * 8)
        for symbol in section.symbols
        if symbol.btf is not None
    ]
    return Struct(section.name, len(section.data), members)


def build(
    program: Program, maps: Maps, vmlinux: Btf | None, section: Section | None = None
) -> Subject:
    """Return the subject for ``program``; raises Reject for what no loader would accept.

    ``section``: what the program is, where its section's name does not say.
    """
    obj = program.object
    section = section or match(program.section)
    if section is None:
        raise Reject(
            "section", f"libbpf: prog '{program.name}': missing BPF prog type, check ELF section"
            f" name '{program.section}'", -1, name=program.section,
        )  # fmt: skip
    insns, poisoned = _core(program, maps, vmlinux)
    starts = isa.slot_starts(insns)
    index = {slot: i for i, slot in enumerate(starts[:-1])}
    subs = [
        Sub(
            number,
            part.function.name,
            index[part.start],
            index.get(part.end, len(insns)),
            part.function.linkage in (Linkage.GLOBAL, Linkage.WEAK),
            part.function.btf,
        )
        for number, part in enumerate(program.functions)
    ]
    targets = _targets(program, maps, insns, index, subs, vmlinux)
    subject = Subject(
        insns,
        section.prog_type,
        section.expected_attach,
        name=program.name,
        section=program.section,
        gpl=is_gpl_compatible(obj.license),
        sleepable=section.sleepable,
        subs=subs,
        targets=targets,
        attach_name=_attach_name(section),
        program=program,
        has_func_info=any(sub.btf is not None for sub in subs),
    )
    subject.poisoned = {index[slot]: what for slot, what in poisoned.items()}
    subject.local_types = maps.local_types
    subject.exception_sub = _exception_sub(program, subs)
    if section.prog_type == ProgType.STRUCT_OPS:
        subject.struct_op = _struct_op(obj, program.name)
    return subject


def _exception_sub(program: Program, subs: list[Sub]) -> int:
    """Return the function that bpf_throw() calls, 0 for none."""
    names = exception_callbacks(program.object, program.name)
    if not names:
        return 0
    if len(names) > 1:
        raise Reject("exception", "multiple exception callback tags for main subprog", -1)
    for sub in subs[1:]:
        if sub.name == names[0] and sub.globl:
            return sub.number
    raise Reject("exception", f"libbpf: prog '{program.name}': cannot find exception callback"
                 f" '{names[0]}'", -1, name=names[0])  # fmt: skip


def _core(program: Program, maps: Maps, vmlinux: Btf | None) -> tuple[list[Insn], dict[int, str]]:
    """Return the instructions with CO-RE relocations applied, and what has no answer, by slot.

    Without the kernel's types, the object's own are taken for the kernel's.
    """
    insns = [insn.copy() for insn in program.insns]
    poisoned: dict[int, str] = {}
    if vmlinux is None or not program.core:
        return insns, poisoned
    if maps.resolver is None:
        maps.resolver = Resolver(vmlinux, maps.local_number)
    at: dict[int, list[Insn]] = {}
    slot = 0
    for insn in insns:
        at[slot] = [insn]
        slot += insn.slots
    for core in program.core:
        what = describe(core.kind, core.type, core.access)
        try:
            resolved = maps.resolver.resolve(core.kind, core.type, core.access)
            at[core.slot] = apply(at[core.slot][0], resolved, core.slot, what)
        except CoreError as error:
            raise Reject("core", str(error), -1, slot=core.slot, what=what) from None
        if resolved.new is None:
            poisoned[core.slot] = what
    return [insn for group in at.values() for insn in group], poisoned


def _attach_name(section: Section) -> str:
    name = section.target.lstrip("/")
    return name.split("/")[-1] if section.attach_btf else name


def _targets(
    program: Program, maps: Maps, insns: list[Insn], index: dict[int, int], subs: list[Sub],
    vmlinux: Btf | None,
) -> dict[int, Target]:  # fmt: skip
    targets: dict[int, Target] = {}
    starts = {sub.start: sub for sub in subs}
    slots = isa.slot_starts(insns)
    for i, insn in enumerate(insns):
        if insn.opcode == isa.LD_IMM64 and insn.src == isa.PSEUDO_FUNC:
            delta = insn.imm & 0xFFFFFFFF
            delta -= (delta & 0x80000000) << 1
            start = index.get(slots[i] + 1 + delta, -1)
            if start in starts:
                targets[i] = Target("func", number=starts[start].number)
    for reloc in program.relocs:
        idx = index[reloc.slot]
        found = _target(program, maps, reloc, vmlinux, insns[idx])
        if reloc.kind is RelocKind.CALL:
            insns[idx].src = isa.PSEUDO_KFUNC_CALL
        if found is not None:
            targets[idx] = found
        elif insns[idx].opcode == isa.LD_IMM64:
            targets[idx] = Target("missing", name=reloc.symbol)
    return targets


def _target(
    program: Program, maps: Maps, reloc: Reloc, vmlinux: Btf | None, insn: Insn
) -> Target | None:
    name = reloc.symbol
    if name in maps.by_name:
        return Target("map", maps.by_name[name])
    if name in maps.sections:
        return Target("value", maps.sections[name], reloc.addend)
    place = maps.places.get(name)
    if place is not None:
        return Target("value", maps.sections[place[0]], place[1] + reloc.addend)
    for extern in program.object.externs:
        if extern.name != name:
            continue
        if extern.section == ".kconfig":
            return maps.kconfig.target(name)
        if reloc.kind is RelocKind.CALL:
            known = kfuncs.by_name.get(name)
            exists = vmlinux is None or _in_kernel(vmlinux, name)
            if extern.weak and (known is None or not exists):
                return Target("kfunc", name="", number=1)
            if extern.section != ".ksyms":
                return Target("extern", name=name)
            return Target("kfunc", name=name)
        if extern.section != ".ksyms":
            break
        if vmlinux is not None and not _in_kernel(vmlinux, name):
            if extern.weak:
                return Target("weak", name=name)
        if isinstance(extern.btf, Func):
            return Target("ksym", name=name)
        if isinstance(extern.btf, Var) and strip(extern.btf.type) is None:
            return Target("address", name=name)  # libbpf puts it in as a number
        return Target("ksym", name=name)
    return None


def _in_kernel(vmlinux: Btf, name: str) -> bool:
    return any(isinstance(vmlinux.type(number), (Var, Func)) for number in vmlinux.ids(name))


def _struct_op(obj: Object, name: str) -> tuple[Struct, int] | None:
    """Find the operations struct whose initialiser names function ``name``."""
    for section in obj.data.values():
        if not section.name.startswith(".struct_ops"):
            continue
        for reloc in section.relocs:
            if reloc.symbol != name:
                continue
            for symbol in section.symbols:
                if symbol.offset <= reloc.offset < symbol.offset + symbol.size:
                    kind = strip(symbol.btf.type) if symbol.btf is not None else None
                    if isinstance(kind, Struct):
                        at = (reloc.offset - symbol.offset) * 8
                        for number, member in enumerate(kind.members):
                            if member.bit_offset == at:
                                return kind, number
    return None


__all__ = ["Datasec", "Maps", "build"]
