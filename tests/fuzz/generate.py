"""Random restricted-C programs with one meaning everywhere.

``generate(seed)`` returns C text with ``SEC("syscall") int prog(struct args *ctx)``: it reads eight
64-bit inputs, computes, writes eight 64-bit results back into the context and returns 32 bits. It
compiles for BPF and, with ``NATIVE`` defined, for the host with ``gcc -fwrapv``, so the host's
compiler says what the right answer is.

Nothing undefined is generated: shift counts are masked, divisors are made non-zero and not -1,
indices are masked to the array's size (a power of two), variables are initialised, loops have
constant bounds, evaluation order does not matter (at most one side effect per expression).
"""

from __future__ import annotations

import random

INPUTS = 8
OUTPUTS = 8

_TYPES = {
    "s8": (8, True),
    "u8": (8, False),
    "s16": (16, True),
    "u16": (16, False),
    "s32": (32, True),
    "u32": (32, False),
    "s64": (64, True),
    "u64": (64, False),
    "_Bool": (1, False),
}
_NAMES = list(_TYPES)
_EDGES = [
    0,
    1,
    -1,
    2,
    7,
    8,
    15,
    16,
    31,
    32,
    63,
    64,
    127,
    128,
    255,
    256,
    32767,
    32768,
    65535,
    65536,
    2147483647,
    2147483648,
    -2147483648,
    4294967295,
    4294967296,
    9223372036854775807,
    -9223372036854775807,
]

PRELUDE = """\
#ifdef NATIVE
typedef signed char s8; typedef unsigned char u8; typedef short s16; typedef unsigned short u16;
typedef int s32; typedef unsigned int u32; typedef long long s64; typedef unsigned long long u64;
#define SEC(name)
#else
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
typedef __s8 s8; typedef __u8 u8; typedef __s16 s16; typedef __u16 u16;
typedef __s32 s32; typedef __u32 u32; typedef __s64 s64; typedef __u64 u64;
char LICENSE[] SEC("license") = "GPL";
#endif
#define NOINLINE __attribute__((noinline))
struct args { u64 in[8]; u64 out[8]; };
"""


class Generator:
    """Builds one program; all choices come from ``rng``."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.names = 0
        self.lines: list[str] = []
        self.indent = 1
        # Visible variables: name -> type; only those may be read, ``writable`` may be assigned.
        self.scopes: list[dict[str, str]] = []
        self.constant: set[str] = set()
        self.arrays: dict[str, tuple[str, int]] = {}
        self.structs: dict[str, dict[str, tuple[str, int]]] = {}
        self.records: dict[str, str] = {}
        self.functions: list[tuple[str, str, list[str]]] = []
        self.globals: dict[str, str] = {}
        self.loops = 0
        # A subprogram that wrote globals would make "g + f()" depend on the order of evaluation.
        self.in_function = False
        self.budget = 0
        self.cost = 1  # product of enclosing loop bounds

    # -------------------------------------------------------------- small parts
    def fresh(self, prefix: str) -> str:
        self.names += 1
        return f"{prefix}{self.names}"

    def pick(self, items: list[str]) -> str:
        return self.rng.choice(items)

    def emit(self, text: str) -> None:
        self.lines.append("\t" * self.indent + text)

    def constant_text(self) -> str:
        rng = self.rng
        value = rng.choice(_EDGES) if rng.random() < 0.5 else rng.randint(-1000, 1000)
        if rng.random() < 0.1:
            value = rng.getrandbits(64) - (1 << 63)
        if value == -(1 << 63):
            value += 1
        if -(1 << 31) < value < (1 << 31):
            suffix = rng.choice(["", "", "", "u", "ll", "ull"])
        else:
            suffix = rng.choice(["ll", "ull"])
        text = f"{abs(value)}{suffix}" if rng.random() < 0.7 else f"{abs(value):#x}{suffix}"
        return f"(-{text})" if value < 0 else text

    def variables(self) -> list[str]:
        return [name for scope in self.scopes for name in scope]

    def places(self, *, write: bool) -> list[str]:
        """Return lvalues in reach as text."""
        out = [n for n in self.variables() if not write or n not in self.constant]
        for name in self.arrays:
            out.append(self.element(name))
        for name, kind in self.records.items():
            out += [f"{name}.{field}" for field in self.structs[kind]]
        out += [name for name in self.globals if not (write and self.in_function)]
        return out

    def element(self, name: str) -> str:
        size = self.arrays[name][1]
        if self.rng.random() < 0.5:
            return f"{name}[{self.rng.randrange(size)}]"
        index = self.pick(self.variables()) if self.variables() else "1"
        return f"{name}[({index}) & {size - 1}]"

    # -------------------------------------------------------------- expressions
    def expr(self, depth: int = 3) -> str:
        rng = self.rng
        if depth <= 0 or rng.random() < 0.12:
            places = self.places(write=False)
            return self.pick(places) if places and rng.random() < 0.75 else self.constant_text()
        kind = rng.random()
        if kind < 0.42:
            op = rng.choice(["+", "-", "*", "&", "|", "^"])
            return f"({self.expr(depth - 1)} {op} {self.expr(depth - 1)})"
        if kind < 0.52:
            op = rng.choice(["<", "<=", ">", ">=", "==", "!="])
            return f"({self.expr(depth - 1)} {op} {self.expr(depth - 1)})"
        if kind < 0.58:
            return f"({self.expr(depth - 1)} {rng.choice(['&&', '||'])} {self.expr(depth - 1)})"
        if kind < 0.66:
            return self.shift(depth)
        if kind < 0.73:
            return self.division(depth)
        if kind < 0.81:
            return f"(({rng.choice(_NAMES)}){self.expr(depth - 1)})"
        if kind < 0.88:
            return f"({rng.choice(['-', '~', '!'])}{self.expr(depth - 1)})"
        if kind < 0.94:
            return f"({self.expr(depth - 1)} ? {self.expr(depth - 1)} : {self.expr(depth - 1)})"
        if kind < 0.97 and self.functions and self.cost <= 4:
            name, _, params = rng.choice(self.functions)
            return f"{name}({', '.join(self.expr(depth - 2) for _ in params)})"
        if kind < 0.985:
            size, t = rng.choice([("16", "u16"), ("32", "u32"), ("64", "u64")])
            return f"__builtin_bswap{size}(({t}){self.expr(depth - 1)})"
        temp = self.fresh("t")  # "s16" would hide a type
        return f"({{ {rng.choice(_NAMES)} {temp} = {self.expr(depth - 1)}; {temp} + 1; }})"

    def shift(self, depth: int) -> str:
        t = self.rng.choice(["u32", "s32", "u64", "s64"])
        bits = 31 if t.endswith("32") else 63
        op = self.rng.choice(["<<", ">>"])
        count = (
            str(self.rng.randint(0, bits))
            if self.rng.random() < 0.5
            else f"({self.expr(depth - 1)} & {bits})"
        )
        return f"((({t}){self.expr(depth - 1)}) {op} {count})"

    def division(self, depth: int) -> str:
        t = self.rng.choice(["u32", "s32", "u64", "s64", "u8", "s16"])
        op = self.rng.choice(["/", "%"])
        if self.rng.random() < 0.4:
            divisor = str(self.rng.choice([2, 3, 5, 7, 8, 10, 16, 100, 1000, 255]))
        else:
            divisor = f"(({t})(({self.expr(depth - 1)}) & 0x3f) + 1)"
        return f"((({t}){self.expr(depth - 1)}) {op} {divisor})"

    # -------------------------------------------------------------- statements
    def declare(self) -> None:
        rng = self.rng
        name, t = self.fresh("v"), rng.choice(_NAMES)
        volatile = "volatile " if rng.random() < 0.04 else ""
        self.emit(f"{volatile}{t} {name} = {self.expr()};")
        self.scopes[-1][name] = t

    def declare_array(self) -> None:
        name, t = self.fresh("a"), self.rng.choice(_NAMES[:8])
        size = self.rng.choice([2, 4, 8])
        values = ", ".join(self.expr(1) for _ in range(self.rng.randint(0, size)))
        self.emit(f"{t} {name}[{size}] = {{{values}}};")
        self.arrays[name] = (t, size)

    def declare_record(self) -> None:
        if not self.structs:
            return
        kind = self.pick(list(self.structs))
        name = self.fresh("r")
        fields = list(self.structs[kind])
        chosen = [f for f in fields if self.rng.random() < 0.6]
        values = ", ".join(f".{f} = {self.expr(1)}" for f in chosen)
        self.emit(f"struct {kind} {name} = {{{values}}};")
        self.records[name] = kind

    def assign(self) -> None:
        places = self.places(write=True)
        if not places:
            return self.declare()
        target = self.pick(places)
        kind = self.rng.random()
        if kind < 0.55:
            self.emit(f"{target} = {self.expr()};")
        elif kind < 0.85:
            op = self.rng.choice(["+=", "-=", "*=", "&=", "|=", "^="])
            self.emit(f"{target} {op} {self.expr(2)};")
        elif kind < 0.95:
            self.emit(f"{target}{self.rng.choice(['++', '--'])};")
        else:
            records = [
                (a, b)
                for a in self.records
                for b in self.records
                if a != b and self.records[a] == self.records[b]
            ]
            if records:
                a, b = self.rng.choice(records)
                self.emit(f"{a} = {b};")
            else:
                self.emit(f"{target} = {self.expr(1)};")
        return None

    def block(self, statements: int) -> None:
        self.indent += 1
        self.scopes.append({})
        arrays, records = dict(self.arrays), dict(self.records)
        for _ in range(statements):
            self.statement()
        self.arrays, self.records = arrays, records
        self.scopes.pop()
        self.indent -= 1

    def statement(self) -> None:
        rng = self.rng
        self.budget -= 1
        deep = self.indent > 4 or self.budget < 0
        kind = rng.random()
        if kind < 0.16:
            self.declare()
        elif kind < 0.62 or deep:
            self.assign()
        elif kind < 0.78:
            self.emit(f"if ({self.expr()}) {{")
            self.block(rng.randint(1, 3))
            if rng.random() < 0.5:
                self.emit("} else {")
                self.block(rng.randint(1, 3))
            self.emit("}")
        elif kind < 0.88 and self.cost <= 16:
            self.loop()
        elif kind < 0.94:
            self.switch()
        elif kind < 0.97:
            self.memory()
        else:
            label = self.fresh("l")
            self.emit(f"if ({self.expr(2)}) goto {label};")
            self.assign()
            self.emit(f"{label}: ;")

    def loop(self) -> None:
        rng = self.rng
        bound = rng.randint(1, 6)
        name = self.fresh("i")
        self.cost *= bound
        form = rng.random()
        if form < 0.6:
            self.emit(
                f"for ({rng.choice(['int', 'u32', 'u64'])} {name} = 0; "
                f"{name} < {bound}; {name}++) {{"
            )
            closing = "}"
        elif form < 0.8:
            self.emit(f"u32 {name} = {bound};")
            self.emit(f"while ({name}--) {{")
            closing = "}"
        else:
            self.emit(f"u32 {name} = 0;")
            self.emit("do {")
            closing = f"}} while (++{name} < {bound});"
        self.scopes.append({name: "u32"})
        self.constant.add(name)
        self.block(rng.randint(1, 3))
        if rng.random() < 0.3 and form < 0.8:
            self.indent += 1
            self.emit(f"if ({self.expr(1)}) {rng.choice(['break', 'continue'])};")
            self.indent -= 1
        self.scopes.pop()
        self.emit(closing)
        self.cost //= bound

    def switch(self) -> None:
        rng = self.rng
        self.emit(f"switch ({self.expr(2)} & 7) {{")
        for value in sorted(rng.sample(range(8), rng.randint(1, 4))):
            if rng.random() < 0.2 and value < 7:
                self.emit(f"case {value}: /* falls through to what follows */")
            else:
                self.emit(f"case {value}:")
            self.block(rng.randint(1, 2))
            if rng.random() < 0.75:
                self.emit("\tbreak;")
        if rng.random() < 0.6:
            self.emit("default:")
            self.block(1)
        self.emit("}")

    def memory(self) -> None:
        names = list(self.arrays)
        if len(names) < 2 or self.rng.random() < 0.4:
            if names:
                name = self.pick(names)
                self.emit(f"__builtin_memset({name}, {self.rng.randrange(256)}, sizeof({name}));")
            else:
                self.assign()
            return
        a, b = self.rng.sample(names, 2)
        self.emit(
            f"__builtin_memcpy({a}, {b}, sizeof({a}) < sizeof({b}) ? sizeof({a}) : sizeof({b}));"
        )

    # -------------------------------------------------------------- top level
    def make_struct(self) -> None:
        rng = self.rng
        name = self.fresh("st")
        fields: dict[str, tuple[str, int]] = {}
        self.lines.append(f"struct {name} {{")
        for _ in range(rng.randint(2, 5)):
            field, t = self.fresh("f"), rng.choice(_NAMES[:8])
            # Wider fields than int have their own number of bits in gcc's arithmetic, not in clang's.
            width = rng.randint(1, min(_TYPES[t][0], 31)) if rng.random() < 0.35 else 0
            self.lines.append(f"\t{t} {field}{f' : {width}' if width else ''};")
            fields[field] = (t, width)
        packed = " __attribute__((packed))" if rng.random() < 0.15 else ""
        self.lines.append(f"}}{packed};")
        self.structs[name] = fields

    def make_global(self) -> None:
        name, t = self.fresh("g"), self.rng.choice(_NAMES[:8])
        value = self.constant_text() if self.rng.random() < 0.6 else "0"
        self.lines.append(f"static {t} {name} = ({t}){value};")
        self.globals[name] = t

    def make_function(self) -> None:
        rng = self.rng
        name, ret = self.fresh("fn"), rng.choice(_NAMES)
        params = [(self.fresh("p"), rng.choice(_NAMES)) for _ in range(rng.randint(1, 4))]
        inline = rng.choice(["NOINLINE", "NOINLINE", "", "inline __attribute__((always_inline))"])
        text = ", ".join(f"{t} {n}" for n, t in params)
        self.lines.append(f"static {inline} {ret} {name}({text})")
        self.lines.append("{")
        self.scopes = [dict(params)]
        self.in_function = True
        self.budget = 5
        for _ in range(rng.randint(1, 4)):
            self.statement()
        self.emit(f"return {self.expr(2)};")
        self.lines.append("}")
        self.lines.append("")
        self.in_function = False
        self.scopes = []
        self.arrays, self.records = {}, {}
        self.functions.append((name, ret, [t for _, t in params]))

    def program(self) -> str:
        rng = self.rng
        for _ in range(rng.randint(0, 2)):
            self.make_struct()
        for _ in range(rng.randint(0, 2)):
            self.make_global()
        for _ in range(rng.randint(0, 2)):
            self.make_function()
        self.lines += ['SEC("syscall") int prog(struct args *ctx)', "{"]
        self.scopes = [{}]
        for i in range(rng.randint(2, INPUTS)):
            name, t = self.fresh("x"), rng.choice(_NAMES)
            self.emit(f"{t} {name} = ({t})ctx->in[{i}];")
            self.scopes[0][name] = t
        self.budget = rng.randint(4, 24)
        for _ in range(rng.randint(0, 2)):
            self.declare_array()
        for _ in range(rng.randint(0, 2)):
            self.declare_record()
        for _ in range(rng.randint(3, 9)):
            self.statement()
        for i in range(OUTPUTS):
            self.emit(f"ctx->out[{i}] = (u64){self.expr(1)};")
        self.emit(f"return (int){self.expr(2)};")
        self.lines.append("}")
        return PRELUDE + "\n".join(self.lines) + "\n"


def generate(seed: int) -> str:
    """Return the C text of program number ``seed``."""
    return Generator(seed).program()


def inputs(seed: int, count: int) -> list[list[int]]:
    """Return ``count`` sets of eight unsigned 64-bit inputs for program ``seed``."""
    rng = random.Random(seed ^ 0x5EED)
    out = []
    for _ in range(count):
        row = []
        for _ in range(INPUTS):
            value = rng.choice(_EDGES) if rng.random() < 0.6 else rng.getrandbits(64)
            row.append(value & (1 << 64) - 1)
        out.append(row)
    return out
