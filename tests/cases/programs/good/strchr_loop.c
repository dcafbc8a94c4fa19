#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
SEC("tracepoint/syscalls/sys_enter_chdir")
int x(void *ctx)
{
	char p[64] = {};
	int i, slash = -1;

	bpf_get_current_comm(p, 16);
	for (i = 0; i < sizeof(p); i++) {
		if (!p[i])
			break;
		if (p[i] == '/')
			slash = i;
	}
	return slash >= 0 && p[slash & 63] == '/';
}

char LICENSE[] SEC("license") = "GPL";
