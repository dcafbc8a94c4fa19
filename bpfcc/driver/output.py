"""Writing products: whole or not at all.

A file is written under a temporary name in the folder of its destination and renamed over it, so
that a failed or killed run leaves what was there before.
"""

from __future__ import annotations

import os
import sys

from ..support.errors import InputError


def write_atomic(path: str, data: bytes) -> None:
    """Put ``data`` at ``path``; "-" is standard output. Raises: as ``write_all``."""
    write_all([(path, data)])


def write_all(files: list[tuple[str, bytes]]) -> None:
    """Put each of ``files`` (path, bytes) at its path; "-" is standard output.

    All are written under temporary names before the first is renamed. They are renamed in order, so
    that the last one is there only if all are. A destination that is no regular file
    (``/dev/null``, a pipe) is written in place, after the others have been written.
    Raises: InputError, with no file changed, when one of them cannot be written.
    """
    staged: list[tuple[str, str]] = []
    path = ""
    try:
        direct = []
        for path, data in files:
            if path == "-" or (os.path.exists(path) and not os.path.isfile(path)):
                direct.append((path, data))
            else:
                staged.append(_stage(path, data, len(staged)))
        for path, data in direct:
            if path == "-":
                sys.stdout.flush()
                sys.stdout.buffer.write(data)
                sys.stdout.buffer.flush()
            else:
                with open(path, "wb") as file:
                    file.write(data)
        while staged:
            temporary, path = staged[0]
            os.replace(temporary, path)
            del staged[0]
    except (OSError, ValueError) as error:  # a ValueError: no name that a file can have
        if path == "-":
            raise
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"cannot write '{path}': {reason}") from error
    finally:
        for temporary, _ in staged:
            _remove(temporary)


def _stage(path: str, data: bytes, number: int) -> tuple[str, str]:
    """Write ``data`` beside ``path``; return (temporary name, name that it is to get)."""
    target = os.path.realpath(path)  # a link is followed, not replaced
    temporary = f"{target}.tmp{os.getpid()}-{number}"
    try:
        mode = os.stat(target).st_mode & 0o7777
    except OSError:
        mode = None
    try:
        with open(temporary, "wb") as file:
            file.write(data)
        if mode is not None:
            os.chmod(temporary, mode)
    except BaseException:
        _remove(temporary)
        raise
    return temporary, target


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        pass


def default_output(source: str, suffix: str) -> str:
    """Return where the product of ``source`` goes without -o: its name in the current folder."""
    name = os.path.basename(source)
    if source == "-":
        return "-" if suffix != ".o" else "a.o"
    stem, ext = os.path.splitext(name)
    return (stem if ext else name) + suffix
