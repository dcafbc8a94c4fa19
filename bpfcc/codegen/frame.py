"""The frame: where each variable and spilled register lies below r10.

Every object starts on an 8-byte boundary, so that aligned accesses to it are aligned (``memory``
relies on it) and the kernel tracks small constants in it. In all but small frames, variables whose
lifetimes do not meet share bytes: the frames of a chain of calls have 512 bytes together. Where that
is not enough, objects are packed to their own size's alignment, which suffices for accesses inside
them. What still does not fit is the user's problem to solve: the diagnostic names the variables.
"""

from __future__ import annotations

from ..ir.module import Block, Function
from ..ir.values import Instr
from ..support.diagnostics import FixIt, Note
from .mir import ASM, JCOND, FrameObject, MFunction
from .options import CodegenOptions

LIMIT = 512
SMALL = 64  # bytes of a frame that need not be shared
_MAY_GOTO_BYTES = 16  # the kernel keeps its loop budget in the frame


def lay_out(function: MFunction, source: Function, options: CodegenOptions) -> None:
    """Set the offsets of the frame objects in use, and ``frame_size``.

    Reports: bpf-stack-size.
    """
    used: set[int] = set()
    limit = LIMIT
    for block in function.blocks:
        for insn in block.insns:
            if insn.frame is not None:
                used.add(insn.frame.index)
            elif insn.op == ASM:
                used.update(item.index for item in insn.extra.frames)
            elif insn.op == JCOND:
                limit = LIMIT - _MAY_GOTO_BYTES
    objects = [item for item in function.frame if item.index in used]
    function.frame = objects
    if not objects:
        function.frame_size = 0
        return
    size = 0
    for item in objects:
        size = (size + item.size + 7) & ~7
        item.offset = -size
    if size > SMALL:
        size = _pack(objects, source, 8)
    if size > limit:
        size = _pack(objects, source, 1)
    function.frame_size = size
    if size > limit:
        _too_big(function, objects, size, limit, options)


def _natural(item: FrameObject) -> int:
    """The alignment that serves every access inside the object."""
    if item.size <= 0:
        return 1
    return min(8, max(item.align, 1 << (item.size.bit_length() - 1)))


def _pack(objects: list[FrameObject], source: Function, least: int) -> int:
    """Place large objects first, each as near to r10 as those it lives with allow.

    Objects are aligned to their natural alignment, and to ``least`` bytes at least.
    """
    conflicts = _conflicts(source)
    placed: list[FrameObject] = []
    deepest = 0
    for item in sorted(objects, key=lambda o: (-o.size, o.index)):
        align = max(_natural(item), least)
        rivals = sorted(
            (-o.offset - o.size, -o.offset)
            for o in placed
            if item.source is None
            or o.source is None
            or conflicts is None
            or (item.source, o.source) in conflicts
        )
        low = 0
        for start, end in rivals:
            if _end(low, item.size, align) <= start:
                break
            low = max(low, end)
        end = _end(low, item.size, align)
        item.offset = -end
        deepest = max(deepest, end)
        placed.append(item)
    return (deepest + 7) & ~7


def _end(low: int, size: int, align: int) -> int:
    """Return the end (as distance below r10) of an object that starts no nearer than ``low``."""
    return -(-(low + size) // align) * align


def _conflicts(source: Function) -> set[tuple[Instr, Instr]] | None:
    """Return the pairs of allocas that live at one time, by the lifetime markers."""
    allocas = [i for i in source.blocks[0].instrs if i.op == "alloca"]
    number = {alloca: n for n, alloca in enumerate(allocas)}
    scoped = 0
    for instr in source.instrs():
        if instr.op == "lifetime" and instr.attrs["start"] and instr.args[0] in number:
            scoped |= 1 << number[instr.args[0]]
    always = ((1 << len(allocas)) - 1) & ~scoped
    live_in: dict[Block, int] = dict.fromkeys(source.blocks, always)
    together = [0] * len(allocas)
    work = list(source.blocks)
    while work:
        block = work.pop()
        live = live_in[block]
        _meet(live, together)
        for instr in block.instrs:
            if instr.op == "lifetime" and instr.args[0] in number:
                bit = 1 << number[instr.args[0]]
                live = live | bit if instr.attrs["start"] else live & ~bit | always
                _meet(live, together)
        for succ in block.successors:
            if live | live_in[succ] != live_in[succ]:
                live_in[succ] |= live
                work.append(succ)
    return {
        (a, b)
        for a in allocas
        for b in allocas
        if (together[number[a]] >> number[b] | together[number[b]] >> number[a]) & 1
    }


def _meet(live: int, together: list[int]) -> None:
    mask = live
    while mask:
        low = mask & -mask
        mask ^= low
        together[low.bit_length() - 1] |= live


def _too_big(
    function: MFunction,
    objects: list[FrameObject],
    size: int,
    limit: int,
    options: CodegenOptions,
) -> None:
    variables = sorted((o for o in objects if not o.spill), key=lambda o: (-o.size, o.index))
    spills = sum(o.size for o in objects if o.spill)
    notes = [
        Note(f"'{o.name or 'a temporary'}' takes {o.size} bytes here", o.span)
        for o in variables[:5]
    ]
    if spills:
        notes.append(Note(f"values that found no register take {spills} bytes"))
    span = function.span
    if variables and variables[0].span is not None:
        span = variables[0].span
    advice = []
    if variables:
        name = variables[0].name or "the largest one"
        advice = [FixIt(f"move '{name}' to a BPF_MAP_TYPE_PERCPU_ARRAY value")]
    options.sink.error(
        "bpf-stack-size",
        f"{size} bytes of stack are needed in {function.name}(); the limit is {limit}",
        span,
        notes=notes,
        fixits=advice,
        kernel="Looks like the BPF stack limit is exceeded",
    )
