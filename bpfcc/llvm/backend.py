"""SSA IR to a BPF object through LLVM: emit, optimise, compile, read back.

LLVM makes only the code of the functions. Everything else of the object (BTF, maps, data, line
texts, CO-RE records) comes from the same IR by the same means as with the direct backend, so the
two objects differ in their instructions alone.
"""

from __future__ import annotations

from typing import Any

from ..btf.read import parse as parse_btf
from ..elf.model import R_BPF_64_32, R_BPF_64_64, SHT_PROGBITS, Section, Symbol
from ..elf.read import read as read_elf
from ..ir.module import Function as IrFunction
from ..ir.module import Module
from ..isa.insn import LD_IMM64, decode, slot_starts
from ..objfile.from_ir import begin_object, function_linkage
from ..objfile.model import (
    CoreReloc,
    DataSection,
    DataSymbol,
    Function,
    Line,
    Linkage,
    Object,
    Reloc,
    RelocKind,
)
from ..objfile.read_ext import read_ext
from ..support.diagnostics import Sink
from ..support.errors import InternalError
from .door import binding
from .emit import Emitted, emit, original_name
from .expand import Expanded, expand, naked
from .inline_asm import Listing, read_listing

_CONSTANTS = ".rodata.llvm"


def llvm_text(
    module: Module, *, mcpu: int = 3, big_endian: bool = False, opt_level: int = 2
) -> str:
    """Return readable LLVM IR of ``module``, after LLVM's optimiser when ``opt_level`` > 0."""
    llvm = binding()
    text = emit(module, big_endian=big_endian).text
    machine = _target_machine(llvm, mcpu, big_endian, opt_level)
    return str(_optimized(llvm, text, machine, opt_level))


def generate(
    module: Module,
    *,
    mcpu: int = 3,
    big_endian: bool = False,
    opt_level: int = 2,
    sink: Sink,
) -> Object | None:
    """Compile ``module`` with LLVM's BPF target, instruction-set version ``mcpu``.

    Returns: the object; None after errors, which are in ``sink``.
    Raises: InputError where llvmlite is not installed; InternalError when LLVM refuses the IR.
    """
    llvm = binding()
    emitted = emit(module, big_endian=big_endian, checked=opt_level > 0)
    machine = _target_machine(llvm, mcpu, big_endian, opt_level)
    parsed = _optimized(llvm, emitted.text, machine, opt_level)
    listings: dict[str, Listing] = {}
    if emitted.statements:
        # Both must come from modules that are alike to the last detail.
        text = str(parsed)
        listing = machine.emit_assembly(_parse(llvm, text))
        listings = read_listing(listing, emitted.sections)
        parsed = _parse(llvm, text)
    elf = read_elf(machine.emit_object(parsed), "LLVM's object")
    obj = begin_object(module, big_endian=big_endian)
    lines = _line_info(elf)
    by_function: dict[str, Function] = {}
    constants = _Constants(obj)
    for section in elf.sections:
        ir_function = emitted.sections.get(section.name)
        if ir_function is None:
            continue
        by_function[ir_function.name] = _function(
            ir_function,
            section,
            emitted,
            constants,
            lines.get(section.name, []),
            listings.get(section.name),
            big_endian,
            sink,
        )
    for ir_function in module.functions:
        function = by_function.get(ir_function.name)
        if ir_function.naked:
            function = _made(ir_function, naked(ir_function, emitted, sink))
        if function is None:
            raise InternalError("LLVM dropped a function", stage="llvm", function=ir_function.name)
        obj.functions.append(function)
    return None if sink.errors else obj


def _parse(llvm: Any, text: str) -> Any:
    try:
        parsed = llvm.parse_assembly(text)
        parsed.verify()
    except RuntimeError as error:
        raise InternalError(f"LLVM refuses the IR: {error}", stage="llvm") from error
    return parsed


def _target_machine(llvm: Any, mcpu: int, big_endian: bool, opt_level: int) -> Any:
    target = llvm.Target.from_triple("bpfeb" if big_endian else "bpfel")
    return target.create_target_machine(cpu=f"v{mcpu}", opt=opt_level)


def _optimized(llvm: Any, text: str, machine: Any, opt_level: int) -> Any:
    """Parse LLVM IR and improve it."""
    parsed = _parse(llvm, text)
    if not opt_level:
        return parsed
    _improve(llvm, parsed, machine, opt_level)
    if opt_level > 1 and "mul" in text and " i128 " in str(parsed):
        # From level 2 on LLVM makes one product of 128 bits of the four that we make, and then ends
        # the process because BPF has none.
        parsed = _parse(llvm, text)
        _improve(llvm, parsed, machine, 1)
    return parsed


def _improve(llvm: Any, parsed: Any, machine: Any, level: int) -> None:
    tuning = llvm.PipelineTuningOptions(speed_level=level)
    tuning.loop_vectorization = False
    tuning.slp_vectorization = False
    builder = llvm.create_pass_builder(machine, tuning)
    builder.getModulePassManager().run(parsed, builder)


def _line_info(elf: Any) -> dict[str, list[tuple[int, int]]]:
    """Return section -> [(byte offset, debug line number)]."""
    btf, ext = elf.section(".BTF"), elf.section(".BTF.ext")
    if btf is None or ext is None:
        return {}
    info = read_ext(bytes(ext.data), parse_btf(bytes(btf.data), "LLVM's object"), "LLVM's object")
    return {
        name: [(offset, words[2] >> 10) for offset, words in records]
        for name, records in info.line_info.items()
    }


class _Constants:
    """Tables that LLVM makes by itself (of a switch, to count zeros): a read-only section of ours."""

    def __init__(self, obj: Object) -> None:
        self._obj = obj
        self._placed: dict[str, DataSymbol] = {}

    def place(self, symbol: Symbol, addend: int) -> tuple[str, int]:
        """Return name and addend that reach the same byte in the object."""
        section = symbol.section
        assert section is not None
        found = self._placed.get(section.name)
        if found is None:
            if section.relocations or section.type != SHT_PROGBITS:
                raise InternalError(f"constants with addresses in {section.name}", stage="llvm")
            found = self._placed[section.name] = self._append(section)
        return found.name, symbol.value + addend

    def _append(self, section: Section) -> DataSymbol:
        data = self._obj.data.get(_CONSTANTS)
        if data is None:
            data = self._obj.data[_CONSTANTS] = DataSection(
                _CONSTANTS, bytearray(), 1, readonly=True
            )
        align = max(1, section.align)
        data.align = max(data.align, align)
        data.data += bytes(-len(data.data) % align)
        name = "llvm" + section.name
        made = DataSymbol(name, len(data.data), len(section.data), Linkage.LOCAL)
        data.data += section.data
        data.symbols.append(made)
        return made


def _function(
    ir_function: IrFunction,
    section: Section,
    emitted: Emitted,
    constants: _Constants,
    line_info: list[tuple[int, int]],
    listing: Listing | None,
    big_endian: bool,
    sink: Sink,
) -> Function:
    """Turn a section of LLVM's object into the function of ours."""
    insns = decode(bytes(section.data), big_endian=big_endian)
    starts = slot_starts(insns)
    at_slot = {slot: i for i, slot in enumerate(starts[:-1])}
    core: dict[int, str] = {}
    relocs: dict[int, tuple[RelocKind, str, int]] = {}
    for reloc in section.relocations:
        index = at_slot[reloc.offset // 8]
        insn = insns[index]
        name = original_name(reloc.symbol.name)
        if reloc.type == R_BPF_64_64:
            if name in emitted.core:
                insn.imm = (emitted.core[name].value + insn.imm) & ((1 << 64) - 1)
                core[index] = name
            else:
                addend = insn.imm
                home = reloc.symbol.section
                if home is not None and home.name not in emitted.sections:
                    name, addend = constants.place(reloc.symbol, addend)
                relocs[index] = (RelocKind.DATA, name, addend)
                insn.imm = 0
        elif reloc.type == R_BPF_64_32:
            relocs[index] = (RelocKind.CALL, name, 0)
        else:
            raise InternalError(f"relocation type {reloc.type}", stage="llvm")
    expanded = expand(insns, listing, emitted, ir_function, sink)
    new_starts = slot_starts(expanded.insns)

    def new_slot(index: int) -> int:
        return new_starts[expanded.first[index]]

    function = _made(ir_function, expanded)
    for index, (kind, name, addend) in sorted(relocs.items()):
        insn = insns[index]
        if kind is RelocKind.CALL and insn.opcode == LD_IMM64:
            raise InternalError("a call relocation on a wide load", stage="llvm")
        function.relocs.append(Reloc(new_slot(index), kind, name, addend))
    for index, name in sorted(core.items()):
        constant = emitted.core[name]
        function.core.append(
            CoreReloc(new_slot(index), constant.kind, constant.btf, constant.access)
        )
    function.relocs.sort(key=lambda reloc: reloc.slot)
    function.core.sort(key=lambda reloc: reloc.slot)
    numbers = {
        new_slot(at_slot[offset // 8]): number
        for offset, number in line_info
        if offset // 8 in at_slot
    }
    function.lines = _lines(ir_function, emitted, _with_statements(numbers, expanded))
    return function


def _made(ir_function: IrFunction, expanded: Expanded) -> Function:
    """Return the function of given code, with the relocations of its inline assembly."""
    function = Function(
        ir_function.name,
        ir_function.section,
        expanded.insns,
        linkage=function_linkage(ir_function),
        btf=ir_function.btf,
    )
    starts = slot_starts(expanded.insns)
    for index, kind, symbol, addend in expanded.relocs:
        what = RelocKind.DATA if kind == "data" else RelocKind.CALL
        function.relocs.append(Reloc(starts[index], what, symbol, addend))
    for index, field in expanded.core:
        function.core.append(CoreReloc(starts[index], field.kind, field.btf, field.access))
    return function


def _with_statements(numbers: dict[int, int], expanded: Expanded) -> list[tuple[int, int]]:
    """Add the places of inline assembly to those of LLVM's code: (slot, line number), in order."""
    starts = slot_starts(expanded.insns)
    own = {starts[index]: number for index, number in expanded.lines}
    llvm = {starts[first] for first in expanded.first[:-1]} if own else set()
    out: list[tuple[int, int]] = []
    current, after = 1, False
    for slot in sorted({*numbers, *own, *llvm}):
        current = numbers.get(slot, current)
        if slot in own or slot in numbers or after:
            out.append((slot, own.get(slot, current)))
        after = slot in own
    return out


def _lines(ir_function: IrFunction, emitted: Emitted, places: list[tuple[int, int]]) -> list[Line]:
    lines: list[Line] = []
    for slot, number in places:
        span = emitted.lines[number - 1] if 0 < number <= len(emitted.lines) else None
        span = span or ir_function.span
        if span is None:
            continue
        outer = span.outermost()
        name, line, column = span.position()
        text = outer.file.line_text(outer.file.line_col(outer.start)[0])
        if lines and lines[-1].slot == slot:
            lines.pop()
        lines.append(Line(slot, name, line, column, text, span))
    if lines:
        lines[0].slot = 0
    return lines
