#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct cell {
	__u32 a;
	__u16 b;
	__u8 c, d;
};
struct row {
	struct cell cells[6];
	__u32 n;
};
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, struct row);
} rows SEC(".maps");

SEC("raw_tp/sys_enter")
int x(struct bpf_raw_tracepoint_args *ctx)
{
	__u32 k = ctx->args[1] & 15;
	struct row *r = bpf_map_lookup_elem(&rows, &k);
	struct cell *c;
	__u32 n;

	if (!r)
		return 0;
	n = r->n;
	if (n >= 6)
		n = 0;
	c = &r->cells[n];
	c->a = ctx->args[0];
	c->b = n;
	c->d = c->c;
	r->n = n + 1;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
