#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct data {
	__u32 len;
	char b[1020];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct data);
} heap SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} rb SEC(".maps");

SEC("kprobe/vfs_write")
int w(void *ctx)
{
	__u32 z = 0;
	struct data *d = bpf_map_lookup_elem(&heap, &z);

	if (!d)
		return 0;
	bpf_probe_read_kernel(&d->len, 4, ctx);
	bpf_ringbuf_output(&rb, d, d->len + 4, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
