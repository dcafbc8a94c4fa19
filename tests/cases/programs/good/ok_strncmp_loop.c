#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

const volatile char target[16] = "sshd";

static __always_inline int same(const char *a, const volatile char *b)
{
	int i;

	for (i = 0; i < 16; i++) {
		if (a[i] != b[i])
			return 0;
		if (!a[i])
			return 1;
	}
	return 1;
}

SEC("tracepoint/sched/sched_process_exec")
int x(void *ctx)
{
	char comm[16];

	bpf_get_current_comm(comm, sizeof(comm));
	if (same(comm, target))
		bpf_printk("hit");
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
