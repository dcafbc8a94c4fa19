"""Code generation: ``ir.Module`` to ``objfile.Object``.

``generate`` runs selection (``isel``), preparation (``cfg``, ``constants``, ``liveness``), register
allocation (``regalloc``, ``coalesce``, ``spill``, proved by ``recheck``), clean-up (``peephole``,
``tails``), frame and block layout (``frame``, ``layout``) and emission (``emit``, ``notes``).

The contract with the kernel's verifier. Each clause has a test in ``test_contract.py``.

1.  The register that a test compared is the register that is used afterwards. A narrow value is
    extended once, where it is defined, in the form that its users need (``widths``).
2.  From v3 on the zero extension of a 32-bit value is free: test and use share the register.
3.  Pointer plus offset is an addition, never ``|``; a variable offset is added once, and test and
    access use that one sum.
4.  The context is accessed at constant offsets, at the size that the IR says, through the pointer
    that the program was given, and written from registers only.
5.  A constant offset goes into the load or store. Context or packet pointer + constant gets a
    register only where the sum itself is wanted.
6.  A spill stores and loads all 64 bits; pointers are copied by 64-bit moves.
7.  Only constants, frame addresses and symbols are made a second time; nothing that a test has
    seen is computed again.
8.  A choice between two values is a branch, and the branch tests the register that is kept. No
    pointers are selected that the IR does not select.
9.  Several tests joined by ``&&`` or ``||`` are several branches; a range of a ``switch`` is tested
    by its ends on the value itself.
10. Loads, stores and calls keep their number and their order, and stay behind the branches that
    guard them. Equal ends of blocks are shared only if they make no call, and access memory only
    through the frame or a pointer that they make themselves (``tails``).
11. Accesses are naturally aligned, or split.
12. Whatever is read was written: undefined values are zeros, ends that are not reached return.
"""

from .generate import generate
from .options import CodegenOptions

__all__ = ["CodegenOptions", "generate"]
