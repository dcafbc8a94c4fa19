"""Top-level declarations: cut apart, named, and indexed, before anybody parses them.

A translation unit is a list of chunks, one external declaration each (C17 6.9). Chunks of headers
stay text until something needs them: their names are read off the text, and the tokens are made
when asked for. ``DeclIndex`` finds the chunks that declare a name.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ...support.source import SourceFile
from .lexer import lex
from .tokens import Token

if TYPE_CHECKING:
    from .large import LargeHeader

Names = list[tuple[str, str]]

_STRING = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'")
_GROUP = re.compile(
    r"\b(__attribute__|__attribute|_Alignas|__declspec|__typeof__|__typeof|typeof|"
    r"__typeof_unqual__|typeof_unqual|_Atomic|__asm__|__asm|asm)\b"
    r"(?:\s*(?:volatile|__volatile__|goto|inline)\b)*\s*\("
)
_PAREN = re.compile(r"[()]")
_BRACE = re.compile(r"[{}]")
TAG_HEAD = re.compile(r"\b(struct|union|enum)\s*([A-Za-z_$][\w$]*)?\s*(?::[^(){};=]*)?$")
_NESTED_TAG = re.compile(r"\b(struct|union|enum)\s*([A-Za-z_$][\w$]*)?\s*(?::[^(){};=]*)?\{")
_ENUMERATOR = re.compile(r"(?:^|,)\s*([^\W\d][\w$]*)")
_FORWARD = re.compile(r"\s*(?:__extension__\s+)?(struct|union|enum)\s+([^\W\d][\w$]*)\s*;?\s*$")
# The two forms that headers consist of: helpers (a constant pointer to a function) and prototypes.
_HELPER = re.compile(
    r"static [^(){}=;\"]*\(\s*\*\s*(?:const )?\s*([^\W\d][\w$]*)\)\s*\([^{}\"]*\)\s*"
    r"=\s*\(void \*\)\s*\d+;$"
)
_PROTOTYPE = re.compile(r"extern [^(){}=;\",]*?([^\W\d][\w$]*)\s*\([^(){}]*\);$")
_WORD = re.compile(r"[^\W\d][\w$]*")
_SPLIT = re.compile(r"[()\[\],=]")
_NAMELESS = re.compile(
    r"\s*(?:__extension__\s+)?(?:_Static_assert|static_assert|__asm__|asm|__asm)\b"
)
_QUALIFIERS = frozenset(
    "const volatile restrict __restrict __restrict__ __const __volatile__ _Nonnull _Nullable "
    "__ptr32 __ptr64 _Atomic".split()
)
# Words that cannot be the declared name.
_KEYWORDS = _QUALIFIERS | frozenset(
    "typedef extern static inline __inline __inline__ register auto _Thread_local __thread "
    "_Noreturn void char short int long float double signed unsigned _Bool _Complex __signed__ "
    "__signed __unsigned__ struct union enum typeof __typeof__ __typeof typeof_unqual "
    "__typeof_unqual__ __extension__ __int128 __int128_t __auto_type _Float128 "
    "__builtin_va_list".split()
)

# Groups of braces beside each other in one declaration: more of them is a bracket that was never
# closed, which has swallowed the rest of the unit.
MAX_GROUPS = 100


class Chunk:
    """One external declaration.

    ``eager``: it must be processed even if nobody asks for its names: it is in the main file, or
    it defines something that is emitted. ``core``: it stands inside ``#pragma clang attribute
    push`` of ``preserve_access_index``. ``pack``: the alignment limit that ``#pragma pack`` has
    set, 0 for none. ``system``: it comes from a system header.
    """

    __slots__ = ("_names", "_parts", "_tokens", "core", "eager", "pack", "system")

    def __init__(
        self,
        tokens: list[Token] | None,
        parts: list[tuple[str, int, int, SourceFile] | Token] | None = None,
        *,
        eager: bool = True,
        core: bool = False,
        system: bool = False,
        pack: int = 0,
    ) -> None:
        self._tokens = tokens
        self._parts = parts
        self._names: Names | None = None
        self.eager = eager
        self.core = core
        self.system = system
        self.pack = pack

    @property
    def tokens(self) -> list[Token]:
        """The tokens, macros replaced."""
        if self._tokens is None:
            self._tokens = []
            for part in self._parts or []:
                if isinstance(part, Token):
                    self._tokens.append(part)
                else:
                    text, start, end, file = part
                    self._tokens += lex(text, start, end, file)
        return self._tokens

    @property
    def names(self) -> Names:
        """What it declares, as (namespace, name): "typedef", "tag" or "ident" (enumerators too)."""
        if self._names is None:
            self._names = describe(self.text())[0]
        return self._names

    @names.setter
    def names(self, names: Names) -> None:
        self._names = names

    def text(self) -> str:
        """Return its tokens as one line of text."""
        if self._tokens is None:
            return " ".join(
                part[0][part[1] : part[2]]
                for part in self._parts or []
                if not isinstance(part, Token)
            )
        return " ".join([t.text for t in self._tokens if t.kind != "pragma"])

    def __repr__(self) -> str:
        return f"<Chunk {' '.join(self.text().split())[:60]!r}>"


class DeclIndex:
    """Which chunks declare a name."""

    def __init__(self) -> None:
        self._by_name: dict[tuple[str, str], list[Chunk]] = {}
        self._large: list[LargeHeader] = []

    def add(self, chunk: Chunk) -> None:
        """Enter all names of a chunk."""
        by_name = self._by_name
        for key in chunk.names:
            found = by_name.get(key)
            if found is None:
                by_name[key] = [chunk]
            elif found[-1] is not chunk:
                found.append(chunk)

    def add_large(self, header: LargeHeader) -> None:
        """Enter a large header, whose chunks are made on demand."""
        self._large.append(header)

    def is_typedef(self, name: str) -> bool:
        """Whether the name is a typedef at file scope."""
        if ("typedef", name) in self._by_name:
            return True
        return any(header.is_typedef(name) for header in self._large)

    def find(self, namespace: str, name: str) -> list[Chunk]:
        """Return the chunks that declare the name, in order; those of large headers first."""
        found = self._by_name.get((namespace, name), [])
        for header in self._large:
            more = header.find(namespace, name)
            if more:
                found = more + found
        return found

    def names(self, namespace: str) -> list[str]:
        """Return all names of a namespace, for "did you mean"."""
        names = [name for space, name in self._by_name if space == namespace]
        for header in self._large:
            names += header.names(namespace)
        return names


def describe(text: str) -> tuple[Names, bool]:
    """Return the names that one external declaration declares, and whether it emits something.

    ``text`` is cleaned text with macros replaced. "Emits": a definition of a function or variable
    that is not static or must be kept (section, used), a static assertion, an asm.
    """
    plain = _HELPER.match(text) or _PROTOTYPE.match(text)
    if plain is not None and plain[1] not in _KEYWORDS:
        return [("ident", plain[1])], False
    names: Names = []
    if _NAMELESS.match(text):
        return names, True
    kept = False
    if '"' in text or "'" in text:
        kept = "section" in text or "__used__" in text or "used" in text
        text = _STRING.sub('""', text)
    if "(" in text:
        if "__attribute" in text:
            kept = kept or bool(re.search(r"\bused\b|\b__used__\b", text))
        text = _without_groups(text)
    function = False
    initialised = False
    groups = 0
    while True:
        brace = text.find("{")
        if brace < 0:
            break
        groups += 1
        if groups > MAX_GROUPS:
            return names, True
        head = text[:brace]
        close = _matching(text, brace, _BRACE, "{")
        tag = TAG_HEAD.search(head)
        if tag is not None and "=" not in _outside_parens(head):
            if tag[2]:
                names.append(("tag", tag[2]))
            _collect(tag[1], text[brace + 1 : close], names)
            text = head[: tag.start()] + "typeof " + text[close + 1 :]
        elif "=" in _outside_parens(head):
            initialised = True
            text = head + "0" + text[close + 1 :]
        else:
            function = True
            text = head
            break
    forward = _FORWARD.match(text)
    if forward is not None:
        names.append(("tag", forward[2]))
        return names, False
    declared = _declarators(text, names)
    if declared is None:
        return names, False
    words, prototype, has_value = declared
    if "typedef" in words:
        return names, False
    if function:
        if "static" in words or "inline" in words or "__inline" in words or "__inline__" in words:
            return names, kept
        return names, True
    if "extern" in words:
        return names, has_value or initialised
    if "static" in words:
        return names, kept
    return names, not prototype


def _matching(text: str, at: int, pattern: re.Pattern[str], opening: str) -> int:
    """Return the offset of the bracket that closes the one at ``at``, or the end."""
    depth = 0
    for match in pattern.finditer(text, at):
        if match[0] == opening:
            depth += 1
        else:
            depth -= 1
            if depth == 0:
                return match.start()
    return len(text)


def _without_groups(text: str) -> str:
    """Drop attributes, asm labels and the operands of typeof and ``_Atomic(type)``."""
    pos = 0
    while True:
        match = _GROUP.search(text, pos)
        if match is None:
            return text
        close = _matching(text, match.end() - 1, _PAREN, "(")
        word = " typeof " if "typeof" in match[1] or match[1] == "_Atomic" else " "
        text = text[: match.start()] + word + text[close + 1 :]
        pos = match.start() + len(word)


def _outside_parens(text: str) -> str:
    """Return the text without what stands in parentheses."""
    if "(" not in text:
        return text
    out: list[str] = []
    depth = 0
    last = 0
    for match in _PAREN.finditer(text):
        if match[0] == "(":
            if depth == 0:
                out.append(text[last : match.start()])
            depth += 1
        elif depth:
            depth -= 1
            last = match.end()
    if depth == 0:
        out.append(text[last:])
    return " ".join(out)


def _collect(kind: str, body: str, names: Names) -> None:
    """Enter the enumerators of an enum, or the tags and enumerators inside a record."""
    if kind == "enum":
        for name in _ENUMERATOR.findall(_outside_parens(body)):
            names.append(("ident", name))
        return
    if "{" not in body:
        return
    for match in _NESTED_TAG.finditer(body):
        if match[2]:
            names.append(("tag", match[2]))
        if match[1] == "enum":
            close = body.find("}", match.end())
            _collect("enum", body[match.end() : close if close >= 0 else len(body)], names)


def _declarators(text: str, names: Names) -> tuple[frozenset[str], bool, bool] | None:
    """Enter the declared names of a declaration without braces.

    Returns:
        The words of the specifiers, whether it only declares functions, and whether it has an
        initialiser; None if it declares nothing but tags.
    """
    pieces: list[str] = []
    depth = 0
    last = 0
    has_value = False
    in_value = False
    for match in _SPLIT.finditer(text):
        mark = match[0]
        if mark in "([":
            depth += 1
        elif mark in ")]":
            depth -= 1
        elif depth == 0:
            if mark == "=" and not in_value:
                pieces.append(text[last : match.start()])
                has_value = in_value = True
            elif mark == ",":
                if not in_value:
                    pieces.append(text[last : match.start()])
                in_value = False
                last = match.end()
    if not in_value:
        pieces.append(text[last:])
    head = re.match(r"[^()\[\]]*", pieces[0])
    words = frozenset(_WORD.findall(head[0])) if head else frozenset()
    namespace = "typedef" if "typedef" in words else "ident"
    prototype = True
    found_any = False
    for i, piece in enumerate(pieces):
        name, is_function = _declared(piece, i == 0)
        if name:
            found_any = True
            names.append((namespace, name))
            prototype = prototype and is_function
    return (words, prototype, has_value) if found_any else None


def _declared(piece: str, first: bool) -> tuple[str, bool]:
    """Return the name that one declarator declares, and whether it is a function.

    ``first``: the declaration's specifiers stand before it.
    """
    for _ in range(20):
        at = piece.find("(")
        bracket = piece.find("[")
        if at < 0 or 0 <= bracket < at:
            lead = piece[:bracket] if bracket >= 0 else piece
            words = _WORD.findall(lead)
            while words and words[-1] in _QUALIFIERS:
                words.pop()
            if not words or words[-1] in _KEYWORDS:
                return "", False
            if first and len(words) > 1 and words[-2] in ("struct", "union", "enum"):
                return "", False
            return words[-1], False
        words = _WORD.findall(piece[:at])
        inner = piece[at + 1 :].lstrip()
        own = [w for w in words if w not in _KEYWORDS]
        if first and len(words) > 1 and words[-2] in ("struct", "union", "enum"):
            own = []
        nested = inner.startswith(("*", "^")) or not own or (words and words[-1] in _KEYWORDS)
        if not nested and first:
            single = re.match(r"\(\s*([^\W\d][\w$]*)\s*\)\s*[(\[]", piece[at:])
            nested = single is not None
        if not nested:
            return own[-1], True
        pointer = inner.startswith(("*", "^"))
        close = _matching(piece, at, _PAREN, "(")
        behind = piece[close + 1 :].lstrip()
        piece = piece[at + 1 : close]
        first = False
        if pointer:
            return _first_name(piece)
        if "(" not in piece and "[" not in piece and behind.startswith("("):
            return _first_name(piece)[0], True
    return "", False


def _first_name(text: str) -> tuple[str, bool]:
    """Return the first word that is no qualifier, and whether a parenthesis follows it."""
    for match in _WORD.finditer(text):
        if match[0] not in _QUALIFIERS:
            return match[0], text[match.end() :].lstrip().startswith("(")
    return "", False
