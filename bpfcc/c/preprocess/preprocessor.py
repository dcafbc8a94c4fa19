"""Translation phases 1 to 4 (C17 5.1.1.2): directives, includes, macros.

``Preprocessor`` walks the files. Each file is cut at its directives (``search.Scanned``); the text
between two active directives is a piece. Pieces of the main file become tokens, macros replaced,
at once; pieces of headers stay text as far as no macro touches them (``splitter``).
"""

from __future__ import annotations

import os
import re

from ...support.diagnostics import FixIt, Note, Sink
from ...support.source import SourceFile, Span
from ..options import COptions
from . import kernel_headers
from .builtins import BUILTIN_NAMES, Builtins
from .declarations import Chunk, DeclIndex
from .expand import Expander
from .expression import ConditionError, evaluate
from .lexer import lex
from .macros import Macro, MacroError, parse_define
from .predefined import is_gnu, predefined
from .search import Scanned, Search, read
from .splitter import Splitter
from .tokens import Token

INCLUDE_DEPTH = 200
INCLUDE_COUNT = 20_000

_NAME = re.compile(r"[ \t\f\v]*([^\W\d][\w$]*)")
_HEADER = re.compile(r"[ \t\f\v]*(?:<([^>\n]*)>|\"([^\"\n]*)\")")
_BLANK = re.compile(r"\s*")
_DEFINED = re.compile(r"\s*(!?)\s*defined\s*(?:\(\s*([^\W\d][\w$]*)\s*\)|([^\W\d][\w$]*))\s*$")
_CONDITIONALS = frozenset(("if", "ifdef", "ifndef", "elif", "elifdef", "elifndef", "else", "endif"))
_DIRECTIVES = (
    "define undef include include_next import if ifdef ifndef elif elifdef elifndef else endif "
    "error warning pragma line ident sccs assert unassert"
).split()


class Dependency:
    """A file that was read, or (``missing``) that should have been."""

    __slots__ = ("missing", "name", "path", "system")

    def __init__(self, path: str, name: str, system: bool, missing: bool = False) -> None:
        self.path = path
        self.name = name
        self.system = system
        self.missing = missing

    def __repr__(self) -> str:
        return f"Dependency({self.path!r})"


class Preprocessed:
    """The outcome: declarations in order, and how to find them.

    ``kernel_types``: the program included ``vmlinux.h`` or in-kernel headers that do not exist as
    files; types it does not declare are to be taken from BTF. ``kernel_core``: it was
    ``vmlinux.h``, whose records carry ``preserve_access_index``. ``kernel_header``: the name of the
    first such header and the place of its #include.
    """

    __slots__ = (
        "chunks",
        "dependencies",
        "index",
        "kernel_core",
        "kernel_header",
        "kernel_types",
        "macros",
    )

    def __init__(self) -> None:
        self.chunks: list[Chunk] = []
        self.index = DeclIndex()
        self.dependencies: list[Dependency] = []
        self.macros: dict[str, Macro | str] = {}
        self.kernel_types = False
        self.kernel_core = False
        self.kernel_header: tuple[str, Span] | None = None


class _Conditional:
    """One open ``#if``: whether a branch was taken, whether this one is, whether #else was met."""

    __slots__ = ("else_seen", "parent_active", "start", "taken")

    def __init__(self, start: Span, parent_active: bool, taken: bool) -> None:
        self.start = start
        self.parent_active = parent_active
        self.taken = taken
        self.else_seen = False


class Frame:
    """A file that is being read: where in its text and in its directives we are."""

    __slots__ = ("conditionals", "directory", "end", "folder", "i", "main", "pos", "scanned")

    def __init__(self, scanned: Scanned, folder: int, main: bool) -> None:
        self.scanned = scanned
        self.folder = folder
        self.main = main
        self.directory = os.path.dirname(scanned.file.name)
        self.pos = 0
        self.i = 0
        self.end = len(scanned.text)
        self.conditionals: list[_Conditional] = []


class Piece:
    """Text between directives, of one file."""

    __slots__ = ("end", "frame", "start")

    def __init__(self, frame: Frame, start: int, end: int) -> None:
        self.frame = frame
        self.start = start
        self.end = end

    def lex(self) -> list[Token]:
        """Cut it into tokens."""
        scanned = self.frame.scanned
        return lex(scanned.text, self.start, self.end, scanned.file)


class Preprocessor:
    """Reads one translation unit piece by piece."""

    def __init__(self, source: SourceFile, options: COptions, sink: Sink) -> None:
        self.source = source
        self.options = options
        self.sink = sink
        self.search = Search(options)
        self.macros: dict[str, Macro | str] = {}
        self.macros.update(
            predefined(
                mcpu=options.mcpu,
                big_endian=options.big_endian,
                optimize=options.optimize,
                std=options.std,
                unsigned_char=options.unsigned_char,
                target_arch=self._target_arch(),
            )
        )
        if options.undef_all:
            self.macros.clear()
        self.builtin_file = SourceFile("<built-in>", "", system=True)
        self.builtins = Builtins(self)
        for name, params, variadic in BUILTIN_NAMES:
            self.macros[name] = Macro(
                name, self.builtin_file, 0, params=params, variadic=variadic, builtin=name
            )
        self.expander = Expander(
            self.macros, sink, self.materialize, self.builtins.compute, gnu=is_gnu(options.std)
        )
        self.frames: list[Frame] = []
        self.dependencies: list[Dependency] = []
        self._known_files: set[str] = set()
        self._once: set[str] = set()
        self._guards: dict[str, str] = {}
        self._pushed: dict[str, list[Macro | str | None]] = {}
        self._includes = 0
        self._pull_depth = 0
        self.kernel_types = False
        self.kernel_core = False
        self.kernel_header: tuple[str, Span] | None = None
        self.kernel_macros = False  # the environment of in-kernel programs was read
        self.stopped = False  # a limit was reached: nothing more is read
        # Where set, what happened besides text: files entered (+1) and left (-1), definitions.
        self.events: list[tuple[int, Frame, str, int]] | None = None
        self._start()

    def _start(self) -> None:
        """Put the command line in front of the main file."""
        main = Scanned(self.source, self.source.name)
        self.frames.append(Frame(main, -1, True))
        self.dependencies.append(Dependency(self.source.name, self.source.name, False))
        lines: list[str] = []
        for kind, text in self.options.commands:
            text = text.split("\n", 1)[0]
            if kind == "U":
                lines.append("#undef " + text)
            else:
                name, equals, body = text.partition("=")
                lines.append("#define " + name + " " + (body if equals else "1"))
        if self._wants_kernel(main):
            lines += self._kernel_lines()
        lines += [f'#include_command "{name}"' for name in self.options.preincludes]
        if lines or self.options.imacros:
            text = "\n".join(lines) + "\n"
            command = Scanned(SourceFile("<command line>", text), "")
            frame = Frame(command, -1, False)
            frame.directory = ""
            self.frames.append(frame)
            if self.options.imacros:
                self._read_imacros()

    def _target_arch(self) -> str:
        """Return the architecture to define, unless the command line names one."""
        for kind, text in self.options.commands:
            if kind == "D" and text.startswith("__TARGET_ARCH_"):
                return ""
        return self.options.target_arch

    def _wants_kernel(self, main: Scanned) -> bool:
        """Whether the main file includes headers that only the kernel's own tree has."""
        if not self.options.kernel_types:
            return False
        text = main.file.text
        for _, name, rest, end in main.directives:
            if name == "include":
                header = _HEADER.match(text, rest, end)
                if header is None or header[1] is None:
                    continue
                if header[1].startswith("uapi/"):
                    return True
                if self.search.find(header[1], None) is None and kernel_headers.is_known(header[1]):
                    return True
        return False

    def _kernel_lines(self) -> list[str]:
        """Turn to the kernel's types, and return what includes the macros that go with them."""
        self.kernel_types = True
        if self.kernel_macros:
            return []
        self.kernel_macros = True
        if self.search.find(kernel_headers.ENVIRONMENT, None) is None:
            return []
        return [f'#include_command "{kernel_headers.ENVIRONMENT}"']

    def _read_imacros(self) -> None:
        """Read ``-imacros`` files: only their macros stay."""
        for name in reversed(self.options.imacros):
            span = Span(self.frames[0].scanned.file, 0, 0)
            self._enter(name, "", span)
        while len(self.frames) > 2:
            if self.next_piece(2) is None and len(self.frames) > 2:
                self.frames.pop()

    # Reading

    def next_piece(self, floor: int) -> Piece | Token | None:
        """Return the next active text or pragma; None when frame number ``floor`` ends.

        With ``floor`` 0, None is the end of the unit.
        """
        while self.frames and not self.stopped:
            frame = self.frames[-1]
            directives = frame.scanned.directives
            if frame.i < len(directives):
                start, name, rest, end = directives[frame.i]
                text_end = start
            else:
                start, name, rest, end = frame.end, "", frame.end, frame.end
                text_end = frame.end
            if frame.pos < text_end:
                pos = frame.pos
                frame.pos = text_end
                blank = _BLANK.match(frame.scanned.text, pos, text_end)
                if blank is not None and blank.end() < text_end:
                    return Piece(frame, pos, text_end)
            if frame.i >= len(directives):
                self._close_conditionals(frame)
                if len(self.frames) <= floor:
                    return None
                self.frames.pop()
                if self.events is not None and self.frames:
                    self.events.append((-1, self.frames[-1], "", self.frames[-1].pos))
                continue
            frame.i += 1
            frame.pos = min(end + 1, frame.end)
            pragma = self._directive(frame, start, name, rest, end)
            if pragma is not None:
                return pragma
        return None

    def pull(self) -> list[Token] | None:
        """Return more tokens of the current file, for an invocation that goes on."""
        piece = self.next_piece(self._pull_depth)
        if piece is None:
            return None
        return [piece] if isinstance(piece, Token) else piece.lex()

    def expand(self, tokens: list[Token], *, more: bool = True) -> list[Token]:
        """Replace the macros of a piece's tokens.

        ``more``: an invocation at its end may go on in the next piece.
        """
        self._pull_depth = len(self.frames)
        return self.expander.expand(tokens, self.pull if more else None)

    def materialize(self, name: str, body: str) -> Macro:
        """Make the Macro of a predefined one that was not used so far."""
        file = SourceFile("<built-in>", f"#define {name} {body}\n", system=True)
        macro = parse_define(file.text, 8, len(file.text) - 1, file)
        self.macros[name] = macro
        return macro

    def place(self, frame: Frame, start: int, end: int) -> Span:
        """Return the span of part of a directive."""
        return Span(frame.scanned.file, start, max(end, start + 1))

    def _close_conditionals(self, frame: Frame) -> None:
        for conditional in frame.conditionals:
            self.sink.error(
                "c-unterminated-if", "unterminated conditional directive", conditional.start
            )
        frame.conditionals.clear()

    # Directives

    def _directive(self, frame: Frame, start: int, name: str, rest: int, end: int) -> Token | None:
        """Carry out one directive in active text."""
        if name in _CONDITIONALS:
            self._conditional(frame, start, name, rest, end)
        elif name == "define":
            self._define(frame, rest, end)
        elif name == "undef":
            self._undef(frame, rest, end)
        elif name in ("include", "include_next", "import"):
            self._include(frame, name, start, rest, end)
        elif name == "pragma":
            return self._pragma(frame, start, rest, end)
        elif name in ("error", "warning"):
            text = " ".join(frame.scanned.text[rest:end].split())
            span = self._directive_span(frame, start, rest, end)
            if name == "error":
                self.sink.error("c-error-directive", text, span)
            else:
                self.sink.warning("#warnings", text, span, id="c-warning-directive")
        elif name == "line" or name.isdigit():
            self._line(frame, name, rest, end)
        elif name == "include_command" and frame.scanned.path == "":
            header = _HEADER.match(frame.scanned.text, rest)
            if header is not None:
                self._enter(header[2], "", self._directive_span(frame, start, rest, end))
        elif name in ("ident", "sccs", "assert", "unassert", ""):
            if name == "" and frame.scanned.text[rest:end].strip():
                self._invalid(frame, start, rest, end, name)
        else:
            self._invalid(frame, start, rest, end, name)
        return None

    def _directive_span(self, frame: Frame, start: int, rest: int, end: int) -> Span:
        """Return the span from a directive's name to the end of its operands."""
        text = frame.scanned.text
        begin = text.find("#", start, rest) + 1 or start
        while begin < rest and text[begin] in " \t":
            begin += 1
        stop = end
        while stop > rest and text[stop - 1] in " \t\f\v":
            stop -= 1
        return self.place(frame, begin, stop)

    def _invalid(self, frame: Frame, start: int, rest: int, end: int, name: str) -> None:
        span = self._directive_span(frame, start, rest, rest)
        fixits = []
        if len(name) > 2:
            import difflib  # only on an error

            close = difflib.get_close_matches(name, _DIRECTIVES, 1)
            if close:
                fixits.append(FixIt(close[0], span))
        message = "invalid preprocessing directive"
        if fixits:
            message += f", did you mean '#{fixits[0].text}'?"
        self.sink.error("c-bad-directive", message, span, fixits=fixits)

    def _extra(self, frame: Frame, directive: str, pos: int, end: int) -> None:
        """Warn about text behind the operands of a directive."""
        while pos < end and frame.scanned.text[pos] in " \t\f\v":
            pos += 1
        if pos < end:
            self.sink.warning(
                "extra-tokens",
                f"extra tokens at end of #{directive} directive",
                self.place(frame, pos, end),
            )

    def _define(self, frame: Frame, rest: int, end: int) -> None:
        scanned = frame.scanned
        try:
            macro = parse_define(scanned.text, rest, end, scanned.file)
        except MacroError as error:
            self.sink.error("c-bad-macro", str(error), self.place(frame, error.start, error.end))
            return
        old = self.macros.get(macro.name)
        if old is not None:
            self._redefine(macro, old)
        self.macros[macro.name] = macro
        if self.events is not None:
            self.events.append((0, frame, "#define " + macro.text(), macro.name_start))

    def _redefine(self, macro: Macro, old: Macro | str) -> None:
        if isinstance(old, str):
            old = self.materialize(macro.name, old)
        if old.builtin or old.file.name == "<built-in>":
            if old.builtin or not old.same_as(macro):
                self.sink.warning(
                    "builtin-macro-redefined", "redefining builtin macro", macro.span()
                )
        elif not old.same_as(macro):
            self.sink.warning(
                "macro-redefined",
                f"'{macro.name}' macro redefined",
                macro.span(),
                notes=[Note("previous definition is here", old.span())],
            )

    def _undef(self, frame: Frame, rest: int, end: int) -> None:
        match = _NAME.match(frame.scanned.text, rest, end)
        if match is None:
            self.sink.error("c-bad-macro", "macro name missing", self.place(frame, rest, end))
            return
        self._extra(frame, "undef", match.end(), end)
        old = self.macros.pop(match[1], None)
        if self.events is not None and old is not None:
            self.events.append((0, frame, "#undef " + match[1], match.start(1)))
        if isinstance(old, Macro) and old.builtin:
            self.sink.warning(
                "builtin-macro-redefined",
                "undefining builtin macro",
                self.place(frame, match.start(1), match.end(1)),
            )

    # Conditionals

    def _conditional(self, frame: Frame, start: int, name: str, rest: int, end: int) -> None:
        span = self._directive_span(frame, start, rest, rest)
        if name in ("if", "ifdef", "ifndef"):
            taken = self._condition(frame, name, span, rest, end)
            frame.conditionals.append(_Conditional(span, True, taken))
            if not taken:
                self._skip(frame)
            return
        if not frame.conditionals:
            self.sink.error("c-bad-directive", f"#{name} without #if", span)
            return
        conditional = frame.conditionals[-1]
        if name == "endif":
            self._extra(frame, name, rest, end)
            frame.conditionals.pop()
            return
        if conditional.else_seen:
            self.sink.error("c-bad-directive", f"#{name} after #else", span)
        # The branch before was active, so this one is not.
        conditional.else_seen = conditional.else_seen or name == "else"
        self._skip(frame)

    def _skip(self, frame: Frame) -> None:
        """Go to the directive that ends the inactive branch."""
        directives = frame.scanned.directives
        conditional = frame.conditionals[-1]
        depth = 0
        while frame.i < len(directives):
            start, name, rest, end = directives[frame.i]
            frame.i += 1
            frame.pos = min(end + 1, frame.end)
            if name not in _CONDITIONALS:
                continue
            if name in ("if", "ifdef", "ifndef"):
                depth += 1
            elif depth:
                if name == "endif":
                    depth -= 1
            elif name == "endif":
                self._extra(frame, name, rest, end)
                frame.conditionals.pop()
                return
            else:
                span = self._directive_span(frame, start, rest, rest)
                if conditional.else_seen:
                    self.sink.error("c-bad-directive", f"#{name} after #else", span)
                    continue
                if name == "else":
                    self._extra(frame, name, rest, end)
                    conditional.else_seen = True
                    if not conditional.taken:
                        conditional.taken = True
                        return
                elif not conditional.taken:
                    kind = {"elif": "if", "elifdef": "ifdef", "elifndef": "ifndef"}[name]
                    if self._condition(frame, kind, span, rest, end):
                        conditional.taken = True
                        return
        frame.pos = frame.end

    def _condition(self, frame: Frame, name: str, span: Span, rest: int, end: int) -> bool:
        """Return whether ``#if``, ``#ifdef`` or ``#ifndef`` holds."""
        text = frame.scanned.text
        if name != "if":
            match = _NAME.match(text, rest, end)
            if match is None:
                self.sink.error("c-bad-directive", "macro name missing", span)
                return False
            self._extra(frame, name, match.end(), end)
            return (match[1] in self.macros) == (name == "ifdef")
        simple = _DEFINED.match(text, rest, end)
        if simple is not None:
            return ((simple[2] or simple[3]) in self.macros) != (simple[1] == "!")
        tokens = lex(text, rest, end, frame.scanned.file)
        if not tokens:
            self.sink.error("c-bad-condition", "expected value in expression", span)
            return False
        try:
            return evaluate(self._expand_condition(tokens), self.place(frame, end, end), self.sink)
        except ConditionError as error:
            self.sink.error("c-bad-condition", str(error), error.span)
            return False

    def _expand_condition(self, tokens: list[Token]) -> list[Token]:
        """Replace macros and ``defined`` in the operand of ``#if``."""
        macros = self.macros
        self.builtins.in_condition = True
        macros["defined"] = self.builtins.defined
        try:
            return self.expander.expand(tokens)
        finally:
            del macros["defined"]
            self.builtins.in_condition = False

    # Files

    def _include(self, frame: Frame, directive: str, start: int, rest: int, end: int) -> None:
        text = frame.scanned.text
        span = self._directive_span(frame, start, rest, end)
        header = _HEADER.match(frame.scanned.file.text, rest, end)
        if header is not None and text[header.start() : header.end()].strip():
            name = header[1] if header[1] is not None else header[2]
            quoted = header[1] is None
            span = self.place(frame, header.end() - len(name) - 2, header.end())
            self._extra(frame, directive, header.end(), end)
        else:
            tokens = self.expander.expand(lex(text, rest, end, frame.scanned.file))
            found = header_name(tokens)
            if found is None:
                self.sink.error("c-bad-include", 'expected "FILENAME" or <FILENAME>', span)
                return
            name, quoted = found
        if not name:
            self.sink.error("c-bad-include", "empty filename", span)
            return
        first = -1
        if directive == "include_next":
            first = self.next_folder(frame)
        self._enter(
            name, frame.directory if quoted else None, span, first, frame.scanned.file.system,
            once=directive == "import",
        )  # fmt: skip

    def next_folder(self, frame: Frame) -> int:
        """Return the index in the search path behind the folder of this file."""
        if frame.folder >= 0:
            return frame.folder + 1
        for i, folder in enumerate(self.search.folders):
            if folder.shown == frame.directory:
                return i + 1
        return self.search.angled_from

    def _enter(
        self,
        name: str,
        directory: str | None,
        span: Span,
        first: int = -1,
        system: bool = False,
        *,
        once: bool = False,
    ) -> None:
        """Open a header, or say why not."""
        if self.kernel_macros and kernel_headers.plain_name(name) in kernel_headers.TWINS:
            return
        found = self.search.find(name, directory, first, system)
        if found is None and name.startswith("uapi/"):
            found = self.search.find(kernel_headers.plain_name(name), None)
        if found is None:
            self._missing(name, directory is not None, span)
            return
        path, shown, folder, is_system = found
        if path in self._once:
            return
        guard = self._guards.get(path)
        if guard and guard in self.macros:
            return
        self._includes += 1
        if len(self.frames) > INCLUDE_DEPTH or self._includes > INCLUDE_COUNT:
            self.sink.error(
                "c-include-depth",
                f"#include nested too deeply: more than {INCLUDE_DEPTH} files are open"
                if len(self.frames) > INCLUDE_DEPTH
                else f"more than {INCLUDE_COUNT} files were included",
                span,
            )
            self.stopped = True
            return
        if shown.startswith("./") and len(shown) > 2:
            shown = shown[2:]
        try:
            scanned = read(path, shown, is_system)
        except OSError as error:
            self.sink.error("c-missing-header", f"cannot read '{path}': {error.strerror}", span)
            return
        if once:
            self._once.add(path)
        if scanned.guard:
            self._guards[path] = scanned.guard
        if path not in self._known_files:
            self._known_files.add(path)
            self.dependencies.append(Dependency(path, shown, is_system))
        self.frames.append(Frame(scanned, folder, False))
        if self.events is not None:
            self.events.append((1, self.frames[-1], "", 0))

    def _missing(self, name: str, quoted: bool, span: Span) -> None:
        """A header that does not exist: the kernel's own are served from BTF."""
        if self.options.kernel_types and self._serve_kernel_types(name):
            self.kernel_header = self.kernel_header or (name, span)
            return
        self.dependencies.append(Dependency(name, name, not quoted, missing=True))
        if self.options.missing_ok:
            return
        notes = [Note(text) for text in kernel_headers.advice(name, self.search)]
        self.sink.error("c-missing-header", f"'{name}' file not found", span, notes=notes)

    def serves(self, name: str) -> bool:
        """Whether a header that does not exist would be served from the kernel's types."""
        return self.options.kernel_types and (
            os.path.basename(name) == "vmlinux.h" or kernel_headers.is_known(name)
        )

    def _serve_kernel_types(self, name: str) -> bool:
        """Turn to the kernel's types if the header is one of the kernel's."""
        if os.path.basename(name) == "vmlinux.h":
            self.kernel_types = True
            if "BPF_NO_PRESERVE_ACCESS_INDEX" not in self.macros:
                self.kernel_core = True
            self.macros.setdefault("__VMLINUX_H__", "")
            return True
        if kernel_headers.is_known(name):
            lines = self._kernel_lines()
            if lines:
                environment = Scanned(SourceFile("<kernel>", "\n".join(lines) + "\n"), "")
                self.frames.append(Frame(environment, -1, False))
            return True
        return False

    # Other directives

    def _line(self, frame: Frame, name: str, rest: int, end: int) -> None:
        """``#line N "file"`` (C17 6.10.4) and line markers ``# N "file" flags``."""
        file = frame.scanned.file
        tokens = lex(frame.scanned.text, rest, end, file)
        if name == "line":
            tokens = self.expander.expand(tokens)
            number = tokens.pop(0).text if tokens else ""
        else:
            number = name
        digits = number.rstrip("uUlL")
        if not digits.isdecimal() or len(digits) > 10:
            self.sink.error(
                "c-bad-line",
                "#line directive requires a positive integer argument",
                self.place(frame, rest, end),
            )
            return
        shown = file.presumed(end)[0]
        if tokens:
            if tokens[0].kind != "str" or tokens[0].text[0] != '"':
                self.sink.error(
                    "c-bad-line", "invalid filename for #line directive", tokens[0].span()
                )
                return
            shown = tokens[0].text[1:-1].replace("\\\\", "\\").replace('\\"', '"')
        start = min(end + 1, len(file.text))
        entries = file.line_map
        if not entries or entries[-1][0] < start:
            entries.append((start, int(digits), shown))

    def _pragma(self, frame: Frame, start: int, rest: int, end: int) -> Token | None:
        text = frame.scanned.text[rest:end].strip()
        span = self._directive_span(frame, start, rest, end)
        at = rest
        while at < end and frame.scanned.text[at] in " \t":
            at += 1
        token = Token("pragma", text, frame.scanned.file, at, False, True)
        return self.run_pragma(token, frame, span)

    def run_pragma(self, token: Token, frame: Frame | None, span: Span) -> Token | None:
        """Carry out a pragma of the preprocessor; return the others, to be kept as tokens."""
        words = token.text.split(None, 2)
        first = words[0] if words else ""
        second = words[1] if len(words) > 1 else ""
        if first == "once":
            if frame is not None and not frame.main:
                self._once.add(frame.scanned.path)
            return None
        if first in ("push_macro", "pop_macro") or first.startswith(("push_macro(", "pop_macro(")):
            match = re.search(r"\(\s*\"([^\"]*)\"\s*\)", token.text)
            if match is None:
                self.sink.error(
                    "c-bad-pragma", f"pragma {first.split('(')[0]} requires a string", span
                )
            elif first.startswith("push"):
                self._pushed.setdefault(match[1], []).append(self.macros.get(match[1]))
            elif self._pushed.get(match[1]):
                old = self._pushed[match[1]].pop()
                if old is None:
                    self.macros.pop(match[1], None)
                else:
                    self.macros[match[1]] = old
            return None
        if first in ("GCC", "clang") and second in ("error", "warning"):
            message = words[2].strip() if len(words) > 2 else ""
            message = message.strip("()").strip().strip('"').replace('\\"', '"')
            if second == "error":
                self.sink.error("c-error-directive", message, span)
            else:
                self.sink.warning("#pragma-messages", message, span, id="c-warning-directive")
            return None
        if first == "message" or first.startswith("message("):
            match = re.search(r"\"((?:[^\"\\]|\\.)*)\"", token.text)
            if match is not None:
                self.sink.warning("#pragma-messages", match[1], span, id="c-warning-directive")
            return None
        if (first in ("GCC", "clang") and second == "system_header") or first == "system_header":
            return None
        if (
            first in ("unroll", "nounroll", "pack")
            or (second in ("loop", "unroll") and first in ("clang", "GCC"))
            or first.startswith(("unroll(", "pack("))
        ):
            tokens = lex(token.text, 0, len(token.text), token.file)
            for t in tokens:
                t.start = token.start
            expanded = self.expander.expand(tokens)
            if expanded is not tokens:
                token.text = "".join(
                    (" " if t.space and i else "") + t.text for i, t in enumerate(expanded)
                )
        return token


def header_name(tokens: list[Token]) -> tuple[str, bool] | None:
    """Read a header name that macros made: (name, quoted) or None (C17 6.10.2p4)."""
    if not tokens:
        return None
    if tokens[0].kind == "str" and tokens[0].text[0] == '"':
        return tokens[0].text[1:-1], True
    if tokens[0].text != "<":
        return None
    parts: list[str] = []
    for t in tokens[1:]:
        if t.text == ">":
            return "".join(parts).strip(), False
        parts.append((" " if t.space and parts else "") + t.text)
    return None


def preprocess(source: SourceFile, options: COptions, sink: Sink) -> Preprocessed:
    """Run phases 1 to 4 over a translation unit.

    Args:
        source: the main file.
        options: include folders, macros of the command line, target.
        sink: takes the diagnostics; after an error reading goes on.

    Returns:
        The external declarations in order, their index, the files read.
    """
    unit = Preprocessor(source, options, sink)
    splitter = Splitter(unit)
    splitter.run()
    result = Preprocessed()
    result.chunks = splitter.chunks
    result.index = splitter.index
    result.dependencies = unit.dependencies
    result.macros = unit.macros
    result.kernel_types = unit.kernel_types
    result.kernel_core = unit.kernel_core
    result.kernel_header = unit.kernel_header
    return result
