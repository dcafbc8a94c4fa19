#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/in.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>
struct ops { int (*run)(struct __sk_buff *); };
static __attribute__((noinline)) int one(struct __sk_buff *s) { return s->len; }
struct ops table = { one };

SEC("tc")
int x(struct __sk_buff *skb)
{
	return table.run(skb);
}

char LICENSE[] SEC("license") = "GPL";
