"""Results of helpers that nobody looks at, although something is lost with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...support.diagnostics import FixIt
from ..tast import nodes as t
from ..tast.walk import walk

if TYPE_CHECKING:
    from .findings import Findings

# The result is the program's verdict: without it nothing is redirected.
_VERDICTS = {
    "bpf_redirect",
    "bpf_redirect_map",
    "bpf_redirect_neigh",
    "bpf_redirect_peer",
    "bpf_sk_redirect_map",
    "bpf_sk_redirect_hash",
    "bpf_msg_redirect_map",
    "bpf_msg_redirect_hash",
}
# The result says whether the data has arrived.
_LOSSES = {
    "bpf_map_update_elem": "a full map loses the element",
    "bpf_map_push_elem": "a full queue loses the element",
    "bpf_table_update": "a full table loses the element",
    "bpf_perf_event_output": "a full buffer loses the record",
    "bpf_skb_output": "a full buffer loses the record",
    "bpf_xdp_output": "a full buffer loses the record",
    "bpf_ringbuf_output": "a full buffer loses the record",
    "bpf_seq_write": "a full buffer loses the text",
    "bpf_probe_read": "after a fault there are zeros instead of data",
    "bpf_probe_read_kernel": "after a fault there are zeros instead of data",
    "bpf_probe_read_user": "after a fault there are zeros instead of data",
    "bpf_probe_read_str": "after a fault the string is empty",
    "bpf_probe_read_kernel_str": "after a fault the string is empty",
    "bpf_probe_read_user_str": "after a fault the string is empty",
    "bpf_copy_from_user": "after a fault there are zeros instead of data",
    "bpf_skb_load_bytes": "of a short packet there are zeros instead of data",
    "bpf_xdp_load_bytes": "of a short packet there is no data",
    "bpf_skb_store_bytes": "a short packet stays as it was",
    "bpf_xdp_store_bytes": "a short packet stays as it was",
    "bpf_strtol": "what is no number gives no value",
    "bpf_strtoul": "what is no number gives no value",
    "bpf_map_pop_elem": "an empty queue gives zeros",
    "bpf_map_peek_elem": "an empty queue gives zeros",
}


def check(findings: Findings) -> None:
    """Look at every expression statement that is a call."""
    for _, body in findings.bodies:
        for node in walk(body):
            if not isinstance(node, t.ExprStmt):
                continue
            e = node.expr
            while isinstance(e, t.Cast) and e.implicit:
                e = e.operand
            if isinstance(e, t.Call) and (e.callee.helper is not None or e.callee.builtin):
                _check_call(findings, e)


def _check_call(findings: Findings, call: t.Call) -> None:
    name = call.callee.name
    if name in _VERDICTS:
        findings.add(
            "bpf-dropped-result",
            f"the result of {name}() is not used: it is the verdict that the program must return",
            call.span,
            fixits=[FixIt(f"return {name}(...);")],
        )
    elif name == "bpf_map_lookup_elem" or name == "bpf_table_lookup":
        findings.add(
            "bpf-dropped-result",
            f"the result of {name}() is not used: the call does nothing",
            call.span,
        )
    elif name in _LOSSES:
        findings.add(
            "bpf-ignored-result",
            f"the result of {name}() is ignored: {_LOSSES[name]}",
            call.span,
            fixits=[
                FixIt(f"if ({name}(...)) ...   or   (void){name}(...) to say that it is meant")
            ],
        )
