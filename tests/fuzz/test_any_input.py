"""Any bytes as input, to any command: an error with a place and an exit code, never more than that.

The first seeds of ``python -m tests.fuzz.attack``; what it found once; and what a seed does not make.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.fuzz.attack import KINDS, Material, attack, call

ROOT = os.path.join(os.path.dirname(__file__), "..", "..")
SEEDS = {"c": 60, "object": 40, "btf": 20, "events": 24, "arguments": 40}
PARTS = 2


@pytest.fixture(scope="module")
def material(tmp_path_factory) -> Iterator[Material]:
    yield Material(str(tmp_path_factory.mktemp("attack")))


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("kind", KINDS)
def test_seeds(kind: str, part: int, material: Material) -> None:
    found: list[str] = []
    for seed in range(part, SEEDS[kind], PARTS):
        found += attack(material, kind, seed)
    assert found == []


XDP = 'struct xdp_md { unsigned data; }; __attribute__((section("xdp"))) int f(struct xdp_md *c) '

PROGRAMS = {
    # found by seeds
    "NUL in a header's name": '#include "a\0b/c.h"\n',
    "registers that are only named": "#include <bpf/bpf_helpers.h>\nint f(struct bpf_context *c) {",
    "a local of 2 GB": XDP + "{ char b[2147483647] = {}; c->data = (long)b; return b[c->data]; }",
    # what a seed does not make
    "parentheses": "int x = " + "(" * 5000 + "1" + ")" * 5000 + ";",
    "open parentheses": "int x = " + "(" * 20000,
    "braces": "int f(void) { " + "{" * 5000 + "}" * 5000,
    "brackets": "int a" + "[1]" * 5000 + " = 0 0;",
    "pointers": "int " + "*" * 20000 + "p 1;",
    "unary operators": "int f(int x) { return " + "-~!" * 5000 + "x }",
    "conditionals": "int f(int x) { return " + "x ? 1 : " * 5000 + "2 }",
    "additions": "int f(int x) { return 1" + " + x" * 20000 + " }",
    "else if": "int f(int x) { if (x) x = 1; " + "else if (x) x = 2; " * 3000 + " }",
    "#if in #if": "#if 1\n" * 5000 + "int x\n" + "#endif\n" * 4999,
    "macro calls in arguments": "#define F(x) x\nint x = " + "F(" * 3000 + "1" + ")" * 3000 + " 2;",
    "macros that double": "#define A0 1,1\n"
    + "".join(f"#define A{i} A{i - 1},A{i - 1}\n" for i in range(1, 40))
    + "int x[] = { A39 };",
    "a macro of itself": "#define f(x) f(f(x)) f\nint x = f(f)(f)(1) 2;",
    "struct in struct": "struct s { " * 3000 + "int x; " + "} a; " * 3000,
    "initialisers": "int x = " + "{" * 3000 + "1" + "}" * 3000 + " 1;",
    "declarators": "int " + "(" * 3000 + "x" + ")" * 3000 + " = y;",
    "statement expressions": "int f(void) { return " + "({" * 1000 + "1;" + "})" * 1000 + ";",
    "typeof": "int f(int x) { " + "__typeof__(" * 2000 + "x" + ")" * 2000 + " y = z; }",
    "casts": "int f(int x) { return " + "(long)" * 5000 + "y; }",
    "a long line": "int x = 1" + " " * 2_000_000 + "+;",
    "a long name": "int " + "a" * 1_000_000 + " = b;",
    "a long string": 'char *s = "' + "a" * 1_000_000 + "\n;",
    "a huge number": "long x = " + "9" * 100_000 + ";",
    "a huge float": "double x = 1e999999999999; int y = 1e99999; z",
    "a huge array": "int a[0x7fffffffffffffff]; int b[1ull << 61]; int c[1ll << 40] = { [1ll << 39] = 1 };",
    "a range": "int a[100000000000] = { [0 ... 99999999999] = 1 };",
    "an array of arrays": "char a[1 << 30][1 << 30]; char b[1 << 30][1 << 30][1 << 30];",
    "a large initialiser": "int a[] = { [1 << 29] = 1 }; x",
    "shifts": "int x = 1 << 100000000000; int y[1 << -1]; int z = 1 << (1ull << 63); w",
    "many errors": "a b;\n" * 3000,
    "case ranges": "int f(int x) { switch (x) { case -2147483648 ... 2147483647: case 1: return 1 } }",
    "NUL bytes": "int x\0\0 = 1;\0\0y",
    "#line": '#line 99999999999999999999 "x"\nint x = y;\n#line 0\n#line x',
    "_Pragma": '_Pragma("' + "x" * 100_000 + '") _Pragma(1) _Pragma("a" "b")',
    "an asm of anything": 'int f(void) { asm("' + "%" * 1000 + '" : "=r"(1) : "zzz"(x)); }',
    "alignment": "int x __attribute__((aligned(1 << 40))); struct { int y; } __attribute__((aligned(3))) z;",
    "bit-fields": "struct { int a : 99999999999; int b : -1; int c : 0; int : 33; } x; y",
    "an enumeration": "enum { A = 0xffffffffffffffff, B }; enum { C = -1, D = 1ull << 63 }; E",
    "a section": '__attribute__((section("' + "x" * 100_000 + '"))) int f(void) { return y; }',
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs(name: str, tmp_path) -> None:
    source, product = tmp_path / "in.c", tmp_path / "out.o"
    source.write_text(PROGRAMS[name], encoding="utf-8")
    product.write_bytes(b"old")
    outcome = call([str(source), "-o", str(product)])
    assert outcome.code == 1, outcome.err[-2000:]
    assert f"{source}:" in outcome.err and "error: " in outcome.err
    assert "internal error" not in outcome.err
    assert len(outcome.err) < 20_000_000
    assert product.read_bytes() == b"old"
    assert sorted(os.listdir(tmp_path)) == ["in.c", "out.o"]


@pytest.mark.parametrize(
    "argv",
    [["check", "in.o", "--html", "out"], ["run", "in.o", "--coverage", "out"],
     ["gen", "python", "in.o", "-o", "out"], ["check", "in.o", "--format", "sarif"]],
)  # fmt: skip
def test_names_that_are_no_text(argv: list[str], tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    source = os.path.join(ROOT, "filters", "dropmon.c")
    assert call([source, "-o", "in.o"]).code == 0
    data = (tmp_path / "in.o").read_bytes()
    (tmp_path / "in.o").write_bytes(data.replace(b"dropmon.c", b"drop\xff\xfe..c"))
    outcome = call(argv)
    assert outcome.code == 0 and "internal error" not in outcome.err, outcome.err
