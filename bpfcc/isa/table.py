"""The instruction set as data: one row per instruction.

The encoder's constants are in ``insn``; everything else that must know what an instruction *is* -
structural check, assembler, disassembler, VM, verifier, code generator, minimal-kernel report -
reads the rows made here. An opcode byte alone does not name an instruction: signed division is
division with ``off == 1``, a local call is a call with ``src == 1``, every atomic operation shares
one opcode per size. So a row is found by its opcode and, for some opcodes, one more field:

    ROWS[...]                          every row, in opcode order
    lookup(insn) -> Row | None         the row of an instruction, None when there is none
    by_name[name] -> Row               e.g. "add64_imm", "jeq32_reg", "ldxdw", "fetch_add32"

Source: RFC 9669 (groups: section 2.4 and appendix A), Linux Documentation/bpf/standardization;
``may_goto``, ``addr_space_cast``, load-acquire and store-release from the kernel's uapi header.
"""

from __future__ import annotations

from . import insn as _i
from .insn import Insn

# Which fields an instruction uses; the others must be zero (or hold the row's ``select`` value).
USE_DST, USE_SRC, USE_OFF, USE_IMM = 1, 2, 4, 8

# Kinds of rows: one meaning and one spelling each.
ALU = "alu"  # dst op= (src | imm); op in add sub mul div or and lsh rsh mod xor mov arsh sdiv smod
NEG = "neg"  # dst = -dst
MOVSX = "movsx"  # dst = sign extension of the low ``size`` bytes of src
END = "end"  # dst = le | be | bswap of the low ``size`` bytes of dst
CAST = "cast"  # dst = addr_space_cast(src); imm = (to << 16) | from
LDDW = "lddw"  # dst = 64-bit immediate, or what the pseudo source says (op)
LDABS = "ldabs"  # r0 = packet bytes at imm (+ src), network order; exits when outside
LDX = "ldx"  # dst = zero-extended load
LDSX = "ldsx"  # dst = sign-extended load
ST = "st"  # store imm
STX = "stx"  # store src
ATOMIC = "atomic"  # op in add or and xor (with or without fetch), xchg, cmpxchg
LOAD_ACQ = "load_acq"
STORE_REL = "store_rel"
JA = "ja"  # goto off (or imm: op "gotol")
JCOND = "jcond"  # may_goto
JUMP = "jump"  # if dst op (src | imm) goto off
CALL = "call"  # op in helper local kfunc reg
EXIT = "exit"


class Row:
    """One instruction.

    ``kind`` and ``op`` say what it does; ``width`` is the operation's width in bits (32 or 64; of
    the comparison for jumps), ``size`` the bytes of memory accessed, sign-extended from or swapped
    (0 = none). ``reg`` is True when the second operand is a register. ``uses`` tells which fields
    are operands; ``select`` is (field name, value) of the field that told this row from others
    with the same opcode. ``reads`` and ``writes`` list the fields ("dst", "src") whose registers
    the instruction reads and writes; calls (r0-r5), exit (r0), cmpxchg (r0) and ldabs (r0, r6) have
    fixed registers in addition.

    ``cpu`` is the LLVM -mcpu level (1-4; 0 = beyond the levels), ``group`` the RFC 9669
    conformance group, ``kernel`` the first Linux version that takes it.
    """

    __slots__ = (
        "cpu",
        "group",
        "kernel",
        "kind",
        "name",
        "op",
        "opcode",
        "reads",
        "reg",
        "select",
        "size",
        "uses",
        "width",
        "writes",
    )

    def __init__(
        self,
        name: str,
        opcode: int,
        kind: str,
        op: str,
        uses: int,
        reads: tuple[str, ...],
        writes: tuple[str, ...],
        *,
        width: int = 64,
        size: int = 0,
        reg: bool = False,
        select: tuple[str, int] | None = None,
        cpu: int = 1,
        group: str = "base64",
        kernel: tuple[int, int] = (3, 18),
    ) -> None:
        self.name = name
        self.opcode = opcode
        self.kind = kind
        self.op = op
        self.uses = uses
        self.reads = reads
        self.writes = writes
        self.width = width
        self.size = size
        self.reg = reg
        self.select = select
        self.cpu = cpu
        self.group = group
        self.kernel = kernel

    def __repr__(self) -> str:
        return f"Row({self.name})"


_D, _S, _DS = ("dst",), ("src",), ("dst", "src")
SIZE_LETTER = {1: "b", 2: "h", 4: "w", 8: "dw"}
_SIZE_CODE = {1: _i.B, 2: _i.H, 4: _i.W, 8: _i.DW}

# name, code, C operator
ALU_OPS = (
    ("add", _i.ADD, "+"),
    ("sub", _i.SUB, "-"),
    ("mul", _i.MUL, "*"),
    ("div", _i.DIV, "/"),
    ("or", _i.OR, "|"),
    ("and", _i.AND, "&"),
    ("lsh", _i.LSH, "<<"),
    ("rsh", _i.RSH, ">>"),
    ("mod", _i.MOD, "%"),
    ("xor", _i.XOR, "^"),
    ("mov", _i.MOV, ""),
    ("arsh", _i.ARSH, "s>>"),
)
# name, code, operator as LLVM writes it, -mcpu level
JUMP_OPS = (
    ("jeq", _i.JEQ, "==", 1),
    ("jgt", _i.JGT, ">", 1),
    ("jge", _i.JGE, ">=", 1),
    ("jset", _i.JSET, "&", 1),
    ("jne", _i.JNE, "!=", 1),
    ("jsgt", _i.JSGT, "s>", 1),
    ("jsge", _i.JSGE, "s>=", 1),
    ("jlt", _i.JLT, "<", 2),
    ("jle", _i.JLE, "<=", 2),
    ("jslt", _i.JSLT, "s<", 2),
    ("jsle", _i.JSLE, "s<=", 2),
)
# name, imm code, operator
ATOMIC_OPS = (
    ("add", _i.ADD, "+"),
    ("or", _i.OR, "|"),
    ("and", _i.AND, "&"),
    ("xor", _i.XOR, "^"),
)


def _alu_rows() -> list[Row]:
    rows = []
    for width, cls in ((32, _i.ALU), (64, _i.ALU64)):
        base = f"base{width}"
        for op, code, _ in ALU_OPS:
            group = f"divmul{width}" if op in ("mul", "div", "mod") else base
            reads_dst = op != "mov"
            for reg in (False, True):
                suffix = "reg" if reg else "imm"
                opcode = cls | code | (_i.X if reg else _i.K)
                uses = USE_DST | (USE_SRC if reg else USE_IMM)
                reads = (_D if reads_dst else ()) + (_S if reg else ())
                splits = op in ("div", "mod") or (op == "mov" and reg)
                rows.append(
                    Row(
                        f"{op}{width}_{suffix}",
                        opcode,
                        ALU,
                        op,
                        uses,
                        reads,
                        _D,
                        width=width,
                        reg=reg,
                        select=("off", 0) if splits else None,
                        group=group,
                    )
                )
                if op in ("div", "mod"):
                    rows.append(
                        Row(
                            f"s{op}{width}_{suffix}",
                            opcode,
                            ALU,
                            "s" + op,
                            uses,
                            reads,
                            _D,
                            width=width,
                            reg=reg,
                            select=("off", 1),
                            cpu=4,
                            group=group,
                            kernel=(6, 6),
                        )
                    )
        for size in (1, 2, 4) if width == 64 else (1, 2):
            rows.append(
                Row(
                    f"movsx{size * 8}{width}_reg",
                    cls | _i.MOV | _i.X,
                    MOVSX,
                    "movsx",
                    USE_DST | USE_SRC,
                    _S,
                    _D,
                    width=width,
                    size=size,
                    reg=True,
                    select=("off", size * 8),
                    cpu=4,
                    group=base,
                    kernel=(6, 6),
                )
            )
        rows.append(
            Row(f"neg{width}", cls | _i.NEG, NEG, "neg", USE_DST, _D, _D, width=width, group=base)
        )
        for op, bit in (("le", _i.K), ("be", _i.X)) if width == 32 else (("bswap", _i.K),):
            for size in (2, 4, 8):
                rows.append(
                    Row(
                        f"{op}{size * 8}",
                        cls | _i.END | bit,
                        END,
                        op,
                        USE_DST,
                        _D,
                        _D,
                        size=size,
                        select=("imm", size * 8),
                        cpu=4 if op == "bswap" else 1,
                        group="base64" if size == 8 else "base32",
                        kernel=(6, 6) if op == "bswap" else (3, 18),
                    )
                )
    rows.append(
        Row(
            "addr_space_cast",
            _i.ALU64 | _i.MOV | _i.X,
            CAST,
            "addr_space_cast",
            USE_DST | USE_SRC | USE_IMM,
            _S,
            _D,
            reg=True,
            select=("off", 1),
            cpu=0,
            kernel=(6, 9),
        )
    )
    return rows


def _load_store_rows() -> list[Row]:
    rows = []
    # RFC 9669 section 5.4: src of the wide load. None of these read a register.
    for src, op, kernel in (
        (0, "imm", (3, 18)),
        (_i.PSEUDO_MAP_FD, "map_fd", (3, 18)),
        (_i.PSEUDO_MAP_VALUE, "map_value", (5, 2)),
        (_i.PSEUDO_BTF_ID, "btf_id", (5, 10)),
        (_i.PSEUDO_FUNC, "func", (5, 13)),
        (_i.PSEUDO_MAP_IDX, "map_idx", (5, 14)),
        (_i.PSEUDO_MAP_IDX_VALUE, "map_idx_value", (5, 14)),
    ):
        rows.append(
            Row(
                "lddw" if src == 0 else f"lddw_{op}",
                _i.LD_IMM64,
                LDDW,
                op,
                USE_DST | USE_IMM,
                (),
                _D,
                select=("src", src),
                kernel=kernel,
            )
        )
    for size in (1, 2, 4):
        for op, mode in (("abs", _i.ABS), ("ind", _i.IND)):
            indexed = op == "ind"
            rows.append(
                Row(
                    f"ld{op}{SIZE_LETTER[size]}",
                    _i.LD | mode | _SIZE_CODE[size],
                    LDABS,
                    op,
                    USE_IMM | (USE_SRC if indexed else 0),
                    _S if indexed else (),
                    (),
                    size=size,
                    reg=indexed,
                    group="packet",
                )
            )
    mem = USE_DST | USE_OFF
    for size in (1, 2, 4, 8):
        letter, code = SIZE_LETTER[size], _SIZE_CODE[size]
        group = "base64" if size == 8 else "base32"
        for name, opcode, kind, operand, reads, writes in (
            ("ldx", _i.LDX | _i.MEM, LDX, USE_SRC, _S, _D),
            ("st", _i.ST | _i.MEM, ST, USE_IMM, _D, ()),
            ("stx", _i.STX | _i.MEM, STX, USE_SRC, _DS, ()),
        ):
            rows.append(
                Row(
                    name + letter,
                    opcode | code,
                    kind,
                    name,
                    mem | operand,
                    reads,
                    writes,
                    size=size,
                    reg=kind != ST,
                    group=group,
                )
            )
        if size < 8:
            rows.append(
                Row(
                    "ldxs" + letter,
                    _i.LDX | _i.MEMSX | code,
                    LDSX,
                    "ldxs",
                    mem | USE_SRC,
                    _S,
                    _D,
                    size=size,
                    reg=True,
                    cpu=4,
                    kernel=(6, 6),
                )
            )
        for name, kind, imm, reads, writes in (
            ("load_acq", LOAD_ACQ, _i.LOAD_ACQ, _S, _D),
            ("store_rel", STORE_REL, _i.STORE_REL, _DS, ()),
        ):
            rows.append(
                Row(
                    name + letter,
                    _i.STX | _i.ATOMIC | code,
                    kind,
                    name,
                    mem | USE_SRC,
                    reads,
                    writes,
                    size=size,
                    width=max(32, size * 8),
                    reg=True,
                    select=("imm", imm),
                    cpu=0,
                    group="atomic64" if size == 8 else "atomic32",
                    kernel=(6, 15),
                )
            )
    return rows


def _atomic_rows() -> list[Row]:
    rows = []
    for width, size in ((32, 4), (64, 8)):
        suffix = "32" if width == 32 else "64"
        for op, imm, fetch in (
            *((name, code, False) for name, code, _ in ATOMIC_OPS),
            *(("fetch_" + name, code | _i.FETCH, True) for name, code, _ in ATOMIC_OPS),
            ("xchg", _i.XCHG, True),
            ("cmpxchg", _i.CMPXCHG, False),
        ):
            rows.append(
                Row(
                    f"{op}{suffix}" if fetch or op == "cmpxchg" else f"lock_{op}{suffix}",
                    _i.STX | _i.ATOMIC | _SIZE_CODE[size],
                    ATOMIC,
                    op,
                    USE_DST | USE_SRC | USE_OFF,
                    _DS,
                    _S if fetch else (),
                    width=width,
                    size=size,
                    reg=True,
                    select=("imm", imm),
                    cpu=1 if op == "add" else 3,
                    group=f"atomic{width}",
                    kernel=(3, 18) if op == "add" else (5, 12),
                )
            )
    return rows


def _jump_rows() -> list[Row]:
    rows = [
        Row("ja", _i.JMP | _i.JA, JA, "goto", USE_OFF, (), (), group="base32"),
        Row(
            "ja32",
            _i.JMP32 | _i.JA,
            JA,
            "gotol",
            USE_IMM,
            (),
            (),
            cpu=4,
            group="base32",
            kernel=(6, 6),
        ),
        Row(
            "may_goto",
            _i.JMP | _i.JCOND,
            JCOND,
            "may_goto",
            USE_OFF,
            (),
            (),
            select=("src", 0),
            cpu=0,
            group="base32",
            kernel=(6, 9),
        ),
        Row("exit", _i.JMP | _i.EXIT, EXIT, "exit", 0, (), (), group="base32"),
        Row(
            "callx",
            _i.JMP | _i.CALL | _i.X,
            CALL,
            "reg",
            USE_DST,
            _D,
            (),
            reg=True,
            group="callx",
            kernel=(0, 0),
        ),
    ]
    for src, op, uses, kernel in (
        (0, "helper", USE_IMM, (3, 18)),
        (_i.PSEUDO_CALL, "local", USE_IMM, (4, 16)),
        (_i.PSEUDO_KFUNC_CALL, "kfunc", USE_IMM | USE_OFF, (5, 13)),
    ):
        rows.append(
            Row(
                f"call_{op}",
                _i.JMP | _i.CALL,
                CALL,
                op,
                uses,
                (),
                (),
                select=("src", src),
                group="base32",
                cpu=3 if op == "local" else 1,
                kernel=kernel,
            )
        )
    for width, cls in ((64, _i.JMP), (32, _i.JMP32)):
        for name, code, _, cpu in JUMP_OPS:
            for reg in (False, True):
                rows.append(
                    Row(
                        f"{name}{'32' if width == 32 else ''}_{'reg' if reg else 'imm'}",
                        cls | code | (_i.X if reg else _i.K),
                        JUMP,
                        name,
                        USE_DST | USE_OFF | (USE_SRC if reg else USE_IMM),
                        _DS if reg else _D,
                        (),
                        width=width,
                        reg=reg,
                        cpu=3 if width == 32 else cpu,
                        group=f"base{width}",
                        kernel=(5, 1) if width == 32 else (3, 18) if cpu == 1 else (4, 14),
                    )
                )
    return rows


ROWS: tuple[Row, ...] = tuple(
    sorted(
        _alu_rows() + _load_store_rows() + _atomic_rows() + _jump_rows(),
        key=lambda row: (row.opcode, row.select[1] if row.select else 0),
    )
)
by_name: dict[str, Row] = {row.name: row for row in ROWS}

# opcode -> the only row, or (selecting field, {value: row}).
_BY_OPCODE: dict[int, Row | tuple[str, dict[int, Row]]] = {}
for _row in ROWS:
    if _row.select is None:
        _BY_OPCODE[_row.opcode] = _row
    else:
        _entry = _BY_OPCODE.setdefault(_row.opcode, (_row.select[0], {}))
        assert isinstance(_entry, tuple)
        _entry[1][_row.select[1]] = _row


def lookup(insn: Insn) -> Row | None:
    """Return the row of ``insn``; None when its opcode or its selecting field is unknown."""
    entry = _BY_OPCODE.get(insn.opcode)
    if type(entry) is tuple:
        return entry[1].get(getattr(insn, entry[0]))
    return entry  # type: ignore[return-value]


def selector(opcode: int) -> tuple[str, tuple[int, ...]] | None:
    """Return (field, its known values) where ``opcode`` needs one more field, else None."""
    entry = _BY_OPCODE.get(opcode)
    if type(entry) is tuple:
        return entry[0], tuple(sorted(entry[1]))
    return None


def known_opcode(opcode: int) -> bool:
    """Tell whether any instruction has this opcode byte."""
    return opcode in _BY_OPCODE
