"""Inline assembly: operands, constraints, labels, errors."""

from __future__ import annotations

import pytest

from bpfcc.ir.builder import Builder
from bpfcc.ir.module import AsmOperand, Function, Global, Module
from bpfcc.ir.values import I32, I64, PTR, VOID, Const, Param, Symbol
from bpfcc.isa.disasm import format_insn
from bpfcc.support.source import SourceFile, Span


def asm_module(template, constraints, args=(), *, type=I64, clobbers=(), params=(I64, I64)):
    """f(a, b) { return asm(...); } where ints in ``args`` are parameter numbers."""
    module = Module("asm.c")
    module.globals.append(Global("table", ".maps", bytes(8), 8))
    function = Function("f", I64, [Param(t, i) for i, t in enumerate(params)], section="tc")
    module.functions.append(function)
    b = Builder(function, span=Span(SourceFile("asm.c", "int f;\nasm;\n"), 7, 10))
    values = [function.params[a] if isinstance(a, int) else a for a in args]
    x = b.asm(type, template, constraints, values, clobbers)
    if type is I32:
        x = b.zext(x, I64)
    b.ret(x if type is not VOID else Const(I64, 0))
    return module


def lines(box, *args, mcpu=3, **kwargs):
    _, obj, sink = box.compile(asm_module(*args, **kwargs), mcpu)
    assert not sink.diagnostics, sink.diagnostics
    return [format_insn(insn) for insn in obj.functions[0].insns]


def test_operands_by_number_and_name(box):
    constraints = [AsmOperand("=r", "out"), AsmOperand("r"), AsmOperand("r", "right")]
    got = lines(box, "%[out] = %1; %0 += %[right]", constraints, [0, 1])
    assert got[-1] == "exit"
    assert [line.split(" ", 1)[1][0] for line in got[:-1]] in (["=", "+"], ["=", "+", "="])


@pytest.mark.parametrize("early", ["", "&"])
def test_early_clobber_keeps_inputs(box, early):
    """out is written before b is read: only "&" says so."""
    constraints = [AsmOperand(f"={early}r", "out"), AsmOperand("r", "a"), AsmOperand("r", "b")]
    got = lines(box, "%[out] = %[a]; %[out] += %[b]", constraints, [0, 1])
    if early:
        first = got[0].split(" = ")[0]
        assert not got[1].endswith(first)


def test_read_write_operand(box):
    got = lines(box, "%0 <<= 3", [AsmOperand("+r")], [0])
    assert got == ["r1 <<= 3", "r0 = r1", "exit"] or got == ["r0 = r1", "r0 <<= 3", "exit"]


def test_address_operand(box):
    got = lines(box, "%0 = *(u64 *)(%1 + 8)", [AsmOperand("=r"), AsmOperand("p")], [0])
    assert got == ["r0 = *(u64 *)(r1 + 8)", "exit"]


def test_tied_operand(box):
    got = lines(box, "%0 += %2", [AsmOperand("=r"), AsmOperand("0"), AsmOperand("r")], [0, 1])
    assert got == ["r0 = r1", "r0 += r2", "exit"]


def test_constraint_w_gives_w_names_from_v3_on_and_r_never_does(box):
    whole = ("%0 += 1", [AsmOperand("+r")], [0])
    assert any("r0 += 1" in x for x in lines(box, *whole, type=I32, params=(I32,)))
    narrow = ("%0 += 1", [AsmOperand("+w")], [0])
    assert any("w0 += 1" in x for x in lines(box, *narrow, type=I32, params=(I32,)))
    assert any("r0 += 1" in x for x in lines(box, *narrow, type=I32, params=(I32,), mcpu=2))
    assert any("w0 += 1" in x for x in lines(box, "%w0 += 1", [AsmOperand("+r")], [0]))


def test_constants_and_symbols(box):
    constraints = [AsmOperand("=r"), AsmOperand("i"), AsmOperand("ri", "n")]
    got = lines(box, "%0 = %1; %0 += %[n]", constraints, [Const(I64, -7), Const(I64, 9)])
    assert got == ["r0 = -7", "r0 += 9", "exit"]
    module = asm_module("%0 = %1 ll", [AsmOperand("=r"), AsmOperand("i")], [Symbol("table")])
    _, obj, sink = box.compile(module)
    assert not sink.diagnostics
    function = obj.functions[0]
    assert [(r.slot, r.symbol) for r in function.relocs] == [(0, "table")]


def test_memory_operand(box):
    got = lines(
        box, "%0 = *(u32 *)%1", [AsmOperand("=r"), AsmOperand("m", by_address=True)], [0],
        params=(PTR,),
    )  # fmt: skip
    assert got == ["w0 = *(u32 *)(r1 + 0)", "exit"]


def test_second_output_goes_through_memory(box):
    constraints = [AsmOperand("=r", "x"), AsmOperand("=r", "y", by_address=True, size=4)]
    got = lines(box, "%[x] = 1; %[y] = 2", constraints, [0], params=(PTR,))
    assert any(line.startswith("*(u32 *)(r1 + 0) = ") for line in got)
    assert any(line.endswith(" = 2") for line in got)


def test_clobbered_registers_are_avoided(box):
    got = lines(box, "r0 = 1; r2 = 2; r6 = 3; %0 = %1", [AsmOperand("=r"), AsmOperand("r")], [1],
                clobbers=("r0", "r2", "r6", "memory"))  # fmt: skip
    assert got[0].endswith(" = r2")
    assert not got[0].startswith(("r2", "r6", "r0"))
    result = got[4].split(" = ")[0]
    assert result not in ("r0", "r2", "r6")


def test_values_survive_in_other_registers(box):
    """Five values across an assembly that destroys r1..r5."""
    module = Module("asm.c")
    function = Function("f", I64, [Param(I64, i) for i in range(5)], section="tc")
    module.functions.append(function)
    b = Builder(function)
    b.asm(VOID, "r1 = 0; r2 = 0; r3 = 0; r4 = 0; r5 = 0", [], [], ("r1", "r2", "r3", "r4", "r5"))
    total = function.params[0]
    for param in function.params[1:]:
        total = b.add(total, param)
    b.ret(total)
    from bpfcc.ir.interp import Machine

    _, obj, _ = box.compile(module)
    machine = Machine(module)
    assert box.Executor(obj, machine, 3).run(obj.functions[0], [1, 2, 3, 4, 5]) == 15


def test_goto_labels(box):
    module = Module("asm.c")
    function = Function("f", I64, [Param(I64, 0)], section="tc")
    module.functions.append(function)
    b = Builder(function)
    then, other = b.new_block("then"), b.new_block("other")
    b.asm_goto("if %0 > 7 goto %l[big]", [AsmOperand("r")], [function.params[0]], [then, other],
               labels=("big",))  # fmt: skip
    for block, value in ((then, 1), (other, 2)):
        b.position(block)
        b.ret(b.i64(value))
    from bpfcc.ir.interp import Machine

    _, obj, sink = box.compile(module)
    assert not sink.diagnostics
    run = box.Executor(obj, Machine(module), 3).run
    assert [run(obj.functions[0], [x]) for x in (7, 8)] == [1, 2]


def test_percent_signs(box):
    assert lines(box, "%0 %%= 5", [AsmOperand("+r")], [0])[-2:] == ["r0 %= 5", "exit"]
    assert "r3 = 5" in lines(box, "%r3 = 5; %0 = %r3", [AsmOperand("=r")], clobbers=("r3",))


@pytest.mark.parametrize(
    ("template", "constraints", "args", "clobbers", "words"),
    [
        ("%0 = bogus(", [AsmOperand("=r")], [], (), "in inline assembly"),
        ("%0 = %7", [AsmOperand("=r")], [], (), "unknown operand '%7'"),
        ("%0 = %[no]", [AsmOperand("=r")], [], (), "unknown operand '%[no]'"),
        ("%0 = 1", [AsmOperand("=r")], [], ("r77",), "unknown register name 'r77'"),
        ("%0 = %1", [AsmOperand("=r"), AsmOperand("i")], [0], (), "is not a constant"),
        ("%0 = %1", [AsmOperand("=r"), AsmOperand("x")], [0], (), "is not supported"),
    ],
)
def test_mistakes_are_reported_at_the_statement(box, template, constraints, args, clobbers, words):
    _, _, sink = box.compile(asm_module(template, constraints, args, clobbers=clobbers))
    assert [d.id for d in sink.diagnostics] == ["bpf-asm"]
    assert words in sink.diagnostics[0].message
    assert sink.diagnostics[0].span.position() == ("asm.c", 2, 1)


def test_memory_operand_in_the_frame(box):
    """Printed with the frame pointer, as clang does; the object counts as used."""
    module = Module("asm.c")
    function = Function("f", I64, [], section="tc")
    module.functions.append(function)
    b = Builder(function)
    b.store(b.alloca(8, 8, "other"), b.i64(1), volatile=True)
    slot = b.alloca(16, 8, "slot")
    b.store(slot, b.i64(7), 8)
    x = b.asm(I64, "%0 = *(u64 *)%1", [AsmOperand("=r"), AsmOperand("m", by_address=True, size=8)],
              [b.ptradd(slot, 8)])  # fmt: skip
    b.ret(x)
    _, obj, sink = box.compile(module)
    assert not sink.diagnostics
    insns = [format_insn(i) for i in obj.functions[0].insns]
    assert insns[0] == "*(u64 *)(r10 - 8) = 1"
    assert insns[1:] == ["*(u64 *)(r10 - 16) = 7", "r0 = *(u64 *)(r10 - 16)", "exit"]


def test_operand_tied_by_name(box):
    constraints = [AsmOperand("=r", "out"), AsmOperand("[out]"), AsmOperand("r")]
    got = lines(box, "%[out] += %2", constraints, [0, 1])
    assert got == ["r0 = r1", "r0 += r2", "exit"]


def test_naked_function_is_its_assembly(box):
    module = Module("asm.c")
    function = Function("f", I64, [Param(PTR, 0)], section="tc", naked=True)
    module.functions.append(function)
    b = Builder(function)
    b.asm(VOID, "r0 = 3; if r1 == 0 goto +1; r0 = 4; exit", [], [], ("r0",))
    b.unreachable()
    _, obj, sink = box.compile(module)
    assert not sink.diagnostics
    assert [format_insn(i) for i in obj.functions[0].insns] == [
        "r0 = 3", "if r1 == 0 goto +1", "r0 = 4", "exit",
    ]  # fmt: skip


def test_a_name_that_nobody_defines_is_the_loaders(box):
    _, obj, sink = box.compile(asm_module("%0 = ELSEWHERE ll", [AsmOperand("=r")]))
    assert not sink.diagnostics
    assert [(extern.name, extern.section) for extern in obj.externs] == [("ELSEWHERE", "")]
