"""The package's own headers: complete in themselves, and laid out like the system's."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from bpfcc.c.options import COptions
from bpfcc.c.preprocess import preprocess
from bpfcc.support.diagnostics import Sink
from bpfcc.support.source import SourceFile

ROOT = Path(__file__).parents[3] / "include"
HEADERS = sorted(
    [str(path.relative_to(ROOT)) for path in ROOT.rglob("*.h") if "libc" not in path.parts]
    + [str(path.relative_to(ROOT / "libc")) for path in (ROOT / "libc").rglob("*.h")]
)
# bpfcc reads kernel.h by itself, before in-kernel programs; two of libbpf's want linux/bpf.h or
# vmlinux.h first; asm/unistd.h chooses its numbers.
ALONE = sorted(
    set(HEADERS)
    - {
        "bpfcc/kernel.h",
        "bpf/usdt.bpf.h",
        "bpf/bpf_helper_defs.h",
        "asm-generic/unistd.h",
        "iso646.h",
        "asm/unistd_64.h",
    }
)
SYSTEM = ["/usr/include/x86_64-linux-gnu", "/usr/include"]
# Headers whose structs are compared with the system's. linux/bpf.h grows with each kernel.
COMPARED = """
linux/types.h linux/if_ether.h linux/ip.h linux/ipv6.h linux/tcp.h linux/udp.h linux/icmp.h
linux/icmpv6.h linux/in.h linux/in6.h linux/if_packet.h linux/pkt_cls.h linux/filter.h
linux/perf_event.h linux/bpf_perf_event.h linux/btf.h linux/seg6.h linux/mpls.h linux/netlink.h
linux/rtnetlink.h linux/seccomp.h linux/if_xdp.h linux/sched.h linux/time_types.h linux/stat.h
""".split()  # fmt: skip


def tags(headers: list[str], folders: list[str]) -> dict[str, str]:
    options = COptions()
    options.own_headers = options.kernel_types = False
    options.system = folders
    text = "".join(f"#include <{name}>\n" for name in headers)
    unit = preprocess(SourceFile("t.c", text), options, Sink())
    return {
        name: word
        for chunk in unit.chunks
        for space, name in chunk.names
        for word in chunk.text().split()[:1]
        if space == "tag" and word in ("struct", "union") and "{" in chunk.text()
    }


@pytest.mark.parametrize("name", HEADERS)
def test_form(name: str) -> None:
    path = ROOT / name if (ROOT / name).exists() else ROOT / "libc" / name
    lines = path.read_text().splitlines()
    assert lines[0] == "/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */"
    text = "\n".join(lines)
    guard = re.search(r"#ifndef (__BPFCC_\w+)\n#define (\w+)\n", text)
    assert guard is not None and guard[1] == guard[2]
    assert lines[-1] == "#endif"


def test_guards_are_all_different() -> None:
    guards = [
        re.findall(r"#ifndef (__BPFCC_\w+)", path.read_text())[0] for path in ROOT.rglob("*.h")
    ]
    assert len(set(guards)) == len(guards)


@pytest.mark.parametrize("big_endian", [False, True])
def test_every_header_is_found_and_read_alone(big_endian: bool) -> None:
    for name in ALONE:
        options = COptions()
        options.kernel_types = False
        options.big_endian = big_endian
        sink = Sink()
        preprocess(SourceFile("t.c", f"#include <{name}>\n"), options, sink)
        assert sink.diagnostics == [], name


@pytest.mark.parametrize(
    "flags", [["-target", "bpf"], ["-target", "bpfeb", "-D__TARGET_ARCH_arm64"]]
)
def test_clang_accepts_them_all(flags: list[str], tmp_path) -> None:
    clang = shutil.which("clang-19")
    if clang is None:
        pytest.skip("clang-19 is not installed")
    (tmp_path / "all.c").write_text("".join(f"#include <{name}>\n" for name in ALONE))
    result = subprocess.run(
        [clang, *flags, "-nostdinc", "-fsyntax-only", "-Wall", f"-I{ROOT / 'libc'}", f"-I{ROOT}",
         "all.c"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert result.stderr == "" and result.returncode == 0


def layouts(source: str, folders: list[str], tmp_path: Path) -> dict[str, str]:
    """Return each struct as bpftool writes it from BTF, bit offsets and all."""
    (tmp_path / "x.c").write_text(source)
    subprocess.run(
        ["clang-19", "-target", "bpf", "-g", "-O2", "-w", "-nostdinc", "-D__x86_64__",
         *(f"-isystem{folder}" for folder in folders), "-c", "x.c", "-o", "x.o"],
        cwd=tmp_path, check=True, capture_output=True,
    )  # fmt: skip
    text = subprocess.run(
        ["bpftool", "btf", "dump", "file", "x.o", "format", "c"],
        cwd=tmp_path, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    return {
        m[1]: m[0] for m in re.finditer(r"^(?:struct|union) (\w+) \{\n.*?^\}", text, re.M | re.S)
    }


def test_structs_are_laid_out_as_the_systems(tmp_path) -> None:
    clang = shutil.which("clang-19")
    if clang is None or shutil.which("bpftool") is None:
        pytest.skip("clang-19 and bpftool are not both installed")
    if not Path("/usr/include/linux/bpf.h").exists():
        pytest.skip("the kernel's headers are not installed")
    builtin = subprocess.run(
        [clang, "-print-resource-dir"], capture_output=True, text=True, check=True
    ).stdout.strip()  # fmt: skip
    theirs = [builtin + "/include", *SYSTEM]
    ours = [str(ROOT / "libc"), str(ROOT)]
    common = sorted(tags(COMPARED, theirs).items() & tags(COMPARED, ours).items())
    assert len(common) > 150
    source = "".join(f"#include <{name}>\n" for name in COMPARED)
    source += "".join(f"{kind} {name} *p_{name};\n" for name, kind in common)
    left, right = layouts(source, theirs, tmp_path), layouts(source, ours, tmp_path)
    assert {n: left[n] for n, _ in common if n in left} == {
        n: right.get(n) for n, _ in common if n in left
    }
