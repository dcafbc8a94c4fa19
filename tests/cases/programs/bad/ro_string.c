#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
const char banner[] = "hello";

SEC("tracepoint/syscalls/sys_enter_write")
int w(void *ctx)
{
	char *p = (char *)banner;

	asm volatile("" : "+r"(p));
	p[0] = 'H';
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
