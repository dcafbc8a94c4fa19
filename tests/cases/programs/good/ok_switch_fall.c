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

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 5);
	__type(key, __u32);
	__type(value, __u64);
} c SEC(".maps");

SEC("xdp")
int x(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	__u32 idx = 4;
	__u64 *v;

	if (data + sizeof(*eth) > end)
		goto count;
	switch (bpf_ntohs(eth->h_proto)) {
	case ETH_P_IP:
		idx = 0;
		break;
	case ETH_P_IPV6:
		idx = 1;
		break;
	case ETH_P_ARP:
		idx = 2;
	case 0x8100:
		idx = 3;
	}
count:
	v = bpf_map_lookup_elem(&c, &idx);
	if (v)
		*v += 1;
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
