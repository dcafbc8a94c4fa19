"""Calls of functions that nobody declared: what they may have been meant to be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...support.diagnostics import FixIt, Note
from ...uapi import helpers
from .context import span_of
from .spelling import nearest
from .symbols import ErrorExpr

if TYPE_CHECKING:
    from typing import Any

    from ...support.source import Span
    from ..tast.nodes import Expr
    from .context import Context

_PROBE = "use bpf_probe_read_kernel_str() or bpf_probe_read_user_str()"
_PRINT = 'use bpf_printk("...", ...) from <bpf/bpf_helpers.h>'
_LOOP = "write a bounded loop, or use __builtin_memcmp() with a constant size"
_MAP = "keep the data in a map value (a BPF_MAP_TYPE_PERCPU_ARRAY serves as scratch memory)"
_RECORD = "use bpf_ringbuf_output() or bpf_perf_event_output()"

# libc functions that filters are tempted to call, and what BPF has instead.
ALTERNATIVES: dict[str, str] = {
    "printf": _PRINT,
    "printk": _PRINT,
    "pr_info": _PRINT,
    "puts": _PRINT,
    "fprintf": _PRINT,
    "perror": _PRINT,
    "snprintf": "use BPF_SNPRINTF() or bpf_snprintf()",
    "sprintf": "use BPF_SNPRINTF() or bpf_snprintf()",
    "malloc": _MAP,
    "calloc": _MAP,
    "realloc": _MAP,
    "kmalloc": _MAP,
    "free": _MAP,
    "alloca": _MAP,
    "strlen": "write a bounded loop; for a literal use sizeof(s) - 1",
    "strcmp": "use bpf_strncmp()",
    "strncmp": "use bpf_strncmp()",
    "strcasecmp": "use bpf_strncmp(), or write a bounded loop",
    "strcpy": "use __builtin_memcpy() with a constant size, or " + _PROBE[4:],
    "strncpy": "use __builtin_memcpy() with a constant size, or " + _PROBE[4:],
    "strlcpy": "use __builtin_memcpy() with a constant size, or " + _PROBE[4:],
    "strcat": "write a bounded loop",
    "strchr": "write a bounded loop",
    "strrchr": "write a bounded loop",
    "strstr": "write a bounded loop",
    "strtol": "use bpf_strtol()",
    "strtoul": "use bpf_strtoul()",
    "atoi": "use bpf_strtol()",
    "memcmp": _LOOP,
    "bcmp": _LOOP,
    "memchr": "write a bounded loop",
    "copy_from_user": "use bpf_probe_read_user(), or bpf_copy_from_user() in a sleepable program",
    "copy_to_user": "use bpf_probe_write_user()",
    "probe_kernel_read": "use bpf_probe_read_kernel()",
    "time": "use bpf_ktime_get_ns()",
    "clock_gettime": "use bpf_ktime_get_ns() or bpf_ktime_get_boot_ns()",
    "gettimeofday": "use bpf_ktime_get_ns()",
    "getpid": "use bpf_get_current_pid_tgid() >> 32",
    "gettid": "use (__u32)bpf_get_current_pid_tgid()",
    "getuid": "use (__u32)bpf_get_current_uid_gid()",
    "getgid": "use bpf_get_current_uid_gid() >> 32",
    "rand": "use bpf_get_prandom_u32()",
    "random": "use bpf_get_prandom_u32()",
    "exit": "return from the program",
    "abort": "return from the program",
    "assert": "test and return",
    "usleep": "programs cannot wait; use bpf_timer_start() to do something later",
    "sleep": "programs cannot wait; use bpf_timer_start() to do something later",
    "msleep": "programs cannot wait; use bpf_timer_start() to do something later",
    "write": _RECORD,
    "send": _RECORD,
    "fopen": _RECORD,
    "open": _RECORD,
    "pthread_mutex_lock": "use bpf_spin_lock()",
    "spin_lock": "use bpf_spin_lock()",
    "setjmp": "return an error code",
    "longjmp": "return an error code",
    "htons": "use bpf_htons() from <bpf/bpf_endian.h>",
    "htonl": "use bpf_htonl() from <bpf/bpf_endian.h>",
    "ntohs": "use bpf_ntohs() from <bpf/bpf_endian.h>",
    "ntohl": "use bpf_ntohl() from <bpf/bpf_endian.h>",
    "abs": "write x < 0 ? -x : x",
    "smp_processor_id": "use bpf_get_smp_processor_id()",
    "get_current": "use bpf_get_current_task_btf()",
}


def missing_function(cx: Context, node: Any, arguments: list[Any], span: Span | None) -> Expr:
    """Report the call of an undeclared function."""
    name = node.name.name
    where = span_of(node.name)
    for argument in arguments:
        cx.expr(argument)
    if name in ALTERNATIVES:
        cx.warning(
            "implicit-function-declaration",
            f"{name}() does not exist in BPF programs",
            where,
            id="bpf-unknown-function",
            fixits=[FixIt(ALTERNATIVES[name])],
        )
        return ErrorExpr(span)
    if name in helpers.by_name:
        cx.warning(
            "implicit-function-declaration",
            f"'{name}' is a BPF helper, but nothing declares it",
            where,
            id="bpf-unknown-function",
            fixits=[FixIt("#include <bpf/bpf_helpers.h>")],
        )
        return ErrorExpr(span)
    near = cx.demand.similar_ident(name) if cx.demand is not None else None
    near = near or nearest(name, helpers.by_name)
    notes: list[Note] = []
    fixits: list[FixIt] = []
    message = (
        f"call to undeclared function '{name}'; it is neither a BPF helper nor a function of "
        "this program"
    )
    if near is not None:
        message += f"; did you mean '{near}'?"
        fixits = [FixIt(near, where)]
        symbol = cx.lookup(near)
        if symbol is not None and symbol.span is not None:
            notes = [Note(f"'{near}' declared here", symbol.span)]
    else:
        fixits = [FixIt(f"define it, or declare a kernel function: extern int {name}(...) __ksym;")]
    cx.warning(
        "implicit-function-declaration",
        message,
        where,
        id="bpf-unknown-function",
        notes=notes,
        fixits=fixits,
    )
    return ErrorExpr(span)
