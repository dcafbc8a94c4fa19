"""Instruction selection: one IR function to machine IR on virtual registers.

See ``selector`` for the order of things. What each operation becomes is in ``arith``, ``memory``,
``calls``, ``branches``, ``switch``, ``atomics`` and ``asmgen``; phis become moves on the edges
(``branches.edge``), so the result is no longer SSA.
"""

from __future__ import annotations

from collections.abc import Callable

from ..ir.module import Function, Global
from ..ir.ops import COMPARISONS, OPS
from ..ir.values import Instr
from . import arith, asmgen, atomics, branches, calls, memory
from .mir import ARG_REGS, MOV64, MFunction
from .options import CodegenOptions
from .selector import Selector
from .switch import switch

_SELECT: dict[str, Callable[[Selector, Instr], None]] = {
    "add": arith.binary, "sub": arith.binary, "mul": arith.binary, "and": arith.binary,
    "or": arith.binary, "xor": arith.binary,
    "shl": arith.shift, "lshr": arith.shift, "ashr": arith.shift,
    "udiv": arith.divide, "urem": arith.divide,
    "sdiv": arith.signed_divide, "srem": arith.signed_divide,
    "zext": arith.convert, "sext": arith.convert, "trunc": arith.convert,
    "ptrtoint": arith.convert, "inttoptr": arith.convert,
    "bswap": arith.bswap, "ptradd": arith.ptradd, "select": branches.select,
    "is_constant": arith.is_constant, "opaque": arith.opaque, "addrspacecast": arith.cast_address_space,
    "load": memory.load, "store": memory.store,
    "memcpy": memory.memcpy, "memmove": memory.memmove, "memset": memory.memset,
    "atomicrmw": atomics.rmw, "cmpxchg": atomics.cmpxchg,
    "load_acquire": atomics.load_acquire, "store_release": atomics.store_release,
    "call": calls.call, "ld_pkt": calls.ld_pkt, "asm": asmgen.asm,
    "br": branches.br, "condbr": branches.condbr, "switch": switch, "ret": calls.ret,
    "unreachable": calls.unreachable, "may_goto": branches.may_goto,
    "asm_goto": asmgen.asm_goto,
}  # fmt: skip
_SELECT.update(dict.fromkeys(COMPARISONS, branches.comparison))
_NO_CODE = frozenset({"phi", "alloca", "lifetime", "fence"})


def _must_emit(instr: Instr) -> bool:
    """Whether ``instr`` has its effect even if nobody wants its value."""
    op = instr.op
    if op == "load":
        return bool(instr.attrs.get("volatile"))
    if op == "opaque":
        return False
    return OPS[op].effects not in ("", "r")


def select(function: Function, options: CodegenOptions, globals: dict[str, Global]) -> MFunction:
    """Return ``function`` in machine IR on virtual registers.

    ``globals``: the module's variables by name; constant ones may be read at compile time.

    Raises: InternalError for an operation that has no row in ``ir.ops``.
    """
    s = Selector(function, options, globals)
    s.out.naked = function.naked
    for block in reversed(s.order):
        s.block = block
        chunks = []
        for instr in reversed(block.instrs):
            op = instr.op
            if op in _NO_CODE or not (instr in s.regs or _must_emit(instr)):
                continue
            rule = _SELECT.get(op)
            if rule is None:
                raise s.unsupported(f"no instructions for operation '{op}'", instr)
            s.span = instr.span
            rule(s, instr)
            if s.chunk:
                chunks.append(s.chunk)
                s.chunk = []
        if block is function.blocks[0]:
            _take_parameters(s)
            chunks.append(s.chunk)
            s.chunk = []
        code = []
        for chunk in reversed(chunks):
            code += chunk
        s.code[block] = code
    return s.finish()


def _take_parameters(s: Selector) -> None:
    """At the entry the parameters are in r1 to r5."""
    s.span = s.function.span
    for param in s.function.params:
        reg = s.regs.get(param)
        if reg is None:
            continue
        if param.index >= len(ARG_REGS):
            raise s.unsupported(f"parameter {param.index}", s.function.blocks[0].instrs[0])
        s.emit(MOV64, reg, ARG_REGS[param.index]).name = param.name
        widths = s.widths
        form = widths.form(param)
        bits = param.type.bits
        if form == 1 and bits < 64:
            s.zero_extend(reg, reg, bits)
        elif form == 2:
            s.sign_extend(reg, reg, bits)
