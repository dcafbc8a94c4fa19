"""Conditional jumps: what both sides learn, and which of them exists.

Source: kernel ``check_cond_jmp_op``, ``is_branch_taken``, ``sync_linked_regs``,
``try_match_pkt_pointers``, ``mark_ptr_or_null_regs``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..isa import insn as isa
from ..isa.insn import Insn
from ..uapi.map_types import MapType
from . import bounds, compare, precision, regs
from .arith import add32, add64, add64_unsynced
from .bounds import Val
from .regs import (
    ADD_CONST,
    ADD_CONST32,
    AT_PKT_END,
    BASE,
    BEYOND_PKT_END,
    ID,
    MAYBE_NULL,
    NOT_INIT,
    PKT,
    PKT_END,
    PKT_META,
    SCALAR,
    TRUSTED,
    UNTRUSTED,
    Reg,
)
from .speculation import push_untaken
from .state import LINKED, Slot, State
from .subject import MapInfo
from .tnum import U32

if TYPE_CHECKING:
    from .checker import Checker

Jump = Callable[[list[Reg]], int]
_MAX_LINKED = 6
_PACKETS = (PKT, PKT_META, PKT_END)
_MEMO = 256
_CERTAIN = frozenset({regs.SOCKET, regs.TCP_SOCK, regs.MAP_VALUE, regs.MAP_KEY,
                      regs.SOCK_COMMON})  # fmt: skip


def not_null(reg: Reg) -> Reg:
    """Return ``reg`` where it is known not to be NULL. Source: ``mark_ptr_not_null_reg``."""
    if reg.t & BASE == regs.MAP_VALUE:
        info = reg.x
        assert isinstance(info, MapInfo)
        if info.inner is not None:
            uid = None
            if info.inner.field("bpf_timer") or info.inner.field("bpf_wq"):
                uid = reg.id
            return Reg(regs.MAP_PTR, reg.v, reg.off, reg.id, reg.ref, info.inner, uid)
        if info.type == MapType.XSKMAP:
            return Reg(regs.XDP_SOCK, reg.v, reg.off, reg.id, reg.ref)
        if info.type in (MapType.SOCKMAP, MapType.SOCKHASH):
            return Reg(regs.SOCKET, reg.v, reg.off, reg.id, reg.ref)
        return Reg(regs.MAP_VALUE, reg.v, reg.off, reg.id, reg.ref, reg.x, reg.y)
    return regs.with_type(reg, reg.t & ~MAYBE_NULL)


def _may_hold_lock(reg: Reg) -> bool:
    if reg.t & BASE == regs.MAP_VALUE:
        info = reg.x
        return isinstance(info, MapInfo) and bool(
            info.field("bpf_spin_lock") or info.field("bpf_res_spin_lock")
        )
    return bool(reg.t & regs.ALLOC)


def settle_null(ck: Checker, state: State, number: int, is_null: bool) -> None:
    """Register ``number`` was compared with NULL: settle all pointers of its lookup."""
    reg = state.frames[-1].regs[number]
    identity, ref = reg.id, reg.ref
    if ref and ref == identity and is_null:
        state.refs = tuple(one for one in state.refs if one[1] != identity)

    def change(one: Reg) -> Reg:
        if not one.t & MAYBE_NULL or one.id != identity:
            return one
        if is_null:
            return regs.NULL
        new = not_null(one)
        if not _may_hold_lock(new):
            new = Reg(new.t, new.v, new.off, 0, new.ref, new.x, new.y)
        return new

    ck.rewrite(change, state)


def _good_packet(ck: Checker, idx: int, state: State, reg: Reg, kind: int, open_: bool) -> None:
    """``reg`` is at most (or, ``open_``, below) the packet's end: mark how far it reaches."""
    if reg.off < 0 or (not reg.off and open_):
        return
    if reg.v.umax > 0xFFFF or reg.v.umax + reg.off > 0xFFFF:
        return
    reach = reg.off + 1 if open_ else reg.off
    identity = reg.id
    ck.packet_tests[kind, identity, reach] = idx

    def change(one: Reg) -> Reg:
        if one.t == kind and one.id == identity and one.x < reach:
            return Reg(one.t, one.v, one.off, one.id, one.ref, reach, one.y)
        return one

    ck.rewrite(change, state)


def _past_end(state: State, number: int, open_: bool) -> None:
    registers = state.frames[-1].regs
    reg = registers[number]
    if reg.t == PKT:
        reach = BEYOND_PKT_END if open_ else AT_PKT_END
        registers[number] = Reg(reg.t, reg.v, reg.off, reg.id, reg.ref, reach, reg.y)


def _fresh(reg: Reg, kind: int) -> bool:
    return reg.t == kind and not reg.id and not reg.off and not reg.v.m and not reg.v.v


def _match_packets(
    ck: Checker, idx: int, op: int, dst: int, src: int, a: Reg, b: Reg, here: State, there: State,
) -> bool:  # fmt: skip
    """A packet pointer is compared with the end: ``here`` falls through, ``there`` jumps."""
    forward = (a.t == PKT and b.t == PKT_END) or (a.t == PKT_META and _fresh(b, PKT))
    backward = (a.t == PKT_END and b.t == PKT) or (_fresh(a, PKT) and b.t == PKT_META)
    if not (forward or backward):
        return False
    if op == isa.JGT:
        if forward:
            _good_packet(ck, idx, here, a, a.t, False)
            _past_end(there, dst, True)
        else:
            _good_packet(ck, idx, there, b, b.t, True)
            _past_end(here, src, False)
    elif op == isa.JLT:
        if forward:
            _good_packet(ck, idx, there, a, a.t, True)
            _past_end(here, dst, False)
        else:
            _good_packet(ck, idx, here, b, b.t, False)
            _past_end(there, src, True)
    elif op == isa.JGE:
        if forward:
            _good_packet(ck, idx, here, a, a.t, True)
            _past_end(there, dst, False)
        else:
            _good_packet(ck, idx, there, b, b.t, False)
            _past_end(here, src, True)
    elif op == isa.JLE:
        if forward:
            _good_packet(ck, idx, there, a, a.t, False)
            _past_end(here, dst, True)
        else:
            _good_packet(ck, idx, here, b, b.t, True)
            _past_end(there, src, False)
    else:
        return False
    return True


def _packet_taken(op: int, a: Reg, b: Reg) -> int:
    if b.t == PKT_END:
        packet = a
    elif a.t == PKT_END:
        packet = b
        op = compare.FLIPPED[op]
    else:
        return -1
    reach = packet.x
    assert isinstance(reach, int)
    if reach >= 0:
        return -1
    if op in (isa.JLE, isa.JGT):
        if reach == BEYOND_PKT_END:
            return int(op == isa.JGT)
    elif op in (isa.JLT, isa.JGE):
        return int(op == isa.JGE)
    return -1


def _surely_not_null(ck: Checker, reg: Reg) -> bool:
    """Source: kernel ``reg_not_null``."""
    t = reg.t
    if t & MAYBE_NULL:
        return False
    base = t & BASE
    if base in _CERTAIN and t == base:
        return True
    if base == regs.BTF_ID:
        return bool((reg.ref or t & TRUSTED) and not t & UNTRUSTED) or bool(t & regs.ALLOC)
    if base == regs.MEM:
        return not t & UNTRUSTED
    return t == regs.MAP_PTR and ck.kernel >= (6, 5)


def _collect(state: State, identity: int, found: list[int]) -> None:
    """Add where scalars with that id are, packed; the seventh and later lose their id."""
    for number in range(len(state.frames) - 1, -1, -1):
        frame = state.frames[number]
        for i in range(10):
            reg = frame.regs[i]
            if reg.t == SCALAR and reg.id & ID == identity:
                if len(found) < _MAX_LINKED:
                    found.append(number << 16 | i)
                else:
                    frame.regs[i] = Reg(SCALAR, reg.v)
        for spi, item in enumerate(frame.stack):
            if item is None:
                continue
            slot_reg = item if type(item) is Reg else item.reg
            if type(slot_reg) is Reg and slot_reg.t == SCALAR and slot_reg.id & ID == identity:
                if len(found) < _MAX_LINKED:
                    found.append(number << 16 | 1 << 8 | spi)
                elif type(item) is Reg:
                    frame.stack[spi] = Reg(SCALAR, slot_reg.v)


def _moved(ck: Checker, reg: Reg, known: Reg) -> Reg:
    """Return ``reg``, which is ``known`` plus a constant, with what is known of ``known``."""
    delta = bounds.const(reg.off - known.off)
    if ck.kernel < (6, 18):
        return Reg(SCALAR, add64_unsynced(known.v, delta), reg.off, known.id)
    if (reg.id | known.id) & ADD_CONST32:
        return Reg(SCALAR, add32(known.v, delta), reg.off, reg.id)
    return Reg(SCALAR, add64(known.v, delta), reg.off, reg.id)


def _sync(ck: Checker, state: State, known: Reg, found: list[int]) -> None:
    """Give all linked scalars what is known of one of them."""
    identity = known.id & ID
    for packed in found:
        frame = state.frames[packed >> 16]
        which = packed & 0xFF
        item: Reg | Slot | None
        is_slot = packed >> 8 & 1
        item = frame.stack[which] if is_slot else frame.regs[which]
        if item is None:
            continue
        reg = item if isinstance(item, Reg) else item.reg
        if not isinstance(reg, Reg) or reg is known or reg.t != SCALAR:
            continue
        if reg.id & ID != identity:
            continue
        if (reg.id ^ known.id) & ADD_CONST == ADD_CONST:
            continue  # one is a 32-bit sum, the other a 64-bit one
        if not (reg.id | known.id) & ADD_CONST or reg.off == known.off:
            new = known
        else:
            new = _moved(ck, reg, known)
        if not is_slot:
            frame.regs[which] = new
        elif isinstance(item, Reg):
            frame.stack[which] = new
        else:
            frame.stack[which] = Slot(item.kinds, new)


def compile_jump(ck: Checker, idx: int, insn: Insn, following: int, target: int) -> Jump:
    """Return the step for a conditional jump; it returns the instruction to go on with."""
    op = insn.opcode & 0xF0
    if op == isa.JCOND:
        return _may_goto(ck, idx, insn, following, target)
    narrow = insn.opcode & 7 == isa.JMP32
    dst = insn.dst
    src = insn.src if insn.opcode & isa.X else -1
    operand = regs.const(insn.imm & (1 << 64) - 1)
    opposite = compare.OPPOSITE[op]
    memo: dict[tuple[Val, Val], tuple[int, Val, Val, Val, Val]] = {}
    null_test = src < 0 and not narrow and not insn.imm and op in (isa.JEQ, isa.JNE)

    def jump(registers: list[Reg]) -> int:
        a = registers[dst]
        b = operand if src < 0 else registers[src]
        if a.t != SCALAR or b.t != SCALAR:
            return pointers(registers, a, b)
        key = (a.v, b.v)
        known = memo.get(key)
        if known is None:
            if len(memo) > _MEMO:
                memo.clear()
            verdict = compare.taken(op, a.v, b.v, narrow)
            if verdict >= 0:
                known = (verdict, a.v, b.v, a.v, b.v)
            elif dst == src:
                known = (-1, a.v, b.v, a.v, b.v)
            else:
                fa, fb = compare.refine(opposite, a.v, b.v, narrow)
                ta, tb = compare.refine(op, a.v, b.v, narrow)
                known = (-1, fa, fb, ta, tb)
            memo[key] = known
        verdict = known[0]
        if verdict >= 0:
            precision.mark_pair(ck, dst, src if src >= 0 else dst, idx)
            if ck.speculative_checks:
                push_untaken(ck, following if verdict else target, idx, dst, src)
            return target if verdict else following
        linked: list[int] = []
        if src >= 0 and b.id:
            _collect(ck.state, b.id & ID, linked)
        if a.id:
            _collect(ck.state, a.id & ID, linked)
        if len(linked) > 1:
            ck.state.history.append((idx, LINKED, *linked))
        other = ck.push(target, idx)
        there = other.frames[-1].regs
        new_a = registers[dst] = _kept(a, known[1])
        other_a = there[dst] = _kept(a, known[3])
        if src >= 0 and dst != src:
            new_b = registers[src] = _kept(b, known[2])
            other_b = there[src] = _kept(b, known[4])
            if b.id and len(linked) > 1:
                _sync(ck, ck.state, new_b, linked)
                _sync(ck, other, other_b, linked)
                new_a, other_a = registers[dst], there[dst]
        if a.id and len(linked) > 1:
            _sync(ck, ck.state, new_a, linked)
            _sync(ck, other, other_a, linked)
        return following

    def pointers(registers: list[Reg], a: Reg, b: Reg) -> int:
        if a.t == NOT_INIT:
            ck.fail("uninit-reg", f"R{dst} !read_ok", idx, dst)
        if b.t == NOT_INIT:
            ck.fail("uninit-reg", f"R{src} !read_ok", idx, src)
        packets = a.t in _PACKETS and b.t in _PACKETS
        if src >= 0 and not packets and ck.leaking(b):
            ck.fail("unprivileged", f"R{src} pointer comparison prohibited", idx, src)
        verdict = -1
        if packets and not narrow:
            verdict = _packet_taken(op, a, b)
        else:
            verdict = _null_verdict(ck, op, a, b, narrow)
        if verdict >= 0:
            if a.t == SCALAR:
                ck.precise(dst, idx)
            if src >= 0 and b.t == SCALAR:
                ck.precise(src, idx)
            if ck.speculative_checks:
                push_untaken(ck, following if verdict else target, idx, dst, src)
            return target if verdict else following
        other = ck.push(target, idx)
        here = ck.state
        if (
            not narrow
            and src >= 0
            and a.t > SCALAR
            and b.t > SCALAR
            and (a.t ^ b.t) & MAYBE_NULL
            and a.t & BASE != regs.BTF_ID
            and b.t & BASE != regs.BTF_ID
            and op in (isa.JEQ, isa.JNE)
        ):
            equal = other if op == isa.JEQ else here
            which = src if b.t & MAYBE_NULL else dst
            equal_regs = equal.frames[-1].regs
            equal_regs[which] = not_null(equal_regs[which])
        if null_test and a.t & MAYBE_NULL:
            settle_null(ck, here, dst, op == isa.JNE)
            settle_null(ck, other, dst, op == isa.JEQ)
        elif not (
            src >= 0 and not narrow and _match_packets(ck, idx, op, dst, src, a, b, here, other)
        ):
            if ck.leaking(a):
                ck.fail("unprivileged", f"R{dst} pointer comparison prohibited", idx, dst)
        return following

    return jump


def _kept(reg: Reg, val: Val) -> Reg:
    if val is reg.v:
        return reg
    return Reg(SCALAR, val, reg.off, reg.id)


def _null_verdict(ck: Checker, op: int, a: Reg, b: Reg, narrow: bool) -> int:
    """Comparing a pointer with a constant: only 0 tells anything."""
    if b.t != SCALAR or (b.v.m & U32 if narrow else b.v.m):
        op = compare.FLIPPED[op]
        a, b = b, a
    if b.t != SCALAR or (b.v.m & U32 if narrow else b.v.m):
        return -1
    if a.t == SCALAR or not _surely_not_null(ck, a):
        return -1
    if b.v.v & U32 if narrow else b.v.v:
        return -1
    if op == isa.JEQ:
        return 0
    return 1 if op == isa.JNE else -1


def _may_goto(ck: Checker, idx: int, insn: Insn, following: int, target: int) -> Jump:
    def jump(registers: list[Reg]) -> int:
        here = ck.state.parent  # the checkpoint of this very state
        previous = ck.previous_entry(here.parent if here is not None else None, idx)
        queued = ck.push(following, idx)
        queued.may_goto_depth += 1
        if previous is not None:
            ck.widen(previous, queued)
        return target

    return jump
