"""Code generation: ``ir.Module`` to ``objfile.Object``.

``generate`` runs selection (``isel``), preparation (``cfg``, ``constants``, ``liveness``), register
allocation (``regalloc``, ``coalesce``, ``spill``, proved by ``recheck``), clean-up (``peephole``),
frame and block layout (``frame``, ``layout``) and emission (``emit``).
"""

from .generate import generate
from .options import CodegenOptions

__all__ = ["CodegenOptions", "generate"]
