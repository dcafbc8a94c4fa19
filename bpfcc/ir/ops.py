"""The operation table of the IR: one row per operation.

Printer, parser, well-formedness check, passes and both code generators read these rows.

Notation of ``result``: a type name, or "same" (as the first operand), or "any" (as the instruction
says). ``attrs``: keys that ``Instr.attrs`` must have; those in ``optional`` may be there.
``effects``: "" pure; "r" reads memory; "w" writes memory; "rw"; "c" ends a block; "x" has an
effect that no pass may move, copy or delete (helper calls, volatile accesses, barriers).
"""

from __future__ import annotations


class Op:
    """One row."""

    __slots__ = ("arity", "attrs", "commutes", "doc", "effects", "name", "optional", "result")

    def __init__(
        self,
        name: str,
        arity: int,
        result: str,
        effects: str = "",
        attrs: tuple[str, ...] = (),
        optional: tuple[str, ...] = (),
        *,
        commutes: bool = False,
        doc: str = "",
    ) -> None:
        self.name = name
        self.arity = arity
        self.result = result
        self.effects = effects
        self.attrs = attrs
        self.optional = optional
        self.commutes = commutes
        self.doc = doc


ANY = -1
# fmt: off
_ROWS = [
    # Integer arithmetic, both operands of one type i1..i64; wraps modulo 2**bits, nothing is undefined.
    # udiv, sdiv by 0 = 0; urem, srem by 0 = the dividend. sdiv and srem truncate towards zero;
    # the least number divided by -1 is itself, rest 0 (RFC 9669 section 4.1).
    Op("add", 2, "same", commutes=True), Op("sub", 2, "same"), Op("mul", 2, "same", commutes=True),
    Op("udiv", 2, "same"), Op("sdiv", 2, "same"), Op("urem", 2, "same"), Op("srem", 2, "same"),
    Op("and", 2, "same", commutes=True), Op("or", 2, "same", commutes=True),
    Op("xor", 2, "same", commutes=True),
    # Shifts: the count has the type of the value and is taken modulo its bits.
    Op("shl", 2, "same"), Op("lshr", 2, "same"), Op("ashr", 2, "same"),
    # Comparisons: integers of one type, or two pointers (unsigned forms and eq/ne).
    Op("eq", 2, "i1", commutes=True), Op("ne", 2, "i1", commutes=True),
    Op("ult", 2, "i1"), Op("ule", 2, "i1"), Op("ugt", 2, "i1"), Op("uge", 2, "i1"),
    Op("slt", 2, "i1"), Op("sle", 2, "i1"), Op("sgt", 2, "i1"), Op("sge", 2, "i1"),
    # Conversions; the instruction's type is the target. zext and sext widen, trunc narrows.
    Op("zext", 1, "any"), Op("sext", 1, "any"), Op("trunc", 1, "any"),
    Op("ptrtoint", 1, "i64"), Op("inttoptr", 1, "ptr"),
    Op("bswap", 1, "same", doc="reverse the bytes of an i16, i32 or i64"),
    Op("ptradd", 2, "ptr", doc="pointer + i64 byte offset, wraps"),
    Op("select", 3, "any", doc="args: i1, value if true, value if false; one type"),
    Op("phi", ANY, "any", "", ("blocks",),
       doc="args parallel to attrs['blocks'] (list[Block]), which names each predecessor once"),
    Op("alloca", 0, "ptr", "x", ("size", "align"),
       doc="stack bytes, live in the whole function; entry block only"),
    # Memory. The address is args[0] + attrs['off'] (bytes, signed, default 0). 'align' is what is
    # known of the address, in bytes (absent: that of the size); bytes stand in the target's order.
    Op("load", 1, "any", "r", (), ("off", "volatile", "align"), doc="the type gives the size; i8..i64, ptr"),
    Op("store", 2, "void", "w", (), ("off", "volatile", "align"), doc="args: ptr, value"),
    Op("memcpy", 2, "void", "rw", ("size",), ("align", "volatile"), doc="args: dst, src; not overlapping"),
    Op("memmove", 2, "void", "rw", ("size",), ("align",), doc="as memcpy, may overlap"),
    Op("memset", 2, "void", "w", ("size",), ("align", "volatile"), doc="args: dst, i8 value"),
    Op("lifetime", 1, "void", "x", ("start",),
       doc="args: alloca; its scope is entered (start=True) or left; its bytes hold nothing outside"),
    # Atomics: i32 or i64. 'op' is add, and, or, xor, xchg; the result is the old value.
    Op("atomicrmw", 2, "any", "x", ("op",), ("off",), doc="args: ptr, value. Unused result: no fetch"),
    Op("cmpxchg", 3, "any", "x", (), ("off",), doc="args: ptr, expected, new; result: the old value"),
    Op("load_acquire", 1, "any", "x", (), ("off",)),
    Op("store_release", 2, "void", "x", (), ("off",)),
    # Calls. attrs['callee'] is a HelperRef, a FuncRef or a KfuncRef; at most 5 args (a FuncRef to a
    # function that is inlined may have more). A PointerRef calls args[0]; it does not outlive opt.
    Op("call", ANY, "any", "x", ("callee",)),
    Op("ld_pkt", 2, "i64", "x", ("size", "off"), doc="legacy LD_ABS/LD_IND: args ctx, i32 index or Const 0"),
    # Barriers.
    Op("is_constant", 1, "i1", "",
       doc="true if the operand is a constant once all is inlined; opt decides, false is always right"),
    Op("fence", 0, "void", "x", doc='asm volatile("" ::: "memory")'),
    Op("opaque", 1, "same", "x", doc='asm volatile("" : "+r"(x)): the same value, unknown to the optimiser'),
    Op("asm", ANY, "any", "x", ("template", "constraints"), ("clobbers", "outputs"),
       doc="BPF assembly in LLVM syntax; see ir.module.AsmOperand"),
    Op("addrspacecast", 1, "ptr", "", ("from", "to"), doc="arena pointers (kernel 6.9)"),
    # Terminators: attrs['targets'] is a list[Block]. 'unroll' on the one that closes a loop is the
    # programmer's wish: 0 = fully, n = n times, -1 = not at all.
    Op("br", 0, "void", "c", ("targets",), ("unroll",)),
    Op("condbr", 1, "void", "c", ("targets",), ("guess", "likely", "unroll"),
       doc="args: i1; targets: [if true, if false]"),
    Op("switch", 1, "void", "c", ("targets", "cases"),
       doc="targets[0] = default, targets[i+1] for cases[i]: unsigned int, all different"),
    Op("ret", ANY, "void", "c", doc="0 or 1 operand"),
    Op("unreachable", 0, "void", "c", doc="control does not come here; if it does, the program ends"),
    Op("may_goto", 0, "void", "c", ("targets",), doc="targets: [leave the loop, go on] (kernel 6.9)"),
    Op("asm_goto", ANY, "void", "c", ("template", "constraints", "targets"), ("clobbers", "labels"),
       doc="targets[0] = fall through, then the labels in order"),
]
# fmt: on
OPS: dict[str, Op] = {row.name: row for row in _ROWS}
TERMINATORS = frozenset(row.name for row in _ROWS if row.effects == "c")
COMPARISONS = frozenset({"eq", "ne", "ult", "ule", "ugt", "uge", "slt", "sle", "sgt", "sge"})
