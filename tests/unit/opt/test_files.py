"""One file per pass in tests/files/opt: input, the passes to run, what comes out.

``BPFCC_BLESS=1 pytest`` rewrites the expectations (refused under CI).
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bpfcc.ir.parser import parse_module
from bpfcc.ir.printer import print_module
from bpfcc.ir.verify import verify
from bpfcc.opt import (
    constargs,
    dce,
    dse,
    gvn,
    inline,
    landing,
    licm,
    likely,
    loadelim,
    mem2reg,
    memops,
    sccp,
    simplifycfg,
    sink,
    sroa,
    storemerge,
    threading,
    twins,
    unroll,
)
from bpfcc.opt.context import Context, OptOptions
from bpfcc.support.diagnostics import Sink

FOLDER = Path(__file__).parents[2] / "files" / "opt"
FILES = sorted(FOLDER.glob("*.ir"))
MARK = "; ---- becomes\n"
PASSES = {
    "dce": dce.run,
    "dse": dse.run,
    "gvn": gvn.run,
    "landing": landing.run,
    "licm": licm.run,
    "likely": likely.run,
    "loadelim": loadelim.run,
    "mem2reg": mem2reg.run,
    "memops": memops.run,
    "sccp": sccp.run,
    "simplifycfg": simplifycfg.run,
    "sink": sink.run,
    "sroa": sroa.run,
    "storemerge": storemerge.run,
    "threading": threading.run,
    "twins": twins.run,
    "unroll": unroll.run,
}


def transformed(text: str) -> str:
    """Run the passes that the first line names."""
    first = text.splitlines()[0]
    assert first.startswith("; passes: ")
    module = parse_module(text)
    verify(module)
    ctx = Context(module, OptOptions(), Sink())
    for name in first.removeprefix("; passes: ").split():
        if name == "inline":
            plan = inline.Plan(ctx)
            for function in plan.order:
                inline.run(function, ctx, plan)
        elif name == "dce-module":
            dce.run_module(module, ctx)
        elif name == "constargs":
            constargs.run(module)
        else:
            for function in module.functions:
                PASSES[name](function, ctx)
        verify(module, after=name)
    return print_module(module)


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_file(path: Path) -> None:
    text = path.read_text()
    given, _, expect = text.partition(MARK)
    found = transformed(given)
    if os.environ.get("BPFCC_BLESS") and not os.environ.get("CI"):
        path.write_text(given + MARK + found)
        expect = found
    assert found == expect


def test_every_pass_has_a_file() -> None:
    named = {n for path in FILES for n in path.read_text().splitlines()[0].split()[2:]}
    assert named >= set(PASSES) | {"inline", "dce-module", "constargs"}
