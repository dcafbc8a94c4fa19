"""Inline assembly to instructions, once its operands have registers."""

from __future__ import annotations

from ..isa import insn as _i
from ..objfile.model import RelocKind
from ..support.errors import InputError
from .mir import ASM, AsmBlock, MFunction, MInsn
from .options import CodegenOptions

_JUMPS = (_i.JMP, _i.JMP32)


def assemble_all(function: MFunction, options: CodegenOptions) -> None:
    """Assemble every ASM of ``function`` in place.

    Reports: bpf-asm, at the statement, for what the assembler cannot read.
    """
    for block in function.blocks:
        for insn in block.insns:
            if insn.op == ASM:
                _assemble(insn, options)


def _assemble(insn: MInsn, options: CodegenOptions) -> None:
    block: AsmBlock = insn.extra
    text = block.render([operand.reg for operand in block.operands])
    if not text.strip():
        return
    # Assembly is rare, and its parser takes milliseconds to import.
    from ..isa.asm import assemble

    # Labels of the C code stand behind the text, after a filler: jumps there are theirs.
    tail = "\nexit\n"
    for i in range(len(block.labels)):
        text = text.replace(f"{{label {i}}}", f"bpfcc_label_{i}")
        tail += f"bpfcc_label_{i}: exit\n"
    try:
        result = assemble(text + tail)
    except InputError as error:
        message = error.diagnostics[0].message if error.diagnostics else str(error)
        options.sink.error("bpf-asm", f"in inline assembly: {message}", insn.span)
        return
    n = len(result.insns) - 1 - len(block.labels)
    starts = _i.slot_starts(result.insns)
    number = {slot: i for i, slot in enumerate(starts)}
    block.insns = result.insns[:n]
    for i, code in enumerate(block.insns):
        if code.opcode & 7 not in _JUMPS or code.opcode & 0xF0 in (_i.CALL, _i.EXIT):
            continue
        distance = code.imm if code.opcode == _i.JMP32 | _i.JA else code.off
        target = starts[i] + 1 + distance
        if target > starts[n]:
            block.jumps.append((i, number[target] - n - 1))
    for reloc in result.relocs:
        kind = RelocKind.DATA if reloc.kind == "data" else RelocKind.CALL
        block.relocs.append((number[reloc.slot], kind, reloc.symbol, reloc.addend))
