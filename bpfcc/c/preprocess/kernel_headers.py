"""Headers of the kernel itself, which no machine has under /usr/include.

A program that includes one gets the kernel's types from BTF, and the macros that it takes for
granted from ``include/bpfcc/kernel.h``. Here is which names those are, and what to say about a
header that does not exist at all.
"""

from __future__ import annotations

import os

from .search import Search, own_headers

ENVIRONMENT = "bpfcc/kernel.h"

# Headers that user space has under the same name with other contents: struct pt_regs has other
# member names there.
TWINS = frozenset(("linux/ptrace.h", "asm/ptrace.h"))

_C_LIBRARY = frozenset(
    (
        "stdio", "stdlib", "string", "math", "signal", "pthread", "unistd", "fcntl", "locale",
        "setjmp", "wchar", "ctype", "assert", "complex", "fenv", "getopt", "poll", "semaphore",
        "syslog", "termios", "threads", "dlfcn", "netdb",
    )
)  # fmt: skip


def plain_name(name: str) -> str:
    """Return the name of a kernel header without the ``uapi/`` of the source tree."""
    return name[5:] if name.startswith("uapi/") else name


def is_known(name: str) -> bool:
    """Whether the kernel's source tree has a header of this name."""
    # A table of 3,000 names, needed by few compilations.
    from .kernel_names import FOLDERS, NAMES

    folder, _, base = name.rpartition("/")
    if not base.endswith(".h") or not folder:
        return False
    if base[:-2] in NAMES.get(folder, "").split():
        return True
    return folder in FOLDERS.split()


def advice(name: str, search: Search) -> list[str]:
    """Return what may help somebody whose header was not found."""
    # Only on an error.
    import difflib

    notes = []
    folder = os.path.dirname(name)
    wanted = os.path.basename(name)
    close: list[str] = []
    for known in _names_in(folder, search):
        close = close or difflib.get_close_matches(wanted, known, 1, 0.75)
    if close:
        full = folder + "/" + close[0] if folder else close[0]
        notes.append(f"did you mean '{full}'?")
    base = os.path.basename(name).removesuffix(".h")
    if not folder and base in _C_LIBRARY:
        notes.append(
            "a BPF program has no C library; bpfcc brings stddef.h, stdint.h, stdbool.h, "
            "string.h, errno.h and other headers that make sense in a filter"
        )
    elif base.endswith(".skel"):
        notes.append("a skeleton is for the program that loads the filter, not for the filter")
    elif not close:
        folders = [entry.shown for entry in search.folders]
        shown = ", ".join(folders[:8]) + (" ..." if len(folders) > 8 else "")
        notes.append(f"searched {shown or 'nowhere'}; -I adds a folder")
    return notes


def _names_in(folder: str, search: Search) -> list[list[str]]:
    """Return the headers of that folder: our own, those of the search path, the kernel's."""
    from .kernel_names import NAMES

    own = own_headers()
    first = [own, os.path.join(own, "libc")] if own else []
    found: list[list[str]] = []
    for roots in (first, [entry.path for entry in search.folders]):
        names: set[str] = set()
        for root in roots:
            try:
                names.update(os.listdir(os.path.join(root, folder)))
            except (OSError, ValueError):  # no such folder, or no name that a folder can have
                continue
        found.append(sorted(names))
    found.append([base + ".h" for base in NAMES.get(folder, "").split()])
    return found
