"""``bpfcc --print-manual``: the manual page bpfcc(1), made from what --help prints.

``bpfcc/docs/bpfcc.1`` holds it for packagers; ``make gen`` writes it anew.
"""

from __future__ import annotations

import argparse
import importlib
import re

from .. import __version__
from .arguments import CommandParser
from .compile import HELP
from .main import COMMANDS

_ENVIRONMENT = (
    ("CPATH, C_INCLUDE_PATH", "more folders to look for headers in, after those of -I"),
    ("DEPENDENCIES_OUTPUT", "where to write dependencies for make"),
    ("SOURCE_DATE_EPOCH", "the time that __DATE__ and __TIME__ tell"),
    ("XDG_CACHE_HOME", "where the index of a kernel's types and native code are kept (~/.cache)"),
    ("BPFCC_NO_CACHE", "if set, nothing is kept there"),
    ("NO_COLOR, CLICOLOR_FORCE, TERM", "whether findings are printed in colour"),
    ("GITHUB_ACTIONS", "if true, check writes its findings as annotations"),
)
_EXIT = (
    ("0", "done; for check and cross-check: nothing found, or the same"),
    ("1", "the input is wrong, or there are findings or a difference"),
    ("2", "check, cross-check: could not run, or could not tell"),
    ("70", "a mistake in bpfcc; the message says where the report is"),
    ("130", "interrupted"),
)


def commands() -> dict[str, CommandParser | None]:
    """Return what reads the command line of each command; None for one with a text of its own."""
    found: dict[str, CommandParser | None] = {}
    for name, (module, _) in COMMANDS.items():
        make = getattr(importlib.import_module(f".{module}", __package__), "arguments", None)
        found[name] = make() if make is not None else None
    return found


def manual() -> str:
    """Return the manual page as text for man(1) (groff_man(7))."""
    rows = [
        f'.TH BPFCC 1 "" "bpfcc {__version__}" "User Commands"',
        ".SH NAME",
        "bpfcc \\- compile, check and run BPF filters written in C",
        ".SH SYNOPSIS",
        ".B bpfcc",
        "[flags] file.c ...",
        ".br",
        ".B bpfcc",
        ".I command",
        _text("..."),
        ".SH DESCRIPTION",
        _text(_description()),
        ".SH OPTIONS",
        *_options(),
        ".SH COMMANDS",
    ]
    for name, parser in commands().items():
        rows += _command(name, parser)
    rows += [".SH EXIT STATUS", *_pairs(_EXIT), ".SH ENVIRONMENT", *_pairs(_ENVIRONMENT)]
    rows += [
        ".SH EXAMPLES",
        *_verbatim(
            "bpfcc -Wall -MMD -c filter.c -o filter.o\n"
            "bpfcc check --kernel 5.15,6.1,latest filter.c\n"
            "sudo bpfcc trace filter.o -e skb:kfree_skb\n"
        ),
        ".SH SEE ALSO",
        ".BR bpftool (8),",
        ".BR clang (1),",
        ".BR bpf (2)",
    ]
    return "\n".join(rows) + "\n"


def _description() -> str:
    return HELP.split("\n\n")[1]


def _options() -> list[str]:
    """Return the compiler's flags, by the groups that --help has."""
    rows: list[str] = []
    for line in HELP.split("\n\n", 2)[2].splitlines():
        if not line.startswith(" "):
            if line and line != "commands":
                rows.append(f".SS {_text(line.capitalize())}")
            continue
        parts = re.split(r"  +", line.strip())
        for part, after in zip(parts, [*parts[1:], "-"]):
            if not part.startswith("-"):
                rows.append(_text(part))
            elif after.startswith("-"):
                rows += [".PP", f".B {_text(part)}"]
            else:
                rows += [".TP", f".B {_text(part)}"]
    return rows


def _command(name: str, parser: CommandParser | None) -> list[str]:
    rows = [f".SS bpfcc {_text(name)}"]
    if parser is None:
        module = importlib.import_module(f".{COMMANDS[name][0]}", __package__)
        return [*rows, *_verbatim(module.USAGE)]
    usage = " ".join(parser.format_usage().split()).replace("usage: ", "", 1)
    rows += [_text(usage), ".PP", _text(parser.description or "")]
    for action in parser._actions:
        if isinstance(action, argparse._HelpAction):
            continue
        rows += [".TP", f".B {_text(_name(action))}", _text(_help(action)) or "\\&"]
    if parser.epilog:
        rows += [".PP", *_verbatim(parser.epilog)]
    return rows


def _name(action: argparse.Action) -> str:
    value = action.metavar or action.dest.upper()
    if action.choices is not None and action.metavar is None:
        value = "|".join(map(str, action.choices))
    if not action.option_strings:
        return str(value)
    flags = ", ".join(action.option_strings)
    return flags if action.nargs == 0 else f"{flags} {value}"


def _help(action: argparse.Action) -> str:
    return (action.help or "").replace("%(default)s", str(action.default)).replace("%%", "%")


def _pairs(pairs: tuple[tuple[str, str], ...]) -> list[str]:
    return [row for name, text in pairs for row in (".TP", f".B {_text(name)}", _text(text))]


def _verbatim(text: str) -> list[str]:
    return [".nf", *(_text(line) for line in text.rstrip("\n").split("\n")), ".fi"]


def _text(text: str) -> str:
    """Escape what groff reads: back slashes, hyphens, and dots or quotes that begin a line."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return re.sub(r"(?m)^([.'])", r"\\&\1", text)
