"""Values without a register: kept in the frame, or made again where they are constants.

A spilled value gets an 8-byte slot (a whole register is always stored and loaded, so the kernel
keeps what it knows of it). Within a stretch of a block without calls one register serves all uses;
if that register finds no home either, each use gets its own. Constants, frame addresses and symbol
addresses are not stored but repeated; nothing else is ever computed twice, because the kernel would
not know that the second value is the one that was tested.
"""

from __future__ import annotations

from ..isa import insn as _i
from .interference import Graph
from .masks import members
from .mir import (
    ASM,
    CALL,
    FP,
    FrameObject,
    MFunction,
    MInsn,
    clobbers,
    defs,
    fail,
    is_rematerialisable,
    uses,
)

_LOAD = _i.LDX | _i.MEM | _i.DW
_STORE = _i.STX | _i.MEM | _i.DW


class Spiller:
    """Remembers what was spilled in earlier rounds.

    ``unspillable``: registers that live from one instruction to the next.
    """

    __slots__ = ("_constant", "_function", "_slot", "unspillable")

    def __init__(self, function: MFunction) -> None:
        self._function = function
        self._slot: dict[int, FrameObject] = {}  # registers that are copies of a slot
        self._constant: dict[int, MInsn] = {}  # registers that are copies of a constant
        self.unspillable: set[int] = set()

    def discount(self, graph: Graph) -> None:
        """Lower the costs of constants: they need neither a slot nor a store."""
        for reg, definitions in enumerate(graph.definitions):
            if len(definitions) == 1 and is_rematerialisable(definitions[0]):
                graph.cost[reg] *= 0.4

    def spill(self, victims: list[int], graph: Graph) -> None:
        """Rewrite the function so that ``victims`` live in no register for long.

        Raises: InternalError when a victim cannot live shorter than it does.
        """
        constants: dict[int, MInsn] = {}
        slots: dict[int, FrameObject] = {}
        for reg in victims:
            if reg in self.unspillable:
                raise fail(
                    "spill",
                    self._function.name,
                    "an instruction needs more registers than there are",
                    self._function.span,
                )
            if reg in self._constant:
                constants[reg] = self._constant[reg]
                continue
            definitions = graph.definitions[reg]
            if len(definitions) == 1 and is_rematerialisable(definitions[0]):
                constants[reg] = definitions[0]
            elif reg in self._slot:
                slots[reg] = self._slot[reg]
        fresh = [reg for reg in victims if reg not in constants and reg not in slots]
        self._give_slots(fresh, slots, graph)
        again = {reg for reg in victims if reg in self._slot or reg in self._constant}
        mask = 0
        for reg in victims:
            mask |= 1 << reg
        for block in self._function.blocks:
            block.insns = _Rewriter(self, constants, slots, again, mask).run(block.insns)

    def _give_slots(self, victims: list[int], slots: dict[int, FrameObject], graph: Graph) -> None:
        """Give each victim a slot; values that never live together share one."""
        users: list[tuple[FrameObject, int]] = []
        for reg in victims:
            for i, (slot, mask) in enumerate(users):
                if not mask & graph.adjacent[reg]:
                    users[i] = (slot, mask | 1 << reg)
                    slots[reg] = slot
                    break
            else:
                slot = self._function.new_slot()
                users.append((slot, 1 << reg))
                slots[reg] = slot


class _Rewriter:
    """Rewrites one block."""

    def __init__(
        self,
        spiller: Spiller,
        constants: dict[int, MInsn],
        slots: dict[int, FrameObject],
        again: set[int],
        victims: int,
    ) -> None:
        self.spiller = spiller
        self.function = spiller._function
        self.constants = constants
        self.slots = slots
        self.again = again
        self.victims = victims
        self.out: list[MInsn] = []
        self.current: dict[int, int] = {}  # victim -> register that holds it now
        self.used: dict[int, int] = {}  # such a register -> instructions that named it

    def run(self, insns: list[MInsn]) -> list[MInsn]:
        for insn in insns:
            read, written = uses(insn) & self.victims, defs(insn) & self.victims
            if read or written:
                self.rewrite(insn, read, written)
            else:
                self.out.append(insn)
            if insn.op == CALL or clobbers(insn):
                self.end_stretch()
        self.end_stretch()
        return self.out

    def end_stretch(self) -> None:
        for reg in self.current.values():
            self.release(reg)
        self.current.clear()

    def release(self, reg: int) -> None:
        """Note a register that cannot live shorter: it serves one instruction."""
        if self.used.pop(reg, 0) <= 1:
            self.spiller.unspillable.add(reg)

    def rewrite(self, insn: MInsn, read: int, written: int) -> None:
        mapping: dict[int, int] = {}
        for victim in members(read | written):
            if victim in self.constants and written >> victim & 1:
                return  # the definition of a constant: made where it is used
            if written >> victim & 1 and self.is_reload(insn, victim):
                return
            have = self.current.get(victim)
            if have is not None and victim in self.again:
                # Second time: keep the register only for the store that follows a definition.
                if not self.is_spill_store(insn, victim):
                    self.release(have)
                    have = None
            if have is None or (written >> victim & 1 and not read >> victim & 1):
                if have is not None:
                    self.release(have)
                have = self.new_register(victim)
                if read >> victim & 1:
                    self.reload(victim, have, insn)
            self.current[victim] = have
            self.used[have] = self.used.get(have, 0) + 1
            mapping[victim] = have
        if insn.dst in mapping:
            insn.dst = mapping[insn.dst]
        if insn.src in mapping:
            insn.src = mapping[insn.src]
        if insn.op == ASM:
            for operand in insn.extra.operands:
                operand.reg = mapping.get(operand.reg, operand.reg)
        self.out.append(insn)
        for victim in members(written):
            if victim not in self.again:
                self.store(victim, mapping[victim], insn)

    def is_reload(self, insn: MInsn, victim: int) -> bool:
        """Whether ``insn`` only brings the victim back, put here by an earlier round."""
        slot = self.slots.get(victim)
        return slot is not None and insn.frame is slot and insn.op == _LOAD and insn.src == FP

    def is_spill_store(self, insn: MInsn, victim: int) -> bool:
        slot = self.slots.get(victim)
        return slot is not None and insn.frame is slot and insn.op == _STORE

    def new_register(self, victim: int) -> int:
        reg = self.function.new_vreg()
        slot = self.slots.get(victim)
        if slot is not None:
            self.spiller._slot[reg] = slot
        else:
            self.spiller._constant[reg] = self.constants[victim]
        if victim in self.again:
            self.spiller.unspillable.add(reg)
        return reg

    def reload(self, victim: int, reg: int, before: MInsn) -> None:
        constant = self.constants.get(victim)
        if constant is not None:
            load = constant.copy()
            load.dst = reg
        else:
            load = MInsn(_LOAD, reg, FP)
            load.frame = self.slots[victim]
        load.orig = None
        load.span = before.span
        self.out.append(load)

    def store(self, victim: int, reg: int, after: MInsn) -> None:
        store = MInsn(_STORE, FP, reg)
        store.frame = self.slots[victim]
        store.span = after.span
        self.out.append(store)
