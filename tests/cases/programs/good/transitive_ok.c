#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/in.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>
__u64 v[32];
SEC("tc")
int x(struct __sk_buff *skb)
{
	__u32 n = skb->mark, i = skb->hash;

	if (n > 32)
		return 0;
	if (i < n)
		v[i]++;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
