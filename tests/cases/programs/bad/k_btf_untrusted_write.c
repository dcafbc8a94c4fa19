#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

SEC("tp_btf/netif_receive_skb")
int BPF_PROG(rx, struct sk_buff *skb)
{
	skb->mark = 7;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
