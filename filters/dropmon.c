/*
 * dropmon: counts where the kernel drops packets.
 *
 * The example of the 2013/14 articles on BPF tracing filters, word for word. The second argument of
 * the event skb:kfree_skb is the code address that freed the packet; the table counts per address.
 *
 *     bpfcc dropmon.c -o dropmon.o && sudo bpfcc trace dropmon.o -e skb:kfree_skb
 */
void dropmon(struct bpf_context *ctx) {
    void *loc;
    uint64_t *drop_cnt;

    loc = (void *)ctx->arg2;

    drop_cnt = bpf_table_lookup(ctx, 0, &loc);
    if (drop_cnt) {
        __sync_fetch_and_add(drop_cnt, 1);
    } else {
        uint64_t init = 0;
        bpf_table_update(ctx, 0, &loc, &init);
    }
}
