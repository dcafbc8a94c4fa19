"""Argument parsing shared by the commands: help on -h, usage errors as one sentence."""

from __future__ import annotations

import argparse
from typing import NoReturn

from ..driver.flags import parse_flags
from ..driver.options import Options
from ..support.errors import InputError


class CommandParser(argparse.ArgumentParser):
    """An ArgumentParser whose usage errors are InputErrors (exit 1, or 2 for checking commands)."""

    def __init__(self, command: str, description: str, epilog: str = "") -> None:
        super().__init__(
            prog=f"bpfcc {command}",
            description=description,
            epilog=epilog,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )

    def error(self, message: str) -> NoReturn:
        """Raise instead of exiting."""
        raise InputError(f"{message} (see '{self.prog} --help')")


def compiler_options(parser: CommandParser, argv: list[str]) -> tuple[argparse.Namespace, Options]:
    """Split ``argv`` between a command's own flags and the compiler's, inputs among the latter.

    Raises: InputError when a flag belongs to neither, or there is no input.
    """
    args, rest = parser.parse_known_args(argv)
    options = parse_flags(rest)
    if not options.inputs:
        raise InputError(f"no input files (see '{parser.prog} --help')")
    return args, options
