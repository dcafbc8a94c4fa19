"""Directives that stand around statements, as GNU as and LLVM have them.

``.ifc a, b`` ... ``.else`` ... ``.endif`` compare texts: headers write an instruction as bytes that
depend on which register an operand got. ``.rept 8`` ... ``.endr`` repeats.
"""

from __future__ import annotations

from collections.abc import Iterator

from .asm_reader import Bad, Reader, Token

_MOST_TURNS = 1 << 20  # repetitions and repeated statements of a text; the kernel takes no more


class Repeater:
    """Takes statements one by one and gives out those to assemble, repeated ones repeatedly."""

    def __init__(self, turns: list[int] | None = None) -> None:
        self._head: list[Token] = []  # of the outermost .rept that is not closed
        self._depth = 0
        self._body: list[list[Token]] = []
        self._turns = turns if turns is not None else [0]  # shared with what is nested

    def take(self, statement: list[Token]) -> Iterator[list[Token]]:
        """Yield what to assemble after ``statement`` came. Raises: Bad."""
        word = statement[0].text
        if not self._depth:
            if word == ".endr":
                raise Bad("'.endr' without '.rept'", *_at(statement[0]))
            if word != ".rept":
                yield statement
                return
            self._head, self._depth, self._body = statement, 1, []
            return
        self._depth += (word == ".rept") - (word == ".endr")
        if self._depth:
            self._body.append(statement)
            return
        head, body = self._head, self._body
        for _ in range(_count(head)):
            self._turn(head)
            inner = Repeater(self._turns)
            for one in body:
                for found in inner.take(one):
                    self._turn(head)
                    yield list(found)

    def _turn(self, head: list[Token]) -> None:
        self._turns[0] += 1
        if self._turns[0] > _MOST_TURNS:
            raise Bad("'.rept' gives too many statements", *_at(head[0]))

    def finish(self) -> None:
        """Raises: Bad for a ``.rept`` that is still open."""
        if self._depth:
            raise Bad("'.rept' without '.endr'", *_at(self._head[0]))


def _count(head: list[Token]) -> int:
    reader = Reader()
    reader.tokens = [*head, Token("end", "end of statement", head[-1].end, head[-1].end)]
    reader.pos = 1
    count = reader.expression()
    if count < 0:
        raise Bad(f"'.rept' of {count}", *_at(head[0]))
    return count


class _Open:
    """A conditional that is not closed yet."""

    __slots__ = ("outer", "place", "taken")

    def __init__(self, outer: bool, taken: bool, place: tuple[int, int]) -> None:
        self.outer = outer  # the statements around it are assembled
        self.taken = taken  # its present part would be, there
        self.place = place


class Conditions:
    """Which statements of a text are assembled."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.open: list[_Open] = []

    def skip(self, tokens: list[Token]) -> bool:
        """Take one statement; tell whether it is a directive of this kind or left out by one.

        Raises: Bad for a directive that stands wrong.
        """
        token = tokens[0]
        active = not self.open or (self.open[-1].outer and self.open[-1].taken)
        if token.text in (".ifc", ".ifnc"):
            self.open.append(
                _Open(active, self._equal(tokens) == (token.text == ".ifc"), _at(token))
            )
            return True
        if token.text in (".else", ".endif"):
            if not self.open:
                raise Bad(f"'{token.text}' without '.ifc'", token.start, token.end)
            if token.text == ".else":
                self.open[-1].taken = not self.open[-1].taken
            else:
                self.open.pop()
            return True
        return not active

    def _equal(self, tokens: list[Token]) -> bool:
        """Compare what stands before and after the comma."""
        token, last = tokens[0], tokens[-1]  # the last one is the end of the statement
        left, comma, right = self.text[token.end : last.start].partition(",")
        if not comma:
            raise Bad(f"'{token.text}' compares two texts", token.start, token.end)
        return left.strip() == right.strip()


def _at(token: Token) -> tuple[int, int]:
    return token.start, token.end
