"""``bpfcc explain``: what a diagnostic id means, or what a kernel's rejection log says."""

from __future__ import annotations

import os
import sys

from ..driver.diagnostics_page import all_ids, for_terminal, page
from ..support.diagnostics import Sink
from ..support.errors import InputError
from .arguments import CommandParser
from .report import print_diagnostics


def arguments() -> CommandParser:
    """Return what reads the command line."""
    parser = CommandParser(
        "explain",
        "Explain a diagnostic id (bpf-null-deref), or a kernel's verifier log at C lines.",
        "examples:\n  bpfcc explain bpf-null-deref\n  bpfcc explain --list\n"
        "  bpfcc explain verifier.log --object filter.o\n"
        "  bpftool prog load ... 2>&1 | bpfcc explain -\n",
    )
    parser.add_argument("subject", nargs="?", metavar="ID|LOG|-", help="what to explain")
    parser.add_argument("--object", metavar="FILE.o", help="the object that the log is about")
    parser.add_argument(
        "--btf", metavar="FILE", help="that kernel's types (default: this kernel's)"
    )
    parser.add_argument("--list", action="store_true", help="list all ids")
    parser.add_argument(
        "--markdown", action="store_true", help="print the documentation of all ids"
    )
    parser.add_argument(
        "--format", choices=["text", "json", "github"], default="text", help="of a log's findings"
    )
    return parser


def main(argv: list[str]) -> int:
    """Explain an id or a log; 0, or 1 when it is neither."""
    # A warning's name may be given as it is switched: "-Wshadow" is no option here.
    args = arguments().parse_args([arg.removeprefix("-W") for arg in argv])
    if args.list:
        for id, title in all_ids().items():
            sys.stdout.write(f"{id:24} {title}\n")
        return 0
    if args.markdown:
        sys.stdout.write(page())
        return 0
    if args.subject is None:
        raise InputError("give an id, a log file or '-' (see 'bpfcc explain --help')")
    name = args.subject.removeprefix("no-")
    text = for_terminal(name) or for_terminal("c-" + name)
    if text is not None:
        sys.stdout.write(text)
        return 0
    if args.subject != "-" and not os.path.exists(args.subject):
        from difflib import get_close_matches

        near = get_close_matches(name, all_ids(), 1)
        hint = f"; did you mean '{near[0]}'?" if near else "; 'bpfcc explain --list' shows all ids"
        raise InputError(f"'{args.subject}' is neither an id nor a file{hint}")
    from ..driver.btf_source import load_btf
    from ..driver.kernel_log import explain
    from ..driver.objects import read_bytes, read_object

    log = read_bytes(args.subject).decode("utf-8", "replace")
    obj = read_object(args.object) if args.object else None
    sink = Sink()
    sink.report(explain(log, obj, load_btf(args.btf) if obj is not None else None))
    print_diagnostics(sink, format=args.format)
    return 0
