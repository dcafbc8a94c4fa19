"""dce: what nothing needs goes: computations, locals, static functions and variables."""

from __future__ import annotations

from ..ir.module import FuncRef, Function, Module
from ..ir.ops import OPS
from ..ir.values import Instr, Symbol, Value
from .context import Context

_REMOVABLE = frozenset(name for name, row in OPS.items() if row.effects in ("", "r"))
_INTO = frozenset({"store", "memset", "memcpy", "memmove", "lifetime"})


def run(function: Function, ctx: Context) -> bool:
    """Delete unused computations, and locals that are only written; return whether any were."""
    del ctx
    needed: set[Value] = set()
    work: list[Instr] = []
    writes: dict[Value, list[Instr]] = {}
    for block in function.blocks:
        for instr in block.instrs:
            op = instr.op
            if op in _REMOVABLE or op == "alloca":
                if instr.attrs.get("volatile"):
                    work.append(instr)
            elif op in _INTO and not instr.attrs.get("volatile"):
                root = _root(instr.args[0])
                if root is None:
                    work.append(instr)
                else:
                    writes.setdefault(root, []).append(instr)
            else:
                work.append(instr)
    needed.update(work)
    while work:
        for arg in work.pop().args:
            if isinstance(arg, Instr) and arg not in needed:
                needed.add(arg)
                work.append(arg)
                for write in writes.get(arg, ()) if arg.op == "alloca" else ():
                    if write not in needed:
                        needed.add(write)
                        work.append(write)
    changed = False
    for block in function.blocks:
        kept = [instr for instr in block.instrs if instr in needed]
        if len(kept) < len(block.instrs):
            block.instrs = kept
            changed = True
    return changed


def _root(pointer: Value) -> Instr | None:
    """Return the local that ``pointer`` is into, whatever the offset, or None."""
    while isinstance(pointer, Instr):
        if pointer.op == "alloca":
            return pointer
        if pointer.op != "ptradd":
            return None
        pointer = pointer.args[0]
    return None


def run_module(module: Module, ctx: Context) -> bool:
    """Delete static functions and variables that nothing kept refers to."""
    functions = {f.name: f for f in module.functions}
    variables = {g.name: g for g in module.globals}
    kept: set[str] = set()
    work: list[str] = []

    def keep(name: str) -> None:
        if name not in kept:
            kept.add(name)
            work.append(name)

    for function in module.functions:
        if function.linkage != "static" or function.used:
            keep(function.name)
    for var in module.globals:
        if var.linkage != "static" or var.used:
            keep(var.name)
    while work:
        name = work.pop()
        if name in functions:
            for instr in functions[name].instrs():
                callee = instr.attrs.get("callee")
                if isinstance(callee, FuncRef):
                    keep(callee.name)
                for arg in instr.args:
                    if isinstance(arg, Symbol):
                        keep(arg.name)
        elif name in variables:
            for reloc in variables[name].relocs:
                keep(reloc.symbol)
    before = len(module.functions) + len(module.globals)
    module.functions = [f for f in module.functions if f.name in kept]
    module.globals = [g for g in module.globals if g.name in kept]
    for name in list(ctx.functions):
        if name not in kept:
            del ctx.functions[name]
    return len(module.functions) + len(module.globals) < before
