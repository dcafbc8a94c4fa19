"""The documentation of every kernel-rule diagnostic: what ``bpfcc explain ID`` prints.

One row per id: what it means in C words, what to write instead, an example of each, and the
wordings by which the kernel's own log says the same (regular expressions, several kernels'), so that
a log can be read backwards to an id.
"""

from __future__ import annotations

ERROR = "error"
WARNING = "warning"
BOTH = "error, or a warning where the kernel accepts it"
REQUEST = "warning, on request"
NOTE = "note"


class Entry:
    """One id.

    ``kernel`` are regular expressions over single lines of a kernel log; ``level`` says how grave
    the finding is, in the words of the constants above.
    """

    __slots__ = ("after", "before", "id", "kernel", "level", "meaning", "title")

    def __init__(
        self,
        id: str,
        title: str,
        meaning: str,
        before: str,
        after: str,
        *kernel: str,
        level: str = ERROR,
    ) -> None:
        self.level = level
        self.id = id
        self.title = title
        self.meaning = meaning
        self.before = before
        self.after = after
        self.kernel = kernel


_ROWS = [
    Entry(
        "bpf-null-deref",
        "a pointer that may be NULL is used without a test",
        "Lookups in maps, reservations in ring buffers, socket lookups and storage lookups return\n"
        "NULL when there is nothing to return. The kernel accepts a use only on paths where that\n"
        "very pointer was compared with NULL. Arithmetic before the test is an error of its own.\n"
        "Since Linux 6.14 a constant index below max_entries of an array map is known to be found.",
        "v = bpf_map_lookup_elem(&counts, &key);\n*v += 1;",
        "v = bpf_map_lookup_elem(&counts, &key);\nif (!v)\n\treturn 0;\n*v += 1;",
        r"invalid mem access '\w*_or_null\w*'",
        r"R\d type=\w*_or_null\w* expected=",
        r"pointer arithmetic on \w+_or_null\w* prohibited",
    ),
    Entry(
        "bpf-not-a-pointer",
        "a number is dereferenced",
        "What the kernel knows as a plain number cannot be dereferenced: arguments of raw\n"
        "tracepoints and kprobes, pointers read from memory or from maps, packet pointers after a\n"
        "helper that moves packet data, an object after it was released.",
        "struct sk_buff *skb = (struct sk_buff *)ctx->args[0];\nlen = skb->len;",
        "bpf_probe_read_kernel(&len, sizeof(len), &skb->len);   /* or BPF_CORE_READ(skb, len) */",
        r"invalid mem access '(scalar|inv|imm|unknown)'",
    ),
    Entry(
        "bpf-unbounded-index",
        "an index or offset has no bound that the kernel can see",
        "Before memory is indexed, the index needs an upper bound, and a lower one if it is signed.\n"
        "The kernel does not know the results of / and %, nor that two reads of the same memory give\n"
        "the same value; masks with & and comparisons on the very value that is used do count.",
        "slots[bpf_get_prandom_u32()]++;",
        "i = bpf_get_prandom_u32();\nif (i >= 64)\n\treturn 0;\nslots[i]++;   /* or slots[i & 63]++ */",
        r"unbounded memory access",
        r"unbounded min value is not allowed",
        r"math between .* pointer and .* with unbounded",
    ),
    Entry(
        "bpf-context-access",
        "a context field is read or written where, how or at a size that is not allowed",
        "Each program type has a context structure with readable and writable fields, accessed at\n"
        "constant offsets and at their own size (some fields may be read in parts).",
        "skb->len = 100;   /* read-only in tc programs */",
        "bpf_skb_change_tail(skb, 100, 0);",
        r"invalid bpf_context access",
        r"variable ctx access",
        r"func '\w+' doesn't have \d+-th argument",
    ),
    Entry(
        "bpf-map-value-bounds",
        "an access with known bounds leaves the map value or global variable",
        "The index is bounded, but not tightly enough: the last element is at index count - 1.\n"
        "Global variables live in maps too, one per section.",
        "if (i > 64)\n\treturn 0;\nslots[i]++;   /* 64 elements */",
        "if (i >= 64)\n\treturn 0;\nslots[i]++;",
        r"invalid access to map value",
        r"(min|max) value is outside of the (allowed memory range|array range|map value)",
    ),
    Entry(
        "bpf-packet-bounds",
        "packet bytes are used that no comparison with data_end covers",
        "Packet bytes may be used after a comparison of that pointer (plus a constant) with data_end\n"
        "has succeeded. Adding a variable makes a new pointer that needs a check of its own; helpers\n"
        "that move packet data make all checks void.",
        "if (data + 14 > end)\n\treturn 0;\nip = data + 14;\nproto = ip->protocol;",
        "if ((void *)(ip + 1) > end)\n\treturn 0;\nproto = ip->protocol;",
        r"invalid access to packet",
        r"R\d offset is outside of the packet",
    ),
    Entry(
        "bpf-stack-bounds",
        "an access leaves a local variable or the stack frame",
        "A size argument, an index or a key is larger than the local variable it is used with.",
        "char buf[8];\nbpf_get_current_comm(buf, 16);",
        "char buf[16];\nbpf_get_current_comm(buf, sizeof(buf));",
        r"invalid (write|read|access) (to|from)? ?stack",
        r"invalid stack (type|off|access)",
        r"invalid (unbounded )?variable-offset (read|write|indirect access)",
        r"makes fp pointer be out of bounds",
        r"attempt to corrupt spilled pointer",
    ),
    Entry(
        "bpf-loop",
        "a loop without a bound that the kernel can see, or too long",
        "The kernel walks through every turn of a loop, up to a million instructions in all. A\n"
        "counter needs a constant step and a bound; bpf_loop() and open-coded iterators are walked\n"
        "once however often they turn. Before Linux 5.3 no loop is allowed.",
        "while (p->next)\n\tp = p->next;",
        "for (i = 0; i < 64 && p->next; i++)\n\tp = p->next;",
        r"infinite loop detected",
        r"back-edge from insn",
        r"BPF program is too large",
        r"The sequence of \d+ jumps is too complex",
        r"loop detected",
    ),
    Entry(
        "bpf-read-only",
        "memory is written that the program may only read, or the reverse",
        "Constants (const volatile too: the loader sets them), maps with BPF_F_RDONLY_PROG, kernel\n"
        "objects, and packets in some program types cannot be written.",
        "const volatile int target;\ntarget = 5;",
        "int target;\ntarget = 5;",
        r"write into map forbidden",
        r"read from map forbidden",
        r"cannot write into",
        r"only read (from \w+ )?is supported",
        r"read_only|rdonly_\w+ .* write",
    ),
    Entry(
        "bpf-pointer-arithmetic",
        "an operation on a pointer that is not + or - of a bounded number",
        "A pointer may be moved by bounded numbers; other operators, sums of pointers, truncation,\n"
        "and arithmetic on data_end destroy it.",
        "page = (unsigned long)value & ~0xfff;",
        "compute on offsets, and add the result to the pointer",
        r"(bitwise operator|pointer arithmetic with|pointer (\+=|-=) pointer|pointer \|= pointer)",
        r"pointer arithmetic on \w+ prohibited",
        r"math between \w+ pointer and -?\d+ is not allowed",
        r"32-bit pointer arithmetic prohibited",
        r"partial copy of pointer",
    ),
    Entry(
        "bpf-map-helper",
        "the helper does not work on this type of map",
        "Each helper takes maps of certain types only.",
        "bpf_perf_event_output(ctx, &hash, BPF_F_CURRENT_CPU, &e, sizeof(e));",
        "use a map of type BPF_MAP_TYPE_PERF_EVENT_ARRAY",
        r"cannot pass map_type \d+ into func",
        r"expected prog array map for tail call",
    ),
    Entry(
        "bpf-size-argument",
        "a size argument may be negative, zero, too large or is not constant",
        "A size needs an upper bound no greater than the buffer, must not be negative (make the\n"
        "variable unsigned) and for some helpers not zero or even a constant. The kernel keeps no\n"
        "relation between variables: off <= 64 does not bound 64 - off.",
        "long n = ctx->count;\nbpf_probe_read_user(buf, n, p);",
        "__u32 n = ctx->count;\nif (n > sizeof(buf))\n\tn = sizeof(buf);\nbpf_probe_read_user(buf, n, p);",
        r"min value is negative, either use unsigned",
        r"unbounded memory access, use 'var &= const'",
        r"is not a known constant",
        r"invalid zero-sized read",
    ),
    Entry(
        "bpf-lock",
        "a lock or an RCU, preemption or interrupt section is not left as it must be",
        "Between bpf_spin_lock() and bpf_spin_unlock() no helper or function may be called and the\n"
        "program may not end; the lock released is the one taken. RCU read sections end before the\n"
        "program does.",
        "bpf_spin_lock(&v->lock);\nif (v->full)\n\treturn 0;",
        "if (v->full) {\n\tbpf_spin_unlock(&v->lock);\n\treturn 0;\n}",
        r"bpf_spin_(un)?lock",
        r"function calls are not allowed while holding a lock",
        r"cannot be used inside bpf_(spin_lock|rcu_read_lock|preempt_disable|local_irq)",
        r"tracing progs cannot use bpf_spin_lock",
        r"bpf_rcu_read_lock is missing",
    ),
    Entry(
        "bpf-map-definition",
        "a map is defined with attributes that the kernel refuses",
        "The kernel gives no reason beyond EINVAL or E2BIG. Array keys have 4 bytes; ring buffers\n"
        "have neither key nor value and a power of two of pages; queues have no key; LPM tries need\n"
        "BPF_F_NO_PREALLOC; per-CPU values have at most 32 KiB.",
        "__uint(type, BPF_MAP_TYPE_ARRAY);\n__type(key, __u64);",
        "__uint(type, BPF_MAP_TYPE_ARRAY);\n__type(key, __u32);",
        r"map '[^']*': failed to create",
        r"Error in bpf_create_map_xattr",
    ),
    Entry(
        "bpf-uninitialised",
        "a value is used that was never written",
        "Variables and arguments must be written before use on every path. Since Linux 6.3 root may\n"
        "read unwritten stack memory; other users and older kernels may not, and what is in it goes\n"
        "to user space with the map key or record.",
        "struct key k;\nk.port = port;\nbpf_map_lookup_elem(&m, &k);",
        "struct key k = {};\nk.port = port;\nbpf_map_lookup_elem(&m, &k);",
        r"R\d+ !read_ok",
        r"invalid indirect read from stack",
        r"invalid read from stack (R\d )?off",
        r"Expected an initialized dynptr",
        r"R0 !read_ok",
        level=BOTH,
    ),
    Entry(
        "bpf-return-code",
        "the return value is outside the range of the program type",
        "Programs of cgroup types, sockops, sk_lookup and some tracing types must return a value of\n"
        "a small range; XDP, tc and socket filters may return anything.",
        "return skb->len;   /* cgroup_skb */",
        "return skb->len < 1500;",
        r"At program exit the register R0",
        r"At (async )?callback return",
    ),
    Entry(
        "bpf-unsupported-c",
        "a feature of C that BPF does not have",
        "There is no floating point, no variable-length array, no variadic function and no call of\n"
        "a function with more than five arguments that is not inlined.",
        "double average = sum / n;",
        "__u64 average = sum / n;   /* or sum * 1000 / n for three decimals */",
        r"unsupported (dynamic stack allocation|signed division)",
        r"call to built-in function",
    ),
    Entry(
        "bpf-argument-type",
        "an argument of a helper is of the wrong kind",
        "Helpers want the address of a key, a map, the context, a buffer: often an & is missing.",
        "bpf_map_lookup_elem(&seen, pid);",
        "bpf_map_lookup_elem(&seen, &pid);",
        r"R\d type=\S+ expected=",
        r"helper access to the packet is not allowed",
        r"arg#\d+ (expected|is|pointer type)",
    ),
    Entry(
        "bpf-helper-not-allowed",
        "the helper does not exist for this program type",
        "Which helpers a program may call depends on its type, which comes from SEC().",
        'SEC("xdp") ... bpf_skb_load_bytes(ctx, 0, buf, 4);',
        "bpf_xdp_load_bytes(ctx, 0, buf, 4);",
        r"program of this type cannot use helper",
        r"unknown func bpf_",
        r"BPF_LD_\[ABS\|IND\] instructions not allowed",
        r"calling kernel function \S+ is not allowed",
    ),
    Entry(
        "bpf-reference-leak",
        "an acquired object is not released on some path",
        "What bpf_ringbuf_reserve(), the socket lookups and acquiring kernel functions return must\n"
        "be submitted, discarded or released on every path, before a tail call too.",
        "e = bpf_ringbuf_reserve(&rb, sizeof(*e), 0);\nif (!e)\n\treturn 0;\nif (skip)\n\treturn 0;",
        "if (skip) {\n\tbpf_ringbuf_discard(e, 0);\n\treturn 0;\n}",
        r"Unreleased reference",
        r"reference has not been released",
        r"tail_call would lead to reference leak",
    ),
    Entry(
        "bpf-context-arg",
        "a helper must get the unmodified context pointer",
        "Helpers that take the context want the very pointer that the program was called with.",
        "bpf_skb_load_bytes((void *)skb + 8, 0, &b, 1);",
        "bpf_skb_load_bytes(skb, 8, &b, 1);",
        r"R\d type=\w+ expected=ctx",
        r"dereference of modified ctx ptr",
    ),
    Entry(
        "bpf-unknown-function",
        "a call of something that is neither a helper nor a function of the program",
        "The C library does not exist here. String functions need bounded loops or the bpf_str...\n"
        "helpers; calls through unknown pointers are impossible.",
        "if (strchr(comm, '/'))",
        "for (i = 0; i < sizeof(comm); i++) ...",
        r"failed to find BTF for extern",
        r"invalid func unknown",
        r"unknown opcode 8d",
    ),
    Entry(
        "bpf-release-mismatch",
        "a release function gets something that is not an owned, unmodified reference",
        "A reference is released once, with the pointer that was acquired.",
        "bpf_ringbuf_submit(e + 1, 0);",
        "bpf_ringbuf_submit(e, 0);",
        r"must be referenced when passed to release function",
        r"must have zero offset when passed to release",
        r"release (reference|kernel function) ",
        r"expected=ringbuf_mem",
    ),
    Entry(
        "bpf-special-field",
        "locks, timers and kernel pointers inside map values are opaque",
        "struct bpf_spin_lock, bpf_timer, kptrs and list or tree nodes may only be used through\n"
        "their helpers: no assignment may cover them, and they need BTF in the map definition.",
        "*v = init;   /* v has a lock */",
        "v->count = init.count;",
        r"(bpf_spin_lock|bpf_timer|kptr|bpf_list_head|bpf_rb_root|bpf_wq) cannot be accessed directly",
        r"has to have BTF in order to use",
        r"doesn't match map pointer",
    ),
    Entry(
        "bpf-atomic",
        "an atomic operation on memory, or of a size, that does not support it",
        "Atomic operations work on 4 and 8 aligned bytes of the stack, map values and similar\n"
        "memory, not on packets or the context. The result of 4 bytes needs -mcpu=v3.",
        "__sync_fetch_and_add((__u32 *)data, 1);   /* packet */",
        "*(__u32 *)data += 1;",
        r"BPF_ATOMIC (stores|loads) (in)?(to|from) R\d",
        r"unsupported atomic operation",
        r"Invalid usage of the XADD return value",
        r"BPF_XADD stores into",
    ),
    Entry(
        "bpf-license",
        "a GPL-only helper in a program without a GPL-compatible license",
        '"GPL", "GPL v2", "GPL and additional rights", "Dual BSD/GPL", "Dual MIT/GPL" and "Dual\n'
        'MPL/GPL" count.',
        'char LICENSE[] SEC("license") = "BSD";',
        'char LICENSE[] SEC("license") = "Dual BSD/GPL";',
        r"cannot call GPL-restricted function",
        level=BOTH,
    ),
    Entry(
        "bpf-stack-size",
        "more than 512 bytes of stack",
        "A frame has 512 bytes, and so has a chain of calls (256 above a tail call). Large buffers\n"
        "belong into a map: a BPF_MAP_TYPE_PERCPU_ARRAY with one element is private enough.",
        "char path[1024];",
        "struct { __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY); __uint(max_entries, 1); ... } scratch;",
        r"combined stack size of \d+ calls is \d+\. Too large",
        r"tail_calls are not allowed when call stack",
        r"BPF stack limit",
        r"stack depth",
        level=BOTH,
    ),
    Entry(
        "bpf-call-depth",
        "more than eight frames of calls, or recursion",
        "Functions may call each other eight deep. A function that calls itself is never accepted.",
        "return gcd(b, a % b);",
        "for (i = 0; i < 64 && b; i++) { t = a % b; a = b; b = t; }",
        r"the call stack of \d+ frames is too deep",
    ),
    Entry(
        "bpf-alignment",
        "an access that is not naturally aligned",
        "Accesses to the stack, the context and atomic ones must be aligned to their size; other\n"
        "memory too on machines without fast unaligned access.",
        "v = *(__u64 *)(buf + 1);",
        "__builtin_memcpy(&v, buf + 1, sizeof(v));",
        r"misaligned (stack|value|packet|context|access)",
    ),
    Entry(
        "bpf-callback-return",
        "a callback returns something else than 0 or 1",
        "Callbacks of bpf_loop() and bpf_for_each_map_elem() return 0 to go on and 1 to stop; timer\n"
        "callbacks return 0.",
        "return i;",
        "return i > 100;",
        r"At (async )?callback return the register R0",
    ),
    Entry(
        "bpf-btf-pointer",
        "a typed kernel pointer is accessed outside its type or at a variable offset",
        "Pointers to kernel objects may be followed member by member at constant offsets.",
        "return p->comm[i] == 'x';",
        "bpf_probe_read_kernel(&c, 1, &p->comm[i]);",
        r"access beyond struct",
        r"is ptr_\w+ invalid (variable|negative) (offset|access)",
        r"access beyond the end of member",
    ),
    Entry(
        "bpf-sleepable",
        "a helper that may sleep in a program that must not",
        'Helpers that read user memory with faults need a sleepable program: SEC("uprobe.s"),\n'
        'SEC("lsm.s/..."), SEC("fentry.s/..."), SEC("syscall") and their kin.',
        "bpf_copy_from_user(buf, sizeof(buf), p);",
        "bpf_probe_read_user(buf, sizeof(buf), p);",
        r"might sleep in a non-sleepable prog",
        r"sleepable helper .* in non-sleepable",
    ),
    Entry(
        "bpf-different-pointers",
        "one load or store serves two kinds of pointers",
        "An instruction that reaches the context on one path and other memory on another cannot be\n"
        "translated. Do the access in each branch and merge the values.",
        "p = cond ? &ctx->len : value;\nreturn *p;",
        "return cond ? ctx->len : *value;",
        r"same insn cannot be used with different pointers",
    ),
    Entry(
        "bpf-format-string",
        "a format that the kernel's printing helpers do not understand",
        "%d %i %u %x %ld %lu %lx %lld %llu %llx %p %s %c, and %pI4 and the like for bpf_snprintf().",
        'bpf_printk("%q", v);',
        'bpf_printk("%llu", v);',
        r"Invalid format string",
        level=BOTH,
    ),
    Entry(
        "bpf-stack-escape",
        "the address of a local variable leaves its function",
        "The caller provides the buffer.",
        "return buf;   /* a local */",
        "static int fill(char *buf, __u32 size)",
        r"cannot return stack pointer to the caller",
        r"cannot spill pointers to stack into stack frame of the caller",
    ),
    Entry(
        "bpf-function-args",
        "an argument of a non-static function does not fit",
        "Functions that are not static are checked on their own: their pointer parameters may be\n"
        "NULL, their numbers are unknown, and incomplete types cannot be passed.",
        "int use(struct opaque *p)",
        "static int use(struct opaque *p)",
        r"Caller passes invalid args into func#",
        r"arg#\d+ reference type",
        r"Global function .* doesn't return scalar",
    ),
    Entry(
        "bpf-record-bounds",
        "an access leaves a ring buffer record or other memory of known size",
        "Only the bytes that were reserved or are declared in the parameter's type may be used.",
        "e = bpf_ringbuf_reserve(&rb, 8, 0);\ne->ninth = 1;",
        "e = bpf_ringbuf_reserve(&rb, sizeof(*e), 0);",
        r"invalid access to memory, mem_size=",
    ),
    Entry(
        "bpf-unprivileged",
        "this needs CAP_PERFMON",
        "Without CAP_PERFMON kernel addresses must not become visible: pointers cannot be compared,\n"
        "subtracted, stored where others read them or returned; the stack is indexed by constants\n"
        "only, and pointer arithmetic must be such that the kernel can mask it (Spectre).",
        "return (long)v;   /* a pointer */",
        "return v != NULL;",
        r"prohibited for !root",
        r"R\d leaks addr",
        r"pointer comparison prohibited",
    ),
    Entry(
        "bpf-kernel-version",
        "this kernel is too old for what the program uses",
        "The instruction or the construct came with a later kernel. 'bpfcc min-kernel FILE' tells\n"
        "which one the program needs; --kernel and -mcpu make the compiler avoid what is too new.",
        "bpfcc -mcpu=v4 f.c",
        "bpfcc --kernel 5.15 f.c",
        r"unknown opcode [0-9a-f]+",
        r"back-edge from insn",
    ),
    Entry(
        "bpf-malformed",
        "this is not well-formed byte code",
        "An instruction has an unknown operation, a register that does not exist, or something in a\n"
        "field that must be zero. Compilers do not make that: the object is damaged or was patched.",
        "",
        "",
        r"uses reserved fields",
        r"R\d+ is invalid",
        r"unreachable insn",
        r"jump out of range",
        r"last insn is not an exit or jmp",
    ),
    Entry(
        "bpf-core",
        "a field or type is used that this kernel does not have",
        "CO-RE adjusts offsets to the kernel that loads the program. Where the field does not exist\n"
        "the access becomes an instruction that the kernel refuses, unless it is never reached.",
        "pid = BPF_CORE_READ(task, no_such_field);",
        "if (bpf_core_field_exists(task->field))\n\tpid = BPF_CORE_READ(task, field);",
        r"invalid func unknown#195896080",
        r"failed to resolve CO-RE relocation",
    ),
    Entry(
        "bpf-link",
        "two objects that are linked do not fit together",
        "A name may have one definition in all the objects that are linked, besides weak ones, and\n"
        "declarations must agree with it. Static names are each object's own.",
        "int helper(int x) { return x; }  /* in a.c and in b.c */",
        "__weak int helper(int x) { return x; }  /* gives way to the other one */",
        r"conflicting non-weak symbol",
    ),
    Entry(
        "bpf-section",
        "the section name does not say what kind of program this is",
        "Loaders take the program's type and what to attach it to from SEC().",
        'SEC("prog")',
        'SEC("xdp")',
        r"missing BPF prog type",
        level=BOTH,
    ),
    Entry(
        "bpf-table",
        "a table call does not fit the table (the dialect of 2013/14)",
        "Tables are rows of a struct bpf_table array, and calls name a row by a constant number. Where\n"
        "the program declares no array, a table takes its shape from its uses, which must agree.",
        "uint32_t pid;\nbpf_table_update(ctx, 0, &loc, &one);\nbpf_table_update(ctx, 0, &pid, &one);",
        "bpf_table_update(ctx, 0, &loc, &one);\nbpf_table_update(ctx, 1, &pid, &one);",
    ),
    Entry(
        "bpf-map-type",
        "a key or value of another size than the map's",
        "Map helpers take void pointers, so C does not check them against the map's __type(key, ...)\n"
        "and __type(value, ...). A key that is too small makes the kernel read past it; one that is\n"
        "too large is cut off, which works on little-endian machines only.",
        "__u64 pid = bpf_get_current_pid_tgid();\nv = bpf_map_lookup_elem(&by_pid, &pid);   /* keys are __u32 */",
        "__u32 pid = bpf_get_current_pid_tgid() >> 32;\nv = bpf_map_lookup_elem(&by_pid, &pid);",
        level=WARNING,
    ),
    Entry(
        "bpf-attach-target",
        "the kernel has nothing of this name to attach to",
        "Programs of the types fentry, fexit, fmod_ret, tp_btf, lsm, iter and struct_ops name a kernel\n"
        "function, tracepoint or structure in their section, which must be in the kernel's BTF.",
        'SEC("fentry/no_such_function")',
        'SEC("fentry/vfs_read")   /* bpftool btf dump file /sys/kernel/btf/vmlinux | grep vfs_ */',
        r"failed to find kernel BTF type ID of",
        r"attach_btf_id \d+ is (not|invalid)",
    ),
    Entry(
        "bpf-padding",
        "padding bytes of a key, value or record are never written",
        "Hash maps compare keys byte by byte, padding included: two keys with equal members may be\n"
        "different keys. In values and records, what the stack held before goes to user space.\n"
        "Writing every member does not write the padding; an initialiser or a memset does. Kernels\n"
        "before 6.3, and later ones without CAP_PERFMON, refuse the program.",
        "struct key { __u32 addr; __u8 proto; __u64 cookie; } k;\nk.addr = a;\nk.proto = p;\nk.cookie = c;\nbpf_map_lookup_elem(&flows, &k);",
        "struct key k = {};\nk.addr = a;\n...",
        level=BOTH,
    ),
    Entry(
        "bpf-unset-field",
        "members of a key, value or record are never written",
        "No statement of the function, nor of those that it hands the address to, writes the members\n"
        "named. They hold what the stack, or the ring buffer's memory, held before.",
        "e = bpf_ringbuf_reserve(&events, sizeof(*e), 0);\n...\ne->pid = pid;   /* and e->uid? */\nbpf_ringbuf_submit(e, 0);",
        "e->pid = pid;\ne->uid = bpf_get_current_uid_gid();\nbpf_ringbuf_submit(e, 0);",
        level=BOTH,
    ),
    Entry(
        "bpf-dropped-result",
        "the result of a helper is dropped, without which the call does nothing",
        "bpf_redirect() and its kin only note where to; the packet goes there when the program returns\n"
        "their result. A lookup whose result is dropped does nothing.",
        "bpf_redirect_map(&ports, 0, 0);\nreturn XDP_PASS;",
        "return bpf_redirect_map(&ports, 0, 0);",
        level=WARNING,
    ),
    Entry(
        "bpf-ignored-result",
        "nobody looks whether a helper has succeeded, and data is lost when it has not",
        "Updates of full maps, output to full buffers, reads of memory that is not there and of packets\n"
        "that are too short fail without a trace. Switched on by -Wbpf-ignored-result or -Wextra; a\n"
        "cast to void says that it is meant.",
        "bpf_ringbuf_output(&events, &e, sizeof(e), 0);",
        "if (bpf_ringbuf_output(&events, &e, sizeof(e), 0))\n\t__sync_fetch_and_add(&lost, 1);",
        level=REQUEST,
    ),
    Entry(
        "bpf-racy-update",
        "a counter is changed atomically in one place and plainly in another",
        "Map values and global variables are shared by all CPUs. A plain addition reads, adds and\n"
        "writes: what another CPU adds in between is lost, also when that one adds atomically.",
        "v->packets++;   /* elsewhere: __sync_fetch_and_add(&v->packets, 1) */",
        "__sync_fetch_and_add(&v->packets, 1);",
        level=WARNING,
    ),
    Entry(
        "bpf-shared-counter",
        "a value that all CPUs share is changed without an atomic operation",
        "The counts are approximate then. Values of per-CPU maps and under bpf_spin_lock() are not\n"
        "meant. Switched on by -Wbpf-shared-counter or -Wextra.",
        "*count += 1;",
        "__sync_fetch_and_add(count, 1);   /* or a BPF_MAP_TYPE_PERCPU_HASH */",
        level=REQUEST,
    ),
    Entry(
        "bpf-map-operation",
        "an operation on a map that fails every time",
        "The elements of an array always exist: they cannot be deleted, nor created by BPF_NOEXIST. The\n"
        "program loads, and the call returns an error whenever it is made.",
        "bpf_map_delete_elem(&array, &index);",
        "__u64 zero = 0;\nbpf_map_update_elem(&array, &index, &zero, BPF_ANY);",
        level=WARNING,
    ),
    Entry(
        "bpf-context-field",
        "a register that the first form of the dialect knew and today's event does not have",
        "Attached to a tracepoint, regs.di, si, dx, cx, r8 and r9 are the event's arguments; no other\n"
        "register has a value there.",
        "ip = ctx->regs.ip;",
        "location = ctx->regs.si;   /* or ctx->arg2 */",
    ),
    Entry(
        "bpf-implicit-license",
        "the source names no license: GPL is assumed, as the dialect of 2013/14 did",
        "Programs without a license may not call GPL-only helpers. Sources of that time had no place\n"
        "for one; --license or a license section overrides.",
        "void filter(struct bpf_context *ctx) { ... }",
        'char _license[] SEC("license") = "GPL";',
        level=NOTE,
    ),
    Entry(
        "bpf-memcmp-size",
        "the size given to bpf_memcmp() is not a constant from 1 to 63",
        "The bytes are copied to the stack before they are compared.",
        "bpf_memcmp(dev->name, name, n);",
        "bpf_memcmp(dev->name, name, 3);",
    ),
    Entry(
        "bpf-block-size",
        "a copy or fill of a block that is too large to do inline",
        "There is no memcpy() to call: every copy becomes loads and stores.",
        "__builtin_memcpy(dst, src, 100000);",
        "bpf_probe_read_kernel(dst, sizeof(*dst), src);   /* or a loop */",
        r"A call to built-in function 'mem(cpy|set|move)' is not supported",
    ),
    Entry(
        "bpf-indirect-call",
        "a call through a function pointer whose target is not known",
        "BPF has no indirect call. Where the compiler can tell the function, the call is direct.",
        "handlers[i](ctx);",
        "switch (i) {\ncase 0:\n\treturn first(ctx);\n...",
        r"unknown opcode 8d",
    ),
    Entry(
        "bpf-recursion",
        "a function that is always inlined calls itself",
        "It cannot be inlined into itself without an end, and BPF has no recursion.",
        "static __always_inline int f(int n) { return n ? f(n - 1) : 0; }",
        "for (i = 0; i < 16 && n; i++)\n\tn--;",
    ),
    Entry(
        "bpf-unsupported",
        "this compiler cannot translate the construct",
        "The message says what and what to write instead. --backend=llvm may know more.",
        "asm(...) outside of functions",
        "asm volatile(...) inside of one",
    ),
    Entry(
        "bpf-asm",
        "an assembly statement cannot be read",
        "In .s files and in asm() the syntax is that of LLVM's BPF target: r1 = *(u64 *)(r2 + 8).",
        "mov r0, 0",
        "r0 = 0",
    ),
    Entry(
        "bpf-kernel-rejects",
        "the running kernel refuses to load the program",
        "Said by commands that load programs. The kernel's own words follow; 'bpfcc check' tells the\n"
        "same in the words of the source.",
        "",
        "",
    ),
    Entry(
        "bpf-kernel",
        "the kernel's message is none of those that are known",
        "Said by 'bpfcc explain LOG' for a log whose error it cannot name.",
        "",
        "",
    ),
    Entry(
        "bpf-core-field",
        "a field is missing, or of another type, in some of the kernels asked for",
        "With several --btf every CO-RE access is resolved against each of them. Where the field is\n"
        "missing, the access must be guarded by bpf_core_field_exists(), which is a constant to the\n"
        "kernel: code behind a false guard is not checked. Where its size differs, read it with\n"
        "BPF_CORE_READ_BITFIELD() or into a variable of 8 bytes with bpf_core_field_size().",
        "state = BPF_CORE_READ(task, __state);",
        "if (bpf_core_field_exists(task->__state))\n\tstate = BPF_CORE_READ(task, __state);\nelse\n\tstate = BPF_CORE_READ((struct task_struct___old *)task, state);",
        level=WARNING,
    ),
    Entry(
        "bpf-budget-insns",
        "a program has more instructions than --max-insns allows",
        "The budget is yours; the kernel's own limit is a million processed instructions.",
        "",
        "",
    ),
    Entry(
        "bpf-budget-stack",
        "a program needs more stack than --max-stack allows",
        "--stack-report shows which variables take it. The kernel's limit is 512 bytes over the whole\n"
        "chain of calls.",
        "",
        "",
    ),
    Entry(
        "bpf-budget-processed",
        "the verifier would process more instructions than --max-processed allows",
        "--html shows which lines they are spent on. The kernel stops at a million.",
        "",
        "",
    ),
    Entry(
        "bpf-ignore-reason",
        "an ignore comment without a reason or with an unknown id, which has no effect",
        "A comment that silences a finding says why, behind the bracket. Only ids that begin with\n"
        "bpf- can be silenced.",
        "v->n += 1;  // bpfcc: ignore[bpf-racy-update]",
        "v->n += 1;  // bpfcc: ignore[bpf-racy-update] one writer per CPU",
        level=WARNING,
    ),
    Entry(
        "bpf-unknown",
        "this cannot be judged",
        "The program uses something that the checker does not model, or that depends on facts that\n"
        "it was not given (the kernel's BTF, the kernel's configuration, a program to be replaced).\n"
        "The verdict is 'unknown': load it on the kernel in question to know.",
        "",
        "",
    ),
]

CATALOGUE: dict[str, Entry] = {row.id: row for row in _ROWS}


def by_kernel_message(line: str) -> Entry | None:
    """Return the entry whose kernel wording matches a line of a log, None when none does.

    The wording that accounts for most of the line decides; of equals, the first.
    """
    import re  # only a log reader needs the patterns

    best: Entry | None = None
    length = 0
    for entry in _ROWS:
        for pattern in entry.kernel:
            match = re.search(pattern, line)
            if match is not None and len(match.group()) > length:
                best, length = entry, len(match.group())
    return best
