#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/in.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>
struct v { struct bpf_spin_lock l; int a, b; };
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, struct v);
} m SEC(".maps");
SEC("xdp")
int x(struct xdp_md *ctx)
{
	__u32 k = 0;
	struct v *v = bpf_map_lookup_elem(&m, &k);
	int r = XDP_PASS;

	if (!v)
		return r;
	bpf_spin_lock(&v->l);
	if (v->a > 5)
		goto out;
	v->b++;
	if (v->b > 9) {
		r = XDP_DROP;
		goto out;
	}
	v->a--;
out:
	bpf_spin_unlock(&v->l);
	return r;
}

char LICENSE[] SEC("license") = "GPL";
