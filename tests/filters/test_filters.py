"""Every filter: compiles without a warning at each level, loads into the kernel, does its work."""

from __future__ import annotations

import glob
import os
import struct

import pytest

from bpfcc.driver.options import Options
from bpfcc.driver.pipeline import compile_source, read_source
from bpfcc.objfile.model import Object
from bpfcc.objfile.read import from_bytes
from bpfcc.objfile.write import to_bytes
from bpfcc.support.diagnostics import Severity, Sink

FILTERS = os.path.join(os.path.dirname(__file__), "..", "..", "filters")
NAMES = sorted(os.path.basename(p)[:-2] for p in glob.glob(os.path.join(FILTERS, "*.c")))
NEEDS_BTF = {"dropreason", "netdev", "offcpu", "execsnoop"}


def compiled(name: str, mcpu: int = 3, level: int = 2) -> Object:
    if name in NEEDS_BTF and not os.path.exists("/sys/kernel/btf/vmlinux"):
        pytest.skip("takes its types from a kernel's BTF, and this system has none")
    options = Options()
    options.mcpu, options.opt_level, options.verify_each = mcpu, level, True
    options.warnings.on |= options.warnings.ALL
    sink = Sink(options.warnings)
    obj = compile_source(read_source(os.path.join(FILTERS, name + ".c")), options, sink)
    assert [d for d in sink.diagnostics if d.severity > Severity.NOTE] == []
    assert obj is not None
    return obj


def path(name: str) -> str:
    return os.path.join(FILTERS, name + ".c")


def test_there_are_ten() -> None:
    assert len(NAMES) == 10


@pytest.mark.parametrize("mcpu", [1, 2, 3, 4])
@pytest.mark.parametrize("name", NAMES)
def test_object_reads_back(name: str, mcpu: int) -> None:
    obj = compiled(name, mcpu)
    again = from_bytes(to_bytes(obj), name)
    assert [f.name for f in again.functions] == [f.name for f in obj.functions]
    for mine, read in zip(obj.functions, again.functions):
        assert len(mine.insns) == len(read.insns)
    assert to_bytes(obj) == to_bytes(compiled(name, mcpu))


@pytest.mark.kernel
@pytest.mark.parametrize(("mcpu", "level"), [(1, 2), (2, 2), (3, 2), (4, 2), (3, 0)])
@pytest.mark.parametrize("name", NAMES)
def test_kernel_loads_it(name: str, mcpu: int, level: int) -> None:
    from bpfcc.kernel.load import load

    with load(from_bytes(to_bytes(compiled(name, mcpu, level)), name)) as loaded:
        assert loaded.programs


@pytest.mark.kernel
@pytest.mark.parametrize("name", NAMES)
def test_checker_agrees(name: str) -> None:
    from bpfcc.driver.btf_source import load_btf
    from bpfcc.driver.check import Budget, check_object

    report = check_object(compiled(name), name, "latest", btf=load_btf(None), budget=Budget())
    assert report.verdict == "accept", report.diagnostics


def udp(port: int, *, ihl: int = 5, proto: int = 17) -> bytes:
    header = struct.pack(">BBHHHBBHII", 0x40 | ihl, 0, 60, 0, 0, 64, proto, 0, 1, 2)
    return (
        bytes(12) + b"\x08\x00" + header + bytes((ihl - 5) * 4 if ihl > 5 else 0)
        + struct.pack(">HHHH", 1000, port, 8, 0) + bytes(16)
    )  # fmt: skip


def test_xdpguard_drops_blocked_ports_only(bpf) -> None:
    prog = bpf.compile(path("xdpguard"))
    prog.maps["blocked"][53] = 0
    assert prog.run(udp(53)).retval == 1
    assert prog.run(udp(54)).retval == 2
    assert prog.run(udp(53, ihl=6)).retval == 1
    assert prog.run(udp(53, proto=6)).retval == 2
    assert prog.run(bytes(14)).retval == 2
    assert prog.maps["blocked"] == {53: 2}
    assert sum(prog.maps["verdicts"][1]) == 2
    assert sum(prog.maps["verdicts"][0]) == 3


def test_sockproto_counts_by_protocol(bpf) -> None:
    prog = bpf.compile(path("sockproto"))
    for _ in range(3):
        assert prog.run(udp(53)).retval == -1
    prog.run(udp(53, proto=6))
    # The map of 2015 has sizes and no types: 16 bytes, packets and bytes.
    rows = prog.maps["protocols"]
    assert [struct.unpack("<QQ", rows[protocol])[0] for protocol in (17, 6)] == [3, 1]


def test_syscount_counts_by_process(bpf) -> None:
    prog = bpf.compile(path("syscount"))
    prog.set_task(pid=7, tgid=7, comm="sh")
    for _ in range(4):
        prog.run(program="syscount", arg2=1)
    # The first call makes the entry with 1.
    assert prog.maps["calls"].rows() == [({"pid": 7, "comm": "sh"}, 4)]


def test_syslat_puts_a_call_into_its_slot(bpf) -> None:
    prog = bpf.compile(path("syslat"))
    prog.freeze_time(1000)
    prog.run(program="enter")
    prog.freeze_time(1000 + 5000)
    prog.run(program="leave")
    counts = {slot: count for slot, count in prog.maps["latency"].items() if count}
    assert counts == {12: 1}  # 4096 <= 5000 < 8192
    assert prog.maps["entered"] == {}


def test_biolat_adds_bytes_and_latency(bpf) -> None:
    prog = bpf.compile(path("biolat"))
    prog.freeze_time(0)
    prog.run(program="issue", arg1=0xFFFF888000000000)
    prog.freeze_time(3_000_000)
    prog.run(program="complete", arg1=0xFFFF888000000000, arg3=4096)
    assert {s: c for s, c in prog.maps["latency"].items() if c} == {11: 1}  # 2048 <= 3000 us
    assert prog.variables["bytes"] == 4096


def test_dropreason_counts_by_reason(bpf) -> None:
    if not os.path.exists("/sys/kernel/btf/vmlinux"):
        pytest.skip("takes its types from a kernel's BTF, and this system has none")
    prog = bpf.compile(path("dropreason"))
    for reason in (3, 3, 5):
        prog.run(arg1=1, arg2=2, arg3=reason)
    assert prog.maps["drops"] == {3: 2, 5: 1}
