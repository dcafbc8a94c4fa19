"""Routes and SYN cookies: the kernel in a network of its own, and the machine with the same routes."""

from __future__ import annotations

import ctypes
import shutil
import struct
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from bpfcc.objfile.model import Object
from bpfcc.objfile.read import from_bytes
from bpfcc.vm.load import load
from bpfcc.vm.world import World

FILE = Path(__file__).parents[2] / "files" / "vm" / "routes.c"
CLANG = shutil.which("clang-19") or shutil.which("clang")
pytestmark = [
    pytest.mark.kernel,
    pytest.mark.peer,
    pytest.mark.skipif(CLANG is None, reason="clang is not installed"),
    pytest.mark.skipif(shutil.which("ip") is None, reason="iproute2 is not installed"),
]
CLONE_NEWNET = 0x40000000
SETUP = """
ip link set lo up
ip link add d0 type veth peer name d1
ip link set d1 up
ip link set d0 address 02:00:00:00:00:0a up
ip addr add 10.1.0.1/24 dev d0
ip -6 addr add fd00::1/64 dev d0
echo 1 > /proc/sys/net/ipv4/ip_forward
echo 1 > /proc/sys/net/ipv6/conf/all/forwarding
ip neigh add 10.1.0.2 lladdr 02:00:00:00:00:02 dev d0
ip neigh add 10.1.0.7 lladdr 02:00:00:00:00:07 dev d0
ip -6 neigh add fd00::2 lladdr 02:00:00:00:00:06 dev d0
ip route add 10.2.0.0/16 via 10.1.0.7 dev d0 metric 20
ip route add 10.2.3.0/24 via 10.1.0.2 dev d0 mtu lock 1400
ip route add blackhole 10.3.0.0/16
ip route add unreachable 10.4.0.0/16
ip route add prohibit 10.5.0.0/16
ip -6 route add fd01::/16 via fd00::2 dev d0 metric 7
ip -o link show d0
"""
PROGRAMS = ("from_xdp", "six", "from_tc", "cookies")
Numbers = tuple[int, ...]


def _numbers(data: bytes) -> Numbers:
    count = struct.unpack_from("<Q", data)[0]
    return struct.unpack_from(f"<{count}q", data, 8)


def _in_kernel(obj: Object) -> tuple[int, dict[str, Numbers]]:
    from bpfcc.kernel.load import LoadOptions
    from bpfcc.kernel.load import load as kernel_load
    from bpfcc.kernel.testrun import test_run

    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET):
        raise OSError("no network namespaces here")
    done = subprocess.run(
        ["sh", "-e", "-c", SETUP], capture_output=True, text=True, timeout=30, check=False
    )
    if done.returncode:
        raise OSError(done.stderr)
    dev = int(done.stdout.split(":", 1)[0])
    found = {}
    for name in PROGRAMS:
        with kernel_load(obj, LoadOptions(programs=[name], globals={"in_dev": dev})) as loader:
            test_run(loader.programs[name], data=bytes(100))
            found[name] = _numbers(loader.maps[".bss"].lookup(bytes(4)))
    return dev, found


@pytest.fixture(scope="module")
def obj(tmp_path_factory: pytest.TempPathFactory) -> Object:
    out = tmp_path_factory.mktemp("routes") / "routes.o"
    subprocess.run(
        [str(CLANG), "-target", "bpf", "-O2", "-g", "-mcpu=v3", "-Wno-everything",
         "-I/usr/include/x86_64-linux-gnu", "-c", FILE, "-o", out],
        check=True, timeout=60,
    )  # fmt: skip
    return from_bytes(out.read_bytes(), "routes")


@pytest.fixture(scope="module")
def kernel(obj: Object) -> Iterator[tuple[int, dict[str, Numbers]]]:
    """What the kernel says, asked in a thread that has a network namespace of its own."""
    result: list[tuple[int, dict[str, Numbers]] | OSError] = []

    def work() -> None:
        try:
            result.append(_in_kernel(obj))
        except OSError as error:
            result.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert result, "the thread failed"
    if isinstance(result[0], OSError):
        pytest.skip(str(result[0]))
    yield result[0]


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs(obj: Object, kernel: tuple[int, dict[str, Numbers]], name: str) -> None:
    dev, expected = kernel
    world = World()
    routes = world.routes
    routes.interface(dev, mac="02:00:00:00:00:0a", mtu=1500)
    routes.add("10.1.0.0/24", dev=dev, source="10.1.0.1")
    routes.add("fd00::/64", dev=dev, metric=256)
    routes.neighbour("10.1.0.2", "02:00:00:00:00:02")
    routes.neighbour("10.1.0.7", "02:00:00:00:00:07")
    routes.neighbour("fd00::2", "02:00:00:00:00:06")
    routes.add("10.2.0.0/16", via="10.1.0.7", dev=dev, metric=20)
    routes.add("10.2.3.0/24", via="10.1.0.2", dev=dev, mtu=1400)
    routes.add("10.3.0.0/16", kind="blackhole")
    routes.add("10.4.0.0/16", kind="unreachable")
    routes.add("10.5.0.0/16", kind="prohibit")
    routes.add("fd01::/16", via="fd00::2", dev=dev, metric=7)
    program = load(obj, name, world)
    program.globals["in_dev"] = dev
    program.run(packet=bytes(100)).check()
    data = world.maps[".bss"].read(bytes(4))
    assert isinstance(data, bytes)
    assert len(expected[name]) > 30
    assert _numbers(data) == expected[name]
