#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/in.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>
struct flags { __u32 syn:1, fin:1, cnt:6, rest:24; };
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, struct flags);
} m SEC(".maps");
SEC("xdp")
int x(struct xdp_md *ctx)
{
	__u32 k = ctx->ingress_ifindex;
	struct flags *f = bpf_map_lookup_elem(&m, &k);

	if (!f)
		return XDP_PASS;
	f->cnt++;
	f->syn = !f->fin;
	return f->cnt > 60 ? XDP_DROP : XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
