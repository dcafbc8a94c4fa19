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

SEC("xdp")
int x(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);
	struct tcphdr *tcp;
	__u8 *opt, *opt_end;
	int i;

	if ((void *)(ip + 1) > end || eth->h_proto != bpf_htons(ETH_P_IP) || ip->protocol != IPPROTO_TCP)
		return XDP_PASS;
	tcp = (void *)ip + (ip->ihl << 2);
	if ((void *)(tcp + 1) > end)
		return XDP_PASS;
	opt = (void *)(tcp + 1);
	opt_end = (void *)tcp + (tcp->doff << 2);
	for (i = 0; i < 10; i++) {
		if (opt >= opt_end || (void *)(opt + 1) > end)
			break;
		if (*opt == 0)
			break;
		if (*opt == 1) {
			opt++;
			continue;
		}
		if ((void *)(opt + 2) > end)
			break;
		if (*opt == 2 && opt[1] == 4) {
			if ((void *)(opt + 4) > end)
				break;
			return opt[2] > 5 ? XDP_PASS : XDP_DROP;
		}
		if (opt[1] < 2)
			break;
		opt += opt[1];
	}
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
