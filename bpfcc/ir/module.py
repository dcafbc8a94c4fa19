"""Blocks, functions, globals, modules: the containers of the SSA IR."""

from __future__ import annotations

from collections.abc import Iterator

from ..btf.types import BtfType, DeclTag, Func, Var
from ..support.source import Span
from .ops import TERMINATORS
from .values import Instr, Param, Type


class HelperRef:
    """Callee: BPF helper ``id``; ``name`` without the "bpf_" is its row in uapi, "" if unknown."""

    __slots__ = ("id", "name")

    def __init__(self, id: int, name: str = "") -> None:
        self.id = id
        self.name = name

    def __repr__(self) -> str:
        return f"helper {self.id} {self.name}"


class FuncRef:
    """Callee: a function of this module, or extern to be linked."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"func {self.name}"


class KfuncRef:
    """Callee: a kernel function, an ``Extern`` of section ".ksyms"."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"kfunc {self.name}"


class PointerRef:
    """Callee: whatever operand 0 points to; the other operands are the arguments.

    ``opt`` makes it one of the others once the pointer is known, or reports it.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return "pointer"


class AsmOperand:
    """One operand of inline assembly: ``constraint`` as in GNU C ("=r", "+r", "i", "0" ...).

    Outputs are listed first. At most one output is the instruction's result ("asm" has one value);
    further outputs, and memory operands, are passed by address (``by_address``): the operand is a
    pointer through which the result is stored.
    """

    __slots__ = ("by_address", "constraint", "name", "size")

    def __init__(
        self, constraint: str, name: str = "", *, by_address: bool = False, size: int = 8
    ) -> None:
        self.constraint = constraint
        self.name = name
        self.by_address = by_address
        self.size = size


class Block:
    """A basic block: phis first, exactly one terminator last."""

    __slots__ = ("function", "instrs", "name")

    def __init__(self, name: str, function: Function | None = None) -> None:
        self.name = name
        self.function = function
        self.instrs: list[Instr] = []

    @property
    def terminator(self) -> Instr | None:
        """The last instruction if it ends the block, else None (a block under construction)."""
        last = self.instrs[-1] if self.instrs else None
        return last if last is not None and last.op in TERMINATORS else None

    @property
    def successors(self) -> list[Block]:
        """Where control may go next, duplicates kept."""
        term = self.terminator
        return term.attrs.get("targets", []) if term is not None else []

    def phis(self) -> Iterator[Instr]:
        """Yield the leading phi instructions."""
        for instr in self.instrs:
            if instr.op != "phi":
                return
            yield instr

    def append(self, instr: Instr) -> Instr:
        """Put ``instr`` at the end and return it."""
        instr.block = self
        self.instrs.append(instr)
        return instr

    def __repr__(self) -> str:
        return f"Block({self.name})"


class Function:
    """A function with a body; ``blocks[0]`` is the entry.

    ``section``: SEC name of a program, ".text" for subprograms. ``linkage``: "static", "global",
    "weak"; ``hidden`` visibility counts as static for the verifier. ``inline``: "always", "never"
    or "" (as the inliner likes). ``ctx``: True where parameter 0 is the program context.
    """

    __slots__ = (
        "blocks",
        "btf",
        "ctx",
        "hidden",
        "inline",
        "linkage",
        "naked",
        "name",
        "params",
        "ret",
        "section",
        "span",
        "used",
    )

    def __init__(
        self,
        name: str,
        ret: Type,
        params: list[Param],
        *,
        section: str = ".text",
        linkage: str = "global",
        hidden: bool = False,
        inline: str = "",
        btf: Func | None = None,
        span: Span | None = None,
        ctx: bool = False,
        used: bool = False,
        naked: bool = False,
    ) -> None:
        self.name = name
        self.ret = ret
        self.params = params
        self.section = section
        self.linkage = linkage
        self.hidden = hidden
        self.inline = inline
        self.btf = btf
        self.span = span
        self.ctx = ctx
        self.used = used
        self.naked = naked
        self.blocks: list[Block] = []

    def block(self, name: str = "") -> Block:
        """Append a new empty block."""
        new = Block(name or f"b{len(self.blocks)}", self)
        self.blocks.append(new)
        return new

    def instrs(self) -> Iterator[Instr]:
        """Yield every instruction, block by block."""
        for block in self.blocks:
            yield from block.instrs


class GlobalReloc:
    """In a global's initialiser, the 8 bytes at ``offset`` hold ``symbol`` + ``addend``."""

    __slots__ = ("addend", "offset", "symbol")

    def __init__(self, offset: int, symbol: str, addend: int = 0) -> None:
        self.offset = offset
        self.symbol = symbol
        self.addend = addend


class Global:
    """A variable, string, map definition (section ".maps") or license.

    ``init`` holds all its bytes. ``constant``: the program cannot write it and the loader will not
    change it either (not "const volatile"): the optimiser may read through it.
    """

    __slots__ = (
        "align",
        "btf",
        "constant",
        "hidden",
        "init",
        "linkage",
        "name",
        "readonly",
        "relocs",
        "section",
        "span",
        "used",
    )

    def __init__(
        self,
        name: str,
        section: str,
        init: bytes,
        align: int,
        *,
        linkage: str = "global",
        hidden: bool = False,
        readonly: bool = False,
        constant: bool = False,
        used: bool = False,
        btf: Var | None = None,
        span: Span | None = None,
    ) -> None:
        self.name = name
        self.section = section
        self.init = init
        self.align = align
        self.linkage = linkage
        self.hidden = hidden
        self.readonly = readonly
        self.constant = constant
        self.used = used
        self.btf = btf
        self.span = span
        self.relocs: list[GlobalReloc] = []


class Extern:
    """Resolved by the loader: ``section`` ".kconfig" or ".ksyms", or "" for another object."""

    __slots__ = ("btf", "name", "section", "weak")

    def __init__(self, name: str, section: str, *, weak: bool, btf: Var | Func | None) -> None:
        self.name = name
        self.section = section
        self.weak = weak
        self.btf = btf


class Module:
    """One translation unit. ``types``: BTF roots beyond those of functions and globals."""

    __slots__ = ("decl_tags", "externs", "functions", "globals", "source_name", "types")

    def __init__(self, source_name: str = "") -> None:
        self.source_name = source_name
        self.functions: list[Function] = []
        self.globals: list[Global] = []
        self.externs: list[Extern] = []
        self.types: list[BtfType] = []
        self.decl_tags: list[DeclTag] = []

    def function(self, name: str) -> Function | None:
        """Return the function called ``name``, or None."""
        for function in self.functions:
            if function.name == name:
                return function
        return None
