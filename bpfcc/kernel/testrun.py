"""Running a loaded program once on given input (BPF_PROG_TEST_RUN).

What a program type takes differs: packets for XDP and socket types, a context for ``syscall`` and
raw tracepoint programs. Source: kernel net/bpf/test_run.c.
"""

from __future__ import annotations

import errno
import struct
from collections.abc import Sequence
from dataclasses import dataclass

from ..uapi.prog_types import ProgType
from . import syscall
from .programs import Prog
from .syscall import KernelError, address, bpf, buffer_of

ON_CPU, XDP_LIVE_FRAMES = 1, 2  # flags
_FORMAT = "=IIIIQQIIIIQQIII4x"
# Types whose runs take no packet and no repetition.
_CONTEXT_ONLY = (ProgType.RAW_TRACEPOINT, ProgType.RAW_TRACEPOINT_WRITABLE, ProgType.SYSCALL)
_MAX_OUTPUT = 1 << 16


@dataclass(frozen=True)
class TestResult:
    """What a run gave: ``retval`` (32 bits, unsigned), mean ``duration_ns``, output buffers."""

    __test__ = False  # no test class

    retval: int
    duration_ns: int
    data: bytes
    context: bytes

    @property
    def signed(self) -> int:
        """``retval`` as C's int."""
        return self.retval - ((self.retval & 0x80000000) << 1)


def test_run(
    prog: Prog,
    *,
    data: bytes | None = None,
    context: bytes | Sequence[int] | None = None,
    repeat: int = 1,
    flags: int = 0,
    cpu: int = 0,
    output_size: int | None = None,
) -> TestResult:
    """Run ``prog`` and return what came out.

    ``data``: the packet (of types that take one; 64 zero bytes unless given). ``context``: bytes,
    or 64-bit words as a raw tracepoint has them.
    Raises: KernelError when this kernel cannot run such a program or does not like the input.
    """
    if context is not None and not isinstance(context, (bytes, bytearray)):
        context = struct.pack(f"={len(context)}Q", *(word & (1 << 64) - 1 for word in context))
    plain = prog.type in _CONTEXT_ONLY
    if data is None and not plain and prog.type != ProgType.SK_LOOKUP:
        data = bytes(64)
    packet = buffer_of(data) if data else None
    # A run may grow the packet: room for that, but none where the kernel wants no output.
    size_out = 0 if not data else (output_size or max(len(data) + 1024, _MAX_OUTPUT))
    output = buffer_of(bytes(size_out)) if size_out else None
    given = buffer_of(bytes(context)) if context else None
    context_size = len(context) if context else 0
    wants_context = bool(context) and not plain
    returned = buffer_of(bytes(context_size)) if wants_context else None
    attr = struct.pack(
        _FORMAT,
        prog.fd,
        0,
        len(data) if data else 0,
        size_out,
        address(packet),
        address(output),
        0 if plain else repeat,
        0,
        context_size,
        context_size if wants_context else 0,
        address(given),
        address(returned),
        flags,
        cpu,
        0,
    )
    try:
        _, attr = bpf(syscall.PROG_TEST_RUN, attr)
    except KernelError as error:
        raise _explain(prog, error) from None
    fields = struct.unpack_from(_FORMAT, attr)
    retval, got, duration, context_got = fields[1], fields[3], fields[7], fields[9]
    # A syscall program's context comes back in the buffer it was given in.
    source = returned if wants_context else given
    length = context_got if wants_context else context_size
    return TestResult(
        retval,
        duration,
        output.raw[:got] if output is not None else b"",
        source.raw[:length] if source is not None else b"",
    )


def _explain(prog: Prog, error: KernelError) -> KernelError:
    if error.errno in (errno.EOPNOTSUPP, 524):
        text = f"this kernel cannot test-run {prog.section.prog_type_name} programs"
    elif error.errno == errno.EINVAL:
        text = f"the kernel does not accept this input for a run of {prog.name!r}"
    else:
        text = f"the run of {prog.name!r} failed: {error}"
    return KernelError(text, error.errno, error.command)
