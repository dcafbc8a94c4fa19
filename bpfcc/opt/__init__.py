"""The optimiser: passes over the SSA IR, one per file, composed by ``opt.pipeline``.

What no pass may do, because the kernel's verifier would lose a proof, is in ``contract.md``.
"""
