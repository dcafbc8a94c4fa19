"""Findings that the author has seen: comments in the source, and baseline files.

In the line of the finding, or alone on the line above it::

    v->n += 1;  // bpfcc: ignore[bpf-racy-update] one writer per CPU

For the whole file, anywhere in it::

    // bpfcc: ignore-file[bpf-padding] keys are zeroed by the caller

Several ids are separated by commas. A reason must follow; without one the comment does not count,
and that is said. Errors of the C language cannot be silenced.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from ..support.catalogue import CATALOGUE
from ..support.diagnostics import Diagnostic, Severity
from ..support.errors import InputError
from ..support.files import read_file
from ..support.source import SourceFile, Span

_COMMENT = re.compile(r"bpfcc:\s*ignore(-file)?\[([\w\s,-]+)\][ \t]*([^\n*]*)")


class Suppressions:
    """The ignore comments of one source file."""

    def __init__(self, source: SourceFile) -> None:
        self.whole_file: set[str] = set()
        self.by_line: dict[int, set[str]] = {}
        self.complaints: list[Diagnostic] = []
        if "bpfcc:" not in source.text:
            return
        for match in _COMMENT.finditer(source.text):
            ids = {part.strip() for part in match.group(2).split(",") if part.strip()}
            line, _ = source.line_col(match.start())
            self._check_ids(ids, Span(source, match.start(), match.end()))
            if not match.group(3).strip():
                self.complaints.append(
                    Diagnostic(
                        "bpf-ignore-reason",
                        Severity.WARNING,
                        "this ignore comment gives no reason and has no effect",
                        Span(source, match.start(), match.end()),
                        group="bpf-ignore-reason",
                    )
                )
            elif match.group(1):
                self.whole_file |= ids
            else:
                before = source.line_text(line).split("bpfcc:", 1)[0].strip(" \t/*")
                target = line if before else line + 1
                self.by_line.setdefault(target, set()).update(ids)

    def _check_ids(self, ids: set[str], span: Span) -> None:
        """Complain of ids that nothing has, which silence nothing."""
        for id in sorted(ids - CATALOGUE.keys()):
            self.complaints.append(
                Diagnostic(
                    "bpf-ignore-reason",
                    Severity.WARNING,
                    f"no finding that can be silenced has the id '{id}'",
                    span,
                    group="bpf-ignore-reason",
                )
            )

    def covers(self, diagnostic: Diagnostic, line: int) -> bool:
        """Tell whether a finding at ``line`` is silenced."""
        if not diagnostic.id.startswith("bpf-"):
            return False
        return diagnostic.id in self.whole_file or diagnostic.id in self.by_line.get(line, ())


def apply_suppressions(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Return the findings that no ignore comment in their own file silences."""
    files: dict[int, Suppressions] = {}
    kept: list[Diagnostic] = []
    complaints: list[Diagnostic] = []
    for diagnostic in diagnostics:
        if diagnostic.span is None:
            kept.append(diagnostic)
            continue
        outer = diagnostic.span.outermost()
        found = files.get(id(outer.file))
        if found is None:
            found = files[id(outer.file)] = Suppressions(outer.file)
            complaints += found.complaints
        if not found.covers(diagnostic, outer.file.line_col(outer.start)[0]):
            kept.append(diagnostic)
    return kept + complaints


class Baseline:
    """Findings known before: only new ones count.

    The file is JSON: ``{"version": 1, "findings": {fingerprint: count}}``.
    """

    def __init__(self, findings: dict[str, int] | None = None) -> None:
        self.findings = dict(findings or {})

    @classmethod
    def read(cls, path: str) -> Baseline | None:
        """Return the baseline in ``path``, None when the file does not exist.

        Raises: InputError when it is no baseline.
        """
        try:
            data = json.loads(read_file(path))
            findings = data["findings"]
            if data["version"] != 1 or not isinstance(findings, dict):
                raise KeyError("version")
            return cls({str(key): int(count) for key, count in findings.items()})
        except FileNotFoundError:
            return None
        except OSError as error:
            raise InputError(f"cannot read '{path}': {error.strerror}") from error
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise InputError(f"'{path}' is not a baseline file of bpfcc") from error

    def text(self) -> str:
        """Return the file's contents."""
        ordered = dict(sorted(self.findings.items()))
        return json.dumps({"version": 1, "findings": ordered}, indent=1) + "\n"

    def new_findings(
        self, diagnostics: Iterable[Diagnostic], key: dict[int, str]
    ) -> list[Diagnostic]:
        """Return the findings beyond those recorded; ``key`` maps id(diagnostic) to fingerprint."""
        left = dict(self.findings)
        fresh = []
        for diagnostic in diagnostics:
            fingerprint = key[id(diagnostic)]
            if left.get(fingerprint, 0) > 0:
                left[fingerprint] -= 1
            else:
                fresh.append(diagnostic)
        return fresh
