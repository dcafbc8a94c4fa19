"""Where the kernel's types come from: ``--btf FILE``, or the running kernel's own BTF.

The C front end asks for them only when a program needs a type that no header declares. An index of
the type names is kept under ``$XDG_CACHE_HOME/bpfcc`` (``BPFCC_NO_CACHE=1`` turns that off), because
scanning five megabytes of BTF costs more than compiling most filters.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable

from ..btf.read import Btf, build_index, parse
from ..support.errors import InputError
from ..support.files import read_file

RUNNING_KERNEL = "/sys/kernel/btf/vmlinux"


def cache_dir() -> str | None:
    """Return the folder for caches, None when caching is off or no home is known."""
    if os.environ.get("BPFCC_NO_CACHE"):
        return None
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return os.path.join(base, "bpfcc") if os.path.isabs(base) else None


def load_btf(path: str | None) -> Btf | None:
    """Return the BTF in ``path`` (raw, or in an ELF file), or the running kernel's for None.

    None when there is no such kernel BTF.
    Raises: InputError when the file cannot be read or is malformed.
    """
    source = path or RUNNING_KERNEL
    try:
        raw = read_file(source)
    except OSError as error:
        if path is None:
            return None
        raise InputError(f"cannot read '{path}': {error.strerror}") from error
    if raw[:4] == b"\x7fELF":
        from ..objfile.read import btf_from_bytes

        return btf_from_bytes(raw, source)
    folder = cache_dir()
    if folder is None:
        return parse(raw, source, check=path is not None)
    name = os.path.join(folder, f"btf-index-{len(raw):x}-{zlib.crc32(raw):08x}")
    try:
        with open(name, "rb") as file:
            return Btf.with_index(raw, file.read(), source)
    except (OSError, InputError):
        pass  # no index yet, or one of another version: it is made again
    index = build_index(raw, source)
    try:
        from .output import write_atomic

        os.makedirs(folder, exist_ok=True)
        write_atomic(name, index)
    except (OSError, InputError):
        pass  # a cache that cannot be written costs time, nothing else
    return Btf.with_index(raw, index, source)


def btf_provider(path: str | None) -> Callable[[], Btf | None]:
    """Return a function that loads the BTF at its first call and keeps it."""
    loaded: list[Btf | None] = []

    def provide() -> Btf | None:
        if not loaded:
            loaded.append(load_btf(path))
        return loaded[0]

    return provide
