#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/in.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>
struct opts { __u32 a, b; };

__attribute__((noinline)) int apply(struct opts *o)
{
	return o->a + o->b;
}

SEC("tc")
int ent(struct __sk_buff *skb)
{
	struct opts o = { 1, 2 };

	return apply(&o);
}

char LICENSE[] SEC("license") = "GPL";
