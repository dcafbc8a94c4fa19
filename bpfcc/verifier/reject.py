"""How an analysis ends early: a rule is broken, or something is not modelled."""

from __future__ import annotations


class Reject(Exception):
    """The kernel would refuse the program here.

    Attributes:
        rule: a key of ``obligations.RULES``.
        kernel: the kernel's wording.
        idx: the instruction (index into ``Subject.insns``), -1 = the program as a whole.
        reg: the register in question, -1 = none.
        facts: numbers and names for the message, see the rule's row.
    """

    def __init__(
        self, rule: str, kernel: str, idx: int = -1, reg: int = -1, **facts: object
    ) -> None:
        super().__init__(kernel)
        self.rule = rule
        self.kernel = kernel
        self.idx = idx
        self.reg = reg
        self.facts = facts


class NotModelled(Exception):
    """The analysis cannot judge this; the verdict is "unknown" with this place and reason."""

    def __init__(self, what: str, idx: int = -1) -> None:
        super().__init__(what)
        self.what = what
        self.idx = idx
