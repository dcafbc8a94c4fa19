"""``bpfcc asm``: assembly text to a BPF object or to raw bytes."""

from __future__ import annotations

import sys

from ..driver.objects import read_bytes
from ..driver.output import write_atomic
from ..isa.asm import assemble
from ..isa.insn import encode
from ..objfile.model import Function, Object, Reloc, RelocKind
from ..objfile.write import to_bytes
from ..support.errors import InputError
from .arguments import CommandParser


def arguments() -> CommandParser:
    """Return what reads the command line."""
    parser = CommandParser(
        "asm",
        "Assemble BPF instructions. Reads LLVM's syntax (r1 = *(u64 *)(r2 + 8)) and the "
        "conformance suite's (ldxdw %r1, [%r2+8]), line by line.",
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
    assembly = assemble(text, name="<stdin>" if args.file == "-" else args.file)
    code = encode(assembly.insns, big_endian=args.big_endian)
    if args.raw_hex or args.raw:
        if assembly.relocs:
            raise InputError(
                f"'{assembly.relocs[0].symbol}' needs a relocation, which raw bytes cannot hold"
            )
        if args.raw:
            write_atomic(args.output, code)
        elif args.output == "-":
            sys.stdout.write(code.hex(" ") + "\n")
        else:
            write_atomic(args.output, code.hex(" ").encode() + b"\n")
        return 0
    obj = Object(args.file)
    obj.big_endian = args.big_endian
    relocs = [
        Reloc(
            reloc.slot,
            RelocKind.CALL if reloc.kind == "call" else RelocKind.DATA,
            reloc.symbol,
            reloc.addend,
        )
        for reloc in assembly.relocs
    ]
    obj.functions.append(Function(args.name, args.section, assembly.insns, relocs=relocs))
    if args.output == "-" and sys.stdout.isatty():
        raise InputError("an object is not text: give -o FILE, --raw or --raw-hex")
    write_atomic(args.output, to_bytes(obj))
    return 0
