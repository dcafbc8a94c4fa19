"""Numbers that the kernel's verifier counts against.

Source: kernel include/linux/bpf.h, include/linux/bpf_verifier.h, include/linux/filter.h.
"""

from __future__ import annotations

MAX_STACK = 512  # bytes of a frame, and of a call chain
MAX_STACK_TAIL_CALL = 256  # bytes of the frames above a tail call
STACK_ROUND = 32  # frames of a chain are rounded up to this many bytes (16 with a JIT, 6.8)
MAX_CALL_FRAMES = 8
MAX_INSNS = 1_000_000  # processed; also the size of a program
MAX_INSNS_OLD = 4096  # instructions of a program, before 5.2 and without CAP_BPF
COMPLEXITY_OLD = 131_072  # processed instructions, 4.14 to 5.1
COMPLEXITY_OLDEST = 65_536  # processed instructions before 4.14 (98304 in 4.12, 4.13)
MAX_JUMP_STATES = 8192  # states waiting to be explored
MAX_SUBPROGS = 256
MAX_USED_MAPS = 64
MAX_VAR_OFF = 1 << 29  # pointers may be moved by less than this
MAX_PACKET_OFF = 0xFFFF
MAX_VAR_SIZE = 1 << 29  # a size argument is below this
MAX_ACCESS_SIZE = 8
MAX_TAIL_CALLS = 33
MAX_KEY_PACKET = 0xFFFF
MAX_PERCPU_VALUE = 32768  # bytes, PCPU_MIN_UNIT_SIZE
MAX_HASH_VALUE = 4 * 1024 * 1024  # KMALLOC_MAX_SIZE less the element head, about
MAX_TRACING_CTX = 12 * 8  # bytes of arguments of a raw tracepoint
MAX_LOOP_ITERATIONS = 8 * 1024 * 1024  # bpf_loop(), may_goto
DYNPTR_SIZE = 16
SPIN_LOCK_SIZE = 4
TIMER_SIZE = 16


def processed_limit(kernel: tuple[int, int]) -> int:
    """Return how many instructions the verifier of ``kernel`` processes before it gives up."""
    if kernel >= (5, 2):
        return MAX_INSNS
    if kernel >= (4, 14):
        return COMPLEXITY_OLD
    return 98304 if kernel >= (4, 12) else COMPLEXITY_OLDEST


def program_limit(kernel: tuple[int, int]) -> int:
    """Return how many instruction slots a program may have for root."""
    return MAX_INSNS if kernel >= (5, 2) else MAX_INSNS_OLD
