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

struct bucket {
	__u64 tokens;
	__u64 last;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, __be32);
	__type(value, struct bucket);
} buckets SEC(".maps");

static __noinline int take(struct bucket *b, __u32 cost)
{
	__u64 now = bpf_ktime_get_ns();

	b->tokens += (now - b->last) >> 10;
	b->last = now;
	if (b->tokens < cost)
		return 0;
	b->tokens -= cost;
	return 1;
}

SEC("xdp")
int limit(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = data + sizeof(*eth);
	__be32 src;

	if (data + sizeof(*eth) + sizeof(*ip) > data_end)
		return XDP_PASS;
	src = ip->saddr;
	if (!take(bpf_map_lookup_elem(&buckets, &src), 100))
		return XDP_DROP;
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
