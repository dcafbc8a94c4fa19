#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/in.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>
SEC("tc")
int x(struct __sk_buff *skb)
{
	unsigned long d = (long)skb->data;
	void *e = (void *)(long)skb->data_end;
	__u8 *p;

	d |= 1;
	p = (void *)d;
	if ((void *)(p + 1) > e)
		return TC_ACT_OK;
	return *p;
}

char LICENSE[] SEC("license") = "GPL";
