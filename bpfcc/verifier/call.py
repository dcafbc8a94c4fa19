"""Calls and exits: helpers, functions of the program, callbacks, return values.

Source: kernel ``check_helper_call``, ``check_func_call``, ``push_callback_call``,
``prepare_func_exit``, ``check_return_code``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..isa import insn as isa
from ..isa.insn import Insn
from ..uapi import kernels
from ..uapi.helpers import Helper
from ..uapi.map_types import ONLY_HELPERS, ONLY_MAPS, SOCKET_MAP_CHANGES, MapType, c_name
from ..uapi.prog_types import AttachType, ProgType
from . import bounds, btfwalk, dynptrs, kptrs, liveness, regs, stack, tnum
from .bounds import Val
from .formats import bad_conversion
from .globalfuncs import check_call as check_global_call
from .helpers_check import check_arguments, constant_string
from .meta import Meta
from .regs import MAYBE_NULL, NOT_INIT, RINGBUF, SCALAR, Reg, type_name
from .returns import allowed as allowed_returns
from .state import Frame, State
from .subject import MapInfo, SpecialField

if TYPE_CHECKING:
    from .checker import Checker

Jump = Callable[[list[Reg]], int]

END = -1  # the path is finished

_REFINED = {
    "get_stack",
    "get_task_stack",
    "probe_read_str",
    "probe_read_kernel_str",
    "probe_read_user_str",
}
_CASTS = {
    "tcp_sock",
    "sk_fullsock",
    "skc_to_tcp_sock",
    "skc_to_tcp6_sock",
    "skc_to_udp6_sock",
    "skc_to_mptcp_sock",
    "skc_to_tcp_timewait_sock",
    "skc_to_tcp_request_sock",
}
_STORAGE_GET = {"sk_storage_get", "inode_storage_get", "task_storage_get", "cgrp_storage_get"}


def compile_call(ck: Checker, idx: int, insn: Insn, following: int) -> Jump:
    """Return the step for a call; it returns the instruction to go on with."""
    if insn.src == isa.PSEUDO_CALL:
        return _compile_subprogram(ck, idx, insn, following)
    if insn.src == isa.PSEUDO_KFUNC_CALL:
        from .kfuncs_check import compile_kfunc

        return compile_kfunc(ck, idx, insn, following)
    if insn.opcode & isa.X:

        def indirect(registers: list[Reg]) -> int:
            ck.fail("unknown-function", f"unknown opcode {insn.opcode:02x}", idx)

        return indirect
    return _compile_helper(ck, idx, insn, following)


# Helpers -------------------------------------------------------------------------------------


def _compile_helper(ck: Checker, idx: int, insn: Insn, following: int) -> Jump:
    helper = ck.helper(insn.imm)
    if helper is None:

        def missing(registers: list[Reg]) -> int:
            what = ck.subject.poisoned.get(idx)
            if what is not None:
                ck.fail("core-missing", f"failed to resolve CO-RE relocation {what}", idx,
                        what=what)  # fmt: skip
            ck.fail("unknown-function", f"invalid func unknown#{insn.imm}", idx, number=insn.imm)

        return missing
    since = ck.helper_since(helper)
    configured = ck.configured(helper)
    kinds = helper.args_for(ck.type_name)
    sleeps = "sleeps" in helper.flags
    moves = "moves" in helper.flags
    place = idx - ck.subject.sub_at(idx).start

    def call(registers: list[Reg]) -> int:
        ck.at = idx
        if since is None or since > ck.kernel:
            word = "program of this type cannot use helper"
            if since is not None and ck.kernel < kernels.parse(helper.since):
                word = "invalid func"
            ck.fail(
                "helper-type", f"{word} {helper.name}#{helper.id}", idx, helper=helper,
                since=since,
            )  # fmt: skip
        if configured:
            ck.unknown(
                f"whether this kernel's configuration allows {helper.name}() is not known", idx
            )
        state = ck.state
        if state.locks and helper.short != "spin_unlock":
            ck.fail(
                "lock-call", "function calls are not allowed while holding a lock", idx,
                helper=helper,
            )  # fmt: skip
        if helper.gpl_only and not ck.subject.gpl:
            ck.fail(
                "license", "cannot call GPL-restricted function from non-GPL compatible program",
                idx, helper=helper, name=helper.name + "()",
            )  # fmt: skip
        if sleeps:
            if not ck.sleepable_now():
                ck.fail(
                    "sleeps", "helper call might sleep in a non-sleepable prog", idx,
                    helper=helper,
                )  # fmt: skip
            if state.rcu:
                ck.fail(
                    "sleeps", f"sleepable helper {helper.name}#{helper.id} in rcu_read_lock"
                    " region", idx, helper=helper,
                )  # fmt: skip
            if state.preempt or state.irq_id:
                ck.fail(
                    "sleeps", f"sleepable helper {helper.name}#{helper.id} in non-preemptible"
                    " region", idx, helper=helper,
                )  # fmt: skip
        meta = check_arguments(ck, idx, helper, kinds)
        if meta.map is not None:
            check_map_helper(ck, idx, helper, meta)
        if meta.raw:
            stack.clobber_raw(
                ck, idx, meta.raw["reg"], registers[meta.raw["reg"]], meta.raw["size"]
            )
        _release(ck, idx, helper, meta)
        special = _SPECIAL.get(helper.short)
        if special is not None:
            elsewhere = special(ck, idx, helper, meta, following)
            if elsewhere is not None:
                return elsewhere
            registers = ck.frame.regs
        result = _result(ck, idx, helper, meta)
        registers[0:6] = [result, *[regs.UNINIT] * 5]
        if moves or (
            helper.short == "dynptr_write"
            and meta.dynptr is not None
            and meta.dynptr.kind == regs.DYN_SKB
        ):
            ck.forget_packets()
        if ck.writes or ck.own_must[place]:
            liveness.commit(ck, idx)
        return following

    return call


def check_map_helper(ck: Checker, idx: int, helper: Helper, meta: Meta) -> None:
    """Check that the helper works on the map's type. Source: check_map_func_compatibility."""
    info = meta.map
    assert info is not None
    only = ONLY_HELPERS.get(info.type)
    if only is not None and helper.short not in only.split():
        _wrong_map(ck, idx, helper, info, meta)
    if info.type in (MapType.SOCKMAP, MapType.SOCKHASH) and ck.kernel >= (5, 10):
        types = SOCKET_MAP_CHANGES.get(helper.short)
        if types is not None and not ck.is_iter and ck.prog_type not in types:
            _wrong_map(ck, idx, helper, info, meta)
    types = ONLY_MAPS.get(helper.short)
    if types is not None and info.type not in types:
        _wrong_map(ck, idx, helper, info, meta)
    if info.type == MapType.PROG_ARRAY and helper.short == "tail_call":
        sub = ck.frame.sub
        if sub and ck.kernel < (5, 10):
            ck.fail("tail-call", "tail_calls are not allowed in non-JITed programs with bpf-to-bpf"
                    " calls", idx, helper=helper)  # fmt: skip


def _wrong_map(ck: Checker, idx: int, helper: Helper, info: MapInfo, meta: Meta) -> None:
    text = f"cannot pass map_type {info.type} into func {helper.name}#{helper.id}"
    ck.fail("map-helper", text, idx, meta.map_reg, helper=helper, map=info, type=c_name(info.type))


def _release(ck: Checker, idx: int, helper: Helper, meta: Meta) -> None:
    number = meta.release_reg
    if not number:
        return
    reg = ck.frame.regs[number]
    if helper.short.endswith("_dynptr"):
        dynptrs.release(ck, idx, number)
        return
    if meta.ref:
        if helper.short == "kptr_xchg":
            kptrs.give_away(ck, meta.ref)
            return
        if ck.release(meta.ref):
            return
    elif reg.t == SCALAR and not reg.v.m and not reg.v.v:
        return
    ck.fail(
        "release", f"func {helper.name}#{helper.id} reference has not been acquired before", idx,
        number, helper=helper, kind=reg.t,
    )  # fmt: skip


def _result(ck: Checker, idx: int, helper: Helper, meta: Meta) -> Reg:
    """Return what the helper leaves in R0."""
    kind = helper.ret
    short = helper.short
    if kind == "int":
        return _integer(ck, short, meta)
    if kind == "void":
        return regs.UNINIT
    null = MAYBE_NULL if "?" in kind else 0
    base = kind.replace("?", "")
    ref = 0
    if base == "value":
        info = meta.map
        assert info is not None
        if null and 0 <= meta.const_key < info.max_entries:
            null = 0
        identity = 0
        if short == "map_lookup_elem" and info.type in (MapType.SOCKMAP, MapType.SOCKHASH):
            ref = identity = ck.acquire(idx)
        elif null or info.field("bpf_spin_lock") or info.field("bpf_res_spin_lock"):
            identity = ck.new_id()
        return Reg(regs.MAP_VALUE | null, id=identity, ref=ref, x=info, y=meta.map_uid)
    if base in ("socket", "sock_common", "tcp_sock"):
        t = {
            "socket": regs.SOCKET,
            "sock_common": regs.SOCK_COMMON,
            "tcp_sock": regs.TCP_SOCK,
        }[base]
        return _object(ck, idx, helper, meta, t | null)
    if base == "record":
        return _object(ck, idx, helper, meta, regs.MEM | RINGBUF | null, meta.alloc_size)
    if base == "dynptr_mem":
        record = meta.dynptr
        assert record is not None
        flags = dynptrs.slice_flags(record)
        keep = flags & (regs.DYN_SKB | regs.DYN_XDP | regs.DYN_SKB_META)
        return Reg(
            regs.MEM | null | keep, id=ck.new_id(), ref=record.ref, x=meta.alloc_size, y=record.id
        )
    if base == "kptr":
        field = meta.percpu
        assert isinstance(field, SpecialField)
        flags, held = kptrs.taken(ck, idx, field)
        return _object(ck, idx, helper, meta, regs.BTF_ID | null | flags, held)
    if base == "percpu":
        reg = meta.percpu
        assert isinstance(reg, Reg)
        from ..btf.layout import byte_size, strip
        from ..btf.types import Struct

        target = strip(reg.x)
        identity = ck.new_id() if null else 0
        if reg.t & regs.RCU:  # an object of the program's own
            return Reg(regs.BTF_ID | regs.ALLOC | regs.RCU, x=target)
        if isinstance(target, Struct):
            return Reg(regs.BTF_ID | null, id=identity, x=target)
        return Reg(regs.MEM | regs.RDONLY | null, id=identity, x=byte_size(target))
    name = kind.partition(":")[2]
    struct_ = btfwalk.kernel_struct(ck, name, idx)
    flags = regs.TRUSTED if short in ("get_current_task_btf",) else 0
    if short == "task_pt_regs":
        flags = 0
    return _object(ck, idx, helper, meta, regs.BTF_ID | flags | null, struct_)


def _object(ck: Checker, idx: int, helper: Helper, meta: Meta, t: int, x: object = None) -> Reg:
    identity = ck.new_id() if t & MAYBE_NULL else 0
    ref = 0
    if helper.short in _CASTS:
        ref = meta.ref
    elif "acquires" in helper.flags:
        ref = identity = ck.acquire(idx)
    return Reg(t, id=identity, ref=ref, x=x)


def _integer(ck: Checker, short: str, meta: Meta) -> Reg:
    if short in _REFINED:
        high = bounds.signed64(meta.max_size)
        return regs.scalar(
            bounds.sync(
                0,
                tnum.U64,
                -4095,
                high,
                0,
                tnum.U64,
                -4095,
                bounds.signed32(high),
                0,
                tnum.U32,
            )  # fmt: skip
        )
    if short == "get_smp_processor_id" and ck.kernel >= (6, 2):
        high = ck.cpus - 1
        v, m = tnum.of_range(0, high)
        return regs.scalar(
            bounds.sync(v, m, 0, high, 0, high, 0, high, 0, high) if high else bounds.ZERO
        )
    return regs.ANY


# Helpers that do more ------------------------------------------------------------------------

_Special = Callable[["Checker", int, Helper, Meta, int], "int | None"]


def _tail_call(ck: Checker, idx: int, helper: Helper, meta: Meta, following: int) -> int | None:
    check_leak(ck, idx, True, "tail_call")
    index = ck.frame.regs[3]
    info = meta.map
    if index.t == SCALAR and not index.v.m and info is not None:
        if index.v.v < info.max_entries:
            ck.precise(3, idx)
    if len(ck.state.frames) > 1 and ck.kernel >= (6, 13):
        # Where the tail call succeeds, the function returns what the other program returns.
        ck.frame.regs[0:6] = [regs.UNINIT] * 6
        ck.push(following, idx)
        ck.forget_packets()
        ck.frame.regs[0] = regs.ANY
        return _return_to_caller(ck, idx, ck.frame.regs, settle=False)
    return None


def _local_storage(ck: Checker, idx: int, helper: Helper, meta: Meta, following: int) -> None:
    reg = ck.frame.regs[2]
    if reg.t != SCALAR or reg.v.m or reg.v.v:
        ck.fail("argument-value", "get_local_storage() doesn't support non-zero flags", idx, 2,
                helper=helper)  # fmt: skip


def _dynptr_from_mem(ck: Checker, idx: int, helper: Helper, meta: Meta, following: int) -> None:
    reg = ck.frame.regs[1]
    if reg.t != regs.MAP_VALUE:
        ck.fail(
            "argument-type", f"Unsupported reg type {type_name(reg.t)} for bpf_dynptr_from_mem"
            " data", idx, 1, helper=helper, kind=reg.t,
        )  # fmt: skip


def _snprintf(ck: Checker, idx: int, helper: Helper, meta: Meta, following: int) -> None:
    registers = ck.frame.regs
    size = registers[5].v
    if size.v % 8:
        # The kernel gives no words here.
        ck.fail(
            "size-multiple", "bpf_snprintf: data_len must be a multiple of 8", idx, 5,
            helper=helper, unit=8, size=size.v,
        )  # fmt: skip
    count = size.v // 8  # as the kernel: of a variable size its known bits
    text = constant_string(ck, idx, 3, registers[3])
    problem = bad_conversion(text, count)
    if problem is not None:
        ck.fail("format", "Invalid format string", idx, 3, helper=helper, problem=problem)


def _for_each(ck: Checker, idx: int, helper: Helper, meta: Meta, following: int) -> None:
    info = meta.map
    assert info is not None
    registers = ck.frame.regs
    args = [
        Reg(regs.MAP_PTR, x=info, y=meta.map_uid),
        Reg(regs.MAP_KEY, x=info),
        Reg(regs.MAP_VALUE, x=info, y=meta.map_uid),
        registers[3],
    ]
    push_callback(ck, idx, meta.callback, args, (0, 1), helper.name)


def _find_vma(ck: Checker, idx: int, helper: Helper, meta: Meta, following: int) -> None:
    registers = ck.frame.regs
    args = [
        registers[1],
        Reg(regs.BTF_ID, x=btfwalk.kernel_struct(ck, "vm_area_struct", idx)),
        registers[4],
    ]
    push_callback(ck, idx, meta.callback, args, (0, 1), helper.name)


def _loop(ck: Checker, idx: int, helper: Helper, meta: Meta, following: int) -> None:
    registers = ck.frame.regs
    if registers[1].t != regs.SCALAR and ck.kernel >= (6, 8):
        ck.fail("argument-type", "verifier bug: backtracking misuse", idx, 1, helper=helper,
                kind=registers[1].t)  # fmt: skip
    ck.precise(1, idx)
    if ck.frame.callback_depth < registers[1].v.umax:
        push_callback(ck, idx, meta.callback, [regs.ANY, registers[3]], (0, 1), helper.name)
    else:
        ck.frame.callback_depth = 0


def _user_ringbuf(ck: Checker, idx: int, helper: Helper, meta: Meta, following: int) -> None:
    registers = ck.frame.regs
    args = [Reg(regs.DYNPTR, id=ck.new_id(), x=regs.DYN_LOCAL), registers[3]]
    push_callback(ck, idx, meta.callback, args, (0, 1), helper.name)


def _timer_callback(ck: Checker, idx: int, helper: Helper, meta: Meta, following: int) -> None:
    info = meta.map
    assert info is not None
    uid = meta.map_uid
    args = [
        Reg(regs.MAP_PTR, x=info, y=uid),
        Reg(regs.MAP_KEY, x=info),
        Reg(regs.MAP_VALUE, x=info, y=uid),
    ]
    push_async(ck, idx, meta.callback, args, False)


_SPECIAL: dict[str, _Special] = {
    "tail_call": _tail_call,
    "get_local_storage": _local_storage,
    "dynptr_from_mem": _dynptr_from_mem,
    "snprintf": _snprintf,
    "for_each_map_elem": _for_each,
    "find_vma": _find_vma,
    "loop": _loop,
    "user_ringbuf_drain": _user_ringbuf,
    "timer_set_callback": _timer_callback,
}


# Functions of the program --------------------------------------------------------------------


def _enter(ck: Checker, state: State, idx: int, sub: int) -> Frame:
    if len(state.frames) >= 8:
        ck.fail(
            "call-depth", f"the call stack of {len(state.frames) + 1} frames is too deep", idx,
            frames=[frame.sub for frame in state.frames] + [sub],
        )  # fmt: skip
    frame = Frame(len(state.frames), idx, sub)
    state.frames.append(frame)
    return frame


def _compile_subprogram(ck: Checker, idx: int, insn: Insn, following: int) -> Jump:
    target = ck.subject.jump_index(idx, insn.imm)
    sub = ck.subject.sub_at(target)
    separate = sub.globl and ck.kernel >= (5, 6) and sub.btf is not None
    too_old = ck.kernel < (4, 16)

    def call(registers: list[Reg]) -> int:
        ck.at = idx
        if too_old:
            ck.fail("too-old", "BPF to BPF calls are not supported", idx, feature="bpf2bpf")
        state = ck.state
        if separate:
            check_global_call(ck, idx, sub)
            if sub.number in ck.shape.moves:
                ck.forget_packets()
            if sub.number not in ck.called_globals:
                ck.called_globals.append(sub.number)
            registers[0:6] = [regs.ANY, *[regs.UNINIT] * 5]
            return following
        frame = _enter(ck, state, idx, sub.number)
        frame.regs[1:6] = registers[1:6]
        registers[0:6] = [regs.UNINIT] * 6
        ck.frame = frame
        liveness.enter(ck)
        return target

    return call


def push_callback(
    ck: Checker, idx: int, sub: int, args: list[Reg], returns: tuple[int, int], name: str
) -> None:
    """Queue one run of callback ``sub``, called by the helper at ``idx``."""
    start = ck.subject.subs[sub].start
    other = ck.push(start, idx)
    frame = _enter(ck, other, idx, sub)
    frame.regs[1 : 1 + len(args)] = args
    frame.callback = True
    frame.callback_kind = name
    ck.callback_subs.add(sub)
    frame.ret_range = returns
    other.unroll_depth += 1
    other.frames[-2].callback_depth += 1
    ck.frame.callback_depth = 0


def push_async(
    ck: Checker, idx: int, sub: int, args: list[Reg], sleepable: bool,
    returns: tuple[int, int] = (0, 0),
) -> None:  # fmt: skip
    """Queue a run of callback ``sub`` from a fresh state, as a timer would."""
    state = State()
    state.idx = ck.subject.subs[sub].start
    state.prev = idx
    state.sleepable = sleepable
    frame = Frame(0, -1, sub)
    frame.regs[1 : 1 + len(args)] = args
    frame.callback = True
    frame.async_cb = True
    frame.ret_range = returns
    state.frames.append(frame)
    ck.async_subs.add(sub)
    ck.callback_subs.add(sub)
    ck.pending.append(state)
    ck.check_pending(idx)


# Exits ---------------------------------------------------------------------------------------


def check_leak(ck: Checker, idx: int, main: bool, prefix: str) -> None:
    """Reject leaving with something held. Source: kernel ``check_resource_leak``."""
    state = ck.state
    if main and state.locks:
        held = [ref for ref in state.refs if "lock" in ref[0]]
        ck.fail(
            "lock-held", f"{prefix} cannot be used inside bpf_spin_lock-ed region", idx,
            taken=held[-1][2] if held else -1, what="bpf_spin_lock",
        )  # fmt: skip
    if main or len(state.frames) == 1:
        for ref in state.refs:
            if ref[0] == "ptr":
                if ck.prog_type == ProgType.STRUCT_OPS and ck.frame.regs[0].ref == ref[1]:
                    continue
                ck.fail(
                    "leak", f"Unreleased reference id={ref[1]} alloc_insn={ck.slot_text(ref[2])}",
                    idx, taken=ref[2],
                )  # fmt: skip
    if not main:
        return
    for held_, what in (
        (state.irq_id, "bpf_local_irq_save"),
        (state.rcu, "bpf_rcu_read_lock"),
        (state.preempt, "bpf_preempt_disable"),
    ):
        if held_:
            ck.fail(
                "section-held", f"{prefix} cannot be used inside {what}-ed region", idx, what=what
            )


def compile_exit(ck: Checker, idx: int) -> Jump:
    """Return the step for the exit instruction."""

    def leave(registers: list[Reg]) -> int:
        ck.at = idx
        state = ck.state
        nested = len(state.frames) > 1
        check_leak(ck, idx, not nested, "BPF_EXIT instruction in main prog")
        if nested:
            return _return_to_caller(ck, idx, registers)
        check_return(ck, idx, registers)
        return END

    return leave


def return_early(ck: Checker, idx: int) -> int:
    """A packet load beyond the packet ends a function with result 0; queue the other outcome."""
    ck.push(idx + 1, idx)
    ck.frame.regs[0] = regs.NULL
    return _return_to_caller(ck, idx, ck.frame.regs, settle=False)


def _return_to_caller(ck: Checker, idx: int, registers: list[Reg], *, settle: bool = True) -> int:
    state = ck.state
    frame = state.frames[-1]
    r0 = registers[0]
    if r0.t == regs.STACK:
        ck.fail("stack-return", "cannot return stack pointer to the caller", idx, 0)
    caller = state.frames[-2]
    if frame.callback:
        if r0.t != SCALAR:
            if r0.t == NOT_INIT:
                ck.fail("uninit-reg", "R0 !read_ok", idx, 0, returns=True)
            ck.fail("callback-return", "R0 not a scalar value", idx, 0, kind=r0.t, low=0, high=1)
        ck.precise(0, idx)
        assert frame.ret_range is not None
        low, high = frame.ret_range
        if r0.v.smin < low or r0.v.smax > high:
            _bad_return(ck, idx, r0.v, low, high, "At callback return", "callback-return")
        following = frame.callsite
    else:
        caller.regs[0] = r0
        following = frame.callsite + 1
    if settle:
        liveness.update(ck)
    state.frames.pop()
    ck.frame = caller
    liveness.enter(ck)
    if frame.callback:
        previous = ck.previous_entry(state.parent, following)
        if previous is not None:
            ck.widen(previous, state)
    return following


def _bad_return(
    ck: Checker, idx: int, val: Val, low: int, high: int, where: str, rule: str
) -> None:
    if val.smin == bounds.S64_MIN and val.smax == bounds.S64_MAX:
        known = "has unknown scalar value"
    else:
        known = f"has smin={val.smin} smax={val.smax}"
    ck.fail(
        rule, f"{where} the register R0 {known} should have been in [{low}, {high}]", idx, 0,
        low=low, high=high, val=val,
    )  # fmt: skip


def throw(ck: Checker, idx: int) -> int:
    """End the program from whatever depth: bpf_throw(), whose argument is then its result."""
    if not ck.subject.exception_sub:
        registers = list(ck.frame.regs)
        registers[0] = registers[1]
        check_return(ck, idx, registers)
    check_leak(ck, idx, True, "bpf_throw")
    return END


def check_return(ck: Checker, idx: int, registers: list[Reg]) -> None:
    """Check what the program, or a function checked alone, returns."""
    r0 = registers[0]
    frame = ck.state.frames[0]
    allowed = allowed_returns(ck.prog_type, ck.attach_type, ck.kernel)
    main = not frame.sub or frame.exception_cb
    if ck.prog_type in (ProgType.STRUCT_OPS, ProgType.LSM) and main and ck.void_target():
        return
    if r0.t == NOT_INIT:
        ck.fail("uninit-reg", "R0 !read_ok", idx, 0, returns=True)
    if ck.leaking(r0):
        ck.fail("unprivileged", "R0 leaks addr as return value", idx, 0)
    if frame.async_cb:
        assert frame.ret_range is not None
        low, high = frame.ret_range
        if r0.t != SCALAR:
            ck.fail(
                "callback-return", "At async callback return the register R0 is not a known value"
                f" ({type_name(r0.t)})", idx, 0, kind=r0.t, low=low, high=high,
            )  # fmt: skip
        ck.precise(0, idx)
        if r0.v.smin < low or r0.v.smax > high:
            _bad_return(ck, idx, r0.v, low, high, "At async callback return", "callback-return")
        return
    if frame.sub and not frame.exception_cb:
        if r0.t != SCALAR:
            ck.fail(
                "return-pointer", "At subprogram exit the register R0 is not a scalar value"
                f" ({type_name(r0.t)})", idx, 0, kind=r0.t,
            )  # fmt: skip
        return
    if allowed is None:
        return
    if r0.t != SCALAR:
        ck.fail(
            "return-code", "At program exit the register R0 is not a known value"
            f" ({type_name(r0.t)})", idx, 0, kind=r0.t, low=allowed[0], high=allowed[1],
        )  # fmt: skip
    ck.precise(0, idx)
    if r0.v.smin < allowed[0] or r0.v.smax > allowed[1]:
        _bad_return(ck, idx, r0.v, allowed[0], allowed[1], "At program exit", "return-code")


__all__ = ["END", "AttachType", "compile_call", "compile_exit", "push_async", "push_callback"]
