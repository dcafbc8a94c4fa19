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

struct meta {
	__u32 ifindex, len, cap;
} __attribute__((packed));
struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, 4);
	__uint(value_size, 4);
} ev SEC(".maps");

SEC("tc")
int x(struct __sk_buff *skb)
{
	struct meta m = { skb->ifindex, skb->len, 0 };
	__u64 flags = BPF_F_CURRENT_CPU;

	m.cap = skb->len < 128 ? skb->len : 128;
	flags |= (__u64)m.cap << 32;
	bpf_perf_event_output(skb, &ev, flags, &m, sizeof(m));
	return TC_ACT_OK;
}

char LICENSE[] SEC("license") = "GPL";
