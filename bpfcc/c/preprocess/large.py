"""Very large headers (``vmlinux.h``: 134,000 lines), cut and indexed without looking inside.

Such a file is generated, with every declaration starting in the first column. It is cut there, and
each piece is checked to be exactly one declaration by counting its brackets; whatever is not is
left to the careful splitter. A chunk exists only once a name of it was asked for.
"""

from __future__ import annotations

import re

from .declarations import Chunk, Names, describe
from .search import Scanned

LARGE = 300_000  # characters of text between directives

_COLUMN_0 = re.compile(r"\n(?=[^\s}#{)])")
_ENUMERATOR = re.compile(r"(?:^|,)\s*([^\W\d][\w$]*)")
_TYPEDEF_END = re.compile(r"([^\W\d][\w$]*)\s*(?:\[[^\]]*\]\s*)*;\s*$")
# typedef RESULT (*name)(... or typedef RESULT name(...
_FUNCTION = re.compile(r"typedef [^()]*?(?:\(\*\s*([^\W\d][\w$]*)\)|([^\W\d][\w$]*))\(")
_WORDS = bytes(
    byte if byte >= 128 or chr(byte).isalnum() or chr(byte) in "_$" else 32 for byte in range(256)
)


def words_of(text: str, start: int, end: int) -> list[str]:
    """Return the words in part of a text."""
    data = text[start:end].encode("utf-8", "surrogateescape")
    return data.translate(_WORDS).decode("utf-8", "surrogateescape").split()


class LargeHeader:
    """The declarations in one stretch of a large header.

    ``rest``: (start, end) of the stretches that need the careful splitter.
    """

    def __init__(self, scanned: Scanned, start: int, end: int) -> None:
        self.scanned = scanned
        self.segments: list[str] = _COLUMN_0.split(scanned.text[start:end])
        self.start = start
        self.core = False
        self.pack = 0
        self.rest: list[tuple[int, int]] = []
        self._offsets: list[int] | None = None
        self._tags: dict[str, list[int]] = {}
        self._typedefs: dict[str, int] = {}
        self._enums: list[int] = []
        self._idents: dict[str, int] | None = None
        self._chunks: dict[int, Chunk] = {}
        self._cut()

    def _cut(self) -> None:
        """Name every segment; what is no single plain declaration goes to ``rest``."""
        odd: list[int] = []
        tags = self._tags
        for i, segment in enumerate(self.segments):
            braces = segment.count("{")
            if braces == 1 and segment.endswith("\n};\n") and segment.count("}") == 1:
                # The form of nearly all: struct NAME {, members, };
                kind, _, name = segment[: segment.index("{") - 1].partition(" ")
                if name.isidentifier() and kind in ("struct", "union", "enum"):
                    tags.setdefault(name, []).append(i)
                    if kind == "enum":
                        self._enums.append(i)
                    continue
            if braces == 0:
                if not self._simple(i, segment):
                    odd.append(i)
                continue
            open_at = segment.index("{")
            close_at = segment.rfind("}")
            head = segment[:open_at].split()
            tail = segment[close_at + 1 :].strip()
            if segment.count("}") != braces or ";" in segment[:open_at] or not head:
                odd.append(i)
                continue
            if braces > 1 and not _encloses(segment[open_at : close_at + 1]):
                odd.append(i)
                continue
            if len(head) == 2 and head[0] in ("struct", "union", "enum"):
                if not _ends_record(tail) or (
                    braces > 1 and _names_inside(segment, open_at, close_at)
                ):
                    odd.append(i)
                    continue
                tags.setdefault(head[1], []).append(i)
                if head[0] == "enum":
                    self._enums.append(i)
            elif len(head) == 1 and head[0] == "enum" and tail == ";":
                self._enums.append(i)
            elif (
                head[0] == "typedef"
                and len(head) == 2
                and head[1] in ("struct", "union")
                and _TYPEDEF_END.match(tail)
                and not (braces > 1 and _names_inside(segment, open_at, close_at))
            ):
                self._typedefs[tail[:-1].split("[")[0].strip()] = i
            else:
                odd.append(i)
        self._leave(odd)

    def _simple(self, i: int, segment: str) -> bool:
        """Name a segment without braces; False if it is no plain declaration."""
        segment = segment.strip()
        if not segment:
            return True
        if segment.count(";") != 1 or segment[-1] != ";" or '"' in segment or "'" in segment:
            return False
        if segment.startswith("typedef "):
            if "(" not in segment and "[" not in segment and "," not in segment:
                name = segment[segment.rfind(" ") + 1 : -1].lstrip("*")
                if name.isidentifier():
                    self._typedefs[name] = i
                    return True
            if "(" in segment:
                match = _FUNCTION.match(segment)
                if (
                    match is None
                    or segment[-2] != ")"
                    or segment.count("(") != (2 if match[1] else 1)
                ):
                    names = describe(segment)[0]
                    if len(names) != 1:
                        return False
                    self._typedefs[names[0][1]] = i
                else:
                    self._typedefs[match[1] or match[2]] = i
                return True
            if "," in segment:
                return False
            match = _TYPEDEF_END.search(segment)
            if match is None:
                return False
            self._typedefs[match[1]] = i
            return True
        words = segment[:-1].split()
        if len(words) == 2 and words[0] in ("struct", "union", "enum"):
            self._tags.setdefault(words[1], []).append(i)
            return True
        return False

    def _leave(self, odd: list[int]) -> None:
        """Give stretches of consecutive segments back."""
        if not odd:
            return
        offsets = self.offsets()
        for i in odd:
            start, end = offsets[i], offsets[i] + len(self.segments[i])
            if self.rest and self.rest[-1][1] + 1 >= start:
                self.rest[-1] = (self.rest[-1][0], end)
            else:
                self.rest.append((start, end))

    def offsets(self) -> list[int]:
        """Return where each segment starts in the file."""
        if self._offsets is None:
            at = self.start
            offsets: list[int] = []
            for segment in self.segments:
                offsets.append(at)
                at += len(segment) + 1
            self._offsets = offsets
        return self._offsets

    def is_typedef(self, name: str) -> bool:
        """Whether a typedef of that name is here."""
        return name in self._typedefs

    def find(self, namespace: str, name: str) -> list[Chunk]:
        """Return the chunks that declare a name."""
        if namespace == "typedef":
            at = self._typedefs.get(name)
            return [] if at is None else [self._chunk(at)]
        if namespace == "tag":
            return [self._chunk(at) for at in self._tags.get(name, ())]
        at = self._enumerators().get(name)
        return [] if at is None else [self._chunk(at)]

    def names(self, namespace: str) -> list[str]:
        """Return all names of a namespace."""
        if namespace == "typedef":
            return list(self._typedefs)
        return list(self._tags if namespace == "tag" else self._enumerators())

    def _enumerators(self) -> dict[str, int]:
        if self._idents is None:
            found: dict[str, int] = {}
            for i in self._enums:
                segment = self.segments[i]
                body = segment[segment.index("{") + 1 : segment.rfind("}")]
                if "(" in body:
                    names: Names = describe(segment)[0]
                    found.update((name, i) for space, name in names if space == "ident")
                else:
                    found.update(dict.fromkeys(_ENUMERATOR.findall(body), i))
            self._idents = found
        return self._idents

    def _chunk(self, at: int) -> Chunk:
        chunk = self._chunks.get(at)
        if chunk is None:
            start = self.offsets()[at]
            scanned = self.scanned
            chunk = Chunk(
                None,
                [(scanned.text, start, start + len(self.segments[at]), scanned.file)],
                eager=False,
                core=self.core,
                system=scanned.file.system,
                pack=self.pack,
            )
            self._chunks[at] = chunk
        return chunk


def _encloses(text: str) -> bool:
    """Whether the first brace of ``text`` is closed by its last character."""
    inner = re.sub(r"[^{}]+", "", text)[1:-1]
    while inner:
        shorter = inner.replace("{}", "")
        if len(shorter) == len(inner):
            return False
        inner = shorter
    return True


def _ends_record(tail: str) -> bool:
    """Whether what follows ``}`` declares no variable."""
    if tail == ";":
        return True
    return (
        tail.startswith("__attribute__((")
        and tail.endswith("));")
        and tail.count(";") == 1
        and ("((" not in tail[15:])
    )


def _names_inside(segment: str, open_at: int, close_at: int) -> bool:
    """Whether a record has tags or enumerators of its own inside."""
    for part in segment[open_at + 1 : close_at].split("{")[:-1]:
        if not part.rstrip().endswith(("struct", "union")):
            return True
    return False
