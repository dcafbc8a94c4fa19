"""constargs: a parameter of a static function that every caller gives the same constant.

The function is used nowhere but in calls, and all of them are seen. The parameter stays in the
signature; inside, the constant takes its place.
"""

from __future__ import annotations

from ..ir.module import FuncRef, Function, Module
from ..ir.values import Const, Param, Symbol, Value
from .edit import replace_values


def run(module: Module) -> list[Function]:
    """Put the constants in; return the functions that changed."""
    seen: dict[str, list[Value | None]] = {}
    taken: set[str] = set()
    for function in module.functions:
        for instr in function.instrs():
            callee = instr.attrs.get("callee")
            if isinstance(callee, FuncRef):
                _meet(seen, callee.name, instr.args)
            for arg in instr.args:
                if isinstance(arg, Symbol):
                    taken.add(arg.name)
    for var in module.globals:
        taken.update(reloc.symbol for reloc in var.relocs)
    changed: list[Function] = []
    for function in module.functions:
        if function.linkage != "static" or function.used or function.naked:
            continue
        values = seen.get(function.name)
        if values is None or function.name in taken or len(values) != len(function.params):
            continue
        mapping: dict[Value, Value] = {
            param: value
            for param, value in zip(function.params, values)
            if value is not None and value.type is param.type
        }
        used = {arg for i in function.instrs() for arg in i.args if isinstance(arg, Param)}
        mapping = {param: value for param, value in mapping.items() if param in used}
        if mapping:
            replace_values(function, mapping)
            changed.append(function)
    return changed


def _meet(seen: dict[str, list[Value | None]], name: str, args: list[Value]) -> None:
    """Note the arguments of one call: None where calls differ or do not pass a constant."""
    found: list[Value | None] = [arg if isinstance(arg, Const) else None for arg in args]
    old = seen.get(name)
    if old is None:
        seen[name] = found
        return
    for i, (a, b) in enumerate(zip(old, found)):
        if not (isinstance(a, Const) and isinstance(b, Const) and a.value == b.value):
            old[i] = None
