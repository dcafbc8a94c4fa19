"""The contract with the kernel's verifier: one test for each clause of ``bpfcc.codegen``."""

from __future__ import annotations

import re

import pytest

from bpfcc.isa import insn as _i

LEVELS = [1, 2, 3, 4]
XDP = 'func @f(ptr %c) -> i32 section "xdp" linkage global ctx {{\nentry:\n{}\n}}\n'
DATA = 'global @table section ".data" align 8 linkage global size 512 zero\n'
LICENSE = 'global @license section "license" align 1 linkage global size 4 bytes "47504c00"\n'


def written(insn):
    """The registers that an instruction writes, as far as these tests need it."""
    cls = insn.opcode & 7
    if cls in (_i.ALU, _i.ALU64, _i.LDX) or insn.opcode == _i.LD_IMM64:
        return {insn.dst}
    if insn.opcode == _i.JMP | _i.CALL:
        return {0, 1, 2, 3, 4, 5}
    return set()


def code(box, text, mcpu):
    _, obj, sink = box.compile(text, mcpu)
    assert not sink.diagnostics
    return obj.functions[0].insns


def index_of(insns, *codes):
    """The first conditional jump (with one of ``codes``)."""
    return next(
        i for i, insn in enumerate(insns)
        if insn.opcode & 7 in (_i.JMP, _i.JMP32) and insn.opcode & 0xF0 in codes
    )  # fmt: skip


def after_test(insns, test):
    """The instructions that run when the bound of the jump ``test`` holds, up to the end."""
    if insns[test].opcode & 0xF0 in (_i.JLT, _i.JLE):
        starts = _i.slot_starts(insns)
        return insns[starts.index(starts[test] + 1 + insns[test].off) :]
    return insns[test + 1 :]


BOUNDED = [_i.JLT, _i.JLE, _i.JGT, _i.JGE]
# u32 n = *(u32 *)ctx (or a truncated 64-bit value); if (n < 32) use table[n];
INDEX = """%n = {load}
%small = ult i1 %n, i32 32
condbr %small, in, out
in:
%w = zext i64 %n
%p = ptradd ptr @table, %w
%x = load i8 %p
%y = zext i32 %x
ret %y
out:
ret i32 0"""


@pytest.mark.parametrize("mcpu", LEVELS)
@pytest.mark.parametrize(
    "load",
    ["load i32 %c off=12", "trunc i32 %long", "add i32 %short, i32 1", 'call i32 helper 5 ""()'],
)
def test_1_2_the_tested_register_is_used(box, load, mcpu):
    before = "%long = load i64 %c off=8\n%short = load i32 %c off=16\n"
    text = DATA + XDP.format(before + INDEX.format(load=load))
    insns = code(box, text, mcpu)
    test = index_of(insns, *BOUNDED)
    tested = insns[test].dst
    # Up to the addition of the index nothing writes or copies the tested register.
    for insn in after_test(insns, test):
        if insn.opcode == _i.ALU64 | _i.ADD | _i.X and tested in (insn.dst, insn.src):
            break
        assert tested not in written(insn)
        assert not (insn.opcode & 0xF0 == _i.MOV and insn.src == tested and insn.opcode & _i.X)
    else:
        raise AssertionError("the index is not added")


@pytest.mark.parametrize("mcpu", [3, 4])
def test_2_no_extension_from_v3_on(box, mcpu):
    text = DATA + XDP.format(INDEX.format(load="load i32 %c off=12"))
    insns = code(box, text, mcpu)
    assert not any(i.opcode & 0xF0 in (_i.LSH, _i.RSH, _i.ARSH) for i in insns if i.opcode & 3 == 3)


@pytest.mark.parametrize("mcpu", LEVELS)
def test_3_sums_are_additions(box, mcpu):
    body = """%a = alloca ptr size=16 align=8
store %a, i64 1
store %a, i64 2 off=8
%n = load i32 %c
%m = and i32 %n, i32 1
%w = zext i64 %m
%o = shl i64 %w, i64 3
%p = ptradd ptr %a, %o
%x = load i32 %p
%q = ptradd ptr %p, i64 4
%z = load i32 %q
%s = add i32 %x, %z
ret %s"""
    insns = code(box, XDP.format(body), mcpu)
    assert not any(i.opcode & 0xF7 == _i.ALU64 | _i.OR for i in insns)
    # One register for the sum: both loads go through it.
    loads = [i for i in insns if i.opcode & 7 == _i.LDX and i.src not in (1, 10)]
    assert len({i.src for i in loads[-2:]}) == 1
    assert sum(i.opcode == _i.ALU64 | _i.ADD | _i.X and i.dst == loads[-1].src for i in insns) == 1


@pytest.mark.parametrize("mcpu", LEVELS)
def test_4_context_accesses_are_direct(box, mcpu):
    body = """%p = ptradd ptr %c, i64 8
%x = load i32 %p off=4
%y = load i16 %p
%r = call i64 helper 5 ""()
%z = load i32 %p
%w = zext i32 %y
%s = add i32 %x, %w
%t = add i32 %s, %z
store %p, i32 1 off=16
ret %t"""
    insns = code(box, XDP.format(body), mcpu)
    sizes = {(i.off, _i.SIZE_BYTES[i.opcode & 0x18]) for i in insns if i.opcode & 7 == _i.LDX}
    assert sizes == {(12, 4), (8, 2), (8, 4)}
    # The context is moved, never computed with.
    holders = {1}
    for insn in insns:
        if insn.opcode == _i.ALU64 | _i.MOV | _i.X and insn.src in holders:
            holders.add(insn.dst)
        elif insn.opcode & 7 in (_i.ALU, _i.ALU64):
            assert insn.opcode & 0xF0 == _i.MOV or insn.dst not in holders - {1}
    assert not any(i.opcode & 7 == _i.ST for i in insns)
    assert any(i.opcode & 0xE7 == _i.STX | _i.MEM for i in insns)


PACKET = """%d = load i32 %c
%dl = zext i64 %d
%data = inttoptr ptr %dl
%e = load i32 %c off=4
%el = zext i64 %e
%end = inttoptr ptr %el
%last = ptradd ptr %data, i64 14
%bad = ugt i1 %last, %end
condbr %bad, out, in
in:
%t = ptradd ptr %data, i64 12
%x = load i8 %t
%u = ptradd ptr %t, i64 1
%y = load i8 %u
%xx = zext i32 %x
%yy = zext i32 %y
%s = add i32 %xx, %yy
ret %s
out:
ret i32 1"""


@pytest.mark.parametrize("mcpu", LEVELS)
def test_5_packet_offsets_are_folded(box, mcpu):
    insns = code(box, XDP.format(PACKET), mcpu)
    assert [i.off for i in insns if i.opcode == _i.LDX | _i.MEM | _i.B] in ([12, 13], [13, 12])
    assert sum(i.opcode == _i.ALU64 | _i.ADD | _i.K for i in insns) == 1


@pytest.mark.parametrize("mcpu", LEVELS)
def test_6_spills_are_whole(box, mcpu):
    """Nine values over a call: only four registers survive."""
    lines = [f"%v{i} = load i32 @table+{i * 4}" for i in range(9)]
    lines += [f"%w{i} = zext i64 %v{i}" for i in range(9)]
    lines.append('%r = call i64 helper 5 ""()')
    total = "%r"
    for i in range(9):
        lines.append(f"%s{i} = mul i64 {total}, %w{i}")
        total = f"%s{i}"
    lines.append(f"%t = trunc i32 {total}\nret %t")
    text = DATA + XDP.format("\n".join(lines))
    insns = code(box, text, mcpu)
    spills = [i for i in insns if 10 in (i.dst, i.src) and i.opcode & 7 in (_i.LDX, _i.STX)]
    assert spills
    assert all(i.opcode & 0x18 == _i.DW for i in spills)
    slots = {}
    for insn in spills:
        slots.setdefault(insn.off, []).append(insn.opcode & 7)
    # Each slot is written once, by all 8 bytes, and read afterwards.
    for kinds in slots.values():
        assert kinds[0] == _i.STX
        assert kinds.count(_i.STX) == 1


@pytest.mark.parametrize("mcpu", LEVELS)
def test_7_only_constants_are_made_again(box, mcpu):
    """A loaded value under pressure is stored and reloaded; the load itself is not repeated."""
    lines = ["%n = load i64 @table+64"]
    lines += [f"%v{i} = load i64 @table+{i * 8}" for i in range(6)]
    lines.append('%r = call i64 helper 5 ""(%n)')
    lines.append('%q = call i64 helper 7 ""(%n)')
    total = "%r"
    for i in range(6):
        lines.append(f"%s{i} = xor i64 {total}, %v{i}")
        total = f"%s{i}"
    lines.append(f"%z = xor i64 {total}, %n\n%t = trunc i32 %z\nret %t")
    insns = code(box, DATA + XDP.format("\n".join(lines)), mcpu)
    loads = [i for i in insns if i.opcode & 7 == _i.LDX and i.src != 10]
    assert len(loads) == 7


@pytest.mark.parametrize("mcpu", [2, 3, 4])
def test_8_select_is_a_branch_on_what_is_kept(box, mcpu):
    body = """%n = load i32 %c
%w = zext i64 %n
%c2 = ult i1 %w, i64 100
%k = select i64 %c2, %w, i64 100
%p = ptradd ptr @table, %k
%x = load i8 %p
%y = zext i32 %x
ret %y"""
    insns = code(box, DATA + XDP.format(body), mcpu)
    test = index_of(insns, *BOUNDED)
    assert insns[test + 1].dst == insns[test].dst
    assert insns[test + 1].imm == 100


@pytest.mark.parametrize("mcpu", LEVELS)
@pytest.mark.parametrize("join", ["and", "or", "select"])
def test_9_joined_tests_are_branches(box, join, mcpu):
    joined = {
        "and": "%j = and i1 %a, %b",
        "or": "%j = or i1 %a, %b",
        "select": "%j = select i1 %a, %b, i1 0",
    }[join]
    body = f"""%n = load i32 %c
%m = load i32 %c off=4
%a = ult i1 %n, i32 10
%b = ne i1 %m, i32 7
{joined}
condbr %j, in, out
in:
ret i32 1
out:
ret i32 2"""
    insns = code(box, XDP.format(body), mcpu)
    conditional = [
        i for i in insns if i.opcode & 7 in (5, 6) and i.opcode & 0xF0 not in (0, 0x80, 0x90)
    ]
    assert len(conditional) == 2
    assert not any(i.opcode & 0xF0 in (_i.AND, _i.OR) and i.opcode & 7 in (4, 7) for i in insns)


@pytest.mark.parametrize("mcpu", LEVELS)
def test_10_equal_tails_keep_their_accesses(box, mcpu):
    """Both arms end in the same store through their own pointer: two instructions."""
    body = """%a = alloca ptr size=8 align=8
store %a, i64 0
%n = load i32 %c
%t = eq i1 %n, i32 5
condbr %t, one, two
one:
%p = ptradd ptr @table, i64 8
%r = call ptr helper 1 ""(@table, %a)
store %p, i64 1
ret i32 3
two:
%q = call ptr helper 1 ""(@table, %a)
store %a, i64 1
ret i32 3"""
    insns = code(box, DATA + XDP.format(body), mcpu)
    assert sum(i.opcode == _i.JMP | _i.CALL for i in insns) == 2
    assert sum(i.opcode & 7 in (_i.ST, _i.STX) for i in insns) == 3
    assert sum(i.opcode == _i.JMP | _i.EXIT for i in insns) == 1


@pytest.mark.parametrize("mcpu", LEVELS)
def test_10_effects_keep_their_order(box, mcpu):
    body = """store @table, i64 1 volatile=yes
%x = load i64 @table+8 volatile=yes
%r = call i64 helper 5 ""()
%y = load i64 @table+8 volatile=yes
%o = atomicrmw i64 @table+16, %y op="add"
store @table, %x volatile=yes
ret i32 0"""
    insns = code(box, DATA + XDP.format(body), mcpu)
    kinds = [
        "call" if i.opcode == 0x85 else {1: "load", 2: "store", 3: "store"}[i.opcode & 7]
        if i.opcode & 0xE0 != _i.ATOMIC else "atomic"
        for i in insns
        if (i.opcode == 0x85 or i.opcode & 7 in (1, 2, 3)) and 10 not in (i.dst, i.src)
    ]  # fmt: skip
    assert kinds == ["store", "load", "call", "load", "atomic", "store"]


@pytest.mark.parametrize("mcpu", LEVELS)
def test_12_undefined_values_are_zero(box, mcpu):
    text = XDP.format("%s = add i32 i32 undef, i32 undef\nret %s")
    insns = code(box, text, mcpu)
    seen = {1, 10}
    for insn in insns:
        if insn.opcode & 7 in (_i.ALU, _i.ALU64):
            if insn.opcode & _i.X:
                assert insn.src in seen
            if insn.opcode & 0xF0 != _i.MOV:
                assert insn.dst in seen
            seen.add(insn.dst)


def test_12_unreachable_ends_return(box):
    lines = box.lines(XDP.format("unreachable"))
    assert lines == ["r0 = 0", "exit"]


@pytest.mark.kernel
@pytest.mark.parametrize("mcpu", LEVELS)
def test_the_kernel_agrees(box, mcpu):
    """The programs of the clauses above load."""
    from bpfcc.kernel.load import load

    programs = [
        INDEX.format(load="load i32 %c off=12"),
        "%long = load i32 %c off=12\n%ll = zext i64 %long\n%l3 = shl i64 %ll, i64 3\n"
        + INDEX.format(load="trunc i32 %l3"),
        INDEX.format(load='call i32 helper 7 ""()'),
        PACKET,
    ]
    for body in programs:
        _, obj, sink = box.compile(DATA + LICENSE + XDP.format(body), mcpu)
        assert not sink.diagnostics
        with load(obj) as loader:
            assert loader.programs["f"].fd >= 0


def test_every_clause_has_a_test():
    import bpfcc.codegen

    clauses = set(re.findall(r"^(\d+)\. ", bpfcc.codegen.__doc__, re.M))
    tested = {n for name in globals() for n in re.findall(r"(?<=_)\d+(?=_)", name)}
    assert clauses - tested == {"11"}  # test_memory: unaligned accesses
