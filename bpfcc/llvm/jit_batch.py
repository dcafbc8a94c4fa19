"""Many runs in one call: the loop over inputs is native, Python is asked only where it must be.

A descriptor of 64-bit words tells where contexts and packets are; each input is copied into the
live context and packet, the program runs, and what it left is copied back. An input during which
Python was asked (``TOUCHED``) ends the native loop, so that Python can put away what belongs to it.
"""

from __future__ import annotations

from ..vm.memory import FRAME_SIZE
from . import jit_layout as at

# The descriptor's words.
(INDEX, COUNT, CONTEXTS, CONTEXT_SIZE, CONTEXT, PACKETS, OFFSETS, PACKET, LIMIT, RESULTS, LEFTS,
 BUDGET, R1, PREVIOUS, SKIPPED) = range(15)  # fmt: skip
WORDS = 16
DONE, STOPPED, SIGNAL = 0, 1, 2  # what ``batch`` returns
_SIGNALS_EVERY = 1023


def _load(name: str, index: int, type: str = "i64") -> str:
    return (
        f"  %p_{name} = getelementptr inbounds i64, ptr %b, i64 {index}\n"
        f"  %{name} = load {type}, ptr %p_{name}\n"
    )


def _set(name: str, index: int, value: str) -> str:
    return (
        f"  %c_{name} = getelementptr inbounds i64, ptr %ctx, i64 {index}\n"
        f"  store i64 {value}, ptr %c_{name}\n"
    )


def _known(number: int, word: int) -> int:
    return at.KNOWN + number * at.KNOWN_WORDS + word


BATCH = "".join(
    [
        "define i64 @batch(ptr %ctx, ptr %b, ptr %entry) nounwind {\nstart:\n",
        _load("index", INDEX),
        _load("count", COUNT),
        _load("contexts", CONTEXTS, "ptr"),
        _load("size", CONTEXT_SIZE),
        _load("context", CONTEXT, "ptr"),
        _load("packets", PACKETS, "ptr"),
        _load("offsets", OFFSETS, "ptr"),
        _load("packet", PACKET, "ptr"),
        _load("limit", LIMIT),
        _load("results", RESULTS, "ptr"),
        _load("lefts", LEFTS, "ptr"),
        _load("budget", BUDGET),
        _load("r1", R1),
        _load("previous", PREVIOUS),
        _load("skipped", SKIPPED),
        f"""  %has_packet = icmp ne ptr %packets, null
  %c_frame = getelementptr inbounds i64, ptr %ctx, i64 {at.FRAMES}
  %frame = load ptr, ptr %c_frame
  %c_touched = getelementptr inbounds i64, ptr %ctx, i64 {at.TOUCHED}
  %c_check = getelementptr inbounds i64, ptr %ctx, i64 {at.CHECK_SIGNALS}
  %check = load ptr, ptr %c_check
  %p_begun = getelementptr inbounds i64, ptr %b, i64 {INDEX}
  br label %head
head:
  %k = phi i64 [ %index, %start ], [ %next, %after ]
  %before = phi i64 [ %previous, %start ], [ %length, %after ]
  %more = icmp ult i64 %k, %count
  br i1 %more, label %turn, label %done
turn:
  store i64 %k, ptr %p_begun
  %at_context = mul i64 %k, %size
  %my_context = getelementptr i8, ptr %contexts, i64 %at_context
  call void @llvm.memcpy.p0.p0.i64(ptr %context, ptr %my_context, i64 %size, i1 false)
  br i1 %has_packet, label %with_packet, label %ready
with_packet:
  %p_from = getelementptr inbounds i64, ptr %offsets, i64 %k
  %from = load i64, ptr %p_from
  %p_to = getelementptr inbounds i64, ptr %p_from, i64 1
  %to = load i64, ptr %p_to
  %bytes = sub i64 %to, %from
  %my_packet = getelementptr i8, ptr %packets, i64 %from
  call void @llvm.memcpy.p0.p0.i64(ptr %packet, ptr %my_packet, i64 %bytes, i1 false)
  %rest = call i64 @llvm.usub.sat.i64(i64 %before, i64 %bytes)
  %behind = getelementptr i8, ptr %packet, i64 %bytes
  call void @llvm.memset.p0.i64(ptr %behind, i8 0, i64 %rest, i1 false)
  %visible = sub i64 %bytes, %skipped
  br label %ready
ready:
  %length = phi i64 [ 0, %turn ], [ %bytes, %with_packet ]
  %shown = phi i64 [ 0, %turn ], [ %visible, %with_packet ]
""",
        _set("known_context", _known(0, 1), "%size"),
        _set("known_packet", _known(1, 1), "%shown"),
        _set("left", at.LEFT, "%limit"),
        _set("status", at.STATUS, "0"),
        _set("traced", at.TRACED, "0"),
        _set("depth", at.DEPTH, "1"),
        _set("budget", at.BUDGET, "%budget"),
        _set("a1", at.ARGS, "%r1"),
        _set("a2", at.ARGS + 1, "0"),
        _set("a3", at.ARGS + 2, "0"),
        _set("a4", at.ARGS + 3, "0"),
        _set("a5", at.ARGS + 4, "0"),
        f"""  call void @llvm.memset.p0.i64(ptr %frame, i8 0, i64 {FRAME_SIZE}, i1 false)
  %value = call i64 %entry(ptr %ctx)
  %p_result = getelementptr inbounds i64, ptr %results, i64 %k
  store i64 %value, ptr %p_result
  %rest_of_limit = load i64, ptr %c_left
  %p_rest = getelementptr inbounds i64, ptr %lefts, i64 %k
  store i64 %rest_of_limit, ptr %p_rest
  %touched = load i64, ptr %c_touched
  %stop = icmp ne i64 %touched, 0
  br i1 %stop, label %stopped, label %keep
keep:
  call void @llvm.memcpy.p0.p0.i64(ptr %my_context, ptr %context, i64 %size, i1 false)
  br i1 %has_packet, label %keep_packet, label %after_keep
keep_packet:
  %p_back = getelementptr inbounds i64, ptr %offsets, i64 %k
  %back_at = load i64, ptr %p_back
  %to_packet = getelementptr i8, ptr %packets, i64 %back_at
  call void @llvm.memcpy.p0.p0.i64(ptr %to_packet, ptr %packet, i64 %length, i1 false)
  br label %after_keep
after_keep:
  %turns = and i64 %k, {_SIGNALS_EVERY}
  %look = icmp eq i64 %turns, {_SIGNALS_EVERY}
  br i1 %look, label %signals, label %after
signals:
  %signal = call i32 %check()
  %is_signal = icmp ne i32 %signal, 0
  br i1 %is_signal, label %by_signal, label %after
after:
  %next = add i64 %k, 1
  br label %head
done:
  ret i64 {DONE}
stopped:
  ret i64 {STOPPED}
by_signal:
  ret i64 {SIGNAL}
}}
""",
    ]
)
