"""Loading one program: BPF_PROG_LOAD with types, lines and a log that grows as needed."""

from __future__ import annotations

import ctypes
import errno
import struct

from ..isa.insn import encode
from ..objfile.model import Program
from ..uapi.sections import Section
from . import syscall
from .rejection import LoadError, Statistics, load_error
from .syscall import BpfFailure, Descriptor, KernelError, address, bpf, buffer_of
from .types import ObjectTypes

F_STRICT_ALIGNMENT, F_ANY_ALIGNMENT, F_TEST_RND_HI32, F_TEST_STATE_FREQ = 1, 2, 4, 8
F_SLEEPABLE, F_XDP_HAS_FRAGS = 16, 32
_LOG_START, _LOG_MOST = 1 << 20, 1 << 26
_TRUE_SIZE_AT = 140  # of log_true_size in the attributes


class Prog(Descriptor):
    """A loaded program. ``section`` says what it is; ``log`` is "" unless a log was asked for."""

    def __init__(self, fd: int, program: Program, section: Section, log: str = "") -> None:
        super().__init__(fd)
        self.name = program.name
        self.program = program
        self.section = section
        self.type = section.prog_type
        self.log = log

    @property
    def id(self) -> int:
        """The kernel's number for the program."""
        number: int = struct.unpack_from("=I", syscall.info_by_fd(self.fd, 232), 4)[0]
        return number

    @property
    def statistics(self) -> Statistics:
        """What the verifier counted; all zeros without a log."""
        return Statistics(self.log)

    def pin(self, path: str) -> None:
        """Give the program a name in a bpf file system."""
        syscall.pin(self.fd, path)

    def __repr__(self) -> str:
        return f"Prog({self.name!r}, {self.section.prog_type_name})"


class AttachPoint:
    """What a program is made for: filled in from its section name by the loader."""

    __slots__ = ("btf_id", "expected", "obj_fd", "prog_fd")

    def __init__(
        self, expected: int = 0, btf_id: int = 0, *, prog_fd: int = 0, obj_fd: int = 0
    ) -> None:
        self.expected = expected
        self.btf_id = btf_id
        self.prog_fd = prog_fd
        self.obj_fd = obj_fd


def load_program(
    program: Program,
    section: Section,
    types: ObjectTypes,
    attach: AttachPoint,
    *,
    license: str,
    log_level: int = 0,
    flags: int = 0,
    module_fds: list[int] | None = None,
    kernel_version: int = 0,
) -> Prog:
    """Load a relocated program.

    ``log_level`` 0 asks for the log only when the program is rejected. ``module_fds`` are the BTF
    descriptors that kfunc calls name by index (index 0 unused).
    Raises: LoadError for a rejection by the verifier, KernelError when it was not asked.
    """
    request = _Request(program, section, types, attach, license, module_fds or [])
    request.flags = flags | _section_flags(section)
    request.kernel_version = kernel_version
    if not log_level:
        try:
            return Prog(request.run(0, 0), program, section)
        except BpfFailure as error:
            if error.errno == errno.ENOSYS:
                raise
    size = _LOG_START
    while True:
        try:
            fd = request.run(log_level or 1, size)
            return Prog(fd, program, section, request.log)
        except BpfFailure as error:
            true_size = struct.unpack_from("=I", error.attr, _TRUE_SIZE_AT)[0]
            if error.errno == errno.ENOSPC and size < _LOG_MOST:
                # Kernels before 6.4 do not say how much they would have written.
                size = min(_LOG_MOST, max(true_size, 4 * size))
                continue
            raise _rejected(program, error, request.log) from None


def _rejected(program: Program, error: BpfFailure, log: str) -> KernelError | LoadError:
    if not log.strip() and error.errno in (errno.EPERM, errno.E2BIG, errno.ENOMEM):
        return KernelError(
            f"cannot load program {program.name!r}: {error}", error.errno, error.command
        )
    return load_error(program, error.errno, log, str(error))


def _section_flags(section: Section) -> int:
    return (F_SLEEPABLE if section.sleepable else 0) | (F_XDP_HAS_FRAGS if section.frags else 0)


class _Request:
    """The packed attributes of BPF_PROG_LOAD and the buffers they point to."""

    def __init__(
        self,
        program: Program,
        section: Section,
        types: ObjectTypes,
        attach: AttachPoint,
        license: str,
        module_fds: list[int],
    ) -> None:
        self.program = program
        self.section = section
        self.types = types
        self.attach = attach
        self.flags = 0
        self.kernel_version = 0
        self.log = ""
        big_endian = program.object.big_endian
        self.code = encode(program.insns, big_endian=big_endian)
        self.license = license.encode("utf-8", "replace") + b"\0"
        functions, lines = _infos(program, types)
        self.functions = b"".join(struct.pack("=II", *record) for record in functions)
        self.lines = b"".join(struct.pack("=IIII", *record) for record in lines)
        self.module_fds = struct.pack(f"={len(module_fds)}i", *module_fds)

    def run(self, log_level: int, log_size: int) -> int:
        """Make the call once and return the descriptor; the log is kept either way."""
        code, license = buffer_of(self.code), buffer_of(self.license)
        functions, lines = buffer_of(self.functions), buffer_of(self.lines)
        fds = buffer_of(self.module_fds)
        log: ctypes.Array[ctypes.c_char] | None = buffer_of(bytes(log_size)) if log_level else None
        typed = self.types.fd >= 0
        attach = self.attach
        attr = struct.pack(
            "=IIQQIIQII16sIIIIQIIQIIIIQQIIiI",
            self.section.prog_type,
            len(self.code) // 8,
            address(code),
            address(license),
            log_level,
            log_size,
            address(log),
            self.kernel_version,
            self.flags,
            syscall.object_name(self.program.name),
            0,
            attach.expected,
            self.types.fd if typed else 0,
            8 if typed and self.functions else 0,
            address(functions) if typed and self.functions else 0,
            len(self.functions) // 8 if typed else 0,
            16 if typed and self.lines else 0,
            address(lines) if typed and self.lines else 0,
            len(self.lines) // 16 if typed else 0,
            attach.btf_id,
            attach.prog_fd or attach.obj_fd,
            0,
            address(fds) if self.module_fds else 0,
            0,
            0,
            0,
            0,
            0,
        )
        try:
            return bpf(syscall.PROG_LOAD, attr)[0]
        finally:
            if log is not None:
                self.log = log.raw.split(b"\0", 1)[0].decode("utf-8", "replace")


def _infos(
    program: Program, types: ObjectTypes
) -> tuple[list[tuple[int, int]], list[tuple[int, int, int, int]]]:
    """Return function and line records in the slots of the whole program.

    The kernel wants records for all functions or for none.
    """
    functions = [(part.start, types.function_id(part.function)) for part in program.functions]
    if not all(type_id for _, type_id in functions):
        return [], []
    lines: list[tuple[int, int, int, int]] = []
    if program.lines:
        for part in program.functions:
            for slot, file, text, place in types.lines(part.function):
                if part.start + slot < part.end:
                    lines.append((part.start + slot, file, text, place))
    return functions, lines
