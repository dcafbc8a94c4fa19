"""The CI files of the repository: their own command lines, run on real inputs."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GOOD = """\
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
SEC("xdp") int prog(struct xdp_md *ctx) { return XDP_PASS; }
"""
BAD = GOOD.replace("return XDP_PASS", "return *(int *)(long)ctx->data")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with a clean and a rejected program, and a ``bpfcc`` command."""
    (tmp_path / "good.bpf.c").write_text(GOOD)
    (tmp_path / "bad.bpf.c").write_text(BAD)
    command = tmp_path / "bin" / "bpfcc"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m bpfcc "$@"\n')
    command.chmod(0o755)
    return tmp_path


def bash(script: str, place: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        **variables,
        "PATH": f"{place / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
    }
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
        cwd=place, env=environment, capture_output=True, text=True, timeout=120,
    )  # fmt: skip


def test_github_action(place) -> None:
    text = (ROOT / ".github/actions/bpfcc-check/action.yml").read_text()
    runs = [line for line in re.findall(r"^ +run: (.*)$", text, re.M) if "bpfcc check" in line]
    assert len(runs) == 2
    assert not any("${{" in line for line in runs)  # inputs are data, not commands
    sarif, github = runs
    inputs = {"FILES": "*.bpf.c", "KERNEL": "5.15,latest", "ARGS": "-DX=1", "SARIF": "out.sarif"}
    done = bash(sarif, place, **inputs)
    assert done.returncode == 0, done.stderr
    assert json.loads((place / "out.sarif").read_text())["runs"][0]["results"]
    done = bash(github, place, **inputs)
    assert done.returncode == 1
    assert re.search(r"^::error file=bad\.bpf\.c,line=3,", done.stdout, re.M)
    assert bash(github, place, **{**inputs, "FILES": "good.bpf.c"}).returncode == 0
    assert bash(sarif, place, **{**inputs, "FILES": "missing.bpf.c"}).returncode != 0


def test_gitlab_template(place) -> None:
    text = (ROOT / ".gitlab/bpfcc-check.gitlab-ci.yml").read_text()
    variables = dict(re.findall(r'^    (BPFCC_\w+): "?([^"\n]*)"?$', text, re.M))
    script = [line for line in re.findall(r"^    - (.*)$", text, re.M) if "bpfcc check" in line]
    results = [bash(line, place, **variables) for line in script]
    assert [done.returncode for done in results] == [0, 0, 1]
    quality = json.loads((place / "gl-code-quality-report.json").read_text())
    assert [row["location"]["path"] for row in quality] == ["bad.bpf.c"]
    suite = ElementTree.parse(place / "bpfcc-junit.xml").getroot()[0]
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    for name in re.findall(r"^      (?:codequality|junit): (\S+)$", text, re.M):
        assert (place / name).exists()


def test_pre_commit_hook(place) -> None:
    text = (ROOT / ".pre-commit-hooks.yaml").read_text()
    values = dict(re.findall(r"^(?:-| ) (\w+): (.*)$", text, re.M))
    assert (values["id"], values["language"]) == ("bpfcc-check", "python")
    chosen = [p.name for p in sorted(place.iterdir()) if re.search(values["files"], p.name)]
    assert chosen == ["bad.bpf.c", "good.bpf.c"]
    done = bash(f"{values['entry']} {' '.join(chosen)}", place)
    assert done.returncode == 1 and "bad.bpf.c:3:" in done.stderr
    assert bash(f"{values['entry']} good.bpf.c", place).returncode == 0


def test_baseline_fails_for_new_findings_only(place) -> None:
    run = "bpfcc check --baseline known.json bad.bpf.c"
    assert bash(run, place).returncode == 0  # the first run records
    assert bash(run, place).returncode == 0
    text = (place / "bad.bpf.c").read_text()
    (place / "bad.bpf.c").write_text("\n\n" + text)  # moved: still known
    assert bash(run, place).returncode == 0
    extra = BAD.split("\n", 2)[2].replace("prog", "other").replace("ctx->data", "ctx->data_end")
    (place / "bad.bpf.c").write_text(text + extra)
    done = bash(run, place)
    assert done.returncode == 1 and done.stderr.count("error:") == 1
    assert bash(run + " --update-baseline", place).returncode == 0
    assert bash(run, place).returncode == 0
