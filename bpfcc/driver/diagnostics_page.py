"""The documentation of all diagnostics as one page: docs/diagnostics.md is this text.

``bpfcc explain --markdown`` prints it, ``bpfcc explain ID`` one section for the terminal.
"""

from __future__ import annotations

from ..support.c_rules import C_RULES
from ..support.catalogue import CATALOGUE, Entry

_HEAD = """\
# Diagnostics

Every finding of the compiler and of `bpfcc check` has an id, which stands in brackets behind it, and a
section here. `bpfcc explain ID` prints the section; `bpfcc explain --list` lists the ids.

    dropmon.c:9:30: error: 'drop_cnt' may be NULL here [bpf-null-deref]

Ids that begin with `bpf-` are about BPF: what the kernel's verifier would refuse, what restricted C has
not, and what programs had better not do. Ids that begin with `c-` are about the C language itself.

## How grave

`error`: the kernel refuses the program, or it is no C. `check` exits with 1. `warning`: the kernel takes
it. Warnings are switched as in clang: `-Wbpf-racy-update`, `-Wno-bpf-padding`, `-Werror=bpf-padding`,
`-w`; for `c-shadow` the name is `-Wshadow`. Those "on request" are silent without `-W...` or `-Wextra`.
The source-level checks (`bpf-padding` and others below) are made by `bpfcc check` only, not by the
compiler. `-Werror` alone leaves the compiler's `bpf-` warnings what they are, so that a build for clang
does not fail by them; `-Werror=bpf-section` makes errors of them, and `check -Werror` of all.

## Silencing a finding

In its line, or alone on the line above; a reason must follow the bracket:

    v->n += 1;  // bpfcc: ignore[bpf-racy-update] one writer per CPU

In a whole file:

    // bpfcc: ignore-file[bpf-padding, bpf-unset-field] keys are zeroed by the loader

Errors of C cannot be silenced. `--baseline FILE` records the findings of today, so that only new ones
count; they are recognised by file, line text and message, not by line number.

## Format of a finding

The place is the smallest C expression that is wrong. `note:` says where a value comes from, `help:` what
to write, `kernel:` how the kernel's log has it. `--format json` gives the same as values, one object per
file and kernel; `sarif`, `github`, `gitlab`, `junit` and `csv` are for CI servers.

"""
_MIDDLE = """\
# The C language

One sentence each: the message itself says what is wrong with which name.

"""


def _indented(text: str) -> str:
    return "".join(f"    {line}\n" for line in text.expandtabs(4).splitlines())


def _plain(text: str) -> str:
    """Return text in which Markdown sees nothing: names have underscores, pointers stars."""
    return text.replace("\\", "\\\\").replace("_", "\\_").replace("*", "\\*").replace("<", "\\<")


def section(entry: Entry, *, markdown: bool = True) -> str:
    """Return one section of the page, or the same for a terminal."""
    words = f"{_sentence(entry.title)} ({entry.level})\n\n{entry.meaning}\n\n"
    parts = [f"## {entry.id}\n\n{_plain(words)}" if markdown else f"{entry.id}\n\n{words}"]
    if entry.before:
        parts.append("Wrong:\n\n" + _indented(entry.before) + "\n")
    if entry.after:
        parts.append("Right:\n\n" + _indented(entry.after) + "\n")
    return "".join(parts)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + "."


def page() -> str:
    """Return the whole page."""
    parts = [_HEAD]
    parts += [section(CATALOGUE[id]) for id in sorted(CATALOGUE)]
    parts.append(_MIDDLE)
    parts += [f"### {id}\n\n{_plain(C_RULES[id])}\n\n" for id in sorted(C_RULES)]
    return "".join(parts).rstrip("\n") + "\n"


def for_terminal(id: str) -> str | None:
    """Return what ``bpfcc explain ID`` prints, None for an unknown id."""
    entry = CATALOGUE.get(id)
    if entry is not None:
        return section(entry, markdown=False)
    if id in C_RULES:
        return f"{id}\n\n{C_RULES[id]}\n"
    return None


def all_ids() -> dict[str, str]:
    """Return every id with its title, in order."""
    found = {id: entry.title for id, entry in CATALOGUE.items()}
    return {**dict(sorted(found.items())), **dict(sorted(C_RULES.items()))}
