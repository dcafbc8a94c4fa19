#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/in.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>
struct e { struct bpf_timer t; __u64 n; };
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, struct e);
} es SEC(".maps");
static int fire(void *map, __u32 *key, struct e *val)
{
	val->n = 0;
	bpf_timer_start(&val->t, 1000000, 0);
	return 0;
}

SEC("tc")
int x(struct __sk_buff *skb)
{
	__u32 k = skb->ifindex;
	struct e *e, init = {};

	e = bpf_map_lookup_elem(&es, &k);
	if (!e) {
		bpf_map_update_elem(&es, &k, &init, BPF_ANY);
		e = bpf_map_lookup_elem(&es, &k);
		if (!e)
			return TC_ACT_OK;
		if (bpf_timer_init(&e->t, &es, 1) == 0)
			bpf_timer_set_callback(&e->t, fire);
	}
	bpf_timer_start(&e->t, 1000000, 0);
	e->n++;
	return TC_ACT_OK;
}

char LICENSE[] SEC("license") = "GPL";
