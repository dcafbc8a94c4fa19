"""Headers that exist nowhere: the kernel's are served from its types, others get advice."""

from __future__ import annotations

import pytest

from bpfcc.c.options import COptions
from bpfcc.c.preprocess import Preprocessed, preprocess
from bpfcc.support.diagnostics import Sink
from bpfcc.support.source import SourceFile


def read(text: str, **settings: object) -> tuple[Preprocessed, Sink]:
    options = COptions()
    for name, value in settings.items():
        setattr(options, name, value)
    sink = Sink()
    return preprocess(SourceFile("t.c", text), options, sink), sink


def test_vmlinux_without_a_file() -> None:
    unit, sink = read('#include "vmlinux.h"\n#ifdef __VMLINUX_H__\nint seen;\n#endif\n')
    assert sink.diagnostics == []
    assert unit.kernel_types and unit.kernel_core
    assert unit.index.find("ident", "seen")


def test_vmlinux_without_core() -> None:
    unit, _ = read('#define BPF_NO_PRESERVE_ACCESS_INDEX\n#include "vmlinux.h"\n')
    assert unit.kernel_types and not unit.kernel_core


def test_vmlinux_with_a_file(tmp_path) -> None:
    (tmp_path / "vmlinux.h").write_text("struct from_file { int a; };\n")
    unit, _ = read('#include "vmlinux.h"\n', include=[str(tmp_path)])
    assert not unit.kernel_types
    assert unit.index.find("tag", "from_file")


@pytest.mark.parametrize("name", ["linux/skbuff.h", "net/sock.h", "uapi/linux/bpf.h"])
def test_in_kernel_programs_get_the_macros_too(name: str) -> None:
    unit, sink = read(f"#include <linux/ptrace.h>\n#include <{name}>\nint a[ARRAY_SIZE(x)];\n")
    assert sink.diagnostics == []
    assert unit.kernel_types and not unit.kernel_core
    assert "__KERNEL__" in unit.macros
    assert "likely" in unit.macros
    # User space has a struct pt_regs with other members; the kernel's comes from its types.
    assert not unit.index.find("tag", "pt_regs")


def test_without_kernel_types_they_are_missing() -> None:
    for name in ("vmlinux.h", "linux/skbuff.h"):
        _, sink = read(f"#include <{name}>\n", kernel_types=False)
        assert sink.diagnostics[0].id == "c-missing-header"


def test_has_include_says_what_include_does() -> None:
    text = (
        "#if __has_include(<vmlinux.h>) && __has_include(<linux/skbuff.h>) && "
        "!__has_include(<linux/no_such_thing.h>)\nint yes;\n#endif\n"
    )
    assert read(text)[0].index.find("ident", "yes")
    assert not read(text, kernel_types=False)[0].index.find("ident", "yes")


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("bpf/bpf_helper.h", "did you mean 'bpf/bpf_helpers.h'?"),
        ("linux/if_eth.h", "did you mean 'linux/if_ether.h'?"),
        ("stdinit.h", "did you mean 'stdint.h'?"),
        ("pthread.h", "a BPF program has no C library"),
        ("filter.skel.h", "a skeleton is for the program that loads the filter"),
        ("my/own/thing.h", "-I adds a folder"),
    ],
)
def test_advice(name: str, advice: str) -> None:
    unit, sink = read(f"#include <{name}>\n")
    (diagnostic,) = sink.diagnostics
    assert diagnostic.message == f"'{name}' file not found"
    assert diagnostic.span is not None and diagnostic.span.text() == f"<{name}>"
    assert advice in diagnostic.notes[0].message
    assert [one.path for one in unit.dependencies if one.missing] == [name]


def test_own_headers_have_the_same_name_everywhere() -> None:
    unit, _ = read("#include <bpf/bpf_helpers.h>\n")
    names = [one.name for one in unit.dependencies[1:]]
    assert names[0] == "<bpfcc>/bpf/bpf_helpers.h"
    assert all(name.startswith("<bpfcc>/") for name in names)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('char *s = "abc;\n', 'missing terminating " character'),
        ("int c = 'a;\n", "missing terminating ' character"),
        ("int c = L'a;\n", "missing terminating ' character"),
        ('char *s = "a\\";\n', 'missing terminating " character'),
        ("int a @ b;\n", "unexpected character '@'"),
        ("int a \\ b;\n", "stray '\\' in program"),
        ("int a\u20ac;\n", "unexpected character '\u20ac' <U+20AC>"),
    ],
)
def test_stray_characters(text: str, message: str) -> None:
    _, sink = read(text)
    assert [d.message for d in sink.diagnostics] == [message]


def test_stray_characters_matter_only_in_active_code() -> None:
    text = "#if 0\nit's \"not\n#endif\n#define X it's\n// don't\n/* \" */ int a;\n"
    assert read(text)[1].diagnostics == []


def test_the_command_line_names_the_architecture() -> None:
    text = "#ifdef __TARGET_ARCH_x86\nint x86;\n#endif\n"
    assert read(text, target_arch="x86")[0].index.find("ident", "x86")
    arm = [("D", "__TARGET_ARCH_arm64")]
    assert not read(text, target_arch="x86", commands=arm)[0].index.find("ident", "x86")


def test_date_is_that_of_the_options() -> None:
    unit, _ = read("char *d = __DATE__ __TIME__ __TIMESTAMP__;\n", source_date_epoch=951827696)
    texts = [t.text for t in unit.chunks[0].tokens if t.kind == "str"]
    assert texts == ['"Feb 29 2000"', '"12:34:56"', '"Tue Feb 29 12:34:56 2000"']
