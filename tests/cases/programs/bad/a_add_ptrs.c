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
int mid(struct __sk_buff *skb)
{
	__u64 data = skb->data, end = skb->data_end;
	__u8 *m = (__u8 *)((data + end) / 2);

	if ((__u64)(m + 1) > end)
		return TC_ACT_OK;
	return *m ? TC_ACT_OK : TC_ACT_SHOT;
}

char LICENSE[] SEC("license") = "GPL";
