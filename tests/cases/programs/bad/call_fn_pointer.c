#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/in.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>
static __attribute__((noinline)) int a(int x) { return x + 1; }
static __attribute__((noinline)) int b(int x) { return x + 2; }

SEC("tc")
int x(struct __sk_buff *skb)
{
	int (*f)(int) = skb->mark ? a : b;

	return f(skb->len) & 1;
}

char LICENSE[] SEC("license") = "GPL";
