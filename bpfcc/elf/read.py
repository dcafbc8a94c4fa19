"""Bytes of an ELF64 file as sections, symbols and relocations.

Any byte sequence either gives an ``ElfFile`` or raises ``InputError`` that names the place; sizes
are checked before anything is copied, so a small file cannot ask for much memory or time.
"""

from __future__ import annotations

import struct

from ..support.errors import InputError
from .model import (
    ET_REL,
    SHN_ABS,
    SHN_COMMON,
    SHN_LORESERVE,
    SHN_UNDEF,
    SHN_XINDEX,
    SHT_DYNSYM,
    SHT_NOBITS,
    SHT_NULL,
    SHT_REL,
    SHT_RELA,
    SHT_STRTAB,
    SHT_SYMTAB,
    SHT_SYMTAB_SHNDX,
    STT_SECTION,
    ElfFile,
    Relocation,
    Section,
    Symbol,
)

_EHDR_SIZE, _SHDR_SIZE, _SYM_SIZE = 64, 64, 24
# Tables become ``symbols`` and ``relocations``; they are not sections of the result.
_TABLES = (SHT_SYMTAB, SHT_DYNSYM, SHT_STRTAB, SHT_REL, SHT_RELA, SHT_SYMTAB_SHNDX)


def read(data: bytes, name: str = "input", *, contents_only: bool = False) -> ElfFile:
    """Return what the ELF file ``data`` holds; ``name`` is for messages.

    With ``contents_only`` symbols and relocations are left out, which makes large files cheap when
    only a section's bytes are wanted.
    Raises: InputError when ``data`` is not a sound ELF64 file.
    """
    return _Reader(data, name).run(contents_only=contents_only)


class _Header:
    """One entry of the section header table."""

    __slots__ = (
        "address",
        "align",
        "entsize",
        "flags",
        "info",
        "link",
        "name",
        "offset",
        "size",
        "type",
    )

    def __init__(self, fields: tuple[int, ...]) -> None:
        (
            self.name,
            self.type,
            self.flags,
            self.address,
            self.offset,
            self.size,
            self.link,
            self.info,
            self.align,
            self.entsize,
        ) = fields


class _Reader:
    def __init__(self, data: bytes, name: str) -> None:
        self.data = data
        self.name = name
        self.order = "<"
        self.type = 0
        self.headers: list[_Header] = []
        self.names: list[str] = []
        self.sections: list[Section | None] = []

    def fail(self, message: str) -> InputError:
        return InputError(f"{self.name}: {message}")

    def run(self, *, contents_only: bool) -> ElfFile:
        elf, table_offset, count, names_index = self._file_header()
        self._section_headers(table_offset, count, names_index)
        self._contents()
        elf.sections = [section for section in self.sections if section is not None]
        if not contents_only:
            tables = self._symbol_tables()
            for symbols in tables.values():
                elf.symbols += symbols[1:]
            if self.type == ET_REL:  # a linked program's relocations are for its loader
                self._relocations(tables)
        return elf

    def _file_header(self) -> tuple[ElfFile, int, int, int]:
        data = self.data
        if data[:4] != b"\x7fELF":
            raise self.fail("not an ELF file (the first four bytes are not 7f 45 4c 46)")
        if len(data) < _EHDR_SIZE:
            raise self.fail(f"the ELF header is cut off: {len(data)} of {_EHDR_SIZE} bytes")
        if data[4] != 2:
            raise self.fail(f"not a 64-bit ELF file (class byte at offset 4 is {data[4]})")
        if data[5] not in (1, 2):
            raise self.fail(f"byte order at offset 5 is {data[5]}, neither 1 (little) nor 2 (big)")
        self.order = "<" if data[5] == 1 else ">"
        fields = struct.unpack_from(self.order + "HHIQQQIHHHHHH", data, 16)
        self.type, machine, _, _, _, table, flags, _, _, _, entry_size, count, names_index = fields
        if table and entry_size != _SHDR_SIZE:
            raise self.fail(f"section headers of {entry_size} bytes, ELF64 has {_SHDR_SIZE}")
        elf = ElfFile(machine, big_endian=data[5] == 2, flags=flags)
        elf.type = self.type
        if not table:
            return elf, 0, 0, 0
        if not count or names_index == SHN_XINDEX:
            # Extended numbering: the real numbers are in the null section's header.
            if table > len(data) - _SHDR_SIZE:
                raise self.fail(f"the section header table at offset {table:#x} is cut off")
            first = _Header(struct.unpack_from(self.order + "IIQQQQIIQQ", data, table))
            count = count or first.size
            names_index = first.link if names_index == SHN_XINDEX else names_index
        return elf, table, count, names_index

    def _section_headers(self, table: int, count: int, names_index: int) -> None:
        data = self.data
        if table + count * _SHDR_SIZE > len(data):
            raise self.fail(
                f"the section header table ({count} entries at offset {table:#x}) is cut off at"
                f" {len(data):#x}"
            )
        entry = struct.Struct(self.order + "IIQQQQIIQQ")
        for i in range(count):
            self.headers.append(_Header(entry.unpack_from(data, table + i * _SHDR_SIZE)))
        total = 0
        for i, header in enumerate(self.headers):
            if header.type in (SHT_NULL, SHT_NOBITS):
                continue
            if header.offset + header.size > len(data):
                raise self.fail(
                    f"section {i} ({header.size:#x} bytes at offset {header.offset:#x}) is cut off"
                    f" at {len(data):#x}"
                )
            total += header.size
        if total > len(data):
            raise self.fail("sections overlap: their sizes add up to more than the file")
        if not count:
            return
        if names_index >= count:
            raise self.fail(f"section name table index {names_index} of {count} sections")
        names = self._bytes(names_index)
        for i, header in enumerate(self.headers):
            self.names.append(self._string(names, header.name, f"name of section {i}"))

    def _bytes(self, index: int) -> bytes:
        header = self.headers[index]
        if header.type in (SHT_NULL, SHT_NOBITS):
            return b""
        return self.data[header.offset : header.offset + header.size]

    def _string(self, table: bytes, offset: int, what: str) -> str:
        if offset == 0 and not table:
            return ""
        end = table.find(b"\0", offset) if offset < len(table) else -1
        if end < 0:
            raise self.fail(f"{what} is at {offset:#x}, outside its string table")
        return table[offset:end].decode("utf-8", "surrogateescape")

    def _contents(self) -> None:
        for i, header in enumerate(self.headers):
            if header.type == SHT_NULL or header.type in _TABLES:
                self.sections.append(None)
                continue
            align = header.align or 1
            if align & (align - 1):
                raise self.fail(f"section {self.names[i]!r} has alignment {align}, no power of two")
            if header.type == SHT_NOBITS and header.size > 1 << 32:
                raise self.fail(f"section {self.names[i]!r} has {header.size:#x} bytes of zeros")
            section = Section(
                self.names[i],
                header.type,
                header.flags,
                self._bytes(i),
                align=align,
                entsize=header.entsize,
                size=header.size,
            )
            section.address = header.address
            section.file_offset = header.offset
            self.sections.append(section)

    # Symbols and relocations ---------------------------------------------------------------

    def _symbol_tables(self) -> dict[int, list[Symbol]]:
        """Return, by index of the SYMTAB or DYNSYM section, its symbols with the null one first."""
        extended: dict[int, bytes] = {}
        for i, header in enumerate(self.headers):
            if header.type == SHT_SYMTAB_SHNDX:
                extended[header.link] = self._bytes(i)
        return {
            i: self._symbols(i, extended.get(i, b""))
            for i, header in enumerate(self.headers)
            if header.type in (SHT_SYMTAB, SHT_DYNSYM)
        }

    def _symbols(self, index: int, extended: bytes) -> list[Symbol]:
        header = self.headers[index]
        table = self._bytes(index)
        where = self.names[index]
        if len(table) % _SYM_SIZE:
            raise self.fail(f"{where}: {len(table)} bytes are no whole number of symbols")
        if header.link >= len(self.headers):
            raise self.fail(f"{where}: string table {header.link} of {len(self.headers)} sections")
        strings = self._bytes(header.link)
        symbols: list[Symbol] = []
        for i, fields in enumerate(struct.iter_unpack(self.order + "IBBHQQ", table)):
            name_offset, info, other, shndx, value, size = fields
            name = self._string(strings, name_offset, f"{where}: name of symbol {i}")
            if shndx == SHN_XINDEX:
                if i * 4 + 4 > len(extended):
                    raise self.fail(f"{where}: symbol {i} has no extended section index")
                shndx = struct.unpack_from(self.order + "I", extended, i * 4)[0]
            elif shndx in (SHN_ABS, SHN_COMMON):
                symbols.append(
                    Symbol(
                        name,
                        None,
                        value,
                        size,
                        type=info & 15,
                        bind=info >> 4,
                        visibility=other & 3,
                        absolute=shndx == SHN_ABS,
                    )
                )
                continue
            elif shndx >= SHN_LORESERVE:
                raise self.fail(f"{where}: symbol {i} ({name!r}) in reserved section {shndx:#x}")
            if shndx >= len(self.headers):
                raise self.fail(
                    f"{where}: symbol {i} ({name!r}) in section {shndx} of {len(self.headers)}"
                )
            section = self.sections[shndx] if shndx != SHN_UNDEF else None
            if section is not None and self.type == ET_REL and value > section.size:
                raise self.fail(
                    f"{where}: symbol {i} ({name!r}) at {value:#x}, past the end of"
                    f" {section.name!r} ({section.size:#x} bytes)"
                )
            if not name and section is not None and info & 15 == STT_SECTION:
                name = section.name
            symbols.append(
                Symbol(
                    name,
                    section,
                    value,
                    size,
                    type=info & 15,
                    bind=info >> 4,
                    visibility=other & 3,
                )
            )
        return symbols

    def _relocations(self, tables: dict[int, list[Symbol]]) -> None:
        for i, header in enumerate(self.headers):
            if header.type not in (SHT_REL, SHT_RELA):
                continue
            where = self.names[i]
            if header.info >= len(self.headers) or header.link not in tables:
                raise self.fail(
                    f"{where}: links to sections {header.link} and {header.info}, which are no"
                    " symbol table and section"
                )
            target = self.sections[header.info]
            if target is None:
                continue
            self._relocate(i, target, tables[header.link])

    def _relocate(self, index: int, target: Section, symbols: list[Symbol]) -> None:
        rela = self.headers[index].type == SHT_RELA
        where = self.names[index]
        table = self._bytes(index)
        entry = struct.Struct(self.order + ("QQq" if rela else "QQ"))
        if len(table) % entry.size:
            raise self.fail(f"{where}: {len(table)} bytes are no whole number of relocations")
        for i, fields in enumerate(entry.iter_unpack(table)):
            number = fields[1] >> 32
            if number >= len(symbols):
                raise self.fail(
                    f"{where}: relocation {i} against symbol {number} of {len(symbols)}"
                )
            if fields[0] >= target.size:
                raise self.fail(
                    f"{where}: relocation {i} at {fields[0]:#x}, past the end of {target.name!r}"
                )
            target.relocations.append(
                Relocation(
                    fields[0], fields[1] & 0xFFFFFFFF, symbols[number], fields[2] if rela else 0
                )
            )
