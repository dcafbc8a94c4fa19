// Declarations: redefinition, linkage, incomplete types, storage classes.
int a;
int a;
long a;                       // error[c-redefinition]: redefinition of 'a' with a different type: 'long' vs 'int'
int b = 1;
int b = 2;                    // error[c-redefinition]: redefinition of 'b'
static int c;
int c;                        // error[c-linkage]: non-static declaration of 'c' follows static declaration
extern int d;
static int d;                 // error[c-linkage]: static declaration of 'd' follows non-static declaration
int f(int);
int f(long);                  // error[c-conflicting-types]: conflicting types for 'f'
int f(int x) { return x; }
int f(int x) { return x; }    // error[c-redefinition]: redefinition of 'f'
int g(void);
static int g(void) { return 1; } // error[c-linkage]: static declaration of 'g' follows non-static
typedef int t;
typedef int t;
typedef long t;               // error[c-typedef-redefinition]: typedef redefinition with different types ('long' vs 'int')
int t;                        // error[c-redefinition]: redefinition of 't' as different kind of symbol
struct s { int x; };
struct s { int y; };          // error[c-redefinition]: redefinition of 's'
union s *p;                   // error[c-wrong-tag]: use of 's' with tag type that does not match
enum e { A, B, A };           // error[c-redefinition]: redefinition of enumerator 'A'
enum e2 { B };                // error[c-redefinition]: redefinition of enumerator 'B'
struct incomplete i;          // error[c-incomplete]: tentative definition has type 'struct incomplete' that is never completed
struct later l;
struct later { int x; };
void v;                       // error[c-incomplete]: variable has incomplete type 'void'
int neg[-1];                  // error[c-array-size]: 'neg' declared as an array with a negative size
int fl[1.5];                  // error[c-array-size]: size of array has non-integer type 'double'
struct incomplete2 arr[3];    // error[c-incomplete]: array has incomplete element type 'struct incomplete2'
int fa[2](void);              // error[c-array-element]: 'fa' declared as array of functions
int fr(void)[2];              // error[c-function-type]: function cannot return array type 'int[2]'
register int reg;             // error[c-storage-class]: illegal storage class on file-scoped variable
nosuch n;                     // error[c-unknown-type]: unknown type name 'nosuch'
extern int ext = 3;           // warning[extern-initializer]: 'extern' variable has an initializer
int one[];                    // warning[tentative-definition-array]: tentative array definition assumed to have one element
int unknown_dims[][3];        // warning[tentative-definition-array]: tentative array definition
_Static_assert(sizeof(int) == 4, "int");
_Static_assert(sizeof(int) == 8, "wide int"); // error[c-static-assert]: static assertion failed
int k = 1;
_Static_assert(k, "no constant"); // error[c-not-constant]: static assertion expression is not an integral constant
int not_const = k;            // error[c-not-constant]: initializer element is not a compile-time constant
int *addr = &k + 1;
int *diff = &k + k;           // error[c-not-constant]: initializer element is not a compile-time constant
int;                          // warning[missing-declarations]: declaration does not declare anything
struct { int x; };            // warning[missing-declarations]: declaration does not declare anything
restrict int ri;              // error[c-restrict]: restrict requires a pointer ('int' is invalid)
void par(void, int);          // error[c-parameter]: argument may not have 'void' type
int use_static(void)
{
	int a;
	static int s = 1;
	extern int d;
	int s2 = s;
	int s2;               // error[c-redefinition]: redefinition of 's2'
	extern int bad = 1;   // error[c-storage-class]: declaration of block scope identifier with linkage
	struct nope q;        // error[c-incomplete]: variable has incomplete type 'struct nope'
	int z[];              // error[c-incomplete]: definition of variable with array type needs an explicit size
	__auto_type noinit;   // error[c-auto-type]: declaration of variable 'noinit' with deduced type
	__auto_type w = 1UL;
	_Static_assert(sizeof(w) == 8, "unsigned long");
	return s2 + (int)w + d;
}
// flags: unused-variable

inline int not_a_function;    // error[c-specifiers]: 'inline' can only appear on functions
int unnamed(int a, int) { return a; } // warning[c23-extensions]: omitting the parameter name in a function definition
