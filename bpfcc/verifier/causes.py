"""The facts that sentences name: the author's pointer, index and argument, and where they come from.

Everything here serves messages. It reads the state that the analysis stopped in, the path that led
there, the types of maps, and the text of the C expression; what it cannot tell it leaves out.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..btf.layout import byte_size, strip
from ..btf.types import Array, BtfType, Struct
from ..isa import insn as isa
from ..objfile.model import Line
from ..support.source import Span
from ..uapi import contexts, kernels
from ..uapi.helpers import Helper, by_id, by_name
from ..uapi.prog_types import PROG_TYPE_NAMES, ProgType
from . import ctext, hints, packetwords, regs
from .bounds import Val
from .phrases import EXPECTED, describe, find_array, in_words, known_range, shorten, variable_at
from .regs import BASE, Reg
from .reject import Reject
from .subject import MapInfo
from .trail import Origin, callee, origin, walk_back

if TYPE_CHECKING:
    from collections.abc import Callable

    from .checker import Checker
    from .places import Places

_PROGRAMS = {
    ProgType.SCHED_CLS: "tc",
    ProgType.SCHED_ACT: "tc action",
    ProgType.SOCKET_FILTER: "socket filter",
    ProgType.RAW_TRACEPOINT: "raw tracepoint",
    ProgType.TRACING: "tracing",
}
_OK: dict[int, str] = {
    ProgType.XDP: "return XDP_PASS;",
    ProgType.SCHED_CLS: "return TC_ACT_OK;",
    ProgType.SCHED_ACT: "return TC_ACT_OK;",
    ProgType.CGROUP_SKB: "return 1;",
    ProgType.SK_LOOKUP: "return SK_PASS;",
    ProgType.SK_MSG: "return SK_PASS;",
    ProgType.SK_SKB: "return SK_PASS;",
}
_OPERATORS = {
    isa.MUL: "*",
    isa.DIV: "/",
    isa.MOD: "%",
    isa.OR: "|",
    isa.AND: "&",
    isa.XOR: "^",
    isa.LSH: "<<",
    isa.RSH: ">>",
    isa.ARSH: ">>",
}
_UNSIGNED = re.compile(
    r"\bunsigned\b|\b(?:__)?u(?:int)?(?:8|16|32|64)(?:_t)?\b|\bsize_t\b|__be|\*|bool"
)
_RELEASES = re.compile(r"(release|_put|submit|discard|obj_drop|destroy)")
_MORE_ARGUMENTS = {"bpf_ringbuf_submit": ", 0", "bpf_ringbuf_discard": ", 0"}
_RELEASED_BY = (
    ("ringbuf_reserve", "bpf_ringbuf_discard"),
    ("sk_lookup", "bpf_sk_release"),
    ("skc_lookup", "bpf_sk_release"),
    ("task_acquire", "bpf_task_release"),
    ("task_from_", "bpf_task_release"),
    ("cgroup_acquire", "bpf_cgroup_release"),
    ("cgroup_from_", "bpf_cgroup_release"),
    ("cpumask_create", "bpf_cpumask_release"),
    ("obj_new", "bpf_obj_drop"),
)
# Dialect calls whose arguments are not those of the helper that they become.
_REWRITTEN = frozenset(("bpf_load_pointer", "bpf_memcmp", "bpf_probe_memcmp", "bpf_dump_stack"))
# Rules that are about what a subscript or offset adds to a pointer.
_INDEXED = frozenset(
    ("unbounded-index", "map-value-bounds", "stack-unbounded", "stack-variable", "stack-bounds",
     "pointer-range", "record-bounds")
)  # fmt: skip


class Causes:
    """What is known about one rejection.

    Attributes:
        facts: the names of ``words``.
        span: the smallest expression that the rejection is about; None = that of the instruction.
        origin: where the register in question got its value, None without a register.
        number: where the number in question (an index) got its value, if that is another register.
        called: the call that ended the pointer's life (release, change of the packet), -1 = none.
    """

    def __init__(self, ck: Checker, places: Places, reject: Reject, span: Span | None) -> None:
        self._ck = ck
        self._places = places
        self._reject = reject
        self.span: Span | None = None
        self.origin: Origin | None = None
        self.number: Origin | None = None
        self.called = -1
        self.facts: dict[str, object] = {}
        self._reg: Reg | None = None
        if reject.reg >= 0:
            self._reg = ck.frame.regs[reject.reg] if reject.reg < len(ck.frame.regs) else None
            self.origin = origin(ck, reject.idx, reject.reg)
        self._general()
        self._text(span)
        self._memory()
        self._ended()
        if reject.rule == "packet-bounds":
            text = span.text() if span is not None else ""
            packetwords.add(ck, reject, self.facts, self._reg, text)
        hints.add(ck, reject, self.facts, self._reg)

    # ------------------------------------------------------------------ the program, the call
    def _general(self) -> None:
        ck, facts = self._ck, self.facts
        subject = ck.subject
        for name, value in self._reject.facts.items():
            facts[name] = value.name if isinstance(value, MapInfo) else value
        kind = subject.prog_type
        facts["prog"] = _PROGRAMS.get(kind) or PROG_TYPE_NAMES.get(kind, "").lower()
        facts["ok"] = self._harmless(kind)
        facts["sec"] = subject.section or None
        facts["room_of"] = "buf"
        obj = subject.program.object if subject.program is not None else None
        facts["license"] = (obj.license or None) if obj is not None else None
        helper = facts.get("helper")
        name = getattr(helper, "name", None) or callee(ck, self._reject.idx)
        facts["f"] = f"{name}()" if name else None
        if 0 <= self._reject.idx < len(ck.insns):
            klass = ck.insns[self._reject.idx].opcode & 7
            facts.setdefault("write", klass in (isa.ST, isa.STX))
        facts["op"] = self._operator()
        facts["rw"] = "a write" if facts.get("write") else "a read"
        facts["done"] = "written" if facts.get("write") else "read so"
        val = facts.get("val")
        facts["range"] = in_words(val)
        facts["known"] = known_range(val) or None
        since = facts.pop("since", None)
        if isinstance(since, tuple):
            facts["version"] = ".".join(map(str, since))
        if isinstance(helper, Helper) and kernels.parse(helper.since) > ck.kernel:
            facts["since"], facts["kernel"] = helper.since, ".".join(map(str, ck.kernel))
        off, size, limit = facts.get("off"), facts.get("size"), facts.get("limit")
        if isinstance(off, int) and isinstance(size, int):
            facts["last"] = off + size
            if isinstance(limit, int) and self._is_call():
                facts["room"] = max(limit - off, 0)
        facts["checked"] = limit if isinstance(limit, int) and limit > 0 else None

    def _harmless(self, kind: int) -> str:
        """Return a return statement that does no harm in the C function in question."""
        line = self._line()
        head = self._places.function_head(line.file, line.line) if line is not None else ""
        if head and "SEC" not in head:
            return "return;" if re.search(r"\bvoid\s+\w+\s*\(", head) else "return 0;"
        return _OK.get(kind, "return 0;")

    def _line(self) -> Line | None:
        program = self._ck.subject.program
        if program is None or not 0 <= self._reject.idx < len(self._ck.subject.slots):
            return None
        return program.line_at(self._ck.subject.slots[self._reject.idx])

    @property
    def reg(self) -> Reg | None:
        """The register in question."""
        return self._reg

    def is_number(self) -> bool:
        """Tell whether the value in question is no pointer to the kernel."""
        return self._reg is None or self._reg.t == regs.SCALAR

    def _operator(self) -> str | None:
        idx = self._reject.idx
        insn = self._ck.insns[idx] if 0 <= idx < len(self._ck.insns) else None
        if insn is None or insn.opcode & 7 not in (isa.ALU, isa.ALU64):
            return None
        return _OPERATORS.get(insn.opcode & 0xF0)

    def _is_call(self) -> bool:
        idx = self._reject.idx
        insns = self._ck.insns
        return 0 <= idx < len(insns) and insns[idx].opcode == isa.JMP | isa.CALL

    # ------------------------------------------------------------------ the C text
    def _text(self, span: Span | None) -> None:
        facts = self.facts
        if span is None:
            facts["e"] = "this instruction"
            return
        text = span.text()
        facts["e"] = shorten(text)
        name = self.assigned(self.origin)
        if self._is_call():
            facts["call"] = text
            call = ctext.call_arguments(text)
            number = self._reject.reg
            if call is not None:
                facts["called"] = call[0]
                if facts["f"] is not None and span.expansion is None:
                    facts["f"] = f"{call[0]}()"
            if call is not None and span.expansion is None:
                number = _written(call[0], number)
                if 1 <= number <= len(call[1]):
                    self._argument(span, text, call[1], number)
            return
        found = ctext.access(text, write=bool(facts.get("write")))
        if name and ctext.mentions(found.text, name) and not (
            found.pointer and not ctext.mentions(found.pointer, name)
        ):  # fmt: skip
            facts["ptr"] = name
        elif found.pointer:
            facts["ptr"] = shorten(found.pointer)
        lead = self._followed(found.text)
        if len(lead) > len(str(facts.get("ptr") or "")):
            facts["ptr"] = lead
        # Of several subscripts it is not known which one is meant.
        if self._reject.rule in _INDEXED and found.index and found.subscripts == 1:
            facts["index"], facts["obj"] = found.index, found.object
        elif found.member and not found.pointer:
            facts["obj"] = found.member
        facts["member"] = found.member or None
        if span.expansion is None and found.text and found.text != text:
            start = span.start + found.start
            self.span = Span(span.file, start, start + len(found.text))
        if facts.get("ptr") or facts.get("index"):
            facts["e"] = shorten(found.text)

    def _followed(self, text: str) -> str:
        """Return the start of an expression that was loaded as the pointer to the rest, or ""."""
        if self.origin is None or self.origin.what != "load" or self._reject.rule in _INDEXED:
            return ""
        span = self.place(self.origin.idx)
        lead = span.text() if span is not None and span.expansion is None else ""
        return lead if text.startswith(lead) and text[len(lead) :].startswith(("->", "[")) else ""

    def _room_of(self, argument: str) -> str:
        """Return what to take the size of, for memory that is passed with a size behind it."""
        plain = ctext.bare(argument)
        if plain.startswith("&"):
            return plain[1:].strip()
        if not plain.isidentifier():
            return shorten(plain) if re.fullmatch(r"[\w.>-]+", plain) else "buf"
        declared = self.declaration(plain)
        after = declared.file.text[declared.end :] if declared is not None else ""
        return plain if after.lstrip().startswith("[") else f"*{plain}"

    def _argument(self, span: Span, text: str, places: list[tuple[int, int]], number: int) -> None:
        """The argument of a call: name it, and point at it where it begins on the call's line."""
        start, end = places[number - 1]
        facts = self.facts
        argument = text[start:end]
        facts["arg"], facts["n"] = shorten(argument), number
        facts["address"] = "&" + argument if re.fullmatch(r"[A-Za-z_]\w*", argument) else None
        facts["variable"] = facts["arg"] if re.search(r"[A-Za-z_]\w*\b(?!\()", argument) else None
        if number > 1:
            first, last = places[number - 2]
            facts["room_of"] = self._room_of(text[first:last])
        found = ctext.argument(argument)
        if self._reject.rule in _INDEXED and found.index:
            facts["index"] = found.index
        named = re.fullmatch(r"&\s*([A-Za-z_]\w*)", argument)
        facts["obj"] = found.object or found.member or (named.group(1) if named else None)
        facts["member"] = found.member or None
        facts["ptr"] = found.pointer or None
        base = re.match(r"&?\s*([A-Za-z_]\w*)\s*->\s*\w+(?:\s*\[[^\]]*\])?$", argument)
        facts["held_by"] = base.group(1) if base is not None else None
        if "\n" not in text[:start]:
            self.span = Span(span.file, span.start + start, span.start + end)

    def assigned(self, found: Origin | None) -> str:
        """Return the variable that a value was assigned to where it came up, "" if unknown."""
        span = self.place(found.idx) if found is not None else None
        if span is None or span.expansion is not None:
            return ""
        return ctext.assigned_name(span.file.text, span.start)

    def place(self, idx: int) -> Span | None:
        """Return the C expression of an instruction."""
        program = self._ck.subject.program
        if program is None or not 0 <= idx < len(self._ck.subject.slots):
            return None
        line = program.line_at(self._ck.subject.slots[idx])
        return self._places.span(line) if line is not None else None

    # ------------------------------------------------------------------ memory and types
    def _memory(self) -> None:
        facts, reg = self.facts, self._reg
        if reg is None:
            return
        facts["actual"] = describe(reg)
        if self._reject.rule == "kfunc-arg" and reg.t & BASE == regs.BTF_ID:
            if not (reg.ref or reg.t & (regs.TRUSTED | regs.RCU)) or reg.t & regs.UNTRUSTED:
                facts["actual"] = describe(reg) + ", which nothing keeps alive here"
        if facts.get("arg") is not None and self._is_call():
            facts["expected"] = self._expected()
            if facts["expected"] is None or reg.t != regs.SCALAR:
                facts["address"] = None
        base = reg.t & BASE
        facts["base"] = "the context" if base == regs.CTX else "the pointer"
        moved = reg.off + (reg.v.smin if not reg.v.m else 0)
        facts["moved"] = moved if base > regs.SCALAR and moved else None
        if base in (regs.MAP_VALUE, regs.MAP_PTR) and isinstance(reg.x, MapInfo):
            facts["map"] = None if reg.x.direct and base == regs.MAP_VALUE else reg.x.name
        if base == regs.BTF_ID and isinstance(reg.x, Struct):
            facts["struct"] = reg.x.name
        if self._reject.rule == "context-access":
            self._context()
        elif self._reject.rule == "return-code":
            self._returned(reg)
        elif self._reject.rule in ("read-only", "read-only-map"):
            facts["obj"] = variable_at(reg).rpartition(".")[2] or None
            if self.origin is not None and callee(self._ck, self.origin.idx) == "bpf_dynptr_slice":
                facts["slice"] = "yes"
        if self._reject.rule in _INDEXED:
            self._elements(reg)
            self._index()
        variable = str(facts.get("index") or facts.get("variable") or "")
        facts["is_signed"] = self._is_signed(variable) if variable.isidentifier() else None

    def _expected(self) -> str | None:
        arg = self._reject.facts.get("arg")
        base = getattr(arg, "base", None)
        if base is None:
            helper = by_id.get(self._ck.insns[self._reject.idx].imm)
            number = self._reject.reg
            if isinstance(helper, Helper) and 0 < number <= len(helper.args):
                base = helper.args[number - 1].rstrip("?!").split(":")[0]
        return EXPECTED.get(str(base))

    def _context(self) -> None:
        facts, subject = self.facts, self._ck.subject
        off, size = facts.get("off"), facts.get("size")
        field = None
        if isinstance(off, int) and isinstance(size, int):
            field = contexts.find(contexts.fields(subject.prog_type, subject.attach_type), off)
        if field is None:
            return
        facts["field"] = field.name
        if not facts.get("write") and field.size <= 8:  # a larger one is an array
            facts["width"] = field.size if size != field.size else None
        if isinstance(off, int) and isinstance(size, int) and off % size:
            facts["misaligned"] = off

    def _returned(self, reg: Reg) -> None:
        facts = self.facts
        if reg.t != regs.SCALAR:
            facts["returned"] = describe(reg)
        elif not reg.v.m and 1 << 31 <= reg.v.v < 1 << 32:
            facts["range"] = f" (it is {reg.v.v - (1 << 32)})"

    def _elements(self, reg: Reg) -> None:
        """How many elements the array has that is indexed, and which of them may be meant."""
        facts = self.facts
        name, index = facts.get("member"), facts.get("index")
        val = facts.get("val")
        size = 0
        if reg.t & BASE == regs.MAP_VALUE and isinstance(reg.x, MapInfo) and name:
            array = find_array(reg.x.value_type, str(name))
            if array is not None:
                size = byte_size(array.type)
                facts["count"] = array.nelems
                self._constant_index(reg.x.value_type, str(name), array, size)
        elif index:
            facts["count"] = self._declared_count(str(facts.get("obj") or ""))
        if not isinstance(val, Val) or not index:
            return
        if not size and val.m:
            size = val.m & -val.m
        if size and val.m:
            facts["range"] = in_words(val, size)
            facts["top"] = (val.umax + size - 1) // size if val.smin >= 0 else None

    def _constant_index(self, type: object, name: str, array: Array, size: int) -> None:
        """Work out the element of an access at a constant offset that leaves the array."""
        facts = self.facts
        val, off = facts.get("val"), facts.get("off")
        struct = strip(type) if isinstance(type, BtfType) else None
        if not isinstance(struct, Struct) or not isinstance(off, int) or not facts.get("index"):
            return
        if isinstance(val, Val) and val.m:
            return
        at = next((m.bit_offset // 8 for m in struct.members if m.name == name), None)
        if at is not None and size and off >= at + size * array.nelems:
            facts["top"] = (off - at) // size

    def _declared_count(self, name: str) -> str | None:
        """Return the element count in the declaration of a local array, as the author wrote it."""
        match = re.fullmatch(r"(?:.*(?:->|\.))?\s*([A-Za-z_]\w*)", name)
        declared = self.declaration(match.group(1)) if match is not None else None
        if declared is None:
            return None
        found = re.match(r"\s*\[\s*(\w+)\s*\]", declared.file.text[declared.end :])
        return found.group(1) if found is not None else None

    def _is_signed(self, name: str) -> bool | None:
        """Tell whether the author's variable ``name`` is a signed integer; None if unknown."""
        declared = self.declaration(name)
        if declared is None:
            return None
        text = declared.file.text
        start = max(text.rfind(mark, 0, declared.start) for mark in ";{}(\n") + 1
        return _UNSIGNED.search(text, start, declared.start) is None

    def declaration(self, name: str) -> Span | None:
        """Return where the author's variable ``name`` is declared above the place in question."""
        line = self._line()
        return self._places.declaration(name, line.file, line.line) if line is not None else None

    def _index(self) -> None:
        """Find where the number that moved the pointer got its value."""
        ck, found = self._ck, self.origin
        if self._reg is not None and self._reg.t == regs.SCALAR:
            self.number, self.origin = found, None
            return
        for at in found.moved if found is not None else ():
            insn = ck.insns[at]
            if insn.opcode & isa.X and insn.opcode & 0xF0 in (isa.ADD, isa.SUB):
                self.number = origin(ck, at, insn.src)
                return

    # ------------------------------------------------------------------ what ended a pointer
    def _ended(self) -> None:
        """Why a number is where a pointer was: given back, made invalid, or known to be NULL."""
        reject, reg, found = self._reject, self._reg, self.origin
        if reject.rule in ("reference", "leak", "reference-leak"):
            self._held()
            return
        if reject.rule not in ("scalar-deref", "release-type", "release", "kfunc-arg"):
            return
        if found is None or (reject.rule == "kfunc-arg" and (reg is None or reg.t != regs.SCALAR)):
            return
        if found.what == "call":
            if reg is not None and reg.t == regs.SCALAR and not reg.v.m and not reg.v.v:
                self.facts["null"] = self.facts["tested"] = "NULL"
            else:
                self._last_call(found.idx, "released", lambda name: bool(_RELEASES.search(name)))
        elif found.what == "constant" and reg is not None and not reg.v.m and not reg.v.v:
            self.facts["null"] = "NULL"
        elif found.what == "load" and reads_packet_start(self._ck, found.idx):
            self._last_call(found.idx, "invalidated", _moves_packets)

    def _last_call(self, first: int, fact: str, wanted: Callable[[str], bool]) -> None:
        for at in walk_back(self._ck, self._reject.idx):
            if at == first:
                return
            name = callee(self._ck, at)
            if at != self._reject.idx and name and wanted(name):
                self.called = at
                span = self.place(at)
                call = ctext.call_arguments(span.text()) if span is not None else None
                self.facts[fact] = call[0] if call is not None else name
                return

    def _held(self) -> None:
        """Name what is not released, and the function that releases it."""
        taken = self._reject.facts.get("taken", self._reject.facts.get("acquired"))
        if not isinstance(taken, int) or taken < 0:
            return
        span = self.place(taken)
        if span is not None and span.expansion is None:
            self.facts["held"] = ctext.assigned_name(span.file.text, span.start) or None
        name = callee(self._ck, taken)
        self.facts["acquirer"] = name or None
        call = ctext.call_arguments(span.text()) if span is not None else None
        if call is not None and call[1] and ("_iter_" in name or "dynptr" in name):
            first, last = call[1][0 if "_iter_" in name else -1]  # what the call fills
            self.facts["held"] = span.text()[first:last].lstrip("& ") if span is not None else None
        for part, release in _RELEASED_BY:
            if part in name:
                self.facts["release"] = release
                self.facts["more"] = _MORE_ARGUMENTS.get(release, "")


def _written(called: str, number: int) -> int:
    """Return which argument of a call as written is argument ``number`` of the helper; 0 = none.

    The calls of the dialect of 2013/14 name a table by its number, behind the context.
    """
    if called.startswith("bpf_table_"):
        return number + 1
    return 0 if called in _REWRITTEN or called.startswith("bpf_fetch_") else number


def _moves_packets(name: str) -> bool:
    helper = by_name.get(name)
    return helper is not None and "moves" in helper.flags


def reads_packet_start(ck: Checker, idx: int) -> bool:
    """Tell whether an instruction loads data or data_end (or their kin) from the context."""
    insn, subject = ck.insns[idx], ck.subject
    if insn.opcode & 7 != isa.LDX:
        return False
    field = contexts.find(contexts.fields(subject.prog_type, subject.attach_type), insn.off)
    return field is not None and field.pointer.startswith("pkt")
