"""From C text to an object: the list of stages, in order. Read this file first.

Stages know nothing of each other; what passes between them is data. The driver looks at the host
(files, environment, include folders); the stages do not.
"""

from __future__ import annotations

import os
import sys

from ..c.options import COptions
from ..c.preprocess import Dependency, search
from ..c.unit import compile_unit
from ..codegen import CodegenOptions, generate
from ..ir.module import Module
from ..objfile.model import Object
from ..opt.pipeline import OptOptions, optimize
from ..support.diagnostics import Sink
from ..support.errors import InputError
from ..support.files import read_file, read_stdin
from ..support.source import SourceFile
from .btf_source import btf_provider
from .options import Options
from .passes import PassCallback, machine_dump


def read_source(path: str) -> SourceFile:
    """Read C text; "-" is standard input. Bytes that are not UTF-8 are taken as Latin-1.

    Raises: InputError when the file cannot be read.
    """
    try:
        if path == "-":
            data = read_stdin()
        else:
            data = read_file(path)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or 'it is closed'}") from error
    except ValueError as error:
        raise InputError(f"{path!r} is no file name: {error}") from error
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    return SourceFile("<stdin>" if path == "-" else path, text.replace("\r\n", "\n"))


def system_include_dirs(sysroot: str = "") -> list[str]:
    """Return the host's header folders that exist: the multiarch one, then the general ones.

    ``sysroot``: where another system's folders begin.
    """
    if not sys.platform.startswith("linux") and not sysroot:
        return []
    root = sysroot.rstrip("/")
    dirs = [f"{root}/usr/local/include"]
    machine = os.uname().machine if hasattr(os, "uname") else ""
    dirs.append(f"{root}/usr/include/{machine}-linux-gnu")
    dirs.append(f"{root}/usr/include")
    return [path for path in dirs if os.path.isdir(path)]


def resource_dir() -> str:
    """Return the folder whose ``include`` holds the headers that the compiler brings along."""
    return os.path.dirname(search.own_headers())


def _own_folder(paths: list[str]) -> list[str]:
    """Put the compiler's standard headers beside its others where a path names those.

    Build systems that say -nostdinc give back what -print-resource-dir told them.
    """
    own = search.own_headers()
    found: list[str] = []
    for path in paths:
        if own and os.path.basename(path.rstrip("/")) == "include" and _same(path, own):
            found.append(os.path.join(own, "libc"))
        found.append(path)
    return found


def _same(path: str, other: str) -> bool:
    return os.path.isdir(path) and os.path.samefile(path, other)


_TARGET_ARCH = {"x86_64": "x86", "aarch64": "arm64", "s390x": "s390", "riscv64": "riscv"}


def c_options(options: Options) -> COptions:
    """Return what the C front end needs to know of ``options``."""
    c = COptions()
    c.include = [path for kind, path in options.include_dirs if kind == "I"]
    c.quote = [path for kind, path in options.include_dirs if kind == "iquote"]
    c.system = _own_folder([p for kind, p in options.include_dirs if kind == "isystem"])
    c.after = _own_folder([path for kind, path in options.include_dirs if kind == "idirafter"])
    c.nostdinc = not options.standard_includes
    c.standard = (
        system_include_dirs(options.sysroot) if options.host_includes and not c.nostdinc else []
    )
    c.own_headers = options.standard_includes
    c.commands = list(options.macro_actions)
    c.preincludes = [path for kind, path in options.forced_includes if kind == "include"]
    c.imacros = [path for kind, path in options.forced_includes if kind == "imacros"]
    c.big_endian = options.big_endian
    c.mcpu = options.level()
    c.optimize = options.opt_level
    c.std = options.standard or "gnu17"
    c.btf = btf_provider(options.btf)
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    c.source_date_epoch = int(epoch) if epoch.isdecimal() and len(epoch) < 12 else 0
    c.license = options.license
    c.lint = options.lint
    c.missing_ok = options.dep_missing_ok and options.mode == "dependencies"
    c.unroll = options.unroll
    c.undef_all = options.undef_all
    c.unsigned_char = options.unsigned_char
    c.prefix_maps = options.macro_prefix_maps
    if hasattr(os, "uname"):
        c.target_arch = _TARGET_ARCH.get(os.uname().machine, "")
    return c


def compile_source(
    source: SourceFile,
    options: Options,
    sink: Sink,
    dependencies: list[Dependency] | None = None,
) -> Object | None:
    """Compile one C file; None after errors, which are in ``sink``.

    ``dependencies`` takes the files that were read.
    """
    module = compile_to_ir(source, options, sink, dependencies)
    if module is None:
        return None
    return generate_object(module, options, sink)


def compile_to_ir(
    source: SourceFile,
    options: Options,
    sink: Sink,
    dependencies: list[Dependency] | None = None,
) -> Module | None:
    """C text to optimised IR; None after errors."""
    callback = PassCallback(options)
    module = compile_unit(source, c_options(options), sink, dependencies)
    if module is None or sink.errors:
        return None
    callback.after_stage("lower", module)
    optimize(
        module,
        OptOptions(
            level=options.opt_level,
            mcpu=options.level(),
            unroll=options.unroll,
            big_endian=options.big_endian,
        ),
        callback,
        sink,
    )
    callback.after_stage("opt", module)
    callback.finish()
    return None if sink.errors else module


def generate_object(module: Module, options: Options, sink: Sink) -> Object | None:
    """Optimised IR to an object, by the backend that ``options`` names; None after errors."""
    if options.backend == "llvm":
        from ..llvm.backend import generate as generate_llvm  # the one door to llvmlite

        obj = generate_llvm(module, mcpu=options.level(), big_endian=options.big_endian, sink=sink)
    else:
        obj = generate(
            module,
            CodegenOptions(
                mcpu=options.level(),
                big_endian=options.big_endian,
                opt_level=options.opt_level,
                verify=options.verify_each,
                callback=machine_dump(options),
                sink=sink,
            ),
        )
    if obj is None or sink.errors:
        return None
    if options.prefix_maps:
        _map_prefixes(obj, options.prefix_maps)
    return obj


def _map_prefixes(obj: Object, maps: list[tuple[str, str]]) -> None:
    """Apply -ffile-prefix-map to the file names of the line information."""
    for function in obj.functions:
        for line in function.lines:
            for old, new in reversed(maps):
                if line.file.startswith(old):
                    line.file = new + line.file[len(old) :]
                    break
