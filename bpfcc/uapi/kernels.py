"""Kernel versions, and which version brought which feature of the BPF machine.

Helpers, program, map and attach types carry their own versions in their own tables.
"""

from __future__ import annotations

# The newest kernel whose rules the tables hold.
LATEST = "6.18"
LATEST_TUPLE = (6, 18)


def parse(text: str) -> tuple[int, int]:
    """Read "5.15", "v6.1.90", "6.18.44-generic" or "latest" as (major, minor).

    Raises ValueError when it is none of these.
    """
    if text in ("latest", ""):
        return LATEST_TUPLE
    parts = text.lstrip("v").split(".")
    major, minor = parts[0], ""
    for char in parts[1] if len(parts) > 1 else "":
        if char not in "0123456789":
            break
        minor += char
    digits = major + minor
    if not major or not minor or len(digits) > 9 or not (digits.isascii() and digits.isdigit()):
        raise ValueError(f"'{text}' is not a kernel version")
    return int(major), int(minor)


# (name, version, what, where it comes from). Names are used by the checker and by `min-kernel`.
FEATURES: tuple[tuple[str, str, str, str], ...] = (
    ("isa-v2", "4.14", "jlt, jle, jslt, jsle (-mcpu=v2)", "92b31a9af73b"),
    ("isa-v3", "5.1", "32-bit jumps (-mcpu=v3)", "092ed0968bb6"),
    ("isa-v4", "6.6", "ldsx, movsx, sdiv, smod, bswap, ja32 (-mcpu=v4)", "1f9a1ea821ff"),
    ("atomics", "5.12", "atomic fetch, and, or, xor, xchg, cmpxchg", "5ffa25502b5a"),
    ("xadd", "3.18", "atomic add without result", "bpf.h"),
    ("load-acquire", "6.15", "load_acquire and store_release", "880442305a39"),
    ("may-goto", "6.9", "the may_goto instruction", "011832b97b31"),
    ("bpf2bpf", "4.16", "calls of functions of the program", "cc8b0b92a169"),
    ("global-functions", "5.6", "functions verified on their own", "51c39bb1d5d1"),
    ("bpf2bpf-tailcall", "5.10", "tail calls from subprograms", "e411901c0b77"),
    ("insns-1m", "5.2", "1,000,000 processed instructions", "c04c0d2b968a"),
    ("bounded-loops", "5.3", "loops with a bound the kernel can see", "2589726d12a1"),
    ("global-data", "5.2", ".data, .bss, .rodata", "d8eca5bbb2be"),
    ("btf", "4.18", "BTF can be loaded", "69b693f0aefa"),
    ("btf-func", "5.0", "BTF of functions and line information", "838e96904ff3"),
    ("btf-vmlinux", "5.4", "the kernel's own BTF, for CO-RE", "341dfcf8d78e"),
    ("btf-datasec", "5.2", "BTF of variables and data sections", "f063c889c9458354"),
    ("btf-float", "5.13", "BTF of floating point types", "b1828f0b0482"),
    ("btf-decl-tag", "5.16", "BTF declaration tags", "b5ea834dde6b"),
    ("btf-type-tag", "5.17", "BTF type tags", "8c42d2fa4eea"),
    ("btf-enum64", "6.0", "BTF of 64-bit enumerations", "6089fb325cf7"),
    ("spin-lock", "5.1", "bpf_spin_lock in map values", "d83525ca62cf"),
    ("ringbuf", "5.8", "ring buffer", "457f44363a88"),
    ("callbacks", "5.13", "functions passed to helpers", "69c087ba6225"),
    ("sleepable", "5.10", "sleepable programs", "1e6c62a88215"),
    ("kfuncs", "5.13", "calls of kernel functions", "e6ac2450d6de"),
    ("dynptr", "5.19", "dynamic pointers", "97e03f521050"),
    ("kptr", "5.19", "kernel pointers in map values", "61df10c7799e"),
    ("open-coded-iterators", "6.4", "bpf_iter_* kfuncs and bpf_for()", "06accc8779c1"),
    ("uninit-stack-read", "6.3", "reading unwritten stack is allowed", "6715df8d5d24"),
    (
        "const-key-lookup",
        "6.14",
        "a constant index into an array map is never NULL",
        "d2102f2f5d75",
    ),
    ("private-stack", "6.13", "private stacks for tracing programs on x86-64", "a76ab5731e32"),
    ("cpu-id-bound", "6.2", "bpf_get_smp_processor_id() is below the CPU count", "2a59ce3f6f7d"),
    ("arena", "6.9", "memory shared with user space", "317460317a02"),
    ("xdp-frags", "5.18", "XDP programs with multi-buffer frames", "f45d5b6ce2e8"),
    ("cookies", "5.15", "attach cookies", "7adfc6c9b315"),
    ("ksym", "5.10", "addresses of kernel variables", "4976b718c355"),
    ("linked-scalars", "6.12", "bounds follow r1 = r2 + constant", "98d7ca374ba4"),
)

_SINCE = {row[0]: parse(row[1]) for row in FEATURES}


def has(feature: str, kernel: tuple[int, int]) -> bool:
    """Tell whether ``kernel`` (major, minor) has the feature of that name.

    Raises KeyError for a name that is in no row.
    """
    return kernel >= _SINCE[feature]


def since(feature: str) -> tuple[int, int]:
    """Return the (major, minor) that brought ``feature``."""
    return _SINCE[feature]


def default_mcpu(text: str) -> int:
    """Return the highest instruction-set version (1..4) that kernel ``text`` executes.

    Version 3 counts from 5.12 on, which has the atomic operations that compilers emit for it.
    Raises ValueError as ``parse``.
    """
    kernel = parse(text)
    if has("isa-v4", kernel):
        return 4
    if has("atomics", kernel):
        return 3
    return 2 if has("isa-v2", kernel) else 1
