#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/in.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>
SEC("socket")
int x(struct __sk_buff *skb)
{
	__u64 st[8];

	return bpf_get_stack(skb, st, sizeof(st), 0) & 0;
}

char LICENSE[] SEC("license") = "GPL";
