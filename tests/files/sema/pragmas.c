// Diagnostic pragmas hold from where they stand, across blocks and functions.
// flags: all
#define SEC(n) _Pragma("GCC diagnostic push") \
	_Pragma("GCC diagnostic ignored \"-Wignored-attributes\"") \
	__attribute__((section(n), used)) _Pragma("GCC diagnostic pop")
int *ptr;
SEC("one") int in_body(long l)
{
	_Pragma("GCC diagnostic push")
	_Pragma("GCC diagnostic ignored \"-Wint-conversion\"")
	ptr = l;
	_Pragma("GCC diagnostic pop")
	return 0;
}
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-variable"
int quiet(void)
{
	int unused;
	return 0;
}
#pragma GCC diagnostic pop
int loud(void)
{
	int unused;               // warning[unused-variable]: unused variable 'unused'
	return 0;
}
int block(void)
{
	{
#pragma GCC diagnostic ignored "-Wunused-variable"
	}
	int after;
	return 0;
}
int later(void)
{
	int still_ignored;
	return 0;
}
#pragma GCC diagnostic error "-Wunused-variable"
int error(void)
{
	int unused;               // error[c-unused-variable]: unused variable 'unused'
	return 0;
}
#pragma GCC diagnostic warning "-Wint-conversion"
int warned(long l)
{
	ptr = l;                  // warning[int-conversion]: incompatible integer to pointer conversion assigning to 'int *' from 'long'
	return 0;
}
#pragma GCC diagnostic pop                // warning[unknown-pragmas]: pragma diagnostic pop could not pop, no matching push
#pragma GCC diagnostic nonsense           // warning[unknown-pragmas]: pragma diagnostic expected 'error', 'warning', 'ignored', 'fatal', 'push', or 'pop'
#pragma frobnicate                        // warning[unknown-pragmas]: unknown pragma ignored
