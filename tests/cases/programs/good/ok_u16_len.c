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

SEC("tc")
int x(struct __sk_buff *skb)
{
	void *data = (void *)(long)skb->data, *end = (void *)(long)skb->data_end;
	struct udphdr *udp = data + 34;
	__u16 len, i;
	__u32 sum = 0;
	__u8 *p;

	if ((void *)(udp + 1) > end)
		return TC_ACT_OK;
	len = bpf_ntohs(udp->len);
	p = (void *)(udp + 1);
	for (i = 0; i < 64; i++) {
		if (i >= len)
			break;
		if ((void *)(p + i + 1) > end)
			break;
		sum += p[i];
	}
	return sum & 1 ? TC_ACT_SHOT : TC_ACT_OK;
}

char LICENSE[] SEC("license") = "GPL";
