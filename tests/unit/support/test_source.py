"""Places in source text."""

from __future__ import annotations

import pytest

from bpfcc.support.source import SourceFile, Span


def test_line_and_column_from_one() -> None:
    file = SourceFile("a", "ab\ncd\n")
    assert [file.line_col(i) for i in range(6)] == [(1, 1), (1, 2), (1, 3), (2, 1), (2, 2), (2, 3)]
    assert file.line_col(6) == (3, 1)
    assert [file.line_text(n) for n in (0, 1, 2, 3, 4)] == ["", "ab", "cd", "", ""]


def test_line_directive_moves_the_presumed_place() -> None:
    file = SourceFile("a", "x\ny\nz\n")
    file.line_map = [(2, 100, "b")]
    assert file.presumed(0) == ("a", 1, 1)
    assert file.presumed(2) == ("b", 100, 1)
    assert file.presumed(4) == ("b", 101, 1)


def test_join_within_and_across_expansions() -> None:
    file = SourceFile("a", "one two three")
    joined = Span(file, 0, 3).to(Span(file, 8, 13))
    assert joined.text() == "one two three"
    inner = Span(SourceFile("m", "zzz"), 0, 1, Span(file, 4, 7), "M")
    assert inner.to(Span(file, 8, 13)).text() == "two three"


@pytest.mark.parametrize("text", ["", "\n", "no newline"])
def test_any_text_has_a_first_line(text: str) -> None:
    assert SourceFile("a", text).line_col(0) == (1, 1)
