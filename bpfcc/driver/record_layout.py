"""Recording events as tracepoint programs see them: the event's record, with what it points to.

``tracepoint/GROUP/NAME`` programs get a record laid out as tracefs says (``format``), where
``raw_tp`` programs get the arguments (``record``). The recorder copies the record, and for system
calls the user strings that it points to, so that reads of them succeed in a replay as well.
"""

from __future__ import annotations

import json
import struct
import sys
import time
from collections.abc import Iterator

from ..kernel import tracefs
from ..kernel.attach import attach_tracepoint
from ..kernel.load import load
from ..kernel.ringbuf import RingBuffer
from ..kernel.tracefs import Field
from ..support.diagnostics import Sink
from ..support.errors import InputError, InternalError
from ..support.source import SourceFile
from . import pipeline
from .options import Options

_DYNAMIC = 256  # bytes kept behind a record for its strings of any length
_STRING = 128  # bytes kept of a user string
_MOST_STRINGS = 2
_COMMON = "common_"
_SOURCE = """\
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
char LICENSE[] SEC("license") = "GPL";
struct event {
	__u64 time, task;
	__u32 cpu, size;
	char comm[16];
	__u64 pointers[2];
	int lengths[2];
	char strings[2][STRING];
	unsigned char record[SIZE + DYNAMIC];
};
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20);
} events SEC(".maps");
SEC("tracepoint")
int record(void *ctx)
{
	struct event *e = bpf_ringbuf_reserve(&events, sizeof(*e), 0);

	if (!e)
		return 0;
	e->time = bpf_ktime_get_ns();
	e->task = bpf_get_current_pid_tgid();
	e->cpu = bpf_get_smp_processor_id();
	bpf_get_current_comm(e->comm, sizeof(e->comm));
	e->size = SIZE + DYNAMIC;
	if (bpf_probe_read_kernel(e->record, SIZE + DYNAMIC, ctx)) {
		e->size = SIZE;
		bpf_probe_read_kernel(e->record, SIZE, ctx);
	}
	e->lengths[0] = e->lengths[1] = 0;
#ifdef FIRST
	e->pointers[0] = *(__u64 *)(e->record + FIRST);
	e->lengths[0] = bpf_probe_read_user_str(e->strings[0], STRING, (void *)e->pointers[0]);
#endif
#ifdef SECOND
	e->pointers[1] = *(__u64 *)(e->record + SECOND);
	e->lengths[1] = bpf_probe_read_user_str(e->strings[1], STRING, (void *)e->pointers[1]);
#endif
	bpf_ringbuf_submit(e, 0);
	return 0;
}
"""
_HEAD = struct.Struct(f"=QQII16s2Q2i{_STRING}s{_STRING}s")


def record_layout(event: str, *, duration: float, limit: int = 0) -> Iterator[str]:
    """Yield one line of JSON per event ``group:name``, its context the record's bytes.

    ``duration`` is in seconds; ``limit`` 0 = no limit.
    Raises: InputError for a name without group, KernelError for an unknown event.
    """
    group, colon, name = event.replace("/", ":").partition(":")
    if not colon:
        raise InputError(f"a tracepoint is written GROUP:NAME, not '{event}'")
    fields = tracefs.tracepoint_fields(group, name)
    size = -(-max(field.offset + field.size for field in fields) // 8) * 8
    strings = [
        field.offset
        for field in fields
        if group == "syscalls" and field.type == "const char *" and field.size == 8
    ][:_MOST_STRINGS]
    dynamic = _DYNAMIC if any("__data_loc" in field.type for field in fields) else 0
    macros = [f"SIZE={size}", f"DYNAMIC={dynamic}", f"STRING={_STRING}"]
    macros += [f"{word}={at}" for word, at in zip(("FIRST", "SECOND"), strings)]
    options = Options()
    options.macro_actions = [("D", macro) for macro in macros]
    sink = Sink()
    obj = pipeline.compile_source(SourceFile("<recorder>", _SOURCE), options, sink)
    if obj is None:
        raise InternalError(f"the recorder does not compile: {sink.diagnostics[:1]}")
    seen = 0
    with load(obj) as loaded, RingBuffer(loaded.maps["events"]) as ring:
        link = attach_tracepoint(loaded.programs["record"], group, name)
        try:
            end = time.monotonic() + duration
            while (left := end - time.monotonic()) > 0:
                ring.wait(min(left, 0.1))
                for data in ring.read():
                    yield _line(event, data, fields)
                    seen += 1
                    if limit and seen >= limit:
                        return
        finally:
            link.close()


def _line(event: str, data: bytes, fields: list[Field]) -> str:
    at, task, cpu, size, comm, *rest = _HEAD.unpack_from(data)
    pointers, lengths, texts = rest[0:2], rest[2:4], rest[4:6]
    record = data[_HEAD.size : _HEAD.size + size]
    row = {
        "event": event,
        "ctx": "hex:" + record.hex(),
        "fields": _values(record, fields),
        "time": at,
        "pid": task & 0xFFFFFFFF,
        "tgid": task >> 32,
        "cpu": cpu,
        "comm": comm.split(b"\0", 1)[0].decode("utf-8", "replace"),
    }
    memory = {
        f"{pointer:#x}": text[:length].hex()
        for pointer, length, text in zip(pointers, lengths, texts)
        if length > 0
    }
    if memory:
        row["memory"] = memory
    return json.dumps(row, ensure_ascii=False)


def _values(record: bytes, fields: list[Field]) -> dict[str, object]:
    """Return the event's own fields for people to read; a replay takes the bytes."""
    found: dict[str, object] = {}
    for field in fields:
        if field.name.startswith(_COMMON):
            continue
        raw = record[field.offset : field.offset + field.size]
        if "__data_loc" in field.type:
            place = int.from_bytes(raw[:4], sys.byteorder)
            start, length = place & 0xFFFF, place >> 16
            found[field.name] = _text(record[start : start + length])
        elif field.size in (1, 2, 4, 8):
            found[field.name] = int.from_bytes(raw, sys.byteorder, signed=field.signed)
        elif field.type == "char":
            found[field.name] = _text(raw)
        else:
            found[field.name] = "hex:" + raw.hex()
    return found


def _text(raw: bytes) -> str:
    return raw.split(b"\0", 1)[0].decode("utf-8", "replace")
