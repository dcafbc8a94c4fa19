"""Builder, printer and parser: what is built prints, and what prints is read back."""

from __future__ import annotations

import pytest

from bpfcc.btf.core import CoreKind
from bpfcc.btf.types import BtfType
from bpfcc.ir.builder import Builder
from bpfcc.ir.fold import BINARY_OPS
from bpfcc.ir.module import (
    AsmOperand,
    Extern,
    FuncRef,
    Function,
    Global,
    GlobalReloc,
    HelperRef,
    KfuncRef,
    Module,
    PointerRef,
)
from bpfcc.ir.ops import COMPARISONS, OPS
from bpfcc.ir.parser import parse_function, parse_module
from bpfcc.ir.printer import print_function, print_module
from bpfcc.ir.values import I1, I8, I16, I32, I64, PTR, VOID, Const, CoreConst, Param, Symbol, Undef
from bpfcc.ir.verify import verify
from bpfcc.support.errors import InputError


def every_operation() -> Module:
    """A module that has each operation of the table once or more."""
    module = Module("all.c")
    module.globals.append(Global("data", ".data", b"\x01\x00\x02\x00" * 4, 4, used=True))
    table = Global("table", ".rodata", bytes(16), 8, readonly=True, constant=True, linkage="static")
    table.relocs += [GlobalReloc(0, "data", 4), GlobalReloc(8, "work")]
    module.globals.append(table)
    module.externs.append(Extern("kfn", ".ksyms", weak=True, btf=None))
    work = Function("work", I64, [Param(PTR, 0, "ctx"), Param(I32, 1)], ctx=True, inline="never")
    module.functions.append(work)
    ctx, n = work.params
    b = Builder(work, fold=False)
    slot = b.alloca(16, 8, "slot")
    b.lifetime_start(slot)
    b.memset(slot, 0, 16, align=8)
    x = b.load(I64, ctx, 8, name="x")
    y = b.load(I64, Symbol("data", 4), volatile=True, align=4)
    value = x
    for op in sorted(BINARY_OPS):
        value = b.binary(op, value, y)
    for op in sorted(COMPARISONS):
        b.compare(op, x, b.i64(-3))
    b.bswap(b.trunc(value, I16))
    wide = b.sext(b.zext(b.trunc(value, I8), I32), I64)
    pointer = b.inttoptr(b.add(b.ptrtoint(slot), wide))
    pointer = b.ptradd(pointer, -8)
    b.select(b.i1(True), pointer, slot)
    b.memcpy(slot, Symbol("table"), 16)
    b.memmove(slot, pointer, 8)
    b.store(slot, Undef(I32), 4)
    b.atomicrmw("xchg", slot, x, 8)
    b.cmpxchg(slot, x, y)
    b.store_release(slot, b.load_acquire(I32, slot, 4), 8)
    b.call(PTR, HelperRef(1, "map_lookup_elem"), [Symbol("data"), slot])
    b.call(VOID, KfuncRef("kfn"), [])
    b.call(I64, FuncRef("work"), [ctx, n])
    b.ld_pkt(ctx, b.i64(0), 2, 12)
    b.fence()
    b.opaque(n)
    b.emit("is_constant", I1, [n])
    b.call(I64, PointerRef(), [pointer, n])
    operands = [AsmOperand("=r", "out"), AsmOperand("+m", by_address=True, size=4)]
    b.asm(I64, '%[out] = 1;\n"\t', operands, [slot], ("memory",))
    b.addrspacecast(pointer, 1, 0)
    b.add(CoreConst(I64, CoreKind.FIELD_BYTE_OFFSET, BtfType("task_struct"), "0:1:2", 24), x)
    b.lifetime_end(slot)
    loop, body, odd, out = (b.new_block(name) for name in ("loop", "body", "odd", "out"))
    entry = b.block
    b.br(loop)
    b.position(loop)
    i = b.phi(I32, [(n, entry)], "i")
    b.may_goto(out, body)
    b.position(body)
    b.switch(i, out, [(1, odd), (-1, out)])
    b.position(odd)
    step = b.add(i, b.i32(1))
    b.add_incoming(i, step, odd)
    done = b.new_block("out")  # a second block of that name
    b.condbr(b.compare("ult", step, b.i32(9)), loop, done, likely=True).attrs["unroll"] = -1
    b.position(done)
    b.asm_goto("if %0 == 0 goto %l[out]", [AsmOperand("r")], [step], [out, out], (), ("out",))
    b.position(out)
    dead = b.new_block("dead")
    b.ret(x)
    b.position(dead)
    b.unreachable()
    return module


def test_the_example_has_every_operation() -> None:
    used = {instr.op for f in every_operation().functions for instr in f.instrs()}
    assert used == set(OPS)


@pytest.mark.parametrize("spans", [False, True])
def test_round_trip(spans: bool) -> None:
    module = every_operation()
    verify(module)
    text = print_module(module, spans=spans)
    again = parse_module(text)
    verify(again)
    assert print_module(again, spans=spans) == text
    work = again.function("work")
    assert work is not None
    assert work.ctx
    assert [p.name for p in work.params] == ["ctx", ""]
    assert again.globals[1].relocs[0].addend == 4
    assert again.globals[0].init == b"\x01\x00\x02\x00" * 4


def test_constants_fold() -> None:
    b = Builder(Function("f", VOID, []))
    folded = b.add(b.i32(-1), b.i32(2))
    assert isinstance(folded, Const) and folded.value == 1
    assert b.udiv(b.i64(5), b.i64(0)).value == 0  # type: ignore[attr-defined]
    assert b.urem(b.i64(5), b.i64(0)).value == 5  # type: ignore[attr-defined]
    least = b.i32(-(1 << 31))
    assert b.sdiv(least, b.i32(-1)).value == 1 << 31  # type: ignore[attr-defined]
    assert b.srem(b.i8(-7), b.i8(2)).signed == -1  # type: ignore[attr-defined]
    assert b.shl(b.i32(1), b.i32(33)).value == 2  # type: ignore[attr-defined]
    assert b.bswap(b.i16(0x1234)).value == 0x3412  # type: ignore[attr-defined]
    assert b.sext(b.i8(0x80), I64).signed == -128  # type: ignore[attr-defined]
    assert b.compare("slt", b.i8(-1), b.i8(0)).value == 1  # type: ignore[attr-defined]
    assert b.is_nonzero(b.i1(True)).type is I1
    assert repr(b.ptradd(Symbol("s", 4), 8)) == "@s+12"
    assert b.block.instrs == []
    b.condbr(b.i1(False), b.block, b.new_block("other"))
    assert b.block.successors[0].name == "other"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("func @f() -> void {", "expected 'section'"),
        ("what @f", "unknown declaration"),
        ('global @g section ".data" align 4 linkage global size 2 bytes "00"', "1 bytes, not 2"),
        ("\n\n?", "<ir>:3: cannot read"),
    ],
)
def test_bad_module(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        parse_module(text)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("entry:\n br gone\n", "'gone' is not defined"),
        ("entry:\n ret i32 %x\n", "expected number"),
        ("entry:\n ret %x\n", "%x is not defined"),
        ("entry:\n %1 = frob i32 %0\n ret\n", "unknown operation 'frob'"),
        ("entry:\n %1 = add i9 %0\n ret\n", "unknown type 'i9'"),
        ("entry:\n ret\nentry:\n ret\n", "defined twice"),
        ("entry:\n %1 = load i8 @g\n %1 = load i8 @g\n ret\n", "%1 is defined twice"),
    ],
)
def test_bad_function(body: str, message: str) -> None:
    head = 'func @f() -> void section ".text" linkage global {\n'
    with pytest.raises(InputError, match=message):
        parse_function(head + body + "}\n")


def test_names_are_hints() -> None:
    text = (
        'func @f(i32 %n.0) -> i32 section "x" linkage static {\n'
        "entry:\n  %n.1 = add i32 %n.0, i32 1\n  ret %n.1\n}\n"
    )
    function = parse_function(text)
    assert [instr.name for instr in function.instrs()] == ["n", ""]
    assert print_function(function) == text
