"""Declarators and declarations. Source: C17 6.7, 6.7.6, 6.7.7, 6.9."""

from __future__ import annotations

from typing import Any

from ..syntax import nodes as n
from ..syntax.coord import Coord
from .keywords import NULLABILITY, QUALIFIERS
from .specifiers import SpecifierParser, Specifiers


class Declarator:
    """A parsed declarator: its name token (or None) and its parts from the name outward.

    A part is a PtrDecl, ArrayDecl or FuncDecl whose ``type`` is still to be filled.
    """

    __slots__ = ("asm_label", "attributes", "first", "name", "parts")

    def __init__(self, first: Any) -> None:
        self.first = first
        self.name: Any = None
        self.parts: list[Any] = []
        self.attributes: list[n.Attribute] = []
        self.asm_label: Any = None


class DeclarationParser(SpecifierParser):
    """Parses declarators, type names, members, parameters, declarations."""

    # ------------------------------------------------------------------ declarators
    def declarator(self, *, abstract: bool = False, named: bool = True) -> Declarator:
        """Declarator: '*' qualifiers ... direct-declarator.

        ``abstract``: the name may be missing (parameters); not ``named``: it must be (type names).
        """
        found = Declarator(self.tokens[self.i])
        self._declarator(found, abstract, named)
        return found

    def _declarator(self, found: Declarator, abstract: bool, named: bool) -> None:
        types = self.types
        pointers: list[Any] = []
        while types[self.i] == "*":
            star = self.tokens[self.i]
            self.i += 1
            pointers.append(self._pointer(star))
            if len(pointers) > 256:
                self.fail("too many pointers in a declarator")
        if types[self.i] == "__attribute__" or types[self.i] == "__extension__":
            self.accept("__extension__")
            self.attributes(found.attributes)
        kind = types[self.i]
        token = self.tokens[self.i]
        if kind == "id" and named:
            found.name = token
            self.i += 1
            if types[self.i] == "[" and types[self.i + 1] == "[":
                self.attributes(found.attributes)
        elif kind == "(" and not (abstract and self._parameters_follow()):
            self.i += 1
            self.enter()
            self.attributes(found.attributes)
            self._declarator(found, abstract, named)
            self.depth -= 1
            self.expect_close(")", token)
        elif not abstract:
            self._no_name(token)
        self._suffixes(found.parts)
        pointers.reverse()
        found.parts += pointers

    def _no_name(self, token: Any) -> None:
        if token.kind == "id":
            self.fail(f"expected identifier or '(', but '{token.text}' is a keyword", token)
        self.fail("expected identifier or '('")

    def _pointer(self, star: Any) -> Any:
        quals: list[str] = []
        attributes: list[n.Attribute] = []
        while True:
            kind = self.types[self.i]
            if kind in QUALIFIERS:
                quals.append(kind)
                self.i += 1
            elif kind == "__attribute__":
                self.attributes(attributes)
            elif kind in NULLABILITY:
                self.i += 1
            else:
                return n.PtrDecl(quals, None, self.coord(star), attributes)

    def _parameters_follow(self) -> bool:
        """At ``(`` where a name may be missing: does it open a parameter list?"""
        i = self.i + 1
        kind = self.types[i]
        if kind == ")" or kind == "...":
            return True
        if kind == "__attribute__":
            return False
        return self.starts_declaration(i)

    def _suffixes(self, parts: list[Any]) -> None:
        types = self.types
        while True:
            kind = types[self.i]
            if kind == "[" and types[self.i + 1] != "[":
                parts.append(self._array())
            elif kind == "(":
                parts.append(self._function())
            else:
                return
            if len(parts) > 256:
                self.fail("too many parts in a declarator")

    def _array(self) -> Any:
        opening = self.tokens[self.i]
        self.i += 1
        quals: list[str] = []
        while self.types[self.i] in QUALIFIERS or self.types[self.i] == "static":
            quals.append(self.types[self.i])
            self.i += 1
        dim: Any = None
        if self.types[self.i] == "*" and self.types[self.i + 1] == "]":
            star = self.tokens[self.i]
            self.i += 1
            dim = n.ID("*", Coord(star, star))
        elif self.types[self.i] != "]":
            self.enter()
            dim = self.assignment()
            self.depth -= 1
        self.expect_close("]", opening)
        return n.ArrayDecl(None, dim, quals, coord=self.coord(opening))

    def _function(self) -> Any:
        """``(parameters)``. The parameters' names live in a scope of their own."""
        opening = self.tokens[self.i]
        self.i += 1
        self.enter()
        if self.accept(")"):
            self.depth -= 1
            return n.FuncDecl(None, None, self.coord(opening))
        if self.types[self.i] == "id" and not self.starts_declaration(self.i):
            if self.types[self.i + 1] in (",", ")"):
                return self._identifier_list(opening)
        self.scopes.append({})
        params: list[Any] = []
        while True:
            if self.types[self.i] == "...":
                dots = self.tokens[self.i]
                self.i += 1
                params.append(n.EllipsisParam(Coord(dots, dots)))
                break
            params.append(self.parameter())
            if not self.accept(","):
                break
        self.expect_close(")", opening)
        self.scopes.pop()
        self.depth -= 1
        return n.FuncDecl(n.ParamList(params, self.coord(opening)), None, self.coord(opening))

    def _identifier_list(self, opening: Any) -> Any:
        names: list[str] = []
        while True:
            names.append(self.expect("id").text)
            if not self.accept(","):
                break
        self.expect_close(")", opening)
        self.depth -= 1
        return n.FuncDecl(None, None, self.coord(opening), names)

    def parameter(self) -> Any:
        """One parameter: a Decl, or a Typename when it has no name."""
        specs = self.specifiers(self.attributes())
        if specs.node is None and not specs.names and not specs.quals and not specs.storage:
            token = self.tokens[self.i]
            if token.kind == "id" and self.types[self.i] == "id":
                self.unknown_type_error(token)
                self.i += 1
                specs.names = ["int"]
            else:
                self.fail("expected parameter declarator")
        found = self.declarator(abstract=True)
        self.attributes(found.attributes)
        if self.types[self.i] == "asm":
            self._asm_label(found)
        kind = self._build(specs, found)
        if found.name is None:
            return n.Typename(
                None, specs.quals[:], specs.align, kind, self.coord(specs.first), found.attributes
            )
        self.declare(found.name.text, False)
        return n.Decl(
            found.name.text,
            specs.quals[:],
            specs.align,
            specs.storage,
            specs.funcspec,
            kind,
            None,
            None,
            self.coord(specs.first, found.name),
            found.attributes,
        )

    def _build(self, specs: Specifiers, found: Declarator) -> Any:
        """Chain the declarator's parts onto the base type, outermost first."""
        name = found.name
        at = name if name is not None else specs.type_token
        node: Any = n.TypeDecl(
            name.text if name is not None else None,
            specs.quals[:],
            specs.align,
            specs.base(),
            Coord(at, at),
            specs.attributes,
        )
        for part in reversed(found.parts):
            part.type = node
            node = part
        return node

    # ------------------------------------------------------------------ type names
    def type_name(self) -> Any:
        """Type-name: specifier-qualifier-list abstract-declarator? . Source: C17 6.7.7."""
        specs = self.specifiers(storage=False)
        if specs.node is None and not specs.names:
            self._no_type(specs)
        found = self.declarator(abstract=True, named=False)
        self.attributes(found.attributes)
        kind = self._build(specs, found)
        return n.Typename(
            None, specs.quals[:], specs.align, kind, self.coord(specs.first), found.attributes
        )

    def _no_type(self, specs: Specifiers) -> None:
        token = self.tokens[self.i]
        if self.types[self.i] == "id":
            self.unknown_type_error(token)
            self.i += 1
            specs.names = ["int"]
            specs.type_token = token
        elif not specs.quals:
            self.fail("expected a type")

    # ------------------------------------------------------------------ members
    def member(self) -> list[Any]:
        """Struct-declaration: specifiers (declarator? (':' width)?),* ';'."""
        if self.types[self.i] == "_Static_assert":
            return [self.static_assert()]
        specs = self.specifiers(self.attributes(), storage=False)
        if self.types[self.i] == ";":
            self.i += 1
            return [self._bare(specs)]
        if specs.node is None and not specs.names:
            self._no_type(specs)
        members: list[Any] = []
        while True:
            found = Declarator(self.tokens[self.i])
            self.attributes(found.attributes)
            if self.types[self.i] != ":":
                self._declarator(found, False, True)
            width: Any = None
            if self.accept(":"):
                width = self.constant_expression()
            self.attributes(found.attributes)
            members.append(self._decl(specs, found, None, width, not members))
            if not self.accept(","):
                break
        self.expect_semicolon("at end of declaration list")
        return members

    def _bare(self, specs: Specifiers) -> Any:
        """A declaration without declarators: ``struct s {...};``, an anonymous member."""
        node: Any = specs.base()
        if isinstance(node, n.IdentifierType):
            at = specs.type_token
            node = n.TypeDecl(
                None, specs.quals[:], specs.align, node, Coord(at, at), specs.attributes
            )
        return n.Decl(
            None,
            specs.quals[:],
            specs.align,
            specs.storage,
            specs.funcspec,
            node,
            None,
            None,
            Coord(specs.first, self.tokens[self.i - 1]),
            specs.attributes,
        )

    def _decl(
        self, specs: Specifiers, found: Declarator, init: Any, width: Any, is_first: bool
    ) -> Any:
        first = specs.first if is_first else found.first
        name = found.name.text if found.name is not None else None
        coord = self.coord(first, found.name)
        kind = self._build(specs, found)
        if "typedef" in specs.storage:
            return n.Typedef(
                name, specs.quals[:], specs.storage, kind, coord, found.attributes, specs.align
            )
        return n.Decl(
            name,
            specs.quals[:],
            specs.align,
            specs.storage,
            specs.funcspec,
            kind,
            init,
            width,
            coord,
            found.attributes,
            found.asm_label,
        )

    # ------------------------------------------------------------------ declarations
    def static_assert(self) -> Any:
        """``_Static_assert(cond, "text");`` (the text may be missing)."""
        token = self.tokens[self.i]
        self.i += 1
        opening = self.expect("(", f"after '{token.text}'")
        cond = self.constant_expression()
        message = self.string_literal() if self.accept(",") else None
        self.expect_close(")", opening)
        self.expect_semicolon(f"after '{token.text}'")
        return n.StaticAssert(cond, message, self.coord(token))

    def declaration(self, attributes: list[n.Attribute] | None = None) -> list[Any]:
        """Declaration: specifiers init-declarators ';'; the nodes, one per declarator."""
        if self.types[self.i] == "_Static_assert":
            return [self.static_assert()]
        specs = self.specifiers(attributes)
        return self.declarators(specs, "declaration")

    def declarators(self, specs: Specifiers, where: str) -> list[Any]:
        """Init-declarators and ``;`` after ``specs``; at file scope a function definition too."""
        if self.types[self.i] == ";":
            self.i += 1
            return [self._bare(specs)]
        self._no_type_at_all(specs)
        decls: list[Any] = []
        while True:
            found = Declarator(self.tokens[self.i])
            self.attributes(found.attributes)
            self._declarator(found, False, True)
            is_typedef = "typedef" in specs.storage
            if self.types[self.i] == "asm":
                self._asm_label(found)
            self.attributes(found.attributes)
            if not decls and self._body_begins(found, where):
                return [self.function(specs, found)]
            self.declare(found.name.text if found.name is not None else None, is_typedef)
            init = None
            if self.types[self.i] == "=":
                equals = self.tokens[self.i]
                self.i += 1
                if is_typedef:
                    self.fail("illegal initializer (only variables can be initialized)", equals)
                init = self.initializer()
            decls.append(self._decl(specs, found, init, None, not decls))
            if not self.accept(","):
                break
        if self.types[self.i] != ";":
            self._end_expected(decls[-1], where)
        self.expect_semicolon(
            "after top level declarator" if where == "external" else "at end of declaration"
        )
        return decls

    def _end_expected(self, decl: Any, where: str) -> None:
        """Say more than "expected ';'" about what often goes wrong here."""
        if self.types[self.i] == "{":
            if where != "external":
                self.fail("function definition is not allowed here")
            self.fail("expected ';' after top level declarator", insert=";")

    def _no_type_at_all(self, specs: Specifiers) -> None:
        if specs.node is not None or specs.names:
            return
        token = self.tokens[self.i]
        kind = self.types[self.i]
        if kind == "id" and self.types[self.i + 1] == "*":
            self.unknown_type_error(token)
            self.i += 1
            specs.names = ["int"]
            specs.type_token = token
        elif kind == "}":
            self.fail("extraneous closing brace ('}')", token)
        elif kind not in ("id", "*", "("):
            self.fail("expected identifier or '('")

    def _asm_label(self, found: Declarator) -> None:
        self.i += 1
        opening = self.expect("(", "after 'asm'")
        found.asm_label = self.string_literal()
        self.expect_close(")", opening)

    def _body_begins(self, found: Declarator, where: str) -> bool:
        """Say whether a function body, or an old-style list of declarations, comes next."""
        if where != "external" or not found.parts or not isinstance(found.parts[0], n.FuncDecl):
            return False
        if self.types[self.i] == "{":
            return True
        return found.parts[0].idents is not None and self.starts_declaration(self.i)

    def function(self, specs: Specifiers, found: Declarator) -> Any:
        """A function definition from its body on (the last floor has statements)."""
        raise NotImplementedError
