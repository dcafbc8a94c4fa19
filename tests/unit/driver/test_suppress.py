"""Comments that silence findings."""

from __future__ import annotations

import pytest

from bpfcc.driver.suppress import apply_suppressions
from bpfcc.support.diagnostics import Diagnostic, Severity
from bpfcc.support.source import SourceFile, Span


def left(text: str, id: str = "bpf-padding", mark: str = "HERE") -> list[tuple[str, str]]:
    file = SourceFile("f.c", text)
    at = text.index(mark)
    found = Diagnostic(id, Severity.WARNING, "finding", Span(file, at, at + len(mark)))
    return [(d.id, d.message) for d in apply_suppressions([found])]


@pytest.mark.parametrize(
    "text",
    [
        "HERE; // bpfcc: ignore[bpf-padding] zeroed by the caller\n",
        "HERE; /* bpfcc: ignore[bpf-padding] zeroed by the caller */\n",
        "// bpfcc: ignore[bpf-padding] zeroed by the caller\nHERE;\n",
        "\t/* bpfcc: ignore[bpf-padding] zeroed by the caller */\n\tHERE;\n",
        "HERE; // bpfcc: ignore[bpf-license, bpf-padding] both are known\n",
        "int x;\nHERE;\n// bpfcc: ignore-file[bpf-padding] zeroed by the loader\n",
    ],
)
def test_silenced(text: str) -> None:
    assert left(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "HERE;\n",
        "HERE; // bpfcc: ignore[bpf-license] another finding\n",
        "// bpfcc: ignore[bpf-padding] for the line below this one\nint x;\nHERE;\n",
        "HERE;\nint x; // bpfcc: ignore[bpf-padding] of this line only\n",
    ],
)
def test_not_silenced(text: str) -> None:
    assert left(text) == [("bpf-padding", "finding")]


def test_without_a_reason_it_does_not_count() -> None:
    found = left("HERE; // bpfcc: ignore[bpf-padding]\n")
    assert [id for id, _ in found] == ["bpf-padding", "bpf-ignore-reason"]
    found = left("HERE; /* bpfcc: ignore[bpf-padding] */\n")
    assert [id for id, _ in found] == ["bpf-padding", "bpf-ignore-reason"]


def test_an_unknown_id_is_said() -> None:
    found = left("HERE; // bpfcc: ignore[bpf-pading] zeroed\n")
    assert found[1:] == [
        ("bpf-ignore-reason", "no finding that can be silenced has the id 'bpf-pading'")
    ]


def test_errors_of_c_cannot_be_silenced() -> None:
    found = left("HERE; // bpfcc: ignore[c-syntax] who cares\n", "c-syntax")
    assert found[0] == ("c-syntax", "finding")
    assert len(found) == 2
