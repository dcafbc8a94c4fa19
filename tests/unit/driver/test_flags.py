"""The compiler's command line, spelled as build systems spell it."""

from __future__ import annotations

import pytest

from bpfcc.driver.flags import expand_response_files, parse_flags
from bpfcc.support.errors import InputError


def test_bpf2go() -> None:
    options = parse_flags(
        "-O2 -mcpu=v1 -D__TARGET_ARCH_x86 -Wunused-command-line-argument -target bpfel -c /a/x.c "
        "-o /a/x.o -fno-ident -fdebug-prefix-map=/a=. -fdebug-compilation-dir . -g "
        "-MD -MP -MF/tmp/x".split()
        + ['-D__BPF_TARGET_MISSING="GCC error \\"no\\""']
    )
    assert options.inputs == ["/a/x.c"]
    assert (options.output, options.mode, options.mcpu) == ("/a/x.o", "object", 1)
    assert not options.big_endian
    assert options.prefix_maps == [("/a", ".")]
    assert (options.dependencies, options.dep_file, options.dep_phony) == ("M", "/tmp/x", True)
    assert options.driver_notes == []


def test_kernel_selftests() -> None:
    options = parse_flags(
        "-g -Werror -D__TARGET_ARCH_x86 -mlittle-endian -Iinc -idirafter /usr/include "
        "-Wno-compare-distinct-pointer-types -O2 -target bpf -c x.c -mcpu=v3 -o x.bpf.o".split()
    )
    assert options.warnings.everything_is_error
    assert options.include_dirs == [("I", "inc"), ("idirafter", "/usr/include")]
    assert options.macro_actions == [("D", "__TARGET_ARCH_x86")]


def test_systemd() -> None:
    options = parse_flags(
        "-std=gnu11 -Wno-compare-distinct-pointer-types -fno-stack-protector -O2 -target bpf -g "
        "-c -D__x86_64__ -isystem a -idirafter b x.c -o x.o".split()
    )
    assert options.standard == "gnu11"
    assert options.driver_notes == []


@pytest.mark.parametrize("spelling", [["--target=bpfeb"], ["-target", "bpfeb"]])
def test_target_joined_or_split(spelling: list[str]) -> None:
    assert parse_flags([*spelling, "-c", "x.c"]).big_endian


@pytest.mark.parametrize(
    ("args", "mode"),
    [
        (["-E", "-dM", "-"], "macros"),
        (["-E", "x.c"], "preprocess"),
        (["-S", "x.c"], "assembly"),
        (["-S", "-emit-llvm", "x.c"], "llvm"),
        (["-M", "x.c"], "dependencies"),
        (["-fsyntax-only", "x.c"], "syntax"),
        (["a.c", "b.c", "-o", "ab.o"], "link"),
        (["a.o"], "link"),
        (["-c", "a.c", "b.c"], "object"),
    ],
)
def test_mode(args: list[str], mode: str) -> None:
    assert parse_flags(args).mode == mode


@pytest.mark.parametrize(
    ("args", "word"),
    [
        (["-mcpu=v9", "x.c"], "v9"),
        (["-target", "x86_64", "x.c"], "x86_64"),
        (["-mfoo", "x.c"], "-mfoo"),
        (["--frob", "x.c"], "--frob"),
        (["-o"], "-o"),
        (["-c", "a.c", "b.c", "-o", "x.o"], "multiple"),
        (["-std=c++17", "x.c"], "c++17"),
        (["-O9x", "x.c"], "9x"),
        (["--kernel", "soon", "x.c"], "'soon' is not a kernel version"),
        (["--kernel=5.\u00b2", "x.c"], "not a kernel version"),
    ],
)
def test_refused_by_name(args: list[str], word: str) -> None:
    with pytest.raises(InputError) as info:
        parse_flags(args)
    assert word in str(info.value)


def test_unknown_f_and_w_flags_are_noted_not_refused() -> None:
    options = parse_flags(
        ["-fno-such-thing", "-Wno-such-thing", "-Wno-gnu-folding-constant", "x.c"]
    )
    groups = [group for group, _ in options.driver_notes]
    assert groups == ["unknown-argument", "unknown-warning-option"]


def test_warning_flags_in_order() -> None:
    policy = parse_flags("-Wall -Wno-unused-variable -Werror=return-type x.c".split()).warnings
    assert "unused-variable" in policy.off
    assert "unused-function" in policy.on
    assert "return-type" in policy.errors


def test_environment_adds_include_folders(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CPATH", "/one")
    monkeypatch.setenv("C_INCLUDE_PATH", "/two")
    assert parse_flags(["x.c"]).include_dirs == [("I", "/one"), ("isystem", "/two")]


def test_response_file(tmp_path) -> None:
    inner = tmp_path / "inner"
    inner.write_text("-DX=1 'a b.c'")
    outer = tmp_path / "outer"
    outer.write_text(f"-c @{inner}\n")
    assert expand_response_files([f"@{outer}"]) == ["-c", "-DX=1", "a b.c"]


def test_response_file_that_includes_itself(tmp_path) -> None:
    loop = tmp_path / "loop"
    loop.write_text(f"@{loop}")
    with pytest.raises(InputError, match="nest"):
        expand_response_files([f"@{loop}"])
