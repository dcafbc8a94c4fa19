"""Which bytes of an object does C code write, and which part of one does an expression name?

An *object* is a local variable, or what a pointer variable points to. The answer is independent of
paths: a byte counts as written when any statement may write it. Where the object's address gets out
of sight every byte does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...uapi.helpers import by_id
from ..ctype.layout import is_complete, size_of
from ..ctype.types import ArrayType, CType, PointerType, RecordType, strip
from ..tast import nodes as t
from ..tast.evaluate import evaluate_int
from ..tast.walk import children

EVERYTHING = -1
"""All bytes, as a mask."""

# What a helper does with the memory behind an argument (``uapi.helpers``): only these write.
_WRITTEN = ("out", "wmem", "outvalue", "outdynptr")
_READ = ("mem", "key", "value", "rodynptr", "any", "str", "size", "size0", "map", "ctx")
_DEPTH = 6


class Place:
    """A part of the object: ``offset`` and ``size`` in bytes."""

    __slots__ = ("offset", "size")

    def __init__(self, offset: int, size: int) -> None:
        self.offset = offset
        self.size = size

    def mask(self) -> int:
        """Return its bytes as a mask."""
        return ((1 << self.size) - 1) << self.offset


def bytes_of(t_: CType) -> int:
    """Return the size of a complete type, 0 of others."""
    return size_of(t_) if is_complete(t_) else 0


class Object:
    """A variable, or (``behind``) what the pointer variable points to."""

    __slots__ = ("behind", "symbol")

    def __init__(self, symbol: t.VarSymbol, behind: bool) -> None:
        self.symbol = symbol
        self.behind = behind

    def place(self, e: t.Expr) -> Place | None:
        """Return the part of the object that the lvalue ``e`` designates; None = another object.

        An element at a variable index is taken for the whole array.
        """
        if isinstance(e, t.CoreAccess):
            return self.place(e.operand)
        if isinstance(e, t.VarRef):
            if e.symbol is self.symbol and not self.behind:
                return Place(0, bytes_of(e.type))
            return None
        if isinstance(e, t.Member):
            base = self.place(e.base)
            return None if base is None else _member(base, e)
        if isinstance(e, t.Index):
            return self._element(e.pointer, e.index, bytes_of(e.type))
        if isinstance(e, t.Deref):
            at = self.pointer(e.pointer)
            return None if at is None else Place(at.offset, bytes_of(e.type))
        return None

    def _element(self, pointer: t.Expr, index: t.Expr, size: int) -> Place | None:
        at = self.pointer(pointer)
        number = evaluate_int(index)
        if at is None:
            return None
        if number is None:
            return Place(at.offset, at.size)
        return Place(max(at.offset + number * size, 0), size)

    def pointer(self, e: t.Expr) -> Place | None:
        """Return the part that the pointer value ``e`` points to; None = elsewhere.

        Its size is that of the whole array or object that was named, as far as one was.
        """
        while isinstance(e, t.CoreAccess) or (
            isinstance(e, t.Cast) and e.kind in ("pointer", "same")
        ):
            e = e.operand
        if isinstance(e, t.AddressOf):
            return self.place(e.operand)
        if isinstance(e, t.Cast) and e.kind == "decay":
            return self.place(e.operand)
        if isinstance(e, t.Cast) and e.kind == "load" and self.behind:
            if isinstance(e.operand, t.VarRef) and e.operand.symbol is self.symbol:
                pointer = strip(e.type)
                size = bytes_of(pointer.to) if isinstance(pointer, PointerType) else 0
                return Place(0, size)
        if isinstance(e, t.PtrAdd):
            at = self.pointer(e.pointer)
            number = evaluate_int(e.index)
            if at is None or number is None:
                return at
            step = -number * e.scale if e.subtract else number * e.scale
            return Place(max(at.offset + step, 0), max(at.size - step, 0))
        return None


def _member(base: Place, e: t.Member) -> Place:
    bit = e.field.offset
    if e.field.width is not None:
        first, last = bit // 8, (bit + max(e.field.width, 1) - 1) // 8
        return Place(base.offset + first, last - first + 1)
    size = bytes_of(e.field.type)
    if not size and isinstance(strip(e.field.type), ArrayType):
        size = max(base.size - bit // 8, 0)  # a flexible array: the rest
    return Place(base.offset + bit // 8, size)


def field_bytes(t_: CType, offset: int = 0) -> int:
    """Return the bytes of a type that belong to some member, as a mask: all but the padding."""
    real = strip(t_)
    if isinstance(real, RecordType):
        mask = 0
        for field in real.fields or ():
            if field.width is not None:
                first = field.offset // 8
                last = (field.offset + max(field.width, 1) - 1) // 8
                mask |= ((1 << (last - first + 1)) - 1) << (offset + first)
            else:
                mask |= field_bytes(field.type, offset + field.offset // 8)
        return mask
    if isinstance(real, ArrayType):
        each = bytes_of(real.elem)
        one = field_bytes(real.elem)
        if one == (1 << each) - 1:
            return ((1 << each * (real.count or 0)) - 1) << offset
        mask = 0
        for i in range(min(real.count or 0, 4096)):
            mask |= one << (offset + i * each)
        return mask
    return ((1 << bytes_of(real)) - 1) << offset


def member_at(t_: CType, offset: int) -> str:
    """Return the path of the innermost member that holds byte ``offset``, "" if none does."""
    real = strip(t_)
    if isinstance(real, ArrayType):
        size = bytes_of(real.elem)
        return member_at(real.elem, offset % size) if size else ""
    if not isinstance(real, RecordType):
        return ""
    for field in real.fields or ():
        start = field.offset // 8
        size = bytes_of(field.type)
        if field.width is not None:
            size = (field.offset % 8 + field.width + 7) // 8
        if start <= offset < start + size:
            inner = member_at(field.type, offset - start)
            if not field.name:
                return inner
            is_array = isinstance(strip(field.type), ArrayType)
            return f"{field.name}.{inner}" if inner and not is_array else field.name
    return ""


def member_before(t_: CType, offset: int) -> str:
    """Return the member that ends last at or before byte ``offset``, "" if none does."""
    for at in range(offset - 1, -1, -1):
        name = member_at(t_, at)
        if name:
            return name
    return ""


class Writes:
    """Finds the bytes of an object that a function may write."""

    def __init__(self, target: Object, depth: int = 0) -> None:
        self._target = target
        self._depth = depth
        self.mask = 0

    def visit(self, node: object) -> None:
        """Take in a statement or expression and all below it."""
        rule: Callable[[Writes, Any], bool] | None = _RULES.get(node.__class__)
        if rule is None or not rule(self, node):
            for child in children(node):
                self.visit(child)

    def _write(self, place: Place) -> None:
        self.mask |= place.mask()

    # ------------------------------------------------------------------ expressions
    # A rule returns True when nothing below the node is left to look at.
    def _assign(self, e: t.Assign | t.CompoundAssign) -> bool:
        if self._retargets(e.target):
            self.visit(e.value)
            return True
        place = self._target.place(e.target)
        if place is None:
            return False
        self._write(place)
        self._indexes(e.target)
        self.visit(e.value)
        return True

    def _step(self, e: t.IncDec) -> bool:
        place = self._target.place(e.target)
        if place is None:
            return False
        self._write(place)
        self._indexes(e.target)
        return True

    def _retargets(self, e: t.Expr) -> bool:
        """Tell whether ``e`` is the pointer variable itself, which gets another object."""
        return self._target.behind and isinstance(e, t.VarRef) and e.symbol is self._target.symbol

    def _indexes(self, e: t.Expr) -> None:
        """Look at the subscripts inside an lvalue that is accounted for."""
        while True:
            if isinstance(e, t.Index):
                self.visit(e.index)
                e = e.pointer
            elif isinstance(e, (t.Member,)):
                e = e.base
            elif isinstance(e, t.Deref):
                e = e.pointer
            elif isinstance(e, (t.Cast, t.CoreAccess, t.AddressOf)):
                e = e.operand
            elif isinstance(e, t.PtrAdd):
                self.visit(e.index)
                e = e.pointer
            else:
                return

    def _cast(self, e: t.Cast) -> bool:
        if e.kind == "load":
            place = self._target.place(e.operand)
            if place is not None:  # read
                self._indexes(e.operand)
                return True
        elif e.kind == "bool" and self._target.pointer(e.operand) is not None:
            return True  # a test against NULL
        if self._target.pointer(e) is not None:
            self.mask = EVERYTHING  # the address goes where we do not look
            return True
        return False

    def _address(self, e: t.AddressOf) -> bool:
        if self._target.place(e.operand) is not None:
            self.mask = EVERYTHING
            return True
        return False

    def _name(self, e: t.VarRef) -> bool:
        if e.symbol is self._target.symbol:
            self.mask = EVERYTHING
        return True

    def _compare(self, e: t.Binary) -> bool:
        for side in (e.left, e.right):
            if self._target.pointer(side) is None:
                self.visit(side)
        return True

    def _negate(self, e: t.Unary) -> bool:
        return e.op == "!" and self._target.pointer(e.operand) is not None

    def _test(self, s: t.If) -> bool:
        if self._target.pointer(s.cond) is None:
            return False
        self.visit(s.then)
        if s.otherwise is not None:
            self.visit(s.otherwise)
        return True

    # ------------------------------------------------------------------ calls
    def _call(self, e: t.Call) -> bool:
        for number, argument in enumerate(e.args):
            place = self._target.pointer(argument)
            if place is None:
                self.visit(argument)
            else:
                self._indexes(argument)
                self._passed(e, number, place)
        return True

    def _passed(self, e: t.Call, number: int, place: Place) -> None:
        callee = e.callee
        if callee.helper is not None:
            self._to_helper(e, number, place)
        elif callee.builtin and callee.body is None:
            if callee.builtin.startswith(("bpf_memcmp", "bpf_probe_memcmp", "bpf_table_")):
                return  # they only read
            self.mask = EVERYTHING
        elif callee.body is not None and number < len(callee.params) and self._depth < _DEPTH:
            inner = Writes(Object(callee.params[number], behind=True), self._depth + 1)
            inner.visit(callee.body)
            if inner.mask == EVERYTHING:
                self.mask = EVERYTHING
            elif self.mask != EVERYTHING:
                self.mask |= inner.mask << place.offset
        else:
            self.mask = EVERYTHING

    def _to_helper(self, e: t.Call, number: int, place: Place) -> None:
        row = by_id.get(e.callee.helper or 0)
        kind = row.args[number].rstrip("?!") if row is not None and number < len(row.args) else ""
        if kind.split(":")[0] in _READ or kind.startswith("fix:"):
            return
        if row is not None and number >= len(row.args):
            return  # a value of a variadic helper
        if kind.startswith("outfix:"):
            self._write(Place(place.offset, int(kind[7:])))
            return
        if kind in _WRITTEN:
            size = evaluate_int(e.args[number + 1]) if number + 1 < len(e.args) else None
            if size is not None and kind in ("out", "wmem"):
                self._write(Place(place.offset, size))
            else:
                self._write(place)
            return
        if kind == "record":
            return  # submitted or given back
        self.mask = EVERYTHING

    def _builtin(self, e: t.BuiltinCall) -> bool:
        for number, argument in enumerate(e.args):
            place = self._target.pointer(argument)
            if place is None:
                self.visit(argument)
                continue
            self._indexes(argument)
            if e.name in ("memcpy", "memmove", "memset"):
                if number == 0:
                    size = evaluate_int(e.args[2])
                    self._write(place if size is None else Place(place.offset, size))
            elif e.name != "memcmp" and e.name != "atomic_load":
                self._write(place)
        return True

    # ------------------------------------------------------------------ statements
    def _declare(self, s: t.DeclStmt) -> bool:
        if s.symbol is not self._target.symbol:
            return False
        if s.init is not None:
            if not self._target.behind:
                self.mask = EVERYTHING
            for item in s.init.items:
                self.visit(item.value)
        return True

    def _asm(self, s: t.Asm) -> bool:
        for operand in s.outputs:
            place = self._target.place(operand.expr)
            if place is not None:
                self._write(place)
            else:
                self.visit(operand.expr)
        for operand in s.inputs:
            self.visit(operand.expr)
        return True


_RULES: dict[type, Callable[..., bool]] = {
    t.Assign: Writes._assign,
    t.CompoundAssign: Writes._assign,
    t.IncDec: Writes._step,
    t.Cast: Writes._cast,
    t.AddressOf: Writes._address,
    t.VarRef: Writes._name,
    t.Binary: Writes._compare,
    t.Unary: Writes._negate,
    t.If: Writes._test,
    t.Call: Writes._call,
    t.BuiltinCall: Writes._builtin,
    t.DeclStmt: Writes._declare,
    t.Asm: Writes._asm,
}
