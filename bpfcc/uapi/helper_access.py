"""Which program types may call which helpers.

Measured on a 6.18 kernel: for every program type (and attach type where it matters) and every
helper, whether the verifier takes the call; types that need hardware or a trampoline (lirc_mode2,
fentry, fexit, fmod_ret, lsm) are from the kernel's ``*_func_proto()`` functions. Versions before:
the same functions of 6.1 and the notes at ``LATE``.
"""

from __future__ import annotations

from . import kernels
from .helpers import HELPERS, Helper
from .prog_types import AttachType, ProgType

# What every program type has (kernel/bpf/helpers.c, bpf_base_func_proto).
BASE = (
    "map_lookup_elem map_update_elem map_delete_elem ktime_get_ns trace_printk "
    "get_prandom_u32 get_smp_processor_id tail_call get_current_pid_tgid get_current_uid_gid "
    "get_current_comm get_cgroup_classid perf_event_read get_current_task "
    "current_task_under_cgroup get_numa_node_id perf_event_read_value get_current_cgroup_id "
    "map_push_elem map_pop_elem map_peek_elem spin_lock spin_unlock strtol strtoul "
    "send_signal probe_read_user probe_read_kernel probe_read_user_str probe_read_kernel_str "
    "send_signal_thread jiffies64 get_ns_current_pid_tgid get_current_ancestor_cgroup_id "
    "ktime_get_boot_ns ringbuf_output ringbuf_reserve ringbuf_submit ringbuf_discard "
    "ringbuf_query get_task_stack copy_from_user snprintf_btf per_cpu_ptr this_cpu_ptr "
    "task_storage_get task_storage_delete get_current_task_btf for_each_map_elem snprintf "
    "timer_init timer_set_callback timer_start timer_cancel task_pt_regs get_branch_snapshot "
    "trace_vprintk find_vma loop strncmp copy_from_user_task kptr_xchg map_lookup_percpu_elem "
    "dynptr_from_mem ringbuf_reserve_dynptr ringbuf_submit_dynptr ringbuf_discard_dynptr "
    "dynptr_read dynptr_write dynptr_data ktime_get_tai_ns user_ringbuf_drain "
    "cgrp_storage_get cgrp_storage_delete"
)

# Parts of BASE that only tracing programs had before 6.16 (ee971630f20f); a few had come earlier to
# single types, which ``EARLIER`` lists.
LATE = (
    "cgrp_storage_delete cgrp_storage_get copy_from_user copy_from_user_task "
    "current_task_under_cgroup find_vma get_branch_snapshot get_cgroup_classid "
    "get_current_ancestor_cgroup_id get_current_cgroup_id get_current_comm "
    "get_current_pid_tgid get_current_uid_gid get_ns_current_pid_tgid get_task_stack "
    "perf_event_read perf_event_read_value send_signal send_signal_thread task_storage_delete "
    "task_storage_get"
)

# Parts of BASE that networking programs had only since 5.8 (CAP_PERFMON).
PERFMON = (
    "probe_read_user probe_read_kernel probe_read_user_str probe_read_kernel_str get_current_task"
)

# What programs without CAP_PERFMON cannot call whatever their type (``bpf_base_func_proto``).
NEED_PERFMON = frozenset(
    f"{PERFMON} skc_to_tcp6_sock skc_to_tcp_sock skc_to_tcp_timewait_sock skc_to_tcp_request_sock"
    " skc_to_udp6_sock skc_to_unix_sock skc_to_mptcp_sock ktime_get_coarse_ns"
    " trace_printk trace_vprintk get_current_task_btf snprintf snprintf_btf"
    " task_pt_regs perf_event_read_value".split()
)

# Conversions of socket pointers, which come as one group.
_SOCKETS = (
    "skc_to_tcp6_sock skc_to_tcp_sock skc_to_tcp_timewait_sock skc_to_tcp_request_sock "
    "skc_to_udp6_sock skc_to_unix_sock skc_to_mptcp_sock"
)

# (program type) -> helpers beyond BASE.
_EXTRA: dict[int, str] = {
    ProgType.SOCKET_FILTER: (
        "perf_event_output skb_load_bytes get_socket_cookie get_socket_uid "
        "skb_load_bytes_relative get_netns_cookie ktime_get_coarse_ns " + _SOCKETS
    ),
    ProgType.KPROBE: (
        "probe_read perf_event_output get_stackid probe_read_str get_stack get_func_ip "
        "get_attach_cookie"
    ),
    ProgType.SCHED_CLS: (
        "skb_store_bytes l3_csum_replace l4_csum_replace clone_redirect skb_vlan_push "
        "skb_vlan_pop skb_get_tunnel_key skb_set_tunnel_key redirect get_route_realm "
        "perf_event_output skb_load_bytes csum_diff skb_get_tunnel_opt skb_set_tunnel_opt "
        "skb_change_proto skb_change_type skb_under_cgroup get_hash_recalc skb_change_tail "
        "skb_pull_data csum_update set_hash_invalid skb_change_head get_socket_cookie "
        "get_socket_uid set_hash skb_adjust_room skb_get_xfrm_state skb_load_bytes_relative "
        "fib_lookup skb_cgroup_id skb_ancestor_cgroup_id sk_lookup_tcp sk_lookup_udp "
        "sk_release sk_fullsock tcp_sock skb_ecn_set_ce get_listener_sock skc_lookup_tcp "
        "tcp_check_syncookie sk_storage_get sk_storage_delete tcp_gen_syncookie "
        "get_netns_cookie sk_assign csum_level skb_cgroup_classid redirect_neigh "
        "redirect_peer ktime_get_coarse_ns check_mtu skb_set_tstamp "
        "tcp_raw_gen_syncookie_ipv4 tcp_raw_gen_syncookie_ipv6 tcp_raw_check_syncookie_ipv4 "
        "tcp_raw_check_syncookie_ipv6 " + _SOCKETS
    ),
    ProgType.SCHED_ACT: (
        "skb_store_bytes l3_csum_replace l4_csum_replace clone_redirect skb_vlan_push "
        "skb_vlan_pop skb_get_tunnel_key skb_set_tunnel_key redirect get_route_realm "
        "perf_event_output skb_load_bytes csum_diff skb_get_tunnel_opt skb_set_tunnel_opt "
        "skb_change_proto skb_change_type skb_under_cgroup get_hash_recalc skb_change_tail "
        "skb_pull_data csum_update set_hash_invalid skb_change_head get_socket_cookie "
        "get_socket_uid set_hash skb_adjust_room skb_get_xfrm_state skb_load_bytes_relative "
        "fib_lookup skb_cgroup_id skb_ancestor_cgroup_id sk_lookup_tcp sk_lookup_udp "
        "sk_release sk_fullsock tcp_sock skb_ecn_set_ce get_listener_sock skc_lookup_tcp "
        "tcp_check_syncookie sk_storage_get sk_storage_delete tcp_gen_syncookie "
        "get_netns_cookie sk_assign csum_level skb_cgroup_classid redirect_neigh "
        "redirect_peer ktime_get_coarse_ns check_mtu skb_set_tstamp "
        "tcp_raw_gen_syncookie_ipv4 tcp_raw_gen_syncookie_ipv6 tcp_raw_check_syncookie_ipv4 "
        "tcp_raw_check_syncookie_ipv6 " + _SOCKETS
    ),
    ProgType.TRACEPOINT: (
        "probe_read perf_event_output get_stackid probe_read_str get_stack get_func_ip "
        "get_attach_cookie"
    ),
    ProgType.XDP: (
        "redirect perf_event_output csum_diff xdp_adjust_head redirect_map xdp_adjust_meta "
        "xdp_adjust_tail fib_lookup sk_lookup_tcp sk_lookup_udp sk_release skc_lookup_tcp "
        "tcp_check_syncookie tcp_gen_syncookie ktime_get_coarse_ns check_mtu xdp_get_buff_len "
        "xdp_load_bytes xdp_store_bytes tcp_raw_gen_syncookie_ipv4 tcp_raw_gen_syncookie_ipv6 "
        "tcp_raw_check_syncookie_ipv4 tcp_raw_check_syncookie_ipv6 " + _SOCKETS
    ),
    ProgType.PERF_EVENT: (
        "probe_read perf_event_output get_stackid probe_read_str perf_prog_read_value "
        "get_stack read_branch_records get_func_ip get_attach_cookie"
    ),
    ProgType.CGROUP_SKB: (
        "perf_event_output skb_load_bytes get_socket_cookie get_socket_uid "
        "skb_load_bytes_relative skb_cgroup_id get_local_storage skb_ancestor_cgroup_id "
        "sk_lookup_tcp sk_lookup_udp sk_release sk_fullsock tcp_sock skb_ecn_set_ce "
        "get_listener_sock skc_lookup_tcp sk_storage_get sk_storage_delete get_netns_cookie "
        "sk_cgroup_id sk_ancestor_cgroup_id ktime_get_coarse_ns " + _SOCKETS
    ),
    ProgType.CGROUP_SOCK: (
        "perf_event_output get_socket_cookie get_local_storage sk_storage_get "
        "get_netns_cookie ktime_get_coarse_ns get_retval set_retval"
    ),
    ProgType.LWT_IN: (
        "get_route_realm perf_event_output skb_load_bytes csum_diff skb_under_cgroup "
        "get_hash_recalc skb_pull_data lwt_push_encap ktime_get_coarse_ns " + _SOCKETS
    ),
    ProgType.LWT_OUT: (
        "get_route_realm perf_event_output skb_load_bytes csum_diff skb_under_cgroup "
        "get_hash_recalc skb_pull_data ktime_get_coarse_ns " + _SOCKETS
    ),
    ProgType.LWT_XMIT: (
        "skb_store_bytes l3_csum_replace l4_csum_replace clone_redirect skb_get_tunnel_key "
        "skb_set_tunnel_key redirect get_route_realm perf_event_output skb_load_bytes "
        "csum_diff skb_get_tunnel_opt skb_set_tunnel_opt skb_under_cgroup get_hash_recalc "
        "skb_change_tail skb_pull_data csum_update set_hash_invalid skb_change_head "
        "lwt_push_encap csum_level ktime_get_coarse_ns " + _SOCKETS
    ),
    ProgType.SOCK_OPS: (
        "perf_event_output get_socket_cookie setsockopt sock_map_update getsockopt "
        "sock_ops_cb_flags_set sock_hash_update get_local_storage tcp_sock sk_storage_get "
        "sk_storage_delete get_netns_cookie load_hdr_opt store_hdr_opt reserve_hdr_opt "
        "ktime_get_coarse_ns " + _SOCKETS
    ),
    ProgType.SK_SKB: (
        "skb_store_bytes perf_event_output skb_load_bytes skb_change_tail skb_pull_data "
        "skb_change_head get_socket_cookie get_socket_uid skb_adjust_room sk_redirect_map "
        "sk_redirect_hash sk_lookup_tcp sk_lookup_udp sk_release skc_lookup_tcp "
        "ktime_get_coarse_ns " + _SOCKETS
    ),
    ProgType.CGROUP_DEVICE: "perf_event_output get_local_storage get_retval set_retval",
    ProgType.SK_MSG: (
        "perf_event_output msg_redirect_map msg_apply_bytes msg_cork_bytes msg_pull_data "
        "msg_redirect_hash msg_push_data msg_pop_data sk_storage_get sk_storage_delete "
        "get_netns_cookie ktime_get_coarse_ns " + _SOCKETS
    ),
    ProgType.RAW_TRACEPOINT: (
        "probe_read perf_event_output get_stackid probe_read_str get_stack get_func_ip "
        "get_attach_cookie"
    ),
    ProgType.LWT_SEG6LOCAL: (
        "get_route_realm perf_event_output skb_load_bytes csum_diff skb_under_cgroup "
        "get_hash_recalc skb_pull_data lwt_seg6_store_bytes lwt_seg6_adjust_srh "
        "lwt_seg6_action ktime_get_coarse_ns " + _SOCKETS
    ),
    ProgType.SK_REUSEPORT: (
        "skb_load_bytes get_socket_cookie skb_load_bytes_relative sk_select_reuseport "
        "ktime_get_coarse_ns"
    ),
    ProgType.FLOW_DISSECTOR: ("skb_load_bytes ktime_get_coarse_ns " + _SOCKETS),
    ProgType.CGROUP_SYSCTL: (
        "perf_event_output get_local_storage sysctl_get_name sysctl_get_current_value "
        "sysctl_get_new_value sysctl_set_new_value ktime_get_coarse_ns get_retval set_retval"
    ),
    ProgType.RAW_TRACEPOINT_WRITABLE: (
        "probe_read perf_event_output get_stackid probe_read_str get_stack get_func_ip "
        "get_attach_cookie"
    ),
    ProgType.SK_LOOKUP: ("perf_event_output sk_release sk_assign ktime_get_coarse_ns " + _SOCKETS),
    ProgType.SYSCALL: (
        "probe_read perf_event_output get_stackid probe_read_str get_socket_cookie get_stack "
        "sk_storage_get sk_storage_delete skb_output xdp_output d_path sock_from_file sys_bpf "
        "btf_find_by_name_kind sys_close get_func_ip kallsyms_lookup_name xdp_get_buff_len "
        + _SOCKETS
    ),
    ProgType.NETFILTER: "",
    ProgType.CGROUP_SOCK_ADDR: (
        "perf_event_output get_socket_cookie setsockopt getsockopt get_local_storage "
        "sk_lookup_tcp sk_lookup_udp sk_release skc_lookup_tcp sk_storage_get "
        "sk_storage_delete get_netns_cookie ktime_get_coarse_ns " + _SOCKETS
    ),
    ProgType.CGROUP_SOCKOPT: (
        "perf_event_output get_local_storage tcp_sock sk_storage_get sk_storage_delete "
        "get_netns_cookie get_retval set_retval"
    ),
    ProgType.TRACING: (
        "probe_read perf_event_output get_stackid probe_read_str get_socket_cookie get_stack "
        "sk_storage_get sk_storage_delete skb_output xdp_output d_path sock_from_file "
        "get_func_ip xdp_get_buff_len " + _SOCKETS
    ),
    ProgType.STRUCT_OPS: (
        "setsockopt getsockopt sk_storage_get sk_storage_delete tcp_send_ack ktime_get_coarse_ns"
    ),
    ProgType.LIRC_MODE2: "rc_repeat rc_keydown rc_pointer_rel",
}
_EXTRA[ProgType.LSM] = _EXTRA[ProgType.TRACING] + (
    " inode_storage_get inode_storage_delete bprm_opts_set ima_inode_hash ima_file_hash "
    "setsockopt getsockopt get_netns_cookie get_attach_cookie"
)

_TRAMPOLINE = "get_func_arg get_func_arg_cnt get_attach_cookie"
# (program type, attach type) -> helpers beyond those of the type.
_BY_ATTACH: dict[tuple[int, int], str] = {
    (ProgType.TRACING, AttachType.TRACE_RAW_TP): "get_attach_cookie",
    (ProgType.TRACING, AttachType.TRACE_ITER): "seq_printf seq_write seq_printf_btf",
    (ProgType.TRACING, AttachType.TRACE_FENTRY): _TRAMPOLINE,
    (ProgType.TRACING, AttachType.TRACE_FEXIT): _TRAMPOLINE + " get_func_ret",
    (ProgType.TRACING, AttachType.MODIFY_RETURN): _TRAMPOLINE + " get_func_ret",
    (ProgType.LSM, AttachType.LSM_CGROUP): "get_local_storage get_retval set_retval",
    (ProgType.CGROUP_SOCKOPT, AttachType.CGROUP_SETSOCKOPT): "setsockopt getsockopt",
    (ProgType.CGROUP_SOCK_ADDR, AttachType.CGROUP_INET4_CONNECT): "bind get_retval set_retval",
    (ProgType.CGROUP_SOCK_ADDR, AttachType.CGROUP_INET6_CONNECT): "bind get_retval set_retval",
    (ProgType.CGROUP_SOCK_ADDR, AttachType.CGROUP_INET4_BIND): "get_retval set_retval",
    (ProgType.CGROUP_SOCK_ADDR, AttachType.CGROUP_INET6_BIND): "get_retval set_retval",
    (ProgType.CGROUP_SOCK_ADDR, AttachType.CGROUP_UDP4_SENDMSG): "get_retval set_retval",
    (ProgType.CGROUP_SOCK_ADDR, AttachType.CGROUP_UDP6_SENDMSG): "get_retval set_retval",
    (ProgType.CGROUP_SOCK_ADDR, AttachType.CGROUP_UNIX_CONNECT): "get_retval set_retval",
    (ProgType.CGROUP_SOCK_ADDR, AttachType.CGROUP_UNIX_SENDMSG): "get_retval set_retval",
}

# Iterators of these objects may also call (kernel: their ``get_func_proto``).
ITERATORS: dict[str, str] = dict.fromkeys(("tcp", "udp", "unix"), "setsockopt getsockopt")

# Tracing types may call these two where the kernel's configuration and lockdown state allow it
# (CONFIG_BPF_KPROBE_OVERRIDE, security=lockdown): no table can tell.
BY_CONFIGURATION: dict[str, tuple[int, ...]] = {
    "probe_write_user": (
        ProgType.KPROBE,
        ProgType.TRACEPOINT,
        ProgType.PERF_EVENT,
        ProgType.RAW_TRACEPOINT,
        ProgType.RAW_TRACEPOINT_WRITABLE,
        ProgType.TRACING,
        ProgType.LSM,
        ProgType.SYSCALL,
    ),
    "override_return": (ProgType.KPROBE,),
}

# Types that had the helpers of LATE and PERFMON from the beginning.
_TRACING = frozenset(
    {
        ProgType.KPROBE,
        ProgType.TRACEPOINT,
        ProgType.PERF_EVENT,
        ProgType.RAW_TRACEPOINT,
        ProgType.RAW_TRACEPOINT_WRITABLE,
        ProgType.TRACING,
        ProgType.LSM,
        ProgType.SYSCALL,
    }
)

# (program types) -> members of LATE that these types had before 6.16, and since when.
EARLIER: tuple[tuple[tuple[int, ...], str, str], ...] = (
    (
        (
            ProgType.CGROUP_SOCK,
            ProgType.CGROUP_SOCK_ADDR,
            ProgType.CGROUP_DEVICE,
            ProgType.CGROUP_SYSCTL,
            ProgType.CGROUP_SOCKOPT,
        ),
        "get_current_uid_gid get_current_cgroup_id get_current_ancestor_cgroup_id",
        "4.18",
    ),
    (
        (ProgType.CGROUP_SOCK, ProgType.CGROUP_SOCK_ADDR),
        "get_current_comm get_current_pid_tgid get_cgroup_classid",
        "5.10",
    ),
    (
        (ProgType.CGROUP_DEVICE, ProgType.CGROUP_SYSCTL, ProgType.CGROUP_SOCKOPT),
        "get_current_comm get_current_pid_tgid get_cgroup_classid",
        "6.10",
    ),
    (
        (ProgType.SK_MSG,),
        "get_current_uid_gid get_current_pid_tgid get_current_cgroup_id "
        "get_current_ancestor_cgroup_id get_cgroup_classid",
        "5.8",
    ),
    (
        (
            ProgType.SCHED_CLS,
            ProgType.SCHED_ACT,
            ProgType.LWT_IN,
            ProgType.LWT_OUT,
            ProgType.LWT_XMIT,
            ProgType.LWT_SEG6LOCAL,
        ),
        "get_cgroup_classid",
        "4.3",
    ),
)

_names: dict[tuple[int, int], frozenset[str]] = {}


def helper_names(prog_type: int, attach_type: int = 0) -> frozenset[str]:
    """Return the short names of all helpers that the newest kernel gives this type."""
    key = (prog_type, attach_type)
    found = _names.get(key)
    if found is None:
        words = BASE + " " + _EXTRA.get(prog_type, "") + " " + _BY_ATTACH.get(key, "")
        found = _names[key] = frozenset(words.split())
    return found


def _late(short: str, prog_type: int) -> tuple[int, int]:
    for types, names, version in EARLIER:
        if prog_type in types and short in names.split():
            return kernels.parse(version)
    return (6, 16)


def available_since(
    helper: Helper, prog_type: int, attach_type: int = 0, target: str = ""
) -> tuple[int, int] | None:
    """Return the (major, minor) kernel since which the type may call ``helper``; None = never.

    ``target`` is the iterator's name for iterator programs.
    """
    short = helper.short
    own = kernels.parse(helper.since)
    if prog_type in BY_CONFIGURATION.get(short, ()):
        return own
    if attach_type == AttachType.TRACE_ITER and short in ITERATORS.get(target, "").split():
        return max(own, (6, 0))
    if prog_type != ProgType.EXT and short not in helper_names(prog_type, attach_type):
        return None
    if prog_type not in _TRACING and prog_type != ProgType.EXT:
        if short in LATE.split():
            return max(own, _late(short, prog_type))
        if short in PERFMON.split():
            return max(own, (5, 8))
    return own


def program_types(helper: Helper) -> list[int]:
    """Return the program types that may call ``helper`` with some attach type."""
    out = []
    for prog_type in sorted(_EXTRA):
        names = BASE + " " + _EXTRA[prog_type]
        for (kind, _attach), more in _BY_ATTACH.items():
            if kind == prog_type:
                names += " " + more
        if helper.short in names.split() or prog_type in BY_CONFIGURATION.get(helper.short, ()):
            out.append(prog_type)
    return out


def all_helpers(prog_type: int, attach_type: int, kernel: tuple[int, int]) -> list[Helper]:
    """Return every helper that programs of this type may call on ``kernel``."""
    return [
        helper
        for helper in HELPERS
        if (since := available_since(helper, prog_type, attach_type)) is not None
        and since <= kernel
    ]
