#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
extern int strncmp(const char *a, const char *b, unsigned long n);

SEC("tracepoint/sched/sched_process_exec")
int x(void *ctx)
{
	char comm[16];

	bpf_get_current_comm(comm, sizeof(comm));
	return strncmp(comm, "bash", 4) == 0;
}

char LICENSE[] SEC("license") = "GPL";
