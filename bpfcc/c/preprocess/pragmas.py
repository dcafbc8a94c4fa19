"""Pragmas that hold for the declarations behind them: attributes, packing, warnings."""

from __future__ import annotations

from ...support.diagnostics import Sink
from .tokens import Token

_KNOWN = frozenset(
    (
        "GCC", "STDC", "clang", "unroll", "nounroll", "pack", "weak", "redefine_extname",
        "nounroll_and_jam", "unroll_and_jam", "message", "omp", "mark", "comment", "bpfcc",
        "region", "endregion", "once", "ident",
    )
)  # fmt: skip


class PragmaState:
    """``core``: inside a ``clang attribute push`` of ``preserve_access_index``; ``pack`` in bytes."""

    def __init__(self, sink: Sink) -> None:
        self.sink = sink
        self.core = False
        self.pack = 0
        self._attributes: list[str] = []
        self._packs: list[int] = []

    def apply(self, token: Token) -> None:
        """Take note of a pragma."""
        text = token.text
        if text.startswith("clang attribute"):
            self._attribute(text[len("clang attribute") :].strip(), token)
        elif text.startswith("pack"):
            self._set_pack(text[4:].strip())
        else:
            word = text.split("(")[0].split(None, 1)
            if word and word[0] not in _KNOWN:
                self.sink.warning("unknown-pragmas", "unknown pragma ignored", token.span())

    def _attribute(self, operand: str, token: Token) -> None:
        # "push (...)", "pop", or a namespace before them: "name.push (...)".
        head = operand.split("(")[0].strip()
        verb = head.rsplit(".", 1)[-1]
        if verb == "push":
            self._attributes.append(operand)
        elif verb == "pop":
            if self._attributes:
                self._attributes.pop()
            else:
                self.sink.error(
                    "c-bad-pragma",
                    "'#pragma clang attribute pop' with no matching '#pragma clang attribute push'",
                    token.span(),
                )
        elif head:
            self.sink.error(
                "c-bad-pragma",
                "expected 'push', 'pop', or '(' after '#pragma clang attribute'",
                token.span(),
            )
        self.core = any("preserve_access_index" in one for one in self._attributes)

    def _set_pack(self, operand: str) -> None:
        """``pack(n)``, ``pack()``, ``pack(push, n)``, ``pack(pop)``."""
        words = [word.strip() for word in operand.strip("()").split(",") if word.strip()]
        if "pop" in words:
            self.pack = self._packs.pop() if self._packs else 0
        elif "push" in words:
            self._packs.append(self.pack)
        elif not words:
            self.pack = 0
        if words and words[-1].isdigit():
            self.pack = int(words[-1])
