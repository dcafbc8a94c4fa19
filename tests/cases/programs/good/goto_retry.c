#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/in.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>
SEC("tc")
int x(struct __sk_buff *skb)
{
	int tries = 0;
	struct ethhdr *eth;
	void *end;

retry:
	eth = (void *)(long)skb->data;
	end = (void *)(long)skb->data_end;
	if ((void *)(eth + 1) > end) {
		if (tries++ || bpf_skb_pull_data(skb, sizeof(*eth)))
			return TC_ACT_OK;
		goto retry;
	}
	return eth->h_dest[0] == 0xff ? TC_ACT_SHOT : TC_ACT_OK;
}

char LICENSE[] SEC("license") = "GPL";
