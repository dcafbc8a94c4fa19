"""Spells types as the author would declare them, in clang's manner.

``spell(t)`` is ``int (*)[4]``; ``quoted(t)`` adds the meaning of typedefs:
``'u64' (aka 'unsigned long long')``.
"""

from __future__ import annotations

from .types import (
    ArrayType,
    CType,
    EnumType,
    FloatType,
    FuncType,
    IntType,
    PointerType,
    Qualified,
    RecordType,
    Typedef,
    VoidType,
)


def spell(t: CType, name: str = "") -> str:
    """Return the spelling of ``t``, declaring ``name`` when given."""
    return _declare(t, name, sugar=True)


def quoted(t: CType) -> str:
    """Return ``'T'``, with ``(aka 'D')`` when typedefs hide what the type is."""
    shown = _declare(t, "", sugar=True)
    real = _declare(t, "", sugar=False)
    return f"'{shown}'" if shown == real else f"'{shown}' (aka '{real}')"


def _declare(t: CType, inner: str, *, sugar: bool) -> str:
    """Build the declarator from the inside out, then put the base type before it."""
    quals = ""
    while True:
        if isinstance(t, PointerType):
            t, inner, quals = t.to, _star(quals, inner), ""
        elif isinstance(t, ArrayType):
            if inner.startswith("*"):
                inner = f"({inner})"
            inner += f"[{'' if t.count is None else t.count}]"
            # C17 6.7.3p9: qualifiers of an array are those of its elements.
            t = t.elem
        elif isinstance(t, FuncType):
            if inner.startswith("*"):
                inner = f"({inner})"
            inner += _params(t, sugar=sugar)
            t, quals = t.ret, ""
        elif isinstance(t, Qualified):
            quals = _merge(quals, _qualifiers(t))
            t = t.base
        elif isinstance(t, Typedef) and not sugar:
            t = t.to
        else:
            break
    base = f"{quals} {_name(t)}" if quals else _name(t)
    if not inner:
        return base
    return base + inner if inner[0] == "[" else f"{base} {inner}"


def _star(quals: str, inner: str) -> str:
    if not quals:
        return "*" + inner
    return f"*{quals}{inner}" if not inner or inner[0] == "[" else f"*{quals} {inner}"


def _name(t: CType) -> str:
    if isinstance(t, (IntType, FloatType)):
        return t.name
    if isinstance(t, Typedef):
        return t.name
    if isinstance(t, RecordType):
        return f"{t.kind} {t.tag or '(unnamed)'}"
    if isinstance(t, EnumType):
        return f"enum {t.tag or '(unnamed)'}"
    if isinstance(t, VoidType):
        return "void"
    return "?"


def _params(t: FuncType, *, sugar: bool) -> str:
    parts = [_declare(p, "", sugar=sugar) for _, p in t.params]
    if t.variadic:
        parts.append("...")
    if not parts and t.prototype:
        parts.append("void")
    return f"({', '.join(parts)})"


def _qualifiers(t: Qualified) -> str:
    words = []
    if t.const:
        words.append("const")
    if t.volatile:
        words.append("volatile")
    if t.restrict:
        words.append("restrict")
    if t.atomic:
        words.append("_Atomic")
    return " ".join(words)


def _merge(a: str, b: str) -> str:
    if not a:
        return b
    return " ".join(w for w in ("const", "volatile", "restrict", "_Atomic") if w in a or w in b)
