// Misspelled names: what was meant.
struct event { int pid; char comm[16]; };
typedef struct event event_t;
enum action { ACTION_PASS, ACTION_DROP };
int counter;
int helper(int x);
int use(struct event *e, int count)
{
	event *p; /* not clang's words */ // error[c-unknown-type]: must use 'struct' tag to refer to type 'event'
	count = countr;           // error[c-undeclared]: use of undeclared identifier 'countr'; did you mean 'count'?
	count += ACTION_DORP;     // error[c-undeclared]: use of undeclared identifier 'ACTION_DORP'; did you mean 'ACTION_DROP'?
	count += e->pdi;          // error[c-no-member]: no member named 'pdi' in 'struct event'; did you mean 'pid'?
	count += e->completely_different; // error[c-no-member]: no member named 'completely_different' in 'struct event'
	count += helpr(1);        // error[bpf-unknown-function]: did you mean 'helper'?
	struct evnt *q = 0;
	return q->pid;            // error[c-incomplete]: incomplete definition of type 'struct evnt'; did you mean 'struct event'?
}
event_tt global;                  // error[c-unknown-type]: unknown type name 'event_tt'; did you mean 'event_t'?
struct event init = { .pidd = 1 }; // error[c-no-member]: did you mean 'pid'?
