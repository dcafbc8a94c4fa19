"""Objects as text: what ``bpfcc objdump`` shows, and the assembly of ``-S``."""

from __future__ import annotations

from collections.abc import Iterator

from ..btf.types import BtfType
from ..isa.disasm import format_insn, target_slot, targets
from ..isa.insn import CALL, JMP, LD_IMM64, encode
from ..objfile.maps import MapDef, map_defs
from ..objfile.model import Function, Object
from ..uapi.helpers import by_id
from ..uapi.map_types import c_name


def _symbol(function: Function, slot: int) -> str | None:
    for reloc in function.relocs:
        if reloc.slot == slot:
            return reloc.symbol + (f"+{reloc.addend}" if reloc.addend else "")
    return None


def helper_name(number: int) -> str | None:
    """Return "bpf_..." for a helper id, None for an unknown one."""
    helper = by_id.get(number)
    return helper.name if helper is not None else None


def code_lines(
    function: Function, *, source: bool = True, raw: bool = False, core: bool = True
) -> Iterator[str]:
    """Yield the listing of one function: C lines where they begin, then instructions by slot."""
    labels = targets(function.insns)
    lines = {line.slot: line for line in function.lines}
    relocated = {reloc.slot: reloc for reloc in function.core}
    slot = 0
    last = None
    for insn in function.insns:
        line = lines.get(slot)
        if source and line is not None and (line.file, line.line, line.text) != last:
            last = (line.file, line.line, line.text)
            yield f"; {line.file}:{line.line}: {line.text.strip()}"
        if slot in labels:
            yield f"{labels[slot]}:"
        target = target_slot(insn, slot)
        label = labels.get(target) if target is not None else None
        symbol = _symbol(function, slot)
        comment = ""
        if insn.opcode == JMP | CALL and insn.src == 0 and symbol is None:
            name = helper_name(insn.imm)
            comment = f"  # {name}" if name else ""
        if core and slot in relocated:
            relocation = relocated[slot]
            comment += (
                f"  # CO-RE {relocation.kind.name.lower()} {relocation.type.name or '(unnamed)'}"
                f" {relocation.access}"
            )
        if insn.opcode == LD_IMM64 and symbol is not None:
            comment = f"  # {symbol}" + comment
        text = format_insn(insn, slot, label, symbol)
        data = encode([insn]).hex(" ") + "  " if raw else ""
        yield f"{slot:6d}:  {data}{text}{comment}"
        slot += insn.slots


def _map_text(definition: MapDef) -> str:
    kind = c_name(definition.type)
    key = type_name(definition.key_type) if definition.key_type else f"{definition.key_size} bytes"
    value = (
        type_name(definition.value_type)
        if definition.value_type
        else f"{definition.value_size} bytes"
    )
    parts = [kind, f"key {key}", f"value {value}", f"max_entries {definition.max_entries}"]
    if definition.flags:
        parts.append(f"flags {definition.flags:#x}")
    if definition.pinning:
        parts.append("pinned by name")
    return f"{definition.name}: " + ", ".join(parts)


def type_name(type: BtfType | None) -> str:
    """Return a BTF type in C words ("struct event", "u64 *", "char[16]")."""
    from ..btf.dump_c import declaration

    return declaration(type, "")


def object_text(
    obj: Object, *, name: str = "", source: bool = True, raw: bool = False, core: bool = True
) -> str:
    """Return the whole listing: programs, maps, data, externs, license; functions by section."""
    out = [f"{name or obj.source_name}: BPF object, {'big' if obj.big_endian else 'little'} endian"]
    if obj.license:
        out.append(f"license: {obj.license}")
    sections: dict[str, list[Function]] = {}
    for function in obj.functions:
        sections.setdefault(function.section, []).append(function)
    for section, functions in sections.items():
        out += ["", f"section {section}"]
        for function in functions:
            count = sum(insn.slots for insn in function.insns)
            stack = f", {function.stack} bytes of stack" if function.stack else ""
            out += ["", f"{function.name}:  ({count} instructions{stack})"]
            out += code_lines(function, source=source, raw=raw, core=core)
    definitions = map_defs(obj)
    if definitions:
        out += ["", "maps"] + ["  " + _map_text(definition) for definition in definitions]
    for data in obj.data.values():
        if data.name in (".maps", "maps", "license"):
            continue
        out += ["", f"data {data.name}  ({len(data.data)} bytes)"]
        for symbol in sorted(data.symbols, key=lambda s: s.offset):
            content = bytes(data.data[symbol.offset : symbol.offset + symbol.size])
            shown = content[:16].hex(" ") + (" ..." if len(content) > 16 else "")
            kind = f"  {type_name(symbol.btf.type)}" if symbol.btf is not None else ""
            out.append(f"  {symbol.offset:6d}  {symbol.name}: {symbol.size} bytes{kind}  {shown}")
    if obj.externs:
        out += ["", "externs"]
        for extern in obj.externs:
            out.append(f"  {extern.section} {extern.name}" + (" (weak)" if extern.weak else ""))
    return "\n".join(out) + "\n"
