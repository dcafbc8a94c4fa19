"""Which maps a program of its type may use at all.

Source: kernel ``check_map_prog_compatibility``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..isa import insn as isa
from ..uapi.helpers import by_id
from ..uapi.map_types import MapType
from ..uapi.prog_types import ProgType

if TYPE_CHECKING:
    from .checker import Checker

_TRACING = frozenset(
    {
        ProgType.KPROBE,
        ProgType.TRACEPOINT,
        ProgType.PERF_EVENT,
        ProgType.RAW_TRACEPOINT,
        ProgType.RAW_TRACEPOINT_WRITABLE,
    }
)
# (fields, word for messages)
_NOT_TRACING = (
    (("bpf_list_head", "bpf_rb_root"), "bpf_{list_head,rb_root}"),
    (("bpf_spin_lock", "bpf_res_spin_lock"), "bpf_spin_lock"),
    (("bpf_timer",), "bpf_timer"),
    (("bpf_wq",), "bpf_wq"),
)
# word -> (rule, names of the calls that use such a field)
_USED_BY = {
    "bpf_spin_lock": ("lock-type", ("bpf_spin_lock", "bpf_res_spin_lock")),
    "bpf_timer": ("timer-type", ("bpf_timer_init",)),
    "bpf_wq": ("timer-type", ("bpf_wq_init",)),
}
_SLEEPABLE = frozenset(
    {
        MapType.HASH,
        MapType.LRU_HASH,
        MapType.ARRAY,
        MapType.PERCPU_HASH,
        MapType.PERCPU_ARRAY,
        MapType.LRU_PERCPU_HASH,
        MapType.ARRAY_OF_MAPS,
        MapType.HASH_OF_MAPS,
        MapType.RINGBUF,
        MapType.USER_RINGBUF,
        MapType.INODE_STORAGE,
        MapType.SK_STORAGE,
        MapType.TASK_STORAGE,
        MapType.CGRP_STORAGE,
        MapType.QUEUE,
        MapType.STACK,
        MapType.ARENA,
    }
)


def check_used_maps(ck: Checker) -> None:
    """Reject maps that programs of this type must not refer to."""
    used = ck.subject.maps()
    for info in used:
        idx = _first_use(ck, info)
        kinds = {field.kind for field in info.fields}
        if ck.prog_type in _TRACING:
            for fields, word in _NOT_TRACING:
                if kinds.intersection(fields):
                    rule, idx = _field_use(ck, word, idx)
                    ck.fail(rule, f"tracing progs cannot use {word} yet", idx, map=info, word=word)
        if ck.prog_type == ProgType.SOCKET_FILTER and "bpf_spin_lock" in kinds:
            rule, idx = _field_use(ck, "bpf_spin_lock", idx)
            ck.fail(
                rule, "socket filter progs cannot use bpf_spin_lock yet", idx, map=info,
                word="bpf_spin_lock",
            )  # fmt: skip
        if info.type == MapType.STRUCT_OPS:
            ck.fail("map-program", "bpf_struct_ops map cannot be used in prog", idx, map=info,
                    word="struct_ops")  # fmt: skip
        if ck.subject.sleepable and info.type not in _SLEEPABLE:
            ck.fail(
                "map-program", "Sleepable programs can only use array, hash, ringbuf and local"
                " storage maps", idx, map=info, word="sleepable",
            )  # fmt: skip
        if info.type == MapType.ARENA:
            ck.arena = info
    if len(used) > 64:
        ck.fail("map-program", "The total number of maps per program has reached the limit of 64",
                -1, map=used[64], word="count")  # fmt: skip


def _first_use(ck: Checker, info: object) -> int:
    for idx in sorted(ck.subject.targets):
        if ck.subject.targets[idx].map is info:
            return idx
    return -1


def _field_use(ck: Checker, word: str, idx: int) -> tuple[str, int]:
    """Return the rule and the first call that uses such a field; ``idx`` where none does."""
    rule, names = _USED_BY.get(word, ("map-program", ()))
    for at, insn in enumerate(ck.insns):
        if insn.opcode != isa.JMP | isa.CALL:
            continue
        target = ck.subject.targets.get(at)
        helper = by_id.get(insn.imm) if not insn.src else None
        name = helper.name if helper is not None else target.name if target is not None else ""
        if name in names:
            return rule, at
    return rule, idx
