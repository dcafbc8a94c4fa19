"""Which kernel an object needs, and the line that decides.

Every program, map, instruction and helper of the object is looked up in the tables of ``isa`` and
``uapi``; the newest version among them is the answer. CO-RE fields and kernel types depend on the
running kernel and are not counted here.
"""

from __future__ import annotations

from ..graph.scc import strong_components
from ..isa.insn import CALL, JMP, LD_IMM64, PSEUDO_KFUNC_CALL, Insn, slot_starts
from ..isa.table import EXIT, JA, JCOND, JUMP, lookup
from ..objfile.maps import data_sections, map_defs
from ..objfile.model import Function, Line, Linkage, Object, RelocKind
from ..uapi import kernels, kfuncs, map_types, prog_types, sections
from ..uapi.helpers import by_id
from ..uapi.limits import MAX_INSNS_OLD


class Need:
    """``what`` needs kernel ``version``; ``line`` is where, ``owner`` the function or map."""

    __slots__ = ("line", "owner", "version", "what")

    def __init__(
        self, version: tuple[int, int], what: str, owner: str, line: Line | None = None
    ) -> None:
        self.version = version
        self.what = what
        self.owner = owner
        self.line = line

    def text(self) -> str:
        """Return one line: version, place, what."""
        place = f"{self.line.file}:{self.line.line}: " if self.line is not None else ""
        return f"{version_text(self.version)}  {place}{self.what} ({self.owner})"


def version_text(version: tuple[int, int]) -> str:
    """Return (5, 15) as "5.15"."""
    return f"{version[0]}.{version[1]}"


def _distance(insn: Insn) -> int:
    """Return how many slots a jump goes, from the one behind it."""
    row = lookup(insn)
    return insn.imm if row is not None and row.op == "gotol" else insn.off


def _turning(function: Function) -> set[int]:
    """Return the slots that can be reached from themselves.

    A jump back to code that ends is none of them: kernels before loops take it as well.
    """
    starts = slot_starts(function.insns)
    succs: list[list[int]] = [[] for _ in range(starts[-1])]
    for slot, insn in zip(starts, function.insns):
        row = lookup(insn)
        kind = row.kind if row is not None else ""
        following = slot + insn.slots
        targets = [following] if kind not in (JA, EXIT) else []
        if kind in (JUMP, JA, JCOND):
            targets.append(following + _distance(insn))
        succs[slot] = [target for target in targets if 0 <= target < starts[-1]]
    return {
        slot
        for component in strong_components(succs)
        for slot in component
        if len(component) > 1 or slot in succs[slot]
    }


def _line_at(function: Function, slot: int) -> Line | None:
    found = None
    for line in function.lines:
        if line.slot > slot:
            break
        found = line
    return found


class _Collector:
    def __init__(self, obj: Object) -> None:
        self.obj = obj
        self.needs: list[Need] = []
        self.seen: set[tuple[str, str]] = set()

    def add(
        self, version: str | tuple[int, int], what: str, owner: str, line: Line | None = None
    ) -> None:
        """Note a need once per owner."""
        if (what, owner) in self.seen or not version:
            return
        self.seen.add((what, owner))
        parsed = kernels.parse(version) if isinstance(version, str) else version
        self.needs.append(Need(parsed, what, owner, line))

    def feature(self, name: str, owner: str, line: Line | None = None) -> None:
        """Note a need of a row of ``uapi.kernels``."""
        row = next(row for row in kernels.FEATURES if row[0] == name)
        self.add(row[1], row[2], owner, line)

    def run(self) -> list[Need]:
        """Return every need, the newest version first, in order of the object within one."""
        callees = {r.symbol for f in self.obj.functions for r in f.relocs}
        for function in self.obj.functions:
            self.program(function, called=function.name in callees)
            self.code(function)
        self.maps()
        return sorted(self.needs, key=lambda need: need.version, reverse=True)

    def program(self, function: Function, *, called: bool) -> None:
        """Program type and attach type, size, and what being a subprogram needs."""
        first = function.lines[0] if function.lines else None
        section = sections.match(function.section)
        name = function.name
        if section is not None:
            kind = prog_types.words(section.prog_type)
            self.add(prog_types.since(section.prog_type), f"{kind} programs", name, first)
            if section.attach_type is not None:
                version = prog_types.ATTACH_SINCE.get(section.attach_type, "")
                attach = prog_types.ATTACH_TYPE_NAMES[section.attach_type]
                self.add(version, f"attach type BPF_{attach}", name, first)
            if section.sleepable:
                self.feature("sleepable", name, first)
            if section.frags:
                self.feature("xdp-frags", name, first)
        elif function.section == ".text":
            self.feature("bpf2bpf", name, first)
            if called and function.linkage in (Linkage.GLOBAL, Linkage.WEAK):
                self.feature("global-functions", name, first)
        if slot_starts(function.insns)[-1] > MAX_INSNS_OLD:
            self.feature("insns-1m", name, first)

    def code(self, function: Function) -> None:
        """Instructions, helpers, kernel functions, callbacks, loops."""
        functions = {f.name for f in self.obj.functions}
        relocs = {reloc.slot: reloc for reloc in function.relocs}
        turning: set[int] | None = None  # found at the first jump that goes back
        slot = 0
        for insn in function.insns:
            row = lookup(insn)
            line = _line_at(function, slot)
            if row is not None:
                if row.kernel > (3, 18):
                    self.add(row.kernel, f"instruction '{row.name}'", function.name, line)
                if row.kind in (JUMP, JA) and row.kind != JCOND and _distance(insn) < 0:
                    if turning is None:
                        turning = _turning(function)
                    if slot in turning:
                        self.feature("bounded-loops", function.name, line)
            reloc = relocs.get(slot)
            if insn.opcode == JMP | CALL:
                self.call(function, insn.src, insn.imm, reloc.symbol if reloc else "", line)
            elif insn.opcode == LD_IMM64 and reloc is not None and reloc.symbol in functions:
                self.feature("callbacks", function.name, line)
            slot += insn.slots

    def call(
        self, function: Function, src: int, number: int, symbol: str, line: Line | None
    ) -> None:
        """Note what a call needs."""
        kfunc_externs = {e.name for e in self.obj.externs if e.section == ".ksyms"}
        if src == PSEUDO_KFUNC_CALL or symbol in kfunc_externs:
            kfunc = kfuncs.by_name.get(symbol)
            version = kfunc.since if kfunc is not None and kfunc.since else "5.13"
            self.add(version, f"kernel function {symbol}()", function.name, line)
        elif src == 0 and not symbol:
            helper = by_id.get(number)
            if helper is not None:
                self.add(helper.since, f"helper {helper.name}()", function.name, line)

    def maps(self) -> None:
        """Map types, and global data."""
        for definition in map_defs(self.obj):
            rule = map_types.rule(definition.type)
            if rule is not None:
                self.add(rule.since, map_types.c_name(definition.type), definition.name)
        used = {r.symbol for f in self.obj.functions for r in f.relocs if r.kind is RelocKind.DATA}
        for section in data_sections(self.obj):
            if any(s.name in used for s in section.symbols):
                self.feature("global-data", section.name)
        for extern in self.obj.externs:
            if extern.section == ".ksyms" and extern.btf is not None and extern.name in used:
                self.feature("ksym", extern.name)


def needs(obj: Object) -> list[Need]:
    """Return what ``obj`` needs, newest kernel first; empty for an object without programs."""
    return _Collector(obj).run()
