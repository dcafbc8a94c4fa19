"""``bpfcc run``: a filter in the user-space machine."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

from ..driver import replay
from ..driver.build import load_input
from ..driver.objects import about, read_bytes
from ..driver.output import write_atomic
from ..driver.snapshot import text
from ..objfile.model import Object
from ..support.diagnostics import Sink
from ..support.errors import InputError
from ..vm.code import Code
from ..vm.coverage import Coverage
from ..vm.engine import Engine, Interpreter
from ..vm.events import parse_fields
from ..vm.program import DEFAULT_LIMIT, LoadedProgram, Result
from ..vm.tracing import tracer
from ..vm.world import World
from .arguments import CommandParser, compiler_options
from .report import print_diagnostics


def arguments() -> CommandParser:
    """Return what reads the command line."""
    parser = CommandParser(
        "run",
        "Run a filter (C or object) in the user-space machine: no root, no kernel.",
        "examples:\n  bpfcc run filter.o --ctx arg2=0xffffffff81e42660 --repeat 3\n"
        "  bpfcc run xdp.o --packet ffffffffffff...  (or --packet @file, or --pcap capture.pcap)\n"
        "  bpfcc run filter.o --events recorded.jsonl --coverage out.lcov\n"
        "Exit code: 0, or 1 when a run ends in a fault.",
    )
    parser.add_argument("--program", metavar="NAME", help="which program of the object")
    parser.add_argument(
        "--ctx",
        action="append",
        default=[],
        metavar="FIELD=VALUE[,...]",
        help="fields of the context; VALUE a number or hex:BYTES",
    )
    parser.add_argument("--packet", metavar="HEX|@FILE", help="packet, from the Ethernet header on")
    parser.add_argument("--pcap", metavar="FILE", help="run once per packet of a capture")
    parser.add_argument("--events", metavar="FILE", help="run once per recorded event")
    parser.add_argument("--repeat", type=int, default=1, metavar="N", help="runs of each input (1)")
    parser.add_argument(
        "--limit", type=int, default=DEFAULT_LIMIT, metavar="N", help="instructions per run"
    )
    parser.add_argument(
        "--set", action="append", default=[], metavar="VAR=VALUE", help="of a global variable"
    )
    parser.add_argument(
        "--mock",
        action="append",
        default=[],
        metavar="HELPER=VALUE",
        help="let a helper or kernel function return a number",
    )
    parser.add_argument("--seed", type=int, default=1, help="of the random numbers")
    parser.add_argument("--time", type=int, metavar="NS", help="the clock (it stands still)")
    parser.add_argument("--jit", action="store_true", help="native code (needs the llvm extra)")
    parser.add_argument("--trace", action="store_true", help="print every instruction")
    parser.add_argument("--coverage", metavar="FILE", help="write line coverage in lcov's format")
    parser.add_argument("--json", action="store_true", help="the result as a JSON object")
    return parser


def main(argv: list[str]) -> int:
    """Run; 0, or 1 after a fault or an error."""
    args, options = compiler_options(arguments(), argv)
    if len(options.inputs) != 1:
        raise InputError("run takes one filter")
    sink = Sink(options.warnings)
    obj = load_input(options.inputs[0], options, sink)
    print_diagnostics(sink)
    if obj is None:
        return 1
    session = _session(obj, options.inputs[0], args)
    coverage = Coverage()
    more: dict[str, Any] = {"limit": args.limit, "coverage": bool(args.coverage)}
    if args.trace:
        more["trace"] = tracer(lambda line: sys.stdout.write(line + "\n"))
    results: list[tuple[LoadedProgram, Result]] = []
    status = 0
    many = bool(args.events or args.pcap)
    for program, result in _runs(session, args, more):
        coverage.add(result)
        results.append((program, result))
        if result.fault is not None:
            status = 1
        if not args.json:
            _print_result(program, result, packet=bool(args.packet), quiet=many)
        if status:
            break
    if many and not args.json:
        _print_summary(results)
    shot = session.snapshot()
    if args.json:
        row = json.loads(shot.as_json())
        row["runs"] = [_result_dict(program, result) for program, result in results]
        sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
    else:
        sys.stdout.write(text(shot, unicode=(sys.stdout.encoding or "").lower().startswith("utf")))
    if args.coverage:
        write_atomic(args.coverage, coverage.lcov().encode("utf-8", "backslashreplace"))
    return status


def _session(obj: Object, path: str, args: Any) -> replay.Session:
    world = World(seed=args.seed, big_endian=obj.big_endian)
    if args.time is not None:
        world.clock = args.time
    engine: Callable[[Code], Engine] = Interpreter
    if args.jit:
        from ..llvm.jit import engine as jit_engine  # the one door to llvmlite

        engine = jit_engine()
    with about(path):
        session = replay.Session(obj, engine=engine, world=world)
    for item in args.mock:
        name, value = next(iter(parse_fields([item]).items()))
        if not name.isdigit():
            replay.check_function(session, name)
        world.mock(int(name) if name.isdigit() else name, value)
    session.set_globals(parse_fields(args.set))
    return session


def _packet(text_or_file: str) -> bytes:
    if text_or_file.startswith("@"):
        data = read_bytes(text_or_file[1:])
        try:
            return bytes.fromhex(data.decode("ascii"))
        except ValueError:
            return data
    try:
        return bytes.fromhex(text_or_file)
    except ValueError as error:
        raise InputError(f"--packet: not hexadecimal: {error}") from error


def _runs(session: replay.Session, args: Any, more: dict[str, Any]) -> Any:
    """Yield (program, result) of every run that the arguments ask for."""
    if args.events:
        events = replay.read_events(args.events)
        session.symbols.update(replay.recorded_symbols(events))
        for _ in range(args.repeat):
            yield from session.replay(events, **more)
        return
    program = session.program(args.program)
    fields = parse_fields([f for item in args.ctx for f in item.split(",") if f])
    packets: list[bytes | None] = [_packet(args.packet) if args.packet else None]
    if args.pcap:
        from ..driver.pcap import read_pcap

        packets = list(read_pcap(args.pcap))
    for _ in range(args.repeat):
        for packet in packets:
            yield program, program.run(fields or None, packet=packet, **more)


def _print_summary(results: list[tuple[LoadedProgram, Result]]) -> None:
    """Say how often each program returned what."""
    counts: dict[tuple[str, int], int] = {}
    for program, result in results:
        if result.fault is None:
            key = program.name, result.ret
            counts[key] = counts.get(key, 0) + 1
    for (name, value), count in sorted(counts.items()):
        sys.stdout.write(f"{name}: returned {value} in {count} of {len(results)} runs\n")


def _print_result(program: LoadedProgram, result: Result, *, packet: bool, quiet: bool) -> None:
    for line in result.trace:
        sys.stdout.write(f"printk: {line.rstrip()}\n")
    if result.fault is not None:
        sys.stdout.write(f"{program.name}: fault: {result.fault}\n")
        return
    if quiet:
        return
    sys.stdout.write(f"{program.name}: returned {result.ret} ({result.executed} instructions)\n")
    if packet and result.packet is not None:
        sys.stdout.write(f"packet: {result.packet.hex()}\n")


def _result_dict(program: LoadedProgram, result: Result) -> dict[str, Any]:
    out: dict[str, Any] = {
        "program": program.name,
        "return": result.ret,
        "instructions": result.executed,
        "printk": result.trace,
    }
    if result.packet is not None:
        out["packet"] = result.packet.hex()
    if result.fault is not None:
        line = result.fault.line
        out["fault"] = {
            "kind": result.fault.kind,
            "message": str(result.fault),
            "pc": result.fault.pc,
            "file": line.file if line else "",
            "line": line.line if line else 0,
        }
    return out
