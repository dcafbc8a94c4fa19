"""Inline assembly in the LLVM backend: the same results as by the direct one, in VM and kernel."""

from __future__ import annotations

import os
import sys

import pytest

from tests.fuzz.engines import CompileFailed, compile_bpf, in_kernel, in_vm

pytest.importorskip("llvmlite")

HEAD = """
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
struct args { __u64 in[8]; __u64 out[8]; };
char _license[] SEC("license") = "GPL";
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __type(key, __u32);
     __type(value, __u64); } table SEC(".maps");
"""

# Body of prog(ctx), or a whole program where it has SEC in it.
BODIES = {
    "registers": """
    __u64 a = ctx->in[0], b = ctx->in[1], c;
    asm volatile("%0 = %1; %0 += %2; %0 *= 3" : "=&r"(c) : "r"(a), "r"(b));
    ctx->out[0] = c;
    return a;""",
    "read and written": """
    __u64 a = ctx->in[0];
    asm volatile("%0 += 5" : "+r"(a));
    asm volatile("%[x] ^= %[y]" : [x] "+r"(a) : [y] "r"(ctx->in[1]));
    ctx->out[1] = a;
    return a;""",
    "tied": """
    __u64 a = ctx->in[0], b;
    asm volatile("%0 <<= 3" : "=r"(b) : "0"(a));
    return a + b;""",
    "immediates": """
    __u64 a = ctx->in[0];
    asm volatile("%0 += %1; if %0 s> %[top] goto 1f; %0 = -%[top]; 1:"
             : "+r"(a) : "i"(sizeof(struct args)), [top] "i"(100));
    return a;""",
    "memory": """
    __u64 a = ctx->in[0], b = 7;
    asm volatile("r1 = *(u64 *)%1; r1 += 2; *(u64 *)%0 = r1" : "=m"(b) : "m"(a) : "r1", "memory");
    ctx->out[2] = a;
    return b;""",
    "two results": """
    __u64 a = ctx->in[0]; __u32 lo; __u8 hi;
    asm volatile("%0 = %2; %1 = %2; %1 >>= 32" : "=&r"(lo), "=r"(hi) : "r"(a));
    ctx->out[0] = lo; ctx->out[1] = hi;
    return lo ^ hi;""",
    "narrow": """
    __u32 a = ctx->in[0];
    asm volatile("%w0 += 1" : "+r"(a));
    return a;""",
    "32-bit names": """
    __u32 a = ctx->in[0], b = ctx->in[1];
    asm volatile("%0 *= %1" : "+w"(a) : "w"(b));
    ctx->out[3] = a;
    return a;""",
    "clobbers": """
    __u64 a = ctx->in[0], b = ctx->in[1], c = ctx->in[2], d = ctx->in[3];
    asm volatile("r0 = 1; r1 = 2; r2 = 3; r3 = 4; r4 = 5; r5 = 6; r6 = 7; r7 = 8; r8 = 9; r9 = 10"
             ::: "r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9");
    return a + b * 3 + c * 5 + d * 7;""",
    "a helper called": """
    __u64 a = 0, t;
    __u32 key = 0;
    asm volatile("r1 = %[table] ll; r2 = %[key]; call %[lookup]; if r0 == 0 goto 1f;"
             "r0 = *(u64 *)(r0 + 0); %[a] = r0; %[a] += 9; 1:"
             : [a] "+r"(a) : [table] "i"(&table), [key] "r"(&key),
               [lookup] "i"(bpf_map_lookup_elem)
             : "r0", "r1", "r2", "r3", "r4", "r5", "memory");
    return a;""",
    "in a loop": """
    __u64 sum = 0;
    for (int i = 0; i < 5; i++) {
        __u64 x = ctx->in[0] + i;
        asm volatile("if %0 & 1 goto l%=; %0 += 100; l%=:" : "+r"(x));
        sum += x;
    }
    return sum;""",
    "same text on both sides": """
    __u64 a = ctx->in[0];
    if (a & 1)
        asm volatile("%0 += 1" : "+r"(a));
    else
        asm volatile("%0 -= 1" : "+r"(a));
    if (a & 2)
        asm volatile("%0 += 4" : "+r"(a));
    return a;""",
    "goto": """
    __u64 a = ctx->in[0], r;
    asm goto("if %0 > %1 goto %l[big]; if %0 == 0 goto %l3"
         :: "r"(a), "i"(7) :: big, none);
    r = 1; goto out;
big:    r = 2; goto out;
none:    r = 3;
out:    ctx->out[4] = r;
    return r + a;""",
    "goto in a loop": """
    __u64 n = 0;
    for (int i = 0; i < 6; i++) {
        asm goto("if %0 == %1 goto %l[out]" :: "r"(ctx->in[0] & 7), "r"((__u64)i) :: out);
        n += 3;
    }
    n += 100;
out:    return n;""",
    "goto straight on": """
    __u64 a = ctx->in[0] & 15, n = 0;
    asm goto("if %0 < 5 goto %l[next]; goto %l[next]" :: "r"(a) :: next);
    n = 5;
next:    asm volatile("%0 += 2" : "+r"(n));
    return n;""",
    "many operands": """
    __u64 a = ctx->in[0], b = ctx->in[1], c = ctx->in[2], d = ctx->in[3], e = ctx->in[4], r;
    asm volatile("%0 = %1; %0 += %2; %0 += %3; %0 += %4; %0 += %5; %0 += %6; %0 += %7"
             : "=&r"(r) : "r"(a), "r"(b), "r"(c), "r"(d), "r"(e), "r"(a ^ b), "r"(c ^ d));
    return r;""",
    "a pointer": """
    __u64 kept[2] = {ctx->in[0], ctx->in[1]}, *p = kept;
    asm volatile("%0 += 8" : "+r"(p) :: "memory");
    return *p;""",
    "naked with an address": """
static __u64 number = 5;
static __attribute__((naked, noinline)) __u64 read(__u64 a)
{
    asm volatile("r1 += %[more]; r0 = *(u64 *)(%[number] + 0); r0 += r1; exit"
                 :: [number] "r"(&number), [more] "r"(1000ULL) : "r0", "r1");
}
SEC("syscall") int prog(struct args *ctx)
{
    number += ctx->in[1];
    ctx->out[0] = read(ctx->in[0]);
    return 0;
}""",
    "naked": """
static __attribute__((naked, noinline)) __u64 twice(__u64 a, __u64 b)
{
    asm volatile("r0 = r1; r0 *= 2; r0 += %0;" :: "i"(11));
    asm volatile("if r2 == 0 goto 1f; r0 += r2; 1: exit");
}
SEC("syscall") int prog(struct args *ctx)
{
    ctx->out[0] = twice(ctx->in[0], ctx->in[1]);
    return twice(ctx->in[2], 0);
}""",
}
ROWS = [
    [0, 0, 0, 0, 0, 0, 0, 0],
    [1, 2, 3, 4, 5, 6, 7, 8],
    [3, 0x1_0000_0007, 9, 1, 0, 0, 0, 0],
    [(1 << 64) - 2, 1 << 63, 77, 5, 2, 0, 0, 0],
    [0x1234_5678_9ABC_DEF0, 500, 1, 0, 8, 0, 0, 0],
    [4, 4, 4, 4, 4, 4, 4, 4],
]


def program(body: str) -> str:
    if "SEC(" in body:
        return HEAD + body
    return HEAD + 'SEC("syscall") int prog(struct args *ctx)\n{' + body + "\n}\n"


@pytest.mark.parametrize("level", [2, 0])
@pytest.mark.parametrize("name", BODIES)
def test_same_results(name: str, level: int) -> None:
    text = program(BODIES[name])
    expected = in_vm(compile_bpf(text, opt_level=2), ROWS)
    assert len(set(expected)) > 1 or name in ("a helper called", "goto straight on")
    obj = compile_bpf(text, opt_level=level, backend="llvm")
    assert in_vm(obj, ROWS) == expected
    if sys.platform.startswith("linux") and os.geteuid() == 0:
        assert in_kernel(obj, ROWS) == expected


def test_lines_of_assembly() -> None:
    text = program(BODIES["registers"])
    obj = compile_bpf(text, backend="llvm")
    (function,) = obj.functions
    last = max(line.slot for line in function.lines if "asm volatile" in line.text)
    behind = next(line for line in function.lines if line.slot > last)
    assert behind.slot == last + 3
    assert "ctx->out[0]" in behind.text


@pytest.mark.parametrize(
    "body, message",
    [
        ('asm volatile("%0 += 1" :: "i"(ctx->in[0])); return 0;', "is not a constant"),
        ('asm volatile("what is this"); return 0;', "in inline assembly"),
        ('asm volatile("r1 = %4"); return 0;', "unknown operand '%4'"),
        ('asm volatile("r1 = 1" ::: "rax"); return 0;', "unknown register name 'rax'"),
    ],
)
def test_mistakes(body: str, message: str) -> None:
    with pytest.raises(CompileFailed, match=message):
        compile_bpf(program(body), backend="llvm")
