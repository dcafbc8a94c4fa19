#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
extern void *bpf_obj_new_impl(__u64 id, void *meta) __ksym;
extern void bpf_obj_drop_impl(void *p, void *meta) __ksym;
extern int bpf_list_push_back_impl(struct bpf_list_head *head, struct bpf_list_node *node, void *meta, __u64 off) __ksym;
extern struct bpf_list_node *bpf_list_pop_front(struct bpf_list_head *head) __ksym;

struct job {
	struct bpf_list_node node;
	int key;
};

struct bpf_spin_lock lock SEC(".data.jobs");
struct bpf_list_head jobs SEC(".data.jobs")
	__attribute__((btf_decl_tag("contains:job:node")));

SEC("tc")
int x(struct __sk_buff *skb)
{
	struct job *job = bpf_obj_new_impl(bpf_core_type_id_local(struct job), NULL);
	struct bpf_list_node *node;

	if (!job)
		return 0;
	job->key = skb->len;
	bpf_spin_lock(&lock);
	bpf_list_push_back_impl(&jobs, &job->node, NULL, 0);
	node = bpf_list_pop_front(&jobs);
	bpf_spin_unlock(&lock);
	if (node) {
		job = (struct job *)((void *)node - __builtin_offsetof(struct job, node));
		bpf_obj_drop_impl(job, NULL);
	}
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
