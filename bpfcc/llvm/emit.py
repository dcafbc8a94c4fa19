"""SSA IR to the text of LLVM IR, one to one.

Where the two differ, LLVM IR gets what our IR means: shift counts are masked, division by zero
gives 0 (and the remainder the dividend), INT_MIN / -1 wraps, undefined values are zero.

What llvmlite's LLVM cannot assemble or relocate is marked and put back by ``llvm.backend``:

* the address of a map, global or extern, and a CO-RE number, is an ``extern_weak`` symbol (so that
  no fold assumes that it is not null): LLVM makes a wide load with a relocation of it;
* inline assembly, ``may_goto`` and address-space casts are ``asm`` statements with empty templates
  and pinned registers, see ``inline_asm``; a naked function is only declared.
"""

from __future__ import annotations

from ..btf.core import CoreKind
from ..ir.module import Block, FuncRef, Function, HelperRef, KfuncRef, Module
from ..ir.ops import COMPARISONS
from ..ir.values import (
    I1,
    I8,
    I32,
    I64,
    PTR,
    VOID,
    Const,
    CoreConst,
    Instr,
    Symbol,
    Type,
    Undef,
    Value,
)
from ..support.errors import InternalError
from ..support.source import Span
from .emit_asm import AsmEmitter
from .inline_asm import Statement, naked_statement

DATA_LAYOUT = "{}-m:e-p:64:64-i64:64-i128:128-n32:64-S128"
"""The BPF target's own; with another one LLVM splits 8-byte loads. First field: e or E."""

_BINARY = {"add", "sub", "mul", "and", "or", "xor"}


class Emitted:
    """The text, and what its marks stand for.

    ``sections``: section name -> function, every function has one of its own. ``core``: symbol ->
    CO-RE constant. ``lines``: debug line number -> span. ``statements``: debug line number -> inline
    assembly. ``naked``: function name -> the assembly that it consists of.
    """

    def __init__(self) -> None:
        self.text = ""
        self.sections: dict[str, Function] = {}
        self.core: dict[str, CoreConst] = {}
        self.statements: dict[int, Statement] = {}
        self.naked: dict[str, list[Statement]] = {}
        self.lines: list[Span | None] = [None]


_TEMPORARY = ".L"
_RENAMED = "private"


def symbol_name(name: str) -> str:
    """Return ``name`` as an LLVM global.

    LLVM takes names from ``.L`` on for its own, which never reach an object.
    """
    if name.startswith(_TEMPORARY):
        name = _RENAMED + name
    return '@"' + name.replace("\\", "\\5C").replace('"', "\\22") + '"'


def original_name(name: str) -> str:
    """Return the name that ``symbol_name`` was given, from that of a symbol in LLVM's object."""
    return name.removeprefix(_RENAMED) if name.startswith(_RENAMED + _TEMPORARY) else name


def _in_frame(value: Value) -> bool:
    """Tell whether a pointer is to a local, at a known distance or not."""
    while isinstance(value, Instr) and value.op == "ptradd":
        value = value.args[0]
    return isinstance(value, Instr) and value.op == "alloca"


class _FunctionEmitter(AsmEmitter):
    """Writes one function; ``module`` state is shared through ``unit``."""

    def __init__(self, unit: _ModuleEmitter, function: Function, index: int) -> None:
        self.unit = unit
        self.function = function
        self.big_endian = unit.big_endian
        self.index = index
        self.names: dict[Value, str] = {}
        self.blocks = {id(block): f"b{i}" for i, block in enumerate(function.blocks)}
        self.out: list[str] = []
        self.temporaries = 0
        self.debug = ""

    # ----------------------------------------------------------------- operands
    def ref(self, value: Value) -> str:
        """Return ``value`` without its type."""
        if isinstance(value, Const):
            if value.type is PTR:
                return f"inttoptr (i64 {value.value} to ptr)" if value.value else "null"
            if value.type is I1:
                return "true" if value.value else "false"
            return str(value.signed)
        if isinstance(value, Undef):
            return "null" if value.type is PTR else ("false" if value.type is I1 else "0")
        if isinstance(value, Symbol):
            name = self.unit.symbol(value.name)
            if value.addend:
                return f"getelementptr (i8, ptr {name}, i64 {value.addend})"
            return name
        if isinstance(value, CoreConst):
            address = f"ptrtoint (ptr {self.unit.core(value)} to i64)"
            return address if value.type is I64 else f"trunc (i64 {address} to {value.type})"
        return self.names[value]

    def typed(self, value: Value) -> str:
        """Return ``type value``."""
        return f"{value.type} {self.ref(value)}"

    def temporary(self) -> str:
        """Return a fresh name."""
        self.temporaries += 1
        return f"%t{self.temporaries}"

    def line(self, text: str) -> None:
        """Append one instruction with the current debug location."""
        self.out.append(f"  {text}{self.debug}")

    def compute(self, text: str) -> str:
        """Append ``text`` as the definition of a fresh name, and return the name."""
        name = self.temporary()
        self.line(f"{name} = {text}")
        return name

    # ----------------------------------------------------------------- the function
    def run(self) -> str:
        function = self.function
        params = []
        for param in function.params:
            self.names[param] = f"%p{param.index}"
            params.append(f"{param.type} %p{param.index}")
        for i, instr in enumerate(function.instrs()):
            if instr.type is not VOID:
                self.names[instr] = f"%v{i}"
        scope = self.unit.scope(function)
        head = (
            f"define {function.ret} {symbol_name(function.name)}({', '.join(params)}) "
            f'noinline nounwind "no-jump-tables"="true" "no-builtins" '
            f'section "{self.unit.section(function, self.index)}" !dbg !{scope} {{'
        )
        self.out.append(head)
        for block in function.blocks:
            self.out.append(f"{self.blocks[id(block)]}:")
            for instr in block.instrs:
                number = self.unit.location(instr.span, scope)
                self.debug = f", !dbg !{number}"
                getattr(self, "op_" + instr.op, self.op_plain)(instr)
        self.out.append("}")
        return "\n".join(self.out)

    def define(self, instr: Instr, text: str) -> None:
        """Append the definition of ``instr``'s value."""
        self.line(f"{self.names[instr]} = {text}")

    def block(self, block: Block) -> str:
        """Return a block as a branch target."""
        return f"label %{self.blocks[id(block)]}"

    def block_name(self, block: Block) -> str:
        """Return the name of a block."""
        return self.blocks[id(block)]

    def start(self, name: str) -> None:
        """Begin a block."""
        self.out.append(f"{name}:")

    def at_own_line(self, span: Span | None) -> int:
        """Go to a line number that no other instruction has; return it."""
        self.unit.emitted.lines.append(span)
        number = len(self.unit.emitted.lines)
        self.debug = f", !dbg !{self.unit.location_of(number, self.unit.scope(self.function))}"
        return number

    def register(self, made: Statement, number: int) -> None:
        """Keep a statement by its line number."""
        self.unit.emitted.statements[number] = made

    # ----------------------------------------------------------------- arithmetic
    def op_plain(self, instr: Instr) -> None:
        op = instr.op
        if op in _BINARY:
            a, b = instr.args
            self.define(instr, f"{op} {instr.type} {self.ref(a)}, {self.ref(b)}")
        elif op in COMPARISONS:
            a, b = instr.args
            self.define(instr, f"icmp {op} {a.type} {self.ref(a)}, {self.ref(b)}")
        elif op in ("zext", "sext", "trunc", "ptrtoint", "inttoptr"):
            self.define(instr, f"{op} {self.typed(instr.args[0])} to {instr.type}")
        else:
            raise InternalError(
                f"no LLVM form of '{op}'",
                stage="llvm",
                function=self.function.name,
                span=instr.span,
            )

    def _shift(self, instr: Instr) -> None:
        a, b = instr.args
        mask = a.type.bits - 1
        if isinstance(b, Const):
            count = str(b.value & mask)
        else:
            count = self.compute(f"and {b.type} {self.ref(b)}, {mask}")
        self.define(instr, f"{instr.op} {a.type} {self.ref(a)}, {count}")

    op_shl = op_lshr = op_ashr = _shift

    def _unsigned_division(self, instr: Instr) -> None:
        a, b = instr.args
        t = a.type
        if isinstance(b, Const) and b.value:
            self.define(instr, f"{instr.op} {t} {self.ref(a)}, {self.ref(b)}")
            return
        zero = self.compute(f"icmp eq {t} {self.ref(b)}, 0")
        safe = self.compute(f"select i1 {zero}, {t} 1, {t} {self.ref(b)}")
        result = self.compute(f"{instr.op} {t} {self.ref(a)}, {safe}")
        otherwise = "0" if instr.op == "udiv" else self.ref(a)
        self.define(instr, f"select i1 {zero}, {t} {otherwise}, {t} {result}")

    op_udiv = op_urem = _unsigned_division

    def _absolute(self, t: Type, text: str) -> tuple[str, str]:
        """Return (absolute value, all-ones if negative) of ``text``."""
        sign = self.compute(f"ashr {t} {text}, {t.bits - 1}")
        flipped = self.compute(f"xor {t} {text}, {sign}")
        return self.compute(f"sub {t} {flipped}, {sign}"), sign

    def _signed_division(self, instr: Instr) -> None:
        """By magnitudes: below v4 BPF has no signed division, and INT_MIN / -1 must wrap."""
        a, b = instr.args
        t = a.type
        left, left_sign = self._absolute(t, self.ref(a))
        right, right_sign = self._absolute(t, self.ref(b))
        zero = self.compute(f"icmp eq {t} {self.ref(b)}, 0")
        safe = self.compute(f"select i1 {zero}, {t} 1, {t} {right}")
        if instr.op == "sdiv":
            size = self.compute(f"udiv {t} {left}, {safe}")
            sign = self.compute(f"xor {t} {left_sign}, {right_sign}")
        else:
            size = self.compute(f"urem {t} {left}, {safe}")
            sign = left_sign
        flipped = self.compute(f"xor {t} {size}, {sign}")
        result = self.compute(f"sub {t} {flipped}, {sign}")
        otherwise = "0" if instr.op == "sdiv" else self.ref(a)
        self.define(instr, f"select i1 {zero}, {t} {otherwise}, {t} {result}")

    op_sdiv = op_srem = _signed_division

    def op_bswap(self, instr: Instr) -> None:
        self.unit.declare(f"declare {instr.type} @llvm.bswap.{instr.type}({instr.type})")
        self.define(
            instr, f"call {instr.type} @llvm.bswap.{instr.type}({self.typed(instr.args[0])})"
        )

    def op_select(self, instr: Instr) -> None:
        c, a, b = instr.args
        self.define(instr, f"select i1 {self.ref(c)}, {self.typed(a)}, {self.typed(b)}")

    def op_phi(self, instr: Instr) -> None:
        # LLVM wants one entry per edge; our phis have one per predecessor.
        this = instr.block
        assert this is not None
        entries = [
            f"[ {self.ref(value)}, %{edge} ]"
            for value, block in zip(instr.args, instr.attrs["blocks"])
            for edge in self.edges_to(block, this)
        ]
        self.define(instr, f"phi {instr.type} {', '.join(entries)}")

    # ----------------------------------------------------------------- memory
    def op_alloca(self, instr: Instr) -> None:
        size, align = max(1, instr.attrs["size"]), max(8, instr.attrs["align"])
        self.define(instr, f"alloca [{size} x i8], align {align}")

    def op_lifetime(self, instr: Instr) -> None:
        name = f"llvm.lifetime.{'start' if instr.attrs['start'] else 'end'}.p0"
        self.unit.declare(f"declare void @{name}(ptr)")
        self.line(f"call void @{name}({self.typed(instr.args[0])})")

    def op_ptradd(self, instr: Instr) -> None:
        a, b = instr.args
        base = self.typed(a)
        if self.unit.checked and not isinstance(b, Const) and _in_frame(a):
            # Where LLVM knows how the local is aligned, it makes an "or" of the sum, which the
            # kernel does not take of pointers.
            hidden = self.compute(f'call ptr asm "", "=r,0"({base})')
            base = f"ptr {hidden}"
        self.define(instr, f"getelementptr i8, {base}, i64 {self.ref(b)}")

    def address(self, instr: Instr) -> str:
        """Return args[0] + off as an operand."""
        base = self.ref(instr.args[0])
        off = instr.attrs.get("off", 0)
        if off and self.unit.checked and self._is_context(instr):
            # The kernel takes no context pointer that was moved first.
            self.unit.declare("declare ptr @llvm.preserve.static.offset(ptr)")
            base = self.compute(f"call ptr @llvm.preserve.static.offset(ptr {base})")
            return self.compute(f"getelementptr inbounds i8, ptr {base}, i64 {off}")
        return self.compute(f"getelementptr i8, ptr {base}, i64 {off}") if off else base

    def _is_context(self, instr: Instr) -> bool:
        return (
            instr.op in ("load", "store")
            and self.function.ctx
            and instr.args[0] is self.function.params[0]
        )

    def _core_field(self, instr: Instr) -> CoreConst | None:
        """Return the CO-RE offset of a load of a field of the context."""
        place = instr.args[0]
        if not (self.function.ctx and isinstance(place, Instr) and place.op == "ptradd"):
            return None
        base, step = place.args
        if base is not self.function.params[0] or not isinstance(step, CoreConst):
            return None
        plain = instr.type is not I1 and not instr.attrs.get("off", 0)
        fits = plain and step.kind is CoreKind.FIELD_BYTE_OFFSET and step.value < 1 << 15
        return step if fits else None

    def op_load(self, instr: Instr) -> None:
        field = self._core_field(instr)
        if field is not None:
            self.core_load(instr, self.function.params[0], field)
            return
        volatile = "volatile " if instr.attrs.get("volatile") else ""
        t = I8 if instr.type is I1 else instr.type
        align = instr.attrs.get("align") or t.size
        text = f"load {volatile}{t}, ptr {self.address(instr)}, align {align}"
        if t is instr.type:
            self.define(instr, text)
        else:
            self.define(instr, f"trunc i8 {self.compute(text)} to i1")

    def op_store(self, instr: Instr) -> None:
        volatile = "volatile " if instr.attrs.get("volatile") else ""
        value = instr.args[1]
        t, text = value.type, self.ref(value)
        if t is I1:
            t, text = I8, self.compute(f"zext i1 {text} to i8")
        align = instr.attrs.get("align") or t.size
        self.line(f"store {volatile}{t} {text}, ptr {self.address(instr)}, align {align}")

    def _copy(self, instr: Instr) -> None:
        name, size = f"llvm.{instr.op}.inline.p0.p0.i64", instr.attrs["size"]
        if instr.op == "memmove":
            name = "llvm.memmove.p0.p0.i64"
        align = max(1, instr.attrs.get("align") or 1)
        volatile = "true" if instr.attrs.get("volatile") else "false"
        self.unit.declare(f"declare void @{name}(ptr, ptr, i64, i1)")
        dst, src = (self.ref(arg) for arg in instr.args)
        self.line(
            f"call void @{name}(ptr align {align} {dst}, ptr align {align} {src}, "
            f"i64 {size}, i1 {volatile})"
        )

    op_memcpy = op_memmove = _copy

    def op_memset(self, instr: Instr) -> None:
        name = "llvm.memset.inline.p0.i64"
        align = max(1, instr.attrs.get("align") or 1)
        volatile = "true" if instr.attrs.get("volatile") else "false"
        self.unit.declare(f"declare void @{name}(ptr, i8, i64, i1)")
        dst, value = instr.args
        self.line(
            f"call void @{name}(ptr align {align} {self.ref(dst)}, i8 {self.ref(value)}, "
            f"i64 {instr.attrs['size']}, i1 {volatile})"
        )

    # ----------------------------------------------------------------- atomics and barriers
    def op_atomicrmw(self, instr: Instr) -> None:
        # An add whose result is unused is "lock +=" only when monotonic.
        used = instr in self.unit.used
        order = "seq_cst" if used else "monotonic"
        value = instr.args[1]
        text = (
            f"atomicrmw {instr.attrs['op']} ptr {self.address(instr)}, {self.typed(value)} "
            f"{order}, align {value.type.size}"
        )
        if instr.type is VOID:
            self.compute(text)
        else:
            self.define(instr, text)

    def op_cmpxchg(self, instr: Instr) -> None:
        _, expected, new = instr.args
        pair = self.compute(
            f"cmpxchg ptr {self.address(instr)}, {self.typed(expected)}, {self.typed(new)} "
            f"seq_cst seq_cst, align {new.type.size}"
        )
        text = f"extractvalue {{ {new.type}, i1 }} {pair}, 0"
        if instr.type is VOID:
            self.compute(text)
        else:
            self.define(instr, text)

    def op_load_acquire(self, instr: Instr) -> None:
        size = instr.type.size
        address = self.address(instr)
        self.define(instr, f"load atomic {instr.type}, ptr {address} acquire, align {size}")

    def op_store_release(self, instr: Instr) -> None:
        value = instr.args[1]
        self.line(
            f"store atomic {self.typed(value)}, ptr {self.address(instr)} release, "
            f"align {value.type.size}"
        )

    def op_fence(self, instr: Instr) -> None:
        self.line('call void asm sideeffect "", "~{memory}"()')

    def op_is_constant(self, instr: Instr) -> None:
        self.define(instr, "icmp eq i1 false, true")  # opt has decided; what is left is "no"

    def op_opaque(self, instr: Instr) -> None:
        t = instr.type
        if t in (I32, I64, PTR):
            self.define(instr, f'call {t} asm sideeffect "", "=r,0"({self.typed(instr.args[0])})')
            return
        wide = self.compute(f"zext {self.typed(instr.args[0])} to i64")
        tied = self.compute(f'call i64 asm sideeffect "", "=r,0"(i64 {wide})')
        self.define(instr, f"trunc i64 {tied} to {t}")

    # ----------------------------------------------------------------- calls
    def op_call(self, instr: Instr) -> None:
        callee = instr.attrs["callee"]
        if isinstance(callee, HelperRef):
            target = f"inttoptr (i64 {callee.id} to ptr)"
        elif isinstance(callee, (FuncRef, KfuncRef)):
            target = self.unit.function(callee.name, instr)
        else:
            raise InternalError(f"callee {callee!r}", stage="llvm", span=instr.span)
        args = ", ".join(self.typed(arg) for arg in instr.args)
        text = f"call {instr.type} {target}({args})"
        if instr.type is VOID:
            self.line(text)
        else:
            self.define(instr, text)

    def op_ld_pkt(self, instr: Instr) -> None:
        name = {1: "byte", 2: "half", 4: "word"}[instr.attrs["size"]]
        self.unit.declare(f"declare i64 @llvm.bpf.load.{name}(ptr, i64)")
        context, index = instr.args
        wide = self.ref(index)
        if isinstance(index, Const):
            wide = str(index.signed + instr.attrs["off"])
        else:
            # The instruction takes 32 bits of its index, whatever the type.
            if index.type is I64:
                wide = self.compute(f"trunc i64 {wide} to i32")
            wide = self.compute(f"zext i32 {wide} to i64")
            if instr.attrs["off"]:
                wide = self.compute(f"add i64 {wide}, {instr.attrs['off']}")
        self.define(instr, f"call i64 @llvm.bpf.load.{name}({self.typed(context)}, i64 {wide})")

    # ----------------------------------------------------------------- control
    def op_br(self, instr: Instr) -> None:
        self.line(f"br {self.block(instr.attrs['targets'][0])}")

    def op_condbr(self, instr: Instr) -> None:
        then, other = instr.attrs["targets"]
        self.line(f"br i1 {self.ref(instr.args[0])}, {self.block(then)}, {self.block(other)}")

    def op_switch(self, instr: Instr) -> None:
        value = instr.args[0]
        default, *targets = instr.attrs["targets"]
        cases = " ".join(
            f"{value.type} {Const(value.type, case).signed}, {self.block(target)}"
            for case, target in zip(instr.attrs["cases"], targets)
        )
        self.line(f"switch {self.typed(value)}, {self.block(default)} [ {cases} ]")

    def op_ret(self, instr: Instr) -> None:
        self.line(f"ret {self.typed(instr.args[0])}" if instr.args else "ret void")

    def op_unreachable(self, instr: Instr) -> None:
        # It ends the program, as the direct backend has it; LLVM's own would fall through.
        ret = self.function.ret
        zero = "null" if ret is PTR else ("false" if ret is I1 else "0")
        self.line("ret void" if ret is VOID else f"ret {ret} {zero}")


class _ModuleEmitter:
    def __init__(self, module: Module, *, big_endian: bool, checked: bool) -> None:
        self.module = module
        self.big_endian = big_endian
        self.checked = checked
        self.emitted = Emitted()
        self.functions = {function.name: function for function in module.functions}
        self.symbols: dict[str, str] = {}
        self.declarations: dict[str, None] = {}
        self.elsewhere: set[str] = set()
        self.metadata: list[str] = []
        self.scopes: dict[str, int] = {}
        self.line_numbers: dict[int, int] = {}
        self.locations: dict[tuple[int, int], int] = {}
        self.core_names: dict[tuple[object, ...], str] = {}
        self.used: set[Value] = set()

    def run(self) -> Emitted:
        for function in self.module.functions:
            for instr in function.instrs():
                self.used.update(instr.args)
        self.metadata = [
            "!llvm.dbg.cu = !{!0}",
            "!llvm.module.flags = !{!2, !3}",
            '!0 = distinct !DICompileUnit(language: DW_LANG_C99, file: !1, producer: "bpfcc", '
            "isOptimized: true, emissionKind: FullDebug)",
            '!1 = !DIFile(filename: "c", directory: "")',
            '!2 = !{i32 2, !"Debug Info Version", i32 3}',
            '!3 = !{i32 7, !"Dwarf Version", i32 5}',
            "!4 = !DISubroutineType(types: !5)",
            "!5 = !{null}",
        ]
        self.next = 6
        bodies = [
            _FunctionEmitter(self, function, i).run()
            for i, function in enumerate(self.module.functions)
            if not function.naked
        ]
        for function in self.module.functions:
            if function.naked:
                self._naked(function)
        layout = DATA_LAYOUT.format("E" if self.big_endian else "e")
        parts = [
            f'target datalayout = "{layout}"',
            f'target triple = "{"bpfeb" if self.big_endian else "bpfel"}"',
            "",
            *(f"{name} = extern_weak global i8" for name in self.symbols.values()),
            *self.declarations,
            "",
            "\n\n".join(bodies),
            "",
            *self.metadata,
        ]
        self.emitted.text = "\n".join(parts) + "\n"
        return self.emitted

    def _naked(self, function: Function) -> None:
        """Take the assembly of a naked function, which LLVM only hears of."""
        types = ", ".join(str(param.type) for param in function.params)
        self.declare(f"declare {function.ret} {symbol_name(function.name)}({types})")
        self.emitted.naked[function.name] = [
            naked_statement(instr, big_endian=self.big_endian)
            for instr in function.instrs()
            if instr.op.startswith("asm")
        ]

    def declare(self, text: str) -> None:
        """Declare an intrinsic or function once."""
        self.declarations.setdefault(text)

    def symbol(self, name: str) -> str:
        """Return the operand for the address of ``name``."""
        if name in self.functions:
            return symbol_name(name)
        return self.symbols.setdefault(name, symbol_name(name))

    def core(self, value: CoreConst) -> str:
        """Return the symbol whose relocation stands for a CO-RE number."""
        key = (value.kind, id(value.btf), value.access)
        name = self.core_names.get(key)
        if name is None:
            name = self.core_names[key] = f"core.{len(self.core_names)}"
            self.emitted.core[name] = value
            self.symbols[name] = symbol_name(name)
        return symbol_name(name)

    def function(self, name: str, call: Instr) -> str:
        """Return the operand for a called function, declaring it when it is elsewhere."""
        if name not in self.functions and name not in self.elsewhere:
            # Two calls of a kernel function may see different types; one declaration does for both.
            self.elsewhere.add(name)
            types = ", ".join(str(arg.type) for arg in call.args)
            self.declare(f"declare {call.type} {symbol_name(name)}({types})")
        return symbol_name(name)

    def section(self, function: Function, index: int) -> str:
        """Return the section that holds only ``function``: every call gets a relocation."""
        name = f"fn.{index}"
        self.emitted.sections[name] = function
        return name

    def scope(self, function: Function) -> int:
        """Return the metadata node of a function's subprogram."""
        if function.name not in self.scopes:
            self.scopes[function.name] = self.next
            self.metadata.append(
                f'!{self.next} = distinct !DISubprogram(name: "{function.name}", scope: !1, '
                "file: !1, line: 1, type: !4, unit: !0, spFlags: DISPFlagDefinition)"
            )
            self.next += 1
        return self.scopes[function.name]

    def location(self, span: Span | None, scope: int) -> int:
        """Return the metadata node of a place; its line is an index into ``Emitted.lines``."""
        line = 1
        if span is not None:
            line = self.line_numbers.get(id(span), 0)
            if not line:
                self.emitted.lines.append(span)
                line = self.line_numbers[id(span)] = len(self.emitted.lines)
        return self.location_of(line, scope)

    def location_of(self, line: int, scope: int) -> int:
        """Return the metadata node of a line number."""
        node = self.locations.get((line, scope))
        if node is None:
            node = self.locations[line, scope] = self.next
            self.metadata.append(f"!{node} = !DILocation(line: {line}, column: 1, scope: !{scope})")
            self.next += 1
        return node


def emit(module: Module, *, big_endian: bool = False, checked: bool = False) -> Emitted:
    """Return ``module`` as LLVM IR for the BPF target.

    ``checked``: LLVM's optimiser will run over it, and must leave what the kernel's verifier asks
    of accesses to the context.

    Raises: InternalError for an operation that has no LLVM form.
    """
    return _ModuleEmitter(module, big_endian=big_endian, checked=checked).run()
