"""The sentences of rejections: one row per rule, and an edit to suggest where one is known.

A sentence names the author's own things. What stands in braces are facts, most of them made by
``facts``:

    {e} the accessed expression     {ptr} the pointer it follows      {f} the function called
    {arg} the argument in question, {n} its number, {actual} what it is, {expected} what it must be
    {index} a subscript, {obj} what it applies to, {count} the number of its elements
    {range} what is known of a number, " (it may be 0 to 64)" or ""
    {last} the first byte after the access, {limit} how many bytes there are
    {prog} the kind of program, as in "xdp"; {sec} its section
    {ok} a harmless return statement

A fact that is asked for but not shown is written {fact:.0}.

A row with several sentences takes the first whose facts are all known. The last one needs none
but those that are always there.
"""

from __future__ import annotations

from string import Formatter

_Row = tuple[str, tuple[str, ...], tuple[str, ...]]  # diagnostic id, sentences, edits

_TEST = "test it first:  if (!{ptr}) {ok}"
_TEST_HOLDER = "test it first:  if (!{holder}) {ok}"
_TEST_ARGUMENT = "test it first:  if (!{arg}) {ok}"
_BOUND = "if ({idx} >= {count}) {ok}"
_BOUND_ANY = "bound it:  if ({idx} >= COUNT) {ok}   or   {idx} &= COUNT - 1"
_BOUND_VALUE = "bound the value that is used:  if (i >= COUNT) {ok}   or   i &= COUNT - 1"
_SIZE = "bound it, unsigned:  if ({variable} > sizeof({room_of})) {ok}"
_UNSIGNED = "make '{variable}' unsigned, or test it:  if ({variable} < 0) {ok}{signed:.0}"
_RELEASE = "release it on this path before returning"
_NUMBER = "read it with bpf_probe_read_kernel(&tmp, sizeof(tmp), address), or BPF_CORE_READ()"
_PACKET = "before this:  if ({past} > {end}) {ok}"
_INIT = "initialise it where it is declared:  = 0  or  = {{}}"

WORDS: dict[str, _Row] = {
    # pointers that may be NULL
    "null-deref": (
        "bpf-null-deref",
        ("'{ptr}' may be NULL here", "'{e}' uses a pointer that may be NULL here"),
        (_TEST, "test the pointer first:  if (!p) {ok}"),
    ),
    "null-argument": (
        "bpf-null-deref",
        (
            "'{holder}' may be NULL here: argument {n} of {f} must not be",
            "'{arg}' may be NULL here: argument {n} of {f} must not be",
            "an argument of {f} may be NULL here",
        ),
        (_TEST_HOLDER, _TEST_ARGUMENT),
    ),
    "null-arith": (
        "bpf-null-deref",
        ("arithmetic on '{ptr}', which may be NULL", "arithmetic on a pointer that may be NULL"),
        (_TEST, "test the pointer first:  if (!p) {ok}"),
    ),
    "kfunc-null": (
        "bpf-null-deref",
        (
            "'{holder}' may be NULL here: argument {n} of {f} must not be",
            "'{arg}' may be NULL here: argument {n} of {f} must not be",
            "an argument of {f} may be NULL here",
        ),
        (_TEST_HOLDER, _TEST_ARGUMENT),
    ),
    # numbers where pointers are needed
    "scalar-deref": (
        "bpf-not-a-pointer",
        (
            "'{ptr}' was given back by {released}(): it must not be used any more",
            "'{ptr}' is {null} on this path",
            "'{ptr}' is a packet pointer of before {invalidated}(), which makes all of them invalid",
            "'{ptr}' is a plain number here and cannot be dereferenced",
            "'{e}' dereferences a plain number",
        ),
        (
            "use it before {released}()",
            "the test lets only {null} through: turn it around{tested:.0}",
            "test it first:  if (!{ptr}) {ok}{null:.0}",
            "load data and data_end again after {invalidated}(), and test again",
            _NUMBER,
        ),
    ),
    "kind-deref": (
        "bpf-not-a-pointer",
        (
            "'{ptr}' is {actual}, which cannot be dereferenced",
            "'{e}' dereferences what cannot be dereferenced",
        ),
        (),
    ),
    # indexes and offsets
    "unbounded-index": (
        "bpf-unbounded-index",
        (
            "index '{index}' of '{obj}' may be negative: only its upper bound is known ({signed})",
            "index '{index}' of '{obj}' may be negative: it is signed, and has no lower bound{below:.0}",
            "'{index}' is read from memory again here: a test of another read does not bound it{again:.0}",
            "index '{index}' of '{obj}' is not bounded{range}",
            "the size given to {f} is not bounded{range}",
            "the index or offset in '{e}' is not bounded{range}",
        ),
        (
            "if ({idx} < 0 || {idx} >= {count}) {ok}{signed:.0}",
            "if ({idx} < 0 || {idx} >= {count}) {ok}{below:.0}",
            "if ({idx} < 0 || {idx} >= COUNT) {ok}   or make it unsigned{below:.0}",
            "if ({idx} < 0 || {idx} >= COUNT) {ok}   or make it unsigned{signed:.0}",
            "copy it to a local variable, test that, and use that as the index{again:.0}",
            _BOUND,
            _BOUND_ANY,
            _BOUND_VALUE,
        ),
    ),
    "variable-pointer": ("bpf-unbounded-index", ("'{e}' is at a variable offset",), ()),
    "pointer-range": (
        "bpf-unbounded-index",
        (
            "index '{index}' of '{obj}' is out of the allowed range",
            "the offset in '{e}' is out of the allowed range",
        ),
        (_BOUND_VALUE,),
    ),
    "map-value-bounds": (
        "bpf-map-value-bounds",
        (
            "index '{index}' may be {top}, but '{obj}' has {count} elements",
            "index '{index}' may be {top}: {last} bytes of {limit} are reached",
            "{f} accesses {size} bytes at '{arg}', where there are {room}",
            "'{e}' reaches byte {last} of the values of map '{map}', which have {limit} bytes",
            "'{e}' reaches byte {last} of a map value or variable that has {limit} bytes",
        ),
        (
            "use '>=':  if ({idx} >= {exactly}) {ok}",
            "bound it:  if ({idx} >= {count}) {ok}",
            "bound it:  if ({idx} >= COUNT) {ok}",
            "give {f} at most {room} bytes",
            "use a member that the value type has, or make the value larger",
        ),
    ),
    "record-bounds": (
        "bpf-record-bounds",
        (
            "index '{index}' may be {top}, but '{obj}' has {count} elements",
            "{f} accesses {size} bytes at '{arg}', where there are {room}",
            "'{e}' reaches byte {last} of memory that has {limit} bytes",
        ),
        ("access {room} bytes at most, or reserve more", "reserve or pass sizeof(*{ptr}) bytes"),
    ),
    "packet-bounds": (
        "bpf-packet-bounds",
        (
            "{f} accesses {size} {bytes} at '{arg}', of which only {covered} were checked against {end}",
            "{f} accesses {size} {bytes} at '{arg}' that no comparison with {end} covers",
            "{amount} bytes at '{copied}' are needed, but only {checked} of the packet were checked"
            " against {end}",
            "'{e}' needs {last} {bytes}, but only {checked} were checked against {end}",
            "'{e}' {does} {bytes} up to {beyond} behind those that were checked against {end}",
            "'{e}' {does} {bytes} that no comparison with {end} covers",
        ),
        (_PACKET, "before this, on this very pointer:  if ((void *)(p + 1) > {end}) {ok}"),
    ),
    "stack-bounds": (
        "bpf-stack-bounds",
        (
            "{f} accesses {size} bytes at '{arg}': more than '{obj}' has",
            "{f} may access {size} bytes at '{arg}', more than is left there: the kernel keeps no relation"
            " between an offset and a size{related:.0}",
            "{f} accesses {size} bytes at '{arg}': more than the local variable has",
            "index '{index}' leaves '{obj}', which has {count} elements",
            "index '{index}' leaves the local variable '{obj}'",
            "'{e}' leaves the local variable or the stack frame",
        ),
        (
            "give argument {n} of {f} sizeof({obj}) bytes at most{sized:.0}",
            "declare '{keyed}' with the type of the map's keys or values",
            "bound it:  if ({idx} >= {count}) {ok}",
            "bound it:  if ({idx} >= COUNT) {ok}",
        ),
    ),
    "stack-unbounded": (
        "bpf-stack-bounds",
        (
            "index '{index}' of the local variable '{obj}' is not bounded{range}",
            "the index into a local in '{e}' is not bounded{range}",
        ),
        (_BOUND, _BOUND_ANY, _BOUND_VALUE),
    ),
    "stack-variable": ("bpf-stack-bounds", ("'{e}' may leave the local variable{range}",), (_BOUND_VALUE,)),
    "stack-corrupt": ("bpf-stack-bounds", ("'{e}' overwrites part of a saved pointer",), ()),
    # the context
    "context-access": (
        "bpf-context-access",
        (
            "{sec}: there is no argument {argument}, only {arguments}",
            "{rw} of {size} bytes at offset {misaligned} of the context is not aligned",
            "field '{field}' of the context has {width} bytes, and this reads {size}",
            "'{other}' is field '{field}' of the context, which is read-only in {writing} programs",
            "field '{field}' of the context is read-only in {writing} programs",
            "the context of {read_only} programs is read-only",
            "field '{field}' of the context is not available in {prog} programs{reading:.0}",
            "field '{field}' of the context cannot be {done} in {prog} programs",
            "{rw} of {size} bytes at offset {off} of the context is not allowed in {prog} programs",
        ),
        (
            "access it with its own type, of {width} bytes",
            "{advice}",
            "keep the value in a variable of your own{writing:.0}",
        ),
    ),
    "context-variable": (
        "bpf-context-access",
        ("'{e}' is at a variable offset: the context is read and written at constant ones only",),
        ("choose with a switch, or copy the field to a local variable first",),
    ),
    "socket-access": ("bpf-context-access", ("'{e}': this field of the socket cannot be accessed so",), ()),
    "modified-pointer": (
        "bpf-context-arg",
        (
            "argument {n} of {f} must be {base}, unchanged; '{arg}' is moved by {moved}",
            "'{e}' uses a pointer that was moved; it must be unmodified",
        ),
        ("pass the pointer as it was given to the program",),
    ),
    "context-argument": (
        "bpf-context-arg",
        (
            "argument {n} of {f} must be the program's context, unchanged; '{arg}' is {actual}",
            "{f} must get the program's context, unchanged",
        ),
        ("pass the context that the program was given",),
    ),
    # arguments
    "special-pointer": ("bpf-argument-type", (), ()),
    "argument-type": (
        "bpf-argument-type",
        (
            "argument {n} of {f} must be {expected}; '{arg}' is {actual}",
            "argument {n} of {f} is of the wrong kind: '{arg}' is {actual}",
            "an argument of {f} is of the wrong kind",
        ),
        ("pass the address:  {address}",),
    ),
    "kfunc-arg": (
        "bpf-argument-type",
        (
            "'{arg}' was already given back by {released}()",
            "argument {n} of {f} is of the wrong kind: '{arg}' is {actual}",
            "an argument of {f} is of the wrong kind",
        ),
        ("remove the second call{released:.0}",),
    ),
    "packet-argument": (
        "bpf-argument-type",
        (
            "{f} does not take packet memory ('{arg}') in {prog} programs",
            "{f} does not take packet memory in {prog} programs",
        ),
        ("copy the bytes to a local variable first",),
    ),
    "const-string": ("bpf-argument-type", ("{f} needs a string constant in read-only memory",), ()),
    "size-negative": (
        "bpf-size-argument",
        (
            "the size given to {f} may be negative: of '{arg}' only the upper bound is known ({signed})",
            "the size given to {f} may be negative: '{arg}' is {known}",
            "the size given to {f} may be negative{range}",
        ),
        (_UNSIGNED, _SIZE),
    ),
    "size-unbounded": (
        "bpf-size-argument",
        (
            "the size given to {f} may be negative: of '{arg}' only the upper bound is known ({signed})",
            "the size given to {f} is not bounded: '{arg}' is {known}",
            "the size given to {f} is not bounded{range}",
        ),
        (_UNSIGNED, _SIZE),
    ),
    "size-zero": (
        "bpf-size-argument",
        (
            "the size given to {f} may be zero: '{variable}' is {known}",
            "the size given to {f} must not be zero{range}",
        ),
        ("test it first:  if (!{variable}) {ok}",),
    ),
    "zero-size": (
        "bpf-size-argument",
        ("{f} cannot be used on '{keyless}', which has no keys", "the size given to {f} must not be zero"),
        ("test it first:  if (!{variable}) {ok}",),
    ),
    "size-variable": (
        "bpf-size-argument",
        (
            "the size given to {f} must be a constant, and '{arg}' is none",
            "the size given to {f} must be a constant",
        ),
        ("use sizeof or another constant",),
    ),
    "argument-value": (
        "bpf-size-argument",
        (
            "argument {n} of {f} must be a constant in its range",
            "an argument of {f} must be a constant in its range",
        ),
        (),
    ),
    "size-multiple": (
        "bpf-size-argument",
        ("the size given to {f} must be a multiple of {unit}: it is {size}",),
        ("pass the arguments in an array of __u64, and its sizeof",),
    ),
    # memory that may not be written or read
    "read-only": (
        "bpf-read-only",
        (
            "'{obj}' is read-only: only the loader sets it",
            "{f} writes '{arg}', which may only be read",
            "'{e}' is part of the kernel's struct {kernel_object}, which may only be read",
            "'{e}' is memory that may only be read",
        ),
        (
            "write to another variable, or remove the const of '{obj}'",
            "take the slice with bpf_dynptr_slice_rdwr(){slice:.0}",
        ),
    ),
    "read-only-map": (
        "bpf-read-only",
        (
            "'{obj}' is read-only: only the loader sets it",
            "the values of map '{map}' are read-only for programs",
            "{f} writes '{arg}', which may only be read",
            "'{e}' is memory that may only be read",
        ),
        (
            "write to another variable, or remove the const of '{obj}'",
            "remove BPF_F_RDONLY_PROG from the definition of '{map}'",
        ),
    ),
    "write-only-map": (
        "bpf-read-only",
        (
            "the values of map '{map}' can only be written by programs",
            "'{e}' is memory that may only be written",
        ),
        (),
    ),
    "packet-write": (
        "bpf-read-only",
        ("packets are read-only in {prog} programs",),
        ("only xdp, tc and sk_skb programs write packets",),
    ),
    # arithmetic
    "pointer-op": (
        "bpf-pointer-arithmetic",
        (
            "'{e}': a pointer is cut to 32 bits here{cut:.0}",
            "'{e}': '{op}' is not allowed on a pointer",
            "'{e}': this operation is not allowed on a pointer",
        ),
        (
            "keep it in a pointer, or in a 64-bit integer{cut:.0}",
            "only + and - with a bounded number are possible; compute on the offset instead",
        ),
    ),
    "pointer-constant": (
        "bpf-pointer-arithmetic",
        ("'{e}' is {value} bytes away from where the pointer was: too far for any object",),
        (),
    ),
    "pointer-pair": (
        "bpf-pointer-arithmetic",
        ("'{e}' combines two pointers",),
        ("only + and - with a bounded number are possible; compute on offsets instead",),
    ),
    "pointer-kind": (
        "bpf-pointer-arithmetic",
        (
            "'{e}': the end of the packet cannot be moved{moves_end:.0}",
            "'{e}': this pointer cannot be moved",
        ),
        ("move the other side:  if (data + N > data_end) {ok}{moves_end:.0}",),
    ),
    "pointer-cast": ("bpf-pointer-arithmetic", ("'{e}' makes part of a pointer",), ()),
    # maps and helpers
    "map-helper": (
        "bpf-map-helper",
        ("{f} cannot be used on '{map}' ({type})", "{f} cannot be used on a map of type {type}"),
        ("it takes a {takes}",),
    ),
    "map-program": ("bpf-map-helper", ("{prog} programs cannot use map '{map}'",), ()),
    "helper-type": (
        "bpf-helper-not-allowed",
        (
            "{f} exists since Linux {since}, not on {kernel}",
            "{f} is not available in {prog} programs",
        ),
        ("{instead}",),
    ),
    "kfunc-type": ("bpf-helper-not-allowed", ("{f} is not available in {prog} programs",), ()),
    "kfunc-version": ("bpf-helper-not-allowed", ("{f} does not exist in this kernel",), ()),
    "packet-load": (
        "bpf-helper-not-allowed",
        ("packet loads (load_byte and its kin) are not possible in {prog} programs",),
        (),
    ),
    "too-old": ("bpf-kernel-version", ("{what} came with Linux {version}",), ()),
    "sleeps": (
        "bpf-sleepable",
        ("{f} may sleep, and {prog} programs like this one must not",),
        (
            "use a helper that does not sleep (bpf_probe_read_user), or SEC(\"{sleepable}\")",
            "use a helper that does not sleep, like bpf_probe_read_user()",
        ),
    ),
    "license": (
        "bpf-license",
        (
            "{f} is GPL-only, and the license of this program is \"{license}\"",
            "{f} is GPL-only, and this program has no license",
        ),
        ('char LICENSE[] SEC("license") = "GPL";',),
    ),
    "unknown-function": (
        "bpf-unknown-function",
        (
            "{kfunc}() is a kernel function, but it is not declared as one",
            "'{undefined}' is declared, but nowhere defined",
            "{called}() is neither a helper nor a function of the program",
            "this is neither a helper nor a function of the program",
        ),
        ("declare it with __ksym:  extern ... {kfunc}(...) __ksym;", "{instead}"),
    ),
    # locks, sections, references
    "lock-held": (
        "bpf-lock",
        ("returns with the lock of bpf_spin_lock() held",),
        ("bpf_spin_unlock() before this return",),
    ),
    "lock-call": (
        "bpf-lock",
        ("takes a second lock with {second} while one is held", "calls {f} with a lock held"),
        (
            "unlock the first one before this{second:.0}",
            "call it before bpf_spin_lock() or after bpf_spin_unlock()",
        ),
    ),
    "lock-other": ("bpf-lock", ("unlocks another lock than the one that is held",), ()),
    "lock-missing": ("bpf-lock", ("unlocks without a lock",), ()),
    "lock-nested": ("bpf-lock", ("takes a second lock while one is held",), ()),
    "timer-type": (
        "bpf-special-field", ("{prog} programs cannot use {word}: map '{map}' holds one",), (),
    ),
    "lock-type": ("bpf-lock", ("{prog} programs cannot use bpf_spin_lock()",), ()),
    "section-held": (
        "bpf-lock",
        ("returns inside a section that {what} opened",),
        ("end the section on this path too, before it returns",),
    ),
    "lock-needed": (
        "bpf-lock",
        ("{f} needs the lock that lies beside its argument '{arg}'", "{f} needs a lock held"),
        ("take it before this call:  bpf_spin_lock(&...);",),
    ),
    "irq-flag": (
        "bpf-lock",
        (
            "{f}: '{arg}' must be the local variable that the flags were saved in; what was saved"
            " last is restored first",
            "interrupt flags are restored in the reverse order of saving, from where they were saved",
        ),
        (),
    ),
    "map-reference": (
        "bpf-table",
        ("refers to map number {number}, which no loader filled in",),
        ("declare the map in the C text, in the section .maps",),
    ),
    "exception-direct": (
        "bpf-helper-not-allowed",
        ("the callback of bpf_throw() is called directly",),
        ("call another function, with the same body if need be",),
    ),
    "exception-inside": (
        "bpf-helper-not-allowed",
        ("bpf_throw() cannot be called from a callback",),
        ("return a value that ends the loop, and throw after the call",),
    ),
    "exception": (
        "bpf-helper-not-allowed",
        ("bpf_throw(), or the callback it goes to, cannot be used like this",),
        ("a callback of bpf_throw() is one global function int f(u64) that nobody else calls",),
    ),
    "section-unmatched": ("bpf-lock", ("ends a section that was not begun",), ()),
    "section-nested": ("bpf-lock", ("a section inside another one",), ()),
    "reference": (
        "bpf-reference-leak",
        (
            "{leaves} without releasing '{held}'",
            "{leaves} without releasing what {acquirer}() gave",
            "returns without releasing what was acquired",
        ),
        ("{release}({held}{more}) before this", _RELEASE),
    ),
    "tail-call": ("bpf-reference-leak", (), (_RELEASE,)),
    "release": (
        "bpf-release-mismatch",
        ("{f} must get what was acquired and not yet released; '{arg}' is not",),
        (),
    ),
    "release-offset": (
        "bpf-release-mismatch",
        (
            "{f} must get the pointer that was acquired, unmoved; '{arg}' is moved by {moved}",
            "{f} must get the pointer that was acquired, unmoved",
        ),
        (),
    ),
    "release-type": (
        "bpf-release-mismatch",
        (
            "'{arg}' was already given back by {released}()",
            "{f} must get what was acquired; '{arg}' is {actual}",
            "{f} gets something that was not acquired",
        ),
        ("remove the second call",),
    ),
    # values that were never written
    "uninit-reg": (
        "bpf-uninitialised",
        (
            "argument {n} of {f} ('{arg}') has no value",
            "'{e}' uses a value that was never written",
        ),
        (_INIT,),
    ),
    "uninit-stack": (
        "bpf-uninitialised",
        (
            "{f} reads '{arg}', part of which was never written",
            "memory that was never written is used here",
        ),
        (_INIT,),
    ),
    "uninit-stack-read": ("bpf-uninitialised", ("memory that was never written is read here",), (_INIT,)),
    "dynptr-arg": (
        "bpf-uninitialised",
        (
            "argument {n} of {f} ('{arg}') must be a dynptr that was initialised",
            "{f} needs a dynptr that was initialised",
        ),
        ("call bpf_dynptr_from_mem() or its kin on it first",),
    ),
    # results
    "return-code": (
        "bpf-return-code",
        (
            "{prog} programs must return {low} to {high}, and this is {returned}",
            "{prog} programs must return {low} to {high}{range}",
        ),
        ("return a value in that range, like !!(x)",),
    ),
    "return-pointer": (
        "bpf-return-code",
        (
            "{prog} programs must return {low} to {high}, and this returns a pointer",
            "the program returns a pointer",
        ),
        ("return p != 0;",),
    ),
    "callback-return": (
        "bpf-callback-return",
        ("the callback must return {allowed}{range}",),
        ("return 0 to go on, 1 to stop",),
    ),
    # loops and sizes
    "infinite-loop": (
        "bpf-loop",
        ("this loop has no end that can be seen: nothing that it tests changes",),
        ("for (i = 0; i < CONSTANT; i++), or bpf_loop() for many turns",),
    ),
    "too-large": (
        "bpf-loop",
        ("this loop may run too long: {limit} instructions were walked without an end",),
        ("for (i = 0; i < CONSTANT; i++), or bpf_loop() for many turns",),
    ),
    "too-complex": (
        "bpf-loop",
        ("this loop has no bound that can be seen: more than 8192 branches are open at once",),
        ("for (i = 0; i < CONSTANT; i++) with a small constant, or bpf_loop() for many turns",),
    ),
    "stack-chain": (
        "bpf-stack-size",
        (
            "{chain}: their frames need {bytes} bytes of stack together ({needs}); the limit is 512",
            "the frames of this chain of calls need more than 512 bytes",
        ),
        ("move a large local variable to a BPF_MAP_TYPE_PERCPU_ARRAY value",),
    ),
    "stack-tail": ("bpf-stack-size", ("too much stack is in use for a tail call",), ()),
    "private-stack": ("bpf-stack-size", ("more than 512 bytes of stack",), ()),
    "call-depth": (
        "bpf-call-depth",
        (
            "{itself}() calls itself, directly or through others: recursion is not allowed",
            "calls nest more than eight deep: {chain}",
            "calls nest more than eight deep, or a function calls itself",
        ),
        ("write it as a bounded loop{itself:.0}", "make some of them static __always_inline"),
    ),
    # other memory
    "alignment": (
        "bpf-alignment",
        ("'{e}' is not aligned to its size",),
        ("copy with __builtin_memcpy(), or align the object",),
    ),
    "btf-pointer": (
        "bpf-btf-pointer",
        (
            "'{e}' accesses struct {struct} outside its type",
            "'{e}' accesses a kernel object outside its type",
        ),
        ("name a member, or read with bpf_probe_read_kernel()",),
    ),
    "different-pointers": (
        "bpf-different-pointers",
        (
            "'{ptr}' points to different kinds of memory on different paths: one access cannot serve both",
            "'{e}' serves two kinds of pointers",
        ),
        ("make the access in each branch and merge the values",),
    ),
    "atomic-op": ("bpf-atomic", ("'{e}': this atomic operation is not supported here",), ()),
    "atomic-memory": (
        "bpf-atomic",
        (
            "atomic operations on {actual} are not possible",
            "atomic operations are not possible on this memory",
        ),
        ("use a plain addition, or count in a map value",),
    ),
    "format": (
        "bpf-format-string",
        (
            "the format given to {f} is not understood: {problem}",
            "the format given to {f} is not understood",
        ),
        (),
    ),
    "special-field": (
        "bpf-special-field",
        (
            "map '{map}' ({type}) cannot hold a bpf_spin_lock{no_lock:.0}",
            "the {kind} in the values of map '{map}' may only be used through {through}",
            "the {kind} in the values of map '{map}' cannot be used like this",
            "{f} must get the very map that the timer or work queue lies in; it gets '{arg}'",
            "{f} must get the very map that the timer or work queue lies in",
        ),
        (
            "use a BPF_MAP_TYPE_HASH or BPF_MAP_TYPE_ARRAY map; values per CPU need no lock{no_lock:.0}",
            "write the other members one by one",
        ),
    ),
    "special-access": (
        "bpf-special-field",
        ("'{e}' touches a lock, timer or kernel pointer in a map value",),
        ("copy the other members only",),
    ),
    "special-overwrite": ("bpf-special-field", ("'{e}' overwrites a special object on the stack",), ()),
    # functions
    "stack-return": (
        "bpf-stack-escape",
        ("returns the address of a local variable",),
        ("let the caller provide the buffer",),
    ),
    "stack-escape": ("bpf-stack-escape", ("the address of a local variable leaves its function",), ()),
    "global-argument": (
        "bpf-function-args",
        (
            "argument {n} of {f} ('{arg}') is {actual}: that does not fit a non-static function",
            "an argument of this non-static function does not fit",
        ),
        ("make the function static",),
    ),
    "global-function": (
        "bpf-function-args",
        ("this non-static function cannot be checked on its own",),
        ("make the function static",),
    ),
    "early-end": ("bpf-function-args", ("a function with a packet load or tail call must return int",), ()),
    # code as such
    "attach-target": (
        "bpf-attach-target",
        ("the kernel has no '{name}' to attach this program to",),
        ("bpftool btf dump file /sys/kernel/btf/vmlinux lists what there is",),
    ),
    "section": (
        "bpf-section",
        ("unknown section '{name}': loaders cannot tell what type of program this is",),
        (),
    ),
    "iterator": (
        "bpf-argument-type",
        (
            "{f} must be called between bpf_rcu_read_lock() and bpf_rcu_read_unlock(){rcu:.0}",
            "{f} gets an iterator in the wrong state: '{arg}'",
            "an iterator is in the wrong state for {f}",
        ),
        (
            "call bpf_rcu_read_lock() first{rcu:.0}",
            "begin it once with bpf_iter_..._new(), end it once with bpf_iter_..._destroy()",
        ),
    ),
    "fill-size": (
        "bpf-pointer-arithmetic",
        ("'{e}' reads {size} bytes of a pointer that was saved with 8",),
        ("read the whole pointer",),
    ),
    "spill-size": (
        "bpf-pointer-arithmetic",
        ("'{e}' saves {size} bytes of a pointer, which has 8",),
        ("save the whole pointer",),
    ),
    "frame-pointer": ("bpf-malformed", ("the frame pointer is written",), ()),
    "reserved": ("bpf-malformed", ("an address space cast in a program without an arena",), ()),
    "malformed": ("bpf-malformed", ("not well-formed code: {what}",), ()),
    "isa-version": ("bpf-kernel-version", ("the instruction '{what}' came with Linux {version}",), ()),
    "back-edge": ("bpf-kernel-version", ("loops came with Linux 5.3",), ()),
    "unreachable": ("bpf-malformed", ("code that nothing reaches",), ()),
    "jump-range": ("bpf-malformed", ("a jump out of its function",), ()),
    "no-exit": ("bpf-malformed", ("a function runs off its end",), ()),
    "unprivileged": ("bpf-unprivileged", (), ()),
    "core-missing": (
        "bpf-core",
        ("a field or type that this kernel does not have is used",),
        ("if (bpf_core_field_exists(...)) around it",),
    ),
    "core": ("bpf-core", ("a CO-RE relocation cannot be resolved",), ()),
}  # fmt: skip
WORDS["leak"] = WORDS["reference-leak"] = WORDS["reference"]


def fill(sentences: tuple[str, ...], facts: dict[str, object]) -> str:
    """Return the first sentence whose facts are all in ``facts``, filled in; "" if there is none."""
    for sentence in sentences:
        names = [name for _, name, _, _ in Formatter().parse(sentence) if name]
        if all(facts.get(name) is not None for name in names):
            return sentence.format_map(facts)
    return ""
