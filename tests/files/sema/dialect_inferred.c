// Tables that no array declares take their shape from their uses, which must agree. no-clang
// no-clang
void count(struct bpf_context *ctx)
{
	void *loc = (void *)ctx->arg2;
	uint32_t pid = ctx->arg1;
	struct { u64 packets, bytes; } init = { 0 };
	uint64_t *v = bpf_table_lookup(ctx, 0, &loc);

	bpf_table_update(ctx, 0, &loc, &init); // error[bpf-table]: the element of table 0 has 16 bytes here
	bpf_table_delete(ctx, 0, &pid);        // error[bpf-table]: the key of table 0 has 4 bytes here
	bpf_table_lookup(ctx, 3, &pid);        // error[bpf-table]: nothing tells the element size of table 3
	if (v)
		bpf_trace_printk("%d", 3, *v);
}
