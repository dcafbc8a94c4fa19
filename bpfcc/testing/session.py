"""Filters compiled once per test session, and the coverage of all tests together."""

from __future__ import annotations

import os

from ..driver.build import load_input
from ..driver.flags import parse_flags
from ..driver.options import Options
from ..driver.output import write_atomic
from ..objfile.model import Object
from ..support.diagnostics import Sink
from ..support.errors import InputError
from ..support.render import TextRenderer
from ..vm.coverage import Coverage


class Compiler:
    """Compiles each (file, flags) once; ``coverage`` collects runs in the user-space machine."""

    def __init__(self, *, backend: str = "direct", coverage: bool = False) -> None:
        self.backend = backend
        self.coverage = Coverage() if coverage else None
        self._objects: dict[tuple[str, tuple[str, ...]], Object] = {}

    def compile(self, path: str, flags: tuple[str, ...]) -> Object:
        """Return the object of a C file (or read an object file).

        Raises: InputError with the compiler's messages.
        """
        key = os.path.abspath(path), flags
        obj = self._objects.get(key)
        if obj is None:
            obj = self._objects[key] = self._compile(path, flags)
        return obj

    def _compile(self, path: str, flags: tuple[str, ...]) -> Object:
        options: Options = parse_flags([*flags, path])
        options.backend = self.backend
        sink = Sink(options.warnings)
        obj = load_input(path, options, sink)
        if obj is None:
            raise InputError("\n" + TextRenderer().render_all(sink.diagnostics), sink.diagnostics)
        return obj

    def write_coverage(self, path: str) -> None:
        """Write what all tests covered."""
        if self.coverage is not None:
            write_atomic(path, self.coverage.lcov().encode())
