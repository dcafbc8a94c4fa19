"""The native runtime: what every program's code calls, made and linked once.

    back     ask Python by one of the callbacks, pending signals first
    known    look an address up in the table of memory that Python has shown (``jit_layout.KNOWN``)
    miss     find the window of an access: in that table, else by a callback
    place    for quick code: the window test and the miss in one call
    ask      let Python do an instruction
    refill   get more of the limit
    batch    run a program over many inputs; see ``jit_batch``

``miss_kept`` and ``refill_kept`` save the caller's registers, where the target has such a calling
convention: optimised code calls those.
"""

from __future__ import annotations

from . import jit_layout as at


def word(name: str, index: int) -> str:
    """Return the instruction that makes ``name`` the address of a word of the context block."""
    return f"  {name} = getelementptr inbounds i64, ptr %ctx, i64 {index}"


_KNOWN = f"""
define internal ptr @known(ptr %ctx, i64 %addr, i64 %info) noinline cold nounwind {{
entry:
  %size = and i64 %info, 255
  %access = lshr i64 %info, 8
  %kind = and i64 %access, 255
  %p_table = getelementptr inbounds i64, ptr %ctx, i64 {at.KNOWN}
  br label %turn
turn:
  %k = phi i64 [ 0, %entry ], [ %more, %next ]
  %at = mul i64 %k, {at.KNOWN_WORDS}
  %p_low = getelementptr inbounds i64, ptr %p_table, i64 %at
  %p_length = getelementptr inbounds i64, ptr %p_low, i64 1
  %low = load i64, ptr %p_low
  %length = load i64, ptr %p_length
  %offset = sub i64 %addr, %low
  %last = sub i64 %length, %size
  %enough = icmp uge i64 %length, %size
  %inside = icmp ule i64 %offset, %last
  %found = and i1 %enough, %inside
  br i1 %found, label %here, label %next
next:
  %more = add i64 %k, 1
  %end = icmp eq i64 %more, {at.KNOWN_COUNT}
  br i1 %end, label %none, label %turn
here:
  %p_host = getelementptr inbounds i64, ptr %p_low, i64 2
  %p_writable = getelementptr inbounds i64, ptr %p_low, i64 3
  %host = load i64, ptr %p_host
  %writable = load i64, ptr %p_writable
  %reads = icmp eq i64 %kind, 0
  %may_write = icmp ne i64 %writable, 0
  %allowed = or i1 %reads, %may_write
  %is_atomic = icmp eq i64 %kind, 2
  %mask = sub i64 %size, 1
  %rest = and i64 %addr, %mask
  %askew = icmp ne i64 %rest, 0
  %misaligned = and i1 %is_atomic, %askew
  %aligned = xor i1 %misaligned, true
  %good = and i1 %allowed, %aligned
  br i1 %good, label %fill, label %none
fill:
  %w_low = getelementptr inbounds i64, ptr %ctx, i64 {at.WINDOW_LOW}
  store i64 %low, ptr %w_low
  %w_bias = getelementptr inbounds i64, ptr %ctx, i64 {at.WINDOW_BIAS}
  %bias = sub i64 %host, %low
  store i64 %bias, ptr %w_bias
  %f1 = getelementptr inbounds i64, ptr %ctx, i64 {at.WINDOW_FIT[1]}
  store i64 %length, ptr %f1
  %f2 = getelementptr inbounds i64, ptr %ctx, i64 {at.WINDOW_FIT[2]}
  %n2 = call i64 @llvm.usub.sat.i64(i64 %length, i64 1)
  store i64 %n2, ptr %f2
  %f4 = getelementptr inbounds i64, ptr %ctx, i64 {at.WINDOW_FIT[4]}
  %n4 = call i64 @llvm.usub.sat.i64(i64 %length, i64 3)
  store i64 %n4, ptr %f4
  %f8 = getelementptr inbounds i64, ptr %ctx, i64 {at.WINDOW_FIT[8]}
  %n8 = call i64 @llvm.usub.sat.i64(i64 %length, i64 7)
  store i64 %n8, ptr %f8
  %there = add i64 %host, %offset
  %pointer = inttoptr i64 %there to ptr
  ret ptr %pointer
none:
  ret ptr null
}}
"""

_MISS = """
define {cc}ptr @miss{name}(ptr %ctx, i64 %addr, i64 %info, i64 %n) noinline cold nounwind {{
  %near = call ptr @known(ptr %ctx, i64 %addr, i64 %info)
  %have = icmp ne ptr %near, null
  br i1 %have, label %quick, label %ask
quick:
  ret ptr %near
ask:
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

define {cc}i64 @refill{name}(ptr %ctx, i64 %n, i64 %index) noinline cold nounwind {{
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
"""

_ASK = """
define i64 @back(ptr %ctx, i64 %which) noinline nounwind {{
  %p_touched = getelementptr inbounds i64, ptr %ctx, i64 {touched}
  store i64 1, ptr %p_touched
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

define i64 @ask(ptr %ctx, i64 %index, i64 %n, i64 %r1, i64 %r2, i64 %r3, i64 %r4,
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
"""

# The window of quick code: low, bias, how many accesses of 1, 2, 4 and 8 bytes begin in it.
WINDOW_WORDS = 6
_PLACE = f"""
define ptr @place(ptr %ctx, i64 %addr, i64 %info, i64 %pending, ptr %p_left, ptr %window) nounwind {{
  %size = and i64 %info, 255
  %low = load i64, ptr %window
  %offset = sub i64 %addr, %low
  %log = call i64 @llvm.cttz.i64(i64 %size, i1 true)
  %at = add i64 %log, 2
  %p_fit = getelementptr inbounds i64, ptr %window, i64 %at
  %fit = load i64, ptr %p_fit
  %inside = icmp ult i64 %offset, %fit
  %access = and i64 %info, 512
  %plain = icmp eq i64 %access, 0
  %mask = sub i64 %size, 1
  %rest = and i64 %addr, %mask
  %aligned = icmp eq i64 %rest, 0
  %fine = or i1 %plain, %aligned
  %hit = and i1 %inside, %fine
  br i1 %hit, label %near, label %far
near:
  %p_bias = getelementptr inbounds i64, ptr %window, i64 1
  %bias = load ptr, ptr %p_bias
  %host = getelementptr i8, ptr %bias, i64 %addr
  ret ptr %host
far:
  %left = load i64, ptr %p_left
  %n = sub i64 %left, %pending
  %there = call ptr @miss(ptr %ctx, i64 %addr, i64 %info, i64 %n)
  %bad = icmp eq ptr %there, null
  br i1 %bad, label %fail, label %fill
fill:
  %w_low = getelementptr inbounds i64, ptr %ctx, i64 {at.WINDOW_LOW}
  %new_low = load i64, ptr %w_low
  store i64 %new_low, ptr %window
  %w_bias = getelementptr inbounds i64, ptr %ctx, i64 {at.WINDOW_BIAS}
  %new_bias = load i64, ptr %w_bias
  %to_bias = getelementptr inbounds i64, ptr %window, i64 1
  store i64 %new_bias, ptr %to_bias
  %w_fit = getelementptr inbounds i64, ptr %ctx, i64 {at.WINDOW_FIT[1]}
  %to_fit = getelementptr inbounds i64, ptr %window, i64 2
  call void @llvm.memcpy.p0.p0.i64(ptr %to_fit, ptr %w_fit, i64 32, i1 false)
  ret ptr %there
fail:
  ret ptr null
}}
"""

_DECLARED = """
declare void @llvm.memset.p0.i64(ptr, i8, i64, i1)
declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)
declare i16 @llvm.bswap.i16(i16)
declare i32 @llvm.bswap.i32(i32)
declare i64 @llvm.bswap.i64(i64)
declare i64 @llvm.umin.i64(i64, i64)
declare i64 @llvm.smax.i64(i64, i64)
declare i64 @llvm.usub.sat.i64(i64, i64)
declare i64 @llvm.cttz.i64(i64, i1)
"""


def runtime_text(batch: str, *, kept: bool) -> str:
    """Return the runtime's module; ``batch``: the text of that function, ``kept``: see above."""
    words = {
        "left": at.LEFT,
        "addr": at.ADDR,
        "info": at.INFO,
        "on_miss": at.ON_MISS,
        "on_call": at.ON_CALL,
        "on_refill": at.ON_REFILL,
        "host": at.HOST,
        "status": at.STATUS,
        "check": at.CHECK_SIGNALS,
        "by_signal": at.INTERRUPTED,
        "args": at.ARGS,
        "result": at.RESULT,
        "touched": at.TOUCHED,
    }
    parts = [_KNOWN, _ASK.format(**words), _PLACE, batch, _DECLARED]
    parts.append(_MISS.format(cc="", name="", **words))
    if kept:
        parts.append(_MISS.format(cc="preserve_mostcc ", name="_kept", **words))
    return "\n".join(parts)


def exported(*, kept: bool) -> list[str]:
    """Return the names that programs link to."""
    names = ["back", "ask", "place", "miss", "refill", "batch"]
    return names + (["miss_kept", "refill_kept"] if kept else [])


def declarations(*, kept: bool) -> str:
    """Return what a program's module says of the runtime; ``kept``: as optimised code calls it."""
    cc, tail = ("preserve_mostcc ", "_kept") if kept else ("", "")
    return (
        f"declare {cc}ptr @miss{tail}(ptr, i64, i64, i64) cold nounwind\n"
        f"declare {cc}i64 @refill{tail}(ptr, i64, i64) cold nounwind\n"
        "declare i64 @back(ptr, i64) nounwind\n"
        "declare i64 @ask(ptr, i64, i64, i64, i64, i64, i64, i64) nounwind\n"
        "declare ptr @place(ptr, i64, i64, i64, ptr, ptr) nounwind\n"
        + "".join(
            line + "\n"
            for line in _DECLARED.splitlines()
            if "ctpop" not in line and "cttz" not in line
        )
    )
