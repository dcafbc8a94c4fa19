"""Data directives: ``.byte``, ``.short``, ``.long``, ``.8byte``: instructions written as raw bytes.

Values have the byte order of the target, as instructions have; what several directives in a row give
is cut into instructions of eight bytes.
"""

from __future__ import annotations

from typing import Literal

from . import insn as _i
from .asm_reader import Bad, Reader, Token

DATA = {
    ".byte": 1, ".2byte": 2, ".short": 2, ".hword": 2, ".half": 2,
    ".4byte": 4, ".long": 4, ".int": 4, ".word": 4, ".8byte": 8, ".quad": 8,
}  # fmt: skip


class RawBytes:
    """The bytes that wait to become instructions, and where each was written."""

    def __init__(self, big_endian: bool = False) -> None:
        self.big_endian = big_endian
        self.data = bytearray()
        self.tokens: list[Token] = []

    def read(self, reader: Reader, directive: str) -> None:
        """Read the values of a directive. Raises: Bad."""
        size = DATA[directive]
        bits = 8 * size
        while True:
            token = reader.peek()
            value = reader.expression()
            if not -(1 << bits - 1) <= value < 1 << bits:
                raise Bad(f"{value} does not fit in {bits} bits", token.start, token.end)
            order: Literal["big", "little"] = "big" if self.big_endian else "little"
            self.data += (value & (1 << bits) - 1).to_bytes(size, order)
            self.tokens += [token] * size
            if not reader.accept(","):
                return

    def take(self) -> tuple[list[tuple[_i.Insn, int]], list[Bad]]:
        """Return the instructions with the places of their text, and what is wrong with them."""
        if not self.data:
            return [], []
        data, tokens = bytes(self.data), self.tokens
        self.data, self.tokens = bytearray(), []
        found: list[tuple[_i.Insn, int]] = []
        errors: list[Bad] = []
        if len(data) % 8:
            text = f"{len(data)} bytes of data are no whole number of 8-byte instructions"
            errors.append(Bad(text, tokens[-1].start, tokens[-1].end))
            data = data[: len(data) // 8 * 8]
        at = 0
        for insn in _i.decode(data, big_endian=self.big_endian):
            token = tokens[at]
            if insn.opcode == _i.LD_IMM64:
                if at + 8 == len(data):
                    text = "wide load lacks its second word"
                    errors.append(Bad(text, token.start, token.end))
                elif any(data[at + 8 : at + 12]):
                    token = tokens[at + 8]
                    text = "the second word of a wide load has only its upper 32 bits"
                    errors.append(Bad(text, token.start, token.end))
            found.append((insn, token.start))
            at += 8 * insn.slots
        return found, errors
