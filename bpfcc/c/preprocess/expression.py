"""The value of a ``#if`` condition (C17 6.10.1p4): integer arithmetic in 64 bits.

Operands are ``intmax_t`` or ``uintmax_t``; what is not evaluated (behind ``&&``, ``||``, ``?:``)
may divide by zero. Precedence climbing over a token list, no recursion deeper than the limit.
"""

from __future__ import annotations

from ...support.diagnostics import Sink
from ...support.source import Span
from .tokens import Token

_PRECEDENCE = {
    "*": 10, "/": 10, "%": 10, "+": 9, "-": 9, "<<": 8, ">>": 8,
    "<": 7, ">": 7, "<=": 7, ">=": 7, "==": 6, "!=": 6,
    "&": 5, "^": 4, "|": 3, "&&": 2, "||": 1,
}  # fmt: skip

_MASK = (1 << 64) - 1
_DEPTH = 256
_ESCAPES = {
    "n": 10, "t": 9, "r": 13, "a": 7, "b": 8, "f": 12, "v": 11, "e": 27, "E": 27,
    "\\": 92, "'": 39, '"': 34, "?": 63,
}  # fmt: skip

Value = tuple[int, bool]  # the number in its type's range, and whether that is uintmax_t


class ConditionError(Exception):
    """The condition is no integer constant expression."""

    def __init__(self, message: str, span: Span) -> None:
        super().__init__(message)
        self.span = span


def wrap(number: int, unsigned: bool) -> int:
    """Reduce to the range of the type."""
    number &= _MASK
    return number if unsigned or number < 1 << 63 else number - (1 << 64)


class _Condition:
    def __init__(self, tokens: list[Token], end: Span, sink: Sink) -> None:
        self.tokens = tokens
        self.i = 0
        self.end = end
        self.sink = sink
        self.depth = 0

    def peek(self) -> str:
        if self.i < len(self.tokens):
            token = self.tokens[self.i]
            return token.text if token.kind in ("punct", "id") else token.kind
        return ""

    def place(self) -> Span:
        if self.i < len(self.tokens):
            return self.tokens[self.i].span()
        return self.end

    def fail(self, message: str) -> ConditionError:
        return ConditionError(message, self.place())

    def enter(self) -> None:
        self.depth += 1
        if self.depth > _DEPTH:
            raise self.fail("expression is nested too deeply")

    def conditional(self, live: bool) -> Value:
        """conditional: logical-or ? expression : conditional."""
        self.enter()
        value = self.binary(1, live)
        if self.peek() == "?":
            self.i += 1
            yes = self.conditional(live and value[0] != 0)
            if self.peek() != ":":
                raise self.fail("expected ':' in preprocessor expression")
            self.i += 1
            no = self.conditional(live and value[0] == 0)
            unsigned = yes[1] or no[1]
            value = (wrap(yes[0] if value[0] else no[0], unsigned), unsigned)
        self.depth -= 1
        return value

    def binary(self, least: int, live: bool) -> Value:
        self.enter()
        left = self.unary(live)
        while True:
            op = self.peek()
            level = _PRECEDENCE.get(op, 0)
            if level < least:
                self.depth -= 1
                return left
            at = self.tokens[self.i]
            self.i += 1
            if op == "&&":
                right = self.binary(level + 1, live and left[0] != 0)
                left = (int(left[0] != 0 and right[0] != 0), False)
            elif op == "||":
                right = self.binary(level + 1, live and left[0] == 0)
                left = (int(left[0] != 0 or right[0] != 0), False)
            else:
                right = self.binary(level + 1, live)
                left = self.apply(op, left, right, live, at)

    def apply(self, op: str, left: Value, right: Value, live: bool, at: Token) -> Value:
        a, b = left[0], right[0]
        if op in ("<<", ">>"):
            unsigned = left[1]
            if b < 0:
                op, b = (">>" if op == "<<" else "<<"), -b
            b = min(b, 64)
            return wrap(a << b if op == "<<" else a >> b, unsigned), unsigned
        unsigned = left[1] or right[1]
        a, b = wrap(a, unsigned), wrap(b, unsigned)
        if op in ("/", "%"):
            if b == 0:
                if live:
                    what = "division" if op == "/" else "remainder"
                    raise ConditionError(f"{what} by zero in preprocessor expression", at.span())
                return 0, unsigned
            quotient = abs(a) // abs(b)
            if (a < 0) != (b < 0):
                quotient = -quotient
            return wrap(quotient if op == "/" else a - b * quotient, unsigned), unsigned
        if op in ("<", ">", "<=", ">=", "==", "!="):
            holds = {
                "<": a < b, ">": a > b, "<=": a <= b, ">=": a >= b, "==": a == b, "!=": a != b,
            }[op]  # fmt: skip
            return int(holds), False
        if op == "*":
            result = a * b
        elif op == "+":
            result = a + b
        elif op == "-":
            result = a - b
        elif op == "&":
            result = a & b
        elif op == "^":
            result = a ^ b
        else:
            result = a | b
        return wrap(result, unsigned), unsigned

    def unary(self, live: bool) -> Value:
        start = self.i
        while self.peek() in ("!", "~", "-", "+"):
            self.i += 1
        operators = [t.text for t in self.tokens[start : self.i]]
        number, unsigned = self.primary(live)
        for op in reversed(operators):
            if op == "!":
                number, unsigned = int(number == 0), False
            elif op == "~":
                number = wrap(~number, unsigned)
            elif op == "-":
                number = wrap(-number, unsigned)
        return number, unsigned

    def primary(self, live: bool) -> Value:
        if self.i >= len(self.tokens):
            raise self.fail("expected value in expression")
        token = self.tokens[self.i]
        if token.text == "(" and token.kind == "punct":
            self.i += 1
            value = self.conditional(live)
            if self.peek() != ")":
                raise self.fail("expected ')' in preprocessor expression")
            self.i += 1
            return value
        if token.kind == "num":
            self.i += 1
            return number_value(token)
        if token.kind == "char":
            self.i += 1
            return char_value(token), False
        if token.kind == "id":
            self.i += 1
            if self.peek() == "(":
                self.i -= 1
                raise self.fail(f"function-like macro '{token.text}' is not defined")
            return 0, False
        raise self.fail("invalid token at start of a preprocessor expression")


def number_value(token: Token) -> Value:
    """Return the value of an integer constant; it is unsigned by suffix or by size (6.4.4.1)."""
    text = token.text.lower()
    digits = text.rstrip("ul")
    suffix = text[len(digits) :]
    if suffix not in ("", "u", "l", "ul", "lu", "ll", "ull", "llu"):
        raise ConditionError(f"invalid suffix '{suffix}' on integer constant", token.span())
    try:
        if digits[:2] in ("0x", "0b"):
            number = int(digits, 0)
        elif len(digits) > 1 and digits[0] == "0":
            number = int(digits, 8)
        else:
            number = int(digits)
    except ValueError:
        if "." in digits or ("e" in digits and digits[:2] != "0x") or "p" in digits:
            message = "floating point literal in preprocessor expression"
        else:
            message = f"invalid integer constant '{token.text}'"
        raise ConditionError(message, token.span()) from None
    if "_" in digits or number > _MASK:
        raise ConditionError(
            f"integer literal '{token.text}' is too large to be represented in any integer type",
            token.span(),
        )
    return number, "u" in suffix or number >= 1 << 63


def char_value(token: Token) -> int:
    """Return the value of a character constant: int, the last four bytes of it (6.4.4.4)."""
    text = token.text
    wide = text[0] != "'"
    body = text[text.index("'") + 1 : -1]
    if not body or text[-1] != "'" or len(text) < 3:
        raise ConditionError("empty character constant", token.span())
    values: list[int] = []
    i = 0
    while i < len(body):
        c = body[i]
        i += 1
        if c != "\\":
            if wide:
                values.append(ord(c))
            else:
                values += c.encode("utf-8", "surrogateescape")
            continue
        c = body[i : i + 1]
        if c in "01234567" and c:
            j = i
            while j < len(body) and j < i + 3 and body[j] in "01234567":
                j += 1
            values.append(int(body[i:j], 8))
            i = j
        elif c == "x":
            j = i + 1
            while j < len(body) and body[j] in "0123456789abcdefABCDEF":
                j += 1
            if j == i + 1:
                raise ConditionError("\\x used with no following hex digits", token.span())
            values.append(int(body[i + 1 : j], 16))
            i = j
        else:
            values.append(_ESCAPES.get(c, ord(c) if c else 92))
            i += 1
    if wide:
        return wrap(values[-1] & 0xFFFFFFFF, False)
    number = 0
    for value in values:
        number = (number << 8 | value & 0xFF) & 0xFFFFFFFF
    if len(values) == 1:
        return number - 256 if number > 127 else number
    return number - (1 << 32) if number >= 1 << 31 else number


def evaluate(tokens: list[Token], end: Span, sink: Sink) -> bool:
    """Return whether the condition holds; ``tokens`` has its macros replaced.

    Raises:
        ConditionError: it is no integer constant expression.
    """
    condition = _Condition(tokens, end, sink)
    value = condition.conditional(True)
    if condition.peek() == ",":
        raise condition.fail("comma operator in operand of #if")
    if condition.i < len(tokens):
        raise condition.fail("token is not a valid binary operator in a preprocessor subexpression")
    return value[0] != 0
