// Structs, unions, enums, bit-fields.
struct inc;
struct dup { int a; int a; };     // error[c-duplicate-member]: duplicate member 'a'
struct dup2 { int a; struct { int a; }; }; // error[c-duplicate-member]: duplicate member 'a'
struct self { int a; struct self s; }; // error[c-incomplete]: field has incomplete type 'struct self'
struct ok { struct ok *next; };
struct fn { int f(void); };       // error[c-member-type]: field 'f' declared as a function
struct vd { void v; };            // error[c-incomplete]: field has incomplete type 'void'
struct fl { int n; int d[]; int after; }; // error[c-flexible-array]: flexible array member 'd' with type 'int[]' is not at the end of struct
struct fine { int n; int d[]; };
struct bits {
	int neg : -1;             // error[c-bit-field]: bit-field 'neg' has negative width (-1)
	int wide : 33;            // error[c-bit-field]: width of bit-field 'wide' (33 bits) exceeds the width of its type (32 bits)
	int zero : 0;             // error[c-bit-field]: named bit-field 'zero' has zero width
	_Bool two : 2;            // error[c-bit-field]: width of bit-field 'two' (2 bits) exceeds the width of its type (1 bit)
	int *ptr : 3;             // error[c-bit-field]: bit-field 'ptr' has non-integral type 'int *'
	unsigned ok : 3;
	int : 0;
};
struct none { int; };             // warning[missing-declarations]: declaration does not declare anything
enum neg { N = -1, M = 5 };
_Static_assert(sizeof(enum neg) == 4, "");
enum wide { W = 0x100000000 };
_Static_assert(sizeof(enum wide) == 8 && sizeof(W) == 8, "");
enum bad { B = 1.5 };             // error[c-not-constant]: expression is not an integer constant expression
enum small { S } __attribute__((packed));
_Static_assert(sizeof(enum small) == 1, "");
struct align { char c; int i __attribute__((aligned(32))); };
_Static_assert(sizeof(struct align) == 64, "");
struct pk { char c; int i; } __attribute__((packed));
_Static_assert(sizeof(struct pk) == 5, "");
struct odd { int x; } __attribute__((aligned(3))); // error[c-alignment]: requested alignment is not a power of 2
_Alignas(16) char aligned_char;
typedef int over __attribute__((aligned(16)));
over bad_array[2];                // error[c-array-element]: size of array element of type 'over' (aka 'int') (4 bytes) isn't a multiple of its alignment (16 bytes)
struct anon { union { int i; struct { char a, b; }; }; int z; };
_Static_assert(__builtin_offsetof(struct anon, b) == 1 && __builtin_offsetof(struct anon, z) == 4, "");
int get(struct anon *a, struct inc *p)
{
	struct local { int v; } l = { a->b };
	return l.v + a->i + p->x; // error[c-incomplete]: incomplete definition of type 'struct inc'
}
struct unknown_attr { int x; } __attribute__((nosuch)); // warning[unknown-attributes]: unknown attribute 'nosuch' ignored
