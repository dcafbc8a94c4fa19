#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/in.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>
struct ctxinfo { __u32 a, b; };
__attribute__((noinline)) int score(struct ctxinfo *c, __u32 w)
{
	if (!c)
		return -1;
	return c->a * w + c->b;
}

SEC("tc")
int x(struct __sk_buff *skb)
{
	struct ctxinfo c = { skb->len, skb->mark };

	return score(&c, 3) > 100 ? TC_ACT_SHOT : TC_ACT_OK;
}

char LICENSE[] SEC("license") = "GPL";
