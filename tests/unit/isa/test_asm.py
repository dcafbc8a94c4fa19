"""The assembler reads what the disassembler prints, and what LLVM reads it reads alike."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bpfcc.isa.asm import assemble, assemble_insns
from bpfcc.isa.disasm import disassemble, format_insn
from bpfcc.isa.insn import Insn, encode
from bpfcc.isa.table import ROWS, Row
from bpfcc.support.errors import InputError

SUITE = Path(__file__).parents[4] / "shared" / "conformance"


@st.composite
def any_insn(draw: st.DrawFn, row: Row | None = None) -> Insn:
    """One well-formed instruction of ``row``, or of any."""
    if row is None:
        row = draw(st.sampled_from(ROWS))
    insn = Insn(row.opcode)
    if row.uses & 1:
        insn.dst = draw(st.integers(0, 10))
    if row.uses & 2:
        insn.src = draw(st.integers(0, 10))
    if row.uses & 4:
        insn.off = draw(st.integers(-(1 << 15), (1 << 15) - 1))
    if row.uses & 8:
        wide = row.kind == "lddw"
        insn.imm = draw(
            st.integers(0, (1 << 64) - 1) if wide else st.integers(-(1 << 31), 2**31 - 1)
        )
        if row.op in ("map_fd", "map_idx", "func"):
            insn.imm &= 0xFFFFFFFF
    if row.kind == "cast":
        insn.imm = draw(st.sampled_from([1, 0x10000]))
    if row.select:
        setattr(insn, row.select[0], row.select[1])
    return insn


@given(st.lists(any_insn(), min_size=1, max_size=20))
def test_round_trip(insns: list[Insn]) -> None:
    for slot, insn in enumerate(insns):
        assert assemble_insns(format_insn(insn)) == [insn]
        assert assemble_insns(format_insn(insn, slot)) == [insn]
    assert assemble_insns(disassemble(insns)) == insns


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_row_round_trips(row: Row) -> None:
    @settings(max_examples=10)
    @given(any_insn(row))
    def check(insn: Insn) -> None:
        assert assemble_insns(format_insn(insn)) == [insn]

    check()


@given(st.integers(0, (1 << 64) - 1))
def test_words_round_trip(word: int) -> None:
    """Anything that is no instruction prints as a raw word and is read back."""
    data = word.to_bytes(8, "little")
    if data[0] == 0x18:
        data += b"\0\0\0\0\x07\0\0\0"
    text = "; ".join(
        f".8byte {int.from_bytes(data[at : at + 8], 'little'):#x}" for at in range(0, len(data), 8)
    )
    insns = assemble_insns(text)
    assert encode(insns) == data
    assert assemble_insns("\n".join(format_insn(insn) for insn in insns)) == insns


def _suite_programs() -> list[tuple[str, str]]:
    programs = []
    for path in sorted(SUITE.glob("*.data")):
        lines, inside = [], False
        for line in path.read_text().splitlines():
            line = line.split("#")[0]
            if "--" in line:
                inside = "asm" in line
            elif inside:
                lines.append(line)
        programs.append((path.name, "\n".join(lines)))
    return programs


needs_suite = pytest.mark.skipif(not SUITE.is_dir(), reason="the public suite is not here")


@needs_suite
def test_the_suites_encodings_round_trip() -> None:
    encodings = set()
    for name, text in _suite_programs():
        insns = assemble_insns(text)
        assert assemble_insns(disassemble(insns)) == insns, name
        encodings.update(insns)
    assert len(encodings) == 1024


LLVM_MC = shutil.which("llvm-mc-19") or shutil.which("llvm-mc")
LLVM_OBJDUMP = shutil.which("llvm-objdump-19") or shutil.which("llvm-objdump")
needs_llvm = pytest.mark.skipif(not LLVM_MC or not LLVM_OBJDUMP, reason="llvm-mc is not installed")


def _llvm_assemble(text: str) -> bytes:
    """Return the bytes that llvm-mc makes of ``text``."""
    done = subprocess.run(
        [LLVM_MC, "-triple=bpfel", "-mcpu=v4", "--show-encoding"],
        check=False, input=text, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert not done.stderr, done.stderr
    out = bytearray()
    for part in re.findall(r"# encoding: \[([^\]]*)\]", done.stdout):
        out += bytes(int(byte, 16) for byte in part.split(","))
    return bytes(out)


def _llvm_knows(row: Row) -> bool:
    if row.kind in ("load_acq", "store_rel") or row.op in ("local", "kfunc"):
        return False
    return row.kind != "lddw" or row.op == "imm"


def _samples() -> list[Insn]:
    samples = []
    for row in ROWS:
        if not _llvm_knows(row):
            continue
        for imm in (0, 5, -6, 0x7FFFFFFF, -0x80000000):
            insn = Insn(row.opcode)
            insn.dst = 3 if row.uses & 1 else 0
            insn.src = 7 if row.uses & 2 else 0
            insn.off = (12 if imm >= 0 else -9) if row.uses & 4 else 0
            insn.imm = imm if row.uses & 8 else 0
            if row.kind == "lddw":
                insn.imm = imm & 0xFFFFFFFFFFFFFFFF
            elif row.kind == "cast":
                insn.imm = 1
            elif row.op == "gotol":
                insn.imm = (imm & 0xFFFF) - 0x8000
            elif row.kind == "ldabs":
                insn.imm = 0 if row.reg else abs(imm) & 0x7FFFFFFF
            elif row.kind == "call" and row.uses & 8:
                insn.imm = abs(imm) & 0x7FFFFFFF
            if row.select:
                setattr(insn, row.select[0], row.select[1])
            if insn not in samples:
                samples.append(insn)
    return samples


@pytest.mark.peer
@needs_llvm
def test_llvm_assembles_our_text_to_the_same_bytes() -> None:
    insns = _samples()
    text = "\n".join(format_insn(insn) for insn in insns)
    assert _llvm_assemble(text) == encode(insns)


@pytest.mark.peer
@needs_llvm
def test_we_assemble_llvms_text_to_the_same_bytes(tmp_path: Path) -> None:
    insns = _samples()
    words = encode(insns)
    source = tmp_path / "a.s"
    source.write_text(
        "\n".join(
            f".8byte {int.from_bytes(words[at : at + 8], 'little'):#x}"
            for at in range(0, len(words), 8)
        )
    )
    obj = tmp_path / "a.o"
    subprocess.run(
        [LLVM_MC, "-triple=bpfel", "-mcpu=v4", "-filetype=obj", source, "-o", obj],
        check=True, timeout=60,
    )  # fmt: skip
    dump = subprocess.run(
        [LLVM_OBJDUMP, "-d", "--no-show-raw-insn", "--mcpu=v4", obj],
        check=True, capture_output=True, text=True, timeout=60,
    ).stdout  # fmt: skip
    lines = [
        re.sub(r"<\.text[^>]*>", "", line.split(":", 1)[1])
        for line in dump.splitlines()
        if re.match(r"\s*\d+:\t", line)
    ]
    assert len(lines) == len(insns)
    for line, insn in zip(lines, insns):
        assert assemble_insns(line) == [insn], line


BOTH = [
    ("r1 += -5", "add %r1, -5"),
    ("w1 += w2", "add32 %r1, %r2"),
    ("w3 = -w3", "neg32 %r3"),
    ("r1 s>>= 3", "arsh r1, 3"),
    ("r1 = (s8)r2", "movsx864 %r1, %r2"),
    ("r1 s/= r2", "sdiv %r1, %r2"),
    ("w1 s%= 7", "smod32 %r1, 7"),
    ("gotol +1", "ja32 +1"),
    ("r1 = bswap64 r1", "swap64 %r1"),
    ("r1 = be16 r1", "be16 %r1"),
    ("r1 = be16 r1", "endbe %r1,16"),
    ("r1 = *(u64 *)(r2 + 8)", "ldxdw %r1, [%r2+8]"),
    ("r1 = *(s32 *)(r2 + 4)", "ldxsw %r1, [%r2+4]"),
    ("*(u32 *)(r1 - 8) = w2", "stxw [%r1-8], %r2"),
    ("*(u32 *)(r1 - 8) = w2", "stxw [%r1+-8], %r2"),
    ("*(u64 *)(r1 - 8) = 5", "stdw [%r1-8], 5"),
    ("r1 = 0x1122 ll", "lddw %r1, 0x1122"),
    ("if r1 != 3 goto +1", "jne %r1, 3, +1"),
    ("if r1 != 3 goto +1", "jne %r1,3,1"),
    ("if w1 s> w2 goto -2", "jsgt32 %r1, %r2, -2"),
    ("if r1 & 4 goto +0", "jset %r1, 4, +0"),
    ("goto +1", "ja +1"),
    ("goto pc+1", "ja +1"),
    ("lock *(u64 *)(r1 + 8) += r2", "lock add [%r1+8], %r2"),
    ("lock *(u32 *)(r1 + 8) += w2", "xaddw [%r1+8], %r2"),
    ("w2 = atomic_fetch_add((u32 *)(r1 + 8), w2)", "lock fetch add32 [%r1+8], %r2"),
    ("r2 = atomic64_fetch_add((u64 *)(r1 +8), r2)", "lock fetch add [%r1+8], %r2"),
    ("r2 = xchg_64(r1 + 8, r2)", "lock xchg [%r1+8], %r2"),
    ("r2 = atomic64_xchg((u64 *)(r1 + 8), r2)", "lock xchg [%r1+8], %r2"),
    ("w0 = cmpxchg32_32(r1 + 8, w0, w2)", "lock cmpxchg32 [%r1+8], %r2"),
    ("call 5", "call helper 5"),
    ("callx r2", "call %r2"),
    ("call kfunc 7", "call runtime 7"),
    ("r0 = *(u8 *)skb[14]", "ldabsb 14"),
    ("r0 = *(u16 *)skb[r6 + 4]", "ldindh %r6, 4"),
    ("r1 = r2", "mov64 r1, r2"),
    ("r1=*(u64*)(r2+4+4)", "ldxdw %r1, [%r2 + 8]"),
    ("*(u8*)(r10 - 8)=(1<<3)|~0xf & 0xff", "stb [%r10-8], 0xf8"),
]


@pytest.mark.parametrize(("llvm", "mnemonic"), BOTH)
def test_both_syntaxes_say_the_same(llvm: str, mnemonic: str) -> None:
    assert assemble_insns(llvm) == assemble_insns(mnemonic)


def test_labels_comments_and_separators() -> None:
    got = assemble(
        """
        // selftest style
        r1 = 1 ;   # one
        l0_1:  r2 = r1; /* two
        lines */ if r1 > 2 goto 1f
        goto l0_1
        1: if w1 s<= w2 goto 1b; goto 1f;
        1:
        exit"""
    )
    insns = got.insns
    assert [insn.off for insn in insns] == [0, 0, 1, -3, -1, 0, 0]
    assert got.labels == {"l0_1": 1}
    assert got.lines == [3, 4, 5, 6, 7, 7, 9]


def test_symbols_become_relocations() -> None:
    got = assemble(
        "r1 = my_map ll\nr2 = var + 8 ll\ncall bpf_kfunc\ncall sub\nr3 = sub ll\nexit\nsub: exit"
    )
    assert [(r.slot, r.kind, r.symbol, r.addend) for r in got.relocs] == [
        (0, "data", "my_map", 0),
        (2, "data", "var", 8),
        (4, "call", "bpf_kfunc", 0),
    ]
    assert got.insns[2] == Insn(0x85, 0, 1, 0, -1)
    assert got.insns[3] == Insn(0x85, 0, 1, 0, 3)
    assert got.insns[4] == Insn(0x18, 3, 4, 0, 2)


def test_raw_words() -> None:
    assert assemble_insns(".8byte 0x1b7\n.8byte 0x95") == [Insn(0xB7, 1), Insn(0x95)]
    wide = assemble_insns(".8byte 0x0000000500000118, 0x0000000600000000\nexit")
    assert wide == [Insn(0x18, 1, 0, 0, 6 << 32 | 5), Insn(0x95)]


@pytest.mark.parametrize(
    ("text", "message", "line", "column"),
    [
        ("r1 = r2\n  r1 += w2", "operands have different widths", 2, 9),
        ("r11 = 5", "there is no register 'r11'", 1, 1),
        ("r1 = 0x1ffffffff", "does not fit in 32 bits", 1, 6),
        ("goto nowhere", "undefined label 'nowhere'", 1, 6),
        ("x: x: exit", "label 'x' is defined twice", 1, 4),
        ("r1 = *(u64 *)(r2 + 40000)", "does not fit in 16 bits", 1, 18),
        ("r1 = *(u64 *)(w2 + 4)", "an address is a 64-bit register", 1, 15),
        ("w1 = *(u64 *)(r2 + 4)", "no 32-bit load of u64", 1, 8),
        ("frob r1, 2", "unknown instruction 'frob'", 1, 1),
        (".section x", "unknown directive '.section'", 1, 1),
        ("r1 = -r2", "both registers are the same", 1, 7),
        ("r1 = be16 r2", "both registers are the same", 1, 11),
        ("r1 = 5 5", "unexpected '5'", 1, 8),
        ("if r1 = 5 goto +1", "expected a comparison", 1, 7),
        ("exit\n@", "unexpected character '@'", 2, 1),
        ("lock nand [%r1+0], %r2", "no atomic operation 'nand'", 1, 6),
        (".8byte 0x118\nexit", "lacks its second word", 1, 8),
        ("r1 = 5 / 0", "division by zero", 1, 8),
        ("ldxdw %r1, [%r2+8", "expected ']'", 1, 18),
        ("r3 = xchg_64(r1 + 8, r2)", "into the register that it takes", 1, 6),
        ("r1 = 12zz", "malformed number", 1, 6),
        ("r1 = 5ll", "write 'll' apart", 1, 6),
        ("r1 = " + "(" * 5000, "nests too deep", 1, 56),
        ("r1 = " + "-" * 5000 + "1", "nests too deep", 1, 56),
    ],
)
def test_errors_have_a_place(text: str, message: str, line: int, column: int) -> None:
    with pytest.raises(InputError) as raised:
        assemble(text, name="x.s")
    first = raised.value.diagnostics[0]
    assert message in first.message
    assert first.span is not None
    assert first.span.position() == ("x.s", line, column)


def test_all_errors_are_reported() -> None:
    with pytest.raises(InputError) as raised:
        assemble("frob\nr1 = 1\nr1 += w2\nexit\ngoto x\n")
    assert [d.span.position()[1] for d in raised.value.diagnostics if d.span] == [1, 3, 5]


def test_far_jumps_need_gotol() -> None:
    text = "goto far\n" + "r1 = 1\n" * 40000 + "far: exit"
    with pytest.raises(InputError, match="too far for a 16-bit offset"):
        assemble(text)
    assert assemble(text.replace("goto", "gotol")).insns[0].imm == 40000


@given(st.text(max_size=60) | st.text("r0123456789w =+*()u[]%l;:\n-if goto&", max_size=60))
def test_any_text_gets_an_answer(text: str) -> None:
    try:
        assemble(text)
    except InputError as error:
        assert error.diagnostics


def test_narrow_data_directives() -> None:
    mov = ".byte 0xb7; .byte 0x03; .short 0; .long -7"
    assert assemble_insns(mov) == [Insn(0xB7, 3, 0, 0, -7)]
    assert assemble_insns(".2byte 0x0095, 0\n.4byte 0") == [Insn(0x95)]
    with pytest.raises(InputError, match="6 bytes of data are no whole number"):
        assemble_insns(".byte 0x95\n.byte 0\n.long 0\nexit")
    with pytest.raises(InputError, match="256 does not fit in 8 bits"):
        assemble_insns(".byte 256")


@pytest.mark.parametrize("register", range(10))
def test_bytes_chosen_by_register(register: int) -> None:
    chosen = "".join(f".ifc r{register}, r{n}; .byte {n * 17}; .endif;" for n in range(10))
    found = assemble_insns(f".byte 0xBF; {chosen} .short 1; .long 0x10000")
    assert found == [Insn(0xBF, register, register, 1, 0x10000)]


def test_conditional_assembly() -> None:
    text = (
        ".ifc a, b\nr0 = 1\n.ifnc c, d\nr0 = 2\n.else\nr0 = 3\n.endif\n.else\nr0 = 4\n.endif\nexit"
    )
    assert [insn.imm for insn in assemble_insns(text)] == [4, 0]
    assert [i.imm for i in assemble_insns(text.replace("a, b", "a, a"))] == [1, 2, 0]
    for bad, message in (
        (".ifc r1", "compares two texts"),
        (".endif", "'.endif' without '.ifc'"),
        (".ifc a, a\nexit", "'.ifc' without '.endif'"),
    ):
        with pytest.raises(InputError, match=message):
            assemble_insns(bad)


def test_repeated_statements() -> None:
    text = "r0 = 0\n.rept 2; r0 += 1; .rept 3; r0 += 2; .endr; .endr; exit"
    assert [insn.imm for insn in assemble_insns(text)] == [0, 1, 2, 2, 2, 1, 2, 2, 2, 0]
    assert len(assemble_insns("goto 1f; 0: exit; .rept 300; r0 += 1; .endr; 1: goto 0b")) == 303
    for bad, message in (
        (".rept 2\nexit", "'.rept' without '.endr'"),
        (".endr", "'.endr' without '.rept'"),
        (".rept -1\nexit\n.endr", "'.rept' of -1"),
        (".rept 1 << 40\nexit\n.endr", "'.rept' gives too many statements"),
        (".rept 9999999; .rept 9999999; .endr; .endr", "'.rept' gives too many statements"),
    ):
        with pytest.raises(InputError, match=message):
            assemble_insns(bad)


def test_bytes_in_the_order_of_the_target() -> None:
    text = ".byte 0xb7; .byte 0x30; .short 2; .long -7; .8byte 0xb740000100000009"
    assert assemble(text, big_endian=True).insns == [
        Insn(0xB7, 3, 0, 2, -7),
        Insn(0xB7, 4, 0, 1, 9),
    ]


def test_immediates_of_64_bits_that_sign_extension_gives_back() -> None:
    found = assemble_insns("r1 = 0xffffffffffffff00; if r0 < 0xfffffffffffffffe goto +0; exit")
    assert [insn.imm for insn in found] == [-256, -2, 0]
    for bad in ("r1 = 0xffffffff7fffffff", "r1 += 0x1ffffffff"):
        with pytest.raises(InputError, match="does not fit in 32 bits"):
            assemble_insns(bad)
