#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("kprobe/do_sys_openat2")
int op(void *ctx)
{
	char b[32];

	bpf_copy_from_user(b, sizeof(b), (void *)0x1000);
	bpf_printk("%s", b);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
