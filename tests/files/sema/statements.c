// Statements: labels, switch, jumps, returns.
// flags: all implicit-fallthrough
enum color { RED, GREEN, BLUE };
void nothing(void);
int use(int);
void ret_void(void)
{
	return nothing();
}
int falls(int x)
{
	if (x)
		return 1;
}                                 // warning[return-type]: non-void function does not return a value in all control paths
int never(int x)
{
}                                 // warning[return-type]: non-void function does not return a value
int loops(int x)
{
	for (;;)
		if (use(x))
			return x;
}
int labels(int x)
{
	goto used;
unused:                           // warning[unused-label]: unused label 'unused'
	x++;
silent: __attribute__((unused))
	x++;
used:
	return x;
}
int switches(int x, enum color c, int *p)
{
	switch (x) {
	case 1:
	case 2:
		x++;
	case 3:                   // warning[implicit-fallthrough]: unannotated fall-through between switch labels
		x++;
		__attribute__((fallthrough));
	case 4 ... 6:
		break;
	case 8 ... 7:             // warning[empty-range]: empty case range specified
		break;
	default:
		x = 0;
	}
	switch (c) {              // warning[switch]: enumeration value 'BLUE' not handled in switch
	case RED:
	case GREEN:
		break;
	}
	switch (c) {
	case RED:
		break;
	default:
		break;
	}
	switch (c) {              // warning[switch]: enumeration values 'GREEN' and 'BLUE' not handled in switch
	case RED:
		break;
	case 7:                   // warning[switch]: case value not in enumerated type 'enum color'
		break;
	}
	return x;
}
int conditions(int x, int y)
{
	if (x = y)                // warning[parentheses]: using the result of an assignment as a condition without parentheses
		x++;
	if ((x = y))
		x++;
	while ((x = use(y)))
		x++;
	if (x)
		if (y)
			x++;
	else                      // not clang's line
		y++; /* not clang */ // warning[dangling-else]: add explicit braces to avoid dangling else
	if (x);                   // warning[empty-body]: if statement has empty body
	return x;
}
void __attribute__((noreturn)) stop(void);
int calls_stop(int x)
{
	if (x)
		return 1;
	stop();
}
int traps(int x)
{
	if (x)
		return 1;
	__builtin_unreachable();
}
int in_loop(int x)
{
	do {
		if (x > 3)
			return x;
	} while (1);
}
