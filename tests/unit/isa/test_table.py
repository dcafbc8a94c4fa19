from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bpfcc.isa import insn as i
from bpfcc.isa.insn import Insn
from bpfcc.isa.table import ROWS, by_name, known_opcode, lookup, selector


def test_every_row_is_found_by_its_own_encoding() -> None:
    for row in ROWS:
        insn = Insn(row.opcode)
        if row.select is not None:
            setattr(insn, row.select[0], row.select[1])
        assert lookup(insn) is row
        assert by_name[row.name] is row
    assert len(by_name) == len(ROWS)


def test_rows_per_opcode_agree_on_one_selecting_field() -> None:
    by_opcode: dict[int, list[str]] = {}
    for row in ROWS:
        by_opcode.setdefault(row.opcode, []).append(row.select[0] if row.select else "")
    for opcode, fields in by_opcode.items():
        assert len(set(fields)) == 1, hex(opcode)
        assert len(fields) == 1 or fields[0], hex(opcode)


def test_names_say_the_codes_of_rfc_9669() -> None:
    """Spot values from the RFC's opcode table (appendix A)."""
    expected = {
        "add32_imm": 0x04, "ja": 0x05, "ja32": 0x06, "add64_imm": 0x07, "lddw": 0x18,
        "mod64_reg": 0x9F, "jeq_imm": 0x15, "jeq32_reg": 0x1E, "ldxw": 0x61, "stb": 0x72,
        "stxdw": 0x7B, "ldxdw": 0x79, "ldxsw": 0x81, "call_helper": 0x85, "callx": 0x8D,
        "exit": 0x95, "mov64_reg": 0xBF, "lock_add32": 0xC3, "lock_add64": 0xDB,
        "le16": 0xD4, "be64": 0xDC, "bswap32": 0xD7, "jsle32_imm": 0xD6, "arsh64_imm": 0xC7,
        "ldabsw": 0x20, "ldindb": 0x50, "neg32": 0x84, "may_goto": 0xE5,
    }  # fmt: skip
    for name, opcode in expected.items():
        assert by_name[name].opcode == opcode, name


def test_selector_tells_the_second_field() -> None:
    assert selector(by_name["div64_imm"].opcode) == ("off", (0, 1))
    assert selector(by_name["mov64_reg"].opcode) == ("off", (0, 1, 8, 16, 32))
    assert selector(by_name["be16"].opcode) == ("imm", (16, 32, 64))
    assert selector(by_name["add64_imm"].opcode) is None
    assert selector(0xFF) is None
    assert not known_opcode(0xFF)


@given(st.integers(0, 255), st.integers(0, 15), st.integers(-40, 40), st.integers(-1, 300))
def test_lookup_only_answers_with_a_matching_row(opcode: int, src: int, off: int, imm: int) -> None:
    insn = Insn(opcode, 0, src, off, imm)
    row = lookup(insn)
    if row is None:
        assert not known_opcode(opcode) or selector(opcode) is not None
    else:
        assert row.opcode == opcode
        if row.select:
            assert getattr(insn, row.select[0]) == row.select[1]


@given(
    st.lists(
        st.builds(
            Insn,
            st.integers(0, 255).filter(lambda code: code != i.LD_IMM64),
            st.integers(0, 15),
            st.integers(0, 15),
            st.integers(-(1 << 15), (1 << 15) - 1),
            st.integers(-(1 << 31), (1 << 31) - 1),
        )
        | st.builds(
            Insn,
            st.just(i.LD_IMM64),
            st.integers(0, 15),
            st.integers(0, 15),
            st.just(0),
            st.integers(0, (1 << 64) - 1),
        )
    ),
    st.booleans(),
)
def test_wire_form_round_trips(insns: list[Insn], big: bool) -> None:
    assert i.decode(i.encode(insns, big_endian=big), big_endian=big) == insns
