// The address behind the last element may be taken, and nothing further.
struct s { char buf[12]; int n; } s;
int ends(char *p)
{
	char *q = &s.buf[13];      // warning[array-bounds]: array index 13 is past the end of the array
	s.buf[12] = 0;             // warning[array-bounds]: array index 12 is past the end of the array
	return p > &s.buf[12] || q == &(s.buf[12]);
}
