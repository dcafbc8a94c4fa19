#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

SEC("tp_btf/netif_receive_skb")
int BPF_PROG(rx, struct sk_buff *skb)
{
	char name[16];

	bpf_probe_read_kernel_str(name, 64, skb->dev->name);
	bpf_printk("%s", name);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
