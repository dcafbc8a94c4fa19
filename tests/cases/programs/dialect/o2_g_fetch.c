#include <linux/bpf.h>
#include <trace/bpf_trace.h>
#include "bpf_helpers.h"

struct sk { uint64_t a; uint16_t port; };

SEC("events/kprobes/tcp_sendmsg")
int prog(struct pt_regs *regs)
{
	struct sk *s = (void *)regs->di;
	char fmt[] = "port %d\n";

	bpf_printk(fmt, sizeof(fmt), bpf_fetch_u16(&s->port), 0, 0);
	return 0;
}

char _license[] SEC("license") = "GPL";
