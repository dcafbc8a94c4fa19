"""Rejections in the words of the C text: what is wrong at which expression, and where it came from.

A ``Reject`` names a rule, an instruction and a register; ``WORDS`` has a row per rule with the
diagnostic's id and its sentence, ``trail`` finds where the value came from. Nothing here decides
anything: the verdict is made.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..isa import insn as isa
from ..objfile.model import Line, Program
from ..support.catalogue import CATALOGUE
from ..support.diagnostics import Diagnostic, FixIt, Note, Severity
from ..support.source import Span
from ..uapi.helpers import by_id
from .bounds import Val
from .places import Places
from .reject import NotModelled, Reject
from .trail import Origin, origin, walk_back

if TYPE_CHECKING:
    from .checker import Checker

# rule -> (diagnostic id, sentence). {e}: the C expression; {f}: the function that is called;
# other names are facts. "" = the title of the id.
WORDS: dict[str, tuple[str, str]] = {
    "null-deref": ("bpf-null-deref", "'{e}' uses a pointer that may be NULL here"),
    "null-argument": ("bpf-null-deref", "an argument of {f} may be NULL here"),
    "null-arith": ("bpf-null-deref", "arithmetic on a pointer that may be NULL: test it first"),
    "kfunc-null": ("bpf-null-deref", "an argument of {f} may be NULL here"),
    "scalar-deref": ("bpf-not-a-pointer", "'{e}' dereferences a plain number"),
    "kind-deref": ("bpf-not-a-pointer", "'{e}' dereferences what cannot be dereferenced"),
    "unbounded-index": ("bpf-unbounded-index", "the index or offset in '{e}' is not bounded{range}"),
    "variable-pointer": ("bpf-unbounded-index", "'{e}' is at a variable offset"),
    "pointer-range": ("bpf-unbounded-index", "the offset in '{e}' is out of the allowed range"),
    "map-value-bounds": (
        "bpf-map-value-bounds",
        "'{e}' reaches byte {last} of a map value or variable that has {limit} bytes",
    ),
    "record-bounds": (
        "bpf-record-bounds", "'{e}' reaches byte {last} of memory that has {limit} bytes",
    ),
    "packet-bounds": (
        "bpf-packet-bounds",
        "'{e}' needs {last} bytes of packet here; the checks against data_end cover {limit}",
    ),
    "stack-bounds": ("bpf-stack-bounds", "'{e}' leaves the local variable or the stack frame"),
    "stack-unbounded": ("bpf-stack-bounds", "the index into a local in '{e}' is not bounded{range}"),
    "stack-variable": ("bpf-stack-bounds", "'{e}' may leave the local variable{range}"),
    "stack-corrupt": ("bpf-stack-bounds", "'{e}' overwrites part of a saved pointer"),
    "context-access": (
        "bpf-context-access", "{rw} of {size} bytes at offset {off} of the context is not allowed",
    ),
    "socket-access": ("bpf-context-access", "'{e}': this field of the socket cannot be accessed so"),
    "modified-pointer": ("bpf-context-arg", "'{e}' uses a pointer that was moved; it must be unmodified"),
    "context-argument": ("bpf-context-arg", "{f} must get the program's context, unchanged"),
    "special-pointer": ("bpf-argument-type", ""),
    "read-only": ("bpf-read-only", "'{e}' writes memory that may only be read"),
    "read-only-map": ("bpf-read-only", "'{e}' writes memory that may only be read"),
    "write-only-map": ("bpf-read-only", "'{e}' reads memory that may only be written"),
    "packet-write": ("bpf-read-only", "packets are read-only in programs of this type"),
    "packet-argument": ("bpf-argument-type", "{f} does not take packet memory in this program type"),
    "packet-load": ("bpf-helper-not-allowed", "packet loads (load_byte and its kin) are not possible here"),
    "pointer-op": ("bpf-pointer-arithmetic", "'{e}': this operation is not allowed on a pointer"),
    "pointer-pair": ("bpf-pointer-arithmetic", "'{e}' combines two pointers"),
    "pointer-kind": ("bpf-pointer-arithmetic", "'{e}': this pointer cannot be moved"),
    "pointer-cast": ("bpf-pointer-arithmetic", "'{e}' makes part of a pointer"),
    "map-helper": ("bpf-map-helper", "{f} cannot be used on a map of type {type}"),
    "map-program": ("bpf-map-helper", ""),
    "size-negative": ("bpf-size-argument", "the size given to {f} may be negative{range}"),
    "size-unbounded": ("bpf-size-argument", "the size given to {f} is not bounded{range}"),
    "size-zero": ("bpf-size-argument", "the size given to {f} may be zero{range}"),
    "size-variable": ("bpf-size-argument", "the size given to {f} must be a constant"),
    "zero-size": ("bpf-size-argument", "the size given to {f} may be zero"),
    "argument-value": ("bpf-size-argument", "an argument of {f} must be a constant in its range"),
    "lock-held": ("bpf-lock", "returns with the lock of bpf_spin_lock() held"),
    "lock-call": ("bpf-lock", "calls {f} with a lock held"),
    "lock-other": ("bpf-lock", "unlocks another lock than the one that is held"),
    "lock-missing": ("bpf-lock", "unlocks without a lock"),
    "lock-nested": ("bpf-lock", "takes a second lock while one is held"),
    "lock-type": ("bpf-lock", "programs of this type cannot use bpf_spin_lock()"),
    "section-held": ("bpf-lock", "returns inside a section that {what} opened"),
    "section-unmatched": ("bpf-lock", "ends a section that was not begun"),
    "section-nested": ("bpf-lock", "a section inside another one"),
    "reference": ("bpf-reference-leak", "returns without releasing what was acquired"),
    "leak": ("bpf-reference-leak", "returns without releasing what was acquired"),
    "reference-leak": ("bpf-reference-leak", "returns without releasing what was acquired"),
    "tail-call": ("bpf-reference-leak", ""),
    "release": ("bpf-release-mismatch", ""),
    "release-offset": ("bpf-release-mismatch", "{f} must get the pointer that was acquired, unmoved"),
    "release-type": ("bpf-release-mismatch", "{f} gets something that was not acquired"),
    "uninit-reg": ("bpf-uninitialised", "'{e}' uses a value that was never written"),
    "uninit-stack": ("bpf-uninitialised", "memory that was never written is used here"),
    "uninit-stack-read": ("bpf-uninitialised", "memory that was never written is read here"),
    "dynptr-arg": ("bpf-uninitialised", "{f} needs a dynptr that was initialised"),
    "return-code": ("bpf-return-code", "the program must return {low} to {high}{range}"),
    "return-pointer": ("bpf-return-code", "the program returns a pointer"),
    "callback-return": ("bpf-callback-return", "the callback returns a value outside {low} to {high}{range}"),
    "argument-type": ("bpf-argument-type", "an argument of {f} is of the wrong kind"),
    "kfunc-arg": ("bpf-argument-type", "an argument of {f} is of the wrong kind"),
    "helper-type": ("bpf-helper-not-allowed", "{f} is not available in programs of this type"),
    "kfunc-type": ("bpf-helper-not-allowed", "{f} is not available in programs of this type"),
    "kfunc-version": ("bpf-helper-not-allowed", "{f} does not exist in this kernel"),
    "too-old": ("bpf-kernel-version", "{what} came with Linux {version}"),
    "sleeps": ("bpf-sleepable", "{f} may sleep, and this program must not"),
    "license": ("bpf-license", "{f} is for programs with a GPL-compatible license only"),
    "unknown-function": ("bpf-unknown-function", "this is neither a helper nor a function of the program"),
    "infinite-loop": ("bpf-loop", "this loop has no end that can be seen: nothing that it tests changes"),
    "too-large": ("bpf-loop", "this loop may run too long: {limit} instructions were walked without an end"),
    "too-complex": ("bpf-loop", "too many branches are left open at once"),
    "stack-chain": ("bpf-stack-size", "the frames of this chain of calls need more than 512 bytes"),
    "stack-tail": ("bpf-stack-size", "too much stack is in use for a tail call"),
    "private-stack": ("bpf-stack-size", "more than 512 bytes of stack"),
    "call-depth": ("bpf-call-depth", "calls nest more than eight deep, or a function calls itself"),
    "alignment": ("bpf-alignment", "'{e}' is not aligned to its size"),
    "btf-pointer": ("bpf-btf-pointer", "'{e}' accesses a kernel object outside its type"),
    "different-pointers": ("bpf-different-pointers", "'{e}' serves two kinds of pointers"),
    "atomic-op": ("bpf-atomic", "'{e}': this atomic operation is not supported here"),
    "atomic-memory": ("bpf-atomic", "atomic operations are not possible on this memory"),
    "format": ("bpf-format-string", "the format given to {f} is not understood"),
    "const-string": ("bpf-argument-type", "{f} needs a string constant in read-only memory"),
    "special-field": ("bpf-special-field", ""),
    "special-access": ("bpf-special-field", "'{e}' touches a lock, timer or kernel pointer in a map value"),
    "special-overwrite": ("bpf-special-field", "'{e}' overwrites a special object on the stack"),
    "stack-return": ("bpf-stack-escape", "returns the address of a local variable"),
    "stack-escape": ("bpf-stack-escape", "the address of a local variable leaves its function"),
    "global-argument": ("bpf-function-args", "an argument of this non-static function does not fit"),
    "global-function": ("bpf-function-args", "this non-static function cannot be checked on its own"),
    "malformed": ("bpf-malformed", "not well-formed code: {what}"),
    "isa-version": ("bpf-kernel-version", "the instruction '{what}' came with Linux {version}"),
    "back-edge": ("bpf-kernel-version", "loops came with Linux 5.3"),
    "unreachable": ("bpf-malformed", "code that nothing reaches"),
    "jump-range": ("bpf-malformed", "a jump out of its function"),
    "no-exit": ("bpf-malformed", "a function runs off its end"),
    "unprivileged": ("bpf-unprivileged", ""),
    "core-missing": ("bpf-core", "a field or type that this kernel does not have is used"),
    "core": ("bpf-core", "a CO-RE relocation cannot be resolved"),
}  # fmt: skip

# Rules whose place is the shared exit: a person looks for the end of the bad path.
_AT_EXIT = frozenset(
    {"leak", "reference", "reference-leak", "lock-held", "section-held", "return-code", "callback-return",
     "return-pointer"}
)  # fmt: skip
_RETURNED = frozenset({"return-code", "callback-return", "return-pointer"})
_LOOP = re.compile(r"\b(for|while)\s*\(|\bdo\b|\bbpf_(for|repeat|for_each)\b")
_FIXES = {
    "bpf-null-deref": "test the pointer first:  if (!p) return 0;",
    "bpf-unbounded-index": "bound the value that is used:  if (i >= COUNT) return 0;  or  i &= COUNT - 1",
    "bpf-map-value-bounds": "use '>=':  if (i >= COUNT) return 0;",
    "bpf-packet-bounds": "if ((void *)(p + 1) > data_end) return ...;  before this, on this very pointer",
    "bpf-not-a-pointer": "read it with bpf_probe_read_kernel(&tmp, sizeof(tmp), address), or BPF_CORE_READ()",
    "bpf-size-argument": "use an unsigned variable and bound it:  if (n > sizeof(buf)) n = sizeof(buf);",
    "bpf-uninitialised": "initialise it where it is declared:  = 0  or  = {}",
    "bpf-reference-leak": "release it on this path before returning",
    "bpf-loop": "for (i = 0; i < CONSTANT; i++), or bpf_loop() for many turns",
    "bpf-license": 'char LICENSE[] SEC("license") = "GPL";',
}


class Explainer:
    """Turns what one analysis found into diagnostics."""

    def __init__(
        self, ck: Checker | None, program: Program | None, kernel: tuple[int, int]
    ) -> None:
        self.ck = ck
        self.program = program
        self.kernel = kernel
        self.places = Places(program.object if program is not None else None)
        self._override: Span | None = None  # a better place than the instruction's line

    # ------------------------------------------------------------------ the three outcomes
    def diagnostic(self, reject: Reject) -> Diagnostic:
        """Return the error for a rejection."""
        return self._build(reject, Severity.ERROR)

    def warning(self, reject: Reject) -> Diagnostic:
        """Return the warning for something that this kernel accepts."""
        found = self._build(reject, Severity.WARNING)
        found.group = found.id
        return found

    def unknown(self, reason: NotModelled) -> Diagnostic:
        """Return the error that says what could not be judged."""
        span = self._span(self._line(reason.idx))
        return Diagnostic(
            "bpf-unknown", Severity.ERROR, f"this cannot be judged: {reason.what}", span
        )

    # ------------------------------------------------------------------ building
    def _build(self, reject: Reject, severity: Severity) -> Diagnostic:
        id, sentence = WORDS.get(reject.rule, ("bpf-" + reject.rule, ""))
        idx = self._place(reject)
        line = self._line(idx)
        span = self._override or self._span(line)
        self._override = None
        entry = CATALOGUE.get(id)
        if not sentence:
            sentence = entry.title if entry is not None else reject.kernel
        text = sentence.format_map(_Facts(self._facts(reject, idx, span)))
        diagnostic = Diagnostic(id, severity, text, span, kernel=reject.kernel)
        diagnostic.notes = list(self._notes(reject, idx, line))
        if id in _FIXES:
            diagnostic.fixits = [FixIt(_FIXES[id])]
        return diagnostic

    def _facts(self, reject: Reject, idx: int, span: Span | None) -> dict[str, object]:
        facts: dict[str, object] = dict(reject.facts)
        facts["e"] = _shorten(span.text()) if span is not None else "this instruction"
        helper = facts.get("helper")
        name = getattr(helper, "name", None) or self._callee(reject.idx)
        facts["f"] = f"{name}()" if name else "the call"
        facts["rw"] = "a write" if facts.get("write") else "a read"
        facts["range"] = _range(facts.get("val"))
        since = facts.get("since")
        if isinstance(since, tuple):
            facts["version"] = ".".join(map(str, since))
        off, size = facts.get("off"), facts.get("size")
        if isinstance(off, int) and isinstance(size, int):
            facts["last"] = off + size
        return facts

    def _callee(self, idx: int) -> str:
        if self.ck is None or not 0 <= idx < len(self.ck.insns):
            return ""
        insn = self.ck.insns[idx]
        if insn.opcode != isa.JMP | isa.CALL:
            return ""
        if insn.src == isa.PSEUDO_CALL:
            target = self.ck.subject.index_of.get(self.ck.subject.slots[idx] + 1 + insn.imm)
            return self.ck.subject.sub_at(target).name if target is not None else ""
        if insn.src == isa.PSEUDO_KFUNC_CALL:
            reloc = self._symbol(idx)
            return reloc or ""
        helper = by_id.get(insn.imm)
        return helper.name if helper is not None else ""

    def _symbol(self, idx: int) -> str | None:
        if self.program is None or self.ck is None:
            return None
        slot = self.ck.subject.slots[idx]
        for reloc in self.program.relocs:
            if reloc.slot == slot:
                return reloc.symbol
        return None

    # ------------------------------------------------------------------ places
    def _line(self, idx: int) -> Line | None:
        if self.program is None:
            return None
        if self.ck is None or idx < 0:
            return self.program.lines[0] if self.program.lines else None
        return self.program.line_at(self.ck.subject.slots[idx])

    def _span(self, line: Line | None) -> Span | None:
        return self.places.span(line) if line is not None else None

    def _place(self, reject: Reject) -> int:
        """Return the instruction whose line a person would point at."""
        idx = reject.idx
        if self.ck is None or idx < 0:
            return idx
        if reject.rule in _RETURNED:
            made = origin(self.ck, idx, 0).idx
            for at in (made, idx):
                line = self._line(at)
                if line is not None and _is_return(line.text):
                    return at
        if reject.rule in _AT_EXIT:
            return self._end_of_path(idx)
        if reject.rule in ("too-large", "infinite-loop"):
            self._override = self._loop_head(self._line(idx))
        return idx

    def _loop_head(self, line: Line | None) -> Span | None:
        """Return the head of the loop around a line, where the source is at hand."""
        if line is None:
            return None
        for number in range(line.line, max(0, line.line - 40), -1):
            text = self.places.line_text(line.file, number)
            if _LOOP.search(text):
                return self.places.whole_line(line.file, number)
        return None

    def _end_of_path(self, idx: int) -> int:
        """Return the last instruction of the path that is no part of the shared end.

        The ways to a shared exit jump to it: the instruction before the last jump into code of
        another line stands at the return statement, or at the test that leads there.
        """
        assert self.ck is not None
        end = self._line(idx)
        insns = self.ck.insns
        for at in walk_back(self.ck, idx):
            line = self._line(at)
            insn = insns[at]
            if line is None or insn.opcode == isa.JMP | isa.EXIT:
                continue
            if end is not None and (line.file, line.line) == (end.file, end.line):
                if insn.opcode == isa.JMP | isa.CALL:
                    return at
                continue
            if _is_return(line.text):
                return at
            nearby = self._return_near(line, insn.opcode & 7 in (isa.JMP, isa.JMP32))
            if nearby is not None:
                self._override = nearby
            return at
        return idx

    def _return_near(self, line: Line, is_jump: bool) -> Span | None:
        """Return the return statement just below a test, where the source is at hand."""
        if not is_jump:
            return None
        for number in range(line.line, line.line + 4):
            text = self.places.line_text(line.file, number)
            if number > line.line and _is_return(text):
                return self.places.whole_line(line.file, number)
            if number > line.line and "}" in text:
                return None
        return None

    # ------------------------------------------------------------------ notes
    def _notes(self, reject: Reject, idx: int, line: Line | None) -> Iterator[Note]:
        if self.ck is None or reject.idx < 0 or reject.rule in ("too-large", "infinite-loop"):
            return
        if reject.rule in _AT_EXIT:
            yield from self._acquired(reject)
            return
        if reject.reg < 0 or reject.rule == "uninit-reg":
            return
        found = origin(self.ck, reject.idx, reject.reg)
        yield from self._origin_notes(found, line)

    def _acquired(self, reject: Reject) -> Iterator[Note]:
        taken = reject.facts.get("taken", reject.facts.get("acquired"))
        if isinstance(taken, int) and taken >= 0:
            line = self._line(taken)
            yield Note(f"acquired here by {self._callee(taken) or 'this call'}()", self._span(line))

    def _origin_notes(self, found: Origin, line: Line | None) -> Iterator[Note]:
        where = self._line(found.idx)
        if where is None or (line is not None and where is line):
            return
        span = self._span(where)
        for at in found.moved[:1]:
            moved = self._line(at)
            if moved is not None and moved is not line and moved is not where:
                yield Note("the offset is added here", self._span(moved))
        if found.what == "call":
            yield Note(f"the value comes from {self._callee(found.idx) or 'this call'}()", span)
        elif found.what == "load":
            yield Note("the value is read from memory here", span)
        elif found.what == "constant":
            yield Note("the value is set here", span)
        elif found.what == "arithmetic":
            yield Note("the value is computed here; its bounds are lost", span)
        elif found.what == "unwritten":
            yield Note("this call leaves the argument registers without a value", span)


class _Facts(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return "?"


def _is_return(text: str) -> bool:
    return "return" in text or "goto " in text


def _shorten(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 60 else text[:57] + "..."


def _range(val: object) -> str:
    """Return what is known of a number, in words."""
    if not isinstance(val, Val):
        return ""
    if val.smin == val.smax:
        return f" (it is {val.smin})"
    if val.smin < 0:
        return f" (it may be {_bound(val.smin)} to {_bound(val.smax)})"
    return f" (it may be {_bound(val.umin)} to {_bound(val.umax)})"


def _bound(number: int) -> str:
    names = {(1 << 63) - 1: "2^63 - 1", (1 << 64) - 1: "2^64 - 1", -(1 << 63): "-2^63"}
    return names.get(number, str(number))
