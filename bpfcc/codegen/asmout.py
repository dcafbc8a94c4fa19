"""Inline assembly to instructions, once its operands have registers."""

from __future__ import annotations

from ..ir.asm_template import label_mark
from ..objfile.model import RelocKind
from ..support.errors import InputError
from .mir import ASM, AsmBlock, MFunction, MInsn
from .options import CodegenOptions


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
    from ..isa.asm_inline import assemble_inline

    try:
        marks = [label_mark(i) for i in range(len(block.labels))]
        code = assemble_inline(text, marks, big_endian=options.big_endian)
    except InputError as error:
        message = error.diagnostics[0].message if error.diagnostics else str(error)
        options.sink.error("bpf-asm", f"in inline assembly: {message}", insn.span)
        return
    block.insns = code.insns
    block.jumps += code.jumps
    for index, kind, symbol, addend in code.relocs:
        what = RelocKind.DATA if kind == "data" else RelocKind.CALL
        block.relocs.append((index, what, symbol, addend))
