"""A seeded part of the campaigns, with the running kernel as the judge.

``python -m tests.verifier_oracle`` runs the whole of it.
"""

from __future__ import annotations

import glob
import os

import pytest

from bpfcc.driver.btf_source import load_btf
from bpfcc.driver.options import Options
from bpfcc.driver.pipeline import compile_source, read_source
from bpfcc.objfile.write import to_bytes
from bpfcc.support.diagnostics import Sink

from . import campaign, csource

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FILTERS = sorted(glob.glob(os.path.join(ROOT, "filters", "*.c")))


def agreed(verdicts: campaign.Verdicts, at_least: int) -> None:
    assert verdicts.differences == []
    assert verdicts.count["accept", "accept"] >= at_least
    assert verdicts.count["reject", "reject"] >= at_least


@pytest.mark.kernel
def test_mutants_of_instructions(tmp_path: pytest.TempPathFactory) -> None:
    verdicts = campaign.Verdicts()
    for path in FILTERS:
        made = compile_source(read_source(path), Options(), Sink())
        assert made is not None
        product = os.path.join(str(tmp_path), os.path.basename(path)[:-2] + ".o")
        with open(product, "wb") as stream:
            stream.write(to_bytes(made))
        btf = load_btf(None)
        assert btf is not None
        campaign.run(product, btf, 24, 2026, verdicts, lambda line: None)
    agreed(verdicts, 80)


@pytest.mark.kernel
def test_mutants_of_sources() -> None:
    verdicts = campaign.Verdicts()
    btf = load_btf(None)
    assert btf is not None
    for path in FILTERS:
        campaign.run_source(path, btf, 20, 2026, verdicts, lambda line: None)
    agreed(verdicts, 10)


def test_tokens_are_the_text() -> None:
    for path in FILTERS:
        with open(path, encoding="utf-8") as stream:
            text = stream.read()
        assert "".join(csource.tokens(text)) == text
