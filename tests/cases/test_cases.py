"""The sample programs beside the project, where they are: our object, our verdict, the kernel's."""

from __future__ import annotations

import json
import os
from typing import Any

import pytest

from bpfcc.driver.btf_source import load_btf
from bpfcc.driver.check import Budget, check_object
from bpfcc.driver.options import Options
from bpfcc.driver.pipeline import compile_source, read_source
from bpfcc.support.diagnostics import Severity, Sink
from bpfcc.support.errors import InputError

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CASES = os.path.join(os.path.dirname(ROOT), "shared", "cases")


def manifest() -> list[dict[str, Any]]:
    try:
        with open(os.path.join(CASES, "manifest.json"), encoding="utf-8") as file:
            rows: list[dict[str, Any]] = json.load(file)
    except OSError:
        return []
    return [row for row in rows if os.path.exists(os.path.join(CASES, row["file"]))]


ROWS = manifest()
if not ROWS:
    pytest.skip("the sample programs are not beside the project", allow_module_level=True)


@pytest.mark.kernel
@pytest.mark.parametrize("row", ROWS, ids=lambda row: str(row["file"]))
def test_verdict_is_the_kernels(row: dict[str, Any]) -> None:
    from bpfcc.kernel.load import load

    path = os.path.join(CASES, row["file"])
    sink = Sink()
    obj = compile_source(read_source(path), Options(), sink)
    if obj is None:
        assert row["verdict"] == "reject"
        return
    try:
        load(obj).close()
        truth = "accept"
    except InputError:
        truth = "reject"
    report = check_object(obj, path, "latest", btf=load_btf(None), budget=Budget())
    assert report.verdict == truth
    if truth == "reject":
        errors = [d for d in report.diagnostics if d.severity == Severity.ERROR]
        assert errors and all(d.span is not None for d in errors)
