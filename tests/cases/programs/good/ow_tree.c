#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
extern void *bpf_obj_new_impl(__u64 id, void *meta) __ksym;
extern void bpf_obj_drop_impl(void *p, void *meta) __ksym;
extern int bpf_rbtree_add_impl(struct bpf_rb_root *root, struct bpf_rb_node *node, bool (less)(struct bpf_rb_node *a, const struct bpf_rb_node *b), void *meta, __u64 off) __ksym;
extern struct bpf_rb_node *bpf_rbtree_first(struct bpf_rb_root *root) __ksym;
extern struct bpf_rb_node *bpf_rbtree_remove(struct bpf_rb_root *root, struct bpf_rb_node *node) __ksym;

struct entry {
	struct bpf_rb_node node;
	long key;
};

struct bpf_spin_lock lock SEC(".data.tree");
struct bpf_rb_root tree SEC(".data.tree")
	__attribute__((btf_decl_tag("contains:entry:node")));

static bool less(struct bpf_rb_node *a, const struct bpf_rb_node *b)
{
	struct entry *x = (struct entry *)((void *)a - __builtin_offsetof(struct entry, node));
	struct entry *y = (struct entry *)((void *)b - __builtin_offsetof(struct entry, node));

	return x->key < y->key;
}

SEC("tc")
int x(struct __sk_buff *skb)
{
	struct entry *entry = bpf_obj_new_impl(bpf_core_type_id_local(struct entry), NULL);
	struct bpf_rb_node *node;
	long key = 0;

	if (!entry)
		return 0;
	entry->key = skb->len;
	bpf_spin_lock(&lock);
	bpf_rbtree_add_impl(&tree, &entry->node, less, NULL, 0);
	key = entry->key;
	node = bpf_rbtree_first(&tree);
	if (node)
		node = bpf_rbtree_remove(&tree, node);
	bpf_spin_unlock(&lock);
	if (node) {
		entry = (struct entry *)((void *)node - __builtin_offsetof(struct entry, node));
		key += entry->key;
		bpf_obj_drop_impl(entry, NULL);
	}
	return key > 100 ? 2 : 0;
}

char LICENSE[] SEC("license") = "GPL";
