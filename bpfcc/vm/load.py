"""From an object file to a program that runs: maps, data, externs, relocations.

    world = World()
    program = load(obj, "dropmon", world)
    result = program.run({"arg2": 0xffffffff81e42660})
    world.maps["counts"].items()

Programs of one object loaded into one world share its maps and variables.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, MutableMapping
from typing import Any

from ..btf.core import CoreKind
from ..btf.layout import byte_size
from ..btf.types import Struct, TypeRef, Var
from ..isa.insn import PSEUDO_KFUNC_CALL, Insn
from ..objfile.link import entry_functions, link
from ..objfile.maps import MapDef, data_sections, is_readonly, map_defs
from ..objfile.model import (
    DataSection,
    DataSymbol,
    Extern,
    Linkage,
    Object,
    Program,
    RelocKind,
)
from ..objfile.typesof import structs_of
from ..support.errors import InputError
from ..uapi.map_types import MapType
from ..uapi.sections import match
from .code import Code
from .engine import Engine, Interpreter
from .maps.array import ArrayMap, ObjectMap
from .maps.base import Map
from .program import LoadedProgram
from .values import decode, encode
from .world import World

MakeEngine = Callable[[Code], Engine]
_DEFAULT_RING = 256 * 1024


def load(
    obj: Object,
    name: str | None = None,
    world: World | None = None,
    *,
    engine: MakeEngine = Interpreter,
) -> LoadedProgram:
    """Make program ``name`` of ``obj`` ready to run in ``world``.

    Args:
        obj: any compiler's object.
        name: function name; None where the object has just one program.
        world: where it runs; None makes a new one.
        engine: what executes it.

    Raises: InputError for an unknown name, a malformed program, a map that cannot be made.
    """
    if world is None:
        world = World(big_endian=obj.big_endian)
    if world.big_endian != obj.big_endian:
        raise InputError("the object's byte order differs from the world's")
    image = image_of(obj, world)
    return image.load(name or _only_name(obj), engine)


def load_all(
    obj: Object, world: World | None = None, *, engine: MakeEngine = Interpreter
) -> dict[str, LoadedProgram]:
    """Load every program of ``obj`` into one world, by name."""
    if world is None:
        world = World(big_endian=obj.big_endian)
    return {
        function.name: load(obj, function.name, world, engine=engine)
        for function in entry_functions(obj)
    }


def _only_name(obj: Object) -> str:
    names = [function.name for function in entry_functions(obj)]
    if not names:
        names = [function.name for function in obj.functions]
    if len(names) != 1:
        known = ", ".join(names) or "none"
        raise InputError(f"say which program to run: {known}")
    return names[0]


def image_of(obj: Object, world: World) -> Image:
    """Return what ``obj`` has put into ``world``, doing so the first time."""
    images = world.images
    for held, image in images:
        if held is obj:
            assert isinstance(image, Image)
            return image
    image = Image(obj, world)
    images.append((obj, image))
    return image


class Image:
    """An object's maps and data in a world. ``variables``: name -> global variable."""

    def __init__(self, obj: Object, world: World) -> None:
        self.obj = obj
        self.world = world
        self.maps: dict[str, Map] = {}
        self.sections: dict[str, ArrayMap] = {}
        self.variables: dict[str, Variable] = {}
        self.externs = {extern.name: extern for extern in obj.externs}
        self.programs: dict[tuple[str, MakeEngine], LoadedProgram] = {}
        self._structs: dict[str, Struct] = {}
        for spec in map_defs(obj):
            self.maps[spec.name] = self._make_map(spec)
        for section in data_sections(obj):
            self._make_section(section)
        self._make_kconfig()
        self._fill_data()
        self._fill_inner_maps()

    def _make_map(self, spec: MapDef) -> Map:
        held = self.world.maps.get(spec.name)
        if spec.pinning and held is not None:
            return held  # pinned by name: shared with whoever made it
        if spec.type in (MapType.RINGBUF, MapType.USER_RINGBUF) and not spec.max_entries:
            spec.max_entries = _DEFAULT_RING  # loaders set it before loading
        elif spec.type == MapType.PERF_EVENT_ARRAY and not spec.max_entries:
            spec.max_entries = self.world.cpus
        return self.world.add_map(spec)

    def _make_section(self, section: DataSection) -> None:
        if not section.data:
            return
        spec = MapDef(section.name, MapType.ARRAY, 4, len(section.data), 1)
        made = self.world.add_map(spec, ArrayMap, readonly=is_readonly(section))
        assert isinstance(made, ArrayMap)
        made.regions[0].data[: len(section.data)] = section.data
        self.sections[section.name] = made
        for symbol in section.symbols:
            self.variables[symbol.name] = Variable(made, symbol)

    def _make_kconfig(self) -> None:
        """Lay out the .kconfig externs; their values are ``World.kconfig``'s, else 0."""
        externs = [extern for extern in self.obj.externs if extern.section == ".kconfig"]
        if not externs:
            return
        offset = 0
        places = []
        for extern in externs:
            type = extern.btf.type if isinstance(extern.btf, Var) else None
            size = byte_size(type) or 8
            offset = -(-offset // 8) * 8
            places.append((extern, offset, size, type))
            offset += size
        spec = MapDef(".kconfig", MapType.ARRAY, 4, offset, 1)
        made = self.world.add_map(spec, ArrayMap, readonly=True)
        assert isinstance(made, ArrayMap)
        self.sections[".kconfig"] = made
        for extern, at, size, type in places:
            symbol = DataSymbol(extern.name, at, size, Linkage.LOCAL, None)
            variable = Variable(made, symbol, type)
            self.variables[extern.name] = variable
            if extern.name in self.world.kconfig:
                variable.value = self.world.kconfig[extern.name]

    def _fill_data(self) -> None:
        """Put addresses where data holds pointers to data or maps."""
        for section in data_sections(self.obj):
            made = self.sections.get(section.name)
            for reloc in section.relocs:
                target = self.address(reloc.symbol, reloc.addend)
                if made is not None and target is not None:
                    raw = target.to_bytes(8, self.world.byteorder)
                    made.regions[0].data[reloc.offset : reloc.offset + 8] = raw

    def _fill_inner_maps(self) -> None:
        for outer in self.maps.values():
            if not isinstance(outer, ObjectMap) or outer.type == MapType.PROG_ARRAY:
                continue
            for index, name in outer.spec.values:
                if name in self.maps:
                    outer.objects[index.to_bytes(outer.key_size, self.world.byteorder)] = self.maps[
                        name
                    ]

    def address(self, symbol: str, addend: int = 0) -> int | None:
        """Return what a reference to ``symbol`` yields, None when the object has no such data."""
        if symbol in self.maps:
            return self.maps[symbol].handle
        if symbol in self.sections:
            return self.sections[symbol].address(0, addend)
        variable = self.variables.get(symbol)
        if variable is not None:
            return variable.address + addend
        extern = self.externs.get(symbol)
        if extern is not None:
            found = self.world.ksyms.get(symbol)
            if found is None and extern.weak:
                return 0
            return None if found is None else found + addend
        return None

    def struct(self, name: str) -> Struct:
        """Return the struct or union called ``name`` that the object's BTF describes.

        Raises: InputError when there is none.
        """
        if not self._structs:
            self._structs = structs_of(self.obj)
        found = self._structs.get(name)
        if found is None:
            raise InputError(f"the object's BTF has no struct {name!r}")
        return found

    def load(self, name: str, make: MakeEngine) -> LoadedProgram:
        """Return the program called ``name``."""
        held = self.programs.get((name, make))
        if held is not None:
            return held
        program = link(self.obj, name)
        code = self._code(program)
        section = match(program.section)
        try:
            engine = make(code)
        except InputError as error:
            raise InputError(f"program '{name}': {error}") from None
        loaded = LoadedProgram(
            name,
            self.world,
            engine,
            program=program,
            prog_type=section.prog_type if section is not None else 0,
            attach_type=section.expected_attach if section is not None else 0,
            variables=Globals(self.variables),
            find_struct=self.struct,
        )
        self.programs[name, make] = loaded
        self._find_callback(loaded, name, make)
        self._fill_prog_arrays(make)
        return loaded

    def _find_callback(self, loaded: LoadedProgram, name: str, make: MakeEngine) -> None:
        """Find the function that the tag ``exception_callback:NAME`` names."""
        for tag in self.obj.decl_tags:
            text, colon, target = tag.name.partition(":")
            if text == "exception_callback" and colon and tag.type.name == name:
                loaded.exception_callback = self.load(target, make).call

    def _fill_prog_arrays(self, make: MakeEngine) -> None:
        for table in self.maps.values():
            if not isinstance(table, ObjectMap) or table.type != MapType.PROG_ARRAY:
                continue
            for index, name in table.spec.values:
                key = index.to_bytes(4, self.world.byteorder)
                if key not in table.objects and self.obj.function(name) is not None:
                    table.objects[key] = self.load(name, make)

    def _code(self, program: Program) -> Code:
        values: dict[int, int] = {}
        kfuncs: dict[int, str] = {}
        unresolved: dict[int, str] = {}
        at: dict[int, Insn] = {}
        slot = 0
        for insn in program.insns:
            at[slot] = insn
            slot += insn.slots
        for reloc in program.relocs:
            insn = at[reloc.slot]
            if reloc.kind is RelocKind.CALL:
                kfuncs[reloc.slot] = reloc.symbol
                insn.src, insn.off, insn.imm = PSEUDO_KFUNC_CALL, 0, 0
                continue
            value = self.address(reloc.symbol, reloc.addend)
            if value is None:
                unresolved[reloc.slot] = _missing(reloc.symbol, self.externs.get(reloc.symbol))
            else:
                values[reloc.slot] = value
            insn.src, insn.imm = 0, 0
        for core in program.core:
            if core.kind in (CoreKind.TYPE_ID_LOCAL, CoreKind.TYPE_ID_TARGET):
                number = len(self.world.types) + 1
                self.world.types[number] = core.type
                at[core.slot].imm = number
        return Code(
            program.insns,
            name=program.name,
            names={part.start: part.function.name for part in program.functions},
            lines=program.lines,
            values=values,
            kfuncs=kfuncs,
            unresolved=unresolved,
            big_endian=self.obj.big_endian,
        )


def _missing(symbol: str, extern: Extern | None) -> str:
    if extern is not None:
        return (
            f"the kernel symbol {symbol} has no address here; give it one with "
            f"world.ksyms[{symbol!r}] = address, before loading"
        )
    return f"the symbol {symbol} is defined nowhere"


class Variable:
    """A global variable of a loaded object."""

    def __init__(self, section: ArrayMap, symbol: DataSymbol, type: TypeRef = None) -> None:
        self.section = section
        self.symbol = symbol
        self.type = type if type is not None else symbol.btf.type if symbol.btf else None

    @property
    def address(self) -> int:
        """Where programs see it."""
        return self.section.address(0, self.symbol.offset)

    @property
    def data(self) -> memoryview:
        """Its bytes, which may be changed."""
        start = self.symbol.offset
        return memoryview(self.section.regions[0].data)[start : start + self.symbol.size]

    @property
    def value(self) -> Any:
        """Its value after its BTF type."""
        return decode(self.type, bytes(self.data), big_endian=self.section.big_endian)

    @value.setter
    def value(self, value: Any) -> None:
        self.data[:] = encode(
            self.type, value, self.symbol.size, big_endian=self.section.big_endian
        )


class Globals(MutableMapping[str, Any]):
    """Global variables by name: ``program.globals["threshold"] = 5``."""

    def __init__(self, variables: dict[str, Variable]) -> None:
        self._variables = variables

    def __getitem__(self, name: str) -> Any:
        return self._variables[name].value

    def __setitem__(self, name: str, value: Any) -> None:
        self._variables[name].value = value

    def __delitem__(self, name: str) -> None:
        raise TypeError("global variables cannot be deleted")

    def __iter__(self) -> Iterator[str]:
        return iter(self._variables)

    def __len__(self) -> int:
        return len(self._variables)
