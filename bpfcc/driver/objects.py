"""Reading object files, whoever made them."""

from __future__ import annotations

import sys

from ..objfile.model import Object
from ..objfile.read import from_bytes
from ..support.errors import InputError


def read_bytes(path: str) -> bytes:
    """Return a file's bytes; "-" is standard input.

    Raises: InputError when it cannot be read.
    """
    try:
        if path == "-":
            return sys.stdin.buffer.read()
        with open(path, "rb") as file:
            return file.read()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"cannot read '{path}': {reason}") from error


def read_object(path: str) -> Object:
    """Read an object file.

    Raises: InputError when it cannot be read or is malformed.
    """
    return from_bytes(read_bytes(path), path)
