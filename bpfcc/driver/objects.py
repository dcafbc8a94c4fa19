"""Reading object files, whoever made them."""

from __future__ import annotations

from ..objfile.model import Object
from ..objfile.read import from_bytes
from ..support.errors import InputError


def read_object(path: str) -> Object:
    """Read an object file.

    Raises: InputError when it cannot be read or is malformed.
    """
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError as error:
        raise InputError(f"cannot read '{path}': {error.strerror}") from error
    return from_bytes(data, path)
