"""The unit as a set of BPF programs: section names and the license.

Warnings, because object files may be meant for a loader of their own or for linking with others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...support.diagnostics import FixIt, Note
from ...uapi import licenses, sections
from ..tast.nodes import FuncSymbol, StringLit, VarSymbol

if TYPE_CHECKING:
    from ...support.source import Span
    from .context import Context

_GPL = 'char LICENSE[] SEC("license") = "GPL";'
_DATA_NAMES = (".maps", "license", "version", ".kconfig", ".ksyms", ".struct_ops")


def check_programs(cx: Context) -> None:
    """Check sections and license of a unit without errors."""
    for function in cx.unit.functions:
        if function.section:
            _check_section(cx, function)
    for variable in cx.unit.variables:
        if variable.section:
            _check_data_section(cx, variable)
    _check_license(cx)


def _check_section(cx: Context, function: FuncSymbol) -> None:
    name = function.section
    if name.startswith(".") or sections.match(name) is not None:
        return
    if name.startswith("struct_ops"):
        return
    message = f"unknown section '{name}': loaders cannot tell what type of program this is"
    fixits: list[FixIt] = []
    old = _old_name(name)
    near = old or _near_section(name)
    if old:
        message += f"; libbpf before 1.0 took it for '{old}'"
    elif near:
        message += f"; did you mean '{near}'?"
    if near:
        fixits = [FixIt(f'SEC("{near}")')]
    cx.warning("bpf-section", message, function.section_span or function.span, fixits=fixits)


def _old_name(name: str) -> str:
    """Return the section that ``name`` was good for while libbpf compared beginnings only."""
    best = ""
    for known in sections.known_names():
        rest = name[len(known) :]
        if len(best) < len(known) and name.startswith(known) and not rest[:1].isalpha():
            if rest[:1] in "_-/0123456789" and sections.match(known) is not None:
                best = known
    return best


def _near_section(name: str) -> str:
    """Return the known section that ``name`` may be a misspelling of, "" for none."""
    from .spelling import nearest  # only for a message

    known = [k for k in sections.known_names() if k[:1] == name.lstrip("?")[:1] and len(k) > 2]
    if sections.match(name.lower()) is not None:
        return name.lower()
    head, slash, target = name.lstrip("?").partition("/")
    stem = nearest(head, known) if slash else None
    if stem is not None and sections.match(f"{stem}/{target}") is not None:
        return f"{stem}/{target}"
    return nearest(name, known) or stem or ""


def _check_data_section(cx: Context, variable: VarSymbol) -> None:
    name = variable.section
    if name == "maps" or sections.is_data(name):
        return
    from .spelling import nearest  # only for a message

    near = nearest(name, _DATA_NAMES)
    if near is not None:
        cx.warning(
            "bpf-section",
            f"unknown section '{name}'; did you mean '{near}'?",
            variable.span,
            fixits=[FixIt(f'SEC("{near}")')],
        )


def _license(cx: Context) -> tuple[str, VarSymbol | None] | None:
    """Return the license text and its variable; None if it cannot be read off."""
    if cx.options.license is not None:
        return cx.options.license, None
    for variable in cx.unit.variables:
        if variable.section == "license":
            items = variable.init.items if variable.init is not None else []
            if items and isinstance(items[0].value, StringLit):
                return items[0].value.data.split(b"\0")[0].decode("latin-1"), variable
            return None
    return "", None


def _is_part(cx: Context) -> bool:
    """Tell whether the unit needs, or makes way for, definitions of other units."""
    unit = cx.unit
    return any(variable.weak for variable in unit.variables) or any(
        not (symbol.ksym if isinstance(symbol, FuncSymbol) else symbol.section)
        for symbol in unit.externs
        if isinstance(symbol, (FuncSymbol, VarSymbol))
    )


def _check_license(cx: Context) -> None:
    """Warn about the first call of each GPL-only helper when the license does not allow it."""
    if cx.unit.dialect == 1:
        return  # "GPL" is assumed
    found = _license(cx)
    if found is None or licenses.is_gpl_compatible(found[0]):
        return
    if found == ("", None) and _is_part(cx):
        return  # the license is in another object that this one is to be linked with
    text, variable = found
    calls: dict[FuncSymbol, Span | None] = {}
    for function in cx.unit.functions:
        for callee, span in cx.bodies[function].calls.items():
            if callee.helper is not None:
                calls.setdefault(callee, span)
    if not calls:
        return
    from ...uapi import helpers  # start-up time: rarely needed

    for callee, span in calls.items():
        row = helpers.by_id.get(callee.helper or 0)
        if row is None or not row.gpl_only:
            continue
        if text:
            why = f'"{text}" is not a GPL-compatible license'
            notes = [Note("the license is set here", variable.span)] if variable else []
        else:
            why = "this program has no license"
            notes = []
        cx.warning(
            "bpf-license",
            f"{callee.name}() is GPL-only, and {why}",
            span,
            notes=notes,
            fixits=[FixIt(_GPL)],
            kernel="cannot call GPL-restricted function from non-GPL compatible program",
        )
