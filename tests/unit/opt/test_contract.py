"""The clauses of bpfcc/opt/contract.md, on the IR that comes out of the whole pipeline."""

from __future__ import annotations

import pytest

from bpfcc.ir.module import Function
from bpfcc.ir.parser import parse_module
from bpfcc.ir.printer import print_function
from bpfcc.ir.values import Const, Instr, Value
from bpfcc.ir.verify import verify
from bpfcc.opt.pipeline import OptOptions, optimize

HEAD = 'section "xdp" linkage global ctx {\n'


def optimised(body: str, params: str = "ptr %ctx, i64 %x, i32 %n", mcpu: int = 3) -> Function:
    text = (
        'global @map section ".maps" align 8 linkage global size 8 zero\n'
        f"func @f({params}) -> i64 {HEAD}{body}}}\n"
    )
    module = parse_module(text)
    optimize(module, OptOptions(mcpu=mcpu))
    verify(module)
    function = module.functions[0]
    print(print_function(function))
    return function


def ops(function: Function, op: str) -> list[Instr]:
    return [instr for instr in function.instrs() if instr.op == op]


def decisions(function: Function) -> list[Instr]:
    """The conditions of branches, in order."""
    return [i.args[0] for i in function.instrs() if i.op == "condbr"]  # type: ignore[misc]


def index_of(access: Instr) -> Value:
    """The value that scales into the address of an access: a[i] gives i, before any product."""
    value: Value = access.args[0]
    assert isinstance(value, Instr) and value.op == "ptradd"
    value = value.args[1]
    while isinstance(value, Instr) and value.op in ("shl", "mul", "zext", "sext"):
        value = value.args[0]
    return value


def test_1_shifted_value_is_tested_and_used_as_one() -> None:
    f = optimised(
        """entry:
  %v = call ptr helper 1 "map_lookup_elem"(@map, %ctx)
  %a = lshr i64 %x, i64 3
  %ok = ult i1 %a, i64 64
  condbr %ok, yes, no
yes:
  %b = lshr i64 %x, i64 3
  %o = mul i64 %b, i64 8
  %p = ptradd ptr %v, %o
  %r = load i64 %p
  ret %r
no:
  ret i64 0
"""
    )
    (test,) = decisions(f)
    (load,) = ops(f, "load")
    assert test.args[0] is index_of(load)
    assert len(ops(f, "lshr")) == 1
    assert not ops(f, "and")


def test_1_memory_read_again_is_the_value_tested() -> None:
    f = optimised(
        """entry:
  %v = call ptr helper 1 "map_lookup_elem"(@map, %ctx)
  %a = load i32 %v off=4
  %ok = ult i1 %a, i32 64
  condbr %ok, yes, no
yes:
  %b = load i32 %v off=4
  %o = zext i64 %b
  %p = ptradd ptr %v, %o
  %r = load i8 %p off=8
  %z = zext i64 %r
  ret %z
no:
  ret i64 0
"""
    )
    (test,) = decisions(f)
    access = [i for i in ops(f, "load") if i.type.bits == 8]
    assert test.args[0] is index_of(access[0])


def test_1_bound_on_an_operand_keeps_the_later_computation() -> None:
    f = optimised(
        """entry:
  %v = call ptr helper 1 "map_lookup_elem"(@map, %ctx)
  %a = add i64 %x, i64 1
  store %v, %a
  %ok = ult i1 %x, i64 7
  condbr %ok, yes, no
yes:
  %b = add i64 %x, i64 1
  %p = ptradd ptr %v, %b
  %r = load i8 %p
  %z = zext i64 %r
  ret %z
no:
  ret i64 0
"""
    )
    (load,) = ops(f, "load")
    index = index_of(load)
    assert isinstance(index, Instr) and index.block is load.block
    assert len(ops(f, "add")) == 2


@pytest.mark.parametrize("mcpu", [1, 2, 3, 4])
def test_2_one_narrow_value_is_tested_and_used(mcpu: int) -> None:
    f = optimised(
        """entry:
  %v = call ptr helper 1 "map_lookup_elem"(@map, %ctx)
  %a = trunc i32 %x
  %ok = ule i1 %a, i32 64
  condbr %ok, join, clamp
clamp:
  br join
join:
  %s = phi i32 [%a, entry], [i32 64, clamp]
  %w = zext i64 %s
  %p = ptradd ptr %v, %w
  %r = load i8 %p
  %z = zext i64 %r
  ret %z
""",
        mcpu=mcpu,
    )
    (test,) = decisions(f)
    (phi,) = ops(f, "phi")
    assert test.args[0] in phi.args
    assert len(ops(f, "trunc")) == 1


def test_3_inequality_is_not_moved_off_a_sum() -> None:
    f = optimised(
        """entry:
  %a = add i64 %x, i64 1
  %ok = ult i1 %a, i64 8
  condbr %ok, yes, no
yes:
  ret i64 1
no:
  ret i64 2
"""
    )
    (test,) = decisions(f)
    assert isinstance(test.args[0], Instr) and test.args[0].op == "add"


def test_3_equality_is_not_moved_off_a_value_that_is_used() -> None:
    f = optimised(
        """entry:
  %v = call ptr helper 1 "map_lookup_elem"(@map, %ctx)
  %a = add i64 %x, i64 1
  %ok = eq i1 %a, i64 8
  condbr %ok, yes, no
yes:
  %p = ptradd ptr %v, %a
  %r = load i8 %p
  %z = zext i64 %r
  ret %z
no:
  ret i64 2
"""
    )
    (test,) = decisions(f)
    (load,) = ops(f, "load")
    assert test.args[0] is index_of(load)


@pytest.mark.parametrize(
    ("first", "second", "count"),
    [("uge i1 %x, i64 5", "ult i1 %x, i64 9", 2), ("ne i1 %x, i64 1", "ne i1 %x, i64 2", 2)],
)
def test_4_two_tests_stay_two(first: str, second: str, count: int) -> None:
    f = optimised(
        f"""entry:
  %a = {first}
  condbr %a, more, no
more:
  %b = {second}
  condbr %b, yes, no
yes:
  %r = call i64 helper 7 "get_prandom_u32"()
  ret %r
no:
  ret i64 2
"""
    )
    found = decisions(f)
    assert len(found) == count
    assert all(t.args[0] is f.params[1] for t in found)
    assert not ops(f, "sub")


def test_4_no_phi_becomes_a_select() -> None:
    f = optimised(
        """entry:
  %c = ult i1 %x, i64 9
  condbr %c, a, b
a:
  br b
b:
  %r = phi i64 [i64 3, entry], [i64 4, a]
  ret %r
"""
    )
    assert not ops(f, "select")
    assert len(ops(f, "phi")) == 1


def test_5_a_remainder_is_not_taken_to_be_small() -> None:
    f = optimised(
        """entry:
  %a = urem i64 %x, i64 10
  %ok = ult i1 %a, i64 10
  condbr %ok, yes, no
yes:
  ret %a
no:
  ret i64 0
"""
    )
    assert len(decisions(f)) == 1


def test_5_a_quotient_is_not_taken_to_be_small() -> None:
    f = optimised(
        """entry:
  %w = zext i64 %n
  %a = udiv i64 %w, i64 1000000000
  %ok = ult i1 %a, i64 100
  condbr %ok, yes, no
yes:
  ret %a
no:
  ret i64 0
"""
    )
    assert len(decisions(f)) == 1


def test_5_what_the_kernel_knows_may_go() -> None:
    f = optimised(
        """entry:
  %a = and i64 %x, i64 7
  %ok = ult i1 %a, i64 8
  condbr %ok, yes, no
yes:
  %c = ult i1 %x, i64 5
  condbr %c, small, no
small:
  %d = ult i1 %x, i64 6
  condbr %d, tiny, no
tiny:
  ret %a
no:
  ret i64 0
"""
    )
    assert len(decisions(f)) == 1


def test_5_a_branch_to_unreachable_stays() -> None:
    f = optimised(
        """entry:
  %ok = ult i1 %x, i64 8
  condbr %ok, yes, no
yes:
  ret %x
no:
  unreachable
"""
    )
    assert len(decisions(f)) == 1


def test_6_a_loop_runs_on_beyond_its_array() -> None:
    f = optimised(
        """entry:
  %a = alloca ptr size=16 align=8
  br head
head:
  %i = phi i64 [i64 0, entry], [%j, body]
  %more = ult i1 %i, i64 2000
  condbr %more, body, out
body:
  %p = ptradd ptr %a, %i
  store %p, i8 1
  %j = add i64 %i, i64 1
  br head
out:
  %r = call i64 helper 5 "ktime_get_ns"(%a)
  ret %r
"""
    )
    limits = [a.value for t in decisions(f) for a in t.args if isinstance(a, Const)]
    assert limits == [2000]


def test_6_signed_overflow_wraps() -> None:
    f = optimised(
        """entry:
  %a = add i32 %n, i32 1
  %c = sgt i1 %a, %n
  %r = zext i64 %c
  ret %r
"""
    )
    assert len(ops(f, "sgt")) == 1


def test_6_a_null_test_after_a_dereference_stays() -> None:
    f = optimised(
        """entry:
  %v = call ptr helper 1 "map_lookup_elem"(@map, %ctx)
  %a = load i64 %v
  %c = eq i1 %v, ptr 0
  condbr %c, no, yes
yes:
  ret %a
no:
  ret i64 0
"""
    )
    assert len(decisions(f)) == 1


def test_7_stores_and_loads_through_two_pointers_stay_two() -> None:
    f = optimised(
        """entry:
  %v = call ptr helper 1 "map_lookup_elem"(@map, %ctx)
  %c = eq i1 %v, ptr 0
  condbr %c, a, b
a:
  %y = load i32 %ctx off=4
  store %ctx, i32 7 off=8
  br out
b:
  %z = load i32 %v off=4
  store %v, i32 7 off=8
  br out
out:
  %m = phi i32 [%y, a], [%z, b]
  %r = zext i64 %m
  ret %r
"""
    )
    assert len(ops(f, "load")) == 2
    assert len(ops(f, "store")) == 2
    assert all(p.type.name != "ptr" for p in ops(f, "phi"))


def test_8_context_offsets_are_folded_and_sizes_kept() -> None:
    f = optimised(
        """entry:
  %p = ptradd ptr %ctx, i64 8
  %a = load i64 %p off=8
  %low = trunc i32 %a
  %b = load i16 %ctx off=24
  %c = load i16 %ctx off=26
  %bw = zext i32 %b
  %cw = zext i32 %c
  %cs = shl i32 %cw, i32 16
  %d = or i32 %bw, %cs
  %s = add i32 %low, %d
  %r = zext i64 %s
  ret %r
"""
    )
    found = [(i.args[0], i.attrs.get("off"), i.type.name) for i in ops(f, "load")]
    ctx = f.params[0]
    assert found == [(ctx, 16, "i64"), (ctx, 24, "i16"), (ctx, 26, "i16")]


def test_9_no_load_or_address_leaves_its_block() -> None:
    f = optimised(
        """entry:
  %v = call ptr helper 1 "map_lookup_elem"(@map, %ctx)
  br head
head:
  %i = phi i64 [i64 0, entry], [%j, next]
  %c = eq i1 %v, ptr 0
  condbr %c, next, use
use:
  %m = mul i64 %x, i64 24
  %p = ptradd ptr %v, %m
  %a = load i64 %p
  %h = call i64 helper 5 "ktime_get_ns"(%p, %a)
  br next
next:
  %j = add i64 %i, i64 1
  %more = ult i1 %j, %x
  condbr %more, head, out
out:
  ret %j
"""
    )
    (load,) = ops(f, "load")
    (address,) = ops(f, "ptradd")
    assert load.block is address.block
    null_tests = [t for t in decisions(f) if t.op == "eq"]
    assert len(null_tests) == 1


def test_10_the_packet_pointer_tested_is_the_one_used() -> None:
    f = optimised(
        """entry:
  %d32 = load i32 %ctx
  %e32 = load i32 %ctx off=4
  %d64 = zext i64 %d32
  %e64 = zext i64 %e32
  %data = inttoptr ptr %d64
  %end = inttoptr ptr %e64
  %w = zext i64 %n
  %m = and i64 %w, i64 63
  %p = ptradd ptr %data, %m
  %q = ptradd ptr %p, i64 14
  %bad = ugt i1 %q, %end
  condbr %bad, no, yes
yes:
  %p2 = ptradd ptr %data, %m
  %p3 = ptradd ptr %p2, i64 12
  %a = load i16 %p3
  %r = zext i64 %a
  ret %r
no:
  ret i64 0
"""
    )
    (test,) = decisions(f)
    access = next(i for i in ops(f, "load") if i.type.bits == 16)
    tested = test.args[0]
    assert isinstance(tested, Instr) and tested.op == "ptradd"
    assert tested.args[0] is access.args[0]
    assert access.attrs["off"] == 12
    assert not ops(f, "or")


def test_11_effects_stay() -> None:
    f = optimised(
        """entry:
  %a = call i64 helper 5 "ktime_get_ns"()
  %b = call i64 helper 5 "ktime_get_ns"()
  %c = load i64 %ctx off=8 volatile=yes
  %d = load i64 %ctx off=8 volatile=yes
  fence
  %o = opaque i64 %x
  %e = eq i1 %o, %x
  condbr %e, yes, no
yes:
  %f = atomicrmw i64 %ctx, i64 1 op="add"
  store %ctx, i64 1 volatile=yes
  store %ctx, i64 2 volatile=yes
  ret %a
no:
  ret i64 0
"""
    )
    got = [i.op for i in f.instrs() if i.op not in ("eq", "ret")]
    assert got == [
        "call", "call", "load", "load", "fence", "opaque", "condbr", "atomicrmw", "store", "store",
    ]  # fmt: skip


def test_12_powers_of_two_become_masks_and_shifts() -> None:
    f = optimised(
        """entry:
  %a = urem i64 %x, i64 16
  %b = udiv i64 %x, i64 16
  %c = and i64 %x, i64 240
  %d = lshr i64 %c, i64 4
  %e = add i64 %a, %b
  %r = add i64 %e, %d
  ret %r
"""
    )
    found = sorted((i.op, i.args[1].value) for i in f.instrs() if i.op in ("and", "lshr"))  # type: ignore[attr-defined]
    assert found == [("and", 15), ("and", 15), ("lshr", 4)]
