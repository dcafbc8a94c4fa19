"""What is known of a number: a tnum and ranges, signed and unsigned, of 64 and of its low 32 bits.

``Val`` is immutable and shared, so copying a register copies one reference. All functions are
pure and give what the kernel's verifier computes (kernel/bpf/verifier.c, ``scalar_min_max_*``,
``reg_bounds_sync``), step for step: a bound that is tighter or looser changes verdicts.
"""

from __future__ import annotations

from . import tnum
from .tnum import U32, U64

S64_MIN, S64_MAX = -(1 << 63), (1 << 63) - 1
S32_MIN, S32_MAX = -(1 << 31), (1 << 31) - 1
_HIGH = U64 ^ U32


class Val:
    """An abstract number. ``v``/``m`` is the tnum, the rest are inclusive bounds."""

    __slots__ = ("m", "smax", "smax32", "smin", "smin32", "umax", "umax32", "umin", "umin32", "v")

    def __init__(
        self,
        v: int,
        m: int,
        smin: int,
        smax: int,
        umin: int,
        umax: int,
        smin32: int,
        smax32: int,
        umin32: int,
        umax32: int,
    ) -> None:
        self.v = v
        self.m = m
        self.smin = smin
        self.smax = smax
        self.umin = umin
        self.umax = umax
        self.smin32 = smin32
        self.smax32 = smax32
        self.umin32 = umin32
        self.umax32 = umax32

    def key(self) -> tuple[int, ...]:
        """Return every field, for comparing."""
        return (
            self.v,
            self.m,
            self.smin,
            self.smax,
            self.umin,
            self.umax,
            self.smin32,
            self.smax32,
            self.umin32,
            self.umax32,
        )

    def __repr__(self) -> str:
        if not self.m:
            return f"Val({signed64(self.v)})"
        return (
            f"Val(s64=[{self.smin},{self.smax}] u64=[{self.umin},{self.umax}]"
            f" s32=[{self.smin32},{self.smax32}] u32=[{self.umin32},{self.umax32}]"
            f" {tnum.show(self.v, self.m)})"
        )


def signed64(x: int) -> int:
    """Return the 64-bit pattern ``x`` as a signed number."""
    x &= U64
    return x - (1 << 64) if x >> 63 else x


def signed32(x: int) -> int:
    """Return the low 32 bits of ``x`` as a signed number."""
    x &= U32
    return x - (1 << 32) if x >> 31 else x


_consts: dict[int, Val] = {}


def const(x: int) -> Val:
    """Return the value that is exactly ``x`` (taken modulo 2**64)."""
    x &= U64
    val = _consts.get(x)
    if val is None:
        s, low = signed64(x), x & U32
        s32 = signed32(low)
        val = Val(x, 0, s, s, x, x, s32, s32, low, low)
        if len(_consts) > 200_000:
            _consts.clear()
            _consts[0] = ZERO
        _consts[x] = val
    return val


ZERO = Val(0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
_consts[0] = ZERO
UNKNOWN = Val(0, U64, S64_MIN, S64_MAX, 0, U64, S32_MIN, S32_MAX, 0, U32)


def sync(
    v: int,
    m: int,
    smin: int,
    smax: int,
    umin: int,
    umax: int,
    smin32: int,
    smax32: int,
    umin32: int,
    umax32: int,
) -> Val:
    """Let tnum and bounds inform each other; the kernel's ``reg_bounds_sync``."""
    if not m:
        val = const(v)
        if (
            smin <= val.smin <= smax
            and umin <= v <= umax
            and smin32 <= val.smin32 <= smax32
            and umin32 <= val.umin32 <= umax32
        ):
            return val
    # Bounds from the tnum.
    lv, lm = v & U32, m & U32
    x = signed32(lv | lm & 0x80000000)
    if x > smin32:
        smin32 = x
    x = signed32(lv | lm & 0x7FFFFFFF)
    if x < smax32:
        smax32 = x
    if lv > umin32:
        umin32 = lv
    x = lv | lm
    if x < umax32:
        umax32 = x
    x = signed64(v | m & (1 << 63))
    if x > smin:
        smin = x
    x = signed64(v | m & S64_MAX)
    if x < smax:
        smax = x
    if v > umin:
        umin = v
    x = v | m
    if x < umax:
        umax = x
    # Bounds from bounds, three rounds at most.
    for _ in range(3):
        before = (smin, smax, umin, umax, smin32, smax32, umin32, umax32)
        # 32 bits from 64.
        if umin >> 32 == umax >> 32:
            a, b = umin & U32, umax & U32
            if a > umin32:
                umin32 = a
            if b < umax32:
                umax32 = b
            a, b = signed32(a), signed32(b)
            if a <= b:
                if a > smin32:
                    smin32 = a
                if b < smax32:
                    smax32 = b
        if smin >> 32 == smax >> 32:
            a, b = smin & U32, smax & U32
            if a <= b:
                if a > umin32:
                    umin32 = a
                if b < umax32:
                    umax32 = b
            a, b = signed32(a), signed32(b)
            if a <= b:
                if a > smin32:
                    smin32 = a
                if b < smax32:
                    smax32 = b
        if (umin >> 32) + 1 & U32 == umax >> 32:
            a, b = signed32(umin), signed32(umax)
            if a < 0 <= b:
                if a > smin32:
                    smin32 = a
                if b < smax32:
                    smax32 = b
        if (smin >> 32) + 1 & U32 == smax >> 32 & U32:
            a, b = signed32(smin), signed32(smax)
            if a < 0 <= b:
                if a > smin32:
                    smin32 = a
                if b < smax32:
                    smax32 = b
        # Signed and unsigned 32 bits.
        a, b = signed32(umin32), signed32(umax32)
        if a <= b:
            if a > smin32:
                smin32 = a
            if b < smax32:
                smax32 = b
        a, b = smin32 & U32, smax32 & U32
        if a <= b:
            if a > umin32:
                umin32 = a
            if b < umax32:
                umax32 = b
        elif umax32 < a:
            smin32 = signed32(umin32)
            if b < umax32:
                umax32 = b
        elif b < umin32:
            smax32 = signed32(umax32)
            if a > umin32:
                umin32 = a
        # Signed and unsigned 64 bits.
        a, b = signed64(umin), signed64(umax)
        if a <= b:
            if a > smin:
                smin = a
            if b < smax:
                smax = b
        a, b = smin & U64, smax & U64
        if a <= b:
            if a > umin:
                umin = a
            if b < umax:
                umax = b
        elif umax < a:
            smin = signed64(umin)
            if b < umax:
                umax = b
        elif b < umin:
            smax = signed64(umax)
            if a > umin:
                umin = a
        # 64 bits from 32.
        x = umin & _HIGH | umin32
        if x > umin:
            umin = x
        x = umax & _HIGH | umax32
        if x < umax:
            umax = x
        x = signed64(smin & _HIGH | umin32)
        if x > smin:
            smin = x
        x = signed64(smax & _HIGH | umax32)
        if x < smax:
            smax = x
        if smin32 >= 0 and smin >= S32_MIN and smax <= S32_MAX:
            smin = umin = smin32
            smax = umax = smax32
            rv, rm = tnum.of_range(smin & U64, smax & U64)
            v, m = tnum.intersect(v, m, rv, rm)
        if before == (smin, smax, umin, umax, smin32, smax32, umin32, umax32):
            break
    # The tnum from bounds.
    rv, rm = tnum.of_range(umin, umax)
    v, m = tnum.intersect(v, m, rv, rm)
    rv, rm = tnum.of_range(umin32, umax32)
    lv, lm = tnum.intersect(v & U32, m & U32, rv, rm)
    v, m = v & _HIGH | lv, m & _HIGH | lm
    # Bounds from the tnum again.
    x = signed32(lv | lm & 0x80000000)
    if x > smin32:
        smin32 = x
    x = signed32(lv | lm & 0x7FFFFFFF)
    if x < smax32:
        smax32 = x
    if lv > umin32:
        umin32 = lv
    x = lv | lm
    if x < umax32:
        umax32 = x
    x = signed64(v | m & (1 << 63))
    if x > smin:
        smin = x
    x = signed64(v | m & S64_MAX)
    if x < smax:
        smax = x
    if v > umin:
        umin = v
    x = v | m
    if x < umax:
        umax = x
    if not m:
        val = const(v)
        if (
            smin == smax == val.smin
            and umin == umax == v
            and smin32 == smax32 == val.smin32
            and umin32 == umax32 == val.umin32
        ):
            return val
    return shared(v, m, smin, smax, umin, umax, smin32, smax32, umin32, umax32)


_shared: dict[tuple[int, ...], Val] = {UNKNOWN.key(): UNKNOWN}


def shared(*fields: int) -> Val:
    """Return the value with those fields, the same object for the same fields.

    Steps remember results by the identity of their operands, so sharing makes them meet.
    """
    val = _shared.get(fields)
    if val is None:
        if len(_shared) > 100_000:
            _shared.clear()
            _shared[UNKNOWN.key()] = UNKNOWN
        val = _shared[fields] = Val(*fields)
    return val


def checked(val: Val) -> Val:
    """Return ``val``, or the same with unbounded ranges where they contradict each other.

    The kernel's ``reg_bounds_sanity_check`` on branches that cannot be taken.
    """
    if (
        val.umin > val.umax
        or val.smin > val.smax
        or val.umin32 > val.umax32
        or val.smin32 > val.smax32
    ):
        return unbounded(val.v, val.m)
    if not val.m and val is not const(val.v):
        if not (val.umin == val.umax == val.v and val.smin == val.smax == signed64(val.v)):
            return unbounded(val.v, val.m)
    if not val.m & U32:
        low = val.v & U32
        if not (val.umin32 == val.umax32 == low and val.smin32 == val.smax32 == signed32(low)):
            return unbounded(val.v, val.m)
    return val


def unbounded(v: int, m: int) -> Val:
    """Return a value of which only the tnum is known."""
    return shared(v, m, S64_MIN, S64_MAX, 0, U64, S32_MIN, S32_MAX, 0, U32)


def of_range(low: int, high: int) -> Val:
    """Return the value low..high, both >= 0."""
    v, m = tnum.of_range(low, high)
    return sync(v, m, low, high, low, high, S32_MIN, S32_MAX, 0, U32)


def narrow_signed(val: Val, low: int, high: int) -> Val:
    """Return ``val`` known to be low..high as a 32-bit and as a 64-bit signed number."""
    return sync(
        val.v,
        val.m,
        max(val.smin, low),
        min(val.smax, high),
        val.umin,
        val.umax,
        max(val.smin32, low),
        min(val.smax32, high),
        val.umin32,
        val.umax32,
    )


def truncate(val: Val, size: int) -> Val:
    """Return the low ``size`` bytes, zero extended (``coerce_reg_to_size``)."""
    if size == 8:
        return val
    mask = (1 << size * 8) - 1
    if not val.m:
        return const(val.v & mask)
    if val.umin & ~mask == val.umax & ~mask:
        umin, umax = val.umin & mask, val.umax & mask
    else:
        umin, umax = 0, mask
    if size < 4:
        return sync(val.v & mask, val.m & mask, umin, umax, umin, umax, S32_MIN, S32_MAX, 0, U32)
    return sync(
        val.v & mask,
        val.m & mask,
        umin,
        umax,
        umin,
        umax,
        val.smin32,
        val.smax32,
        val.umin32,
        val.umax32,
    )


def extend(val: Val, size: int) -> Val:
    """Return the low ``size`` bytes, sign extended to 64 bits (``coerce_reg_to_size_sx``)."""
    bits = size * 8
    half = 1 << bits - 1
    mask = (1 << bits) - 1
    if not val.m:
        return const((val.v & mask ^ half) - half)
    if val.smax >> bits == val.smin >> bits:
        a = (val.smax & mask ^ half) - half
        b = (val.smin & mask ^ half) - half
        high, low = max(a, b), min(a, b)
        if (high >= 0) == (low >= 0):
            v, m = tnum.of_range(low & U64, high & U64)
            return Val(v, m, low, high, low & U64, high & U64, low, high, low & U32, high & U32)
    return Val(0, U64, -half, half - 1, 0, U64, -half, half - 1, 0, U32)


def extend32(val: Val, size: int) -> Val:
    """Return the low ``size`` bytes, sign extended to 32 bits, zeros above (32-bit movsx)."""
    bits = size * 8
    half = 1 << bits - 1
    mask = (1 << bits) - 1
    if not val.m & U32:
        return const((val.v & mask ^ half) - half & U32)
    low32, high32 = val.smin32, val.smax32
    if high32 >> bits == low32 >> bits:
        a = (high32 & mask ^ half) - half
        b = (low32 & mask ^ half) - half
        high, low = max(a, b), min(a, b)
        if (high >= 0) == (low >= 0):
            v, m = tnum.of_range(low & U32, high & U32)
            return zext(v, m, low, high, low & U32, high & U32)
    return zext(0, U32, -half, half - 1, 0, U32)


def zext(v: int, m: int, smin32: int, smax32: int, umin32: int, umax32: int) -> Val:
    """Return the 64-bit value whose low half is given and whose high half is 0."""
    if smin32 >= 0 and smax32 >= 0:
        smin, smax = smin32, smax32
    else:
        smin, smax = 0, U32
    return sync(v & U32, m & U32, smin, smax, umin32, umax32, smin32, smax32, umin32, umax32)


def low32(val: Val) -> Val:
    """Return the low half, zero extended (a 32-bit move)."""
    if not val.m:
        return const(val.v & U32)
    return zext(val.v, val.m, val.smin32, val.smax32, val.umin32, val.umax32)


def within(old: Val, new: Val) -> bool:
    """Tell whether every value of ``new`` is one of ``old``, in every view."""
    return (
        old.umin <= new.umin
        and old.umax >= new.umax
        and old.smin <= new.smin
        and old.smax >= new.smax
        and old.umin32 <= new.umin32
        and old.umax32 >= new.umax32
        and old.smin32 <= new.smin32
        and old.smax32 >= new.smax32
        and not new.m & ~old.m
        and new.v & ~old.m == old.v
    )
