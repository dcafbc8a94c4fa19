"""Filling in what only the running kernel knows: map descriptors, kernel symbols, kfunc ids.

Works on a ``Program`` of ``objfile.link`` in place; calls and addresses inside the program are
resolved there already.
"""

from __future__ import annotations

from ..btf import wire
from ..btf.layout import strip
from ..btf.types import Func, Var
from ..isa.insn import (
    LD_IMM64,
    PSEUDO_BTF_ID,
    PSEUDO_KFUNC_CALL,
    PSEUDO_MAP_FD,
    PSEUDO_MAP_VALUE,
    Insn,
)
from ..objfile.model import Extern, Program, Reloc, RelocKind
from ..support.errors import InputError
from .ksyms import KernelSymbols
from .vmlinux import module_btf, module_names, running_btf

# A call that no kernel accepts, for weak kfuncs that are absent: dead code keeps it, and if it is
# reached the log shows a number that says what happened. Source: libbpf, POISON_CALL_KFUNC_BASE.
POISON_KFUNC = 2_002_000_000


class Targets:
    """Where the names of an object are: descriptors of its maps and places of its variables.

    ``variables``: name -> (map descriptor, byte offset); section names are in it too.
    """

    def __init__(self) -> None:
        self.maps: dict[str, int] = {}
        self.variables: dict[str, tuple[int, int]] = {}
        self.externs: dict[str, Extern] = {}
        self.module_fds: list[int] = [0]


def relocate(program: Program, targets: Targets) -> None:
    """Resolve all of ``program``'s relocations.

    Raises: InputError for a symbol that neither the object nor the kernel has.
    """
    at: dict[int, Insn] = {}
    slot = 0
    for insn in program.insns:
        at[slot] = insn
        slot += insn.slots
    for number, reloc in enumerate(program.relocs):
        insn = at[reloc.slot]
        if reloc.symbol in targets.maps:
            _map(program, reloc, insn, targets)
        elif reloc.symbol in targets.variables:
            fd, base = targets.variables[reloc.symbol]
            insn.src = PSEUDO_MAP_VALUE
            insn.imm = fd | (base + reloc.addend & 0xFFFFFFFF) << 32
        elif reloc.symbol in targets.externs:
            _extern(program, reloc, insn, targets.externs[reloc.symbol], number)
        else:
            raise InputError(f"program {program.name!r} refers to unknown symbol {reloc.symbol!r}")


def _map(program: Program, reloc: Reloc, insn: Insn, targets: Targets) -> None:
    if reloc.addend or insn.opcode != LD_IMM64:
        raise InputError(
            f"program {program.name!r} at instruction {reloc.slot} uses map {reloc.symbol!r}"
            f" {reloc.addend} bytes into its definition; only a map as a whole can be used"
        )
    insn.src = PSEUDO_MAP_FD
    insn.imm = targets.maps[reloc.symbol]


def _extern(program: Program, reloc: Reloc, insn: Insn, extern: Extern, number: int) -> None:
    if extern.section != ".ksyms":
        raise InputError(
            f"program {program.name!r} needs {extern.name!r}, which is declared but nowhere defined"
            " (link the object that defines it)"
        )
    if isinstance(extern.btf, Func):
        _kfunc(program, reloc, insn, extern, number)
        return
    if isinstance(extern.btf, Var) and strip(extern.btf.type) is not None:
        ids = running_btf().ids(extern.name, wire.KIND_VAR)
        if ids:
            insn.src = PSEUDO_BTF_ID
            insn.imm = ids[0]
            return
        if not extern.weak:
            raise InputError(f"this kernel's BTF has no variable {extern.name!r}")
        found = None
    else:
        found = KernelSymbols().address(extern.name)
        if found is None and not extern.weak:
            raise InputError(f"this kernel has no symbol {extern.name!r}")
    insn.src = 0
    insn.imm = ((found or 0) + reloc.addend) & (1 << 64) - 1 if found else 0


def _kfunc(program: Program, reloc: Reloc, insn: Insn, extern: Extern, number: int) -> None:
    # "kfunc___flavour" declares another shape of kfunc: the suffix is not part of the name.
    name = extern.name.split("___", 1)[0] or extern.name
    ids = running_btf().ids(name, wire.KIND_FUNC)
    if not ids:
        for module in module_names():
            if module_btf(module).ids(name, wire.KIND_FUNC):
                raise InputError(
                    f"kernel function {name!r} is in module {module!r}, whose functions this"
                    " loader cannot bind"
                )
    if reloc.kind is RelocKind.CALL:
        insn.src = PSEUDO_KFUNC_CALL if ids else 0
        insn.off = 0
        insn.imm = ids[0] if ids else POISON_KFUNC + number
    else:
        insn.src = PSEUDO_BTF_ID if ids else 0
        insn.imm = ids[0] if ids else 0
    if not ids and not extern.weak:
        raise InputError(
            f"program {program.name!r} calls {name!r}, which this kernel does not offer"
        )
