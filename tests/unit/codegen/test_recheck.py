"""The proof of an allocation: it accepts what is right and finds what is wrong."""

from __future__ import annotations

import random

import pytest

from bpfcc.codegen import (
    CodegenOptions,
    cfg,
    constants,
    emit,
    frame,
    isel,
    layout,
    peephole,
    recheck,
    regalloc,
)
from bpfcc.codegen.liveness import Liveness, remove_dead
from bpfcc.codegen.mir import LD_IMM64, MInsn, defs, uses
from bpfcc.ir.interp import Fault, Machine
from bpfcc.isa import table
from bpfcc.support.errors import InternalError


def allocated(function, options):
    """Return allocated code with the snapshot to prove it by."""
    mir = isel.select(function, options, {})
    cfg.prune(mir)
    constants.share(mir, cfg.set_depths(mir))
    remove_dead(mir, Liveness(mir))
    snapshot = recheck.Snapshot(mir)
    regalloc.allocate(mir)
    return mir, snapshot


def finished(mir, function, options):
    peephole.run(mir, options)
    frame.lay_out(mir, function, options)
    layout.thread_jumps(mir)
    layout.order_blocks(mir, options.mcpu)
    return emit.emit(mir, function, options)


def test_wrong_registers_are_found_or_harmless(box):
    """Change one register of one instruction: either the proof fails or the result is the same."""
    found = harmless = 0
    options = CodegenOptions(3)
    for seed in range(60):
        r = random.Random(seed)
        module = box.irgen.random_module(seed, 3, 20, calls=False)
        function = module.functions[0]
        mir, snapshot = allocated(function, options)
        recheck.check(mir, snapshot)
        insns = [i for block in mir.blocks for i in block.insns if i.op < 256 and i.op != 0x85]
        insn = r.choice(insns)
        field = r.choice(["dst", "src"])
        if not 0 <= getattr(insn, field) <= 9:
            continue
        setattr(insn, field, (getattr(insn, field) + r.randint(1, 9)) % 10)
        try:
            recheck.check(mir, snapshot)
        except InternalError as error:
            assert error.stage == "codegen.recheck"
            found += 1
            continue
        harmless += 1
        obj = module_object(box, module, finished(mir, function, options))
        outcome = []
        for run_code in (False, True):
            machine = Machine(module, box.plain_call)
            place = machine.allocate(bytes(range(64)), "m0")
            machine.symbol("g")
            args = [7] * (len(function.params) - 1) + [place]
            try:
                if run_code:
                    result = box.Executor(obj, machine, 3).run(obj.functions[0], args)
                else:
                    result = machine.run(function, args)
            except Fault:
                break
            mask = (1 << function.ret.bits) - 1
            outcome.append(((result or 0) & mask, machine.read(place, 64)))
        else:
            assert outcome[0] == outcome[1], seed
    assert found > 30
    assert harmless < found


def module_object(box, module, function):
    from bpfcc.objfile.model import Object

    obj = Object()
    obj.functions.append(function)
    return obj


TEXT = """func @f(ptr %p) -> i64 section "tc" linkage global {{
entry:
{}
}}
"""


def pressure(n):
    """``n`` values that live over a call."""
    lines = [f"  %v{i} = load i64 %p off={i * 8}" for i in range(n)]
    lines.append('  %r = call i64 helper 5 ""()')
    total = "%r"
    for i in range(n):
        lines.append(f"  %s{i} = mul i64 {total}, %v{i}")
        total = f"%s{i}"
    return TEXT.format("\n".join([*lines, f"  ret {total}"]))


def prepared(box, text):
    from bpfcc.ir.parser import parse_module

    return allocated(parse_module(text).functions[0], CodegenOptions(3))


@pytest.mark.parametrize("kind", ["store", "load"])
def test_a_missing_spill_instruction_is_found(box, kind):
    mir, snapshot = prepared(box, pressure(8))
    recheck.check(mir, snapshot)
    cls = {"store": 3, "load": 1}[kind]
    block = mir.blocks[0]
    at = next(
        i for i, insn in enumerate(block.insns)
        if insn.orig is None and insn.op & 7 == cls and insn.frame is not None
    )  # fmt: skip
    del block.insns[at]
    with pytest.raises(InternalError, match="does not hold"):
        recheck.check(mir, snapshot)


def test_swapped_slots_are_found(box):
    mir, snapshot = prepared(box, pressure(8))
    loads = [i for i in mir.blocks[0].insns if i.orig is None and i.op & 7 == 1]
    loads[0].frame, loads[1].frame = loads[1].frame, loads[0].frame
    with pytest.raises(InternalError, match="does not hold"):
        recheck.check(mir, snapshot)


def test_a_deleted_instruction_is_found(box):
    mir, snapshot = prepared(box, pressure(3))
    insns = mir.blocks[0].insns
    del insns[next(i for i, insn in enumerate(insns) if insn.orig and insn.op & 7 == 7)]
    with pytest.raises(InternalError):
        recheck.check(mir, snapshot)


def test_reordered_instructions_are_found(box):
    mir, snapshot = prepared(box, pressure(3))
    insns = mir.blocks[0].insns
    insns[-3], insns[-4] = insns[-4], insns[-3]
    with pytest.raises(InternalError):
        recheck.check(mir, snapshot)


def test_a_wrong_constant_is_found(box):
    """A constant shared over a call is made again under pressure; another number is wrong."""
    text = pressure(8).replace("  %r = call", "  store %p, i64 1000000000000 off=200\n  %r = call")
    text = text.replace("mul i64 %r, %v0", "mul i64 %r, i64 1000000000000")
    text = text.replace("  ret", "  %z = add i64 %v0, i64 1\n  store %p, %z off=208\n  ret")
    mir, snapshot = prepared(box, text)
    recheck.check(mir, snapshot)
    again = [i for b in mir.blocks for i in b.insns if i.orig is None and i.op == LD_IMM64]
    assert again
    again[0].imm += 1
    with pytest.raises(InternalError, match="does not hold"):
        recheck.check(mir, snapshot)


def rows():
    for row in table.ROWS:
        if row.opcode & 7 in (0, 5) and row.kind not in (table.LDDW, table.LDABS, table.JUMP):
            continue
        insn = MInsn(row.opcode, 3, 4)
        if row.select:
            setattr(insn, *row.select)
        yield row, insn


def test_every_instruction_reads_and_writes_what_the_table_says():
    checked = 0
    for row, insn in rows():
        numbers = {"dst": 3, "src": 4}
        reads = sum(1 << numbers[field] for field in row.reads)
        writes = sum(1 << numbers[field] for field in row.writes)
        if row.kind == table.LDABS:
            reads, writes = reads | 1 << 6, writes | 1
        if row.kind == table.ATOMIC and row.op == "cmpxchg":
            reads, writes = reads | 1, writes | 1
        assert (uses(insn), defs(insn)) == (reads, writes), row
        checked += 1
    assert checked > 150
