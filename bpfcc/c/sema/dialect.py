"""The tracing-filter dialect of 2013 and 2014: names known without any include, and its tables.

A name of this list means something only where nothing else declares it: a program that declares
its own ``bpf_memcmp`` keeps it. The functions become ``FuncSymbol`` with ``builtin`` set; what they
turn into is the business of ``lower``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...support.diagnostics import FixIt, Note
from ..ctype.layout import is_complete, size_of
from ..ctype.printing import quoted
from ..ctype.relations import CONST, qualify
from ..ctype.types import (
    BOOL,
    CHAR,
    INT,
    LLONG,
    LONG,
    SCHAR,
    SHORT,
    UCHAR,
    UINT,
    ULLONG,
    ULONG,
    USHORT,
    VOID,
    VOID_PTR,
    ArrayType,
    CType,
    Field,
    FuncType,
    PointerType,
    RecordType,
    Typedef,
    VoidType,
    strip,
)
from ..tast.evaluate import evaluate_int
from ..tast.nodes import (
    Call,
    Cast,
    Expr,
    FuncSymbol,
    Symbol,
    Table,
    VarSymbol,
)
from .symbols import EnumConst, Tag, TypeName

if TYPE_CHECKING:
    from ...support.source import Span
    from .context import Context

TABLE_HASH, TABLE_LPM = 1, 2
DEFAULT_ENTRIES = 4096

TYPES: dict[str, CType] = {
    "uint8_t": UCHAR,
    "uint16_t": USHORT,
    "uint32_t": UINT,
    "uint64_t": ULONG,
    "int8_t": SCHAR,
    "int16_t": SHORT,
    "int32_t": INT,
    "int64_t": LONG,
    "u8": UCHAR,
    "u16": USHORT,
    "u32": UINT,
    "u64": ULLONG,
    "s8": SCHAR,
    "s16": SHORT,
    "s32": INT,
    "s64": LLONG,
    "__u8": UCHAR,
    "__u16": USHORT,
    "__u32": UINT,
    "__u64": ULLONG,
    "__s8": SCHAR,
    "__s16": SHORT,
    "__s32": INT,
    "__s64": LLONG,
    "__be16": USHORT,
    "__be32": UINT,
    "__be64": ULLONG,
    "__le16": USHORT,
    "__le32": UINT,
    "__le64": ULLONG,
    "__wsum": UINT,
    "__sum16": USHORT,
    "size_t": ULONG,
    "ssize_t": LONG,
    "uintptr_t": ULONG,
    "intptr_t": LONG,
    "ptrdiff_t": LONG,
    "bool": BOOL,
    "pid_t": INT,
    "ulong": ULONG,
    "uint": UINT,
}
_CONSTANTS = {"BPF_TABLE_HASH": TABLE_HASH, "BPF_TABLE_LPM": TABLE_LPM, "true": 1, "false": 0}
_CONST_VOID = PointerType(qualify(VOID, CONST))
_CONST_CHAR = PointerType(qualify(CHAR, CONST))
# x86-64's struct pt_regs, as the first form of the dialect knew it.
_REGISTERS = "r15 r14 r13 r12 bp bx r11 r10 r9 r8 ax cx dx si di orig_ax ip cs flags sp ss"

# name: (result, parameters, variadic); "ctx" stands for struct bpf_context *.
_FUNCTIONS: dict[str, tuple[CType, tuple[object, ...], bool]] = {
    "bpf_table_lookup": (VOID_PTR, ("ctx", INT, _CONST_VOID), False),
    "bpf_table_update": (INT, ("ctx", INT, _CONST_VOID, _CONST_VOID), False),
    "bpf_table_delete": (INT, ("ctx", INT, _CONST_VOID), False),
    "bpf_load_pointer": (VOID_PTR, (VOID_PTR,), False),
    "bpf_memcmp": (LONG, (VOID_PTR, VOID_PTR, LONG), False),
    "bpf_probe_memcmp": (LONG, (VOID_PTR, VOID_PTR, LONG), False),
    "bpf_dump_stack": (VOID, (), True),
    "bpf_trace_printk": (VOID, (_CONST_CHAR, LONG), True),
    "bpf_printk": (VOID, (_CONST_CHAR, LONG), True),
    "bpf_fetch_ptr": (VOID_PTR, (VOID_PTR,), False),
    "bpf_fetch_u8": (UCHAR, (VOID_PTR,), False),
    "bpf_fetch_u16": (USHORT, (VOID_PTR,), False),
    "bpf_fetch_u32": (UINT, (VOID_PTR,), False),
    "bpf_fetch_u64": (ULLONG, (VOID_PTR,), False),
    "bpf_get_current": (VOID_PTR, (), False),
    "bpf_ktime_get_ns": (ULLONG, (), False),
    "bpf_map_lookup_elem": (VOID_PTR, (VOID_PTR, _CONST_VOID), False),
    "bpf_map_update_elem": (INT, (VOID_PTR, _CONST_VOID, _CONST_VOID), True),
    "bpf_map_delete_elem": (INT, (VOID_PTR, _CONST_VOID), False),
    "load_byte": (ULLONG, (VOID_PTR, ULLONG), False),
    "load_half": (ULLONG, (VOID_PTR, ULLONG), False),
    "load_word": (ULLONG, (VOID_PTR, ULLONG), False),
}
TABLE_CALLS = ("bpf_table_lookup", "bpf_table_update", "bpf_table_delete")


class Use:
    """A call on a table: what it tells about the table's shape."""

    __slots__ = ("call", "elem", "elem_span", "key", "key_span", "name", "span")

    def __init__(self, name: str, call: Call, span: Span | None) -> None:
        self.name = name
        self.call = call
        self.span = span
        self.key: CType | None = None
        self.key_span: Span | None = None
        self.elem: CType | None = None
        self.elem_span: Span | None = None


class Dialect:
    """Provides the dialect's names to the demand, and collects the uses of tables."""

    __slots__ = ("cx", "uses")

    def __init__(self, cx: Context) -> None:
        self.cx = cx
        self.uses: list[Use] = []

    # ------------------------------------------------------------------------- names
    def ident(self, name: str) -> Symbol | None:
        """Return what ``name`` means in the dialect."""
        t = TYPES.get(name)
        if t is not None:
            return TypeName(name, Typedef(name, t), None)
        value = _CONSTANTS.get(name)
        if value is not None:
            return EnumConst(name, INT, value, None)
        row = _FUNCTIONS.get(name)
        if row is None:
            return None
        ret, params, variadic = row
        types = [self._context() if p == "ctx" else p for p in params]
        ftype = FuncType(ret, [("", t) for t in types if isinstance(t, CType)], variadic=variadic)
        symbol = FuncSymbol(name, ftype, None)
        symbol.builtin = name
        symbol.quiet = True
        return symbol

    def tag(self, kind: str, name: str) -> Tag | None:
        """Return the dialect's own structs, made when they are first named."""
        if kind != "struct" or name not in ("bpf_context", "bpf_table", "bpf_map_def", "pt_regs"):
            return None
        record = RecordType(kind, name)
        tag = self.cx.file.tags[name] = Tag(record, None)
        tag.defined = True
        if name == "bpf_table":
            names = ("type", "key_size", "elem_size", "max_entries", "param1")
            _lay_out(record, [(n, UINT) for n in names])
        elif name == "bpf_map_def":
            names = ("type", "key_size", "value_size", "max_entries", "map_flags")
            _lay_out(record, [(n, UINT) for n in names])
        elif name == "pt_regs":
            _lay_out(record, [(n, ULONG) for n in _REGISTERS.split()])
        else:
            members: list[tuple[str, CType]] = [(f"arg{i}", ULLONG) for i in range(1, 7)]
            members.append(("ret", ULLONG))
            members.append(("regs", self._registers()))
            _lay_out(record, members)
        return tag

    def _struct(self, name: str) -> CType:
        demand = self.cx.demand
        tag = demand.tag("struct", name) if demand is not None else None
        return tag.type if tag is not None else RecordType("struct", name)

    def _registers(self) -> CType:
        """Return struct pt_regs, with our members where the headers at hand only name it."""
        registers = self._struct("pt_regs")
        if isinstance(registers, RecordType) and not is_complete(registers):
            _lay_out(registers, [(n, ULONG) for n in _REGISTERS.split()])
        return registers

    def _context(self) -> CType:
        return PointerType(self._struct("bpf_context"))

    # ------------------------------------------------------------------------- tables
    def note_call(self, call: Call) -> None:
        """Note a call of a table function."""
        use = Use(call.callee.name, call, call.span)
        arguments = call.args
        if len(arguments) > 2:
            use.key, use.key_span = _pointee(arguments[2]), arguments[2].span
        if len(arguments) > 3:
            use.elem, use.elem_span = _pointee(arguments[3]), arguments[3].span
        self.uses.append(use)

    def note_result(self, call: Call, target: CType, span: Span | None) -> None:
        """Note the pointer type that takes the result of a lookup."""
        real = strip(target)
        if not isinstance(real, PointerType) or isinstance(strip(real.to), VoidType):
            return
        for use in reversed(self.uses):
            if use.call is call:
                use.elem, use.elem_span = real.to, span or use.span
                return

    def finish(self) -> None:
        """Build the unit's tables from the declared array or from the uses, and check them."""
        unit = self.cx.unit
        arrays = [v for v in unit.variables if _is_table_array(v)]
        for array in arrays:
            unit.variables.remove(array)
            self._declared(array)
        if self.uses:
            unit.dialect = 1
        first: dict[int, Use] = {}
        by_id = {table.index: table for table in unit.tables}
        for use in self.uses:
            number = evaluate_int(use.call.args[1])
            if number is None:
                self.cx.error(
                    "bpf-table",
                    "the table id must be a constant",
                    use.call.args[1].span,
                )
                continue
            table = by_id.get(number)
            if table is None:
                if arrays or number < 0:
                    self._no_table(number, arrays, use)
                    continue
                table = by_id[number] = Table(f"table_{number}", number, use.span)
                table.inferred = True
                unit.tables.append(table)
            if table.inferred:
                self._infer(table, use, first)
            else:
                self._check_sizes(table, use)
        for table in unit.tables:
            self._complete(table)
        unit.tables.sort(key=lambda table: table.index)

    def _no_table(self, number: int, arrays: list[VarSymbol], use: Use) -> None:
        if not arrays:
            self.cx.error("bpf-table", f"{number} is no table id", use.call.args[1].span)
            return
        name = arrays[0].name
        count = len(self.cx.unit.tables)
        rows = "one entry (0)" if count == 1 else f"{count} entries (0..{count - 1})"
        self.cx.error(
            "bpf-table",
            f"there is no table {number}: {name}[] has {rows}",
            use.call.args[1].span,
            notes=[Note("the tables are declared here", arrays[0].span)],
        )

    def _declared(self, array: VarSymbol) -> None:
        """Read ``struct bpf_table NAME[] = {{type, key_size, elem_size, max_entries, param}}``."""
        real = strip(array.type)
        assert isinstance(real, ArrayType)
        rows: dict[int, Table] = {}
        for index in range(real.count or 0):
            table = rows[index] = Table(f"{array.name}_{index}", index, array.span)
            table.max_entries = 0
            self.cx.unit.tables.append(table)
        for item in array.init.items if array.init is not None else ():
            value = evaluate_int(item.value)
            row = rows.get(item.offset // 160)
            if row is None or value is None:
                continue
            attribute = ("kind", "key_size", "elem_size", "max_entries", "param")
            setattr(row, attribute[item.offset % 160 // 32], value)
            if row.span is array.span and item.value.span is not None:
                row.span = item.value.span
        for row in rows.values():
            self._check_row(row)

    def _check_row(self, table: Table) -> None:
        if table.kind not in (TABLE_HASH, TABLE_LPM):
            self.cx.error(
                "bpf-table",
                f"table {table.index} has unknown type {table.kind}",
                table.span,
                fixits=[FixIt("BPF_TABLE_HASH")],
            )
        for what, size in (
            ("key size", table.key_size),
            ("element size", table.elem_size),
            ("number of entries", table.max_entries),
        ):
            if size <= 0:
                self.cx.error(
                    "bpf-table", f"the {what} of table {table.index} is {size}", table.span
                )

    def _check_sizes(self, table: Table, use: Use) -> None:
        for what, t, span, size in (
            ("keys", use.key, use.key_span, table.key_size),
            ("elements", use.elem, use.elem_span, table.elem_size),
        ):
            if t is None or not is_complete(t):
                continue
            have = size_of(t)
            if what == "keys":
                table.key = table.key or (t if have == size else None)
            else:
                table.elem = table.elem or (t if have == size else None)
            if have < size and not (what == "elements" and use.name == "bpf_table_lookup"):
                self.cx.error(
                    "bpf-table",
                    f"{what} of table {table.index} have {size} bytes; this has {have} "
                    f"({quoted(t)})",
                    span,
                    notes=[Note("the table is declared here", table.span)],
                )

    def _infer(self, table: Table, use: Use, first: dict[int, Use]) -> None:
        """Learn the shape of a table from its uses; they must agree."""
        for what, t, span in (
            ("key", use.key, use.key_span),
            ("element", use.elem, use.elem_span),
        ):
            if t is None or not is_complete(t):
                continue
            size = size_of(t)
            known = table.key_size if what == "key" else table.elem_size
            slot = table.index * 2 + (what == "element")
            if not known:
                if what == "key":
                    table.key, table.key_size = t, size
                else:
                    table.elem, table.elem_size = t, size
                first[slot] = use
            elif known != size:
                before = first[slot]
                where = before.key_span if what == "key" else before.elem_span
                self.cx.error(
                    "bpf-table",
                    f"the {what} of table {table.index} has {size} bytes here ({quoted(t)}), but "
                    f"{known} bytes elsewhere",
                    span,
                    notes=[Note(f"{known} bytes here", where)],
                )

    def _complete(self, table: Table) -> None:
        if table.inferred and not table.key_size:
            self.cx.error(
                "bpf-table",
                f"nothing tells the key size of table {table.index}",
                table.span,
                fixits=[FixIt("struct bpf_table tables[] = {{BPF_TABLE_HASH, key size, ...}};")],
            )
        if table.inferred and not table.elem_size:
            self.cx.error(
                "bpf-table",
                f"nothing tells the element size of table {table.index}",
                table.span,
                fixits=[FixIt("assign the result of bpf_table_lookup() to a typed pointer")],
            )


def _lay_out(record: RecordType, members: list[tuple[str, CType]]) -> None:
    fields: list[Field] = []
    offset = 0
    for name, t in members:
        fields.append(Field(name, t, offset * 8))
        offset += size_of(t)
    record.align = 8 if offset % 8 == 0 else 4
    record.size = offset
    record.fields = fields


def _pointee(e: Expr) -> CType | None:
    """What an argument points to, seen through casts to ``void *``."""
    while isinstance(e, Cast) and e.kind in ("pointer", "same"):
        e = e.operand
    if isinstance(e, Cast) and e.kind == "decay":
        return e.operand.type
    real = strip(e.type)
    if not isinstance(real, PointerType) or isinstance(strip(real.to), VoidType):
        return None
    return real.to


def _is_table_array(symbol: VarSymbol) -> bool:
    real = strip(symbol.type)
    if not isinstance(real, ArrayType):
        return False
    record = strip(real.elem)
    return isinstance(record, RecordType) and record.tag == "bpf_table"
