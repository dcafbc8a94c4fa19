/*
 * biolat: block I/O latency from issue to completion, as a histogram of powers of two
 * (microseconds), and the bytes moved.
 *
 *     sudo bpfcc trace biolat.o
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

#define SLOTS 27

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 10240);
	__type(key, __u64);
	__type(value, __u64);
} issued SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, SLOTS);
	__type(key, __u32);
	__type(value, __u64);
} latency SEC(".maps");

__u64 bytes;

/* TP_PROTO(struct request *rq): the request's address identifies it until it completes. */
SEC("raw_tp/block_rq_issue")
int issue(struct bpf_raw_tracepoint_args *ctx)
{
	__u64 request = ctx->args[0], now = bpf_ktime_get_ns();

	bpf_map_update_elem(&issued, &request, &now, BPF_ANY);
	return 0;
}

/* TP_PROTO(struct request *rq, blk_status_t error, unsigned int nr_bytes) */
SEC("raw_tp/block_rq_complete")
int complete(struct bpf_raw_tracepoint_args *ctx)
{
	__u64 request = ctx->args[0], *start, *count, delta;
	__u32 slot = 0;

	start = bpf_map_lookup_elem(&issued, &request);
	if (!start)
		return 0;
	delta = (bpf_ktime_get_ns() - *start) / 1000;
	bpf_map_delete_elem(&issued, &request);
	__sync_fetch_and_add(&bytes, (__u32)ctx->args[2]);

	while (slot < SLOTS - 1 && delta > 1) {
		delta >>= 1;
		slot++;
	}
	count = bpf_map_lookup_elem(&latency, &slot);
	if (count)
		__sync_fetch_and_add(count, 1);
	return 0;
}
