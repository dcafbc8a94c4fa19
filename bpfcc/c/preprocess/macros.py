"""Macros: what a ``#define`` line says, and the plan by which its body is filled in.

C17 6.10.3; GNU named variadic arguments (``args...``), ``, ## __VA_ARGS__``; C23 ``__VA_OPT__``.
A definition is parsed when its line is met, its body cut into tokens only when first used: most
macros of a header never are.
"""

from __future__ import annotations

import re

from ...support.source import SourceFile, Span
from .lexer import lex
from .tokens import Token

# Steps of a plan: (operation, token, parameter index or -1, inner plan of __VA_OPT__)
LITERAL, EXPANDED, RAW, STRING, PASTE, COMMA_PASTE, OPTIONAL, OPTIONAL_STRING = range(8)
Step = tuple[int, Token, int, "list[Step]"]

_HEAD = re.compile(r"[ \t\f\v]*([^\W\d][\w$]*|\$[\w$]*)(\()?")


class MacroError(Exception):
    """A definition that C does not allow; ``start`` is the offset of the culprit."""

    def __init__(self, message: str, start: int, end: int) -> None:
        super().__init__(message)
        self.start = start
        self.end = end


class Macro:
    """One definition.

    ``params`` is None for an object-like macro. The last parameter of a ``variadic`` one takes
    the rest of the arguments; it is called ``__VA_ARGS__`` unless the definition names it.
    ``disabled`` counts the expansions of it that are under way (C17 6.10.3.4p2). ``builtin``
    names what the expander computes itself ("__LINE__").
    """

    __slots__ = (
        "_body",
        "_plan",
        "_text",
        "body_end",
        "body_start",
        "builtin",
        "disabled",
        "file",
        "name",
        "name_start",
        "params",
        "variadic",
    )

    def __init__(
        self,
        name: str,
        file: SourceFile,
        name_start: int,
        text: str = "",
        body_start: int = 0,
        body_end: int = 0,
        params: list[str] | None = None,
        variadic: bool = False,
        builtin: str = "",
    ) -> None:
        self.name = name
        self.file = file
        self.name_start = name_start
        self._text = text
        self.body_start = body_start
        self.body_end = body_end
        self.params = params
        self.variadic = variadic
        self.builtin = builtin
        self.disabled = 0
        self._body: list[Token] | None = None
        self._plan: list[Step] | None = None

    @property
    def body(self) -> list[Token]:
        """The replacement list."""
        if self._body is None:
            self._body = lex(self._text, self.body_start, self.body_end, self.file)
            if self._body:
                self._body[0].space = False
                self._body[0].bol = False
        return self._body

    @property
    def plan(self) -> list[Step]:
        """The replacement list as steps; paste operators are steps of their own."""
        if self._plan is None:
            self._plan = _make_plan(self)
        return self._plan

    @property
    def has_paste(self) -> bool:
        """Whether ``##`` is in the body."""
        return self._text.find("##", self.body_start, self.body_end) >= 0 or (
            self._text.find("%:", self.body_start, self.body_end) >= 0
        )

    def span(self) -> Span:
        """Return the place of the name in its definition."""
        return Span(self.file, self.name_start, self.name_start + len(self.name))

    def same_as(self, other: Macro) -> bool:
        """Whether a redefinition is benign (C17 6.10.3p1,2)."""
        if self.params != other.params or self.variadic != other.variadic:
            return False
        return [(t.text, t.space) for t in self.body] == [(t.text, t.space) for t in other.body]

    def text(self) -> str:
        """Return the definition behind ``#define``, as ``-dM`` prints it."""
        head = self.name
        if self.params is not None:
            params = list(self.params)
            if self.variadic:
                last = params.pop()
                params.append("..." if last == "__VA_ARGS__" else last + "...")
            head += "(" + ",".join(params) + ")"
        return head + " " + "".join((" " if t.space else "") + t.text for t in self.body)


def parse_define(text: str, start: int, end: int, file: SourceFile) -> Macro:
    """Parse ``NAME body`` or ``NAME(params) body`` in ``text[start:end]``.

    Raises:
        MacroError: the line is no definition.
    """
    head = _HEAD.match(text, start, end)
    if head is None:
        at = start
        while at < end and text[at] in " \t\f\v":
            at += 1
        if at >= end:
            raise MacroError("macro name missing", start, start + 1)
        raise MacroError("macro name must be an identifier", at, at + 1)
    name = head[1]
    pos = head.end()
    if name in ("defined", "__VA_ARGS__", "__VA_OPT__"):
        message = (
            "'defined' cannot be used as a macro name"
            if name == "defined"
            else f"{name} can only appear in the expansion of a variadic macro"
        )
        raise MacroError(message, head.start(1), head.end(1))
    if head[2] is None:
        macro = Macro(name, file, head.start(1), text, pos, end)
        if "##" in text[pos:end] or "%:%:" in text[pos:end]:
            _check_operators(macro)
        return macro
    close = text.find(")", pos, end)
    if close < 0:
        raise MacroError("missing ')' in macro parameter list", pos - 1, end)
    params: list[str] = []
    variadic = False
    inner = text[pos:close]
    if inner.strip():
        for part in inner.split(","):
            word = part.strip()
            where = pos + inner.find(word)
            if variadic:
                raise MacroError("missing ')' in macro parameter list", where, close)
            if word.endswith("..."):
                variadic = True
                word = word[:-3].rstrip() or "__VA_ARGS__"
            elif word == "__VA_ARGS__":
                raise MacroError(
                    "__VA_ARGS__ can only appear in the expansion of a variadic macro",
                    where,
                    close,
                )
            if not word.replace("$", "_").isidentifier():
                message = (
                    "invalid token in macro parameter list"
                    if word
                    else "expected identifier in macro parameter list"
                )
                raise MacroError(message, where, close)
            if word in params:
                raise MacroError(f"duplicate macro parameter name '{word}'", where, close)
            params.append(word)
    macro = Macro(name, file, head.start(1), text, close + 1, end, params, variadic)
    if "#" in text[close:end] or "%:" in text[close:end]:
        _check_operators(macro)
    return macro


def _check_operators(macro: Macro) -> None:
    """Refuse ``#`` before what is no parameter, and ``##`` at an end (6.10.3.2p1, 6.10.3.3p1)."""
    body = macro.body
    params = macro.params or []
    for i, token in enumerate(body):
        if token.kind != "punct":
            continue
        if token.text == "##" and (i == 0 or i == len(body) - 1):
            place = "start" if i == 0 else "end"
            raise MacroError(
                f"'##' cannot appear at {place} of macro expansion", token.start, token.start + 2
            )
        if token.text == "#" and macro.params is not None:
            following = body[i + 1].text if i + 1 < len(body) else ""
            if following not in params and not (following == "__VA_OPT__" and macro.variadic):
                raise MacroError(
                    "'#' is not followed by a macro parameter", token.start, token.start + 1
                )


def _make_plan(macro: Macro) -> list[Step]:
    index = {name: i for i, name in enumerate(macro.params or [])}
    return _steps(macro, macro.body, index)


def _steps(macro: Macro, body: list[Token], index: dict[str, int]) -> list[Step]:
    """Turn a replacement list, or the inside of ``__VA_OPT__``, into steps."""
    steps: list[Step] = []
    last = len(index) - 1
    i, n = 0, len(body)
    while i < n:
        token = body[i]
        text = token.text
        if token.kind == "punct" and text == "##" and 0 < i < n - 1:
            following = body[i + 1]
            if (
                macro.variadic
                and steps
                and steps[-1][0] == LITERAL
                and steps[-1][1].text == ","
                and index.get(following.text) == last
            ):
                comma = steps.pop()[1]
                steps.append((COMMA_PASTE, comma, last, []))
                i += 2
                continue
            steps.append((PASTE, token, -1, []))
            i += 1
            continue
        if token.kind == "punct" and text == "#" and macro.params is not None and i + 1 < n:
            number = index.get(body[i + 1].text, -1)
            if number >= 0:
                steps.append((STRING, token, number, []))
                i += 2
                continue
            if body[i + 1].text == "__VA_OPT__" and macro.variadic:
                close = _closing(body, i + 2)
                if close > 0:
                    inner = _steps(macro, body[i + 3 : close], index)
                    steps.append((OPTIONAL_STRING, token, last, inner))
                    i = close + 1
                    continue
        if token.kind == "id":
            if text == "__VA_OPT__" and macro.variadic:
                close = _closing(body, i + 1)
                if close > 0:
                    inner = _steps(macro, body[i + 2 : close], index)
                    steps.append((OPTIONAL, token, last, inner))
                    i = close + 1
                    continue
            number = index.get(text, -1)
            if number >= 0:
                pasted = (i + 1 < n - 1 and body[i + 1].text == "##") or (
                    i > 1 and body[i - 1].text == "##" and bool(steps) and steps[-1][0] == PASTE
                )
                steps.append((RAW if pasted else EXPANDED, token, number, []))
                i += 1
                continue
        steps.append((LITERAL, token, -1, []))
        i += 1
    return steps


def _closing(body: list[Token], at: int) -> int:
    """Return the index of the ``)`` that matches a ``(`` at ``at``; -1 if there is none."""
    if at >= len(body) or body[at].text != "(":
        return -1
    depth = 0
    for i in range(at, len(body)):
        if body[i].kind == "punct":
            if body[i].text == "(":
                depth += 1
            elif body[i].text == ")":
                depth -= 1
                if depth == 0:
                    return i
    return -1
