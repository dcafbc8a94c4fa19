"""The manual page and shell completion: made from what the commands read, and true."""

from __future__ import annotations

import argparse
import shutil
import subprocess
from pathlib import Path

import pytest

import bpfcc
from bpfcc.cli.completion import print_completion
from bpfcc.cli.main import COMMANDS
from bpfcc.cli.manual import commands, manual
from bpfcc.driver.flags import EXACT, VALUED
from bpfcc.support.errors import InputError


def test_page_in_the_package_is_what_would_be_written():
    page = Path(bpfcc.__file__).parent / "docs" / "bpfcc.1"
    assert page.read_text(encoding="utf-8") == manual(), "run 'make gen'"


def test_page_names_every_command_and_flag_of_theirs():
    text = manual().replace("\\-", "-")
    for name, parser in commands().items():
        assert f".SS bpfcc {name}\n" in text
        for action in parser._actions if parser is not None else ():
            assert all(
                flag in text for flag in action.option_strings if flag not in ("-h", "--help")
            )


@pytest.mark.parametrize("name", [name for name, parser in commands().items() if parser])
def test_every_flag_of_a_command_says_what_it_does(name):
    parser = commands()[name]
    assert parser is not None
    silent = [a.option_strings or a.dest for a in parser._actions if not a.help]
    assert silent == []
    assert any(isinstance(action, argparse._HelpAction) for action in parser._actions)


@pytest.mark.skipif(shutil.which("groff") is None, reason="groff is not installed")
def test_page_has_no_mistake_that_groff_sees():
    done = subprocess.run(
        ["groff", "-ww", "-man", "-Tutf8"], input=manual().encode(), capture_output=True
    )
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["che"], {"check"}),
        (["-MM"], {"-MM", "-MMD"}),
        (["check", "--max-"], {"--max-insns", "--max-processed", "--max-stack"}),
        (["trace", "--inter"], {"--interface", "--interval"}),
    ],
)
def test_bash_completes(words, expected, capsys, tmp_path):
    assert print_completion(["bash"]) == 0
    script = tmp_path / "completion"
    script.write_text(capsys.readouterr().out)
    line = " ".join(["bpfcc", *words])
    ask = (
        f". {script}; COMP_WORDS=({line}); COMP_CWORD={len(words)}; _bpfcc; echo ${{COMPREPLY[@]}}"
    )
    done = subprocess.run(["bash", "-c", ask], cwd=tmp_path, capture_output=True, text=True)
    assert set(done.stdout.split()) == expected


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_get_every_command_and_flag(shell, capsys):
    print_completion([shell])
    text = capsys.readouterr().out
    assert all(name in text for name in COMMANDS)
    assert all(flag.strip("-").rstrip("=") in text for flag in [*EXACT, *(f for f, _, _ in VALUED)])


def test_other_words_are_refused():
    with pytest.raises(InputError, match="bash, zsh or fish"):
        print_completion(["tcsh"])
