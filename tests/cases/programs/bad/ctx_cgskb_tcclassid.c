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
	skb->tc_classid = 3;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
