"""Objects as assembly that reads back: ``-S``, and ``bpfcc objdump --asm``.

LLVM's syntax for instructions, GNU directives for all else: sections, linkage, data, relocations.
``asm_object`` reads it back to the same bytes. Types (BTF), CO-RE relocations and line information
have no directives and are left out; C places are comments.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..isa.disasm import format_insn, target_slot, targets
from ..isa.insn import CALL, JMP
from ..objfile.model import DataSection, Function, Linkage, Object
from ..uapi.helpers import by_id

_LINKAGE = {
    Linkage.LOCAL: (),
    Linkage.GLOBAL: (".globl",),
    Linkage.WEAK: (".weak",),
    Linkage.HIDDEN: (".globl", ".hidden"),
    Linkage.WEAK_HIDDEN: (".weak", ".hidden"),
}
_SECTION = "._$/?-"  # what section names may have, no quotes needed
_ROW = 16  # bytes of data a line


def quoted(name: str, plain: str = "._$") -> str:
    """Return a name as directives take it: in quotes when it has more than letters and ``plain``."""
    if name and not name[0].isdigit() and all(char.isalnum() or char in plain for char in name):
        return name
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def assembly(obj: Object, mcpu: int | None = None, *, source: bool = True) -> str:
    """Return the text of an object.

    Args:
        obj: the object.
        mcpu: the instruction set's version, for the first line; None = not said.
        source: say where in C instructions stem from.
    """
    out = ["\t# bpfcc" + (f", -mcpu=v{mcpu}" if mcpu is not None else "")]
    for number, function in enumerate(obj.functions):
        out += _function(function, number, source)
    for data in obj.data.values():
        out += _data(data, big_endian=obj.big_endian)
    for extern in obj.externs:
        out.append(f"\t{'.weak' if extern.weak else '.extern'}\t{quoted(extern.name)}")
    return "\n".join(out) + "\n"


def _linkage(name: str, linkage: Linkage) -> list[str]:
    return [f"\t{directive}\t{quoted(name)}" for directive in _LINKAGE[linkage]]


def _function(function: Function, number: int, source: bool) -> Iterator[str]:
    name = quoted(function.name)
    if function.section == ".text":
        yield "\t.text"
    else:
        yield f'\t.section\t{quoted(function.section, _SECTION)},"ax",@progbits'
    yield from _linkage(function.name, function.linkage)
    yield "\t.p2align\t3"
    yield f"\t.type\t{name},@function"
    yield f"{name}:"
    relocs = {reloc.slot: reloc for reloc in function.relocs}
    lines = {line.slot: line for line in function.lines}
    labels = {slot: f".L{number}_{k}" for k, slot in enumerate(sorted(targets(function.insns)), 1)}
    slot = 0
    for insn in function.insns:
        line = lines.get(slot)
        if source and line is not None:
            yield f"\t# {line.file}:{line.line}:{line.column}"
        if slot in labels:
            yield f"{labels[slot]}:"
        reloc = relocs.get(slot)
        symbol = None
        if reloc is not None:
            symbol = quoted(reloc.symbol) + (f"{reloc.addend:+d}" if reloc.addend else "")
        target = target_slot(insn, slot) if reloc is None else None
        label = labels.get(target) if target is not None else None
        comment = ""
        if insn.opcode == JMP | CALL and insn.src == 0 and reloc is None and insn.imm in by_id:
            comment = f"  # {by_id[insn.imm].name}"
        yield "\t" + format_insn(insn, None, label, symbol) + comment
        slot += insn.slots
    yield f"\t.size\t{name}, .-{name}"
    yield ""


def _data(data: DataSection, *, big_endian: bool) -> Iterator[str]:
    flags = "a" if data.readonly else "aw"
    kind = "@nobits" if data.nobits else "@progbits"
    yield f'\t.section\t{quoted(data.name, _SECTION)},"{flags}",{kind}'
    yield f"\t.p2align\t{max(data.align, 1).bit_length() - 1}"
    symbols = sorted(data.symbols, key=lambda one: (one.offset, one.name))
    for symbol in symbols:
        yield from _linkage(symbol.name, symbol.linkage)
        yield f"\t.type\t{quoted(symbol.name)},@object"
        yield f"\t.size\t{quoted(symbol.name)}, {symbol.size}"
    relocs = {reloc.offset: reloc for reloc in data.relocs}
    size = len(data.data)
    starts = {symbol.offset for symbol in symbols}
    ends = {offset + 8 for offset in relocs}
    edges = sorted({0, size, *starts, *relocs, *ends} & set(range(size + 1)))
    for at, end in zip(edges, [*edges[1:], size]):
        for symbol in symbols:
            if symbol.offset == at:
                yield f"{quoted(symbol.name)}:"
        reloc = relocs.get(at)
        if reloc is not None:
            addend = f"{reloc.addend:+d}" if reloc.addend else ""
            yield f"\t.8byte\t{quoted(reloc.symbol)}{addend}"
        else:
            yield from _bytes(bytes(data.data[at:end]))
    yield ""


def _bytes(content: bytes) -> Iterator[str]:
    if not any(content):
        if content:
            yield f"\t.zero\t{len(content)}"
        return
    for at in range(0, len(content), _ROW):
        yield "\t.byte\t" + ",".join(str(byte) for byte in content[at : at + _ROW])
