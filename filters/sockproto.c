/*
 * sockproto: a socket filter that counts packets and bytes by IP protocol and drops none.
 *
 * Written as in 2015: legacy packet loads (load_byte, load_half) and a bpf_map_def.
 *
 *     sudo bpfcc trace sockproto.o --interface lo
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/ip.h>
#include <stddef.h>
#include <bpf/bpf_helpers.h>

struct count {
	__u64 packets;
	__u64 bytes;
};

struct bpf_map_def SEC("maps") protocols = {
	.type = BPF_MAP_TYPE_ARRAY,
	.key_size = sizeof(__u32),
	.value_size = sizeof(struct count),
	.max_entries = 256,
};

SEC("socket")
int sockproto(struct __sk_buff *skb)
{
	struct count *count;
	__u32 protocol;

	if (load_half(skb, offsetof(struct ethhdr, h_proto)) != ETH_P_IP)
		return -1;
	protocol = load_byte(skb, ETH_HLEN + offsetof(struct iphdr, protocol));
	count = bpf_map_lookup_elem(&protocols, &protocol);
	if (count) {
		__sync_fetch_and_add(&count->packets, 1);
		__sync_fetch_and_add(&count->bytes, skb->len);
	}
	return -1; /* keep the whole packet */
}

char _license[] SEC("license") = "GPL";
