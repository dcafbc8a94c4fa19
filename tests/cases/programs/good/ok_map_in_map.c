#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct inner {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, __u64);
} in0 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 4);
	__type(key, __u32);
	__array(values, struct inner);
} outer SEC(".maps") = {
	.values = { &in0, 0, 0, 0 },
};

SEC("raw_tp/sys_enter")
int x(void *ctx)
{
	__u32 k = bpf_get_smp_processor_id() & 3, id = bpf_get_current_pid_tgid();
	__u64 *v, one = 1;
	void *m = bpf_map_lookup_elem(&outer, &k);

	if (!m)
		return 0;
	v = bpf_map_lookup_elem(m, &id);
	if (v)
		__sync_fetch_and_add(v, 1);
	else
		bpf_map_update_elem(m, &id, &one, BPF_NOEXIST);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
