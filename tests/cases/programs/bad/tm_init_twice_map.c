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

struct elem {
	struct bpf_timer t;
	__u32 n;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, struct elem);
} el SEC(".maps");

static int cb(void *map, __u32 *key, struct elem *e)
{
	return e->n;
}

SEC("tc")
int arm(struct __sk_buff *skb)
{
	__u32 k = 1;
	struct elem *e = bpf_map_lookup_elem(&el, &k);

	if (!e)
		return 0;
	bpf_timer_init(&e->t, &el, 1);
	bpf_timer_set_callback(&e->t, cb);
	bpf_timer_start(&e->t, 1000000, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
