#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

SEC("struct_ops/ssthresh")
u32 BPF_PROG(my_ssthresh, struct sock *sk)
{
	sk->sk_priority = 3;
	return 2;
}

SEC("struct_ops/undo")
u32 BPF_PROG(my_undo, struct sock *sk)
{
	return 2;
}

SEC("struct_ops/ca")
void BPF_PROG(my_ca, struct sock *sk, u32 ack, u32 acked)
{
}

SEC(".struct_ops")
struct tcp_congestion_ops mine = {
	.ssthresh = (void *)my_ssthresh,
	.undo_cwnd = (void *)my_undo,
	.cong_avoid = (void *)my_ca,
	.name = "bpf_mine",
};

char LICENSE[] SEC("license") = "GPL";
