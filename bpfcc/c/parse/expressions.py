"""Expressions and initialisers of GNU C. Source: C17 6.5, 6.6, 6.7.9; GCC manual, "Extensions"."""

from __future__ import annotations

from typing import Any

from ..syntax import literals
from ..syntax import nodes as n
from ..syntax.coord import Coord
from .cursor import Cursor
from .keywords import ASSIGNMENTS, PRECEDENCE

_PREFIX = {"-": "-", "+": "+", "!": "!", "~": "~", "*": "*", "&": "&"}
MAX_CHAIN = 500  # operators in one unbracketed expression: bounds the depth of the tree


class ExpressionParser(Cursor):
    """Parses expressions."""

    def expression(self) -> Any:
        """Expression: assignment (',' assignment)* ."""
        expr = self.assignment()
        if self.types[self.i] != ",":
            return expr
        exprs = [expr]
        while self.accept(","):
            exprs.append(self.assignment())
        return n.ExprList(exprs, Coord(expr.coord.first, exprs[-1].coord.last))

    def constant_expression(self) -> Any:
        """Constant-expression: conditional."""
        left = self.unary()
        return self.conditional(left) if self.types[self.i] in _CONDITIONAL else left

    def assignment(self) -> Any:
        """Assignment: unary ASSIGNMENT-OPERATOR assignment | conditional."""
        left = self.unary()
        kind = self.types[self.i]
        if kind in _CONDITIONAL:
            left = self.conditional(left)
            kind = self.types[self.i]
        if kind not in ASSIGNMENTS:
            return left
        operator = self.tokens[self.i]
        self.i += 1
        self.enter()
        right = self.assignment()
        self.depth -= 1
        return n.Assignment(kind, left, right, Coord(left.coord.first, right.coord.last, operator))

    def conditional(self, cond: Any) -> Any:
        """Conditional: logical-or ('?' expression? ':' conditional)?, from its first operand on."""
        if self.types[self.i] in PRECEDENCE:
            cond = self.binary(cond, 1)
        if self.types[self.i] != "?":
            return cond
        question = self.tokens[self.i]
        self.i += 1
        self.enter()
        then = None if self.types[self.i] == ":" else self.expression()
        if not self.accept(":"):
            self.fail("expected ':'", insert=":")
        otherwise = self.constant_expression()
        self.depth -= 1
        return n.TernaryOp(
            cond, then, otherwise, Coord(cond.coord.first, otherwise.coord.last, question)
        )

    def binary(self, left: Any, minimum: int) -> Any:
        """Parse binary operators of precedence ``minimum`` and above, ``left`` being parsed."""
        types = self.types
        chain = 0
        while True:
            op = types[self.i]
            precedence = PRECEDENCE.get(op, 0)
            if precedence < minimum or not precedence:
                return left
            operator = self.tokens[self.i]
            self.i += 1
            right = self.unary()
            following = PRECEDENCE.get(types[self.i], 0)
            if following > precedence:
                right = self.binary(right, precedence + 1)
            left = n.BinaryOp(op, left, right, Coord(left.coord.first, right.coord.last, operator))
            chain += 1
            if chain > MAX_CHAIN:
                self.fail(f"expression has more than {MAX_CHAIN} operators in a row", operator)

    def unary(self) -> Any:
        """Unary and cast expressions: prefix operators, casts, then a postfix expression."""
        kind = self.types[self.i]
        token = self.tokens[self.i]
        if kind == "id":
            self.i += 1
            node = n.ID(token.text, Coord(token, token))
            if self.types[self.i] in _POSTFIX:
                return self.postfix(node)
            return node
        if kind in _PREFIX:
            self.i += 1
            self.enter()
            operand = self.unary()
            self.depth -= 1
            return n.UnaryOp(kind, operand, Coord(token, operand.coord.last))
        if kind == "(":
            return self.parenthesized()
        if kind == "num":
            self.i += 1
            literal = self.number(token)
            return self.postfix(literal) if self.types[self.i] in _POSTFIX else literal
        handler = _UNARY.get(kind)
        if handler is not None:
            return handler(self)
        return self.postfix(self.primary())

    def primary(self) -> Any:
        """Constants, strings and what begins with a keyword."""
        kind = self.types[self.i]
        token = self.tokens[self.i]
        if kind == "num":
            self.i += 1
            return self.number(token)
        if kind == "str":
            return self.string_literal()
        if kind == "chr":
            self.i += 1
            return self.character(token)
        if kind == "id":
            self.i += 1
            return n.ID(token.text, Coord(token, token))
        handler = _PRIMARY.get(kind)
        if handler is not None:
            return handler(self)
        if kind == "":
            self.fail("expected expression")
        return self.fail("expected expression", token)

    # ------------------------------------------------------------------ parentheses
    def parenthesized(self) -> Any:
        """A cast, a compound literal, a statement expression or a bracketed expression."""
        opening = self.tokens[self.i]
        self.enter()
        self.i += 1
        kind = self.types[self.i]
        if kind == "{":
            body = self.compound()
            self.expect_close(")", opening)
            node: Any = n.StmtExpr(body, self.coord(opening))
        elif self.starts_type_name(self.i):
            type_name = self.type_name()
            closing = self.expect_close(")", opening)
            if self.types[self.i] == "{":
                node = self.compound_literal(opening, type_name)
            else:
                operand = self.unary()
                self.depth -= 1
                return n.Cast(type_name, operand, Coord(opening, operand.coord.last, closing))
        else:
            node = self.expression()
            self.expect_close(")", opening)
            inner = node.coord
            node.coord = Coord(opening, self.tokens[self.i - 1], inner.at)
        self.depth -= 1
        return self.postfix(node) if self.types[self.i] in _POSTFIX else node

    def compound_literal(self, opening: Any, type_name: Any) -> Any:
        """``(T){...}`` from its brace on."""
        init = self.initializer()
        return n.CompoundLiteral(type_name, init, self.coord(opening))

    # ------------------------------------------------------------------ postfix
    def postfix(self, node: Any) -> Any:
        """Calls, subscripts, members, ``++`` and ``--`` after ``node``."""
        types = self.types
        chain = 0
        while True:
            kind = types[self.i]
            if kind not in _POSTFIX:
                return node
            token = self.tokens[self.i]
            self.i += 1
            first = node.coord.first
            if kind == "->" or kind == ".":
                if types[self.i] != "id":
                    self._member_name()
                name = self.tokens[self.i]
                self.i += 1
                field = n.ID(name.text, Coord(name, name))
                node = n.StructRef(node, kind, field, Coord(first, name, name))
            elif kind == "(":
                args = None
                if not self.accept(")"):
                    self.enter()
                    args = self.arguments()
                    self.expect_close(")", token)
                    self.depth -= 1
                node = n.FuncCall(node, args, Coord(first, self.tokens[self.i - 1], token))
            elif kind == "[":
                self.enter()
                index = self.expression()
                self.expect_close("]", token)
                self.depth -= 1
                node = n.ArrayRef(node, index, Coord(first, self.tokens[self.i - 1], token))
            else:
                node = n.UnaryOp("p" + kind, node, Coord(first, token, token))
            chain += 1
            if chain > MAX_CHAIN:
                self.fail(f"expression has more than {MAX_CHAIN} operators in a row", token)

    def _member_name(self) -> None:
        """Let a keyword stand as a member's name only to report it well."""
        token = self.tokens[self.i]
        if token.kind == "id":
            self.fail(f"expected a member name, but '{token.text}' is a keyword", token)
        self.fail("expected identifier")

    def arguments(self) -> Any:
        """Arguments of a call, at least one."""
        args = [self.assignment()]
        while self.accept(","):
            args.append(self.assignment())
        return n.ExprList(args, Coord(args[0].coord.first, args[-1].coord.last))

    # ------------------------------------------------------------------ prefix words
    def step(self) -> Any:
        """``++x``, ``--x``."""
        token = self.tokens[self.i]
        op = self.types[self.i]
        self.i += 1
        self.enter()
        operand = self.unary()
        self.depth -= 1
        return n.UnaryOp(op, operand, Coord(token, operand.coord.last))

    def size_of(self) -> Any:
        """``sizeof`` and ``_Alignof`` of a type or an expression; ``__real__``, ``__imag__``."""
        token = self.tokens[self.i]
        op = self.types[self.i]
        self.i += 1
        if op in ("sizeof", "_Alignof") and self.types[self.i] == "(":
            opening = self.tokens[self.i]
            if self.starts_type_name(self.i + 1):
                self.i += 1
                type_name = self.type_name()
                self.expect_close(")", opening)
                if self.types[self.i] != "{":
                    return n.UnaryOp(op, type_name, self.coord(token))
                operand = self.postfix(self.compound_literal(opening, type_name))
                return n.UnaryOp(op, operand, self.coord(token))
        self.enter()
        operand = self.unary()
        self.depth -= 1
        return n.UnaryOp(op, operand, Coord(token, operand.coord.last))

    def label_address(self) -> Any:
        """``&&label``."""
        token = self.tokens[self.i]
        self.i += 1
        name = self.expect("id")
        return n.LabelAddress(name.text, Coord(token, name))

    def extension(self) -> Any:
        """``__extension__ x`` is x."""
        token = self.tokens[self.i]
        self.i += 1
        self.enter()
        node = self.unary()
        self.depth -= 1
        node.coord = Coord(token, node.coord.last, node.coord.at)
        return node

    # ------------------------------------------------------------------ builtins with types
    def offset_of(self) -> Any:
        """``__builtin_offsetof(type, member-designator)``."""
        token, opening = self._builtin()
        type_name = self.type_name()
        self.expect(",")
        name = self.expect("id")
        designators: list[Any] = [n.FieldDesignator(name.text, Coord(name, name))]
        while self.types[self.i] in (".", "[", "->"):
            if self.accept("["):
                bracket = self.previous()
                index = self.expression()
                self.expect_close("]", bracket)
                designators.append(n.ArrayDesignator(index, None, self.coord(bracket)))
            else:
                self.i += 1
                name = self.expect("id")
                designators.append(n.FieldDesignator(name.text, Coord(name, name)))
        self.expect_close(")", opening)
        return n.OffsetOf(type_name, designators, self.coord(token))

    def types_compatible(self) -> Any:
        """``__builtin_types_compatible_p(type, type)``."""
        token, opening = self._builtin()
        first = self.type_name()
        self.expect(",")
        second = self.type_name()
        self.expect_close(")", opening)
        return n.TypesCompatible(first, second, self.coord(token))

    def choose_expr(self) -> Any:
        """``__builtin_choose_expr(cond, then, otherwise)``."""
        token, opening = self._builtin()
        self.enter()
        cond = self.assignment()
        self.expect(",")
        then = self.assignment()
        self.expect(",")
        otherwise = self.assignment()
        self.depth -= 1
        self.expect_close(")", opening)
        return n.ChooseExpr(cond, then, otherwise, self.coord(token))

    def va_arg(self) -> Any:
        """``__builtin_va_arg(list, type)``."""
        token, opening = self._builtin()
        args = self.assignment()
        self.expect(",")
        type_name = self.type_name()
        self.expect_close(")", opening)
        return n.VaArg(args, type_name, self.coord(token))

    def _builtin(self) -> tuple[Any, Any]:
        token = self.tokens[self.i]
        self.i += 1
        return token, self.expect("(", f"after '{token.text}'")

    def generic(self) -> Any:
        """``_Generic(expr, type: expr, default: expr)``. Source: C17 6.5.1.1."""
        token, opening = self._builtin()
        self.enter()
        if self.starts_type_name(self.i):
            control = self.type_name()
        else:
            control = self.assignment()
        associations: list[n.GenericAssociation] = []
        while self.accept(","):
            start = self.tokens[self.i]
            type_name = None if self.accept("default") else self.type_name()
            self.expect(":")
            expr = self.assignment()
            associations.append(n.GenericAssociation(type_name, expr, self.coord(start)))
        self.depth -= 1
        self.expect_close(")", opening)
        return n.GenericSelection(control, associations, self.coord(token))

    def predefined(self) -> Any:
        """C23's ``true``, ``false`` and ``nullptr``."""
        token = self.tokens[self.i]
        kind = self.types[self.i]
        self.i += 1
        name = "void *" if kind == "nullptr" else "_Bool"
        return n.IntLiteral(1 if kind == "true" else 0, name, token.text, Coord(token, token))

    # ------------------------------------------------------------------ constants
    def number(self, token: Any) -> Any:
        """An integer or floating constant."""
        text = token.text
        coord = Coord(token, token)
        if text.isdigit() and len(text) < 10 and (text[0] != "0" or text == "0"):
            return n.IntLiteral(int(text), "int", text, coord)
        if literals.is_float(text):
            real, name, complaint = literals.floating(text)
            node: Any = n.FloatLiteral(real, name, text, coord)
        else:
            value, name, complaint = literals.integer(text)
            node = n.IntLiteral(value, name, text, coord)
            if not name:
                complaint = "integer literal is too large to be represented in any integer type"
                node.type_name = "unsigned long"
        if complaint:
            self.complain(complaint, token)
        return node

    def character(self, token: Any) -> Any:
        """A character constant."""
        value, name, complaints = literals.character(token.text)
        self._literal_complaints(complaints, token, "multichar")
        return n.CharLiteral(value, name, token.text, Coord(token, token))

    def string_literal(self) -> n.StringLiteral:
        """Adjacent string literals, joined."""
        if self.types[self.i] != "str":
            self.fail("expected string literal")
        first = self.i
        self.i += 1
        while self.types[self.i] == "str":
            self.i += 1
        tokens = self.tokens[first : self.i]
        texts = [token.text for token in tokens]
        prefix, width, units, complaints = literals.string(texts)
        self._literal_complaints(complaints, tokens[0], "unknown-escape-sequence")
        return n.StringLiteral(prefix, width, units, " ".join(texts), Coord(tokens[0], tokens[-1]))

    def _literal_complaints(self, complaints: list[str], token: Any, group: str) -> None:
        for complaint in complaints:
            if complaint[0] != "?":
                self.complain(complaint, token)
            elif complaint.startswith("?unknown escape"):
                self.sink.warning("unknown-escape-sequence", complaint[1:], token.span())
            else:
                self.sink.warning(group, complaint[1:], token.span())

    # ------------------------------------------------------------------ initialisers
    def initializer(self) -> Any:
        """Initializer: assignment | '{' (designation? initializer),* '}'. Source: C17 6.7.9."""
        if self.types[self.i] != "{":
            return self.assignment()
        opening = self.tokens[self.i]
        self.i += 1
        self.enter()
        items: list[Any] = []
        while self.types[self.i] != "}":
            items.append(self._initializer_item())
            if not self.accept(","):
                break
        self.expect_close("}", opening)
        self.depth -= 1
        return n.InitList(items, self.coord(opening))

    def _initializer_item(self) -> Any:
        start = self.tokens[self.i]
        designators: list[Any] = []
        if self.types[self.i] == "id" and self.types[self.i + 1] == ":":  # GNU's old "name: value"
            self.i += 2
            designators.append(n.FieldDesignator(start.text, Coord(start, start)))
            return n.NamedInitializer(designators, self.initializer(), self.coord(start))
        while self.types[self.i] in (".", "["):
            token = self.tokens[self.i]
            self.i += 1
            if token.text == ".":
                name = self.expect("id")
                designators.append(n.FieldDesignator(name.text, Coord(token, name)))
            else:
                index = self.constant_expression()
                last = self.constant_expression() if self.accept("...") else None
                self.expect_close("]", token)
                designators.append(n.ArrayDesignator(index, last, self.coord(token)))
        if not designators:
            return self.initializer()
        if not self.accept("=") and not isinstance(designators[-1], n.ArrayDesignator):
            self.fail("expected '=' after the designator", insert="=")
        return n.NamedInitializer(designators, self.initializer(), self.coord(start))


_POSTFIX = frozenset({"(", "[", ".", "->", "++", "--"})
_CONDITIONAL = frozenset(PRECEDENCE) | {"?"}
_UNARY = {
    "++": ExpressionParser.step,
    "--": ExpressionParser.step,
    "sizeof": ExpressionParser.size_of,
    "_Alignof": ExpressionParser.size_of,
    "__real__": ExpressionParser.size_of,
    "__imag__": ExpressionParser.size_of,
    "&&": ExpressionParser.label_address,
    "__extension__": ExpressionParser.extension,
}
_PRIMARY = {
    "__builtin_offsetof": ExpressionParser.offset_of,
    "__builtin_types_compatible_p": ExpressionParser.types_compatible,
    "__builtin_choose_expr": ExpressionParser.choose_expr,
    "__builtin_va_arg": ExpressionParser.va_arg,
    "_Generic": ExpressionParser.generic,
    "true": ExpressionParser.predefined,
    "false": ExpressionParser.predefined,
    "nullptr": ExpressionParser.predefined,
}
