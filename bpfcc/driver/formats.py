"""Diagnostics in the formats that CI servers and editors read.

json    one JSON object per line, as ``support.render.as_dict``
sarif   SARIF 2.1.0 (OASIS), for code-scanning dashboards
github  workflow commands (::error file=...), shown at the line of a pull request
gitlab  Code Quality report: a JSON array
junit   JUnit XML: one test case per file, a failure per error
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from .. import __version__
from ..support.c_rules import C_RULES
from ..support.catalogue import CATALOGUE
from ..support.diagnostics import Diagnostic, Severity
from ..support.render import as_dict, place

_HELP = "https://github.com/bpfcc/bpfcc/blob/main/bpfcc/docs/diagnostics.md#"


def help_url(id: str) -> str:
    """Return where the documentation of a diagnostic is."""
    return _HELP + id


def fingerprint(diagnostic: Diagnostic) -> str:
    """Return a key that survives moved lines: id, file, the source line's text, the message.

    Baselines compare these; a finding that only moved keeps its key.
    """
    from hashlib import sha256  # start-up time: text output needs none

    text = ""
    name = ""
    if diagnostic.span is not None:
        outer = diagnostic.span.outermost()
        name, _, _ = outer.file.presumed(outer.start)
        text = outer.file.line_text(outer.file.line_col(outer.start)[0]).strip()
    key = "\0".join((diagnostic.id, name, text, diagnostic.message))
    return sha256(key.encode("utf-8", "replace")).hexdigest()[:32]


def _json(diagnostics: Sequence[Diagnostic], _files: Sequence[str]) -> str:
    return "".join(json.dumps(as_dict(d), ensure_ascii=False) + "\n" for d in diagnostics)


def _sarif_region(where: dict[str, Any]) -> dict[str, Any]:
    return {
        "startLine": where["line"],
        "startColumn": where["column"],
        "endLine": where["end_line"],
        "endColumn": max(where["end_column"], where["column"] + 1)
        if where["end_line"] == where["line"]
        else where["end_column"],
    }


def _sarif_file(name: str) -> dict[str, str]:
    """Return an artifact location: a URI, relative to the root of the sources where it can be."""
    from urllib.parse import quote  # start-up time: only this format needs it

    path = name.replace("\\", "/")
    if path.startswith("/"):
        return {"uri": "file://" + quote(path)}
    return {"uri": quote(path.removeprefix("./")), "uriBaseId": "%SRCROOT%"}


def _sarif_location(where: dict[str, Any], message: str = "") -> dict[str, Any]:
    location: dict[str, Any] = {
        "physicalLocation": {
            "artifactLocation": _sarif_file(where["file"]),
            "region": _sarif_region(where),
        }
    }
    if message:
        location["message"] = {"text": message}
    return location


def _sarif_fixes(d: Diagnostic) -> list[dict[str, Any]]:
    """Return the edits that can be applied; advice without a place is in the message."""
    found = []
    for fix in d.fixits:
        where = place(fix.span)
        if where:
            region = {
                "startLine": where["line"],
                "startColumn": where["column"],
                "endLine": where["end_line"],
                "endColumn": where["end_column"],
            }
            change = {
                "artifactLocation": _sarif_file(where["file"]),
                "replacements": [{"deletedRegion": region, "insertedContent": {"text": fix.text}}],
            }
            found.append({"artifactChanges": [change]})
    return found


def _sarif_rule(id: str) -> dict[str, Any]:
    entry = CATALOGUE.get(id)
    rule: dict[str, Any] = {"id": id, "helpUri": help_url(id)}
    title = entry.title if entry is not None else C_RULES.get(id, "")
    if title:
        rule["shortDescription"] = {"text": title}
    if entry is not None:
        rule["fullDescription"] = {"text": entry.meaning}
        level = "note" if entry.level == "note" else entry.level.split(",")[0]
        rule["defaultConfiguration"] = {"level": level}
    return rule


def _sarif(diagnostics: Sequence[Diagnostic], _files: Sequence[str]) -> str:
    levels = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}
    rules = sorted({d.id for d in diagnostics})
    results = []
    for d in diagnostics:
        where = place(d.span)
        result: dict[str, Any] = {
            "ruleId": d.id,
            "ruleIndex": rules.index(d.id),
            "level": levels[d.severity],
            "message": {"text": _with_advice(d)},
            "partialFingerprints": {"bpfcc/v1": fingerprint(d)},
        }
        if where:
            result["locations"] = [_sarif_location(where)]
        related = [
            _sarif_location(note_place, note.message)
            for note in d.notes
            if (note_place := place(note.span))
        ]
        if related:
            result["relatedLocations"] = related
        fixes = _sarif_fixes(d)
        if fixes:
            result["fixes"] = fixes
        results.append(result)
    report = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "bpfcc",
                        "version": __version__,
                        "informationUri": _HELP.removesuffix("#"),
                        "rules": [_sarif_rule(rule) for rule in rules],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "results": results,
            }
        ],
    }
    return json.dumps(report, indent=2, ensure_ascii=False) + "\n"


def _with_advice(d: Diagnostic) -> str:
    return "\n".join([d.message, *(f"help: {fix.text}" for fix in d.fixits if fix.span is None)])


def _github_text(text: str, *, value: bool = False) -> str:
    text = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return text.replace(":", "%3A").replace(",", "%2C") if value else text


def _github(diagnostics: Sequence[Diagnostic], _files: Sequence[str]) -> str:
    kinds = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
    out = []
    for d in diagnostics:
        where = place(d.span)
        parts = [f"title={_github_text(d.id, value=True)}"]
        if where:
            parts = [
                f"file={_github_text(where['file'], value=True)}",
                f"line={where['line']}",
                f"col={where['column']}",
                *parts,
            ]
        notes = "".join(f"\n{note.message}" for note in d.notes)
        fixes = "".join(f"\nhelp: {fix.text}" for fix in d.fixits if fix.span is None)
        out.append(
            f"::{kinds[d.severity]} {','.join(parts)}::{_github_text(d.message + notes + fixes)}\n"
        )
    return "".join(out)


def _gitlab(diagnostics: Sequence[Diagnostic], _files: Sequence[str]) -> str:
    severities = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.NOTE: "info"}
    rows = []
    for d in diagnostics:
        where = place(d.span) or {"file": "", "line": 1}
        rows.append(
            {
                "description": d.message,
                "check_name": d.id,
                "fingerprint": fingerprint(d),
                "severity": severities[d.severity],
                "location": {"path": where["file"], "lines": {"begin": where["line"]}},
            }
        )
    return json.dumps(rows, indent=2, ensure_ascii=False) + "\n"


def _junit(diagnostics: Sequence[Diagnostic], files: Sequence[str]) -> str:
    by_file: dict[str, list[Diagnostic]] = {name: [] for name in files}
    for d in diagnostics:
        by_file.setdefault(place(d.span).get("file", "bpfcc"), []).append(d)
    cases = []
    failures = 0
    for name, found in by_file.items():
        errors = [d for d in found if d.severity == Severity.ERROR]
        failures += bool(errors)
        body = ""
        for d in errors[:1]:
            lines = [_one_line(e) for e in errors]
            body += (
                f"<failure type={_attribute(d.id)} message={_attribute(d.message)}>"
                f"{_escape(chr(10).join(lines))}</failure>"
            )
        warnings = [_one_line(d) for d in found if d.severity != Severity.ERROR]
        if warnings:
            body += f"<system-out>{_escape(chr(10).join(warnings))}</system-out>"
        cases.append(f'  <testcase classname="bpfcc" name={_attribute(name)}>{body}</testcase>\n')
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<testsuites><testsuite name="bpfcc" tests="{len(cases)}" failures="{failures}" '
        f'errors="0">\n{"".join(cases)}</testsuite></testsuites>\n'
    )


def _one_line(d: Diagnostic) -> str:
    where = place(d.span)
    prefix = f"{where['file']}:{where['line']}:{where['column']}: " if where else ""
    return f"{prefix}{d.severity.name.lower()}: {d.message} [{d.id}]"


def _attribute(text: str) -> str:
    """Return text as a quoted attribute of XML."""
    plain = _escape(text)
    for char in "\t\n\r":
        plain = plain.replace(char, f"&#{ord(char)};")
    return f'"{plain}"'


def _xml(text: str) -> str:
    """Drop the characters that XML 1.0 cannot hold."""
    return "".join(
        c
        for c in text
        if c in "\t\n\r"
        or ((c >= " " and c not in "\ufffe\uffff") and not "\ud800" <= c <= "\udfff")
    )


_FORMATS: dict[str, Callable[[Sequence[Diagnostic], Sequence[str]], str]] = {
    "json": _json,
    "sarif": _sarif,
    "github": _github,
    "gitlab": _gitlab,
    "junit": _junit,
}


def render(format: str, diagnostics: Sequence[Diagnostic], files: Sequence[str] = ()) -> str:
    """Return ``diagnostics`` in ``format``; ``files`` are those that were looked at."""
    return _FORMATS[format](diagnostics, files)


def _escape(text: str) -> str:
    from html import escape

    return escape(_xml(text))
