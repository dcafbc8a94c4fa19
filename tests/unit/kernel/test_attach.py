"""Programs on real events of this machine."""

from __future__ import annotations

import ctypes
import os
import socket
import struct
import time
from pathlib import Path

import pytest

from bpfcc.kernel import attach as attaching
from bpfcc.kernel import tracefs
from bpfcc.kernel.load import LoadOptions, load
from bpfcc.kernel.perf import PerfBuffer
from bpfcc.kernel.ringbuf import RingBuffer, UserRingBuffer
from bpfcc.kernel.syscall import KernelError
from bpfcc.kernel.testrun import test_run as run_once

pytestmark = [pytest.mark.kernel, pytest.mark.peer]

COUNTER = """
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1);
         __type(key, int); __type(value, long); } count SEC(".maps");
const volatile int pid;
static __attribute__((always_inline)) int hit(void) {
    int key = 0; long *v = bpf_map_lookup_elem(&count, &key);
    if (v && (!pid || bpf_get_current_pid_tgid() >> 32 == pid)) __sync_fetch_and_add(v, 1);
    return 0;
}
"""


def _count(loaded) -> int:
    return loaded.maps["count"].decode_value(loaded.maps["count"].lookup(bytes(4)))


@pytest.mark.parametrize(
    ("section", "event"),
    [
        ("raw_tp/sys_enter", ""),
        ("raw_tp", "raw_syscalls:sys_enter"),
        ("tp_btf/sys_enter", ""),
        ("tracepoint/raw_syscalls/sys_enter", ""),
        ("tp", "raw_syscalls:sys_enter"),
    ],
)
def test_tracepoints_count_system_calls(compile_c, section, event):
    obj = compile_c(COUNTER + f'SEC("{section}") int run(void *ctx) {{ return hit(); }}')
    with load(obj, LoadOptions(globals={"pid": os.getpid()})) as loaded:
        with attaching.attach(loaded.programs["run"], event):
            for _ in range(100):
                os.getppid()
        during = _count(loaded)
        for _ in range(100):
            os.getppid()
        assert during >= 100
        assert _count(loaded) == during  # detached


def test_unknown_tracepoints_are_named(compile_c):
    obj = compile_c(
        COUNTER
        + 'SEC("raw_tp/nope") int a(void *c) { return hit(); }'
        + 'SEC("tp/skb/kfree_skbs") int b(void *c) { return hit(); }'
    )
    with load(obj) as loaded:
        with pytest.raises(KernelError, match="no tracepoint 'nope'"):
            attaching.attach(loaded.programs["a"])
        with pytest.raises(KernelError, match="did you mean skb:kfree_skb"):
            attaching.attach(loaded.programs["b"])


def test_tracepoint_that_reads_too_far_is_explained(compile_c):
    obj = compile_c('SEC("raw_tp/sys_enter") int run(long *ctx) { return ctx[4]; }')
    with load(obj) as loaded, pytest.raises(KernelError, match="reads more arguments"):
        attaching.attach(loaded.programs["run"])


def test_sampling(compile_c):
    obj = compile_c(COUNTER + 'SEC("perf_event") int run(void *ctx) { return hit(); }')
    with load(obj) as loaded, attaching.attach(loaded.programs["run"], frequency=1000):
        end = time.monotonic() + 5
        while not _count(loaded) and time.monotonic() < end:
            pass
        assert _count(loaded) > 0


def test_uprobes_by_symbol(compile_c):
    obj = compile_c(
        COUNTER
        + 'SEC("uprobe") int enter(void *ctx) { return hit(); }'
        + 'SEC("uretprobe") int leave(void *ctx) { return hit(); }'
        + 'SEC("uprobe.multi") int multi(void *ctx) { return hit(); }'
    )
    libc = ctypes.CDLL(None)
    path = next(
        line.split()[-1]
        for line in Path("/proc/self/maps").read_text().splitlines()
        if "libc.so" in line or "libc-" in line
    )
    with load(obj, LoadOptions(globals={"pid": os.getpid()})) as loaded:
        programs = loaded.programs
        with attaching.attach_uprobe(programs["enter"], path, "labs"):
            libc.labs(-3)
        assert _count(loaded) == 1
        with attaching.attach_uprobe(programs["leave"], path, "labs", at_return=True):
            libc.labs(-3)
            libc.labs(-3)
        assert _count(loaded) == 3
        with attaching.attach_uprobe_multi(programs["multi"], path, ["labs", "abs"]):
            libc.labs(-3)
            libc.abs(-3)
        assert _count(loaded) == 5
        with pytest.raises(Exception, match="no function 'no_such_function'"):
            attaching.attach_uprobe(programs["enter"], path, "no_such_function")


def test_kprobe_attaches_or_says_why_not(compile_c):
    obj = compile_c(COUNTER + 'SEC("kprobe/do_nanosleep") int run(void *ctx) { return hit(); }')
    with load(obj) as loaded:
        try:
            link = attaching.attach(loaded.programs["run"])
        except KernelError as error:
            assert "kprobes" in str(error) or "cannot" in str(error)
        else:
            link.close()


def test_iterator(compile_c):
    obj = compile_c(
        """
        struct seq_file; struct bpf_iter_meta { struct seq_file *seq; };
        struct task_struct { int pid; } __attribute__((preserve_access_index));
        struct bpf_iter__task { struct bpf_iter_meta *meta; struct task_struct *task; }
            __attribute__((preserve_access_index));
        SEC("iter/task") int run(struct bpf_iter__task *ctx) {
            static const char fmt[] = "%d\\n";
            __u64 args[1];
            struct task_struct *task = ctx->task;
            if (!task) return 0;
            args[0] = task->pid;
            bpf_seq_printf(ctx->meta->seq, fmt, sizeof(fmt), args, sizeof(args));
            return 0;
        }
        """
    )
    with load(obj) as loaded, attaching.attach(loaded.programs["run"]) as link:
        pids = [int(line) for line in attaching.read_iterator(link).split()]
    assert os.getpid() in pids


def test_ring_buffer_and_user_ring_buffer(compile_c):
    obj = compile_c(
        """
        struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096); } rb SEC(".maps");
        struct { __uint(type, BPF_MAP_TYPE_USER_RINGBUF); __uint(max_entries, 4096); }
            from_user SEC(".maps");
        struct event { int n; char text[60]; };
        static long take(struct bpf_dynptr *d, void *ctx) {
            long *value = bpf_dynptr_data(d, 0, 8);
            if (value) *(long *)ctx += *value;
            return 0;
        }
        SEC("syscall") int drain(void *ctx) {
            long sum = 0;
            int n = bpf_user_ringbuf_drain(&from_user, take, &sum, 0);
            *(long *)ctx = sum;
            return n;
        }
        SEC("syscall") int run(int *ctx) {
            struct event *e = bpf_ringbuf_reserve(&rb, sizeof(*e), 0);
            if (!e) return -1;
            e->n = *ctx;
            if (*ctx == 13) bpf_ringbuf_discard(e, 0); else bpf_ringbuf_submit(e, 0);
            return 0;
        }
        """
    )
    with load(obj) as loaded, RingBuffer(loaded.maps["rb"]) as ring:
        assert not ring.wait(0)
        seen = []
        for i in range(200):  # several times around the ring
            run_once(loaded.programs["run"], context=struct.pack("=q", i))
            if i % 7 == 0:
                assert ring.wait(1)
                seen += [struct.unpack_from("=i", record)[0] for record in ring.read()]
        seen += [struct.unpack_from("=i", record)[0] for record in ring.read()]
        assert seen == [i for i in range(200) if i != 13]
        with UserRingBuffer(loaded.maps["from_user"]) as out:
            for i in range(5):
                assert out.write(struct.pack("=q", 10 + i))
            result = run_once(loaded.programs["drain"], context=bytes(8))
            assert (result.retval, struct.unpack("=q", result.context)[0]) == (5, 60)
            while out.write(bytes(100)):
                pass  # full: says so


def test_perf_buffer(compile_c):
    obj = compile_c(
        """
        struct { __uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY); __uint(key_size, 4);
                 __uint(value_size, 4); } events SEC(".maps");
        const volatile int pid;
        SEC("raw_tp/sys_enter") int run(void *ctx) {
            long id = bpf_get_current_pid_tgid() >> 32;
            if (id == pid) bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, &id, sizeof(id));
            return 0;
        }
        """
    )
    with (
        load(obj, LoadOptions(globals={"pid": os.getpid()})) as loaded,
        PerfBuffer(loaded.maps["events"], pages=1) as buffer,
    ):
        samples = []
        with attaching.attach(loaded.programs["run"]):
            for _ in range(30):
                for _ in range(10):
                    os.getppid()
                samples += buffer.read()
        samples += buffer.read()
        assert len(samples) + buffer.lost >= 300
        assert {struct.unpack_from("=q", s.data)[0] for s in samples} == {os.getpid()}


def test_sockets_xdp_and_tc_on_loopback(compile_c):
    obj = compile_c(
        COUNTER
        + """
        SEC("socket") int filter(struct __sk_buff *skb) { hit(); return 0; }
        SEC("xdp") int on_xdp(void *ctx) { hit(); return XDP_PASS; }
        SEC("tcx/ingress") int on_tc(void *ctx) { hit(); return 0; }
        """
    )
    with (
        load(obj) as loaded,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender,
    ):
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(0.2)
        attaching.attach_socket(loaded.programs["filter"], receiver)
        sender.sendto(b"x", receiver.getsockname())
        with pytest.raises(TimeoutError):
            receiver.recv(10)
        assert _count(loaded) == 1
        for name in ("on_xdp", "on_tc"):
            before = _count(loaded)
            with attaching.attach(loaded.programs[name], "lo"):
                sender.sendto(b"x", receiver.getsockname())
                time.sleep(0.05)
            assert _count(loaded) > before + 1  # the filter counts, too
        with pytest.raises(KernelError, match="no network interface"):
            attaching.attach_xdp(loaded.programs["on_xdp"], "nosuchdev")


def test_struct_ops(compile_c):
    obj = compile_c(
        """
        struct sock { int x; } __attribute__((preserve_access_index));
        struct tcp_congestion_ops {
            __u32 (*ssthresh)(struct sock *sk);
            void (*cong_avoid)(struct sock *sk, __u32 ack, __u32 acked);
            __u32 (*undo_cwnd)(struct sock *sk);
            char name[16];
        };
        SEC("struct_ops/ss") __u32 ss(void *ctx) { return 2; }
        SEC("struct_ops/ca") void ca(void *ctx) { }
        SEC("struct_ops/uc") __u32 uc(void *ctx) { return 3; }
        SEC(".struct_ops.link") struct tcp_congestion_ops mine = {
            .ssthresh = (void *)ss, .cong_avoid = (void *)ca, .undo_cwnd = (void *)uc,
            .name = "bpfcc_test",
        };
        """
    )
    with load(obj) as loaded:
        available = "/proc/sys/net/ipv4/tcp_available_congestion_control"
        with attaching.attach_struct_ops(loaded.maps["mine"]):
            assert "bpfcc_test" in Path(available).read_text().split()
        assert "bpfcc_test" not in Path(available).read_text().split()


def test_cgroup(compile_c, tmp_path):
    obj = compile_c('SEC("cgroup_skb/egress") int run(struct __sk_buff *skb) { return 1; }')
    root = next(
        (
            line.split()[1]
            for line in Path("/proc/mounts").read_text().splitlines()
            if line.split()[2] == "cgroup2"
        ),
        None,
    )
    with load(obj) as loaded:
        with pytest.raises(KernelError, match="cgroup"):
            attaching.attach(loaded.programs["run"], str(tmp_path))
        if root is not None:
            attaching.attach(loaded.programs["run"], root).close()


def test_tracepoint_formats():
    fields = {field.name: field for field in tracefs.tracepoint_fields("skb", "kfree_skb")}
    assert fields["common_type"].offset == 0 and fields["common_type"].size == 2
    assert fields["location"].size == 8 and not fields["location"].signed
    assert ("skb", "kfree_skb") in tracefs.tracepoints()
