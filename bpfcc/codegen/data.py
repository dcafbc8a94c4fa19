"""Variables to data sections: in the order of the module, each at its alignment."""

from __future__ import annotations

from ..ir.module import Module
from ..objfile.model import DataReloc, DataSection, DataSymbol
from .emit import linkage


def lay_out(module: Module) -> dict[str, DataSection]:
    """Return the data sections of ``module`` by name, in the order of first use.

    Sections called ".bss..." whose bytes are all zero have no contents in the file.
    """
    sections: dict[str, DataSection] = {}
    for var in module.globals:
        section = sections.get(var.section)
        if section is None:
            section = sections[var.section] = DataSection(
                var.section, bytearray(), 1, readonly=var.readonly
            )
        section.readonly = section.readonly and var.readonly
        align = max(var.align, 1)
        section.align = max(section.align, align)
        data = section.data
        data.extend(bytes(-len(data) % align))
        at = len(data)
        data.extend(var.init)
        section.symbols.append(
            DataSymbol(
                var.name, at, len(var.init), linkage(var.linkage, hidden=var.hidden), var.btf
            )
        )
        for reloc in var.relocs:
            section.relocs.append(DataReloc(at + reloc.offset, reloc.symbol, reloc.addend))
    for section in sections.values():
        is_bss = section.name == ".bss" or section.name.startswith(".bss.")
        section.nobits = is_bss and not section.relocs and not any(section.data)
    return sections
