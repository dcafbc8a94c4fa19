#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

SEC("kprobe/tcp_v4_connect")
int BPF_KPROBE(conn, struct sock *sk)
{
	u16 port = sk->__sk_common.skc_dport;

	bpf_printk("port %d", port);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
