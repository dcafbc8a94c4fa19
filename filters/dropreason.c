/*
 * dropreason: counts dropped packets by the kernel's reason for dropping them.
 *
 * The third argument of skb:kfree_skb (since Linux 5.17) is an enum skb_drop_reason; its names are
 * in the kernel's BTF, so the table prints them.
 *
 *     sudo bpfcc trace dropreason.o
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "GPL";

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 512);
	__type(key, enum skb_drop_reason);
	__type(value, __u64);
} drops SEC(".maps");

SEC("raw_tp/kfree_skb")
int BPF_PROG(dropreason, struct sk_buff *skb, void *location, enum skb_drop_reason reason)
{
	__u64 one = 1, *count;

	count = bpf_map_lookup_elem(&drops, &reason);
	if (count)
		__sync_fetch_and_add(count, 1);
	else
		bpf_map_update_elem(&drops, &reason, &one, BPF_NOEXIST);
	return 0;
}
