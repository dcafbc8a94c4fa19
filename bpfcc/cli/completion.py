"""``bpfcc --print-completion bash|zsh|fish``: completion scripts, made from the flag tables."""

from __future__ import annotations

import sys

from ..driver.flags import EXACT, VALUED
from ..support.errors import InputError
from .main import COMMANDS

_BASH = """\
_bpfcc() {{
    local word=${{COMP_WORDS[COMP_CWORD]}}
    if [[ $COMP_CWORD -eq 1 && $word != -* ]]; then
        COMPREPLY=( $(compgen -W "{commands}" -- "$word") $(compgen -f -X '!*.c' -- "$word") )
    elif [[ $word == -* ]]; then
        COMPREPLY=( $(compgen -W "{flags}" -- "$word") )
    else
        COMPREPLY=( $(compgen -f -- "$word") )
    fi
}}
complete -o filenames -F _bpfcc bpfcc
"""

_ZSH = """\
#compdef bpfcc
if (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then
    _alternative 'commands:command:({commands})' 'files:file:_files -g "*.c"'
elif [[ $words[CURRENT] == -* ]]; then
    compadd -- {flags}
else
    _files
fi
"""


def print_completion(argv: list[str]) -> int:
    """Write the script for the shell named in ``argv``; 0.

    Raises: InputError for another shell.
    """
    shell = argv[0] if argv else ""
    flags = " ".join(sorted([*EXACT, *(flag for flag, _, _ in VALUED), "--help", "--version"]))
    commands = " ".join(COMMANDS)
    if shell == "bash":
        sys.stdout.write(_BASH.format(commands=commands, flags=flags))
    elif shell == "zsh":
        sys.stdout.write(_ZSH.format(commands=commands, flags=flags))
    elif shell == "fish":
        for name, (_, text) in COMMANDS.items():
            sys.stdout.write(
                f"complete -c bpfcc -n __fish_use_subcommand -a {name} -d '{text.replace(chr(39), '')}'\n"
            )
        for flag in flags.split():
            kind = "-l" if flag.startswith("--") else "-o"
            sys.stdout.write(f"complete -c bpfcc {kind} '{flag.strip('-').rstrip('=')}'\n")
    else:
        raise InputError("--print-completion takes bash, zsh or fish")
    return 0
