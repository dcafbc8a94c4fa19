#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
struct v { struct bpf_spin_lock lock; __u32 n; };
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, struct v);
} m SEC(".maps");
SEC("kprobe/do_nanosleep")
int x(void *ctx)
{
	__u32 k = 0;
	struct v *v = bpf_map_lookup_elem(&m, &k);

	if (!v)
		return 0;
	bpf_spin_lock(&v->lock);
	v->n++;
	bpf_spin_unlock(&v->lock);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
