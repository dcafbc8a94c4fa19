"""Assembler: text to instructions, in the two syntaxes that are in use.

    LLVM (clang's inline assembly, llvm-mc, kernel selftests)  r1 = *(u64 *)(r2 + 8)
    mnemonics (ubpf, the public conformance suite, GNU as)     ldxdw %r1, [%r2+8]

The syntax is told by each statement; registers may carry a ``%`` in both. Statements end at a
newline or ``;``, comments are ``//``, ``#`` and ``/* */``; a label stands on its own line or before
an instruction; ``1:`` with ``1b``/``1f`` works as in GNU as. Immediates are constant expressions.
Jumps take a label or a distance in slots (``+3``, ``pc+3``). ``r1 = name ll`` and ``call name`` of
a name that is no label become relocations.

A statement that cannot be read is a diagnostic with line and column; the rest is still read, and
``InputError`` carries all of them.
"""

from __future__ import annotations

import re

from ..support.diagnostics import Diagnostic, Severity
from ..support.errors import InputError
from ..support.source import SourceFile, Span
from . import insn as _i
from . import table as _t
from .insn import Insn, decode
from .table import Row, by_name

_TOKEN = re.compile(
    r"(?P<space>[ \t\r\f\v]+|//[^\n]*|\#[^\n]*|/\*.*?\*/)"
    r"|(?P<end>[\n;])"
    r"|(?P<reg>%?[rw](?:[0-9]|1[0-5])\b(?!\s*:))"
    r"|(?P<num>0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO][0-7]+|\d+)(?P<suffix>[A-Za-z_]\w*)?"
    r"|(?P<name>[A-Za-z_.$][\w.$]*)"
    r"|(?P<op><<=|>>=|[-+*/%&|^]=|==|!=|<=|>=|<<|>>|[-+*/%&|^~<>=(),:\[\]!])",
    re.DOTALL,
)
_INT_SUFFIXES = frozenset({"u", "ul", "ull", "l", "ll", "lu", "llu"})
_SIZES = {"u8": 1, "u16": 2, "u32": 4, "u64": 8, "s8": 1, "s16": 2, "s32": 4, "s64": 8}
_ALU_BY_SIGN = {sign + "=": name for name, _, sign in _t.ALU_OPS}
_ALU_BY_SIGN["s/="], _ALU_BY_SIGN["s%="] = "sdiv", "smod"
_JUMP_BY_SIGN = {sign: name for name, _, sign, _ in _t.JUMP_OPS}
_ATOMIC_BY_SIGN = {sign + "=": name for name, _, sign in _t.ATOMIC_OPS}
_LDDW_PSEUDO = {row.op: row for row in _t.ROWS if row.kind == _t.LDDW and row.op != "imm"}
_LOCAL_LABEL = re.compile(r"(\d+)([bf])\Z")


class AsmReloc:
    """The instruction at ``slot`` wants the address of ``symbol`` + ``addend``.

    ``kind`` is "data" for a wide load and "call" for a call.
    """

    __slots__ = ("addend", "kind", "slot", "symbol")

    def __init__(self, slot: int, kind: str, symbol: str, addend: int = 0) -> None:
        self.slot = slot
        self.kind = kind
        self.symbol = symbol
        self.addend = addend


class Assembly:
    """What a text assembled to.

    ``labels``: name -> slot. ``lines``: the source line (from 1) of each instruction.
    """

    __slots__ = ("insns", "labels", "lines", "relocs")

    def __init__(self) -> None:
        self.insns: list[Insn] = []
        self.labels: dict[str, int] = {}
        self.relocs: list[AsmReloc] = []
        self.lines: list[int] = []


class _Bad(Exception):
    """A statement that cannot be read, at a token."""

    def __init__(self, message: str, start: int, end: int) -> None:
        super().__init__(message)
        self.start = start
        self.end = end


class _Token:
    __slots__ = ("end", "kind", "start", "text", "value")

    def __init__(self, kind: str, text: str, start: int, end: int, value: int = 0) -> None:
        self.kind = kind
        self.text = text
        self.start = start
        self.end = end
        self.value = value


class _Reference:
    """A label that the instruction numbered ``index`` names, to be resolved at the end."""

    __slots__ = ("field", "index", "label", "token")

    def __init__(self, index: int, field: str, label: str, token: _Token) -> None:
        self.index = index
        self.field = field
        self.label = label
        self.token = token


def assemble(text: str, *, name: str = "<asm>", source: SourceFile | None = None) -> Assembly:
    """Assemble ``text``.

    Args:
        text: statements in either syntax.
        name: file name for messages.
        source: the file itself, when ``text`` is its whole text.

    Raises: InputError with a diagnostic (id "bpf-asm") for every statement that cannot be read.
    """
    return _Assembler(source or SourceFile(name, text), text).run()


def assemble_insns(text: str) -> list[Insn]:
    """Assemble a text that needs no relocation; Raises: InputError also when it does."""
    result = assemble(text)
    if result.relocs:
        raise InputError(f"undefined symbol '{result.relocs[0].symbol}'")
    return result.insns


class _Assembler:
    """One run over one text: splits statements, reads each, then resolves labels."""

    def __init__(self, source: SourceFile, text: str) -> None:
        self.source = source
        self.text = text
        self.out = Assembly()
        self.slot = 0
        self.slots: list[int] = []  # of each instruction
        self.references: list[_Reference] = []
        self.local_labels: dict[str, list[int]] = {}
        self.errors: list[Diagnostic] = []
        self.raw: list[tuple[int, _Token]] = []  # words waiting to become instructions
        self.tokens: list[_Token] = []
        self.pos = 0

    # --- driving ---------------------------------------------------------------------------

    def run(self) -> Assembly:
        statement: list[_Token] = []
        for token in self._scan():
            if token.kind != "end":
                statement.append(token)
                continue
            if statement:
                self._statement(statement)
                statement = []
        self._flush_raw()
        self._resolve()
        if self.errors:
            raise InputError(self.errors[0].message, self.errors)
        return self.out

    def _error(self, message: str, start: int, end: int) -> None:
        span = Span(self.source, start, max(end, start + 1))
        self.errors.append(Diagnostic("bpf-asm", Severity.ERROR, message, span))

    def _scan(self) -> list[_Token]:
        tokens = []
        text, pos, end = self.text, 0, len(self.text)
        match = _TOKEN.match
        while pos < end:
            found = match(text, pos)
            if found is None:
                self._error(f"unexpected character {text[pos]!r}", pos, pos + 1)
                stop = text.find("\n", pos)
                pos = end if stop < 0 else stop
                tokens.append(_Token("bad", "", pos, pos))
                continue
            kind = found.lastgroup or ""
            start, pos = pos, found.end()
            if kind == "suffix":
                kind = "num"
            if kind == "num":
                word = found.group("num")
                suffix = (found.group("suffix") or "").lower()
                if suffix in ("b", "f") and word.isdigit():
                    tokens.append(_Token("name", found.group(), start, pos))
                    continue
                if suffix and suffix not in _INT_SUFFIXES:
                    self._error(f"malformed number '{found.group()}'", start, pos)
                    tokens.append(_Token("bad", "", pos, pos))
                    continue
                tokens.append(_Token(kind, found.group(), start, pos, _number(word)))
            elif kind == "reg":
                word = found.group()
                tokens.append(_Token(kind, word, start, pos, int(word.lstrip("%")[1:])))
            elif kind != "space":
                tokens.append(_Token(kind, found.group(), start, pos))
        tokens.append(_Token("end", "\n", end, end))
        return tokens

    def _statement(self, tokens: list[_Token]) -> None:
        if any(token.kind == "bad" for token in tokens):
            return
        self.tokens = tokens
        self.pos = 0
        tail = tokens[-1]
        tokens.append(_Token("end", "end of statement", tail.end, tail.end))
        try:
            while tokens[self.pos].kind in ("name", "num") and tokens[self.pos + 1].text == ":":
                self._label(tokens[self.pos])
                self.pos += 2
            if tokens[self.pos].kind != "end":
                self._instruction()
                if self._peek().kind != "end":
                    token = self._peek()
                    raise _Bad(f"unexpected '{token.text}'", token.start, token.end)
        except _Bad as bad:
            self._error(str(bad), bad.start, bad.end)

    def _label(self, token: _Token) -> None:
        self._flush_raw()
        if token.kind == "num":
            self.local_labels.setdefault(token.text, []).append(self.slot)
        elif token.text in self.out.labels:
            raise _Bad(f"label '{token.text}' is defined twice", token.start, token.end)
        else:
            self.out.labels[token.text] = self.slot

    def _emit(self, row: Row, dst: int = 0, src: int = 0, off: int = 0, imm: int = 0) -> Insn:
        self._flush_raw()
        insn = Insn(row.opcode, dst, src, off, imm)
        if row.select is not None:
            setattr(insn, row.select[0], row.select[1])
        self._append(insn, self.tokens[0].start)
        return insn

    def _append(self, insn: Insn, start: int) -> None:
        self.out.insns.append(insn)
        self.out.lines.append(self.source.line_col(start)[0])
        self.slots.append(self.slot)
        self.slot += insn.slots

    def _flush_raw(self) -> None:
        """Turn the raw words since the last instruction into instructions."""
        if not self.raw:
            return
        words = self.raw
        self.raw = []
        data = b"".join(word.to_bytes(8, "little") for word, _ in words)
        number = 0
        for insn in decode(data):
            token = words[number][1]
            if insn.opcode == _i.LD_IMM64:
                if number + 1 == len(words):
                    self._error("wide load lacks its second word", token.start, token.end)
                elif words[number + 1][0] & 0xFFFFFFFF:
                    after = words[number + 1][1]
                    self._error(
                        "the second word of a wide load has only its upper 32 bits",
                        after.start,
                        after.end,
                    )
            self._append(insn, token.start)
            number += insn.slots

    def _resolve(self) -> None:
        labels = self.out.labels
        for ref in self.references:
            slot = self.slots[ref.index]
            insn = self.out.insns[ref.index]
            target = self._find(ref, slot)
            token = ref.token
            if target is None and ref.field in ("call", "lddw"):
                kind = "call" if ref.field == "call" else "data"
                self.out.relocs.append(AsmReloc(slot, kind, ref.label, insn.imm))
                insn.imm = -1 if kind == "call" else insn.imm & 0xFFFFFFFFFFFFFFFF
                continue
            if target is None:
                self._error(f"undefined label '{ref.label}'", token.start, token.end)
                continue
            delta = target - slot - 1
            if ref.field == "off":
                if not -0x8000 <= delta <= 0x7FFF:
                    self._error(
                        f"'{ref.label}' is {delta} slots away, too far for a 16-bit offset",
                        token.start,
                        token.end,
                    )
                    continue
                insn.off = delta
            elif ref.field == "lddw":
                insn.src = _i.PSEUDO_FUNC
                insn.imm = delta & 0xFFFFFFFF
            else:
                insn.imm = delta
        if self.slot and any(slot > self.slot for slot in labels.values()):
            raise AssertionError("a label lies behind the end")

    def _find(self, ref: _Reference, slot: int) -> int | None:
        found = self.out.labels.get(ref.label)
        if found is not None:
            return found
        local = _LOCAL_LABEL.match(ref.label)
        if local:
            places = self.local_labels.get(local[1], [])
            if local[2] == "b":
                before = [place for place in places if place <= slot]
                return before[-1] if before else None
            after = [place for place in places if place > slot]
            return after[0] if after else None
        if ref.label == "exit":  # the conformance suite's name for the first exit instruction
            for place, insn in zip(self.slots, self.out.insns):
                if insn.opcode == _i.JMP | _i.EXIT:
                    return place
        return None

    # --- reading tokens --------------------------------------------------------------------

    def _peek(self, ahead: int = 0) -> _Token:
        index = self.pos + ahead
        return self.tokens[index] if index < len(self.tokens) else self.tokens[-1]

    def _next(self) -> _Token:
        token = self.tokens[self.pos]
        if token.kind != "end":
            self.pos += 1
        return token

    def _accept(self, text: str) -> bool:
        token = self.tokens[self.pos]
        if token.text == text and token.kind != "end":
            self.pos += 1
            return True
        return False

    def _expect(self, text: str) -> _Token:
        token = self.tokens[self.pos]
        if token.text != text or token.kind == "end":
            raise _Bad(f"expected '{text}' before '{token.text}'", token.start, token.end)
        self.pos += 1
        return token

    def _register(self) -> tuple[int, int]:
        """Read a register; return (number, width)."""
        token = self._next()
        if token.kind != "reg":
            raise _Bad(f"expected a register, not '{token.text}'", token.start, token.end)
        if token.value > _i.R10:
            raise _Bad(f"there is no register '{token.text}'", token.start, token.end)
        return token.value, 32 if token.text.lstrip("%")[0] == "w" else 64

    def _pointer(self) -> int:
        token = self._peek()
        number, width = self._register()
        if width != 64:
            raise _Bad("an address is a 64-bit register", token.start, token.end)
        return number

    # Constant expressions: C's precedence for | ^ & << + *, and unary - + ~.
    _LEVELS = (("|",), ("^",), ("&",), ("<<", ">>"), ("+", "-"), ("*", "/", "%"))

    def _expression(self, level: int = 0) -> int:
        if level == len(self._LEVELS):
            return self._unary()
        value = self._expression(level + 1)
        while self._peek().text in self._LEVELS[level] and self._peek().kind == "op":
            token = self._next()
            right = self._expression(level + 1)
            value = _fold(token, value, right)
        return value

    def _unary(self) -> int:
        token = self._next()
        if token.kind == "num":
            return token.value
        if token.text == "-":
            return -self._unary()
        if token.text == "+":
            return self._unary()
        if token.text == "~":
            return ~self._unary()
        if token.text == "(":
            value = self._expression()
            self._expect(")")
            return value
        raise _Bad(f"expected a number, not '{token.text}'", token.start, token.end)

    def _immediate(self) -> int:
        """Read a 32-bit immediate; unsigned ones wrap to the signed field."""
        start = self._peek().start
        value = self._expression()
        if not -0x80000000 <= value <= 0xFFFFFFFF:
            raise _Bad(f"{value} does not fit in 32 bits", start, self.tokens[self.pos - 1].end)
        return value - ((value & 0x80000000) << 1) if value > 0 else value

    def _offset(self) -> int:
        """Read what follows a base register: nothing, or a signed 16-bit displacement."""
        token = self._peek()
        if token.text not in ("+", "-"):
            return 0
        # "+ -8" and "- 8" and "+ 4 + 4": an expression that starts with a sign.
        value = self._expression(4)
        if not -0x8000 <= value <= 0x7FFF:
            raise _Bad(
                f"offset {value} does not fit in 16 bits",
                token.start,
                self.tokens[self.pos - 1].end,
            )
        return value

    def _target(self, field: str) -> tuple[int, _Token | None]:
        """Read a jump target; return (distance, None) or (0, label token)."""
        token = self._peek()
        if token.kind == "name":
            self._next()
            if token.text == "pc" and self._peek().text in ("+", "-"):
                return self._distance(field), None
            return 0, token
        return self._distance(field), None

    def _distance(self, field: str) -> int:
        start = self._peek().start
        value = self._expression()
        low, high = (-0x8000, 0x7FFF) if field == "off" else (-0x80000000, 0x7FFFFFFF)
        if not low <= value <= high:
            raise _Bad(
                f"distance {value} is out of range {low}..{high}",
                start,
                self.tokens[self.pos - 1].end,
            )
        return value

    def _refer(self, field: str, token: _Token | None) -> None:
        if token is not None:
            index = len(self.out.insns) - 1
            self.references.append(_Reference(index, field, token.text, token))

    # --- statements ------------------------------------------------------------------------

    def _instruction(self) -> None:
        token = self._peek()
        if token.kind == "reg":
            self._assignment()
        elif token.text == "*":
            self._store()
        elif token.kind == "name":
            statement = _STATEMENTS.get(token.text)
            if statement is not None:
                self._next()
                statement(self)
            else:
                self._mnemonic()
        else:
            raise _Bad(f"expected an instruction, not '{token.text}'", token.start, token.end)

    def _assignment(self) -> None:
        """``reg op= operand`` and everything that begins ``reg =``."""
        dst, width = self._register()
        token = self._next()
        sign = token.text
        if sign == "s" and self._peek().kind == "op":
            sign += self._next().text
        op = _ALU_BY_SIGN.get(sign)
        if op is None:
            raise _Bad(f"expected an assignment, not '{sign}'", token.start, token.end)
        if op != "mov":
            self._alu(op, dst, width)
            return
        token = self._peek()
        after = self._peek(1)
        if token.kind == "name":
            self._named_value(dst, width)
        elif token.text == "*":
            self._load(dst, width)
        elif token.text == "-" and after.kind == "reg":
            self._next()
            if self._register() != (dst, width):
                raise _Bad(
                    "negation works in place: both registers are the same", after.start, after.end
                )
            self._emit(by_name[f"neg{width}"], dst)
        elif token.text == "(" and after.text in ("s8", "s16", "s32"):
            self._sign_extend(dst, width)
        elif token.kind == "reg":
            self._alu("mov", dst, width)
        else:
            self._move_number(dst, width)

    def _alu(self, op: str, dst: int, width: int) -> None:
        token = self._peek()
        if token.kind == "reg":
            src, src_width = self._register()
            if src_width != width:
                raise _Bad("operands have different widths", token.start, token.end)
            self._emit(by_name[f"{op}{width}_reg"], dst, src)
        else:
            self._emit(by_name[f"{op}{width}_imm"], dst, imm=self._immediate())

    def _move_number(self, dst: int, width: int) -> None:
        start = self._peek().start
        value = self._expression()
        end = self.tokens[self.pos - 1].end
        if self._accept("ll"):
            if width != 64:
                raise _Bad("a wide load fills a 64-bit register", start, end)
            if not -(1 << 63) <= value < 1 << 64:
                raise _Bad(f"{value} does not fit in 64 bits", start, end)
            self._emit(by_name["lddw"], dst, imm=value & 0xFFFFFFFFFFFFFFFF)
            return
        if self.tokens[self.pos - 1].text.lower().endswith("ll"):
            raise _Bad("write 'll' apart from the number", start, end)
        if not -0x80000000 <= value <= 0xFFFFFFFF:
            raise _Bad(f"{value} does not fit in 32 bits; add ' ll' for 64", start, end)
        value -= (value & 0x80000000) << 1 if value > 0 else 0
        self._emit(by_name[f"mov{width}_imm"], dst, imm=value)

    def _sign_extend(self, dst: int, width: int) -> None:
        self._expect("(")
        bits = int(self._next().text[1:])
        self._expect(")")
        token = self._peek()
        src, src_width = self._register()
        row = by_name.get(f"movsx{bits}{width}_reg")
        if row is None or src_width != width:
            raise _Bad("operands have different widths", token.start, token.end)
        self._emit(row, dst, src)

    def _pointed(self) -> tuple[str, int, _Token]:
        """Read ``(u32 *)``; return (sign letter, bytes, its token)."""
        self._expect("(")
        token = self._next()
        size = _SIZES.get(token.text)
        if size is None:
            raise _Bad(f"expected u8 .. u64, not '{token.text}'", token.start, token.end)
        self._expect("*")
        self._expect(")")
        return token.text[0], size, token

    def _address(self) -> tuple[int, int]:
        self._expect("(")
        base = self._pointer()
        off = self._offset()
        self._expect(")")
        return base, off

    def _load(self, dst: int, width: int) -> None:
        self._expect("*")
        sign, size, token = self._pointed()
        if self._peek().text == "skb":
            self._legacy_load(dst, size, token)
            return
        name = ("ldxs" if sign == "s" else "ldx") + _t.SIZE_LETTER[size]
        if name not in by_name or (width == 32 and (size == 8 or sign == "s")):
            raise _Bad(f"no {width}-bit load of {token.text}", token.start, token.end)
        base, off = self._address()
        self._emit(by_name[name], dst, base, off)

    def _legacy_load(self, dst: int, size: int, token: _Token) -> None:
        self._expect("skb")
        self._expect("[")
        if dst != 0 or size == 8:
            raise _Bad("a packet load reads u8, u16 or u32 into r0", token.start, token.end)
        letter = _t.SIZE_LETTER[size]
        if self._peek().kind == "reg":
            src = self._pointer()
            imm = self._immediate() if self._peek().text in ("+", "-") else 0
            self._emit(by_name["ldind" + letter], 0, src, imm=imm)
        else:
            self._emit(by_name["ldabs" + letter], imm=self._immediate())
        self._expect("]")

    def _store(self) -> None:
        self._expect("*")
        _, size, token = self._pointed()
        base, off = self._address()
        self._expect("=")
        if self._peek().kind == "reg":
            src, width = self._register()
            if size == 8 and width == 32:
                raise _Bad("a u64 store needs a 64-bit register", token.start, token.end)
            self._emit(by_name["stx" + _t.SIZE_LETTER[size]], base, src, off)
        else:
            self._emit(by_name["st" + _t.SIZE_LETTER[size]], base, 0, off, self._immediate())

    def _named_value(self, dst: int, width: int) -> None:
        """``reg = be16 reg``, ``reg = atomic_...``, ``r1 = symbol ll`` and their like."""
        token = self._next()
        name = token.text
        row = by_name.get(name)
        if row is not None and row.kind == _t.END:
            after = self._peek()
            if self._register() != (dst, width) or width != 64:
                raise _Bad(
                    "byte order works in place: both registers are the same 64-bit one",
                    after.start,
                    after.end,
                )
            self._emit(row, dst)
        elif name == "addr_space_cast":
            self._space_cast(dst)
        elif name == "load_acquire":
            self._expect("(")
            _, size, type_token = self._pointed()
            if (width == 64) != (size == 8):
                raise _Bad("operands have different widths", type_token.start, type_token.end)
            base, off = self._address()
            self._expect(")")
            self._emit(by_name["load_acq" + _t.SIZE_LETTER[size]], dst, base, off)
        elif name in _LDDW_PSEUDO and self._peek().text == "(":
            self._pseudo_load(dst, _LDDW_PSEUDO[name])
        elif self._peek().text == "(":
            self._fetching(name, token, dst, width)
        else:
            addend = self._expression(4) if self._peek().text in ("+", "-") else 0
            self._expect("ll")
            if width != 64:
                raise _Bad("a wide load fills a 64-bit register", token.start, token.end)
            self._emit(by_name["lddw"], dst, imm=addend)
            self._refer("lddw", token)

    def _space_cast(self, dst: int) -> None:
        self._expect("(")
        src = self._pointer()
        spaces = []
        for _ in range(2):
            self._expect(",")
            start = self._peek()
            spaces.append(self._expression())
            if not 0 <= spaces[-1] <= 0x7FFF:
                raise _Bad("address space out of range", start.start, start.end)
        self._expect(")")
        self._emit(by_name["addr_space_cast"], dst, src, imm=spaces[0] << 16 | spaces[1])

    def _pseudo_load(self, dst: int, row: Row) -> None:
        """``map_fd(3) ll``, ``map_value(3, 8) ll``, ``func(label) ll``."""
        self._expect("(")
        label = None
        if row.op == "func":
            low, label = self._target("imm")
        else:
            low = self._expression()
        high = self._expression() if self._accept(",") else 0
        self._expect(")")
        self._expect("ll")
        self._emit(row, dst, imm=low & 0xFFFFFFFF | (high & 0xFFFFFFFF) << 32)
        self._refer("lddw", label)

    def _fetching(self, name: str, token: _Token, dst: int, width: int) -> None:
        """``reg = atomic_fetch_add(...)``, ``xchg_64(...)``, ``cmpxchg32_32(...)``.

        The kernel's log writes ``atomic64_fetch_add``, ``atomic64_xchg``, ``atomic64_cmpxchg``.
        """
        op = name
        for prefix in ("atomic_", "atomic64_"):
            op = op.removeprefix(prefix)
        for suffix in ("_64", "32_32"):
            op = op.removesuffix(suffix)
        row = by_name.get(f"{op}{width}")
        if row is None or row.kind != _t.ATOMIC:
            raise _Bad(f"unknown operation '{name}'", token.start, token.end)
        self._expect("(")
        if self._peek().text == "(":
            _, size, _ = self._pointed()
            base, off = self._address()
        else:
            size = 4 if name.endswith("32_32") else 8
            base = self._pointer()
            off = self._offset()
        self._expect(",")
        if row.op == "cmpxchg":
            if dst != 0 or self._register() != (0, width):
                raise _Bad(f"{name} compares with and returns r0", token.start, token.end)
            self._expect(",")
        src, src_width = self._register()
        self._expect(")")
        if src_width != width or size * 8 != width:
            raise _Bad("operands have different widths", token.start, token.end)
        if row.op != "cmpxchg" and src != dst:
            raise _Bad(f"{name} returns into the register that it takes", token.start, token.end)
        self._emit(row, base, src, off)

    def _lock(self) -> None:
        if self._peek().text == "*":
            self._expect("*")
            _, size, token = self._pointed()
            base, off = self._address()
            sign = self._next()
            op = _ATOMIC_BY_SIGN.get(sign.text)
            if op is None or size < 4:
                raise _Bad("no such atomic operation", sign.start, sign.end)
            src, width = self._register()
            if width != size * 8:
                raise _Bad("operands have different widths", token.start, token.end)
            self._emit(by_name[f"lock_{op}{width}"], base, src, off)
            return
        fetch = self._accept("fetch")
        token = self._next()
        op = token.text.removesuffix("32").removesuffix("64")
        width = 32 if token.text.endswith("32") else 64
        prefix = "" if op in ("xchg", "cmpxchg") else "fetch_" if fetch else "lock_"
        row = by_name.get(f"{prefix}{op}{width}") if token.kind == "name" else None
        if row is None or row.kind != _t.ATOMIC:
            raise _Bad(f"no atomic operation '{token.text}'", token.start, token.end)
        base, off = self._bracketed()
        self._expect(",")
        self._emit(row, base, self._register()[0], off)

    def _if(self) -> None:
        dst, width = self._register()
        token = self._next()
        sign = token.text
        if sign == "s" and self._peek().kind == "op":
            sign += self._next().text
        op = _JUMP_BY_SIGN.get(sign)
        if op is None:
            raise _Bad(f"expected a comparison, not '{sign}'", token.start, token.end)
        name = op + ("32" if width == 32 else "")
        after = self._peek()
        src = imm = 0
        if after.kind == "reg":
            src, src_width = self._register()
            if src_width != width:
                raise _Bad("operands have different widths", after.start, after.end)
        else:
            imm = self._immediate()
        self._expect("goto")
        off, label = self._target("off")
        row = by_name[name + ("_reg" if after.kind == "reg" else "_imm")]
        self._emit(row, dst, src, off, imm)
        self._refer("off", label)

    def _goto(self) -> None:
        off, label = self._target("off")
        self._emit(by_name["ja"], off=off)
        self._refer("off", label)

    def _gotol(self) -> None:
        imm, label = self._target("imm")
        self._emit(by_name["ja32"], imm=imm)
        self._refer("imm", label)

    def _may_goto(self) -> None:
        off, label = self._target("off")
        self._emit(by_name["may_goto"], off=off)
        self._refer("off", label)

    def _call(self) -> None:
        token = self._peek()
        if token.kind == "reg":
            self._callx()
        elif token.kind == "name" and self._peek(1).kind in ("name", "num", "op"):
            self._next()
            if token.text == "local":
                imm, label = self._target("imm")
                self._emit(by_name["call_local"], imm=imm)
                self._refer("call", label)
            elif token.text == "helper":
                self._emit(by_name["call_helper"], imm=self._immediate())
            elif token.text in ("kfunc", "runtime"):
                imm = self._immediate()
                off = self._immediate() if self._accept(",") else 0
                self._emit(by_name["call_kfunc"], imm=imm, off=off)
            elif token.text == "pc":
                self._emit(by_name["call_local"], imm=self._distance("imm"))
            else:
                raise _Bad(f"unknown kind of call '{token.text}'", token.start, token.end)
        elif token.kind == "name":
            self._next()
            self._emit(by_name["call_local"])
            self._refer("call", token)
        else:
            self._emit(by_name["call_helper"], imm=self._immediate())

    def _callx(self) -> None:
        self._emit(by_name["callx"], self._pointer())

    def _exit(self) -> None:
        self._emit(by_name["exit"])

    def _store_release(self) -> None:
        self._expect("(")
        _, size, token = self._pointed()
        base, off = self._address()
        self._expect(",")
        src, width = self._register()
        self._expect(")")
        if (width == 64) != (size == 8):
            raise _Bad("operands have different widths", token.start, token.end)
        self._emit(by_name["store_rel" + _t.SIZE_LETTER[size]], base, src, off)

    def _words(self) -> None:
        """``.8byte value, ...``: instructions as raw little-endian words."""
        while True:
            token = self._peek()
            value = self._expression()
            if not -(1 << 63) <= value < 1 << 64:
                raise _Bad(f"{value} does not fit in 64 bits", token.start, token.end)
            self.raw.append((value & 0xFFFFFFFFFFFFFFFF, token))
            if not self._accept(","):
                break

    # --- mnemonics -------------------------------------------------------------------------

    def _bracketed(self) -> tuple[int, int]:
        """Read ``[%r1+8]``."""
        self._expect("[")
        base = self._pointer()
        off = self._offset()
        self._expect("]")
        return base, off

    def _mnemonic(self) -> None:
        token = self._next()
        found = _MNEMONICS.get(token.text)
        if found is None:
            what = "directive" if token.text.startswith(".") else "instruction"
            raise _Bad(f"unknown {what} '{token.text}'", token.start, token.end)
        shape, name = found
        if shape == "alu":
            dst = self._register()[0]
            self._expect(",")
            if self._peek().kind == "reg":
                self._emit(by_name[name + "_reg"], dst, self._register()[0])
            else:
                self._emit(by_name[name + "_imm"], dst, imm=self._immediate())
        elif shape == "unary":
            self._emit(by_name[name], self._register()[0])
        elif shape == "binary":
            dst = self._register()[0]
            self._expect(",")
            self._emit(by_name[name], dst, self._register()[0])
        elif shape == "order":  # GNU as: endbe %r1, 16
            dst = self._register()[0]
            self._expect(",")
            bits = self._next()
            row = by_name.get(f"{name}{bits.text}")
            if row is None:
                raise _Bad("expected 16, 32 or 64", bits.start, bits.end)
            self._emit(row, dst)
        elif shape == "jump":
            self._mnemonic_jump(name)
        else:
            self._mnemonic_memory(shape, name)

    def _mnemonic_jump(self, name: str) -> None:
        dst = self._register()[0]
        self._expect(",")
        src = imm = 0
        suffix = "_imm"
        if self._peek().kind == "reg":
            src = self._register()[0]
            suffix = "_reg"
        else:
            imm = self._immediate()
        self._expect(",")
        off, label = self._target("off")
        self._emit(by_name[name + suffix], dst, src, off, imm)
        self._refer("off", label)

    def _mnemonic_memory(self, shape: str, name: str) -> None:
        row = by_name[name]
        if shape == "load":
            dst = self._register()[0]
            self._expect(",")
            base, off = self._bracketed()
            self._emit(row, dst, base, off)
        elif shape == "store":
            base, off = self._bracketed()
            self._expect(",")
            self._emit(row, base, self._register()[0], off)
        elif shape == "store_imm":
            base, off = self._bracketed()
            self._expect(",")
            self._emit(row, base, 0, off, self._immediate())
        elif shape == "lddw":
            dst = self._register()[0]
            self._expect(",")
            token = self._peek()
            if token.kind == "name":
                self._next()
                self._emit(row, dst)
                self._refer("lddw", token)
                return
            value = self._expression()
            if not -(1 << 63) <= value < 1 << 64:
                raise _Bad(f"{value} does not fit in 64 bits", token.start, token.end)
            self._emit(row, dst, imm=value & 0xFFFFFFFFFFFFFFFF)
        else:  # packet loads
            src = 0
            if row.reg:
                src = self._register()[0]
                self._expect(",")
            self._emit(row, 0, src, imm=self._immediate())


def _number(word: str) -> int:
    """Read a number: 0x, 0b, 0o, or decimal."""
    if len(word) > 4000:  # int() refuses longer decimal text; nothing that fits is that long
        return 1 << 70
    return int(word, 0) if word[1:2].isalpha() else int(word)


def _fold(token: _Token, left: int, right: int) -> int:
    op = token.text
    if op in ("/", "%") and right == 0:
        raise _Bad("division by zero", token.start, token.end)
    if op in ("<<", ">>") and not 0 <= right < 64:
        raise _Bad("shift count out of range 0..63", token.start, token.end)
    if op == "+":
        return left + right
    if op == "-":
        return left - right
    if op == "*":
        return left * right
    if op == "/" or op == "%":
        quotient = abs(left) // abs(right)
        if (left < 0) != (right < 0):
            quotient = -quotient
        return quotient if op == "/" else left - quotient * right
    if op == "<<":
        return left << right
    if op == ">>":
        return left >> right
    if op == "&":
        return left & right
    return left | right if op == "|" else left ^ right


_STATEMENTS = {
    "if": _Assembler._if,
    "goto": _Assembler._goto,
    "ja": _Assembler._goto,
    "gotol": _Assembler._gotol,
    "ja32": _Assembler._gotol,
    "may_goto": _Assembler._may_goto,
    "call": _Assembler._call,
    "callx": _Assembler._callx,
    "exit": _Assembler._exit,
    "lock": _Assembler._lock,
    "store_release": _Assembler._store_release,
    ".8byte": _Assembler._words,
    ".quad": _Assembler._words,
}


def _mnemonics() -> dict[str, tuple[str, str]]:
    """Return {mnemonic: (shape of its operands, row name or its stem)}."""
    table: dict[str, tuple[str, str]] = {}
    for row in _t.ROWS:
        name = row.name
        if row.kind == _t.ALU:
            stem = name[: name.rindex("_")]
            table[stem] = ("alu", stem)
            if row.width == 64:
                table[stem.removesuffix("64")] = ("alu", stem)
        elif row.kind == _t.NEG:
            table[name] = ("unary", name)
        elif row.kind == _t.END:
            table[name] = ("unary", name)
            if row.op == "bswap":
                table[f"swap{row.size * 8}"] = ("unary", name)
        elif row.kind == _t.MOVSX:
            table[name.removesuffix("_reg")] = ("binary", name)
        elif row.kind == _t.JUMP:
            stem = name[: name.rindex("_")]
            table[stem] = ("jump", stem)
            if row.width == 64:
                table[stem + "64"] = ("jump", stem)
        elif row.kind in (_t.LDX, _t.LDSX):
            table[name] = ("load", name)
        elif row.kind == _t.STX:
            table[name] = ("store", name)
        elif row.kind == _t.ST:
            table[name] = ("store_imm", name)
        elif row.kind == _t.LDABS:
            table[name] = ("packet", name)
    table["neg"] = table["neg64"]
    table["lddw"] = ("lddw", "lddw")
    table["endle"], table["endbe"] = ("order", "le"), ("order", "be")
    table["xaddw"], table["xadddw"] = ("store", "lock_add32"), ("store", "lock_add64")
    return table


_MNEMONICS = _mnemonics()
