"""bpf_snprintf_btf: data in words, by its BTF type, in the kernel's own layout.

Types are those that the object's BTF describes (``World.types``, filled by ``load``). Pointers are
shown as they are, where the kernel shows a hash of them unless BTF_F_PTR_RAW is given.
Source: kernel/bpf/btf.c (btf_show and its callers), kernel/trace/bpf_trace.c.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...btf.layout import byte_size, strip, strip_qualifiers
from ...btf.types import (
    Array,
    Enum,
    Int,
    Member,
    Ptr,
    Struct,
    Typedef,
    TypeRef,
    Union,
)
from ..errnos import EFAULT, EINVAL, ENOENT
from .probe import probe_bytes
from .register import helper, u32

if TYPE_CHECKING:
    from ..run import Run

COMPACT, NONAME, RAW, ZERO = 1, 2, 4, 8
_MOST_SUFFIXES = 10
_NAME = 79  # characters of a name that are kept


class Shower:
    """Writes one value; ``text`` is what came out."""

    def __init__(self, flags: int, order: str) -> None:
        self.flags = flags
        self.order = order
        self.parts: list[str] = []
        self.depth = 0
        self.member: Member | None = None
        self.in_array = False  # of the element being shown, and all in it
        self.chars = False
        self.terminated = False

    @property
    def text(self) -> str:
        """What was written."""
        return "".join(self.parts)

    # --- pieces ----------------------------------------------------------------------------

    def _indent(self) -> str:
        return "" if self.flags & COMPACT else " " * min(self.depth, 32)

    def _newline(self) -> str:
        return "" if self.flags & COMPACT else "\n"

    def _delimiter(self) -> str:
        return "," if self.depth else ""

    def _name(self, type: TypeRef) -> str:
        """Return ``.member = (type)`` and the bracket that opens an aggregate."""
        if self.in_array:
            return ""
        member = ""
        if self.member is not None:
            member = self.member.name
            type = self.member.type
        name, stars, arrays = "", "", ""
        typedef = False
        for _ in range(_MOST_SUFFIXES):
            type = strip_qualifiers(type)
            if isinstance(type, Typedef):
                name = name or type.name
                typedef = True
            elif isinstance(type, Array):
                arrays += "[]"
            elif isinstance(type, Ptr):
                stars += "*"
                if type.type is None:
                    type = None
                    break
            else:
                break
            type = type.type
        else:
            return ""
        bracket = "[" if arrays else ""
        prefix = ""
        if isinstance(type, Struct):
            prefix = "union" if isinstance(type, Union) else "struct"
            bracket = bracket or "{"
        elif isinstance(type, Enum):
            prefix = "enum"
        name = name or getattr(type, "name", "") or ""
        if stars:
            bracket = ""
        if typedef:
            prefix = ""
        if self.flags & NONAME:
            return bracket
        before = f".{member} = " if member else ""
        space = " " if prefix and name else ""
        gap = " " if stars else ""
        return f"{before}({prefix}{space}{name}{gap}{stars}{arrays}){bracket}"[:_NAME]

    def _value(self, type: TypeRef, value: int, text: str) -> None:
        if value or self.flags & ZERO or not self.depth:
            self.parts.append(
                f"{self._indent()}{self._name(type)}{text}{self._delimiter()}{self._newline()}"
            )

    # --- kinds -----------------------------------------------------------------------------

    def show(self, type: TypeRef, data: bytes) -> None:
        """Write ``data`` as ``type``."""
        bare = strip(type)
        if isinstance(bare, (Struct, Array)):
            if self.depth and not self.flags & ZERO and not self._has_something(type, data):
                self.member = None
                return
            self._aggregate(type, data)
        elif isinstance(bare, Int):
            self._int(type, bare, data)
        elif isinstance(bare, Enum):
            self._enum(type, bare, data)
        elif isinstance(bare, Ptr):
            value = int.from_bytes(data[:8], self.order)  # type: ignore[arg-type]
            self._value(type, value, f"0x{value:016x}")
        else:
            self.parts.append("<unsupported kind>")

    def _has_something(self, type: TypeRef, data: bytes) -> bool:
        trial = Shower(self.flags, self.order)
        trial.depth = self.depth
        trial.in_array = self.in_array
        trial._aggregate(type, data, frame=False)
        return bool(trial.parts)

    def _aggregate(self, type: TypeRef, data: bytes, *, frame: bool = True) -> None:
        if frame:
            self.parts.append(f"{self._indent()}{self._name(type)}{self._newline()}")
        self.depth += 1
        bare = strip(type)
        if isinstance(bare, Array):
            self._elements(bare, data)
        else:
            assert isinstance(bare, Struct)
            self._members(bare, data)
        self.depth -= 1
        if frame:
            end = "]" if isinstance(bare, Array) else "}"
            self.parts.append(f"{self._indent()}{end}{self._delimiter()}{self._newline()}")

    def _elements(self, type: Array, data: bytes) -> None:
        step = byte_size(type.type)
        element = strip(type.type)
        self.chars = isinstance(element, Int) and element.size == 1
        self.terminated = False
        for index in range(type.nelems):
            self.in_array = True
            self.member = None
            self.show(type.type, data[index * step : (index + 1) * step])
            self.in_array = False
            if self.terminated:
                break
        self.chars = self.terminated = False

    def _members(self, type: Struct, data: bytes) -> None:
        for member in type.members:
            self.member = member
            at = member.bit_offset // 8
            if member.bitfield_size:
                whole = int.from_bytes(data, self.order)  # type: ignore[arg-type]
                shift = member.bit_offset
                if self.order == "big":
                    shift = len(data) * 8 - shift - member.bitfield_size
                value = whole >> shift & (1 << member.bitfield_size) - 1
                self._value(member.type, value, f"{value:#x}")
            else:
                self.show(member.type, data[at : at + byte_size(member.type)])
            self.member = None

    def _int(self, type: TypeRef, bare: Int, data: bytes) -> None:
        signed = bool(bare.encoding & Int.SIGNED)
        value = int.from_bytes(data[: bare.size], self.order, signed=signed)  # type: ignore[arg-type]
        if bare.size == 16:
            self._value(type, value, f"{value & (1 << 128) - 1:#x}")
            return
        if bare.size == 1 and self.chars:
            if self.terminated:
                return
            if not value:
                self.terminated = True
                return
            if 0x20 <= value & 0xFF < 0x7F:
                self._value(type, value, f"'{chr(value & 0xFF)}'")
                return
        self._value(type, value, str(value))

    def _enum(self, type: TypeRef, bare: Enum, data: bytes) -> None:
        value = int.from_bytes(data[: bare.size], self.order, signed=True)  # type: ignore[arg-type]
        unsigned = value & (1 << bare.size * 8) - 1
        for name, number in bare.values:
            if number & (1 << bare.size * 8) - 1 == unsigned:
                self._value(type, value, name)
                return
        self._value(type, value, str(value if bare.signed else unsigned))


def _shown(run: Run, place: int, size: int, flags: int) -> bytes | int:
    if size != 16 or flags & ~0xF:
        return -EINVAL
    order = run.world.byteorder
    raw = run.memory.read(place, 16)
    address = int.from_bytes(raw[:8], order)
    number = int.from_bytes(raw[8:12], order)
    if not number:
        return -EINVAL
    if number not in run.world.types:
        return -ENOENT
    type = run.world.types[number]
    data = probe_bytes(run, address, byte_size(type))
    if data is None:
        return -EFAULT
    shower = Shower(flags, order)
    shower.show(type, data)
    return shower.text.encode()


@helper("snprintf_btf")
def snprintf_btf(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_snprintf_btf(buffer, size, btf_ptr, its size, flags)``: length without the NUL."""
    text = _shown(run, r3, u32(r4), r5)
    if isinstance(text, int):
        return text
    size = u32(r2)
    if size:
        run.memory.write(r1, text[: size - 1] + b"\0")
    return len(text)


@helper("seq_printf_btf")
def seq_printf_btf(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_seq_printf_btf(seq, btf_ptr, its size, flags)``."""
    text = _shown(run, r2, u32(r3), r4)
    if isinstance(text, int):
        return text
    run.world.seq_output.setdefault(r1, bytearray()).extend(text)
    return 0
