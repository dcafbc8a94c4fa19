"""The frame in which local rules work: constants, facts, new instructions, dispatch.

``Simplifier.simplify`` looks at one instruction whose operands are final and returns the value that
it equals, or None. New instructions that a rule needs are made through ``make``, which simplifies
them in turn. The rules are in the ``rules_*`` modules, their table in ``opt.rules``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Optional

from ..ir import fold
from ..ir.fold import BINARY_OPS
from ..ir.module import Global
from ..ir.ops import OPS
from ..ir.values import Const, CoreConst, Instr, Symbol, Type, Undef, Value
from ..support.source import Span
from .ranges import Facts

_CASTS = frozenset({"zext", "sext", "trunc", "ptrtoint", "inttoptr"})
_COMMUTES = frozenset(name for name, row in OPS.items() if row.commutes)


Rule = Callable[["Simplifier", Instr], Optional[Value]]


class Simplifier:
    """The rules, with what they may consult.

    ``uses`` counts uses of each value as the pass began; ``facts`` holds bounds at the place looked
    at. Constants are interned, so equal ones are one object.
    """

    def __init__(
        self,
        rules: dict[str, Rule],
        globals: dict[str, Global],
        uses: dict[Value, int],
        *,
        mcpu: int = 3,
        big_endian: bool = False,
    ) -> None:
        self.rules = rules
        self.globals = globals
        self.mcpu = mcpu
        self.order = "big" if big_endian else "little"
        self.uses = uses
        self.facts: Facts = {}
        self.out: list[Instr] = []
        self.span: Span | None = None
        self.changed = False
        self._constants: dict[tuple[Type, int], Const] = {}
        self._symbols: dict[tuple[str, int], Symbol] = {}
        self._core: dict[tuple[object, ...], CoreConst] = {}

    # -- making values ----------------------------------------------------------------------

    def const(self, type: Type, value: int) -> Const:
        """Return the interned constant."""
        value &= (1 << type.bits) - 1
        found = self._constants.get((type, value))
        if found is None:
            found = self._constants[type, value] = Const(type, value)
        return found

    def symbol(self, name: str, addend: int) -> Symbol:
        """Return the interned symbol."""
        found = self._symbols.get((name, addend))
        if found is None:
            found = self._symbols[name, addend] = Symbol(name, addend)
        return found

    def intern(self, value: Value) -> Value:
        """Return the one object for a constant or symbol, other values as they are."""
        if type(value) is Const:
            return self.const(value.type, value.value)
        if type(value) is Symbol:
            return self.symbol(value.name, value.addend)
        if type(value) is CoreConst:
            key = (value.type, value.kind, value.btf, value.access)
            return self._core.setdefault(key, value)
        return value

    def make(
        self, op: str, type: Type, args: list[Value], attrs: dict[str, Any] | None = None
    ) -> Value:
        """Return a value for the operation: an existing one, or a new instruction in ``out``."""
        instr = Instr(op, type, args, self.span, attrs)
        found = self.simplify(instr) or self.number(instr)
        if found is not None:
            return found
        uses = self.uses
        uses[instr] = 0
        for arg in instr.args:
            uses[arg] = uses.get(arg, 0) + 1
        self.out.append(instr)
        return instr

    def number(self, instr: Instr) -> Value | None:
        """Return an earlier equal computation that may stand for ``instr``; None: there is none."""
        del instr
        return None

    def one_use(self, value: Value) -> bool:
        """Return whether ``value`` is used at one place only."""
        return self.uses.get(value, 0) <= 1

    def only_equated(self, value: Value) -> bool:
        """Return whether all that is done with ``value`` is to test it for equal constants."""
        return self.one_use(value)

    # -- dispatch ---------------------------------------------------------------------------

    def simplify(self, instr: Instr) -> Value | None:
        """Return what ``instr`` equals, or None; its operands may be put in canonical order."""
        op = instr.op
        args = instr.args
        if op in BINARY_OPS:
            a, b = args
            if type(b) is Const:
                if type(a) is Const:
                    return self.const(a.type, fold.binary(op, a.value, b.value, a.type.bits))
            elif op in _COMMUTES and type(a) is Const:
                args[0], args[1] = b, a
                self.changed = True
            return self.rules[op](self, instr)
        if op in _CASTS:
            a = args[0]
            if type(a) is Const:
                value = fold.convert(op, a.value, a.type.bits, instr.type.bits)
                return self.const(instr.type, value)
            if type(a) is Undef:
                return Undef(instr.type) if op == "trunc" else self.const(instr.type, 0)
            return self.rules[op](self, instr)
        found = self.rules.get(op)
        return found(self, instr) if found is not None else None


def is_op(value: Value, op: str) -> bool:
    """Return whether ``value`` is computed by ``op``."""
    return isinstance(value, Instr) and value.op == op


def sole_inner(s: Simplifier, value: Value, op: str) -> tuple[Value, int] | None:
    """Return (x, c) where ``value`` is ``x op c`` and is used here alone.

    A value with other uses may be the one that a test proved something of: what is computed from
    it must go on being computed from it.
    """
    if isinstance(value, Instr) and value.op == op:
        amount = value.args[1]
        if type(amount) is Const and s.one_use(value):
            return value.args[0], amount.value
    return None
