"""``objdump --asm`` and ``asm``: objects as text and back."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bpfcc.driver.asm_object import read_assembly
from bpfcc.driver.asm_text import assembly
from bpfcc.isa.insn import encode
from bpfcc.objfile.model import (
    DataReloc,
    DataSection,
    DataSymbol,
    Extern,
    Function,
    Linkage,
    Object,
)
from bpfcc.objfile.read import from_bytes
from bpfcc.objfile.write import to_bytes
from bpfcc.support.errors import InputError
from bpfcc.testing.session import Compiler

ROOT = Path(__file__).parents[3]
FILTERS = sorted((ROOT / "filters").glob("*.c"))
CASES = sorted((ROOT / "tests" / "files").rglob("*.c"))[:25]


def shape_of_code(function: Function) -> tuple[object, object]:
    """Return instructions, and what the relocated ones refer to."""
    relocated = {reloc.slot for reloc in function.relocs}
    code: list[object] = []
    slot = 0
    for insn in function.insns:
        code.append(insn.opcode if slot in relocated else encode([insn]))
        slot += insn.slots
    return code, sorted((r.slot, r.kind.value, r.symbol, r.addend) for r in function.relocs)


def shape(obj: Object) -> list[object]:
    """Return all that the text says of an object."""
    out: list[object] = []
    for function in obj.functions:
        out.append((function.name, function.section, function.linkage, *shape_of_code(function)))
    for data in obj.data.values():
        symbols = sorted((s.name, s.offset, s.size, s.linkage.value) for s in data.symbols)
        relocs_ = sorted((r.offset, r.symbol, r.addend) for r in data.relocs)
        out.append(
            (data.name, bytes(data.data), data.align, data.nobits, data.readonly, symbols, relocs_)
        )
    return out


def compiled(path: Path) -> Object | None:
    """Return the object that our compiler makes, None where it needs the types of a kernel."""
    try:
        return Compiler().compile(str(path), ("-w",))
    except InputError:
        return None


@pytest.mark.parametrize("path", FILTERS, ids=lambda path: path.stem)
def test_filters_read_back(path: Path) -> None:
    obj = compiled(path)
    if obj is None:
        pytest.skip("needs the types of a kernel")
    back = read_assembly(assembly(obj))
    assert shape(back) == shape(obj)
    again = from_bytes(to_bytes(back), "again")
    assert shape(again)[: len(obj.functions)] == shape(obj)[: len(obj.functions)]


def test_the_tests_own_programs_read_back() -> None:
    count = 0
    for path in CASES:
        obj = compiled(path)
        if obj is not None:
            assert shape(read_assembly(assembly(obj))) == shape(obj), path
            count += 1
    assert count > 5


OBJECT = """
    .section "?raw_tp/sys enter","ax",@progbits
    .globl handler
    .hidden handler
    .type handler,@function
handler:    # a comment with "quotes; and ; semicolons"
    ldxdw %r6, [%r1+8]      // the other syntax
    if r6 == 0 goto out
    r1 = table+8 ll
    call helper_of_mine
out: r0 = 0; exit
    .size handler, .-handler
    .text
    .weak helper_of_mine
    .type helper_of_mine,@function
helper_of_mine:
    r0 = 1
    exit
    .section .data,"aw",@progbits
    .p2align 3
    .globl table
    .type table,@object
    .size table, 24
table:
    .byte 1, 0x2, -1
    .zero 5
    .8byte text+4, handler
    .section .rodata,"a",@progbits
text: .asciz "a # \\"b\\"\\n\\x41"
"""


def test_sections_symbols_and_data() -> None:
    obj = read_assembly(OBJECT, name="x.s")
    first, second = obj.functions
    assert (first.name, first.section) == ("handler", "?raw_tp/sys enter")
    assert (first.linkage, second.linkage) == (Linkage.HIDDEN, Linkage.WEAK)
    assert [(r.slot, r.symbol, r.addend) for r in first.relocs] == [
        (2, "table", 8),
        (4, "helper_of_mine", 0),
    ]
    data = obj.data[".data"]
    assert bytes(data.data) == bytes([1, 2, 255]) + bytes(21)
    assert [(r.offset, r.symbol, r.addend) for r in data.relocs] == [
        (8, "text", 4),
        (16, "handler", 0),
    ]
    assert [(s.name, s.offset, s.size) for s in data.symbols] == [("table", 0, 24)]
    assert bytes(obj.data[".rodata"].data) == b'a # "b"\nA\0'
    assert obj.externs == []
    assert shape(read_assembly(assembly(obj))) == shape(obj)
    assert from_bytes(to_bytes(obj), "x.o").function("handler") is not None


def test_names_that_need_quotes_and_symbols_that_nobody_defines() -> None:
    obj = read_assembly("r1 = missing ll; r0 = 0; exit", function="f", section="xdp")
    assert [(extern.name, extern.weak) for extern in obj.externs] == [("missing", False)]
    obj.externs[0] = Extern("missing", ".ksyms", weak=True, btf=None)
    data = DataSection(".data", bytearray(20), 4)
    data.symbols.append(DataSymbol("one", 4, 8, Linkage.LOCAL))
    data.relocs.append(DataReloc(8, "f", -3))
    obj.data[".data"] = data
    back = read_assembly(assembly(obj))
    assert shape(back) == shape(obj)
    assert back.externs[0].weak


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("\t.section xdp,\"ax\"\n\t.globl f\nf:\n\tr0 = 1\n\tr1 += q\n\texit", 5, "'q'"),
        ("\t.data\nx:\t.byte 300", 2, "300 does not fit in 8 bits"),
        ("\t.data\nx:\t.byte x", 2, "an address takes 8 bytes"),
        ("\t.data\nx:\n\tr0 = 1", 3, "holds data, no instructions"),
        ("\t.data\nx:\t.magic 1", 2, "unknown directive '.magic'"),
        ("\t.data\nx: .byte 1\nx: .byte 2", 3, "defined twice"),
        ("\t.globl x\nx: exit\n\t.data\nx: .byte 2", 4, "defined twice"),
        ("\t.data\n\t.ascii abc", 2, "one string in double quotes"),
        ("\t.data\n\t.zero many", 2, "a number of bytes"),
        ("\t.data\n\t.byte 1 2", 2, "unexpected '2'"),
        ("\t.section ,", 1, "a section needs a name"),
        ("\t.p2align 77", 1, "an alignment is a small number"),
        ("\t.globl f\nf: exit\n\t.text\n\tr0 = 1\n\t.section a,\"ax\"\n\tr0 = 2", 6, "label of a"),
        ("r0 = 1\nr0 = @", 2, "unexpected character"),
    ],
)  # fmt: skip
def test_errors_are_at_their_place(text: str, line: int, message: str) -> None:
    with pytest.raises(InputError) as raised:
        read_assembly(text, name="x.s")
    diagnostic = raised.value.diagnostics[0]
    assert message in diagnostic.message
    assert diagnostic.span is not None
    assert diagnostic.span.file.line_col(diagnostic.span.start)[0] == line


def test_called_labels_are_functions_of_the_object() -> None:
    text = "r0 = 7; call f; r2 = func(g) ll; exit; f: r0 += 1; goto x; x: exit; g: r1 = m ll; exit"
    obj = read_assembly(text, function="main", section="xdp")
    assert [(f.name, f.linkage) for f in obj.functions] == [
        ("main", Linkage.GLOBAL),
        ("f", Linkage.LOCAL),
        ("g", Linkage.LOCAL),
    ]
    relocs = [[(r.slot, r.symbol) for r in f.relocs] for f in obj.functions]
    assert relocs == [[(1, "f"), (2, "g")], [], [(0, "m")]]
    flat = read_assembly(text.replace("m ll", "5 ll"), split=False)
    assert len(flat.functions) == 1
    assert encode(flat.functions[0].insns)[12:16] == (3).to_bytes(4, "little")
    with pytest.raises(InputError, match="a jump leads from 'main' into another function"):
        read_assembly("call f; goto x; exit; f: r0 = 1; x: exit")


def test_any_text_is_read_or_refused_at_a_place() -> None:
    words = ['"', ";", ":", ".section", "\\", "\\x", "0x", "ll", "-", ".8byte", "/*", "f:", "\n"]
    read = 0
    for seed in range(300):
        rng = random.Random(seed)
        text = OBJECT
        for _ in range(rng.randrange(1, 5)):
            at = rng.randrange(len(text))
            end = at + rng.randrange(20) * rng.randrange(2)
            text = text[:at] + rng.choice([*words, chr(rng.randrange(1, 300)), ""]) + text[end:]
        try:
            obj = read_assembly(text)
        except InputError as error:
            assert error.diagnostics and all(one.span for one in error.diagnostics), seed
            continue
        to_bytes(obj)
        read_assembly(assembly(obj))
        read += 1
    assert read > 20


def test_commands(tmp_path: Path) -> None:
    out, text, again = tmp_path / "a.o", tmp_path / "a.s", tmp_path / "b.o"
    (tmp_path / "in.s").write_text(OBJECT)

    def bpfcc(*args: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "bpfcc", *map(str, args)],
            capture_output=True, text=True, cwd=ROOT, timeout=60, check=False,
        )  # fmt: skip

    assert bpfcc("asm", tmp_path / "in.s", "-o", out).returncode == 0
    listing = bpfcc("objdump", "--asm", out)
    assert listing.returncode == 0
    text.write_text(listing.stdout)
    assert bpfcc("asm", text, "-o", again).returncode == 0
    # Reading an object puts subprograms first: from then on the text and the bytes stay the same.
    text.write_text(bpfcc("objdump", "--asm", again).stdout)
    assert text.read_text() == listing.stdout
    refused = bpfcc("asm", "--raw-hex", text)
    assert refused.returncode == 1
    assert "here are 2: helper_of_mine, handler" in refused.stderr
    source = tmp_path / "x.c"
    source.write_text("int f(void *ctx) { return 5; }\n")
    assert bpfcc("-S", source, "-o", text).returncode == 0
    assert bpfcc("asm", text, "-o", again).returncode == 0
    assert from_bytes(again.read_bytes(), "b.o").function("f") is not None


CLANG = shutil.which("clang-19") or shutil.which("clang")


@pytest.mark.peer
@pytest.mark.skipif(CLANG is None, reason="clang is not installed")
@pytest.mark.parametrize("debug", [(), ("-g",)])
def test_what_clang_writes(tmp_path: Path, debug: tuple[str, ...]) -> None:
    source = ROOT / "tests" / "files" / "vm" / "maps.c"
    base = [str(CLANG), "-target", "bpf", "-O2", *debug, "-mcpu=v3", "-Wno-everything",
            "-I/usr/include/x86_64-linux-gnu", str(source)]  # fmt: skip
    subprocess.run([*base, "-S", "-o", tmp_path / "x.s"], check=True, timeout=60)
    subprocess.run([*base, "-c", "-o", tmp_path / "x.o"], check=True, timeout=60)
    made = read_assembly((tmp_path / "x.s").read_text())
    theirs = from_bytes((tmp_path / "x.o").read_bytes(), "x.o")
    code = {f.name: shape_of_code(f) for f in theirs.functions}
    assert {f.name: shape_of_code(f) for f in made.functions} == code
