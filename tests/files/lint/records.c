// Records of a ring buffer.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
char LICENSE[] SEC("license") = "GPL";

struct event { __u32 pid; __u32 uid; char comm[16]; __u8 args[32]; __u64 at; };
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096); } events SEC(".maps");

SEC("tp/sched/sched_process_exec") int left_out(void *ctx)
{
	struct event *e = bpf_ringbuf_reserve(&events, sizeof(*e), 0);
	if (!e)
		return 0;
	e->pid = 1;
	bpf_get_current_comm(e->comm, sizeof(e->comm));
	e->args[bpf_get_prandom_u32() & 31] = 1;
	bpf_ringbuf_submit(e, 0); // warning[bpf-unset-field]: members 'uid' and 'at' of the record 'e' are never written
	return 0;
}

static __always_inline void stamp(struct event *e)
{
	e->at = bpf_ktime_get_ns();
}

SEC("tp/sched/sched_process_exec") int part_in_function(void *ctx)
{
	struct event *e;
	e = bpf_ringbuf_reserve(&events, sizeof(struct event), 0);
	if (e) {
		stamp(e);
		e->pid = 1;
		bpf_probe_read_kernel(&e->args, sizeof(e->args), ctx);
		__builtin_memcpy(e->comm, "0123456789abcde", 16);
		bpf_ringbuf_submit(e, 0); // warning[bpf-unset-field]: member 'uid' of the record 'e' is never written
	}
	return 0;
}

SEC("tp/sched/sched_process_exec") int whole(void *ctx)
{
	struct event *e = bpf_ringbuf_reserve(&events, sizeof(*e), 0), zero = {};
	if (!e)
		return 0;
	*e = zero;
	e->pid = 1;
	bpf_ringbuf_submit(e, 0);
	return 0;
}

SEC("tp/sched/sched_process_exec") int goes_elsewhere(void *ctx)
{
	struct event *e = bpf_ringbuf_reserve(&events, sizeof(*e), 0);
	__u64 *words;
	if (!e)
		return 0;
	words = (__u64 *)e;
	words[0] = 1;
	bpf_ringbuf_submit(e, 0);
	return 0;
}
