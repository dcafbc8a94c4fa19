"""Hand-made objects that several test modules use."""

from __future__ import annotations

from bpfcc.btf.core import CoreKind
from bpfcc.btf.types import (
    Array,
    BtfType,
    DeclTag,
    Enum,
    Func,
    FuncProto,
    Int,
    Member,
    Ptr,
    Struct,
    Var,
)
from bpfcc.isa.insn import (
    ADD,
    ALU64,
    CALL,
    EXIT,
    JMP,
    LD_IMM64,
    LDX,
    MEM,
    MOV,
    ST,
    Insn,
    K,
    W,
    X,
)
from bpfcc.objfile.model import (
    CoreReloc,
    DataReloc,
    DataSection,
    DataSymbol,
    Extern,
    Function,
    Line,
    Linkage,
    Object,
    Reloc,
    RelocKind,
)

INT = Int("int", 4, Int.SIGNED)
UINT = Int("unsigned int", 4)
LONG = Int("long", 8, Int.SIGNED)
CHAR = Int("char", 1, Int.SIGNED)
INDEX = Int("__ARRAY_SIZE_TYPE__", 4)


def uint(number: int) -> BtfType:
    """What __uint(x, number) makes of a member's type."""
    return Ptr(Array(INT, number, INDEX))


def load(dst: int) -> Insn:
    return Insn(LD_IMM64, dst)


def variable(section: DataSection, name: str, offset: int, type: BtfType, size: int, local=False):
    linkage = Linkage.LOCAL if local else Linkage.GLOBAL
    var = Var(name, type, Var.STATIC if local else Var.GLOBAL)
    section.symbols.append(DataSymbol(name, offset, size, linkage, var))


def sample(*, big_endian: bool = False) -> Object:
    """An object with a bit of everything that loads into a kernel."""
    obj = Object("dir/sample.bpf.c")
    obj.big_endian = big_endian
    order = "big" if big_endian else "little"
    value = Struct("value", 16, [Member("a", INT, 0), Member("b", LONG, 64)])
    shape = Struct(
        "",
        32,
        [
            Member("type", uint(1), 0),
            Member("key", Ptr(INT), 64),
            Member("value", Ptr(value), 128),
            Member("max_entries", uint(10), 192),
        ],
    )
    maps = obj.data[".maps"] = DataSection(".maps", bytearray(32), 8)
    variable(maps, "m", 0, shape, 32)
    data = obj.data[".data"] = DataSection(
        ".data", bytearray((5).to_bytes(4, order) + (7).to_bytes(4, order)), 4
    )
    variable(data, "shared", 0, INT, 4)
    variable(data, "own", 4, INT, 4, local=True)
    bss = obj.data[".bss"] = DataSection(".bss", bytearray(8), 8, nobits=True)
    variable(bss, "zero", 0, LONG, 8)
    text = obj.data["license"] = DataSection("license", bytearray(b"GPL\0"), 1)
    variable(text, "_license", 0, Array(CHAR, 4, INDEX), 4)
    proto = FuncProto(INT, [("ctx", Ptr(None))])
    callback = FuncProto(LONG, [("i", UINT), ("ctx", Ptr(None))])
    one = FuncProto(INT, [("x", INT)])
    obj.externs += [
        Extern(
            "LINUX_KERNEL_VERSION",
            ".kconfig",
            weak=False,
            btf=Var("LINUX_KERNEL_VERSION", INT, Var.EXTERN),
        ),
        Extern(
            "bpf_rcu_read_lock",
            ".ksyms",
            weak=False,
            btf=Func("bpf_rcu_read_lock", FuncProto(None, []), Func.EXTERN),
        ),
        Extern(
            "bpf_rcu_read_unlock",
            ".ksyms",
            weak=False,
            btf=Func("bpf_rcu_read_unlock", FuncProto(None, []), Func.EXTERN),
        ),
    ]
    mov, call, leave = ALU64 | MOV, JMP | CALL, Insn(JMP | EXIT)
    main = Function(
        "main_prog",
        "raw_tp/sys_enter",
        [
            Insn(ST | MEM | W, 10, 0, -4, 1),
            load(1),
            Insn(mov | X, 2, 10),
            Insn(ALU64 | ADD | K, 2, 0, 0, -4),
            Insn(call, imm=1),
            load(1),
            Insn(LDX | MEM | W, 6, 1),
            load(1),
            Insn(LDX | MEM | W, 7, 1),
            Insn(ALU64 | ADD | X, 6, 7),
            Insn(mov | K, 1, imm=4),
            load(2),
            Insn(mov | K, 3),
            Insn(mov | K, 4),
            Insn(call, imm=181),
            Insn(call, src=1),
            Insn(call, src=1),
            Insn(mov | X, 1, 6),
            Insn(call, src=1),
            load(1),
            Insn(LDX | MEM | W, 1, 1),
            Insn(ALU64 | ADD | X, 0, 1),
            leave,
        ],
        btf=Func("main_prog", proto, Func.GLOBAL),
        lines=[
            Line(0, "sample.bpf.c", 3, 5, "  int k = 1;"),
            Line(1, "sample.bpf.c", 4, 6, "  f();"),
        ],
        relocs=[
            Reloc(1, RelocKind.DATA, "m"),
            Reloc(6, RelocKind.DATA, "shared"),
            Reloc(9, RelocKind.DATA, "own"),
            Reloc(14, RelocKind.DATA, "callback"),
            Reloc(19, RelocKind.CALL, "bpf_rcu_read_lock"),
            Reloc(20, RelocKind.CALL, "bpf_rcu_read_unlock"),
            Reloc(22, RelocKind.CALL, "helper"),
            Reloc(23, RelocKind.DATA, "LINUX_KERNEL_VERSION"),
        ],
    )
    obj.functions = [
        main,
        Function(
            "callback",
            ".text",
            [Insn(mov | K, 0), leave],
            linkage=Linkage.LOCAL,
            btf=Func("callback", callback, Func.STATIC),
        ),
        Function(
            "helper",
            ".text",
            [Insn(mov | X, 0, 1), Insn(call, src=1), leave],
            linkage=Linkage.LOCAL,
            btf=Func("helper", one, Func.STATIC),
            relocs=[Reloc(1, RelocKind.CALL, "proved_alone")],
        ),
        Function(
            "proved_alone",
            ".text",
            [Insn(mov | K, 0, imm=3), leave],
            btf=Func("proved_alone", one, Func.GLOBAL),
        ),
        Function(
            "second",
            "raw_tp/sys_enter",
            [Insn(mov | K, 0, imm=8), leave],
            btf=Func("second", proto, Func.GLOBAL),
            core=[CoreReloc(0, CoreKind.FIELD_BYTE_OFFSET, value, "0:1")],
        ),
    ]
    obj.types.append(Enum("colour", 4, [("RED", 0), ("BLUE", 2)]))
    obj.decl_tags.append(DeclTag("note", value, 1))
    return obj


def with_function_pointers() -> Object:
    """A tail-call table and a map of maps with initial values."""
    obj = Object("pointers.bpf.c")
    proto = FuncProto(INT, [("ctx", Ptr(None))])
    inner = Struct(
        "inner",
        32,
        [
            Member("type", uint(2), 0),
            Member("max_entries", uint(1), 64),
            Member("key", Ptr(INT), 128),
            Member("value", Ptr(INT), 192),
        ],
    )
    outer = Struct(
        "",
        40,
        [
            Member("type", uint(12), 0),
            Member("max_entries", uint(2), 64),
            Member("key", Ptr(INT), 128),
            Member("values", Array(Ptr(inner), 0, INDEX), 192),
        ],
    )
    jumps = Struct(
        "",
        48,
        [
            Member("type", uint(3), 0),
            Member("max_entries", uint(3), 64),
            Member("key", Ptr(INT), 128),
            Member("values", Array(Ptr(proto), 0, INDEX), 192),
        ],
    )
    maps = obj.data[".maps"] = DataSection(".maps", bytearray(32 + 40 + 48), 8)
    variable(maps, "first", 0, inner, 32)
    variable(maps, "outer", 32, outer, 40)
    variable(maps, "jumps", 72, jumps, 48)
    maps.relocs = [DataReloc(32 + 24 + 8, "first"), DataReloc(72 + 24 + 16, "target")]
    text = obj.data["license"] = DataSection("license", bytearray(b"GPL\0"), 1)
    variable(text, "_license", 0, Array(CHAR, 4, INDEX), 4)
    obj.functions = [
        Function(
            name,
            "xdp",
            [Insn(ALU64 | MOV | K, 0, imm=2), Insn(JMP | EXIT)],
            btf=Func(name, proto, Func.GLOBAL),
        )
        for name in ("target", "other")
    ]
    return obj
