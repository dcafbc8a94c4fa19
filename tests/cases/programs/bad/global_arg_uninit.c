#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/in.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>
__attribute__((noinline)) int mix(int a, int b)
{
	return a ^ b ^ bpf_get_prandom_u32();
}

SEC("xdp")
int x(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;

	return mix((long)data, 1);
}

char LICENSE[] SEC("license") = "GPL";
