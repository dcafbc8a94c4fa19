/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Made by "make gen" from bpfcc/uapi/helpers.py: change the rows there. */
#ifndef __BPFCC_BPF_BPF_HELPER_DEFS_H
#define __BPFCC_BPF_BPF_HELPER_DEFS_H

struct __sk_buff;
struct bpf_tunnel_key;
struct xdp_md;
struct bpf_sock_ops;
struct bpf_perf_event_value;
struct bpf_perf_event_data;
struct pt_regs;
struct sk_msg_md;
struct bpf_sock_addr;
struct sockaddr;
struct bpf_xfrm_state;
struct bpf_fib_lookup;
struct sk_reuseport_md;
struct bpf_sock;
struct bpf_sock_tuple;
struct bpf_spin_lock;
struct bpf_tcp_sock;
struct tcphdr;
struct bpf_sysctl;
struct bpf_pidns_info;
struct seq_file;
struct tcp6_sock;
struct tcp_sock;
struct tcp_timewait_sock;
struct tcp_request_sock;
struct udp6_sock;
struct task_struct;
struct path;
struct btf_ptr;
struct bpf_redir_neigh;
struct linux_binprm;
struct inode;
struct socket;
struct file;
struct bpf_timer;
struct unix_sock;
struct mptcp_sock;
struct bpf_dynptr;
struct iphdr;
struct ipv6hdr;
struct cgroup;

/* bpf_map_lookup_elem: Linux 3.19 */
static void *(*const bpf_map_lookup_elem)(void *map, const void *key) = (void *)1;

/* bpf_map_update_elem: Linux 3.19 */
static long (*const bpf_map_update_elem)(void *map, const void *key, const void *value, __u64 flags) = (void *)2;

/* bpf_map_delete_elem: Linux 3.19 */
static long (*const bpf_map_delete_elem)(void *map, const void *key) = (void *)3;

/* bpf_probe_read: Linux 4.1, GPL only */
static long (*const bpf_probe_read)(void *dst, __u32 size, const void *unsafe_ptr) = (void *)4;

/* bpf_ktime_get_ns: Linux 4.1 */
static __u64 (*const bpf_ktime_get_ns)(void) = (void *)5;

/* bpf_trace_printk: Linux 4.1, GPL only */
static long (*const bpf_trace_printk)(const char *fmt, __u32 fmt_size, ...) = (void *)6;

/* bpf_get_prandom_u32: Linux 4.1 */
static __u32 (*const bpf_get_prandom_u32)(void) = (void *)7;

/* bpf_get_smp_processor_id: Linux 4.1 */
static __u32 (*const bpf_get_smp_processor_id)(void) = (void *)8;

/* bpf_skb_store_bytes: Linux 4.1 */
static long (*const bpf_skb_store_bytes)(struct __sk_buff *skb, __u32 offset, const void *from, __u32 len, __u64 flags) = (void *)9;

/* bpf_l3_csum_replace: Linux 4.1 */
static long (*const bpf_l3_csum_replace)(struct __sk_buff *skb, __u32 offset, __u64 from, __u64 to, __u64 size) = (void *)10;

/* bpf_l4_csum_replace: Linux 4.1 */
static long (*const bpf_l4_csum_replace)(struct __sk_buff *skb, __u32 offset, __u64 from, __u64 to, __u64 flags) = (void *)11;

/* bpf_tail_call: Linux 4.2 */
static long (*const bpf_tail_call)(void *ctx, void *prog_array_map, __u32 index) = (void *)12;

/* bpf_clone_redirect: Linux 4.2 */
static long (*const bpf_clone_redirect)(struct __sk_buff *skb, __u32 ifindex, __u64 flags) = (void *)13;

/* bpf_get_current_pid_tgid: Linux 4.2 */
static __u64 (*const bpf_get_current_pid_tgid)(void) = (void *)14;

/* bpf_get_current_uid_gid: Linux 4.2 */
static __u64 (*const bpf_get_current_uid_gid)(void) = (void *)15;

/* bpf_get_current_comm: Linux 4.2 */
static long (*const bpf_get_current_comm)(void *buf, __u32 size_of_buf) = (void *)16;

/* bpf_get_cgroup_classid: Linux 4.3 */
static __u32 (*const bpf_get_cgroup_classid)(struct __sk_buff *skb) = (void *)17;

/* bpf_skb_vlan_push: Linux 4.3 */
static long (*const bpf_skb_vlan_push)(struct __sk_buff *skb, __be16 vlan_proto, __u16 vlan_tci) = (void *)18;

/* bpf_skb_vlan_pop: Linux 4.3 */
static long (*const bpf_skb_vlan_pop)(struct __sk_buff *skb) = (void *)19;

/* bpf_skb_get_tunnel_key: Linux 4.3 */
static long (*const bpf_skb_get_tunnel_key)(struct __sk_buff *skb, struct bpf_tunnel_key *key, __u32 size, __u64 flags) = (void *)20;

/* bpf_skb_set_tunnel_key: Linux 4.3 */
static long (*const bpf_skb_set_tunnel_key)(struct __sk_buff *skb, struct bpf_tunnel_key *key, __u32 size, __u64 flags) = (void *)21;

/* bpf_perf_event_read: Linux 4.3, GPL only */
static __u64 (*const bpf_perf_event_read)(void *map, __u64 flags) = (void *)22;

/* bpf_redirect: Linux 4.4 */
static long (*const bpf_redirect)(__u32 ifindex, __u64 flags) = (void *)23;

/* bpf_get_route_realm: Linux 4.4 */
static __u32 (*const bpf_get_route_realm)(struct __sk_buff *skb) = (void *)24;

/* bpf_perf_event_output: Linux 4.4, GPL only */
static long (*const bpf_perf_event_output)(void *ctx, void *map, __u64 flags, void *data, __u64 size) = (void *)25;

/* bpf_skb_load_bytes: Linux 4.5 */
static long (*const bpf_skb_load_bytes)(const void *skb, __u32 offset, void *to, __u32 len) = (void *)26;

/* bpf_get_stackid: Linux 4.6, GPL only */
static long (*const bpf_get_stackid)(void *ctx, void *map, __u64 flags) = (void *)27;

/* bpf_csum_diff: Linux 4.6 */
static __s64 (*const bpf_csum_diff)(__be32 *from, __u32 from_size, __be32 *to, __u32 to_size, __wsum seed) = (void *)28;

/* bpf_skb_get_tunnel_opt: Linux 4.6 */
static long (*const bpf_skb_get_tunnel_opt)(struct __sk_buff *skb, void *opt, __u32 size) = (void *)29;

/* bpf_skb_set_tunnel_opt: Linux 4.6 */
static long (*const bpf_skb_set_tunnel_opt)(struct __sk_buff *skb, void *opt, __u32 size) = (void *)30;

/* bpf_skb_change_proto: Linux 4.8 */
static long (*const bpf_skb_change_proto)(struct __sk_buff *skb, __be16 proto, __u64 flags) = (void *)31;

/* bpf_skb_change_type: Linux 4.8 */
static long (*const bpf_skb_change_type)(struct __sk_buff *skb, __u32 type) = (void *)32;

/* bpf_skb_under_cgroup: Linux 4.8 */
static long (*const bpf_skb_under_cgroup)(struct __sk_buff *skb, void *map, __u32 index) = (void *)33;

/* bpf_get_hash_recalc: Linux 4.8 */
static __u32 (*const bpf_get_hash_recalc)(struct __sk_buff *skb) = (void *)34;

/* bpf_get_current_task: Linux 4.8, GPL only */
static __u64 (*const bpf_get_current_task)(void) = (void *)35;

/* bpf_probe_write_user: Linux 4.8, GPL only */
static long (*const bpf_probe_write_user)(void *dst, const void *src, __u32 len) = (void *)36;

/* bpf_current_task_under_cgroup: Linux 4.9 */
static long (*const bpf_current_task_under_cgroup)(void *map, __u32 index) = (void *)37;

/* bpf_skb_change_tail: Linux 4.9 */
static long (*const bpf_skb_change_tail)(struct __sk_buff *skb, __u32 len, __u64 flags) = (void *)38;

/* bpf_skb_pull_data: Linux 4.9 */
static long (*const bpf_skb_pull_data)(struct __sk_buff *skb, __u32 len) = (void *)39;

/* bpf_csum_update: Linux 4.9 */
static __s64 (*const bpf_csum_update)(struct __sk_buff *skb, __wsum csum) = (void *)40;

/* bpf_set_hash_invalid: Linux 4.9 */
static void (*const bpf_set_hash_invalid)(struct __sk_buff *skb) = (void *)41;

/* bpf_get_numa_node_id: Linux 4.10 */
static long (*const bpf_get_numa_node_id)(void) = (void *)42;

/* bpf_skb_change_head: Linux 4.10 */
static long (*const bpf_skb_change_head)(struct __sk_buff *skb, __u32 len, __u64 flags) = (void *)43;

/* bpf_xdp_adjust_head: Linux 4.10 */
static long (*const bpf_xdp_adjust_head)(struct xdp_md *xdp_md, int delta) = (void *)44;

/* bpf_probe_read_str: Linux 4.11, GPL only */
static long (*const bpf_probe_read_str)(void *dst, __u32 size, const void *unsafe_ptr) = (void *)45;

/* bpf_get_socket_cookie: Linux 4.12 */
static __u64 (*const bpf_get_socket_cookie)(void *ctx) = (void *)46;

/* bpf_get_socket_uid: Linux 4.12 */
static __u32 (*const bpf_get_socket_uid)(struct __sk_buff *skb) = (void *)47;

/* bpf_set_hash: Linux 4.13 */
static long (*const bpf_set_hash)(struct __sk_buff *skb, __u32 hash) = (void *)48;

/* bpf_setsockopt: Linux 4.13 */
static long (*const bpf_setsockopt)(void *bpf_socket, int level, int optname, void *optval, int optlen) = (void *)49;

/* bpf_skb_adjust_room: Linux 4.13 */
static long (*const bpf_skb_adjust_room)(struct __sk_buff *skb, __s32 len_diff, __u32 mode, __u64 flags) = (void *)50;

/* bpf_redirect_map: Linux 4.14 */
static long (*const bpf_redirect_map)(void *map, __u64 key, __u64 flags) = (void *)51;

/* bpf_sk_redirect_map: Linux 4.14 */
static long (*const bpf_sk_redirect_map)(struct __sk_buff *skb, void *map, __u32 key, __u64 flags) = (void *)52;

/* bpf_sock_map_update: Linux 4.14 */
static long (*const bpf_sock_map_update)(struct bpf_sock_ops *skops, void *map, void *key, __u64 flags) = (void *)53;

/* bpf_xdp_adjust_meta: Linux 4.15 */
static long (*const bpf_xdp_adjust_meta)(struct xdp_md *xdp_md, int delta) = (void *)54;

/* bpf_perf_event_read_value: Linux 4.15, GPL only */
static long (*const bpf_perf_event_read_value)(void *map, __u64 flags, struct bpf_perf_event_value *buf, __u32 buf_size) = (void *)55;

/* bpf_perf_prog_read_value: Linux 4.15, GPL only */
static long (*const bpf_perf_prog_read_value)(struct bpf_perf_event_data *ctx, struct bpf_perf_event_value *buf, __u32 buf_size) = (void *)56;

/* bpf_getsockopt: Linux 4.15 */
static long (*const bpf_getsockopt)(void *bpf_socket, int level, int optname, void *optval, int optlen) = (void *)57;

/* bpf_override_return: Linux 4.16, GPL only */
static long (*const bpf_override_return)(struct pt_regs *regs, __u64 rc) = (void *)58;

/* bpf_sock_ops_cb_flags_set: Linux 4.16 */
static long (*const bpf_sock_ops_cb_flags_set)(struct bpf_sock_ops *bpf_sock, int argval) = (void *)59;

/* bpf_msg_redirect_map: Linux 4.17 */
static long (*const bpf_msg_redirect_map)(struct sk_msg_md *msg, void *map, __u32 key, __u64 flags) = (void *)60;

/* bpf_msg_apply_bytes: Linux 4.17 */
static long (*const bpf_msg_apply_bytes)(struct sk_msg_md *msg, __u32 bytes) = (void *)61;

/* bpf_msg_cork_bytes: Linux 4.17 */
static long (*const bpf_msg_cork_bytes)(struct sk_msg_md *msg, __u32 bytes) = (void *)62;

/* bpf_msg_pull_data: Linux 4.17 */
static long (*const bpf_msg_pull_data)(struct sk_msg_md *msg, __u32 start, __u32 end, __u64 flags) = (void *)63;

/* bpf_bind: Linux 4.17 */
static long (*const bpf_bind)(struct bpf_sock_addr *ctx, struct sockaddr *addr, int addr_len) = (void *)64;

/* bpf_xdp_adjust_tail: Linux 4.18 */
static long (*const bpf_xdp_adjust_tail)(struct xdp_md *xdp_md, int delta) = (void *)65;

/* bpf_skb_get_xfrm_state: Linux 4.18 */
static long (*const bpf_skb_get_xfrm_state)(struct __sk_buff *skb, __u32 index, struct bpf_xfrm_state *xfrm_state, __u32 size, __u64 flags) = (void *)66;

/* bpf_get_stack: Linux 4.18, GPL only */
static long (*const bpf_get_stack)(void *ctx, void *buf, __u32 size, __u64 flags) = (void *)67;

/* bpf_skb_load_bytes_relative: Linux 4.18 */
static long (*const bpf_skb_load_bytes_relative)(const void *skb, __u32 offset, void *to, __u32 len, __u32 start_header) = (void *)68;

/* bpf_fib_lookup: Linux 4.18, GPL only */
static long (*const bpf_fib_lookup)(void *ctx, struct bpf_fib_lookup *params, int plen, __u32 flags) = (void *)69;

/* bpf_sock_hash_update: Linux 4.18 */
static long (*const bpf_sock_hash_update)(struct bpf_sock_ops *skops, void *map, void *key, __u64 flags) = (void *)70;

/* bpf_msg_redirect_hash: Linux 4.18 */
static long (*const bpf_msg_redirect_hash)(struct sk_msg_md *msg, void *map, void *key, __u64 flags) = (void *)71;

/* bpf_sk_redirect_hash: Linux 4.18 */
static long (*const bpf_sk_redirect_hash)(struct __sk_buff *skb, void *map, void *key, __u64 flags) = (void *)72;

/* bpf_lwt_push_encap: Linux 4.18 */
static long (*const bpf_lwt_push_encap)(struct __sk_buff *skb, __u32 type, void *hdr, __u32 len) = (void *)73;

/* bpf_lwt_seg6_store_bytes: Linux 4.18 */
static long (*const bpf_lwt_seg6_store_bytes)(struct __sk_buff *skb, __u32 offset, const void *from, __u32 len) = (void *)74;

/* bpf_lwt_seg6_adjust_srh: Linux 4.18 */
static long (*const bpf_lwt_seg6_adjust_srh)(struct __sk_buff *skb, __u32 offset, __s32 delta) = (void *)75;

/* bpf_lwt_seg6_action: Linux 4.18 */
static long (*const bpf_lwt_seg6_action)(struct __sk_buff *skb, __u32 action, void *param, __u32 param_len) = (void *)76;

/* bpf_rc_repeat: Linux 4.18, GPL only */
static long (*const bpf_rc_repeat)(void *ctx) = (void *)77;

/* bpf_rc_keydown: Linux 4.18, GPL only */
static long (*const bpf_rc_keydown)(void *ctx, __u32 protocol, __u64 scancode, __u32 toggle) = (void *)78;

/* bpf_skb_cgroup_id: Linux 4.18 */
static __u64 (*const bpf_skb_cgroup_id)(struct __sk_buff *skb) = (void *)79;

/* bpf_get_current_cgroup_id: Linux 4.18 */
static __u64 (*const bpf_get_current_cgroup_id)(void) = (void *)80;

/* bpf_get_local_storage: Linux 4.19 */
static void *(*const bpf_get_local_storage)(void *map, __u64 flags) = (void *)81;

/* bpf_sk_select_reuseport: Linux 4.19 */
static long (*const bpf_sk_select_reuseport)(struct sk_reuseport_md *reuse, void *map, void *key, __u64 flags) = (void *)82;

/* bpf_skb_ancestor_cgroup_id: Linux 4.19 */
static __u64 (*const bpf_skb_ancestor_cgroup_id)(struct __sk_buff *skb, int ancestor_level) = (void *)83;

/* bpf_sk_lookup_tcp: Linux 4.20 */
static struct bpf_sock *(*const bpf_sk_lookup_tcp)(void *ctx, struct bpf_sock_tuple *tuple, __u32 tuple_size, __u64 netns, __u64 flags) = (void *)84;

/* bpf_sk_lookup_udp: Linux 4.20 */
static struct bpf_sock *(*const bpf_sk_lookup_udp)(void *ctx, struct bpf_sock_tuple *tuple, __u32 tuple_size, __u64 netns, __u64 flags) = (void *)85;

/* bpf_sk_release: Linux 4.20 */
static long (*const bpf_sk_release)(void *sock) = (void *)86;

/* bpf_map_push_elem: Linux 4.20 */
static long (*const bpf_map_push_elem)(void *map, const void *value, __u64 flags) = (void *)87;

/* bpf_map_pop_elem: Linux 4.20 */
static long (*const bpf_map_pop_elem)(void *map, void *value) = (void *)88;

/* bpf_map_peek_elem: Linux 4.20 */
static long (*const bpf_map_peek_elem)(void *map, void *value) = (void *)89;

/* bpf_msg_push_data: Linux 4.20 */
static long (*const bpf_msg_push_data)(struct sk_msg_md *msg, __u32 start, __u32 len, __u64 flags) = (void *)90;

/* bpf_msg_pop_data: Linux 5.0 */
static long (*const bpf_msg_pop_data)(struct sk_msg_md *msg, __u32 start, __u32 len, __u64 flags) = (void *)91;

/* bpf_rc_pointer_rel: Linux 5.0, GPL only */
static long (*const bpf_rc_pointer_rel)(void *ctx, __s32 rel_x, __s32 rel_y) = (void *)92;

/* bpf_spin_lock: Linux 5.1 */
static long (*const bpf_spin_lock)(struct bpf_spin_lock *lock) = (void *)93;

/* bpf_spin_unlock: Linux 5.1 */
static long (*const bpf_spin_unlock)(struct bpf_spin_lock *lock) = (void *)94;

/* bpf_sk_fullsock: Linux 5.1 */
static struct bpf_sock *(*const bpf_sk_fullsock)(struct bpf_sock *sk) = (void *)95;

/* bpf_tcp_sock: Linux 5.1 */
static struct bpf_tcp_sock *(*const bpf_tcp_sock)(struct bpf_sock *sk) = (void *)96;

/* bpf_skb_ecn_set_ce: Linux 5.1 */
static long (*const bpf_skb_ecn_set_ce)(struct __sk_buff *skb) = (void *)97;

/* bpf_get_listener_sock: Linux 5.1 */
static struct bpf_sock *(*const bpf_get_listener_sock)(struct bpf_sock *sk) = (void *)98;

/* bpf_skc_lookup_tcp: Linux 5.2 */
static struct bpf_sock *(*const bpf_skc_lookup_tcp)(void *ctx, struct bpf_sock_tuple *tuple, __u32 tuple_size, __u64 netns, __u64 flags) = (void *)99;

/* bpf_tcp_check_syncookie: Linux 5.2, GPL only */
static long (*const bpf_tcp_check_syncookie)(void *sk, void *iph, __u32 iph_len, struct tcphdr *th, __u32 th_len) = (void *)100;

/* bpf_sysctl_get_name: Linux 5.2 */
static long (*const bpf_sysctl_get_name)(struct bpf_sysctl *ctx, char *buf, unsigned long buf_len, __u64 flags) = (void *)101;

/* bpf_sysctl_get_current_value: Linux 5.2 */
static long (*const bpf_sysctl_get_current_value)(struct bpf_sysctl *ctx, char *buf, unsigned long buf_len) = (void *)102;

/* bpf_sysctl_get_new_value: Linux 5.2 */
static long (*const bpf_sysctl_get_new_value)(struct bpf_sysctl *ctx, char *buf, unsigned long buf_len) = (void *)103;

/* bpf_sysctl_set_new_value: Linux 5.2 */
static long (*const bpf_sysctl_set_new_value)(struct bpf_sysctl *ctx, const char *buf, unsigned long buf_len) = (void *)104;

/* bpf_strtol: Linux 5.2 */
static long (*const bpf_strtol)(const char *buf, unsigned long buf_len, __u64 flags, long *res) = (void *)105;

/* bpf_strtoul: Linux 5.2 */
static long (*const bpf_strtoul)(const char *buf, unsigned long buf_len, __u64 flags, unsigned long *res) = (void *)106;

/* bpf_sk_storage_get: Linux 5.2 */
static void *(*const bpf_sk_storage_get)(void *map, void *sk, void *value, __u64 flags) = (void *)107;

/* bpf_sk_storage_delete: Linux 5.2 */
static long (*const bpf_sk_storage_delete)(void *map, void *sk) = (void *)108;

/* bpf_send_signal: Linux 5.3 */
static long (*const bpf_send_signal)(__u32 sig) = (void *)109;

/* bpf_tcp_gen_syncookie: Linux 5.4, GPL only */
static __s64 (*const bpf_tcp_gen_syncookie)(void *sk, void *iph, __u32 iph_len, struct tcphdr *th, __u32 th_len) = (void *)110;

/* bpf_skb_output: Linux 5.5, GPL only */
static long (*const bpf_skb_output)(void *ctx, void *map, __u64 flags, void *data, __u64 size) = (void *)111;

/* bpf_probe_read_user: Linux 5.5, GPL only */
static long (*const bpf_probe_read_user)(void *dst, __u32 size, const void *unsafe_ptr) = (void *)112;

/* bpf_probe_read_kernel: Linux 5.5, GPL only */
static long (*const bpf_probe_read_kernel)(void *dst, __u32 size, const void *unsafe_ptr) = (void *)113;

/* bpf_probe_read_user_str: Linux 5.5, GPL only */
static long (*const bpf_probe_read_user_str)(void *dst, __u32 size, const void *unsafe_ptr) = (void *)114;

/* bpf_probe_read_kernel_str: Linux 5.5, GPL only */
static long (*const bpf_probe_read_kernel_str)(void *dst, __u32 size, const void *unsafe_ptr) = (void *)115;

/* bpf_tcp_send_ack: Linux 5.6 */
static long (*const bpf_tcp_send_ack)(void *tp, __u32 rcv_nxt) = (void *)116;

/* bpf_send_signal_thread: Linux 5.6 */
static long (*const bpf_send_signal_thread)(__u32 sig) = (void *)117;

/* bpf_jiffies64: Linux 5.6 */
static __u64 (*const bpf_jiffies64)(void) = (void *)118;

/* bpf_read_branch_records: Linux 5.7, GPL only */
static long (*const bpf_read_branch_records)(struct bpf_perf_event_data *ctx, void *buf, __u32 size, __u64 flags) = (void *)119;

/* bpf_get_ns_current_pid_tgid: Linux 5.7 */
static long (*const bpf_get_ns_current_pid_tgid)(__u64 dev, __u64 ino, struct bpf_pidns_info *nsdata, __u32 size) = (void *)120;

/* bpf_xdp_output: Linux 5.7, GPL only */
static long (*const bpf_xdp_output)(void *ctx, void *map, __u64 flags, void *data, __u64 size) = (void *)121;

/* bpf_get_netns_cookie: Linux 5.7 */
static __u64 (*const bpf_get_netns_cookie)(void *ctx) = (void *)122;

/* bpf_get_current_ancestor_cgroup_id: Linux 5.7 */
static __u64 (*const bpf_get_current_ancestor_cgroup_id)(int ancestor_level) = (void *)123;

/* bpf_sk_assign: Linux 5.7 */
static long (*const bpf_sk_assign)(void *ctx, void *sk, __u64 flags) = (void *)124;

/* bpf_ktime_get_boot_ns: Linux 5.8 */
static __u64 (*const bpf_ktime_get_boot_ns)(void) = (void *)125;

/* bpf_seq_printf: Linux 5.8, GPL only */
static long (*const bpf_seq_printf)(struct seq_file *m, const char *fmt, __u32 fmt_size, const void *data, __u32 data_len) = (void *)126;

/* bpf_seq_write: Linux 5.8, GPL only */
static long (*const bpf_seq_write)(struct seq_file *m, const void *data, __u32 len) = (void *)127;

/* bpf_sk_cgroup_id: Linux 5.8 */
static __u64 (*const bpf_sk_cgroup_id)(void *sk) = (void *)128;

/* bpf_sk_ancestor_cgroup_id: Linux 5.8 */
static __u64 (*const bpf_sk_ancestor_cgroup_id)(void *sk, int ancestor_level) = (void *)129;

/* bpf_ringbuf_output: Linux 5.8 */
static long (*const bpf_ringbuf_output)(void *ringbuf, void *data, __u64 size, __u64 flags) = (void *)130;

/* bpf_ringbuf_reserve: Linux 5.8 */
static void *(*const bpf_ringbuf_reserve)(void *ringbuf, __u64 size, __u64 flags) = (void *)131;

/* bpf_ringbuf_submit: Linux 5.8 */
static void (*const bpf_ringbuf_submit)(void *data, __u64 flags) = (void *)132;

/* bpf_ringbuf_discard: Linux 5.8 */
static void (*const bpf_ringbuf_discard)(void *data, __u64 flags) = (void *)133;

/* bpf_ringbuf_query: Linux 5.8 */
static __u64 (*const bpf_ringbuf_query)(void *ringbuf, __u64 flags) = (void *)134;

/* bpf_csum_level: Linux 5.8 */
static long (*const bpf_csum_level)(struct __sk_buff *skb, __u64 level) = (void *)135;

/* bpf_skc_to_tcp6_sock: Linux 5.9 */
static struct tcp6_sock *(*const bpf_skc_to_tcp6_sock)(void *sk) = (void *)136;

/* bpf_skc_to_tcp_sock: Linux 5.9 */
static struct tcp_sock *(*const bpf_skc_to_tcp_sock)(void *sk) = (void *)137;

/* bpf_skc_to_tcp_timewait_sock: Linux 5.9 */
static struct tcp_timewait_sock *(*const bpf_skc_to_tcp_timewait_sock)(void *sk) = (void *)138;

/* bpf_skc_to_tcp_request_sock: Linux 5.9 */
static struct tcp_request_sock *(*const bpf_skc_to_tcp_request_sock)(void *sk) = (void *)139;

/* bpf_skc_to_udp6_sock: Linux 5.9 */
static struct udp6_sock *(*const bpf_skc_to_udp6_sock)(void *sk) = (void *)140;

/* bpf_get_task_stack: Linux 5.9 */
static long (*const bpf_get_task_stack)(struct task_struct *task, void *buf, __u32 size, __u64 flags) = (void *)141;

/* bpf_load_hdr_opt: Linux 5.10 */
static long (*const bpf_load_hdr_opt)(struct bpf_sock_ops *skops, void *searchby_res, __u32 len, __u64 flags) = (void *)142;

/* bpf_store_hdr_opt: Linux 5.10 */
static long (*const bpf_store_hdr_opt)(struct bpf_sock_ops *skops, const void *from, __u32 len, __u64 flags) = (void *)143;

/* bpf_reserve_hdr_opt: Linux 5.10 */
static long (*const bpf_reserve_hdr_opt)(struct bpf_sock_ops *skops, __u32 len, __u64 flags) = (void *)144;

/* bpf_inode_storage_get: Linux 5.10 */
static void *(*const bpf_inode_storage_get)(void *map, void *inode, void *value, __u64 flags) = (void *)145;

/* bpf_inode_storage_delete: Linux 5.10 */
static int (*const bpf_inode_storage_delete)(void *map, void *inode) = (void *)146;

/* bpf_d_path: Linux 5.10 */
static long (*const bpf_d_path)(struct path *path, char *buf, __u32 sz) = (void *)147;

/* bpf_copy_from_user: Linux 5.10 */
static long (*const bpf_copy_from_user)(void *dst, __u32 size, const void *user_ptr) = (void *)148;

/* bpf_snprintf_btf: Linux 5.10 */
static long (*const bpf_snprintf_btf)(char *str, __u32 str_size, struct btf_ptr *ptr, __u32 btf_ptr_size, __u64 flags) = (void *)149;

/* bpf_seq_printf_btf: Linux 5.10, GPL only */
static long (*const bpf_seq_printf_btf)(struct seq_file *m, struct btf_ptr *ptr, __u32 ptr_size, __u64 flags) = (void *)150;

/* bpf_skb_cgroup_classid: Linux 5.10 */
static __u64 (*const bpf_skb_cgroup_classid)(struct __sk_buff *skb) = (void *)151;

/* bpf_redirect_neigh: Linux 5.10 */
static long (*const bpf_redirect_neigh)(__u32 ifindex, struct bpf_redir_neigh *params, int plen, __u64 flags) = (void *)152;

/* bpf_per_cpu_ptr: Linux 5.10 */
static void *(*const bpf_per_cpu_ptr)(const void *percpu_ptr, __u32 cpu) = (void *)153;

/* bpf_this_cpu_ptr: Linux 5.10 */
static void *(*const bpf_this_cpu_ptr)(const void *percpu_ptr) = (void *)154;

/* bpf_redirect_peer: Linux 5.10 */
static long (*const bpf_redirect_peer)(__u32 ifindex, __u64 flags) = (void *)155;

/* bpf_task_storage_get: Linux 5.11 */
static void *(*const bpf_task_storage_get)(void *map, struct task_struct *task, void *value, __u64 flags) = (void *)156;

/* bpf_task_storage_delete: Linux 5.11 */
static long (*const bpf_task_storage_delete)(void *map, struct task_struct *task) = (void *)157;

/* bpf_get_current_task_btf: Linux 5.11, GPL only */
static struct task_struct *(*const bpf_get_current_task_btf)(void) = (void *)158;

/* bpf_bprm_opts_set: Linux 5.11 */
static long (*const bpf_bprm_opts_set)(struct linux_binprm *bprm, __u64 flags) = (void *)159;

/* bpf_ktime_get_coarse_ns: Linux 5.11 */
static __u64 (*const bpf_ktime_get_coarse_ns)(void) = (void *)160;

/* bpf_ima_inode_hash: Linux 5.11 */
static long (*const bpf_ima_inode_hash)(struct inode *inode, void *dst, __u32 size) = (void *)161;

/* bpf_sock_from_file: Linux 5.11 */
static struct socket *(*const bpf_sock_from_file)(struct file *file) = (void *)162;

/* bpf_check_mtu: Linux 5.12, GPL only */
static long (*const bpf_check_mtu)(void *ctx, __u32 ifindex, __u32 *mtu_len, __s32 len_diff, __u64 flags) = (void *)163;

/* bpf_for_each_map_elem: Linux 5.13 */
static long (*const bpf_for_each_map_elem)(void *map, void *callback_fn, void *callback_ctx, __u64 flags) = (void *)164;

/* bpf_snprintf: Linux 5.13, GPL only */
static long (*const bpf_snprintf)(char *str, __u32 str_size, const char *fmt, __u64 *data, __u32 data_len) = (void *)165;

/* bpf_sys_bpf: Linux 5.14 */
static long (*const bpf_sys_bpf)(__u32 cmd, void *attr, __u32 attr_size) = (void *)166;

/* bpf_btf_find_by_name_kind: Linux 5.14 */
static long (*const bpf_btf_find_by_name_kind)(char *name, int name_sz, __u32 kind, int flags) = (void *)167;

/* bpf_sys_close: Linux 5.14 */
static long (*const bpf_sys_close)(__u32 fd) = (void *)168;

/* bpf_timer_init: Linux 5.15, GPL only */
static long (*const bpf_timer_init)(struct bpf_timer *timer, void *map, __u64 flags) = (void *)169;

/* bpf_timer_set_callback: Linux 5.15, GPL only */
static long (*const bpf_timer_set_callback)(struct bpf_timer *timer, void *callback_fn) = (void *)170;

/* bpf_timer_start: Linux 5.15, GPL only */
static long (*const bpf_timer_start)(struct bpf_timer *timer, __u64 nsecs, __u64 flags) = (void *)171;

/* bpf_timer_cancel: Linux 5.15, GPL only */
static long (*const bpf_timer_cancel)(struct bpf_timer *timer) = (void *)172;

/* bpf_get_func_ip: Linux 5.15, GPL only */
static __u64 (*const bpf_get_func_ip)(void *ctx) = (void *)173;

/* bpf_get_attach_cookie: Linux 5.15 */
static __u64 (*const bpf_get_attach_cookie)(void *ctx) = (void *)174;

/* bpf_task_pt_regs: Linux 5.15, GPL only */
static long (*const bpf_task_pt_regs)(struct task_struct *task) = (void *)175;

/* bpf_get_branch_snapshot: Linux 5.16, GPL only */
static long (*const bpf_get_branch_snapshot)(void *entries, __u32 size, __u64 flags) = (void *)176;

/* bpf_trace_vprintk: Linux 5.16, GPL only */
static long (*const bpf_trace_vprintk)(const char *fmt, __u32 fmt_size, const void *data, __u32 data_len) = (void *)177;

/* bpf_skc_to_unix_sock: Linux 5.16 */
static struct unix_sock *(*const bpf_skc_to_unix_sock)(void *sk) = (void *)178;

/* bpf_kallsyms_lookup_name: Linux 5.16 */
static long (*const bpf_kallsyms_lookup_name)(const char *name, int name_sz, int flags, __u64 *res) = (void *)179;

/* bpf_find_vma: Linux 5.17 */
static long (*const bpf_find_vma)(struct task_struct *task, __u64 addr, void *callback_fn, void *callback_ctx, __u64 flags) = (void *)180;

/* bpf_loop: Linux 5.17 */
static long (*const bpf_loop)(__u32 nr_loops, void *callback_fn, void *callback_ctx, __u64 flags) = (void *)181;

/* bpf_strncmp: Linux 5.17 */
static long (*const bpf_strncmp)(const char *s1, __u32 s1_sz, const char *s2) = (void *)182;

/* bpf_get_func_arg: Linux 5.17 */
static long (*const bpf_get_func_arg)(void *ctx, __u32 n, __u64 *value) = (void *)183;

/* bpf_get_func_ret: Linux 5.17 */
static long (*const bpf_get_func_ret)(void *ctx, __u64 *value) = (void *)184;

/* bpf_get_func_arg_cnt: Linux 5.17 */
static long (*const bpf_get_func_arg_cnt)(void *ctx) = (void *)185;

/* bpf_get_retval: Linux 5.18 */
static int (*const bpf_get_retval)(void) = (void *)186;

/* bpf_set_retval: Linux 5.18 */
static int (*const bpf_set_retval)(int retval) = (void *)187;

/* bpf_xdp_get_buff_len: Linux 5.18 */
static __u64 (*const bpf_xdp_get_buff_len)(struct xdp_md *xdp_md) = (void *)188;

/* bpf_xdp_load_bytes: Linux 5.18 */
static long (*const bpf_xdp_load_bytes)(struct xdp_md *xdp_md, __u32 offset, void *buf, __u32 len) = (void *)189;

/* bpf_xdp_store_bytes: Linux 5.18 */
static long (*const bpf_xdp_store_bytes)(struct xdp_md *xdp_md, __u32 offset, void *buf, __u32 len) = (void *)190;

/* bpf_copy_from_user_task: Linux 5.18, GPL only */
static long (*const bpf_copy_from_user_task)(void *dst, __u32 size, const void *user_ptr, struct task_struct *tsk, __u64 flags) = (void *)191;

/* bpf_skb_set_tstamp: Linux 5.18 */
static long (*const bpf_skb_set_tstamp)(struct __sk_buff *skb, __u64 tstamp, __u32 tstamp_type) = (void *)192;

/* bpf_ima_file_hash: Linux 5.18 */
static long (*const bpf_ima_file_hash)(struct file *file, void *dst, __u32 size) = (void *)193;

/* bpf_kptr_xchg: Linux 5.19 */
static void *(*const bpf_kptr_xchg)(void *map_value, void *ptr) = (void *)194;

/* bpf_map_lookup_percpu_elem: Linux 5.19 */
static void *(*const bpf_map_lookup_percpu_elem)(void *map, const void *key, __u32 cpu) = (void *)195;

/* bpf_skc_to_mptcp_sock: Linux 5.19 */
static struct mptcp_sock *(*const bpf_skc_to_mptcp_sock)(void *sk) = (void *)196;

/* bpf_dynptr_from_mem: Linux 5.19 */
static long (*const bpf_dynptr_from_mem)(void *data, __u32 size, __u64 flags, struct bpf_dynptr *ptr) = (void *)197;

/* bpf_ringbuf_reserve_dynptr: Linux 5.19 */
static long (*const bpf_ringbuf_reserve_dynptr)(void *ringbuf, __u32 size, __u64 flags, struct bpf_dynptr *ptr) = (void *)198;

/* bpf_ringbuf_submit_dynptr: Linux 5.19 */
static void (*const bpf_ringbuf_submit_dynptr)(struct bpf_dynptr *ptr, __u64 flags) = (void *)199;

/* bpf_ringbuf_discard_dynptr: Linux 5.19 */
static void (*const bpf_ringbuf_discard_dynptr)(struct bpf_dynptr *ptr, __u64 flags) = (void *)200;

/* bpf_dynptr_read: Linux 5.19 */
static long (*const bpf_dynptr_read)(void *dst, __u32 len, const struct bpf_dynptr *src, __u32 offset, __u64 flags) = (void *)201;

/* bpf_dynptr_write: Linux 5.19 */
static long (*const bpf_dynptr_write)(const struct bpf_dynptr *dst, __u32 offset, void *src, __u32 len, __u64 flags) = (void *)202;

/* bpf_dynptr_data: Linux 5.19 */
static void *(*const bpf_dynptr_data)(const struct bpf_dynptr *ptr, __u32 offset, __u32 len) = (void *)203;

/* bpf_tcp_raw_gen_syncookie_ipv4: Linux 6.0, GPL only */
static __s64 (*const bpf_tcp_raw_gen_syncookie_ipv4)(struct iphdr *iph, struct tcphdr *th, __u32 th_len) = (void *)204;

/* bpf_tcp_raw_gen_syncookie_ipv6: Linux 6.0, GPL only */
static __s64 (*const bpf_tcp_raw_gen_syncookie_ipv6)(struct ipv6hdr *iph, struct tcphdr *th, __u32 th_len) = (void *)205;

/* bpf_tcp_raw_check_syncookie_ipv4: Linux 6.0, GPL only */
static long (*const bpf_tcp_raw_check_syncookie_ipv4)(struct iphdr *iph, struct tcphdr *th) = (void *)206;

/* bpf_tcp_raw_check_syncookie_ipv6: Linux 6.0, GPL only */
static long (*const bpf_tcp_raw_check_syncookie_ipv6)(struct ipv6hdr *iph, struct tcphdr *th) = (void *)207;

/* bpf_ktime_get_tai_ns: Linux 6.1 */
static __u64 (*const bpf_ktime_get_tai_ns)(void) = (void *)208;

/* bpf_user_ringbuf_drain: Linux 6.1 */
static long (*const bpf_user_ringbuf_drain)(void *map, void *callback_fn, void *ctx, __u64 flags) = (void *)209;

/* bpf_cgrp_storage_get: Linux 6.2 */
static void *(*const bpf_cgrp_storage_get)(void *map, struct cgroup *cgroup, void *value, __u64 flags) = (void *)210;

/* bpf_cgrp_storage_delete: Linux 6.2 */
static long (*const bpf_cgrp_storage_delete)(void *map, struct cgroup *cgroup) = (void *)211;

#endif
