"""Names that were probably meant."""

from __future__ import annotations

from collections.abc import Iterable


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return "; did you mean 'close'?", or "" when no known name is close to ``name``."""
    from difflib import get_close_matches  # start-up time: only needed for a message

    close = get_close_matches(name, list(known), 1, 0.6)
    return f"; did you mean '{close[0]}'?" if close else ""


def unknown(kind: str, name: object, known: Iterable[str]) -> str:
    """Return "no map 'conts'; did you mean 'counts'? (maps: counts, ring)".

    Names with a leading dot, which compilers make up, are not shown.
    """
    names = [one for one in known if not one.startswith(".")]
    text = f"no {kind} {name!r}{did_you_mean(str(name), names)}"
    if not names:
        return f"{text} (there is none)"
    shown = ", ".join(names[:20]) + (", ..." if len(names) > 20 else "")
    return f"{text} ({kind}s: {shown})"
