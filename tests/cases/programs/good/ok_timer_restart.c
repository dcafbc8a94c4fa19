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

struct el {
	__u64 hits;
	struct bpf_timer t;
};
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct el);
} els SEC(".maps");

static int tick(void *map, __u32 *key, struct el *e)
{
	e->hits++;
	bpf_timer_start(&e->t, 1000000000ULL, 0);
	return 0;
}

SEC("cgroup_skb/egress")
int x(struct __sk_buff *skb)
{
	__u32 z = 0;
	struct el *e = bpf_map_lookup_elem(&els, &z);

	if (!e)
		return 1;
	if (!bpf_timer_init(&e->t, &els, 7)) {
		bpf_timer_set_callback(&e->t, tick);
		bpf_timer_start(&e->t, 0, 0);
	}
	return 1;
}

char LICENSE[] SEC("license") = "GPL";
