// The dialect of 2013/14: tables. no-clang
// no-clang
void count(struct bpf_context *ctx)
{
	uint32_t small = 0;
	uint64_t key = ctx->arg1, one = 1;
	uint64_t *v = bpf_table_lookup(ctx, 0, &key);

	bpf_table_update(ctx, 0, &small, &one); // error[bpf-table]: keys of table 0 have 8 bytes; this has 4
	bpf_table_update(ctx, 1, &key, &small); // error[bpf-table]: elements of table 1 have 8 bytes; this has 4
	bpf_table_update(ctx, 2, &key, &one);   // error[bpf-table]: there is no table 2: tables[] has 2 entries (0..1)
	bpf_table_update(ctx, ctx->arg2, &key, &one); // error[bpf-table]: the table id must be a constant
	if (v)
		__sync_fetch_and_add(v, ctx->arg7); // error[c-no-member]: no member named 'arg7' in 'struct bpf_context'; did you mean 'arg1'?
}
struct bpf_table tables[] = {
	{BPF_TABLE_HASH, sizeof(uint64_t), sizeof(uint64_t), 64, 0},
	{BPF_TABLE_LPM, 8, 8, 64, 0},
};
