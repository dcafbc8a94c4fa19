"""``bpfcc objdump``: an object as text."""

from __future__ import annotations

import sys

from ..driver.asm_text import assembly
from ..driver.listing import object_text
from ..driver.objects import read_object
from .arguments import CommandParser


def arguments() -> CommandParser:
    """Return what reads the command line."""
    parser = CommandParser(
        "objdump", "Show an object's code with its C lines, maps, data and types."
    )
    parser.add_argument("objects", nargs="+", metavar="FILE.o", help="of any compiler")
    parser.add_argument("--no-source", action="store_true", help="leave out the C lines")
    parser.add_argument("--raw", action="store_true", help="show the bytes of each instruction")
    parser.add_argument("--no-core", action="store_true", help="leave out CO-RE relocations")
    parser.add_argument(
        "--asm", action="store_true", help="show the object as assembly that 'bpfcc asm' reads back"
    )
    parser.add_argument("--btf", action="store_true", help="show the object's types as C instead")
    return parser


def main(argv: list[str]) -> int:
    """Print the listing of each object; 0, or 1 when one cannot be read."""
    args = arguments().parse_args(argv)
    for path in args.objects:
        if args.btf:
            from .btf import print_types

            print_types(path, [])
            continue
        if args.asm:
            sys.stdout.write(assembly(read_object(path), source=not args.no_source))
            continue
        text = object_text(
            read_object(path),
            name=path,
            source=not args.no_source,
            raw=args.raw,
            core=not args.no_core,
        )
        sys.stdout.write(text)
    return 0
