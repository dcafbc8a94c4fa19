"""``bpfcc trace``: a filter in the running kernel, its maps as tables."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import time
from typing import Any

from ..driver.build import load_input
from ..driver.snapshot import Snapshot, text
from ..objfile.model import Object
from ..support.diagnostics import Sink
from ..support.errors import InputError
from .arguments import CommandParser, compiler_options
from .report import print_diagnostics


def arguments() -> CommandParser:
    """Return what reads the command line."""
    parser = CommandParser(
        "trace",
        "Load a filter (C or object) into the running kernel, attach it where its sections say or\n"
        "to -e, and show its maps. Where that is not possible, run it over recorded events.",
        "examples:\n  sudo bpfcc trace filter.o -e skb:kfree_skb\n"
        "  sudo bpfcc trace xdpguard.o --interface lo --json\n"
        "The compiler's flags (-I, -D, -O2 ...) are taken for C files.",
    )
    parser.add_argument(
        "-e",
        "--event",
        action="append",
        default=[],
        metavar="[PROGRAM=]GROUP:NAME",
        help="the tracepoint to attach to (may be repeated; default: what the section says)",
    )
    parser.add_argument("--interface", default="", help="for XDP, tc and socket programs")
    parser.add_argument("--cgroup", default="", metavar="DIR", help="for cgroup programs")
    parser.add_argument("--frequency", type=int, default=99, help="of perf_event programs, in Hz")
    parser.add_argument("--duration", type=float, default=0, metavar="S", help="0: until Ctrl-C")
    parser.add_argument(
        "--interval", type=float, default=1.0, metavar="S", help="between two prints (1)"
    )
    parser.add_argument("--limit", type=int, default=20, help="rows per table")
    parser.add_argument("--map", action="append", default=[], metavar="NAME", help="only these")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="VAR=VALUE",
        help="value of a global variable, set before loading",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object per interval")
    parser.add_argument(
        "--replay", metavar="FILE", help="recorded events, for where programs cannot be loaded"
    )
    parser.add_argument(
        "--demo",
        action="store_true",
        help="make a few packet drops on loopback, so that there is something to see",
    )
    return parser


def _number(value: str) -> Any:
    try:
        return int(value, 0)
    except ValueError:
        return value


class _Screen:
    """Shows snapshots: refreshed in place on a terminal, one after the other elsewhere."""

    def __init__(self, *, as_json: bool, limit: int) -> None:
        self.as_json = as_json
        self.limit = limit
        self.live = not as_json and sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
        encoding = (sys.stdout.encoding or "").lower()
        self.unicode = encoding.startswith("utf")

    def show(self, shot: Snapshot, *, last: bool) -> None:
        """Show one snapshot; off a terminal only the last table, but every record."""
        if self.as_json:
            sys.stdout.write(shot.as_json() + "\n")
            sys.stdout.flush()
            return
        if not self.live and not last:
            shot.maps = {}
        width = shutil.get_terminal_size((80, 24)).columns
        shown = text(shot, width=width, limit=self.limit, unicode=self.unicode)
        if self.live and shot.maps and not shot.records:
            sys.stdout.write("\x1b[H\x1b[2J")
        sys.stdout.write(shown)
        sys.stdout.flush()


def main(argv: list[str]) -> int:
    """Trace until the duration is over or Ctrl-C; 0, or 1 when it cannot be loaded."""
    args, options = compiler_options(arguments(), argv)
    if len(options.inputs) != 1:
        raise InputError("trace takes one filter")
    if args.interval <= 0 or args.duration < 0:
        raise InputError("--interval and --duration must be positive")
    sink = Sink(options.warnings)
    obj = load_input(options.inputs[0], options, sink)
    print_diagnostics(sink)
    if obj is None:
        return 1
    screen = _Screen(as_json=args.json, limit=args.limit)
    from ..driver.trace import cannot_trace

    reason = cannot_trace()
    if reason:
        return _replay(obj, options.inputs[0], args, reason, screen)
    return _trace(obj, args, screen)


def _trace(obj: Object, args: Any, screen: _Screen) -> int:
    from ..driver.trace import TraceOptions, Tracer, demo_drops

    wanted = TraceOptions()
    wanted.events = args.event
    wanted.interface = args.interface
    wanted.cgroup = args.cgroup
    wanted.frequency = args.frequency
    wanted.maps = args.map
    for setting in args.set:
        name, equals, value = setting.partition("=")
        if not equals:
            raise InputError(f"--set {setting}: expected VAR=VALUE")
        wanted.globals[name] = _number(value)
    with Tracer(obj, wanted) as tracer, demo_drops() if args.demo else contextlib.nullcontext():
        sys.stderr.write(f"in the running kernel: {'; '.join(tracer.attached)}\n")
        end = time.monotonic() + args.duration if args.duration else None
        following = time.monotonic() + args.interval
        try:
            while end is None or time.monotonic() < end:
                stop = following if end is None else min(following, end)
                tracer.wait(max(0.0, stop - time.monotonic()))
                if time.monotonic() >= stop or tracer.buffers:
                    shot = tracer.snapshot()
                    if time.monotonic() < stop:
                        shot.maps = {}
                    else:
                        following += args.interval
                    last = end is not None and time.monotonic() >= end
                    if shot.maps or shot.records or last:
                        screen.show(shot, last=last)
        except KeyboardInterrupt:
            screen.show(tracer.snapshot(), last=True)
    return 0


def _replay(obj: Object, name: str, args: Any, reason: str, screen: _Screen) -> int:
    if not args.replay:
        raise InputError(
            f"cannot load programs: {reason}; give --replay FILE to run over recorded events"
        )
    from ..driver.replay import replay

    sys.stderr.write(f"in the user-space machine, over {args.replay}: {reason}\n")
    shot = replay(obj, name, args.replay, event=args.event[0] if args.event else "")
    screen.show(shot, last=True)
    return 0
