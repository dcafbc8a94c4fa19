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
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __u32);
} j SEC(".maps");
SEC("tc")
int x(struct __sk_buff *skb)
{
	struct __sk_buff copy = {};

	bpf_tail_call(&copy, &j, 0);
	return TC_ACT_OK;
}

char LICENSE[] SEC("license") = "GPL";
