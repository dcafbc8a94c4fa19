"""Recording a tracepoint's events from the running kernel, for ``run --events`` and tests.

The recorder is a filter of our own, compiled here for the number of arguments that the tracepoint
has: it sends them through a ring buffer with time, task and CPU. Code addresses among the arguments
get their kernel symbol.
"""

from __future__ import annotations

import json
import struct
import time
from collections.abc import Iterator

from ..kernel import tracefs
from ..kernel.attach import attach_raw_tracepoint
from ..kernel.ksyms import KernelSymbols
from ..kernel.load import load
from ..kernel.ringbuf import RingBuffer
from ..kernel.vmlinux import tracepoint_args
from ..support.diagnostics import Sink
from ..support.errors import InputError, InternalError
from ..support.source import SourceFile
from . import pipeline
from .options import Options

_SOURCE = """\
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
char LICENSE[] SEC("license") = "GPL";
struct event {
	__u64 time, task;
	__u32 cpu;
	char comm[16];
	__u64 args[ARGS + 1];
};
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20);
} events SEC(".maps");
SEC("raw_tp")
int record(struct bpf_raw_tracepoint_args *ctx)
{
	struct event *e = bpf_ringbuf_reserve(&events, sizeof(*e), 0);
	int i;

	if (!e)
		return 0;
	e->time = bpf_ktime_get_ns();
	e->task = bpf_get_current_pid_tgid();
	e->cpu = bpf_get_smp_processor_id();
	bpf_get_current_comm(e->comm, sizeof(e->comm));
#pragma unroll
	for (i = 0; i < ARGS; i++)
		e->args[i] = ctx->args[i];
	bpf_ringbuf_submit(e, 0);
	return 0;
}
"""
_HEAD = struct.Struct("=QQI16s4x")


def record(event: str, *, duration: float, limit: int = 0) -> Iterator[str]:
    """Yield one line of JSON per event of tracepoint ``event`` ("group:name").

    Args:
        event: the tracepoint.
        duration: seconds to record for.
        limit: stop after so many events; 0 = no limit.

    Raises: InputError for an unknown tracepoint, KernelError for what the kernel refuses.
    """
    name = event.replace("/", ":").rpartition(":")[2]
    proto = tracepoint_args(name)
    if proto is None:
        near = tracefs.near(event.replace("/", ":").rpartition(":")[0], name)
        raise InputError(f"this kernel has no tracepoint '{event}'{near}")
    count = len(proto.params) - 1  # the first one is the tracepoint's own data
    options = Options()
    options.macro_actions = [("D", f"ARGS={count}")]
    sink = Sink()
    obj = pipeline.compile_source(SourceFile("<recorder>", _SOURCE), options, sink)
    if obj is None:
        raise InternalError(f"the recorder does not compile: {sink.diagnostics[:1]}")
    symbols = KernelSymbols()
    seen = 0
    with load(obj) as loaded, RingBuffer(loaded.maps["events"]) as ring:
        link = attach_raw_tracepoint(loaded.programs["record"], name)
        try:
            end = time.monotonic() + duration
            while (left := end - time.monotonic()) > 0:
                ring.wait(min(left, 0.1))
                for data in ring.read():
                    yield _line(event, data, count, symbols)
                    seen += 1
                    if limit and seen >= limit:
                        return
        finally:
            link.close()


def _line(event: str, data: bytes, count: int, symbols: KernelSymbols) -> str:
    at, task, cpu, comm = _HEAD.unpack_from(data)
    args = struct.unpack_from(f"={count}Q", data, _HEAD.size)
    row = {
        "event": event,
        "ctx": {f"arg{i + 1}": arg for i, arg in enumerate(args)},
        "time": at,
        "pid": task & 0xFFFFFFFF,
        "tgid": task >> 32,
        "cpu": cpu,
        "comm": comm.split(b"\0", 1)[0].decode("utf-8", "replace"),
    }
    names = {f"{arg:#x}": name for arg in args if arg >> 63 and (name := symbols.name(arg))}
    if names:
        row["symbols"] = names
    return json.dumps(row, ensure_ascii=False)
