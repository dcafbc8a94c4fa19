"""Pragmas that sema acts on: diagnostics, packing; loop pragmas are read by ``statements``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .context import span_of

if TYPE_CHECKING:
    from typing import Any

    from .context import Context


def pragma(cx: Context, node: Any) -> None:
    """Act on ``#pragma GCC diagnostic`` and ``#pragma pack``; others are not ours."""
    words = node.string.replace("(", " ( ").replace(")", " ) ").replace(",", " , ").split()
    if len(words) >= 3 and words[0] in ("GCC", "clang") and words[1] == "diagnostic":
        _diagnostic(cx, words[2:])
    elif words and words[0] == "pack":
        _pack(cx, [w for w in words[1:] if w not in "(),"], node)


def _diagnostic(cx: Context, words: list[str]) -> None:
    action = words[0]
    if action == "push":
        cx.pragma_stack.append((cx.ignored, cx.errors_pragma, cx.warnings_pragma))
    elif action == "pop":
        if cx.pragma_stack:
            cx.ignored, cx.errors_pragma, cx.warnings_pragma = cx.pragma_stack.pop()
    elif len(words) > 1 and action in ("ignored", "warning", "error"):
        group = words[1].strip('"')
        group = group[2:] if group.startswith("-W") else group
        names = frozenset((group,))
        cx.ignored = cx.ignored | names if action == "ignored" else cx.ignored - names
        cx.errors_pragma = (
            cx.errors_pragma | names if action == "error" else (cx.errors_pragma - names)
        )
        cx.warnings_pragma = (
            cx.warnings_pragma | names if action == "warning" else (cx.warnings_pragma - names)
        )


def _pack(cx: Context, words: list[str], node: Any) -> None:
    """``pack(n)``, ``pack(push, n)``, ``pack(push)``, ``pack(pop)``, ``pack()``."""
    value: int | None = None
    label = ""
    action = ""
    for word in words:
        if word in ("push", "pop"):
            action = word
        elif word.isdigit():
            value = int(word)
        else:
            label = word
    if value is not None and value not in (0, 1, 2, 4, 8, 16):
        cx.warning(
            "ignored-pragmas",
            "expected #pragma pack parameter to be '1', '2', '4', '8', or '16'",
            span_of(node),
        )
        return
    if action == "push":
        cx.pack_stack.append((label, cx.pack))
    elif action == "pop":
        while cx.pack_stack:
            name, cx.pack = cx.pack_stack.pop()
            if not label or name == label:
                break
    elif value is None:
        cx.pack = 0
    if value is not None:
        cx.pack = value
