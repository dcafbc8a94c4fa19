// What an unsigned type promises is asserted by habit: only a loop that does nothing else ...
typedef unsigned char u8;
enum e { A, B };
int ext(int);
int habit(unsigned x, u8 y, enum e z)
{
	while (x >= 0 && ext(1))
		x--;
	if (x < 0)
		return 1;
	return y >= 0 && z >= 0;
}
int loop(unsigned i, u8 n)
{
	for (i = 10; i >= 0; i--)  // warning[bpf-loop]: 'i >= 0' is always true for an unsigned i: the loop never ends
		ext(i);
	do {
		ext(--n);
	} while (0 <= n);          // warning[bpf-loop]: '0 <= n' is always true for an unsigned n
	for (n = 3; n > -1; n--)   // warning[bpf-loop]: 'n > -1' is always true for an unsigned n
		ext(n);
	return i;
}
