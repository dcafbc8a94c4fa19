"""Reading whole files, devices that never end excepted."""

from __future__ import annotations

import errno
import os
import stat
import sys

LARGEST = 1 << 26  # bytes; of what is no regular file, whose size nobody knows before


def read_file(path: str) -> bytes:
    """Return what is in the file, pipe or device called ``path``.

    Raises: OSError when it cannot be read or has no end, ValueError for what is no name of a file.
    """
    with open(path, "rb") as file:
        if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            return file.read()
        return _at_most(file.read(LARGEST + 1), path)


def read_stdin() -> bytes:
    """Return all of standard input. Raises: OSError, as ``read_file``."""
    return _at_most(sys.stdin.buffer.read(LARGEST + 1), "-")


def _at_most(data: bytes, name: str) -> bytes:
    if len(data) > LARGEST:
        raise OSError(errno.EFBIG, f"more than {LARGEST} bytes and no regular file", name)
    return data
