"""Where a function of a program or library is in its file, which is what uprobes are set at."""

from __future__ import annotations

import os
import shutil

from ..elf.model import STT_FUNC, ElfFile
from ..elf.read import read as read_elf
from ..support.errors import InputError

_LIBRARY_DIRS = (
    "/lib64",
    "/usr/lib64",
    "/lib",
    "/usr/lib",
    "/lib/x86_64-linux-gnu",
    "/usr/lib/x86_64-linux-gnu",
    "/lib/aarch64-linux-gnu",
    "/usr/lib/aarch64-linux-gnu",
)


def find_binary(name: str) -> str:
    """Return the path for ``name``: itself with a slash, else from PATH or library folders.

    Raises: InputError when there is no such file.
    """
    if "/" in name:
        return name
    if ".so" in name:
        for folder in _LIBRARY_DIRS:
            path = os.path.join(folder, name)
            if os.path.exists(path):
                return path
    else:
        found = shutil.which(name)
        if found is not None:
            return found
    raise InputError(f"no program or library {name!r} is found")


def file_offset(path: str, place: str) -> int:
    """Return the offset in the file of "symbol", "symbol+0x10" or a bare number.

    Raises: InputError when the file cannot be read or has no such symbol.
    """
    name, _, distance = place.partition("+")
    try:
        extra = int(distance or "0", 0)
    except ValueError:
        raise InputError(f"{place!r} is no symbol+offset") from None
    if name[:1].isdigit():
        try:
            return int(name, 0) + extra
        except ValueError:
            raise InputError(f"{name!r} is no offset") from None
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from None
    found = symbol_offset(read_elf(data, path), name)
    if found is None:
        raise InputError(f"{path} has no function {name!r} (or its symbols are stripped)")
    return found + extra


def symbol_offset(elf: ElfFile, name: str) -> int | None:
    """Return the offset in the file at which function ``name`` starts; None if there is none."""
    wanted = [s for s in elf.symbols if s.type == STT_FUNC and s.name.split("@", 1)[0] == name]
    for symbol in wanted:
        section = symbol.section
        if section is not None:
            return symbol.value - section.address + section.file_offset
    return None
