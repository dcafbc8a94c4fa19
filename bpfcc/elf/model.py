"""Sections, symbols and relocations of a relocatable ELF64 file, and the numbers of the format.

Source: System V ABI, chapter 4 "Object files" (Elf64 forms); BPF relocation types from the kernel's
Documentation/bpf/llvm_reloc.rst.
"""

from __future__ import annotations

EM_BPF = 247
EM_NONE = 0
ET_REL = 1

# sh_type
SHT_NULL, SHT_PROGBITS, SHT_SYMTAB, SHT_STRTAB, SHT_RELA = 0, 1, 2, 3, 4
SHT_NOBITS, SHT_REL, SHT_DYNSYM, SHT_SYMTAB_SHNDX = 8, 9, 11, 18
# sh_flags
SHF_WRITE, SHF_ALLOC, SHF_EXECINSTR, SHF_MERGE, SHF_STRINGS = 1, 2, 4, 16, 32
SHF_INFO_LINK, SHF_EXCLUDE = 0x40, 0x80000000
# special section indices
SHN_UNDEF, SHN_LORESERVE, SHN_ABS, SHN_COMMON, SHN_XINDEX = 0, 0xFF00, 0xFFF1, 0xFFF2, 0xFFFF
# symbol binding, type, visibility
STB_LOCAL, STB_GLOBAL, STB_WEAK = 0, 1, 2
STT_NOTYPE, STT_OBJECT, STT_FUNC, STT_SECTION, STT_FILE = 0, 1, 2, 3, 4
STV_DEFAULT, STV_INTERNAL, STV_HIDDEN, STV_PROTECTED = 0, 1, 2, 3
# relocation types of EM_BPF
R_BPF_NONE, R_BPF_64_64, R_BPF_64_ABS64, R_BPF_64_ABS32, R_BPF_64_NODYLD32 = range(5)
R_BPF_64_32 = 10


class Symbol:
    """A symbol. ``section`` is None for an undefined symbol; ``absolute`` for SHN_ABS.

    ``value`` is a byte offset into the section.
    """

    __slots__ = ("absolute", "bind", "name", "section", "size", "type", "value", "visibility")

    def __init__(
        self,
        name: str,
        section: Section | None = None,
        value: int = 0,
        size: int = 0,
        *,
        type: int = STT_NOTYPE,
        bind: int = STB_GLOBAL,
        visibility: int = STV_DEFAULT,
        absolute: bool = False,
    ) -> None:
        self.name = name
        self.section = section
        self.value = value
        self.size = size
        self.type = type
        self.bind = bind
        self.visibility = visibility
        self.absolute = absolute

    @property
    def defined(self) -> bool:
        """Whether this file says where the symbol is."""
        return self.section is not None or self.absolute

    def __repr__(self) -> str:
        return f"Symbol({self.name!r})"


class Relocation:
    """At byte ``offset`` of its section: refers to ``symbol``; ``addend`` is 0 in REL sections."""

    __slots__ = ("addend", "offset", "symbol", "type")

    def __init__(self, offset: int, type: int, symbol: Symbol, addend: int = 0) -> None:
        self.offset = offset
        self.type = type
        self.symbol = symbol
        self.addend = addend


class Section:
    """A section with its contents and the relocations that apply to it.

    ``size`` differs from ``len(data)`` only for SHT_NOBITS, whose data is empty. Symbol, string and
    relocation tables are not kept as sections: the writer makes them, the reader consumes them.
    """

    __slots__ = (
        "address",
        "align",
        "data",
        "entsize",
        "file_offset",
        "flags",
        "name",
        "relocations",
        "size",
        "type",
    )

    def __init__(
        self,
        name: str,
        type: int = SHT_PROGBITS,
        flags: int = 0,
        data: bytes = b"",
        *,
        align: int = 1,
        entsize: int = 0,
        size: int | None = None,
    ) -> None:
        self.name = name
        self.type = type
        self.flags = flags
        self.data = data
        self.align = align
        self.entsize = entsize
        self.size = len(data) if size is None else size
        self.relocations: list[Relocation] = []
        # Where a linked program's section is in memory and in the file; the writer ignores both.
        self.address = 0
        self.file_offset = 0

    def __repr__(self) -> str:
        return f"Section({self.name!r})"


class ElfFile:
    """A relocatable file; ``symbols`` and ``sections`` without the null entries."""

    __slots__ = ("big_endian", "flags", "machine", "sections", "symbols", "type")

    def __init__(self, machine: int = EM_BPF, *, big_endian: bool = False, flags: int = 0) -> None:
        self.machine = machine
        self.big_endian = big_endian
        self.flags = flags
        self.type = ET_REL
        self.sections: list[Section] = []
        self.symbols: list[Symbol] = []

    def section(self, name: str) -> Section | None:
        """Return the first section called ``name``, or None."""
        for section in self.sections:
            if section.name == name:
                return section
        return None
