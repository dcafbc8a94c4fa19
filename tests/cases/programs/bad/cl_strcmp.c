#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <string.h>

SEC("kprobe/do_exit")
int x(void *ctx)
{
	char comm[16];

	bpf_get_current_comm(comm, sizeof(comm));
	if (strcmp(comm, "sshd") == 0)
		bpf_printk("sshd exits");
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
