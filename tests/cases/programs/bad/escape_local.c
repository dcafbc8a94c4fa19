#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
static __attribute__((noinline)) char *name(void)
{
	char buf[16];

	bpf_get_current_comm(buf, sizeof(buf));
	return buf;
}

SEC("tracepoint/sched/sched_switch")
int x(void *ctx)
{
	return name()[0] == 'k';
}

char LICENSE[] SEC("license") = "GPL";
