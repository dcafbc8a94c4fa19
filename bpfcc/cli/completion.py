"""``bpfcc --print-completion bash|zsh|fish``: completion scripts, made from the flag tables."""

from __future__ import annotations

import sys

from ..driver.flags import EXACT, VALUED
from ..support.errors import InputError
from .main import COMMANDS
from .manual import commands

_BASH = """\
_bpfcc() {{
    local word=${{COMP_WORDS[COMP_CWORD]}} flags="{flags}"
    case ${{COMP_WORDS[1]}} in
{cases}    esac
    if [[ $COMP_CWORD -eq 1 && $word != -* ]]; then
        COMPREPLY=( $(compgen -W "{commands}" -- "$word") $(compgen -f -X '!*.c' -- "$word") )
    elif [[ $word == -* ]]; then
        COMPREPLY=( $(compgen -W "$flags" -- "$word") )
    else
        COMPREPLY=( $(compgen -f -- "$word") )
    fi
}}
complete -o filenames -F _bpfcc bpfcc
"""

_ZSH = """\
#compdef bpfcc
local flags="{flags}"
case $words[2] in
{cases}esac
if (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then
    _alternative 'commands:command:({commands})' 'files:file:_files -g "*.c"'
elif [[ $words[CURRENT] == -* ]]; then
    compadd -- ${{(s: :)flags}}
else
    _files
fi
"""


def print_completion(argv: list[str]) -> int:
    """Write the script for the shell named in ``argv``; 0.

    Raises: InputError for another shell.
    """
    shell = argv[0] if argv else ""
    flags = sorted([*EXACT, *(flag for flag, _, _ in VALUED), "--help", "--version"])
    own = _command_flags()
    if shell in ("bash", "zsh"):
        script = _BASH if shell == "bash" else _ZSH
        cases = "".join(f'    {name}) flags="{" ".join(own[name])}" ;;\n' for name in own)
        words = " ".join(COMMANDS)
        sys.stdout.write(script.format(commands=words, flags=" ".join(flags), cases=cases))
    elif shell == "fish":
        for name, (_, text) in COMMANDS.items():
            sys.stdout.write(
                f"complete -c bpfcc -n __fish_use_subcommand -a {name} -d '{text.replace(chr(39), '')}'\n"
            )
        for flag in flags:
            _fish("not __fish_seen_subcommand_from " + " ".join(COMMANDS), flag)
        for name in own:
            for flag in own[name]:
                _fish(f"__fish_seen_subcommand_from {name}", flag)
    else:
        raise InputError("--print-completion takes bash, zsh or fish")
    return 0


def _fish(condition: str, flag: str) -> None:
    kind = "-l" if flag.startswith("--") else "-s" if len(flag) == 2 else "-o"
    name = flag.strip("-").rstrip("=")
    sys.stdout.write(f"complete -c bpfcc -n '{condition}' {kind} '{name}'\n")


def _command_flags() -> dict[str, list[str]]:
    """Return the flags of each command that reads its own."""
    return {
        name: sorted(flag for action in parser._actions for flag in action.option_strings)
        for name, parser in commands().items()
        if parser is not None
    }
