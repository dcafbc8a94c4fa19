#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
struct req { int fd; int flags; };

SEC("kprobe/do_sys_openat2")
int BPF_KPROBE(op, int dfd, const char *name, struct req *how)
{
	return how->flags & 1;
}

char LICENSE[] SEC("license") = "GPL";
