"""Which accesses may touch the same bytes.

A pointer is a base and an offset: the base is a local, a symbol, a parameter or whatever value the
steps start from. Behind a step of unknown width, the offset from there is known at least: that
pointer is the place's anchor. Different locals and different symbols are apart; a local whose
address nobody else can have is apart from everything. Types prove nothing here: C's aliasing rules
are not used.
"""

from __future__ import annotations

from ..ir.module import Function
from ..ir.ops import OPS
from ..ir.values import Const, Instr, Symbol, Value

_MEMORY_OPS = frozenset({"load", "store", "memcpy", "memmove", "memset", "lifetime"})
_COMPARES = frozenset({"eq", "ne"})


class Place:
    """``size`` bytes at ``base`` + ``off``; ``off`` None: somewhere from the base on.

    They are at ``anchor`` + ``at`` in any case; the anchor is the base where ``off`` is known.
    """

    __slots__ = ("anchor", "at", "base", "off", "size")

    def __init__(self, base: Value, off: int | None, size: int, anchor: Value, at: int) -> None:
        self.base = base
        self.off = off
        self.size = size
        self.anchor = anchor
        self.at = at

    def part(self, at: int, size: int) -> Place:
        """Return ``size`` bytes at the anchor + ``at``."""
        off = self.off if self.off is None else self.off + at - self.at
        return Place(self.base, off, size, self.anchor, at)


def locate(pointer: Value, off: int, size: int) -> Place:
    """Return the place that ``pointer`` + ``off`` names."""
    anchor: Value | None = None
    at = 0
    while isinstance(pointer, Instr) and pointer.op == "ptradd":
        amount = pointer.args[1]
        if type(amount) is Const:
            off += amount.signed
        elif anchor is None:
            anchor, at = pointer, off
        pointer = pointer.args[0]
    if anchor is not None:
        return Place(pointer, None, size, anchor, at)
    if isinstance(pointer, Symbol):
        off += pointer.addend
    return Place(pointer, off, size, pointer, off)


def base_key(base: Value) -> object:
    """Return what identifies a base: symbols of one name are one base."""
    return base.name if isinstance(base, Symbol) else base


def escaped_locals(function: Function) -> set[Value]:
    """Return the locals whose address is passed, stored, merged or computed with."""
    roots: dict[Value, Value] = {}
    for block in function.blocks:
        for instr in block.instrs:
            if instr.op == "alloca":
                roots[instr] = instr
    grown = bool(roots)
    steps = [i for i in function.instrs() if i.op == "ptradd"] if roots else []
    while grown:
        grown = False
        rest: list[Instr] = []
        for step in steps:
            root = roots.get(step.args[0])
            if root is not None:
                roots[step] = root
                grown = True
            else:
                rest.append(step)
        steps = rest
    escaped: set[Value] = set()
    if not roots:
        return escaped
    for block in function.blocks:
        for instr in block.instrs:
            op = instr.op
            for i, arg in enumerate(instr.args):
                root = roots.get(arg)
                if root is None or instr in roots:
                    continue
                if op in _COMPARES or (op in _MEMORY_OPS and not (op == "store" and i == 1)):
                    continue
                escaped.add(root)
    return escaped


class Aliases:
    """Answers for one function."""

    def __init__(self, function: Function) -> None:
        self.escaped = escaped_locals(function)
        self.ctx: Value | None = function.params[0] if function.ctx and function.params else None

    def private(self, base: Value) -> bool:
        """Return whether only direct accesses can touch ``base``."""
        return isinstance(base, Instr) and base.op == "alloca" and base not in self.escaped

    def may_overlap(self, a: Place, b: Place) -> bool:
        """Return whether the two places may share a byte."""
        if base_key(a.anchor) == base_key(b.anchor):
            return a.at < b.at + b.size and b.at < a.at + a.size
        if base_key(a.base) == base_key(b.base):
            return True
        return self._bases_overlap(a.base, b.base)

    def _bases_overlap(self, a: Value, b: Value) -> bool:
        if self._local(a):
            return a in self.escaped and not self._identified(b)
        if self._local(b):
            return b in self.escaped and not self._identified(a)
        if isinstance(a, Symbol) and isinstance(b, Symbol):
            return False
        if a is self.ctx or b is self.ctx:
            other = b if a is self.ctx else a
            if isinstance(other, Symbol):
                return False
            return not (isinstance(other, Instr) and other.op in ("load", "call"))
        return True

    @staticmethod
    def _local(base: Value) -> bool:
        return isinstance(base, Instr) and base.op == "alloca"

    def _identified(self, base: Value) -> bool:
        return self._local(base) or isinstance(base, Symbol) or base is self.ctx


def access(instr: Instr) -> Place | None:
    """Return the place that a load or store touches; None for other operations."""
    if instr.op == "load":
        return locate(instr.args[0], instr.attrs.get("off", 0), instr.type.size)
    if instr.op == "store":
        return locate(instr.args[0], instr.attrs.get("off", 0), instr.args[1].type.size)
    return None


def writes(instr: Instr) -> Place | None:
    """Return the place that a store, fill or copy writes; None for other operations."""
    op = instr.op
    if op == "store":
        return access(instr)
    if op in ("memset", "memcpy", "memmove"):
        return locate(instr.args[0], 0, instr.attrs["size"])
    return None


def clobbers(instr: Instr) -> bool:
    """Return whether ``instr`` may change memory that it does not name."""
    op = instr.op
    if op in ("alloca", "lifetime", "opaque"):
        return False
    return OPS[op].effects == "x" or op == "asm_goto"
