#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/in.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>
struct {
	__uint(type, BPF_MAP_TYPE_SOCKHASH);
	__uint(max_entries, 16);
	__type(key, __u64);
	__type(value, __u64);
} sh SEC(".maps");

SEC("sk_msg")
int x(struct sk_msg_md *msg)
{
	__u64 k = msg->local_port;
	void *d = msg->data, *e = msg->data_end;

	if (d + 4 > e)
		return SK_DROP;
	if (*(__u32 *)d == 0)
		return SK_PASS;
	return bpf_msg_redirect_hash(msg, &sh, &k, 0);
}

char LICENSE[] SEC("license") = "GPL";
