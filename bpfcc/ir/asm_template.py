"""The template of inline assembly, read once: texts, and what its ``%`` stand for.

``%0``, ``%[name]`` (operands, with an optional letter before them: ``%w0`` is the 32-bit name of the
register), ``%l0``/``%l[name]`` (labels, numbered on from the operands), ``%=`` (a number unique to
the statement), ``%%`` (a percent sign), ``%r0`` (a register of the assembler's own).

Source: GCC manual, "Extended Asm".
"""

from __future__ import annotations

from .values import Const, Instr, Symbol


class Reference:
    """Something that the template names: ``kind`` is "operand", "label" or "unique".

    ``index`` counts operands, or labels; ``modifier`` is the letter before an operand.
    """

    __slots__ = ("index", "kind", "modifier")

    def __init__(self, kind: str, index: int = 0, modifier: str = "") -> None:
        self.kind = kind
        self.index = index
        self.modifier = modifier


def label_mark(index: int) -> str:
    """Return what stands in a rendered template for label ``index``."""
    return f"bpfcc_label_{index}"


def parse_template(instr: Instr) -> tuple[list[str | Reference], list[str]]:
    """Read the template of an ``asm`` or ``asm_goto``.

    Returns: its parts in order, and a message for every reference to nothing (a "0" stands there,
    which the assembler can read).
    """
    return _Template(instr).run()


class _Template:
    def __init__(self, instr: Instr) -> None:
        constraints = instr.attrs["constraints"]
        self.text: str = instr.attrs["template"]
        self.names = {c.name: i for i, c in enumerate(constraints) if c.name}
        self.count = len(constraints)
        self.labels = list(instr.attrs.get("labels", ()))
        self.parts: list[str | Reference] = []
        self.errors: list[str] = []

    def run(self) -> tuple[list[str | Reference], list[str]]:
        at = 0
        while True:
            percent = self.text.find("%", at)
            if percent < 0 or percent + 1 >= len(self.text):
                self.parts.append(self.text[at:])
                return self.parts, self.errors
            self.parts.append(self.text[at:percent])
            at = self._reference(percent + 1)

    def _reference(self, at: int) -> int:
        """Read what follows a ``%`` at ``at``; return where it ends."""
        text, char = self.text, self.text[at]
        if char == "%":
            self.parts.append("%")
            return at + 1
        if char == "=":
            self.parts.append(Reference("unique"))
            return at + 1
        if char == "r" and text[at + 1 : at + 2].isdigit() and text[at - 2 : at - 1] != "%":
            self.parts.append("%r")
            return at + 1
        modifier = ""
        if char.isalpha():
            modifier = char
            at += 1
        if text[at : at + 1] == "[":
            close = text.find("]", at)
            name = text[at + 1 : close] if close > 0 else ""
            at = close + 1 if close > 0 else len(text)
            if modifier == "l" and name in self.labels:
                self.parts.append(Reference("label", self.labels.index(name)))
                return at
            index, what = self.names.get(name, -1), f"[{name}]"
        else:
            end = at
            while end < len(text) and text[end].isdigit():
                end += 1
            what = text[at:end]
            index = int(what) if what else -1
            at = end
            if modifier == "l" and self.count <= index < self.count + len(self.labels):
                self.parts.append(Reference("label", index - self.count))
                return at
        if not 0 <= index < self.count:
            self.errors.append(f"asm template refers to unknown operand '%{modifier}{what}'")
            self.parts.append("0")
            return at
        self.parts.append(Reference("operand", index, modifier))
        return at


def tied_output(instr: Instr, letters: str) -> int | None:
    """Return the number of the output that an input's constraint names ("0", "[name]").

    None: the constraint names no other operand; -1: one that is not there.
    """
    if letters.isdigit():
        return int(letters)
    if letters[:1] != "[":
        return None
    names = [operand.name for operand in instr.attrs["constraints"]]
    name = letters[1 : letters.find("]")]
    return names.index(name) if name in names else -1


def in_register(letters: str) -> bool:
    """Tell whether a constraint can be met by a register ("p" is an address in one)."""
    return any(letter in letters for letter in "rwgpX")


def constant_text(value: Const | Symbol) -> str:
    """Return how an immediate operand is printed."""
    if isinstance(value, Const):
        return str(value.signed)
    return value.name + (f" + {value.addend}" if value.addend else "")


def clobbered(instr: Instr) -> tuple[int, list[str]]:
    """Return the mask of registers that the assembly overwrites, and the names it does not know."""
    mask, unknown = 0, []
    for name in instr.attrs.get("clobbers", ()):
        if name in ("memory", "cc"):
            continue
        if name[:1] in "rw" and name[1:].isdigit() and int(name[1:]) < 10:
            mask |= 1 << int(name[1:])
        elif name not in ("r10", "w10"):
            unknown.append(name)
    return mask, unknown
