#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

int sums[8];
int count;

SEC("tc")
int x(struct __sk_buff *skb)
{
	long i = count, last = 0;

	for (;;) {
		if (i >= (long)skb->len)
			break;
		asm volatile goto("may_goto %l[out]" : : : : out);
		last += i;
		i++;
	}
out:
	sums[0] = last;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
