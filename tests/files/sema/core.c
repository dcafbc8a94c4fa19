// CO-RE builtins and relocated records. no-clang: clang wants -g for these.
// no-clang
struct task { int pid; struct { long tgid; }; unsigned flags : 3; char comm[16]; } __attribute__((preserve_access_index));
enum state { RUNNING = 1, STOPPED = 0x100000000 };
typedef int myint;
struct nowhere;
int run(struct task *t, struct nowhere *n, int x)
{
	unsigned long sum = 0;
	sum += *(int *)__builtin_preserve_access_index(&t->pid);
	sum += __builtin_preserve_field_info(t->comm, 0);
	sum += __builtin_preserve_field_info(t->flags, 4);
	sum += __builtin_preserve_field_info(((struct task *)0)->tgid, 2);
	sum += __builtin_preserve_field_info(t->comm[3], 0);
	sum += __builtin_preserve_type_info(*(struct task *)0, 0);
	sum += __builtin_preserve_type_info(*(struct nowhere *)0, 0);
	sum += __builtin_preserve_type_info(*(typeof(myint) *)0, 1);
	sum += __builtin_preserve_enum_value(*(enum state *)RUNNING, 0);
	sum += __builtin_preserve_enum_value(*(typeof(enum state) *)STOPPED, 1);
	sum += __builtin_btf_type_id(*(struct task *)0, 1);
	sum += __builtin_btf_type_id(x, 0);
	sum += __builtin_preserve_field_info(x, 0);   // error[c-core]: __builtin_preserve_field_info argument 1 not a field access
	sum += __builtin_preserve_field_info(t->pid, 9); // error[c-core]: __builtin_preserve_field_info: kind 9 is not in the range 0 to 5
	sum += __builtin_preserve_field_info(t->pid, x); // error[c-not-constant]: __builtin_preserve_field_info argument 2 not a constant
	sum += __builtin_preserve_type_info(*(int *)0, 0); // error[c-core]: __builtin_preserve_type_info argument 1 invalid
	sum += __builtin_preserve_enum_value(RUNNING, 0); // error[c-core]: __builtin_preserve_enum_value argument 1 invalid
	return sum;
}
