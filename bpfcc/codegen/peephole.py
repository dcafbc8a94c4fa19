"""Small improvements of allocated code: moves that do nothing, blocks that repeat."""

from __future__ import annotations

from .mir import MFunction
from .options import CodegenOptions


def run(function: MFunction, options: CodegenOptions) -> None:
    """Improve ``function`` in place."""
    for block in function.blocks:
        block.insns = [insn for insn in block.insns if not (insn.is_copy and insn.dst == insn.src)]
