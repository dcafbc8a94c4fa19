"""Tracepoints and BPF iterators: which arguments may be NULL, and of which kind they are.

BTF gives the arguments' types; what may be NULL is in no file that the kernel shows. Measured on a
6.18 kernel by loading every argument of every tracepoint. Source: ``raw_tp_null_args`` in
kernel/bpf/btf.c; the ``ctx_arg_info`` of each iterator's registration.
"""

from __future__ import annotations

# (argument numbers that may be NULL, tracepoints)
_NULL_ARGS: tuple[tuple[tuple[int, ...], str], ...] = (
    (
        (0,),
        "mm_collapse_huge_page_isolate mm_page_alloc mm_page_alloc_zone_locked "
        "mm_page_pcpu_drain tmigr_update_events xfs_blockgc_flush_all xfs_blockgc_start "
        "xfs_blockgc_stop xfs_blockgc_worker xfs_defer_add_item xfs_defer_cancel_item "
        "xfs_defer_cancel_list xfs_defer_create_intent xfs_defer_finish_item "
        "xfs_defer_isolate_paused xfs_defer_item_pause xfs_defer_item_unpause "
        "xfs_defer_pending_abort xfs_defer_pending_finish xfs_defer_relog_intent "
        "xfs_fs_sync_fs xfs_inodegc_flush xfs_inodegc_push xfs_inodegc_queue "
        "xfs_inodegc_start xfs_inodegc_stop xfs_inodegc_throttle",
    ),
    (
        (0, 1),
        "tcp_send_reset",
    ),
    (
        (1,),
        "break_lease_block break_lease_noblock break_lease_unblock ext4_mballoc_discard "
        "ext4_mballoc_free fcntl_setlk flock_lock_inode folio_wait_writeback "
        "generic_delete_lease hugetlbfs_alloc_inode locks_remove_posix "
        "mm_khugepaged_collapse_file mm_khugepaged_scan_file mm_khugepaged_scan_pmd "
        "posix_lock_inode sched_pi_setprio time_out_leases writeback_dirty_folio "
        "xfs_blockgc_free_space xfs_ioc_free_eofblocks",
    ),
    (
        (2,),
        "fib_table_lookup sched_stick_numa sched_swap_numa tcp_sendmsg_locked "
        "xfs_btree_overlapped_query_range xfs_btree_updkeys",
    ),
    (
        (3,),
        "kfree_skb qdisc_dequeue",
    ),
    (
        (4,),
        "xfs_map_blocks_alloc xfs_map_blocks_found",
    ),
)

NULLABLE: dict[str, tuple[int, ...]] = {
    name: args for args, names in _NULL_ARGS for name in names.split()
}

# The kernel that began to say so; before, programs may dereference them unchecked.
NULLABLE_SINCE = (6, 13)

# Iterator name -> its context's members: "trusted:T", "trusted?:T" (may be NULL), "ptr?:T", "rdbuf?"
# and "buf?" (memory of a map's key or value), "int".
ITERATORS: dict[str, tuple[str, ...]] = {
    "bpf_link": ("trusted:bpf_iter_meta", "ptr?:bpf_link"),
    "bpf_map": ("trusted:bpf_iter_meta", "trusted?:bpf_map"),
    "bpf_map_elem": ("trusted:bpf_iter_meta", "trusted:bpf_map", "rdbuf?", "buf?"),
    "bpf_prog": ("trusted:bpf_iter_meta", "ptr?:bpf_prog"),
    "bpf_sk_storage_map": ("trusted:bpf_iter_meta", "trusted:bpf_map", "ptr?:sock", "buf?"),
    "cgroup": ("trusted:bpf_iter_meta", "trusted?:cgroup"),
    "dmabuf": ("trusted:bpf_iter_meta", "ptr?:dma_buf"),
    "ipv6_route": ("trusted:bpf_iter_meta", "ptr?:fib6_info"),
    "kmem_cache": ("trusted:bpf_iter_meta", "trusted?:kmem_cache"),
    "ksym": ("trusted:bpf_iter_meta", "ptr?:kallsym_iter"),
    "netlink": ("trusted:bpf_iter_meta", "ptr?:netlink_sock"),
    "sockmap": ("trusted:bpf_iter_meta", "trusted:bpf_map", "rdbuf?", "ptr?:sock"),
    "task": ("trusted:bpf_iter_meta", "trusted?:task_struct"),
    "task_file": ("trusted:bpf_iter_meta", "ptr?:task_struct", "int", "ptr?:file"),
    "task_vma": ("trusted:bpf_iter_meta", "ptr?:task_struct", "ptr?:vm_area_struct"),
    "tcp": ("trusted:bpf_iter_meta", "trusted?:sock_common", "int"),
    "udp": ("trusted:bpf_iter_meta", "trusted?:udp_sock", "int", "int"),
    "unix": ("trusted:bpf_iter_meta", "ptr?:unix_sock", "int"),
}

# Fields whose pointer is as trustworthy as the object they are read from, "struct.field".
# Source: BTF_TYPE_SAFE_* in kernel/bpf/verifier.c.
SAFE_RCU = frozenset(
    {
        "task_struct.cpus_ptr",
        "task_struct.cgroups",
        "task_struct.real_parent",
        "task_struct.group_leader",
        "cgroup.kn",
        "css_set.dfl_cgrp",
        "cgroup_subsys_state.cgroup",
    }
)
SAFE_RCU_OR_NULL = frozenset({"mm_struct.exe_file", "sk_buff.sk", "request_sock.sk"})
SAFE_TRUSTED = frozenset(
    {
        "bpf_iter_meta.seq",
        "bpf_iter__task.meta",
        "bpf_iter__task.task",
        "linux_binprm.file",
        "file.f_inode",
        "file.f_path",
    }
)
SAFE_TRUSTED_OR_NULL = frozenset(
    {"socket.sk", "dentry.d_inode", "vm_area_struct.vm_mm", "vm_area_struct.vm_file"}
)
