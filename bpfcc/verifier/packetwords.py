"""What a message about packet bytes tells: which test covered how many, and the test to write.

Bytes are counted from the start of the packet, or from where a variable offset was added: the
kernel compares no others with each other.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from . import ctext, regs
from .phrases import known_range, shorten
from .regs import Reg
from .reject import Reject

if TYPE_CHECKING:
    from .checker import Checker

_COPIES = re.compile(r"(?:__builtin_)?mem(?:cpy|move|set|cmp)$")


def add(ck: Checker, reject: Reject, facts: dict[str, object], reg: Reg | None, text: str) -> None:
    """Complete the facts of a rejection for packet bytes; ``text`` is the C expression."""
    off, size, limit = facts.get("off"), facts.get("size"), facts.get("limit")
    if reg is None or not (isinstance(off, int) and isinstance(size, int)):
        return
    covered = limit if isinstance(limit, int) and limit > 0 else 0
    meta = reg.t == regs.PKT_META
    facts["end"] = "data" if meta else "data_end"
    facts["bytes"] = "bytes of metadata" if meta else "packet bytes"
    facts["does"] = "writes" if facts.get("write") else "reads"
    facts["checked"] = covered or None
    facts["covered"] = max(covered - off, 0) or None
    facts["beyond"] = None
    if reg.id and covered:
        facts["beyond"] = off + size - covered
        facts["checked"] = None
    _edit(facts, text, size)


def _edit(facts: dict[str, object], text: str, size: int) -> None:
    """Work out the pointer to compare with the end: ``{past}``."""
    argument, pointer = facts.get("arg"), facts.get("ptr")
    found = ctext.access(text, write=bool(facts.get("write")))
    index = found.index if found.subscripts == 1 and found.object == pointer else ""
    call = ctext.call_arguments(text)
    if argument:
        facts["past"] = f"{_void(str(argument))} + {size}"
    elif call is not None and len(call[1]) == 3 and _COPIES.match(call[0]):
        places = [shorten(text[start:end]) for start, end in call[1]]
        moved = places[0 if facts.get("write") or "set" in call[0] else 1]
        facts["past"] = f"{_void(moved)} + {places[2]}"
        facts["copied"], facts["amount"] = moved, places[2]
    elif pointer and index:
        past = str(int(index) + 1) if index.isdigit() else f"{index} + 1"
        facts["past"] = f"(void *)({pointer} + {past})"
    elif pointer:
        facts["past"] = f"(void *)({pointer} + 1)"


def _void(argument: str) -> str:
    """Return an argument as a pointer to bytes."""
    name = ctext.bare(argument)
    return f"(void *){name}" if re.fullmatch(r"[\w.>-]+", name) else f"(void *)({name})"


def test_of(ck: Checker, reject: Reject, reg: Reg | None) -> int:
    """Return the instruction that made the test which is too short, -1 when there is none."""
    limit = reject.facts.get("limit")
    if reg is None or not isinstance(limit, int) or limit <= 0:
        return -1
    return ck.packet_tests.get((reg.t, reg.id, limit), -1)


def test_note(reject: Reject, facts: dict[str, object], reg: Reg) -> str:
    """Return what the test that is too short covers, and what is wanted."""
    off, size, limit = reject.facts.get("off"), reject.facts.get("size"), reject.facts.get("limit")
    assert isinstance(off, int) and isinstance(size, int) and isinstance(limit, int)
    if reg.id:
        return f"this test covers {off + size - limit} bytes too few"
    what = f"{facts['f']}" if facts.get("arg") and facts.get("f") else f"'{facts.get('e')}'"
    does = facts.get("does") if not facts.get("arg") else "accesses"
    return f"this test covers {_bytes(0, limit)}; {what} {does} {_bytes(off, size)}"


def _bytes(first: int, count: int) -> str:
    return f"byte {first}" if count == 1 else f"bytes {first} to {first + count - 1}"


def moved_note(reg: Reg) -> str:
    """Return what adding a variable offset to a packet pointer means for tests."""
    known = known_range(reg.v)
    offset = f"an offset of {known}" if known else "an offset"
    return f"{offset} is added here: no test before this covers what follows"
