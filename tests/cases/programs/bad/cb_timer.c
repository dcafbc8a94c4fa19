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
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct e);
} es SEC(".maps");
static int fire(void *map, int *key, struct e *val)
{
	return val->n;
}

SEC("tc")
int x(struct __sk_buff *skb)
{
	__u32 k = 0;
	struct e *e = bpf_map_lookup_elem(&es, &k);

	if (!e)
		return TC_ACT_OK;
	bpf_timer_init(&e->t, &es, 1);
	bpf_timer_set_callback(&e->t, fire);
	bpf_timer_start(&e->t, 1000, 0);
	return TC_ACT_OK;
}

char LICENSE[] SEC("license") = "GPL";
