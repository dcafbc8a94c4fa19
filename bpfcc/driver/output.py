"""Writing products: whole or not at all.

A file is written under a temporary name in the folder of its destination and renamed over it, so
that a failed or killed run leaves what was there before.
"""

from __future__ import annotations

import os
import sys

from ..support.errors import InputError


def write_atomic(path: str, data: bytes) -> None:
    """Put ``data`` at ``path``; "-" is standard output.

    A destination that is no regular file (``/dev/null``, a pipe) is written in place.
    Raises: InputError, with nothing changed, when that is not possible.
    """
    if path == "-":
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    try:
        if os.path.exists(path) and not os.path.isfile(path):
            with open(path, "wb") as file:
                file.write(data)
            return
        target = os.path.realpath(path)  # a link is followed, not replaced
        temporary = f"{target}.tmp{os.getpid()}"
        mode = os.stat(target).st_mode & 0o7777 if os.path.exists(target) else None
        try:
            with open(temporary, "wb") as file:
                file.write(data)
            if mode is not None:
                os.chmod(temporary, mode)
            os.replace(temporary, target)
        except BaseException:
            try:
                os.unlink(temporary)
            except OSError:
                pass
            raise
    except OSError as error:
        raise InputError(f"cannot write '{path}': {error.strerror}") from error


def default_output(source: str, suffix: str) -> str:
    """Return where the product of ``source`` goes without -o: its name in the current folder."""
    name = os.path.basename(source)
    if source == "-":
        return "-" if suffix != ".o" else "a.o"
    stem, ext = os.path.splitext(name)
    return (stem if ext else name) + suffix
