"""Pragmas that sema acts on; ``preprocess`` has read ``pack``, ``statements`` reads loop pragmas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .context import span_of

if TYPE_CHECKING:
    from typing import Any

    from .context import Context

_KNOWN = frozenset(
    (
        "GCC", "clang", "STDC", "pack", "once", "unroll", "nounroll", "message", "push_macro",
        "pop_macro", "weak", "redefine_extname", "mark", "region", "endregion", "warning", "error",
        "align", "options", "unused", "comment", "detect_mismatch", "omp", "ms_struct",
    )
)  # fmt: skip
_ACTIONS = ("error", "warning", "ignored", "fatal", "push", "pop")


def pragma(cx: Context, node: Any) -> None:
    """Act on ``#pragma GCC diagnostic`` and its clang twin; warn about unknown pragmas."""
    words = node.string.replace("(", " ").replace(")", " ").split()
    if len(words) >= 2 and words[0] in ("GCC", "clang") and words[1] == "diagnostic":
        _diagnostic(cx, words[2:], node)
    elif words and words[0] not in _KNOWN:
        cx.warning("unknown-pragmas", "unknown pragma ignored", span_of(node))


def _diagnostic(cx: Context, words: list[str], node: Any) -> None:
    action = words[0] if words else ""
    if action not in _ACTIONS:
        shown = ", ".join(f"'{a}'" for a in _ACTIONS[:-1])
        cx.warning(
            "unknown-pragmas",
            f"pragma diagnostic expected {shown}, or '{_ACTIONS[-1]}'",
            span_of(node),
        )
    elif action == "push":
        cx.pragma_stack.append((cx.ignored, cx.errors_pragma, cx.warnings_pragma))
    elif action == "pop":
        if cx.pragma_stack:
            cx.ignored, cx.errors_pragma, cx.warnings_pragma = cx.pragma_stack.pop()
        else:
            cx.warning(
                "unknown-pragmas",
                "pragma diagnostic pop could not pop, no matching push",
                span_of(node),
            )
    elif len(words) > 1:
        _set(cx, "error" if action == "fatal" else action, words[1].strip('"'))


def _set(cx: Context, action: str, option: str) -> None:
    """Change what one warning group does from here on."""
    names = frozenset((option[2:] if option.startswith("-W") else option,))
    cx.ignored = cx.ignored | names if action == "ignored" else cx.ignored - names
    cx.errors_pragma = cx.errors_pragma | names if action == "error" else cx.errors_pragma - names
    cx.warnings_pragma = (
        cx.warnings_pragma | names if action == "warning" else cx.warnings_pragma - names
    )
