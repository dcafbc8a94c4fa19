"""Tokens of assembly text, and reading operands from them: the ground of ``asm``.

Numbers, registers, addresses, constant expressions. What cannot be read raises ``Bad``, which
carries the place.
"""

from __future__ import annotations

import re

from . import insn as _i

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
_DEEPEST = 50  # parentheses and signs within each other


class Bad(Exception):
    """A statement that cannot be read, at a token."""

    def __init__(self, message: str, start: int, end: int) -> None:
        super().__init__(message)
        self.start = start
        self.end = end


class Token:
    """A word at characters ``start`` to ``end``; ``value`` of numbers and registers."""

    __slots__ = ("end", "kind", "start", "text", "value")

    def __init__(self, kind: str, text: str, start: int, end: int, value: int = 0) -> None:
        self.kind = kind
        self.text = text
        self.start = start
        self.end = end
        self.value = value


def scan(text: str) -> tuple[list[Token], list[Bad]]:
    """Return the tokens of ``text``, ending in one of kind "end", and what is no token.

    Kinds: reg, num, name, op, end (of a statement); "bad" stands where something was left out.
    """
    tokens: list[Token] = []
    errors: list[Bad] = []
    pos, end = 0, len(text)
    match = _TOKEN.match
    while pos < end:
        found = match(text, pos)
        if found is None:
            errors.append(Bad(f"unexpected character {text[pos]!r}", pos, pos + 1))
            stop = text.find("\n", pos)
            pos = end if stop < 0 else stop
            tokens.append(Token("bad", "", pos, pos))
            continue
        kind = found.lastgroup or ""
        start, pos = pos, found.end()
        if kind in ("num", "suffix"):
            tokens.append(_number_token(found, start, pos, errors))
        elif kind == "reg":
            word = found.group()
            tokens.append(Token(kind, word, start, pos, int(word.lstrip("%")[1:])))
        elif kind != "space":
            tokens.append(Token(kind, found.group(), start, pos))
    tokens.append(Token("end", "\n", end, end))
    return tokens, errors


def _number_token(found: re.Match[str], start: int, end: int, errors: list[Bad]) -> Token:
    """Return the token of a number, or of a local label's name like ``1f``."""
    word = found.group("num")
    suffix = (found.group("suffix") or "").lower()
    if suffix in ("b", "f") and word.isdigit():
        return Token("name", found.group(), start, end)
    if suffix and suffix not in _INT_SUFFIXES:
        errors.append(Bad(f"malformed number '{found.group()}'", start, end))
        return Token("bad", "", end, end)
    return Token("num", found.group(), start, end, _number(word))


def _number(word: str) -> int:
    """Read a number: 0x, 0b, 0o, or decimal."""
    if len(word) > 4000:  # int() refuses longer decimal text; nothing that fits is that long
        return 1 << 70
    return int(word, 0) if word[1:2].isalpha() else int(word)


def _fold(token: Token, left: int, right: int) -> int:
    op = token.text
    if op in ("/", "%") and right == 0:
        raise Bad("division by zero", token.start, token.end)
    if op in ("<<", ">>") and not 0 <= right < 64:
        raise Bad("shift count out of range 0..63", token.start, token.end)
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


def as_immediate(value: int) -> int | None:
    """Return the signed 32-bit field that holds ``value``; None if none does.

    Unsigned 32-bit values wrap, as do 64-bit ones that the field's sign extension gives back.
    """
    if -0x80000000 <= value <= 0x7FFFFFFF:
        return value
    if 0x80000000 <= value <= 0xFFFFFFFF:
        return value - (1 << 32)
    return value - (1 << 64) if (1 << 64) - 0x80000000 <= value < 1 << 64 else None


class Reader:
    """Reads operands from the tokens of one statement, at ``pos``."""

    def __init__(self) -> None:
        self.tokens: list[Token] = []
        self.pos = 0
        self._depth = 0

    def peek(self, ahead: int = 0) -> Token:
        """Return the token ``ahead`` of the next one."""
        index = self.pos + ahead
        return self.tokens[index] if index < len(self.tokens) else self.tokens[-1]

    def advance(self) -> Token:
        """Return the next token and step over it."""
        token = self.tokens[self.pos]
        if token.kind != "end":
            self.pos += 1
        return token

    def accept(self, text: str) -> bool:
        """Step over the next token if it is ``text``; tell whether it was."""
        token = self.tokens[self.pos]
        if token.text == text and token.kind != "end":
            self.pos += 1
            return True
        return False

    def expect(self, text: str) -> Token:
        """Step over ``text``. Raises: Bad."""
        token = self.tokens[self.pos]
        if token.text != text or token.kind == "end":
            raise Bad(f"expected '{text}' before '{token.text}'", token.start, token.end)
        self.pos += 1
        return token

    def register(self) -> tuple[int, int]:
        """Read a register; return (number, width)."""
        token = self.advance()
        if token.kind != "reg":
            raise Bad(f"expected a register, not '{token.text}'", token.start, token.end)
        if token.value > _i.R10:
            raise Bad(f"there is no register '{token.text}'", token.start, token.end)
        return token.value, 32 if token.text.lstrip("%")[0] == "w" else 64

    def pointer(self) -> int:
        """Read a 64-bit register; return its number."""
        token = self.peek()
        number, width = self.register()
        if width != 64:
            raise Bad("an address is a 64-bit register", token.start, token.end)
        return number

    # Constant expressions: C's precedence for | ^ & << + *, and unary - + ~.
    _LEVELS = (("|",), ("^",), ("&",), ("<<", ">>"), ("+", "-"), ("*", "/", "%"))

    def expression(self, level: int = 0) -> int:
        """Read a constant expression of this level of precedence or higher."""
        if level == len(self._LEVELS):
            return self._unary()
        value = self.expression(level + 1)
        while self.peek().text in self._LEVELS[level] and self.peek().kind == "op":
            token = self.advance()
            right = self.expression(level + 1)
            value = _fold(token, value, right)
        return value

    def _unary(self) -> int:
        self._depth += 1
        try:
            if self._depth > _DEEPEST:
                token = self.peek()
                raise Bad("the expression nests too deep", token.start, token.end)
            return self._primary()
        finally:
            self._depth -= 1

    def _primary(self) -> int:
        token = self.advance()
        if token.kind == "num":
            return token.value
        if token.text == "-":
            return -self._unary()
        if token.text == "+":
            return self._unary()
        if token.text == "~":
            return ~self._unary()
        if token.text == "(":
            value = self.expression()
            self.expect(")")
            return value
        raise Bad(f"expected a number, not '{token.text}'", token.start, token.end)

    def immediate(self) -> int:
        """Read a 32-bit immediate, as ``as_immediate`` has it. Raises: Bad."""
        start = self.peek().start
        value = self.expression()
        found = as_immediate(value)
        if found is None:
            raise Bad(f"{value} does not fit in 32 bits", start, self.tokens[self.pos - 1].end)
        return found

    def offset(self) -> int:
        """Read what follows a base register: nothing, or a signed 16-bit displacement."""
        token = self.peek()
        if token.text not in ("+", "-"):
            return 0
        # "+ -8" and "- 8" and "+ 4 + 4": an expression that starts with a sign.
        value = self.expression(4)
        if not -0x8000 <= value <= 0x7FFF:
            raise Bad(
                f"offset {value} does not fit in 16 bits",
                token.start,
                self.tokens[self.pos - 1].end,
            )
        return value

    def target(self, field: str) -> tuple[int, Token | None]:
        """Read a jump target; return (distance, None) or (0, label token)."""
        token = self.peek()
        if token.kind == "name":
            self.advance()
            if token.text == "pc" and self.peek().text in ("+", "-"):
                return self.distance(field), None
            return 0, token
        return self.distance(field), None

    def distance(self, field: str) -> int:
        """Read how many slots a jump goes, as ``field`` ("off" or "imm") can hold it."""
        start = self.peek().start
        value = self.expression()
        low, high = (-0x8000, 0x7FFF) if field == "off" else (-0x80000000, 0x7FFFFFFF)
        if not low <= value <= high:
            raise Bad(
                f"distance {value} is out of range {low}..{high}",
                start,
                self.tokens[self.pos - 1].end,
            )
        return value

    def pointed(self) -> tuple[str, int, Token]:
        """Read ``(u32 *)``; return (sign letter, bytes, its token)."""
        self.expect("(")
        token = self.advance()
        size = _SIZES.get(token.text)
        if size is None:
            raise Bad(f"expected u8 .. u64, not '{token.text}'", token.start, token.end)
        self.expect("*")
        self.expect(")")
        return token.text[0], size, token

    def address(self) -> tuple[int, int]:
        """Read ``(r1 + 8)``; return (register, offset)."""
        self.expect("(")
        base = self.pointer()
        off = self.offset()
        self.expect(")")
        return base, off

    def bracketed(self) -> tuple[int, int]:
        """Read ``[%r1+8]``."""
        self.expect("[")
        base = self.pointer()
        off = self.offset()
        self.expect("]")
        return base, off
