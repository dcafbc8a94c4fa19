// flags: tautological-unsigned-zero-compare tautological-unsigned-enum-zero-compare
typedef unsigned char u8;
enum e { A, B };
int asked(unsigned x, u8 y, enum e z)
{
	if (x < 0)                 // warning[tautological-unsigned-zero-compare]: result of comparison of unsigned expression < 0 is always false
		return 1;
	if (z < 0)                 // warning[tautological-unsigned-enum-zero-compare]: result of comparison of unsigned enum expression < 0 is always false
		return 1;
	return y >= 0;             // warning[tautological-unsigned-zero-compare]: unsigned expression >= 0 is always true
}
