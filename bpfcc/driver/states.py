"""What the checker knows at each C line, as text: ``bpfcc check --explain-states``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..verifier.facts import LineFacts
from ..verifier.report import ProgramReport


def programs_text(programs: Iterable[ProgramReport]) -> str:
    """Return the facts of programs that were watched: a table for each."""
    return "".join("\n".join(_program(p)) + "\n" for p in programs if p.facts is not None)


def _program(program: ProgramReport) -> Iterator[str]:
    assert program.facts is not None
    yield (
        f"program '{program.name}' ({program.section}): {program.verdict}, "
        + plural(program.insns_processed, "instruction")
        + " processed"
    )
    file = ""
    for line in sorted(program.facts.lines.values(), key=lambda f: (f.line.file, f.line.line)):
        if line.line.file != file:
            file = line.line.file
            yield f"  {file}"
        yield f"  {line.line.line:5d} | {line.line.text.strip()}"
        yield f"        |     {cost(line)}"
        width = max((len(name) for name in line.known), default=0)
        for name, known in line.known.items():
            yield f"        |     {name:{width}}  {known.text()}"


def cost(line: LineFacts) -> str:
    """Return what a line costs, in words."""
    if not line.processed:
        return plural(line.instructions, "instruction") + ", never reached"
    return f"{plural(line.instructions, 'instruction')}, {line.processed} processed" + (
        f" on {line.visits} visits" if line.visits > 1 else ""
    )


def plural(count: int, word: str) -> str:
    """Return "1 word" or "2 words"."""
    return f"{count} {word}" + ("" if count == 1 else "s")
