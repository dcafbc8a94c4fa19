#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
const volatile __u64 hits = 0;

SEC("raw_tp/sys_enter")
int x(void *ctx)
{
	__sync_fetch_and_add((__u64 *)&hits, 1);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
