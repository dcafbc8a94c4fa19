"""Broken programs give located errors and never an exception: found ones, and random mutations."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from bpfcc.support.diagnostics import Severity

FILES = Path(__file__).parents[2] / "files"
_TOKEN = re.compile(
    r"\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|[A-Za-z_]\w*|\d[\w.]*|->|\+\+|--|<<=?|>>=?"
    r"|[-+*/%&|^=!<>]=|&&|\|\||\.\.\.|\s+|.",
    re.S,
)


@pytest.mark.parametrize(
    "text",
    [
        "typedef int f(int x) { return x; }",
        "int f(int *p) { return __atomic_exchange_n(p, 1); }",
        "struct s { enum unknown x : 3; };",
        "int x = sizeof(__builtin_choose_expr(1, int));",
        "int f(void) { return _Generic(1, int: int); }",
        "struct s { struct s x[2]; } y = { { { 0 } } };",
        "int a[1.0]; int b[a]; int c[] = { [b] = 1 };",
        "void f(void) { ({ goto x; }); ({ x: ; }); }",
        "int f(int x) { switch (x) { int y = 1; case 1: return y; } }",
        "int f(a, b) { return a; }",
        "enum e { A = B, B = A };",
        "int x[sizeof(x)] = { sizeof x };",
        "void f(void) { void *p = f; (*p)(); p(); }",
        "union u { } e = { 1 }; struct z { } s = { 1, 2 };",
        "int f() { struct q *p; return p->x.y[3].z; }",
        "_Static_assert(f, 1); _Static_assert();",
        "int f(int x) { return ({ }); }",
        "int f(void) { return f(f(f)); }",
        "int (*f(void))(int) { return f; } int y = f()(f);",
        "static int x; extern int x; static int x; int *p = &x - &x;",
        "long long x : 3; struct { int : 3; int y : sizeof(z); } z;",
        "__auto_type f(__auto_type x) { return x; }",
        "void f(struct s { int x; } a, struct s *b) { a = *b; }",
        'int f(int x) { asm("%0 %1 %[x" : "=r"(x)); return x; }',
        "void f(struct bpf_context *c) { bpf_table_lookup(c, -1, c); bpf_table_update(c); }",
        "struct bpf_table t[] = { { 1 } }, u[]; int f(void) { return t[0].type; }",
    ],
)
def test_nothing_but_diagnostics(text: str, sema) -> None:
    checked = sema(text, ["all", "extra"])
    for d in checked.diagnostics:
        assert d.span is not None and d.message
        d.span.position()


@pytest.mark.parametrize("seed", range(4))
def test_random_mutations(seed: int, sema) -> None:
    rng = random.Random(seed)
    texts = [p.read_text() for p in sorted(FILES.glob("sema/*.c"))]
    tokens = [list(_TOKEN.findall(re.sub(r"//.*", "", text))) for text in texts]
    pool = [t for each in tokens for t in each if not t.isspace()]
    for _ in range(60):
        mutated = list(rng.choice(tokens))
        for _ in range(rng.randint(1, 6)):
            at = rng.randrange(len(mutated))
            kind = rng.random()
            if kind < 0.3:
                del mutated[at]
            elif kind < 0.7:
                mutated[at] = rng.choice(pool)
            else:
                mutated.insert(at, " " + rng.choice(pool) + " ")
        for d in sema("".join(mutated), ["all", "extra"]).diagnostics:
            assert d.severity in Severity


def test_deep_nesting_is_an_error_or_fine(sema) -> None:
    assert sema("int x = " + "- " * 150 + "1;").messages == []
    long_chain = " + ".join(["1"] * 400)
    assert sema(f"int x = {long_chain};").messages == []
    branches = "if (x == 0) return 0; " + "".join(
        f"else if (x == {i}) return {i}; " for i in range(300)
    )
    assert sema(f"int f(int x) {{ {branches} return -1; }}").messages == []
    cases = "".join(f"case {i}: " for i in range(300))
    assert sema(f"int f(int x) {{ switch (x) {{ {cases} return 1; }} return 0; }}").messages == []


def test_a_huge_initialiser_range_is_refused(sema) -> None:
    checked = sema("int x[100000000] = { [0 ... 99999999] = 1 };")
    assert "initializer has too many elements" in checked.messages
