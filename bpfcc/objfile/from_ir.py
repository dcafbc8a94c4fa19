"""What of an object does not depend on the code generator: data, maps, externs, types.

Both backends start from ``begin_object`` and add functions.
"""

from __future__ import annotations

from ..ir.module import Function as IrFunction
from ..ir.module import Global, Module
from .model import (
    DataReloc,
    DataSection,
    DataSymbol,
    Extern,
    Linkage,
    Object,
)

_LINKAGE = {"static": Linkage.LOCAL, "global": Linkage.GLOBAL, "weak": Linkage.WEAK}


def linkage_of(linkage: str, *, hidden: bool) -> Linkage:
    """Return the object's linkage for the IR's words; hidden visibility matters for globals."""
    if hidden and linkage != "static":
        return Linkage.WEAK_HIDDEN if linkage == "weak" else Linkage.HIDDEN
    return _LINKAGE[linkage]


def function_linkage(function: IrFunction) -> Linkage:
    """Return the linkage of a function's symbol."""
    return linkage_of(function.linkage, hidden=function.hidden)


def begin_object(module: Module, *, big_endian: bool = False) -> Object:
    """Return an object with the data, externs and types of ``module``, and no functions yet."""
    obj = Object(module.source_name)
    obj.big_endian = big_endian
    for variable in module.globals:
        _place(obj, variable)
    for extern in module.externs:
        obj.externs.append(Extern(extern.name, extern.section, weak=extern.weak, btf=extern.btf))
    obj.types = list(module.types)
    obj.decl_tags = list(module.decl_tags)
    return obj


def declare_undefined(obj: Object) -> None:
    """Declare the symbols that inline assembly names and nobody defines: they are the loader's."""
    known = {function.name for function in obj.functions} | set(obj.data)
    known.update(extern.name for extern in obj.externs)
    for data in obj.data.values():
        known.update(symbol.name for symbol in data.symbols)
    for function in obj.functions:
        for reloc in function.relocs:
            if reloc.symbol not in known:
                known.add(reloc.symbol)
                obj.externs.append(Extern(reloc.symbol, "", weak=False, btf=None))


def _place(obj: Object, variable: Global) -> None:
    """Append a variable to its section, at its alignment."""
    section = obj.data.get(variable.section)
    if section is None:
        section = obj.data[variable.section] = DataSection(
            variable.section,
            bytearray(),
            1,
            nobits=variable.section == ".bss" or variable.section.startswith(".bss."),
            readonly=variable.readonly,
        )
    align = max(1, variable.align)
    section.align = max(section.align, align)
    section.data += bytes(-len(section.data) % align)
    offset = len(section.data)
    section.data += variable.init
    if section.nobits and (any(variable.init) or variable.relocs):
        section.nobits = False
    section.symbols.append(
        DataSymbol(
            variable.name,
            offset,
            len(variable.init),
            linkage_of(variable.linkage, hidden=variable.hidden),
            variable.btf,
        )
    )
    section.relocs += [
        DataReloc(offset + reloc.offset, reloc.symbol, reloc.addend) for reloc in variable.relocs
    ]
