"""Selection of atomic operations (RFC 9669 section 5.3; acquire and release: kernel 6.15).

Addition without result exists at every level, acquire and release need v4. The rest is of Linux 5.12,
as v3 is, but clang makes use of it on 8 bytes at every level: programs that are compiled with
-mcpu=v1 for the sake of other things rely on that, so only 4 bytes need v3 here too.
"""

from __future__ import annotations

from ..ir.values import Instr
from ..isa import insn as _i
from ..support.diagnostics import FixIt
from .mir import MOV64, MInsn
from .selector import Address, Selector
from .widths import ANY

_OPS = {"add": _i.ADD, "and": _i.AND, "or": _i.OR, "xor": _i.XOR}


def _needs(s: Selector, instr: Instr, what: str, level: int, advice: str) -> None:
    """Report an operation that the instruction level does not have."""
    s.options.sink.error(
        "bpf-atomic",
        f"{what} needs -mcpu=v{level} or later (this is v{s.mcpu})",
        instr.span,
        fixits=[FixIt(advice)],
    )


def _emit(s: Selector, place: Address, size: int, src: int, operation: int) -> MInsn:
    insn = s.emit(_i.STX | _i.ATOMIC | _i.BYTES_SIZE[size], place.base, src, place.off, operation)
    insn.frame = place.frame
    return insn


def rmw(s: Selector, instr: Instr) -> None:
    """Select an atomic read-modify-write."""
    op = instr.attrs["op"]
    size = instr.type.size
    wanted = instr in s.regs
    if s.mcpu < 3 and size < 8 and (wanted or op != "add"):
        if op == "add":
            _needs(s, instr, "the result of an atomic addition of 4 bytes", 3,
                   "compile with -mcpu=v3, use 8 bytes, or do not use the result")  # fmt: skip
        else:
            what = "an atomic exchange" if op == "xchg" else f"an atomic '{op}'"
            _needs(s, instr, f"{what} of 4 bytes", 3, "compile with -mcpu=v3, or use 8 bytes")
    place = s.address(instr.args[0], instr.attrs.get("off", 0), size)
    value = s.reg(instr.args[1])
    if op != "xchg" and not wanted:
        _emit(s, place, size, value, _OPS[op])
        return
    dst = s.result(instr)
    s.emit(MOV64, dst, value)
    _emit(s, place, size, dst, _i.XCHG if op == "xchg" else _OPS[op] | _i.FETCH)
    if wanted:
        s.define(instr, dst)


def cmpxchg(s: Selector, instr: Instr) -> None:
    """Select compare-and-exchange: the expected and the old value are in r0."""
    size = instr.type.size
    if s.mcpu < 3 and size < 8:
        what = "an atomic compare-and-exchange of 4 bytes"
        _needs(s, instr, what, 3, "compile with -mcpu=v3, or use 8 bytes")
    place = s.address(instr.args[0], instr.attrs.get("off", 0), size)
    expected, new = s.reg(instr.args[1]), s.reg(instr.args[2])
    s.emit(MOV64, 0, expected)
    _emit(s, place, size, new, _i.CMPXCHG)
    if instr in s.regs:
        dst = s.result(instr)
        s.emit(MOV64, dst, 0)
        s.define(instr, dst)


def load_acquire(s: Selector, instr: Instr) -> None:
    """Select a load with acquire order."""
    if s.mcpu < 4:
        _needs(s, instr, "an atomic load with acquire order", 4, "compile with -mcpu=v4")
    size = instr.type.size
    place = s.address(instr.args[0], instr.attrs.get("off", 0), size)
    dst = s.result(instr)
    insn = s.emit(_i.STX | _i.ATOMIC | _i.BYTES_SIZE[size], dst, place.base, place.off, _i.LOAD_ACQ)
    insn.frame = place.frame
    s.define(instr, dst)


def store_release(s: Selector, instr: Instr) -> None:
    """Select a store with release order."""
    if s.mcpu < 4:
        _needs(s, instr, "an atomic store with release order", 4, "compile with -mcpu=v4")
    pointer, value = instr.args
    size = value.type.size
    place = s.address(pointer, instr.attrs.get("off", 0), size)
    _emit(s, place, size, s.in_form(value, ANY), _i.STORE_REL)
