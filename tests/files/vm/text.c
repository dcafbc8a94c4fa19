/* Strings, numbers, formats, dynptrs: results one after another into ``res``. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct result {
	__u64 n;
	__s64 v[200];
	char text[64];
};

struct result res;

#define PUT(x) do { __s64 _x = (__s64)(x); __u32 _n = res.n; \
	if (_n < 200) { res.v[_n] = _x; res.n = _n + 1; } } while (0)

/* An address that no compiler puts into a constant table, which would need a relocation of data. */
static __always_inline __u64 hide(const void *p)
{
	__u64 v = (__u64)p;

	asm volatile("" : "+r"(v));
	return v;
}

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} ring SEC(".maps");


#define NUM(text, flags) do { char s[] = text; long v1 = 0x55; unsigned long v2 = 0x55; \
	PUT(bpf_strtol(s, sizeof(s), flags, &v1)); PUT(v1); \
	PUT(bpf_strtoul(s, sizeof(s), flags, &v2)); PUT(v2); } while (0)

SEC("tc")
int numbers(struct __sk_buff *skb)
{
	NUM("123", 0);
	NUM("-123 x", 0);
	NUM("  42", 10);
	NUM("0x1f", 0);
	NUM("0x1f", 16);
	NUM("1F", 16);
	NUM("0x", 0);
	NUM("0xg", 16);
	NUM("017", 0);
	NUM("08", 0);
	NUM("", 0);
	NUM("-", 0);
	NUM("+5", 0);
	NUM("5", 7);
	NUM("5", 32);
	NUM("9223372036854775807", 0);
	NUM("9223372036854775808", 0);
	NUM("-9223372036854775808", 0);
	NUM("-9223372036854775809", 0);
	NUM("18446744073709551615", 0);
	NUM("18446744073709551616", 0);
	NUM("12a", 0);
	NUM("a", 0);
	return 0;
}

const char word[] = "kernel";

SEC("tc")
int compare(struct __sk_buff *skb)
{
	char a[8] = "kernel";
	char b[8] = "kern";
	char c[4] = { 'k', 'e', 'r', 'n' };
	char d[8] = "kernels";
	char e[8] = "\xff";

	PUT(bpf_strncmp(a, 8, word));
	PUT(bpf_strncmp(b, 8, word));
	PUT(bpf_strncmp(c, 4, word));
	PUT(bpf_strncmp(d, 8, word));
	PUT(bpf_strncmp(d, 6, word));
	PUT(bpf_strncmp(e, 8, word));
	return 0;
}

#define FMT(size, fmt, ...) do { static const char f[] = fmt; __u64 a[] = { __VA_ARGS__ }; \
	PUT(bpf_snprintf(res.text, size, f, a, sizeof(a))); \
	for (int i = 0; i < 8; i++) PUT(((__s64 *)res.text)[i]); \
	__builtin_memset(res.text, 0x7f, 64); } while (0)

SEC("tc")
int formats(struct __sk_buff *skb)
{
	FMT(64, "%d %u %x %X %i|", -5, -5, 255, 255, 7);
	FMT(64, "%ld %lu %lx %lld %llu %llx|", -5, 5, 255, -6, 6, 0xffffffffffffffff);
	FMT(64, "%5d|%-5d|%05d|%+d|% d|%-05d|", 42, 42, 42, 42, 42, 42);
	FMT(64, "%c%c %5c|%s|%8s|%-8s|", 'a', 'b', 'c', hide(word), hide(word), hide(word));
	FMT(10, "%s %s", hide(word), hide(word));
	FMT(64, "%px %%", 0x1234);
	FMT(64, "%08x %8lx|", 0xabc, 0xabc);
	FMT(64, "%p", 0);
	return 0;
}

const __u8 v4[4] = { 192, 168, 0, 1 };
const __u8 v6[16] = { 0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x12, 0x34 };

SEC("tc")
int addresses(struct __sk_buff *skb)
{
	FMT(64, "%pi4 %pI4|", hide(v4), hide(v4));
	FMT(64, "%pi6", hide(v6));
	FMT(64, "%pI6", hide(v6));
	return 0;
}

SEC("tc")
int bad_formats(struct __sk_buff *skb)
{
	__u64 a[2] = { 1, 2 };
	static const char f1[] = "%d %d %d";
	static const char f3[] = "plain";

	PUT(bpf_snprintf(res.text, 64, f3, a, 16));
	PUT(bpf_snprintf(res.text, 64, f3, 0, 0));
	PUT(bpf_snprintf(res.text, 3, f3, 0, 0));
	PUT(((__s64 *)res.text)[0]);
	PUT(bpf_snprintf(0, 0, f3, 0, 0));
	return 0;
}

SEC("tc")
int dynptrs(struct __sk_buff *skb)
{
	struct bpf_dynptr p;
	__u64 v = 0x1122334455667788, w = 0;
	__u64 *d;

	PUT(bpf_ringbuf_reserve_dynptr(&ring, 24, 0, &p));
	PUT(bpf_dynptr_write(&p, 4, &v, 8, 0));
	PUT(bpf_dynptr_write(&p, 17, &v, 8, 0));
	PUT(bpf_dynptr_write(&p, 0, &v, 8, 1));
	PUT(bpf_dynptr_read(&w, 8, &p, 4, 0));
	PUT(w);
	PUT(bpf_dynptr_read(&w, 8, &p, 20, 0));
	PUT(bpf_dynptr_read(&w, 8, &p, 0xffffffff, 0));
	d = bpf_dynptr_data(&p, 8, 8);
	PUT(d != 0);
	if (d)
		*d = 5;
	PUT(bpf_dynptr_data(&p, 20, 8) != 0);
	bpf_ringbuf_submit_dynptr(&p, 0);
	PUT(bpf_ringbuf_reserve_dynptr(&ring, 24, 1, &p));
	bpf_ringbuf_discard_dynptr(&p, 0);
	PUT(bpf_ringbuf_reserve_dynptr(&ring, 5000, 0, &p));
	PUT(bpf_dynptr_write(&p, 0, &v, 8, 0));
	bpf_ringbuf_discard_dynptr(&p, 0);
	return 0;
}

char _license[] SEC("license") = "GPL";
