#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/in.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 4);
	__uint(key_size, 4);
	__uint(value_size, 4);
} jmp SEC(".maps");

SEC("tc")
int parse(struct __sk_buff *skb)
{
	skb->cb[0] = 14;
	bpf_tail_call(skb, &jmp, skb->protocol & 3);
	return TC_ACT_OK;
}

SEC("tc")
int next(struct __sk_buff *skb)
{
	__u32 off = skb->cb[0];
	void *d = (void *)(long)skb->data, *e = (void *)(long)skb->data_end;
	struct iphdr *ip;

	if (off > 100)
		return TC_ACT_OK;
	ip = d + off;
	if ((void *)(ip + 1) > e)
		return TC_ACT_OK;
	return ip->ttl == 1 ? TC_ACT_SHOT : TC_ACT_OK;
}

char LICENSE[] SEC("license") = "GPL";
