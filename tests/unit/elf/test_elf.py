from __future__ import annotations

import io
import random
import struct

import pytest
from elftools.elf.elffile import ELFFile

from bpfcc.elf.model import (
    SHF_ALLOC,
    SHF_EXECINSTR,
    SHT_NOBITS,
    STB_LOCAL,
    STB_WEAK,
    STT_FUNC,
    STT_OBJECT,
    STT_SECTION,
    STV_HIDDEN,
    ElfFile,
    Relocation,
    Section,
    Symbol,
)
from bpfcc.elf.read import read
from bpfcc.elf.write import write
from bpfcc.support.errors import InputError, InternalError


def _file(*, big_endian: bool = False) -> ElfFile:
    elf = ElfFile(big_endian=big_endian)
    code = Section("xdp", flags=SHF_ALLOC | SHF_EXECINSTR, data=bytes(range(32)), align=8)
    zeros = Section(".bss", SHT_NOBITS, SHF_ALLOC, align=16, size=100)
    elf.sections = [code, zeros]
    variable = Symbol("v", zeros, 8, 4, type=STT_OBJECT)
    elf.symbols = [
        Symbol("main", code, 0, 32, type=STT_FUNC, bind=STB_WEAK, visibility=STV_HIDDEN),
        variable,
        Symbol("", code, type=STT_SECTION, bind=STB_LOCAL),
        Symbol("outside"),
        Symbol("file.c", type=4, bind=STB_LOCAL, absolute=True),
    ]
    code.relocations = [Relocation(8, 1, variable), Relocation(16, 10, elf.symbols[3])]
    return elf


@pytest.mark.parametrize("big_endian", [False, True])
def test_another_reader_agrees(big_endian):
    elf = ELFFile(io.BytesIO(write(_file(big_endian=big_endian))))
    assert elf.little_endian is not big_endian
    assert elf["e_machine"] == "EM_BPF"
    assert elf.get_section_by_name("xdp").data() == bytes(range(32))
    bss = elf.get_section_by_name(".bss")
    assert (bss["sh_size"], bss["sh_addralign"], bss["sh_type"]) == (100, 16, "SHT_NOBITS")
    table = elf.get_section_by_name(".symtab")
    symbols = list(table.iter_symbols())
    # Local symbols come first, and sh_info says where they end.
    binds = [s["st_info"]["bind"] == "STB_LOCAL" for s in symbols]
    assert binds == sorted(binds, reverse=True) and table["sh_info"] == sum(binds)
    main = next(s for s in symbols if s.name == "main")
    assert main["st_info"]["bind"] == "STB_WEAK" and main["st_other"]["visibility"] == "STV_HIDDEN"
    relocs = list(elf.get_section_by_name(".relxdp").iter_relocations())
    assert [table.get_symbol(r["r_info_sym"]).name for r in relocs] == ["v", "outside"]
    assert [(r["r_offset"], r["r_info_type"]) for r in relocs] == [(8, 1), (16, 10)]


@pytest.mark.parametrize("big_endian", [False, True])
def test_round_trip(big_endian):
    data = write(_file(big_endian=big_endian))
    back = read(data, "x.o")
    assert back.big_endian is big_endian
    assert [(s.name, s.size, s.align, bytes(s.data)) for s in back.sections] == [
        ("xdp", 32, 8, bytes(range(32))),
        (".bss", 100, 16, b""),
    ]
    by_name = {s.name: s for s in back.symbols}
    assert by_name["main"].visibility == STV_HIDDEN and by_name["main"].bind == STB_WEAK
    assert by_name["v"].section is back.sections[1] and by_name["v"].value == 8
    assert not by_name["outside"].defined and by_name["file.c"].absolute
    assert [(r.offset, r.type, r.symbol.name) for r in back.sections[0].relocations] == [
        (8, 1, "v"),
        (16, 10, "outside"),
    ]
    assert write(back) == write(read(write(back)))


def test_sections_are_aligned():
    elf = ElfFile()
    elf.sections = [Section("a", data=b"x"), Section("b", data=b"y" * 8, align=64)]
    data = write(elf)
    offset = ELFFile(io.BytesIO(data)).get_section_by_name("b")["sh_offset"]
    assert offset % 64 == 0


def test_what_is_not_listed_cannot_be_referred_to():
    elf = _file()
    elf.sections[0].relocations.append(Relocation(0, 1, Symbol("stranger")))
    with pytest.raises(InternalError, match="stranger"):
        write(elf)


def _patched(offset: int, value: bytes) -> bytes:
    data = bytearray(write(_file()))
    data[offset : offset + len(value)] = value
    return bytes(data)


def _header_at(data: bytes, index: int) -> int:
    return struct.unpack_from("<Q", data, 40)[0] + 64 * index


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "not an ELF file"),
        (b"MZ" + bytes(100), "not an ELF file"),
        (b"\x7fELF\x02\x01", "cut off: 6 of 64"),
        (_patched(4, b"\x01"), "not a 64-bit"),
        (_patched(5, b"\x03"), "byte order"),
        (_patched(40, b"\xff" * 6), "section header table"),
        (_patched(58, b"\x20"), "section headers of 32 bytes"),
        (_patched(60, b"\xff\x7f"), "32767 entries"),
        (_patched(62, b"\x50"), "name table index 80"),
    ],
)
def test_broken_headers_are_named(data, message):
    with pytest.raises(InputError, match=message):
        read(data, "x.o")


def test_broken_sections_are_named():
    good = write(_file())
    cases = [
        (1, 0, "<I", 0xFFFF, "name of section 1"),
        (1, 24, "<Q", 1 << 40, "section 1 .* is cut off"),
        (1, 32, "<Q", 1 << 63, "section 1 .* is cut off"),
        (1, 48, "<Q", 3, "alignment 3"),
        (2, 32, "<Q", 1 << 50, "of zeros"),
        (3, 44, "<I", 77, "relxdp: links to"),
        (3, 32, "<Q", 20, "no whole number of relocations"),
        (4, 40, "<I", 60, "string table 60"),
        (4, 32, "<Q", 25, "no whole number of symbols"),
    ]
    for index, at, code, value, message in cases:
        data = bytearray(good)
        struct.pack_into(code, data, _header_at(good, index) + at, value)
        with pytest.raises(InputError, match=message):
            read(bytes(data), "x.o")


def test_overlapping_sections_cannot_multiply_memory():
    elf = ElfFile()
    elf.sections = [Section(f"s{i}", data=b"z") for i in range(200)]
    elf.sections.append(Section("big", data=bytes(100_000)))
    data = bytearray(write(elf))
    for i in range(1, 201):
        struct.pack_into("<QQ", data, _header_at(data, i) + 24, 64, 100_000)
    with pytest.raises(InputError, match="overlap"):
        read(bytes(data), "bomb.o")


def test_any_bytes_give_an_error_or_a_file():
    good = write(_file())
    rng = random.Random(1)
    for length in range(len(good)):
        with pytest.raises(InputError):
            read(good[:length], "cut.o")
    for _ in range(3000):
        data = bytearray(good)
        for _ in range(rng.randint(1, 6)):
            data[rng.randrange(len(data))] = rng.choice((0, 1, 0x7F, 0x80, 0xFF))
        try:
            read(bytes(data), "damaged.o")
        except InputError as error:
            assert str(error).startswith("damaged.o: ")


def test_programs_of_the_host_can_be_read():
    import sys

    with open(sys.executable, "rb") as file:
        data = file.read()
    if data[:4] != b"\x7fELF" or data[4] != 2:
        pytest.skip("the host's programs are no ELF64 files")
    elf = read(data, sys.executable)
    assert elf.section(".text") is not None
    contents = read(data, sys.executable, contents_only=True)
    assert [s.name for s in contents.sections] == [s.name for s in elf.sections]
    assert contents.symbols == []
