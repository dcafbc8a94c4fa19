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

struct acct {
	struct bpf_spin_lock lock;
	__s64 balance;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, struct acct);
} accts SEC(".maps");

SEC("tc")
int move(struct __sk_buff *skb)
{
	__u32 i = 1, j = 2;
	struct acct *a = bpf_map_lookup_elem(&accts, &i);
	struct acct *b = bpf_map_lookup_elem(&accts, &j);

	if (!a || !b)
		return TC_ACT_OK;
	bpf_spin_lock(&a->lock);
	a->balance -= 10;
	bpf_spin_lock(&b->lock);
	b->balance += 10;
	bpf_spin_unlock(&b->lock);
	bpf_spin_unlock(&a->lock);
	return TC_ACT_OK;
}

char LICENSE[] SEC("license") = "GPL";
