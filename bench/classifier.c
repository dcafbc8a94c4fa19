/* A packet classifier of about 500 instructions, for measuring: `python -m bench check_speed`. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

struct flow {
	__u32 source[4];
	__u32 target[4];
	__u16 source_port;
	__u16 target_port;
	__u8 protocol;
	__u8 family;
	__u16 vlan;
};

struct counters {
	__u64 packets;
	__u64 bytes;
	__u64 last_seen;
	__u32 syn, fin, rst, ack;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 65536);
	__type(key, struct flow);
	__type(value, struct counters);
} flows SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, __u64);
} classes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 1024);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u64);
	__type(value, __u32);
} blocked SEC(".maps");

enum class { MALFORMED, OTHER, FRAGMENT, BLOCKED, WEB, MAIL, NAMES, TIME, SHELL, SYN_FLOOD, HIGH };

struct vlan_tag {
	__be16 control;
	__be16 protocol;
};

static __always_inline void count(__u32 class, __u64 bytes)
{
	__u64 *total = bpf_map_lookup_elem(&classes, &class);

	if (total)
		*total += bytes;
}

static __always_inline __u32 class_of(__u16 port)
{
	switch (port) {
	case 80: case 443: case 8080: case 8443:
		return WEB;
	case 25: case 110: case 143: case 465: case 587: case 993: case 995:
		return MAIL;
	case 53: case 853: case 5353:
		return NAMES;
	case 123: case 319: case 320:
		return TIME;
	case 22: case 23: case 2222:
		return SHELL;
	}
	return port >= 1024 ? HIGH : OTHER;
}

static __always_inline void remember(struct flow *flow, __u64 bytes, const struct tcphdr *tcp)
{
	struct counters *seen = bpf_map_lookup_elem(&flows, flow);

	if (!seen) {
		struct counters fresh = {.packets = 1, .bytes = bytes};

		fresh.last_seen = bpf_ktime_get_ns();
		if (tcp) {
			fresh.syn = tcp->syn;
			fresh.fin = tcp->fin;
			fresh.rst = tcp->rst;
			fresh.ack = tcp->ack;
		}
		bpf_map_update_elem(&flows, flow, &fresh, BPF_NOEXIST);
		return;
	}
	__sync_fetch_and_add(&seen->packets, 1);
	__sync_fetch_and_add(&seen->bytes, bytes);
	seen->last_seen = bpf_ktime_get_ns();
	if (tcp) {
		if (tcp->syn)
			__sync_fetch_and_add(&seen->syn, 1);
		if (tcp->fin)
			__sync_fetch_and_add(&seen->fin, 1);
		if (tcp->rst)
			__sync_fetch_and_add(&seen->rst, 1);
		if (tcp->ack)
			__sync_fetch_and_add(&seen->ack, 1);
	}
}

static __always_inline int transport(void *at, void *end, struct flow *flow, __u64 bytes)
{
	struct tcphdr *tcp = NULL;
	__u32 class;

	if (flow->protocol == IPPROTO_TCP) {
		tcp = at;
		if ((void *)(tcp + 1) > end) {
			count(MALFORMED, bytes);
			return XDP_DROP;
		}
		flow->source_port = bpf_ntohs(tcp->source);
		flow->target_port = bpf_ntohs(tcp->dest);
		if (tcp->syn && (tcp->fin || tcp->rst)) {
			count(MALFORMED, bytes);
			return XDP_DROP;
		}
	} else if (flow->protocol == IPPROTO_UDP) {
		struct udphdr *udp = at;

		if ((void *)(udp + 1) > end) {
			count(MALFORMED, bytes);
			return XDP_DROP;
		}
		flow->source_port = bpf_ntohs(udp->source);
		flow->target_port = bpf_ntohs(udp->dest);
	} else {
		count(OTHER, bytes);
		return XDP_PASS;
	}
	class = class_of(flow->target_port);
	if (class == HIGH || class == OTHER)
		class = class_of(flow->source_port);
	if (tcp && tcp->syn && !tcp->ack && class == HIGH)
		class = SYN_FLOOD;
	count(class, bytes);
	remember(flow, bytes, tcp);
	return XDP_PASS;
}

SEC("xdp")
int classify(struct xdp_md *ctx)
{
	void *end = (void *)(long)ctx->data_end, *at = (void *)(long)ctx->data;
	struct flow flow = {};
	struct ethhdr *eth = at;
	__u64 bytes = end - at;
	__be16 protocol;

	if ((void *)(eth + 1) > end)
		return XDP_DROP;
	protocol = eth->h_proto;
	at = eth + 1;
#pragma unroll
	for (int depth = 0; depth < 2; depth++) {
		struct vlan_tag *tag = at;

		if (protocol != bpf_htons(ETH_P_8021Q) && protocol != bpf_htons(ETH_P_8021AD))
			break;
		if ((void *)(tag + 1) > end)
			return XDP_DROP;
		flow.vlan = bpf_ntohs(tag->control) & 0xfff;
		protocol = tag->protocol;
		at = tag + 1;
	}
	if (protocol == bpf_htons(ETH_P_IP)) {
		struct iphdr *ip = at;
		__u64 prefix;

		if ((void *)(ip + 1) > end || ip->version != 4 || ip->ihl < 5) {
			count(MALFORMED, bytes);
			return XDP_DROP;
		}
		if (ip->frag_off & bpf_htons(0x3fff)) {
			count(FRAGMENT, bytes);
			return XDP_PASS;
		}
		prefix = (__u64)ip->saddr << 32 | 32;
		if (bpf_map_lookup_elem(&blocked, &prefix)) {
			count(BLOCKED, bytes);
			return XDP_DROP;
		}
		flow.family = 4;
		flow.protocol = ip->protocol;
		flow.source[0] = ip->saddr;
		flow.target[0] = ip->daddr;
		return transport((void *)ip + ip->ihl * 4, end, &flow, bytes);
	}
	if (protocol == bpf_htons(ETH_P_IPV6)) {
		struct ipv6hdr *ip6 = at;

		if ((void *)(ip6 + 1) > end || ip6->version != 6) {
			count(MALFORMED, bytes);
			return XDP_DROP;
		}
		flow.family = 6;
		flow.protocol = ip6->nexthdr;
		__builtin_memcpy(flow.source, &ip6->saddr, sizeof(flow.source));
		__builtin_memcpy(flow.target, &ip6->daddr, sizeof(flow.target));
		return transport(ip6 + 1, end, &flow, bytes);
	}
	count(OTHER, bytes);
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
