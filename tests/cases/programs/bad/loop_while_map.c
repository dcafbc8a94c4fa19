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
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} head SEC(".maps");
SEC("tc")
int x(struct __sk_buff *skb)
{
	__u32 z = 0, *h = bpf_map_lookup_elem(&head, &z);

	if (!h)
		return TC_ACT_OK;
	while (*(volatile __u32 *)h)
		;
	return TC_ACT_OK;
}

char LICENSE[] SEC("license") = "GPL";
