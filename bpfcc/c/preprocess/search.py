"""Where headers are looked for, and the text of a file, cut at its directives.

Order of search (clang's, with bpfcc's own folders put in): the folder of the including file and
``-iquote`` for ``"x.h"``; then ``-I``; ``-isystem``; bpfcc's freestanding and libc headers
(``include/libc``), because the host's do not know the BPF target; the host's folders, where
libbpf's and the kernel's headers are found if they are installed; bpfcc's own ``bpf/``,
``linux/`` ... for machines that have none; ``-idirafter``.
"""

from __future__ import annotations

import os
import re

from ...support.files import read_file
from ...support.source import SourceFile
from ..options import COptions
from .lexer import clean

_DIRECTIVE = re.compile(r"[ \t\f\v]*(?:#|%:)[ \t\f\v]*([A-Za-z_]\w*|\d*)")
_GUARD = re.compile(r"[ \t]*(?:!\s*defined\s*\(?\s*)?([A-Za-z_]\w*)\s*\)?\s*$")

# Names under which bpfcc's own headers appear: the same on every machine, wherever it is installed.
OWN = "<bpfcc>"


class Scanned:
    """A file that was read: its text without comments, and where its directives are.

    ``directives``: (start of line, name, start of operands, end of line). ``guard`` names the
    macro whose definition makes the whole file empty, "" if there is none. ``kept`` is for what
    was found out about parts of the text, for the next compilation of this process.
    """

    __slots__ = ("directives", "file", "guard", "kept", "path", "text")

    def __init__(self, file: SourceFile, path: str) -> None:
        self.file = file
        self.path = path
        self.kept: dict[tuple[object, ...], object] = {}
        self.text = clean(file.text)
        self.directives = _find_directives(self.text)
        self.guard = _find_guard(self.text, self.directives)


def _find_directives(text: str) -> list[tuple[int, str, int, int]]:
    found: list[tuple[int, str, int, int]] = []
    marks = ["#"] if "%:" not in text else ["#", "%:"]
    for mark in marks:
        pos = text.find(mark)
        while pos >= 0:
            line = text.rfind("\n", 0, pos) + 1
            match = _DIRECTIVE.match(text, line)
            end = text.find("\n", pos)
            if end < 0:
                end = len(text)
            if match is not None and match.end() > pos:
                found.append((line, match[1], match.end(), end))
                pos = text.find(mark, end)
            else:
                pos = text.find(mark, pos + 1)
    if len(marks) > 1:
        found.sort()
    return found


def _find_guard(text: str, directives: list[tuple[int, str, int, int]]) -> str:
    """Return the include guard: ``#ifndef X`` ... ``#endif`` around everything else."""
    if len(directives) < 2 or directives[0][1] not in ("ifndef", "if"):
        return ""
    first, last = directives[0], directives[-1]
    operand = text[first[2] : first[3]]
    match = _GUARD.match(operand)
    if match is None or ("!" in operand) != (first[1] == "if"):
        return ""
    if last[1] != "endif" or text[: first[0]].strip() or text[last[3] :].strip():
        return ""
    depth = 0
    for directive in directives[:-1]:
        name = directive[1]
        if name in ("if", "ifdef", "ifndef"):
            depth += 1
        elif name == "endif":
            depth -= 1
            if depth == 0:
                return ""
        elif depth == 1 and name in ("else", "elif", "elifdef", "elifndef"):
            return ""
    return match[1]


# Headers lexed by this process: a batch of compilations reads each once.
_cache: dict[tuple[str, str, bool], tuple[tuple[int, int], Scanned]] = {}


def read(path: str, name: str, system: bool) -> Scanned:
    """Read and scan a file, or return it from the cache of this process.

    Raises:
        OSError: it cannot be read.
    """
    status = os.stat(path)
    stamp = (status.st_mtime_ns, status.st_size)
    key = (path, name, system)
    known = _cache.get(key)
    if known is not None and known[0] == stamp:
        known[1].file.line_map.clear()
        return known[1]
    text = read_file(path).decode("utf-8", "surrogateescape")
    scanned = Scanned(SourceFile(name, text, system=system), path)
    _cache[key] = (stamp, scanned)
    return scanned


def own_headers() -> str:
    """Return the folder of bpfcc's own headers, "" if it is not there."""
    package = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    for folder in (
        os.path.join(package, "include"),
        os.path.join(os.path.dirname(package), "include"),
    ):
        if os.path.isfile(os.path.join(folder, "bpf", "bpf_helpers.h")):
            return folder
    return ""


class Folder:
    """One folder of the search path; ``shown`` replaces its path in names, if set."""

    __slots__ = ("path", "shown", "system")

    def __init__(self, path: str, system: bool, shown: str = "") -> None:
        self.path = path
        self.system = system
        self.shown = shown or path

    def __repr__(self) -> str:
        return f"Folder({self.path!r})"


def default_search_path(options: COptions) -> tuple[list[Folder], list[Folder]]:
    """Return the folders for ``"x.h"`` alone and those for both forms, in order of search."""
    quote = [Folder(path, False) for path in options.quote]
    folders = [Folder(path, False) for path in options.include]
    folders += [Folder(path, True) for path in options.system]
    own = own_headers() if options.own_headers and not options.nostdinc else ""
    if own:
        folders.append(Folder(os.path.join(own, "libc"), True, OWN + "/libc"))
    if not options.nostdinc:
        folders += [Folder(path, True) for path in options.standard]
    if own:
        folders.append(Folder(own, True, OWN))
    folders += [Folder(path, True) for path in options.after]
    seen: set[str] = set()
    kept: list[Folder] = []
    # As in clang, a folder that is also a system folder counts as that.
    system = {folder.path for folder in folders if folder.system}
    for folder in folders:
        if folder.path in seen or (not folder.system and folder.path in system):
            continue
        seen.add(folder.path)
        kept.append(folder)
    return quote, kept


class Search:
    """Finds headers."""

    def __init__(self, options: COptions) -> None:
        quote, folders = default_search_path(options)
        self.folders = quote + folders
        self.angled_from = len(quote)
        self._found: dict[tuple[str, int], tuple[str, str, int, bool] | None] = {}

    def find(
        self, name: str, quoted_from: str | None, first: int = -1, system: bool = False
    ) -> tuple[str, str, int, bool] | None:
        """Return (path, shown name, index of the folder, system or not) of a header.

        ``quoted_from``: the folder of the including file for ``"x.h"``, None for ``<x.h>``;
        ``system``: whether the including file is a system header. ``first``: the first index to
        look at, for ``#include_next``.
        """
        if os.path.isabs(name):
            there = os.path.exists(name) and not os.path.isdir(name)  # /dev/null is one too
            return (name, name, -1, system) if there else None
        if quoted_from is not None and first < 0:
            shown = name if quoted_from in ("", ".") else quoted_from + "/" + name
            path = shown
            if quoted_from.startswith(OWN):
                path = own_headers() + quoted_from[len(OWN) :] + "/" + name
            if os.path.isfile(path):
                return path, shown, -1, system
        if first < 0:
            first = 0 if quoted_from is not None else self.angled_from
        key = (name, first)
        if key in self._found:
            return self._found[key]
        found = None
        for i in range(first, len(self.folders)):
            folder = self.folders[i]
            path = folder.path + "/" + name
            if os.path.isfile(path):
                found = (path, folder.shown + "/" + name, i, folder.system)
                break
        self._found[key] = found
        return found

    def listing(self) -> str:
        """Return the search path in the form of ``-v``."""
        lines = ['#include "..." search starts here:']
        lines += [" " + folder.path for folder in self.folders[: self.angled_from]]
        lines.append("#include <...> search starts here:")
        lines += [" " + folder.path for folder in self.folders[self.angled_from :]]
        lines.append("End of search list.")
        return "\n".join(lines) + "\n"
