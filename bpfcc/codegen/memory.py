"""Selection of loads, stores and block operations.

A constant offset always goes into the access. An access whose alignment is not known to be natural
is split: the kernel demands natural alignment on the stack and in the context, and elsewhere on
machines that cannot do without. Frame objects lie on 8-byte boundaries (``frame``), so for them the
offset alone tells the alignment.
"""

from __future__ import annotations

from typing import Literal

from ..ir.values import Const, Instr, Symbol, Undef, Value
from ..isa import insn as _i
from ..support.diagnostics import FixIt
from .mir import FP, JUMP, MOV64, MOV64_IMM, VOLATILE, FrameObject, MBlock, MInsn
from .selector import Address, Selector, fits32
from .widths import SIGN

MAX_UNROLLED = 128
MAX_BLOCK = 4096
_SIZES = _i.BYTES_SIZE


def known_align(place: Address, claimed: int) -> int:
    """Return the alignment of ``place``: as claimed, or as what it lies in makes it."""
    whole = place.off | place.align
    return max(claimed, whole & -whole)


def load_piece(s: Selector, dst: int, place: Address, at: int, size: int) -> MInsn:
    """Dst = ``size`` bytes at ``place`` + at, zero-extended."""
    insn = s.emit(_i.LDX | _i.MEM | _SIZES[size], dst, place.base, place.off + at)
    insn.frame = place.frame
    insn.core = place.core
    return insn


def store_piece(s: Selector, place: Address, at: int, size: int, src: int) -> MInsn:
    """``size`` bytes at ``place`` + at = low bits of src."""
    insn = s.emit(_i.STX | _i.MEM | _SIZES[size], place.base, src, place.off + at)
    insn.frame = place.frame
    insn.core = place.core
    return insn


def store_imm(s: Selector, place: Address, at: int, size: int, imm: int) -> None:
    """``size`` bytes at ``place`` + at = the signed 32-bit ``imm``.

    The context takes registers only: kernels before 6.3 refuse an immediate store into it.
    """
    if place.ctx:
        value = s.temp()
        s.emit(MOV64_IMM, value, imm=imm)
        store_piece(s, place, at, size, value)
        return
    insn = s.emit(_i.ST | _i.MEM | _SIZES[size], place.base, -1, place.off + at, imm)
    insn.frame = place.frame
    insn.core = place.core


def load(s: Selector, instr: Instr) -> None:
    """Select a load: sign-extending from v4 on, where SIGN form is wanted."""
    size = instr.type.size
    place = s.address(instr.args[0], instr.attrs.get("off", 0), size)
    align = known_align(place, instr.attrs.get("align") or size)
    dst = s.result(instr)
    bits = instr.type.bits
    sign = s.widths.form(instr) == SIGN and s.widths.movsx and bits < 64
    if align < size and place.core is None:
        _load_split(s, dst, place, size, align)
        if sign:
            s.sign_extend(dst, dst, bits)
            return
    else:
        insn = load_piece(s, dst, place, 0, size)
        if sign:
            insn.op = _i.LDX | _i.MEMSX | _SIZES[size]
        if instr.attrs.get("volatile"):
            insn.extra = VOLATILE
    s.define(instr, dst)


def _load_split(s: Selector, dst: int, place: Address, size: int, align: int) -> None:
    """Gather a value from aligned pieces, most significant first: acc = acc << w | piece."""
    width = align * 8
    offsets = range(size - align, -1, -align)
    if s.options.big_endian:
        offsets = range(0, size, align)
    acc = s.temp()
    for n, at in enumerate(offsets):
        if n == 0:
            load_piece(s, acc, place, at, align)
            continue
        s.emit(_i.ALU64 | _i.LSH | _i.K, acc, imm=width)
        part = s.temp()
        load_piece(s, part, place, at, align)
        s.emit(_i.ALU64 | _i.OR | _i.X, acc, part)
    s.emit(MOV64, dst, acc)


def store(s: Selector, instr: Instr) -> None:
    """Select a store; a constant goes into the instruction."""
    pointer, value = instr.args
    size = value.type.size
    place = s.address(pointer, instr.attrs.get("off", 0), size)
    align = known_align(place, instr.attrs.get("align") or size)
    if align < size and place.core is None:
        _store_split(s, place, value, size, align)
        return
    imm = store_value(value, size)
    if imm is not None:
        store_imm(s, place, 0, size, imm)
    else:
        store_piece(s, place, 0, size, s.reg(value))


def store_value(value: Value, size: int) -> int | None:
    """Return ``value`` as the immediate of a store of ``size`` bytes, if it is one."""
    if isinstance(value, Undef):
        return 0
    if not isinstance(value, Const):
        return None
    if size == 8:
        return value.signed if fits32(value.signed) else None
    return value.signed if value.type.bits > 1 else value.value


def _store_split(s: Selector, place: Address, value: Value, size: int, align: int) -> None:
    pieces = range(0, size, align)
    if isinstance(value, (Const, Undef)):
        number = value.value if isinstance(value, Const) else 0
        for at in pieces:
            shift = (size - align - at if s.options.big_endian else at) * 8
            part = number >> shift & ((1 << align * 8) - 1)
            store_imm(s, place, at, align, part - (1 << 32) if part >> 31 else part)
        return
    src = s.reg(value)
    for at in pieces:
        shift = (size - align - at if s.options.big_endian else at) * 8
        if not shift:
            store_piece(s, place, at, align, src)
            continue
        part_reg = s.copy(src)
        s.emit(_i.ALU64 | _i.RSH | _i.K, part_reg, imm=shift)
        store_piece(s, place, at, align, part_reg)


# -- block operations ---------------------------------------------------------------------------


def pieces(size: int, align: int) -> list[tuple[int, int]]:
    """Cut ``size`` bytes into (offset, width), each as wide as ``align`` and 8 bytes allow."""
    out = []
    at = 0
    width = min(align, 8)
    while at < size:
        while width > size - at:
            width //= 2
        out.append((at, width))
        at += width
    return out


def _check_size(s: Selector, instr: Instr) -> bool:
    size = instr.attrs["size"]
    if size <= MAX_BLOCK:
        return True
    s.options.sink.error(
        "bpf-block-size",
        f"{instr.op} of {size} bytes: at most {MAX_BLOCK} bytes can be copied or filled inline",
        instr.span,
        fixits=[FixIt("copy in a loop, or with a helper such as bpf_probe_read_kernel")],
    )
    return False


def _pow2(align: int) -> int:
    align = max(1, align)
    return align & -align


def _loop_bases(s: Selector, places: list[Address], size: int, width: int) -> int:
    """Turn ``places`` into moving pointers for a loop of ``width``-byte steps; the counter."""
    for place in places:
        moving = s.temp()
        if place.frame is not None:
            s.address_of(moving, place.frame, place.off)
            place.off, place.frame = 0, None
        else:
            s.emit(MOV64, moving, place.base)
        place.base = moving
    counter = s.temp()
    s.emit(MOV64_IMM, counter, imm=size // width)
    return counter


def _close_loop(s: Selector, places: list[Address], width: int, counter: int, head: MBlock) -> None:
    for place in places:
        s.emit(_i.ALU64 | _i.ADD | _i.K, place.base, imm=width)
    s.emit(_i.ALU64 | _i.ADD | _i.K, counter, imm=-1)
    after = s.new_block("copied")
    branch = s.emit(_i.JMP | _i.JNE | _i.K, counter, imm=0)
    branch.targets = [head, after]
    s.place(after)


def memcpy(s: Selector, instr: Instr) -> None:
    """Select memcpy: pairs of load and store, or a loop of them."""
    if not _check_size(s, instr):
        return
    size = instr.attrs["size"]
    content = _constant_bytes(s, instr.args[1], size)
    dst = s.address(instr.args[0], 0, size, pieces=True)
    if content is not None:
        align = _block_align(instr, dst)
        if len(pieces(size, min(align, 4))) <= MAX_UNROLLED:
            _store_bytes(s, dst, content, align)
            return
    src = s.address(instr.args[1], 0, size, pieces=True)
    copy_bytes(s, dst, src, size, _block_align(instr, dst, src))


def _constant_bytes(s: Selector, pointer: Value, size: int) -> bytes | None:
    """Return the bytes that ``pointer`` leads to, where nothing ever changes them."""
    pointer, off = s.base_of(pointer, reuse=False)
    if not isinstance(pointer, Symbol):
        return None
    var = s.globals.get(pointer.name)
    start = off + pointer.addend
    if var is None or not var.constant or var.relocs or not 0 <= start <= len(var.init) - size:
        return None
    return var.init[start : start + size]


def _store_bytes(s: Selector, dst: Address, content: bytes, align: int) -> None:
    """Write known bytes: 8 at a time where that is an immediate, else 4."""
    order: Literal["little", "big"] = "big" if s.options.big_endian else "little"
    for at, width in pieces(len(content), align):
        value = int.from_bytes(content[at : at + width], order, signed=True)
        if width < 8 or fits32(value):
            store_imm(s, dst, at, width, value)
            continue
        for half in (at, at + 4):
            value = int.from_bytes(content[half : half + 4], order, signed=True)
            store_imm(s, dst, half, 4, value)


def _block_align(instr: Instr, *places: Address) -> int:
    claimed = _pow2(instr.attrs.get("align", 1))
    return min(known_align(place, claimed) for place in places)


def copy_bytes(s: Selector, dst: Address, src: Address, size: int, align: int) -> None:
    """Copy ``size`` bytes from ``src`` to ``dst``, which do not overlap."""
    parts = pieces(size, align)
    if len(parts) > MAX_UNROLLED:
        width = parts[0][1]
        whole = size // width * width
        counter = _loop_bases(s, [dst, src], whole, width)
        head = s.new_block("copy")
        s.emit(JUMP).targets = [head]
        s.place(head)
        value = s.temp()
        load_piece(s, value, src, 0, width)
        store_piece(s, dst, 0, width, value)
        _close_loop(s, [dst, src], width, counter, head)
        parts = [(at - whole, w) for at, w in parts if at >= whole]
    for at, width in parts:
        value = s.temp()
        load_piece(s, value, src, at, width)
        store_piece(s, dst, at, width, value)


def memmove(s: Selector, instr: Instr) -> None:
    """Select memmove: read everything into registers before writing, or go through the frame."""
    if not _check_size(s, instr):
        return
    size = instr.attrs["size"]
    dst = s.address(instr.args[0], 0, size, pieces=True)
    src = s.address(instr.args[1], 0, size, pieces=True)
    align = _block_align(instr, dst, src)
    parts = pieces(size, align)
    if len(parts) <= 4:
        values = []
        for at, width in parts:
            values.append(s.temp())
            load_piece(s, values[-1], src, at, width)
        for (at, width), value in zip(parts, values):
            store_piece(s, dst, at, width, value)
        return
    between = FrameObject(len(s.out.frame), size, 8, "memmove", instr.span)
    s.out.frame.append(between)
    copy_bytes(s, Address(FP, 0, between), src, size, align)
    copy_bytes(s, dst, Address(FP, 0, between), size, align)


def memset(s: Selector, instr: Instr) -> None:
    """Select memset: immediate stores where the value is known."""
    if not _check_size(s, instr):
        return
    size = instr.attrs["size"]
    value = instr.args[1]
    place = s.address(instr.args[0], 0, size, pieces=True)
    parts = pieces(size, _block_align(instr, place))
    byte = value.value if isinstance(value, Const) else 0 if isinstance(value, Undef) else None
    wide = [part for part in parts if part[1] == 8]
    if byte is not None and byte not in (0, 255) and 0 < len(wide) < 3:
        # A 64-bit immediate is sign-extended: two 4-byte stores are shorter than a wide load.
        parts = [p for at, w in parts for p in ([(at, 4), (at + 4, 4)] if w == 8 else [(at, w)])]
        wide = []
    pattern = -1
    if byte is None or (wide and byte not in (0, 255)) or place.ctx or len(parts) > MAX_UNROLLED:
        pattern = _pattern(s, value, byte, max(w for _, w in parts))
    if len(parts) > MAX_UNROLLED:
        parts = _memset_loop(s, place, parts, size, pattern)
    for at, width in parts:
        if pattern >= 0 and (byte is None or width == 8 or place.ctx):
            store_piece(s, place, at, width, pattern)
        else:
            number = (byte or 0) * (0x0101010101010101 & ((1 << width * 8) - 1))
            number = number & 0xFFFFFFFF if width < 8 else -1 if number else 0
            store_imm(s, place, at, width, number - (1 << 32) if number >> 31 == 1 else number)


def _memset_loop(
    s: Selector, place: Address, parts: list[tuple[int, int]], size: int, pattern: int
) -> list[tuple[int, int]]:
    """Fill all full-width pieces in a loop; the rest is returned."""
    width = parts[0][1]
    whole = size // width * width
    counter = _loop_bases(s, [place], whole, width)
    head = s.new_block("fill")
    s.emit(JUMP).targets = [head]
    s.place(head)
    store_piece(s, place, 0, width, pattern)
    _close_loop(s, [place], width, counter, head)
    return [(at - whole, w) for at, w in parts if at >= whole]


def _pattern(s: Selector, value: Value, byte: int | None, width: int) -> int:
    """Return a register with the byte repeated ``width`` times."""
    ones = 0x0101010101010101 & ((1 << width * 8) - 1)
    out = s.temp()
    if byte is not None:
        s.load_constant(out, byte * ones)
        return out
    s.emit(MOV64, out, s.zreg(value))
    if width > 1:
        if width < 8:
            s.emit(_i.ALU64 | _i.MUL | _i.K, out, imm=ones)
        else:
            factor = s.temp()
            s.load_constant(factor, ones)
            s.emit(_i.ALU64 | _i.MUL | _i.X, out, factor)
    return out
