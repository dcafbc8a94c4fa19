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

struct info {
	__u64 cookie;
	__u32 hits;
	__u32 pad;
};
struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct info);
} st SEC(".maps");

SEC("cgroup/sock_create")
int x(struct bpf_sock *sk)
{
	struct info *i, init = { bpf_get_socket_cookie(sk), 1, 0 };

	if (sk->family != 2)
		return 1;
	i = bpf_sk_storage_get(&st, sk, &init, BPF_SK_STORAGE_GET_F_CREATE);
	if (!i)
		return 0;
	i->hits++;
	return 1;
}

char LICENSE[] SEC("license") = "GPL";
