"""What to use instead: of library functions, and of helpers that a program type does not have."""

from __future__ import annotations

_PROBE = "use bpf_probe_read_kernel_str() or bpf_probe_read_user_str()"
_PRINT = 'use bpf_printk("...", ...) from <bpf/bpf_helpers.h>'
_LOOP = "write a bounded loop, or use __builtin_memcmp() with a constant size"
_MAP = "keep the data in a map value (a BPF_MAP_TYPE_PERCPU_ARRAY serves as scratch memory)"
_RECORD = "use bpf_ringbuf_output() or bpf_perf_event_output()"

# libc functions that filters are tempted to call, and what BPF has instead.
LIBRARY: dict[str, str] = {
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

# Context fields that are read-only -> what changes them.
CHANGED_BY: dict[str, str] = {
    "len": "use bpf_skb_change_tail()",
    "data": "use bpf_xdp_adjust_head() or bpf_skb_adjust_room()",
    "data_end": "use bpf_xdp_adjust_tail() or bpf_skb_change_tail()",
    "data_meta": "use bpf_xdp_adjust_meta()",
    "protocol": "use bpf_skb_change_proto()",
    "pkt_type": "use bpf_skb_change_type()",
    "vlan_tci": "use bpf_skb_vlan_push() and bpf_skb_vlan_pop()",
    "vlan_proto": "use bpf_skb_vlan_push() and bpf_skb_vlan_pop()",
    "hash": "use bpf_set_hash()",
    "ifindex": "use bpf_redirect()",
    "egress_ifindex": "use bpf_redirect()",
    "snd_cwnd": "use bpf_setsockopt() with TCP_BPF_SNDCWND_CLAMP",
}

# Helper -> ((program types by their short names; "" for all others), what to use).
_SKB = "tc cgroup_skb sk_skb lwt_in lwt_out lwt_xmit"
HELPERS: dict[str, tuple[tuple[str, str], ...]] = {
    "bpf_skb_load_bytes": (
        ("xdp", "use bpf_xdp_load_bytes(), or read the packet directly"),
        ("", "packets are for networking programs; of an skb's fields use bpf_probe_read_kernel()"),
    ),
    "bpf_skb_store_bytes": (
        ("xdp", "use bpf_xdp_store_bytes(), or write the packet directly"),
        ("", "only tc programs and their kin write packets"),
    ),
    "bpf_xdp_load_bytes": (("", "use bpf_skb_load_bytes()"),),
    "bpf_xdp_store_bytes": (("", "use bpf_skb_store_bytes()"),),
    "bpf_xdp_adjust_head": ((_SKB, "use bpf_skb_change_head() or bpf_skb_adjust_room()"),),
    "bpf_xdp_adjust_tail": ((_SKB, "use bpf_skb_change_tail()"),),
    "bpf_skb_change_tail": (("xdp", "use bpf_xdp_adjust_tail()"),),
    "bpf_skb_change_head": (("xdp", "use bpf_xdp_adjust_head()"),),
    "bpf_skb_adjust_room": (("xdp", "use bpf_xdp_adjust_head()"),),
    "bpf_skb_vlan_push": (("xdp", "make room with bpf_xdp_adjust_head() and write the tag"),),
    "bpf_skb_vlan_pop": (("xdp", "move the addresses and call bpf_xdp_adjust_head()"),),
    "bpf_l3_csum_replace": (("xdp", "use bpf_csum_diff() and store the sum"),),
    "bpf_l4_csum_replace": (("xdp", "use bpf_csum_diff() and store the sum"),),
    "bpf_clone_redirect": (
        ("xdp", "return bpf_redirect() or bpf_redirect_map() (one copy: there is no clone)"),
        ("", "only tc programs send packets elsewhere"),
    ),
    "bpf_redirect": (("", "only xdp, tc and lwt_xmit programs send packets elsewhere"),),
    "bpf_redirect_map": (("tc", "use bpf_redirect()"), ("", "only xdp programs do that")),
    "bpf_get_stack": (("", "use a tracing program, or bpf_get_stackid() there"),),
    "bpf_get_stackid": (("", "use a tracing program"),),
    "bpf_override_return": (("", "only kprobe programs on functions marked for it can do that"),),
    "bpf_get_socket_cookie": (
        ("xdp", "there is no socket yet; look it up with bpf_sk_lookup_tcp()"),
    ),
    "bpf_perf_prog_read_value": (("", "use a perf_event program"),),
    "bpf_get_attach_cookie": (("", "keep the value in a map or a const volatile variable"),),
    "bpf_get_func_ip": (("", "use a kprobe or fentry program"),),
    "bpf_copy_from_user": (("", "use bpf_probe_read_user()"),),
    "bpf_d_path": (("", "only some sleepable hooks can; read dentry names with BPF_CORE_READ()"),),
    "bpf_send_signal": (("", "use a tracing program"),),
    "bpf_get_current_pid_tgid": (("", "packets are not handled in the context of a process"),),
    "bpf_get_current_comm": (("", "packets are not handled in the context of a process"),),
    "bpf_get_current_task": (("", "packets are not handled in the context of a process"),),
    "bpf_probe_write_user": (("", "use a kprobe or tracepoint program"),),
    "bpf_setsockopt": (("", "use a sock_ops or cgroup socket address program"),),
    "bpf_sk_lookup_tcp": (("", "use a tc, xdp or cgroup socket program"),),
    "bpf_sk_lookup_udp": (("", "use a tc, xdp or cgroup socket program"),),
}


def instead(helper: str, program: str) -> str:
    """Return what a program type may use instead of ``helper``, "" when nothing is known."""
    for types, text in HELPERS.get(helper, ()):
        if not types or program in types.split():
            return text
    return ""
