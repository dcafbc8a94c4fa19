#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/in.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>
SEC("lwt_xmit")
int x(struct __sk_buff *skb)
{
	struct ethhdr h = {};

	if (bpf_skb_change_head(skb, sizeof(h), 0))
		return BPF_DROP;
	bpf_skb_store_bytes(skb, 0, &h, sizeof(h), 0);
	return BPF_OK;
}

char LICENSE[] SEC("license") = "GPL";
