#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
SEC("raw_tp/sys_enter")
int x(void *ctx)
{
	char buf[16] = {};

	bpf_get_current_comm(buf, sizeof(buf));
	return *(volatile __u32 *)(buf + 3) != 0;
}

char LICENSE[] SEC("license") = "GPL";
