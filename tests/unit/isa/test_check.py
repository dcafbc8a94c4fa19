from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpfcc.isa.asm import assemble
from bpfcc.isa.check import check, check_bytes, require
from bpfcc.isa.insn import Insn, decode, encode
from bpfcc.isa.table import ROWS, Row
from bpfcc.support.errors import InputError

NEGATIVE = Path(__file__).parents[4] / "shared" / "conformance" / "negative"
FIELD = {"imm": "imm", "offset": "offset", "src": "src", "dst": "dst"}


def _faults(text: str) -> list[tuple[int, str]]:
    return [(fault.slot, fault.field) for fault in check(assemble(text).insns)]


@pytest.mark.skipif(not NEGATIVE.is_dir(), reason="the public suite's data files are not here")
def test_the_suites_malformed_programs_are_refused_by_field() -> None:
    files = sorted(NEGATIVE.glob("unused-*.data"))
    assert len(files) == 45
    for path in files:
        raw = path.read_text().split("-- raw")[1].split("--")[0]
        faults = check_bytes(bytes.fromhex(raw.replace("\n", " ")))
        wanted = FIELD[path.stem.rsplit("-", 1)[1]]
        assert [(fault.slot, fault.field) for fault in faults] == [(0, wanted)], path.name


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_unused_field_of_every_row_must_be_zero(row: Row) -> None:
    uses = {"dst": 1, "src": 2, "off": 4, "imm": 8}
    good = Insn(row.opcode)
    if row.select:
        setattr(good, row.select[0], row.select[1])
    if row.kind == "cast":
        good.imm = 1
    if row.op == "local":
        good.imm = 1  # the second exit below is the callee
    if row.op == "func":
        good.imm = 2

    def fields(insn: Insn) -> list[str]:
        return [fault.field for fault in check([insn, Insn(0x95), Insn(0x95)])]

    assert fields(good) == []
    for field, bit in uses.items():
        if row.uses & bit or (row.select and row.select[0] == field):
            continue
        if row.opcode == 0x18 and field == "imm":
            continue
        bad = good.copy()
        setattr(bad, field, 1)
        assert fields(bad) == [{"off": "offset"}.get(field, field)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("r0 = 1", [(0, "opcode")]),  # runs off the end
        ("goto +5; exit", [(0, "offset")]),
        ("goto -3; exit", [(0, "offset")]),
        ("goto +1; r1 = 5 ll; exit", [(0, "offset")]),  # the middle of the wide load
        ("gotol +9; exit", [(0, "imm")]),
        ("r10 = 1; exit", [(0, "dst")]),
        ("r10 += 1; exit", [(0, "dst")]),
        ("call local +5; exit", [(0, "imm")]),
        ("call local +1; exit; r1 = 5 ll; exit", []),
        ("call local +2; exit; r1 = 5 ll; exit", [(0, "imm")]),
        ("r1 = func(+7) ll; exit", [(0, "imm")]),
        ("call f; exit; f: r0 = 1", [(2, "opcode")]),
        ("call f; r0 = 1; f: exit", [(1, "opcode")]),  # falls into the next function
        ("call f; goto l; f: l: exit", [(1, "offset")]),  # jumps into it
        ("l: goto l", []),
    ],
)
def test_control_flow_faults(text: str, expected: list[tuple[int, str]]) -> None:
    assert _faults(text) == expected


def test_registers_out_of_range_and_unknown_opcodes() -> None:
    exit_ = Insn(0x95)
    assert [f.field for f in check([Insn(0x07, 11), exit_])] == ["dst"]
    assert [f.field for f in check([Insn(0x0F, 1, 12), exit_])] == ["src"]
    assert [f.field for f in check([Insn(0x8F, 1), exit_])] == ["opcode"]  # neg with a register
    assert [f.field for f in check([Insn(0x85, 0, 3), exit_])] == ["src"]
    assert [f.field for f in check([Insn(0xDB, 1, 2, 0, 0x77), exit_])] == ["imm"]
    assert [f.field for f in check([Insn(0xC3, 1, 2, 0, 0xF1), exit_])] == []
    assert [f.field for f in check([])] == ["length"]


def test_wide_load_second_slot() -> None:
    good = bytes.fromhex("1801000001000000 0000000002000000 9500000000000000")
    assert check_bytes(good) == []
    for at, field in ((8, "next.opcode"), (9, "next.regs"), (10, "next.offset")):
        bad = bytearray(good)
        bad[at] = 1
        assert [(f.slot, f.field) for f in check_bytes(bytes(bad))] == [(1, field)]
    cut = check_bytes(good[:8])
    assert (cut[0].slot, cut[0].field) == (0, "length")
    assert check_bytes(good[:12])[0].field == "length"
    map_fd = Insn(0x18, 1, 1, 0, 3 | 1 << 32)
    assert [f.field for f in check([map_fd, Insn(0x95)])] == ["next.imm"]


def test_unlinked_functions_may_call_anything() -> None:
    insns = assemble("call elsewhere; exit").insns
    assert check(insns, linked=False) == []
    with pytest.raises(InputError, match="malformed program: at 0"):
        require(assemble("call local +7; exit").insns)


@given(st.binary(max_size=80))
def test_any_bytes_get_an_answer(data: bytes) -> None:
    faults = check_bytes(data)
    if not faults:
        assert encode(decode(data)) == data
