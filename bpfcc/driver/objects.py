"""Reading object files, whoever made them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ..objfile.model import Object
from ..objfile.read import from_bytes
from ..support.errors import InputError
from ..support.files import read_file, read_stdin


def read_bytes(path: str) -> bytes:
    """Return a file's bytes; "-" is standard input.

    Raises: InputError when it cannot be read.
    """
    try:
        if path == "-":
            return read_stdin()
        return read_file(path)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", "it is closed") or str(error)
        raise InputError(f"cannot read '{path}': {reason}") from error


@contextmanager
def about(path: str) -> Iterator[None]:
    """Name the file ``path`` in front of an InputError that the block raises and that names none."""
    try:
        yield
    except InputError as error:
        if error.diagnostics or str(error).startswith(path):
            raise
        raise InputError(f"{path}: {error}") from error


def read_object(path: str) -> Object:
    """Read an object file.

    Raises: InputError when it cannot be read or is malformed.
    """
    return from_bytes(read_bytes(path), path)
