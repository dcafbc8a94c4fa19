"""The text form of the IR; ``ir.parser`` reads it back.

    global @hits section ".bss" align 8 linkage global size 8 zero
    func @drop(ptr %ctx.0) -> i32 section "xdp" linkage global ctx {
    entry:
      %loc.1 = load i64 %ctx.0 off=8
      %2 = ult i1 %loc.1, i64 10
      condbr %2, yes, no
    yes:
      %3 = call ptr helper 1 "map_lookup_elem"(@hits, %ctx.0)
      ...

A value is ``%name.number``: the number is its place in the function, the name a hint. A comment
runs from ``;`` to the end of the line. BTF types and spans are not part of the text, except as
comments.
"""

from __future__ import annotations

from ..support.source import Span
from .module import (
    AsmOperand,
    Block,
    FuncRef,
    Function,
    Global,
    HelperRef,
    KfuncRef,
    Module,
    PointerRef,
)
from .ops import OPS
from .values import VOID, Const, CoreConst, Instr, Param, Symbol, Undef, Value


def quote(text: str) -> str:
    """Return ``text`` as a quoted string of the text form."""
    out = []
    for char in text:
        if char in '"\\':
            out.append("\\" + char)
        elif " " <= char <= "~":
            out.append(char)
        else:
            out.append(f"\\u{{{ord(char):x}}}")
    return '"' + "".join(out) + '"'


def _identifier(name: str) -> str:
    return "".join(c if c.isascii() and (c.isalnum() or c == "_") else "_" for c in name)


class FunctionPrinter:
    """Names the values and blocks of one function and prints its parts."""

    def __init__(self, function: Function, *, spans: bool = False) -> None:
        self.function = function
        self.spans = spans
        self.names: dict[Value, str] = {}
        for param in function.params:
            self._name(param, param.name)
        for block in function.blocks:
            for instr in block.instrs:
                if instr.type is not VOID:
                    self._name(instr, instr.name)
        self.labels: dict[Block, str] = {}
        taken: set[str] = set()
        for block in function.blocks:
            label = base = _identifier(block.name) or "b"
            n = 1
            while label in taken:
                n += 1
                label = f"{base}_{n}"
            taken.add(label)
            self.labels[block] = label

    def _name(self, value: Value, hint: str) -> None:
        number = len(self.names)
        self.names[value] = f"%{_identifier(hint)}.{number}" if hint else f"%{number}"

    def operand(self, value: Value) -> str:
        """Return an operand as it stands in an argument list."""
        name = self.names.get(value)
        if name is not None:
            return name
        if isinstance(value, Const):
            return f"{value.type} {value.value if value.type.bits == 1 else value.signed}"
        if isinstance(value, Undef):
            return f"{value.type} undef"
        if isinstance(value, Symbol):
            if value.addend:
                return f"@{value.name}{value.addend:+d}"
            return f"@{value.name}"
        if isinstance(value, CoreConst):
            btf = quote(value.btf.name)
            return f"{value.type} core {value.kind.name} {btf} {quote(value.access)} {value.value}"
        # Not of this function: the text must still show something when a pass is broken.
        kind = "param" if isinstance(value, Param) else getattr(value, "op", "value")
        return f"%?{kind}"

    def label(self, block: Block) -> str:
        """Return the label of ``block``."""
        return self.labels.get(block) or f"?{_identifier(block.name)}"

    def instruction(self, instr: Instr) -> str:
        """Return one instruction, without indentation."""
        text = f"{self.names[instr]} = " if instr.type is not VOID else ""
        text += instr.op
        if instr.type is not VOID:
            text += f" {instr.type}"
        attrs = instr.attrs
        done = {"targets", "blocks", "cases", "callee"}
        if instr.op == "phi":
            text += " " + ", ".join(
                f"[{self.operand(value)}, {self.label(block)}]"
                for value, block in zip(instr.args, attrs.get("blocks", []))
            )
        elif instr.op == "call":
            text += f" {_callee(attrs['callee'])}"
            text += "(" + ", ".join(self.operand(a) for a in instr.args) + ")"
        else:
            parts = [self.operand(a) for a in instr.args]
            targets = [self.label(block) for block in attrs.get("targets", ())]
            if instr.op == "switch":
                numbered = zip(attrs["cases"], targets[1:])
                targets = targets[:1] + [f"{case}: {label}" for case, label in numbered]
            parts += targets
            if parts:
                text += " " + ", ".join(parts)
        row = OPS.get(instr.op)
        order = row.attrs + row.optional if row is not None else ()
        keys = [k for k in order if k in attrs] + sorted(k for k in attrs if k not in order)
        for key in keys:
            if key not in done and attrs[key] is not None:
                text += f" {key}={_literal(attrs[key])}"
        if self.spans and instr.span is not None:
            text += f"  ; {_place(instr.span)}"
        return text

    def text(self) -> str:
        """Return the whole function."""
        function = self.function
        params = ", ".join(f"{p.type} {self.names[p]}" for p in function.params)
        head = f"func @{function.name}({params}) -> {function.ret}"
        head += f" section {quote(function.section)} linkage {function.linkage}"
        if function.inline:
            head += f" inline {function.inline}"
        for flag in ("hidden", "ctx", "used", "naked"):
            if getattr(function, flag):
                head += f" {flag}"
        lines = [head + " {"]
        for block in function.blocks:
            lines.append(f"{self.labels[block]}:")
            lines.extend("  " + self.instruction(instr) for instr in block.instrs)
        lines.append("}")
        return "\n".join(lines) + "\n"


def _place(span: Span) -> str:
    name, line, col = span.position()
    return f"{name}:{line}:{col}"


def _callee(callee: HelperRef | FuncRef | KfuncRef | PointerRef) -> str:
    if isinstance(callee, PointerRef):
        return "pointer"
    if isinstance(callee, HelperRef):
        return f"helper {callee.id} {quote(callee.name)}"
    return f"{'func' if isinstance(callee, FuncRef) else 'kfunc'} @{callee.name}"


def _literal(value: object) -> str:
    if value is True:
        return "yes"
    if value is False:
        return "no"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return quote(value)
    if isinstance(value, AsmOperand):
        address = "yes" if value.by_address else "no"
        return f"<{quote(value.constraint)} {quote(value.name)} {address} {value.size}>"
    if isinstance(value, (list, tuple)):
        return "(" + " ".join(_literal(item) for item in value) + ")"
    return quote(repr(value))


def print_function(function: Function, *, spans: bool = False) -> str:
    """Return the text of ``function``; ``spans`` adds each instruction's place as a comment."""
    return FunctionPrinter(function, spans=spans).text()


def _print_global(var: Global) -> str:
    text = f"global @{var.name} section {quote(var.section)} align {var.align}"
    text += f" linkage {var.linkage}"
    for flag in ("hidden", "readonly", "constant", "used"):
        if getattr(var, flag):
            text += f" {flag}"
    text += f" size {len(var.init)}"
    text += f" bytes {quote(var.init.hex())}" if any(var.init) else " zero"
    for reloc in var.relocs:
        text += f" reloc {reloc.offset} @{reloc.symbol}"
        text += f"{reloc.addend:+d}" if reloc.addend else ""
    return text


def print_module(module: Module, *, spans: bool = False) -> str:
    """Return the text of ``module``."""
    lines = [f"source {quote(module.source_name)}"]
    lines.extend(_print_global(var) for var in module.globals)
    for extern in module.externs:
        weak = " weak" if extern.weak else ""
        lines.append(f"extern @{extern.name} section {quote(extern.section)}{weak}")
    text = "\n".join(lines) + "\n"
    for function in module.functions:
        text += "\n" + print_function(function, spans=spans)
    return text
