"""One entry program and the subprograms it reaches, as one flat piece of code.

The entry comes first; functions follow in the order in which calls and addresses first mention
them, reading function by function. That is a loader's view: each program gets its own copy of every
subprogram. The object is left as it is.
"""

from __future__ import annotations

from ..btf.types import Func
from ..isa.insn import PSEUDO_CALL, PSEUDO_FUNC, Insn
from ..support.errors import InputError, InternalError
from .model import (
    CoreReloc,
    Function,
    Line,
    Object,
    Program,
    Reloc,
    RelocKind,
    Subprogram,
)

_EXCEPTION = "exception_callback:"


def link(obj: Object, name: str) -> Program:
    """Return the program whose entry is function ``name`` of ``obj``.

    Raises: InputError when there is no such function, or a jump distance or call cannot be
    expressed.
    """
    by_name = {function.name: function for function in obj.functions}
    entry = by_name.get(name)
    if entry is None:
        known = ", ".join(f.name for f in entry_functions(obj)) or "none"
        raise InputError(f"no program is called {name!r} (programs: {known})")
    parts = _lay_out(entry, by_name, exception_callbacks(obj, name))
    starts = {part.function.name: part.start for part in parts}
    program = Program(name, entry.section, obj, [], parts)
    for part in parts:
        insns = [insn.copy() for insn in part.function.insns]
        program.relocs += _resolve(part, insns, starts)
        program.insns += insns
        program.lines += _lines(part)
        program.core += [
            CoreReloc(part.start + core.slot, core.kind, core.type, core.access)
            for core in part.function.core
        ]
    return program


def entry_functions(obj: Object) -> list[Function]:
    """Return the functions that are programs of their own: those outside ``.text``."""
    return [function for function in obj.functions if function.section != ".text"]


def exception_callbacks(obj: Object, name: str) -> list[str]:
    """Return the names of the functions that declaration tags make bpf_throw() of a program call."""
    return [
        tag.name.removeprefix(_EXCEPTION)
        for tag in obj.decl_tags
        if tag.name.startswith(_EXCEPTION) and tag.type.name == name and isinstance(tag.type, Func)
    ]


def _lay_out(
    entry: Function, by_name: dict[str, Function], callbacks: list[str]
) -> list[Subprogram]:
    """Return the entry and all it reaches with their places.

    An exception callback and what it reaches come last; where there are several, the verifier
    complains, and they are left out.
    """
    parts = _reached([entry], by_name, [])
    callback = by_name.get(callbacks[0]) if len(callbacks) == 1 else None
    if callback is not None and all(part.function is not callback for part in parts):
        parts = _reached([callback], by_name, parts)
    return parts


def _reached(
    order: list[Function], by_name: dict[str, Function], before: list[Subprogram]
) -> list[Subprogram]:
    """Return ``before``, then the functions of ``order`` and all they reach."""
    parts = list(before)
    seen = {part.function.name for part in parts} | {function.name for function in order}
    start = parts[-1].end if parts else 0
    for function in order:  # grows while it runs
        for reloc in function.relocs:
            callee = by_name.get(reloc.symbol)
            if callee is not None and callee.name not in seen:
                seen.add(callee.name)
                order.append(callee)
        end = start + sum(insn.slots for insn in function.insns)
        parts.append(Subprogram(function, start, end))
        start = end
    return parts


def _resolve(part: Subprogram, insns: list[Insn], starts: dict[str, int]) -> list[Reloc]:
    """Fill in references to functions; return the others, moved to the program's slots."""
    function = part.function
    if not function.relocs:
        return []
    at: dict[int, Insn] = {}
    slot = part.start
    for insn in insns:
        at[slot] = insn
        slot += insn.slots
    left: list[Reloc] = []
    for reloc in function.relocs:
        slot = part.start + reloc.slot
        target = starts.get(reloc.symbol)
        if target is None:
            left.append(Reloc(slot, reloc.kind, reloc.symbol, reloc.addend))
            continue
        wanted = at.get(slot)
        if wanted is None:
            raise InternalError(
                f"relocation at slot {reloc.slot}, where no instruction starts",
                stage="objfile.link",
                function=function.name,
            )
        if reloc.addend:
            raise InputError(
                f"function {function.name!r} takes the address {reloc.addend} bytes into"
                f" {reloc.symbol!r}, which only a function's start may be"
            )
        distance = target - slot - 1
        if reloc.kind is RelocKind.CALL:
            wanted.src = PSEUDO_CALL
            wanted.imm = distance
        else:
            wanted.src = PSEUDO_FUNC
            wanted.imm = distance & 0xFFFFFFFF
    return left


def _lines(part: Subprogram) -> list[Line]:
    return [
        Line(part.start + line.slot, line.file, line.line, line.column, line.text, line.span)
        for line in part.function.lines
    ]
