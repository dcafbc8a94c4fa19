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

struct holder {
	char *p;
};

static __noinline char *name_buf(struct __sk_buff *skb)
{
	char b[16];

	bpf_skb_load_bytes(skb, 0, b, 16);
	return b;
}

SEC("tc")
int x(struct __sk_buff *skb)
{
	char *n = name_buf(skb);

	return n[0];
}

char LICENSE[] SEC("license") = "GPL";
