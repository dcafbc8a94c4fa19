"""Records of tracepoints, as recorded from the running kernel, replay into tracepoint programs."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from bpfcc.support.errors import InputError
from bpfcc.testing.bench import Bpf
from bpfcc.testing.session import Compiler

pytestmark = pytest.mark.kernel
OPENED = """
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";
char path[64];
long length;
u64 number;

SEC("tracepoint/syscalls/sys_enter_openat")
int opened(struct trace_event_raw_sys_enter *ctx)
{
	number = (u32)ctx->id; /* the kernel leaves the upper half as it is */
	length = bpf_probe_read_user_str(path, sizeof(path), (void *)ctx->args[1]);
	return 0;
}
"""


def _record(event: str, limit: int, **more: float) -> list[str]:
    from bpfcc.driver.record_layout import record_layout

    return list(record_layout(event, duration=more.get("duration", 5), limit=limit))


def test_strings_of_system_calls_are_recorded(tmp_path: Path) -> None:
    wanted = str(tmp_path / "opened.by.the.test")
    done = threading.Event()

    def work() -> None:
        while not done.is_set():
            Path(wanted).exists()
            os.close(os.open(wanted, os.O_CREAT | os.O_RDONLY))
            time.sleep(0.02)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        lines = _record("syscalls:sys_enter_openat", 200, duration=1)
    finally:
        done.set()
        thread.join()
    mine = [line for line in lines if wanted.encode().hex() in line]
    assert mine
    (tmp_path / "events.jsonl").write_text(mine[0] + "\n")
    (tmp_path / "opened.c").write_text(OPENED)
    with Bpf(Compiler(), folders=[str(tmp_path)]) as bench:
        prog = bench.compile("opened.c")
        prog.run_events(str(tmp_path / "events.jsonl"))
        assert prog.variables["path"] == wanted[:63]
        assert prog.variables["length"] == min(len(wanted) + 1, 64)
        assert prog.variables["number"] == 257 or os.uname().machine != "x86_64"


def test_fields_are_named() -> None:
    import json

    rows = [json.loads(line) for line in _record("sched/sched_switch", 2)]
    assert len(rows) == 2
    assert {"prev_comm", "prev_pid", "next_comm", "next_pid"} <= set(rows[0]["fields"])
    assert rows[0]["ctx"].startswith("hex:")


def test_what_does_not_exist() -> None:
    from bpfcc.kernel.syscall import KernelError

    with pytest.raises(InputError, match="GROUP:NAME"):
        _record("sched_switch", 1)
    with pytest.raises(KernelError, match="did you mean sched:sched_switch"):
        _record("sched:sched_swich", 1)
