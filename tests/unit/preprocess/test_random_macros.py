"""Random macros and invocations of them: the same tokens as the C compiler at hand makes."""

from __future__ import annotations

import random
import re
import shutil
import subprocess

import pytest

from bpfcc.c.options import COptions
from bpfcc.c.preprocess.output import preprocessed_text
from bpfcc.support.diagnostics import Sink
from bpfcc.support.source import SourceFile

NAMES = ["f", "g", "h", "a", "b", "c"]
PLAIN = ["x", "y", "1", "0", "+", "-", "zz", "(", ")", ",", "f", "g", "h", "a", "b", "c"]
_TOKEN = re.compile(r"\"(?:[^\"\\]|\\.)*\"|[A-Za-z_]\w*|\.?\d(?:[eEpP][+-]|[\w.])*|\S")


def balanced(words: list[str]) -> list[str]:
    """Drop and add parentheses so that they match."""
    out, depth = [], 0
    for word in words:
        if word == ")" and depth == 0:
            continue
        depth += (word == "(") - (word == ")")
        out.append(word)
    return out + [")"] * depth


def body(rng: random.Random, params: list[str], variadic: bool) -> str:
    names = params + (["__VA_ARGS__"] if variadic else [])
    words: list[str] = []
    for _ in range(rng.randrange(7)):
        kind = rng.random()
        if names and kind < 0.4:
            words.append(rng.choice(names))
        elif names and kind < 0.5:
            words.append("# " + rng.choice(names))
        elif names and kind < 0.6:
            words.append("x ## " + rng.choice(names))
        elif variadic and kind < 0.66:
            words.append(", ## __VA_ARGS__")
        elif variadic and kind < 0.7:
            inner = " ".join(rng.choice([*names, "v", ",", "1"]) for _ in range(rng.randrange(4)))
            words.append("__VA_OPT__(" + inner + ")")
        else:
            words.append(rng.choice(PLAIN))
    if rng.random() < 0.95:
        words = balanced(words)
    return " ".join(words)


def case(seed: int) -> str:
    rng = random.Random(seed)
    lines = []
    arity: dict[str, int] = {}
    for name in NAMES:
        if rng.random() < 0.45:
            lines.append(f"#define {name} {body(rng, [], False)}")
            continue
        params = ["p", "q", "r"][: rng.randrange(4)]
        variadic = rng.random() < 0.3
        arity[name] = len(params) + variadic * rng.randrange(3)
        shown = params + (["..."] if variadic else [])
        lines.append(f"#define {name}({', '.join(shown)}) {body(rng, params, variadic)}")
    for _ in range(3):
        words = []
        for _ in range(rng.randrange(1, 5)):
            name = rng.choice(NAMES)
            words.append(name)
            if rng.random() < 0.8:
                args = []
                for _ in range(arity.get(name, 1) if rng.random() < 0.95 else 2):
                    some = [rng.choice(PLAIN) for _ in range(rng.randrange(4))]
                    args.append(" ".join(w for w in balanced(some) if w != ","))
                words.append("(" + rng.choice([",", " , ", ",\n"]).join(args) + ")")
        lines.append(" ".join(words) + " ;")
    lines += [f"#undef {name}" for name in NAMES]
    return "\n".join(lines) + "\n"


def split(text: str) -> dict[int, list[str]]:
    """Return the tokens behind each ``case N`` line."""
    found: dict[int, list[str]] = {}
    text = "\n".join(line for line in text.split("\n") if not line.startswith("#"))
    parts = re.split(r"start_of_case (\d+)", text)
    for number, part in zip(parts[1::2], parts[2::2]):
        found[int(number)] = _TOKEN.findall(part)
    return found


def run(seed: int) -> tuple[str, bool]:
    """Return our text and whether there were errors."""
    sink = Sink()
    options = COptions()
    options.own_headers = False
    text = preprocessed_text(SourceFile("t.c", case(seed)), options, sink).text
    return text, sink.errors > 0


def compiler(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"{name} is not installed")
    return path


@pytest.mark.parametrize("name", ["gcc", "clang-19"])
def test_same_tokens(name: str) -> None:
    path = compiler(name)
    good = {seed: text for seed in range(1000) for text, bad in [run(seed)] if not bad}
    theirs = subprocess.run(
        [path, "-E", "-P", "-w", "-std=gnu17", "-x", "c", "-"],
        input="".join(f"start_of_case {seed}\n{case(seed)}" for seed in good),
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    expected = split(theirs.stdout)
    assert len(good) > 500
    for seed, text in good.items():
        assert split(f"start_of_case {seed}\n{text}")[seed] == expected[seed], case(seed)


def test_same_refusals(tmp_path) -> None:
    path = compiler("gcc")
    for seed in range(150):
        (tmp_path / f"{seed}.c").write_text(case(seed))
    theirs = subprocess.run(
        [path, "-E", "-P", "-w", "-std=gnu17", *(f"{seed}.c" for seed in range(150))],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    refused = {int(n) for n in re.findall(r"^(\d+)\.c:[\d:]* error", theirs.stderr, re.M)}
    for seed in range(150):
        assert run(seed)[1] == (seed in refused), case(seed)
