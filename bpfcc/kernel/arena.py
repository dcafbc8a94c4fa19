"""An arena's memory in this process, at the address that its map asks for.

The address is what pointers into the arena hold, for programs and for this process alike.
"""

from __future__ import annotations

import ctypes
import mmap
import os

from .syscall import KernelError

_FAILED = ctypes.c_void_p(-1).value
_FIXED = 0x10  # MAP_FIXED


class ArenaMemory:
    """``length`` bytes of the arena with descriptor ``fd``; ``address`` 0 lets the kernel choose.

    Raises: KernelError when it cannot be mapped.
    """

    def __init__(self, name: str, fd: int, length: int, address: int) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._libc.mmap.restype = ctypes.c_void_p
        flags = mmap.MAP_SHARED | (_FIXED if address else 0)
        found = self._libc.mmap(
            ctypes.c_void_p(address), ctypes.c_size_t(length), mmap.PROT_READ | mmap.PROT_WRITE,
            flags, fd, ctypes.c_long(0),
        )  # fmt: skip
        if found is None or found == _FAILED:
            number = ctypes.get_errno()
            raise KernelError(f"cannot map arena {name!r}: {os.strerror(number)}", number)
        self.address: int = found
        self.length = length

    def write(self, data: bytes) -> None:
        """Put ``data`` at the start."""
        ctypes.memmove(self.address, data, len(data))

    def close(self) -> None:
        """Unmap it."""
        if self.address:
            self._libc.munmap(ctypes.c_void_p(self.address), ctypes.c_size_t(self.length))
            self.address = 0
