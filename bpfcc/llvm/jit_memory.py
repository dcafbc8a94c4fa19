"""Loads, stores and atomics of native code: the window test, the frame, and the access itself."""

from __future__ import annotations

from ..isa import table as _t
from ..isa.insn import Insn
from ..isa.table import Row
from ..vm.memory import FRAME_SIZE
from .jit_arith import Writer
from .jit_loops import window_name
from .jit_stubs import WINDOW_WORDS

_ATOMIC = {"add": "add", "or": "or", "and": "and", "xor": "xor"}
_FRAME_TOP = FRAME_SIZE


class MemoryWriter(Writer):
    """Writes accesses.

    ``windows``: name -> sizes of the accesses that test it. ``established``: those that need no
    test here. ``cc``: calling convention of rare calls, ``kept``: end of their names. ``quick``: an
    access is a call. ``swap``: the host's byte order is not the
    program's.
    """

    windows: dict[str, set[int]]
    established: set[str]
    checked: bool
    unwinds: bool
    cc: str
    kept: str
    quick: bool
    swap: bool

    # --- memory ----------------------------------------------------------------------------

    def _place(self, i: int, reg: int, off: int, size: int, access: int) -> str:
        """Write the test of an access; return the host pointer."""
        frame = self.state.frames[reg]
        if frame is not None and 0 <= _FRAME_TOP + frame + off <= _FRAME_TOP - size:
            if access < 2 or not (frame + off) % size:
                offset = _FRAME_TOP + frame + off
                return self.value(f"getelementptr inbounds i8, ptr %fp, i64 {offset}")
        window = window_name(self.state.groups[reg], access)
        self.windows.setdefault(window, set())
        addr = self.get(reg)
        if off:
            addr = self.value(f"add i64 {addr}, {off}")
        if self.quick:
            return self._quick_place(i, addr, size, access, window)
        bias = self.value(f"load ptr, ptr %{window}.bias")
        if window in self.established and access < 2:
            return self.value(f"getelementptr i8, ptr {bias}, i64 {addr}")
        self.windows.setdefault(window, set()).add(size)
        low = self.value(f"load i64, ptr %{window}.low")
        offset_name = self.value(f"sub i64 {addr}, {low}")
        length = self.value(f"load i64, ptr %{window}.fit{size}")
        good = self.value(f"icmp ult i64 {offset_name}, {length}")
        if access == 2 and size > 1:
            rest = self.value(f"and i64 {addr}, {size - 1}")
            aligned = self.value(f"icmp eq i64 {rest}, 0")
            good = self.value(f"and i1 {good}, {aligned}")
        hit, miss, filled, join = (
            self.fresh_label(what) for what in ("hit", "miss", "filled", "access")
        )
        self.line(f"br i1 {good}, label %{hit}, label %{miss}, !prof !1")
        self.start(hit)
        near = self.value(f"getelementptr i8, ptr {bias}, i64 {addr}")
        self.line(f"br label %{join}")
        far = self._miss(i, addr, size, access, window, (miss, filled, join))
        self.start(join)
        if not self.checked:
            self.established.add(window)
        return self.value(f"phi ptr [ {near}, %{hit} ], [ {far}, %{filled} ]")

    def _quick_place(self, i: int, addr: str, size: int, access: int, window: str) -> str:
        """Write the call that tests and finds; return the host pointer."""
        number = list(self.windows).index(window)
        where = "%windows"
        if number:
            where = self.value(
                f"getelementptr inbounds i64, ptr %windows, i64 {number * WINDOW_WORDS}"
            )
        info = self.code.slots[i] << 16 | access << 8 | size
        host = self.value(
            f"call ptr @place(ptr %ctx, i64 {addr}, i64 {info}, i64 {self.pending}, ptr %n, "
            f"ptr {where})"
        )
        bad = self.value(f"icmp eq ptr {host}, null")
        good = self.fresh_label("access")
        self.unwinds = True
        self.line(f"br i1 {bad}, label %unwind, label %{good}, !prof !0")
        self.start(good)
        return host

    def _miss(
        self, i: int, addr: str, size: int, access: int, window: str, labels: tuple[str, str, str]
    ) -> str:
        miss, filled, join = labels
        left = self.name()
        info = self.code.slots[i] << 16 | access << 8 | size
        far, bad = self.name(), self.name()
        self.unwinds = True
        n = self.name()
        self.cold += [
            f"{miss}:",
            f"  {n} = load i64, ptr %n",
            f"  {left} = sub i64 {n}, {self.pending}",
            f"  {far} = call {self.cc}ptr @miss{self.kept}(ptr %ctx, i64 {addr}, i64 {info}, i64 {left})",
            f"  {bad} = icmp eq ptr {far}, null",
            f"  br i1 {bad}, label %unwind, label %{filled}",
            f"{filled}:",
        ]
        self.cold.append(f"#fill {window}")
        self.cold.append(f"  br label %{join}")
        return far

    def _read(self, place: str, size: int) -> str:
        """Return the value in memory, ``size`` * 8 bits wide."""
        bits = size * 8
        value = self.value(f"load i{bits}, ptr {place}, align 1")
        return self._ordered(value, bits)

    def _ordered(self, value: str, bits: int) -> str:
        if self.swap and bits > 8:
            return self.value(f"call i{bits} @llvm.bswap.i{bits}(i{bits} {value})")
        return value

    def _write(self, place: str, value: str, size: int) -> None:
        bits = size * 8
        self.line(f"store i{bits} {self._ordered(value, bits)}, ptr {place}, align 1")

    def _narrow(self, reg: int, size: int) -> str:
        value = self.get(reg)
        return value if size == 8 else self.value(f"trunc i64 {value} to i{size * 8}")

    def _load(self, i: int, insn: Insn, row: Row) -> None:
        access = 2 if row.kind == _t.LOAD_ACQ else 0
        value = self._read(self._place(i, insn.src, insn.off, row.size, access), row.size)
        if row.size < 8:
            extend = "sext" if row.kind == _t.LDSX else "zext"
            value = self.value(f"{extend} i{row.size * 8} {value} to i64")
        self.put(insn.dst, value)

    def _store(self, i: int, insn: Insn, row: Row) -> None:
        access = 2 if row.kind == _t.STORE_REL else 1
        place = self._place(i, insn.dst, insn.off, row.size, access)
        if row.kind == _t.ST:
            value = str(insn.imm & (1 << row.size * 8) - 1)
        else:
            value = self._narrow(insn.src, row.size)
        self._write(place, value, row.size)

    def _atomic(self, i: int, insn: Insn, row: Row) -> None:
        size, bits = row.size, row.size * 8
        place = self._place(i, insn.dst, insn.off, size, 2)
        operand = self._narrow(insn.src, size)
        old = self._read(place, size)
        if row.op == "cmpxchg":
            same = self.value(f"icmp eq i{bits} {old}, {self._narrow(0, size)}")
            new = self.value(f"select i1 {same}, i{bits} {operand}, i{bits} {old}")
            self._write(place, new, size)
            self._put_result(0, old, bits)
            return
        op = row.op.removeprefix("fetch_")
        new = operand if op == "xchg" else self.value(f"{_ATOMIC[op]} i{bits} {old}, {operand}")
        self._write(place, new, size)
        if op == "xchg" or row.op != op:
            self._put_result(insn.src, old, bits)
