"""Tools that are not ours take every filter's object, at each level, optimised or not."""

from __future__ import annotations

import glob
import os
import shutil
import subprocess

import pytest

from bpfcc.driver.options import Options
from bpfcc.driver.pipeline import compile_source, read_source
from bpfcc.objfile.write import to_bytes
from bpfcc.support.diagnostics import Sink

FILTERS = os.path.join(os.path.dirname(__file__), "..", "..", "filters")
NAMES = sorted(os.path.basename(p)[:-2] for p in glob.glob(os.path.join(FILTERS, "*.c")))
NEEDS_BTF = {"dropreason", "netdev", "offcpu", "execsnoop"}
RUNNING_KERNEL = "/sys/kernel/btf/vmlinux"

pytestmark = pytest.mark.peer


def tool(*names: str) -> str:
    """Return the first of these programs that is installed, or skip the test."""
    path = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"  # where Debian has bpftool
    for name in names:
        found = shutil.which(name, path=path)
        if found:
            return found
    pytest.skip(f"{names[0]} is not installed")


def run(*argv: str, status: int = 0, **more: object) -> str:
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60, **more)
    assert done.returncode == status, f"{argv}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    return done.stdout


@pytest.fixture(scope="module")
def objects(tmp_path_factory) -> dict[str, list[str]]:
    """Filter -> its objects, NAME_vN_ON.o: bpftool makes names of C and of files from that."""
    folder = tmp_path_factory.mktemp("objects")
    made: dict[str, list[str]] = {}
    for name in NAMES:
        made[name] = []
        if name in NEEDS_BTF and not os.path.exists(RUNNING_KERNEL):
            continue
        source = read_source(os.path.join(FILTERS, name + ".c"))
        for mcpu in (1, 2, 3, 4):
            for level in (0, 2):
                options = Options()
                options.mcpu, options.opt_level = mcpu, level
                obj = compile_source(source, options, Sink(options.warnings))
                assert obj is not None
                path = folder / f"{name}_v{mcpu}_O{level}.o"
                path.write_bytes(to_bytes(obj))
                made[name].append(str(path))
    return made


def of(objects: dict[str, list[str]], name: str) -> list[str]:
    if not objects[name]:
        pytest.skip("takes its types from a kernel's BTF, and this system has none")
    return objects[name]


@pytest.mark.parametrize("name", NAMES)
def test_bpftool_reads_it(name: str, objects) -> None:
    bpftool = tool("bpftool")
    for path in of(objects, name):
        dump = run(bpftool, "btf", "dump", "file", path)
        assert "FUNC " in dump and "DATASEC 'license'" in dump
        skeleton = run(bpftool, "gen", "skeleton", path)
        assert f"struct {os.path.basename(path)[:-2]} {{" in skeleton
    c = run(bpftool, "btf", "dump", "file", objects[name][0], "format", "c")
    assert "#ifndef __VMLINUX_H__" in c


@pytest.mark.parametrize("name", NAMES)
def test_llvm_objdump_reads_it(name: str, objects) -> None:
    objdump = tool("llvm-objdump-19", "llvm-objdump-18", "llvm-objdump")
    for path in of(objects, name):
        done = subprocess.run([objdump, "-dS", path], capture_output=True, text=True, timeout=60)
        assert done.returncode == 0 and done.stderr == ""
        # A version from before an instruction set shows its new instructions as <unknown>.
        assert "<unknown>" not in done.stdout or "_v4_" in path
        assert f"{name}.c:" in done.stdout or "; " in done.stdout, "no lines of C"


LOAD = r"""
mount -t bpf bpf "$1" || exit 9
tool=$2; folder=$1; shift 2
for object; do
  "$tool" -d prog loadall "$object" "$folder/$(basename "$object" .o)" 2>&1 || exit 1
done
"""


@pytest.mark.kernel
@pytest.mark.parametrize("name", NAMES)
def test_bpftool_loads_it(name: str, objects, tmp_path) -> None:
    """In a mount namespace of its own: what is pinned goes away with the last process in it."""
    bpftool, unshare, shell = tool("bpftool"), tool("unshare"), tool("sh")
    if subprocess.run([unshare, "-m", "true"], capture_output=True).returncode:
        pytest.skip("no mount namespace can be made")
    folder = tmp_path / "bpffs"
    folder.mkdir()
    said = run(unshare, "-m", shell, "-c", LOAD, "sh", str(folder), bpftool, *of(objects, name))
    # Without BTF the kernel would still take the program, and libbpf would only mention it.
    assert "Error loading .BTF" not in said and "BTF is optional" not in said
    assert os.listdir(folder) == []


@pytest.mark.kernel
def test_libbpf_loads_the_skeletons(objects, tmp_path) -> None:
    """The skeletons compile without a warning, against libbpf, and load what is in them."""
    bpftool, gcc = tool("bpftool"), tool("gcc", "cc")
    if not glob.glob("/usr/include/bpf/libbpf.h"):
        pytest.skip("libbpf-dev is not installed")
    includes, calls = "", ""
    for name in NAMES:
        path = next(p for p in of(objects, name) if p.endswith("_v3_O2.o"))
        skeleton = os.path.basename(path)[:-2]
        (tmp_path / f"{skeleton}.skel.h").write_text(run(bpftool, "gen", "skeleton", path))
        includes += f'#include "{skeleton}.skel.h"\n'
        calls += (
            f"    struct {skeleton} *{name} = {skeleton}__open_and_load();\n"
            f'    if (!{name}) {{ puts("{name}"); return 1; }}\n'
            f"    {skeleton}__destroy({name});\n"
        )
    source = tmp_path / "load.c"
    # Skeletons of bpftool 7.1 use fixed-width types without saying so.
    source.write_text(
        f"#include <stdint.h>\n#include <stdio.h>\n{includes}int main(void)\n{{\n{calls}    return 0;\n}}\n"
    )
    program = str(tmp_path / "load")
    run(gcc, "-Wall", "-Werror", str(source), "-o", program, "-lbpf")
    run(program)


def test_elftools_reads_it(objects) -> None:
    elffile = pytest.importorskip("elftools.elf.elffile")
    for paths in objects.values():
        for path in paths:
            with open(path, "rb") as file:
                elf = elffile.ELFFile(file)
                assert elf["e_machine"] == "EM_BPF" and elf["e_type"] == "ET_REL"
                names = [section.name for section in elf.iter_sections()]
                assert {".symtab", ".BTF", ".BTF.ext", "license"} <= set(names)
