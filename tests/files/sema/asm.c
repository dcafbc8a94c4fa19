// Inline assembly: operands and constraints.
struct s { long a[4]; };
long run(long x, struct s *p, struct s v)
{
	long out, other;
	asm volatile("" ::: "memory");
	asm volatile("" : "+r"(x));
	asm volatile("%[o] = %[i]" : [o] "=r"(out) : [i] "r"(x), "i"(sizeof(x)));
	asm volatile("r0 = %0; r1 = %1" : "=r"(out), "=r"(other) : "0"(x) : "r0", "r1");
	asm("%[nope] = 1" : [o] "=r"(out));      // error[c-asm]: unknown symbolic operand name 'nope' in inline assembly string
	asm("%3 = 1" : "=r"(out));               // error[c-asm]: invalid operand number '%3' in inline asm string
	asm("" : "r"(out));                      // error[c-asm]: invalid output constraint 'r' in asm
	asm("" : "=r"(x + 1));                   // error[c-asm]: invalid lvalue in asm output
	asm("" : : "r"(v)); /* not clang's text */ // error[c-asm]: invalid type 'struct s' in asm input
	asm volatile goto("goto %l[done]" : : : : done);
	asm volatile("r0 = 100%%" : : : "r0");
	asm("" : "=m"(*p) : "m"(p->a[1]));
	out += other;
done:
	return out;
}
