"""Facts for advice: what to use instead, which map types fit, how a bound is written.

``add`` completes the facts of ``causes`` for one rejection. Like those, they serve messages only.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..isa import insn as isa
from ..uapi import contexts, sections
from ..uapi.alternatives import CHANGED_BY, LIBRARY, instead
from ..uapi.helpers import Helper, by_id
from ..uapi.map_types import ONLY_MAPS, MapType, c_name
from . import regs
from .bounds import Val
from .phrases import known_range
from .regs import BASE, Reg
from .reject import Reject
from .subject import MapInfo
from .trail import callee

if TYPE_CHECKING:
    from .checker import Checker

_NAME = re.compile(r"[A-Za-z_]\w*(?:(?:->|\.)[A-Za-z_]\w*)*")
# Helper -> the argument that it fills, though its prototype says that it reads it.
_FILLED = {"snprintf": 1, "snprintf_btf": 1, "d_path": 2, "read_branch_records": 2}
_HELPERS_OF = {
    "bpf_spin_lock": "bpf_spin_lock() and bpf_spin_unlock()",
    "bpf_res_spin_lock": "bpf_res_spin_lock() and bpf_res_spin_unlock()",
    "bpf_timer": "bpf_timer_init() and its kin",
    "bpf_wq": "bpf_wq_init() and its kin",
    "kptr_ref": "bpf_kptr_xchg()",
    "kptr_percpu": "bpf_kptr_xchg()",
    "bpf_list_head": "bpf_list_push_front() and its kin",
    "bpf_rb_root": "bpf_rbtree_add() and its kin",
}
_KINDS = {
    "bpf_spin_lock": "lock",
    "bpf_res_spin_lock": "lock",
    "bpf_timer": "timer",
    "bpf_wq": "work queue",
    "kptr_ref": "kernel pointer",
    "kptr_percpu": "kernel pointer",
    "kptr_unref": "kernel pointer",
    "uptr": "user pointer",
    "bpf_list_head": "list",
    "bpf_rb_root": "tree",
}


def add(ck: Checker, reject: Reject, facts: dict[str, object], reg: Reg | None) -> None:
    """Complete the facts of one rejection."""
    rule = reject.rule
    _bound(facts)
    if rule in ("null-argument", "kfunc-null") and reg is not None and reg.t & regs.MAYBE_NULL:
        facts["holder"] = facts.get("held_by")
    frames = reject.facts.get("frames")
    if isinstance(frames, list):
        names = [ck.subject.subs[number].name for number in frames]
        facts["chain"] = " -> ".join(f"{name}()" for name in names)
        facts["itself"] = names[-1] if frames.count(frames[-1]) > 1 else None
    chain, sizes = reject.facts.get("chain"), reject.facts.get("sizes")
    if isinstance(chain, list) and isinstance(sizes, list):
        facts["chain"] = " -> ".join(f"{name}()" for name in chain)
        facts["needs"] = ", ".join(f"{name}() {size}" for name, size in zip(chain, sizes))
    if rule in ("unbounded-index", "stack-unbounded", "size-unbounded", "size-negative"):
        _signed(facts)
    if rule in ("helper-type", "kfunc-type"):
        name = getattr(reject.facts.get("helper"), "name", "")
        facts["instead"] = instead(name, ck.type_name.lower()) or _by_prog(name, facts)
    elif rule == "unknown-function":
        facts["instead"] = LIBRARY.get(str(facts.get("called") or ""))
    elif rule == "map-helper":
        types = ONLY_MAPS.get(getattr(reject.facts.get("helper"), "short", ""), ())
        facts["takes"] = _list([c_name(t) for t in types]) or None
    elif rule in ("stack-bounds", "map-value-bounds", "record-bounds"):
        facts["sized"] = _sized(ck, reject)
        offset = re.search(r"\+\s*([A-Za-z_]\w*)\s*$", str(facts.get("arg") or ""))
        call = str(facts.get("call") or "")
        if offset is not None and re.search(rf"-\s*{offset.group(1)}\b", call):
            facts["related"] = "yes"
        facts["keyed"] = facts.get("obj") if facts["sized"] == "no" else None
        facts["sized"] = facts["sized"] if facts["sized"] == "yes" else None
    elif rule == "iterator":
        facts["rcu"] = "yes" if "RCU" in reject.kernel else None
    elif rule == "lock-call":
        called = str(facts.get("f") or "")
        facts["second"] = called if "spin_lock(" in called else None
    elif rule == "zero-size":
        facts["keyless"] = _keyless(ck, reject)
        if facts["keyless"]:
            facts["id"] = "bpf-map-helper"
            facts["variable"] = None
    elif rule == "sleeps":
        facts["sleepable"] = _sleepable(ck.subject.section)
    elif rule == "special-field":
        kind = getattr(reject.facts.get("field"), "kind", "")
        facts["kind"], facts["through"] = _KINDS.get(kind), _HELPERS_OF.get(kind)
        if "spin_lock" in reject.kernel and reject.facts.get("field") is None and reg is not None:
            if isinstance(reg.x, MapInfo) and reg.x.type not in LOCKABLE:
                facts["no_lock"], facts["type"] = "yes", c_name(reg.x.type)
        if "doesn't match map pointer" in reject.kernel:
            facts["kind"] = None
    elif rule == "context-access" and facts.get("write"):
        facts["writing"] = facts.get("prog")
        text, field = str(facts.get("e") or ""), str(facts.get("field") or "")
        facts["other"] = None if re.search(rf"\b{re.escape(field)}\b", text) else text
        facts["advice"] = CHANGED_BY.get(str(facts.get("field")))
        facts["read_only"] = None if _writes_context(ck) else facts.get("prog")
    elif rule == "context-access":
        facts["reading"] = facts.get("prog")
    elif rule == "pointer-kind":
        facts["moves_end"] = "yes" if "pkt_end" in reject.kernel else None
    elif rule == "pointer-op":
        facts["cut"] = "yes" if "32-bit" in reject.kernel else None
    elif rule == "callback-return":
        low, high = facts.get("low"), facts.get("high")
        facts["allowed"] = f"{low}" if low == high else f"{low} or {high}"
    elif rule in ("read-only", "read-only-map") and reg is not None:
        if reg.t & BASE == regs.BTF_ID:
            facts["kernel_object"] = getattr(reg.x, "name", "") or None


def only_written(ck: Checker, reject: Reject) -> bool:
    """Tell whether a warning is about memory that the helper, in spite of its prototype, fills.

    The kernel wants it initialised where it still wants that at all; for the author it is output.
    """
    if reject.rule != "uninit-stack" or not 0 <= reject.idx < len(ck.insns):
        return False
    insn = ck.insns[reject.idx]
    if insn.opcode != isa.JMP | isa.CALL:
        return False
    if insn.src:
        return reject.reg == 3 and callee(ck, reject.idx).startswith("bpf_dynptr_slice")
    helper = by_id.get(insn.imm)
    return isinstance(helper, Helper) and _FILLED.get(helper.short) == reject.reg


def _bound(facts: dict[str, object]) -> None:
    """Make the subscript ready to be compared: ``{idx}``; None for constants and calls."""
    index = facts.get("index")
    if not isinstance(index, str) or re.fullmatch(r"\w*\d\w*|.*\(.*\).*", index):
        facts["idx"] = None
    else:
        facts["idx"] = index if _NAME.fullmatch(index) else f"({index})"
        if re.fullmatch(r"[\w.>\s+*-]+", index):
            facts["idx"] = index
    top, count = facts.get("top"), facts.get("count")
    facts["exactly"] = count if top is not None and str(top) == str(count) else None


# Map types whose values may hold a lock. Source: kernel ``map_check_btf``.
LOCKABLE = frozenset(
    (
        MapType.HASH,
        MapType.ARRAY,
        MapType.CGROUP_STORAGE,
        MapType.SK_STORAGE,
        MapType.INODE_STORAGE,
        MapType.TASK_STORAGE,
        MapType.CGRP_STORAGE,
    )
)
_NO_BOUND = 1 << 28


def _signed(facts: dict[str, object]) -> None:
    """Tell a number that has an upper bound only (``signed``), and one read again (``again``)."""
    val = facts.get("val")
    facts["signed"] = facts["again"] = facts["below"] = None
    if not isinstance(val, Val):
        return
    if facts.get("is_signed") and val.smin == -(1 << 63):
        facts["below"] = "yes"
    if val.smin < 0 and val.smax < _NO_BOUND:
        facts["signed"] = "up to " + str(val.smax) if val.smin < -_NO_BOUND else known_range(val)
    elif val.smin32 < 0 <= val.smax32 < _NO_BOUND and val.umax < 1 << 32:
        facts["signed"] = f"up to {val.smax32}"
    index = str(facts.get("index") or "")
    if not facts["signed"] and re.search(r"->|\*|\[", index) and "(" not in index:
        facts["again"] = index


def _by_prog(name: str, facts: dict[str, object]) -> str | None:
    return instead(name, str(facts.get("prog"))) or None


def _list(names: list[str]) -> str:
    if len(names) < 2:
        return "".join(names)
    return ", ".join(names[:-1]) + " or " + names[-1]


def _sized(ck: Checker, reject: Reject) -> str:
    """Tell whether the argument in question is followed by its size ("yes") or is a key or value.

    "" when the place in question is no argument.
    """
    insn = ck.insns[reject.idx]
    helper = by_id.get(insn.imm) if insn.opcode == isa.JMP | isa.CALL and not insn.src else None
    kinds = helper.args if isinstance(helper, Helper) else ()
    number = reject.reg
    if not 0 < number <= len(kinds):
        return ""
    if kinds[number - 1].rstrip("?!") in ("key", "value", "outvalue"):
        return "no"
    return "yes" if number < len(kinds) and kinds[number].startswith("size") else ""


def _keyless(ck: Checker, reject: Reject) -> str | None:
    """Return the map without keys that a helper wants a key of."""
    reg = ck.frame.regs[1]
    info = reg.x if reg.t & BASE == regs.MAP_PTR else None
    if reject.reg == 2 and info is not None and not info.key_size:
        return str(info.name)
    return None


def _sleepable(section: str) -> str | None:
    """Return the sleepable form of a section name, None when there is none."""
    head, slash, rest = section.partition("/")
    name = f"{head}.s{slash}{rest}"
    found = sections.match(name)
    return name if found is not None and found.sleepable else None


def _writes_context(ck: Checker) -> bool:
    subject = ck.subject
    flat = contexts.FLAT.get(subject.prog_type)
    if flat is not None:
        return flat[2]
    fields = contexts.fields(subject.prog_type, subject.attach_type)
    return not fields or any(field.write for field in fields)
