"""``bpfcc record``: a tracepoint's events into a file that ``run --events`` replays."""

from __future__ import annotations

import contextlib
import sys

from ..driver.output import write_atomic
from ..driver.trace import cannot_trace, demo_drops
from ..support.errors import InputError
from .arguments import CommandParser


def arguments() -> CommandParser:
    """Return what reads the command line."""
    parser = CommandParser(
        "record",
        "Record the events of a tracepoint of the running kernel (root), one JSON object a line.",
        "example:\n  sudo bpfcc record -e skb:kfree_skb --duration 5 -o drops.jsonl",
    )
    parser.add_argument("-e", "--event", required=True, metavar="GROUP:NAME", help="the tracepoint")
    parser.add_argument("-o", "--output", default="-", metavar="FILE", help="(standard output)")
    parser.add_argument("--duration", type=float, default=5.0, metavar="S", help="(5)")
    parser.add_argument(
        "--limit", "--count", type=int, default=0, metavar="N", help="stop after N events"
    )
    parser.add_argument(
        "--as",
        dest="kind",
        choices=("raw_tp", "tracepoint"),
        default=None,
        help="what programs are to get: the event's arguments (raw_tp, tp_btf) or its record "
        "(tracepoint/GROUP/NAME); default: raw_tp, for syscalls:* tracepoint",
    )
    parser.add_argument(
        "--demo", action="store_true", help="make packet drops on loopback meanwhile"
    )
    return parser


def main(argv: list[str]) -> int:
    """Record; 0, or 1 when that is not possible here."""
    args = arguments().parse_args(argv)
    reason = cannot_trace()
    if reason:
        raise InputError(f"cannot record: {reason}")
    kind = args.kind or ("tracepoint" if args.event.startswith("syscalls") else "raw_tp")
    if kind == "raw_tp":
        from ..driver.record import record
    else:
        from ..driver.record_layout import record_layout as record

    lines: list[str] = []
    with (
        demo_drops() if args.demo else contextlib.nullcontext(),
        contextlib.suppress(KeyboardInterrupt),
    ):
        for line in record(args.event, duration=args.duration, limit=args.limit):
            lines.append(line + "\n")
            if args.output == "-":
                sys.stdout.write(lines[-1])
    if args.output != "-":
        write_atomic(args.output, "".join(lines).encode())
    sys.stderr.write(f"{len(lines)} events of {args.event}\n")
    return 0
