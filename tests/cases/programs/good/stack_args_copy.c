#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
struct args { __u64 pad; __u64 nr; const char *name; const char *const *argv; };
struct ev { __u32 n; char argv[6][32]; };
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct ev);
} evs SEC(".maps");
SEC("tracepoint/syscalls/sys_enter_execve")
int x(struct args *ctx)
{
	__u32 z = 0;
	struct ev *e = bpf_map_lookup_elem(&evs, &z);
	const char *p;
	int i;

	if (!e)
		return 0;
	for (i = 0; i < 6; i++) {
		if (bpf_probe_read_user(&p, sizeof(p), &ctx->argv[i]) || !p)
			break;
		bpf_probe_read_user_str(e->argv[i], sizeof(e->argv[i]), p);
	}
	e->n = i;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
