"""Declarations on demand: a header's declaration is processed when its name is needed.

The declarations of the main file, and those that define something, are processed in order
("eager" chunks). Every other chunk waits in the declaration index. An identifier, typedef or tag
that no scope knows makes us process, at file scope, the chunks that declare it, if they stand
before the eager chunk at hand. A struct that is only mentioned stays incomplete, with a completer
that loads its members when they are needed. With kernel types (``vmlinux.h``, in-kernel headers)
what no chunk declares is looked up in BTF; last come the names of the tracing-filter dialect.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...btf import wire
from ..ctype.types import CType, EnumType, RecordType
from ..tast.nodes import FuncSymbol, VarSymbol
from .spelling import nearest
from .symbols import Scope, Tag, TypeName

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ...support.source import Span
    from ..tast.nodes import Symbol
    from .btf_types import KernelTypes
    from .context import Context
    from .dialect import Dialect

MAX_GUESSES = 20  # words to look for something similar to ...
MANY_NAMES = 5_000  # ... where a whole kernel's names are known


class Demand:
    """Serves names from the declaration index and from the providers behind it."""

    __slots__ = (
        "cx",
        "dialect",
        "done",
        "guesses",
        "index",
        "kernel",
        "ordinals",
        "parse_chunk",
        "position",
        "pre",
        "settled",
        "spans",
    )

    def __init__(self, cx: Context, pre: Any, parse_chunk: Callable[[Any], list[Any]]) -> None:
        self.cx = cx
        self.pre = pre
        self.index = pre.index
        self.parse_chunk = parse_chunk
        self.done: set[int] = set()
        self.guesses: dict[str, str | None] = {}
        self.position = 0
        self.ordinals: dict[int, int] = {}
        self.kernel: KernelTypes | None = None  # when kernel types are served
        self.dialect: Dialect | None = None
        self.spans: dict[int, Span | None] = {}
        self.settled: dict[tuple[str, str], int] = {}  # how many first chunks of a name are done

    # ------------------------------------------------------------------------- chunks
    def eager(self, chunk: Any, ordinal: int) -> None:
        """Process an eager chunk in its turn."""
        self.position = ordinal
        self._process(chunk, deferring=False)
        self._bodies()

    def declared_before(self) -> None:
        """Load what headers declare first and define behind its use, at the end of the unit."""
        self.position = len(self.pre.chunks)
        idents = self.cx.file.idents
        count = -1
        while count != len(self.done):
            count = len(self.done)
            for name, symbol in list(idents.items()):
                if isinstance(symbol, FuncSymbol):
                    waits = symbol.linkage == "static" and symbol.body is None
                else:
                    waits = isinstance(symbol, VarSymbol) and symbol.storage == "static"
                if waits and symbol.used:
                    self.before(name)
            self._bodies()

    def _bodies(self) -> None:
        pending = self.cx.pending
        while pending:
            pending.pop(0)()

    def process(self, chunk: Any) -> None:
        """Parse and declare one chunk at file scope, whatever is going on just now."""
        self._process(chunk, deferring=True)

    def _process(self, chunk: Any, *, deferring: bool) -> None:
        if id(chunk) in self.done:
            return
        self.done.add(id(chunk))
        cx = self.cx
        nodes = self.parse_chunk(chunk)
        saved = (cx.scope, cx.function, cx.core_depth, cx.unevaluated, cx.deferring, cx.pack)
        preserve = cx.preserve
        cx.scope, cx.function, cx.unevaluated = cx.file, None, 0
        cx.preserve = 0
        cx.core_depth = 1 if chunk.core else 0
        cx.deferring = deferring
        cx.pack = chunk.pack
        # Diagnostic pragmas hold from where they stand; a header's chunk begins with none.
        pragmas = (cx.pragma_stack, cx.ignored, cx.errors_pragma, cx.warnings_pragma)
        if deferring:
            cx.pragma_stack = []
            cx.ignored = cx.errors_pragma = cx.warnings_pragma = frozenset()
        external = cx.hooks.external
        try:
            for node in nodes:
                external(cx, node)
        finally:
            cx.scope, cx.function, cx.core_depth, cx.unevaluated, cx.deferring, cx.pack = saved
            cx.preserve = preserve
            if deferring:
                cx.pragma_stack, cx.ignored, cx.errors_pragma, cx.warnings_pragma = pragmas

    def load(self, namespace: str, name: str) -> None:
        """Process the waiting chunks that declare ``name`` before the place at hand."""
        found = self.index.find(namespace, name)
        if not found:
            return
        # A name may be declared thousands of times: those done are not looked at every time.
        first = self.settled.get((namespace, name), 0)
        while first < len(found) and id(found[first]) in self.done:
            first += 1
        self.settled[namespace, name] = first
        for at in range(first, len(found)):
            chunk = found[at]
            if not self._visible(chunk):
                break  # nor are those behind it
            if id(chunk) not in self.done:
                self.process(chunk)

    def _visible(self, chunk: Any) -> bool:
        if not self.ordinals:
            self.ordinals = {id(c): i for i, c in enumerate(self.pre.chunks)}
        return self.ordinals.get(id(chunk), 0) <= self.position

    # ------------------------------------------------------------------------- names
    def before(self, name: str) -> None:
        """Load earlier declarations of a name that is about to be declared at file scope."""
        self.load("ident", name)
        self.load("typedef", name)

    def ident(self, name: str) -> Symbol | None:
        """Find an ordinary identifier that no scope holds yet."""
        self.before(name)
        idents = self.cx.file.idents
        found: Symbol | None = idents.get(name)
        if found is None and self.kernel is not None:
            found = self.kernel.ident(name)
        if found is None and self.dialect is not None:
            found = self.dialect.ident(name)
        if found is not None:
            idents[name] = found
        return found

    def tag(self, kind: str, name: str) -> Tag | None:
        """Find a tag at file scope; a struct or union is completed only when needed."""
        tags = self.cx.file.tags
        found = tags.get(name)
        if found is not None:
            return found
        known = bool(self.index.find("tag", name))
        if kind == "enum":
            if known:
                self.load("tag", name)
                found = tags.get(name)
            if found is None and self.kernel is not None:
                enum = self.kernel.enum(name)
                if enum is not None:
                    found = tags[name] = Tag(enum, None)
            return found
        if not known and self.dialect is not None:
            if self.kernel is None or name != "pt_regs":
                own = self.dialect.tag(kind, name)
                if own is not None:
                    return own
        if not known and self.kernel is None:
            return None
        record = RecordType(kind, name)
        record.completer = self._complete
        tag = tags[name] = Tag(record, None)
        return tag

    def _complete(self, record: RecordType) -> None:
        """Give ``record`` its members, if a declaration at hand or the kernel has them."""
        self.load("tag", record.tag)
        tag = self.cx.file.tags.get(record.tag)
        if tag is not None and tag.defined:
            return
        if self.kernel is not None and self.kernel.complete(record):
            if tag is not None:
                tag.defined = True
            return
        # Not now; a later part of the main file may still define it.
        record.completer = self._complete

    # ------------------------------------------------------------------------- suggestions
    def similar_type(self, word: str) -> str | None:
        """Return a known type name that ``word`` may have meant."""
        names = [n for n, s in self.cx.file.idents.items() if isinstance(s, TypeName)]
        names += self.index.names("typedef")
        if self.kernel is not None:
            names += self.kernel.names_like(word, wire.KIND_TYPEDEF)
        return self._guess(
            word, [*names, "int", "char", "unsigned", "long", "short", "void", "struct"]
        )

    def similar_ident(self, word: str) -> str | None:
        """Return a declared identifier that ``word`` may have meant."""
        names: list[str] = []
        scope: Scope | None = self.cx.scope
        while scope is not None:
            names += scope.idents
            scope = scope.parent
        return self._guess(word, names + self.index.names("ident"))

    def similar_tag(self, word: str) -> str | None:
        """Return the tag of a struct, union or enum that ``word`` may have meant."""
        names = [n for n, tag in self.cx.file.tags.items() if tag.defined]
        names += self.index.names("tag")
        if self.kernel is not None:
            names += self.kernel.names_like(word, wire.KIND_STRUCT, wire.KIND_UNION)
        return self._guess(word, names)

    def _guess(self, word: str, names: list[str]) -> str | None:
        """Return the nearest name; among very many, only for the first words that are wrong."""
        if word not in self.guesses:
            if len(self.guesses) >= MAX_GUESSES and len(names) > MANY_NAMES:
                return None
            self.guesses[word] = nearest(word, names)
        return self.guesses[word]

    def tag_span(self, t: CType) -> Span | None:
        """Return where the tag of ``t`` was first seen."""
        if isinstance(t, (RecordType, EnumType)):
            tag = self.cx.file.tags.get(t.tag)
            if tag is not None and tag.type is t:
                return tag.span
        return None
