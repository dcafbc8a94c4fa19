"""Any text is preprocessed or refused with a place: no exception, no hang."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bpfcc.c.options import COptions
from bpfcc.c.preprocess import preprocess
from bpfcc.c.preprocess.lexer import clean, lex
from bpfcc.c.preprocess.output import preprocessed_text
from bpfcc.support.diagnostics import Sink
from bpfcc.support.source import SourceFile

WORDS = [
    "#", "##", "define", "undef", "if", "ifdef", "elif", "else", "endif", "include", "pragma",
    "line", "error", "f", "g", "x", "(", ")", ",", "...", "__VA_ARGS__", "__VA_OPT__", "\n", "\n",
    "\n#", " ", "\\\n", "\\", '"', "'", "/*", "*/", "//", "<", ">", "{", "}", ";", "[", "]", "=",
    "struct", "enum", "typedef", "0", "1", "0x", "1e", "'a'", '"s"', "defined", "__LINE__",
    "__COUNTER__", "_Pragma", "__has_include", "__has_attribute", "&&", "||", "?", ":", "-", "/",
    "%:", "<:", "\r", "\t", "\0", "\ufeff", "é", "\u2028", "\udc80", "L", "u8", "$", "@", "`", ".",
    "pack(push", "once", "__attribute__", "static", "int", "GCC", "clang attribute",
]  # fmt: skip


def run(text: str, tmp: str = "") -> Sink:
    sink = Sink()
    options = COptions()
    options.own_headers = False
    unit = preprocess(SourceFile("t.c", text), options, sink)
    for chunk in unit.chunks:
        assert chunk.tokens
        chunk.names
    for diagnostic in sink.diagnostics:
        assert diagnostic.span is None or diagnostic.span.position()[1] >= 1
    preprocessed_text(SourceFile("t.c", text), options, Sink())
    return sink


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.text(max_size=120))
def test_any_text(text: str) -> None:
    run(text)


@pytest.mark.parametrize("seed", range(40))
def test_any_words(seed: int, tmp_path) -> None:
    rng = random.Random(seed)
    for _ in range(8):
        text = "".join(rng.choice(WORDS) + rng.choice(["", " "]) for _ in range(rng.randrange(90)))
        run(text)
        # The same text as a header takes the other path.
        (tmp_path / "h.h").write_bytes(text.encode("utf-8", "surrogateescape"))
        options = COptions()
        options.include = [str(tmp_path)]
        unit = preprocess(SourceFile("t.c", "#include <h.h>\nint x;\n"), options, Sink())
        for chunk in unit.chunks:
            assert chunk.tokens


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.text(alphabet="ab\"'/*\\\n \r\t#", max_size=60))
def test_clean_text_keeps_every_offset(text: str) -> None:
    cleaned = clean(text)
    assert len(cleaned) == len(text)
    file = SourceFile("t.c", text)
    at = 0
    for token in lex(cleaned, 0, len(cleaned), file):
        assert token.start >= at
        at = token.start + len(token.text)
        assert cleaned[token.start : at] == token.text


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("a/*b*/c", "a     c"),
        ("a//b\nc", "a   \nc"),
        ('"/*" /* " */ "//"', '"/*"         "//"'),
        ("'//' '\"' // x", "'//' '\"'     "),
        ("a /* x\ny */ b", "a           b"),
        ("ab\\\ncd e", "abcd   e"),
        ("a \\\n b", "a    b"),
        ("// a\\\nb\nc", "       \nc"),
        ('"a\\\nb" c', '"ab"   c'),
        ("a/\\\n* x */b", "a         b"),
        ("/* unfinished", "             "),
        ("a\r\nb", "a \nb"),
    ],
)
def test_comments_and_splices(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


@pytest.mark.parametrize(
    "text",
    [
        "#if " + "(" * 5000 + "1" + ")" * 5000 + "\n#endif\n",
        "#if " + "!" * 5000 + "1\n#endif\n",
        "#if " + "1?" * 3000 + "1" + ":0" * 3000 + "\n#endif\n",
        "#if " + "-~" * 3000 + "1 " + "+1" * 3000 + "\n#endif\n",
        "#define f(x) x\n" + "f(" * 2000 + "1" + ")" * 2000 + "\n",
        "".join(f"#define a{i} a{i + 1}\n" for i in range(3000)) + "a0\n",
        "".join(f"#define a{i}(x) a{i + 1}(x)\n" for i in range(1500)) + "a0(1)\n",
        "#if 1\n" * 3000,
        "{" * 5000,
        '"' * 3001,
        "/" * 3000 + "\\\n" * 3000,
        "#define f(" + ",".join(f"p{i}" for i in range(2000)) + ") p1\nf(" + "," * 1999 + ")\n",
    ],
    ids=range(12),
)
def test_deep_and_long(text: str) -> None:
    run(text)
