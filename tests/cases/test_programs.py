"""One-defect programs of every family, tricky good ones and old dialects: verdict, line, words.

``programs/manifest.json`` holds for each the verdict, the lines that a person would point at, the id
of the finding, and what kernel 6.18 said of our object ("compile": refused before there is one;
null: judged by the rules of its own time).
"""

from __future__ import annotations

import json
import os
import re
from typing import Any

import pytest

from bpfcc.cli import check
from bpfcc.driver.options import Options
from bpfcc.driver.pipeline import compile_source, read_source
from bpfcc.support.diagnostics import Sink
from bpfcc.support.errors import InputError

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "programs")
with open(os.path.join(HERE, "manifest.json"), encoding="utf-8") as _file:
    ROWS: list[dict[str, Any]] = json.load(_file)
# What only a reader of byte code could know.
MACHINE_WORDS = re.compile(r"\b[rRwW]\d+\b|\binsn\b|instruction \d")


@pytest.mark.kernel
@pytest.mark.parametrize("row", ROWS, ids=lambda row: str(row["file"]))
def test_program(row: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    from bpfcc.kernel.load import load

    path = os.path.join(HERE, row["file"])
    obj = compile_source(read_source(path), Options(), Sink())
    if row["kernel"] in ("accept", "reject"):
        assert obj is not None
        try:
            load(obj).close()
            truth = "accept"
        except InputError:
            truth = "reject"
        assert truth == row["kernel"]
    status = check.main(["--format", "json", path])
    report = json.loads(capsys.readouterr().out)
    errors = [d for d in report["diagnostics"] if d["severity"] == "error"]
    assert (report["verdict"], status) == (row["verdict"], int(row["verdict"] == "reject")), errors
    if row["verdict"] == "accept":
        assert errors == []
        return
    assert errors[0]["id"] == row["id"]
    assert any(d["line"] in row["lines"] for d in errors), errors
    for finding in errors:
        texts = [finding["message"], *(note["message"] for note in finding["notes"])]
        assert not any(MACHINE_WORDS.search(text) for text in texts), texts
