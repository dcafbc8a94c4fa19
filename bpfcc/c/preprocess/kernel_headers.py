"""Headers of the kernel itself, which no machine has under /usr/include.

Their types are all in the kernel's BTF; a program that includes one gets its types from there.
"""

from __future__ import annotations

from .search import Search

_FOLDERS = ("linux/", "net/", "trace/", "asm/", "asm-generic/", "uapi/", "generated/", "crypto/")


def is_known(name: str) -> bool:
    """Whether the kernel has a header of this name."""
    return name.startswith(_FOLDERS)


def advice(name: str, search: Search) -> list[str]:
    """Return what may help somebody whose header was not found."""
    return []
