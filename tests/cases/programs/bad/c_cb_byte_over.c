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

struct cb {
	__u32 state;
	__u8 tag[18];
};

SEC("tc")
int tag(struct __sk_buff *skb)
{
	struct cb *cb = (void *)skb->cb;

	cb->state = 1;
	cb->tag[16] = 7;
	return TC_ACT_OK;
}

char LICENSE[] SEC("license") = "GPL";
