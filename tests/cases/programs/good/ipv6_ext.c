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
struct ext { __u8 next, len; __u8 pad[6]; };
SEC("tc")
int x(struct __sk_buff *skb)
{
	void *data = (void *)(long)skb->data, *end = (void *)(long)skb->data_end;
	struct ipv6hdr *ip6 = data + 14;
	struct ext *e;
	__u8 next;
	int i;

	if ((void *)(ip6 + 1) > end)
		return TC_ACT_OK;
	next = ip6->nexthdr;
	e = (void *)(ip6 + 1);
	for (i = 0; i < 4; i++) {
		if (next != 0 && next != 43 && next != 60)
			break;
		if ((void *)(e + 1) > end)
			return TC_ACT_SHOT;
		next = e->next;
		e = (void *)e + (e->len + 1) * 8;
	}
	return next == 59 ? TC_ACT_SHOT : TC_ACT_OK;
}

char LICENSE[] SEC("license") = "GPL";
