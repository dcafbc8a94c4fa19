#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/in.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>
struct acct { struct bpf_spin_lock l; __u64 n; };
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, struct acct);
} accts SEC(".maps");
SEC("tc")
int move(struct __sk_buff *skb)
{
	__u32 a = skb->mark & 1, b = 1 - a;
	struct acct *from = bpf_map_lookup_elem(&accts, &a);
	struct acct *to = bpf_map_lookup_elem(&accts, &b);

	if (!from || !to)
		return TC_ACT_OK;
	bpf_spin_lock(&from->l);
	bpf_spin_lock(&to->l);
	from->n--;
	to->n++;
	bpf_spin_unlock(&to->l);
	bpf_spin_unlock(&from->l);
	return TC_ACT_OK;
}

char LICENSE[] SEC("license") = "GPL";
