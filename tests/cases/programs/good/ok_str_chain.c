#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define MAXARG 8
#define ARGSZ 64

struct ev {
	__u32 n;
	__u32 len;
	char args[MAXARG * ARGSZ];
};
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct ev);
} heap SEC(".maps");
struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, 4);
	__uint(value_size, 4);
} out SEC(".maps");

SEC("tracepoint/syscalls/sys_enter_execve")
int x(struct { __u64 p; long nr; const char *fn; const char *const *argv; } *ctx)
{
	__u32 z = 0;
	struct ev *e = bpf_map_lookup_elem(&heap, &z);
	const char *arg;
	int i;

	if (!e)
		return 0;
	e->n = 0;
	e->len = 0;
	for (i = 0; i < MAXARG; i++) {
		long n;

		if (bpf_probe_read_user(&arg, sizeof(arg), &ctx->argv[i]) || !arg)
			break;
		if (e->len > sizeof(e->args) - ARGSZ)
			break;
		n = bpf_probe_read_user_str(&e->args[e->len], ARGSZ, arg);
		if (n < 0)
			break;
		e->len += n;
		e->n++;
	}
	if (e->len < sizeof(e->args))
		bpf_perf_event_output(ctx, &out, BPF_F_CURRENT_CPU, e, 8 + e->len);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
