"""Declaration specifiers: type words, qualifiers, storage classes, attributes, records and enums.

Source: C17 6.7.1 to 6.7.5 without declarators; GCC manual, "Attribute Syntax".
"""

from __future__ import annotations

from typing import Any

from ...support.diagnostics import FixIt
from ..syntax import nodes as n
from ..syntax.coord import Coord
from .cursor import SyntaxFault
from .expressions import ExpressionParser
from .keywords import (
    DECL_STARTS,
    FUNCTION_WORDS,
    NULLABILITY,
    QUALIFIERS,
    STORAGE,
    TYPE_WORDS,
)


class Specifiers:
    """What stands before the declarators of one declaration."""

    __slots__ = (
        "align",
        "attributes",
        "first",
        "funcspec",
        "last",
        "names",
        "node",
        "quals",
        "storage",
        "type_token",
    )

    def __init__(self, first: Any) -> None:
        self.first = first
        self.last = first
        self.type_token = first
        self.names: list[str] = []
        self.node: Any = None
        self.quals: list[str] = []
        self.storage: list[str] = []
        self.funcspec: list[str] = []
        self.align: list[Any] = []
        self.attributes: list[n.Attribute] = []

    def base(self) -> Any:
        """The node of the base type, one object for all declarators."""
        if self.node is None:
            self.node = n.IdentifierType(self.names, Coord(self.type_token, self.last))
        return self.node


class SpecifierParser(ExpressionParser):
    """Parses declaration specifiers."""

    def starts_declaration(self, i: int) -> bool:
        """Say whether a declaration begins at token ``i``, no attribute standing there."""
        kind = self.types[i]
        if kind == "id":
            return self.is_typedef(self.tokens[i].text) and self.types[i + 1] != ":"
        return kind in DECL_STARTS

    # ------------------------------------------------------------------ attributes
    def attributes(self, into: list[n.Attribute] | None = None) -> list[n.Attribute]:
        """Any number of ``__attribute__((...))`` and ``[[...]]``."""
        found: list[n.Attribute] = into if into is not None else []
        types = self.types
        while True:
            kind = types[self.i]
            if kind == "__attribute__":
                opening = self._attribute_open()
                self._attribute_list(found)
                self.expect_close(")", opening)
                self.expect_close(")", opening)
            elif kind == "[" and types[self.i + 1] == "[":
                opening = self.tokens[self.i]
                self.i += 2
                self._attribute_list(found)
                self.expect_close("]", opening)
                self.expect_close("]", opening)
            else:
                return found

    def _attribute_open(self) -> Any:
        self.i += 1
        opening = self.expect("(", "after 'attribute'")
        self.expect("(", "after '('")
        return opening

    def _attribute_list(self, found: list[n.Attribute]) -> None:
        while self.types[self.i] not in (")", "]", ""):
            if self.accept(","):
                continue
            token = self.tokens[self.i]
            if token.kind != "id":
                self.fail("expected an attribute name", token)
            self.i += 1
            name = token.text
            if self.types[self.i] == ":" and self.types[self.i + 1] == ":":
                self.i += 2
                name = self.tokens[self.i].text
                self.i += 1
            if name.startswith("__") and name.endswith("__") and len(name) > 4:
                name = name[2:-2]
            args: list[Any] | None = None
            if self.types[self.i] == "(":
                opening = self.tokens[self.i]
                self.i += 1
                args = []
                while self.types[self.i] != ")":
                    word = self.tokens[self.i]
                    if self._plain_word():
                        # A plain word, keywords included: format(printf, 1, 2), mode(word).
                        self.i += 1
                        args.append(n.ID(word.text, Coord(word, word)))
                    elif self.starts_type_name(self.i):
                        args.append(self.type_name())
                    else:
                        args.append(self.assignment())
                    if not self.accept(","):
                        break
                self.expect_close(")", opening)
            found.append(n.Attribute(name, args, self.coord(token)))

    def _plain_word(self) -> bool:
        """At a single word that is no type: an attribute's own word, such as printf or const."""
        return (
            self.tokens[self.i].kind == "id"
            and self.types[self.i + 1] in (",", ")")
            and self.types[self.i] not in TYPE_WORDS
        )

    # ------------------------------------------------------------------ specifiers
    def specifiers(
        self, attributes: list[n.Attribute] | None = None, *, storage: bool = True
    ) -> Specifiers:
        """Parse declaration specifiers; without ``storage`` a specifier-qualifier list.

        The result may have no type at all: the caller decides whether that is an error.
        """
        tokens, types = self.tokens, self.types
        specs = Specifiers(tokens[self.i])
        if attributes:
            specs.attributes += attributes
            specs.first = attributes[0].coord.first
        while True:
            kind = types[self.i]
            if kind == "id":
                token = tokens[self.i]
                if specs.names or specs.node is not None or not self.is_typedef(token.text):
                    if not self._unknown_type(specs):
                        break
                    continue
                specs.names = [token.text]
                specs.type_token = token
                self.i += 1
            elif kind in TYPE_WORDS:
                token = tokens[self.i]
                if specs.node is not None or (specs.names and specs.names[0] not in TYPE_WORDS):
                    self._two_types(specs, token)
                if not specs.names:
                    specs.type_token = token
                specs.names.append(kind)
                self.i += 1
            elif kind in QUALIFIERS:
                if kind == "_Atomic" and types[self.i + 1] == "(":
                    self._set_node(specs, self._atomic())
                    continue
                if kind not in specs.quals:
                    specs.quals.append(kind)
                self.i += 1
            elif kind == "struct" or kind == "union":
                self._set_node(specs, None)
                specs.node = self.record()
                if self._missing_semicolon_after(specs):
                    break
                continue
            elif kind == "enum":
                self._set_node(specs, None)
                specs.node = self.enum()
                if self._missing_semicolon_after(specs):
                    break
                continue
            elif kind in STORAGE:
                if not storage:
                    self.fail("type name does not allow storage class to be specified")
                if specs.storage and kind not in ("_Thread_local",) and kind in specs.storage:
                    self.sink.warning(
                        "duplicate-decl-specifier",
                        f"duplicate '{kind}' declaration specifier",
                        tokens[self.i].span(),
                    )
                elif specs.storage and "_Thread_local" not in (kind, specs.storage[0]):
                    self.fail(
                        f"cannot combine with previous '{specs.storage[0]}' declaration specifier"
                    )
                else:
                    specs.storage.append(kind)
                self.i += 1
            elif kind == "__attribute__" or (kind == "[" and types[self.i + 1] == "["):
                self.attributes(specs.attributes)
            elif kind in FUNCTION_WORDS:
                specs.funcspec.append(kind)
                self.i += 1
            elif kind == "typeof" or kind == "__typeof_unqual__":
                self._set_node(specs, self._typeof())
                continue
            elif kind == "_Alignas":
                specs.align.append(self._alignas())
            elif kind == "_BitInt":
                self._set_node(specs, self._bitint(specs))
                continue
            elif kind == "__extension__" or kind in NULLABILITY:
                self.i += 1
            else:
                break
        specs.last = tokens[self.i - 1] if self.i else tokens[0]
        return specs

    def _set_node(self, specs: Specifiers, node: Any) -> None:
        if specs.node is not None or specs.names:
            self._two_types(specs, self.tokens[self.i])
        specs.type_token = self.tokens[self.i]
        if node is not None:
            specs.node = node

    def _two_types(self, specs: Specifiers, token: Any) -> None:
        node = specs.node
        if isinstance(node, (n.Struct, n.Union, n.Enum)):
            kind = type(node).__name__.lower()
            text = f"{kind} {node.name}" if node.name else kind
        elif node is not None:
            text = "typeof"
        else:
            text = " ".join(specs.names)
        self.fail(f"cannot combine with previous '{text}' declaration specifier", token)

    def _missing_semicolon_after(self, specs: Specifiers) -> bool:
        """After ``struct {...}``: a new line that starts another declaration lacks its ``;``."""
        node = specs.node
        body = node.values if isinstance(node, n.Enum) else node.decls
        if body is None or "typedef" in specs.storage:
            return False
        token = self.tokens[self.i]
        kind = self.types[self.i]
        if not token.bol or kind not in DECL_STARTS or kind in QUALIFIERS:
            return False
        place = self._after_previous()
        what = type(node).__name__.lower()
        self.sink.error("c-syntax", f"expected ';' after {what}", place, fixits=[FixIt(";", place)])
        # Give the declaration its end, so that what follows is read as the next one.
        self.tokens.insert(self.i, self.tokens[-1])
        self.types.insert(self.i, ";")
        return True

    def _unknown_type(self, specs: Specifiers) -> bool:
        """Where a type must be and an unknown name stands: report it, take it as ``int``.

        Returns True if the name was taken. ``name name``, ``name *name;`` after ``static`` or
        ``const`` and the like can only be declarations.
        """
        if specs.names or specs.node is not None:
            return False
        following = self.types[self.i + 1]
        token = self.tokens[self.i]
        sure = following == "id" or following in DECL_STARTS
        if not sure and (specs.storage or specs.quals or specs.funcspec):
            sure = following == "*"
        if not sure:
            return False
        self.unknown_type_error(token)
        specs.names = ["int"]
        specs.type_token = token
        self.i += 1
        return True

    def unknown_type_error(self, token: Any) -> None:
        """Report ``token`` as a type name that nobody declared."""
        name = token.text
        close = self.suggest(name) if self.suggest is not None else ""
        hint = f"; did you mean '{close}'?" if close else ""
        fixits = [FixIt(close, token.span())] if close else []
        self.sink.error(
            "c-unknown-type", f"unknown type name '{name}'{hint}", token.span(), fixits=fixits
        )

    # ------------------------------------------------------------------ typeof and kin
    def _typeof(self) -> Any:
        token = self.tokens[self.i]
        op = "typeof_unqual" if self.types[self.i] == "__typeof_unqual__" else "typeof"
        self.i += 1
        opening = self.expect("(", f"after '{token.text}'")
        self.enter()
        operand = self.type_name() if self.starts_type_name(self.i) else self.expression()
        self.depth -= 1
        self.expect_close(")", opening)
        return n.TypeOf(op, operand, self.coord(token))

    def _atomic(self) -> Any:
        token = self.tokens[self.i]
        self.i += 1
        opening = self.expect("(")
        operand = self.type_name()
        self.expect_close(")", opening)
        return n.TypeOf("_Atomic", operand, self.coord(token))

    def _alignas(self) -> Any:
        token = self.tokens[self.i]
        self.i += 1
        opening = self.expect("(", "after '_Alignas'")
        if self.starts_type_name(self.i):
            operand = self.type_name()
        else:
            operand = self.constant_expression()
        self.expect_close(")", opening)
        return n.Alignas(operand, self.coord(token))

    def _bitint(self, specs: Specifiers) -> Any:
        token = self.tokens[self.i]
        self.i += 1
        opening = self.expect("(")
        width = self.constant_expression()
        self.expect_close(")", opening)
        return n.BitInt(width, "unsigned" not in specs.names, self.coord(token))

    # ------------------------------------------------------------------ records
    def record(self) -> Any:
        """``struct`` or ``union``, with members or without. Source: C17 6.7.2.1."""
        token = self.tokens[self.i]
        cls = n.Struct if self.types[self.i] == "struct" else n.Union
        self.i += 1
        attributes = self.attributes()
        name: str | None = None
        if self.types[self.i] == "id":
            name = self.tokens[self.i].text
            self.i += 1
            if self.types[self.i] == "__attribute__" and self._body_follows():
                self.attributes(attributes)
        if self.types[self.i] != "{":
            if name is None:
                self.fail(
                    "declaration of anonymous struct must be a definition"
                    if cls is n.Struct
                    else "declaration of anonymous union must be a definition"
                )
            return cls(name, None, self.coord(token), attributes)
        opening = self.tokens[self.i]
        self.i += 1
        self.enter()
        members: list[Any] = []
        while self.types[self.i] != "}":
            if self.types[self.i] == "":
                self.expect_close("}", opening)
            if self.types[self.i] in (";", "pragma"):
                self.i += 1
                continue
            start, depth = self.i, self.depth
            try:
                members += self.member()
            except SyntaxFault:
                self.depth = depth
                self._recover_member(start)
        self.i += 1
        self.depth -= 1
        self.attributes(attributes)
        return cls(name, members, self.coord(token), attributes)

    def _body_follows(self) -> bool:
        """Say whether ``{`` comes after the attributes here: they belong to the record then."""
        i = self.i
        while self.types[i] == "__attribute__":
            level = 0
            i += 1
            while self.types[i]:
                if self.types[i] == "(":
                    level += 1
                elif self.types[i] == ")":
                    level -= 1
                    if not level:
                        break
                i += 1
            i += 1
            if i >= len(self.types):
                return False
        return self.types[i] == "{"

    def _recover_member(self, start: int) -> None:
        """Go behind the ``;`` of a broken member, or to the ``}`` of its record."""
        if self.i == start:
            self.i += 1
        while True:
            kind = self.types[self.i]
            if kind in ("", "}"):
                return
            self.i += 1
            if kind == ";":
                return
            if kind in ("(", "[", "{"):
                self.skip_balanced()

    def member(self) -> list[Any]:
        """One struct-declaration (declarators are the next floor's)."""
        raise NotImplementedError

    # ------------------------------------------------------------------ enums
    def enum(self) -> Any:
        """``enum``. Source: C17 6.7.2.2; the type after ``:`` is C23's."""
        token = self.tokens[self.i]
        self.i += 1
        attributes = self.attributes()
        name: str | None = None
        if self.types[self.i] == "id":
            name = self.tokens[self.i].text
            self.i += 1
        underlying: Any = None
        if self.types[self.i] == ":" and self.starts_type_name(self.i + 1):
            self.i += 1
            underlying = self.type_name()
        if self.types[self.i] != "{":
            if name is None:
                self.fail("expected identifier or '{'")
            return n.Enum(name, None, self.coord(token), attributes, underlying)
        opening = self.tokens[self.i]
        self.i += 1
        values: list[Any] = []
        while self.types[self.i] != "}":
            if self.types[self.i] != "id":
                if self.types[self.i] == "":
                    self.expect_close("}", opening)
                self.fail("expected identifier")
            word = self.tokens[self.i]
            self.i += 1
            marks = self.attributes()
            value = self.constant_expression() if self.accept("=") else None
            values.append(n.Enumerator(word.text, value, self.coord(word), marks))
            self.declare(word.text, False)
            if not self.accept(","):
                break
        if self.types[self.i] == "id":
            self.fail("missing ',' between enumerators", insert=",")
        self.expect_close("}", opening)
        listing = n.EnumeratorList(values, self.coord(opening))
        self.attributes(attributes)
        return n.Enum(name, listing, self.coord(token), attributes, underlying)
