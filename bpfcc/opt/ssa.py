"""Repairs SSA form after a value got several definitions: by copying blocks, for example.

For each use the reaching definition is looked up against the flow of control; where several meet, a
phi is made. Source: Braun et al., "Simple and Efficient Construction of Static Single Assignment
Form", 2013.
"""

from __future__ import annotations

from ..ir.module import Block, Function
from ..ir.values import Instr, Type, Undef, Value
from .edit import new_phi, predecessors


class Repair:
    """Repairs values of one function.

    ``preds`` must tell the present flow of control whenever a value is repaired.
    """

    def __init__(self, function: Function, preds: dict[Block, list[Block]] | None = None) -> None:
        self.function = function
        self.preds = predecessors(function) if preds is None else preds

    def value(
        self,
        definitions: dict[Block, Value],
        type: Type,
        uses: list[tuple[Instr, int]],
        name: str = "",
    ) -> list[Instr]:
        """Give each use (instruction, operand number) the definition that reaches it.

        Returns the phis that were made.

        ``definitions``: the value at the end of each block that defines it. A use in a block that
        also defines it, after the definition, must not be listed.
        """
        lookup = _Lookup(self, definitions, type, name)
        lookup.run(uses)
        return lookup.made


class _Lookup:
    def __init__(
        self, repair: Repair, definitions: dict[Block, Value], type: Type, name: str
    ) -> None:
        self.preds = repair.preds
        self.entry = repair.function.blocks[0]
        self.definitions = definitions
        self.type = type
        self.name = name
        self.start: dict[Block, Value] = {}
        self.open: list[Instr] = []
        self.made: list[Instr] = []

    def run(self, uses: list[tuple[Instr, int]]) -> None:
        for instr, number in uses:
            if instr.op == "phi":
                value = self._at_end(instr.attrs["blocks"][number])
            else:
                assert instr.block is not None
                value = self._at_start(instr.block)
            instr.args[number] = value
        while self.open:
            phi = self.open.pop()
            assert phi.block is not None
            for pred in self.preds[phi.block]:
                phi.args.append(self._at_end(pred))
                phi.attrs["blocks"].append(pred)

    def _at_end(self, block: Block) -> Value:
        found = self.definitions.get(block)
        return found if found is not None else self._at_start(block)

    def _at_start(self, block: Block) -> Value:
        passed: list[Block] = []
        while True:
            found = self.start.get(block)
            if found is not None:
                break
            preds = self.preds[block]
            if len(preds) != 1:
                if not preds or block is self.entry:
                    found = Undef(self.type)
                else:
                    found = new_phi(block, self.type, self.name)
                    self.open.append(found)
                    self.made.append(found)
                self.start[block] = found
                break
            passed.append(block)
            block = preds[0]
            found = self.definitions.get(block)
            if found is not None:
                break
        for node in passed:
            self.start[node] = found
        return found
