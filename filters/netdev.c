/*
 * netdev: packets and bytes per network device, in both directions.
 *
 *     sudo bpfcc trace netdev.o
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "GPL";

struct ifname {
	char name[16];
};

struct traffic {
	__u64 rx_packets;
	__u64 rx_bytes;
	__u64 tx_packets;
	__u64 tx_bytes;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 256);
	__type(key, struct ifname);
	__type(value, struct traffic);
} devices SEC(".maps");

static struct traffic *traffic_of(struct sk_buff *skb)
{
	struct traffic zero = {}, *t;
	struct ifname dev = {};

	BPF_CORE_READ_STR_INTO(&dev.name, skb, dev, name);
	t = bpf_map_lookup_elem(&devices, &dev);
	if (t)
		return t;
	bpf_map_update_elem(&devices, &dev, &zero, BPF_NOEXIST);
	return bpf_map_lookup_elem(&devices, &dev);
}

SEC("raw_tp/netif_receive_skb")
int BPF_PROG(receive, struct sk_buff *skb)
{
	struct traffic *t = traffic_of(skb);

	if (!t)
		return 0;
	__sync_fetch_and_add(&t->rx_packets, 1);
	__sync_fetch_and_add(&t->rx_bytes, BPF_CORE_READ(skb, len));
	return 0;
}

SEC("raw_tp/net_dev_queue")
int BPF_PROG(transmit, struct sk_buff *skb)
{
	struct traffic *t = traffic_of(skb);

	if (!t)
		return 0;
	__sync_fetch_and_add(&t->tx_packets, 1);
	__sync_fetch_and_add(&t->tx_bytes, BPF_CORE_READ(skb, len));
	return 0;
}
