from __future__ import annotations

import glob
import random
import shutil
import subprocess
from pathlib import Path

import pytest
from samples import sample, with_function_pointers

from bpfcc.objfile.link import link
from bpfcc.objfile.maps import map_defs
from bpfcc.objfile.model import Linkage, Object, RelocKind
from bpfcc.objfile.read import btf_from_bytes, from_bytes
from bpfcc.objfile.write import to_bytes
from bpfcc.support.errors import InputError


def _summary(obj: Object) -> object:
    """Everything that must survive a round trip, in comparable form."""
    return (
        obj.source_name,
        obj.big_endian,
        [
            (
                f.name,
                f.section,
                f.linkage,
                [(r.slot, r.kind, r.symbol, r.addend) for r in f.relocs],
                [(line.slot, line.file, line.line, line.column, line.text) for line in f.lines],
                [(c.slot, c.kind, c.type.name, c.access) for c in f.core],
                f.btf and f.btf.name,
                len(f.insns),
            )
            for f in sorted(obj.functions, key=lambda f: f.name)
        ],
        [
            (
                d.name,
                bytes(d.data),
                d.align,
                d.nobits,
                d.readonly,
                [(s.name, s.offset, s.size, s.linkage, s.btf and s.btf.name) for s in d.symbols],
                [(r.offset, r.symbol, r.addend) for r in d.relocs],
            )
            for d in obj.data.values()
        ],
        [(e.name, e.section, e.weak, type(e.btf)) for e in obj.externs],
        [(t.name, t.type.name, t.component) for t in obj.decl_tags],
    )


@pytest.mark.parametrize("big_endian", [False, True])
def test_round_trip(big_endian):
    obj = sample(big_endian=big_endian)
    back = from_bytes(to_bytes(obj), "sample.o")
    obj.source_name = "sample.bpf.c"  # the file has no folders
    for function in obj.functions:
        if not function.lines:
            from bpfcc.objfile.write_ext import tidy_lines

            function.lines = tidy_lines(function, "dir/sample.bpf.c")
    assert _summary(back) == _summary(obj)


def test_reading_and_writing_settle():
    first = to_bytes(from_bytes(to_bytes(sample())))
    assert to_bytes(from_bytes(first)) == first


def test_pointers_in_data_round_trip():
    back = from_bytes(to_bytes(with_function_pointers()))
    assert [(r.offset, r.symbol) for r in back.data[".maps"].relocs] == [
        (64, "first"),
        (112, "target"),
    ]
    first, outer, jumps = map_defs(back)
    assert (first.name, first.type, first.key_size, first.value_size) == ("first", 2, 4, 4)
    assert outer.values == [(1, "first")]
    assert outer.inner is not None and outer.inner.value_size == 4
    assert jumps.values == [(2, "target")] and jumps.value_size == 4


def test_link_makes_flat_code():
    program = link(from_bytes(to_bytes(sample())), "main_prog")
    names = [part.function.name for part in program.functions]
    assert names == ["main_prog", "callback", "helper", "proved_alone"]
    assert [part.start for part in program.functions] == [0, 28, 30, 33]
    by_slot = {}
    slot = 0
    for insn in program.insns:
        by_slot[slot] = insn
        slot += insn.slots
    assert by_slot[14].src == 4 and by_slot[14].imm == 28 - 14 - 1
    assert by_slot[22].src == 1 and by_slot[22].imm == 30 - 22 - 1
    assert by_slot[31].imm == 33 - 31 - 1
    assert [(r.slot, r.symbol) for r in program.relocs] == [
        (1, "m"),
        (6, "shared"),
        (9, "own"),
        (19, "bpf_rcu_read_lock"),
        (20, "bpf_rcu_read_unlock"),
        (23, "LINUX_KERNEL_VERSION"),
    ]
    assert program.line_at(5).line == 4
    assert program.function_at(31).name == "helper"


def test_link_knows_no_such_program():
    with pytest.raises(InputError, match="main_prog, second"):
        link(sample(), "nope")


def test_other_machines_are_refused():
    data = bytearray(to_bytes(sample()))
    data[18:20] = (62).to_bytes(2, "little")
    with pytest.raises(InputError, match="machine 62"):
        from_bytes(bytes(data), "x.o")


def test_every_truncation_is_an_input_error():
    data = to_bytes(sample())
    for length in range(0, len(data), 7):
        with pytest.raises(InputError):
            from_bytes(data[:length], "cut.o")


@pytest.mark.parametrize("seed", range(40))
def test_damaged_objects_give_input_errors_or_objects(seed):
    rng = random.Random(seed)
    data = bytearray(to_bytes(sample() if seed % 2 else with_function_pointers()))
    for _ in range(15):
        damaged = bytearray(data)
        for _ in range(rng.randint(1, 8)):
            at = rng.randrange(len(damaged))
            damaged[at] = rng.choice((0, 0xFF, 0x7F, 0x80, rng.randrange(256)))
        try:
            obj = from_bytes(bytes(damaged), "damaged.o")
            for function in obj.functions:
                link(obj, function.name)
            map_defs(obj)
        except InputError as error:
            assert str(error)


@pytest.mark.parametrize("data", [b"", b"\x7fELF", bytes(100), b"\x7fELF\x02\x01\x01" + bytes(200)])
def test_garbage(data):
    if data[4:6] == b"\x02\x01":
        assert from_bytes(data).functions == [] if data[18] == 247 else True
        return
    with pytest.raises(InputError):
        from_bytes(data)


# Objects of compilers ----------------------------------------------------------------------

_C = """
#define SEC(x) __attribute__((section(x), used))
int pad = 7; int array[4] = {5}; static int st[4] = {3}; const int readonly[2] = {1, 2};
static int unused_bss[3];
__attribute__((noinline)) static int first(int x) { st[x & 3] += x; return st[1] * x; }
__attribute__((noinline)) static int sub(int x) {
    st[0] += x; return st[2] * x + array[2] + first(x); }
__attribute__((noinline)) int global(int x) { st[3] += x; return sub(x) + 4; }
static long callback(int i, void *p) { return unused_bss[1]++; }
static long (*bpf_loop)(int n, void *cb, void *c, long f) = (void *)181;
SEC("raw_tp/a") int p1(void *ctx) { bpf_loop(3, callback, 0, 0); return sub(3) + pad; }
SEC("raw_tp/a") int p2(void *ctx) { return global(*(int *)ctx) + readonly[*(int *)ctx & 1]; }
char _license[] SEC("license") = "GPL";
"""


def _compile(tmp_path: Path, *command: str) -> bytes:
    if shutil.which(command[0]) is None:
        pytest.skip(f"needs {command[0]}")
    source, output = tmp_path / "c.c", tmp_path / "c.o"
    source.write_text(_C)
    subprocess.run([*command, "-O2", "-c", str(source), "-o", str(output)], check=True)
    return output.read_bytes()


@pytest.mark.peer
@pytest.mark.parametrize(
    "command",
    [
        ("clang-19", "-target", "bpf", "-g"),
        ("clang-19", "-target", "bpf", "-mcpu=v1", "-g"),
        ("clang-19", "-target", "bpf"),
        ("clang-19", "-target", "bpfeb", "-g"),
        ("bpf-gcc", "-gbtf"),
        ("bpf-gcc",),
    ],
    ids=" ".join,
)
def test_compilers_objects_read_alike(command, tmp_path):
    obj = from_bytes(_compile(tmp_path, *command), "c.o")
    assert obj.big_endian == ("bpfeb" in command)
    functions = {f.name.split(".")[0]: f for f in obj.functions}
    assert functions["p1"].section == "raw_tp/a" and functions["sub"].section == ".text"
    assert functions["sub"].linkage is Linkage.LOCAL
    assert functions["global"].linkage is Linkage.GLOBAL
    refs = {
        name: {(r.kind, r.symbol.split(".")[0], r.addend) for r in f.relocs}
        for name, f in functions.items()
    }
    assert (RelocKind.DATA, "callback", 0) in refs["p1"]
    assert (RelocKind.CALL, "sub", 0) in refs["p1"] and (RelocKind.DATA, "pad", 0) in refs["p1"]
    assert (RelocKind.CALL, "global", 0) in refs["p2"]
    assert (RelocKind.CALL, "first", 0) in refs["sub"]
    # An element's offset is in the addend or in the load that follows.
    assert any(name == "array" and addend in (0, 8) for _, name, addend in refs["sub"])
    symbols = {s.name: s for d in obj.data.values() for s in d.symbols}
    assert symbols["st"].size == 16 and symbols["array"].size == 16
    if "-g" in command or "-gbtf" in command:
        assert functions["p1"].btf is not None and symbols["array"].btf is not None
    if "-g" in command:
        assert any("unused_bss" in line.text for line in functions["callback"].lines)


@pytest.mark.peer
@pytest.mark.parametrize("cpu", ["v1", "v3", "v4"])
def test_rewritten_clang_objects_disassemble_alike(cpu, tmp_path):
    if shutil.which("llvm-objdump-19") is None:
        pytest.skip("needs llvm-objdump-19")
    data = _compile(tmp_path, "clang-19", "-target", "bpf", "-g", "-mcpu=" + cpu)
    listings = []
    for name, content in (("a.o", data), ("b.o", to_bytes(from_bytes(data)))):
        (tmp_path / name).write_bytes(content)
        out = subprocess.run(
            ["llvm-objdump-19", "-dr", "--no-show-raw-insn", str(tmp_path / name)],
            capture_output=True,
            text=True,
            check=True,
        )
        listings.append(out.stdout.split("\n", 2)[2])
    assert listings[0] == listings[1]


@pytest.mark.peer
def test_linked_objects_with_equal_static_names(tmp_path):
    if shutil.which("clang-19") is None or shutil.which("bpftool") is None:
        pytest.skip("needs clang-19 and bpftool")
    names = []
    for i in range(2):
        source = tmp_path / f"{i}.c"
        source.write_text(
            f"static int own = {i + 1};\n"
            "__attribute__((noinline)) static int same(int x) { return own += x; }\n"
            f'__attribute__((section("xdp"))) int prog{i}(void *c) {{ return same({i + 5}); }}\n'
        )
        names.append(str(tmp_path / f"{i}.o"))
        subprocess.run(
            ["clang-19", "-O2", "-g", "-target", "bpf", "-c", str(source), "-o", names[-1]],
            check=True,
        )
    linked = tmp_path / "all.o"
    subprocess.run(["bpftool", "gen", "object", str(linked), *names], check=True)
    obj = from_bytes(linked.read_bytes(), "all.o")
    for i in range(2):
        program = link(obj, f"prog{i}")
        (reloc,) = [r for r in program.relocs if r.kind is RelocKind.DATA]
        data = obj.data[".data"]
        symbol = next(s for s in data.symbols if s.name == reloc.symbol)
        assert data.data[symbol.offset] == i + 1


@pytest.mark.peer
def test_types_come_from_raw_files_and_elf(tmp_path):
    data = _compile(tmp_path, "clang-19", "-target", "bpf", "-g")
    btf = btf_from_bytes(data, "c.o")
    assert btf.find("p1") is not None
    with pytest.raises(InputError, match=r"no \.BTF section"):
        btf_from_bytes(_compile(tmp_path, "clang-19", "-target", "bpf"), "c.o")
    for path in glob.glob("/sys/kernel/btf/vmlinux"):
        assert btf_from_bytes(Path(path).read_bytes(), path).find("task_struct") is not None


def _damaged(change) -> bytes:
    """The sample's file with sections or symbols changed by ``change(elf)``."""
    from bpfcc.elf.read import read as read_elf
    from bpfcc.elf.write import write as write_elf

    elf = read_elf(to_bytes(sample()))
    change(elf)
    return write_elf(elf)


def _set(what, **fields):
    for name, value in fields.items():
        setattr(what, name, value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda e: _set(e.section(".data"), align=1 << 20), "aligned at 0x100000"),
        (lambda e: _set(e.section(".data"), name=".text"), "two sections are called '.text'"),
        (lambda e: _set(e.section(".data"), name=""), "one has no name"),
        (lambda e: _set(e.section(".bss"), size=1 << 29), "bytes of zeros"),
        (
            lambda e: [_set(s, name="", bind=0) for s in e.symbols if s.name == "helper"],
            "function without a name",
        ),
        (
            lambda e: [_set(s, type=4) for s in e.symbols if s.name == "bpf_rcu_read_lock"],
            "'bpf_rcu_read_lock', which is no symbol to resolve",
        ),
        (
            lambda e: [_set(s, value=8) for s in e.symbols if s.name == "proved_alone"],
            "overlap",
        ),
        (
            lambda e: [_set(r, type=9) for r in e.section(".text").relocations],
            "relocation of type 9",
        ),
        (lambda e: _set(e.section(".BTF"), data=b"junk" * 8, size=32), "no BTF"),
        (lambda e: _set(e.section(".BTF.ext"), data=b"junk" * 8, size=32), r"\.BTF\.ext: magic"),
        (lambda e: _set(e.section(".text"), data=bytes(60), size=60), "no whole instructions"),
    ],
)
def test_unsound_objects_are_refused_with_their_place(change, message):
    with pytest.raises(InputError, match=message):
        from_bytes(_damaged(change), "x.o")
