"""The object model: what a BPF ELF object says, with no trace of ELF in it.

The code generators make an ``Object``; ``objfile.write`` turns it into bytes and ``objfile.read``
turns anybody's bytes into one. ``verifier``, ``vm`` and ``kernel`` start from here.

Positions in code are in *slots* (8-byte units), from the start of the function they belong to.
"""

from __future__ import annotations

from bisect import bisect_right
from enum import Enum

from ..btf.core import CoreKind
from ..btf.types import BtfType, DeclTag, Func, Var
from ..isa.insn import Insn
from ..support.source import SourceFile, Span


class Linkage(Enum):
    """ELF binding; HIDDEN is global binding with hidden visibility, WEAK_HIDDEN the weak one.

    The kernel's verifier follows calls of hidden functions as it does of static ones, and proves
    other global functions on their own.
    """

    LOCAL = "local"
    GLOBAL = "global"
    WEAK = "weak"
    HIDDEN = "hidden"
    WEAK_HIDDEN = "weak hidden"

    @property
    def hidden(self) -> bool:
        """Whether other linked objects, but no loader, see the symbol."""
        return self in (Linkage.HIDDEN, Linkage.WEAK_HIDDEN)

    @property
    def weak(self) -> bool:
        """Whether a strong symbol of the same name takes its place."""
        return self in (Linkage.WEAK, Linkage.WEAK_HIDDEN)


class RelocKind(Enum):
    """What the instruction at a relocation wants."""

    DATA = "data"  # ld_imm64: address of a map, a variable, or a function (R_BPF_64_64)
    CALL = "call"  # call imm: function of the program, or extern kfunc (R_BPF_64_32)


class Reloc:
    """At ``slot``: refers to ``symbol`` (a name in the object) plus ``addend`` bytes."""

    __slots__ = ("addend", "kind", "slot", "symbol")

    def __init__(self, slot: int, kind: RelocKind, symbol: str, addend: int = 0) -> None:
        self.slot = slot
        self.kind = kind
        self.symbol = symbol
        self.addend = addend


class Line:
    """From ``slot`` on, the code stems from ``file``:``line``:``column`` (from 1) with ``text``.

    ``span`` is the exact C expression, known only in the process that compiled it: it is not
    written to the object file.
    """

    __slots__ = ("column", "file", "line", "slot", "span", "text")

    def __init__(
        self, slot: int, file: str, line: int, column: int, text: str, span: Span | None = None
    ) -> None:
        self.span = span
        self.slot = slot
        self.file = file
        self.line = line
        self.column = column
        self.text = text

    def place(self) -> Span | None:
        """Return the place in the C source; the line carries its own text. None if it has none."""
        if self.span is not None or not self.line:
            return self.span
        file = SourceFile(self.file, self.text)
        file.line_map.append((0, self.line, self.file))
        start = min(max(self.column - 1, 0), len(self.text))
        return Span(file, start, min(start + 1, len(self.text)))


class CoreReloc:
    """A CO-RE relocation of the instruction at ``slot``; ``access`` like "0:1:2"."""

    __slots__ = ("access", "kind", "slot", "type")

    def __init__(self, slot: int, kind: CoreKind, type: BtfType, access: str) -> None:
        self.slot = slot
        self.kind = kind
        self.type = type
        self.access = access


class Note:
    """Where a value lives: for messages in C words, never needed to load the object.

    From ``slot`` to ``end`` (exclusive), C variable ``name`` is in register ``reg`` (0..9), or at
    frame offset ``stack`` when ``reg`` is None.
    """

    __slots__ = ("end", "name", "reg", "slot", "stack")

    def __init__(self, slot: int, end: int, name: str, reg: int | None, stack: int = 0) -> None:
        self.slot = slot
        self.end = end
        self.name = name
        self.reg = reg
        self.stack = stack


class Function:
    """One C function's code.

    An entry program has a SEC ``section``; subprograms are in ".text". ``stack`` = bytes of frame,
    or None if unknown (foreign objects).
    """

    __slots__ = (
        "btf",
        "core",
        "insns",
        "lines",
        "linkage",
        "name",
        "notes",
        "relocs",
        "section",
        "stack",
    )

    def __init__(
        self,
        name: str,
        section: str,
        insns: list[Insn],
        *,
        linkage: Linkage = Linkage.GLOBAL,
        relocs: list[Reloc] | None = None,
        lines: list[Line] | None = None,
        core: list[CoreReloc] | None = None,
        notes: list[Note] | None = None,
        btf: Func | None = None,
        stack: int | None = None,
    ) -> None:
        self.name = name
        self.section = section
        self.insns = insns
        self.linkage = linkage
        self.relocs: list[Reloc] = relocs or []
        self.lines: list[Line] = lines or []
        self.core: list[CoreReloc] = core or []
        self.notes: list[Note] = notes or []
        self.btf = btf
        self.stack = stack


class DataReloc:
    """In a data section, the 8 bytes at ``offset`` hold ``symbol`` + ``addend``."""

    __slots__ = ("addend", "offset", "symbol")

    def __init__(self, offset: int, symbol: str, addend: int = 0) -> None:
        self.offset = offset
        self.symbol = symbol
        self.addend = addend


class DataSymbol:
    """A variable or map in a data section: bytes ``offset`` .. ``offset + size``."""

    __slots__ = ("btf", "linkage", "name", "offset", "size")

    def __init__(
        self, name: str, offset: int, size: int, linkage: Linkage, btf: Var | None = None
    ) -> None:
        self.name = name
        self.offset = offset
        self.size = size
        self.linkage = linkage
        self.btf = btf


class DataSection:
    """Contents of ".data", ".rodata", ".bss" (and .x variants), ".maps", "license" ...

    ``data`` holds the whole contents; for a ``nobits`` section (".bss") it is all zeros.
    """

    __slots__ = ("align", "data", "name", "nobits", "readonly", "relocs", "symbols")

    def __init__(
        self,
        name: str,
        data: bytearray,
        align: int,
        *,
        nobits: bool = False,
        readonly: bool = False,
    ) -> None:
        self.name = name
        self.data = data
        self.align = align
        self.nobits = nobits
        self.readonly = readonly
        self.symbols: list[DataSymbol] = []
        self.relocs: list[DataReloc] = []


class Extern:
    """A symbol that the loader resolves: ``section`` ".kconfig" or ".ksyms"."""

    __slots__ = ("btf", "name", "section", "weak")

    def __init__(self, name: str, section: str, *, weak: bool, btf: Var | Func | None) -> None:
        self.name = name
        self.section = section
        self.weak = weak
        self.btf = btf


class Object:
    """A whole object file. ``types``: further BTF roots that must be written; order is kept."""

    __slots__ = (
        "big_endian",
        "data",
        "decl_tags",
        "externs",
        "functions",
        "source_name",
        "types",
    )

    def __init__(self, source_name: str = "") -> None:
        self.source_name = source_name
        self.functions: list[Function] = []
        self.data: dict[str, DataSection] = {}
        self.externs: list[Extern] = []
        self.types: list[BtfType] = []
        self.decl_tags: list[DeclTag] = []
        self.big_endian = False

    @property
    def license(self) -> str:
        """The text of the "license" section, "" when there is none."""
        section = self.data.get("license")
        return bytes(section.data).split(b"\0", 1)[0].decode("latin-1") if section else ""

    def function(self, name: str) -> Function | None:
        """Return the function called ``name``, or None."""
        for function in self.functions:
            if function.name == name:
                return function
        return None


class Subprogram:
    """One function inside a ``Program``: slots ``start`` to ``end`` (exclusive)."""

    __slots__ = ("end", "function", "start")

    def __init__(self, function: Function, start: int, end: int) -> None:
        self.function = function
        self.start = start
        self.end = end


class Program:
    """What one load into the kernel is: an entry and all it calls, as flat code.

    Made by ``objfile.link``. Slots count from the start of the whole. Calls between functions are
    resolved (``src`` = PSEUDO_CALL, ``imm`` relative), and so are loads of a function's address
    (``src`` = PSEUDO_FUNC, low half of ``imm`` relative, as the kernel has it: target slot - own
    slot - 1). ``relocs`` keeps what a loader must fill in: maps, variables, externs.
    ``functions[0]`` is the entry.
    """

    __slots__ = ("core", "functions", "insns", "lines", "name", "object", "relocs", "section")

    def __init__(
        self,
        name: str,
        section: str,
        object: Object,
        insns: list[Insn],
        functions: list[Subprogram],
        *,
        relocs: list[Reloc] | None = None,
        lines: list[Line] | None = None,
        core: list[CoreReloc] | None = None,
    ) -> None:
        self.name = name
        self.section = section
        self.object = object
        self.insns = insns
        self.functions = functions
        self.relocs: list[Reloc] = relocs or []
        self.lines: list[Line] = lines or []
        self.core: list[CoreReloc] = core or []

    def function_at(self, slot: int) -> Function | None:
        """Return the function whose code contains ``slot``."""
        for part in self.functions:
            if part.start <= slot < part.end:
                return part.function
        return None

    def line_at(self, slot: int) -> Line | None:
        """Return the line that the code at ``slot`` stems from, within its own function."""
        i = bisect_right(self.lines, slot, key=lambda line: line.slot)
        if not i:
            return None
        line = self.lines[i - 1]
        for part in self.functions:
            if part.start <= slot < part.end:
                return line if line.slot >= part.start else None
        return line
