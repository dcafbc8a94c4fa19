"""One object in libbpf's hands, as JSON: ``python -m bench.libbpf OBJECT [run]``.

Each program is loaded alone, so that one that this kernel has no use for does not hide the others.
With ``run``, programs that the kernel can run on input (BPF_PROG_TEST_RUN) are run on a few packets,
and what they return and leave in the maps is told too.
"""

from __future__ import annotations

import ctypes
import json
import sys

_LOG_SIZE = 1 << 20
_STATISTICS = 4  # of the verifier, and its error; no trace of states
_INT_MAX = (1 << 31) - 1
_PACKET_TYPES = {3, 4, 6, 10, 11, 12, 19}  # socket filter, classifiers, xdp, lwt
_UNREADABLE = {3, 4, 7, 16, 17, 18, 27, 31, 33}  # map types whose elements are no plain bytes
_STACK_TRACE = 7
_SIZED = {1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 22, 23, 25}
_PER_CPU = {5, 6, 10, 21}


class _RunOptions(ctypes.Structure):
    _fields_ = [
        ("sz", ctypes.c_size_t),
        ("data_in", ctypes.c_char_p),
        ("data_out", ctypes.c_void_p),
        ("data_size_in", ctypes.c_uint32),
        ("data_size_out", ctypes.c_uint32),
        ("ctx_in", ctypes.c_void_p),
        ("ctx_out", ctypes.c_void_p),
        ("ctx_size_in", ctypes.c_uint32),
        ("ctx_size_out", ctypes.c_uint32),
        ("retval", ctypes.c_uint32),
        ("repeat", ctypes.c_int),
        ("duration", ctypes.c_uint32),
        ("flags", ctypes.c_uint32),
        ("cpu", ctypes.c_uint32),
        ("batch_size", ctypes.c_uint32),
    ]


def packets() -> list[bytes]:
    """Return the input of runs: TCP and UDP over IPv4 and IPv6, VLAN, ICMP, ARP, nothing known."""
    mac = bytes.fromhex("0200000000010200000000020800")
    ports = bytes.fromhex("04d20050")

    def ipv4(protocol: int, body: bytes) -> bytes:
        length = (20 + len(body)).to_bytes(2, "big")
        return (
            mac + b"\x45\0" + length + bytes.fromhex("000100004000") [:4] + b"\x40"
            + bytes([protocol]) + b"\0\0" + bytes([10, 0, 0, 1, 10, 0, 0, 2]) + body
        )  # fmt: skip

    tcp = ports + bytes(8) + b"\x50\x02\x20\0" + bytes(4)
    udp = ports + b"\0\x20\0\0" + bytes(24)
    ipv6 = (
        b"\x60\0\0\0\0\x20\x11\x40" + b"\x20\x01" + bytes(13) + b"\1" + b"\x20\x01" + bytes(13)
    ) + b"\2"
    vlan = mac[:12] + b"\x81\0\0\x05\x08\0" + ipv4(17, udp)[14:]
    return [
        ipv4(6, tcp + bytes(16)),
        ipv4(17, udp),
        ipv4(1, b"\x08\0" + bytes(30)),
        mac[:12] + b"\x86\xdd" + ipv6 + udp,
        vlan,
        mac[:12] + b"\x08\x06" + bytes(46),
        bytes(64),
    ]


class Libbpf:
    """libbpf.so.1 through ctypes; what it prints goes to ``said``."""

    def __init__(self) -> None:
        self.lib = lib = ctypes.CDLL("libbpf.so.1", use_errno=True)
        libc = ctypes.CDLL(None)
        for name in (
            "bpf_object__open", "bpf_object__next_program", "bpf_object__next_map",
            "bpf_map__inner_map",
        ):  # fmt: skip
            getattr(lib, name).restype = ctypes.c_void_p
        for name in ("bpf_program__name", "bpf_program__section_name", "bpf_map__name"):
            getattr(lib, name).restype = ctypes.c_char_p
        lib.bpf_program__insn_cnt.restype = ctypes.c_size_t
        self.said: list[str] = []
        printer = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p)

        def show(level: int, text: bytes, arguments: int) -> int:
            if level == 0:
                buffer = ctypes.create_string_buffer(4096)
                libc.vsnprintf(buffer, len(buffer), text, ctypes.c_void_p(arguments))
                self.said.append(buffer.value.decode(errors="replace").strip())
            return 0

        self._keep = printer(show)
        lib.libbpf_set_print(self._keep)

    def open(self, path: str) -> int | None:
        """Open an object; None when libbpf refuses it."""
        return self.lib.bpf_object__open(path.encode()) or None

    def programs(self, obj: int) -> list[ctypes.c_void_p]:
        """Return the programs of an open object."""
        found: list[ctypes.c_void_p] = []
        last = None
        while last := self.lib.bpf_object__next_program(
            ctypes.c_void_p(obj), ctypes.c_void_p(last)
        ):
            found.append(ctypes.c_void_p(last))
        return found

    def complete(self, obj: int) -> None:
        """Give the sizes that programs leave to their loader."""
        last = None
        while last := self.lib.bpf_object__next_map(ctypes.c_void_p(obj), ctypes.c_void_p(last)):
            here = ctypes.c_void_p(last)
            if self.lib.bpf_map__type(here) == _STACK_TRACE and not self.lib.bpf_map__value_size(
                here
            ):
                self.lib.bpf_map__set_value_size(here, 8 * 127)
            if self.lib.bpf_map__type(here) in _SIZED and not self.lib.bpf_map__max_entries(here):
                self.lib.bpf_map__set_max_entries(here, 1024)
            inner = ctypes.c_void_p(self.lib.bpf_map__inner_map(here))
            if inner and not self.lib.bpf_map__max_entries(inner):
                sizes = (self.lib.bpf_map__key_size(inner), self.lib.bpf_map__value_size(inner))
                fd = self.lib.bpf_map_create(
                    self.lib.bpf_map__type(inner), None, *sizes, 4096, None
                )
                self.lib.bpf_map__set_inner_map_fd(here, fd)

    def maps(self, obj: int) -> dict[str, dict[str, str] | str]:
        """Return every readable map's elements, in hexadecimal."""
        out: dict[str, dict[str, str] | str] = {}
        last = None
        while last := self.lib.bpf_object__next_map(ctypes.c_void_p(obj), ctypes.c_void_p(last)):
            here = ctypes.c_void_p(last)
            kind = self.lib.bpf_map__type(here)
            name = self.lib.bpf_map__name(here).decode()
            if kind in _UNREADABLE or name.rpartition(".")[1]:
                continue  # global variables lie as each compiler likes
            out[name] = self._elements(here, kind)
        return out

    def _elements(self, here: ctypes.c_void_p, kind: int) -> dict[str, str]:
        lib = self.lib
        fd, key_size = lib.bpf_map__fd(here), lib.bpf_map__key_size(here)
        size = lib.bpf_map__value_size(here)
        if kind in _PER_CPU:
            size = -(-size // 8) * 8 * lib.libbpf_num_possible_cpus()
        key, following = (ctypes.create_string_buffer(max(key_size, 4)) for _ in range(2))
        value = ctypes.create_string_buffer(size)
        found: dict[str, str] = {}
        previous = None
        while len(found) < 4096 and not lib.bpf_map_get_next_key(fd, previous, following):
            key.raw = following.raw
            previous = key
            if not lib.bpf_map_lookup_elem(fd, key, value):
                found[key.raw[:key_size].hex()] = value.raw.hex().rstrip("0")
        return {k: v for k, v in found.items() if v}

    def run(self, fd: int) -> list[tuple[int, int, str]]:
        """Run a loaded program on every packet: (error, value, output)."""
        results = []
        for packet in packets():
            output = ctypes.create_string_buffer(4096)
            options = _RunOptions(
                sz=ctypes.sizeof(_RunOptions), data_in=packet, data_size_in=len(packet),
                data_out=ctypes.cast(output, ctypes.c_void_p), data_size_out=len(output), repeat=1,
            )  # fmt: skip
            error = self.lib.bpf_prog_test_run_opts(fd, ctypes.byref(options))
            results.append((error, options.retval, output.raw[: options.data_size_out].hex()))
        return results


def judge(path: str, run: bool) -> dict[str, object]:
    """Load every program of an object alone; its fate, and the runs of those that can run."""
    libbpf = Libbpf()
    lib = libbpf.lib
    first = libbpf.open(path)
    if first is None:
        return {"error": "; ".join(libbpf.said), "programs": []}
    count = len(libbpf.programs(first))
    lib.bpf_object__close(ctypes.c_void_p(first))
    rows = []
    for i in range(count):
        libbpf.said.clear()
        obj = libbpf.open(path)
        assert obj is not None  # it opened a moment ago
        programs = libbpf.programs(obj)
        for j, one in enumerate(programs):
            lib.bpf_program__set_autoload(one, ctypes.c_bool(i == j))
        libbpf.complete(obj)
        here = programs[i]
        log = ctypes.create_string_buffer(_LOG_SIZE)
        lib.bpf_program__set_log_buf(here, log, ctypes.c_size_t(_LOG_SIZE))
        lib.bpf_program__set_log_level(here, _STATISTICS)
        row: dict[str, object] = {
            "name": lib.bpf_program__name(here).decode(),
            "section": lib.bpf_program__section_name(here).decode(),
        }
        error = lib.bpf_object__load(ctypes.c_void_p(obj))
        if any("failed to initialize slot" in line for line in libbpf.said):
            error = 0  # a table of tail calls wants the other programs too; this one was taken
        text = log.value.decode(errors="replace")
        row["error"] = error
        row["why"] = "" if not error else _last_word(text) or "; ".join(libbpf.said[:2])
        row["processed"] = _processed(text)
        if run and lib.bpf_program__fd(here) >= 0 and lib.bpf_program__type(here) in _PACKET_TYPES:
            row["runs"] = libbpf.run(lib.bpf_program__fd(here))
            row["maps"] = libbpf.maps(obj)
        rows.append(row)
        lib.bpf_object__close(ctypes.c_void_p(obj))
    return {"error": "", "programs": rows}


def _last_word(log: str) -> str:
    lines = [line for line in log.splitlines() if line and not line.startswith(_CHATTER)]
    return lines[-1] if lines else ""


_CHATTER = (
    "processed ", "verification time", "stack depth", "insns ", "func#", "mark_precise", "max_states",
)  # fmt: skip


def _processed(log: str) -> int:
    for line in log.splitlines():
        if line.startswith("processed "):
            return int(line.split()[1])
    return 0


if __name__ == "__main__":
    print(json.dumps(judge(sys.argv[1], "run" in sys.argv[2:])))
