"""Text that people read: place, caret, notes, macro chain."""

from __future__ import annotations

from bpfcc.support.diagnostics import Diagnostic, FixIt, Note, Severity, Sink, WarningPolicy
from bpfcc.support.render import TextRenderer, as_dict, summary
from bpfcc.support.source import SourceFile, Span

FILE = SourceFile("f.c", "int a;\n\t*n += 1;\nint \u540d = x;\n")


def span(text: str) -> Span:
    at = FILE.text.index(text)
    return Span(FILE, at, at + len(text))


def render(diagnostic: Diagnostic) -> list[str]:
    return TextRenderer().render(diagnostic).splitlines()


def test_caret_below_the_expression_after_a_tab() -> None:
    lines = render(
        Diagnostic(
            "bpf-null-deref",
            Severity.ERROR,
            "'n' may be NULL here",
            span("*n"),
            notes=[Note("may return NULL", span("a"))],
            fixits=[FixIt("if (!n) return 0;")],
            kernel="R0 invalid mem access",
        )
    )
    assert lines == [
        "f.c:2:2: error: 'n' may be NULL here [bpf-null-deref]",
        "    2 |         *n += 1;",
        "      |         ^~",
        "f.c:1:5: note: may return NULL",
        "    1 | int a;",
        "      |     ^",
        "  = help: if (!n) return 0;",
        "  = kernel: R0 invalid mem access",
    ]


def test_wide_characters_take_two_cells() -> None:
    lines = render(Diagnostic("c-x", Severity.ERROR, "m", span("x;")))
    assert lines[0].startswith("f.c:3:9:") or lines[0].startswith("f.c:3:8:")
    assert lines[1].index("=") + 1 == lines[2].index("^") - 2


def test_macro_chain_innermost_first() -> None:
    body = SourceFile("m.h", "#define M(x) ((x) + y)\n")
    use = SourceFile("u.c", "int v = M(1);\n")
    outer = Span(use, 8, 12)
    inner = Span(body, 20, 21, outer, "M")
    lines = render(Diagnostic("c-x", Severity.ERROR, "no y", inner))
    assert lines[0].startswith("u.c:1:9: error: no y")
    assert lines[3] == "m.h:1:21: note: expanded from macro 'M'"


def test_warning_tag_and_werror_tag() -> None:
    policy = WarningPolicy()
    sink = Sink(policy)
    sink.warning("return-type", "no value", None)
    policy.everything_is_error = True
    sink.warning("return-type", "no value here", None)
    first, second = (TextRenderer().render(d) for d in sink.diagnostics)
    assert "[-Wreturn-type]" in first
    assert "error" in second and "[-Werror,-Wreturn-type]" in second
    assert (sink.errors, sink.warnings) == (1, 1)


def test_same_finding_once() -> None:
    sink = Sink()
    for _ in range(3):
        sink.error("c-x", "m", span("a"))
    assert len(sink.diagnostics) == 1


def test_system_headers_are_silent() -> None:
    header = SourceFile("s.h", "int x;", system=True)
    sink = Sink()
    sink.warning("return-type", "m", Span(header, 0, 1))
    assert sink.diagnostics == []


def test_summary_as_clang_has_it() -> None:
    assert summary(1, 0) == "1 error generated.\n"
    assert summary(2, 1) == "1 warning and 2 errors generated.\n"
    assert summary(0, 0) == ""


def test_json_values() -> None:
    row = as_dict(Diagnostic("bpf-x", Severity.ERROR, "m", span("*n")))
    assert (row["file"], row["line"], row["column"], row["end_column"]) == ("f.c", 2, 2, 4)
    assert row["severity"] == "error"
