"""Assembly text with sections and symbols to an object: the other way of ``asm_text``.

A text without such directives is one function. Sections of types and debug information, which
compilers write, are passed over. What is in code sections is read by ``isa.asm``, one
function at a time, so labels belong to their function; what is in data sections is read here.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator

from ..isa.asm import assemble
from ..isa.disasm import target_slot
from ..isa.insn import CALL, JMP, LD_IMM64, PSEUDO_CALL, PSEUDO_FUNC, slot_starts
from ..objfile.model import (
    DataReloc,
    DataSection,
    DataSymbol,
    Extern,
    Function,
    Linkage,
    Object,
    Reloc,
    RelocKind,
)
from ..support.diagnostics import Diagnostic, Severity
from ..support.errors import InputError
from ..support.source import SourceFile, Span

_NAME = r'(?:"(?:[^"\\\n]|\\.)*"|[A-Za-z_.$?][\w.$/?-]*)'
_SYMBOL = r'(?:"(?:[^"\\\n]|\\.)*"|[A-Za-z_.$][\w.$]*)'
_DIRECTIVE = re.compile(r"[ \t]*(\.[a-z_0-9]+)\b[ \t]*")
_LABEL = re.compile(rf"[ \t]*({_NAME})[ \t]*:")
_WORD = re.compile(rf"[ \t]*({_NAME})[ \t]*")
_COMMENT = re.compile(r'"(?:[^"\\\n]|\\.)*"|(#[^\n]*|//[^\n]*|/\*.*?\*/)', re.DOTALL)
_VALUE = re.compile(
    rf"[ \t]*(?:(-?(?:0[xX][0-9a-fA-F]+|\d+))|({_SYMBOL})[ \t]*([+-][ \t]*\d+)?)[ \t]*"
)
_STRING = re.compile(r'[ \t]*"((?:[^"\\\n]|\\.)*)"[ \t]*')
_SIZES = {
    ".byte": 1, ".2byte": 2, ".short": 2, ".hword": 2, ".half": 2,
    ".4byte": 4, ".long": 4, ".int": 4, ".word": 4, ".8byte": 8, ".quad": 8,
}  # fmt: skip
_ZERO = (".zero", ".skip", ".space")
_TEXTS = {".ascii": b"", ".asciz": b"\0", ".string": b"\0"}
_IGNORED = frozenset({".file", ".ident", ".loc", ".addrsig", ".addrsig_sym", ".local", ".set"})
_SKIPPED = (".debug", ".BTF", ".llvm", ".note", ".eh_frame", ".comment")
_SECTIONS = {".text": ".text", ".data": ".data", ".bss": ".bss", ".rodata": ".rodata"}
# Directives that make a text one of several functions.
_OBJECT = frozenset(
    {".section", ".globl", ".global", ".weak", ".hidden", ".type", ".size", ".extern", *_SECTIONS}
)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "b": "\b"}


class _Wrong(Exception):
    """A directive that cannot be read, at characters ``start`` to ``end``."""

    def __init__(self, message: str, start: int, end: int) -> None:
        super().__init__(message)
        self.start = start
        self.end = end


def read_assembly(
    text: str,
    *,
    name: str = "<asm>",
    function: str = "main",
    section: str = ".text",
    big_endian: bool = False,
    split: bool = True,
) -> Object:
    """Return the object of ``text``.

    Args:
        text: assembly.
        name: file name for messages.
        function: name of the function of a text that names none.
        section: its section.
        big_endian: byte order of the object.
        split: make a function of each label that is called; else the calls are distances.

    Raises: InputError with a diagnostic (id "bpf-asm") for every line that cannot be read.
    """
    return _Reader(SourceFile(name, text), function, section, big_endian, split).run()


class _Symbol:
    __slots__ = ("is_function", "is_global", "is_hidden", "is_object", "is_weak", "size")

    def __init__(self) -> None:
        self.is_global = self.is_weak = self.is_hidden = False
        self.is_function = self.is_object = False
        self.size = 0

    @property
    def linkage(self) -> Linkage:
        if self.is_weak:
            return Linkage.WEAK_HIDDEN if self.is_hidden else Linkage.WEAK
        if self.is_global:
            return Linkage.HIDDEN if self.is_hidden else Linkage.GLOBAL
        return Linkage.LOCAL


class _Reader:
    def __init__(
        self, source: SourceFile, function: str, section: str, big_endian: bool, split: bool
    ) -> None:
        self.split = split
        self.source = source
        self.text = _without_comments(source.text)
        self.obj = Object(source.name)
        self.obj.big_endian = big_endian
        self.order = "big" if big_endian else "little"
        self.default = function, section
        self.section = section
        self.code = True  # the current section holds code
        self.skipping = False
        self.data: DataSection | None = None
        self.symbols: dict[str, _Symbol] = {}
        self.pieces: list[tuple[str, str, int, int]] = []  # function, section, start, end
        self.externs: list[str] = []
        self.defined: set[str] = set()
        self.blanks: list[tuple[int, int]] = []
        self.errors: list[Diagnostic] = []

    def run(self) -> Object:
        lines = list(self._lines())
        self._declare(lines)
        begun: tuple[str, str, int] | None = None
        for start, end in lines:
            try:
                begun = self._line(start, end, begun)
            except _Wrong as wrong:
                self._error(wrong)
        self._finish(begun, len(self.text))
        for piece in self.pieces:
            self._assemble(*piece)
        self._add_externs()
        if self.errors:
            self.errors.sort(key=lambda one: one.span.start if one.span is not None else 0)
            raise InputError(self.errors[0].message, self.errors)
        return self.obj

    def _error(self, wrong: _Wrong) -> None:
        span = Span(self.source, wrong.start, max(wrong.end, wrong.start + 1))
        self.errors.append(Diagnostic("bpf-asm", Severity.ERROR, str(wrong), span))

    def _lines(self) -> Iterator[tuple[int, int]]:
        start = 0
        for line in self.text.split("\n"):
            yield start, start + len(line)
            start += len(line) + 1

    # --- symbols ---------------------------------------------------------------------------

    def _symbol(self, name: str) -> _Symbol:
        return self.symbols.setdefault(name, _Symbol())

    def _declare(self, lines: list[tuple[int, int]]) -> None:
        """Read what is said of symbols, which may stand anywhere."""
        for start, end in lines:
            found = _DIRECTIVE.match(self.text, start, end)
            if found is None:
                continue
            word, at = found[1], found.end()
            if word in (".globl", ".global", ".weak", ".hidden", ".extern"):
                for name in self._names(at, end):
                    symbol = self._symbol(name)
                    symbol.is_global |= word in (".globl", ".global")
                    symbol.is_weak |= word == ".weak"
                    symbol.is_hidden |= word == ".hidden"
                    if word in (".extern", ".weak"):
                        self.externs.append(name)
            elif word == ".type":
                name, at = self._word(at, end)
                kind = self.text[at:end].lstrip(" \t,@%").strip()
                self._symbol(name).is_function = kind in ("function", "STT_FUNC")
                self._symbol(name).is_object = kind in ("object", "STT_OBJECT")
            elif word == ".size":
                name, at = self._word(at, end)
                value = self.text[at:end].lstrip(" \t,").strip()
                if value.isdigit():
                    self._symbol(name).size = int(value)

    def _word(self, at: int, end: int) -> tuple[str, int]:
        found = _WORD.match(self.text, at, end)
        if found is None:
            return "", end
        return _plain(found[1]), found.end()

    def _names(self, at: int, end: int) -> Iterator[str]:
        while at < end:
            name, at = self._word(at, end)
            if name:
                yield name
            if self.text[at : at + 1] != ",":
                return
            at += 1

    # --- lines -----------------------------------------------------------------------------

    def _line(
        self, start: int, end: int, begun: tuple[str, str, int] | None
    ) -> tuple[str, str, int] | None:
        """Read one line; return the function that is open after it: name, section, start."""
        found = _DIRECTIVE.match(self.text, start, end)
        if self.skipping and (found is None or found[1] not in (".section", *_SECTIONS)):
            return None
        if found is not None and self.text[found.end() : found.end() + 1] != ":":
            word, at = found[1], found.end()
            if word == ".section" or word in _SECTIONS:
                self._finish(begun, start)
                self._enter(word, at, end)
                return None
            if word in _OBJECT or word in _IGNORED or word.startswith(".cfi_"):
                self._blank(start, end)
                return begun
            if word in (".p2align", ".align", ".balign"):
                self._align(word, at, end)
                self._blank(start, end)
                return begun
            if not self.code:
                self._directive(word, at, end)
                return None
            return begun or self._implicit(start)
        if self.code:
            return self._code_line(start, end, begun)
        self._data_line(start, end)
        return None

    def _code_line(
        self, start: int, end: int, begun: tuple[str, str, int] | None
    ) -> tuple[str, str, int] | None:
        label = _LABEL.match(self.text, start, end)
        name = _plain(label[1]) if label is not None else ""
        if label is not None and self._starts(name, begun):
            self._finish(begun, start)
            self._define(name, label)
            self._blank(start, label.end())
            return name, self.section, start
        if begun is None and self.text[start:end].strip():
            return self._implicit(start)
        return begun

    def _define(self, name: str, label: re.Match[str]) -> None:
        if name in self.defined:
            raise _Wrong(f"label '{name}' is defined twice", label.start(1), label.end(1))
        self.defined.add(name)

    def _starts(self, name: str, begun: tuple[str, str, int] | None) -> bool:
        """Tell whether a label in code begins a function."""
        symbol = self.symbols.get(name)
        return symbol is not None and (symbol.is_function or symbol.is_global or symbol.is_weak)

    def _implicit(self, start: int) -> tuple[str, str, int]:
        name, section = self.default
        if any(piece[0] == name for piece in self.pieces):
            raise _Wrong("code before the label of a function (.type NAME,@function)", start, start)
        self._symbol(name).is_global = True
        return name, self.section if self.section != ".text" else section, start

    def _finish(self, begun: tuple[str, str, int] | None, end: int) -> None:
        if begun is not None:
            self.pieces.append((*begun, end))

    def _blank(self, start: int, end: int) -> None:
        """Note that these characters are none of the function's."""
        self.blanks.append((start, end))

    def _enter(self, word: str, at: int, end: int) -> None:
        name = _SECTIONS.get(word, "")
        rest = self.text[at:end]
        if not name:
            name, after = self._word(at, end)
            if not name:
                raise _Wrong("a section needs a name", at, end)
            rest = self.text[after:end]
        flags = re.match(r'[ \t,]*"([a-zA-Z]*)"', rest)
        letters = flags[1] if flags is not None else ""
        self.section = name
        self.skipping = name.startswith(_SKIPPED)
        if self.skipping:
            return
        self.code = (
            "x" in letters or name == ".text" or (not letters and name in self._code_names())
        )
        if self.code:
            self.data = None
            return
        if name not in self.obj.data:
            nobits = "@nobits" in rest or "%nobits" in rest or (not letters and name == ".bss")
            readonly = "w" not in letters if letters else name.startswith(".rodata")
            self.obj.data[name] = DataSection(
                name, bytearray(), 1, nobits=nobits, readonly=readonly
            )
        self.data = self.obj.data[name]

    def _code_names(self) -> set[str]:
        return {piece[1] for piece in self.pieces}

    def _align(self, word: str, at: int, end: int) -> None:
        value = self.text[at:end].split(",")[0].strip()
        if not value.isdigit() or int(value) > (16 if word == ".p2align" else 1 << 16):
            raise _Wrong(f"an alignment is a small number, not '{value}'", at, end)
        if self.data is None:
            return
        align = 1 << int(value) if word == ".p2align" else max(int(value), 1)
        self.data.align = max(self.data.align, align)
        while len(self.data.data) % align:
            self.data.data.append(0)

    # --- data ------------------------------------------------------------------------------

    def _data_line(self, start: int, end: int) -> None:
        data = self.data
        assert data is not None
        at = start
        label = _LABEL.match(self.text, at, end)
        while label is not None:
            name = _plain(label[1])
            self._define(name, label)
            symbol = self._symbol(name)
            data.symbols.append(DataSymbol(name, len(data.data), symbol.size, symbol.linkage))
            at = label.end()
            label = _LABEL.match(self.text, at, end)
        found = _DIRECTIVE.match(self.text, at, end)
        if found is not None:
            self._directive(found[1], found.end(), end)
        elif self.text[at:end].strip():
            raise _Wrong(f"section {data.name} holds data, no instructions", at, end)

    def _directive(self, word: str, at: int, end: int) -> None:
        data = self.data
        assert data is not None
        if word in _SIZES:
            self._values(data, _SIZES[word], at, end)
        elif word in _ZERO:
            value = self.text[at:end].split(",")[0].strip()
            if not value.isdigit() or int(value) > 1 << 30:
                raise _Wrong(f"a number of bytes, not '{value}'", at, end)
            data.data += bytes(int(value))
        elif word in _TEXTS:
            found = _STRING.match(self.text, at, end)
            if found is None or found.end() != end:
                raise _Wrong("one string in double quotes", at, end)
            data.data += _unescape(found[1]) + _TEXTS[word]
        else:
            raise _Wrong(f"unknown directive '{word}'", at - len(word), end)

    def _values(self, data: DataSection, size: int, at: int, end: int) -> None:
        bits = size * 8
        while True:
            found = _VALUE.match(self.text, at, end)
            if found is None:
                raise _Wrong("a number or a symbol", at, end)
            if found[1] is not None:
                value = int(found[1], 0)
                if not -(1 << bits - 1) <= value < 1 << bits:
                    raise _Wrong(f"{value} does not fit in {bits} bits", *found.span(1))
                masked = value & (1 << bits) - 1
                data.data += masked.to_bytes(size, self.order)  # type: ignore[arg-type]
            else:
                if size != 8:
                    raise _Wrong("an address takes 8 bytes: .8byte", *found.span(2))
                addend = int((found[3] or "0").replace(" ", "").replace("\t", ""))
                data.relocs.append(DataReloc(len(data.data), _plain(found[2]), addend))
                data.data += bytes(8)
            at = found.end()
            if at >= end:
                return
            if self.text[at] != ",":
                raise _Wrong(f"unexpected '{self.text[at:end].strip()}'", at, end)
            at += 1

    # --- code ------------------------------------------------------------------------------

    def _assemble(self, name: str, section: str, start: int, end: int) -> None:
        parts = [" " * start]  # places are those in the whole text
        at = start
        first = bisect_left(self.blanks, (start, 0))
        for blank_start, blank_end in self.blanks[first : bisect_left(self.blanks, (end, 0))]:
            parts += [self.text[at:blank_start], " " * (blank_end - blank_start)]
            at = blank_end
        masked = "".join([*parts, self.text[at:end]])
        try:
            made = assemble(masked, source=self.source, big_endian=self.obj.big_endian)
        except InputError as error:
            self.errors += error.diagnostics
            return
        relocs = [
            Reloc(
                reloc.slot,
                RelocKind.CALL if reloc.kind == "call" else RelocKind.DATA,
                reloc.symbol,
                reloc.addend,
            )
            for reloc in made.relocs
        ]
        linkage = self._symbol(name).linkage
        whole = Function(name, section, made.insns, linkage=linkage, relocs=relocs)
        labels = {slot: label for label, slot in reversed(made.labels.items())}
        try:
            self.obj.functions += split_function(whole, labels) if self.split else [whole]
        except InputError as error:
            self._error(_Wrong(str(error), start, start))

    def _add_externs(self) -> None:
        """Symbols that are used and nowhere defined are the loader's to find."""
        known = {function.name for function in self.obj.functions} | set(self.obj.data)
        used = list(self.externs)
        for function in self.obj.functions:
            used += [reloc.symbol for reloc in function.relocs]
        for data in self.obj.data.values():
            known |= {symbol.name for symbol in data.symbols}
            used += [reloc.symbol for reloc in data.relocs]
        for name in dict.fromkeys(used):
            if name not in known:
                weak = self._symbol(name).is_weak
                self.obj.externs.append(Extern(name, ".ksyms", weak=weak, btf=None))


def split_function(function: Function, labels: dict[int, str]) -> list[Function]:
    """Return ``function`` cut where its calls and function addresses lead; ``labels`` name places.

    Raises: InputError when a jump leads from one part into another.
    """
    starts = slot_starts(function.insns)
    relocated = {reloc.slot for reloc in function.relocs}
    refers: dict[int, int] = {}  # slot of a call or load -> slot that it leads to
    for slot, insn in zip(starts, function.insns):
        is_call = insn.opcode == JMP | CALL and insn.src == PSEUDO_CALL
        is_address = insn.opcode == LD_IMM64 and insn.src == PSEUDO_FUNC
        if (is_call or is_address) and slot not in relocated:
            low = insn.imm & 0xFFFFFFFF
            refers[slot] = slot + 1 + low - ((low & 0x80000000) << 1)
    cuts = sorted({0, *(target for target in refers.values() if target in starts[:-1])})
    if len(cuts) == 1 and not refers:
        return [function]
    names = {cut: labels.get(cut) or f"{function.name}.{cut}" for cut in cuts}
    names[0] = function.name
    parts = [
        Function(
            names[cut], function.section, [], linkage=Linkage.LOCAL if cut else function.linkage
        )
        for cut in cuts
    ]
    for slot, insn in zip(starts, function.insns):
        k = bisect_right(cuts, slot) - 1
        target = target_slot(insn, slot)
        if slot in refers and refers[slot] in names:
            kind = RelocKind.CALL if insn.opcode == JMP | CALL else RelocKind.DATA
            parts[k].relocs.append(Reloc(slot - cuts[k], kind, names[refers[slot]]))
            insn = insn.copy()
            insn.imm, insn.src = (-1, PSEUDO_CALL) if kind is RelocKind.CALL else (0, 0)
        elif target is not None and bisect_right(cuts, target) - 1 != k and slot not in relocated:
            raise InputError(f"a jump leads from '{names[cuts[k]]}' into another function")
        parts[k].insns.append(insn)
    for reloc in function.relocs:
        k = bisect_right(cuts, reloc.slot) - 1
        reloc.slot -= cuts[k]
        parts[k].relocs.append(reloc)
    return parts


def _without_comments(text: str) -> str:
    """Return the text with comments as spaces; strings stay, and so do all places."""
    blank: Callable[[re.Match[str]], str] = lambda found: (
        found[0] if found[1] is None else re.sub(r"[^\n]", " ", found[0])
    )
    return _COMMENT.sub(blank, text)


def _unescape(text: str) -> bytes:
    """Return the bytes of a string's inside: UTF-8, and what its escapes say."""

    def one(found: re.Match[str]) -> str:
        word = found[1]
        if word[0] == "x" and len(word) > 1:
            return chr(int(word[1:], 16) & 0xFF)
        if word[0] in "01234567":
            return chr(int(word, 8) & 0xFF)
        return _ESCAPES.get(word, word)

    raw = text.encode("utf-8", "replace").decode("latin-1")
    return re.sub(r"\\(x[0-9a-fA-F]+|[0-7]{1,3}|.)", one, raw).encode("latin-1")


def _plain(name: str) -> str:
    if not name.startswith('"'):
        return name
    return _unescape(name[1:-1]).decode("utf-8", "replace")
