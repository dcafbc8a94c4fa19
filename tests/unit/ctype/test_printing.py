"""Types are spelled as clang spells them."""

from __future__ import annotations

import pytest

from bpfcc.c.ctype.printing import quoted, spell
from bpfcc.c.ctype.types import (
    CHAR,
    INT,
    ULLONG,
    VOID,
    ArrayType,
    CType,
    FuncType,
    PointerType,
    Qualified,
    RecordType,
    Typedef,
)

U64 = Typedef("u64", ULLONG)
S = RecordType("struct", "s")


@pytest.mark.parametrize(
    ("t", "text"),
    [
        (INT, "int"),
        (PointerType(INT), "int *"),
        (PointerType(PointerType(CHAR)), "char **"),
        (ArrayType(INT, 4), "int[4]"),
        (ArrayType(ArrayType(INT, 3), None), "int[][3]"),
        (PointerType(ArrayType(INT, 4)), "int (*)[4]"),
        (ArrayType(PointerType(CHAR), 2), "char *[2]"),
        (FuncType(INT, [("", INT)]), "int (int)"),
        (FuncType(INT, []), "int (void)"),
        (FuncType(INT, [], prototype=False), "int ()"),
        (FuncType(PointerType(INT), [("a", INT)]), "int *(int)"),
        (PointerType(FuncType(INT, [("", INT), ("", PointerType(S))])), "int (*)(int, struct s *)"),
        (FuncType(PointerType(FuncType(VOID, [])), [("", INT)]), "void (*(int))(void)"),
        (
            PointerType(ArrayType(PointerType(FuncType(VOID, [("", U64)], variadic=True)), 3)),
            "void (*(*)[3])(u64, ...)",
        ),
        (
            PointerType(Qualified(PointerType(Qualified(CHAR, const=True)), const=True)),
            "const char *const *",
        ),
        (Qualified(PointerType(INT), const=True, volatile=True), "int *const volatile"),
        (Qualified(ArrayType(INT, 4), const=True), "const int[4]"),
        (PointerType(Qualified(U64, volatile=True)), "volatile u64 *"),
    ],
)
def test_spelling(t: CType, text: str) -> None:
    assert spell(t) == text


def test_typedefs_are_explained() -> None:
    assert quoted(PointerType(U64)) == "'u64 *' (aka 'unsigned long long *')"
    assert quoted(INT) == "'int'"


def test_declared_names() -> None:
    assert spell(PointerType(FuncType(INT, [("x", INT)])), "f") == "int (*f)(int)"
    assert spell(Qualified(PointerType(CHAR), const=True), "p") == "char *const p"
