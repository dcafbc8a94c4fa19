"""Selection of inline assembly: operands to registers, template to text.

GNU C extended assembly with BPF's constraints: ``r`` (64-bit register, whatever the operand's type),
``w`` (the same by its 32-bit name, from v3), ``p`` (an address, in a register), ``i``/``n`` (constant
or symbol), ``m`` (memory, printed as ``(r10 - 8)``), a digit (same place as that output), with ``=``,
``+`` and ``&``. The template itself is read by ``ir.asm_template``.
"""

from __future__ import annotations

from collections.abc import Callable

from ..ir.asm_template import (
    Reference,
    clobbered,
    constant_text,
    in_register,
    label_mark,
    parse_template,
    tied_output,
)
from ..ir.module import AsmOperand, Block
from ..ir.values import Const, CoreConst, Instr, Symbol, Value
from ..support.source import Span
from .branches import edge
from .memory import load_piece, store_piece
from .mir import ASM, MOV64, AsmBlock, AsmOperandReg, FrameObject, MInsn
from .selector import Address, Selector
from .widths import ANY


class _Operand:
    """What one operand prints as: register number ``at`` of the list, plus offset, or a text."""

    __slots__ = ("at", "frame", "narrow", "off", "text")

    def __init__(
        self,
        at: int = -1,
        text: str = "",
        off: int | None = None,
        frame: FrameObject | None = None,
        *,
        narrow: bool = False,
    ) -> None:
        self.at = at
        self.text = text
        self.off = off
        self.frame = frame
        self.narrow = narrow

    def render(self, regs: list[int], *, narrow: bool) -> str:
        """Return what stands in the assembly for this operand."""
        off = self.off or 0
        if self.frame is not None:
            name = "r10"
            off += self.frame.offset
        elif self.at < 0:
            return self.text
        else:
            name = f"{'w' if narrow or self.narrow else 'r'}{regs[self.at]}"
        if self.off is None:
            return name
        return f"({name} {'-' if off < 0 else '+'} {abs(off)})"


def asm(s: Selector, instr: Instr) -> None:
    """Select an ``asm`` statement."""
    _select(s, instr, [])


def asm_goto(s: Selector, instr: Instr) -> None:
    """Select an ``asm goto``: targets[0] is the fall-through, the rest are its labels."""
    targets: list[Block] = instr.attrs["targets"]
    ways = [edge(s, s.block, target, alone=False) for target in targets]
    names = list(instr.attrs.get("labels", ()))
    insn = _select(s, instr, names)
    insn.targets = ways


def _error(s: Selector, span: Span | None, message: str) -> None:
    s.options.sink.error("bpf-asm", message, span)


def _select(s: Selector, instr: Instr, labels: list[str]) -> MInsn:
    constraints: list[AsmOperand] = instr.attrs["constraints"]
    regs: list[AsmOperandReg] = []
    shown: list[_Operand] = []
    after: list[tuple[Address, int, int]] = []  # results to be stored: place, size, register
    args = iter(instr.args)
    result_at = -1
    for constraint in constraints:
        text = constraint.constraint
        letters = text.lstrip("=+&%")
        output = "=" in text or "+" in text
        early = "&" in text
        if output and not constraint.by_address:
            result_at = len(regs)
            read = "+" in text
            dst = s.result(instr)
            if read:
                s.emit(MOV64, dst, s.in_form(next(args), ANY))
            regs.append(AsmOperandReg(dst, read=read, write=True, early=early))
            shown.append(_Operand(result_at, narrow=s.alu32 and "w" in letters))
        elif constraint.by_address:
            pointer = next(args)
            if "m" in letters or "o" in letters or ("r" not in letters and not output):
                shown.append(_memory_operand(s, pointer, regs))
            else:
                place = s.address(pointer, 0, constraint.size)
                reg = s.temp()
                if "+" in text:
                    load_piece(s, reg, place, 0, constraint.size)
                after.append((place, constraint.size, reg))
                shown.append(_Operand(len(regs), narrow=s.alu32 and "w" in letters))
                regs.append(AsmOperandReg(reg, read="+" in text, write=True, early=early))
        else:
            _input(s, instr, letters, next(args), regs, shown)
    block = AsmBlock(
        regs,
        _clobbers(s, instr),
        _renderer(s, instr, shown),
        labels,
    )
    block.frames = [operand.frame for operand in shown if operand.frame is not None]
    insn = s.emit(ASM)
    insn.extra = block
    for place, size, reg in after:
        store_piece(s, place, 0, size, reg)
    if result_at >= 0 and instr in s.regs:
        s.define(instr, regs[result_at].reg)
    return insn


def _input(
    s: Selector,
    instr: Instr,
    letters: str,
    value: Value,
    regs: list[AsmOperandReg],
    shown: list[_Operand],
) -> None:
    """Take one input operand."""
    root = s.root(value)
    number = tied_output(instr, letters)
    if number is not None:
        tied = shown[number] if 0 <= number < len(shown) else None
        if tied is None or tied.at < 0:
            _error(s, instr.span, f"asm operand constraint '{letters}' matches no output register")
            shown.append(_Operand(text="0"))
            return
        operand = regs[tied.at]
        s.emit(MOV64, operand.reg, s.reg(value))
        operand.read = True
        shown.append(_Operand(tied.at, narrow=tied.narrow))
    elif ("i" in letters or "n" in letters) and isinstance(root, (Const, Symbol)):
        shown.append(_Operand(text=constant_text(root)))
    elif in_register(letters):
        if isinstance(root, (Const, Symbol, CoreConst)):
            reg = s.zreg(value) if value.type.bits < 64 else s.reg(value)
        else:
            reg = s.zreg(value)
        shown.append(_Operand(len(regs), narrow=s.alu32 and "w" in letters))
        regs.append(AsmOperandReg(reg, read=True, write=False))
    elif "m" in letters:
        shown.append(_memory_operand(s, value, regs))
    else:
        what = "is not a constant" if letters and letters[0] in "in" else "is not supported"
        _error(s, instr.span, f"asm operand with constraint '{letters}' {what}")
        shown.append(_Operand(text="0"))


def _memory_operand(s: Selector, pointer: Value, regs: list[AsmOperandReg]) -> _Operand:
    """A memory operand: printed as (register + offset)."""
    place = s.address(pointer, 0, 8)
    if place.frame is not None:
        return _Operand(off=place.off, frame=place.frame)
    regs.append(AsmOperandReg(place.base, read=True, write=False))
    return _Operand(len(regs) - 1, off=place.off)


def _clobbers(s: Selector, instr: Instr) -> int:
    mask, unknown = clobbered(instr)
    for name in unknown:
        _error(s, instr.span, f"unknown register name '{name}' in asm clobber list")
    return mask


def _renderer(s: Selector, instr: Instr, shown: list[_Operand]) -> Callable[[list[int]], str]:
    """Return the function that writes the template for given registers."""
    parsed, errors = parse_template(instr)
    for message in errors:
        _error(s, instr.span, message)
    unique = s.unique()

    def text_of(part: str | Reference, regs: list[int]) -> str:
        if isinstance(part, str):
            return part
        if part.kind == "operand":
            return shown[part.index].render(regs, narrow=part.modifier == "w")
        return label_mark(part.index) if part.kind == "label" else unique

    def render(regs: list[int]) -> str:
        return "".join(text_of(part, regs) for part in parsed)

    return render
