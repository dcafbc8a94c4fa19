#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
SEC("struct_ops/tcp_init")
void BPF_PROG(tcp_init, struct sock *sk)
{
}
SEC("struct_ops/ssthresh")
__u32 BPF_PROG(ssthresh, struct sock *sk)
{
	struct tcp_sock *tp = (struct tcp_sock *)sk;

	return tp->snd_cwnd;
}
SEC("struct_ops/cong_avoid")
void BPF_PROG(cong_avoid, struct sock *sk, __u32 ack, __u32 acked)
{
}
SEC("struct_ops/undo")
__u32 BPF_PROG(undo, struct sock *sk)
{
	return 10;
}
SEC(".struct_ops")
struct tcp_congestion_ops mine = {
	.init = (void *)tcp_init,
	.ssthresh = (void *)ssthresh,
	.cong_avoid = (void *)cong_avoid,
	.undo_cwnd = (void *)undo,
	.name = "bpf_mine",
};

char LICENSE[] SEC("license") = "GPL";
