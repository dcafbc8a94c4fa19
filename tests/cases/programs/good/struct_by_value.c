#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/in.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>
struct vec { __u32 x, y; };
static __attribute__((noinline)) __u64 dot(struct vec a, struct vec b)
{
	return (__u64)a.x * b.x + (__u64)a.y * b.y;
}

SEC("tc")
int x(struct __sk_buff *skb)
{
	struct vec a = { skb->len, 1 }, b = { 2, skb->mark };

	return dot(a, b) > 1000 ? TC_ACT_SHOT : TC_ACT_OK;
}

char LICENSE[] SEC("license") = "GPL";
