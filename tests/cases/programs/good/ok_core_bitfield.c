#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

SEC("kprobe/tcp_retransmit_skb")
int BPF_KPROBE(x, struct sock *sk, struct sk_buff *skb)
{
	struct tcp_sock *tp = (void *)sk;
	u32 v = BPF_CORE_READ_BITFIELD_PROBED(tp, nonagle);
	u16 fam = BPF_CORE_READ(sk, __sk_common.skc_family);
	u16 len;

	bpf_core_read(&len, sizeof(len), &skb->len);
	if (bpf_core_field_size(sk->__sk_common.skc_hash) != 4)
		return 0;
	bpf_printk("%u %u %u", v, fam, len);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
