"""One input to one product: what each mode of the compiler makes, ready to be written."""

from __future__ import annotations

import os

from ..c.preprocess import Dependency, search
from ..objfile.model import Object
from ..objfile.read import from_bytes
from ..objfile.write import to_bytes
from ..support.diagnostics import Sink
from ..support.errors import InputError
from ..support.source import SourceFile
from . import pipeline
from .depfile import make_rule
from .objects import read_bytes, read_object
from .options import Options
from .output import default_output, write_all

_SUFFIX = {"object": ".o", "assembly": ".s", "llvm": ".ll"}
_C_SUFFIXES = (".c", ".i", ".h")


class Product:
    """Files to write once a compilation has succeeded: (path, bytes), the main one first."""

    def __init__(self) -> None:
        self.files: list[tuple[str, bytes]] = []

    def write(self) -> None:
        """Write them all, whole or not at all.

        The main one appears last: make takes an object that is there for one whose dependency file
        is there too.
        """
        write_all(self.files[1:] + self.files[:1])


def search_dirs(options: Options) -> tuple[list[str], list[str]]:
    """Return the folders searched for "x.h" alone, and those for <x.h>, in order."""
    quote, system = search.default_search_path(pipeline.c_options(options))
    return [folder.path for folder in quote], [folder.path for folder in system]


def build_one(path: str, options: Options, sink: Sink) -> Product | None:
    """Compile ``path`` as ``options.mode`` says.

    Returns: what to write; None when there is nothing to write (-fsyntax-only) or after errors.
    Raises: InputError when the input cannot be read.
    """
    if path.endswith(".o") and not options.language:
        raise InputError(f"'{path}' is an object: nothing to compile (give -o and no -c to link)")
    if (path.endswith((".s", ".S", ".asm")) and not options.language) or (
        options.language == "assembler"
    ):
        raise InputError(f"'{path}': use 'bpfcc asm' for assembly")
    source = pipeline.read_source(path)
    product = Product()
    if options.mode in ("preprocess", "macros", "dependencies"):
        return _preprocess_only(path, options, sink)
    dependencies: list[Dependency] = []
    if options.mode == "syntax" or options.stop_after in ("lower", "sema", "opt"):
        pipeline.compile_to_ir(source, options, sink, dependencies)
        if sink.errors:
            return None
        _add_side_products(product, path, "", options, dependencies)
        return product
    if options.mode == "llvm":
        obj, data = None, _llvm_text(source, options, sink, dependencies)
        suffix = options.llvm_suffix
    else:
        obj = pipeline.compile_source(source, options, sink, dependencies)
        data = None if obj is None else _encode(obj, options)
        suffix = _SUFFIX[options.mode]
    if data is None or sink.errors:
        return None
    output = options.output or default_output(path, suffix)
    product.files.append((output, data))
    if options.save_temps and obj is not None:
        _add_temporaries(product, source, obj, output, options)
    _add_side_products(product, path, output, options, dependencies)
    return product


def _add_side_products(
    product: Product, path: str, output: str, options: Options, dependencies: list[Dependency]
) -> None:
    """Add the dependency file and the -MJ entry, where they are asked for."""
    if options.dependencies:
        product.files.append(_dependency_file(path, output, options, dependencies))
    if options.compdb_file:
        product.files.append((options.compdb_file, _compdb(path, output, options)))


def _add_temporaries(
    product: Product, source: SourceFile, obj: Object, output: str, options: Options
) -> None:
    """Add what -save-temps keeps: the preprocessed text and the assembly, beside the output."""
    from ..c.preprocess.output import preprocessed_text
    from .asm_text import assembly

    stem = os.path.splitext(default_output(source.name, ".o"))[0]
    if options.save_temps == "obj" and output != "-":
        stem = os.path.splitext(output)[0]
    text = preprocessed_text(source, pipeline.c_options(options), Sink(options.warnings)).text
    product.files.append((stem + ".i", text.encode("utf-8", "surrogateescape")))
    product.files.append((stem + ".s", assembly(obj, options.level()).encode()))


def _encode(obj: Object, options: Options) -> bytes:
    if options.mode == "assembly":
        from .asm_text import assembly

        return assembly(obj, options.level()).encode()
    return to_bytes(obj)


def _llvm_text(
    source: SourceFile,
    options: Options,
    sink: Sink,
    dependencies: list[Dependency],
) -> bytes | None:
    module = pipeline.compile_to_ir(source, options, sink, dependencies)
    if module is None:
        return None
    from ..llvm.backend import llvm_text  # the one door to llvmlite

    return llvm_text(
        module, mcpu=options.level(), big_endian=options.big_endian, opt_level=options.opt_level
    ).encode()


def _preprocess_only(path: str, options: Options, sink: Sink) -> Product | None:
    from ..c.preprocess.output import macro_text, preprocessed_text  # most compilations need none

    c = pipeline.c_options(options)
    source = pipeline.read_source(path)
    if options.mode == "macros":
        result = macro_text(source, c, sink)
    else:
        result = preprocessed_text(
            source,
            c,
            sink,
            line_markers=options.line_markers,
            keep_defines=options.keep_defines,
        )
    if sink.errors:
        return None
    product = Product()
    if options.mode == "dependencies":
        name, data = _dependency_file(path, "", options, result.dependencies)
        product.files.append((options.output or name, data))
        return product
    data = result.text.encode("utf-8", "surrogateescape")
    product.files.append((options.output or "-", data))
    if options.dependencies:
        product.files.append(
            _dependency_file(path, options.output or "", options, result.dependencies)
        )
    return product


def _dependency_file(
    path: str, output: str, options: Options, dependencies: list[Dependency]
) -> tuple[str, bytes]:
    """Return (file name, text) of the make rule."""
    names = [path] + [
        one.path
        for one in dependencies
        if (options.dependencies == "M" or not one.system)
        and (not one.missing or options.dep_missing_ok)
    ]
    target = output if output not in ("", "-") else default_output(path, ".o")
    rule = make_rule(options.dep_targets or [target], names, phony=options.dep_phony)
    if options.dep_file:
        where = options.dep_file
    elif options.mode == "dependencies":
        where = "-"
    else:
        where = os.path.splitext(target)[0] + ".d"
    return where, rule.encode("utf-8", "surrogateescape")


def _compdb(path: str, output: str, options: Options) -> bytes:
    """Return the -MJ fragment: one entry of compile_commands.json with clang's final comma."""
    import json

    entry = {
        "directory": os.getcwd(),
        "file": path,
        "output": output,
        "arguments": ["bpfcc", *options.argv],
    }
    return (json.dumps(entry) + ",\n").encode()


def load_input(path: str, options: Options, sink: Sink) -> Object | None:
    """Return the object of ``path``: read if it is one, compiled if it is C; None after errors."""
    if path.endswith(_C_SUFFIXES) or path == "-" or options.language == "c":
        return pipeline.compile_source(pipeline.read_source(path), options, sink, [])
    return read_object(path)


def load_bytes(path: str, options: Options, sink: Sink) -> tuple[Object | None, bytes]:
    """Return an object as other programs would read it, and its bytes; (None, b"") after errors.

    C is compiled; an object file is taken as it is.
    """
    if path.endswith(_C_SUFFIXES) or path == "-" or options.language == "c":
        made = pipeline.compile_source(pipeline.read_source(path), options, sink, [])
        if made is None or sink.errors:
            return None, b""
        data = to_bytes(made)
    else:
        data = read_bytes(path)
    return from_bytes(data, path), data


def link_inputs(options: Options, sink: Sink) -> bytes | None:
    """Compile or read every input and link them into one object; None after errors."""
    from ..objfile.combine import combine

    objects = []
    for path in options.inputs:
        obj = load_input(path, options, sink)
        if obj is not None:
            objects.append(obj)
    if sink.errors:
        return None
    return to_bytes(combine(objects, options.inputs))
