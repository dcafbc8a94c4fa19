"""Printing diagnostics: the format that was asked for, colour only where it can be seen."""

from __future__ import annotations

import os
import sys
from typing import TextIO

from ..support.diagnostics import Sink
from ..support.errors import InputError
from ..support.render import TextRenderer, summary


def wants_colour(stream: TextIO, choice: bool | None = None) -> bool:
    """Decide on colour: an explicit choice, then CLICOLOR_FORCE, NO_COLOR, TERM=dumb, a terminal."""
    if choice is not None:
        return choice
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("CLICOLOR_FORCE", "0") not in ("", "0"):
        return True
    return stream.isatty() and os.environ.get("TERM", "") != "dumb"


def print_diagnostics(
    sink: Sink, *, format: str = "text", colour: bool | None = None, carets: bool = True
) -> None:
    """Write what ``sink`` holds: text to standard error; other formats as ``driver.formats``."""
    if format != "text":
        from ..driver.formats import render

        text = render(format, sink.diagnostics)
        stream = sys.stdout if format in ("sarif", "junit", "gitlab") else sys.stderr
        stream.write(text)
        return
    if not sink.diagnostics:
        return
    shown = sink.diagnostics
    if sink.error_limit and sink.errors > sink.error_limit:
        shown, errors = [], 0
        for diagnostic in sink.diagnostics:
            errors += diagnostic.severity.name == "ERROR"
            if errors > sink.error_limit:
                break
            shown.append(diagnostic)
    renderer = TextRenderer(colour=wants_colour(sys.stderr, colour), carets=carets)
    sys.stderr.write(renderer.render_all(shown))
    if len(shown) < len(sink.diagnostics):
        sys.stderr.write("fatal error: too many errors emitted, stopping now [-ferror-limit=]\n")
    sys.stderr.write(summary(sink.errors, sink.warnings))


def print_input_error(error: InputError, code: int = 1) -> int:
    """Show an error that no sink took, and return ``code``."""
    if error.diagnostics:
        renderer = TextRenderer(colour=wants_colour(sys.stderr))
        sys.stderr.write(renderer.render_all(error.diagnostics))
    else:
        sys.stderr.write(f"bpfcc: error: {error}\n")
    return code
