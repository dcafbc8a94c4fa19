/*
 * xdpguard: drops UDP packets to blocked ports before the network stack sees them, and counts
 * what passes and what is dropped.
 *
 *     sudo bpfcc trace xdpguard.o --interface lo
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u16); /* destination port, host order */
	__type(value, __u64); /* packets dropped */
} blocked SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 2); /* 0: passed, 1: dropped */
	__type(key, __u32);
	__type(value, __u64);
} verdicts SEC(".maps");

static __always_inline int count(__u32 slot, int verdict)
{
	__u64 *n = bpf_map_lookup_elem(&verdicts, &slot);

	if (n)
		*n += 1;
	return verdict;
}

SEC("xdp")
int xdpguard(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct udphdr *udp;
	struct iphdr *ip;
	__u64 *drops;
	__u16 port;

	if ((void *)(eth + 1) > end || eth->h_proto != bpf_htons(ETH_P_IP))
		return count(0, XDP_PASS);
	ip = (void *)(eth + 1);
	if ((void *)(ip + 1) > end || ip->protocol != IPPROTO_UDP)
		return count(0, XDP_PASS);
	if (ip->ihl < 5)
		return count(1, XDP_DROP);
	udp = (void *)ip + ip->ihl * 4;
	if ((void *)(udp + 1) > end)
		return count(1, XDP_DROP);

	port = bpf_ntohs(udp->dest);
	drops = bpf_map_lookup_elem(&blocked, &port);
	if (!drops)
		return count(0, XDP_PASS);
	__sync_fetch_and_add(drops, 1);
	return count(1, XDP_DROP);
}
