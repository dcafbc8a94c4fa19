"""Make rules that say what a compilation read (-M, -MM, -MD, -MMD, -MP, -MF, -MT, -MQ).

Source: the options' descriptions in the manuals of gcc ("Options Controlling the Preprocessor").
"""

from __future__ import annotations

from collections.abc import Iterable


def _quote(name: str) -> str:
    return name.replace("$", "$$").replace("#", "\\#").replace(" ", "\\ ")


def make_rule(targets: list[str], dependencies: Iterable[str], *, phony: bool) -> str:
    """Return ``targets: dependencies`` with lines folded as make reads them.

    ``targets`` are written as given (already quoted); the first dependency is the source file.
    ``phony`` adds an empty rule for each header, so that deleting one does not break the build.
    """
    names = [_quote(name) for name in dict.fromkeys(dependencies)]
    line = " ".join(targets) + ":"
    out = []
    for name in names:
        if len(line) + len(name) + 1 > 78 and line.strip():
            out.append(line + " \\")
            line = " "
        line += " " + name
    out.append(line)
    text = "\n".join(out) + "\n"
    if phony:
        text += "".join(f"{name}:\n" for name in names[1:])
    return text
