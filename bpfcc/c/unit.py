"""One C source file to an IR module: the front end's stages in order."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from . import lower, parse, preprocess
from .sema import unit as sema

if TYPE_CHECKING:
    from typing import Any

    from ..ir.module import Module
    from ..support.diagnostics import Sink
    from ..support.source import SourceFile
    from .options import COptions

# Deep nesting in the source is deep recursion here. The parser bounds brackets (256) and chains of
# operators (500); this much of Python's own stack is enough for either.
RECURSION_LIMIT = 5_000


def compile_unit(
    source: SourceFile,
    options: COptions,
    sink: Sink,
    dependencies: list[preprocess.Dependency] | None = None,
) -> Module | None:
    """Compile ``source``; None when ``sink`` has counted errors.

    ``dependencies`` takes the files that were read. Callers that want the macros or the text too
    call ``preprocess.preprocess`` themselves and go on with ``compile_preprocessed``.
    """
    pre = preprocess.preprocess(source, options, sink)
    if dependencies is not None:
        dependencies += pre.dependencies
    return compile_preprocessed(pre, source.name, options, sink)


def compile_preprocessed(pre: Any, name: str, options: COptions, sink: Sink) -> Module | None:
    """Compile a preprocessed unit; None when ``sink`` has counted errors."""
    if sink.errors:
        return None
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, RECURSION_LIMIT))
    try:
        return _compile(pre, name, options, sink)
    except RecursionError:
        sink.error("c-too-complex", "the program is nested too deeply", None)
        return None
    finally:
        sys.setrecursionlimit(limit)


def _compile(pre: Any, name: str, options: COptions, sink: Sink) -> Module | None:
    is_typedef = sema.typedef_test(pre, options)
    suggest = sema.type_suggester(pre, options)
    parser = parse.Parser(sink, std=options.std, suggest=suggest)
    unit = sema.check(pre, lambda chunk: parser.parse_chunk(chunk, is_typedef), options, sink, name)
    if sink.errors:
        return None
    if options.lint is not None:
        from . import lint  # only the checker asks for it

        lint.check(unit, options.lint)
    module = lower.lower(unit, options, sink)
    return None if sink.errors else module
