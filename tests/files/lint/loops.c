// Conditions of loops that are always true.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp") int down(struct xdp_md *ctx)
{
	__u32 i, sum = 0;
	__u8 small;
	int fine;

	for (i = 10; i >= 0; i--) // warning[bpf-loop]: 'i >= 0' is always true for an unsigned i: the loop never ends
		sum += i;
	for (small = 3; small > -1; small--) // warning[bpf-loop]: 'small > -1' is always true for an unsigned small
		sum += small;
	for (fine = 10; fine >= 0; fine--)
		sum += fine;
	while (i > 0)
		i--;
	return sum & 3;
}
