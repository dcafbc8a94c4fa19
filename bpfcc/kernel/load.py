"""An ``Object`` into the running kernel: maps, types, relocation, programs.

    with load(obj) as loaded:
        loaded.programs["dropmon"]      # a descriptor to attach
        loaded.maps["counts"].items()

``Loader`` does the same in steps, for callers that want to load programs one by one.
"""

from __future__ import annotations

import errno
import mmap
import os
from dataclasses import dataclass, field
from types import TracebackType

from ..btf.layout import byte_size
from ..btf.patch import apply
from ..btf.read import Btf
from ..btf.relocate import CoreError, Resolver, describe
from ..btf.types import Datasec, Var
from ..btf.values import Value, decode, encode
from ..isa.insn import Insn
from ..objfile.link import entry_functions, link
from ..objfile.maps import MapDef, data_sections, is_readonly, map_defs
from ..objfile.model import DataSection, DataSymbol, Function, Object, Program
from ..support.diagnostics import Diagnostic, Severity
from ..support.errors import InputError
from ..uapi.map_types import MapFlag, MapType
from ..uapi.prog_types import ProgType
from ..uapi.sections import Section, match, near_names
from . import maps as kernel_maps
from . import syscall
from .arena import ArenaMemory
from .kconfig import Kconfig, kernel_version
from .maps import Map
from .programs import AttachPoint, Prog, load_program
from .relocate import Targets, relocate
from .struct_ops import StructOps, find_struct_ops
from .syscall import KernelError
from .types import ObjectTypes
from .vmlinux import attach_id, function_in_program, running_btf

# Map types whose keys and values the kernel does not describe by BTF. Source: the kernel's
# map_check_btf callbacks, and libbpf's list of the same.
_WITHOUT_BTF = frozenset(
    {
        MapType.PERF_EVENT_ARRAY,
        MapType.CGROUP_ARRAY,
        MapType.STACK_TRACE,
        MapType.ARRAY_OF_MAPS,
        MapType.HASH_OF_MAPS,
        MapType.DEVMAP,
        MapType.DEVMAP_HASH,
        MapType.CPUMAP,
        MapType.XSKMAP,
        MapType.SOCKMAP,
        MapType.SOCKHASH,
        MapType.QUEUE,
        MapType.STACK,
        MapType.ARENA,
        MapType.PROG_ARRAY,
        MapType.RINGBUF,
        MapType.USER_RINGBUF,
        MapType.BLOOM_FILTER,
        MapType.REUSEPORT_SOCKARRAY,
    }
)
_ARENA_SECTION = ".addr_space.1"


@dataclass
class LoadOptions:
    """How to load.

    ``programs``: names to load; None = all, without those whose section starts with "?".
    ``btf``: types of the kernel to run on; None = the running kernel's. ``globals``: values for
    variables, set before the programs are loaded (the only time for ``const volatile`` ones).
    ``sections``: a section name to use in place of a program's own. ``targets``: descriptors of the
    programs that freplace programs replace, by program name.
    """

    programs: list[str] | None = None
    btf: Btf | None = None
    globals: dict[str, Value] = field(default_factory=dict)
    sections: dict[str, str] = field(default_factory=dict)
    max_entries: dict[str, int] = field(default_factory=dict)
    reuse_maps: dict[str, int] = field(default_factory=dict)
    kconfig: dict[str, str] = field(default_factory=dict)
    targets: dict[str, int] = field(default_factory=dict)
    license: str | None = None
    pin_root: str = "/sys/fs/bpf"
    log_level: int = 0
    prog_flags: int = 0


def load(obj: Object, options: LoadOptions | None = None) -> Loader:
    """Load all maps and programs of ``obj``.

    Raises: InputError for what the object lacks, KernelError and LoadError for what the kernel
    refuses. Nothing stays loaded then.
    """
    loader = Loader(obj, options)
    try:
        loader.create_maps()
        for name in loader.program_names():
            loader.load_program(name)
        loader.finish()
    except BaseException:
        loader.close()
        raise
    return loader


class Loader:
    """What is loaded of one object; a context manager that lets go of everything at the end."""

    def __init__(self, obj: Object, options: LoadOptions | None = None) -> None:
        self.object = obj
        self.options = options or LoadOptions()
        self.maps: dict[str, Map] = {}
        self.programs: dict[str, Prog] = {}
        self.types = ObjectTypes(obj)
        self.struct_ops: dict[str, StructOps] = {}
        self._targets = Targets()
        self._targets.externs = {extern.name: extern for extern in obj.externs}
        self._defs: list[MapDef] = []
        self._resolver: Resolver | None = None
        self._arena: ArenaMemory | None = None
        big = syscall.big_endian()
        if obj.big_endian != big:
            order = ("little", "big")
            raise InputError(
                f"the object is {order[obj.big_endian]}-endian, this machine {order[big]}-endian"
            )

    def close(self) -> None:
        """Let go of programs, maps and types; what is attached or pinned stays."""
        for prog in self.programs.values():
            prog.close()
        for held in self.maps.values():
            held.close()
        if self._arena is not None:
            self._arena.close()
        self.types.close()

    def __enter__(self) -> Loader:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # Maps -----------------------------------------------------------------------------------

    def create_maps(self) -> None:
        """Load the types and create all maps, with the initial values of variables."""
        self.types.load()
        self._defs = map_defs(self.object)
        for function in entry_functions(self.object):
            self._section(function)  # an unknown section is an error even for what is not loaded
        unknown = set(self.options.globals)
        for data in data_sections(self.object):
            self._create_data_map(data, unknown)
        if unknown:
            raise InputError(f"the object has no variable {sorted(unknown)[0]!r}")
        self._create_kconfig_map()
        for definition in self._defs:
            self._create_map(definition)
        self._place_arena_variables()
        self.struct_ops = find_struct_ops(self.object)
        for definition in self._defs:
            if definition.inner is not None:
                for index, name in definition.values:
                    self._put(definition, index, self._map_named(definition, name).fd)

    def _map_named(self, definition: MapDef, name: str) -> Map:
        found = self.maps.get(name)
        if found is None:
            raise InputError(f"map {definition.name!r}: {name!r} in its 'values' is no map")
        return found

    def _put(self, definition: MapDef, index: int, fd: int) -> None:
        order = kernel_maps.byte_order()
        self.maps[definition.name].update(index.to_bytes(4, order), fd.to_bytes(4, order))

    def _create_map(self, definition: MapDef) -> None:
        name = definition.name
        reused = self.options.reuse_maps.get(name)
        pinned = os.path.join(self.options.pin_root, name) if definition.pinning else ""
        if reused is not None:
            made = Map.from_fd(os.dup(reused), name)
        elif pinned and os.path.exists(pinned):
            made = Map.from_fd(syscall.get_pinned(pinned), name)
            self._check_pinned(definition, made, pinned)
        else:
            made = self._make_map(definition)
            if pinned:
                try:
                    syscall.pin(made.fd, pinned)
                except KernelError:
                    made.close()
                    raise
        made.key_type, made.value_type = definition.key_type, definition.value_type
        self.maps[name] = made
        self._targets.maps[name] = made.fd

    def _check_pinned(self, definition: MapDef, made: Map, path: str) -> None:
        wanted = (definition.type, definition.key_size, definition.value_size)
        if (made.type, made.key_size, made.value_size) != wanted:
            made.close()
            raise InputError(
                f"map {definition.name!r}: {path} is a map of another shape"
                f" (type {made.type}, key {made.key_size}, value {made.value_size})"
            )

    def _make_map(self, definition: MapDef) -> Map:
        inner_fd = 0
        inner: Map | None = None
        if definition.inner is not None:
            inner = self._make_map(definition.inner)
            inner_fd = inner.fd
        entries = self.options.max_entries.get(definition.name, definition.max_entries)
        entries = _default_entries(definition.type, entries)
        extra: dict[str, int] = {}
        described = definition.type not in _WITHOUT_BTF and self.types.fd >= 0
        if described and definition.value_type is not None:
            extra = {
                "btf_fd": self.types.fd,
                "key_id": self.types.id_of(definition.key_type),
                "value_id": self.types.id_of(definition.value_type),
            }
        try:
            fd = self._create(definition, entries, inner_fd, extra)
        finally:
            if inner is not None:
                inner.close()
        return Map(
            fd,
            definition.name,
            definition.type,
            definition.key_size,
            definition.value_size,
            entries,
            definition.flags,
            key_type=definition.key_type,
            value_type=definition.value_type,
        )

    def _create(
        self, definition: MapDef, entries: int, inner_fd: int, extra: dict[str, int]
    ) -> int:
        def attempt(extra: dict[str, int]) -> int:
            return kernel_maps.create(
                definition.name,
                definition.type,
                definition.key_size,
                definition.value_size,
                entries,
                definition.flags,
                inner_fd=inner_fd,
                numa_node=definition.numa_node,
                map_extra=definition.map_extra,
                **extra,
            )

        try:
            return attempt(extra)
        except KernelError as error:
            if not extra or error.errno in (errno.EPERM, errno.ENOMEM):
                raise
        return attempt({})  # some kernel wants no types for this kind of map

    def _create_data_map(self, data: DataSection, unknown: set[str]) -> None:
        if not data.data:
            return
        contents = bytearray(data.data)
        for symbol in data.symbols:
            if symbol.name in unknown:
                unknown.discard(symbol.name)
                if symbol.btf is None:
                    raise InputError(f"variable {symbol.name!r} has no type, so it cannot be set")
                value = encode(symbol.btf, self.options.globals[symbol.name])
                contents[symbol.offset : symbol.offset + len(value)] = value
        readonly = is_readonly(data)
        made = self._array(data.name, bytes(contents), readonly=readonly)
        for symbol in data.symbols:
            self._targets.variables[symbol.name] = (made.fd, symbol.offset)
        self._targets.variables[data.name] = (made.fd, 0)

    def _create_kconfig_map(self) -> None:
        layout = self.types.kconfig
        if not layout:
            return
        size = max(offset + size for _, offset, size in layout.values())
        contents = bytearray(size)
        kconfig = Kconfig(self.options.kconfig)
        for extern in self.object.externs:
            if extern.name in layout:
                var, offset, size = layout[extern.name]
                contents[offset : offset + size] = kconfig.value(
                    extern.name, var, weak=extern.weak, big_endian=self.object.big_endian
                )
        made = self._array(".kconfig", bytes(contents), readonly=True)
        for name, (_, offset, _) in layout.items():
            self._targets.variables[name] = (made.fd, offset)

    def _array(self, section: str, contents: bytes, *, readonly: bool) -> Map:
        """Create the one-element array that holds a section's variables."""
        stem = os.path.basename(self.object.source_name).split(".", 1)[0]
        name = stem[: max(0, 15 - len(section))] + section
        flags = MapFlag.MMAPABLE | (MapFlag.RDONLY_PROG if readonly else 0)
        datasec = self.types.datasecs.get(section, 0)
        extra = {"btf_fd": self.types.fd, "value_id": datasec} if datasec else {}
        if self.types.fd < 0:
            extra = {}
        definition = MapDef(name, MapType.ARRAY, 4, len(contents), 1, flags)
        made = Map(
            self._create(definition, 1, 0, extra),
            section,
            MapType.ARRAY,
            4,
            len(contents),
            1,
            flags,
        )
        self.maps[section] = made
        made.value_type = _section_type(self.object, section, self.types)
        made.update(bytes(4), contents)
        if readonly:
            made.freeze()
        return made

    def _place_arena_variables(self) -> None:
        """Map the arena into this process, which fixes its address, and fill its variables in."""
        arenas = [m for m in self.maps.values() if m.type == MapType.ARENA]
        data = self.object.data.get(_ARENA_SECTION)
        if not arenas:
            if data is not None and data.symbols:
                raise InputError("the object has arena variables but no arena map")
            return
        if len(arenas) > 1:
            raise InputError("the object has several arenas; a program can use only one")
        arena = arenas[0]
        length = arena.max_entries * mmap.PAGESIZE
        address = next((d.map_extra for d in map_defs(self.object) if d.name == arena.name), 0)
        self._arena = ArenaMemory(arena.name, arena.fd, length, address)
        if data is not None and data.data:
            if len(data.data) > length:
                raise InputError(f"{len(data.data)} bytes of variables do not fit the arena")
            self._arena.write(bytes(data.data))
            for symbol in data.symbols:
                self._targets.variables[symbol.name] = (arena.fd, symbol.offset)
            self._targets.variables[data.name] = (arena.fd, 0)

    def variable(self, name: str) -> Value:
        """Return the present value of global variable ``name``, by its BTF type."""
        held, symbol = self._variable(name)
        whole = held.lookup(bytes(4)) or b""
        data = whole[symbol.offset : symbol.offset + symbol.size]
        return decode(symbol.btf, data, big_endian=self.object.big_endian)

    def set_variable(self, name: str, value: Value) -> None:
        """Set global variable ``name`` while programs may be using it; other variables stay.

        Raises: InputError for a constant: those are fixed at load (``LoadOptions.globals``).
        """
        held, symbol = self._variable(name)
        if held.flags & MapFlag.RDONLY_PROG:
            raise InputError(f"variable {name!r} is constant; it can only be set before the load")
        data = encode(symbol.btf, value, big_endian=self.object.big_endian)
        try:
            with mmap.mmap(held.fd, held.value_size, mmap.MAP_SHARED) as memory:
                memory[symbol.offset : symbol.offset + len(data)] = data
        except OSError as error:
            raise KernelError(
                f"cannot write {name!r}: {error.strerror}", error.errno or 0
            ) from None

    def _variable(self, name: str) -> tuple[Map, DataSymbol]:
        for section in data_sections(self.object):
            for symbol in section.symbols:
                if symbol.name == name and symbol.btf is not None:
                    return self.maps[section.name], symbol
        raise InputError(f"the object has no variable {name!r}")

    # Programs -------------------------------------------------------------------------------

    def program_names(self) -> list[str]:
        """Return the programs to load, as the options say."""
        chosen = self.options.programs
        if chosen is not None:
            return chosen
        return [
            function.name
            for function in entry_functions(self.object)
            if self._section(function).autoload
        ]

    def _section(self, function: Function) -> Section:
        name = self.options.sections.get(function.name, function.section)
        section = match(name)
        if section is None:
            near = near_names(name)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise InputError(
                f"program {function.name!r}: section {name!r} names no program type{hint}"
            )
        return section

    def load_program(self, name: str) -> Prog:
        """Relocate and load one program; ``create_maps`` comes before.

        Raises: LoadError when the verifier rejects it, InputError when something it needs is not
        there, KernelError for anything else the kernel refuses.
        """
        program = link(self.object, name)
        function = program.functions[0].function
        section = self._section(function)
        self._apply_core(program)
        relocate(program, self._targets)
        license = self.options.license
        prog = load_program(
            program,
            section,
            self.types,
            self._attach_point(function, section),
            license=self.object.license if license is None else license,
            log_level=self.options.log_level,
            flags=self.options.prog_flags,
            module_fds=self._targets.module_fds if len(self._targets.module_fds) > 1 else None,
            kernel_version=kernel_version() if section.prog_type == ProgType.KPROBE else 0,
        )
        self.programs[name] = prog
        return prog

    def _attach_point(self, function: Function, section: Section) -> AttachPoint:
        expected = section.expected_attach
        if section.prog_type == ProgType.STRUCT_OPS:
            for ops in self.struct_ops.values():
                place = ops.member_of(function.name)
                if place is not None:
                    return AttachPoint(place, ops.kernel_id)
            raise InputError(
                f"program {function.name!r}: no variable in .struct_ops refers to it, so its"
                " operation is unknown"
            )
        if section.prog_type == ProgType.EXT:
            target = self.options.targets.get(function.name)
            if target is None:
                raise InputError(
                    f"program {function.name!r}: which program it replaces must be given at load"
                )
            return AttachPoint(0, function_in_program(target, section.target), prog_fd=target)
        if section.attach_btf:
            kind = section.pattern.rstrip("+").removesuffix(".s").removesuffix("/")
            kind = "lsm" if kind == "lsm_cgroup" else kind
            if not section.target:
                raise InputError(
                    f"program {function.name!r}: section {function.section!r} names no target"
                    f" ({kind}/NAME)"
                )
            return AttachPoint(expected, attach_id(kind, section.target))
        return AttachPoint(expected)

    def _apply_core(self, program: Program) -> None:
        """Resolve the program's CO-RE relocations in its own copy of the instructions."""
        if not program.core:
            return
        if self._resolver is None:
            target = self.options.btf or running_btf()
            self._resolver = Resolver(target, self.types.id_of)
        by_slot: dict[int, list[Insn]] = {}
        slot = 0
        for insn in program.insns:
            by_slot[slot] = [insn]
            slot += insn.slots
        for core in program.core:
            what = describe(core.kind, core.type, core.access)
            try:
                resolved = self._resolver.resolve(core.kind, core.type, core.access)
                by_slot[core.slot] = apply(by_slot[core.slot][0], resolved, core.slot, what)
            except CoreError as error:
                line = program.line_at(core.slot)
                text = f"program {program.name!r}: {error}"
                span = line.place() if line is not None else None
                raise InputError(
                    text, [Diagnostic("bpf-core", Severity.ERROR, text, span)]
                ) from None
        program.insns = [insn for group in by_slot.values() for insn in group]

    def finish(self) -> None:
        """Fill the tail-call tables and struct_ops maps, once all their programs are loaded."""
        for definition in self._defs:
            if definition.inner is None and definition.values:
                for index, name in definition.values:
                    prog = self.programs.get(name)
                    if prog is not None:
                        self._put(definition, index, prog.fd)
                    elif self.object.function(name) is None:
                        raise InputError(
                            f"map {definition.name!r}: {name!r} in its 'values' is no program"
                        )
        for name, ops in self.struct_ops.items():
            if all(program in self.programs for program in ops.programs()):
                self.maps[name] = ops.create(
                    {n: p.fd for n, p in self.programs.items()}, self.types.fd
                )


def _default_entries(type: int, entries: int) -> int:
    if type == MapType.PERF_EVENT_ARRAY and not entries:
        return syscall.possible_cpus()
    if type in (MapType.RINGBUF, MapType.USER_RINGBUF) and entries:
        # A power of two of at least a page: objects made for 4 KiB pages run on larger ones too.
        size = mmap.PAGESIZE
        while size < entries:
            size *= 2
        return size
    return entries


def _section_type(obj: Object, name: str, types: ObjectTypes) -> Datasec | None:
    """Return a section's variables as one BTF type, to decode the map's value by."""
    if name == ".kconfig":
        vars = [(var, offset, size) for var, offset, size in types.kconfig.values()]
        return Datasec(name, max(o + s for _, o, s in vars), list(vars))
    data = obj.data[name]
    named = [
        (symbol.btf, symbol.offset, symbol.size)
        for symbol in data.symbols
        if isinstance(symbol.btf, Var) and byte_size(symbol.btf.type) <= symbol.size
    ]
    return Datasec(name, len(data.data), list(named)) if named else None
