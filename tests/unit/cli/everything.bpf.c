#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
char LICENSE[] SEC("license") = "GPL";
enum color { RED, GREEN = 5 };
struct peer { unsigned short port; unsigned char addr[16]; };
struct key { unsigned pid; char comm[16]; enum color c; };
typedef struct { struct peer peers[2]; union { __u64 whole; __u32 half[2]; }; _Bool up; int class; int __hid; unsigned a:3, b:5; struct { int x; } in; } value_t;
struct event { __u32 pid; char name[8]; };
struct args { __u64 in; __s32 out; };
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 16); __type(key, struct key); __type(value, value_t); } table SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY); __uint(max_entries, 2); __type(key, __u32); __type(value, __u64); } percpu SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_QUEUE); __uint(max_entries, 4); __type(value, __u32); } todo SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096); } rb SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_PROG_ARRAY); __uint(max_entries, 4); __uint(key_size, 4); __uint(value_size, 4); } jumps SEC(".maps");
const volatile int limit = 3;
__u64 total;
char text[8] = "hello";
struct peer last;
enum color now = GREEN;
int matrix[2][3];
struct event *unused_event;
SEC("syscall") int sum(struct args *ctx)
{
	struct key k = { .pid = ctx->in, .c = GREEN, .comm = "abc" };
	value_t *v = bpf_map_lookup_elem(&table, &k);
	if (v) { v->whole += 7; v->peers[1].port = 80; v->class = 9; }
	__u32 zero = 0;
	__u64 *n = bpf_map_lookup_elem(&percpu, &zero);
	if (n) *n += 1;
	struct event *e = bpf_ringbuf_reserve(&rb, sizeof(*e), 0);
	if (e) { __builtin_memset(e, 0, sizeof *e); e->pid = ctx->in; __builtin_memcpy(e->name, "evt", 4); bpf_ringbuf_submit(e, 0); }
	__u32 item = 42;
	bpf_map_push_elem(&todo, &item, 0);
	total += ctx->in * limit;
	last.port = 443;
	matrix[1][2] = 6;
	ctx->out = total;
	return limit;
}
SEC("raw_tp/sys_enter") int tick(struct bpf_raw_tracepoint_args *ctx) { total += ctx->args[1]; return 0; }
SEC("xdp") int drop(struct xdp_md *ctx) { return (void *)(long)ctx->data + 20 > (void *)(long)ctx->data_end ? XDP_DROP : XDP_PASS; }
