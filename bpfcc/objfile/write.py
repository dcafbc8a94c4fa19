"""An ``Object`` as the bytes of an ELF file that libbpf, bpftool and LLVM's tools read.

Conventions that loaders rely on, all as clang's objects have them:

* Code: one section per SEC name in the order of first use, ".text" (subprograms) first.
* A static function or variable is referred to by its *section* symbol, with its offset in the
  instruction's immediate; a global one by its own symbol. libbpf finds subprograms whose address
  is taken only through the section symbol, so address-of always uses that. Maps are always
  referred to by their own symbol.
* Calls to a static function of the same section need no relocation.
* BTF data sections carry their final sizes and offsets, so .BTF needs no relocations.

Equal objects give equal bytes.
"""

from __future__ import annotations

from ..btf.layout import byte_size
from ..btf.types import Datasec, Func, Var
from ..btf.write import BtfWriter
from ..elf.model import (
    R_BPF_64_32,
    R_BPF_64_64,
    R_BPF_64_ABS64,
    SHF_ALLOC,
    SHF_EXECINSTR,
    SHF_WRITE,
    SHT_NOBITS,
    SHT_PROGBITS,
    STB_GLOBAL,
    STB_LOCAL,
    STB_WEAK,
    STT_FILE,
    STT_FUNC,
    STT_NOTYPE,
    STT_OBJECT,
    STT_SECTION,
    STV_DEFAULT,
    STV_HIDDEN,
    ElfFile,
    Relocation,
    Section,
    Symbol,
)
from ..elf.write import write as write_elf
from ..isa.insn import CALL, JMP, LD_IMM64, PSEUDO_CALL, Insn, encode
from ..support.errors import InternalError
from .model import DataSection, Linkage, Object, Reloc, RelocKind
from .write_ext import Placed, encode_ext

_TEXT = ".text"
_BIND = {
    Linkage.LOCAL: STB_LOCAL,
    Linkage.GLOBAL: STB_GLOBAL,
    Linkage.HIDDEN: STB_GLOBAL,
    Linkage.WEAK: STB_WEAK,
    Linkage.WEAK_HIDDEN: STB_WEAK,
}


def to_bytes(obj: Object) -> bytes:
    """Return ``obj`` as an ELF64 relocatable file.

    Raises: InternalError when the object contradicts itself: an unknown symbol, two symbols of one
    name, a relocation at an instruction that cannot take it.
    """
    return _Writer(obj).run()


class _Writer:
    """State of one ``to_bytes``."""

    def __init__(self, obj: Object) -> None:
        self.obj = obj
        self.elf = ElfFile(big_endian=obj.big_endian)
        self.sections: dict[str, Section] = {}
        self.symbols: dict[str, Symbol] = {}
        self.section_symbols: dict[str, Symbol] = {}
        self.placed: dict[str, Placed] = {}  # by function name, in output order

    def run(self) -> bytes:
        obj = self.obj
        self._add_functions()
        for data in obj.data.values():
            self._add_data(data)
        for extern in obj.externs:
            bind = STB_WEAK if extern.weak else STB_GLOBAL
            self._add_symbol(Symbol(extern.name, type=STT_NOTYPE, bind=bind))
        self._encode_code()
        for data in obj.data.values():
            self._relocate_data(data)
        self._add_btf()
        head = []
        if obj.source_name:
            name = obj.source_name.replace("\\", "/").rsplit("/", 1)[-1]
            head = [Symbol(name, type=STT_FILE, bind=STB_LOCAL, absolute=True)]
        self.elf.symbols = head + list(self.section_symbols.values()) + list(self.symbols.values())
        return write_elf(self.elf)

    # Sections and symbols ------------------------------------------------------------------

    def _add_section(self, section: Section) -> Section:
        self.sections[section.name] = section
        self.elf.sections.append(section)
        return section

    def _add_symbol(self, symbol: Symbol) -> None:
        if symbol.name in self.symbols:
            raise _broken(f"two symbols are called {symbol.name!r}")
        self.symbols[symbol.name] = symbol

    def _add_functions(self) -> None:
        functions = self.obj.functions
        sizes: dict[str, int] = {}  # slots so far
        # ".text" comes first, as loaders' listings have it, even when a program precedes it in C.
        for function in functions:
            if function.section == _TEXT:
                sizes[_TEXT] = 0
        for function in functions:
            slots = sum(insn.slots for insn in function.insns)
            base = sizes.get(function.section, 0)
            sizes[function.section] = base + slots
            if function.name in self.placed:
                raise _broken(f"two functions are called {function.name!r}")
            self.placed[function.name] = Placed(function, base, slots)
        for name in sizes:
            flags = SHF_ALLOC | SHF_EXECINSTR
            self._add_section(Section(name, SHT_PROGBITS, flags, align=8))
        for placed in self.placed.values():
            function = placed.function
            self._add_symbol(
                Symbol(
                    function.name,
                    self.sections[function.section],
                    placed.base * 8,
                    placed.slots * 8,
                    type=STT_FUNC,
                    bind=_BIND[function.linkage],
                    visibility=_visibility(function.linkage),
                )
            )

    def _add_data(self, data: DataSection) -> None:
        if data.name in self.sections:
            raise _broken(f"section {data.name!r} holds both code and data")
        section = Section(
            data.name,
            SHT_NOBITS if data.nobits else SHT_PROGBITS,
            SHF_ALLOC if data.readonly else SHF_ALLOC | SHF_WRITE,
            align=max(data.align, 1),
            size=len(data.data),
        )
        if data.nobits and (any(data.data) or data.relocs):
            raise _broken(f"section {data.name!r} without contents has contents")
        self._add_section(section)
        for symbol in data.symbols:
            self._add_symbol(
                Symbol(
                    symbol.name,
                    section,
                    symbol.offset,
                    symbol.size,
                    type=STT_OBJECT,
                    bind=_BIND[symbol.linkage],
                    visibility=_visibility(symbol.linkage),
                )
            )

    def _section_symbol(self, section: Section) -> Symbol:
        symbol = self.section_symbols.get(section.name)
        if symbol is None:
            symbol = Symbol("", section, type=STT_SECTION, bind=STB_LOCAL)
            self.section_symbols[section.name] = symbol
        return symbol

    # Contents and relocations --------------------------------------------------------------

    def _encode_code(self) -> None:
        code: dict[str, list[Insn]] = {}
        for placed in self.placed.values():
            function = placed.function
            insns = code.setdefault(function.section, [])
            insns += self._relocate_code(placed) if function.relocs else function.insns
        for name, insns in code.items():
            section = self.sections[name]
            section.data = encode(insns, big_endian=self.obj.big_endian)
            section.size = len(section.data)
            section.relocations.sort(key=lambda reloc: reloc.offset)

    def _relocate_code(self, placed: Placed) -> list[Insn]:
        """Return the function's instructions with immediates as the file has them."""
        function = placed.function
        insns = list(function.insns)
        index_at: dict[int, int] = {}
        slot = 0
        for i, insn in enumerate(insns):
            index_at[slot] = i
            slot += insn.slots
        for reloc in function.relocs:
            index = index_at.get(reloc.slot)
            wanted = LD_IMM64 if reloc.kind is RelocKind.DATA else JMP | CALL
            if index is None or insns[index].opcode != wanted:
                raise InternalError(
                    f"slot {reloc.slot} cannot take a relocation against {reloc.symbol!r}",
                    stage="objfile.write",
                    function=function.name,
                )
            insn = insns[index] = insns[index].copy()
            insn.off = 0
            if reloc.kind is RelocKind.DATA:
                self._relocate_load(placed, reloc, insn)
            else:
                self._relocate_call(placed, reloc, insn)
        return insns

    def _relocate_load(self, placed: Placed, reloc: Reloc, insn: Insn) -> None:
        symbol, addend = self._target(reloc.symbol, reloc.addend)
        section = symbol.section
        if section is not None and section.name != ".maps":
            if symbol.type == STT_FUNC or symbol.bind == STB_LOCAL:
                addend += symbol.value
                symbol = self._section_symbol(section)
        insn.src = 0
        insn.imm = addend & 0xFFFFFFFF
        self._emit_reloc(placed, reloc.slot, R_BPF_64_64, symbol)

    def _relocate_call(self, placed: Placed, reloc: Reloc, insn: Insn) -> None:
        symbol, _ = self._target(reloc.symbol, 0)
        section = symbol.section
        insn.src = PSEUDO_CALL
        insn.imm = -1
        if section is not None:
            if symbol.type != STT_FUNC:
                raise _broken(f"call of {reloc.symbol!r}, which is no function")
            if symbol.bind == STB_LOCAL:
                target = symbol.value // 8
                if section.name == placed.function.section:
                    insn.imm = target - (placed.base + reloc.slot) - 1
                    return
                insn.imm = target - 1
                symbol = self._section_symbol(section)
        self._emit_reloc(placed, reloc.slot, R_BPF_64_32, symbol)

    def _emit_reloc(self, placed: Placed, slot: int, type: int, symbol: Symbol) -> None:
        section = self.sections[placed.function.section]
        section.relocations.append(Relocation((placed.base + slot) * 8, type, symbol))

    def _target(self, name: str, addend: int) -> tuple[Symbol, int]:
        """Return the ELF symbol for ``name``, which may also be a data section's."""
        symbol = self.symbols.get(name)
        if symbol is not None:
            return symbol, addend
        section = self.sections.get(name)
        if section is None:
            raise _broken(f"unknown symbol {name!r}")
        return self._section_symbol(section), addend

    def _relocate_data(self, data: DataSection) -> None:
        section = self.sections[data.name]
        if data.nobits:
            return
        contents = bytearray(data.data)
        order = "big" if self.obj.big_endian else "little"
        for reloc in sorted(data.relocs, key=lambda item: item.offset):
            symbol, addend = self._target(reloc.symbol, reloc.addend)
            if not 0 <= reloc.offset <= len(contents) - 8:
                raise _broken(f"relocation at {data.name}+{reloc.offset} is out of the section")
            contents[reloc.offset : reloc.offset + 8] = (addend & (1 << 64) - 1).to_bytes(
                8, "big" if order == "big" else "little"
            )
            section.relocations.append(Relocation(reloc.offset, R_BPF_64_ABS64, symbol))
        section.data = bytes(contents)

    # BTF -----------------------------------------------------------------------------------

    def _add_btf(self) -> None:
        obj = self.obj
        btf = BtfWriter(big_endian=obj.big_endian)
        if not self._add_types(btf):
            return
        ext = encode_ext(list(self.placed.values()), btf, source_name=obj.source_name)
        image = btf.finish().data
        self._add_section(Section(".BTF", data=image, align=4))
        if ext:
            self._add_section(Section(".BTF.ext", data=ext, align=4))

    def _add_types(self, btf: BtfWriter) -> bool:
        """Add every type that the object names, in a fixed order; False when there is none."""
        obj = self.obj
        some = bool(obj.types or obj.decl_tags)
        maps = obj.data.get(".maps")
        for symbol in maps.symbols if maps is not None else ():
            btf.add(symbol.btf)
        for function in obj.functions:
            some |= bool(btf.add(function.btf))
        for type in obj.types:
            btf.add(type)
        for section in _datasecs(obj):
            btf.add(section)
            some = True
        for extern in obj.externs:
            some |= bool(btf.add(extern.btf))
        for function in obj.functions:
            for core in function.core:
                btf.add(core.type)
                some = True
            some |= bool(function.lines)
        for tag in obj.decl_tags:
            btf.add(tag)
        return some


def _datasecs(obj: Object) -> list[Datasec]:
    """Return BTF data sections for all variables and externs that have a type.

    What is declared for a section stands in one list with what is defined in it, as linkers expect.
    """
    externs: dict[str, list[tuple[Var | Func, int, int]]] = {}
    for extern in obj.externs:
        if extern.btf is not None and extern.section:
            # Loaders and linkers lay externs out themselves: their offset stays 0 in the file.
            size = byte_size(extern.btf.type) if isinstance(extern.btf, Var) else 0
            externs.setdefault(extern.section, []).append((extern.btf, 0, size))
    sections: list[Datasec] = []
    for data in obj.data.values():
        vars: list[tuple[Var | Func, int, int]] = externs.pop(data.name, [])
        vars += [
            (symbol.btf, symbol.offset, symbol.size)
            for symbol in sorted(data.symbols, key=lambda item: item.offset)
            if symbol.btf is not None and symbol.size
        ]
        if vars:
            sections.append(Datasec(data.name, len(data.data), vars))
    sections += [Datasec(name, 0, vars) for name, vars in externs.items()]
    return sections


def _visibility(linkage: Linkage) -> int:
    return STV_HIDDEN if linkage.hidden else STV_DEFAULT


def _broken(message: str) -> InternalError:
    return InternalError(message, stage="objfile.write")
