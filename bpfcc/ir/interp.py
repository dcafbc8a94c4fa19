"""A reference interpreter of the IR: slow, plain, and the meaning that passes must keep.

Memory is a set of regions of bytes. An address holds the region's number in its upper half and an
offset from ``BASE`` in its lower half, so that an access outside its region is a fault and never
hits another one. Allocas and globals start as zeros or their initial bytes; an undefined value
reads as zero. Events that other parts of the system would see (calls, atomics, volatile accesses,
packet loads, inline assembly) go to ``Machine.trace`` in order: two versions of a function are
equal when result, trace and memory are.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Union

from . import fold
from .module import Block, FuncRef, Function, HelperRef, KfuncRef, Module
from .ops import COMPARISONS
from .values import PTR, Const, CoreConst, Instr, Symbol, Type, Undef, Value

BASE = 1 << 16
_SHIFT = 32
_CASTS = frozenset({"zext", "sext", "trunc", "ptrtoint", "inttoptr", "addrspacecast"})
_ATOMICS: dict[str, Callable[[int, int], int]] = {
    "add": lambda a, b: a + b,
    "and": lambda a, b: a & b,
    "or": lambda a, b: a | b,
    "xor": lambda a, b: a ^ b,
    "xchg": lambda a, b: b,
}

Callee = Union[HelperRef, KfuncRef, FuncRef]
CallHook = Callable[["Machine", Callee, list[int]], int]


class Fault(Exception):
    """The program did what has no meaning: a bad access, an endless run, unreachable code."""


class Machine:
    """Runs functions of one module.

    ``call`` answers calls of helpers, kfuncs and functions without a body; without it they yield
    0. ``max_steps`` bounds the instructions of all runs together.
    """

    def __init__(
        self,
        module: Module,
        call: CallHook | None = None,
        *,
        big_endian: bool = False,
        max_steps: int = 100_000,
    ) -> None:
        self.module = module
        self.call = call
        self.order = "big" if big_endian else "little"
        self.steps = max_steps
        self.regions: dict[int, bytearray] = {}
        self.names: dict[int, str] = {}
        self.trace: list[tuple[object, ...]] = []
        self._symbols: dict[str, int] = {}

    # -- memory -----------------------------------------------------------------------------

    def allocate(self, content: bytes, name: str = "") -> int:
        """Make a region with these bytes; return its address."""
        number = len(self.regions) + 1
        self.regions[number] = bytearray(content)
        self.names[number] = name
        return (number << _SHIFT) + BASE

    def region(self, address: int) -> tuple[bytearray, int] | None:
        """Return the region that ``address`` points into and the offset there, or None."""
        content = self.regions.get(address >> _SHIFT)
        offset = (address & ((1 << _SHIFT) - 1)) - BASE
        if content is None or not 0 <= offset <= len(content):
            return None
        return content, offset

    def _locate(self, address: int, size: int) -> tuple[bytearray, int]:
        found = self.region(address)
        if found is None or found[1] + size > len(found[0]):
            raise Fault(f"access of {size} bytes at {address:#x}")
        return found

    def read(self, address: int, size: int) -> bytes:
        """Return ``size`` bytes of memory."""
        content, offset = self._locate(address, size)
        return bytes(content[offset : offset + size])

    def write(self, address: int, data: bytes) -> None:
        """Change memory."""
        content, offset = self._locate(address, len(data))
        content[offset : offset + len(data)] = data

    def place(self, address: int) -> tuple[str, int]:
        """Return the name of the region and the offset there; the same in equal programs.

        Of the stack only that: a pass may cut a local into several.
        """
        name = self.names.get(address >> _SHIFT, "?")
        return name, (address & ((1 << _SHIFT) - 1)) - BASE if name != "stack" else 0

    def _load(self, address: int, type: Type) -> int:
        value = int.from_bytes(self.read(address, type.size), self.order)  # type: ignore[arg-type]
        return value & ((1 << type.bits) - 1)

    def _store(self, address: int, value: int, size: int) -> None:
        data = (value & ((1 << size * 8) - 1)).to_bytes(size, self.order)  # type: ignore[arg-type]
        self.write(address, data)

    def symbol(self, name: str) -> int:
        """Return the address of a global, function or extern."""
        if name not in self._symbols:
            var = next((g for g in self.module.globals if g.name == name), None)
            address = self.allocate(var.init if var is not None else bytes(8), name)
            self._symbols[name] = address
            for reloc in var.relocs if var is not None else ():
                target = self.symbol(reloc.symbol) + reloc.addend
                self._store(address + reloc.offset, target, 8)
        return self._symbols[name]

    # -- running ----------------------------------------------------------------------------

    def run(self, function: Function, args: list[int]) -> int | None:
        """Run ``function``; return its result, None for void.

        Raises:
            Fault: where the program has no meaning.
        """
        env: dict[Value, int] = dict(zip(function.params, args))
        block, previous = function.blocks[0], None
        while True:
            phis = [(phi, self._incoming(phi, previous, env)) for phi in block.phis()]
            env.update(phis)
            for instr in block.instrs[len(phis) : -1]:
                self.steps -= 1
                self._step(instr, env)
            self.steps -= 1
            if self.steps < 0:
                raise Fault("too many steps")
            last = block.instrs[-1]
            if last.op == "ret":
                return self._value(last.args[0], env) if last.args else None
            block, previous = self._next(last, env), block

    def _incoming(self, phi: Instr, previous: Block | None, env: dict[Value, int]) -> int:
        for value, block in zip(phi.args, phi.attrs["blocks"]):
            if block is previous:
                return self._value(value, env)
        raise Fault("a phi without a value for the way taken")

    def _value(self, value: Value, env: dict[Value, int]) -> int:
        if isinstance(value, (Const, CoreConst)):
            return value.value
        if isinstance(value, Symbol):
            return self.symbol(value.name) + value.addend
        if isinstance(value, Undef):
            return 0
        return env[value]

    def _next(self, last: Instr, env: dict[Value, int]) -> Block:
        targets: list[Block] = last.attrs.get("targets", [])
        if last.op == "br":
            return targets[0]
        if last.op == "condbr":
            return targets[0 if self._value(last.args[0], env) else 1]
        if last.op == "switch":
            cases: list[int] = last.attrs["cases"]
            value = self._value(last.args[0], env)
            return targets[cases.index(value) + 1 if value in cases else 0]
        if last.op == "may_goto":
            return targets[1]
        if last.op == "asm_goto":
            self.trace.append(("asm_goto", *(self._value(a, env) for a in last.args)))
            return targets[0]
        raise Fault(f"reached '{last.op}'")

    def _step(self, instr: Instr, env: dict[Value, int]) -> None:
        op, type, attrs = instr.op, instr.type, instr.attrs
        args = [self._value(arg, env) for arg in instr.args]
        result: int | None = None
        if op in fold.BINARY_OPS:
            result = fold.binary(op, args[0], args[1], type.bits)
        elif op in COMPARISONS:
            result = int(fold.compare(op, args[0], args[1], instr.args[0].type.bits))
        elif op in _CASTS:
            result = fold.convert(op, args[0], instr.args[0].type.bits, type.bits)
        elif op == "bswap":
            result = fold.bswap(args[0], type.bits)
        elif op == "ptradd":
            result = (args[0] + args[1]) & ((1 << 64) - 1)
        elif op == "select":
            result = args[1] if args[0] else args[2]
        elif op == "alloca":
            result = self.allocate(bytes(attrs["size"]), "stack")
        elif op in ("load", "load_acquire"):
            result = self._load(args[0] + attrs.get("off", 0), type)
            if op != "load" or attrs.get("volatile"):
                self.trace.append(
                    (op, self.place(args[0] + attrs.get("off", 0)), type.size, result)
                )
        elif op in ("store", "store_release"):
            size = instr.args[1].type.size
            self._store(args[0] + attrs.get("off", 0), args[1], size)
            if op != "store" or attrs.get("volatile"):
                self.trace.append((op, self.place(args[0] + attrs.get("off", 0)), size, args[1]))
        elif op in ("memcpy", "memmove"):
            self.write(args[0], self.read(args[1], attrs["size"]))
        elif op == "memset":
            self.write(args[0], bytes([args[1]]) * attrs["size"])
        elif op in ("atomicrmw", "cmpxchg"):
            result = self._atomic(instr, args)
        elif op == "call":
            result = self._call(instr, args)
        elif op == "is_constant":
            result = int(isinstance(instr.args[0], (Const, Symbol)))
        elif op == "opaque":
            result = args[0]
        elif op in ("ld_pkt", "asm"):
            self.trace.append((op, *args))
            result = len(self.trace) & 0xFF
        if result is not None:
            env[instr] = result & ((1 << (type.bits or 64)) - 1)

    def _atomic(self, instr: Instr, args: list[int]) -> int:
        address = args[0] + instr.attrs.get("off", 0)
        old = self._load(address, instr.type)
        if instr.op == "atomicrmw":
            new = _ATOMICS[instr.attrs["op"]](old, args[1])
        else:
            new = args[2] if old == args[1] else old
        self._store(address, new, instr.type.size)
        self.trace.append((instr.op, self.place(address), *args[1:], old))
        return old

    def _call(self, instr: Instr, args: list[int]) -> int:
        callee: Callee = instr.attrs["callee"]
        if isinstance(callee, FuncRef):
            function = self.module.function(callee.name)
            if function is not None and function.blocks:
                return self.run(function, args) or 0
        self.trace.append(("call", repr(callee), *map(self._seen, instr.args, args)))
        return self.call(self, callee, args) if self.call is not None else 0

    def _seen(self, value: Value, number: int) -> object:
        """Return what a callee sees of an argument: a number, or the bytes behind a pointer."""
        found = self.region(number) if value.type is PTR else None
        return number if found is None else bytes(found[0][found[1] :])
