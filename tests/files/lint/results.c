// flags: bpf-ignored-result
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
char LICENSE[] SEC("license") = "GPL";

struct { __uint(type, BPF_MAP_TYPE_DEVMAP); __uint(max_entries, 4); __type(key, __u32); __type(value, __u32); } ports SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 4); __type(key, __u32); __type(value, __u32); } seen SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096); } events SEC(".maps");

SEC("xdp") int forward(struct xdp_md *ctx)
{
	__u32 one = 1;

	bpf_redirect_map(&ports, 0, 0); // warning[bpf-dropped-result]: the result of bpf_redirect_map() is not used: it is the verdict
	bpf_map_lookup_elem(&seen, &one); // warning[bpf-dropped-result]: the result of bpf_map_lookup_elem() is not used: the call does nothing
	bpf_map_update_elem(&seen, &one, &one, BPF_ANY); // warning[bpf-ignored-result]: the result of bpf_map_update_elem() is ignored: a full map loses the element
	bpf_ringbuf_output(&events, &one, sizeof(one), 0); // warning[bpf-ignored-result]: a full buffer loses the record
	(void)bpf_map_update_elem(&seen, &one, &one, BPF_ANY);
	if (bpf_ringbuf_output(&events, &one, sizeof(one), 0))
		return XDP_ABORTED;
	bpf_map_delete_elem(&seen, &one);
	return bpf_redirect_map(&ports, 0, 0);
}
