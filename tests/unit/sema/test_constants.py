"""Constant expressions: values and types of random ones, against clang's."""

from __future__ import annotations

import random
import shutil
import subprocess

import pytest

from bpfcc.c.ctype.printing import spell
from bpfcc.c.tast.evaluate import Address, evaluate, evaluate_int
from bpfcc.c.tast.nodes import IntConst, VarSymbol

CLANG = shutil.which("clang-19") or shutil.which("clang")
TYPES = ["signed char", "unsigned char", "short", "unsigned short", "int", "unsigned", "long",
         "unsigned long", "long long", "unsigned long long", "_Bool", "char"]  # fmt: skip
LITERALS = ["0", "1", "2", "3", "7", "42u", "255", "256", "65535", "0x7fffffff", "0x80000000",
            "0xffffffff", "4294967296", "0x7fffffffffffffff", "0x8000000000000000", "1L", "5UL",
            "9LL", "17ULL", "'a'", "'\\n'", "'\\xff'", "sizeof(int)", "-1", "-100"]  # fmt: skip
BINARY = ["+", "-", "*", "&", "|", "^", "<", ">", "<=", ">=", "==", "!=", "&&", "||"]


def expression(rng: random.Random, depth: int) -> str:
    kind = rng.random()
    if depth == 0 or kind < 0.15:
        return rng.choice(LITERALS)
    inner = lambda: expression(rng, depth - 1)
    if kind < 0.3:
        return f"({rng.choice(TYPES)})({inner()})"
    if kind < 0.4:
        return f"{rng.choice(['-', '~', '!', '+'])}({inner()})"
    if kind < 0.5:
        return f"(({inner()}) ? ({inner()}) : ({inner()}))"
    if kind < 0.6:
        return f"(({inner()}) {rng.choice(['/', '%'])} {rng.choice(['3', '7u', '-5', '10L'])})"
    if kind < 0.7:
        return f"(({inner()}) {rng.choice(['<<', '>>'])} {rng.randint(0, 31)})"
    return f"(({inner()}) {rng.choice(BINARY)} ({inner()}))"


@pytest.mark.peer
@pytest.mark.skipif(CLANG is None, reason="no clang to compare with")
@pytest.mark.parametrize("seed", range(6))
def test_random_constants(seed: int, sema, tmp_path) -> None:
    rng = random.Random(seed)
    sources = [expression(rng, 4) for _ in range(120)]
    text = "".join(
        f"__typeof__({e}) v{i} = {e}; unsigned long long w{i} = {e};\n"
        for i, e in enumerate(sources)
    )
    checked = sema(text)
    assert not [d for d in checked.diagnostics if d.severity == 2], checked.diagnostics
    variables = {v.name: v for v in checked.unit.variables}
    checks = ""
    for i, source in enumerate(sources):
        narrow, wide = variables[f"v{i}"], variables[f"w{i}"]
        assert wide.init is not None
        value = evaluate_int(wide.init.items[0].value)
        checks += f'_Static_assert((unsigned long long)({source}) == {value}ULL, "{i}");\n'
        checks += (
            f"_Static_assert(__builtin_types_compatible_p(__typeof__({source}), "
            f'{spell(narrow.type)}), "type {i}");\n'
        )
    path = tmp_path / "t.c"
    path.write_text(checks)
    done = subprocess.run(
        [CLANG, "-target", "bpf", "-w", "-fsyntax-only", "-fwrapv", "-ferror-limit=5", str(path)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[:2000]


def value_of(unit, name: str):
    symbol = next(v for v in unit.variables if v.name == name)
    assert isinstance(symbol, VarSymbol) and symbol.init is not None
    return evaluate(symbol.init.items[0].value)


def test_address_constants(sema) -> None:
    checked = sema(
        """
        struct s { int a; struct { long b[3]; } c; } x[4];
        int f(void) { return 0; }
        long *p = &x[2].c.b[1];
        int *q = &x[1].a + 2;
        int (*fp)(void) = f;
        const char *str = "hello" + 1;
        long diff = &x[3].a - &x[1].a;
        unsigned long off = (unsigned long)&((struct s *)0)->c.b[2];
        void *null = (void *)0;
        _Bool yes = &x;
        """
    )
    assert checked.messages == []
    p = value_of(checked.unit, "p")
    assert isinstance(p, Address) and p.base.name == "x" and p.offset == 2 * 32 + 16
    q = value_of(checked.unit, "q")
    assert isinstance(q, Address) and q.offset == 40
    assert value_of(checked.unit, "fp").base.name == "f"
    text = value_of(checked.unit, "str")
    assert text.base.data == b"hello\0" and text.offset == 1
    assert value_of(checked.unit, "diff") == 16
    assert value_of(checked.unit, "off") == 24
    assert value_of(checked.unit, "null") == 0
    assert value_of(checked.unit, "yes") == 1


def test_folding_as_clang_does(sema) -> None:
    """Sizes by const variables, early folds of choices, division of constants."""
    checked = sema(
        """
        static const int n = 4;
        const unsigned long m = 2 * 3;
        char a[n + 1];
        char b[m];
        _Static_assert(sizeof(a) == 5, "");
        _Static_assert(sizeof(b) == 6, "");
        _Static_assert(__builtin_constant_p(1 + 1), "");
        _Static_assert(!__builtin_constant_p(&a), "");
        int x = __builtin_choose_expr(1, 7, "text");
        int y = __builtin_constant_p(x) ? 1 : 2;
        int z = -7 / 2 * 10 + -7 % 3;
        int f(void) { const int k = 3; int local[k]; return sizeof(local); }
        """
    )
    assert checked.messages == []
    assert value_of(checked.unit, "x") == 7
    assert value_of(checked.unit, "y") == 2
    assert value_of(checked.unit, "z") == -31


def test_float_constants_fold_to_integers(sema) -> None:
    checked = sema(
        """
        unsigned long long ns = 10E9;
        int half = 0.5 * 4 + 1;
        int cmp = 1.5 > 1;
        double d = 1.5;
        float table[2] = { 1, 2.5 };
        """
    )
    assert [d for d in checked.diagnostics if d.severity == 2] == []
    assert value_of(checked.unit, "ns") == 10_000_000_000
    assert value_of(checked.unit, "half") == 3
    assert value_of(checked.unit, "cmp") == 1
    assert value_of(checked.unit, "d") == 1.5


def test_division_by_a_constant_zero_is_no_constant(sema) -> None:
    checked = sema("int x = 1 / 0;")
    assert "initializer element is not a compile-time constant" in checked.messages


def test_literals_have_their_types(sema) -> None:
    checked = sema("int f(void) { return sizeof(1ULL) + 'a' + sizeof(L'a') + sizeof(\"abc\"); }")
    result = checked.unit.functions[0].body.statements[0].value
    assert isinstance(result, IntConst) and result.value == 8 + 97 + 4 + 4
