"""Macro expansion (C17 6.10.3.1 to 6.10.3.4) in the order that gcc and clang keep.

The standard leaves open when a macro that is being replaced may be replaced again; programs rely on
what the two compilers do, so their method is used: the tokens of an expansion are a frame on a
stack; its macro is disabled while the frame has tokens left; looking for the ``(`` of a
function-like macro reads across the ends of frames, and a frame that was left enables its macro.
Arguments are expanded on their own, as if they were a file that ends (6.10.3.1p1).
"""

from __future__ import annotations

from collections.abc import Callable

from ...support.diagnostics import Note, Sink
from ...support.source import SourceFile, Span
from .lexer import lex
from .macros import (
    COMMA_PASTE,
    EXPANDED,
    LITERAL,
    OPTIONAL_STRING,
    PASTE,
    RAW,
    STRING,
    Macro,
    Step,
)
from .tokens import Token

Pull = Callable[[], "list[Token] | None"]
Builtin = Callable[[Macro, Token, "list[list[Token]]", Span], "list[Token]"]

# One top-level expansion may make so many tokens before it counts as one without end.
TOKEN_LIMIT = 1_000_000
NESTING_LIMIT = 150

# The argument of a variadic parameter that was left out, which is not the same as an empty one.
_OMITTED: list[Token] = []

_PLACEMARKER = Token("other", "", SourceFile("", ""), 0)


class Expander:
    """Replaces macros in token lists.

    ``macros`` is the live table; a value that is a ``str`` is the body of a predefined macro that
    was not used yet, and ``materialize`` makes the Macro of it. ``builtin`` computes the macros
    that depend on the place (``__LINE__``) or have an operand of their own (``_Pragma``).
    """

    def __init__(
        self,
        macros: dict[str, Macro | str],
        sink: Sink,
        materialize: Callable[[str, str], Macro],
        builtin: Builtin,
        *,
        gnu: bool = True,
    ) -> None:
        self.macros = macros
        self.sink = sink
        self.materialize = materialize
        self.builtin = builtin
        self.gnu = gnu
        self.site: Span | None = None  # the invocation in the text that is being expanded
        self.sites: list[Span] | None = None  # where set, all invocations in the text
        self._budget = TOKEN_LIMIT
        self._pasted: dict[str, str] = {}  # text made by ## -> its kind, "" if it is no token

    def expand(
        self, tokens: list[Token], pull: Pull | None = None, nesting: int = 0
    ) -> list[Token]:
        """Return ``tokens`` with all macros replaced.

        ``pull`` gives more tokens of the file when an invocation is not complete at the end of the
        list; without it, the list is all there is.
        """
        out: list[Token] = []
        append = out.append
        get = self.macros.get
        stack: list[tuple[list[Token], int, Macro | None]] = []
        i, n = 0, len(tokens)
        active: Macro | None = None
        if nesting == 0:
            self._budget = TOKEN_LIMIT
        while True:
            if i >= n:
                if active is not None:
                    active.disabled -= 1
                if not stack:
                    break
                tokens, i, active = stack.pop()
                n = len(tokens)
                continue
            token = tokens[i]
            i += 1
            if token.kind != "id":
                append(token)
                continue
            macro = get(token.text)
            if macro is None or token.hidden:
                append(token)
                continue
            if macro.__class__ is str:
                macro = self.materialize(token.text, macro)
            assert isinstance(macro, Macro)
            if macro.disabled:
                hidden = token.moved(token.space, token.bol)
                hidden.hidden = True
                append(hidden)
                continue
            if nesting == 0 and not stack:
                self.site = None
            if macro.params is None:
                span = Span(
                    token.file,
                    token.start,
                    token.start + len(token.text),
                    token.expansion,
                    token.macro,
                )
                if macro.builtin:
                    if macro.builtin == "defined":
                        result, i = self._defined(tokens, i, token)
                    else:
                        result = self.builtin(macro, token, [], span)
                    out.extend(result)
                    continue
                if nesting == 0 and not stack:
                    self.site = span
                result = self._object(macro, token, span)
            else:
                # Look for the parenthesis, across the ends of the frames.
                at, level = i, len(stack)
                row = tokens
                while at >= len(row) and level > 0:
                    level -= 1
                    row, at, _ = stack[level]
                if at >= len(row) and pull is not None:
                    more = pull()
                    while more is not None and not more:
                        more = pull()
                    if more:
                        row.extend(more)
                        n = len(tokens)
                if at >= len(row) or row[at].text != "(" or row[at].kind != "punct":
                    append(token)
                    continue
                args: list[list[Token]] = []
                arg: list[Token] = []
                limit = len(macro.params) if macro.variadic else 0
                depth = -1
                close = token
                while True:
                    if i >= n:
                        if stack:
                            if active is not None:
                                active.disabled -= 1
                            tokens, i, active = stack.pop()
                            n = len(tokens)
                            continue
                        more = pull() if pull is not None else None
                        if more is None:
                            break
                        tokens.extend(more)
                        n = len(tokens)
                        continue
                    close = tokens[i]
                    i += 1
                    if close.kind == "punct":
                        text = close.text
                        if text == "(":
                            depth += 1
                            if depth == 0:
                                continue
                        elif text == ")":
                            if depth == 0:
                                depth = -2
                                break
                            depth -= 1
                        elif text == "," and depth == 0 and (not limit or len(args) + 1 < limit):
                            args.append(arg)
                            arg = []
                            continue
                    arg.append(close)
                span = Span(
                    token.file,
                    token.start,
                    token.start + len(token.text),
                    token.expansion,
                    token.macro,
                )
                if depth != -2:
                    self._error("unterminated function-like macro invocation", span, macro)
                    append(token)
                    continue
                if close.file is token.file and close.expansion is token.expansion:
                    span.end = max(span.end, close.start + 1)
                args.append(arg)
                if nesting == 0 and not stack:
                    self.site = span
                    if self.sites is not None:
                        self.sites.append(span)
                if not self._count(macro, args, span):
                    append(token)
                    continue
                if macro.builtin:
                    out.extend(self.builtin(macro, token, args, span))
                    continue
                if nesting >= NESTING_LIMIT:
                    self._error("macro invocations are nested too deeply", span, macro)
                    append(token)
                    continue
                result = self._function(macro, token, args, span, nesting)
            self._budget -= len(result) + 1
            if self._budget < 0:
                self._too_long(token, macro)
                stack.append((tokens, i, active))
                for _, _, left in stack:
                    if left is not None:
                        left.disabled -= 1
                break
            if not result:
                if i < n and token.space and not tokens[i].space:
                    tokens[i] = tokens[i].moved(True, tokens[i].bol or token.bol)
                continue
            macro.disabled += 1
            stack.append((tokens, i, active))
            tokens, i, n, active = result, 0, len(result), macro
        return out

    # Replacement lists

    def _object(self, macro: Macro, token: Token, span: Span) -> list[Token]:
        """Copy the body of an object-like macro."""
        name = macro.name
        if macro.has_paste:
            result = self._fill(macro.plan, macro, [], [], span, 0)
        else:
            result = [
                Token(t.kind, t.text, t.file, t.start, t.space, False, span, name)
                for t in macro.body
            ]
        if result:
            result[0].space = token.space
            result[0].bol = token.bol
        return result

    def _function(
        self, macro: Macro, token: Token, args: list[list[Token]], span: Span, nesting: int
    ) -> list[Token]:
        """Fill in the body of a function-like macro."""
        expanded: list[list[Token] | None] = [None] * len(args)
        result = self._fill(macro.plan, macro, args, expanded, span, nesting)
        if result:
            first = result[0]
            if first.space != token.space or first.bol != token.bol:
                result[0] = first.moved(token.space, token.bol)
        return result

    def _argument(
        self,
        number: int,
        args: list[list[Token]],
        expanded: list[list[Token] | None],
        nesting: int,
    ) -> list[Token]:
        """Return an argument with its macros replaced, once (6.10.3.1p1)."""
        found = expanded[number]
        if found is None:
            get = self.macros.get
            arg = args[number]
            for t in arg:
                if t.kind == "id" and get(t.text) is not None:
                    found = self.expand(list(arg), None, nesting + 1)
                    self._budget -= len(found)
                    break
            else:
                found = arg
            expanded[number] = found
        return found

    def _fill(
        self,
        plan: list[Step],
        macro: Macro,
        args: list[list[Token]],
        expanded: list[list[Token] | None],
        span: Span,
        nesting: int,
    ) -> list[Token]:
        """Carry out the steps of a plan; an empty operand of ``##`` is a placemarker (6.10.3.3)."""
        out: list[Token] = []
        name = macro.name
        paste: Token | None = None  # the ## that waits for its right operand
        marked = False
        for op, t, number, inner in plan:
            if op == LITERAL:
                made = [Token(t.kind, t.text, t.file, t.start, t.space, False, span, name)]
                if paste is None:
                    out += made
                    continue
            elif op == EXPANDED:
                made = self._argument(number, args, expanded, nesting)
                if made:
                    first = made[0]
                    out.append(first if first.space == t.space else first.moved(t.space, False))
                    out += made[1:]
                continue
            elif op == PASTE:
                paste = t
                continue
            elif op == RAW:
                made = list(args[number])
            elif op == STRING:
                made = [_stringize(args[number], t, span, name)]
            elif op == COMMA_PASTE:
                made = list(args[number])
                dropped = args[number] is _OMITTED and (self.gnu or len(args) > 1)
                if not dropped:
                    made.insert(
                        0, Token(t.kind, t.text, t.file, t.start, t.space, False, span, name)
                    )
            else:
                present = self._argument(number, args, expanded, nesting)
                made = self._fill(inner, macro, args, expanded, span, nesting) if present else []
                if op == OPTIONAL_STRING:
                    made = [_stringize(made, t, span, name)]
            if not made:
                made = [_PLACEMARKER]
                marked = True
            elif made[0].space != t.space:
                made[0] = made[0].moved(t.space, False)
            if paste is not None:
                made[:1] = self._paste(out.pop(), made[0], paste, span, name)
                paste = None
            out += made
        if marked:
            return [t for t in out if t is not _PLACEMARKER]
        return out

    def _paste(
        self, left: Token, right: Token, operator: Token, span: Span, name: str
    ) -> list[Token]:
        """Join two tokens; where that makes no token, report it and keep both."""
        if left is _PLACEMARKER:
            return [right]
        if right is _PLACEMARKER:
            return [left]
        text = left.text + right.text
        kind = "id" if text.isidentifier() else self._pasted.get(text)
        if kind is None:
            lexed = lex(text, 0, len(text), operator.file)
            kind = lexed[0].kind if len(lexed) == 1 and lexed[0].text == text else ""
            if text in ("//", "/*"):
                kind = ""
            self._pasted[text] = kind
        if not kind:
            self.sink.error(
                "c-bad-paste",
                f"pasting formed '{text}', an invalid preprocessing token",
                Span(operator.file, operator.start, operator.start + 2, span, name),
            )
            return [left, right]
        return [Token(kind, text, left.file, left.start, left.space, False, span, name)]

    # Operands and checks

    def _defined(self, tokens: list[Token], i: int, token: Token) -> tuple[list[Token], int]:
        """Carry out ``defined X`` or ``defined(X)`` in a condition (6.10.1p1)."""
        paren = i < len(tokens) and tokens[i].text == "("
        i += paren
        if i >= len(tokens) or tokens[i].kind != "id":
            self.sink.error("c-bad-defined", "macro name missing", token.span())
            return [Token("num", "0", token.file, token.start, token.space)], i
        value = "1" if tokens[i].text in self.macros and tokens[i].text != "defined" else "0"
        i += 1
        if paren:
            if i < len(tokens) and tokens[i].text == ")":
                i += 1
            else:
                self.sink.error("c-bad-defined", "missing ')' after 'defined'", token.span())
        return [Token("num", value, token.file, token.start, token.space)], i

    def _count(self, macro: Macro, args: list[list[Token]], span: Span) -> bool:
        """Check the number of arguments (6.10.3p4); make up an omitted variadic one."""
        assert macro.params is not None
        wanted = len(macro.params)
        if wanted == 0:
            if len(args) == 1 and not args[0]:
                args.clear()
                return True
        elif len(args) == wanted:
            if macro.variadic and wanted == 1 and not args[0]:
                args[0] = _OMITTED
            return True
        elif macro.variadic and len(args) == wanted - 1:
            args.append(_OMITTED)
            return True
        few = "few" if len(args) < wanted else "many"
        self._error(f"too {few} arguments provided to function-like macro invocation", span, macro)
        return False

    def _error(self, message: str, span: Span, macro: Macro) -> None:
        notes = []
        if not macro.builtin:
            notes.append(Note(f"macro '{macro.name}' defined here", macro.span()))
        self.sink.error("c-macro-arguments", message, span, notes=notes)

    def _too_long(self, token: Token, macro: Macro) -> None:
        site = self.site or token.span()
        self.sink.error(
            "c-macro-endless",
            f"the expansion of macro '{site.text()}' makes more than {TOKEN_LIMIT} tokens",
            site,
            notes=[Note(f"while expanding '{macro.name}', defined here", macro.span())],
        )


def _stringize(arg: list[Token], operator: Token, span: Span, name: str) -> Token:
    """Make the string literal of ``#`` (6.10.3.2p2)."""
    parts: list[str] = []
    for i, t in enumerate(arg):
        if i and (t.space or t.bol):
            parts.append(" ")
        text = t.text
        if t.kind in ("str", "char"):
            text = text.replace("\\", "\\\\").replace('"', '\\"')
        elif t.kind == "punct" and text in "[]{}###":
            length = 4 if text == "##" else 2
            spelled = t.file.text[t.start : t.start + length]
            if spelled in ("<:", ":>", "<%", "%>", "%:%:") or (text == "#" and spelled == "%:"):
                text = spelled
        elif t.kind == "pragma":
            text = "#pragma " + text
        parts.append(text)
    return Token(
        "str", '"' + "".join(parts) + '"', operator.file, operator.start, operator.space,
        False, span, name,
    )  # fmt: skip
