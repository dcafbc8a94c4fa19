#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/in.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>
SEC("xdp")
int x(struct xdp_md *ctx)
{
	return bpf_get_current_pid_tgid() >> 63 ? XDP_DROP : bpf_skb_vlan_pop((void *)ctx);
}

char LICENSE[] SEC("license") = "GPL";
