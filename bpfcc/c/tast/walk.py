"""Walking the typed tree without knowing its node classes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from . import nodes as t

_NODES = (t.Expr, t.Stmt, t.Init, t.InitItem, t.AsmOperand)
# Slots that lead to declarations and types, not to subtrees.
_SKIPPED = frozenset(
    {"type", "span", "op_span", "name_span", "callee", "field", "record", "compute"}
)
_slots: dict[type, tuple[str, ...]] = {}


def _fields(cls: type) -> tuple[str, ...]:
    found = _slots.get(cls)
    if found is None:
        names: list[str] = []
        for base in cls.__mro__:
            slots = base.__dict__.get("__slots__", ())
            names += [name for name in slots if name not in _SKIPPED]
        found = _slots[cls] = tuple(names)
    return found


def children(node: Any) -> list[Any]:
    """Return the expressions, statements and initialisers just below ``node``, in no set order."""
    found: list[Any] = []
    for name in _fields(node.__class__):
        value = getattr(node, name)
        if isinstance(value, _NODES):
            found.append(value)
        elif isinstance(value, list):
            found += [each for each in value if isinstance(each, _NODES)]
        elif name == "symbol" and isinstance(node, t.CompoundLiteral):
            if value.init is not None:
                found.append(value.init)
    return found


def walk(root: Any) -> Iterator[Any]:
    """Yield ``root`` and every expression, statement and initialiser below it."""
    stack = [root]
    while stack:
        node = stack.pop()
        yield node
        stack += children(node)
