"""``bpfcc asm``: assembly text to a BPF object or to raw bytes."""

from __future__ import annotations

import sys

from ..driver.asm_object import read_assembly
from ..driver.objects import read_bytes
from ..driver.output import write_atomic
from ..isa.insn import encode
from ..objfile.model import Object
from ..objfile.write import to_bytes
from ..support.errors import InputError
from .arguments import CommandParser


def arguments() -> CommandParser:
    """Return what reads the command line."""
    parser = CommandParser(
        "asm",
        "Assemble BPF instructions. Reads LLVM's syntax (r1 = *(u64 *)(r2 + 8)) and the "
        "conformance suite's (ldxdw %r1, [%r2+8]), line by line; with sections, symbols and data "
        "as 'bpfcc objdump --asm' and -S write them.",
    )
    parser.add_argument("file", metavar="FILE|-", help="assembly")
    parser.add_argument("-o", "--output", default="-", metavar="OBJ|-", help="(standard output)")
    parser.add_argument("--raw-hex", action="store_true", help="write instruction bytes as hex")
    parser.add_argument("--raw", action="store_true", help="write instruction bytes")
    parser.add_argument("--name", default="main", help="function name in the object")
    parser.add_argument("--section", default=".text", help="section in the object")
    parser.add_argument("--big-endian", action="store_true", help="for -target bpfeb")
    return parser


def main(argv: list[str]) -> int:
    """Assemble one file; 0, or 1 after errors."""
    args = arguments().parse_args(argv)
    try:
        text = read_bytes(args.file).decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"{args.file}: not text: {error}") from error
    name = "<stdin>" if args.file == "-" else args.file
    obj = read_assembly(
        text,
        name=name,
        function=args.name,
        section=args.section,
        big_endian=args.big_endian,
        split=not (args.raw_hex or args.raw),
    )
    if args.raw_hex or args.raw:
        code = _raw(obj)
        if args.raw:
            write_atomic(args.output, code)
        elif args.output == "-":
            sys.stdout.write(code.hex(" ") + "\n")
        else:
            write_atomic(args.output, code.hex(" ").encode() + b"\n")
        return 0
    if args.output == "-" and sys.stdout.isatty():
        raise InputError("an object is not text: give -o FILE, --raw or --raw-hex")
    write_atomic(args.output, to_bytes(obj))
    return 0


def _raw(obj: Object) -> bytes:
    """Return the bytes of the only function. Raises: InputError."""
    if not obj.functions:
        return b""
    if len(obj.functions) > 1:
        names = ", ".join(function.name for function in obj.functions)
        raise InputError(f"raw bytes hold one function, here are {len(obj.functions)}: {names}")
    function = obj.functions[0]
    if function.relocs:
        symbol = function.relocs[0].symbol
        raise InputError(f"'{symbol}' needs a relocation, which raw bytes cannot hold")
    return encode(function.insns, big_endian=obj.big_endian)
