/* Packet helpers of tc and XDP programs: results go into a map, bytes into the packet. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 200);
	__type(key, __u32);
	__type(value, __s64);
} out SEC(".maps");

__u32 n;

static __attribute__((noinline)) int put(__s64 v)
{
	__u32 k = n++;

	return bpf_map_update_elem(&out, &k, &v, BPF_ANY);
}

static __always_inline void sizes(struct __sk_buff *skb)
{
	put(skb->len);
	put(skb->data_end - skb->data);
}

SEC("tc")
int bytes(struct __sk_buff *skb)
{
	__u8 b[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	__u64 w = 0;

	put(skb->len);
	put(skb->protocol);
	put(bpf_skb_load_bytes(skb, 14, &w, 8));
	put(w);
	put(bpf_skb_load_bytes(skb, 95, &w, 8));
	put(w);
	w = 9;
	put(bpf_skb_load_bytes(skb, -1, &w, 8));
	put(w);
	put(bpf_skb_load_bytes_relative(skb, 0, &w, 8, BPF_HDR_START_NET));
	put(w);
	put(bpf_skb_load_bytes_relative(skb, 0, &w, 8, BPF_HDR_START_MAC));
	put(w);
	put(bpf_skb_store_bytes(skb, 30, b, 8, 0));
	put(bpf_skb_store_bytes(skb, 30, b, 8, 0x100));
	put(bpf_skb_store_bytes(skb, 95, b, 8, 0));
	put(bpf_skb_pull_data(skb, 50));
	put(bpf_skb_pull_data(skb, 5000));
	sizes(skb);
	return 0;
}

SEC("tc")
int csums(struct __sk_buff *skb)
{
	__u32 a[4] = { 0x12345678, 0xffffffff, 1, 0x80008000 };
	__u32 b[4] = { 0xdeadbeef, 0x0000ffff, 0, 0xabcdabcd };

	put(bpf_csum_diff(0, 0, b, 16, 0));
	put(bpf_csum_diff(a, 16, 0, 0, 0));
	put(bpf_csum_diff(a, 16, b, 16, 0));
	put(bpf_csum_diff(a, 8, b, 16, 0x12345));
	put(bpf_csum_diff(a, 16, b, 4, 0xffffffff));
	put(bpf_csum_diff(a, 4, 0, 0, 0xabcdef01));
	put(bpf_csum_diff(0, 0, 0, 0, 0x12345678));
	put(bpf_l3_csum_replace(skb, 24, 0x1234, 0x5678, 2));
	put(bpf_l3_csum_replace(skb, 26, 0x12345678, 0x9abcdef0, 4));
	put(bpf_l3_csum_replace(skb, 28, 0, 0x1234, 0));
	put(bpf_l3_csum_replace(skb, 28, 1, 0x1234, 0));
	put(bpf_l3_csum_replace(skb, 28, 1, 0x1234, 3));
	put(bpf_l3_csum_replace(skb, 29, 1, 0x1234, 2));
	put(bpf_l3_csum_replace(skb, 28, 1, 0x1234, 0x12));
	put(bpf_l4_csum_replace(skb, 40, 0x1234, 0x5678, 2 | BPF_F_PSEUDO_HDR));
	put(bpf_l4_csum_replace(skb, 42, 0x12345678, 0x9abcdef0, 4));
	put(bpf_l4_csum_replace(skb, 44, 0x1111, 0x2222, 2 | BPF_F_MARK_MANGLED_0));
	put(bpf_l4_csum_replace(skb, 90, 0x1111, 0x2222, 2 | BPF_F_MARK_MANGLED_0));
	put(bpf_l4_csum_replace(skb, 99, 0x1111, 0x2222, 2));
	put(bpf_csum_update(skb, 5));
	return 0;
}

SEC("tc")
int resize(struct __sk_buff *skb)
{
	put(bpf_skb_change_tail(skb, 120, 0));
	put(skb->len);
	put(bpf_skb_change_tail(skb, 60, 0));
	put(skb->len);
	put(bpf_skb_change_tail(skb, 10, 0));
	put(bpf_skb_change_tail(skb, 60, 1));
	put(bpf_skb_change_head(skb, 14, 0));
	put(skb->len);
	put(bpf_skb_change_head(skb, 14, 2));
	put(skb->len);
	return 0;
}

SEC("tc")
int room(struct __sk_buff *skb)
{
	put(bpf_skb_adjust_room(skb, 8, BPF_ADJ_ROOM_MAC, 0));
	put(skb->len);
	put(bpf_skb_adjust_room(skb, -8, BPF_ADJ_ROOM_MAC, 0));
	put(skb->len);
	put(bpf_skb_adjust_room(skb, 4, BPF_ADJ_ROOM_NET, 0));
	put(skb->len);
	put(bpf_skb_adjust_room(skb, 4, 5, 0));
	put(bpf_skb_adjust_room(skb, 5000, BPF_ADJ_ROOM_NET, 0));
	return 0;
}

SEC("tc")
int vlan(struct __sk_buff *skb)
{
	put(bpf_skb_vlan_push(skb, 0x0081, 5));
	put(skb->vlan_present);
	put(skb->vlan_tci);
	put(skb->vlan_proto);
	put(skb->len);
	put(bpf_skb_vlan_push(skb, 0xa888, 7));
	put(skb->vlan_tci);
	put(skb->vlan_proto);
	put(skb->len);
	put(skb->protocol);
	put(bpf_skb_vlan_pop(skb));
	put(skb->vlan_present);
	put(skb->vlan_tci);
	put(skb->len);
	put(bpf_skb_vlan_pop(skb));
	put(skb->vlan_present);
	put(skb->len);
	put(bpf_skb_vlan_pop(skb));
	put(skb->len);
	put(skb->protocol);
	return 0;
}

SEC("tc")
int fields(struct __sk_buff *skb)
{
	put(bpf_skb_change_type(skb, 2));
	put(skb->pkt_type);
	put(bpf_skb_change_type(skb, 9));
	skb->mark = 77;
	skb->cb[2] = 5;
	put(skb->mark);
	put(skb->cb[2]);
	put(skb->data_end - skb->data);
	put(skb->data_meta == skb->data);
	put(skb->vlan_present);
	return 3;
}

SEC("xdp")
int xdp_sizes(struct xdp_md *ctx)
{
	put(ctx->data_end - ctx->data);
	put(bpf_xdp_adjust_head(ctx, 10));
	put(ctx->data_end - ctx->data);
	put(bpf_xdp_adjust_head(ctx, 200));
	put(bpf_xdp_adjust_head(ctx, -300));
	put(bpf_xdp_adjust_head(ctx, -30));
	put(ctx->data_end - ctx->data);
	put(ctx->data - ctx->data_meta);
	put(bpf_xdp_adjust_meta(ctx, -8));
	put(ctx->data - ctx->data_meta);
	put(bpf_xdp_adjust_meta(ctx, -3));
	put(bpf_xdp_adjust_meta(ctx, 9));
	put(bpf_xdp_adjust_meta(ctx, 4));
	put(ctx->data - ctx->data_meta);
	put(bpf_xdp_adjust_head(ctx, -4));
	put(ctx->data - ctx->data_meta);
	put(bpf_xdp_adjust_tail(ctx, 40));
	put(ctx->data_end - ctx->data);
	put(bpf_xdp_adjust_tail(ctx, -70));
	put(ctx->data_end - ctx->data);
	put(bpf_xdp_adjust_tail(ctx, -500));
	put(bpf_xdp_adjust_tail(ctx, 5000));
	put(bpf_xdp_get_buff_len(ctx));
	return XDP_TX;
}

SEC("xdp")
int xdp_bytes(struct xdp_md *ctx)
{
	__u64 v = 0x1122334455667788, w = 0;

	put(bpf_xdp_load_bytes(ctx, 3, &w, 8));
	put(w);
	put(bpf_xdp_load_bytes(ctx, 95, &w, 8));
	put(bpf_xdp_store_bytes(ctx, 5, &v, 8));
	put(bpf_xdp_store_bytes(ctx, 95, &v, 8));
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
