"""Several inputs into one object, beside ``bpftool gen object``."""

from __future__ import annotations

import pathlib
import shutil
import subprocess

import pytest

from bpfcc.cli.main import main
from bpfcc.objfile.read import from_bytes

SHARED = """\
enum kind { KIND_A, KIND_B };
struct item { __u64 count; enum kind kind; struct item *next; };
struct args { __u64 in, out; };
int helper(int x);
#define TABLE struct { \\
	__uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 16); \\
	__type(key, __u32); __type(value, struct item); }
"""
FIRST = """\
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "shared.h"
char LICENSE[] SEC("license") = "GPL";
extern TABLE table SEC(".maps");
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 4);
	__type(key, __u32); __type(value, __u64);
} mine SEC(".maps");
static int own = 5;
static __attribute__((noinline)) int twice(int x) { return x * 2 + own; }
int shared_counter;
const volatile int step = 3;
extern int LINUX_KERNEL_VERSION __kconfig;
extern _Bool CONFIG_NOTHING __kconfig __weak;
extern void bpf_rcu_read_lock(void) __ksym __weak;
extern void bpf_rcu_read_unlock(void) __ksym __weak;
__weak int flavour(int x) { asm volatile(""); return 1; }
SEC("syscall") int entry(struct args *ctx)
{
	__u32 key = 1;
	struct item *i = bpf_map_lookup_elem(&table, &key), fresh = { .count = 1, .kind = KIND_B };
	if (i)
		i->count += step;
	else
		bpf_map_update_elem(&table, &key, &fresh, 0);
	own++;
	ctx->out = twice(ctx->in) + helper(ctx->in) + flavour(1);
	ctx->out += (LINUX_KERNEL_VERSION > 0) + (CONFIG_NOTHING ? 100000 : 0);
	shared_counter++;
	return shared_counter;
}
"""
SECOND = """\
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "shared.h"
char LICENSE[] SEC("license") = "GPL";
TABLE table SEC(".maps");
static int own = 50;
static char pad = 1;
static __attribute__((noinline)) int twice(int x) { return x * 2 + own + pad; }
extern int shared_counter;
const volatile long other = 4;
extern int LINUX_KERNEL_VERSION __kconfig;
int flavour(int x) { asm volatile(""); return 1000; }
__attribute__((noinline)) int helper(int x)
{
	shared_counter += 10; own++; pad++;
	return twice(x) + other;
}
SEC("raw_tp/sys_enter") int second(void *ctx) { return helper(1) > LINUX_KERNEL_VERSION; }
"""
#        entry: 7*2+6    helper: 7*2+51+2+4    flavour  version
EXPECTED = 7 * 2 + 6 + 7 * 2 + 51 + 2 + 4 + 1000 + 1


@pytest.fixture
def sources(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    for name, text in (("first.bpf.c", FIRST), ("second.bpf.c", SECOND), ("shared.h", SHARED)):
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _run(command: str) -> str:
    done = subprocess.run(command.split(), capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, command + "\n" + done.stderr
    return done.stdout


def _objects(compiler: str) -> list[str]:
    for name in ("first", "second"):
        flags = ["-O2", "-g", "-target", "bpf", "-c", f"{name}.bpf.c", "-o", f"{name}.o"]
        if compiler == "bpfcc":
            assert main(flags) == 0
        else:
            _run(" ".join([compiler, "-I/usr/include/x86_64-linux-gnu", *flags]))
    return ["second.o", "first.o"]


def _result(path: str) -> tuple[object, ...]:
    """What the linked program does in the user-space machine."""
    from bpfcc.driver.replay import Session
    from bpfcc.vm.world import World

    world = World()
    world.kconfig["LINUX_KERNEL_VERSION"] = 0x60000
    session = Session(from_bytes(pathlib.Path(path).read_bytes(), path), world=world)
    program = session.program("entry")
    returned = [program.run({"in": 7}).check() for _ in range(2)]
    out = int.from_bytes(bytes(returned[0].context.data)[8:16], "little")
    table = session.world.maps["table"].items()
    return out, [result.ret for result in returned], table


WANTED = (EXPECTED, [11, 22], [(1, {"count": 4, "kind": 1, "next": 0})])


def test_sources_and_objects_link_alike(sources, capfd) -> None:
    first, second = sorted(_objects("bpfcc"))
    assert main([first, second, "-o", "objects.o"]) == 0
    assert main(["-O2", "-g", "first.bpf.c", "second.bpf.c", "-o", "sources.o"]) == 0
    assert main(["first.bpf.c", second, "-o", "mixed.o"]) == 0
    assert main([first, second]) == 0
    assert capfd.readouterr() == ("", "")
    assert (sources / "first.linked.o").exists()
    for path in ("objects.o", "sources.o", "mixed.o"):
        assert _result(path) == WANTED
    obj = from_bytes((sources / "objects.o").read_bytes(), "")
    structs = [type.name for type in obj.types if type.name == "item"]
    assert structs == ["item"]
    assert [symbol.name for symbol in obj.data[".rodata"].symbols] == ["step", "other"]
    assert {"helper", "flavour"} & {extern.name for extern in obj.externs} == set()


@pytest.mark.peer
@pytest.mark.kernel
@pytest.mark.parametrize("compiler", ["bpfcc", "clang-19"])
@pytest.mark.parametrize("linker", ["bpfcc -o", "bpftool gen object"])
def test_either_linker_takes_either_compilers_objects(compiler, linker, sources, tmp_path) -> None:
    for tool in (compiler.split()[0], "bpftool"):
        if tool != "bpfcc" and shutil.which(tool) is None:
            pytest.skip(f"no {tool}")
    objects = _objects(compiler)
    if linker == "bpfcc -o":
        assert main([*objects, "-o", "linked.o"]) == 0
    else:
        _run(f"{linker} linked.o {' '.join(objects)}")
    assert _result("linked.o") == WANTED
    dump = _run("bpftool btf dump file linked.o format c")
    assert dump.count("struct item {") == 1
    _in_the_kernel("linked.o")
    where = f"/sys/fs/bpf/bpfcc_test_{tmp_path.name}"
    try:
        _run(f"bpftool prog loadall linked.o {where}")
        assert {path.name for path in pathlib.Path(where).iterdir()} == {"entry", "second"}
    finally:
        shutil.rmtree(where, ignore_errors=True)


def _in_the_kernel(path: str) -> None:
    from bpfcc.kernel.load import load
    from bpfcc.kernel.testrun import test_run as run_once

    with load(from_bytes(pathlib.Path(path).read_bytes(), path)) as loaded:
        assert loaded.types.error == ""
        ran = run_once(loaded.programs["entry"], context=(7).to_bytes(16, "little"))
        assert int.from_bytes(ran.context[8:], "little") == EXPECTED
        assert loaded.variable("shared_counter") == 11


@pytest.mark.parametrize(
    "one, other, words",
    [
        ("int f(int x) { return x; }", "\nint f(int x) { return 2; }", "b.c:2:"),
        ("int f(int x) { return x; }", "\nint f(int x) { return 2; }", "a.c:1:"),
        ("int v = 1;", "int v = 2;", "b.o: 'v' is defined already in a.o"),
        ("int v = 1;", "int v(void) { return 1; }", "'v' is defined already"),
        ("long v = 1;", "extern int v; int g(void) { return v; }", "another type"),
        ("int f(int x) { return x; }", "int f(int, int); int g(void) { return f(1, 2); }", "prototype"),
        ('char a[] __attribute__((section("license"))) = "GPL";',
         'char a[] __attribute__((section("license"))) = "BSD";', "'GPL'"),
    ],
)  # fmt: skip
def test_conflicts_are_named(one, other, words, tmp_path, monkeypatch, capfd) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.c").write_text(one + "\n")
    (tmp_path / "b.c").write_text(other + "\n")
    assert main(["-w", "-c", "a.c", "b.c"]) == 0
    capfd.readouterr()
    assert main(["a.o", "b.o", "-o", "ab.o"]) == 1
    assert words in capfd.readouterr().err
    assert not (tmp_path / "ab.o").exists()


def test_what_cannot_be_linked(tmp_path, monkeypatch, capfd) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.c").write_text("int f(int x) { return x; }\n")
    (tmp_path / "broken.o").write_bytes(b"\x7fELF" + bytes(100))
    assert main(["-c", "a.c"]) == 0
    assert main(["-c", "-target", "bpfeb", "a.c", "-o", "big.o"]) == 0
    for inputs, words in (
        (["a.o", "broken.o"], "broken.o"),
        (["a.o", "none.o"], "none.o"),
        (["a.o", "big.o"], "byte order"),
        (["a.o", "text.o"], "text.o"),
    ):
        (tmp_path / "text.o").write_text("no object")
        assert main([*inputs, "-o", "out.o"]) == 1
        assert words in capfd.readouterr().err
