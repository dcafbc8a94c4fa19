"""Inline assembly for LLVM, which here has no assembler for BPF.

Each statement becomes an LLVM ``asm`` with an empty template whose operands are pinned to registers
that are chosen here, so its final text is known before LLVM runs. LLVM keeps the place: in its
assembly listing, an empty ``asm`` is a pair of comments, and the ``.loc`` before it names a line
number that no other statement has. ``read_listing`` reads them, and ``expand`` puts the instructions in.

Labels of an ``asm goto`` lead to blocks of their own that begin with such a mark.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator

from ..ir.asm_template import (
    Reference,
    clobbered,
    constant_text,
    in_register,
    label_mark,
    parse_template,
    tied_output,
)
from ..ir.module import AsmOperand
from ..ir.values import Const, CoreConst, Instr, Symbol, Value
from ..isa.asm_inline import InlineCode, assemble_inline
from ..isa.insn import ALU64, BYTES_SIZE, JCOND, JMP, LDX, MEM, MOV, R0, R1, Insn, X
from ..support.errors import InputError

_REGISTERS = 10
_MENTIONED = re.compile(r"\b[rw](\d)\b")
_JUMP = re.compile(r"\bgotol? (LBB\w+)")
_CAST = 1  # off of the register move that converts between address spaces


class Statement:
    """One statement: its instructions, and what is wrong with it.

    ``marks``: for each label the line number at the head of the block that it leads to. ``core``:
    the CO-RE number that its first instruction has, if any.
    """

    __slots__ = ("code", "core", "errors", "instr", "marks")

    def __init__(self, instr: Instr) -> None:
        self.instr = instr
        self.code = InlineCode()
        self.errors: list[str] = []
        self.marks: list[int] = []
        self.core: CoreConst | None = None


class Output:
    """A register that the statement sets: ``value`` goes in before, if it is read as well.

    ``place`` is the operand that points to where the result is stored, None for the result itself;
    ``loaded``: what is there goes in before.
    """

    __slots__ = ("loaded", "place", "register", "size", "value")

    def __init__(
        self, register: int, size: int, place: Value | None, value: Value | None, loaded: bool
    ) -> None:
        self.register = register
        self.size = size
        self.place = place
        self.value = value
        self.loaded = loaded


class Binding:
    """The operands of a statement with their registers.

    ``shown``: what each operand is in the text, ``{}`` being the letter of the register's name.
    ``inputs`` are (register, value); ``tied`` maps the position of an output to the input that it
    starts with.
    """

    def __init__(self, instr: Instr) -> None:
        self.instr = instr
        self.errors: list[str] = []
        self.shown: list[str] = []
        self.outputs: list[Output] = []
        self.inputs: list[tuple[int, Value]] = []
        self.tied: dict[int, Value] = {}
        self.clobbers, unknown = clobbered(instr)
        self.errors += [f"unknown register name '{name}' in asm clobber list" for name in unknown]
        self._free = self._order()
        self._shared: list[int] = []
        self._output_of: dict[int, int] = {}
        self._bind()

    def _order(self) -> list[int]:
        """Return the registers to take, those that the text does not mention first."""
        mentioned = {int(found) for found in _MENTIONED.findall(self.instr.attrs["template"])}
        free = [r for r in (*range(1, _REGISTERS), 0) if not self.clobbers >> r & 1]
        return sorted(free, key=lambda r: r in mentioned)

    def _take(self) -> int:
        if self._free:
            return self._free.pop(0)
        if self._shared:
            return self._shared.pop(0)
        self.errors.append("inline assembly needs more registers than there are")
        return 0

    def _bind(self) -> None:
        constraints: list[AsmOperand] = self.instr.attrs["constraints"]
        args = iter(self.instr.args)
        todo: list[tuple[int, str, Value]] = []
        for number, constraint in enumerate(constraints):
            text = constraint.constraint
            letters = text.lstrip("=+&%")
            output = "=" in text or "+" in text
            memory = "m" in letters or "o" in letters or ("r" not in letters and not output)
            self.shown.append("0")
            if output and not (constraint.by_address and memory):
                self._output(number, constraint, args)
            elif constraint.by_address and not output and not memory:
                todo.append((number, letters, next(args)))
            elif constraint.by_address:
                todo.append((number, "m", next(args)))
            else:
                todo.append((number, letters, next(args)))
        # Tied operands fix registers that no other may share.
        for number, letters, value in sorted(todo, key=lambda one: one[1][:1] not in "[0123456789"):
            self._input(number, letters, value)

    def _output(self, number: int, constraint: AsmOperand, args: Iterator[Value]) -> None:
        text = constraint.constraint
        register = self._take()
        place = next(args) if constraint.by_address else None
        position = len(self.outputs)
        read = "+" in text
        value = next(args) if read and place is None else None
        if not read and "&" not in text:
            self._shared.append(register)
        self.outputs.append(Output(register, constraint.size, place, value, read))
        self._output_of[number] = position
        self.shown[number] = self._name(register, text)

    @staticmethod
    def _name(register: int, letters: str) -> str:
        return ("w" if "w" in letters else "{}") + str(register)

    def _input(self, number: int, letters: str, value: Value) -> None:
        tied = tied_output(self.instr, letters)
        root = _root(value)
        if tied is not None:
            position = self._output_of.get(tied)
            if position is None:
                self.errors.append(f"asm operand constraint '{letters}' matches no output register")
                return
            register = self.outputs[position].register
            if register in self._shared:
                self._shared.remove(register)
            self.tied[position] = value
            self.shown[number] = self.shown[tied]
        elif ("i" in letters or "n" in letters) and isinstance(root, (Const, Symbol)):
            self.shown[number] = constant_text(root)
        elif in_register(letters):
            self.shown[number] = self._name(self._register(value), letters)
        elif "m" in letters:
            self.shown[number] = f"({{}}{self._register(value)} + 0)"
        else:
            what = "is not a constant" if letters and letters[0] in "in" else "is not supported"
            self.errors.append(f"asm operand with constraint '{letters}' {what}")

    def reads(self, position: int) -> bool:
        """Tell whether an output is an input as well."""
        return self.outputs[position].loaded or position in self.tied

    def _register(self, value: Value) -> int:
        for register, held in self.inputs:
            if held is value:
                return register
        register = self._take()
        self.inputs.append((register, value))
        return register


def _root(value: Value) -> Value:
    """Return the constant or symbol that ``value`` is, through conversions of constants."""
    if not isinstance(value, Instr) or value.op not in (
        "zext",
        "sext",
        "trunc",
        "ptrtoint",
        "inttoptr",
    ):
        return value
    root = _root(value.args[0])
    if isinstance(root, Const):
        number = root.signed if value.op == "sext" else root.value
        return Const(value.type, number & (1 << value.type.bits) - 1)
    return root


def statement(instr: Instr, bound: Binding, *, big_endian: bool, before: str = "") -> Statement:
    """Assemble a statement whose operands have their registers; ``before`` comes first."""
    made = Statement(instr)
    parts, errors = parse_template(instr)
    made.errors = bound.errors + errors
    if made.errors:
        return made
    text = before + "".join(_text_of(part, bound) for part in parts)
    if not text.strip():
        return made
    marks = [label_mark(i) for i in range(len(instr.attrs.get("labels", ())))]
    try:
        made.code = assemble_inline(text, marks, big_endian=big_endian)
    except InputError as error:
        message = error.diagnostics[0].message if error.diagnostics else str(error)
        made.errors.append(f"in inline assembly: {message}")
    return made


def _text_of(part: str | Reference, bound: Binding) -> str:
    if isinstance(part, str):
        return part
    if part.kind == "operand":
        return bound.shown[part.index].format("w" if part.modifier == "w" else "r")
    return label_mark(part.index) if part.kind == "label" else "0"


def naked_statement(instr: Instr, *, big_endian: bool) -> Statement:
    """Assemble a statement of a naked function: its operands are constants and addresses."""
    bound = Binding(instr)
    loads = []
    for register, value in bound.inputs:
        root = _root(value)
        if isinstance(root, Const):
            loads.append(f"r{register} = {root.value} ll\n")
        elif isinstance(root, Symbol):
            loads.append(f"r{register} = {constant_text(root)} ll\n")
        else:
            bound.errors.append("assembly of a naked function takes only constants")
    if instr.op != "asm" or bound.outputs:
        bound.errors.append("assembly of a naked function takes only constants")
    return statement(instr, bound, big_endian=big_endian, before="".join(loads))


def may_goto(instr: Instr) -> Statement:
    """Return the statement for the jump that the kernel takes when a loop must be left."""
    made = Statement(instr)
    made.code.insns = [Insn(JMP | JCOND)]
    made.code.jumps = [(0, 0)]
    return made


def addrspacecast(instr: Instr) -> Statement:
    """Return the statement that converts r0 between address spaces."""
    made = Statement(instr)
    imm = instr.attrs["to"] << 16 | instr.attrs["from"]
    made.code.insns = [Insn(ALU64 | MOV | X, R0, R0, off=_CAST, imm=imm)]
    return made


def core_load(instr: Instr, field: CoreConst) -> Statement:
    """Return the load of r0 from the field of the context in r1: CO-RE patches its offset."""
    made = Statement(instr)
    made.code.insns = [Insn(LDX | MEM | BYTES_SIZE[instr.type.size], R0, R1, off=field.value)]
    made.core = field
    return made


class Listing:
    """Where the statements of a function came to stand in LLVM's code.

    ``count``: instructions in all. ``at``: (instructions before, line number) in order.
    ``labels``: name -> (instructions before, members of ``at`` before). ``jumps``: number of an
    instruction -> the label that it names. ``heads``: line number of a mark -> label of the block
    that it begins, "" when there are two.
    """

    __slots__ = ("at", "count", "heads", "jumps", "labels")

    def __init__(self) -> None:
        self.count = 0
        self.at: list[tuple[int, int]] = []
        self.labels: dict[str, tuple[int, int]] = {}
        self.jumps: dict[int, str] = {}
        self.heads: dict[int, str] = {}


def read_listing(text: str, emitted_sections: Container[str]) -> dict[str, Listing]:
    """Read LLVM's assembly: section name -> what stands where in the function it holds."""
    found: dict[str, Listing] = {}
    here: Listing | None = None
    line, block = 0, ""
    for raw in text.split("\n"):
        word = raw.strip()
        if word.startswith(".section"):
            name = word.split(None, 1)[1].split(",")[0].strip('"')
            here = found.setdefault(name, Listing()) if name in emitted_sections else None
        elif here is None or not word:
            continue
        elif word.startswith(".loc\t"):
            line = int(word.split()[2])
        elif word == "#APP":
            here.at.append((here.count, line))
            here.heads[line] = "" if line in here.heads else block
        elif word.startswith("LBB") and ":" in word:
            block = word[: word.index(":")]
            here.labels[block] = here.count, len(here.at)
        elif word[0] not in ".#" and not word.endswith(":"):
            jump = _JUMP.search(word)
            if jump is not None:
                here.jumps[here.count] = jump[1]
            here.count += 1
    return found
