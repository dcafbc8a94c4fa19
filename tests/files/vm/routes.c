/* Routes and SYN cookies, from XDP and tc: results one after another into ``res``. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

struct result {
	__u64 n;
	__s64 v[200];
	char text[64];
};

struct result res;

#define PUT(x) do { __s64 _x = (__s64)(x); __u32 _n = res.n; \
	if (_n < 200) { res.v[_n] = _x; res.n = _n + 1; } } while (0)

#define IP(a, b, c, d) bpf_htonl((a) << 24 | (b) << 16 | (c) << 8 | (d))

__u32 in_dev = 1; /* the interface that the lookups begin at */

static __always_inline void put_params(struct bpf_fib_lookup *p)
{
	PUT(p->family);
	PUT(p->tot_len);
	PUT(p->ifindex);
	PUT(p->tos | 0);
	PUT(p->ipv6_src[0]);
	PUT(p->ipv6_dst[0]);
	PUT(p->ipv6_dst[3]);
	PUT(p->h_vlan_proto);
	PUT(p->h_vlan_TCI);
	PUT(p->smac[0] << 8 | p->smac[5]);
	PUT(p->dmac[0] << 8 | p->dmac[5]);
}

#define LOOK(ctx, to, len, flags) do { \
	struct bpf_fib_lookup p = { .family = 2, .l4_protocol = 6, .tot_len = len, \
		.ifindex = in_dev, .ipv4_src = IP(10, 1, 0, 9), .ipv4_dst = to }; \
	PUT(bpf_fib_lookup(ctx, &p, sizeof(p), flags)); \
	put_params(&p); } while (0)

#define LOOK6(ctx, first, last, flags) do { \
	struct bpf_fib_lookup p = { .family = 10, .l4_protocol = 6, .ifindex = in_dev }; \
	p.ipv6_src[0] = bpf_htonl(0xfd000000); \
	p.ipv6_dst[0] = first; \
	p.ipv6_dst[3] = last; \
	PUT(bpf_fib_lookup(ctx, &p, sizeof(p), flags)); \
	put_params(&p); } while (0)

SEC("xdp")
int from_xdp(struct xdp_md *ctx)
{
	LOOK(ctx, IP(10, 1, 0, 2), 100, 0);
	LOOK(ctx, IP(10, 1, 0, 3), 100, 0);
	LOOK(ctx, IP(10, 1, 0, 3), 100, BPF_FIB_LOOKUP_SKIP_NEIGH);
	LOOK(ctx, IP(10, 2, 3, 4), 100, 0);
	LOOK(ctx, IP(10, 2, 3, 4), 1400, 0);
	LOOK(ctx, IP(10, 2, 3, 4), 1401, 0);
	LOOK(ctx, IP(10, 3, 0, 1), 100, 0);
	LOOK(ctx, IP(10, 4, 0, 1), 100, 0);
	LOOK(ctx, IP(10, 5, 0, 1), 100, 0);
	LOOK(ctx, IP(99, 5, 0, 1), 100, 0);
	LOOK(ctx, IP(10, 2, 3, 4), 100, BPF_FIB_LOOKUP_DIRECT);
	LOOK(ctx, IP(10, 2, 3, 4), 100, BPF_FIB_LOOKUP_OUTPUT);
	LOOK(ctx, IP(10, 1, 0, 2), 100, 1 << 10);
	return 0;
}

SEC("xdp")
int six(struct xdp_md *ctx)
{
	LOOK6(ctx, bpf_htonl(0xfd000000), bpf_htonl(2), 0);
	LOOK6(ctx, bpf_htonl(0xfd000000), bpf_htonl(3), 0);
	LOOK6(ctx, bpf_htonl(0xfd010000), bpf_htonl(3), 0);
	LOOK6(ctx, bpf_htonl(0xfe800000), bpf_htonl(3), 0);
	return 0;
}

SEC("tc")
int from_tc(struct __sk_buff *skb)
{
	struct bpf_fib_lookup p = { .family = 77, .ifindex = in_dev };

	LOOK(skb, IP(10, 1, 0, 2), 0, 0);
	LOOK(skb, IP(10, 2, 3, 4), 1401, 0);
	LOOK(skb, IP(10, 2, 3, 4), 0, BPF_FIB_LOOKUP_SKIP_NEIGH);
	PUT(bpf_fib_lookup(skb, &p, sizeof(p), 0));
	PUT(bpf_fib_lookup(skb, &p, 8, 0));
	p.family = 2;
	p.ifindex = 0;
	PUT(bpf_fib_lookup(skb, &p, sizeof(p), 0));
	return 0;
}

struct segment {
	struct tcphdr tcp;
	__u8 options[8];
};

#define COOKIE4(size, opt) do { \
	struct iphdr ip = { .version = 4, .ihl = 5, .protocol = 6, .saddr = 1, .daddr = 2 }; \
	struct segment s = { .tcp = { .source = 5, .dest = 6, .seq = bpf_htonl(77), .syn = 1, .doff = size / 4 } }; \
	__s64 cookie; \
	if (opt) { s.options[0] = 1; s.options[1] = 2; s.options[2] = 4; s.options[3] = (opt) >> 8; s.options[4] = (opt) & 255; } \
	cookie = bpf_tcp_raw_gen_syncookie_ipv4(&ip, &s.tcp, size); \
	PUT(cookie < 0 ? cookie : cookie >> 32); \
	s.tcp.syn = 0; s.tcp.ack = 1; s.tcp.seq = bpf_htonl(78); \
	s.tcp.ack_seq = bpf_htonl((__u32)cookie + 1); \
	PUT(bpf_tcp_raw_check_syncookie_ipv4(&ip, &s.tcp)); \
	s.tcp.ack_seq = bpf_htonl((__u32)cookie + 0x7000001); \
	PUT(bpf_tcp_raw_check_syncookie_ipv4(&ip, &s.tcp)); \
	ip.saddr = 9; s.tcp.ack_seq = bpf_htonl((__u32)cookie + 1); \
	PUT(bpf_tcp_raw_check_syncookie_ipv4(&ip, &s.tcp)); } while (0)

#define COOKIE6(size, opt) do { \
	struct ipv6hdr ip = { .version = 6, .nexthdr = 6 }; \
	struct segment s = { .tcp = { .source = 5, .dest = 6, .seq = bpf_htonl(77), .syn = 1, .doff = size / 4 } }; \
	__s64 cookie; \
	if (opt) { s.options[0] = 2; s.options[1] = 4; s.options[2] = (opt) >> 8; s.options[3] = (opt) & 255; } \
	cookie = bpf_tcp_raw_gen_syncookie_ipv6(&ip, &s.tcp, size); \
	PUT(cookie < 0 ? cookie : cookie >> 32); \
	s.tcp.seq = bpf_htonl(78); \
	s.tcp.ack_seq = bpf_htonl((__u32)cookie + 1); \
	PUT(bpf_tcp_raw_check_syncookie_ipv6(&ip, &s.tcp)); \
	ip.daddr.in6_u.u6_addr8[3] = 9; \
	PUT(bpf_tcp_raw_check_syncookie_ipv6(&ip, &s.tcp)); } while (0)

SEC("tc")
int cookies(struct __sk_buff *skb)
{
	COOKIE4(20, 0);
	COOKIE4(28, 1460);
	COOKIE4(28, 1459);
	COOKIE4(28, 600);
	COOKIE4(28, 100);
	COOKIE4(28, 9000);
	COOKIE4(16, 0);
	COOKIE6(20, 0);
	COOKIE6(28, 1440);
	COOKIE6(28, 9000);
	COOKIE6(28, 100);
	return 0;
}

char _license[] SEC("license") = "GPL";
