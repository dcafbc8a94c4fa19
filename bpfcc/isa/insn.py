"""One BPF instruction, its bit-fields, and the wire form.

An instruction is one 8-byte slot, or two for the 64-bit immediate load (RFC 9669 section 3, and
"wide encoding" there). ``Insn`` keeps the wide form as *one* object whose ``imm`` has 64 bits, so
a list of ``Insn`` is shorter than its slots; everything that counts positions (jump offsets, line
information, relocations, kernel logs) counts *slots*.

    opcode, ALU and JMP classes        opcode, LD and ST classes
    +------+---+-------+               +-------+------+-------+
    | code | s | class |               | mode  | size | class |
    | 7..4 | 3 | 2..0  |               | 7..5  | 4..3 | 2..0  |
    +------+---+-------+               +-------+------+-------+
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence

# Instruction classes, RFC 9669 table 3.
LD, LDX, ST, STX, ALU, JMP, JMP32, ALU64 = range(8)
# Source operand, bit 3.
K, X = 0x00, 0x08
# ALU codes, RFC 9669 table 5.
ADD, SUB, MUL, DIV, OR, AND, LSH, RSH = 0x00, 0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70
NEG, MOD, XOR, MOV, ARSH, END = 0x80, 0x90, 0xA0, 0xB0, 0xC0, 0xD0
# Jump codes, RFC 9669 table 9.
JA, JEQ, JGT, JGE, JSET, JNE, JSGT, JSGE = 0x00, 0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70
CALL, EXIT, JLT, JLE, JSLT, JSLE, JCOND = 0x80, 0x90, 0xA0, 0xB0, 0xC0, 0xD0, 0xE0
# Sizes of loads and stores, bits 4..3.
W, H, B, DW = 0x00, 0x08, 0x10, 0x18
# Modes of loads and stores, bits 7..5.
IMM, ABS, IND, MEM, MEMSX, ATOMIC = 0x00, 0x20, 0x40, 0x60, 0x80, 0xC0
# Atomic operations: imm of STX | ATOMIC (RFC 9669 section 5.3; the last two are kernel 6.15).
FETCH, XCHG, CMPXCHG, LOAD_ACQ, STORE_REL = 0x01, 0xE1, 0xF1, 0x100, 0x110
# src of a wide load (RFC 9669 section 5.4) and of a call.
(
    PSEUDO_MAP_FD,
    PSEUDO_MAP_VALUE,
    PSEUDO_BTF_ID,
    PSEUDO_FUNC,
    PSEUDO_MAP_IDX,
    PSEUDO_MAP_IDX_VALUE,
) = range(1, 7)
PSEUDO_CALL, PSEUDO_KFUNC_CALL = 1, 2

LD_IMM64 = LD | IMM | DW

SIZE_BYTES = {B: 1, H: 2, W: 4, DW: 8}
BYTES_SIZE = {1: B, 2: H, 4: W, 8: DW}

R0, R1, R2, R3, R4, R5, R6, R7, R8, R9, R10 = range(11)


class Insn:
    """One instruction.

    ``imm`` is signed 32-bit, except in ``LD_IMM64`` where it is the whole unsigned 64-bit value
    (for the pseudo forms: low half = fd or index, high half = offset into the value).
    ``off`` is signed 16-bit.
    """

    __slots__ = ("dst", "imm", "off", "opcode", "src")

    def __init__(self, opcode: int, dst: int = 0, src: int = 0, off: int = 0, imm: int = 0) -> None:
        self.opcode = opcode
        self.dst = dst
        self.src = src
        self.off = off
        self.imm = imm

    @property
    def slots(self) -> int:
        """How many 8-byte slots it takes: 1 or 2."""
        return 2 if self.opcode == LD_IMM64 else 1

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Insn)
            and self.opcode == other.opcode
            and self.dst == other.dst
            and self.src == other.src
            and self.off == other.off
            and self.imm == other.imm
        )

    def __hash__(self) -> int:
        return hash((self.opcode, self.dst, self.src, self.off, self.imm))

    def copy(self) -> Insn:
        """Return an equal, separate instruction."""
        return Insn(self.opcode, self.dst, self.src, self.off, self.imm)

    def __repr__(self) -> str:
        return f"Insn({self.opcode:#04x}, {self.dst}, {self.src}, {self.off}, {self.imm:#x})"


def encode(insns: Iterable[Insn], *, big_endian: bool = False) -> bytes:
    """Return the wire bytes of ``insns``.

    Raises: struct.error when a field does not fit.
    Source: RFC 9669 section 3.
    """
    pack = struct.Struct(">BBhi" if big_endian else "<BBhi").pack
    out = bytearray()
    for insn in insns:
        regs = (insn.dst << 4 | insn.src) if big_endian else (insn.src << 4 | insn.dst)
        if insn.opcode == LD_IMM64:
            low, high = insn.imm & 0xFFFFFFFF, insn.imm >> 32 & 0xFFFFFFFF
            out += pack(insn.opcode, regs, insn.off, low - ((low & 0x80000000) << 1))
            out += pack(0, 0, 0, high - ((high & 0x80000000) << 1))
        else:
            out += pack(insn.opcode, regs, insn.off, insn.imm)
    return bytes(out)


def decode(data: bytes, *, big_endian: bool = False) -> list[Insn]:
    """Read wire bytes as instructions, without judging them (``isa.check`` does).

    A wide load whose second slot is missing is kept with its low half only; a length that is not
    a multiple of 8 raises ValueError.
    """
    if len(data) % 8:
        raise ValueError(f"program length {len(data)} is not a multiple of 8")
    unpack = struct.Struct(">BBhi" if big_endian else "<BBhi").iter_unpack
    insns: list[Insn] = []
    wide: Insn | None = None
    for opcode, regs, off, imm in unpack(data):
        if wide is not None:
            wide.imm |= (imm & 0xFFFFFFFF) << 32
            wide = None
            continue
        dst, src = (regs >> 4, regs & 15) if big_endian else (regs & 15, regs >> 4)
        insn = Insn(opcode, dst, src, off, imm)
        if opcode == LD_IMM64:
            insn.imm = imm & 0xFFFFFFFF
            wide = insn
        insns.append(insn)
    return insns


def slot_starts(insns: Sequence[Insn]) -> list[int]:
    """Return the slot at which each instruction starts, plus the total as one more entry."""
    starts = [0]
    slot = 0
    for insn in insns:
        slot += 2 if insn.opcode == LD_IMM64 else 1
        starts.append(slot)
    return starts
