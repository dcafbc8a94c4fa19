"""Broken compilers, twenty and more: this one with one wrong rule each.

Each takes a ``pytest.MonkeyPatch`` and breaks one rule of the code generator, of a pass or of the
lowering to LLVM, as a mistake of its author would have. ``where`` names a program on which the
cross-check finds it, see ``programs``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pytest import MonkeyPatch

from bpfcc.codegen import (
    arith,
    atomics,
    branches,
    calls,
    frame,
    isel,
    layout,
    memory,
    spill,
    switch,
    widths,
)
from bpfcc.ir.values import Const
from bpfcc.isa import insn as _i
from bpfcc.llvm import emit
from bpfcc.opt import alias, constargs, dse, gvn, rules, sccp, storemerge

Break = Callable[[MonkeyPatch], None]


class Mutant:
    """A broken compiler: ``what`` is wrong in ``room``, and the program ``where`` that shows."""

    def __init__(self, room: str, what: str, where: str, apply: Break) -> None:
        self.room = room
        self.what = what
        self.where = where
        self.apply = apply

    def __repr__(self) -> str:
        return f"{self.room}: {self.what}"


MUTANTS: list[Mutant] = []


def mutant(room: str, what: str, where: str) -> Callable[[Break], Break]:
    """Register a function that breaks the compiler."""

    def register(apply: Break) -> Break:
        MUTANTS.append(Mutant(room, what, where, apply))
        return apply

    return register


# ------------------------------------------------------------------------------- code generator


@mutant("codegen", "an unsigned test becomes a signed one", "lang/arith")
def _signed_test(mp: MonkeyPatch) -> None:
    mp.setitem(branches._CODES, "ult", _i.JSLT)
    mp.setitem(branches._CODES, "ugt", _i.JSGT)


@mutant("codegen", "a turned-round test loses the case of equality", "filters/biolat")
def _inverse(mp: MonkeyPatch) -> None:
    mp.setitem(layout._INVERSE, _i.JGT, _i.JLT)
    mp.setitem(layout._INVERSE, _i.JLE, _i.JGE)


@mutant("codegen", "a shift to the right never brings in the sign", "lang/arith")
def _shift(mp: MonkeyPatch) -> None:
    mp.setitem(arith._CODES, "ashr", _i.RSH)


@mutant("codegen", "every 32-bit value is taken for a zero-extended one", "lang/arith")
def _extended(mp: MonkeyPatch) -> None:
    mp.setattr(widths.Widths, "is_zero_extended", lambda self, value: True)


@mutant("codegen", "an atomic addition stores its operand", "filters/syscount")
def _atomic(mp: MonkeyPatch) -> None:
    mp.setitem(atomics._OPS, "add", _i.OR)


@mutant("codegen", "the last piece of a copied block is left out", "lang/builtins")
def _pieces(mp: MonkeyPatch) -> None:
    right = memory.pieces
    mp.setattr(memory, "pieces", lambda size, align: right(size, align)[: -1 if size > 8 else None])


@mutant("codegen", "the second and third argument of a helper change places", "filters/syscount")
def _arguments(mp: MonkeyPatch) -> None:
    right = calls._arguments

    def wrong(s: Any, instr: Any) -> None:
        if len(instr.args) == 4:
            instr.args[1], instr.args[2] = instr.args[2], instr.args[1]
        right(s, instr)

    mp.setattr(calls, "_arguments", wrong)


@mutant("codegen", "moves into phis are made in the order that comes", "lang/control")
def _moves(mp: MonkeyPatch) -> None:
    mp.setattr(branches, "sequentialise", lambda copies, temp: list(copies))


@mutant("codegen", "locals that live at one time share their place", "lang/builtins")
def _frame(mp: MonkeyPatch) -> None:
    mp.setattr(frame, "_conflicts", lambda source: set())


@mutant("codegen", "a spilled value comes back from the slot beside its own", "lang/bitfields")
def _spill(mp: MonkeyPatch) -> None:
    right = spill._Rewriter.reload  # type: ignore[attr-defined]

    def wrong(self: Any, victim: int, reg: int, before: Any) -> None:
        right(self, victim, reg, before)
        self.out[-1].off += 8

    mp.setattr(spill._Rewriter, "reload", wrong)  # type: ignore[attr-defined]


@mutant("codegen", "bytes of a 16-bit number stay in their order", "filters/xdpguard")
def _bswap(mp: MonkeyPatch) -> None:
    right = isel._SELECT["bswap"]

    def wrong(s: Any, instr: Any) -> None:
        if instr.type.bits == 16:
            dst = s.result(instr)
            s.emit(isel.MOV64, dst, s.operand(instr, 0))  # type: ignore[attr-defined]
            s.define(instr, dst)
        else:
            right(s, instr)

    mp.setitem(isel._SELECT, "bswap", wrong)


@mutant("codegen", "a switch takes the number after its range for one of it", "lang/control")
def _switch(mp: MonkeyPatch) -> None:
    right = switch._leaf

    def wrong(s: Any, reg: int, bits: int, case: Any, *more: Any, **named: Any) -> int:
        case.high += 1
        return right(s, reg, bits, case, *more, **named)

    mp.setattr(switch, "_leaf", wrong)


# ------------------------------------------------------------------------------- passes


@mutant("opt", "a store through a pointer changes no variable", "lang/objects")
def _overlap(mp: MonkeyPatch) -> None:
    mp.setattr(alias.Aliases, "may_overlap", lambda self, a, b: False)


@mutant("opt", "a store that covers a part of another makes it dead", "lang/objects")
def _covers(mp: MonkeyPatch) -> None:
    mp.setattr(dse, "_covers", lambda later, earlier: later.base is earlier.base)


@mutant("opt", "two loads of one place give one value, whatever is stored between", "lang/globals")
def _loads(mp: MonkeyPatch) -> None:
    mp.setattr(gvn, "_PURE", gvn._PURE | {"load"})


@mutant("opt", "a mask of ones is left out, however narrow", "lang/arith")
def _mask(mp: MonkeyPatch) -> None:
    right = rules.RULES["and"]

    def wrong(simplifier: Any, instr: Any) -> Any:
        by = instr.args[1]
        if isinstance(by, Const) and by.value and by.value & (by.value + 1) == 0:
            return instr.args[0]
        return right(simplifier, instr)

    mp.setitem(rules.RULES, "and", wrong)


@mutant("opt", "a parameter is the constant that the last call passes", "filters/xdpguard")
def _constant(mp: MonkeyPatch) -> None:
    def wrong(seen: dict[str, Any], name: str, args: list[Any]) -> None:
        seen[name] = [arg if isinstance(arg, Const) else None for arg in args]

    mp.setattr(constargs, "_meet", wrong)


@mutant("opt", "constants are merged in the order of the other machines", "lang/builtins")
def _order(mp: MonkeyPatch) -> None:
    right = storemerge._pieces
    mp.setattr(storemerge, "_pieces", lambda known, order: right(known, "big"))


@mutant("opt", "a decided branch goes the other way", "lang/control")
def _decided(mp: MonkeyPatch) -> None:
    right = sccp._taken

    def wrong(last: Any, value: Any) -> Any:
        if last.op == "condbr":
            return last.attrs["targets"][1 if value.value else 0]
        return right(last, value)

    mp.setattr(sccp, "_taken", wrong)


# ------------------------------------------------------------------------------- LLVM


def _emits_as(mp: MonkeyPatch, op: str, other: str) -> None:
    right = emit._FunctionEmitter.op_plain

    def wrong(self: Any, instr: Any) -> None:
        given, instr.op = instr.op, other if instr.op == op else instr.op
        try:
            right(self, instr)
        finally:
            instr.op = given

    mp.setattr(emit._FunctionEmitter, "op_plain", wrong)


@mutant("llvm", "a sign extension brings in zeros", "lang/arith")
def _sext(mp: MonkeyPatch) -> None:
    _emits_as(mp, "sext", "zext")


@mutant("llvm", "less or equal is less", "lang/functions")
def _less(mp: MonkeyPatch) -> None:
    _emits_as(mp, "sle", "slt")


@mutant("llvm", "a load leaves out its offset", "filters/dropreason")
def _offset(mp: MonkeyPatch) -> None:
    mp.setattr(
        emit._FunctionEmitter,
        "address",
        lambda self, instr: (
            self.ref(instr.args[0]) if instr.op == "load" else _address(self, instr)
        ),
    )


_address = emit._FunctionEmitter.address
