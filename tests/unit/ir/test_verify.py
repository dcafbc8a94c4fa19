"""Each rule of ir.verify has a function that breaks it."""

from __future__ import annotations

import pytest

from bpfcc.ir.module import Function, Global, GlobalReloc, Module
from bpfcc.ir.parser import parse_function
from bpfcc.ir.values import I32, I64, Const, Instr, Param
from bpfcc.ir.verify import verify, verify_function
from bpfcc.support.errors import InternalError

HEAD = 'func @f(i32 %n.0, ptr %p.1) -> i32 section ".text" linkage global {\n'


def function(body: str) -> Function:
    return parse_function(HEAD + body + "}\n")


def test_good() -> None:
    verify_function(
        function(
            "entry:\n %a = alloca ptr size=8 align=8\n condbr i1 1, b, c\n"
            "b:\n %x = add i32 %n.0, i32 1\n br c\n"
            "c:\n %y = phi i32 [%x, b], [i32 0, entry]\n ret %y\n"
            "dead:\n %z = add i32 %x, %x\n ret %z\n"
        )
    )


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("", "no blocks"),
        ("entry:\n", "the block is empty"),
        ("entry:\n %x = add i32 %n.0, i32 1\n", "terminator must be the last"),
        ("entry:\n ret i32 0\n ret i32 0\n", "terminator must be the last"),
        ("entry:\n br entry\n", "entry has predecessors"),
        ("entry:\n br b\nb:\n %a = alloca ptr size=8 align=8\n ret i32 0\n", "outside the entry"),
        ("entry:\n %a = alloca ptr size=8\n ret i32 0\n", "'align' is missing"),
        ("entry:\n %a = add i32 %n.0\n ret %a\n", "1 operands, not 2"),
        ("entry:\n %a = add i64 %n.0, i32 1\n ret i32 0\n", "types do not fit"),
        ("entry:\n %a = zext i32 %n.0\n ret i32 0\n", "types do not fit"),
        ("entry:\n %a = slt i1 %p.1, %p.1\n ret i32 0\n", "types do not fit"),
        ("entry:\n %a = load i1 %p.1\n ret i32 0\n", "types do not fit"),
        ("entry:\n %a = ptradd ptr %p.1, i32 4\n ret i32 0\n", "types do not fit"),
        ("entry:\n lifetime %p.1 start=yes\n ret i32 0\n", "types do not fit"),
        ("entry:\n ret\n", "types do not fit"),
        ("entry:\n ret i64 0\n", "types do not fit"),
        ("entry:\n switch %n.0, b, 1: b, 1: b\nb:\n ret i32 0\n", "types do not fit"),
        ("entry:\n %a = add i32 %b, i32 1\n %b = add i32 %a, i32 1\n ret %b\n", "not dominate"),
        (
            "entry:\n condbr i1 1, b, c\nb:\n %x = add i32 %n.0, i32 1\n br c\nc:\n ret %x\n",
            "not dominate",
        ),
        (
            "entry:\n condbr i1 1, b, c\nb:\n %x = add i32 %n.0, i32 1\n br c\n"
            "c:\n %y = phi i32 [%x, entry], [i32 0, b]\n ret %y\n",
            "not dominate",
        ),
        ("entry:\n br b\nb:\n %y = phi i32\n ret %y\n", r"predecessors are \['entry'\]"),
        (
            "entry:\n br b\nb:\n %y = phi i32 [i32 0, entry], [i32 1, entry]\n ret %y\n",
            "listed twice",
        ),
        (
            "entry:\n br b\nb:\n %x = add i32 %n.0, i32 1\n %y = phi i32 [i32 0, entry]\n ret %y\n",
            "a phi after other",
        ),
    ],
)
def test_broken(body: str, message: str) -> None:
    with pytest.raises(InternalError, match=message) as caught:
        verify_function(function(body))
    assert caught.value.function == "f"


def test_links_between_objects() -> None:
    f = function("entry:\n %x = add i32 %n.0, i32 1\n ret %x\n")
    add = f.blocks[0].instrs[0]
    add.block = None
    with pytest.raises(InternalError, match="belongs to another block"):
        verify_function(f)
    add.block = f.blocks[0]
    add.args[1] = Instr("add", I32, [Const(I32, 1), Const(I32, 1)])
    with pytest.raises(InternalError, match="not in the function"):
        verify_function(f)
    add.args[1] = Param(I32, 0)
    with pytest.raises(InternalError, match="foreign parameter"):
        verify_function(f)
    add.args[1] = Const(I64, 1)
    with pytest.raises(InternalError, match="types do not fit"):
        verify_function(f)


def test_names_in_a_module() -> None:
    module = Module()
    module.functions.append(function("entry:\n %x = call i32 func @g()\n ret %x\n"))
    with pytest.raises(InternalError, match="callee @g is not defined"):
        verify(module)
    module.globals.append(Global("g", ".data", bytes(8), 8))
    verify(module)
    module.globals[0].relocs.append(GlobalReloc(0, "h"))
    with pytest.raises(InternalError, match="@h, which does not exist"):
        verify(module)
    module.globals[0].relocs.clear()
    module.globals.append(Global("f", ".data", bytes(8), 8))
    with pytest.raises(InternalError, match=r"after gvn: .*@f is defined twice") as caught:
        verify(module, after="gvn")
    assert caught.value.stage == "gvn"
    module.globals.pop()
    module.functions[0] = function("entry:\n %x = load i32 @h\n ret %x\n")
    with pytest.raises(InternalError, match="symbol @h is not defined"):
        verify(module)
