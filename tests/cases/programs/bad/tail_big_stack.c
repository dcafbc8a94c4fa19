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
	__type(key, __u32);
	__type(value, __u32);
} j SEC(".maps");
static __attribute__((noinline)) int jump(struct __sk_buff *skb)
{
	bpf_tail_call(skb, &j, 1);
	return 3;
}

SEC("tc")
int x(struct __sk_buff *skb)
{
	char b[320];

	bpf_skb_load_bytes(skb, 0, b, 256);
	return jump(skb) + b[skb->len & 255];
}

char LICENSE[] SEC("license") = "GPL";
