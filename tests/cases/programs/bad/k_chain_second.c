#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

SEC("kprobe/vfs_open")
int BPF_KPROBE(vo, const struct path *path)
{
	struct dentry *d;
	const unsigned char *name;

	bpf_probe_read_kernel(&d, sizeof(d), &path->dentry);
	name = d->d_name.name;
	bpf_printk("%lx", (unsigned long)name);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
