"""The files of tests/files/sema: each says on its lines what must be reported there.

``// error[id]: text`` and ``// warning[group]: text``: on this line, one diagnostic whose message
contains the text. ``// flags: all extra``: warning groups to switch on. Nothing else may be
reported. With clang at hand, its verdict on every line that must have an error is asked too.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from bpfcc.support.diagnostics import Severity

FILES = Path(__file__).parents[2] / "files" / "sema"
_DIRECTIVE = re.compile(r"(error|warning)\[([\w+-]+)\]: (.*?)\s*(?=(?:error|warning)\[|$)")
CLANG = shutil.which("clang-19") or shutil.which("clang")


def expectations(text: str) -> list[tuple[int, str, str, str]]:
    found = []
    for number, line in enumerate(text.split("\n"), 1):
        at = line.find("//")
        if at >= 0:
            for kind, name, message in _DIRECTIVE.findall(line[at:]):
                found.append((number, kind, name, message))
    return found


def flags(text: str) -> list[str]:
    match = re.search(r"// flags: (.*)", text)
    return match[1].split() if match else []


@pytest.mark.parametrize("path", sorted(FILES.glob("*.c")), ids=lambda p: p.stem)
def test_file(path: Path, sema) -> None:
    text = path.read_text()
    checked = sema(text, flags(text), name=path.name)
    wanted = expectations(text)
    missing = list(wanted)
    unexpected = []
    for d in checked.diagnostics:
        if d.severity == Severity.NOTE:
            continue
        assert d.span is not None, d
        line = d.span.position()[1]
        kind = d.severity.name.lower()
        name = d.group if kind == "warning" else d.id
        for w in missing:
            if w[:3] == (line, kind, name) and w[3] in d.message:
                missing.remove(w)
                break
        else:
            unexpected.append(f"{line}: {kind}[{name}]: {d.message}")
    assert not unexpected and not missing, (
        "unexpected:\n" + "\n".join(unexpected) + "\nmissing:\n" + "\n".join(map(str, missing))
    )


@pytest.mark.peer
@pytest.mark.skipif(CLANG is None, reason="no clang to compare with")
@pytest.mark.parametrize("path", sorted(FILES.glob("*.c")), ids=lambda p: p.stem)
def test_clang_agrees(path: Path) -> None:
    """Clang reports something on the lines with C errors, and on no line that we pass."""
    text = path.read_text()
    if "// no-clang" in text:
        pytest.skip("about rules that clang does not have")
    groups = ["-W" + f for f in flags(text)]
    done = subprocess.run(
        [CLANG, "-target", "bpf", "-std=gnu17", "-fsyntax-only", "-ferror-limit=0",
         "-Wuninitialized", "-Wsometimes-uninitialized", *groups, str(path)],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    theirs: set[tuple[int, str]] = set()
    for line in done.stderr.splitlines():
        match = re.match(r".*?:(\d+):\d+: (warning|error): ", line)
        if match:
            theirs.add((int(match[1]), match[2]))
    ours = {(number, kind) for number, kind, name, _ in expectations(text) if name[:4] != "bpf-"}
    exempt = {
        number
        for number, line in enumerate(text.split("\n"), 1)
        if "bpf-" in line or "not clang" in line
    }
    assert {x for x in ours if x[0] not in exempt} == {x for x in theirs if x[0] not in exempt}
