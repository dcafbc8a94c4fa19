"""Kernel functions that programs may call by BTF id ("kfuncs"): flags and program types.

Their prototypes come from the kernel's BTF (argument name suffixes such as ``__sz`` or ``__k``
mean something there); flags and program types are in no file the kernel shows, so they are rows
here, for 6.18. Source: the BTF_KFUNCS_START sets in kernel/bpf/helpers.c, cpumask.c, crypto.c,
net/core/filter.c, net/netfilter/nf_conntrack_bpf.c, ...; program types measured.

Flags: acquire, release, null (may return NULL), trusted (arguments must be trusted pointers), rcu
(RCU-protected ones will do), sleeps, iter_new, iter_next, iter_destroy, destructive.
"""

from __future__ import annotations

from .prog_types import AttachType, ProgType

_TRACING = (ProgType.TRACEPOINT, ProgType.PERF_EVENT, ProgType.TRACING, ProgType.LSM)
_CGROUP = (
    ProgType.CGROUP_SKB,
    ProgType.CGROUP_SOCK,
    ProgType.CGROUP_DEVICE,
    ProgType.CGROUP_SOCK_ADDR,
    ProgType.CGROUP_SOCKOPT,
    ProgType.CGROUP_SYSCTL,
    ProgType.SOCK_OPS,
)
_SKB = (
    ProgType.SCHED_CLS,
    ProgType.SCHED_ACT,
    ProgType.SK_SKB,
    ProgType.SOCKET_FILTER,
    *_CGROUP,
    ProgType.LWT_IN,
    ProgType.LWT_OUT,
    ProgType.LWT_XMIT,
    ProgType.LWT_SEG6LOCAL,
    ProgType.NETFILTER,
    *_TRACING,
)

# Sets of program types; () is all.
HOOKS: dict[str, tuple[int, ...]] = {
    "all": (),
    "generic": (
        *_TRACING,
        *_CGROUP,
        ProgType.SCHED_CLS,
        ProgType.XDP,
        ProgType.STRUCT_OPS,
        ProgType.SYSCALL,
    ),
    "cpumask": (*_TRACING, ProgType.STRUCT_OPS, ProgType.SYSCALL),
    "skb": _SKB,
    "skb_meta": (ProgType.SCHED_CLS, ProgType.SCHED_ACT),
    "xdp": (ProgType.XDP,),
    "conntrack": (ProgType.XDP, ProgType.SCHED_CLS),
    "tc": (ProgType.SCHED_CLS,),
    "crypto": (ProgType.SCHED_CLS, ProgType.SCHED_ACT, ProgType.XDP),
    "syscall": (ProgType.SYSCALL,),
    "struct_ops": (ProgType.STRUCT_OPS,),
    "tracing": _TRACING,
    "iter": (ProgType.TRACING,),
    "lsm": (ProgType.LSM,),
    "cgroup": _CGROUP,
    "kprobe": (ProgType.KPROBE,),
    "test": (ProgType.SCHED_CLS, ProgType.TRACING, ProgType.SYSCALL),
}

# (hook, kernel version, "flags", names)
_ROWS: tuple[tuple[str, str, str, str], ...] = (
    ("all", "6.2", "", "bpf_rcu_read_lock bpf_rcu_read_unlock bpf_cast_to_kern_ctx"),
    ("all", "6.2", "", "bpf_rdonly_cast"),
    ("all", "6.4", "iter_new", "bpf_iter_num_new"),
    ("all", "6.4", "iter_next null", "bpf_iter_num_next"),
    ("all", "6.4", "iter_destroy", "bpf_iter_num_destroy"),
    ("all", "6.4", "null", "bpf_dynptr_slice bpf_dynptr_slice_rdwr"),
    ("all", "6.5", "", "bpf_dynptr_adjust bpf_dynptr_is_null bpf_dynptr_is_rdonly"),
    ("all", "6.5", "", "bpf_dynptr_size bpf_dynptr_clone"),
    ("all", "6.16", "", "bpf_dynptr_copy"),
    ("all", "6.17", "", "bpf_dynptr_memset"),
    ("all", "6.7", "iter_new rcu", "bpf_iter_task_vma_new"),
    ("all", "6.7", "iter_next null", "bpf_iter_task_vma_next"),
    ("all", "6.7", "iter_destroy", "bpf_iter_task_vma_destroy"),
    ("all", "6.7", "iter_new trusted", "bpf_iter_css_task_new"),
    ("all", "6.7", "iter_next null", "bpf_iter_css_task_next"),
    ("all", "6.7", "iter_destroy", "bpf_iter_css_task_destroy"),
    ("all", "6.7", "iter_new trusted rcu_protected", "bpf_iter_task_new bpf_iter_css_new"),
    ("all", "6.7", "iter_next null rcu_protected", "bpf_iter_task_next bpf_iter_css_next"),
    ("all", "6.7", "iter_destroy", "bpf_iter_task_destroy bpf_iter_css_destroy"),
    ("all", "6.11", "iter_new", "bpf_iter_bits_new"),
    ("all", "6.11", "iter_next null", "bpf_iter_bits_next"),
    ("all", "6.11", "iter_destroy", "bpf_iter_bits_destroy"),
    ("all", "6.13", "iter_new sleeps", "bpf_iter_kmem_cache_new"),
    ("all", "6.13", "iter_next null sleeps", "bpf_iter_kmem_cache_next"),
    ("all", "6.13", "iter_destroy sleeps", "bpf_iter_kmem_cache_destroy"),
    ("all", "6.16", "iter_new sleeps", "bpf_iter_dmabuf_new"),
    ("all", "6.16", "iter_next null sleeps", "bpf_iter_dmabuf_next"),
    ("all", "6.16", "iter_destroy sleeps", "bpf_iter_dmabuf_destroy"),
    ("all", "6.10", "", "bpf_wq_init bpf_wq_set_callback_impl bpf_wq_start"),
    ("all", "6.10", "", "bpf_preempt_disable bpf_preempt_enable"),
    ("all", "6.14", "", "bpf_local_irq_save bpf_local_irq_restore"),
    ("all", "6.12", "sleeps", "bpf_copy_from_user_str"),
    ("all", "6.15", "sleeps", "bpf_copy_from_user_task_str"),
    ("all", "6.13", "null", "bpf_get_kmem_cache"),
    ("all", "6.15", "", "bpf_res_spin_lock bpf_res_spin_lock_irqsave"),
    ("all", "6.15", "", "bpf_res_spin_unlock bpf_res_spin_unlock_irqrestore"),
    ("all", "6.6", "trusted", "bpf_map_sum_elem_count"),
    ("all", "6.9", "trusted sleeps", "bpf_arena_alloc_pages bpf_arena_free_pages"),
    ("all", "6.17", "trusted sleeps", "bpf_arena_reserve_pages"),
    ("all", "6.18", "rcu", "bpf_cgroup_read_xattr"),
    ("all", "6.16", "", "bpf_probe_read_user_dynptr bpf_probe_read_kernel_dynptr"),
    ("all", "6.16", "", "bpf_probe_read_user_str_dynptr bpf_probe_read_kernel_str_dynptr"),
    ("all", "6.16", "sleeps", "bpf_copy_from_user_dynptr bpf_copy_from_user_str_dynptr"),
    (
        "all",
        "6.16",
        "sleeps trusted",
        "bpf_copy_from_user_task_dynptr bpf_copy_from_user_task_str_dynptr",
    ),
    (
        "all",
        "6.17",
        "",
        "bpf_strcmp bpf_strchr bpf_strchrnul bpf_strrchr bpf_strnchr bpf_strlen bpf_strnlen"
        " bpf_strspn bpf_strcspn bpf_strstr bpf_strnstr",
    ),
    ("all", "6.18", "", "bpf_strcasecmp"),
    ("all", "6.17", "trusted", "bpf_stream_vprintk_impl"),
    (
        "all",
        "6.18",
        "trusted",
        "bpf_task_work_schedule_signal_impl bpf_task_work_schedule_resume_impl",
    ),
    ("all", "6.7", "device", "bpf_xdp_metadata_rx_hash bpf_xdp_metadata_rx_timestamp"),
    ("all", "6.8", "device", "bpf_xdp_metadata_rx_vlan_tag"),
    ("generic", "6.2", "acquire null", "bpf_obj_new_impl"),
    ("generic", "6.7", "acquire null", "bpf_percpu_obj_new_impl"),
    ("generic", "6.2", "release", "bpf_obj_drop_impl"),
    ("generic", "6.7", "release", "bpf_percpu_obj_drop_impl"),
    ("generic", "6.5", "acquire null rcu", "bpf_refcount_acquire_impl"),
    ("generic", "6.2", "", "bpf_list_push_front_impl bpf_list_push_back_impl"),
    ("generic", "6.2", "acquire null", "bpf_list_pop_front bpf_list_pop_back"),
    ("generic", "6.16", "null", "bpf_list_front bpf_list_back"),
    ("generic", "6.4", "acquire null", "bpf_rbtree_remove"),
    ("generic", "6.4", "", "bpf_rbtree_add_impl"),
    ("generic", "6.4", "null", "bpf_rbtree_first"),
    ("generic", "6.16", "null", "bpf_rbtree_root bpf_rbtree_left bpf_rbtree_right"),
    ("generic", "6.2", "acquire rcu null", "bpf_task_acquire"),
    ("generic", "6.2", "release", "bpf_task_release"),
    ("generic", "6.2", "acquire null", "bpf_task_from_pid"),
    ("generic", "6.14", "acquire null", "bpf_task_from_vpid"),
    ("generic", "6.8", "acquire rcu null", "bpf_task_get_cgroup1"),
    ("generic", "6.5", "rcu", "bpf_task_under_cgroup"),
    ("generic", "6.2", "acquire rcu null", "bpf_cgroup_acquire bpf_cgroup_ancestor"),
    ("generic", "6.2", "release", "bpf_cgroup_release"),
    ("generic", "6.3", "acquire null", "bpf_cgroup_from_id"),
    ("generic", "6.7", "", "bpf_throw"),
    ("generic", "6.13", "trusted", "bpf_send_signal_task"),
    ("generic", "6.1", "acquire null sleeps", "bpf_lookup_user_key"),
    ("generic", "6.1", "acquire null", "bpf_lookup_system_key"),
    ("generic", "6.1", "release", "bpf_key_put"),
    ("cpumask", "6.3", "acquire null", "bpf_cpumask_create"),
    ("cpumask", "6.3", "release", "bpf_cpumask_release"),
    ("cpumask", "6.3", "acquire trusted", "bpf_cpumask_acquire"),
    (
        "cpumask",
        "6.3",
        "rcu",
        "bpf_cpumask_first bpf_cpumask_first_zero bpf_cpumask_first_and bpf_cpumask_set_cpu"
        " bpf_cpumask_clear_cpu bpf_cpumask_test_cpu bpf_cpumask_test_and_set_cpu"
        " bpf_cpumask_test_and_clear_cpu bpf_cpumask_setall bpf_cpumask_clear bpf_cpumask_and"
        " bpf_cpumask_or bpf_cpumask_xor bpf_cpumask_equal bpf_cpumask_intersects"
        " bpf_cpumask_subset bpf_cpumask_empty bpf_cpumask_full bpf_cpumask_copy"
        " bpf_cpumask_any_distribute bpf_cpumask_any_and_distribute bpf_cpumask_weight"
        " bpf_cpumask_populate",
    ),
    ("skb", "6.4", "trusted", "bpf_dynptr_from_skb"),
    ("skb_meta", "6.18", "trusted", "bpf_dynptr_from_skb_meta"),
    ("xdp", "6.4", "", "bpf_dynptr_from_xdp"),
    ("xdp", "6.18", "", "bpf_xdp_pull_data"),
    ("xdp", "6.8", "acquire null", "bpf_xdp_get_xfrm_state"),
    ("xdp", "6.8", "release", "bpf_xdp_xfrm_state_release"),
    ("conntrack", "5.18", "acquire null", "bpf_xdp_ct_lookup bpf_skb_ct_lookup"),
    ("conntrack", "6.0", "acquire null", "bpf_xdp_ct_alloc bpf_skb_ct_alloc"),
    ("conntrack", "6.0", "acquire null release", "bpf_ct_insert_entry"),
    ("conntrack", "5.18", "release", "bpf_ct_release"),
    ("conntrack", "6.0", "trusted", "bpf_ct_set_timeout bpf_ct_change_timeout"),
    ("conntrack", "6.0", "trusted", "bpf_ct_set_status bpf_ct_change_status"),
    ("conntrack", "6.1", "trusted", "bpf_ct_set_nat_info"),
    ("test", "6.0", "release", "bpf_kfunc_call_test_release bpf_kfunc_call_memb_release"),
    ("tc", "6.9", "trusted", "bpf_sk_assign_tcp_reqsk"),
    ("syscall", "6.10", "acquire null sleeps", "bpf_crypto_ctx_create"),
    ("syscall", "6.10", "release", "bpf_crypto_ctx_release"),
    ("syscall", "6.10", "acquire trusted", "bpf_crypto_ctx_acquire"),
    ("crypto", "6.10", "rcu", "bpf_crypto_encrypt bpf_crypto_decrypt"),
    ("cgroup", "6.7", "trusted", "bpf_sock_addr_set_sun_path"),
    ("cgroup", "6.15", "trusted", "bpf_sock_ops_enable_tx_tstamp"),
    ("iter", "6.5", "trusted", "bpf_sock_destroy"),
    ("tracing", "6.2", "", "css_rstat_updated"),
    ("tracing", "6.2", "sleeps", "css_rstat_flush"),
    ("kprobe", "6.10", "session", "bpf_session_is_return bpf_session_cookie"),
    ("lsm", "6.12", "acquire trusted null", "bpf_get_task_exe_file"),
    ("lsm", "6.12", "release", "bpf_put_file"),
    ("lsm", "6.12", "trusted", "bpf_path_d_path"),
    (
        "struct_ops",
        "5.13",
        "",
        "tcp_slow_start tcp_reno_ssthresh tcp_reno_cong_avoid tcp_reno_undo_cwnd"
        " tcp_cong_avoid_ai cubictcp_init cubictcp_recalc_ssthresh cubictcp_cong_avoid"
        " cubictcp_state cubictcp_cwnd_event cubictcp_acked bbr_init bbr_main bbr_sndbuf_expand"
        " bbr_undo_cwnd bbr_cwnd_event bbr_ssthresh bbr_min_tso_segs bbr_set_state",
    ),
)


class Kfunc:
    """One kernel function; ``hook`` is a key of ``HOOKS``, ``since`` a version like "6.4"."""

    __slots__ = ("flags", "hook", "name", "since")

    def __init__(self, name: str, hook: str, since: str, flags: frozenset[str]) -> None:
        self.name = name
        self.hook = hook
        self.since = since
        self.flags = flags

    def allowed(self, prog_type: int, attach_type: int = 0) -> bool:
        """Tell whether programs of this type may call it."""
        if "session" in self.flags and attach_type not in (
            AttachType.TRACE_KPROBE_SESSION,
            AttachType.TRACE_UPROBE_SESSION,
        ):
            return False
        if self.hook == "iter" and attach_type != AttachType.TRACE_ITER:
            return False
        hooks = HOOKS[self.hook]
        return not hooks or prog_type in hooks

    def __repr__(self) -> str:
        return f"<Kfunc {self.name} {sorted(self.flags)}>"


by_name: dict[str, Kfunc] = {
    name: Kfunc(name, hook, since, frozenset(flags.split()))
    for hook, since, flags, names in _ROWS
    for name in names.split()
}
