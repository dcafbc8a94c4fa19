"""stub"""

from __future__ import annotations

from ..support.diagnostics import Diagnostic, Severity


class Explainer:
    def __init__(self, ck, program, kernel):
        self.ck = ck
        self.program = program

    def diagnostic(self, r):
        return Diagnostic("bpf-" + r.rule, Severity.ERROR, r.kernel)

    def unknown(self, r):
        return Diagnostic("bpf-unknown", Severity.ERROR, r.what)

    def warning(self, r):
        return Diagnostic("bpf-" + r.rule, Severity.WARNING, r.kernel)
