"""Defects as people make them: small changes of C text inside function bodies, one at a time.

The text is split into tokens; a mutator changes a token, drops a statement, or swaps two arguments.
What does not compile any more is passed over by the campaign.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable

_TOKEN = re.compile(
    r"""\s+ | //[^\n]* | /\*.*?\*/ | \#(?:\\\n|[^\n])* | "(?:\\.|[^"\\])*" | '(?:\\.|[^'\\])*'
    | [A-Za-z_]\w* | 0[xX][0-9a-fA-F]+[uUlL]* | \d+[uUlL]*
    | <<= | >>= | -> | \+\+ | -- | && | \|\| | [-+*/%&|^<>=!]= | << | >> | .""",
    re.X | re.S,
)
_OTHER = {
    "<": ("<=", ">", "!="), ">": (">=", "<"), "<=": ("<", ">="), ">=": (">", "<="),
    "==": ("!=", ">="), "!=": ("==",), "&&": ("||",), "||": ("&&",), "+": ("-",), "-": ("+",),
    "&": ("|", "&&"), "|": ("&",), "<<": (">>",), ">>": ("<<",), "+=": ("-=", "="), "-=": ("+=",),
    "&=": ("|=", "="), "!": ("",), "++": ("--",), "->": (), "*": ("+",), "%": ("&", "/"),
}  # fmt: skip
_WIDTHS = (
    "__u8", "__u16", "__u32", "__u64", "__s8", "__s32", "__s64", "u8", "u16", "u32", "u64",
    "int", "long",
)  # fmt: skip
_MAPS = (
    "BPF_MAP_TYPE_HASH", "BPF_MAP_TYPE_ARRAY", "BPF_MAP_TYPE_PERCPU_ARRAY", "BPF_MAP_TYPE_LRU_HASH",
    "BPF_MAP_TYPE_PERCPU_HASH", "BPF_MAP_TYPE_QUEUE", "BPF_MAP_TYPE_RINGBUF",
    "BPF_MAP_TYPE_PERF_EVENT_ARRAY", "BPF_MAP_TYPE_PROG_ARRAY", "BPF_MAP_TYPE_LPM_TRIE",
)  # fmt: skip
_SECTIONS = ("xdp", "tc", "kprobe/do_nanosleep", "socket", "cgroup_skb/egress", "raw_tp/sys_enter")

Mutator = Callable[["list[str]", int, "set[int]", random.Random], bool]


def tokens(text: str) -> list[str]:
    """Split C text; the parts joined are the text again."""
    return _TOKEN.findall(text)


def bodies(parts: list[str]) -> list[int]:
    """Return the indexes of tokens inside function bodies, white space and comments left out."""
    out: list[int] = []
    depth = 0
    inside = 0  # depth at which a function body began
    last = ""
    for i, part in enumerate(parts):
        if part.isspace() or part.startswith(("//", "/*", "#")):
            continue
        if part == "{":
            depth += 1
            if not inside and last == ")":
                inside = depth
        elif part == "}":
            if depth == inside:
                inside = 0
            depth -= 1
        elif inside:
            out.append(i)
        last = part
    return out


def _close(parts: list[str], at: int) -> int:
    """Return the index of the bracket that closes the one at ``at``, -1 when there is none."""
    pairs = {"(": ")", "[": "]", "{": "}"}
    opening, closing = parts[at], pairs[parts[at]]
    depth = 0
    for i in range(at, len(parts)):
        if parts[i] == opening:
            depth += 1
        elif parts[i] == closing:
            depth -= 1
            if not depth:
                return i
    return -1


def _next(parts: list[str], at: int) -> int:
    at += 1
    while at < len(parts) - 1 and (parts[at].isspace() or parts[at].startswith(("//", "/*"))):
        at += 1
    return at


def _end(parts: list[str], at: int) -> int:
    """Return the index of the token that ends the statement beginning at ``at``; -1 for none."""
    if parts[at] == "{":
        return _close(parts, at)
    if parts[at] in ("if", "for", "while", "switch"):
        condition = _next(parts, at)
        if parts[condition] != "(":
            return -1
        shut = _close(parts, condition)
        return -1 if shut < 0 else _end(parts, _next(parts, shut))
    i = at
    while i < len(parts):
        if parts[i] in "([{":
            i = _close(parts, i)
            if i < 0:
                return -1
        elif parts[i] == ";":
            return i
        elif parts[i] == "}":
            return -1
        i += 1
    return -1


def drop_statement(parts: list[str], at: int, inside: set[int], rng: random.Random) -> bool:
    """Drop a test with what it guards, an assignment, a call, an early return."""
    before = at - 1
    while before >= 0 and (parts[before].isspace() or parts[before].startswith(("//", "/*"))):
        before -= 1
    if parts[before] not in ("{", "}", ";", ")", "else") or parts[at] in ("else", "{"):
        return False
    end = _end(parts, at)
    if end < 0 or end - at > 80:
        return False
    for i in range(at, end + 1):
        if not (parts[i].isspace() and "\n" in parts[i]):
            parts[i] = ""
    parts[end] = ";"
    return True


def drop_initialiser(parts: list[str], at: int, inside: set[int], rng: random.Random) -> bool:
    """Leave a variable as it is declared."""
    if parts[at] != "=":
        return False
    i = at
    while i < len(parts) and parts[i] not in (";", ","):
        if parts[i] in "([{":
            i = _close(parts, i)
            if i < 0:
                return False
        i += 1
    for j in range(at, i):
        parts[j] = ""
    return True


def other_number(parts: list[str], at: int, inside: set[int], rng: random.Random) -> bool:
    """Another bound, size, mask or key."""
    if not parts[at][0].isdigit():
        return False
    value = int(parts[at].rstrip("uUlL"), 0)
    parts[at] = str(
        rng.choice(
            (value + 1, max(value - 1, 0), value * 2, value * 2 + 1, 0, value + 8, 255, 4096)
        )
    )
    return True


def other_operator(parts: list[str], at: int, inside: set[int], rng: random.Random) -> bool:
    """< for <=, and for or, no negation."""
    choices = _OTHER.get(parts[at])
    if not choices:
        return False
    parts[at] = rng.choice(choices)
    return True


def swap_arguments(parts: list[str], at: int, inside: set[int], rng: random.Random) -> bool:
    """Swap two arguments of a call, or drop one."""
    if parts[at] != "(" or not re.fullmatch(r"[A-Za-z_]\w*", parts[at - 1]):
        return False
    if parts[at - 1] in ("if", "while", "for", "sizeof", "switch", "return"):
        return False
    shut = _close(parts, at)
    cuts = [at]
    i = at + 1
    while i < shut:
        if parts[i] in "([{":
            i = _close(parts, i)
        elif parts[i] == ",":
            cuts.append(i)
        i += 1
    cuts.append(shut)
    if len(cuts) < 3:
        return False
    which = rng.randrange(len(cuts) - 2)
    first = "".join(parts[cuts[which] + 1 : cuts[which + 1]])
    second = "".join(parts[cuts[which + 1] + 1 : cuts[which + 2]])
    for j in range(cuts[which] + 1, cuts[which + 2]):
        parts[j] = ""
    if rng.random() < 0.5:
        first = second
    parts[cuts[which] + 1] = f"{second}, {first}"
    return True


def other_name(parts: list[str], at: int, inside: set[int], rng: random.Random) -> bool:
    """Use another variable of the same file."""
    if not re.fullmatch(r"[a-z_]\w*", parts[at]):
        return False
    near = [
        parts[i] for i in inside if abs(i - at) < 400 and re.fullmatch(r"[a-z]\w*", parts[i])
        and parts[i] != parts[at]
    ]  # fmt: skip
    if not near:
        return False
    parts[at] = rng.choice(sorted(near))
    return True


def other_width(parts: list[str], at: int, inside: set[int], rng: random.Random) -> bool:
    """Declare a local, or cast, wider or narrower."""
    if parts[at] not in _WIDTHS:
        return False
    parts[at] = rng.choice(_WIDTHS)
    return True


def longer(parts: list[str], at: int, inside: set[int], rng: random.Random) -> bool:
    """sizeof of something and a bit."""
    if parts[at] != "sizeof":
        return False
    opening = _next(parts, at)
    if parts[opening] != "(":
        return False
    shut = _close(parts, opening)
    parts[shut] = rng.choice((") + 4", ") * 2", ") - 1", ") + 1"))
    return True


BODY: tuple[Mutator, ...] = (
    drop_statement, drop_statement, drop_statement, drop_initialiser, drop_initialiser, other_number,
    other_number, other_operator, other_operator, swap_arguments, other_name, other_name,
    other_width, longer,
)  # fmt: skip


def _outside(text: str, rng: random.Random) -> str:
    """Change a map's type or size, a section or the license."""
    what = rng.randrange(3)
    if what == 0:
        names = sorted(set(re.findall(r"BPF_MAP_TYPE_\w+", text)))
        return text.replace(rng.choice(names), rng.choice(_MAPS), 1) if names else text
    if what == 1:
        names = sorted(set(re.findall(r'SEC\("([^"]*)"\)', text)) - {"license", ".maps", "maps"})
        if not names:
            return text
        return text.replace(f'SEC("{rng.choice(names)}")', f'SEC("{rng.choice(_SECTIONS)}")', 1)
    return re.sub(r'= *"(Dual [^"]*|GPL[^"]*)"', '= "Proprietary"', text, count=1)


def mutate(text: str, rng: random.Random) -> tuple[str, str]:
    """Return (text with one defect, what was done); ("", "") when nothing was found to change."""
    if rng.random() < 0.06:
        changed = _outside(text, rng)
        return (changed, "outside") if changed != text else ("", "")
    parts = tokens(text)
    inside = bodies(parts)
    if not inside:
        return "", ""
    for _ in range(200):
        at = rng.choice(inside)
        mutator = rng.choice(BODY)
        copy = parts.copy()
        if mutator(copy, at, set(inside), rng):
            changed = "".join(copy)
            if changed != text:
                line = "".join(parts[:at]).count("\n") + 1
                return changed, f"{mutator.__name__}@{line}"
    return "", ""
