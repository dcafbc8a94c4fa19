"""``bpfcc [flags] file.c ...``: the compiler."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from .. import __version__
from ..driver.options import Options
from ..driver.output import default_output, write_atomic
from ..support.diagnostics import Sink
from ..support.errors import InputError
from .report import print_diagnostics

CLANG_VERSION = "19.1.7"  # as __clang_version__ says

HELP = """\
usage: bpfcc [flags] file.c ...        compile C filters to BPF objects
       bpfcc COMMAND ...               one of the commands below; bpfcc COMMAND --help

Compiles restricted C, in the style of the kernel's tracing filters, to BPF objects that libbpf,
bpftool and the kernel load. Not BCC: it needs no clang, no kernel headers and no root.

output
  -o FILE                 where to write (default: the input's name with .o, in this folder)
  -c                      one object per input (several inputs with -o are linked otherwise)
  -S                      assembly        -E  preprocess only     -fsyntax-only  check only
  -emit-llvm              LLVM IR (needs the llvm extra)
  -dM -dD -P              with -E: macros only, keep #define, no line markers
  -M -MM -MD -MMD -MP -MG -MF FILE -MT T -MQ T    dependencies for make
  -MJ FILE                an entry for compile_commands.json
language
  -D NAME[=V] -U NAME -I DIR -iquote DIR -isystem DIR -idirafter DIR -nostdinc
  -nostdlibinc --sysroot=DIR -undef -funsigned-char
  -include FILE -imacros FILE -std=gnu17 -x c
code
  -mcpu=v1|v2|v3|v4       instruction set (default v3; never asked of the build machine)
  --kernel VERSION        the oldest kernel to run on: sets the default of -mcpu
  -target bpf|bpfel|bpfeb -O0 -O1 -O2 -O3
  --backend=direct|llvm   our own code generator (default), or LLVM's through llvmlite
  --btf FILE              the kernel's types for "vmlinux.h" (default: the running kernel's)
  --license TEXT          the license where the source has none
  -ffile-prefix-map=OLD=NEW -fdebug-prefix-map=OLD=NEW -fmacro-prefix-map=OLD=NEW
diagnostics
  -Wall -Wextra -Werror[=NAME] -W[no-]NAME -w -pedantic -ferror-limit=N
  --format text|json|sarif|github|gitlab|junit   -fdiagnostics-color=auto|always|never
looking inside
  -v -### --version -dumpmachine -dumpversion -print-targets -print-supported-cpus
  -print-file-name=NAME -print-resource-dir -print-search-dirs   --verify-each --time-passes
  --print-manual          this as a manual page   --print-completion bash|zsh|fish
  --dump-after=PASS|lower|opt|all   --stop-after=STAGE   --pass-limit=N   -save-temps

commands
"""


def print_help() -> None:
    """Write the help of the compiler and the list of commands."""
    from .main import COMMANDS

    sys.stdout.write(HELP)
    for name, (_, text) in COMMANDS.items():
        sys.stdout.write(f"  {name:22}  {text}\n")


def version_text() -> str:
    """Return what --version prints.

    Build systems look for "clang version N": the flags and macros here are those of that one.
    """
    return (
        f"bpfcc version {__version__} (a compiler for BPF filters in C; not BCC, whose Debian "
        "packages are called bpfcc-tools)\n"
        f"Flags and macros of clang version {CLANG_VERSION}\n"
        "Target: bpf\n"
        "Instruction set: v3 unless -mcpu or --kernel says otherwise\n"
        f"InstalledDir: {os.path.dirname(os.path.dirname(os.path.abspath(__file__)))}\n"
    )


def _targets() -> str:
    rows = (
        ("bpf", "BPF (little endian)"),
        ("bpfel", "BPF (little endian)"),
        ("bpfeb", "BPF (big endian)"),
    )
    return "  Registered Targets:\n" + "".join(f"    {a:6} - {b}\n" for a, b in rows)


def _cpus() -> str:
    return "Available CPUs for this target:\n\n" + "".join(
        f"\t{name}\n" for name in ("generic", "probe", "v1", "v2", "v3", "v4")
    )


def _search_dirs() -> str:
    from ..driver.pipeline import resource_dir

    return f"programs: ={os.path.dirname(os.path.abspath(sys.argv[0]))}\nlibraries: ={resource_dir()}\n"


def _resource_dir() -> str:
    from ..driver.pipeline import resource_dir

    return resource_dir() + "\n"


def _file_name(name: str) -> str:
    """Return where a file of the compiler is; what it does not have is given back, as clang does."""
    from ..driver.pipeline import resource_dir

    if name == "include":
        return os.path.join(resource_dir(), "include", "libc")
    path = os.path.join(resource_dir(), name)
    return path if os.path.exists(path) else name


# Questions of build systems, with one dash or two.
_INFORMATION: dict[str, Callable[[], str]] = {
    "-version": version_text,
    "-dumpmachine": lambda: "bpf\n",
    "-dumpversion": lambda: CLANG_VERSION + "\n",
    "-dumpfullversion": lambda: CLANG_VERSION + "\n",
    "-print-targets": _targets,
    "-print-target-triple": lambda: "bpf\n",
    "-print-effective-triple": lambda: "bpf\n",
    "-print-supported-cpus": _cpus,
    "-mcpu=help": _cpus,
    "-mcpu=?": _cpus,
    "-print-search-dirs": _search_dirs,
    "-print-resource-dir": _resource_dir,
    "-print-sysroot": lambda: "\n",
    "-print-multi-directory": lambda: ".\n",
    "-print-multi-lib": lambda: ".;\n",
    "-print-multiarch": lambda: "bpf\n",
}
_NAMED = ("-print-file-name=", "-print-prog-name=")


def _information(arg: str) -> str | None:
    """Return the answer to a question, None if ``arg`` asks nothing."""
    if arg == "-V":
        return version_text()
    arg = arg[1:] if arg.startswith("--") else arg
    if arg in _INFORMATION:
        return _INFORMATION[arg]()
    for flag in _NAMED:
        if arg.startswith(flag):
            return _file_name(arg[len(flag) :]) + "\n"
    return None


def main(argv: list[str]) -> int:
    """Compile as ``argv`` says; 0, or 1 after errors."""
    if not argv or argv[0] in ("--help", "-h", "-help", "help"):
        print_help()
        return 0 if argv else 1
    if argv[0] == "--print-manual":
        from .manual import manual

        sys.stdout.write(manual())
        return 0
    if argv[0] == "--print-completion":
        from .completion import print_completion

        return print_completion(argv[1:])
    for arg in argv:
        if arg.startswith("-") and (answer := _information(arg)) is not None:
            sys.stdout.write(answer)
            return 0
    from ..driver.flags import parse_flags

    options = parse_flags(argv)
    if options.dry_run:
        sys.stderr.write(version_text() + " ".join(f'"{arg}"' for arg in ["bpfcc", *argv]) + "\n")
        return 0
    if options.verbose:
        _print_search_path(options)
        if not options.inputs:
            return 0
    if not options.inputs:
        raise InputError("no input files")
    from ..driver import build

    status = 0
    notes = options.driver_notes
    if options.mode == "link":
        sink = _new_sink(options, notes)
        data = build.link_inputs(options, sink)
        status = _finish(options, sink)
        if data is not None and status == 0:
            output = options.output or default_output(options.inputs[0], ".linked.o")
            write_atomic(output, data)
        return status
    for path in options.inputs:
        sink = _new_sink(options, notes)
        notes = []
        try:
            product = build.build_one(path, options, sink)
        except InputError as error:
            if not error.diagnostics:
                error = InputError(f"{error}")
                sys.stderr.write(f"bpfcc: error: {error}\n")
            for diagnostic in error.diagnostics:
                sink.report(diagnostic)
            _finish(options, sink)
            status = 1
            continue
        if _finish(options, sink):
            status = 1
        elif product is not None:
            product.write()
    return status


def _new_sink(options: Options, notes: list[tuple[str, str]]) -> Sink:
    # A build that clang gets through with -Werror does not fail by what clang knows nothing about.
    options.warnings.spared = "bpf-"
    sink = Sink(options.warnings, error_limit=options.error_limit)
    for group, text in dict.fromkeys(notes):
        sink.warning(group, text, None)
    return sink


def _finish(options: Options, sink: Sink) -> int:
    print_diagnostics(
        sink,
        format=options.diagnostics_format,
        colour=options.colour,
        carets=options.carets,
    )
    return 1 if sink.errors else 0


def _print_search_path(options: Options) -> None:
    """Write version and include folders as clang does; build systems read them."""
    from ..driver.build import search_dirs

    quote, system = search_dirs(options)
    sys.stderr.write(version_text())
    sys.stderr.write('#include "..." search starts here:\n')
    sys.stderr.write("".join(f" {path}\n" for path in quote))
    sys.stderr.write("#include <...> search starts here:\n")
    sys.stderr.write("".join(f" {path}\n" for path in system))
    sys.stderr.write("End of search list.\n")
