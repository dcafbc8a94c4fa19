#include <linux/bpf.h>
#include <trace/bpf_trace.h>
#include "bpf_helpers.h"

struct page_like { uint64_t flags; };

SEC("events/kprobes/vfs_write")
int prog(struct pt_regs *regs)
{
	struct page_like *p = (void *)regs->di;

	return p->flags != 0;
}

char _license[] SEC("license") = "GPL";
