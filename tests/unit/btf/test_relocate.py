from __future__ import annotations

import pytest

from bpfcc.btf.core import CoreKind
from bpfcc.btf.patch import POISON_IMM, apply
from bpfcc.btf.read import parse
from bpfcc.btf.relocate import CoreError, Resolver, describe, essential_name
from bpfcc.btf.types import (
    Array,
    BtfType,
    Enum,
    FuncProto,
    Int,
    Member,
    Ptr,
    Struct,
    Typedef,
    Union,
)
from bpfcc.btf.write import encode
from bpfcc.isa.insn import ALU64, CALL, DW, JMP, LD_IMM64, LDX, MEM, MOV, Insn, K, W

INT = Int("int", 4, Int.SIGNED)
UINT = Int("unsigned int", 4)
ULONG = Int("unsigned long", 8)
LONG = Int("long", 8, Int.SIGNED)


def resolve(kind: CoreKind, local: BtfType, access: str, *target: BtfType):
    return Resolver(parse(encode(target).data), lambda type: 42).resolve(kind, local, access)


@pytest.mark.parametrize(
    ("name", "essential"),
    [
        ("task", "task"),
        ("task___old", "task"),
        ("a___b___c", "a___b"),
        ("___x", "___x"),
        ("a____b", "a____b"),
        ("a___", "a___"),
    ],
)
def test_flavours(name, essential):
    assert essential_name(name) == essential


def test_offsets_follow_names():
    inner = Struct("in", 8, [Member("x", INT, 0), Member("y", INT, 32)])
    local = Struct("s___mine", 12, [Member("a", INT, 0), Member("in", inner, 32)])
    moved = Struct("in", 12, [Member("y", INT, 64), Member("x", INT, 0)])
    target = Struct("s", 24, [Member("z", INT, 0), Member("in", moved, 64), Member("a", INT, 32)])
    found = resolve(CoreKind.FIELD_BYTE_OFFSET, local, "0:1:1", target)
    assert (found.old, found.new) == (8, 16)
    assert resolve(CoreKind.FIELD_BYTE_OFFSET, local, "0:0", target).new == 4
    assert resolve(CoreKind.FIELD_BYTE_OFFSET, local, "2:0", target).new == 2 * 24 + 4
    assert describe(CoreKind.FIELD_BYTE_OFFSET, local, "0:1:1") == "s___mine.in.y"


def test_members_of_anonymous_members_and_arrays():
    local = Struct("s", 16, [Member("v", Array(INT, 4, UINT), 0)])
    target = Struct("s", 24, [Member("", Union("", 24, [Member("v", Array(INT, 6, UINT), 0)]), 0)])
    assert resolve(CoreKind.FIELD_BYTE_OFFSET, local, "0:0:3", target).new == 12
    assert resolve(CoreKind.FIELD_BYTE_SIZE, local, "0:0", target).new == 24
    short = Struct("s", 8, [Member("v", Array(INT, 2, UINT), 0)])
    assert resolve(CoreKind.FIELD_BYTE_OFFSET, local, "0:0:3", short).new is None
    flexible = Struct("s", 4, [Member("n", INT, 0), Member("v", Array(INT, 0, UINT), 32)])
    assert resolve(CoreKind.FIELD_BYTE_OFFSET, local, "0:0:3", flexible).new == 16


def test_missing_fields_poison_or_answer_no():
    local = Struct("s", 4, [Member("gone", INT, 0)])
    target = Struct("s", 4, [Member("other", INT, 0)])
    assert resolve(CoreKind.FIELD_EXISTS, local, "0:0", target).new == 0
    assert resolve(CoreKind.FIELD_EXISTS, local, "0:0", local).new == 1
    missing = resolve(CoreKind.FIELD_BYTE_OFFSET, local, "0:0", target)
    assert missing.new is None
    (call,) = apply(Insn(LDX | MEM | W, 1, 2, 0), missing, 0)
    assert call == Insn(JMP | CALL, imm=POISON_IMM)
    assert len(apply(Insn(LD_IMM64, 1), missing, 0)) == 2


def test_signs_shifts_and_bit_fields():
    local = Struct("s", 4, [Member("f", UINT, 3, 5)])
    target = Struct("s", 8, [Member("f", INT, 34, 7)])
    assert resolve(CoreKind.FIELD_BYTE_OFFSET, local, "0:0", target).new == 4
    assert resolve(CoreKind.FIELD_BYTE_SIZE, local, "0:0", target).new == 4
    assert resolve(CoreKind.FIELD_SIGNED, local, "0:0", target).new == 1
    assert resolve(CoreKind.FIELD_LSHIFT_U64, local, "0:0", target).new == 64 - (34 + 7 - 32)
    assert resolve(CoreKind.FIELD_RSHIFT_U64, local, "0:0", target).new == 64 - 7
    straddling = Struct("s", 8, [Member("f", UINT, 28, 7)])
    assert resolve(CoreKind.FIELD_BYTE_SIZE, local, "0:0", straddling).new == 8


def test_loads_take_the_targets_size():
    local = Struct("s", 4, [Member("f", UINT, 0)])
    target = Struct("s", 16, [Member("f", ULONG, 64)])
    found = resolve(CoreKind.FIELD_BYTE_OFFSET, local, "0:0", target)
    insn = Insn(LDX | MEM | W, 1, 2, 0)
    assert apply(insn, found, 0) == [Insn(LDX | MEM | DW, 1, 2, 8)]
    signed = resolve(
        CoreKind.FIELD_BYTE_OFFSET,
        Struct("s", 4, [Member("f", INT, 0)]),
        "0:0",
        Struct("s", 8, [Member("f", LONG, 0)]),
    )
    with pytest.raises(CoreError, match="only pointers and unsigned"):
        apply(Insn(LDX | MEM | W, 1, 2, 0), signed, 3)
    # An address needs no particular size.
    assert apply(Insn(ALU64 | MOV | K, 1, imm=0), signed, 0) == [Insn(ALU64 | MOV | K, 1, imm=0)]


def test_instructions_that_disagree_with_the_types_are_refused():
    local = Struct("s", 8, [Member("a", INT, 0), Member("b", INT, 32)])
    found = resolve(CoreKind.FIELD_BYTE_OFFSET, local, "0:1", local)
    with pytest.raises(CoreError, match="instruction 7 has 0 where"):
        apply(Insn(LDX | MEM | W, 1, 2, 0), found, 7)
    with pytest.raises(CoreError, match="takes no relocation"):
        apply(Insn(JMP | CALL), found, 7)


def test_types_and_ids():
    local = Struct("s", 4, [Member("a", INT, 0)])
    target = Struct("s", 12, [Member("b", INT, 0)])
    assert resolve(CoreKind.TYPE_EXISTS, local, "0", target).new == 1
    assert resolve(CoreKind.TYPE_EXISTS, local, "0", INT).new == 0
    assert resolve(CoreKind.TYPE_SIZE, local, "0", target).new == 12
    assert resolve(CoreKind.TYPE_ID_TARGET, local, "0", target).new == 1
    assert resolve(CoreKind.TYPE_ID_LOCAL, local, "0").new == 42
    assert resolve(CoreKind.TYPE_MATCHES, local, "0", target).new == 0
    wider = Struct("s", 12, [Member("b", INT, 0), Member("a", INT, 32)])
    assert resolve(CoreKind.TYPE_MATCHES, local, "0", wider).new == 1
    hook = Typedef(Ptr(FuncProto(INT, [("x", INT)])), "hook")
    other = Typedef(Ptr(FuncProto(INT, [("x", INT), ("y", INT)])), "hook")
    assert resolve(CoreKind.TYPE_EXISTS, hook, "0", hook).new == 1
    assert resolve(CoreKind.TYPE_EXISTS, hook, "0", other).new == 0


def test_enum_constants():
    local = Enum("e___x", 4, [("A", 1), ("B___v2", 2)])
    target = Enum("e", 8, [("B", 1 << 40)])
    assert resolve(CoreKind.ENUMVAL_VALUE, local, "1", target).new == 1 << 40
    assert resolve(CoreKind.ENUMVAL_EXISTS, local, "1", target).new == 1
    assert resolve(CoreKind.ENUMVAL_EXISTS, local, "0", target).new == 0
    assert resolve(CoreKind.ENUMVAL_VALUE, local, "0", target).new is None


def test_ambiguous_targets_are_an_error_and_agreeing_ones_are_not():
    local = Struct("s", 4, [Member("a", INT, 0)])
    one = Struct("s", 8, [Member("a", INT, 32)])
    same = Struct("s", 16, [Member("a", INT, 32)])
    other = Struct("s", 16, [Member("a", INT, 64)])
    assert resolve(CoreKind.FIELD_BYTE_OFFSET, local, "0:0", one, same).new == 4
    with pytest.raises(CoreError, match="ambiguous"):
        resolve(CoreKind.FIELD_BYTE_OFFSET, local, "0:0", one, other)


@pytest.mark.parametrize("access", ["", "x", "0:9", "0:0:0", "-1", "0:", "1:2:3" * 40, "9" * 30])
def test_unsound_accesses_are_errors(access):
    local = Struct("s", 4, [Member("a", INT, 0)])
    with pytest.raises(CoreError):
        resolve(CoreKind.FIELD_BYTE_OFFSET, local, access, local)
