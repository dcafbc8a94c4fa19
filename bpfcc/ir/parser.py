"""Reads the text form of the IR that ``ir.printer`` writes.

For tests, for debugging a pass alone, and for reduced cases. The BTF type of a CO-RE constant is
read as a bare named type.
"""

from __future__ import annotations

import re
from typing import Any, Union

from ..btf.core import CoreKind
from ..btf.types import BtfType
from ..support.errors import InputError
from .module import (
    AsmOperand,
    Block,
    Extern,
    FuncRef,
    Function,
    Global,
    GlobalReloc,
    HelperRef,
    KfuncRef,
    Module,
    PointerRef,
)
from .ops import OPS, TERMINATORS
from .values import (
    I1,
    I8,
    I16,
    I32,
    I64,
    PTR,
    VOID,
    Const,
    CoreConst,
    Instr,
    Param,
    Symbol,
    Type,
    Undef,
    Value,
)

TYPES: dict[str, Type] = {t.name: t for t in (VOID, I1, I8, I16, I32, I64, PTR)}
_TOKEN = re.compile(
    r"(?P<space>[ \t]+|;[^\n]*)|(?P<line>\n)"
    r'|(?P<string>"(?:[^"\\\n]|\\.)*")'
    r"|(?P<number>[+-]?[0-9]+)"
    r"|(?P<symbol>@[A-Za-z0-9_.$]+)"
    r"|(?P<value>%[A-Za-z0-9_.]+)"
    r"|(?P<word>[A-Za-z_.][A-Za-z0-9_.]*)"
    r"|(?P<punct>->|[(){}\[\]<>,:=])"
)
_ESCAPE = re.compile(r"\\(?:u\{([0-9a-f]+)\}|(.))")

_Token = tuple[str, str, int]


class _Forward(Value):
    """Stands for a value that is defined further on."""

    __slots__ = ("line", "name")

    def __init__(self, name: str, line: int) -> None:
        super().__init__(VOID)
        self.name = name
        self.line = line


class _Parser:
    def __init__(self, text: str, name: str) -> None:
        self.file = name
        self.tokens = self._scan(text)
        self.at = 0
        self.values: dict[str, Value] = {}
        self.blocks: dict[str, Block] = {}

    def _scan(self, text: str) -> list[_Token]:
        tokens: list[_Token] = []
        pos, line = 0, 1
        while pos < len(text):
            match = _TOKEN.match(text, pos)
            if match is None:
                raise InputError(f"{self.file}:{line}: cannot read {text[pos : pos + 20]!r}")
            kind = match.lastgroup or ""
            if kind == "line":
                line += 1
                tokens.append(("line", "", line - 1))
            elif kind != "space":
                tokens.append((kind, match.group(), line))
            pos = match.end()
        tokens.append(("line", "", line))
        tokens.append(("end", "", line))
        return tokens

    # -- tokens -----------------------------------------------------------------------------

    def error(self, message: str) -> InputError:
        return InputError(f"{self.file}:{self.tokens[self.at][2]}: {message}")

    def peek(self) -> str:
        return self.tokens[self.at][1]

    def kind(self) -> str:
        return self.tokens[self.at][0]

    def take(self, kind: str) -> str:
        found, text, _ = self.tokens[self.at]
        if found != kind:
            raise self.error(f"expected {kind}, found {text or found!r}")
        self.at += 1
        return text

    def accept(self, text: str) -> bool:
        if self.tokens[self.at][1] == text and self.kind() in ("word", "punct"):
            self.at += 1
            return True
        return False

    def expect(self, text: str) -> None:
        if not self.accept(text):
            raise self.error(f"expected '{text}', found {self.peek()!r}")

    def lines(self) -> None:
        while self.kind() == "line":
            self.at += 1

    def string(self) -> str:
        body = self.take("string")[1:-1]
        return _ESCAPE.sub(lambda m: chr(int(m[1], 16)) if m[1] else m[2], body)

    def number(self) -> int:
        return int(self.take("number"))

    def type(self) -> Type:
        word = self.take("word")
        if word not in TYPES:
            raise self.error(f"unknown type {word!r}")
        return TYPES[word]

    # -- module -----------------------------------------------------------------------------

    def module(self) -> Module:
        module = Module()
        self.lines()
        while self.kind() != "end":
            word = self.take("word")
            if word == "source":
                module.source_name = self.string()
            elif word == "global":
                module.globals.append(self.global_())
            elif word == "extern":
                name = self.take("symbol")[1:]
                self.expect("section")
                section = self.string()
                module.externs.append(Extern(name, section, weak=self.accept("weak"), btf=None))
            elif word == "func":
                module.functions.append(self.function())
            else:
                raise self.error(f"unknown declaration {word!r}")
            self.lines()
        return module

    def global_(self) -> Global:
        name = self.take("symbol")[1:]
        self.expect("section")
        section = self.string()
        self.expect("align")
        var = Global(name, section, b"", self.number())
        self.expect("linkage")
        var.linkage = self.take("word")
        for flag in ("hidden", "readonly", "constant", "used"):
            setattr(var, flag, self.accept(flag))
        self.expect("size")
        size = self.number()
        var.init = bytes(size)
        if self.accept("bytes"):
            var.init = bytes.fromhex(self.string())
        else:
            self.expect("zero")
        if len(var.init) != size:
            raise self.error(f"@{name} has {len(var.init)} bytes, not {size}")
        while self.accept("reloc"):
            offset = self.number()
            symbol = self.take("symbol")[1:]
            addend = self.number() if self.kind() == "number" else 0
            var.relocs.append(GlobalReloc(offset, symbol, addend))
        return var

    # -- functions --------------------------------------------------------------------------

    def function(self) -> Function:
        self.values, self.blocks = {}, {}
        name = self.take("symbol")[1:]
        self.expect("(")
        params: list[Param] = []
        while not self.accept(")"):
            if params:
                self.expect(",")
            type = self.type()
            text = self.take("value")
            params.append(Param(type, len(params), _hint(text)))
            self.values[text] = params[-1]
        self.expect("->")
        function = Function(name, self.type(), params)
        self.expect("section")
        function.section = self.string()
        self.expect("linkage")
        function.linkage = self.take("word")
        if self.accept("inline"):
            function.inline = self.take("word")
        for flag in ("hidden", "ctx", "used", "naked"):
            setattr(function, flag, self.accept(flag))
        self.expect("{")
        self.lines()
        defined: set[Block] = set()
        while not self.accept("}"):
            block = self.label(function)
            if block in defined:
                raise self.error(f"block {block.name!r} is defined twice")
            defined.add(block)
            function.blocks.append(block)
            self.expect(":")
            self.lines()
            while self.kind() in ("word", "value") and not self.at_label():
                self.instruction(function, block)
                self.lines()
        for label, block in self.blocks.items():
            if block not in defined:
                raise self.error(f"block {label!r} is not defined")
        self.resolve(function)
        return function

    def at_label(self) -> bool:
        return self.kind() == "word" and self.tokens[self.at + 1][1] == ":"

    def label(self, function: Function) -> Block:
        name = self.take("word")
        if name not in self.blocks:
            self.blocks[name] = Block(name, function)
        return self.blocks[name]

    def resolve(self, function: Function) -> None:
        for instr in function.instrs():
            for i, arg in enumerate(instr.args):
                if isinstance(arg, _Forward):
                    if arg.name not in self.values:
                        raise InputError(f"{self.file}:{arg.line}: {arg.name} is not defined")
                    instr.args[i] = self.values[arg.name]

    def operand(self) -> Value:
        kind, text, line = self.tokens[self.at]
        if kind == "value":
            self.at += 1
            return self.values.get(text) or _Forward(text, line)
        if kind == "symbol":
            self.at += 1
            return Symbol(text[1:], self.number() if self.kind() == "number" else 0)
        type = self.type()
        if self.accept("undef"):
            return Undef(type)
        if self.accept("core"):
            core_kind = CoreKind[self.take("word")]
            btf = BtfType(self.string())
            return CoreConst(type, core_kind, btf, self.string(), self.number())
        return Const(type, self.number())

    def instruction(self, function: Function, block: Block) -> None:
        result = ""
        if self.kind() == "value":
            result = self.take("value")
            self.expect("=")
        op = self.take("word")
        if op not in OPS:
            raise self.error(f"unknown operation {op!r}")
        instr = Instr(op, self.type() if result else VOID, [], name=_hint(result))
        if op == "phi":
            self.phi(function, instr)
        elif op == "call":
            self.call(instr)
        else:
            self.operands(function, instr)
        while self.kind() == "word":
            key = self.take("word")
            self.expect("=")
            instr.attrs[key] = self.literal()
        block.append(instr)
        if result:
            if result in self.values:
                raise self.error(f"{result} is defined twice")
            self.values[result] = instr
        self.take("line")

    def phi(self, function: Function, instr: Instr) -> None:
        blocks: list[Block] = []
        while self.accept("["):
            instr.args.append(self.operand())
            self.expect(",")
            blocks.append(self.label(function))
            self.expect("]")
            self.accept(",")
        instr.attrs["blocks"] = blocks

    def call(self, instr: Instr) -> None:
        word = self.take("word")
        callee: Union[HelperRef, FuncRef, KfuncRef, PointerRef]
        if word == "helper":
            number = self.number()
            callee = HelperRef(number, self.string())
        elif word == "func":
            callee = FuncRef(self.take("symbol")[1:])
        elif word == "kfunc":
            callee = KfuncRef(self.take("symbol")[1:])
        elif word == "pointer":
            callee = PointerRef()
        else:
            raise self.error(f"unknown kind of callee {word!r}")
        instr.attrs["callee"] = callee
        self.expect("(")
        while not self.accept(")"):
            if instr.args:
                self.expect(",")
            instr.args.append(self.operand())

    def operands(self, function: Function, instr: Instr) -> None:
        """Read operands and target labels; the latter stand where a type or value cannot."""
        targets: list[Block] = []
        cases: list[int] = []
        while True:
            if self.kind() == "number" and instr.op == "switch":
                cases.append(self.number())
                self.expect(":")
                targets.append(self.label(function))
            elif self.kind() == "word" and self.tokens[self.at + 1][1] == "=":
                break
            elif self.kind() == "word" and self.peek() not in TYPES and instr.op in TERMINATORS:
                targets.append(self.label(function))
            elif self.kind() in ("value", "symbol", "word"):
                instr.args.append(self.operand())
            else:
                break
            if not self.accept(","):
                break
        if "targets" in OPS[instr.op].attrs:
            instr.attrs["targets"] = targets
        if instr.op == "switch":
            instr.attrs["cases"] = cases

    def literal(self) -> Any:
        kind = self.kind()
        if kind == "number":
            return self.number()
        if kind == "string":
            return self.string()
        if self.accept("yes"):
            return True
        if self.accept("no"):
            return False
        if self.accept("<"):
            constraint, name = self.string(), self.string()
            by_address = self.take("word") == "yes"
            operand = AsmOperand(constraint, name, by_address=by_address, size=self.number())
            self.expect(">")
            return operand
        self.expect("(")
        items = []
        while not self.accept(")"):
            items.append(self.literal())
        return items


def _hint(text: str) -> str:
    """Return the name part of ``%name.number``, "" for ``%number``."""
    name = text[1:].rpartition(".")[0] if "." in text else text[1:]
    return "" if name.isdigit() else name


def parse_module(text: str, name: str = "<ir>") -> Module:
    """Read a module; InputError with ``name`` and line where the text is not well-formed."""
    return _Parser(text, name).module()


def parse_function(text: str, name: str = "<ir>") -> Function:
    """Read a text that holds one function."""
    module = parse_module(text, name)
    if len(module.functions) != 1:
        raise InputError(f"{name}: expected one function, found {len(module.functions)}")
    return module.functions[0]
