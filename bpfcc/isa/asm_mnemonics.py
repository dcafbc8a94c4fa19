"""The mnemonic syntax: ``ldxdw %r1, [%r2+8]``, as ubpf, the conformance suite and GNU as write it.

The table of mnemonics is made from the instruction table: a mnemonic is a shape of operands and the
name of a row, or the stem of the names of its immediate and register forms.
"""

from __future__ import annotations

from . import table as _t
from .asm_reader import Bad, Reader, Token
from .table import Row, by_name


class MnemonicReader(Reader):
    """Reads mnemonic statements; who inherits says where instructions go."""

    def emit(self, row: Row, dst: int = 0, src: int = 0, off: int = 0, imm: int = 0) -> None:
        """Take an instruction."""
        raise NotImplementedError

    def refer(self, field: str, token: Token | None) -> None:
        """Let ``field`` of the last instruction be filled from the label at ``token``."""
        raise NotImplementedError

    def mnemonic(self) -> None:
        """Read a whole statement that begins with a mnemonic."""
        token = self.advance()
        found = _MNEMONICS.get(token.text)
        if found is None:
            what = "directive" if token.text.startswith(".") else "instruction"
            raise Bad(f"unknown {what} '{token.text}'", token.start, token.end)
        shape, name = found
        if shape == "alu":
            dst = self.register()[0]
            self.expect(",")
            if self.peek().kind == "reg":
                self.emit(by_name[name + "_reg"], dst, self.register()[0])
            else:
                self.emit(by_name[name + "_imm"], dst, imm=self.immediate())
        elif shape == "unary":
            self.emit(by_name[name], self.register()[0])
        elif shape == "binary":
            dst = self.register()[0]
            self.expect(",")
            self.emit(by_name[name], dst, self.register()[0])
        elif shape == "order":  # GNU as: endbe %r1, 16
            dst = self.register()[0]
            self.expect(",")
            bits = self.advance()
            row = by_name.get(f"{name}{bits.text}")
            if row is None:
                raise Bad("expected 16, 32 or 64", bits.start, bits.end)
            self.emit(row, dst)
        elif shape == "jump":
            self._mnemonic_jump(name)
        else:
            self._mnemonic_memory(shape, name)

    def _mnemonic_jump(self, name: str) -> None:
        dst = self.register()[0]
        self.expect(",")
        src = imm = 0
        suffix = "_imm"
        if self.peek().kind == "reg":
            src = self.register()[0]
            suffix = "_reg"
        else:
            imm = self.immediate()
        self.expect(",")
        off, label = self.target("off")
        self.emit(by_name[name + suffix], dst, src, off, imm)
        self.refer("off", label)

    def _mnemonic_memory(self, shape: str, name: str) -> None:
        row = by_name[name]
        if shape == "load":
            dst = self.register()[0]
            self.expect(",")
            base, off = self.bracketed()
            self.emit(row, dst, base, off)
        elif shape == "store":
            base, off = self.bracketed()
            self.expect(",")
            self.emit(row, base, self.register()[0], off)
        elif shape == "store_imm":
            base, off = self.bracketed()
            self.expect(",")
            self.emit(row, base, 0, off, self.immediate())
        elif shape == "lddw":
            dst = self.register()[0]
            self.expect(",")
            token = self.peek()
            if token.kind == "name":
                self.advance()
                self.emit(row, dst)
                self.refer("lddw", token)
                return
            value = self.expression()
            if not -(1 << 63) <= value < 1 << 64:
                raise Bad(f"{value} does not fit in 64 bits", token.start, token.end)
            self.emit(row, dst, imm=value & 0xFFFFFFFFFFFFFFFF)
        else:  # packet loads
            src = 0
            if row.reg:
                src = self.register()[0]
                self.expect(",")
            self.emit(row, 0, src, imm=self.immediate())


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
