#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
struct s { __u32 len; char data[100]; };
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct s);
} m SEC(".maps");
SEC("tracepoint/syscalls/sys_enter_execve")
int x(void *ctx)
{
	__u32 k = 0, n = bpf_get_prandom_u32() & 127;
	struct s *s = bpf_map_lookup_elem(&m, &k);

	if (!s)
		return 0;
	bpf_probe_read_user_str(s->data, n, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
