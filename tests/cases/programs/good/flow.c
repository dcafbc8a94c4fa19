#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/in.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>
SEC("flow_dissector")
int x(struct __sk_buff *skb)
{
	struct bpf_flow_keys *k = skb->flow_keys;
	void *d = (void *)(long)skb->data, *e = (void *)(long)skb->data_end;

	if (d + sizeof(struct iphdr) > e)
		return BPF_DROP;
	k->n_proto = bpf_htons(ETH_P_IP);
	k->ipv4_src = ((struct iphdr *)d)->saddr;
	k->thoff = 20;
	return BPF_OK;
}

char LICENSE[] SEC("license") = "GPL";
