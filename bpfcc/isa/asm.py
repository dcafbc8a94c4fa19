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
from .asm_blocks import Conditions, Repeater
from .asm_data import DATA, RawBytes
from .asm_mnemonics import MnemonicReader
from .asm_reader import Bad, Token, as_immediate, scan
from .asm_result import AsmReloc, Assembly
from .insn import Insn
from .table import Row, by_name

_ALU_BY_SIGN = {sign + "=": name for name, _, sign in _t.ALU_OPS}
_ALU_BY_SIGN["s/="], _ALU_BY_SIGN["s%="] = "sdiv", "smod"
_JUMP_BY_SIGN = {sign: name for name, _, sign, _ in _t.JUMP_OPS}
_ATOMIC_BY_SIGN = {sign + "=": name for name, _, sign in _t.ATOMIC_OPS}
_LDDW_PSEUDO = {row.op: row for row in _t.ROWS if row.kind == _t.LDDW and row.op != "imm"}
_LOCAL_LABEL = re.compile(r"(\d+)([bf])\Z")


class _Reference:
    """A label that the instruction numbered ``index`` names, to be resolved at the end."""

    __slots__ = ("field", "index", "label", "token")

    def __init__(self, index: int, field: str, label: str, token: Token) -> None:
        self.index = index
        self.field = field
        self.label = label
        self.token = token


def assemble(
    text: str,
    *,
    name: str = "<asm>",
    source: SourceFile | None = None,
    big_endian: bool = False,
) -> Assembly:
    """Assemble ``text``.

    Args:
        text: statements in either syntax.
        big_endian: the order of instructions that are written as bytes.
        name: file name for messages.
        source: the file itself, when ``text`` is its whole text.

    Raises: InputError with a diagnostic (id "bpf-asm") for every statement that cannot be read.
    """
    return _Assembler(source or SourceFile(name, text), text, big_endian).run()


def assemble_insns(text: str) -> list[Insn]:
    """Assemble a text that needs no relocation; Raises: InputError also when it does."""
    result = assemble(text)
    if result.relocs:
        raise InputError(f"undefined symbol '{result.relocs[0].symbol}'")
    return result.insns


class _Assembler(MnemonicReader):
    """One run over one text: splits statements, reads each, then resolves labels."""

    def __init__(self, source: SourceFile, text: str, big_endian: bool) -> None:
        super().__init__()
        self.source = source
        self.text = text
        self.out = Assembly()
        self.slot = 0
        self.slots: list[int] = []  # of each instruction
        self.references: list[_Reference] = []
        self.local_labels: dict[str, list[int]] = {}
        self.errors: list[Diagnostic] = []
        self.raw = RawBytes(big_endian)
        self.conditions = Conditions(text)

    # --- driving ---------------------------------------------------------------------------

    def run(self) -> Assembly:
        statement: list[Token] = []
        tokens, errors = scan(self.text)
        for bad in errors:
            self._error(str(bad), bad.start, bad.end)
        repeater = Repeater()
        try:
            for token in tokens:
                if token.kind != "end":
                    statement.append(token)
                elif statement:
                    for one in repeater.take(statement):
                        self._statement(one)
                    statement = []
            repeater.finish()
        except Bad as bad:
            self._error(str(bad), bad.start, bad.end)
        self._flush_raw()
        if self.conditions.open:
            self._error("'.ifc' without '.endif'", *self.conditions.open[-1].place)
        self._resolve()
        if self.errors:
            raise InputError(self.errors[0].message, self.errors)
        return self.out

    def _error(self, message: str, start: int, end: int) -> None:
        span = Span(self.source, start, max(end, start + 1))
        self.errors.append(Diagnostic("bpf-asm", Severity.ERROR, message, span))

    def _statement(self, tokens: list[Token]) -> None:
        if any(token.kind == "bad" for token in tokens):
            return
        self.tokens = tokens
        self.pos = 0
        tail = tokens[-1]
        tokens.append(Token("end", "end of statement", tail.end, tail.end))
        try:
            if self.conditions.skip(tokens):
                return
            while tokens[self.pos].kind in ("name", "num") and tokens[self.pos + 1].text == ":":
                self._label(tokens[self.pos])
                self.pos += 2
            if tokens[self.pos].kind != "end":
                self._instruction()
                if self.peek().kind != "end":
                    token = self.peek()
                    raise Bad(f"unexpected '{token.text}'", token.start, token.end)
        except Bad as bad:
            self._error(str(bad), bad.start, bad.end)

    def _label(self, token: Token) -> None:
        self._flush_raw()
        if token.kind == "num":
            self.local_labels.setdefault(token.text, []).append(self.slot)
        elif token.text in self.out.labels:
            raise Bad(f"label '{token.text}' is defined twice", token.start, token.end)
        else:
            self.out.labels[token.text] = self.slot

    def emit(self, row: Row, dst: int = 0, src: int = 0, off: int = 0, imm: int = 0) -> None:
        """As in ``MnemonicReader``."""
        self._flush_raw()
        insn = Insn(row.opcode, dst, src, off, imm)
        if row.select is not None:
            setattr(insn, row.select[0], row.select[1])
        self._append(insn, self.tokens[0].start)

    def _append(self, insn: Insn, start: int) -> None:
        self.out.insns.append(insn)
        self.out.lines.append(self.source.line_col(start)[0])
        self.slots.append(self.slot)
        self.slot += insn.slots

    def _flush_raw(self) -> None:
        """Turn the bytes of data directives since the last instruction into instructions."""
        insns, errors = self.raw.take()
        for insn, start in insns:
            self._append(insn, start)
        for bad in errors:
            self._error(str(bad), bad.start, bad.end)

    def _resolve(self) -> None:
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

    def refer(self, field: str, token: Token | None) -> None:
        """As in ``MnemonicReader``."""
        if token is not None:
            index = len(self.out.insns) - 1
            self.references.append(_Reference(index, field, token.text, token))

    # --- statements ------------------------------------------------------------------------

    def _instruction(self) -> None:
        token = self.peek()
        if token.kind == "reg":
            self._assignment()
        elif token.text == "*":
            self._store()
        elif token.kind == "name":
            statement = _STATEMENTS.get(token.text)
            if statement is not None:
                self.advance()
                statement(self)
            else:
                self.mnemonic()
        else:
            raise Bad(f"expected an instruction, not '{token.text}'", token.start, token.end)

    def _assignment(self) -> None:
        """``reg op= operand`` and everything that begins ``reg =``."""
        dst, width = self.register()
        token = self.advance()
        sign = token.text
        if sign == "s" and self.peek().kind == "op":
            sign += self.advance().text
        op = _ALU_BY_SIGN.get(sign)
        if op is None:
            raise Bad(f"expected an assignment, not '{sign}'", token.start, token.end)
        if op != "mov":
            self._alu(op, dst, width)
            return
        token = self.peek()
        after = self.peek(1)
        if token.kind == "name":
            self._named_value(dst, width)
        elif token.text == "*":
            self._load(dst, width)
        elif token.text == "-" and after.kind == "reg":
            self.advance()
            if self.register() != (dst, width):
                raise Bad(
                    "negation works in place: both registers are the same", after.start, after.end
                )
            self.emit(by_name[f"neg{width}"], dst)
        elif token.text == "(" and after.text in ("s8", "s16", "s32"):
            self._sign_extend(dst, width)
        elif token.kind == "reg":
            self._alu("mov", dst, width)
        else:
            self._move_number(dst, width)

    def _alu(self, op: str, dst: int, width: int) -> None:
        token = self.peek()
        if token.kind == "reg":
            src, src_width = self.register()
            if op == "mov" and src_width == 32:
                width = 32  # LLVM writes r1 = w2 where the upper half is to be zero
            if src_width != width:
                raise Bad("operands have different widths", token.start, token.end)
            self.emit(by_name[f"{op}{width}_reg"], dst, src)
        else:
            self.emit(by_name[f"{op}{width}_imm"], dst, imm=self.immediate())

    def _move_number(self, dst: int, width: int) -> None:
        start = self.peek().start
        value = self.expression()
        end = self.tokens[self.pos - 1].end
        if self.accept("ll"):
            if width != 64:
                raise Bad("a wide load fills a 64-bit register", start, end)
            if not -(1 << 63) <= value < 1 << 64:
                raise Bad(f"{value} does not fit in 64 bits", start, end)
            self.emit(by_name["lddw"], dst, imm=value & 0xFFFFFFFFFFFFFFFF)
            return
        if self.tokens[self.pos - 1].text.lower().endswith("ll"):
            raise Bad("write 'll' apart from the number", start, end)
        imm = as_immediate(value)
        if imm is None:
            raise Bad(f"{value} does not fit in 32 bits; add ' ll' for 64", start, end)
        self.emit(by_name[f"mov{width}_imm"], dst, imm=imm)

    def _sign_extend(self, dst: int, width: int) -> None:
        self.expect("(")
        bits = int(self.advance().text[1:])
        self.expect(")")
        token = self.peek()
        src, src_width = self.register()
        row = by_name.get(f"movsx{bits}{width}_reg")
        if row is None or src_width != width:
            raise Bad("operands have different widths", token.start, token.end)
        self.emit(row, dst, src)

    def _load(self, dst: int, width: int) -> None:
        self.expect("*")
        sign, size, token = self.pointed()
        if self.peek().text == "skb":
            self._legacy_load(dst, size, token)
            return
        name = ("ldxs" if sign == "s" else "ldx") + _t.SIZE_LETTER[size]
        if name not in by_name or (width == 32 and (size == 8 or sign == "s")):
            raise Bad(f"no {width}-bit load of {token.text}", token.start, token.end)
        base, off = self.address()
        self.emit(by_name[name], dst, base, off)

    def _legacy_load(self, dst: int, size: int, token: Token) -> None:
        self.expect("skb")
        self.expect("[")
        if dst != 0 or size == 8:
            raise Bad("a packet load reads u8, u16 or u32 into r0", token.start, token.end)
        letter = _t.SIZE_LETTER[size]
        if self.peek().kind == "reg":
            src = self.pointer()
            imm = self.immediate() if self.peek().text in ("+", "-") else 0
            self.emit(by_name["ldind" + letter], 0, src, imm=imm)
        else:
            self.emit(by_name["ldabs" + letter], imm=self.immediate())
        self.expect("]")

    def _store(self) -> None:
        self.expect("*")
        _, size, token = self.pointed()
        base, off = self.address()
        self.expect("=")
        if self.peek().kind == "reg":
            src, width = self.register()
            if size == 8 and width == 32:
                raise Bad("a u64 store needs a 64-bit register", token.start, token.end)
            self.emit(by_name["stx" + _t.SIZE_LETTER[size]], base, src, off)
        else:
            self.emit(by_name["st" + _t.SIZE_LETTER[size]], base, 0, off, self.immediate())

    def _named_value(self, dst: int, width: int) -> None:
        """``reg = be16 reg``, ``reg = atomic_...``, ``r1 = symbol ll`` and their like."""
        token = self.advance()
        name = token.text
        row = by_name.get(name)
        if row is not None and row.kind == _t.END:
            after = self.peek()
            if self.register() != (dst, width) or width != 64:
                raise Bad(
                    "byte order works in place: both registers are the same 64-bit one",
                    after.start,
                    after.end,
                )
            self.emit(row, dst)
        elif name == "addr_space_cast":
            self._space_cast(dst)
        elif name == "load_acquire":
            self.expect("(")
            _, size, type_token = self.pointed()
            if (width == 64) != (size == 8):
                raise Bad("operands have different widths", type_token.start, type_token.end)
            base, off = self.address()
            self.expect(")")
            self.emit(by_name["load_acq" + _t.SIZE_LETTER[size]], dst, base, off)
        elif name in _LDDW_PSEUDO and self.peek().text == "(":
            self._pseudo_load(dst, _LDDW_PSEUDO[name])
        elif self.peek().text == "(":
            self._fetching(name, token, dst, width)
        else:
            addend = self.expression(4) if self.peek().text in ("+", "-") else 0
            self.expect("ll")
            if width != 64:
                raise Bad("a wide load fills a 64-bit register", token.start, token.end)
            self.emit(by_name["lddw"], dst, imm=addend)
            self.refer("lddw", token)

    def _space_cast(self, dst: int) -> None:
        self.expect("(")
        src = self.pointer()
        spaces = []
        for _ in range(2):
            self.expect(",")
            start = self.peek()
            spaces.append(self.expression())
            if not 0 <= spaces[-1] <= 0x7FFF:
                raise Bad("address space out of range", start.start, start.end)
        self.expect(")")
        self.emit(by_name["addr_space_cast"], dst, src, imm=spaces[0] << 16 | spaces[1])

    def _pseudo_load(self, dst: int, row: Row) -> None:
        """``map_fd(3) ll``, ``map_value(3, 8) ll``, ``func(label) ll``."""
        self.expect("(")
        label = None
        if row.op == "func":
            low, label = self.target("imm")
        else:
            low = self.expression()
        high = self.expression() if self.accept(",") else 0
        self.expect(")")
        self.expect("ll")
        self.emit(row, dst, imm=low & 0xFFFFFFFF | (high & 0xFFFFFFFF) << 32)
        self.refer("lddw", label)

    def _fetching(self, name: str, token: Token, dst: int, width: int) -> None:
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
            raise Bad(f"unknown operation '{name}'", token.start, token.end)
        self.expect("(")
        if self.peek().text == "(":
            _, size, _ = self.pointed()
            base, off = self.address()
        else:
            size = 4 if name.endswith("32_32") else 8
            base = self.pointer()
            off = self.offset()
        self.expect(",")
        if row.op == "cmpxchg":
            if dst != 0 or self.register() != (0, width):
                raise Bad(f"{name} compares with and returns r0", token.start, token.end)
            self.expect(",")
        src, src_width = self.register()
        self.expect(")")
        if src_width != width or size * 8 != width:
            raise Bad("operands have different widths", token.start, token.end)
        if row.op != "cmpxchg" and src != dst:
            raise Bad(f"{name} returns into the register that it takes", token.start, token.end)
        self.emit(row, base, src, off)

    def _lock(self) -> None:
        if self.peek().text == "*":
            self.expect("*")
            _, size, token = self.pointed()
            base, off = self.address()
            sign = self.advance()
            op = _ATOMIC_BY_SIGN.get(sign.text)
            if op is None or size < 4:
                raise Bad("no such atomic operation", sign.start, sign.end)
            src, width = self.register()
            if width != size * 8:
                raise Bad("operands have different widths", token.start, token.end)
            self.emit(by_name[f"lock_{op}{width}"], base, src, off)
            return
        fetch = self.accept("fetch")
        token = self.advance()
        op = token.text.removesuffix("32").removesuffix("64")
        width = 32 if token.text.endswith("32") else 64
        prefix = "" if op in ("xchg", "cmpxchg") else "fetch_" if fetch else "lock_"
        row = by_name.get(f"{prefix}{op}{width}") if token.kind == "name" else None
        if row is None or row.kind != _t.ATOMIC:
            raise Bad(f"no atomic operation '{token.text}'", token.start, token.end)
        base, off = self.bracketed()
        self.expect(",")
        self.emit(row, base, self.register()[0], off)

    def _if(self) -> None:
        dst, width = self.register()
        token = self.advance()
        sign = token.text
        if sign == "s" and self.peek().kind == "op":
            sign += self.advance().text
        op = _JUMP_BY_SIGN.get(sign)
        if op is None:
            raise Bad(f"expected a comparison, not '{sign}'", token.start, token.end)
        name = op + ("32" if width == 32 else "")
        after = self.peek()
        src = imm = 0
        if after.kind == "reg":
            src, src_width = self.register()
            if src_width != width:
                raise Bad("operands have different widths", after.start, after.end)
        else:
            imm = self.immediate()
        self.expect("goto")
        off, label = self.target("off")
        row = by_name[name + ("_reg" if after.kind == "reg" else "_imm")]
        self.emit(row, dst, src, off, imm)
        self.refer("off", label)

    def _goto(self) -> None:
        off, label = self.target("off")
        self.emit(by_name["ja"], off=off)
        self.refer("off", label)

    def _gotol(self) -> None:
        imm, label = self.target("imm")
        self.emit(by_name["ja32"], imm=imm)
        self.refer("imm", label)

    def _may_goto(self) -> None:
        off, label = self.target("off")
        self.emit(by_name["may_goto"], off=off)
        self.refer("off", label)

    def _call(self) -> None:
        token = self.peek()
        if token.kind == "reg":
            self._callx()
        elif token.kind == "name" and self.peek(1).kind in ("name", "num", "op"):
            self.advance()
            if token.text == "local":
                imm, label = self.target("imm")
                self.emit(by_name["call_local"], imm=imm)
                self.refer("call", label)
            elif token.text == "helper":
                self.emit(by_name["call_helper"], imm=self.immediate())
            elif token.text in ("kfunc", "runtime"):
                imm = self.immediate()
                off = self.immediate() if self.accept(",") else 0
                self.emit(by_name["call_kfunc"], imm=imm, off=off)
            elif token.text == "pc":
                self.emit(by_name["call_local"], imm=self.distance("imm"))
            else:
                raise Bad(f"unknown kind of call '{token.text}'", token.start, token.end)
        elif token.kind == "name":
            self.advance()
            self.emit(by_name["call_local"])
            self.refer("call", token)
        else:
            self.emit(by_name["call_helper"], imm=self.immediate())

    def _callx(self) -> None:
        self.emit(by_name["callx"], self.pointer())

    def _exit(self) -> None:
        self.emit(by_name["exit"])

    def _store_release(self) -> None:
        self.expect("(")
        _, size, token = self.pointed()
        base, off = self.address()
        self.expect(",")
        src, width = self.register()
        self.expect(")")
        if (width == 64) != (size == 8):
            raise Bad("operands have different widths", token.start, token.end)
        self.emit(by_name["store_rel" + _t.SIZE_LETTER[size]], base, src, off)

    def _data(self) -> None:
        self.raw.read(self, self.tokens[self.pos - 1].text)


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
    **dict.fromkeys(DATA, _Assembler._data),
}
