from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile
from samples import INT, sample, with_function_pointers

from bpfcc.btf.types import Func, FuncProto, Var
from bpfcc.isa.insn import ALU64, EXIT, JMP, MOV, Insn, K
from bpfcc.objfile.model import DataSymbol, Function, Line, Linkage, Object, Reloc, RelocKind
from bpfcc.objfile.write import to_bytes
from bpfcc.support.errors import InternalError


def _elf(data: bytes) -> ELFFile:
    return ELFFile(io.BytesIO(data))


def _relocs(elf: ELFFile, name: str) -> list[tuple[int, int, str, int]]:
    table = elf.get_section_by_name(".rel" + name)
    symbols = elf.get_section_by_name(".symtab")
    found = []
    for reloc in table.iter_relocations():
        symbol = symbols.get_symbol(reloc["r_info_sym"])
        section = symbol["st_shndx"]
        label = symbol.name
        if symbol["st_info"]["type"] == "STT_SECTION":
            label = "section " + elf.get_section(section).name
        found.append((reloc["r_offset"] // 8, reloc["r_info_type"], label, symbol["st_value"]))
    return found


def test_sections_and_symbols_as_another_reader_sees_them():
    elf = _elf(to_bytes(sample()))
    assert elf["e_machine"] == "EM_BPF" and elf["e_type"] == "ET_REL"
    names = [section.name for section in elf.iter_sections()]
    assert names[:3] == ["", ".text", "raw_tp/sys_enter"]
    assert {".maps", ".data", ".bss", "license", ".BTF", ".BTF.ext"} < set(names)
    assert elf.get_section_by_name(".bss")["sh_type"] == "SHT_NOBITS"
    symbols = {s.name: s for s in elf.get_section_by_name(".symtab").iter_symbols() if s.name}
    assert symbols["sample.bpf.c"]["st_info"]["type"] == "STT_FILE"
    main = symbols["main_prog"]
    assert (main["st_value"], main["st_size"]) == (0, 28 * 8)
    assert main["st_info"] == {"bind": "STB_GLOBAL", "type": "STT_FUNC"}
    assert symbols["second"]["st_value"] == 28 * 8
    assert symbols["helper"]["st_info"]["bind"] == "STB_LOCAL"
    assert symbols["m"]["st_info"]["type"] == "STT_OBJECT" and symbols["m"]["st_size"] == 32
    assert symbols["bpf_rcu_read_lock"]["st_shndx"] == "SHN_UNDEF"


def test_relocations_follow_what_libbpf_expects():
    data = to_bytes(sample())
    elf = _elf(data)
    assert _relocs(elf, "raw_tp/sys_enter") == [
        (1, 1, "m", 0),
        (6, 1, "shared", 0),
        (9, 1, "section .data", 0),
        (14, 1, "section .text", 0),
        (19, 10, "bpf_rcu_read_lock", 0),
        (20, 10, "bpf_rcu_read_unlock", 0),
        (22, 10, "section .text", 0),
        (23, 1, "LINUX_KERNEL_VERSION", 0),
    ]
    code = elf.get_section_by_name("raw_tp/sys_enter").data()
    assert int.from_bytes(code[9 * 8 + 4 : 9 * 8 + 8], "little") == 4  # own, at .data+4
    assert int.from_bytes(code[22 * 8 + 4 : 22 * 8 + 8], "little") == 1  # helper is at slot 2
    assert code[19 * 8 + 1] == 0x10 and code[19 * 8 + 4 : 19 * 8 + 8] == b"\xff" * 4
    assert _relocs(elf, ".text") == [(3, 10, "proved_alone", 5 * 8)]


def test_data_relocations_keep_their_symbols():
    elf = _elf(to_bytes(with_function_pointers()))
    assert [(at * 8, kind, name) for at, kind, name, _ in _relocs(elf, ".maps")] == [
        (64, 2, "first"),
        (112, 2, "target"),
    ]


def test_static_calls_within_a_section_need_no_relocation():
    obj = Object()
    leave = Insn(JMP | EXIT)
    obj.functions = [
        Function("a", ".text", [leave], linkage=Linkage.LOCAL),
        Function(
            "b",
            ".text",
            [Insn(0x85, src=1), Insn(0x85, src=1), leave],
            relocs=[Reloc(0, RelocKind.CALL, "a"), Reloc(1, RelocKind.CALL, "b")],
        ),
    ]
    elf = _elf(to_bytes(obj))
    code = elf.get_section_by_name(".text").data()
    assert int.from_bytes(code[12:16], "little", signed=True) == -2
    assert _relocs(elf, ".text") == [(2, 10, "b", 8)]


def test_same_object_same_bytes():
    assert to_bytes(sample()) == to_bytes(sample())


def test_given_object_is_not_changed():
    obj = sample()
    before = [repr(insn) for function in obj.functions for insn in function.insns]
    to_bytes(obj)
    assert before == [repr(insn) for function in obj.functions for insn in function.insns]


def test_lines_start_at_the_function_and_increase():
    from bpfcc.objfile.write_ext import tidy_lines

    function = Function("f", "xdp", [Insn(ALU64 | MOV | K, 0), Insn(JMP | EXIT)])
    function.lines = [Line(1, "f.c", 7, 1, "b"), Line(1, "f.c", 8, 1, "c")]
    lines = tidy_lines(function)
    assert [(line.slot, line.line) for line in lines] == [(0, 8), (1, 8)]


@pytest.mark.parametrize("what", ["symbol", "slot", "twice", "data call"])
def test_contradictions_are_internal_errors(what):
    obj = sample()
    main = obj.functions[0]
    if what == "symbol":
        main.relocs.append(Reloc(1, RelocKind.DATA, "nowhere"))
    elif what == "slot":
        main.relocs.append(Reloc(2, RelocKind.DATA, "m"))
    elif what == "twice":
        obj.data[".data"].symbols.append(DataSymbol("m", 0, 4, Linkage.GLOBAL, None))
    else:
        main.relocs.append(Reloc(5, RelocKind.CALL, "shared"))
    with pytest.raises(InternalError):
        to_bytes(obj)


def test_big_endian_objects():
    data = to_bytes(sample(big_endian=True))
    elf = _elf(data)
    assert not elf.little_endian
    code = elf.get_section_by_name(".text").data()
    assert code[:8] == bytes.fromhex("b700000000000000")
    assert code[16:24] == bytes.fromhex("bf01000000000000")  # r0 = r1: dst in the high nibble
    assert elf.get_section_by_name(".BTF").data()[:2] == b"\xeb\x9f"


def test_import_stays_cheap():
    code = "import sys, bpfcc.objfile.write; print([m for m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"'dataclasses'", "'ctypes'", "'inspect'"} & set(out.stdout.split(", "))


# Other people's tools ----------------------------------------------------------------------


def _tool(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"needs {name}")
    return path


@pytest.fixture
def written(tmp_path: Path) -> Path:
    path = tmp_path / "sample.bpf.o"
    path.write_bytes(to_bytes(sample()))
    return path


@pytest.mark.peer
def test_llvm_objdump_shows_lines_and_targets(written):
    tool = _tool("llvm-objdump-19")
    out = subprocess.run([tool, "-drS", written], capture_output=True, text=True, check=True)
    assert ";   int k = 1;" in out.stdout
    assert "R_BPF_64_64\tshared" in out.stdout and "<proved_alone>:" in out.stdout
    assert not out.stderr


@pytest.mark.peer
def test_llvm_readelf_finds_nothing_wrong(written):
    tool = _tool("llvm-readelf-19")
    out = subprocess.run([tool, "-aW", written], capture_output=True, text=True, check=True)
    assert not out.stderr
    assert "R_BPF_64_32" in out.stdout


@pytest.mark.peer
def test_bpftool_reads_the_types(written):
    tool = _tool("bpftool")
    out = subprocess.run(
        [tool, "-j", "btf", "dump", "file", written], capture_output=True, text=True, check=True
    )
    types = json.loads(out.stdout)["types"]
    sections = {t["name"]: t for t in types if t["kind"] == "DATASEC"}
    assert sections[".data"]["size"] == 8
    assert [(v["offset"], v["size"]) for v in sections[".data"]["vars"]] == [(0, 4), (4, 4)]
    assert sections[".kconfig"]["vars"][0]["size"] == 4
    assert {t["name"] for t in types if t["kind"] == "ENUM"} == {"colour"}
    names = [t["name"] for t in types if t["kind"] == "INT"]
    assert len(names) == len(set(names))


@pytest.mark.peer
def test_bpftool_makes_skeletons_and_links(written, tmp_path):
    tool = _tool("bpftool")
    out = subprocess.run(
        [tool, "gen", "skeleton", written], capture_output=True, text=True, check=True
    )
    for name in ("main_prog", "second", "*m;", "shared", "zero"):
        assert name in out.stdout
    linked = tmp_path / "linked.o"
    subprocess.run([tool, "gen", "object", linked, written], check=True)
    assert _elf(linked.read_bytes()).get_section_by_name(".BTF.ext") is not None


@pytest.mark.peer
@pytest.mark.kernel
@pytest.mark.parametrize("make", [sample, with_function_pointers])
def test_libbpf_loads_it(make, tmp_path):
    tool = _tool("bpftool")
    path = tmp_path / "x.bpf.o"
    obj = make()
    for function in obj.functions:
        function.core = []  # the sample's relocation is for a type that no kernel has
    path.write_bytes(to_bytes(obj))
    folder = Path("/sys/fs/bpf/bpfcc_unit_test")
    try:
        out = subprocess.run(
            [tool, "-d", "prog", "loadall", path, folder],
            capture_output=True,
            text=True,
            check=False,
        )
        assert out.returncode == 0, out.stderr[-2000:]
        assert "Error loading BTF" not in out.stderr
        assert sorted(p.name for p in folder.iterdir()) == sorted(
            f.name for f in obj.functions if f.section != ".text"
        )
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def test_extern_without_section_is_an_undefined_symbol():
    obj = Object()
    from bpfcc.objfile.model import Extern

    var = Var("elsewhere", INT, Var.EXTERN)
    obj.externs = [Extern("elsewhere", "", weak=True, btf=var)]
    proto = FuncProto(INT, [])
    obj.functions = [
        Function(
            "f",
            "xdp",
            [Insn(0x18, 1), Insn(JMP | EXIT)],
            relocs=[Reloc(0, RelocKind.DATA, "elsewhere", 12)],
            btf=Func("f", proto, Func.GLOBAL),
        )
    ]
    elf = _elf(to_bytes(obj))
    symbols = {s.name: s for s in elf.get_section_by_name(".symtab").iter_symbols()}
    assert symbols["elsewhere"]["st_info"]["bind"] == "STB_WEAK"
    assert elf.get_section_by_name("xdp").data()[4:8] == b"\x0c\0\0\0"
