#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/in.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

static __always_inline int grow(struct __sk_buff *skb)
{
	return bpf_skb_change_head(skb, 14, 0);
}

SEC("cgroup_skb/egress")
int eg(struct __sk_buff *skb)
{
	if (grow(skb))
		return 0;
	return 1;
}

char LICENSE[] SEC("license") = "GPL";
