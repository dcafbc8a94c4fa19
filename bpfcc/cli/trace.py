"""``bpfcc trace``: a filter in the running kernel, its maps as tables."""

from __future__ import annotations

import contextlib
import math
import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..driver.build import load_input
from ..driver.snapshot import Snapshot, text
from ..objfile.model import Object
from ..support.diagnostics import Sink
from ..support.errors import InputError
from .arguments import CommandParser, compiler_options
from .report import print_diagnostics

if TYPE_CHECKING:
    from ..driver.trace import Tracer


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
    parser.add_argument(
        "--interface", default="", metavar="NAME", help="for XDP, tc and socket programs"
    )
    parser.add_argument("--cgroup", default="", metavar="DIR", help="for cgroup programs")
    parser.add_argument(
        "--frequency", type=int, default=99, metavar="HZ", help="of perf_event programs"
    )
    parser.add_argument("--duration", type=float, default=0, metavar="S", help="0: until Ctrl-C")
    parser.add_argument(
        "--interval", type=float, default=1.0, metavar="S", help="between two prints (1)"
    )
    parser.add_argument("--limit", type=int, default=20, metavar="ROWS", help="rows per table")
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
    """Shows snapshots: refreshed in place on a terminal, one after the other elsewhere.

    ``last_only``: elsewhere, only the last tables.
    """

    def __init__(self, *, as_json: bool, limit: int, last_only: bool) -> None:
        self.as_json = as_json
        self.limit = limit
        self.last_only = last_only
        self.live = not as_json and sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
        encoding = (sys.stdout.encoding or "").lower()
        self.unicode = encoding.startswith("utf")

    def show(self, shot: Snapshot, *, last: bool) -> None:
        """Show one snapshot: its tables as the screen does, and every record."""
        if self.as_json:
            sys.stdout.write(shot.as_json() + "\n")
            sys.stdout.flush()
            return
        if not self.live and not last and self.last_only:
            shot.maps = {}
        size = shutil.get_terminal_size((80, 24))
        shown = text(shot, width=size.columns, limit=self.limit, unicode=self.unicode)
        if self.live and shot.maps and not shot.records:
            lines = shown.splitlines(keepends=True)
            if len(lines) >= size.lines and not last:
                lines = [*lines[: size.lines - 2], "... more: --map NAME, --limit ROWS\n"]
            shown = "\x1b[H\x1b[2J" + "".join(lines)
        elif not self.live and not self.last_only and any(shot.maps.values()):
            shown = time.strftime("%H:%M:%S\n", time.localtime(shot.time)) + shown
        sys.stdout.write(shown)
        sys.stdout.flush()


def main(argv: list[str]) -> int:
    """Trace until the duration is over or Ctrl-C; 0, or 1 when it cannot be loaded."""
    args, options = compiler_options(arguments(), argv)
    if len(options.inputs) != 1:
        raise InputError("trace takes one filter")
    if not 0 < args.interval < 1e9 or not 0 <= args.duration < 1e9:  # not a number is neither
        raise InputError("--interval and --duration are positive numbers of seconds")
    if args.limit < 1:
        raise InputError("--limit is a positive number of rows")
    sink = Sink(options.warnings)
    obj = load_input(options.inputs[0], options, sink)
    print_diagnostics(sink)
    if obj is None:
        return 1
    screen = _Screen(as_json=args.json, limit=args.limit, last_only=args.duration > 0)
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
    with (
        _terminated_as_interrupted(),
        Tracer(obj, wanted) as tracer,
        demo_drops() if args.demo else contextlib.nullcontext(),
    ):
        for note in tracer.notes:
            sys.stderr.write(f"note: {note}\n")
        sys.stderr.write(f"in the running kernel: {'; '.join(tracer.attached)}\n")
        _follow(tracer, args, screen)
    return 0


def _follow(tracer: Tracer, args: Any, screen: _Screen) -> None:
    """Show a snapshot at every interval until the end; records at once, but for --json."""
    end = time.monotonic() + args.duration if args.duration else math.inf
    following = time.monotonic() + args.interval
    earlier: list[Any] = []  # records of this interval
    lost = 0
    try:
        while True:
            stop = min(following, end)
            tracer.wait(max(0.0, stop - time.monotonic()))
            due = time.monotonic() >= stop
            last = due and stop == end
            if not due and not tracer.buffers:
                continue
            shot = tracer.snapshot(maps=due)
            if args.json:
                earlier += shot.records
                lost += shot.lost
                if due:
                    shot.records, shot.lost, earlier, lost = earlier, lost, [], 0
                    screen.show(shot, last=False)
            elif due or shot.records or shot.lost:
                screen.show(shot, last=last)
            if last:
                return
            if due:
                following = max(following + args.interval, time.monotonic())
    except KeyboardInterrupt:
        shot = tracer.snapshot()
        shot.records[:0] = earlier
        shot.lost += lost
        screen.show(shot, last=True)


@contextlib.contextmanager
def _terminated_as_interrupted() -> Iterator[None]:
    """Let SIGTERM (of timeout, say) do what Ctrl-C does: show what there is, and detach."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


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
