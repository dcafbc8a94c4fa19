#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/in.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>
struct tbl { __u16 weight[100]; };
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct tbl);
} tbls SEC(".maps");
SEC("tc")
int weigh(struct __sk_buff *skb)
{
	__u32 zero = 0;
	struct tbl *t = bpf_map_lookup_elem(&tbls, &zero);

	if (!t)
		return TC_ACT_OK;
	t->weight[skb->hash & 127]++;
	return TC_ACT_OK;
}

char LICENSE[] SEC("license") = "GPL";
