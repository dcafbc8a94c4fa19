"""Bytes of a BPF ELF file, by whatever compiler, as an ``Object``.

Programs are split by their symbols; every reference of an instruction to a function, variable or
map becomes a ``Reloc`` by name, whether the file has it as a relocation against a symbol, against
a section plus an offset, or (calls inside one section) as a mere distance.

Objects of clang, of GCC for BPF and of libbpf's linker are understood. Anything else that could be
meant otherwise than it would be read is refused with its place.
Source: kernel Documentation/bpf/llvm_reloc.rst; libbpf's rules for section names.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from typing import NoReturn

from ..btf import wire
from ..btf.core import CoreKind
from ..btf.layout import byte_size
from ..btf.read import Btf
from ..btf.read import parse as parse_btf
from ..btf.types import Datasec, DeclTag, Enum, Func, Struct, Typedef, Var
from ..elf.model import (
    EM_BPF,
    EM_NONE,
    R_BPF_64_32,
    R_BPF_64_64,
    R_BPF_64_ABS64,
    R_BPF_NONE,
    SHF_ALLOC,
    SHF_EXECINSTR,
    SHF_WRITE,
    SHT_NOBITS,
    SHT_PROGBITS,
    STB_LOCAL,
    STB_WEAK,
    STT_FILE,
    STT_FUNC,
    STT_NOTYPE,
    STT_OBJECT,
    STT_SECTION,
    STV_HIDDEN,
    STV_INTERNAL,
    ElfFile,
    Section,
    Symbol,
)
from ..elf.read import read as read_elf
from ..isa.insn import CALL, JMP, LD_IMM64, PSEUDO_CALL, PSEUDO_FUNC, Insn, decode
from ..support.errors import InputError
from .model import (
    CoreReloc,
    DataReloc,
    DataSection,
    DataSymbol,
    Extern,
    Function,
    Line,
    Linkage,
    Object,
    Reloc,
    RelocKind,
)
from .read_ext import ExtInfo, Record, read_ext

# Sections that linkers and unwinders want, in memory or not: no business of BPF.
_IGNORED = (".eh_frame", ".note", ".debug", ".comment", ".llvm", ".BTF", ".gnu")
_MAX_ALIGN = 1 << 16
_MAX_NOBITS = 1 << 28  # of all sections without contents: they cost the file nothing


def from_bytes(data: bytes, name: str = "input") -> Object:
    """Return the object in ``data``; ``name`` is the file's, for messages.

    Raises: InputError when it is no sound BPF object.
    """
    return _ObjectReader(data, name).run()


def btf_from_bytes(data: bytes, name: str = "BTF", *, base: Btf | None = None) -> Btf:
    """Return the types of a raw BTF file or of the ``.BTF`` section of any 64-bit ELF file.

    Raises: InputError when there are none or they are malformed.
    """
    if data[:4] == b"\x7fELF":
        section = read_elf(data, name, contents_only=True).section(".BTF")
        if section is None:
            raise InputError(f"{name}: the ELF file has no .BTF section")
        return parse_btf(section.data, f"{name}: .BTF", base=base, check=False)
    return parse_btf(data, name, base=base, check=False)


class _Code:
    """A function of a code section while it is read; offsets in bytes."""

    __slots__ = ("end", "function", "name", "slots", "start")

    def __init__(self, name: str, start: int, end: int, function: Function) -> None:
        self.name = name
        self.start = start
        self.end = end
        self.function = function
        self.slots: dict[int, Insn] = {}
        slot = 0
        for insn in function.insns:
            self.slots[slot] = insn
            slot += insn.slots


class _ObjectReader:
    def __init__(self, data: bytes, name: str) -> None:
        self.raw = data
        self.name = name
        self.obj = Object()
        self.btf: Btf | None = None
        self.taken: set[str] = set()  # names given out
        self.undefined: set[str] = set()  # names of externs
        self.code: dict[int, list[_Code]] = {}  # by id of the ELF section, sorted by start
        self.data: dict[int, DataSection] = {}  # by id of the ELF section
        self.variables: dict[int, str] = {}  # names given out by id of the ELF symbol
        self.value_in_place = False
        self.zeros = 0  # bytes of sections without contents so far
        self.originals: dict[str, str] = {}  # names of the file by names given out

    def fail(self, message: str) -> NoReturn:
        raise InputError(f"{self.name}: {message}")

    def run(self) -> Object:
        elf = read_elf(self.raw, self.name)
        if elf.machine not in (EM_BPF, EM_NONE):
            self.fail(f"an object for ELF machine {elf.machine}, not for BPF ({EM_BPF})")
        obj = self.obj
        obj.big_endian = elf.big_endian
        self.value_in_place = _old_gnu_as(elf)
        for symbol in elf.symbols:
            if symbol.type == STT_FILE and not obj.source_name:
                obj.source_name = symbol.name
        ext = self._read_types(elf)
        by_section: dict[int, list[Symbol]] = {}
        for symbol in elf.symbols:
            if symbol.section is not None:
                by_section.setdefault(id(symbol.section), []).append(symbol)
        self._reserve_globals(elf)
        for section in elf.sections:
            if section.name.startswith(_IGNORED):
                continue
            if section.align > _MAX_ALIGN:
                self.fail(f"section {section.name!r} is to be aligned at {section.align:#x}")
            symbols = by_section.get(id(section), [])
            if section.flags & SHF_EXECINSTR and section.type == SHT_PROGBITS:
                if section.size:
                    self._read_code(section, symbols)
            elif section.flags & SHF_ALLOC or section.name in ("license", "maps", ".maps"):
                self._read_data(section, symbols)
        self._read_externs(elf)
        for section in elf.sections:
            if id(section) in self.code:
                self._read_code_relocs(section)
            elif id(section) in self.data:
                self._read_data_relocs(section)
        self._attach_types(ext)
        return obj

    # Names ----------------------------------------------------------------------------------

    def _reserve_globals(self, elf: ElfFile) -> None:
        for symbol in elf.symbols:
            if symbol.bind == STB_LOCAL or not symbol.name:
                continue
            if symbol.name in self.taken:
                self.fail(f"symbol {symbol.name!r} is defined twice")
            self.taken.add(symbol.name)

    def _unique(self, symbol: Symbol) -> str:
        """Return a name for ``symbol`` that no other symbol of the object has.

        A linked object may have several static functions of one name.
        """
        if symbol.bind != STB_LOCAL:
            return symbol.name
        name = symbol.name
        number = 1
        while name in self.taken:
            number += 1
            name = f"{symbol.name}.{number}"
        self.taken.add(name)
        if name != symbol.name:
            self.originals[name] = symbol.name
        return name

    # Code -----------------------------------------------------------------------------------

    def _read_code(self, section: Section, symbols: list[Symbol]) -> None:
        if not section.name or section.name in self.obj.data:
            self.fail(f"two sections are called {section.name!r}, or one has no name")
        if section.size % 8:
            self.fail(f"section {section.name!r}: {section.size} bytes are no whole instructions")
        functions = [s for s in symbols if s.type == STT_FUNC]
        if not functions:
            # Before LLVM 11 functions had no type; labels are local.
            functions = [s for s in symbols if s.type == STT_NOTYPE and s.bind != STB_LOCAL]
        if not functions:
            if section.name == ".text":
                self.fail(f"section {section.name!r} has code but no function symbol")
            name = _name_from(section.name)
            if name in self.taken:
                self.fail(f"section {section.name!r} has code but no function symbol")
            self.taken.add(name)
            functions = [Symbol(name, section, size=section.size, type=STT_FUNC)]
        if any(not s.name for s in functions):
            self.fail(f"section {section.name!r} has a function without a name")
        functions.sort(key=lambda s: s.value)
        starts = sorted({s.value for s in functions})
        codes: list[_Code] = []
        for symbol in functions:
            end = symbol.value + symbol.size
            if not symbol.size:
                after = bisect_right(starts, symbol.value)
                end = starts[after] if after < len(starts) else section.size
            if symbol.value % 8 or end % 8 or end > section.size:
                self.fail(
                    f"function {symbol.name!r}: bytes {symbol.value:#x} to {end:#x} of section"
                    f" {section.name!r} ({section.size:#x} bytes) are no whole instructions"
                )
            if codes and symbol.value == codes[-1].start and end == codes[-1].end:
                continue  # an alias
            if codes and symbol.value < codes[-1].end:
                self.fail(f"functions {codes[-1].name!r} and {symbol.name!r} overlap")
            name = self._unique(symbol)
            insns = decode(section.data[symbol.value : end], big_endian=self.obj.big_endian)
            if sum(insn.slots for insn in insns) * 8 != end - symbol.value:
                self.fail(f"function {name!r} ends inside a 16-byte instruction")
            function = Function(name, section.name, insns, linkage=_linkage(symbol))
            codes.append(_Code(name, symbol.value, end, function))
            self.obj.functions.append(function)
        self.code[id(section)] = codes

    def _code_at(self, section: Section, offset: int) -> _Code | None:
        codes = self.code.get(id(section), [])
        i = bisect_right(codes, offset, key=lambda code: code.start)
        code = codes[i - 1] if i else None
        return code if code is not None and offset < code.end else None

    def _function_at(self, section: Section, offset: int, what: str) -> str:
        code = self._code_at(section, offset)
        if code is None or code.start != offset:
            self.fail(f"{what} refers to {section.name}+{offset:#x}, where no function starts")
        return code.name

    def _read_code_relocs(self, section: Section) -> None:
        relocated: set[int] = set()
        for reloc in section.relocations:
            if reloc.type == R_BPF_NONE:
                continue
            code = self._code_at(section, reloc.offset)
            if code is None:
                continue  # bytes that belong to no function are not part of the object
            insn = code.slots.get((reloc.offset - code.start) // 8)
            where = f"{section.name}+{reloc.offset:#x}"
            if reloc.offset % 8 or insn is None:
                self.fail(f"relocation at {where}, where no instruction starts")
            if reloc.offset in relocated:
                self.fail(f"two relocations at {where}")
            relocated.add(reloc.offset)
            slot = (reloc.offset - code.start) // 8
            if reloc.type == R_BPF_64_64 and insn.opcode == LD_IMM64:
                low = insn.imm & 0xFFFFFFFF
                addend = low - ((low & 0x80000000) << 1) + reloc.addend
                name, addend = self._data_target(reloc.symbol, addend, where)
                insn.src = insn.imm = 0
                code.function.relocs.append(Reloc(slot, RelocKind.DATA, name, addend))
            elif reloc.type == R_BPF_64_32 and insn.opcode == JMP | CALL:
                name = self._call_target(reloc.symbol, insn.imm, where)
                insn.src, insn.imm = PSEUDO_CALL, -1
                code.function.relocs.append(Reloc(slot, RelocKind.CALL, name))
            else:
                self.fail(
                    f"relocation of type {reloc.type} at {where} against {reloc.symbol.name!r} on"
                    f" opcode {insn.opcode:#04x} is not known"
                )
        for code in self.code[id(section)]:
            self._name_distances(section, code, relocated)
            code.function.relocs.sort(key=lambda item: item.slot)

    def _name_distances(self, section: Section, code: _Code, relocated: set[int]) -> None:
        """Turn calls and addresses given as a distance within the section into relocations."""
        offset = code.start
        for insn in code.function.insns:
            call = insn.opcode == JMP | CALL and insn.src == PSEUDO_CALL
            address = insn.opcode == LD_IMM64 and insn.src == PSEUDO_FUNC
            if (call or address) and offset not in relocated:
                low = insn.imm & 0xFFFFFFFF
                distance = low - ((low & 0x80000000) << 1)
                where = f"{'call' if call else 'address'} at {section.name}+{offset:#x}"
                name = self._function_at(section, offset + 8 + 8 * distance, where)
                kind = RelocKind.CALL if call else RelocKind.DATA
                code.function.relocs.append(Reloc((offset - code.start) // 8, kind, name))
                insn.imm = -1 if call else 0
                insn.src = PSEUDO_CALL if call else 0
            offset += 8 * insn.slots

    def _call_target(self, symbol: Symbol, imm: int, where: str) -> str:
        section = symbol.section
        if section is None:
            return self._undefined(symbol, where)
        # A function's own symbol says it all: clang writes -1 next to it, GNU as 2.40 the symbol's
        # byte offset - 1. Next to a section's symbol stands the distance from its start.
        offset = symbol.value if symbol.type == STT_FUNC else symbol.value + 8 * (imm + 1)
        return self._function_at(section, offset, f"call at {where}")

    def _data_target(self, symbol: Symbol, addend: int, where: str) -> tuple[str, int]:
        """Return (name, addend) for an address: of a variable, function, or section."""
        section = symbol.section
        if section is None:
            return self._undefined(symbol, where), addend
        offset = symbol.value + addend
        if self.value_in_place and symbol.type != STT_SECTION:
            offset = addend
        if id(section) in self.code:
            return self._function_at(section, offset, f"address at {where}"), 0
        data = self.data.get(id(section))
        if data is None:
            self.fail(f"relocation at {where} against section {section.name!r}, which is not kept")
        name = self.variables.get(id(symbol))
        if name is not None:
            return name, addend - symbol.value if self.value_in_place else addend
        found = _symbol_at(data, offset)
        if found is None:
            return data.name, offset
        return found.name, offset - found.offset

    def _undefined(self, symbol: Symbol, where: str) -> str:
        if symbol.name not in self.undefined:
            self.fail(
                f"relocation at {where} against {symbol.name!r}, which is no symbol to resolve"
            )
        return symbol.name

    # Data -----------------------------------------------------------------------------------

    def _read_data(self, section: Section, symbols: list[Symbol]) -> None:
        codes = {codes[0].function.section for codes in self.code.values() if codes}
        if not section.name or section.name in self.obj.data or section.name in codes:
            self.fail(f"two sections are called {section.name!r}, or one has no name")
        nobits = section.type == SHT_NOBITS
        self.zeros += section.size if nobits else 0
        if self.zeros > _MAX_NOBITS:
            self.fail(f"section {section.name!r} has {section.size:#x} bytes of zeros")
        data = DataSection(
            section.name,
            bytearray(section.size) if nobits else bytearray(section.data),
            section.align,
            nobits=nobits,
            readonly=not section.flags & SHF_WRITE,
        )
        objects = [s for s in symbols if s.type == STT_OBJECT and s.name]
        if not objects:
            objects = [s for s in symbols if s.type == STT_NOTYPE and s.bind != STB_LOCAL]
        objects.sort(key=lambda s: s.value)
        starts = sorted({s.value for s in objects})
        for symbol in objects:
            size = symbol.size
            if not size:
                after = bisect_right(starts, symbol.value)
                size = (starts[after] if after < len(starts) else section.size) - symbol.value
            if symbol.value + size > section.size:
                self.fail(
                    f"variable {symbol.name!r} ends at {symbol.value + size:#x}, past the end of"
                    f" {section.name!r} ({section.size:#x} bytes)"
                )
            name = self._unique(symbol)
            self.variables[id(symbol)] = name
            data.symbols.append(DataSymbol(name, symbol.value, size, _linkage(symbol)))
        self.obj.data[section.name] = data
        self.data[id(section)] = data

    def _read_data_relocs(self, section: Section) -> None:
        data = self.data[id(section)]
        order = "big" if self.obj.big_endian else "little"
        for reloc in section.relocations:
            if reloc.type == R_BPF_NONE:
                continue
            where = f"{section.name}+{reloc.offset:#x}"
            # Before LLVM 13 pointers in data had the type of instructions.
            if reloc.type not in (R_BPF_64_ABS64, R_BPF_64_64) or data.nobits:
                self.fail(f"relocation of type {reloc.type} at {where} is not known")
            if reloc.offset + 8 > len(data.data):
                self.fail(f"relocation at {where} runs past the end of the section")
            place = slice(reloc.offset, reloc.offset + 8)
            in_place = int.from_bytes(
                data.data[place], "big" if order == "big" else "little", signed=True
            )
            name, addend = self._data_target(reloc.symbol, in_place + reloc.addend, where)
            data.data[place] = bytes(8)
            data.relocs.append(DataReloc(reloc.offset, name, addend))
        data.relocs.sort(key=lambda item: item.offset)

    # Types ----------------------------------------------------------------------------------

    def _read_types(self, elf: ElfFile) -> ExtInfo:
        section = elf.section(".BTF")
        ext = elf.section(".BTF.ext")
        if section is None:
            return ExtInfo()
        btf = self.btf = parse_btf(section.data, f"{self.name}: .BTF")
        if btf.big_endian != elf.big_endian:
            self.fail("the byte order of .BTF is not the file's")
        for _, made in btf.types():
            if isinstance(made, DeclTag):
                self.obj.decl_tags.append(made)
            elif isinstance(made, (Struct, Enum, Typedef)) and made.name:
                self.obj.types.append(made)
        return read_ext(ext.data, btf, self.name) if ext is not None else ExtInfo()

    def _read_externs(self, elf: ElfFile) -> None:
        sections: dict[str, tuple[str, Var | Func]] = {}
        others: dict[str, Var | Func] = {}
        for _, made in self.btf.types() if self.btf is not None else ():
            if isinstance(made, Datasec):
                for var, _, _ in made.vars:
                    sections.setdefault(var.name, (made.name, var))
            elif isinstance(made, (Var, Func)) and made.linkage == Var.EXTERN:
                others.setdefault(made.name, made)
        for symbol in elf.symbols:
            if symbol.section is not None or symbol.absolute or not symbol.name:
                continue
            if symbol.bind == STB_LOCAL or symbol.type in (STT_FILE, STT_SECTION):
                continue
            self.undefined.add(symbol.name)
            weak = symbol.bind == STB_WEAK
            section, type = sections.get(symbol.name, ("", others.get(symbol.name)))
            if section not in ("", ".kconfig", ".ksyms"):
                section = ""
            if isinstance(type, Var) and byte_size(type.type) > _MAX_NOBITS:
                self.fail(f"variable {symbol.name!r} has {byte_size(type.type):#x} bytes")
            self.obj.externs.append(Extern(symbol.name, section, weak=weak, btf=type))

    def _attach_types(self, ext: ExtInfo) -> None:
        btf = self.btf
        if btf is None:
            return
        by_section: dict[str, list[_Code]] = {}
        for codes in self.code.values():
            by_section.setdefault(codes[0].function.section, []).extend(codes)
        for section, codes in by_section.items():
            self._attach_functions(btf, codes, ext.func_info.get(section, []))
            for code, offset, record in _by_function(codes, ext.line_info.get(section, [])):
                file, text, place = record
                slot = (offset - code.start) // 8
                code.function.lines.append(
                    Line(slot, btf.string(file), place >> 10, place & 0x3FF, btf.string(text))
                )
            for code, offset, record in _by_function(codes, ext.core_relo.get(section, [])):
                code.function.core.append(self._core(btf, code, offset, record))
        for code in (code for codes in by_section.values() for code in codes):
            code.function.lines.sort(key=lambda item: item.slot)
        self._attach_variables(btf)

    def _attach_functions(self, btf: Btf, codes: list[_Code], records: list[Record]) -> None:
        for code, offset, (type_id,) in _by_function(codes, records):
            made = btf.type(type_id)
            if not isinstance(made, Func):
                self.fail(f".BTF.ext: function {code.name!r} has type {type_id}, no function")
            if offset == code.start:
                code.function.btf = made
        for code in codes:
            if code.function.btf is None:
                found = btf.find(self.originals.get(code.name, code.name), wire.KIND_FUNC)
                if isinstance(found, Func) and found.linkage != Func.EXTERN:
                    code.function.btf = found

    def _core(self, btf: Btf, code: _Code, offset: int, record: tuple[int, ...]) -> CoreReloc:
        type_id, access, kind = record
        made = btf.type(type_id)
        where = f".BTF.ext: CO-RE relocation at {code.function.section}+{offset:#x}"
        if made is None:
            self.fail(f"{where} is of type void")
        if kind > max(CoreKind):
            self.fail(f"{where} is of unknown kind {kind}")
        slot = (offset - code.start) // 8
        if slot not in code.slots:
            self.fail(f"{where}, where no instruction starts")
        return CoreReloc(slot, CoreKind(kind), made, btf.string(access))

    def _attach_variables(self, btf: Btf) -> None:
        """Give variables their BTF by name: offsets in BTF are not filled in before linking."""
        sections = {made.name: made for _, made in btf.types() if isinstance(made, Datasec)}
        for data in self.obj.data.values():
            section = sections.get(data.name)
            if section is None:
                continue
            waiting: dict[str, list[Var]] = {}
            for var, _, _ in section.vars:
                if isinstance(var, Var):
                    waiting.setdefault(var.name, []).append(var)
            for symbol in data.symbols:
                candidates = waiting.get(self.originals.get(symbol.name, symbol.name))
                if candidates:
                    symbol.btf = candidates.pop(0)


def _old_gnu_as(elf: ElfFile) -> bool:
    """Return whether the immediate next to a variable's symbol contains that symbol's value.

    So it is with the assemblers of GCC up to 13 (GNU as up to 2.40): value and addend are summed in
    the instruction, and the relocation is meant to set, not to add, the value.
    """
    comment = elf.section(".comment")
    if comment is None:
        return False
    for text in comment.data.split(b"\0"):
        if text.startswith(b"GCC:"):
            major = text.rsplit(b" ", 1)[-1].split(b".", 1)[0]
            return major.isdigit() and int(major) <= 13
    return False


def _linkage(symbol: Symbol) -> Linkage:
    if symbol.bind == STB_LOCAL:
        return Linkage.LOCAL
    hidden = symbol.visibility in (STV_HIDDEN, STV_INTERNAL)
    if symbol.bind == STB_WEAK:
        return Linkage.WEAK_HIDDEN if hidden else Linkage.WEAK
    return Linkage.HIDDEN if hidden else Linkage.GLOBAL


def _name_from(section: str) -> str:
    """Return a C-like name for the code of a section without symbols."""
    return "".join(c if c.isalnum() or c == "_" else "_" for c in section) or "code"


def _symbol_at(data: DataSection, offset: int) -> DataSymbol | None:
    """Return the variable that contains ``offset`` of ``data``."""
    i = bisect_right(data.symbols, offset, key=lambda symbol: symbol.offset)
    symbol = data.symbols[i - 1] if i else None
    return symbol if symbol is not None and offset < symbol.offset + symbol.size else None


def _by_function(
    codes: list[_Code], records: list[Record]
) -> Iterator[tuple[_Code, int, tuple[int, ...]]]:
    """Yield (function, byte offset in the section, words) for the records that lie in one."""
    starts = [code.start for code in codes]
    for offset, words in records:
        i = bisect_right(starts, offset)
        if i and offset < codes[i - 1].end:
            yield codes[i - 1], offset, words
