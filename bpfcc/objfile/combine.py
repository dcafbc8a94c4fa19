"""Several objects into one, as ``bpftool gen object`` links them.

Sections of one name are joined, each part at its alignment. A strong definition takes the place of
weak ones of its name; of several weak ones the first stays. What one object declares and another
defines is resolved. Static names stay apart. Equal types become one.

"license" and "version" must be the same in all objects that have them, and are kept once.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..btf.dedup import Unifier
from ..btf.layout import byte_size, strip
from ..btf.relocate import types_are_compatible
from ..btf.types import BtfType, Func, Struct, TypeRef, Var
from ..support.diagnostics import Diagnostic, Note, Severity
from ..support.errors import InputError
from ..support.source import Span
from .maps import difference, map_of_type
from .model import (
    DataReloc,
    DataSection,
    DataSymbol,
    Extern,
    Function,
    Linkage,
    Object,
    Reloc,
)

_ONCE = ("license", "version")


def combine(objects: list[Object], names: list[str]) -> Object:
    """Return the linked object; ``names`` are the objects' files, for messages.

    The given objects are used up: their functions and types become the result's.
    Raises: InputError for two strong definitions of a name, declarations that do not fit the
    definition, different licenses, different byte orders.
    """
    return _Linker(objects, names).run()


class _Definition:
    """Who defines a global name: ``what`` is its function or variable."""

    __slots__ = ("file", "section", "what")

    def __init__(self, what: Function | DataSymbol, section: str, file: str) -> None:
        self.what = what
        self.section = section
        self.file = file

    @property
    def linkage(self) -> Linkage:
        return self.what.linkage


class _Linker:
    def __init__(self, objects: list[Object], names: list[str]) -> None:
        if not objects:
            raise InputError("there are no objects to link")
        self.inputs = list(zip(objects, names))
        self.out = Object("")
        self.out.big_endian = objects[0].big_endian
        self.globals: dict[str, _Definition] = {}
        self.dropped: set[int] = set()  # ids of definitions that lost
        self.taken: set[str] = set()

    def run(self) -> Object:
        first = self.inputs[0]
        for obj, name in self.inputs:
            if obj.big_endian != self.out.big_endian:
                raise InputError(f"{name} has another byte order than {first[1]}")
        for obj, name in self.inputs:
            self._collect(obj, name)
        self.taken = set(self.globals)
        for obj, _ in self.inputs:
            self.taken.update(extern.name for extern in obj.externs)
        for obj, name in self.inputs:
            self._append(obj, name)
        self._join_externs()
        self._unify_types()
        return self.out

    # Names ----------------------------------------------------------------------------------

    def _collect(self, obj: Object, file: str) -> None:
        """Note the global definitions of ``obj``; settle who wins."""
        found: list[tuple[str, Function | DataSymbol, str]] = []
        found += [(f.name, f, f.section) for f in obj.functions]
        for data in obj.data.values():
            if data.name not in _ONCE:
                found += [(symbol.name, symbol, data.name) for symbol in data.symbols]
        for name, what, section in found:
            if what.linkage is Linkage.LOCAL:
                continue
            known = self.globals.get(name)
            if known is None:
                self.globals[name] = _Definition(what, section, file)
                continue
            if not what.linkage.weak and not known.linkage.weak:
                raise _located(
                    f"{file}: {name!r} is defined already in {known.file}",
                    what,
                    known.what,
                    "the first definition is here",
                )
            loser: Function | DataSymbol = what
            if known.linkage.weak and not what.linkage.weak:
                loser = known.what
                self.globals[name] = _Definition(what, section, file)
            if loser.linkage.hidden or what.linkage.hidden:
                winner = self.globals[name].what
                winner.linkage = _hidden(winner.linkage)
            self.dropped.add(id(loser))
            if section == ".maps" and isinstance(what.btf, Var) and isinstance(known.what.btf, Var):
                where = f"{file} defines {name!r}"
                self._check_maps(name, what.btf, known.what.btf, where, known.file)

    def _append(self, obj: Object, file: str) -> None:
        renamed = self._rename_locals(obj)
        bases: dict[str, int] = {}  # where the object's sections start in the joined ones
        for data in obj.data.values():
            bases[data.name] = self._append_data(data, renamed, file)
        for extern in obj.externs:
            self._check_extern(extern, file)

        def move(symbol: str, addend: int) -> tuple[str, int]:
            if symbol in bases:
                return symbol, addend + bases[symbol]
            return renamed.get(symbol, symbol), addend

        for function in obj.functions:
            if id(function) in self.dropped:
                continue
            function.name = renamed.get(function.name, function.name)
            function.relocs = [
                Reloc(r.slot, r.kind, *move(r.symbol, r.addend)) for r in function.relocs
            ]
            self.out.functions.append(function)
        for data in obj.data.values():
            self.out.data[data.name].relocs += [
                DataReloc(r.offset + bases[data.name], *move(r.symbol, r.addend))
                for r in data.relocs
                if data.name not in _ONCE
            ]
        self.out.types += obj.types
        self.out.decl_tags += obj.decl_tags

    def _rename_locals(self, obj: Object) -> dict[str, str]:
        """Give static functions and variables names that nothing else has."""
        renamed: dict[str, str] = {}
        symbols = [s for d in obj.data.values() if d.name not in _ONCE for s in d.symbols]
        locals_: list[Function | DataSymbol] = [*obj.functions, *symbols]
        for what in locals_:
            if what.linkage is not Linkage.LOCAL:
                continue
            name, number = what.name, 1
            while name in self.taken:
                number += 1
                name = f"{what.name}.{number}"
            self.taken.add(name)
            if name != what.name:
                renamed[what.name] = name
        return renamed

    # Data -----------------------------------------------------------------------------------

    def _append_data(self, data: DataSection, renamed: dict[str, str], file: str) -> int:
        """Add ``data`` to the joined section of its name; return where it starts there."""
        joined = self.out.data.get(data.name)
        if joined is None:
            joined = self.out.data[data.name] = DataSection(
                data.name, bytearray(), data.align, nobits=data.nobits, readonly=data.readonly
            )
        elif data.name in _ONCE:
            if joined.data != data.data:
                raise InputError(
                    f"{file}: {data.name!r} is {_text(data)}, earlier objects have {_text(joined)}"
                )
            return 0
        joined.align = max(joined.align, data.align)
        joined.nobits &= data.nobits
        joined.readonly &= data.readonly
        joined.data += bytes(-len(joined.data) % max(data.align, 1))
        base = len(joined.data)
        joined.data += data.data
        for symbol in data.symbols:
            if id(symbol) in self.dropped:
                continue
            name = renamed.get(symbol.name, symbol.name)
            joined.symbols.append(
                DataSymbol(name, base + symbol.offset, symbol.size, symbol.linkage, symbol.btf)
            )
        return base

    # Declarations ---------------------------------------------------------------------------

    def _check_extern(self, extern: Extern, file: str) -> None:
        """Refuse a declaration that does not fit the definition."""
        definition = self.globals.get(extern.name)
        if definition is None or extern.btf is None:
            return
        where = f"{file} declares {extern.name!r}"
        what = definition.what
        if extern.section == ".ksyms" or extern.section == ".kconfig":
            raise InputError(f"{where} as the kernel's, but {definition.file} defines it")
        if isinstance(extern.btf, Func) != isinstance(what, Function):
            kinds = ("variable", "function")
            is_function = isinstance(what, Function)
            raise InputError(
                f"{where} as a {kinds[not is_function]}, but in {definition.file} it is a"
                f" {kinds[is_function]}"
            )
        if what.btf is None:
            return
        if isinstance(extern.btf, Func) and isinstance(what.btf, Func):
            if not types_are_compatible(extern.btf.proto, what.btf.proto):
                raise _located(
                    f"{where} with another prototype than {definition.file} defines it with",
                    None,
                    what,
                    "it is defined here",
                )
        elif isinstance(extern.btf, Var) and isinstance(what.btf, Var):
            if definition.section == ".maps":
                self._check_maps(extern.name, extern.btf, what.btf, where, definition.file)
            elif not _variables_fit(extern.btf.type, what.btf.type):
                raise InputError(
                    f"{where} with another type than {definition.file} defines it with"
                )

    def _check_maps(self, name: str, mine: Var, theirs: Var, where: str, file: str) -> None:
        one, other = map_of_type(name, mine.type), map_of_type(name, theirs.type)
        if one is None or other is None:
            raise InputError(f"{where}, but {file} has something else of that name")
        wrong = difference(one, other)
        if wrong:
            raise InputError(f"{where} with another {wrong} than {file} defines it with")

    def _join_externs(self) -> None:
        """Keep one declaration of each name that nothing defines: strong if any was."""
        kept: dict[str, tuple[Extern, str]] = {}
        for obj, file in self.inputs:
            for extern in obj.externs:
                if extern.name in self.globals:
                    continue
                known = kept.get(extern.name)
                if known is None:
                    kept[extern.name] = (extern, file)
                    continue
                first, first_file = known
                if first.section != extern.section:
                    raise InputError(
                        f"{file} declares {extern.name!r} in {extern.section or 'no section'!r},"
                        f" {first_file} in {first.section or 'no section'!r}"
                    )
                first.weak &= extern.weak
                if first.btf is None:
                    first.btf = extern.btf
        self.out.externs = [extern for extern, _ in kept.values()]

    # Types ----------------------------------------------------------------------------------

    def _unify_types(self) -> None:
        out = self.out
        unifier = Unifier()
        unifier.add(_roots(out))
        unifier.finish()
        types: list[BtfType] = []
        seen: set[int] = set()
        for type in out.types:
            type = unifier.of(type)
            if id(type) not in seen:
                seen.add(id(type))
                types.append(type)
        out.types = types
        for function in out.functions:
            for core in function.core:
                core.type = unifier.of(core.type)


def _roots(obj: Object) -> Iterable[TypeRef]:
    """Yield all types that ``obj`` names, in a fixed order."""
    for function in obj.functions:
        yield function.btf
        for core in function.core:
            yield core.type
    for data in obj.data.values():
        for symbol in data.symbols:
            yield symbol.btf
    for extern in obj.externs:
        yield extern.btf
    yield from obj.types
    yield from obj.decl_tags


def _located(
    message: str, what: Function | DataSymbol | None, other: Function | DataSymbol, note: str
) -> InputError:
    """Return an error at the C line where ``what`` begins, with a note where ``other`` does."""
    place, first = _place(what), _place(other)
    notes = [Note(note, first)] if first is not None else []
    diagnostic = Diagnostic("bpf-link", Severity.ERROR, message, place, notes=notes)
    return InputError(message, [diagnostic] if place is not None or notes else [])


def _place(what: Function | DataSymbol | None) -> Span | None:
    """Return where a function's code begins in C; variables have no line in an object."""
    if isinstance(what, Function) and what.lines:
        return what.lines[0].place()
    return None


def _hidden(linkage: Linkage) -> Linkage:
    return Linkage.WEAK_HIDDEN if linkage.weak else Linkage.HIDDEN


def _variables_fit(declared: TypeRef, defined: TypeRef) -> bool:
    mine, theirs = strip(declared), strip(defined)
    if isinstance(mine, Struct) and isinstance(theirs, Struct):
        # Maps and structs: all members alike, since the program was compiled for them.
        return mine.size == theirs.size and [m.name for m in mine.members] == [
            m.name for m in theirs.members
        ]
    size = byte_size(mine)
    return type(mine) is type(theirs) and (not size or size == byte_size(theirs))


def _text(data: DataSection) -> str:
    return repr(bytes(data.data).split(b"\0", 1)[0].decode("latin-1"))
