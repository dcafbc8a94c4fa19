"""The part of a function's emitter that writes inline assembly, see ``inline_asm``."""

from __future__ import annotations

from abc import abstractmethod

from ..ir.module import Block
from ..ir.values import I64, PTR, VOID, CoreConst, Instr, Type, Value
from ..support.source import Span
from .inline_asm import Binding, Statement, addrspacecast, core_load, may_goto, statement

BRANCHES = ("asm_goto", "may_goto")
"""Operations that end a block by an LLVM ``callbr``."""


def ways(branch: Instr) -> tuple[Block, list[Block]]:
    """Return where a branch of ``BRANCHES`` falls through to, and where its labels lead."""
    targets: list[Block] = branch.attrs["targets"]
    if branch.op == "may_goto":
        return targets[1], [targets[0]]
    return targets[0], targets[1:]


class AsmEmitter:
    """What the statements need of the emitter, and what they add to it."""

    big_endian: bool

    @abstractmethod
    def typed(self, value: Value) -> str:
        """Return ``type value``."""

    @abstractmethod
    def ref(self, value: Value) -> str:
        """Return ``value`` without its type."""

    @abstractmethod
    def compute(self, text: str) -> str:
        """Append the definition of a fresh name, and return the name."""

    @abstractmethod
    def define(self, instr: Instr, text: str) -> None:
        """Append the definition of ``instr``'s value."""

    @abstractmethod
    def line(self, text: str) -> None:
        """Append one instruction with the current debug location."""

    @abstractmethod
    def start(self, name: str) -> None:
        """Begin a block."""

    @abstractmethod
    def block(self, block: Block) -> str:
        """Return a block as a branch target."""

    @abstractmethod
    def block_name(self, block: Block) -> str:
        """Return the name of a block."""

    @abstractmethod
    def at_own_line(self, span: Span | None) -> int:
        """Go to a line number that no other instruction has; return it."""

    @abstractmethod
    def register(self, made: Statement, number: int) -> None:
        """Keep a statement by its line number."""

    def edge_name(self, block: Block, label: int | None) -> str:
        """Return the block on the way out of a branch: to a label, or None to fall through."""
        way = "fall" if label is None else f"l{label}"
        return f"{self.block_name(block)}.{way}"

    def edges_to(self, block: Block, target: Block) -> list[str]:
        """Return the LLVM blocks from which control comes from ``block`` to ``target``."""
        branch = block.terminator
        if branch is None or branch.op not in BRANCHES:
            edges = max(1, sum(1 for successor in block.successors if successor is target))
            return [self.block_name(block)] * edges
        through, labels = ways(branch)
        names = [self.edge_name(block, None)] if through is target else []
        return names + [self.edge_name(block, i) for i, b in enumerate(labels) if b is target]

    # ----------------------------------------------------------------- operations
    def op_asm(self, instr: Instr) -> None:
        """Write an ``asm`` statement."""
        bound = Binding(instr)
        self._after(
            bound,
            self._call(
                instr, bound, statement(instr, bound, big_endian=self.big_endian), "call", []
            ),
        )

    def op_asm_goto(self, instr: Instr) -> None:
        """Write an ``asm goto``."""
        bound = Binding(instr)
        self._branch(instr, bound, statement(instr, bound, big_endian=self.big_endian))

    def op_may_goto(self, instr: Instr) -> None:
        """Write the jump that ends a loop when the kernel says so."""
        self._branch(instr, None, may_goto(instr))

    def op_addrspacecast(self, instr: Instr) -> None:
        """Write a conversion between address spaces, in r0."""
        number = self.at_own_line(instr.span)
        self.register(addrspacecast(instr), number)
        operand = self.typed(instr.args[0])
        self.define(instr, f'call ptr asm sideeffect "", "={{r0}},0,i"({operand}, i64 {number})')

    def core_load(self, instr: Instr, context: Value, field: CoreConst) -> None:
        """Write the load of a field of the context at an offset that CO-RE tells.

        The kernel takes no context pointer that the offset was added to first.
        """
        number = self.at_own_line(instr.span)
        self.register(core_load(instr, field), number)
        kind = PTR if instr.type is PTR else I64
        loaded = self.compute(
            f'call {kind} asm sideeffect "", "={{r0}},{{r1}},i,~{{memory}}"'
            f"({self.typed(context)}, i64 {number})"
        )
        self._define(instr, loaded)

    def _branch(self, instr: Instr, bound: Binding | None, made: Statement) -> None:
        block = instr.block
        assert block is not None
        through, labels = ways(instr)
        names = [self.edge_name(block, i) for i in range(len(labels))]
        results = self._call(instr, bound, made, "callbr", [self.edge_name(block, None), *names])
        self.start(self.edge_name(block, None))
        if bound is not None:
            self._after(bound, results)
        self.line(f"br {self.block(through)}")
        for name, label in zip(names, labels):
            self.start(name)
            mark = self.at_own_line(instr.span)
            made.marks.append(mark)
            self.line(f'call void asm sideeffect "", "i,~{{memory}}"(i64 {mark})')
            if bound is not None:
                self._after(bound, results)
            self.line(f"br {self.block(label)}")

    def _call(
        self, instr: Instr, bound: Binding | None, made: Statement, call: str, to: list[str]
    ) -> list[str]:
        """Write the statement itself; return the names of its results."""
        constraints: list[str] = []
        operands: list[str] = []
        types: list[Type] = []
        if bound is not None:
            for position, output in enumerate(bound.outputs):
                constraints.append(f"={{r{output.register}}}")
                types.append(PTR if output.place is None and instr.type is PTR else I64)
                start = self._start_value(bound, position)
                if start:
                    operands.append(start)
            constraints += [str(i) for i in range(len(types)) if bound.reads(i)]
            for register, value in bound.inputs:
                constraints.append(f"{{r{register}}}")
                operands.append(self._in_register(value))
        number = self.at_own_line(instr.span)
        self.register(made, number)
        constraints += ["i", *["!i"] * (len(to) - 1)]
        operands.append(f"i64 {number}")
        if bound is not None:
            constraints += [f"~{{r{r}}}" for r in range(10) if bound.clobbers >> r & 1]
        constraints.append("~{memory}")
        kind = "void" if not types else str(types[0])
        if len(types) > 1:
            kind = "{ " + ", ".join(map(str, types)) + " }"
        text = f'{call} {kind} asm sideeffect "", "{",".join(constraints)}"({", ".join(operands)})'
        if to:
            text += f" to label %{to[0]} [{', '.join('label %' + name for name in to[1:])}]"
        if not types:
            self.line(text)
            return []
        whole = self.compute(text)
        if len(types) == 1 or to:
            return [whole]
        return [self.compute(f"extractvalue {kind} {whole}, {i}") for i in range(len(types))]

    def _start_value(self, bound: Binding, position: int) -> str:
        """Return what an output that is read as well starts with, "" for others."""
        output = bound.outputs[position]
        value = bound.tied.get(position, output.value)
        if value is not None:
            return self._in_register(value)
        if output.loaded and output.place is not None:
            bits = output.size * 8
            text = self.compute(f"load i{bits}, ptr {self.ref(output.place)}, align {output.size}")
            return f"i64 {text if bits == 64 else self.compute(f'zext i{bits} {text} to i64')}"
        return ""

    def _in_register(self, value: Value) -> str:
        if value.type is PTR or value.type is I64:
            return self.typed(value)
        return f"i64 {self.compute(f'zext {self.typed(value)} to i64')}"

    def _after(self, bound: Binding, results: list[str]) -> None:
        """Bring the results to where they belong."""
        if len(results) < len(bound.outputs):  # of a callbr: they come as one
            kind = "{ " + ", ".join("i64" for _ in bound.outputs) + " }"
            results = [
                self.compute(f"extractvalue {kind} {results[0]}, {i}")
                for i in range(len(bound.outputs))
            ]
        for output, result in zip(bound.outputs, results):
            if output.place is not None:
                bits = output.size * 8
                if bits < 64:
                    result = self.compute(f"trunc i64 {result} to i{bits}")
                self.line(
                    f"store i{bits} {result}, ptr {self.ref(output.place)}, align {output.size}"
                )
            elif bound.instr.type is not VOID:
                self._define(bound.instr, result)

    def _define(self, instr: Instr, result: str) -> None:
        """Give the result of a statement the name that the instruction has."""
        if instr.type is PTR:
            self.define(instr, f"getelementptr i8, ptr {result}, i64 0")
        elif instr.type is I64:
            self.define(instr, f"add i64 {result}, 0")
        else:
            self.define(instr, f"trunc i64 {result} to {instr.type}")
