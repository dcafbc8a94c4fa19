"""The reference interpreter on small functions whose result is worked out by hand."""

from __future__ import annotations

import pytest

from bpfcc.ir.interp import Callee, Fault, Machine
from bpfcc.ir.module import Function
from bpfcc.ir.parser import parse_module

HEAD = 'section ".text" linkage global {\n'


def run(text: str, *args: int, big_endian: bool = False) -> int | None:
    module = parse_module(text)
    return Machine(module, big_endian=big_endian).run(module.functions[0], list(args))


@pytest.mark.parametrize(
    ("op", "a", "b", "result"),
    [
        ("add", 0xFFFFFFFF, 2, 1),
        ("sub", 0, 1, 0xFFFFFFFF),
        ("mul", 0x10000, 0x10001, 0x10000),
        ("udiv", 7, 0, 0),
        ("urem", 7, 0, 7),
        ("sdiv", -7 & 0xFFFFFFFF, 2, -3 & 0xFFFFFFFF),
        ("srem", -7 & 0xFFFFFFFF, 2, -1 & 0xFFFFFFFF),
        ("srem", 7, -2 & 0xFFFFFFFF, 1),
        ("sdiv", 1 << 31, 0xFFFFFFFF, 1 << 31),
        ("srem", 1 << 31, 0xFFFFFFFF, 0),
        ("shl", 1, 35, 8),
        ("lshr", 1 << 31, 31, 1),
        ("ashr", 1 << 31, 31, 0xFFFFFFFF),
    ],
)
def test_arithmetic(op: str, a: int, b: int, result: int) -> None:
    text = f"func @f(i32 %a, i32 %b) -> i32 {HEAD}e:\n %x = {op} i32 %a, %b\n ret %x\n}}\n"
    assert run(text, a, b) == result


def test_loop_with_swapping_phis() -> None:
    text = f"""func @fib(i32 %n) -> i64 {HEAD}
entry:
  br loop
loop:
  %a = phi i64 [i64 0, entry], [%b, body]
  %b = phi i64 [i64 1, entry], [%c, body]
  %i = phi i32 [i32 0, entry], [%j, body]
  %more = ult i1 %i, %n
  condbr %more, body, done
body:
  %c = add i64 %a, %b
  %j = add i32 %i, i32 1
  br loop
done:
  ret %a
}}
"""
    assert [run(text, n) for n in range(8)] == [0, 1, 1, 2, 3, 5, 8, 13]


def test_memory_and_byte_order() -> None:
    zeros = "00" * 8
    text = f"""global @g section ".data" align 8 linkage global size 16 bytes "{zeros}0102030405060708"
global @p section ".data" align 8 linkage global size 8 zero reloc 0 @g+8
func @f() -> i64 {HEAD}
entry:
  %s = alloca ptr size=16 align=8
  %p = load ptr @p
  memcpy %s, %p size=8
  memset %s, i8 -1 size=2
  %q = ptradd ptr %s, i64 4
  store %q, i32 0 off=-1
  %x = load i64 %s
  ret %x
}}
"""
    assert run(text) == 0x0800000000000000 | 0x03FFFF | 0
    assert run(text, big_endian=True) == 0xFFFF030000000008


def test_switch_and_bswap() -> None:
    text = f"""func @f(i16 %x) -> i16 {HEAD}
entry:
  switch %x, other, 1: one, 65535: top
one:
  ret i16 10
top:
  ret i16 20
other:
  %y = bswap i16 %x
  ret %y
}}
"""
    assert [run(text, x) for x in (1, 0xFFFF, 0x1234)] == [10, 20, 0x3412]


def test_calls_are_traced_with_what_they_see() -> None:
    text = f"""func @f(i32 %x) -> i64 {HEAD}
entry:
  %s = alloca ptr size=8 align=8
  store %s, i64 513
  %r = call i64 helper 7 "probe"(%s, %x)
  %d = call i64 func @double(%r)
  %v = load i8 %s off=1 volatile=yes
  %o = atomicrmw i64 %s, i64 1 op="add"
  ret %d
}}
func @double(i64 %x) -> i64 {HEAD}
entry:
  %y = add i64 %x, %x
  ret %y
}}
"""
    module = parse_module(text)

    def hook(machine: Machine, callee: Callee, args: list[int]) -> int:
        assert repr(callee) == "helper 7 probe"
        machine.write(args[0], b"\x09")
        return 21

    machine = Machine(module, hook)
    assert machine.run(module.functions[0], [5]) == 42
    assert machine.trace == [
        ("call", "helper 7 probe", b"\x01\x02" + bytes(6), 5),
        ("load", ("stack", 0), 1, 2),
        ("atomicrmw", ("stack", 0), 1, 0x0209),
    ]


@pytest.mark.parametrize(
    "body",
    [
        "entry:\n %x = load i64 %p off=1\n ret\n",
        "entry:\n %x = load i8 %p off=-1\n ret\n",
        "entry:\n %x = load i8 ptr 0\n ret\n",
        "entry:\n unreachable\n",
        "entry:\n br loop\nloop:\n br loop\n",
    ],
)
def test_faults(body: str) -> None:
    module = parse_module(f"func @f(ptr %p) -> void {HEAD}{body}}}\n")
    machine = Machine(module)
    address = machine.allocate(bytes(8))
    function: Function = module.functions[0]
    with pytest.raises(Fault):
        machine.run(function, [address])
