#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/in.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>
struct st { __u64 n; };
struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct st);
} store SEC(".maps");

SEC("cgroup_skb/egress")
int x(struct __sk_buff *skb)
{
	struct bpf_sock *sk = skb->sk;
	struct st *s;

	if (!sk)
		return 1;
	s = bpf_sk_storage_get(&store, sk, 0, BPF_SK_STORAGE_GET_F_CREATE);
	if (s)
		s->n += skb->len;
	return 1;
}

char LICENSE[] SEC("license") = "GPL";
