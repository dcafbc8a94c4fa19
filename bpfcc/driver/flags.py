"""The compiler's command line, in clang's language.

One table says how each flag is spelled and what it sets. What clang has and BPF cannot use is
accepted and ignored in silence where that changes nothing (-fPIC), with one warning where it might
(-march=bpf). Unknown ``-W`` and ``-f`` flags warn once; other unknown flags are errors.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable

from ..support.diagnostics import WarningPolicy
from ..support.errors import InputError
from ..support.files import read_file
from .options import Options

# Parts of the instruction set by gcc's names; -mcpu chooses among them here.
_GCC_FEATURES = "alu32 bswap jmp32 jmpext sdiv smov v3-atomics".split()
_CPUS = {"v1": 1, "v2": 2, "v3": 3, "v4": 4, "generic": 1, "probe": 3}
_TARGETS = {"bpf": False, "bpfel": False, "bpfeb": True}


def _set(name: str, value: object) -> Callable[[Options, str], None]:
    def apply(options: Options, _arg: str) -> None:
        setattr(options, name, value)

    return apply


def _mode(mode: str) -> Callable[[Options, str], None]:
    def apply(options: Options, _arg: str) -> None:
        options.mode = mode
        options.compile_only = True

    return apply


def _target(options: Options, arg: str) -> None:
    arch = arg.split("-", 1)[0]
    if arch not in _TARGETS:
        raise InputError(f"unknown target '{arg}'; bpfcc compiles for bpf, bpfel and bpfeb")
    options.big_endian = _TARGETS[arch]


def _cpu(options: Options, arg: str) -> None:
    if arg not in _CPUS:
        raise InputError(f"unknown target CPU '{arg}'; valid are v1, v2, v3 and v4")
    options.mcpu = _CPUS[arg]
    if arg == "probe":
        options.driver_notes.append(
            ("probe-cpu", "-mcpu=probe: bpfcc never asks the build machine; v3 is used")
        )


def _kernel(options: Options, arg: str) -> None:
    from ..uapi import kernels  # a table that most compilations need not

    try:
        kernels.parse(arg)
    except ValueError as error:
        raise InputError(f"--kernel: {error}; it is written like 5.15") from None
    options.kernel = arg


def _opt_level(options: Options, arg: str) -> None:
    levels = {"": 1, "0": 0, "1": 1, "2": 2, "3": 2, "s": 2, "z": 2, "fast": 2, "g": 1, "4": 2}
    if arg not in levels:
        raise InputError(f"invalid optimisation level '-O{arg}'")
    options.opt_level = levels[arg]


def _language(options: Options, arg: str) -> None:
    if arg not in ("c", "cpp-output", "none", "assembler", "ir"):
        raise InputError(f"language not recognised: '{arg}'; bpfcc compiles C")
    options.language = "" if arg == "none" else arg


def _standard(options: Options, arg: str) -> None:
    known = (
        "c9x gnu9x c1x gnu1x c2y gnu2y "
        "c89 c90 c99 c11 c17 c18 c2x c23 gnu89 gnu90 gnu99 gnu11 gnu17 gnu18 gnu2x gnu23 "
        "iso9899:1990 iso9899:1999 iso9899:2011 iso9899:2017 iso9899:2018"
    ).split()
    if arg not in known:
        raise InputError(f"invalid value '{arg}' in '-std={arg}'")
    options.standard = arg
    options.std_gnu = arg.startswith("gnu")


def _warning(options: Options, arg: str) -> None:
    policy = options.warnings
    if arg == "":
        return
    if arg == "error":
        policy.everything_is_error = True
    elif arg == "no-error":
        policy.everything_is_error = False
    elif arg.startswith("error="):
        policy.errors.add(arg[6:])
        policy.not_errors.discard(arg[6:])
    elif arg.startswith("no-error="):
        policy.not_errors.add(arg[9:])
        policy.errors.discard(arg[9:])
    elif arg in ("all", "most"):
        policy.on |= policy.ALL
    elif arg == "extra":
        policy.on |= policy.EXTRA
    elif arg == "everything":
        policy.on |= policy.DEFAULT_OFF
    elif arg.startswith("no-"):
        policy.off.add(arg[3:])
        policy.on.discard(arg[3:])
        _note_unknown_warning(options, arg[3:], "-Wno-")
    else:
        name = arg.split("=", 1)[0]
        policy.on |= policy.PARTS.get(name, {name})
        policy.off.discard(name)
        _note_unknown_warning(options, name, "-W")


def _note_unknown_warning(options: Options, name: str, prefix: str) -> None:
    """Clang warns of -W names it does not have; so do we, but only of what clang lacks too."""
    if not WarningPolicy.is_known(name):
        options.driver_notes.append(
            ("unknown-warning-option", f"unknown warning option '{prefix}{name}'")
        )


def _pedantic(options: Options, arg: str) -> None:
    options.warnings.on.add("pedantic")
    if arg:
        options.warnings.errors.add("pedantic")


def _macro(kind: str) -> Callable[[Options, str], None]:
    def apply(options: Options, arg: str) -> None:
        if not arg:
            raise InputError(f"macro name missing after '-{kind}'")
        options.macro_actions.append((kind, arg))

    return apply


def _dir(kind: str) -> Callable[[Options, str], None]:
    def apply(options: Options, arg: str) -> None:
        options.include_dirs.append((kind, arg))

    return apply


def _forced(kind: str) -> Callable[[Options, str], None]:
    def apply(options: Options, arg: str) -> None:
        options.forced_includes.append((kind, arg))

    return apply


def _deps(kind: str, *, only: bool) -> Callable[[Options, str], None]:
    def apply(options: Options, _arg: str) -> None:
        options.dependencies = kind
        if only:
            options.mode = "dependencies"

    return apply


def _map(name: str) -> Callable[[Options, str], None]:
    def apply(options: Options, arg: str) -> None:
        if "=" not in arg:
            raise InputError(f"invalid argument '{arg}' to -f{name}-prefix-map: expected OLD=NEW")
        old, new = arg.split("=", 1)
        if name in ("file", "debug"):
            options.prefix_maps.append((old, new))
        if name in ("file", "macro"):
            options.macro_prefix_maps.append((old, new))

    return apply


def _number(name: str, flag: str) -> Callable[[Options, str], None]:
    def apply(options: Options, arg: str) -> None:
        if not arg.isdigit():
            raise InputError(f"{flag} takes a number, not '{arg}'")
        setattr(options, name, int(arg))

    return apply


def _choice(name: str, flag: str, *values: str) -> Callable[[Options, str], None]:
    def apply(options: Options, arg: str) -> None:
        if arg not in values:
            raise InputError(f"{flag} takes one of {', '.join(values)}, not '{arg}'")
        setattr(options, name, arg)

    return apply


def _colour(options: Options, arg: str) -> None:
    options.colour = {"always": True, "never": False, "auto": None, "": True}.get(arg)


def _value(name: str) -> Callable[[Options, str], None]:
    def apply(options: Options, arg: str) -> None:
        setattr(options, name, arg)

    return apply


def _append(name: str) -> Callable[[Options, str], None]:
    def apply(options: Options, arg: str) -> None:
        getattr(options, name).extend(part for part in arg.split(",") if part)

    return apply


def _quoted_target(options: Options, arg: str) -> None:
    options.dep_targets.append(arg.replace("$", "$$").replace("#", "\\#").replace(" ", "\\ "))


def _ignore(_options: Options, _arg: str) -> None:
    """Accepted for clang's sake; changes nothing here."""


def _ignored_note(text: str) -> Callable[[Options, str], None]:
    def apply(options: Options, _arg: str) -> None:
        options.driver_notes.append(("unused-command-line-argument", text))

    return apply


def _no_note(group: str) -> Callable[[Options, str], None]:
    def apply(options: Options, _arg: str) -> None:
        options.warnings.off.add(group)

    return apply


def _linker(options: Options, arg: str) -> None:
    """What only a linker of programs could use: clang says so too."""
    options.driver_notes.append(
        ("unused-command-line-argument", f"argument unused during compilation: '{arg}'")
    )


def _named_linker(flag: str) -> Callable[[Options, str], None]:
    return lambda options, arg: _linker(options, flag + arg)


# Flags that stand alone.
EXACT: dict[str, Callable[[Options, str], None]] = {
    "-c": _set("compile_only", True),
    "-S": _mode("assembly"),
    "-E": _mode("preprocess"),
    "-fsyntax-only": _mode("syntax"),
    "-emit-llvm": _set("emit_llvm", True),
    "-P": _set("line_markers", False),
    "-dM": _set("dump_macros", True),
    "-dD": _set("keep_defines", True),
    "-M": _deps("M", only=True),
    "-MM": _deps("MM", only=True),
    "-MD": _deps("M", only=False),
    "-MMD": _deps("MM", only=False),
    "-MP": _set("dep_phony", True),
    "-MG": _set("dep_missing_ok", True),
    "-v": _set("verbose", True),
    "-###": _set("dry_run", True),
    "-w": _set("silent", True),
    "-nostdinc": _set("standard_includes", False),
    "-nostdlibinc": _set("host_includes", False),
    "-pedantic": _pedantic,
    "-pedantic-errors": lambda options, _arg: _pedantic(options, "errors"),
    "-ansi": lambda options, _arg: _standard(options, "c89"),
    "-save-temps": _set("save_temps", "cwd"),
    "-mlittle-endian": _set("big_endian", False),
    "-EL": _set("big_endian", False),
    "-mbig-endian": _set("big_endian", True),
    "-EB": _set("big_endian", True),
    "-mco-re": _ignore,
    "-mno-co-re": _ignore,
    **{f"-m{no}{name}": _ignore for name in _GCC_FEATURES for no in ("", "no-")},
    "-m64": _ignore,
    "-m32": _ignore,
    "-pipe": _ignore,
    "-Qunused-arguments": _no_note("unused-command-line-argument"),
    "-Qn": _ignore,
    "-Qy": _ignore,
    "-Wfatal-errors": _set("error_limit", 1),
    "-undef": _set("undef_all", True),
    "-funsigned-char": _set("unsigned_char", True),
    "-fno-signed-char": _set("unsigned_char", True),
    "-fsigned-char": _set("unsigned_char", False),
    "-fno-unsigned-char": _set("unsigned_char", False),
    "-C": _ignored_note("comments are not kept: '-C'"),
    "-CC": _ignored_note("comments are not kept: '-CC'"),
    "-nobuiltininc": _ignore,
    "-nostdinc++": _ignore,
    "-nodefaultlibs": _ignore,
    "-nostartfiles": _ignore,
    "-no-pie": _ignore,
    "-pie": _ignore,
    "-r": _named_linker("-r"),
    "-s": _named_linker("-s"),
    "-shared": _named_linker("-shared"),
    "-rdynamic": _named_linker("-rdynamic"),
    "-integrated-as": _ignore,
    "-no-integrated-as": _ignore,
    "-nostdlib": _ignore,
    "-static": _ignore,
    "-pthread": _ignore,
    "-fno-color-diagnostics": lambda options, _arg: _colour(options, "never"),
    "-fcolor-diagnostics": lambda options, _arg: _colour(options, "always"),
    "-fno-diagnostics-color": lambda options, _arg: _colour(options, "never"),
    "-fdiagnostics-color": lambda options, _arg: _colour(options, "always"),
    "-fno-caret-diagnostics": _set("carets", False),
    "-fno-diagnostics-show-caret": _set("carets", False),
    "-fno-unroll-loops": _set("unroll", False),
    "-funroll-loops": _set("unroll", True),
    "--verify-each": _set("verify_each", True),
    "--time-passes": _set("time_passes", True),
}

# Flags with a value: joined ("-Ifoo"), separate ("-I foo"), or either.
JOINED, SEPARATE, EITHER = 1, 2, 3
VALUED: list[tuple[str, int, Callable[[Options, str], None]]] = [
    ("-o", EITHER, _value("output")),
    ("-iquote", EITHER, _dir("iquote")),
    ("-idirafter", EITHER, _dir("idirafter")),
    ("-include", EITHER, _forced("include")),
    ("-imacros", EITHER, _forced("imacros")),
    ("-isysroot", EITHER, _value("sysroot")),
    # Before "-isystem", which is the beginning of its name.
    ("-isystem-after", EITHER, _dir("idirafter")),
    ("-isystem", EITHER, _dir("isystem")),
    ("-I", EITHER, _dir("I")),
    ("-D", EITHER, _macro("D")),
    ("-U", EITHER, _macro("U")),
    ("-x", EITHER, _language),
    ("-MF", EITHER, _value("dep_file")),
    ("-MT", EITHER, lambda options, arg: options.dep_targets.append(arg)),
    ("-MQ", EITHER, _quoted_target),
    ("-MJ", EITHER, _value("compdb_file")),
    ("--target=", JOINED, _target),
    ("-target", SEPARATE, _target),
    ("-mcpu=", JOINED, _cpu),
    ("-march=", JOINED, _ignored_note("argument unused during compilation: '-march='")),
    ("-mtune=", JOINED, _ignore),
    ("-mkernel=", JOINED, _kernel),
    ("--kernel=", JOINED, _kernel),
    ("--kernel", SEPARATE, _kernel),
    ("--btf=", JOINED, _value("btf")),
    ("--btf", SEPARATE, _value("btf")),
    ("--license=", JOINED, _value("license")),
    ("--license", SEPARATE, _value("license")),
    ("--backend=", JOINED, _choice("backend", "--backend", "direct", "llvm")),
    ("--backend", SEPARATE, _choice("backend", "--backend", "direct", "llvm")),
    (
        "--format=",
        JOINED,
        _choice(
            "diagnostics_format", "--format", "text", "json", "sarif", "github", "gitlab", "junit"
        ),
    ),
    (
        "--format",
        SEPARATE,
        _choice(
            "diagnostics_format", "--format", "text", "json", "sarif", "github", "gitlab", "junit"
        ),
    ),
    (
        "-fdiagnostics-format=",
        JOINED,
        _choice(
            "diagnostics_format",
            "-fdiagnostics-format",
            "text",
            "clang",
            "json",
            "sarif",
            "github",
            "gitlab",
            "junit",
        ),
    ),
    ("-fdiagnostics-color=", JOINED, _colour),
    ("-fcolor-diagnostics=", JOINED, _colour),
    ("-ferror-limit=", JOINED, _number("error_limit", "-ferror-limit")),
    ("-fmax-errors=", JOINED, _number("error_limit", "-fmax-errors")),
    ("-ffile-prefix-map=", JOINED, _map("file")),
    ("-fdebug-prefix-map=", JOINED, _map("debug")),
    ("-fmacro-prefix-map=", JOINED, _map("macro")),
    ("-fdebug-compilation-dir=", JOINED, _ignore),
    ("-fdebug-compilation-dir", SEPARATE, _ignore),
    ("-Xclang", SEPARATE, _ignore),
    ("-Xassembler", SEPARATE, _ignore),
    ("-Xlinker", SEPARATE, _named_linker("-Xlinker ")),
    ("-mllvm", SEPARATE, _ignore),
    ("--sysroot=", JOINED, _value("sysroot")),
    ("--sysroot", SEPARATE, _value("sysroot")),
    ("--param=", JOINED, _ignore),
    ("--param", SEPARATE, _ignore),
    ("--gcc-toolchain=", JOINED, _ignore),
    ("-gcc-toolchain", SEPARATE, _ignore),
    ("-B", EITHER, _ignore),
    ("-L", EITHER, _named_linker("-L")),
    ("-l", EITHER, _named_linker("-l")),
    ("-Wl,", JOINED, _named_linker("-Wl,")),
    ("-Wa,", JOINED, _ignore),
    ("-masm=", JOINED, _ignore),
    ("-mframe-limit=", JOINED, _ignore),
    ("-mllvm=", JOINED, _ignore),
    ("-resource-dir", SEPARATE, _ignore),
    ("-std=", JOINED, _standard),
    ("--std=", JOINED, _standard),
    ("-save-temps=", JOINED, _choice("save_temps", "-save-temps", "cwd", "obj")),
    ("--dump-after=", JOINED, _append("dump_after")),
    ("--stop-after=", JOINED, _value("stop_after")),
    ("--pass-limit=", JOINED, _number("pass_limit", "--pass-limit")),
    ("-O", JOINED, _opt_level),
    ("-W", JOINED, _warning),
    ("-g", JOINED, _ignore),
]

# -f names (without -f and -fno-) that clang has and that change nothing for BPF.
_SILENT_F = frozenset(
    """ident stack-protector stack-protector-strong stack-protector-all PIC pic PIE pie
    freestanding builtin jump-tables asynchronous-unwind-tables unwind-tables exceptions
    strict-aliasing common omit-frame-pointer delete-null-pointer-checks strict-overflow wrapv
    function-sections data-sections hosted short-enums signed-char plt inline inline-functions
    cf-protection lto strict-flex-arrays trigraphs math-errno merge-all-constants
    optimize-sibling-calls semantic-interposition debug-info-for-profiling
    eliminate-unused-debug-types ms-extensions gnu89-inline show-column diagnostics-show-option
    diagnostics-fixit-info diagnostics-absolute-paths sanitize addrsig
    zero-initialized-in-bss visibility tree-vectorize ssa-phiopt record-gcc-switches
    integrated-cc1 integrated-as verbose-asm dwarf2-cfi-asm discard-value-names
    standalone-debug use-init-array unit-at-a-time slp-vectorize vectorize message-length
    ansi-escape-codes ffp-contract fp-contract fast-math stack-clash-protection debug-types-section
    limit-debug-info file-compilation-dir debug-compilation-dir coverage-compilation-dir
    split-dwarf-inlining emulated-tls rtti threadsafe-statics stack-size-section stack-usage
    time-report time-trace pch-timestamp spell-checking diagnostics-show-template-tree
    diagnostics-show-category diagnostics-show-line-numbers diagnostics-show-labels
    fat-lto-objects zero-call-used-regs ipa-sra ipa-cp tree-sra tree-switch-conversion
    rounding-math trapping-math auto-inc-dec""".split()
)


def _f_flag(options: Options, arg: str) -> bool:
    """Take ``-f...``; True if it was one."""
    name = arg[2:].removeprefix("no-").split("=", 1)[0]
    if name not in _SILENT_F and not name.startswith("builtin-"):
        options.driver_notes.append(("unknown-argument", f"unknown argument ignored: '{arg}'"))
    return True


def expand_response_files(argv: list[str], depth: int = 0) -> list[str]:
    """Replace each ``@file`` by the words in that file (quotes as in a shell).

    Raises: InputError when the file cannot be read or files nest without end.
    """
    out: list[str] = []
    for arg in argv:
        if not arg.startswith("@") or len(arg) == 1:
            out.append(arg)
            continue
        if depth > 16:
            raise InputError(f"response files nest too deeply at '{arg}'")
        try:
            words = shlex.split(read_file(arg[1:]).decode("utf-8", "surrogateescape"))
        except OSError as error:
            raise InputError(f"cannot read '{arg[1:]}': {error.strerror}") from error
        except ValueError as error:
            raise InputError(f"bad quoting in '{arg[1:]}': {error}") from error
        out += expand_response_files(words, depth + 1)
    return out


def expand_preprocessor_flags(args: list[str]) -> list[str]:
    """Replace ``-Wp,A,B`` and ``-Xpreprocessor A`` by the flags for the preprocessor that they are.

    The file after ``-MD`` and ``-MMD`` is the preprocessor's own spelling of ``-MF``.
    """
    out: list[str] = []
    rest = iter(args)
    for arg in rest:
        if arg.startswith("-Wp,"):
            for word in arg[4:].split(","):
                if not word.startswith("-") and out[-1:] in (["-MD"], ["-MMD"]):
                    out.append("-MF")
                out.append(word)
        elif arg == "-Xpreprocessor":
            out += [word for word in (next(rest, ""),) if word]
        else:
            out.append(arg)
    return out


def parse_flags(argv: list[str]) -> Options:
    """Read the compiler's command line.

    Raises: InputError with one sentence when a flag is unknown or its value is wrong.
    """
    options = Options()
    options.argv = list(argv)
    args = expand_preprocessor_flags(expand_response_files(argv))
    i = 0
    only_files = False
    while i < len(args):
        arg = args[i]
        i += 1
        if only_files or not arg.startswith("-") or arg == "-":
            options.inputs.append(arg)
            continue
        if arg == "--":
            only_files = True
            continue
        apply = EXACT.get(arg)
        if apply is not None:
            apply(options, "")
            continue
        for flag, form, apply in VALUED:
            if not arg.startswith(flag):
                continue
            if arg == flag and form != JOINED:
                if i >= len(args):
                    raise InputError(f"argument to '{flag}' is missing")
                apply(options, args[i])
                i += 1
                break
            if form != SEPARATE:
                apply(options, arg[len(flag) :])
                break
        else:
            if arg.startswith("-f") and len(arg) > 2:
                _f_flag(options, arg)
            else:
                raise InputError(f"unknown argument: '{arg}'")
    _finish(options)
    return options


def _finish(options: Options) -> None:
    if options.diagnostics_format == "clang":
        options.diagnostics_format = "text"
    if options.silent:
        options.warnings.silent = True
    if options.emit_llvm and options.mode in ("", "assembly"):
        options.llvm_suffix = ".ll" if options.mode == "assembly" else ".bc"
        if options.mode == "":
            options.driver_notes.append(
                (
                    "emit-llvm",
                    "-emit-llvm: this LLVM IR is for reading, it does not say what llc needs to"
                    " make an object that loads; leave the flag out to get the object itself",
                )
            )
        options.mode = "llvm"
    if options.mode == "preprocess" and options.dump_macros:
        options.mode = "macros"
    for name in ("CPATH", "C_INCLUDE_PATH"):
        kind = "I" if name == "CPATH" else "isystem"
        for path in os.environ.get(name, "").split(os.pathsep):
            if path:
                options.include_dirs.append((kind, path))
    spec = os.environ.get("DEPENDENCIES_OUTPUT", "")
    if spec and not options.dependencies:
        path, _, target = spec.partition(" ")
        options.dependencies, options.dep_file = "MM", path
        if target:
            options.dep_targets.append(target)
    if not options.mode:
        many = len(options.inputs) > 1 and options.output is not None
        linkable = options.inputs and all(name.endswith(".o") for name in options.inputs)
        options.mode = "link" if not options.compile_only and (many or linkable) else "object"
    if len(options.inputs) > 1 and options.output is not None and options.mode != "link":
        raise InputError("cannot specify -o when generating multiple output files")
