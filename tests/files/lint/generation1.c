// The rules of the 2013/14 checker, for sources of that time only.
struct key { uint32_t a; uint64_t b; };
struct leaf { uint64_t count; uint32_t slot[4]; };
struct packed { uint32_t a; uint64_t b; } __attribute__((packed));

void filter(struct bpf_context *ctx)
{
	uint64_t k = ctx->arg1, one = 1, sum = 0;
	uint64_t local[4] = {};
	struct key padded, zeroed = {};
	char fmt[] = "%d\n";
	uint64_t *n = bpf_table_lookup(ctx, 0, &k);
	struct leaf *l;
	struct packed *p;

	k = *(uint32_t *)&ctx->arg2; // error[bpf-context-access]: ctx->arg2 must be read as 8 bytes; this reads 4
	k += ((uint64_t *)ctx)[8]; // error[bpf-context-access]: struct bpf_context has arg1..arg6 and ret only; this reads 8 bytes at offset 64
	k += ctx->arg6 + ctx->ret + (uint32_t)ctx->arg3;
	if (n)
		bpf_table_update(ctx, 0, &k, n); // error[bpf-argument-type]: argument 4 of bpf_table_update(), the element, must be on the stack; 'n' points into a table
	bpf_table_lookup(0, 0, &k); // error[bpf-context-arg]: argument 1 of bpf_table_lookup() must be the filter's context // warning[bpf-dropped-result]: is not used
	padded.a = 1;
	padded.b = 2;
	bpf_table_update(ctx, 1, &padded, &one); // error[bpf-padding]: 4 bytes of padding after 'a' in 'padded' (offset 4 to 7)
	zeroed.a = 1;
	bpf_table_update(ctx, 1, &zeroed, &one);
	l = bpf_table_lookup(ctx, 2, &k);
	if (l)
		sum += l->slot[ctx->arg1 & 3]; // error[bpf-unbounded-index]: a table's element may be accessed at constant offsets only in this dialect; 'ctx->arg1 & 3' is variable
	sum += local[ctx->arg2 & 3]; // error[bpf-unbounded-index]: local arrays may be indexed with constants only
	for (int i = 0; i < 4; i++)
		sum += local[i];
	p = bpf_table_lookup(ctx, 3, &k);
	if (p)
		p->b = sum; // error[bpf-alignment]: misaligned 8-byte access at offset 4 of the table's element
	bpf_trace_printk(fmt, sizeof(fmt), sum, 0, 0);
	bpf_trace_printk("%d\n", 4, sum, 0, 0); // error[bpf-argument-type]: the format of bpf_trace_printk() must be on the stack; it is a string literal
}
