"""A generator of random IR modules that run without faults, for tests of passes.

Shape: a main function of structured control flow (if, switch, loops that end) over integer
variables in memory, as lowering makes them, plus small aggregates, a global, helper calls and
static functions. ``outcome`` runs one and tells all that may be observed.
"""

from __future__ import annotations

import random

from bpfcc.ir.builder import Builder
from bpfcc.ir.interp import Callee, Machine
from bpfcc.ir.module import FuncRef, Function, Global, HelperRef, Module
from bpfcc.ir.values import I8, I16, I32, I64, PTR, VOID, Instr, Param, Symbol, Type, Value

INTS = [I8, I16, I32, I64]
BINARY = "add sub mul udiv sdiv urem srem and or xor shl lshr ashr".split()
COMPARE = "eq ne ult ule ugt uge slt sle sgt sge".split()
CTX_SIZE = 64


class Generator:
    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.module = Module(f"seed{seed}")

    def build(self) -> Module:
        rng = self.rng
        for i in range(2):
            init = bytes(rng.randrange(256) for _ in range(16))
            constant = i == 1
            name = f"g{i}"
            self.module.globals.append(
                Global(name, ".rodata" if constant else ".data", init, 8, constant=constant)
            )
        self.callees: list[Function] = []
        for i in range(rng.randint(0, 3)):
            params = [Param(rng.choice(INTS), n) for n in range(rng.randint(0, 3))]
            function = Function(
                f"sub{i}",
                rng.choice(INTS),
                list(params),
                linkage="static",
                inline=rng.choice(["", "always", "never"]),
            )
            self.module.functions.append(function)
            Body(self, function, budget=8).fill()
            self.callees.append(function)
        main = Function("main", I64, [Param(PTR, 0, "ctx"), Param(I64, 1), Param(I32, 2)], ctx=True)
        self.module.functions.append(main)
        Body(self, main, budget=25).fill()
        return self.module


class Body:
    def __init__(self, gen: Generator, function: Function, budget: int) -> None:
        self.gen = gen
        self.rng = gen.rng
        self.f = function
        self.b = Builder(function, fold=self.rng.random() < 0.5)
        self.budget = budget
        self.vars: list[tuple[Instr, Type]] = []
        self.arrays: list[Instr] = []
        self.depth = 0

    def fill(self) -> None:
        rng, b = self.rng, self.b
        for param in self.f.params:
            if param.type is not PTR:
                self.new_var(param.type, param)
        for _ in range(rng.randint(2, 5)):
            self.new_var(rng.choice(INTS), self.constant(rng.choice(INTS)))
        for _ in range(rng.randint(0, 2)):
            array = b.alloca(rng.choice([8, 16, 24]), 8)
            b.memset(array, rng.randrange(256), array.attrs["size"], align=8)
            self.arrays.append(array)
        while self.budget > 0:
            self.statement()
        b.ret(self.convert(self.expr(), self.f.ret))

    def new_var(self, type: Type, value: Value) -> None:
        var = self.b.alloca(type.size, type.size)
        self.b.store(var, self.convert(value, type))
        self.vars.append((var, type))

    def constant(self, type: Type) -> Value:
        rng = self.rng
        number = rng.choice([0, 1, 2, 3, 7, 8, 255, 0x80, -1, -2, 1 << 31, rng.getrandbits(64)])
        return self.b.const(type, number)

    def convert(self, value: Value, type: Type) -> Value:
        if value.type.bits == 1:
            return self.b.zext(value, type)
        return self.b.resize(value, type, signed=self.rng.random() < 0.5)

    def expr(self, depth: int = 0) -> Value:
        rng, b = self.rng, self.b
        kind = rng.randrange(12)
        if depth > 3 or kind < 3:
            var, type = rng.choice(self.vars)
            return b.load(type, var)
        if kind == 3:
            return self.constant(rng.choice(INTS))
        if kind < 8:
            left = self.expr(depth + 1)
            right = self.convert(self.expr(depth + 1), left.type)
            if rng.random() < 0.4:
                right = self.constant(left.type)
            return b.binary(rng.choice(BINARY), left, right)
        if kind == 8:
            return b.zext(self.condition(depth + 1), rng.choice(INTS))
        if kind == 9:
            return self.memory(rng.choice(INTS))
        if kind == 10:
            wide = self.convert(self.expr(depth + 1), rng.choice([I16, I32, I64]))
            return b.bswap(wide)
        return self.convert(self.expr(depth + 1), rng.choice(INTS))

    def condition(self, depth: int = 0) -> Value:
        left = self.expr(depth + 1)
        right = self.convert(self.expr(depth + 1), left.type)
        if self.rng.random() < 0.5:
            right = self.constant(left.type)
        return self.b.compare(self.rng.choice(COMPARE), left, right)

    def place(self, size: int) -> tuple[Value, int]:
        """A pointer and an offset where ``size`` bytes may be accessed."""
        rng, b = self.rng, self.b
        choices: list[tuple[Value, int]] = [(Symbol("g0"), 16)]
        choices += [(a, a.attrs["size"]) for a in self.arrays]
        if self.f.ctx:
            choices.append((self.f.params[0], CTX_SIZE))
        base, total = rng.choice(choices)
        if rng.random() < 0.3:
            index = self.convert(self.expr(3), I64)
            offset = b.mul(b.and_(index, b.i64(total // size - 1 & 1)), b.i64(size))
            return b.ptradd(base, offset), 0
        off = rng.randrange(total // size) * size
        if rng.random() < 0.5:
            return b.ptradd(base, off), 0
        return base, off

    def memory(self, type: Type) -> Value:
        if self.rng.random() < 0.15:
            return self.b.load(type, Symbol("g1"), self.rng.randrange(16 // type.size) * type.size)
        base, off = self.place(type.size)
        return self.b.load(type, base, off, volatile=self.rng.random() < 0.1)

    def statement(self) -> None:
        rng, b = self.rng, self.b
        self.budget -= 1
        kind = rng.randrange(20)
        if kind < 7:
            var, type = rng.choice(self.vars)
            b.store(var, self.convert(self.expr(), type))
        elif kind < 10:
            value = self.convert(self.expr(), rng.choice(INTS))
            base, off = self.place(value.type.size)
            b.store(base, value, off, volatile=rng.random() < 0.1)
        elif kind < 13:
            self.branch()
        elif kind < 15:
            self.loop()
        elif kind == 15:
            self.switch()
        elif kind == 16 and self.gen.callees:
            callee = rng.choice(self.gen.callees)
            args = [self.convert(self.expr(), p.type) for p in callee.params]
            result = b.call(callee.ret, FuncRef(callee.name), args)
            var, type = rng.choice(self.vars)
            b.store(var, self.convert(result, type))
        elif kind == 17:
            self.copy()
        else:
            args = [self.place(1)[0] if rng.random() < 0.4 else self.expr() for _ in range(2)]
            result = b.call(I64, HelperRef(rng.randint(1, 9), ""), args)
            var, type = rng.choice(self.vars)
            b.store(var, self.convert(result, type))

    def copy(self) -> None:
        rng, b = self.rng, self.b
        places = [*self.arrays, Symbol("g0")]
        dst = rng.choice(places)
        src = rng.choice([p for p in [*places, Symbol("g1")] if p is not dst] or [Symbol("g1")])
        size = rng.choice([1, 2, 4, 8, 8])
        if rng.random() < 0.3:
            b.memset(b.ptradd(dst, 8 - size), rng.randrange(256), size)
        else:
            b.memcpy(b.ptradd(dst, 8 - size), src, size)

    def block_of(self, count: int) -> None:
        for _ in range(count):
            if self.budget > 0:
                self.statement()

    def branch(self) -> None:
        b = self.b
        cond = self.condition()
        then, other, end = b.new_block("then"), b.new_block("else"), b.new_block("end")
        b.condbr(cond, then, other)
        b.position(then)
        self.block_of(2)
        b.br(end)
        b.position(other)
        self.block_of(self.rng.randint(0, 2))
        b.br(end)
        b.position(end)

    def switch(self) -> None:
        rng, b = self.rng, self.b
        value = self.expr()
        end, default = b.new_block("end"), b.new_block("default")
        cases: list[tuple[int, object]] = []
        numbers = sorted({rng.randrange(-2, 9) & (1 << value.type.bits) - 1 for _ in range(4)})
        blocks = [b.new_block("case") for _ in range(2)]
        for number in numbers:
            cases.append((number, rng.choice([*blocks, end])))
        b.switch(value, default, cases)  # type: ignore[arg-type]
        for block in [*blocks, default]:
            b.position(block)
            self.block_of(1)
            b.br(end)
        b.position(end)

    def loop(self) -> None:
        """A counted loop, tested at the top or the bottom, perhaps with a break."""
        rng, b = self.rng, self.b
        if self.depth >= 2:
            return
        self.depth += 1
        type = rng.choice([I32, I64])
        counter = b.alloca(type.size, type.size)
        b.store(counter, b.const(type, rng.choice([0, 0, 1, 3])))
        head, body, step, end = (b.new_block(n) for n in ("head", "body", "step", "end"))
        bottom = rng.random() < 0.3
        limit = b.const(type, rng.randint(3, 8))
        op = rng.choice(["slt", "ult", "sle"])
        b.br(body if bottom else head)
        b.position(head)
        b.condbr(b.compare(op, b.load(type, counter), limit), body, end)
        b.position(body)
        self.vars.append((counter, type))  # may be read, and written only by accident
        reads = len(self.vars)
        self.vars[-1] = self.vars[rng.randrange(reads - 1)]  # keep the counter private
        if rng.random() < 0.5:
            copy = b.alloca(type.size, type.size)
            b.store(copy, b.load(type, counter))
            self.vars.append((copy, type))
        self.block_of(3)
        if rng.random() < 0.3:
            go_on = b.new_block("go_on")
            b.condbr(self.condition(), end, go_on)
            b.position(go_on)
        b.br(step)
        b.position(step)
        b.store(counter, b.add(b.load(type, counter), b.const(type, rng.choice([1, 1, 2]))))
        latch = b.br(head)
        if rng.random() < 0.3:
            latch.attrs["unroll"] = rng.choice([0, -1, 4])
        b.position(end)
        del self.vars[reads - 1 :]
        self.depth -= 1


def hook(machine: Machine, callee: Callee, args: list[int]) -> int:
    """A helper: writes behind the pointers it is given, returns a mix of its arguments."""
    number = getattr(callee, "id", 0)
    result = number * 0x9E3779B97F4A7C15
    for arg in args:
        found = machine.region(arg)
        if found is None:
            result ^= arg * 0xFF51AFD7ED558CCD
        elif number % 2 and found[1] < len(found[0]):
            found[0][found[1]] = (found[0][found[1]] * 5 + number) & 0xFF
    return (result ^ result >> 29) & (1 << 64) - 1


def outcome(module: Module, seed: int, *, big_endian: bool = False) -> object:
    """Run ``main`` on inputs made of ``seed``: result, trace, memory that outlives the call."""
    rng = random.Random(seed)
    machine = Machine(module, hook, big_endian=big_endian, max_steps=200_000)
    ctx = machine.allocate(bytes(rng.choice([0, 1, 255, rng.randrange(256)]) for _ in range(64)))
    main = module.function("main")
    assert main is not None
    args = [rng.choice([0, 1, (1 << 64) - 1, rng.getrandbits(64)]), rng.getrandbits(32)]
    result = machine.run(main, [ctx, *args])
    memory = machine.read(machine.symbol("g0"), 16)
    return result, machine.trace, memory, machine.read(ctx, CTX_SIZE)


def generate(seed: int) -> Module:
    """Return the module of ``seed``."""
    return Generator(seed).build()


__all__ = ["VOID", "generate", "outcome"]
