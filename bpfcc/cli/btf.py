"""``bpfcc btf``: BTF as C declarations, whole or for named types with what they need."""

from __future__ import annotations

import sys

from ..btf.dump_c import dump
from ..driver.btf_source import RUNNING_KERNEL, load_btf
from ..support.errors import InputError
from .arguments import CommandParser


def print_types(path: str | None, names: list[str]) -> None:
    """Write the types called ``names`` (all for none) of the BTF in ``path`` as C."""
    btf = load_btf(path)
    if btf is None:
        raise InputError(f"this system has no kernel BTF ({RUNNING_KERNEL}); give a file")
    sys.stdout.write(dump(btf, names))


def arguments() -> CommandParser:
    """Return what reads the command line."""
    parser = CommandParser(
        "btf",
        "Print BTF as C: of the running kernel, or of FILE (raw BTF, or an ELF file with .BTF).",
        "examples:\n  bpfcc btf > vmlinux.h\n  bpfcc btf --type task_struct\n"
        "  bpfcc btf filter.o --type event\n",
    )
    parser.add_argument("file", nargs="?", metavar="FILE", help="raw or in an ELF (this kernel's)")
    parser.add_argument(
        "--type",
        action="append",
        default=[],
        dest="types",
        metavar="NAME",
        help="only this struct, union, enum or typedef and what it needs (may be repeated)",
    )
    return parser


def main(argv: list[str]) -> int:
    """Print BTF as C; 0, or 1 when it cannot be read or a name is unknown."""
    args = arguments().parse_args(argv)
    print_types(args.file, args.types)
    return 0
