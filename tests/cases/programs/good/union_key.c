#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/in.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>
union addr { __u32 v4; __u8 v6[16]; };
struct key { union addr a; __u16 port; __u16 pad; };
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 128);
	__type(key, struct key);
	__type(value, __u64);
} m SEC(".maps");
SEC("cgroup/connect6")
int x(struct bpf_sock_addr *ctx)
{
	struct key k = {};
	__u64 one = 1;

	k.a.v4 = ctx->user_ip6[3];
	k.port = ctx->user_port;
	bpf_map_update_elem(&m, &k, &one, BPF_ANY);
	return 1;
}

char LICENSE[] SEC("license") = "GPL";
