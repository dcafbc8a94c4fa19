"""Selection of inline assembly: operands to registers, template to text.

GNU C extended assembly with BPF's constraints: ``r`` (64-bit register, whatever the operand's type),
``w`` (the same by its 32-bit name, from v3), ``i``/``n`` (constant or symbol), ``m`` (memory, printed
as ``(r10 - 8)``), a digit (same place as that output), with ``=``, ``+`` and ``&``. In the template
``%0``, ``%[name]``, ``%l0``/``%l[name]`` (labels), ``%w0`` (the 32-bit name of the register), ``%=``
(a number unique to the statement) and ``%%``.
"""

from __future__ import annotations

from collections.abc import Callable

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
        _renderer(s, instr, constraints, shown, labels),
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
    if letters[:1] == "[" or letters.isdigit():
        number = _output_number(instr, letters)
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
        shown.append(_Operand(text=_constant_text(root)))
    elif "r" in letters or "w" in letters or "g" in letters:
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


def _output_number(instr: Instr, letters: str) -> int:
    """Return the number of the output that a tied input names, or -1."""
    if letters.isdigit():
        return int(letters)
    names = [operand.name for operand in instr.attrs["constraints"]]
    name = letters[1 : letters.find("]")]
    return names.index(name) if name in names else -1


def _constant_text(value: Const | Symbol) -> str:
    if isinstance(value, Const):
        return str(value.signed)
    return value.name + (f" + {value.addend}" if value.addend else "")


def _memory_operand(s: Selector, pointer: Value, regs: list[AsmOperandReg]) -> _Operand:
    """A memory operand: printed as (register + offset)."""
    place = s.address(pointer, 0, 8)
    if place.frame is not None:
        return _Operand(off=place.off, frame=place.frame)
    regs.append(AsmOperandReg(place.base, read=True, write=False))
    return _Operand(len(regs) - 1, off=place.off)


def _clobbers(s: Selector, instr: Instr) -> int:
    mask = 0
    for name in instr.attrs.get("clobbers", ()):
        if name in ("memory", "cc"):
            continue
        if name[:1] in "rw" and name[1:].isdigit() and int(name[1:]) < 10:
            mask |= 1 << int(name[1:])
        elif name not in ("r10", "w10"):
            _error(s, instr.span, f"unknown register name '{name}' in asm clobber list")
    return mask


def _renderer(
    s: Selector,
    instr: Instr,
    constraints: list[AsmOperand],
    shown: list[_Operand],
    labels: list[str],
) -> Callable[[list[int]], str]:
    """Return the function that writes the template for given registers."""
    names = {c.name: i for i, c in enumerate(constraints) if c.name}
    # Read the template once: texts, and (operand, narrow) pairs.
    parts: list[str | tuple[_Operand, bool]] = []
    template: str = instr.attrs["template"]
    unique = s.unique()
    at = 0
    while True:
        percent = template.find("%", at)
        if percent < 0 or percent + 1 >= len(template):
            parts.append(template[at:])
            break
        parts.append(template[at:percent])
        at = _reference(s, instr, percent + 1, names, shown, labels, parts, unique)

    def render(regs: list[int]) -> str:
        out = []
        for part in parts:
            if isinstance(part, str):
                out.append(part)
                continue
            operand, narrow = part
            out.append(operand.render(regs, narrow=narrow))
        return "".join(out)

    return render


def _reference(
    s: Selector,
    instr: Instr,
    at: int,
    names: dict[str, int],
    shown: list[_Operand],
    labels: list[str],
    parts: list[str | tuple[_Operand, bool]],
    unique: str,
) -> int:
    """Read what follows a ``%`` at ``at`` of the template; return where it ends."""
    template: str = instr.attrs["template"]
    char = template[at]
    if char == "%":
        parts.append("%")
        return at + 1
    if char == "=":
        parts.append(unique)
        return at + 1
    if char in "rw" and template[at + 1 : at + 2].isdigit() and template[at - 2 : at - 1] != "%":
        # "%r0" is a register of the assembler's own, "%w0" is operand 0 as 32-bit name.
        if char == "r":
            parts.append("%r")
            return at + 1
    modifier = ""
    if char.isalpha():
        modifier = char
        at += 1
    index = -1
    if template[at : at + 1] == "[":
        close = template.find("]", at)
        name = template[at + 1 : close] if close > 0 else ""
        at = close + 1 if close > 0 else len(template)
        if modifier == "l" and name in labels:
            parts.append(f"{{label {labels.index(name)}}}")
            return at
        index = names.get(name, -1)
        what = f"[{name}]"
    else:
        end = at
        while end < len(template) and template[end].isdigit():
            end += 1
        what = template[at:end]
        index = int(what) if what else -1
        at = end
        if modifier == "l" and len(shown) <= index < len(shown) + len(labels):
            parts.append(f"{{label {index - len(shown)}}}")
            return at
    if not 0 <= index < len(shown):
        _error(s, instr.span, f"asm template refers to unknown operand '%{modifier}{what}'")
        parts.append("0")  # what the assembler can read: one message is enough
        return at
    parts.append((shown[index], modifier == "w"))
    return at
