"""An ``ElfFile`` as bytes.

Layout: header, section contents in the given order (each followed by nothing but alignment),
relocation sections, .symtab, .strtab, section header table. One string table serves symbols and
section names, as LLVM does it. Equal inputs give equal bytes.
"""

from __future__ import annotations

import struct

from ..support.errors import InternalError
from .model import (
    ET_REL,
    SHF_INFO_LINK,
    SHN_ABS,
    SHN_LORESERVE,
    SHN_UNDEF,
    SHT_NOBITS,
    SHT_REL,
    SHT_STRTAB,
    SHT_SYMTAB,
    STB_LOCAL,
    ElfFile,
    Section,
    Symbol,
)

_EHDR_SIZE, _SHDR_SIZE, _SYM_SIZE, _REL_SIZE = 64, 64, 24, 16


class _Strings:
    """A string table: each distinct string once, offset 0 is the empty string."""

    def __init__(self) -> None:
        self.data = bytearray(b"\0")
        self.offsets: dict[str, int] = {"": 0}

    def add(self, text: str) -> int:
        offset = self.offsets.get(text)
        if offset is None:
            offset = self.offsets[text] = len(self.data)
            self.data += text.encode("utf-8", "surrogateescape") + b"\0"
        return offset


def write(elf: ElfFile) -> bytes:
    """Return the bytes of ``elf``.

    Symbols are written in the given order, but local ones before the others, as the format wants.
    Raises: InternalError when a symbol or relocation refers to what is not in the file, or there
    are more sections than plain section indices can number.
    """
    order = ">" if elf.big_endian else "<"
    if len(elf.sections) * 2 + 3 >= SHN_LORESERVE:
        raise InternalError(f"{len(elf.sections)} sections are too many", stage="elf.write")
    strings = _Strings()
    index_of = {id(section): i for i, section in enumerate(elf.sections, 1)}

    local = [s for s in elf.symbols if s.bind == STB_LOCAL]
    ordered = local + [s for s in elf.symbols if s.bind != STB_LOCAL]
    number_of = {id(symbol): i for i, symbol in enumerate(ordered, 1)}

    out = bytearray(_EHDR_SIZE)
    headers = [bytes(_SHDR_SIZE)]
    shdr = struct.Struct(order + "IIQQQQIIQQ").pack
    relocated = [section for section in elf.sections if section.relocations]
    symtab_index = 1 + len(elf.sections) + len(relocated)

    for section in elf.sections:
        offset = _align(out, section.align)
        if section.type != SHT_NOBITS:
            out += section.data
        headers.append(
            shdr(
                strings.add(section.name),
                section.type,
                section.flags,
                0,
                offset,
                section.size,
                0,
                0,
                section.align,
                section.entsize,
            )
        )
    for section in relocated:
        offset = _align(out, 8)
        body = _relocations(section, number_of, order)
        out += body
        headers.append(
            shdr(
                strings.add(".rel" + section.name),
                SHT_REL,
                SHF_INFO_LINK,
                0,
                offset,
                len(body),
                symtab_index,
                index_of[id(section)],
                8,
                _REL_SIZE,
            )
        )
    offset = _align(out, 8)
    table = _symbols(ordered, index_of, strings, order)
    out += table
    headers.append(
        shdr(
            strings.add(".symtab"),
            SHT_SYMTAB,
            0,
            0,
            offset,
            len(table),
            symtab_index + 1,
            1 + len(local),
            8,
            _SYM_SIZE,
        )
    )
    name = strings.add(".strtab")
    headers.append(
        shdr(name, SHT_STRTAB, 0, 0, len(out), len(strings.data), 0, 0, 1, 0),
    )
    out += strings.data

    table_offset = _align(out, 8)
    out += b"".join(headers)
    ident = b"\x7fELF" + bytes((2, 2 if elf.big_endian else 1, 1)) + bytes(9)
    out[:_EHDR_SIZE] = ident + struct.pack(
        order + "HHIQQQIHHHHHH",
        ET_REL,
        elf.machine,
        1,
        0,
        0,
        table_offset,
        elf.flags,
        _EHDR_SIZE,
        0,
        0,
        _SHDR_SIZE,
        len(headers),
        len(headers) - 1,
    )
    return bytes(out)


def _align(out: bytearray, align: int) -> int:
    """Pad ``out`` to a multiple of ``align`` and return its length."""
    if align > 1:
        out += bytes(-len(out) % align)
    return len(out)


def _relocations(section: Section, number_of: dict[int, int], order: str) -> bytes:
    pack = struct.Struct(order + "QQ").pack
    body = bytearray()
    for reloc in section.relocations:
        number = number_of.get(id(reloc.symbol))
        if number is None:
            raise InternalError(
                f"relocation in {section.name} against unlisted symbol {reloc.symbol.name!r}",
                stage="elf.write",
            )
        body += pack(reloc.offset, number << 32 | reloc.type)
    return bytes(body)


def _symbols(
    ordered: list[Symbol], index_of: dict[int, int], strings: _Strings, order: str
) -> bytes:
    pack = struct.Struct(order + "IBBHQQ").pack
    table = bytearray(_SYM_SIZE)
    for symbol in ordered:
        if symbol.absolute:
            section = SHN_ABS
        elif symbol.section is None:
            section = SHN_UNDEF
        else:
            found = index_of.get(id(symbol.section))
            if found is None:
                raise InternalError(
                    f"symbol {symbol.name!r} is in unlisted section {symbol.section.name!r}",
                    stage="elf.write",
                )
            section = found
        table += pack(
            strings.add(symbol.name),
            symbol.bind << 4 | symbol.type,
            symbol.visibility,
            section,
            symbol.value,
            symbol.size,
        )
    return bytes(table)
