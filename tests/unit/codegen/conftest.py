"""A plain executor of BPF instructions, independent of bpfcc.vm, for judging generated code."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from bpfcc.codegen import CodegenOptions, generate
from bpfcc.ir.interp import Machine
from bpfcc.ir.parser import parse_module
from bpfcc.isa import insn as _i
from bpfcc.objfile.model import RelocKind
from bpfcc.support.diagnostics import Sink

M64 = (1 << 64) - 1
M32 = (1 << 32) - 1


def signed(value, bits):
    value &= (1 << bits) - 1
    return value - (1 << bits) if value >> (bits - 1) else value


class Bad(Exception):
    """The code did what the kernel would refuse."""


def tdiv(a, b):
    q = abs(a) // abs(b)
    return q if (a < 0) == (b < 0) else -q


def alu(code, a, b, bits, off):
    mask = (1 << bits) - 1
    if code == _i.ADD:
        return a + b
    if code == _i.SUB:
        return a - b
    if code == _i.MUL:
        return a * b
    if code in (_i.DIV, _i.MOD):
        a &= mask
        b &= mask
        if off == 1:
            x, y = signed(a, bits), signed(b, bits)
            if code == _i.DIV:
                return tdiv(x, y) if y else 0
            return x - tdiv(x, y) * y if y else a
        if code == _i.DIV:
            return a // b if b else 0
        return a % b if b else a
    if code == _i.OR:
        return a | b
    if code == _i.AND:
        return a & b
    if code == _i.XOR:
        return a ^ b
    if code == _i.LSH:
        return a << (b % bits)
    if code == _i.RSH:
        return (a & mask) >> (b % bits)
    if code == _i.ARSH:
        return signed(a, bits) >> (b % bits)
    if code == _i.MOV:
        return signed(b, off) if off else b
    raise Bad(f"alu {code:#x}")


def test(code, a, b, bits):
    mask = (1 << bits) - 1
    a, b = a & mask, b & mask
    x, y = signed(a, bits), signed(b, bits)
    return {
        _i.JEQ: a == b, _i.JNE: a != b, _i.JGT: a > b, _i.JGE: a >= b, _i.JLT: a < b,
        _i.JLE: a <= b, _i.JSET: bool(a & b), _i.JSGT: x > y, _i.JSGE: x >= y, _i.JSLT: x < y,
        _i.JSLE: x <= y,
    }[code]  # fmt: skip


class Executor:
    """Runs the functions of an object on the memory of an ``ir.interp.Machine``."""

    def __init__(self, obj, machine, mcpu, max_steps=200_000):
        self.obj = obj
        self.m = machine
        self.mcpu = mcpu
        self.steps = max_steps
        self.order = machine.order

    def run(self, function, args):
        code = {}
        slot = 0
        for insn in function.insns:
            code[slot] = insn
            slot += insn.slots
        relocs = {r.slot: r for r in function.relocs}
        stack = self.m.allocate(bytes(512), "stack")
        regs = [None] * 11
        regs[10] = stack + 512
        for i, arg in enumerate(args):
            regs[i + 1] = arg
        pc = 0

        def get(n):
            if regs[n] is None:
                raise Bad(f"slot {pc}: r{n} was not written")
            return regs[n]

        while True:
            self.steps -= 1
            if self.steps < 0:
                raise Bad("too many steps")
            insn = code.get(pc)
            if insn is None:
                raise Bad(f"jumped to {pc}")
            op, cls = insn.opcode, insn.opcode & 7
            if not -0x8000 <= insn.off <= 0x7FFF:
                raise Bad("offset does not fit")
            if op != _i.LD_IMM64 and not -0x80000000 <= insn.imm <= 0x7FFFFFFF:
                raise Bad(f"immediate {insn.imm:#x} does not fit")
            following = pc + insn.slots
            if cls in (_i.ALU, _i.ALU64):
                self.alu(insn, regs, get)
            elif op == _i.LD_IMM64:
                reloc = relocs.get(pc)
                if reloc is not None:
                    assert reloc.kind is RelocKind.DATA
                    regs[insn.dst] = (self.m.symbol(reloc.symbol) + reloc.addend) & M64
                else:
                    regs[insn.dst] = insn.imm
            elif cls == _i.LDX:
                size = _i.SIZE_BYTES[op & 0x18]
                data = self.m.read((get(insn.src) + insn.off) & M64, size)
                sx = op & 0xE0 == _i.MEMSX
                if sx and self.mcpu < 4:
                    raise Bad("ldsx")
                regs[insn.dst] = int.from_bytes(data, self.order, signed=sx) & M64
            elif cls == _i.ST:
                size = _i.SIZE_BYTES[op & 0x18]
                value = insn.imm & ((1 << size * 8) - 1)
                self.m.write((get(insn.dst) + insn.off) & M64, value.to_bytes(size, self.order))
            elif cls == _i.STX and op & 0xE0 == _i.ATOMIC:
                self.atomic(insn, regs, get)
            elif cls == _i.STX:
                size = _i.SIZE_BYTES[op & 0x18]
                value = get(insn.src) & ((1 << size * 8) - 1)
                self.m.write((get(insn.dst) + insn.off) & M64, value.to_bytes(size, self.order))
            elif cls == _i.LD:
                index = get(insn.src) & M32 if op & 0xE0 == _i.IND else 0
                get(6)
                self.m.trace.append(("ld_pkt", insn.imm + index))
                regs[0] = len(self.m.trace) & 0xFF
                regs[1:6] = [None] * 5
            elif op == _i.JMP | _i.EXIT:
                return regs[0]
            elif op == _i.JMP | _i.CALL:
                self.call(insn, relocs.get(pc), regs, get)
            elif op == _i.JMP | _i.JA:
                following += insn.off
            elif op == _i.JMP32 | _i.JA:
                if self.mcpu < 4:
                    raise Bad("gotol")
                following += insn.imm
            elif op == _i.JMP | _i.JCOND:
                pass
            else:
                bits = 32 if cls == _i.JMP32 else 64
                if cls == _i.JMP32 and self.mcpu < 3:
                    raise Bad("jmp32")
                if self.mcpu < 2 and op & 0xF0 in (_i.JLT, _i.JLE, _i.JSLT, _i.JSLE):
                    raise Bad("jlt")
                right = get(insn.src) if op & _i.X else insn.imm
                if test(op & 0xF0, get(insn.dst), right, bits):
                    following += insn.off
            pc = following

    def alu(self, insn, regs, get):
        op = insn.opcode
        code = op & 0xF0
        bits = 64 if op & 7 == _i.ALU64 else 32
        mask = (1 << bits) - 1
        if code == _i.END:
            value = get(insn.dst)
            n = insn.imm
            swap = op & 7 == _i.ALU64 or bool(op & _i.X) == (self.order == "little")
            value &= (1 << n) - 1
            if swap:
                value = int.from_bytes(value.to_bytes(n // 8, "little"), "big")
            regs[insn.dst] = value
            return
        if bits == 32 and self.mcpu < 3:
            raise Bad("alu32")
        if code == _i.NEG:
            regs[insn.dst] = -get(insn.dst) & mask
            return
        if insn.off and self.mcpu < 4:
            raise Bad("v4 instruction")
        b = get(insn.src) if op & _i.X else insn.imm
        a = 0 if code == _i.MOV else get(insn.dst)
        if not op & _i.X and code in (_i.LSH, _i.RSH, _i.ARSH) and not 0 <= b < bits:
            raise Bad("shift count")
        if not op & _i.X and code in (_i.DIV, _i.MOD) and not b:
            raise Bad("division by 0")
        off = insn.off
        if code == _i.MOV and off and bits == 32:
            regs[insn.dst] = signed(b, off) & M32
            return
        regs[insn.dst] = alu(code, a, b & M64, bits, off) & mask

    def atomic(self, insn, regs, get):
        size = _i.SIZE_BYTES[insn.opcode & 0x18]
        mask = (1 << size * 8) - 1
        kind = insn.imm
        if kind == _i.LOAD_ACQ:
            address = (get(insn.src) + insn.off) & M64
            regs[insn.dst] = int.from_bytes(self.m.read(address, size), self.order)
            self.m.trace.append(("load_acquire", self.m.place(address), size, regs[insn.dst]))
            return
        address = (get(insn.dst) + insn.off) & M64
        value = get(insn.src) & mask
        if kind == _i.STORE_REL:
            self.m.write(address, value.to_bytes(size, self.order))
            self.m.trace.append(("store_release", self.m.place(address), size, value))
            return
        if self.mcpu < 3 and kind != _i.ADD:
            raise Bad("atomic")
        old = int.from_bytes(self.m.read(address, size), self.order)
        if kind == _i.CMPXCHG:
            expected = get(0) & mask
            new = value if old == expected else old
            regs[0] = old
            self.m.trace.append(("cmpxchg", self.m.place(address), expected, value, old))
        else:
            new = value if kind == _i.XCHG else alu(kind & 0xF0, old, value, 64, 0)
            if kind & _i.FETCH:
                regs[insn.src] = old
            self.m.trace.append(("atomicrmw", self.m.place(address), value, old))
        self.m.write(address, (new & mask).to_bytes(size, self.order))

    def call(self, insn, reloc, regs, get):
        if reloc is not None:
            callee = self.obj.function(reloc.symbol)
            if callee is not None:
                count = len(callee.btf.proto.params) if callee.btf else 5
                result = self.run(callee, regs[1 : 1 + count])
            else:
                result = self.outside(reloc.symbol, regs)
        else:
            result = self.outside(insn.imm, regs)
        regs[0] = result
        regs[1:6] = [None] * 5

    def outside(self, what, regs):
        args = list(regs[1:6])
        while args and args[-1] is None:
            args.pop()
        seen = []
        for arg in args:
            found = self.m.region(arg) if arg is not None and arg >> 32 else None
            seen.append(arg if found is None else "ptr")
        self.m.trace.append(("call", what, tuple(seen)))
        return self.m.call(self.m, what, args) if self.m.call else 0


def _load(name):
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(name + ".py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def plain_call(machine, callee, args):
    """What the mocked helpers return: depends on how many calls there were."""
    number = getattr(callee, "id", callee)
    count = sum(1 for event in machine.trace if event[0] == "call")
    if number == 5:
        return 0xFFFF_FFFF_8000_0000 + count
    return 12345 * count & M64


class Toolbox:
    """What the tests of this room use."""

    Bad = Bad
    Executor = Executor
    irgen = _load("irgen")
    plain_call = staticmethod(plain_call)
    M64 = M64

    @staticmethod
    def compile(text_or_module, mcpu=3, **options):
        module = parse_module(text_or_module) if isinstance(text_or_module, str) else text_or_module
        sink = options.pop("sink", None) or Sink()
        obj = generate(module, CodegenOptions(mcpu, verify=True, sink=sink, **options))
        return module, obj, sink

    @classmethod
    def both(cls, text, args, mcpu, call=None, memory=(), big_endian=False, function=0, **options):
        """Run function 0 by the IR's interpreter and by its code; return both outcomes.

        ``memory``: bytes of regions whose addresses are appended to ``args``.
        """
        module, obj, sink = cls.compile(text, mcpu, big_endian=big_endian, **options)
        assert not sink.diagnostics, sink.diagnostics
        outcomes = []
        for code in (False, True):
            machine = Machine(module, call, big_endian=big_endian)
            places = [machine.allocate(content, f"m{i}") for i, content in enumerate(memory)]
            for var in module.globals:
                machine.symbol(var.name)
            all_args = list(args) + places
            if code:
                result = Executor(obj, machine, mcpu).run(obj.functions[function], all_args)
            else:
                result = machine.run(module.functions[function], all_args)
            bits = module.functions[function].ret.bits
            result = (result or 0) & ((1 << bits) - 1)
            contents = [bytes(machine.read(p, len(c))) for p, c in zip(places, memory)]
            contents += [bytes(machine.read(machine.symbol(v.name), len(v.init)))
                         for v in module.globals]  # fmt: skip
            outcomes.append((result, contents, machine.trace))
        return outcomes

    @classmethod
    def lines(cls, text, mcpu=3, function=0, **options):
        """Return the instructions of the first function as text."""
        from bpfcc.isa.disasm import format_insn

        _, obj, sink = cls.compile(text, mcpu, **options)
        assert not sink.diagnostics, sink.diagnostics
        return [format_insn(insn) for insn in obj.functions[function].insns]


@pytest.fixture(scope="session")
def box():
    return Toolbox
