"""``python -m tests.mutants``: is every broken compiler caught by the cross-check?

Prints where each is caught; exit 0 when all are and the compiler as it is passes on every program.
"""

from __future__ import annotations

import sys
import time

import pytest

from . import programs
from .rules import MUTANTS, Mutant


def caught_by(mutant: Mutant) -> str | None:
    """Return the first program that shows the difference, the likely one tried first."""
    with pytest.MonkeyPatch.context() as patch:
        mutant.apply(patch)
        for name in dict.fromkeys([mutant.where, *programs.names()]):
            try:
                report = programs.verdict(name)
            except Exception as error:  # a crash is no answer
                print(f"  {name}: {type(error).__name__}: {str(error)[:100]}")
                continue
            if report.verdict == "differ":
                found = report.difference
                assert found is not None
                return f"{name}: {found.program}: {found.what}"
    return None


def main() -> int:
    """Run all; 0 when the whole compiler passes and no broken one does."""
    bad = 0
    for name in programs.names():
        report = programs.verdict(name)
        if report.verdict != "same":
            bad += 1
            print(f"unbroken: {name}: {report.verdict} {report.reason}", report.difference or "")
    caught = 0
    for mutant in MUTANTS:
        start = time.monotonic()
        where = caught_by(mutant)
        caught += where is not None
        print(f"{mutant}: {where or 'NOT CAUGHT'} ({time.monotonic() - start:.1f} s)", flush=True)
    print(f"{caught} of {len(MUTANTS)} broken compilers caught")
    return 1 if bad or caught < len(MUTANTS) else 0


if __name__ == "__main__":
    sys.exit(main())
