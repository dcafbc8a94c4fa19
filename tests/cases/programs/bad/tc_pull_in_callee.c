#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/in.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>
static __attribute__((noinline)) int make_linear(struct __sk_buff *skb)
{
	return bpf_skb_pull_data(skb, 54);
}

SEC("tc")
int peek(struct __sk_buff *skb)
{
	void *data = (void *)(long)skb->data;
	void *data_end = (void *)(long)skb->data_end;
	struct iphdr *ip = data + 14;

	if ((void *)(ip + 1) > data_end)
		return TC_ACT_OK;
	if (make_linear(skb))
		return TC_ACT_OK;
	return ip->ttl < 2 ? TC_ACT_SHOT : TC_ACT_OK;
}

char LICENSE[] SEC("license") = "GPL";
