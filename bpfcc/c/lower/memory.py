"""memcmp as comparisons of words, and copies whose size is only known at run time, as loops.

A loop whose count the optimiser finds to be constant (after inlining) is unrolled like any other.
"""

from __future__ import annotations

from ...ir.module import Block
from ...ir.values import I8, I32, I64, VOID, Const, Instr, Value
from .function import Fn
from .place import aligned_at
from .scalars import INT_OF_SIZE

MAX_INLINE_COMPARE = 256  # bytes; a longer memcmp becomes a loop


def known_align(pointer: Value, align: int) -> int:
    """Improve on ``align`` where the pointer is a local's address plus a constant."""
    offset = 0
    while isinstance(pointer, Instr) and pointer.op == "ptradd":
        step = pointer.args[1]
        if not isinstance(step, Const):
            return align
        offset += step.signed
        pointer = pointer.args[0]
    if isinstance(pointer, Instr) and pointer.op == "alloca":
        return max(align, aligned_at(pointer.attrs["align"], offset))
    return align


def compare_memory(f: Fn, left: Value, right: Value, size: Value, align: int) -> Value:
    """Return memcmp's result (-1, 0 or 1) as an i32."""
    if not isinstance(size, Const):
        return _compare_loop(f, left, right, size)
    count = size.value
    if count == 0:
        return Const(I32, 0)
    if count > MAX_INLINE_COMPARE:
        return _compare_loop(f, left, right, size)
    b = f.b
    align = min(known_align(left, align), known_align(right, align), 8)
    differs, end = f.block("differs"), f.block("compared")
    pairs: list[tuple[Value, Value, Block]] = []
    at = 0
    last = b.block
    while at < count:
        step = 8
        while step > count - at or step > aligned_at(align, at):
            step //= 2
        kind = INT_OF_SIZE[step]
        a: Value = b.load(kind, left, at)
        c: Value = b.load(kind, right, at)
        if step > 1 and not f.module.big_endian:
            pairs.append(
                (
                    b.zext(b.bswap(a), I64) if step < 8 else b.bswap(a),
                    b.zext(b.bswap(c), I64) if step < 8 else b.bswap(c),
                    b.block,
                )
            )
        else:
            pairs.append((b.resize(a, I64, signed=False), b.resize(c, I64, signed=False), b.block))
        at += step
        following = f.block("compare") if at < count else end
        test = b.compare("eq", a, c)
        b.emit("condbr", VOID, [test], {"targets": [following, differs]})
        last = b.block
        b.position(following)
    b.position(differs)
    a_phi = b.phi(I64, [(a, block) for a, _, block in pairs])
    c_phi = b.phi(I64, [(c, block) for _, c, block in pairs])
    result = b.select(b.compare("ult", a_phi, c_phi), Const(I32, -1), Const(I32, 1))
    b.br(end)
    b.position(end)
    return b.phi(I32, [(Const(I32, 0), last), (result, differs)])


def _compare_loop(f: Fn, left: Value, right: Value, size: Value) -> Value:
    b = f.b
    before = b.block
    head, body, more = f.block("compare"), f.block("bytes"), f.block("same")
    differs, end = f.block("differs"), f.block("compared")
    b.br(head)
    b.position(head)
    index = b.phi(I64, [(Const(I64, 0), before)])
    test = b.compare("ult", index, size)
    b.emit("condbr", VOID, [test], {"targets": [body, end]})
    b.position(body)
    a = b.load(I8, b.ptradd(left, index))
    c = b.load(I8, b.ptradd(right, index))
    b.emit("condbr", VOID, [b.compare("eq", a, c)], {"targets": [more, differs]})
    b.position(more)
    b.add_incoming(index, b.add(index, Const(I64, 1)), more)
    b.br(head)
    b.position(differs)
    result = b.select(b.compare("ult", a, c), Const(I32, -1), Const(I32, 1))
    b.br(end)
    b.position(end)
    return b.phi(I32, [(Const(I32, 0), head), (result, differs)])


def _counted(f: Fn, size: Value, name: str) -> tuple[Instr, Block, Block]:
    """Begin a loop of ``size`` turns: (counter, head, end), positioned in its body."""
    b = f.b
    before = b.block
    head, body, end = f.block(name), f.block("bytes"), f.block("end" + name)
    b.br(head)
    b.position(head)
    index = b.phi(I64, [(Const(I64, 0), before)])
    test = b.compare("ult", index, size)
    b.emit("condbr", VOID, [test], {"targets": [body, end]})
    b.position(body)
    return index, head, end


def _again(f: Fn, index: Instr, head: Block, end: Block) -> None:
    b = f.b
    b.add_incoming(index, b.add(index, Const(I64, 1)), b.block)
    b.br(head)
    b.position(end)


def copy_loop(f: Fn, dst: Value, src: Value, size: Value, *, backward: bool) -> None:
    """Copy ``size`` bytes one by one. ``backward``: they may overlap (memmove)."""
    if isinstance(size, Const):
        move = f.b.memmove if backward else f.b.memcpy
        move(dst, src, size.value)
        return
    b = f.b
    if not backward:
        index, head, end = _counted(f, size, "copy")
        b.store(b.ptradd(dst, index), b.load(I8, b.ptradd(src, index)))
        _again(f, index, head, end)
        return
    up, down, done = f.block("up"), f.block("down"), f.block("moved")
    test = b.compare("ule", b.ptrtoint(dst), b.ptrtoint(src))
    b.emit("condbr", VOID, [test], {"targets": [up, down]})
    for block, upwards in ((up, True), (down, False)):
        b.position(block)
        index, head, end = _counted(f, size, "move")
        at = index if upwards else b.sub(b.sub(size, Const(I64, 1)), index)
        b.store(b.ptradd(dst, at), b.load(I8, b.ptradd(src, at)))
        _again(f, index, head, end)
        b.br(done)
    b.position(done)


def fill_loop(f: Fn, dst: Value, byte: Value, size: Value) -> None:
    """Fill ``size`` bytes one by one."""
    b = f.b
    if isinstance(size, Const):
        b.memset(dst, byte, size.value)
        return
    index, head, end = _counted(f, size, "fill")
    b.store(b.ptradd(dst, index), byte)
    _again(f, index, head, end)
