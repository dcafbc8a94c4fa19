// no-clang: the kernel reports this as a call chain that is too deep.
int even(int n);
int odd(int n)
{
	return n ? even(n - 1) : 0;  // error[bpf-call-depth]: recursion is not allowed: odd -> even -> odd
}
int even(int n)
{
	return n ? odd(n - 1) : 1;
}
static long callback(void *map, int *key)
{
	extern long bpf_timer_set_callback(void *, void *);
	return bpf_timer_set_callback(map, callback); // the address only: no call
}
int uses(void *m) { return callback(m, 0); }
