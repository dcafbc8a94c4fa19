// Expressions: operands, members, calls, assignment.
struct s { int a; const int c; int arr[4]; unsigned b : 3; };
struct other { int z; };
struct inc;
int takes(int, char *);
int none(void);
int vararg(const char *f, ...);
void nothing(void);
const int ci = 1;
int *ip;
struct s gs;
struct other go;
int run(struct s *p, struct inc *q, int i, int *ptr, void *vp)
{
	i = undeclared;           // error[c-undeclared]: use of undeclared identifier 'undeclared'
	i = gs.nope;              // error[c-no-member]: no member named 'nope' in 'struct s'
	i = gs->a;                // error[c-member-access]: member reference type 'struct s' is not a pointer; did you mean to use '.'?
	i = p.a;                  // error[c-member-access]: member reference type 'struct s *' is a pointer; did you mean to use '->'?
	i = i.a;                  // error[c-member-access]: member reference base type 'int' is not a structure or union
	i = q->x;                 // error[c-incomplete]: incomplete definition of type 'struct inc'
	i = *i;                   // error[c-indirection]: indirection requires pointer operand ('int' invalid)
	i = i[3];                 // error[c-subscript]: subscripted value is not an array or pointer
	i = ptr[ptr];             // error[c-subscript]: array subscript is not an integer
	i = i(3);                 // error[c-not-a-function]: called object type 'int' is not a function or function pointer
	i = takes(1);             // error[c-argument-count]: too few arguments to function call, expected 2, have 1
	i = none(1);              // error[c-argument-count]: too many arguments to function call, expected 0, have 1
	i = vararg();             // error[c-argument-count]: too few arguments to function call, expected at least 1, have 0
	i = takes(gs, "x");       // error[c-incompatible-types]: passing 'struct s' to parameter of incompatible type 'int'
	gs = go;                  // error[c-const-assignment]: cannot assign to variable 'gs' with nested const-qualified data member
	go = i;                   // error[c-incompatible-types]: assigning to 'struct other' from incompatible type 'int'
	i = go;                   // error[c-incompatible-types]: assigning to 'int' from incompatible type 'struct other'
	i = nothing();            // error[c-incompatible-types]: assigning to 'int' from incompatible type 'void'
	ci = 2;                   // error[c-const-assignment]: cannot assign to variable 'ci' with const-qualified type 'const int'
	p->c = 2;                 // error[c-const-assignment]: cannot assign to non-static data member 'c' with const-qualified type 'const int'
	*(const int *)ptr = 2;    // error[c-const-assignment]: read-only variable is not assignable
	p->arr = 0;               // error[c-assignment]: array type 'int[4]' is not assignable
	i + 1 = 2;                // error[c-assignment]: expression is not assignable
	(char)i = 2;              // error[c-assignment]: expression is not assignable
	takes = 0;                // error[c-assignment]: non-object type 'int (int, char *)' is not assignable
	i = &i;                   // error[c-int-conversion]: incompatible pointer to integer conversion assigning to 'int' from 'int *'
	ptr = i;                  // error[c-int-conversion]: incompatible integer to pointer conversion assigning to 'int *' from 'int'
	ptr = &i + &i;            // error[c-operands]: invalid operands to binary expression ('int *' and 'int *')
	ptr = ptr * 2;            // error[c-operands]: invalid operands to binary expression ('int *' and 'int')
	i = ptr & 7;              // error[c-operands]: invalid operands to binary expression ('int *' and 'int')
	i = go == gs;             // error[c-operands]: invalid operands to binary expression ('struct other' and 'struct s')
	i = !go;                  // error[c-operands]: invalid argument type 'struct other' to unary expression
	i = -ptr;                 // error[c-operands]: invalid argument type 'int *' to unary expression
	i = ~ptr;                 // error[c-operands]: invalid argument type 'int *' to unary expression
	i = q - q;                // error[c-incomplete]: arithmetic on a pointer to an incomplete type 'struct inc'
	i = ptr - (char *)vp;     // error[c-operands]: 'int *' and 'char *' are not pointers to compatible types
	q++;                      // error[c-incomplete]: arithmetic on a pointer to an incomplete type 'struct inc'
	go++;                     // error[c-operands]: cannot increment value of type 'struct other'
	i = sizeof(struct inc);   // error[c-incomplete]: invalid application of 'sizeof' to an incomplete type 'struct inc'
	i = sizeof(p->b);         // error[c-sizeof]: invalid application of 'sizeof' to bit-field
	ptr = &p->b;              // error[c-address]: address of bit-field requested
	ptr = &(i + 1);           // error[c-address]: cannot take the address of an rvalue of type 'int'
	i = (int)go;              // error[c-invalid-cast]: operand of type 'struct other' where arithmetic or pointer type is required
	go = (struct other)i;     // error[c-invalid-cast]: used type 'struct other' where arithmetic or pointer type is required
	i = i ? go : i;           // error[c-operands]: incompatible operand types ('struct other' and 'int')
	if (go)                   // error[c-not-scalar]: statement requires expression of scalar type ('struct other' invalid)
		i = 1;
	i = go && 1;              // error[c-operands]: invalid operands to binary expression ('struct other' and 'int')
	(void)99999999999999999999; // error[c-syntax]: integer literal is too large to be represented in any integer type
	i = s;                    // error[c-undeclared]: use of undeclared identifier 's'
	nosuch(1);                // error[bpf-unknown-function]: call to undeclared function 'nosuch'
	i = __builtin_choose_expr(i, 1, 2); // error[c-not-constant]: '__builtin_choose_expr' requires a constant expression
	i = _Generic(i, long: 1, char: 2); // error[c-generic]: controlling expression type 'int' not compatible with any generic association type
	i = __builtin_offsetof(struct s, zz); // error[c-no-member]: no member named 'zz' in 'struct s'
	i = __builtin_expect(1);  // error[c-argument-count]: too few arguments to function call, expected 2, have 1
	return i;
}
