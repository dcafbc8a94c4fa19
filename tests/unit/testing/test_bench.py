"""Filters under test as users write such tests: what works, and what is said when it does not."""

from __future__ import annotations

import dataclasses
import os
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bpfcc.support.errors import InputError
from bpfcc.testing.bench import Bpf, Filter
from bpfcc.testing.names import UnknownName
from bpfcc.testing.session import Compiler
from bpfcc.vm.faults import Fault

SOURCE = """
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct key { __u32 address; __u8 protocol; };
struct stats { __u64 packets; __u64 last; };
struct one_event { __u32 length; char why[8]; };
struct one_event *unused_event;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8);
	__type(key, struct key);
	__type(value, struct stats);
} flows SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} others SEC(".maps");

const volatile __u32 limit = 2;
__u64 dropped;

SEC("xdp")
int guard(struct xdp_md *ctx)
{
	struct key key = { .address = 7, .protocol = ctx->rx_queue_index };
	struct stats *found, none = {};
	struct one_event event = { .why = "limit" };
	__u32 other = 5;

	found = bpf_map_lookup_elem(&flows, &key);
	if (!found) {
		bpf_map_update_elem(&flows, &key, &none, BPF_ANY);
		found = bpf_map_lookup_elem(&flows, &key);
		if (!found)
			return XDP_ABORTED;
	}
	found->packets++;
	found->last = bpf_ktime_get_ns();
	if (found->packets <= limit)
		return XDP_PASS;
	event.length = ctx->data_end - ctx->data;
	bpf_ringbuf_output(&events, &event, sizeof(event), 0);
	bpf_ringbuf_output(&others, &other, sizeof(other), 0);
	dropped++;
	return XDP_DROP;
}

char LICENSE[] SEC("license") = "GPL";
"""


@dataclasses.dataclass(frozen=True)
class Key:
    address: int
    protocol: int


@dataclasses.dataclass
class Stats:
    packets: int
    last: int


@dataclasses.dataclass
class OneEvent:
    length: int
    why: str


@pytest.fixture(scope="module")
def compiler(tmp_path_factory: pytest.TempPathFactory) -> Compiler:
    folder = tmp_path_factory.mktemp("filter")
    (folder / "guard.c").write_text(SOURCE)
    made = Compiler(coverage=True)
    made.folder = str(folder)  # type: ignore[attr-defined]
    return made


@pytest.fixture
def bench(compiler: Compiler) -> Iterator[Bpf]:
    with Bpf(compiler, folders=[compiler.folder]) as made:  # type: ignore[attr-defined]
        yield made


@pytest.fixture
def guard(bench: Bpf) -> Filter:
    return bench.compile("guard.c")


PACKET = bytes(60)


def test_files_are_found_beside_the_test(bench: Bpf) -> None:
    assert bench.compile("guard.c").run(PACKET).retval == 2
    with pytest.raises(InputError, match=r"gaurd\.c: No such file"):
        bench.compile("gaurd.c")


def test_dataclasses_in_and_out(guard: Filter) -> None:
    guard.maps["flows"][Key(7, 3)] = Stats(2, 0)
    assert guard.run(PACKET, rx_queue_index=3).retval == 1
    assert guard.maps["flows"].typed(Key, Stats)[Key(7, 3)].packets == 3
    assert guard.maps["flows"][{"address": 7, "protocol": 3}]["packets"] == 3


def test_records_by_struct_dataclass_and_layout(bench: Bpf) -> None:
    guard = bench.compile("guard.c", limit=0)
    for _ in range(4):
        guard.run(PACKET)
    assert guard.records("others", "<I") == [(5,)] * 4
    first = guard.records("events", OneEvent)
    assert first == [OneEvent(60, "limit")] * 4  # asking for the others took none of these
    guard.run(PACKET)
    assert guard.records("events", "struct one_event") == [{"length": 60, "why": "limit"}]
    guard.run(PACKET)
    assert guard.records("events", "<I8s") == [(60, b"limit\0\0\0")]
    assert guard.variables["dropped"] == 6
    with pytest.raises(InputError, match="struct event \\*unused_event;"):
        guard.run(PACKET)
        guard.records("events", "event")


def test_time_stands_and_passes(guard: Filter) -> None:
    guard.freeze_time(100)
    guard.run(PACKET)
    assert guard.maps["flows"][Key(7, 0)]["last"] == 100
    assert guard.advance_time(11) == 0
    guard.run(PACKET)
    assert guard.maps["flows"][Key(7, 0)]["last"] == 111


def test_wrong_names_are_told_the_right_ones(bench: Bpf, guard: Filter) -> None:
    with pytest.raises(UnknownName, match=r"no map 'flow'; did you mean 'flows'. .maps: flows, e"):
        guard.maps["flow"]
    with pytest.raises(UnknownName, match="did you mean 'events'"):
        guard.records("event")
    with pytest.raises(InputError, match="no program 'gaurd'; did you mean 'guard'"):
        guard.run(PACKET, program="gaurd")
    with pytest.raises(InputError, match="no field 'rx_queue_idx'; did you mean 'rx_queue_index'"):
        guard.run(PACKET, rx_queue_idx=1)
    with pytest.raises(InputError, match="no variable 'limt'; did you mean 'limit'"):
        bench.compile("guard.c", limt=1)
    with pytest.raises(UnknownName, match="no variable 'droped'; did you mean 'dropped'"):
        guard.variables["droped"] = 1
    with pytest.raises(InputError, match="did you mean 'bpf_ktime_get_ns'"):
        guard.mock("bpf_ktime_get_n", 1)
    with pytest.raises(InputError, match="no field 'pidd'; did you mean 'pid'"):
        guard.set_task(pidd=1)
    with pytest.raises(ValueError, match="no member 'packet'; did you mean 'packets'"):
        guard.maps["flows"][Key(1, 1)] = {"packet": 1}
    with pytest.raises(InputError, match="a packet is bytes, not str"):
        guard.run("ffff")  # type: ignore[arg-type]


def test_what_is_wrong_shows_at_the_users_line(guard: Filter) -> None:
    guard.mock("ktime_get_ns", lambda: 1 // 0)
    with pytest.raises(Fault, match="the mock of ktime_get_ns raised ZeroDivisionError") as raised:
        guard.run(PACKET)
    hidden = [entry for entry in raised.traceback if entry.ishidden(raised)]
    assert len(raised.traceback) - len(hidden) == 1


def test_coverage_adds_up_over_tests(compiler: Compiler) -> None:
    assert compiler.coverage is not None
    compiler.coverage.hits.clear()
    for _ in range(2):
        with Bpf(compiler, folders=[compiler.folder]) as made:  # type: ignore[attr-defined]
            guard = made.compile("guard.c")
            for _ in range(3):
                guard.run(PACKET)
    text = compiler.coverage.lcov()
    line = next(k for k, row in enumerate(SOURCE.splitlines(), 1) if "found->packets++" in row)
    assert f"\nDA:{line},6\n" in text
    assert "\nFNDA:6,guard\n" in text
    assert text.count("\nBRDA:") == int(text.split("BRF:")[1].split("\n")[0])
    for record in ("FNF", "FNH", "LF", "LH", "BRF", "BRH"):
        assert text.count(f"\n{record}:") == 1
    assert text.endswith("end_of_record\n")


def _pcap(packets: list[bytes]) -> bytes:
    head = struct.pack("<IHHIIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
    return head + b"".join(struct.pack("<IIII", 1, 2, len(p), len(p)) + p for p in packets)


def _block(order: str, kind: int, body: bytes) -> bytes:
    body += bytes(-len(body) % 4)
    size = len(body) + 12
    return struct.pack(order + "II", kind, size) + body + struct.pack(order + "I", size)


def _pcapng(packets: list[bytes], order: str = "<", link: int = 1) -> bytes:
    out = _block(order, 0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1))
    out += _block(order, 1, struct.pack(order + "HHI", link, 0, 65535))
    out += _block(order, 5, bytes(12))  # statistics: passed over
    for k, packet in enumerate(packets):
        if k % 2:
            out += _block(order, 3, struct.pack(order + "I", len(packet)) + packet)
        else:
            size = len(packet)
            out += _block(order, 6, struct.pack(order + "IIIII", 0, 1, 2, size, size) + packet)
    return out


@pytest.mark.parametrize("make", [_pcap, _pcapng, lambda given: _pcapng(given, ">")])
def test_captures(guard: Filter, tmp_path: Path, make) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "x.pcap"
    path.write_bytes(make([bytes(60), bytes(61), bytes(62)]))
    assert [outcome.retval for outcome in guard.run_pcap(str(path))] == [2, 2, 1]
    assert guard.records("events", OneEvent)[0].length == 62


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"hello", "is no pcap or pcapng file"),
        (_pcapng([b"x" * 20], link=101), "link type 101 is not Ethernet"),
        (_pcapng([b"x" * 20])[:-8], "is cut off"),
        (_pcap([b"x" * 20])[:-8], "is cut off"),
        (b"\x0a\x0d\x0d\x0a" + bytes(24), "no byte-order mark"),
    ],
)
def test_damaged_captures(guard: Filter, tmp_path: Path, data: bytes, message: str) -> None:
    path = tmp_path / "x.pcap"
    path.write_bytes(data)
    with pytest.raises(InputError, match=message):
        guard.run_pcap(str(path))


def test_in_a_project_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "guard.c").write_text(SOURCE)
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_guard.py").write_text(
        "def test_it(bpf):\n"
        "    prog = bpf.compile('../src/guard.c', limit=1)\n"
        "    assert [prog.run(bytes(60)).retval for _ in range(2)] == [2, 1]\n"
        "def test_wrong(bpf):\n"
        "    bpf.compile('src/guard.c').maps['flow']\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--bpf-coverage", "x.lcov"],
        cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False,
        env={**os.environ, "PYTEST_ADDOPTS": ""},
    )  # fmt: skip
    assert "1 failed, 1 passed" in done.stdout
    assert "no map 'flow'; did you mean 'flows'?" in done.stdout
    assert "bench.py" not in done.stdout
    assert (tmp_path / "x.lcov").read_text().startswith("TN:\nSF:")
