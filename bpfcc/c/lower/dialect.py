"""The tracing-filter dialect of 2013 and 2014 on a current kernel.

Generation 1: filters of ``struct bpf_context *``, tables by number. Generation 2: the same context,
``struct bpf_map_def`` in section "maps", events/ sections. Both become raw tracepoint or kprobe
programs with BTF-defined maps; see the documentation of the dialect for the table of equivalents.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ...btf import types as btf
from ...ir.module import Global, HelperRef
from ...ir.values import I32, I64, PTR, VOID, Const, Symbol, Type, Undef, Value
from ...support.diagnostics import Diagnostic, FixIt, Severity
from ..ctype.layout import size_of
from ..ctype.types import ArrayType, PointerType, RecordType, strip
from ..tast import nodes as t
from ..tast.evaluate import evaluate_int
from ..tast.walk import walk
from . import expressions
from .function import Fn
from .memory import compare_memory
from .scalars import INT_OF_SIZE, ir_type

if TYPE_CHECKING:
    from .module import ModuleLowering
    from .place import Place

MAP_HASH, MAP_LPM_TRIE, MAP_STACK_TRACE = 1, 11, 7
NO_PREALLOC = 1
PIN_BY_NAME = 1
STACK_MAP = "bpf_stacks"
STACK_DEPTH = 127
STACK_ENTRIES = 1024
MAX_MEMCMP = 64  # exclusive: what the dialect's own checker allowed

# Byte offsets in x86-64's struct pt_regs.
_REGISTERS = "r15 r14 r13 r12 bp bx r11 r10 r9 r8 ax cx dx si di orig_ax ip cs flags sp ss".split()
_PT_REGS = {name: 8 * i for i, name in enumerate(_REGISTERS)}
_ARGUMENTS = ("di", "si", "dx", "cx", "r8", "r9")
_RETURN_ARGUMENT = 8  # raw_tp/sys_exit: args[1] is the return value


# --------------------------------------------------------------------------- programs
def context_of(unit: t.Unit) -> str:
    """Return what ``struct bpf_context`` is here: "raw_tp", "kprobe", or "" if nobody uses it."""
    uses = [f for f in unit.functions if _takes_context(f)]
    if not uses:
        return ""
    sections = [f.section for f in uses if f.section]
    if any(s.startswith(("events/kprobes/", "kprobe", "kretprobe")) for s in sections):
        return "kprobe"
    if sections:
        return "raw_tp"
    fields = {
        node.field.name
        for f in unit.functions
        if f.body is not None
        for node in walk(f.body)
        if isinstance(node, t.Member) and node.record.tag == "bpf_context"
    }
    return (
        "kprobe" if "regs" in fields and not any(n.startswith("arg") for n in fields) else "raw_tp"
    )


def _takes_context(symbol: t.FuncSymbol) -> bool:
    if len(symbol.params) != 1:
        return False
    real = strip(symbol.params[0].type)
    if not isinstance(real, PointerType):
        return False
    record = strip(real.to)
    return isinstance(record, RecordType) and record.tag == "bpf_context"


def section_of(m: ModuleLowering, symbol: t.FuncSymbol) -> str:
    """Return the section of a function in today's names; "" for a subprogram."""
    section = symbol.section
    if section.startswith("events/"):
        group, _, name = section[len("events/") :].partition("/")
        if group == "kprobes":
            return "kprobe/" + name
        if group == "kretprobes":
            return "kretprobe/" + name
        return "raw_tracepoint/" + (name or group)
    if section:
        return section
    if symbol.linkage != "static" and _takes_context(symbol):
        return "kprobe" if m.context == "kprobe" else "raw_tracepoint"
    return ""


def context_member(f: Fn, e: t.Member, place: Place) -> None:
    """Move ``place``, a member of struct bpf_context, to where today's context has it."""
    name = e.field.name
    kprobe = f.module.context == "kprobe"
    base = place.offset - e.field.offset // 8
    if name == "regs":
        place.offset = base
    elif name == "ret":
        place.offset = base + (_PT_REGS["ax"] if kprobe else _RETURN_ARGUMENT)
    elif kprobe and name.startswith("arg"):
        place.offset = base + _PT_REGS[_ARGUMENTS[int(name[3:]) - 1]]


def register_member(f: Fn, e: t.Member, place: Place) -> None:
    """``ctx->regs.di`` where the context is a tracepoint's: the first argument, and so on."""
    if f.module.context != "raw_tp" or not _of_context(e.base):
        return
    base = place.offset - e.field.offset // 8
    if e.field.name in _ARGUMENTS:
        place.offset = base + 8 * _ARGUMENTS.index(e.field.name)
        return
    f.module.error(
        "bpf-context-field",
        f"register '{e.field.name}' is not available in a tracepoint",
        e.name_span,
        fixits=[FixIt("arguments are in di, si, dx, cx, r8, r9, or ctx->arg1 to arg6")],
    )


def _of_context(e: t.Expr) -> bool:
    return isinstance(e, t.Member) and e.record.tag == "bpf_context"


# --------------------------------------------------------------------------- maps
def tables(m: ModuleLowering) -> None:
    """Make the unit's tables maps."""
    for table in m.unit.tables:
        kind = MAP_LPM_TRIE if table.kind == 2 else MAP_HASH
        members: list[tuple[str, btf.TypeRef]] = [("type", _number(kind))]
        members.append(_shape(m, "key", table.key, table.key_size))
        members.append(_shape(m, "value", table.elem, table.elem_size))
        members.append(("max_entries", _number(table.max_entries)))
        if kind == MAP_LPM_TRIE:
            members.append(("map_flags", _number(NO_PREALLOC)))
        _add_map(m, table.name, members, table.span)
    if any(_calls(f, "bpf_dump_stack") for f in m.unit.functions):
        _add_map(
            m,
            STACK_MAP,
            [
                ("type", _number(MAP_STACK_TRACE)),
                ("key_size", _number(4)),
                ("value_size", _number(8 * STACK_DEPTH)),
                ("max_entries", _number(STACK_ENTRIES)),
            ],
            None,
        )


def _calls(symbol: t.FuncSymbol, name: str) -> bool:
    if symbol.body is None:
        return False
    return any(
        (isinstance(node, t.Call) and node.callee.builtin == name)
        or (isinstance(node, t.BuiltinCall) and node.name == name)
        for node in walk(symbol.body)
    )


def _shape(m: ModuleLowering, what: str, kind: Any, size: int) -> tuple[str, btf.TypeRef]:
    """Describe keys or values by their type, or by their size where the type is not known."""
    if kind is not None and size_of(kind) == size:
        return what, btf.Ptr(m.types.full(kind))
    return what + "_size", _number(size)


_INT = btf.Int("int", 4, btf.Int.SIGNED)
_INDEX = btf.Int("__ARRAY_SIZE_TYPE__", 4)


def _number(value: int) -> btf.BtfType:
    """The way in which map definitions write numbers: pointer to an array of that many ints."""
    return btf.Ptr(btf.Array(_INT, value, _INDEX))


def _add_map(
    m: ModuleLowering, name: str, members: list[tuple[str, btf.TypeRef]], span: Any
) -> None:
    size = 8 * len(members)
    struct = btf.Struct(
        "", size, [btf.Member(word, kind, 64 * i) for i, (word, kind) in enumerate(members)]
    )
    m.module.globals.append(
        Global(
            name,
            ".maps",
            bytes(size),
            8,
            used=True,
            btf=btf.Var(name, struct, btf.Var.GLOBAL),
            span=span,
        )
    )


_MAP_MEMBERS = (
    "type",
    "key_size",
    "value_size",
    "max_entries",
    "map_flags",
    "numa_node",
    "pinning",
    "map_extra",
)


# iproute2's struct bpf_elf_map has other words for the same.
_IPROUTE = {
    "size_key": "key_size",
    "size_value": "value_size",
    "max_elem": "max_entries",
    "flags": "map_flags",
}


def legacy_map(m: ModuleLowering, symbol: t.VarSymbol) -> bool:
    """Make ``struct bpf_map_def SEC("maps") m`` a BTF map; False if ``symbol`` is none."""
    if symbol.section != "maps" and not symbol.section.startswith("maps/"):
        return False
    record = strip(symbol.type)
    if isinstance(record, ArrayType) or not isinstance(record, RecordType):
        m.error(
            "bpf-map-definition",
            f"'{symbol.name}' in section \"maps\" is no map definition",
            symbol.span,
            fixits=[FixIt('use struct bpf_map_def, or a BTF map in SEC(".maps")')],
        )
        return True
    names = {field.offset: field.name for field in record.fields or ()}
    iproute = "size_key" in names.values()
    if iproute:
        names = {offset: _IPROUTE.get(name, name) for offset, name in names.items()}
    given: dict[str, int] = {}
    for item in symbol.init.items if symbol.init is not None else ():
        value = evaluate_int(item.value)
        name = names.get(item.offset, "")
        if value is None:
            m.error("c-not-constant", f"'{name}' of a map must be constant", item.value.span)
        elif name in _MAP_MEMBERS and value:
            given[name] = value
    if iproute and given.pop("pinning", 0) == 2:
        given["pinning"] = PIN_BY_NAME  # 2: for the whole namespace; 1 was for this object alone
    members = [(name, _number(given[name])) for name in _MAP_MEMBERS if name in given]
    _add_map(m, symbol.link_name, [*members], symbol.span)
    return True


# --------------------------------------------------------------------------- license
def license(m: ModuleLowering) -> None:
    """Write the license that the command line gives, or the one that generation 1 takes as given."""
    module = m.module
    text = m.options.license
    have = [g for g in module.globals if g.section == "license"]
    if text is None:
        if have or not m.context or m.sink.errors:
            return
        text = "GPL"
        policy = m.sink.policy
        if not policy.silent and "bpf-implicit-license" not in policy.off:
            m.sink.report(
                Diagnostic(
                    "bpf-implicit-license",
                    Severity.NOTE,
                    'no license in the source: "GPL" is assumed, as this dialect did',
                    m.unit.functions[0].span,
                    group="bpf-implicit-license",
                    fixits=[FixIt('char _license[] SEC("license") = "GPL"; or --license=...')],
                )
            )
    for variable in have:
        module.globals.remove(variable)
    name = have[0].name if have else "_license"
    data = text.encode() + b"\0"
    module.globals.append(
        Global(
            name,
            "license",
            data,
            1,
            readonly=True,
            used=True,
            btf=btf.Var(
                name,
                btf.Array(btf.Int("char", 1, btf.Int.SIGNED), len(data), _INDEX),
                btf.Var.GLOBAL,
            ),
        )
    )


# --------------------------------------------------------------------------- calls
def call(f: Fn, name: str, e: Any) -> Value | None:
    """Lower a call of a dialect function or legacy load; None if ``name`` is neither."""
    rule = _CALLS.get(name)
    return rule(f, e) if rule is not None else None


def _args(f: Fn, e: Any) -> list[Value]:
    return [expressions.value(f, each) for each in e.args]


def _helper(f: Fn, id: int, name: str, args: list[Value], kind: Type = I64) -> Value:
    return f.b.call(kind, HelperRef(id, name), args)


def _result(f: Fn, value: Value, e: Any) -> Value:
    kind = ir_type(e.type)
    if kind is VOID:
        return Undef(VOID)
    if value.type is kind:
        return value
    if kind is PTR:
        return f.b.inttoptr(f.b.resize(value, I64, signed=False))
    if value.type is PTR:
        value = f.b.ptrtoint(value)
    return f.b.resize(value, kind, signed=True)


def _table(f: Fn, e: Any) -> Value:
    number = evaluate_int(e.args[1])
    for table in f.module.unit.tables:
        if table.index == number:
            return Symbol(table.name)
    return Undef(PTR)


def _table_lookup(f: Fn, e: Any) -> Value:
    expressions.effect(f, e.args[0])
    return _helper(f, 1, "map_lookup_elem", [_table(f, e), expressions.value(f, e.args[2])], PTR)


def _table_update(f: Fn, e: Any) -> Value:
    key, elem = expressions.value(f, e.args[2]), expressions.value(f, e.args[3])
    done = _helper(f, 2, "map_update_elem", [_table(f, e), key, elem, Const(I64, 0)])
    return _result(f, done, e)


def _table_delete(f: Fn, e: Any) -> Value:
    done = _helper(f, 3, "map_delete_elem", [_table(f, e), expressions.value(f, e.args[2])])
    return _result(f, done, e)


def _map_lookup(f: Fn, e: Any) -> Value:
    return _helper(f, 1, "map_lookup_elem", _args(f, e), PTR)


def _map_update(f: Fn, e: Any) -> Value:
    args = _args(f, e)
    if len(args) == 3:
        args.append(Const(I64, 0))
    args[3] = f.b.resize(args[3], I64, signed=False)
    return _result(f, _helper(f, 2, "map_update_elem", args[:4]), e)


def _map_delete(f: Fn, e: Any) -> Value:
    return _result(f, _helper(f, 3, "map_delete_elem", _args(f, e)), e)


def _probe_read(f: Fn, target: Value, size: int, source: Value) -> Value:
    return _helper(f, 113, "probe_read_kernel", [target, Const(I32, size), source])


def _fetch(size: int) -> Callable[[Fn, Any], Value]:
    """A load that cannot fault: 0 where it would have."""

    def rule(f: Fn, e: Any) -> Value:
        source = expressions.value(f, e.args[0])
        slot = f.bytes(size, size)
        # probe_read_kernel fills the destination with zeros when it fails.
        f.b.store(slot, Const(INT_OF_SIZE[size], 0))
        _probe_read(f, slot, size, source)
        return _result(f, f.b.load(INT_OF_SIZE[size], slot), e)

    return rule


def _memcmp(f: Fn, e: Any) -> Value:
    """``bpf_memcmp(unsafe, safe, n)``: read n bytes without faulting, then compare."""
    b = f.b
    size = evaluate_int(e.args[2])
    if size is None or not 0 < size < MAX_MEMCMP:
        f.module.error(
            "bpf-memcmp-size",
            f"the size must be a constant from 1 to {MAX_MEMCMP - 1}",
            e.args[2].span,
        )
        return Const(ir_type(e.type), 0)
    source, safe = expressions.value(f, e.args[0]), expressions.value(f, e.args[1])
    buffer = f.bytes(size)
    failed = _probe_read(f, buffer, size, source)
    before = b.block
    compare, end = f.block("compare"), f.block("compared")
    b.emit(
        "condbr",
        VOID,
        [b.compare("slt", failed, Const(I64, 0))],
        {"targets": [end, compare]},
    )
    b.position(compare)
    found = b.sext(compare_memory(f, buffer, safe, Const(I64, size), 1), I64)
    last = b.block
    b.br(end)
    b.position(end)
    return _result(f, b.phi(I64, [(failed, before), (found, last)]), e)


def _dump_stack(f: Fn, e: Any) -> Value:
    """Record the kernel stack in a stack map, which ``bpfcc trace`` prints."""
    context = _args(f, e)
    if not context:
        context = [f.function.params[0]] if f.function.params else [Const(PTR, 0)]
    _helper(f, 27, "get_stackid", [context[0], Symbol(STACK_MAP), Const(I64, 0)])
    return Undef(VOID)


def _printk(f: Fn, e: Any) -> Value:
    """``bpf_trace_printk(fmt, size, a1, a2, a3)``; ``bpf_printk`` the same."""
    b = f.b
    args = _args(f, e)
    if len(args) > 1:
        args[1] = b.resize(args[1], I32, signed=False)
    for i in range(2, len(args)):
        if args[i].type is PTR:
            continue
        args[i] = b.resize(args[i], I64, signed=True)
    return _result(f, _helper(f, 6, "trace_printk", args[:5]), e)


def _ktime(f: Fn, e: Any) -> Value:
    return _result(f, _helper(f, 5, "ktime_get_ns", []), e)


def _current(f: Fn, e: Any) -> Value:
    return _result(f, _helper(f, 35, "get_current_task", []), e)


def _load_packet(size: int) -> Callable[[Fn, Any], Value]:
    """``load_byte``, ``load_half``, ``load_word``: the legacy packet loads."""

    def rule(f: Fn, e: Any) -> Value:
        context, offset = _args(f, e)
        offset = f.b.resize(offset, I64, signed=False)
        return _result(f, f.b.ld_pkt(context, offset, size, 0), e)

    return rule


_CALLS: dict[str, Callable[[Fn, Any], Value]] = {
    "bpf_table_lookup": _table_lookup,
    "bpf_table_update": _table_update,
    "bpf_table_delete": _table_delete,
    "bpf_map_lookup_elem": _map_lookup,
    "bpf_map_update_elem": _map_update,
    "bpf_map_delete_elem": _map_delete,
    "bpf_load_pointer": _fetch(8),
    "bpf_fetch_ptr": _fetch(8),
    "bpf_fetch_u8": _fetch(1),
    "bpf_fetch_u16": _fetch(2),
    "bpf_fetch_u32": _fetch(4),
    "bpf_fetch_u64": _fetch(8),
    "bpf_memcmp": _memcmp,
    "bpf_probe_memcmp": _memcmp,
    "bpf_dump_stack": _dump_stack,
    "bpf_trace_printk": _printk,
    "bpf_printk": _printk,
    "bpf_ktime_get_ns": _ktime,
    "bpf_get_current": _current,
    "load_byte": _load_packet(1),
    "load_half": _load_packet(2),
    "load_word": _load_packet(4),
    "llvm.bpf.load.byte": _load_packet(1),
    "llvm.bpf.load.half": _load_packet(2),
    "llvm.bpf.load.word": _load_packet(4),
}
