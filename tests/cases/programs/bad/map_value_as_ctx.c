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
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, struct __sk_buff);
} m SEC(".maps");
SEC("tc")
int x(struct __sk_buff *skb)
{
	__u32 k = 0;
	struct __sk_buff *s = bpf_map_lookup_elem(&m, &k);

	if (!s)
		return TC_ACT_OK;
	return bpf_skb_pull_data(s, 20);
}

char LICENSE[] SEC("license") = "GPL";
