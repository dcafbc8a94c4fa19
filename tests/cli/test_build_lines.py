"""Command lines of real build systems, as they type them, with bpfcc in clang's place."""

from __future__ import annotations

import json
import os
import pathlib
import shlex
import shutil
import subprocess

import pytest

from bpfcc.cli.main import main
from bpfcc.objfile.read import from_bytes

# Each must exit 0 without a word on standard error and write out.o.
SILENT = {
    "libbpf-bootstrap": "-g -O2 -target bpf -D__TARGET_ARCH_x86 -Ix86 -I. -idirafter /usr/include"
    " -c prog.bpf.c -o out.o",
    "selftests": "-g -Werror -D__TARGET_ARCH_x86 -mlittle-endian -Ix86 -I. -idirafter /usr/include"
    " -std=gnu11 -fno-strict-aliasing -Wno-compare-distinct-pointer-types -O2 -target bpf"
    " -c prog.bpf.c -mcpu=v3 -o out.o",
    "selftests-no-alu32": "-g -Wall -Werror -D__TARGET_ARCH_x86 -mlittle-endian -Ix86"
    " -Wno-compare-distinct-pointer-types -O2 --target=bpf -c prog.bpf.c -mcpu=v2 -o out.o",
    "selftests-v4": "-g -Werror -D__TARGET_ARCH_x86 -mlittle-endian -Ix86 -O2 --target=bpfel"
    " -c prog.bpf.c -mcpu=v4 -o out.o",
    "systemd": "-std=gnu11 -Wno-compare-distinct-pointer-types -fno-stack-protector -O2"
    " -target bpf -g -c -D__x86_64__ -isystem x86 -idirafter /usr/include prog.bpf.c -o out.o",
    "libbpf-tools": "-g -O2 -Wall -Wmissing-field-initializers -Werror -target bpf"
    " -D__TARGET_ARCH_x86 -Ix86/ -I.output -I../../src/cc/libbpf/include/uapi -c prog.bpf.c -o out.o",
    "libbpf-tools-softirqs": "-g -O2 -Wall -mcpu=v3 -target bpf -D__TARGET_ARCH_x86 -Ix86/"
    " -c prog.bpf.c -o out.o",
    "xdp-tools": "-target bpf -D__TARGET_ARCH_x86 -DHAVE_LIBBPF_BTF__TYPE_CNT -Wall"
    " -Wno-unused-value -Wno-pointer-sign -Wno-compare-distinct-pointer-types -Wno-visibility"
    " -Werror -fno-stack-protector -O2 -c -g -Ix86 -o out.o prog.bpf.c",
    "cilium": "--target=bpf -std=gnu99 -nostdinc -ferror-limit=0 -Wall -Wextra -Werror"
    " -Wno-address-of-packed-member -Wno-unknown-warning-option"
    " -Wno-gnu-variable-sized-type-not-at-end -Wimplicit-int-conversion -Wenum-conversion"
    " -Wimplicit-fallthrough -Wdeclaration-after-statement -Wno-declaration-after-statement"
    " -O2 -g -mcpu=v3 -Ix86 -Iown -c prog.bpf.c -o out.o",
    "samples": "-nostdinc -isystem RESOURCE -Ix86 -D__KERNEL__ -D__BPF_TRACING__"
    " -Wno-unused-value -Wno-pointer-sign -D__TARGET_ARCH_x86"
    " -Wno-compare-distinct-pointer-types -Wno-gnu-variable-sized-type-not-at-end"
    " -Wno-address-of-packed-member -Wno-tautological-compare -Wno-unknown-warning-option"
    " -fno-asynchronous-unwind-tables -Iown -include local.h -O2 -g -target bpf"
    " -c prog.bpf.c -o out.o",
    "katran": "-Ix86 -Wno-unused-value -Wno-pointer-sign -Wno-compare-distinct-pointer-types -O2"
    " -g -target bpf -Xclang -disable-O0-optnone -c prog.bpf.c -o out.o",
    "kernel-depfile": "-Wp,-MD,.out.o.d -Wp,-DX=1 -Ix86 -O2 -g --target=bpf -c -o out.o prog.bpf.c",
    "hardening": "-O2 -g -fstack-protector-strong -fstack-clash-protection -fcf-protection -fpie"
    " -ffreestanding -fno-builtin -fno-builtin-memcpy -fno-jump-tables -fno-PIC -pipe -fvisibility=hidden"
    " -fmessage-length=0 -fno-unwind-tables -fno-common -Ix86 -target bpf -c prog.bpf.c -o out.o",
    "llvm-options": "-O2 -g -Ix86 -target bpf -Xclang -target-feature -Xclang +alu32"
    " -mllvm -bpf-stack-size=512 -Qunused-arguments -c prog.bpf.c -o out.o",
    "gcc-bpf": "-g -gbtf -mco-re -mcpu=v4 -masm=pseudoc -mno-jmpext -mlittle-endian -O2"
    " -std=gnu17 -Ix86 -c prog.bpf.c -o out.o",
    "warnings-off": "-w -pedantic -std=gnu11 -O1 -g3 -Ix86 -c prog.bpf.c -o out.o",
    "colour": "-fcolor-diagnostics -fno-caret-diagnostics -fansi-escape-codes -Ix86 -c prog.bpf.c"
    " -o out.o",
    "prefix-maps": "-g -ffile-prefix-map=/home/me=. -fdebug-prefix-map=/home/me=."
    " -fmacro-prefix-map=/home/me=. -fdebug-compilation-dir=. -ffile-compilation-dir=."
    " -Ix86 -c prog.bpf.c -o out.o",
    "double-dash": "-O2 -g -Ix86 -c -o out.o -- prog.bpf.c",
    "response-file": "@flags -c prog.bpf.c -o out.o",
    "language": "-O2 -Ix86 -x c -c prog.bpf.c -o out.o",
    "imacros": "-O2 -Ix86 -imacros local.h -iquote . -UNOTHING -c prog.bpf.c -o out.o",
}


def fill(line: str, project: pathlib.Path) -> list[str]:
    """Put the folder of bpfcc's headers where a build system got it by asking."""
    import bpfcc.driver.pipeline as pipeline

    headers = os.path.join(pipeline.resource_dir(), "include")
    words = shlex.split(line)
    return [headers if w == "RESOURCE" else f"-I{headers}" if w == "-Iown" else w for w in words]


@pytest.mark.parametrize("name", SILENT)
def test_lines_of_projects(name: str, project: pathlib.Path, capfd) -> None:
    (project / "flags").write_text("-O2 -g '-Ix86'\n-target bpf")
    assert main(fill(SILENT[name], project)) == 0
    assert capfd.readouterr() == ("", "")
    obj = from_bytes((project / "out.o").read_bytes(), "out.o")
    assert [f.name for f in obj.functions] == ["count"]
    assert {"counts"} == {symbol.name for symbol in obj.data[".maps"].symbols}


def test_bpf2go_and_its_strip(project: pathlib.Path, capfd) -> None:
    for target, order in (("bpfel", b"\x01"), ("bpfeb", b"\x02"), ("bpf", b"\x01")):
        line = (
            f"-O2 -mcpu=v1 -Ix86 -D__TARGET_ARCH_x86 -Wunused-command-line-argument -target {target}"
            f" -c {project}/prog.bpf.c -o {project}/out.o -fno-ident -fdebug-prefix-map={project}=."
            " -fdebug-compilation-dir . -g"
            """ '-D__BPF_TARGET_MISSING="GCC error \\"The eBPF is using target specific macros\\""'"""
            f" -MD -MP -MF{project}/dep"
        )
        assert main(shlex.split(line)) == 0
        assert capfd.readouterr() == ("", "")
        assert (project / "out.o").read_bytes()[5:6] == order
    rule, *phony = (
        (project / "dep").read_text().replace("\\\n", "").split("\n\n", 1)[0].splitlines()
    )
    words = rule.split()
    assert words[:2] == [f"{project}/out.o:", f"{project}/prog.bpf.c"]
    assert f"{project}/local.h" in words and "x86/vmlinux.h" in words
    assert "x86/vmlinux.h:" in phony
    strip = shutil.which("llvm-strip")
    if strip is None:
        pytest.skip("no llvm-strip")
    assert subprocess.run([strip, "-g", "out.o"]).returncode == 0
    obj = from_bytes((project / "out.o").read_bytes(), "out.o")
    assert obj.functions[0].lines and obj.functions[0].btf is not None


@pytest.mark.parametrize(
    "question, answer",
    [
        ("-dumpmachine", "bpf"),
        ("-dumpversion", "19.1.7"),
        ("-target bpf --print-supported-cpus", "\tv4"),
        ("-print-targets", "bpfeb"),
        ("--print-targets", "bpfel"),
        ("-print-file-name=include", "/libc"),
        ("-print-file-name=nothing", "nothing"),
        ("-print-resource-dir", "/"),
        ("--print-search-dirs", "libraries: ="),
        ("--version", "not BCC"),
        ("-target bpf -dM -E -x c /dev/null", "#define __BPF__ 1"),
        ("-dM -E -mcpu=v4 -x c /dev/null", "#define __BPF_CPU_VERSION__ 4"),
        ("-E -dM -D A=1 -x c /dev/null", "#define A 1"),
    ],
)
def test_questions(question: str, answer: str, capfd) -> None:
    assert main(shlex.split(question)) == 0
    out, err = capfd.readouterr()
    assert answer in out
    assert err == ""


def test_version_as_cmake_and_configure_scripts_read_it(capfd) -> None:
    import re

    assert main(["--version"]) == 0
    found = re.search(r"clang version ([^\n]+)\n", capfd.readouterr().out)
    assert found is not None
    assert int(found[1].split(".")[0]) >= 11


def test_headers_that_the_compiler_brings_along(project: pathlib.Path, capfd) -> None:
    assert main(["-print-file-name=include"]) == 0
    folder = capfd.readouterr().out.strip()
    (project / "t.c").write_text("#include <stddef.h>\n#include <stdbool.h>\nsize_t n; bool b;\n")
    assert main(["-nostdinc", "-fsyntax-only", "t.c"]) == 1
    assert main(["-nostdinc", "-isystem", folder, "-fsyntax-only", "t.c"]) == 0
    assert main(["-print-resource-dir"]) == 0
    folder = capfd.readouterr().out.strip() + "/include"
    assert main(["-nostdinc", "-isystem", folder, "-fsyntax-only", "t.c"]) == 0


def test_sysroot_moves_the_system_folders(project: pathlib.Path, capfd) -> None:
    headers = project / "root" / "usr" / "include"
    headers.mkdir(parents=True)
    (headers / "only_there.h").write_text("#define X 5\n")
    (project / "t.c").write_text("#include <only_there.h>\nint x = X;\n")
    assert main(["-fsyntax-only", "t.c"]) == 1
    for spelling in (["--sysroot=root"], ["--sysroot", "root"], ["-isysroot", "root"]):
        assert main([*spelling, "-fsyntax-only", "t.c"]) == 0


def test_dependencies_in_every_spelling(project: pathlib.Path, capfd) -> None:
    base = "-Ix86 -I. prog.bpf.c"

    def rule(line: str, path: str = "") -> str:
        assert main(shlex.split(line)) == 0
        out, err = capfd.readouterr()
        assert err == ""
        text = (project / path).read_text() if path else out
        return " ".join(text.replace("\\\n", " ").split())

    assert rule(f"-MM {base}") == "prog.bpf.o: prog.bpf.c x86/vmlinux.h local.h"
    assert "bpf_helpers.h" in rule(f"-M {base}")
    assert rule(f"-MM -MT 'a b' -MQ 'c$d e' {base}").startswith("a b c$$d\\ e: prog.bpf.c")
    assert rule(f"-MM -MP {base}").endswith("x86/vmlinux.h: local.h:")
    assert rule(f"-MM -MF deps {base}", "deps").startswith("prog.bpf.o:")
    assert rule(f"-MM {base} -o deps2", "deps2").startswith("prog.bpf.o:")
    assert rule(f"-MMD -c {base} -o sub.o", "sub.d").startswith("sub.o: prog.bpf.c")
    assert rule(f"-Wp,-MMD,wp.d -c {base} -o sub.o", "wp.d").startswith("sub.o: prog.bpf.c")
    assert rule(f"-Xpreprocessor -MMD -c {base} -o sub.o", "sub.d").startswith("sub.o: prog.bpf.c")
    assert rule(f"-MD -fsyntax-only -MF syn.d {base}", "syn.d").startswith("prog.bpf.o:")
    assert rule(f"-E -MMD -MF pre.d {base} -o p.i", "pre.d").startswith("p.i: prog.bpf.c")
    (project / "gen.c").write_text('#include "made_later.h"\n')
    assert rule("-MM -MG gen.c") == "gen.o: gen.c made_later.h"


def test_dependencies_by_environment(project: pathlib.Path, capfd, monkeypatch) -> None:
    monkeypatch.setenv("DEPENDENCIES_OUTPUT", "env.d target.o")
    monkeypatch.setenv("CPATH", "x86")
    assert main(["-c", "prog.bpf.c", "-o", "out.o"]) == 0
    assert (project / "env.d").read_text().startswith("target.o: prog.bpf.c")
    monkeypatch.delenv("CPATH")
    monkeypatch.setenv("C_INCLUDE_PATH", f"nothing{os.pathsep}x86")
    assert main(["-c", "prog.bpf.c", "-o", "out.o"]) == 0
    assert capfd.readouterr() == ("", "")


def test_compilation_database_entry(project: pathlib.Path) -> None:
    assert main(shlex.split("-MJ entry.json -Ix86 -O2 -g -c prog.bpf.c -o out.o")) == 0
    entry = json.loads("[" + (project / "entry.json").read_text().rstrip().rstrip(",") + "]")[0]
    assert (entry["file"], entry["output"]) == ("prog.bpf.c", "out.o")
    assert entry["directory"] == str(project)
    assert entry["arguments"][1:3] == ["-MJ", "entry.json"]


def test_other_products(project: pathlib.Path, capfd) -> None:
    assert main(shlex.split("-S -Ix86 -O2 prog.bpf.c -o -")) == 0
    text = capfd.readouterr().out
    assert "count:" in text and "exit" in text
    assert main(shlex.split("-S -Ix86 prog.bpf.c")) == 0
    assert (project / "prog.bpf.s").exists()
    assert main(shlex.split("-E -P -Ix86 prog.bpf.c")) == 0
    text = capfd.readouterr().out
    assert "const volatile int wanted = 2;" in text and "\n# " not in text
    assert main(shlex.split("-E -Ix86 prog.bpf.c -o p.i")) == 0
    assert '# 1 "prog.bpf.c"' in (project / "p.i").read_text()
    assert main(["-c", "p.i", "-o", "from_i.o"]) == 0
    assert main(shlex.split("-fsyntax-only -Ix86 prog.bpf.c")) == 0
    assert not (project / "prog.bpf.o").exists()
    assert main(shlex.split("-save-temps -g -Ix86 -c prog.bpf.c")) == 0
    assert {"prog.bpf.i", "prog.bpf.s", "prog.bpf.o"} <= set(os.listdir(project))
    assert main(shlex.split("-### -c prog.bpf.c")) == 0
    assert '"-c" "prog.bpf.c"' in capfd.readouterr().err


def test_macro_prefix_map(project: pathlib.Path, capfd) -> None:
    (project / "f.c").write_text("const char *name = __FILE__;\n")
    line = f"-E -P -fmacro-prefix-map={project}=/src -fmacro-prefix-map=/x=/y {project}/f.c"
    assert main(shlex.split(line)) == 0
    assert '"/src/f.c"' in capfd.readouterr().out


def test_unknown_flags_warn_once_for_all_inputs(project: pathlib.Path, capfd) -> None:
    (project / "a.c").write_text("int a;\n")
    (project / "b.c").write_text("int b;\n")
    line = "-c a.c b.c -fno-such -fno-such -Wno-such-thing -Wsuch-thing -lfoo -march=bpf -Wl,-x"
    assert main(shlex.split(line)) == 0
    err = capfd.readouterr().err
    assert err.count("'-fno-such'") == 1
    assert err.count("unknown warning option '-Wno-such-thing'") == 1
    assert err.count("unknown warning option '-Wsuch-thing'") == 1
    assert err.count("'-lfoo'") == err.count("'-march='") == err.count("'-Wl,-x'") == 1
    assert main(shlex.split(line + " -Wno-unknown-warning-option -w")) == 0
    assert capfd.readouterr().err == ""
    assert main(shlex.split("-c a.c -Werror -Wno-such-thing")) == 1


def test_werror_spares_what_clang_knows_nothing_about(project: pathlib.Path, capfd) -> None:
    (project / "own.c").write_text(
        '__attribute__((section("loadbalancer"), used)) int f(void *c) { return 0; }\n'
    )
    assert main(shlex.split("-c own.c -Wall -Werror")) == 0
    assert "warning: unknown section 'loadbalancer'" in capfd.readouterr().err
    assert main(shlex.split("-c own.c -Werror=bpf-section")) == 1
    assert "error: unknown section 'loadbalancer'" in capfd.readouterr().err
    (project / "unused.c").write_text("static int g(void) { return 0; }\n")
    assert main(shlex.split("-c unused.c -Wall -Werror")) == 1


@pytest.mark.parametrize(
    "line, words",
    [
        ("-c none.c", "none.c: No such file or directory"),
        ("-c", "no input files"),
        ("-c a.c -o", "argument to '-o' is missing"),
        ("-mfoo -c a.c", "unknown argument: '-mfoo'"),
        ("-target sparc -c a.c", "unknown target 'sparc'"),
        ("-mcpu=v9 -c a.c", "unknown target CPU 'v9'"),
        ("-std=c++17 -c a.c", "invalid value 'c++17'"),
        ("-x fortran -c a.c", "language not recognised: 'fortran'"),
        ("-c a.c b.c -o x.o", "cannot specify -o when generating multiple output files"),
        ("@none -c a.c", "cannot read 'none'"),
        ("-c a.c -o no/such/folder/x.o", "cannot write 'no/such/folder/x.o'"),
        ("-c a.c -o x86", "cannot write 'x86'"),
        ("-c x86", "x86: Is a directory"),
    ],
)
def test_wrong_lines_end_with_1_and_a_sentence(line, words, project, capfd) -> None:
    (project / "a.c").write_text("int a;\n")
    assert main(shlex.split(line)) == 1
    out, err = capfd.readouterr()
    assert words in err
    assert (out, err.count("\n")) == ("", 1)


def shell(script: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", "set -o pipefail; " + script],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, **environment},
    )


def test_pipes(project: pathlib.Path) -> None:
    done = shell(
        "echo 'int f(int x) { return x; }' | bpfcc -target bpf -c -x c - -o - | od -An -tx1 -N4"
    )
    assert (done.stdout.split(), done.stderr) == (["7f", "45", "4c", "46"], "")
    done = shell("bpfcc -E -Ix86 prog.bpf.c | bpfcc -g -O2 -x cpp-output -c - -o out.o")
    assert (done.returncode, done.stderr) == (0, "")
    # A reader that goes away is no error.
    assert shell("set +o pipefail; bpfcc -dM -E - </dev/null | head -1").stderr == ""


def test_llvm_text_says_what_it_is_good_for(project: pathlib.Path, capfd) -> None:
    pytest.importorskip("llvmlite")
    assert main(shlex.split("-Ix86 -O2 -g -emit-llvm -S prog.bpf.c -o -")) == 0
    out, err = capfd.readouterr()
    assert " i32 @count(" in out and err == ""
    assert main(shlex.split("-Ix86 -O2 -g -emit-llvm -c prog.bpf.c")) == 0
    assert "for reading" in capfd.readouterr().err
    assert (project / "prog.bpf.bc").exists()


MAKEFILE = """\
CLANG ?= bpfcc
BPFTOOL ?= bpftool
ARCH := x86
Q := @
# libbpf-bootstrap's question for the system's folders
SYS_INCLUDES := $(shell $(CLANG) -v -E - </dev/null 2>&1 \\
	| sed -n '/<...> search starts here:/,/End of search list./{ s| \\(/.*\\)|-idirafter \\1|p }')
# the kernel's selftests ask for the byte order
LITTLE := $(shell $(CLANG) -dM -E - </dev/null | \\
	grep 'define[[:space:]]\\+__BYTE_ORDER__[[:space:]]\\+__ORDER_LITTLE_ENDIAN__')
CFLAGS := -g -O2 -Wall -Werror

all: out/prog.o
.SECONDARY:

out/%.tmp.o: %.bpf.c | out
	$(Q)$(CLANG) $(CFLAGS) -target bpf -D__TARGET_ARCH_$(ARCH) -I$(ARCH)/ $(SYS_INCLUDES) \\
		$(if $(LITTLE),-mlittle-endian,-mbig-endian) -MMD -MP -c $(filter %.c,$^) -o $@
out/%.o: out/%.tmp.o
	$(Q)$(LINK) $@ $<
out:
	mkdir -p $@
-include $(wildcard out/*.d)
"""


def test_a_makefile_rebuilds_what_changed(project: pathlib.Path) -> None:
    if shutil.which("make") is None:
        pytest.skip("no make")
    (project / "Makefile").write_text(MAKEFILE)
    link = "bpftool gen object" if shutil.which("bpftool") else "bpfcc -o"
    again = ("make", f"LINK={link}")
    done = subprocess.run(again, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert (project / "out" / "prog.o").exists()
    done = subprocess.run([*again, "V=1"], capture_output=True, text=True)
    assert "Nothing to be done" in done.stdout
    os.utime(project / "local.h", (2e9, 2e9))
    done = subprocess.run([*again, "-n"], capture_output=True, text=True)
    assert "-c prog.bpf.c" in done.stdout
    (project / "local.h").unlink()  # -MP: a header that is gone is no error of make's
    (project / "prog.bpf.c").write_text("int gone;\n")
    assert subprocess.run(again, capture_output=True).returncode == 0


CMAKE = """\
cmake_minimum_required(VERSION 3.16)
project(filter NONE)
find_program(CLANG NAMES bpfcc REQUIRED)
execute_process(COMMAND ${CLANG} --version OUTPUT_VARIABLE text ERROR_VARIABLE err
    RESULT_VARIABLE result)
if(NOT "${text}" MATCHES "clang version ([^\\n]+)\\n")
  message(FATAL_ERROR "no version in: ${text}")
endif()
string(REPLACE "." ";" parts ${CMAKE_MATCH_1})
list(GET parts 0 major)
if(${major} LESS 10)
  message(FATAL_ERROR "clang ${CMAKE_MATCH_1} is too old")
endif()
execute_process(COMMAND bash -c "${CLANG} -v -E - < /dev/null 2>&1 |
    sed -n '/<...> search starts here:/,/End of search list./{ s| \\\\(/.*\\\\)|-idirafter \\\\1|p }'"
  OUTPUT_VARIABLE folders RESULT_VARIABLE result OUTPUT_STRIP_TRAILING_WHITESPACE)
string(REPLACE "\\n" " " folders "${folders}")
separate_arguments(folders UNIX_COMMAND "${folders}")
add_custom_command(OUTPUT prog.bpf.o
  COMMAND ${CLANG} -g -O2 -target bpf -D__TARGET_ARCH_x86 ${folders} -I${CMAKE_SOURCE_DIR}/x86
    -MD -MF prog.d -MT prog.bpf.o -c ${CMAKE_SOURCE_DIR}/prog.bpf.c -o prog.bpf.o
  DEPENDS ${CMAKE_SOURCE_DIR}/prog.bpf.c DEPFILE prog.d)
add_custom_target(all_of_it ALL DEPENDS prog.bpf.o)
"""


def test_cmake(project: pathlib.Path) -> None:
    if shutil.which("cmake") is None or shutil.which("ninja") is None:
        pytest.skip("no cmake and ninja")
    (project / "CMakeLists.txt").write_text(CMAKE)
    done = shell("cmake -G Ninja -S . -B build && cmake --build build")
    assert done.returncode == 0, done.stdout + done.stderr
    assert (project / "build" / "prog.bpf.o").exists()
    assert "no work to do" in shell("cmake --build build").stdout
    os.utime(project / "local.h", (2e9, 2e9))
    assert "prog.bpf.o" in shell("ninja -C build -n").stdout


CONFIGURE = """\
CLANG=${CLANG:-clang}
# xdp-tools
clang_version=$($CLANG --version | grep -Po '(?<=clang version )[[:digit:]]+')
[ "$clang_version" -ge 11 ] || exit 3
# as autoconf does it: can the compiler make objects for BPF?
echo 'int main(void) { return 0; }' > conftest.c
$CLANG -O2 -target bpf -c conftest.c -o conftest.o 2>conftest.err || exit 4
[ -s conftest.err ] && exit 5
echo 'not C' > conftest.c
$CLANG -target bpf -c conftest.c -o conftest2.o 2>/dev/null && exit 6
[ -e conftest2.o ] && exit 7
# which flags does it know?
echo 'int x;' > conftest.c
$CLANG -Werror -Wno-compare-distinct-pointer-types -target bpf -c conftest.c -o c.o || exit 8
$CLANG -Werror -Wno-such-warning-anywhere -target bpf -c conftest.c -o c.o 2>/dev/null && exit 9
# which macros?
$CLANG -target bpf -dM -E - </dev/null | grep -q '__BPF__' || exit 10
$CLANG -target bpf -E -include /dev/null -x c /dev/null >/dev/null || exit 11
[ "$($CLANG -dumpmachine)" = bpf ] || exit 12
"""


def test_configure_scripts(project: pathlib.Path) -> None:
    done = shell(CONFIGURE, CLANG="bpfcc")
    assert (done.returncode, done.stderr) == (0, "")


def test_several_words_as_the_compiler(project: pathlib.Path) -> None:
    done = shell("CC='env LC_ALL=C bpfcc'; $CC -Ix86 -O2 -c prog.bpf.c -o out.o", TZ="Asia/Tokyo")
    assert (done.returncode, done.stderr) == (0, "")


def test_ccache(project: pathlib.Path) -> None:
    if shutil.which("ccache") is None:
        pytest.skip("no ccache")
    line = "ccache bpfcc -Ix86 -O2 -g -target bpf -MD -c prog.bpf.c -o out.o"
    for _ in range(2):
        done = shell(line, CCACHE_DIR=str(project / "cache"))
        assert (done.returncode, done.stderr) == (0, "")
