"""Kernel types on demand: from BTF to C types, only what a program reaches."""

from __future__ import annotations

import pytest

from bpfcc.btf import types as bt
from bpfcc.btf.read import parse
from bpfcc.btf.write import encode
from bpfcc.c.ctype.layout import align_of, size_of
from bpfcc.c.ctype.types import ArrayType, EnumType, PointerType, RecordType, strip
from bpfcc.c.options import COptions

INT = bt.Int("int", 4, bt.Int.SIGNED)
U8 = bt.Int("unsigned char", 1)
U32 = bt.Int("unsigned int", 4)
U64 = bt.Int("long long unsigned int", 8)
CHAR = bt.Int("char", 1, bt.Int.SIGNED)
BOOL = bt.Int("_Bool", 1, bt.Int.BOOL)


def kernel() -> list[bt.BtfType]:
    """A small kernel: types that refer to each other in the ways real ones do."""
    u32 = bt.Typedef(U32, "u32")
    u64 = bt.Typedef(U64, "u64")
    flag = bt.Typedef(BOOL, "bool")
    state = bt.Enum("task_state", 4, [("TASK_RUNNING", 0), ("TASK_DEAD", 128)])
    wide = bt.Enum("wide", 8, [("WIDE_VALUE", 1 << 40)])
    task = bt.Struct("task", 64)
    name = bt.Array(CHAR, 16, U32)
    callback = bt.FuncProto(INT, [("t", bt.Ptr(task)), ("n", u64)])
    inner = bt.Union("", 8, [bt.Member("low", u32, 0), bt.Member("whole", u64, 0)])
    task.members = [
        bt.Member("parent", bt.Ptr(task), 0),
        bt.Member("pid", INT, 64),
        bt.Member("on_cpu", U32, 96, 1),
        bt.Member("prio", U32, 97, 7),
        bt.Member("comm", name, 128),
        bt.Member("", inner, 256),
        bt.Member("fn", bt.Ptr(callback), 320),
        bt.Member("user", bt.Ptr(bt.TypeTag(bt.Const(CHAR), "user")), 384),
        bt.Member("other", bt.Ptr(bt.Fwd("elsewhere")), 448),
    ]
    packed = bt.Struct("packed", 5, [bt.Member("c", U8, 0), bt.Member("n", U32, 8)])
    aligned = bt.Struct("plain", 16, [bt.Member("c", U8, 0), bt.Member("n", u64, 64)])
    kfunc = bt.Func("bpf_task_release", bt.FuncProto(None, [("p", bt.Ptr(task))]), 0)
    hidden = bt.Func("schedule", bt.FuncProto(None, []), 0)
    return [task, packed, aligned, state, wide, flag, u32, u64, kfunc, hidden,
            bt.DeclTag("bpf_kfunc", kfunc, -1)]  # fmt: skip


@pytest.fixture
def options() -> COptions:
    made = COptions()
    btf = parse(encode(kernel()).data)
    made.btf = lambda: btf
    return made


PROGRAM = '#include "vmlinux.h"\n'


def test_members_and_layout(sema, options) -> None:
    checked = sema(
        PROGRAM
        + """
        _Static_assert(sizeof(struct task) == 64, "");
        _Static_assert(__builtin_types_compatible_p(typeof(((struct task *)0)->comm), char[16]), "");
        _Static_assert(sizeof(struct packed) == 5 && _Alignof(struct packed) == 1, "");
        _Static_assert(sizeof(struct plain) == 16 && _Alignof(struct plain) == 8, "");
        u64 f(struct task *t) { return t->parent->pid + t->prio + t->whole + t->comm[2] + t->fn(t, 1); }
        """,
        options=options,
    )
    assert checked.messages == []
    pointer = strip(checked.unit.functions[0].params[0].type)
    assert isinstance(pointer, PointerType)
    task = strip(pointer.to)
    assert isinstance(task, RecordType) and task.core and task.tag == "task"
    fields = {f.name: f for f in task.fields or ()}
    assert (fields["on_cpu"].offset, fields["on_cpu"].width) == (96, 1)
    assert (fields["prio"].offset, fields["prio"].width) == (97, 7)
    assert strip(strip(fields["parent"].type).to) is task
    assert isinstance(strip(fields["comm"].type), ArrayType)
    assert size_of(task) == 64 and align_of(task) == 8
    user = strip(fields["user"].type)
    assert isinstance(user, PointerType) and user.to.tags == ("user",)


def test_enumerators_and_typedefs(sema, options) -> None:
    checked = sema(
        PROGRAM
        + """
        _Static_assert(TASK_DEAD == 128 && sizeof(enum task_state) == 4, "");
        _Static_assert(WIDE_VALUE == 1UL << 40 && sizeof(enum wide) == 8, "");
        bool g(u32 x) { enum task_state s = TASK_RUNNING; return x == s; }
        """,
        options=options,
    )
    assert checked.messages == []
    names = {e.tag for e in checked.unit.enums if isinstance(e, EnumType)}
    assert names == set()  # they are the kernel's, not the unit's


def test_only_tagged_functions_can_be_called(sema, options) -> None:
    checked = sema(PROGRAM + "void f(struct task *t) { bpf_task_release(t); }", options=options)
    assert checked.messages == []
    (extern,) = checked.unit.externs
    assert extern.name == "bpf_task_release" and extern.ksym and extern.section == ".ksyms"
    checked = sema(PROGRAM + "void f(void) { schedule(); }", options=options)
    assert "call to undeclared function 'schedule'" in checked.messages[0]


def test_unknown_members_and_types(sema, options) -> None:
    checked = sema(PROGRAM + "int f(struct task *t) { return t->pidd; }", options=options)
    assert "no member named 'pidd' in 'struct task'; did you mean 'pid'?" in checked.messages[0]
    checked = sema(PROGRAM + "int f(struct elsewhere *e) { return e->x; }", options=options)
    assert "incomplete definition of type 'struct elsewhere'" in checked.messages[0]
    checked = sema(PROGRAM + "u33 x;", options=options)
    assert "unknown type name 'u33'" in checked.messages[0]


def test_nothing_is_read_before_it_is_named(sema) -> None:
    options = COptions()

    def fail() -> None:
        raise AssertionError("the BTF was read")

    options.btf = fail
    checked = sema(PROGRAM + "int f(int x) { return x; }", options=options)
    assert checked.messages == []


def test_the_programs_own_definition_wins(sema, options) -> None:
    checked = sema(
        PROGRAM + 'struct task { char own; }; _Static_assert(sizeof(struct task) == 1, "");',
        options=options,
    )
    assert checked.messages == []


@pytest.mark.parametrize("btf", [None, lambda: None])
def test_without_types_the_include_is_said_to_be_why(sema, btf) -> None:
    options = COptions()
    options.btf = btf
    text = '#include "vmlinux.h"\nint f(struct task_struct *t) { return t->pid + BPF_ANY; }'
    checked = sema(text, options=options)
    first = checked.diagnostics[0]
    assert first.id == "c-missing-header" and "'vmlinux.h' file not found" in first.message
    assert first.span.position()[1:] == (1, 10) and "--btf FILE" in first.notes[0].message
    assert len(checked.diagnostics) > 1
    sound = sema('#include "vmlinux.h"\nint f(u32 *t) { return *t; }', options=options)
    assert sound.messages == []
