"""Random well-formed IR functions: all operations, widths, loops, branches, switches, calls."""

from __future__ import annotations

import random

from bpfcc.ir.builder import Builder
from bpfcc.ir.module import FuncRef, Function, Global, HelperRef, Module
from bpfcc.ir.values import I1, I8, I16, I32, I64, PTR, Const, Param, Symbol, Undef

INTS = [I8, I16, I32, I64]
INTERESTING = [0, 1, 2, 3, 7, 8, 31, 63, 64, 127, 128, 255, 256, 0x7FFF, 0x8000, 0xFFFF,
               0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x100000000, 0x7FFFFFFFFFFFFFFF,
               0x8000000000000000, 0xFFFFFFFFFFFFFFFF, 0x123456789ABCDEF0]  # fmt: skip
BINARY = ["add", "sub", "mul", "udiv", "sdiv", "urem", "srem", "and", "or", "xor", "shl", "lshr",
          "ashr"]  # fmt: skip
COMPARE = ["eq", "ne", "ult", "ule", "ugt", "uge", "slt", "sle", "sgt", "sge"]
MEMORY_SIZE = 64


class Gen:
    def __init__(self, seed, mcpu, size=30, calls=True, kernel=False):
        self.r = random.Random(seed)
        self.mcpu = mcpu
        self.budget = size
        self.calls = calls and not kernel
        self.kernel = kernel
        self.loops = 0
        self.pure = False
        self.callees = []
        if kernel:
            self.start_in_kernel()
            if self.r.random() < 0.5:
                self.add_callee()
            return
        types = [self.r.choice(INTS) for _ in range(self.r.randint(0, 4))]
        ret = self.r.choice(INTS)
        params = [Param(t, i, f"p{i}") for i, t in enumerate([*types, PTR])]
        self.fn = Function("f", ret, params, section="syscall")
        self.memory = params[-1]
        self.module = Module("random.c")
        self.module.functions.append(self.fn)
        self.module.globals.append(Global("g", ".data", bytes(range(32)), 8))
        self.b = Builder(self.fn, fold=False)
        self.values = list(params)  # visible here
        if self.r.random() < 0.4:
            self.add_callee()
        self.allocas = []
        for _ in range(self.r.randint(0, 3)):
            size = self.r.choice([4, 8, 12, 16, 24])
            a = self.b.alloca(size, 8, "a")
            self.allocas.append((a, size))
        for a, size in self.allocas:
            self.b.memset(
                a, self.r.choice([0, 0, 1, 255, 0x5A]), size, align=self.r.choice([1, 4, 8])
            )

    def start_in_kernel(self):
        """A "syscall" program: inputs from the context, results back into it.

        Its frame is initialised, because the kernel wants to know what is read.
        """
        self.fn = Function("f", I32, [Param(PTR, 0, "ctx")], section="syscall", ctx=True)
        self.module = Module("random.c")
        self.module.functions.append(self.fn)
        self.module.globals.append(Global("license", "license", b"GPL\0", 1))
        self.b = Builder(self.fn, fold=False)
        ctx = self.fn.params[0]
        self.memory = self.b.alloca(64, 8, "memory")
        self.allocas = [(self.b.alloca(16, 8, "a"), 16)]
        self.b.memset(self.allocas[0][0], 0x11, 16, align=8)
        for at in range(0, 64, 8):
            self.b.store(self.memory, self.b.load(I64, ctx, 32 + at), at)
        self.values = [self.b.load(t, ctx, 8 * i) for i, t in enumerate(INTS)]

    def finish_in_kernel(self):
        ctx = self.fn.params[0]
        for at in range(0, 64, 8):
            self.b.store(ctx, self.b.load(I64, self.memory, at), 32 + at)
        self.b.store(ctx, self.value(I64, 0.02), 96)
        self.b.ret(self.value(I32, 0.02))

    def const(self, type):
        r = self.r
        choice = r.random()
        if choice < 0.5:
            value = r.choice(INTERESTING)
        elif choice < 0.8:
            value = r.randint(-20, 20)
        else:
            value = r.getrandbits(64)
        return Const(type, value)

    def value(self, type, const=0.25):
        have = [v for v in self.values if v.type is type]
        if not have or self.r.random() < const:
            if self.r.random() < 0.02 and type is not I1:
                return Undef(type)
            return self.const(type)
        if self.r.random() < 0.6:
            return self.r.choice(have[-4:])
        return self.r.choice(have)

    def add(self, value):
        if hasattr(value, "op"):
            self.values.append(value)

    def place(self):
        """A pointer with the bytes available behind it, and its alignment."""
        r = self.r
        kind = r.random()
        memory = self.memory
        if self.allocas and kind < 0.4:
            a, size = r.choice(self.allocas)
        elif kind < 0.6 and not self.kernel:
            a, size = Symbol("g", 0), 32
        else:
            a, size = memory, MEMORY_SIZE
        off = 0
        if r.random() < 0.5:
            off = r.randrange(0, size, r.choice([1, 2, 4, 8]))
        if off and r.random() < 0.5:
            a = self.b.ptradd(a, off)
            return a, 0, size - off, off
        if size >= 32 and not off and r.random() < 0.3:
            # base + c + index + c + index: constants may move, sums that are used may not.
            for part in r.choice(["ci", "cici", "icc", "iic"]):
                if part == "c":
                    a = self.b.ptradd(a, r.randrange(1, 6))
                else:
                    a = self.b.ptradd(a, self.b.and_(self.value(I64), Const(I64, 3)))
                if r.random() < 0.2:
                    self.add(self.b.compare("ult", a, self.memory))
            return a, 0, 8, 1
        if size >= 16 and not off and r.random() < 0.25:
            index = self.b.and_(self.value(I64), Const(I64, 7))
            a = self.b.ptradd(a, index)
            return a, 0, size - 8, 1
        return a, off, size - off, off

    def add_callee(self):
        """A function of the program with narrow parameters and result: arithmetic and branches."""
        r = self.r
        inner = Gen.__new__(Gen)
        inner.r, inner.mcpu, inner.budget, inner.loops = r, self.mcpu, 14, 3
        inner.calls, inner.kernel, inner.allocas, inner.callees = False, self.kernel, [], []
        params = [Param(r.choice(INTS), i, f"q{i}") for i in range(r.randint(1, 5))]
        inner.fn = Function("callee", r.choice(INTS), params, linkage="static")
        inner.module = self.module
        inner.b = Builder(inner.fn, fold=False)
        inner.values = list(params)
        inner.pure = True
        inner.region(2)
        inner.b.ret(inner.value(inner.fn.ret, 0.02))
        for block in inner.fn.blocks:
            if block.terminator is None:
                inner.b.position(block)
                inner.b.unreachable()
        self.module.functions.append(inner.fn)
        self.callees.append(inner.fn)

    def step(self):
        r, b = self.r, self.b
        kind = r.random()
        if self.pure:
            kind *= 0.7
        if self.callees and r.random() < 0.06:
            callee = r.choice(self.callees)
            args = [self.value(param.type) for param in callee.params]
            self.add(b.call(callee.ret, FuncRef(callee.name), args))
            return
        if kind < 0.34:
            t = r.choice(INTS)
            self.add(b.binary(r.choice(BINARY), self.value(t), self.value(t, 0.4)))
        elif kind < 0.42:
            t = r.choice(INTS)
            self.add(b.compare(r.choice(COMPARE), self.value(t), self.value(t, 0.4)))
        elif kind < 0.57:
            source = r.choice(INTS)
            target = r.choice([t for t in INTS if t is not source])
            v = self.value(source, 0)
            op = "trunc" if target.bits < source.bits else r.choice(["zext", "sext"])
            self.add(b.convert(op, v, target))
        elif kind < 0.60:
            v = self.value(I1, 0.05)
            self.add(b.convert(r.choice(["zext", "sext"]), v, r.choice(INTS)))
        elif kind < 0.62:
            self.add(b.convert("trunc", self.value(r.choice(INTS), 0), I1))
        elif kind < 0.66:
            t = r.choice(INTS)
            self.add(b.select(self.value(I1, 0.05), self.value(t), self.value(t)))
        elif kind < 0.68:
            self.add(b.bswap(self.value(r.choice([I16, I32, I64]))))
        elif kind < 0.70:
            self.add(b.binary(r.choice(["and", "or", "xor"]), self.value(I1), self.value(I1)))
        elif kind < 0.72:
            # A pointer chosen at run time, both of one kind.
            low, high = b.ptradd(self.memory, 8), b.ptradd(self.memory, r.choice([16, 24]))
            p = b.select(self.value(I1, 0.05), low, high)
            self.add(b.load(r.choice(INTS), p, r.choice([0, 8])))
            if r.random() < 0.5:
                b.store(b.ptradd(p, 8), self.value(r.choice(INTS)), r.choice([0, 16]))
        elif kind < 0.80:
            a, off, room, known = self.place()
            t = r.choice([t for t in INTS if t.size <= room] or [I8])
            align = known & -known if known else 8
            align = min(align, t.size)
            self.add(b.load(t, a, off, align=align if align < t.size or r.random() < 0.2 else 0,
                            volatile=r.random() < 0.1))  # fmt: skip
        elif kind < 0.90:
            a, off, room, known = self.place()
            t = r.choice([t for t in INTS if t.size <= room] or [I8])
            align = min(known & -known if known else 8, t.size)
            b.store(a, self.value(t, 0.35), off, align=align if align < t.size else 0,
                    volatile=r.random() < 0.1)  # fmt: skip
        elif kind < 0.92:
            self.block_operation()
        elif kind < 0.94:
            self.atomic()
        elif kind < 0.96:
            self.add(b.opaque(self.value(r.choice(INTS), 0.1)))
        elif self.calls:
            args = [self.value(r.choice([I32, I64, I8])) for _ in range(r.randint(0, 5))]
            self.add(b.call(r.choice([I64, I32, I8]), HelperRef(r.choice([5, 7])), args))

    def block_operation(self):
        r, b = self.r, self.b
        memory = self.memory
        kind = r.random()
        size = r.choice([1, 2, 3, 4, 7, 8, 12, 15, 16, 24])
        align = r.choice([1, 2, 4, 8])
        if kind < 0.4:
            b.memset(memory, r.choice([0, 1, 0xFF, self.value(I8)]), size, align=align)
        elif kind < 0.7:
            b.memcpy(memory, b.ptradd(memory, 32), size, align=align)
        else:
            b.memmove(memory, b.ptradd(memory, r.choice([0, 8, 16])), size, align=align)

    def atomic(self):
        r, b = self.r, self.b
        t = r.choice([I32, I64])
        memory = self.memory
        off = r.choice([0, 8, 16])
        if self.mcpu < 3:
            b.atomicrmw("add", memory, self.value(t), off)
            return
        kind = r.random()
        if kind < 0.6:
            v = b.atomicrmw(
                r.choice(["add", "and", "or", "xor", "xchg"]), memory, self.value(t), off
            )
            if r.random() < 0.6:
                self.add(v)
        elif kind < 0.8:
            self.add(b.cmpxchg(memory, self.value(t), self.value(t), off))
        elif self.mcpu >= 4:
            if r.random() < 0.5:
                self.add(b.load_acquire(r.choice(INTS), memory, off))
            else:
                b.store_release(memory, self.value(r.choice(INTS)), off)

    def region(self, depth):
        """Emit code from the current block on; ends in some block without terminator."""
        r = self.r
        for _ in range(r.randint(1, 4)):
            for _ in range(r.randint(1, 6)):
                if self.budget <= 0:
                    return
                self.budget -= 1
                self.step()
            if depth <= 0:
                continue
            kind = r.random()
            if kind < 0.45:
                self.diamond(depth)
            elif kind < 0.65:
                self.loop(depth)
            elif kind < 0.8:
                self.switch(depth)

    def branch_value(self, depth):
        saved = list(self.values)
        self.region(depth)
        mine, self.values = self.values, saved
        return mine

    def merge(self, incoming):
        """Phis for some values; ``incoming``: (values, block)."""
        for _ in range(self.r.randint(0, 3)):
            t = self.r.choice([*INTS, I1])
            pairs = []
            for values, block in incoming:
                self.values, keep = values, self.values
                pairs.append((self.value(t), block))
                self.values = keep
            self.values.append(self.b.phi(t, pairs))

    def diamond(self, depth):
        b, r = self.b, self.r
        cond = self.value(I1, 0.02)
        if not hasattr(cond, "op"):
            t = r.choice(INTS)
            cond = b.compare(r.choice(COMPARE), self.value(t, 0), self.value(t, 0.5))
        then, other, join = b.new_block(), b.new_block(), b.new_block()
        short = r.random() < 0.4
        start = b.block
        b.condbr(cond, then, join if short else other, r.choice([None, True, False]))
        incoming = []
        for block in [then] if short else [then, other]:
            b.position(block)
            values = self.branch_value(depth - 1)
            if r.random() < 0.06 and not self.kernel:
                have = [v for v in values if v.type is self.fn.ret]
                b.ret(r.choice(have) if have else self.const(self.fn.ret))
                continue
            incoming.append((values, b.block))
            b.br(join)
        if short:
            incoming.append((list(self.values), start))
            other_block = other
            b.position(other_block)
            b.br(join)
            incoming.append(([] if self.kernel else list(self.fn.params), other_block))
        if not incoming:
            b.position(join)
            return
        b.position(join)
        self.merge(incoming)

    def switch(self, depth):
        b, r = self.b, self.r
        t = r.choice(INTS)
        value = self.value(t, 0)
        n = r.randint(1, 7)
        low = r.choice([0, 0, 5, 250, 0xFFFFFFFE])
        cases = sorted({(low + (i if r.random() < 0.6 else r.choice(INTERESTING))) & ((1 << t.bits) - 1)
                        for i in range(n)})  # fmt: skip
        blocks = [b.new_block() for _ in range(r.randint(1, 3))]
        join = b.new_block()
        chosen = [(case, r.choice(blocks)) for case in cases]
        b.switch(value, join if r.random() < 0.3 else r.choice(blocks), chosen)
        direct = b.block.terminator.attrs["targets"][0] is join
        start = b.block
        incoming = [(list(self.values), start)] if direct else []
        reached = set(b.block.terminator.attrs["targets"])
        for block in blocks:
            b.position(block)
            if block not in reached:
                b.unreachable()
                continue
            values = self.branch_value(depth - 1)
            incoming.append((values, b.block))
            b.br(join)
        b.position(join)
        self.merge(incoming)

    def loop(self, depth):
        b, r = self.b, self.r
        self.loops += 1
        if self.loops > 3:
            return
        head, body, out = b.new_block(), b.new_block(), b.new_block()
        counter_type = r.choice([I32, I64])
        start = b.block
        carried = [(r.choice([*INTS, I1])) for _ in range(r.randint(0, 3))]
        initial = [self.value(t) for t in carried]
        b.br(head)
        b.position(head)
        counter = b.phi(counter_type, [(Const(counter_type, 0), start)])
        phis = [b.phi(t, [(v, start)]) for t, v in zip(carried, initial)]
        self.values += [counter, *phis]
        outer = list(self.values)
        if r.random() < 0.5:
            self.step()
        again = b.compare("ult", counter, Const(counter_type, r.randint(1, 5)))
        visible = list(self.values)
        b.condbr(again, body, out)
        b.position(body)
        self.region(depth - 1)
        nxt = b.add(counter, Const(counter_type, 1))
        b.add_incoming(counter, nxt, b.block)
        for phi in phis:
            v = self.value(phi.type, 0.1)
            b.add_incoming(phi, v, b.block)
        b.br(head)
        b.position(out)
        self.values = visible
        del outer

    def build(self):
        self.region(3)
        while self.budget > 0:
            self.budget -= 1
            self.step()
        if self.kernel:
            self.finish_in_kernel()
        else:
            self.b.ret(self.value(self.fn.ret, 0.02))
        # Unreachable joins may lack a terminator.
        for block in self.fn.blocks:
            if block.terminator is None:
                self.b.position(block)
                self.b.unreachable()
        return self.module


def random_module(seed, mcpu, size=30, calls=True, kernel=False):
    return Gen(seed, mcpu, size, calls, kernel).build()
