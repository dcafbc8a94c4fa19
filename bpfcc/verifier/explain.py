"""Rejections in the words of the C text: what is wrong at which expression, and where it came from.

A ``Reject`` names a rule, an instruction and a register; ``WORDS`` has a row per rule with the
diagnostic's id and its sentences, ``causes`` finds the facts for them. Nothing here decides
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
from . import packetwords, regs
from .causes import Causes, reads_packet_start
from .ctext import call_arguments
from .phrases import null_when, shorten
from .places import Places
from .reject import NotModelled, Reject
from .trail import Origin, callee, origin, walk_back
from .words import WORDS, fill

if TYPE_CHECKING:
    from .checker import Checker

# Rules whose place is the shared exit: a person looks for the end of the bad path.
_AT_EXIT = frozenset(
    {"leak", "reference", "reference-leak", "lock-held", "section-held", "return-code", "callback-return",
     "return-pointer"}
)  # fmt: skip
_IN_LOCK = frozenset({"lock-call", "lock-other", "lock-nested"})
_RETURNED = frozenset({"return-code", "callback-return", "return-pointer"})
_LEAVES = re.compile(r"\b(return|goto|continue|break)\b")
_GOTO = re.compile(r"\bgoto\s+(\w+)\s*;")
_LOOP = re.compile(r"\b(for|while)\s*\(|\bdo\b|\bbpf_(for|repeat|for_each)\b")


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
        id, sentences, edits = WORDS.get(reject.rule, ("bpf-" + reject.rule, (), ()))
        idx = self._place(reject)
        line = self._line(idx)
        if reject.rule == "section":
            self._override = self.places.section_name(str(reject.facts.get("name", "")))
        override, self._override = self._override, None
        span = override or self._span(line)
        facts: dict[str, object] = dict(reject.facts)
        causes = None
        if self.ck is not None and reject.idx >= 0:
            causes = Causes(self.ck, self.places, reject, self._span(self._line(reject.idx)))
            facts = causes.facts
            if override is None and idx == reject.idx and causes.span is not None:
                span = causes.span
            elif idx != reject.idx or override is not None:
                facts["e"] = shorten(span.text()) if span is not None else facts["e"]
        else:
            facts.setdefault("e", shorten(span.text()) if span is not None else "this program")
        id = str(facts.get("id") or id)
        entry = CATALOGUE.get(id)
        text = fill(sentences, facts) or (entry.title if entry is not None else reject.kernel)
        diagnostic = Diagnostic(id, severity, text, span, kernel=reject.kernel)
        if causes is not None:
            diagnostic.notes = list(self._notes(reject, causes, line))
        edit = fill(edits, facts)
        if edit:
            diagnostic.fixits = [FixIt(edit)]
        return diagnostic

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
            end = self._end_of_path(idx)
            line = self._line(end)
            text = (
                self._override.text() if self._override is not None else line.text if line else ""
            )
            going = re.search(r"\b(continue|break)\b", text) and "return" not in text
            reject.facts["leaves"] = "goes on" if going else "returns"
            return end
        if reject.rule in ("too-large", "too-complex", "infinite-loop"):
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
            if text.startswith("{"):
                break
        return self._goto_back(line)

    def _goto_back(self, line: Line) -> Span | None:
        """Return the goto behind a line that leads to a label above it."""
        above = [self.places.line_text(line.file, n).strip() for n in range(1, line.line + 1)]
        for number in range(line.line, line.line + 40):
            text = self.places.line_text(line.file, number)
            found = _GOTO.search(text)
            if found is not None and any(a.startswith(found.group(1) + ":") for a in above):
                return self.places.whole_line(line.file, number)
            if text.startswith("}"):
                break
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
            if _LOOP.search(line.text):
                continue  # the loop goes on to its end: a path through its body is the bad one
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
    def _notes(self, reject: Reject, causes: Causes, line: Line | None) -> Iterator[Note]:
        """Say where the value comes from, what ended it, and what it was meant to stay inside."""
        assert self.ck is not None
        if reject.rule in ("too-large", "infinite-loop"):
            return
        if reject.rule in _AT_EXIT:
            yield from self._acquired(reject)
            return
        facts = causes.facts
        if reject.rule == "uninit-reg":
            yield from self._declared(causes, "declared here without an initialiser")
            return
        maybe_null = WORDS[reject.rule][0] == "bpf-null-deref" if reject.rule in WORDS else False
        yield from self._origin(causes.number, causes, line, maybe_null)
        if causes.number is None:
            yield from self._origin(causes.origin, causes, line, maybe_null)
        if reject.rule == "packet-bounds" and causes.reg is not None:
            test = packetwords.test_of(self.ck, reject, causes.reg)
            if test >= 0:
                words = packetwords.test_note(reject, facts, causes.reg)
                yield Note(words, self._span(self._line(test)))
        if reject.rule in _IN_LOCK:
            yield from self._locked()
        if causes.called >= 0:
            word = "given back here" if facts.get("released") else "packet pointers end here"
            yield Note(word, causes.place(causes.called))
        if reject.rule == "map-value-bounds" and isinstance(facts.get("map"), str):
            where = self.places.map_name(str(facts["map"]))
            if where is not None:
                text = f"the values of map '{facts['map']}' have {facts.get('limit')} bytes"
                yield Note(text, where)
        elif reject.rule.startswith(("stack-", "uninit-stack")):
            yield from self._declared(causes, "declared here")

    def _declared(self, causes: Causes, words: str) -> Iterator[Note]:
        name = causes.facts.get("obj") or causes.facts.get("arg") or causes.facts.get("e")
        span = causes.declaration(str(name)) if str(name).isidentifier() else None
        if span is not None:
            yield Note(f"'{name}' is {words}", span)

    def _acquired(self, reject: Reject) -> Iterator[Note]:
        taken = reject.facts.get("taken", reject.facts.get("acquired"))
        if isinstance(taken, int) and taken >= 0 and self.ck is not None:
            line = self._line(taken)
            name = callee(self.ck, taken) or "this call"
            yield Note(f"acquired here by {name}()", self._span(line))
        elif reject.rule == "section-held" and self.ck is not None:
            what = str(reject.facts.get("what", ""))
            for at in walk_back(self.ck, reject.idx):
                if what and callee(self.ck, at).startswith(what):
                    yield Note("it is opened here", self._span(self._line(at)))
                    return

    def _locked(self) -> Iterator[Note]:
        """Say where the lock that is held was taken."""
        assert self.ck is not None
        for ref in reversed(self.ck.state.refs):
            if "lock" in ref[0]:
                yield Note("the lock is taken here", self._span(self._line(ref[2])))
                return

    def _origin(
        self, found: Origin | None, causes: Causes, line: Line | None, maybe_null: bool
    ) -> Iterator[Note]:
        """Say where a value comes from, unless that is the line which is complained about."""
        assert self.ck is not None
        if found is not None and found.what == "argument" and self.ck.state.frames[0].sub:
            yield self._parameter()
            return
        where = self._line(found.idx) if found is not None else None
        if found is None or where is None or (line is not None and where is line):
            return
        for at in found.moved[:1]:
            moved = self._line(at)
            if moved is not None and moved is not where:
                if line is None or (moved.file, moved.line) != (line.file, line.line):
                    note = self._moved(at, causes)
                    if note:
                        yield Note(note, self._span(moved))
        span = self._span(where)
        name = causes.assigned(found)
        shown = f"'{name}'" if name else "the value"
        if found.what == "call":
            yield self._call_note(found.idx, span, shown, maybe_null)
        elif found.what == "load" and self.ck.ptr_types.get(found.idx) == regs.CTX:
            if not reads_packet_start(self.ck, found.idx):  # where a packet starts says nothing
                number = found is causes.number or causes.is_number()
                what = ": a number, to the kernel" if number else ""
                what = ", where it may be NULL" if maybe_null else what
                yield Note(f"{shown} is read from the context here{what}", span)
        elif found.what == "load":
            yield Note(f"{shown} is read from memory here", span)
        elif found.what == "constant" and not found.moved:
            yield Note(f"{shown} is set here", span)
        elif found.what == "arithmetic":
            yield Note(f"{shown} is computed here; its bounds are lost", span)
        elif found.what == "unwritten":
            yield Note("this call leaves the argument registers without a value", span)

    def _moved(self, idx: int, causes: Causes) -> str:
        """Say what an addition to a pointer means; "" when it is of no interest."""
        assert self.ck is not None
        insn, reg = self.ck.insns[idx], causes.reg
        if reg is not None and reg.t in (regs.PKT, regs.PKT_META):
            return packetwords.moved_note(reg) if insn.opcode & isa.X else ""
        return "the offset is added here"

    def _parameter(self) -> Note:
        """Say that the function in question is checked without knowing its callers."""
        assert self.ck is not None
        name = self.ck.subject.subs[self.ck.state.frames[0].sub].name
        return Note(
            f"{name}() is not static, so it is checked on its own: its arguments may be anything",
            self.places.function_name(name),
        )

    def _call_note(self, idx: int, span: Span | None, shown: str, maybe_null: bool) -> Note:
        assert self.ck is not None
        name = callee(self.ck, idx)
        if self.ck.insns[idx].src == isa.PSEUDO_CALL:
            return Note(f"{name}() is not static: nothing is known of what it returns", span)
        when = null_when(name)
        called = call_arguments(span.text()) if span is not None else None
        word = f"{called[0] if called is not None else name or 'this call'}()"
        if maybe_null:
            return Note(f"{word} returns NULL when {when or 'it fails'}", span)
        return Note(f"{shown} comes from {word}", span)


def _is_return(text: str) -> bool:
    return _LEAVES.search(text) is not None
