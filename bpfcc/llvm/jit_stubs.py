"""The few functions of every module that call back into Python."""

from __future__ import annotations


def word(name: str, index: int) -> str:
    """Return the instruction that makes ``name`` the address of a word of the context block."""
    return f"  {name} = getelementptr inbounds i64, ptr %ctx, i64 {index}"


STUBS = """
define internal {cc}ptr @miss(ptr %ctx, i64 %addr, i64 %info, i64 %n) noinline cold nounwind {{
  %p_n = getelementptr inbounds i64, ptr %ctx, i64 {left}
  store i64 %n, ptr %p_n
  %p_addr = getelementptr inbounds i64, ptr %ctx, i64 {addr}
  store i64 %addr, ptr %p_addr
  %p_info = getelementptr inbounds i64, ptr %ctx, i64 {info}
  store i64 %info, ptr %p_info
  %status = call i64 @back(ptr %ctx, i64 {on_miss})
  %bad = icmp ne i64 %status, 0
  br i1 %bad, label %fail, label %good
good:
  %p_host = getelementptr inbounds i64, ptr %ctx, i64 {host}
  %host = load ptr, ptr %p_host
  ret ptr %host
fail:
  ret ptr null
}}

define internal i64 @back(ptr %ctx, i64 %which) noinline nounwind {{
  %p_status = getelementptr inbounds i64, ptr %ctx, i64 {status}
  %p_check = getelementptr inbounds i64, ptr %ctx, i64 {check}
  %check = load ptr, ptr %p_check
  %signal = call i32 %check()
  %stop = icmp ne i32 %signal, 0
  br i1 %stop, label %interrupted, label %go
go:
  %p_callback = getelementptr inbounds i64, ptr %ctx, i64 %which
  %callback = load ptr, ptr %p_callback
  call void %callback()
  %status = load i64, ptr %p_status
  ret i64 %status
interrupted:
  store i64 {by_signal}, ptr %p_status
  ret i64 {by_signal}
}}

define internal i64 @ask(ptr %ctx, i64 %index, i64 %n, i64 %r1, i64 %r2, i64 %r3, i64 %r4,
                         i64 %r5) noinline nounwind {{
  %p_n = getelementptr inbounds i64, ptr %ctx, i64 {left}
  store i64 %n, ptr %p_n
  %p_info = getelementptr inbounds i64, ptr %ctx, i64 {info}
  store i64 %index, ptr %p_info
  %p_1 = getelementptr inbounds i64, ptr %ctx, i64 {args}
  store i64 %r1, ptr %p_1
  %p_2 = getelementptr inbounds i64, ptr %p_1, i64 1
  store i64 %r2, ptr %p_2
  %p_3 = getelementptr inbounds i64, ptr %p_1, i64 2
  store i64 %r3, ptr %p_3
  %p_4 = getelementptr inbounds i64, ptr %p_1, i64 3
  store i64 %r4, ptr %p_4
  %p_5 = getelementptr inbounds i64, ptr %p_1, i64 4
  store i64 %r5, ptr %p_5
  %status = call i64 @back(ptr %ctx, i64 {on_call})
  %p_result = getelementptr inbounds i64, ptr %ctx, i64 {result}
  %result = load i64, ptr %p_result
  ret i64 %result
}}

define internal {cc}i64 @refill(ptr %ctx, i64 %n, i64 %index) noinline cold nounwind {{
  %p_info = getelementptr inbounds i64, ptr %ctx, i64 {info}
  store i64 %index, ptr %p_info
  %p_n = getelementptr inbounds i64, ptr %ctx, i64 {left}
  store i64 %n, ptr %p_n
  %status = call i64 @back(ptr %ctx, i64 {on_refill})
  %bad = icmp ne i64 %status, 0
  %left = load i64, ptr %p_n
  %result = select i1 %bad, i64 -9223372036854775808, i64 %left
  ret i64 %result
}}
declare void @llvm.memset.p0.i64(ptr, i8, i64, i1)
declare i16 @llvm.bswap.i16(i16)
declare i32 @llvm.bswap.i32(i32)
declare i64 @llvm.bswap.i64(i64)
declare i64 @llvm.umin.i64(i64, i64)
declare i64 @llvm.smax.i64(i64, i64)
"""
