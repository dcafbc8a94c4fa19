"""Any helper with any arguments ends in a value or a typed fault, soon."""

from __future__ import annotations

import random
import time

import pytest

from bpfcc.isa.asm import assemble_insns
from bpfcc.objfile.maps import MapDef
from bpfcc.uapi.map_types import MapType
from bpfcc.uapi.prog_types import ProgType
from bpfcc.vm.calls.table import HELPERS, KFUNCS
from bpfcc.vm.code import Code
from bpfcc.vm.engine import Interpreter
from bpfcc.vm.maps.make import _CLASSES
from bpfcc.vm.program import LoadedProgram
from bpfcc.vm.world import World


def _world() -> tuple[World, list[int]]:
    world = World()
    handles = []
    for kind in sorted(_CLASSES):
        key = 8 if kind == MapType.LPM_TRIE else 4
        entries = 4096 if kind in (MapType.RINGBUF, MapType.USER_RINGBUF) else 4
        table = world.add_map(MapDef(f"m{kind}", kind, key, 8, entries))
        handles.append(table.handle)
    world.stack = [1, 2, 3]
    return world, handles


def _programs(world: World, prog_type: int, target: int | str) -> LoadedProgram:
    call = "call kfunc 1" if isinstance(target, str) else f"call {target}"
    text = f"r6 = r1; r7 = 0; r8 = 0; {call}; r0 = 0; exit; cb: r0 = 1; exit"
    insns = assemble_insns(text)
    kfuncs = {3: target} if isinstance(target, str) else {}
    return LoadedProgram("p", world, Interpreter(Code(insns, kfuncs=kfuncs)), prog_type=prog_type)


def _arguments(rng: random.Random, handles: list[int], frame: int, callback: int) -> list[int]:
    choices = [
        lambda: 0,
        lambda: rng.choice(handles),
        lambda: frame - rng.choice((8, 16, 64, 512, 513)),
        lambda: rng.choice((1, 2, 4, 8, 16, 24, 64, 255)),
        lambda: rng.getrandbits(64),
        lambda: (1 << 64) - rng.randrange(1, 30),
        lambda: rng.choice((0xFFFFFFFF, 0x7FFFFFFF, 0x80000000, 1 << 32, 1 << 63)),
        lambda: callback,
        lambda: 0x1_0001_0000,  # the context
    ]
    return [rng.choice(choices)() for _ in range(5)]


def _with(handler, args: list[int]):
    """Return a mock that calls ``handler`` with ``args`` whatever the program passes."""
    return lambda run: handler(run, *args)


@pytest.mark.parametrize("prog_type", [ProgType.XDP, ProgType.SCHED_CLS, ProgType.KPROBE])
def test_any_arguments(prog_type: int) -> None:
    started = time.monotonic()
    for target in [*sorted(HELPERS), *sorted(KFUNCS)]:
        if target == 12:
            continue
        rng = random.Random(f"{target} {prog_type}")
        world, handles = _world()
        frame = 0x10_0001_0000 + 512
        program = _programs(world, prog_type, target)
        callback = 0x20_0000_0000 + 8 * 6
        packet = None if prog_type == ProgType.KPROBE else bytes(range(100))
        for _ in range(25):
            args = _arguments(rng, handles, frame, callback)
            handler = (HELPERS if isinstance(target, int) else KFUNCS)[target]
            world.mock(target, _with(handler, args))
            result = program.run(packet=packet, limit=20_000)
            assert result.fault is None or result.fault.kind != "mock", (target, args, result.fault)
    assert time.monotonic() - started < 60
