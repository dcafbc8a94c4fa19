"""What one compilation is asked to do: the plain values that ``cli`` fills in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..support.diagnostics import WarningPolicy

if TYPE_CHECKING:
    from ..c.options import Lint


class Options:
    """Everything that the command line of the compiler says.

    ``mode``: "object" (-c), "assembly" (-S), "llvm" (-emit-llvm -S), "preprocess" (-E),
    "macros" (-E -dM), "dependencies" (-M, -MM), "syntax" (-fsyntax-only), "link" (several inputs
    and one -o).
    ``macro_actions``: ("D", "NAME=value") and ("U", "NAME") in command-line order.
    ``include_dirs``: (kind, path) in order; kind is "I", "iquote", "isystem" or "idirafter".
    ``forced_includes``: ("include" | "imacros", path).
    ``prefix_maps``: (from, to) applied to file names in the output (-ffile-prefix-map).
    """

    def __init__(self) -> None:
        self.inputs: list[str] = []
        self.output: str | None = None
        self.mode = ""
        self.compile_only = False  # -c, or another mode that makes one output per input
        self.emit_llvm = False
        self.silent = False  # -w
        self.backend = "direct"
        self.language = ""  # -x
        self.mcpu: int | None = None
        self.kernel: str | None = None
        self.big_endian = False
        self.opt_level = 2
        self.standard = ""
        self.std_gnu = True
        self.macro_actions: list[tuple[str, str]] = []
        self.include_dirs: list[tuple[str, str]] = []
        self.forced_includes: list[tuple[str, str]] = []
        self.standard_includes = True  # off with -nostdinc: neither our headers nor the host's
        self.host_includes = True  # off with -nostdlibinc: our own headers only
        self.prefix_maps: list[tuple[str, str]] = []
        self.macro_prefix_maps: list[tuple[str, str]] = []
        self.btf: str | None = None
        self.license: str | None = None
        self.lint: Lint | None = None  # source-level checks, for ``bpfcc check``
        self.line_markers = True  # off with -P
        self.keep_defines = False  # -dD
        self.dump_macros = False  # -dM
        self.dependencies = ""  # "", "M" (with system headers), "MM" (without)
        self.dep_file: str | None = None
        self.dep_targets: list[str] = []
        self.dep_phony = False
        self.dep_missing_ok = False
        self.compdb_file: str | None = None  # -MJ
        self.warnings = WarningPolicy()
        self.error_limit = 20
        self.diagnostics_format = "text"
        self.colour: bool | None = None
        self.carets = True
        self.verbose = False
        self.dry_run = False  # -###
        self.save_temps = ""  # "cwd" or "obj": where -save-temps keeps what comes between
        self.dump_after: list[str] = []
        self.stop_after = ""
        self.verify_each = False
        self.time_passes = False
        self.pass_limit: int | None = None
        self.sysroot = ""
        self.undef_all = False  # -undef
        self.unsigned_char = False  # -funsigned-char
        self.llvm_suffix = ".ll"  # ".bc" with -c, as clang names it
        self.unroll = True
        self.argv: list[str] = []
        self.driver_notes: list[tuple[str, str]] = []  # (warning group, text) about the flags

    def level(self) -> int:
        """Return the instruction-set version 1..4: -mcpu, or what --kernel implies, or 3."""
        if self.mcpu is not None:
            return self.mcpu
        if self.kernel is not None:
            from ..uapi.kernels import default_mcpu

            return default_mcpu(self.kernel)
        return 3
