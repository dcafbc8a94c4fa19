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

SEC("tc")
int x(struct __sk_buff *skb)
{
	int i;

	for (i = 0; i < 4; i++) {
		void *data = (void *)(long)skb->data, *end = (void *)(long)skb->data_end;
		__u8 *p = data + 14 + i;

		if ((void *)(p + 1) > end)
			return TC_ACT_OK;
		if (*p == 0xaa) {
			__u8 v = 0xbb;

			bpf_skb_store_bytes(skb, 14 + i, &v, 1, 0);
		}
	}
	return TC_ACT_OK;
}

char LICENSE[] SEC("license") = "GPL";
