"""indirect: calls through pointers that inlining has made constants become direct calls.

BPF has no indirect call that every kernel takes, so what is left at the end is an error, reported
at the call.
"""

from __future__ import annotations

from ..ir.module import FuncRef, Function, HelperRef, KfuncRef, PointerRef
from ..ir.values import Const, Symbol, Value
from .context import Context


def run(function: Function, ctx: Context) -> bool:
    """Resolve the calls whose target is known; return whether there were any."""
    changed = False
    for block in function.blocks:
        for instr in block.instrs:
            if instr.op == "call" and isinstance(instr.attrs["callee"], PointerRef):
                callee = target(instr.args[0], ctx)
                if callee is not None:
                    instr.attrs["callee"] = callee
                    del instr.args[0]
                    changed = True
    return changed


def target(pointer: Value, ctx: Context) -> FuncRef | KfuncRef | HelperRef | None:
    """Return what ``pointer`` calls, None while it is not known."""
    if isinstance(pointer, Const):
        return HelperRef(pointer.value) if pointer.value else None
    if not isinstance(pointer, Symbol) or pointer.addend:
        return None
    if pointer.name in ctx.functions:
        return FuncRef(pointer.name)
    for extern in ctx.module.externs:
        if extern.name == pointer.name:
            return KfuncRef(extern.name) if extern.section == ".ksyms" else FuncRef(extern.name)
    return None


def report(function: Function, ctx: Context) -> None:
    """Report the calls that stayed indirect, in a function that is emitted."""
    if function.inline == "always" and function.linkage == "static":
        return
    for instr in function.instrs():
        if instr.op == "call" and isinstance(instr.attrs["callee"], PointerRef):
            ctx.sink.error(
                "bpf-indirect-call",
                "call through a function pointer whose target is not known; call the function by "
                "name, or choose with a switch",
                instr.span,
                kernel="unknown opcode 8d",
            )
