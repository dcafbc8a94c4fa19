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

extern int bpf_dynptr_from_skb(struct __sk_buff *skb, __u64 flags, struct bpf_dynptr *ptr) __ksym;
extern void *bpf_dynptr_slice(const struct bpf_dynptr *p, __u32 off, void *buf, __u32 len) __ksym;
extern void *bpf_dynptr_slice_rdwr(const struct bpf_dynptr *p, __u32 off, void *buf, __u32 len) __ksym;

SEC("tc")
int ed(struct __sk_buff *skb)
{
	struct bpf_dynptr d;
	struct iphdr *ip, buf;

	if (bpf_dynptr_from_skb(skb, 0, &d))
		return TC_ACT_OK;
	ip = bpf_dynptr_slice(&d, 14, &buf, sizeof(buf));
	if (!ip)
		return TC_ACT_OK;
	ip->ttl--;
	return TC_ACT_OK;
}

char LICENSE[] SEC("license") = "GPL";
