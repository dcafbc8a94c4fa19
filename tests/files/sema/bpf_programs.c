// Programs as loaders see them: sections, license, formats, map types. no-clang
// no-clang
// flags: all
#define SEC(n) __attribute__((section(n), used))
typedef unsigned int u32;
typedef unsigned long long u64;
struct key { u32 a; u64 b; };
struct value { u64 count; };
static void *(*bpf_map_lookup_elem)(void *map, const void *key) = (void *) 1;
static long (*bpf_map_update_elem)(void *map, const void *key, const void *value, u64 flags) = (void *) 2;
static long (*const bpf_trace_printk)(const char *fmt, u32 size, ...) = (void *) 6;
static long (*bpf_get_current_comm)(void *buf, u32 size) = (void *) 16;
static long (*bpf_snprintf)(char *str, u32 n, const char *fmt, u64 *data, u32 len) = (void *) 165;
struct {
	int (*type)[1];
	int (*max_entries)[16];
	struct key *key;
	struct value *value;
} counts SEC(".maps");
struct {
	int (*type)[2];
	int (*max_entries)[16];
	u32 *key;
	u64 *value;
} cells SEC(".maps");
struct { int x; } typo SEC(".map"); // warning[bpf-section]: unknown section '.map'; did you mean '.maps'?
SEC("kprobe/do_exit") int good(void *ctx) { return 0; }
SEC("kprob/do_exit") int bad(void *ctx) { return 0; } // warning[bpf-section]: unknown section 'kprob/do_exit': loaders cannot tell what type of program this is; did you mean 'kprobe/do_exit'?
SEC("tp/sched/sched_switch")
int maps(void *ctx)
{
	u32 small = 1;
	u64 wide = 2;
	struct key key = { 0 };
	struct value v = { 0 };
	struct key *k = bpf_map_lookup_elem(&counts, &key); // warning[bpf-map-type]: values of map 'counts' have 8 bytes ('struct value'), but 'struct key *' points to 16
	u64 *c = bpf_map_lookup_elem(&counts, &small);      // warning[bpf-map-type]: keys of map 'counts' have 16 bytes ('struct key'), but this points to 4 ('u32' (aka 'unsigned int'))
	u64 *d = bpf_map_lookup_elem(&cells, &wide);        // warning[bpf-map-type]: keys of map 'cells' have 4 bytes ('u32' (aka 'unsigned int')), but this points to 8
	u64 *e = bpf_map_lookup_elem(&cells, (u32 *)&wide); // the author means its first half
	u64 *f = bpf_map_lookup_elem(&cells, (void *)&wide); // warning[bpf-map-type]: keys of map 'cells' have 4 bytes ('u32' (aka 'unsigned int')), but this points to 8
	bpf_map_update_elem(&counts, &key, &small, 0);      // warning[bpf-map-type]: values of map 'counts' have 8 bytes ('struct value'), but this points to 4
	bpf_map_update_elem(&counts, &key, &v, 0);
	return k && c && d && e && f;
}
SEC("tp/sched/sched_switch")
int prints(void *ctx)
{
	char fmt[] = "%d %s\n";
	const char odd[] = "%y\n";
	char two[4] = "%d";
	u64 wide = 1;
	char out[8];
	bpf_trace_printk(fmt, sizeof(fmt), 1, ctx);
	bpf_trace_printk("%d %d %d\n", 10, 1, 2, 3);
	bpf_trace_printk("%d %d\n", 7, 1);        // warning[format]: more '%' conversions than data arguments: the format has 2, bpf_trace_printk() gets 1
	bpf_trace_printk("%d\n", 4, 1, 2);        // warning[format-extra-args]: data argument not used by format string
	bpf_trace_printk("%y\n", 4, 1);           // warning[bpf-format-string]: bad conversion '%y' in the format of bpf_trace_printk(): the call will fail with -EINVAL
	bpf_trace_printk("%d\n", 4, wide);        // warning[format]: format specifies type 'int' but the argument has type 'u64' (aka 'unsigned long long')
	bpf_trace_printk("%llu %lx\n", 10, wide, wide);
	bpf_trace_printk(two, 9, 1);              // warning[bpf-format-string]: size argument 9 of bpf_trace_printk() exceeds the format's 4 bytes
	bpf_trace_printk("100%% %p %pK\n", 14, ctx, ctx);
	bpf_snprintf(out, sizeof(out), odd, &wide, 8); // warning[bpf-format-string]: bad conversion '%y' in the format of bpf_snprintf()
	bpf_get_current_comm(out, sizeof(out));
	return 0;
}
char _license[] SEC("license") = "GPL";
