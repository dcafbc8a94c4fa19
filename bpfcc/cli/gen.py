"""``bpfcc gen python``: a typed Python module for an object."""

from __future__ import annotations

import os

from ..driver.build import load_bytes
from ..driver.output import write_atomic
from ..support.diagnostics import Sink
from ..support.errors import InputError
from .arguments import CommandParser, compiler_options
from .report import print_diagnostics


def arguments() -> CommandParser:
    """Return what reads the command line."""
    parser = CommandParser(
        "gen",
        "Write a typed Python module for a filter (C or object): its maps, global variables and\n"
        "programs as attributes, its structs as dataclasses. The module carries the object, and\n"
        "loads it into the running kernel or into the user-space machine.",
        "example:\n  bpfcc gen python dropmon.o -o dropmon.py\n"
        "  python -c 'from dropmon import Dropmon; Dropmon.load(\"vm\").programs.dropmon.run()'\n"
        "Other flags are the compiler's (-I, -D, -mcpu ...), for C files.",
    )
    parser.add_argument("language", choices=("python",), help="the language of the module")
    parser.add_argument("-o", dest="output", metavar="FILE", help="default: standard output")
    parser.add_argument("--name", metavar="CLASS", help="of the class (default: the file's name)")
    parser.add_argument(
        "--record",
        action="append",
        default=[],
        metavar="MAP=STRUCT",
        help="what the records of a ring or perf buffer are (may be repeated)",
    )
    return parser


def main(argv: list[str]) -> int:
    """Write the module; 0, or 1 when the input cannot be read or compiled."""
    args, options = compiler_options(arguments(), argv)
    if len(options.inputs) != 1:
        raise InputError("gen takes one filter")
    records: dict[str, str] = {}
    for setting in args.record:
        buffer, equals, kind = setting.partition("=")
        if not equals:
            raise InputError(f"--record {setting}: expected MAP=STRUCT")
        records[buffer] = kind.removeprefix("struct ").strip()
    path = options.inputs[0]
    sink = Sink(options.warnings)
    obj, data = load_bytes(path, options, sink)
    print_diagnostics(sink)
    if obj is None or sink.errors:
        return 1
    from ..driver.gen_python import class_name, python_module

    stem = "filter" if path == "-" else os.path.basename(path).split(".", 1)[0]
    name = args.name or class_name(stem)
    if not name.isidentifier():
        raise InputError(f"--name {name}: not a name for a Python class")
    text = python_module(obj, data, f"{stem}.o", name, records)
    write_atomic(args.output or "-", text.encode("utf-8", "backslashreplace"))
    return 0
