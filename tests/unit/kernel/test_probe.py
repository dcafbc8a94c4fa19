from __future__ import annotations

import os
import socket

import pytest

from bpfcc.btf.types import Array, Enum, Int, Var
from bpfcc.kernel import kconfig, probe, syscall
from bpfcc.kernel.kconfig import Kconfig
from bpfcc.kernel.maps import Map, create
from bpfcc.kernel.syscall import KernelError
from bpfcc.support.errors import InputError
from bpfcc.uapi.map_types import MapType
from bpfcc.uapi.prog_types import ProgType

INT = Int("int", 4, Int.SIGNED)
U8 = Int("unsigned char", 1)
BOOL = Int("_Bool", 1, Int.BOOL)
CHAR = Int("char", 1, Int.SIGNED)
TRISTATE = Enum("libbpf_tristate", 4, [("TRI_NO", 0), ("TRI_YES", 1), ("TRI_MODULE", 2)])


@pytest.mark.kernel
def test_questions_to_the_kernel():
    assert probe.has_prog_type(ProgType.XDP) and probe.has_prog_type(ProgType.TRACING)
    assert not probe.has_prog_type(200)
    assert probe.has_map_type(MapType.HASH) and probe.has_map_type(MapType.HASH_OF_MAPS)
    assert not probe.has_map_type(200)
    assert probe.has_helper(ProgType.XDP, 1)  # map_lookup_elem
    assert not probe.has_helper(ProgType.XDP, 26)  # skb_load_bytes
    assert not probe.has_helper(ProgType.XDP, 9999)
    assert probe.has_btf() and probe.has_kfunc("bpf_rcu_read_lock")


@pytest.mark.kernel
def test_pinning(tmp_path):
    made = Map(create("pinned", MapType.ARRAY, 4, 4, 1), "pinned", MapType.ARRAY, 4, 4, 1)
    with made:
        with pytest.raises(KernelError, match="no bpf file system"):
            syscall.pin(made.fd, str(tmp_path / "x"))
        root = next(
            (
                line.split()[1]
                for line in open_text("/proc/mounts").splitlines()
                if line.split()[2] == "bpf"
            ),
            None,
        )
        if root is None:
            pytest.skip("no bpf file system is mounted")
        path = os.path.join(root, f"bpfcc_unit_{os.getpid()}")
        made.update(bytes(4), b"\7\0\0\0")
        syscall.pin(made.fd, path)
        try:
            with Map.from_fd(syscall.get_pinned(path)) as again:
                assert again.id == made.id and again.lookup(bytes(4)) == b"\7\0\0\0"
                assert (again.type, again.key_size, again.value_size) == (MapType.ARRAY, 4, 4)
        finally:
            syscall.unpin(path)
        with pytest.raises(KernelError, match="cannot open"):
            syscall.get_pinned(path)


def open_text(path: str) -> str:
    with open(path, encoding="utf-8") as file:
        return file.read()


@pytest.mark.parametrize(
    ("type", "text", "value"),
    [
        (INT, "250", (250).to_bytes(4, "little")),
        (INT, "0x10", (16).to_bytes(4, "little")),
        (BOOL, "y", b"\1"),
        (BOOL, "n", b"\0"),
        (CHAR, "m", b"m"),
        (TRISTATE, "m", b"\2\0\0\0"),
        (Array(CHAR, 6, INT), '"long text"', b"long \0"),
        (Array(CHAR, 6, INT), '"ab"', b"ab\0\0\0\0"),
    ],
)
def test_configuration_values(type, text, value):
    config = Kconfig({"CONFIG_X": text})
    var = Var("CONFIG_X", type, Var.EXTERN)
    assert config.value("CONFIG_X", var, weak=False, big_endian=False) == value


@pytest.mark.parametrize(
    ("type", "text"),
    [
        (INT, "y"),
        (U8, "300"),
        (INT, '"text"'),
        (Array(CHAR, 6, INT), "12"),
        (BOOL, "m"),
        (INT, "1z"),
    ],
)
def test_configuration_values_of_other_types(type, text):
    with pytest.raises(InputError, match="CONFIG_X"):
        Kconfig({"CONFIG_X": text}).value(
            "CONFIG_X", Var("CONFIG_X", type, Var.EXTERN), weak=False, big_endian=False
        )


def test_unknown_names_are_errors_unless_weak():
    var = Var("LINUX_NOTHING", INT, Var.EXTERN)
    assert Kconfig().value("LINUX_NOTHING", var, weak=True, big_endian=False) == bytes(4)
    with pytest.raises(InputError, match="not known"):
        Kconfig().value("LINUX_NOTHING", var, weak=False, big_endian=False)
    with pytest.raises(InputError, match="CONFIG_ or LINUX_"):
        Kconfig().value("other", var, weak=False, big_endian=False)


@pytest.mark.parametrize(
    ("release", "version"),
    [
        ("6.18.44-fc", 6 << 16 | 18 << 8 | 44),
        ("5.4.300", 5 << 16 | 4 << 8 | 255),
        ("6.1rc2", 6 << 16 | 1 << 8),
        ("6.12+deb13", 6 << 16 | 12 << 8),
    ],
)
def test_versions(release, version, monkeypatch):
    monkeypatch.setattr(kconfig.platform, "release", lambda: release)
    assert kconfig.kernel_version() == version


def test_other_systems_get_one_clear_sentence(monkeypatch):
    monkeypatch.setattr(syscall.sys, "platform", "darwin")
    syscall._libc.cache_clear()
    try:
        with pytest.raises(KernelError, match="needs Linux, this is darwin"):
            syscall.bpf(0, b"")
    finally:
        monkeypatch.undo()
        syscall._libc.cache_clear()


@pytest.mark.kernel
def test_without_privilege_the_reason_is_said():
    """In a child without capabilities, since the test itself runs as root."""
    reader, writer = socket.socketpair()
    child = os.fork()
    if child == 0:
        text = "nothing"
        try:
            reader.close()
            os.setuid(65534)
            create("x", MapType.HASH_OF_MAPS, 4, 4, 1)
        except KernelError as error:
            text = str(error)
        finally:
            writer.sendall(text.encode())
            os._exit(0)
    writer.close()
    text = reader.recv(4096).decode()
    reader.close()
    os.waitpid(child, 0)
    assert "not permitted" in text and "CAP_BPF" in text


def test_import_needs_nothing_of_linux():
    import ast
    import pathlib

    import bpfcc.kernel

    for path in pathlib.Path(bpfcc.kernel.__file__).parent.glob("*.py"):
        for node in ast.parse(path.read_text()).body:
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module]
            assert not {"fcntl", "resource", "pwd", "grp", "termios"} & set(names), path
