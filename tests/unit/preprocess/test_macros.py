"""Macros, conditionals and includes: what comes out is what gcc and clang make of it."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from bpfcc.c.options import COptions
from bpfcc.c.preprocess import expand as expand_module
from bpfcc.c.preprocess.output import macro_text, preprocessed_text
from bpfcc.support.diagnostics import Sink
from bpfcc.support.source import SourceFile

_TOKEN = re.compile(
    r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|[A-Za-z_]\w*|\.?\d(?:[eEpP][+-]|[\w.])*|\S"
)


def tokens(text: str) -> list[str]:
    return _TOKEN.findall("\n".join(x for x in text.split("\n") if not x.startswith("#")))


def expand(text: str, **settings: object) -> tuple[list[str], Sink]:
    options = COptions()
    options.own_headers = False
    for name, value in settings.items():
        setattr(options, name, value)
    sink = Sink()
    return tokens(preprocessed_text(SourceFile("t.c", text), options, sink).text), sink


CASES = {
    "object": "#define A B\n#define B 3\nA B C\n",
    "recursive": "#define f(x) x f\n#define A A B\nf(f)(1) A\n",
    "standard 6.10.3.5 example 3": """\
#define x 3
#define f(a) f(x * (a))
#undef x
#define x 2
#define g f
#define z z[0]
#define h g(~
#define m(a) a(w)
#define w 0,1
#define t(a) a
#define p() int
#define q(x) x
#define r(x,y) x ## y
#define str(x) # x
f(y+1) + f(f(z)) % t(t(g)(0) + t)(1);
g(x+(3,4)-w) | h 5) & m
(f)^m(m);
p() i[q()] = { q(1), r(2,3), r(4,), r(,5), r(,) };
char c[2][6] = { str(hello), str() };
""",
    "example 4": """\
#define str(s) # s
#define xstr(s) str(s)
#define debug(s, t) printf("x" # s "= %d, x" # t "= %s", x ## s, x ## t)
#define INCFILE(n) vers ## n
#define glue(a, b) a ## b
#define xglue(a, b) glue(a, b)
#define HIGHLOW "hello"
#define LOW LOW ", world"
debug(1, 2);
fputs(str(strncmp("abc\\0d", "abc", '\\4') == 0) str(: @\\n), s);
xstr(INCFILE(2).h)
glue(HIGH, LOW);
xglue(HIGH, LOW)
""",
    "variadic": """\
#define e(f, ...) p(f, ## __VA_ARGS__)
#define n(args...) [args]
#define o(x, ...) x __VA_OPT__(: __VA_ARGS__) ;
e("a") e("a", 1) e("a", 1, 2) n() n(1,2) o(1) o(1,2,3)
""",
    "count": """\
#define nth(_, a, b, c, N, ...) N
#define narg(...) nth(_, ##__VA_ARGS__, 3, 2, 1, 0)
#define cat(a, b) a##b
#define apply(f, n) cat(f, n)
#define f0(x) zero
#define f1(x, a) one(a)
#define f2(x, a, b) two(a, b)
#define call(x, args...) apply(f, narg(args))(x, ##args)
call(1) call(1, 2) call(1, 2, 3)
""",
    "conditions": """\
#if (1 ? 2 : 3/0) == 2 && !defined Q && -1 > 0u && (0x10 >> 2) == 4 && 'a' == 97
yes
#elif 1
no
#else
no
#endif
#if 0
#if 1
no
#else
no
#endif
#elif defined(__STDC__)
std
#endif
""",
    "lines over lines": "#define g(a, b) a-b\ng(1,\n  2) g\n(3, 4) a/* x */b // c\nd\\\ne\n",
    "directive inside arguments": "#define g(a) <a>\ng(1\n#define X 5\nX)\n",
    "stringize spaces": '#define s(x) #x\ns(  a   +  "b\\n"  \'"\' )\n',
    "pragma operator": '#define P _Pragma("pack(1)") int x;\nP\n',
}


@pytest.mark.parametrize("name", CASES)
def test_same_tokens_as_gcc(name: str) -> None:
    gcc = shutil.which("gcc")
    if gcc is None:
        pytest.skip("gcc is not installed")
    theirs = subprocess.run(
        [gcc, "-E", "-P", "-std=gnu17", "-x", "c", "-"],
        input=CASES[name], capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    ours, sink = expand(CASES[name])
    assert sink.errors == 0
    assert ours == tokens(theirs)


def test_digraphs() -> None:
    assert expand("%:define A <:1:>\nA\n")[0] == ["[", "1", "]"]


def test_counter_and_files() -> None:
    found, _ = expand("__COUNTER__ __COUNTER__ __LINE__\n__FILE__ __BASE_FILE__\n")
    assert found == ["0", "1", "1", '"t.c"', '"t.c"']


def test_includes_in_order_and_once(tmp_path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    (tmp_path / "a" / "h.h").write_text("first\n#include_next <h.h>\n")
    (tmp_path / "b" / "h.h").write_text("#pragma once\nsecond\n")
    found, sink = expand(
        "#include <h.h>\n#include <h.h>\n#if __has_include(<h.h>) && !__has_include(<no.h>)\nok\n#endif\n",
        include=[str(tmp_path / "a"), str(tmp_path / "b")],
    )
    assert sink.errors == 0
    assert found == ["first", "second", "first", "ok"]


def test_command_line_macros_in_order() -> None:
    found, _ = expand("A B\n", commands=[("D", "A=1"), ("D", "B"), ("U", "A")])
    assert found == ["A", "1"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("#include <no/such.h>\n", "no/such.h"),
        ("#if 1\n", "unterminated"),
        ("#endif\n", "without #if"),
        ("#define\n", "macro name missing"),
        ("#if 1 +\n#endif\n", "expected"),
        ("#error stop here\n", "stop here"),
        ("#defin X\n", "#define"),
        ("#define f(a) #b\n", "parameter"),
        ("#define f(a) a\nf(1\n", "unterminated"),
    ],
)
def test_errors_are_located(text: str, words: str) -> None:
    _, sink = expand(text, kernel_types=False)
    assert sink.errors >= 1
    first = sink.diagnostics[0]
    assert words in first.message
    assert first.span is not None and first.span.position()[0] == "t.c"


def test_file_that_includes_itself_ends(tmp_path) -> None:
    path = tmp_path / "loop.h"
    path.write_text('#include "loop.h"\n')
    _, sink = expand(f'#include "{path}"\n')
    assert any("nested too deeply" in d.message for d in sink.diagnostics)


def test_macros_that_grow_without_end_are_an_error(monkeypatch) -> None:
    monkeypatch.setattr(expand_module, "TOKEN_LIMIT", 10_000)
    lines = ["#define a0 x x"] + [f"#define a{i} a{i - 1} a{i - 1}" for i in range(1, 40)]
    _, sink = expand("\n".join(lines) + "\na39\n")
    assert sink.errors


def test_error_in_an_expansion_shows_the_chain() -> None:
    from bpfcc.driver.options import Options
    from bpfcc.driver.pipeline import compile_source
    from bpfcc.support.render import TextRenderer

    sink = Sink()
    text = "#define INNER(x) ((x) + missing)\n#define OUTER(x) INNER(x)\nint f(void) { return OUTER(1); }\n"
    compile_source(SourceFile("t.c", text), Options(), sink)
    shown = TextRenderer().render_all(sink.diagnostics)
    assert "t.c:3:22: error: use of undeclared identifier 'missing'" in shown
    assert "expanded from macro 'INNER'" in shown


def test_predefined_macros_as_clang_has_them() -> None:
    clang = shutil.which("clang-19")
    if clang is None:
        pytest.skip("clang-19 is not installed")
    theirs = subprocess.run(
        [clang, "-target", "bpf", "-mcpu=v3", "-O2", "-dM", "-E", "-x", "c", "/dev/null"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    options = COptions()
    ours = macro_text(SourceFile("t.c", ""), options, Sink()).text
    missing = {
        line for line in {x.rstrip() for x in theirs.splitlines()} - set(ours.splitlines())
        if not re.search(r"VERSION|_version|clang_patch|_WITNESS|FLT|DBL|__GNUC_|CONSTANT_CFSTRINGS", line)
    }  # fmt: skip
    assert missing == set()


def test_function_of_a_header_with_a_directive_in_its_body(tmp_path) -> None:
    """The body's braces were counted twice, and the rest of the headers became part of it."""
    from bpfcc.c.preprocess import preprocess

    (tmp_path / "h.h").write_text(
        "#define INLINE inline\nstatic INLINE int f(int a)\n{\n#if 1\n\treturn a;\n#else\n#endif\n}\n"
        "typedef int after;\n"
    )
    options = COptions()
    options.include = [str(tmp_path)]
    unit = preprocess(SourceFile("t.c", "#include <h.h>\nafter x;\n"), options, Sink())
    assert unit.index.is_typedef("after")
