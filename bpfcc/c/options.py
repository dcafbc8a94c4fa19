"""What a compilation of C depends on besides its text: one plain object, made by the driver.

The front end never looks at the host: no environment, no probing, no clock. Whatever comes from
outside (include folders, kernel types) arrives here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..btf.read import Btf
    from ..support.diagnostics import Diagnostic, Sink
    from ..support.source import Span


class Lint:
    """Asks for the source-level checks of ``c/lint``, and takes what they find.

    ``sink`` takes the findings; ``generation`` is set to 1 when the source is a filter in the first
    form of the dialect, whose checker was stricter than today's kernels. ``unwritten`` are the local
    variables that are used before all their bytes are written: name, function body, finding.
    ``turns`` are the loops over constants and how often they turn.
    """

    __slots__ = ("generation", "sink", "turns", "unwritten")

    def __init__(self, sink: Sink) -> None:
        self.sink = sink
        self.generation = 4
        self.unwritten: list[tuple[str, Span, Diagnostic]] = []
        self.turns: list[tuple[Span, int]] = []


class COptions:
    """Options of the C front end.

    Include folders are searched in the order of clang: the includer's own folder and ``quote`` for
    ``#include "x"``, then ``include`` (-I), ``system`` (-isystem), the package's own headers,
    ``standard`` (/usr/include and the multiarch folder, found by the driver), ``after``
    (-idirafter). ``commands`` are -D and -U in the order of the command line:
    ("D", "NAME=value") or ("U", "NAME"). ``preincludes`` are -include files, ``imacros`` -imacros.
    ``mcpu`` is 1..4; ``optimize`` 0..3 or "s"-like levels mapped by the driver to 2;
    ``flags`` holds -f options that matter here ("-fno-builtin" as "no-builtin" ...).
    ``btf`` gives the kernel's types for ``vmlinux.h`` without a file, None where there are none.
    ``license``: text of --license, None to take what the source says.
    ``unroll`` False for -fno-unroll-loops. ``std`` as in -std= ("gnu17").
    ``lint`` asks for the source-level checks of ``c/lint`` and takes what they find.
    """

    __slots__ = (
        "after",
        "big_endian",
        "btf",
        "commands",
        "flags",
        "imacros",
        "include",
        "kernel_types",
        "license",
        "lint",
        "mcpu",
        "missing_ok",
        "nostdinc",
        "optimize",
        "own_headers",
        "prefix_maps",
        "preincludes",
        "quote",
        "source_date_epoch",
        "standard",
        "std",
        "system",
        "target_arch",
        "undef_all",
        "unroll",
        "unsigned_char",
    )

    def __init__(self) -> None:
        self.quote: list[str] = []
        self.include: list[str] = []
        self.system: list[str] = []
        self.standard: list[str] = []
        self.after: list[str] = []
        self.missing_ok = False  # -MG: headers that are not there will be made later
        self.own_headers = True  # search the package's include/ folder
        self.nostdinc = False
        self.commands: list[tuple[str, str]] = []
        self.undef_all = False  # -undef
        self.preincludes: list[str] = []
        self.prefix_maps: list[tuple[str, str]] = []  # -fmacro-prefix-map: (old, new) for __FILE__
        self.imacros: list[str] = []
        self.big_endian = False
        self.mcpu = 3
        self.optimize = 2
        self.std = "gnu17"
        self.flags: set[str] = set()
        self.unsigned_char = False
        self.target_arch = ""  # "x86", "arm64": __TARGET_ARCH_xxx when not on the command line
        self.source_date_epoch = 0  # for __DATE__ and __TIME__, seconds since 1970
        self.btf: Callable[[], Btf | None] | None = None
        self.kernel_types = True  # serve missing vmlinux.h and in-kernel headers from ``btf``
        self.license: str | None = None
        self.lint: Lint | None = None
        self.unroll = True
