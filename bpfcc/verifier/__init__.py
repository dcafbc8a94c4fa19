"""Judges final instructions as the kernel's verifier does, before anything is loaded.

``verify(obj, options)`` is the entry; see ``README.md`` in this folder for how the parts fit.
"""

from __future__ import annotations

from .report import ProgramReport, Report, Verdict
from .verify import VerifyOptions, verify

__all__ = ["ProgramReport", "Report", "Verdict", "VerifyOptions", "verify"]
