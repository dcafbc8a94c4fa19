"""The bpf(2) system call, through ctypes, and what owns the file descriptors it returns.

A command's ``union bpf_attr`` is packed with a ``struct`` format in native byte order; the formats
stand beside the wrappers that use them.
Source: kernel include/uapi/linux/bpf.h.
"""

from __future__ import annotations

import ctypes
import errno
import functools
import os
import platform
import struct
import sys
from collections.abc import Callable
from types import TracebackType

from ..support.errors import InputError

# enum bpf_cmd
MAP_CREATE, MAP_LOOKUP_ELEM, MAP_UPDATE_ELEM, MAP_DELETE_ELEM, MAP_GET_NEXT_KEY = range(5)
PROG_LOAD, OBJ_PIN, OBJ_GET, PROG_ATTACH, PROG_DETACH, PROG_TEST_RUN = range(5, 11)
PROG_GET_NEXT_ID, MAP_GET_NEXT_ID, PROG_GET_FD_BY_ID, MAP_GET_FD_BY_ID = range(11, 15)
OBJ_GET_INFO_BY_FD, PROG_QUERY, RAW_TRACEPOINT_OPEN, BTF_LOAD = range(15, 19)
BTF_GET_FD_BY_ID, TASK_FD_QUERY, MAP_LOOKUP_AND_DELETE_ELEM, MAP_FREEZE = range(19, 23)
BTF_GET_NEXT_ID, MAP_LOOKUP_BATCH, MAP_LOOKUP_AND_DELETE_BATCH, MAP_UPDATE_BATCH = range(23, 27)
MAP_DELETE_BATCH, LINK_CREATE, LINK_UPDATE, LINK_GET_FD_BY_ID, LINK_GET_NEXT_ID = range(27, 32)
ENABLE_STATS, ITER_CREATE, LINK_DETACH, PROG_BIND_MAP = range(32, 36)

_COMMAND_NAMES = {
    value: name
    for name, value in list(globals().items())
    if name.isupper() and isinstance(value, int) and not name.startswith("_")
}

# Number of bpf(2) by machine. Source: each architecture's syscall table.
_NUMBERS = {
    "x86_64": 321,
    "i386": 357,
    "i686": 357,
    "aarch64": 280,
    "armv7l": 386,
    "riscv64": 280,
    "loongarch64": 280,
    "ppc64": 361,
    "ppc64le": 361,
    "s390x": 351,
    "mips64": 5315,
    "sparc64": 349,
}
_ATTR_SIZE = 168  # zeros past what a kernel knows are accepted


class KernelError(InputError):
    """The kernel refused; ``errno`` says how, ``command`` which call it was."""

    def __init__(self, message: str, number: int = 0, command: str = "") -> None:
        super().__init__(message)
        self.errno = number
        self.command = command


class Descriptor:
    """Something that lives as long as its file descriptor ``fd``; a context manager."""

    def __init__(self, fd: int) -> None:
        self.fd = fd

    def close(self) -> None:
        """Give the descriptor back; harmless when done already."""
        if self.fd >= 0:
            fd, self.fd = self.fd, -1
            os.close(fd)

    def __enter__(self):  # type: ignore[no-untyped-def]  # Self needs Python 3.11
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __del__(self) -> None:
        self.close()


@functools.cache
def _libc() -> ctypes.CDLL:
    """Return the C library; KernelError on systems whose kernel has no BPF."""
    if not sys.platform.startswith("linux"):
        raise KernelError(f"loading into the kernel needs Linux, this is {sys.platform}")
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    return libc


def _syscall() -> Callable[..., int]:
    return _libc().syscall


def ioctl(fd: int, request: int, argument: int) -> None:
    """Make an ioctl with an integer argument; OSError when it fails.

    Through ctypes like everything here, because the module ``fcntl`` is missing on Windows, where
    this package is imported too (and then says that it needs Linux).
    """
    if _libc().ioctl(fd, ctypes.c_ulong(request), ctypes.c_ulong(argument)) < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


def call(number: int, *args: int | bytes | None) -> int:
    """Make system call ``number``; OSError when it fails."""
    arguments = [ctypes.c_long(a) if isinstance(a, int) else ctypes.c_char_p(a) for a in args]
    result = _syscall()(ctypes.c_long(number), *arguments)
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result


def bpf(command: int, attr: bytes) -> tuple[int, bytes]:
    """Make the bpf system call; return its result and the attributes as the kernel left them.

    Raises: KernelError with the errno and what it most likely means.
    """
    buffer = ctypes.create_string_buffer(attr, _ATTR_SIZE)
    machine = platform.machine()
    number = _NUMBERS.get(machine)
    if number is None:
        raise KernelError(f"the number of bpf(2) on {machine} is not known")
    function = _syscall()
    while True:
        result = function(
            ctypes.c_long(number), ctypes.c_long(command), buffer, ctypes.c_ulong(_ATTR_SIZE)
        )
        if result >= 0:
            return result, buffer.raw
        code = ctypes.get_errno()
        if code not in (errno.EINTR, errno.EAGAIN):
            raise failure(command, code, buffer.raw)


class BpfFailure(KernelError):
    """bpf(2) failed; ``attr`` is what it left in the attributes (the log's true size, say).

    ``log`` is filled in by callers that gave the kernel room for one.
    """

    def __init__(self, message: str, number: int, command: str, attr: bytes) -> None:
        super().__init__(message, number, command)
        self.attr = attr
        self.log = ""


def failure(command: int, code: int, attr: bytes = b"") -> BpfFailure:
    """Return the error for ``code`` from ``command``, in words."""
    name = _COMMAND_NAMES.get(command, str(command))
    if code == errno.EPERM:
        text = f"{name}: not permitted ({_why_not_permitted()})"
    elif code == errno.ENOSYS:
        text = f"{name}: this kernel has no bpf(2) system call"
    else:
        text = f"{name}: {os.strerror(code)} ({errno.errorcode.get(code, code)})"
    return BpfFailure(text, code, name, attr)


def _why_not_permitted() -> str:
    if os.geteuid() != 0:
        return "loading BPF programs needs root, or the capabilities CAP_BPF and CAP_PERFMON"
    return "the process lacks a capability, or kernel lockdown or a security module forbids it"


def address(buffer: object) -> int:
    """Return the address of a ctypes buffer, 0 for None."""
    return ctypes.addressof(buffer) if isinstance(buffer, ctypes.Array) else 0


def buffer_of(data: bytes) -> ctypes.Array[ctypes.c_char]:
    """Return a ctypes buffer with exactly the bytes of ``data`` (at least one byte long)."""
    return ctypes.create_string_buffer(data, max(len(data), 1))


def object_name(name: str) -> bytes:
    """Return ``name`` as the kernel takes it: 15 bytes of letters, digits, ``_`` and ``.``."""
    kept = "".join(c if (c.isascii() and c.isalnum()) or c in "_." else "_" for c in name)
    return kept.encode()[:15]


def info_by_fd(fd: int, size: int) -> bytes:
    """Return ``size`` bytes of what the kernel tells about a map, program, BTF or link."""
    info = buffer_of(bytes(size))
    bpf(OBJ_GET_INFO_BY_FD, struct.pack("=IIQ", fd, size, address(info)))
    return info.raw


def btf_data(fd: int) -> bytes:
    """Return the bytes of loaded BTF."""
    layout = struct.Struct("=QIIQII")
    size: int = layout.unpack(info_by_fd(fd, layout.size))[1]
    data = buffer_of(bytes(size))
    info = buffer_of(layout.pack(address(data), size, 0, 0, 0, 0))
    bpf(OBJ_GET_INFO_BY_FD, struct.pack("=IIQ", fd, layout.size, address(info)))
    return data.raw


def big_endian() -> bool:
    """Tell whether this machine stores the high byte first."""
    return sys.byteorder == "big"


def pin(fd: int, path: str) -> None:
    """Make ``path``, in a bpf file system, another name for ``fd``."""
    text = buffer_of(os.fsencode(path) + b"\0")
    try:
        bpf(OBJ_PIN, struct.pack("=QII", address(text), fd, 0))
    except KernelError as error:
        if error.errno in (errno.EPERM, errno.EINVAL):
            raise KernelError(
                f"cannot pin at {path}: its folder is in no bpf file system"
                " (mount -t bpf bpf /sys/fs/bpf)",
                error.errno,
                "OBJ_PIN",
            ) from None
        raise KernelError(f"cannot pin at {path}: {error}", error.errno, "OBJ_PIN") from None


def unpin(path: str) -> None:
    """Take a name out of a bpf file system; what it names lives on while it is used."""
    try:
        os.unlink(path)
    except OSError as error:
        raise KernelError(f"cannot remove {path}: {error.strerror}", error.errno or 0) from None


def get_pinned(path: str) -> int:
    """Return a new descriptor for what is pinned at ``path``."""
    text = buffer_of(os.fsencode(path) + b"\0")
    try:
        return bpf(OBJ_GET, struct.pack("=QII", address(text), 0, 0))[0]
    except KernelError as error:
        raise KernelError(f"cannot open {path}: {error}", error.errno, "OBJ_GET") from None


def possible_cpus() -> int:
    """Return how many slots the values of per-CPU maps have."""
    text = _read_text("/sys/devices/system/cpu/possible")
    return int(text.strip().rsplit("-", 1)[-1].rsplit(",", 1)[-1]) + 1


def online_cpus() -> list[int]:
    """Return the numbers of the CPUs that run."""
    cpus: list[int] = []
    for part in _read_text("/sys/devices/system/cpu/online").strip().split(","):
        first, _, last = part.partition("-")
        cpus += range(int(first), int(last or first) + 1)
    return cpus


def _read_text(path: str) -> str:
    try:
        with open(path, encoding="ascii") as file:
            return file.read()
    except OSError as error:
        raise KernelError(f"cannot read {path}: {error.strerror}") from None
