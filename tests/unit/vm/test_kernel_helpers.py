"""The kernel and the machine run the same C programs over maps, strings and packets.

Each program writes what helpers return, one number after another; all of them must be equal, and
so must the packet afterwards.
"""

from __future__ import annotations

import shutil
import struct
import subprocess
from pathlib import Path

import pytest

from bpfcc.objfile.link import entry_functions
from bpfcc.objfile.model import Object
from bpfcc.objfile.read import from_bytes
from bpfcc.vm.engine import Careful, Interpreter
from bpfcc.vm.load import load
from bpfcc.vm.world import World

FILES = Path(__file__).parents[2] / "files" / "vm"
CLANG = shutil.which("clang-19") or shutil.which("clang")
pytestmark = [
    pytest.mark.kernel,
    pytest.mark.peer,
    pytest.mark.skipif(CLANG is None, reason="clang is not installed"),
]
ETHERNET = bytes.fromhex("0102030405060708090a0b0c0800")
IPV4 = bytes.fromhex("45000056123440004011b7cac0a80001c0a80002") + bytes.fromhex("00350035004200ff")
PACKET = (ETHERNET + IPV4 + bytes(range(58)))[:100]


@pytest.fixture(scope="module")
def objects(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Object]:
    folder = tmp_path_factory.mktemp("vm")
    made = {}
    for name in ("maps", "text", "packets", "types", "kfuncs"):
        out = folder / f"{name}.o"
        subprocess.run(
            [str(CLANG), "-target", "bpf", "-O2", "-g", "-mcpu=v3", "-Wno-everything",
             "-I/usr/include/x86_64-linux-gnu", "-c", FILES / f"{name}.c", "-o", out],
            check=True, timeout=60,
        )  # fmt: skip
        made[name] = from_bytes(out.read_bytes(), name)
    return made


def _names(file: str) -> list[str]:
    text = (FILES / f"{file}.c").read_text().splitlines()
    return [
        text[k + 1].split("(")[0].removeprefix("int ")
        for k, line in enumerate(text)
        if line.startswith('SEC("') and text[k + 1].startswith("int ")
    ]


PLAIN = [(file, name) for file in ("maps", "text", "kfuncs") for name in _names(file)]


def _numbers(data: bytes) -> tuple[int, ...]:
    """Return what a program put into ``res``: a count, then numbers."""
    count = struct.unpack_from("<Q", data)[0]
    assert count >= 4, "the program wrote results"
    return struct.unpack_from(f"<{count}q", data, 8)


@pytest.mark.parametrize(("file", "name"), PLAIN)
def test_programs(objects: dict[str, Object], file: str, name: str) -> None:
    from bpfcc.kernel.load import LoadOptions
    from bpfcc.kernel.load import load as kernel_load
    from bpfcc.kernel.testrun import test_run

    obj = objects[file]
    packet = None if file == "kfuncs" else PACKET
    context = bytes(64) if file == "kfuncs" else None
    with kernel_load(obj, LoadOptions(programs=[name])) as loader:
        assert test_run(loader.programs[name], data=packet, context=context).retval == 0
        expected = _numbers(loader.maps[".bss"].lookup(bytes(4)))
    for engine in (Interpreter, Careful):
        world = World()
        world.task.address = world.new_object(bytes(64), "the task")
        program = load(obj, name, world, engine=engine)
        if "ring" in world.maps:
            world.maps["ring"].reader = False  # type: ignore[attr-defined]
        result = program.run(context, packet=packet).check()
        assert result.value == 0
        assert not result.leaks
        got = world.maps[".bss"].read(bytes(4))
        assert isinstance(got, bytes)
        assert _numbers(got) == expected


@pytest.mark.parametrize("name", _names("packets"))
def test_packet_programs(objects: dict[str, Object], name: str) -> None:
    from bpfcc.kernel.load import LoadOptions
    from bpfcc.kernel.load import load as kernel_load
    from bpfcc.kernel.testrun import test_run

    obj = objects["packets"]
    with kernel_load(obj, LoadOptions(programs=[name])) as loader:
        theirs = test_run(loader.programs[name], data=PACKET)
        table = loader.maps["out"]
        expected = [struct.unpack("<q", table.lookup(struct.pack("<I", k)))[0] for k in range(200)]
    for engine in (Interpreter, Careful):
        world = World()
        program = load(obj, name, world, engine=engine)
        mine = program.run(packet=PACKET).check()
        got = [world.maps["out"][k] for k in range(200)]
        n = program.globals["n"]
        assert got[:n] == expected[:n]
        assert mine.packet is not None
        assert (mine.metadata + mine.packet).hex() == theirs.data.hex()
        assert mine.value == theirs.retval


@pytest.mark.parametrize("name", _names("types"))
def test_values_in_words(objects: dict[str, Object], name: str) -> None:
    from bpfcc.kernel.load import LoadOptions
    from bpfcc.kernel.load import load as kernel_load
    from bpfcc.kernel.testrun import test_run

    obj = objects["types"]
    with kernel_load(obj, LoadOptions(programs=[name])) as loader:
        assert test_run(loader.programs[name], data=PACKET).retval == 0
        table = loader.maps["texts"]
        expected = [_said(table.lookup(struct.pack("<I", k))) for k in range(64)]
    world = World()
    program = load(obj, name, world)
    assert program.run(packet=PACKET).check().value == 0
    count = program.globals["n"]
    assert count > 2
    got = [_said(world.maps["texts"].read(struct.pack("<I", k))) for k in range(count)]  # type: ignore[arg-type]
    assert got == expected[:count]


def _said(data: bytes) -> tuple[int, str]:
    return struct.unpack_from("<q", data)[0], data[8:].split(b"\0", 1)[0].decode()


def test_every_program_was_named(objects: dict[str, Object]) -> None:
    for file, obj in objects.items():
        assert {f.name for f in entry_functions(obj)} == set(_names(file))
