"""What surrounds the instructions: relocations, CO-RE, lines, notes, far jumps, data sections."""

from __future__ import annotations

import pytest

from bpfcc.btf.core import CoreKind
from bpfcc.btf.types import Struct
from bpfcc.ir.builder import Builder
from bpfcc.ir.interp import Machine
from bpfcc.ir.module import (
    Extern,
    FuncRef,
    Function,
    Global,
    GlobalReloc,
    HelperRef,
    KfuncRef,
    Module,
)
from bpfcc.ir.values import I32, I64, PTR, CoreConst, Param, Symbol
from bpfcc.isa import insn as _i
from bpfcc.isa.disasm import format_insn
from bpfcc.objfile.model import Linkage, RelocKind
from bpfcc.support.source import SourceFile, Span


def start(params=(PTR,), ret=I64, name="f", section="tc", **options):
    module = Module("x.c")
    function = Function(name, ret, [Param(t, i, f"p{i}") for i, t in enumerate(params)],
                        section=section, **options)  # fmt: skip
    module.functions.append(function)
    return module, function, Builder(function)


def compiled(box, module, mcpu=3):
    _, obj, sink = box.compile(module, mcpu)
    assert not sink.diagnostics, sink.diagnostics
    return obj


def test_call_relocations(box):
    module, function, b = start()
    module.functions.append(callee := Function("callee", I64, [], linkage="static"))
    Builder(callee).ret(Builder.i64(1))
    module.externs.append(Extern("kfunc", ".ksyms", weak=True, btf=None))
    b.call(I64, FuncRef("callee"), [])
    b.call(I64, KfuncRef("kfunc"), [function.params[0]])
    b.call(I64, HelperRef(7), [Symbol("callee")])
    b.ret(b.i64(0))
    obj = compiled(box, module)
    relocs = [(r.slot, r.kind, r.symbol) for r in obj.functions[0].relocs]
    assert (2 if relocs[0][0] == 1 else relocs[0][0]) >= 0
    assert [r[1:] for r in relocs] == [
        (RelocKind.CALL, "callee"), (RelocKind.CALL, "kfunc"), (RelocKind.DATA, "callee"),
    ]  # fmt: skip
    starts = _i.slot_starts(obj.functions[0].insns)
    for slot, kind, _ in relocs:
        insn = obj.functions[0].insns[starts.index(slot)]
        assert insn.opcode == (_i.LD_IMM64 if kind is RelocKind.DATA else _i.JMP | _i.CALL)
    assert obj.functions[1].linkage is Linkage.LOCAL
    assert [(e.name, e.weak) for e in obj.externs] == [("kfunc", True)]


def core(kind=CoreKind.FIELD_BYTE_OFFSET, value=12, type=I64):
    return CoreConst(type, kind, Struct("task", 100), "0:3", value)


@pytest.mark.parametrize("mcpu", [1, 3, 4])
def test_core_offset_in_the_access(box, mcpu):
    module, function, b = start()
    x = b.load(I32, b.ptradd(function.params[0], core()))
    b.store(b.ptradd(function.params[0], core(value=40)), x)
    b.ret(b.zext(x, I64))
    function = compiled(box, module, mcpu).functions[0]
    assert [(c.slot, c.kind, c.access) for c in function.core] == [
        (0, CoreKind.FIELD_BYTE_OFFSET, "0:3"),
        (1, CoreKind.FIELD_BYTE_OFFSET, "0:3"),
    ]
    assert [i.off for i in function.insns[:2]] == [12, 40]


def test_core_offset_with_more_is_added_apart(box):
    """The loader replaces the whole offset, so nothing else may be in it."""
    module, function, b = start()
    pointer = b.ptradd(function.params[0], core())
    b.ret(b.add(b.load(I64, pointer, 8), b.load(I64, b.ptradd(pointer, 16))))
    function = compiled(box, module).functions[0]
    assert len(function.core) == 1
    patched = function.insns[function.core[0].slot]
    assert (patched.opcode, patched.imm) == (_i.ALU64 | _i.ADD | _i.K, 12)
    assert [i.off for i in function.insns if i.opcode & 7 == _i.LDX] == [8, 16]


def test_core_values(box):
    module, function, b = start((I64,))
    total = b.add(function.params[0], core(CoreKind.FIELD_BYTE_SIZE, 4))
    total = b.shl(total, core(CoreKind.FIELD_LSHIFT_U64, 56))
    total = b.add(total, core(CoreKind.ENUMVAL_VALUE, 7))
    b.ret(total)
    function = compiled(box, module).functions[0]
    starts = _i.slot_starts(function.insns)
    patched = {c.kind: function.insns[starts.index(c.slot)] for c in function.core}
    assert patched[CoreKind.FIELD_BYTE_SIZE].imm == 4
    assert patched[CoreKind.FIELD_LSHIFT_U64].imm == 56
    assert patched[CoreKind.ENUMVAL_VALUE].opcode == _i.LD_IMM64


def test_equal_core_constants_are_not_shared(box):
    module, function, b = start()
    b.call(I64, HelperRef(5), [core(CoreKind.TYPE_SIZE), core(CoreKind.TYPE_EXISTS, 12)])
    b.ret(b.i64(12))
    function = compiled(box, module).functions[0]
    assert len(function.core) == 2


def test_lines_follow_the_spans(box):
    text = "int f(void *p)\n{\n    long x = *p;\n    return x + 1;\n}\n"
    source = SourceFile("dir/x.c", text)

    def span(words):
        at = text.index(words)
        return Span(source, at, at + len(words))

    module, function, b = start(span=Span(source, 4, 5))
    b.span = span("*p;")
    x = b.load(I64, function.params[0], name="x")
    b.span = span("x + 1")
    x = b.add(x, b.i64(1))
    b.span = span("return")
    b.ret(x)
    lines = compiled(box, module).functions[0].lines
    assert [(line.slot, line.file, line.line, line.column) for line in lines] == [
        (0, "dir/x.c", 3, 14),
        (1, "dir/x.c", 4, 12),
        (2, "dir/x.c", 4, 5),
    ]
    assert lines[1].text == "    return x + 1;"
    assert lines[1].span.text() == "x + 1"


def test_the_first_instruction_always_has_a_line(box):
    source = SourceFile("x.c", "void f(void)\n")
    module, _, b = start(span=Span(source, 5, 6))
    b.ret(b.i64(0))
    lines = compiled(box, module).functions[0].lines
    assert [(line.slot, line.line, line.column) for line in lines] == [(0, 1, 6)]


def test_notes_say_where_variables_are(box):
    module, function, b = start()
    buffer = b.alloca(16, 8, "buffer")
    b.store(buffer, b.i64(0))
    x = b.load(I64, function.params[0], name="x")
    b.call(I64, HelperRef(5), [buffer])
    y = b.add(x, b.i64(1))
    b.ret(y)
    function = compiled(box, module).functions[0]
    notes = {(n.name, n.reg, n.stack): (n.slot, n.end) for n in function.notes}
    end = sum(i.slots for i in function.insns)
    assert notes[("buffer", None, -16)] == (0, end)
    call = next(i for i, insn in enumerate(function.insns) if insn.opcode == 0x85)
    held = next(key for key in notes if key[0] == "x")
    assert held[1] in (6, 7, 8, 9)
    assert notes[held][0] <= call < notes[held][1]
    assert any(name == "p0" and reg == 1 and span[0] == 0 for (name, reg, _), span in notes.items())


def far_module(n):
    """A loop and a branch around ``n`` stores of two slots each."""
    module, function, b = start((I64, PTR))
    count, pointer = function.params
    body, out = b.new_block("body"), b.new_block("out")
    entry = b.block
    b.condbr(b.compare("ugt", count, b.i64(0)), body, out)
    b.position(body)
    i = b.phi(I64, [(count, entry)])
    for k in range(n):
        b.store(pointer, i, (k % 16) * 8, volatile=True)
    i2 = b.add(i, b.i64(-1))
    b.add_incoming(i, i2, b.block)
    b.condbr(b.compare("ne", i2, b.i64(0)), body, out)
    b.position(out)
    b.ret(b.load(I64, pointer, 8))
    return module


@pytest.mark.parametrize("mcpu", [3, 4])
@pytest.mark.parametrize("n", [32760, 70000])
def test_far_jumps(box, n, mcpu):
    from bpfcc.codegen import CodegenOptions, generate

    module = far_module(n)
    obj = generate(module, CodegenOptions(mcpu))
    machine = Machine(module)
    place = machine.allocate(bytes(128), "m")
    run = box.Executor(obj, machine, mcpu, max_steps=1_000_000).run
    assert run(obj.functions[0], [2, place]) == 1
    assert run(obj.functions[0], [0, place]) == 1
    assert any(i.opcode == _i.JMP32 | _i.JA for i in obj.functions[0].insns) == (
        mcpu == 4 and n > 32768
    )


def test_data_sections(box):
    module = Module("d.c")
    module.globals += [
        Global("a", ".data", b"\1", 1),
        Global("zero", ".bss", bytes(5), 1, linkage="static"),
        Global("b", ".data", bytes(8), 8, linkage="weak"),
        Global("z2", ".bss", bytes(4), 4),
        Global("text", ".rodata.str", b"hi\0", 1, readonly=True, linkage="static"),
        Global("c", ".bss.more", b"\0\1", 1, hidden=True),
    ]
    module.globals[2].relocs.append(GlobalReloc(0, "text", 1))
    obj = compiled(box, module)
    assert list(obj.data) == [".data", ".bss", ".rodata.str", ".bss.more"]
    data, bss = obj.data[".data"], obj.data[".bss"]
    assert [(s.name, s.offset, s.size, s.linkage) for s in data.symbols] == [
        ("a", 0, 1, Linkage.GLOBAL), ("b", 8, 8, Linkage.WEAK),
    ]  # fmt: skip
    assert [(r.offset, r.symbol, r.addend) for r in data.relocs] == [(8, "text", 1)]
    assert (bytes(data.data), data.align, data.nobits) == (b"\1" + bytes(15), 8, False)
    assert (len(bss.data), bss.align, bss.nobits) == (12, 4, True)
    assert [s.offset for s in bss.symbols] == [0, 8]
    assert obj.data[".rodata.str"].readonly
    assert not data.readonly
    assert not obj.data[".bss.more"].nobits
    assert obj.data[".bss.more"].symbols[0].linkage is Linkage.HIDDEN


def test_same_input_same_output(box):
    for seed in range(5):
        module = box.irgen.random_module(seed, 3, 80)
        first = [format_insn(i) for i in compiled(box, module).functions[0].insns]
        again = [format_insn(i) for i in compiled(box, module).functions[0].insns]
        assert first == again
