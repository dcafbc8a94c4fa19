#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/in.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>
struct v { struct bpf_spin_lock l; int n; };
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct v);
} m SEC(".maps");
SEC("socket")
int x(struct __sk_buff *skb)
{
	__u32 k = 0;
	struct v *v = bpf_map_lookup_elem(&m, &k);

	if (v) {
		bpf_spin_lock(&v->l);
		v->n++;
		bpf_spin_unlock(&v->l);
	}
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
