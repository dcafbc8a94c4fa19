"""``bpfcc min-kernel``: which kernel an object needs, and the line that decides."""

from __future__ import annotations

import sys

from ..driver.build import load_input
from ..driver.min_kernel import needs, version_text
from ..support.diagnostics import Sink
from .arguments import CommandParser, compiler_options
from .report import print_diagnostics


def arguments() -> CommandParser:
    """Return what reads the command line."""
    parser = CommandParser(
        "min-kernel",
        "Tell which kernel version a filter (C or object) needs, and what decides it.",
        "Other flags are the compiler's (-I, -D, -mcpu ...), for C files.",
    )
    parser.add_argument("--all", action="store_true", help="list everything that sets a minimum")
    parser.add_argument("--json", action="store_true", help="one JSON object per input")
    return parser


def main(argv: list[str]) -> int:
    """Print the oldest kernel per input; 0, or 1 when an input cannot be read."""
    args, options = compiler_options(arguments(), argv)
    status = 0
    for path in options.inputs:
        sink = Sink(options.warnings)
        obj = load_input(path, options, sink)
        print_diagnostics(sink)
        if obj is None:
            status = 1
            continue
        found = needs(obj)
        version = version_text(found[0].version) if found else "3.18"
        if args.json:
            import json

            rows = [
                {
                    "version": version_text(need.version),
                    "what": need.what,
                    "owner": need.owner,
                    "file": need.line.file if need.line else "",
                    "line": need.line.line if need.line else 0,
                }
                for need in found
            ]
            sys.stdout.write(json.dumps({"file": path, "kernel": version, "needs": rows}) + "\n")
            continue
        sys.stdout.write(f"{path}: needs Linux {version}\n")
        for need in found if args.all else [n for n in found if n.version == found[0].version]:
            sys.stdout.write(f"  {need.text()}\n")
    return status
