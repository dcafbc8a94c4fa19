"""Random programs that walk over memory, most of them to a fault, in every engine.

    python -m tests.fuzz.bytecode --seeds 0:2000

Registers hold pointers into the frame, the context argument, read-only data, values of array and
hash maps, scalars in known and unknown ranges. Programs read and write around the ends of what
they point to, in straight code, in loops that sweep, in subprograms and callbacks. All engines
must give the same result or the same fault at the same place with the same count, and leave the
same bytes behind.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Callable

from bpfcc.isa.asm import assemble_insns
from bpfcc.isa.insn import Insn
from bpfcc.objfile.maps import MapDef
from bpfcc.uapi.map_types import MapType
from bpfcc.vm.code import Code
from bpfcc.vm.engine import Careful, Engine, Interpreter
from bpfcc.vm.faults import MemoryFault
from bpfcc.vm.program import LoadedProgram
from bpfcc.vm.world import World

Maker = Callable[[Code], Engine]
CONTEXT = 48  # bytes of the memory argument
SIZES = (1, 2, 4, 8)
READ_ONLY = 0xFFFF_8880_7000_0000
_ALU = ("+=", "-=", "*=", "/=", "%=", "s/=", "s%=", "&=", "|=", "^=", "<<=", ">>=", "s>>=")
_TESTS = ("==", "!=", ">", ">=", "<", "<=", "s>", "s>=", "s<", "s<=", "&")
_NUMBERS = (0, 1, 2, 3, 7, 8, 15, 16, 31, 32, 40, 47, 48, 63, 255, -1, -8, 0x7FFFFFFF, -0x80000000)


class Surroundings:
    """A world with a map of each kind, always at the same addresses."""

    def __init__(self) -> None:
        self.world = World(seed=3)
        self.world.describe(READ_ONLY, bytes(range(32)), "constants")
        self.array = self.world.add_map(MapDef("array", MapType.ARRAY, 4, 24, 3))
        self.hash = self.world.add_map(MapDef("hash", MapType.HASH, 4, 20, 4))
        self.hash.update((1).to_bytes(4, "little"), bytes(range(20)), 0)
        self.world.mock(999, lambda a, b: a ^ b)

    def state(self) -> list[object]:
        """Return what programs may have changed."""
        return [held.items() for held in (self.array, self.hash)]


class _Writer:
    """Writes one program as text."""

    def __init__(self, seed: int, around: Surroundings) -> None:
        self.rng = random.Random(seed)
        self.around = around
        self.lines: list[str] = []
        self.labels = 0
        self.pointers = {9: CONTEXT}  # register -> bytes it is thought to point to

    def emit(self, text: str) -> None:
        self.lines.append(text)

    def label(self) -> str:
        self.labels += 1
        return f"l{self.labels}"

    # --- pieces ----------------------------------------------------------------------------

    def scalar(self) -> int:
        """Return a register that holds a number, not a pointer."""
        return self.rng.choice([reg for reg in (0, 1, 2, 3, 4, 5) if reg not in self.pointers])

    def pointer(self) -> tuple[int, int]:
        return self.rng.choice([(10, 0), *self.pointers.items()])

    def offset(self, reg: int, room: int, size: int) -> int:
        """Mostly inside, often at the ends, now and then outside."""
        rng = self.rng
        low, high = (-512, 0) if reg == 10 else (0, room)
        kind = rng.random()
        if kind < 0.72:
            return rng.randrange(low, max(high - size, low) + 1)
        if kind < 0.96:
            return rng.choice((low, high - size))
        return rng.choice((low - 1, high - size + 1, high, low - size, high + 9))

    def new_pointer(self) -> None:
        """Put a pointer into r6, r7 or r8."""
        rng = self.rng
        reg = rng.choice((6, 7, 8))
        kind = rng.choice(("array", "hash", "frame", "constant", "context", "moved"))
        if kind in ("array", "hash"):
            held = getattr(self.around, kind)
            out = self.label()
            key = rng.choice((0, 1, 2)) if kind == "array" else 1
            self.emit(f"*(u32 *)(r10 - 8) = {key}")
            self.emit(f"r1 = {held.handle} ll; r2 = r10; r2 += -8; call 1")
            if rng.random() < 0.8:
                self.emit(f"if r0 != 0 goto {out}; r0 = 5; exit; {out}:")
            self.emit(f"r{reg} = r0; r0 = 0")
            self.pointers[reg] = held.value_size
            for scratch in (1, 2, 3, 4, 5):
                self.emit(f"r{scratch} = {rng.choice(_NUMBERS)}")
        elif kind == "frame":
            size = rng.choice((16, 40, 64))
            self.emit(f"r{reg} = r10; r{reg} += -{size}")
            self.pointers[reg] = size
        elif kind == "constant":
            self.emit(f"r{reg} = {READ_ONLY} ll")
            self.pointers[reg] = 32
        elif kind == "context":
            self.emit(f"r{reg} = r9")
            self.pointers[reg] = CONTEXT
        else:
            source, room = self.pointer()
            index = self.scalar()
            mask = rng.choice((7, 15, 31))
            self.emit(f"r{index} &= {mask}; r{reg} = r{source}; r{reg} += r{index}")
            if source == 10:
                self.emit(f"r{reg} += -64")
                room = 64
            self.pointers[reg] = max(room - rng.choice((0, mask // 2, mask)), 0)

    def access(self) -> None:
        rng = self.rng
        size = rng.choice(SIZES)
        reg, room = self.pointer()
        off = self.offset(reg, room, size)
        value = self.scalar()
        place = f"(u{size * 8} *)(r{reg} {'+' if off >= 0 else '-'} {abs(off)})"
        kind = rng.random()
        if kind < 0.45:
            sign = "s" if size < 8 and rng.random() < 0.2 else "u"
            self.emit(f"r{value} = *{place.replace('(u', f'({sign}', 1)}")
        elif kind < 0.75:
            self.emit(f"*{place} = r{value}")
        elif kind < 0.88:
            self.emit(f"*{place} = {rng.choice(_NUMBERS)}")
        else:
            self.atomic(reg, room, value)

    def atomic(self, reg: int, room: int, value: int) -> None:
        rng = self.rng
        size = rng.choice((4, 8))
        off = self.offset(reg, room, size)
        if rng.random() < 0.85:
            off -= off % size
        sign = f"{'+' if off >= 0 else '-'} {abs(off)}"
        kind = rng.choice(("plain", "fetch", "xchg", "cmpxchg"))
        width, word = (64, "r") if size == 8 else (32, "w")
        op = rng.choice(("+", "&", "|", "^"))
        if kind == "plain":
            self.emit(f"lock *(u{width} *)(r{reg} {sign}) {op}= {word}{value}")
        elif kind == "fetch":
            name = {"+": "add", "&": "and", "|": "or", "^": "xor"}[op]
            place = f"(u{width} *)(r{reg} {sign})"
            self.emit(f"{word}{value} = atomic_fetch_{name}({place}, {word}{value})")
        elif kind == "xchg":
            tail = "_64" if size == 8 else "32_32"
            self.emit(f"{word}{value} = xchg{tail}(r{reg} {sign}, {word}{value})")
        else:
            tail = "_64" if size == 8 else "32_32"
            self.emit(f"{word}0 = cmpxchg{tail}(r{reg} {sign}, {word}0, {word}{value})")

    def compute(self) -> None:
        rng = self.rng
        reg, other = self.scalar(), self.scalar()
        kind = rng.random()
        letter = rng.choice("rw")
        if kind < 0.45:
            self.emit(f"{letter}{reg} {rng.choice(_ALU)} {letter}{other}")
        elif kind < 0.75:
            self.emit(f"{letter}{reg} {rng.choice(_ALU)} {rng.choice(_NUMBERS)}")
        elif kind < 0.82:
            bits = rng.choice((16, 32, 64))
            order = rng.choice(("be", "le", "bswap"))
            self.emit(f"r{reg} = {order}{bits} r{reg}")
        elif kind < 0.9:
            self.emit(f"{letter}{reg} = -{letter}{reg}")
        elif kind < 0.95:
            bits = rng.choice((8, 16))
            self.emit(f"{letter}{reg} = (s{bits}){letter}{other}")
        else:
            self.emit(f"r{reg} = {rng.getrandbits(64):#x} ll")

    def branch(self, depth: int) -> None:
        rng = self.rng
        out = self.label()
        letter = rng.choice("rw")
        left = f"{letter}{self.scalar()}"
        right = rng.choice((f"{letter}{self.scalar()}", str(rng.choice(_NUMBERS))))
        self.emit(f"if {left} {rng.choice(_TESTS)} {right} goto {out}")
        held = dict(self.pointers)
        self.block(rng.randrange(1, 4), depth + 1)
        self.emit(f"{out}:")
        # What only one way has made a pointer is none behind the join.
        self.pointers = {reg: room for reg, room in self.pointers.items() if held.get(reg) == room}

    def sweep(self, depth: int) -> None:
        """A loop over memory, up or down, to its end or beyond."""
        rng = self.rng
        size = rng.choice(SIZES)
        reg, room = self.pointer()
        room = room or 64
        step = rng.choice((size, size, 2 * size, -size, 0, 1))
        turns = max(room // max(abs(step), 1), 1) + rng.choice((-1, 0, 0, 0, 1))
        turns = max(turns, 1)
        start = (-64 if reg == 10 else 0) if step >= 0 else (0 if reg == 10 else room) - size
        loop = self.label()
        cursor, counter = 8, rng.choice((6, 7))
        source, number = f"r{reg}", self.scalar()
        self.emit(f"r{cursor} = {source}; r{cursor} += {start}; r{counter} = {turns}; {loop}:")
        self.pointers.pop(cursor, None)
        self.pointers.pop(counter, None)
        place = f"(u{size * 8} *)(r{cursor} + 0)"
        self.emit(rng.choice((f"r{number} = *{place}", f"*{place} = r{number}", f"*{place} = 7")))
        if rng.random() < 0.5:
            self.compute()
        if rng.random() < 0.2 and depth < 2:
            self.branch(depth + 1)
        self.emit(f"r{cursor} += {step}; r{counter} -= 1")
        self.emit(f"if r{counter} != 0 goto {loop}")

    def call(self) -> None:
        kind = self.rng.random()
        if kind < 0.4:
            self.emit(f"r1 = {self.rng.choice(_NUMBERS)}; r2 = 9; call 999")
        elif kind < 0.8:
            reg, _ = self.pointer()
            self.emit(f"r1 = r{reg}; r2 = {self.rng.choice((0, 8, 16, 40))}; call sub")
        else:
            self.emit(f"r1 = {self.rng.choice((0, 1, 3))}; r2 = sub ll; r3 = 0; r4 = 0; call 181")
        self.pointers = {reg: room for reg, room in self.pointers.items() if reg >= 6}

    def block(self, count: int, depth: int = 0) -> None:
        for _ in range(count):
            kind = self.rng.random()
            if kind < 0.35:
                self.access()
            elif kind < 0.6:
                self.compute()
            elif kind < 0.72:
                self.new_pointer()
            elif kind < 0.84 and depth < 3:
                self.branch(depth)
            elif kind < 0.92 and depth < 2:
                self.sweep(depth)
            else:
                self.call()

    def write(self) -> str:
        rng = self.rng
        self.emit("r9 = r1; r0 = 0; r1 = 1; r3 = 3; r4 = 4; r5 = 5; r6 = 6; r7 = 7; r8 = 8")
        self.block(rng.randrange(4, 16))
        self.emit("r0 ^= r3; r0 += r4; exit")
        # The subprogram: a number or a pointer, and an offset.
        size = rng.choice(SIZES)
        self.emit("sub: r3 = r1; r3 += r2; r0 = r2; if r1 < 4096 goto ready")
        self.emit(f"if r2 > {rng.choice((8, 32))} goto ready")
        self.emit(f"r0 = *(u{size * 8} *)(r3 - {rng.choice((0, 0, 4))})")
        self.emit("ready: r0 &= 1; exit")
        return "\n".join(self.lines)


def program(seed: int, around: Surroundings) -> list[Insn]:
    """Return the program of a seed."""
    return assemble_insns(_Writer(seed, around).write())


def outcome(
    insns: list[Insn], around: Surroundings, engine: Engine, limit: int
) -> tuple[bool, list[object]]:
    """Run; return (whether memory was at fault, all that can be seen)."""
    loaded = LoadedProgram("random", around.world, engine)
    memory = bytearray(range(CONTEXT))
    result = loaded.call_with_memory(memory, limit=limit)
    seen: list[object] = [result.executed, bytes(memory), *around.state()]
    fault = result.fault
    if fault is None:
        return False, ["value", result.value, *seen]
    details: list[object] = [fault.kind, fault.pc, fault.executed, fault.stack, fault.message]
    return isinstance(fault, MemoryFault), [*details, *seen]


def engines() -> dict[str, Maker]:
    """Return all that must agree with the careful interpreter, by name; arena and unchecked only
    where no memory is at fault."""
    found: dict[str, Maker] = {"interpreter": Interpreter}
    try:
        from bpfcc.llvm.jit import MODES, engine
    except ImportError:
        return found
    for opt in (0, 1, 2):
        found[f"regions -O{opt}"] = engine("regions", opt=opt, cache=False)
    for mode in MODES[1:]:
        for opt in (0, 2):
            found[f"{mode} -O{opt}"] = engine(mode, opt=opt, cache=False)
    return found


def compare(seed: int, makers: dict[str, Maker], limits: list[int]) -> str:
    """Return the first difference in words, "" when all agree."""
    insns = program(seed, Surroundings())
    made = {name: maker(Code(insns)) for name, maker in makers.items()}
    careful = Careful(Code(insns))
    for limit in limits:
        faulty, expected = outcome(insns, Surroundings(), careful, limit)
        for name, engine in made.items():
            if faulty and name.startswith(("arena", "unchecked")):
                continue
            got = outcome(insns, Surroundings(), engine, limit)[1]
            if got != expected:
                return f"seed {seed}, limit {limit}, {name}:\n  {expected[:6]}\n  {got[:6]}"
    return ""


def main(argv: list[str]) -> int:
    """Compare a range of seeds; 1 when any differs."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.bytecode")
    parser.add_argument("--seeds", default="0:500", metavar="FIRST:END")
    args = parser.parse_args(argv)
    first, end = map(int, args.seeds.split(":"))
    makers = engines()
    kinds: dict[object, int] = {}
    bad = 0
    for seed in range(first, end):
        around = Surroundings()
        insns = program(seed, around)
        _, seen = outcome(insns, around, Careful(Code(insns)), 5000)
        kinds[seen[0]] = kinds.get(seen[0], 0) + 1
        executed = seen[2]
        assert isinstance(executed, int)
        limits = [5000, *sorted({1 + (seed * 7 + k * 13) % (executed + 2) for k in range(3)})]
        difference = compare(seed, makers, limits)
        if difference:
            bad += 1
            print(difference, flush=True)
    print(f"{end - first} programs, {len(makers) + 1} engines, {bad} differ; ends: {kinds}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
