// Initialisers: braces, designators, excess, strings, constants.
struct p { int x, y; };
struct n { struct p a, b[2]; int z; };
union u { int i; char c[4]; };
struct flex { int n; int data[]; };
int ext;
int ok1[3] = { 1, 2, 3 };
int ok2[] = { [4] = 1, [0 ... 2] = 7 };
_Static_assert(sizeof(ok2) == 20, "five");
struct n ok3 = { { 1, 2 }, { { 3, 4 }, { 5, 6 } }, 7 };
struct n ok4 = { .b[1].y = 1, 9, .a = { .y = 2 } };
struct n ok5 = { 1, 2, 3, 4, 5, 6, 7 };
union u ok6 = { .c = "abc" };
union u ok7 = { 5 };
struct flex ok8 = { 2, { 1, 2 } };
char ok9[4] = "abcd";
char ok10[] = { "abc" };
_Static_assert(sizeof(ok10) == 4, "with NUL");
int ok11[2][2] = { { 1 }, { [1] = 2 } };
int scalar = { 3 };
const char *const names[] = { [1] = "one", [3] = "three" };
_Static_assert(sizeof(names) / sizeof(*names) == 4, "");
int many[2] = { 1, 2, 3 };        // warning[excess-initializers]: excess elements in array initializer
struct p manyp = { 1, 2, 3 };     // warning[excess-initializers]: excess elements in struct initializer
union u manyu = { 1, 2 };         // warning[excess-initializers]: excess elements in union initializer
int manys = { 1, 2 };             // warning[excess-initializers]: excess elements in scalar initializer
char toolong[3] = "abcd";         // warning[excess-initializers]: initializer-string for char array is too long, array size is 3 but initializer has size 5 (including the null terminating character)
int deep = { { 1 } };             // warning[many-braces-around-scalar-init]: too many braces around scalar initializer
struct p twice = { .x = 1, .x = 2 }; // warning[initializer-overrides]: initializer overrides prior initialization of this subobject
struct p nofield = { .q = 1 };    // error[c-no-member]: field designator 'q' does not refer to any field in type 'struct p'
int outside[2] = { [2] = 1 };     // error[c-designator]: array designator index (2) exceeds array bounds (2)
int negative[2] = { [-1] = 1 };   // error[c-designator]: array designator value '-1' is negative
struct p notarray = { [0] = 1 };  // error[c-designator]: array designator cannot initialize non-array type 'struct p'
int notstruct[2] = { .x = 1 };    // error[c-designator]: field designator cannot initialize a non-struct, non-union type 'int[2]'
int notconst[1] = { ext };        // error[c-not-constant]: initializer element is not a compile-time constant
struct p wrong = 5;               // error[c-incompatible-types]: initializing 'struct p' with an expression of incompatible type 'int'
int fromarray[3] = ok1;           // error[c-array-initializer]: array initializer must be an initializer list
char fromother[3] = ok1;          // error[c-array-initializer]: array initializer must be an initializer list or string literal
int empty_range[4] = { [3 ... 1] = 0 }; // error[c-designator]: array designator range [3, 1] is empty
int use(void)
{
	struct p a = { ext, ext + 1 };
	struct p b = a;
	struct p c[] = { a, b, { 1 } };
	int i[] = { [2] = ext };
	struct p lit = (struct p){ .y = ext };
	int *ptr = (int[]){ 1, 2, 3 };
	_Static_assert(sizeof(c) == 24, "three");
	_Static_assert(sizeof(i) == 12, "three");
	static struct p st = { 1 };
	static int bad = ext;     // error[c-not-constant]: initializer element is not a compile-time constant
	return a.x + c[1].y + lit.x + ptr[0] + i[0] + st.x + bad;
}
