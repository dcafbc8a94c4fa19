// Values used before they are set.
int ext(int);
int fill(int *p);
int certain(void)
{
	int x;
	return x;                 // warning[uninitialized]: variable 'x' is uninitialized when used here
}
int both(int c)
{
	int x;
	if (c)
		x = 1;
	else
		x = 2;
	return x;
}
int one_branch(int c)
{
	int x;
	if (c)                    // warning[sometimes-uninitialized]: variable 'x' is used uninitialized whenever 'if' condition is false
		x = 1;
	return x;
}
int other_branch(int c)
{
	int x;
	if (c)                    // warning[sometimes-uninitialized]: variable 'x' is used uninitialized whenever 'if' condition is true
		ext(c);
	else
		x = 1;
	return x;
}
int by_address(void)
{
	int x;
	fill(&x);
	return x;
}
int compound(void)
{
	int x;
	x += 1;                   // warning[uninitialized]: variable 'x' is uninitialized when used here
	return x;
}
int loop(int n)
{
	int x;
	for (int i = 0; i < n; i++)
		x = i;
	return x;
}
int loop_break(int n)
{
	int x, i;
	for (i = 0;; i++) {
		x = ext(i);
		if (x > n)
			break;
	}
	return x;
}
int switched(int n)
{
	int x;
	switch (n) {
	case 1:
		x = 1;
		break;
	case 2:
		x = 2;
		break;
	default:                  // warning[sometimes-uninitialized]: variable 'x' is used uninitialized whenever switch default is taken
		break;
	}
	return x;
}
int logical(int a, int b)
{
	int x;
	if (a && (x = b))         // not clang
		ext(x);
	return 0;
}
int logical_use(int a, int b)
{
	int x;
	if (a || (x = b))         // warning[sometimes-uninitialized]: variable 'x' is used uninitialized whenever '||' condition is true
		return x;
	return 0;
}
int correlated(int c)
{
	int x;
	if (c)
		x = 1;
	ext(c);
	if (c)
		return x;
	return 0;
}
int jump(int c)
{
	int x;
	if (c)
		goto out;
	x = 1;
	ext(x);
out:
	return c;
}
int size_only(void)
{
	int x;
	return sizeof(x);
}
int self(void)
{
	int *p;
	return *p;                // warning[uninitialized]: variable 'p' is uninitialized when used here
}
int ternary(int c)
{
	int x;
	return c ? x : 0;         // warning[uninitialized]: variable 'x' is uninitialized when used here
}
int endless(void)
{
	int x;
	while (1) {
		if (ext(1))
			return x;     // warning[uninitialized]: variable 'x' is uninitialized when used here
	}
}

int own_value(void)
{
	int own = own;            // warning[uninitialized]: variable 'own' is uninitialized when used within its own initialization
	return own;
}
int twice_asked(int kind, int *from)
{
	int *p, r = 0;
	if (kind == 1)
		p = from;
	else if (kind != 2)
		return 0;
	r = ext(kind);
	if (r && kind == 1)
		return *p;
	return r;
}
int surely_behind(int kind, int *from)
{
	int *p;
	if (kind == 1)             // warning[sometimes-uninitialized]: variable 'p' is used uninitialized whenever 'if' condition is false
		p = from;
	if (kind > 5)
		ext(1);
	else
		ext(2);
	return *p;
}
