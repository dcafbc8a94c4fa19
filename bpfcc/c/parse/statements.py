"""Statements. Source: C17 6.8; GCC manual, "Extended Asm", "Case Ranges", "Local Labels"."""

from __future__ import annotations

from typing import Any

from ..syntax import nodes as n
from ..syntax.coord import Coord
from .cursor import SyntaxFault
from .declarations import DeclarationParser, Declarator
from .specifiers import Specifiers

MAX_ELSE_IFS = 400


class StatementParser(DeclarationParser):
    """Parses blocks and statements."""

    # ------------------------------------------------------------------ functions and blocks
    def function(self, specs: Specifiers, found: Declarator) -> Any:
        """A function definition; its parameters are names of the body's scope."""
        decl = self._decl(specs, found, None, None, True)
        func = found.parts[0]
        old_style: list[Any] | None = None
        self.hoisted += self.pragmas_before(self.i + 1)
        scope: dict[str, bool] = {}
        self.scopes.append(scope)
        try:
            if func.idents is not None:
                old_style = []
                while self.types[self.i] != "{":
                    old_style += self.declaration()
            for param in func.args.params if func.args is not None else ():
                if isinstance(param, n.Decl) and param.name:
                    scope[param.name] = False
            body = self.compound()
        finally:
            self.scopes.pop()
        return n.FuncDef(decl, old_style, body, Coord(specs.first, body.coord.last, found.name))

    def compound(self) -> Any:
        """Compound-statement: '{' block-item* '}'."""
        opening = self.tokens[self.i]
        if self.types[self.i] != "{":
            self.fail("expected '{'")
        self.i += 1
        self.enter()
        self.scopes.append({})
        items: list[Any] = []
        types = self.types
        try:
            while types[self.i] != "}":
                if types[self.i] == "":
                    self.expect_close("}", opening)
                self.block_item(items)
            items += self.pragmas_before(self.i + 1)
        finally:
            self.scopes.pop()
        self.i += 1
        self.depth -= 1
        return n.Compound(items, self.coord(opening))

    def block_item(self, items: list[Any]) -> None:
        """A declaration or statement; one that cannot be parsed becomes an ErrorNode."""
        start, depth, scopes = self.i, self.depth, len(self.scopes)
        items += self.pragmas_before(start + 1)
        place = len(items)
        try:
            kind = self.types[self.i]
            if kind == "__extension__":
                i = self.i
                while self.types[i] == "__extension__":
                    i += 1
                if self.starts_declaration(i):
                    self.i = i
                    kind = self.types[i]
            if kind == "__attribute__" or (kind == "[" and self.types[self.i + 1] == "["):
                self._attributed(items)
            elif kind == "__label__":
                items.append(self.local_labels())
            elif self.starts_declaration(self.i) or self._unknown_declaration(kind):
                items += self.declaration()
            else:
                items.append(self.statement())
        except SyntaxFault:
            self.depth = depth
            del self.scopes[scopes:]
            self._recover(start)
            items.append(n.ErrorNode(self.coord(self.tokens[start])))
        if self.pragmas:  # those inside a declaration or expression count as before it
            items[place:place] = self.pragmas_before(self.i)

    def _unknown_declaration(self, kind: str) -> bool:
        """Two names in a row: a declaration whose type nobody knows."""
        return kind == "id" and self.types[self.i + 1] == "id"

    def _attributed(self, items: list[Any]) -> None:
        first = self.tokens[self.i]
        attributes = self.attributes()
        if self.starts_declaration(self.i) or self._unknown_declaration(self.types[self.i]):
            items += self.declaration(attributes)
            return
        stmt = self.statement()
        items.append(n.AttributedStatement(attributes, stmt, self.coord(first)))

    def _recover(self, start: int) -> None:
        """After an error go behind the next ``;`` of this block, or to its ``}``."""
        if self.i < start:
            self.i = start
        level = 0
        # Brackets that were open at the fault: count them from the item's start.
        for kind in self.types[start : self.i]:
            if kind == "{":
                level += 1
            elif kind == "}":
                level -= 1
        level = max(level, 0)
        while True:
            kind = self.types[self.i]
            if kind == "":
                return
            if kind == "{":
                level += 1
            elif kind == "}":
                if level == 0:
                    if self.i == start:
                        self.i += 1
                    return
                level -= 1
                if level == 0 and self.types[self.i + 1] not in (")", ",", ";"):
                    self.i += 1
                    return
            elif kind == ";" and level == 0:
                self.i += 1
                return
            self.i += 1

    # ------------------------------------------------------------------ statements
    def statement(self) -> Any:
        """One statement."""
        kind = self.types[self.i]
        handler = _STATEMENTS.get(kind)
        if handler is not None:
            return handler(self)
        if kind == "id" and self.types[self.i + 1] == ":":
            return self.label()
        if kind == "__attribute__":
            first = self.tokens[self.i]
            attributes = self.attributes()
            return n.AttributedStatement(attributes, self.statement(), self.coord(first))
        expr = self.expression()
        self.expect_semicolon("after expression")
        return expr

    def _block(self) -> Any:
        return self.compound()

    def empty(self) -> Any:
        """``;``."""
        token = self.tokens[self.i]
        self.i += 1
        return n.EmptyStatement(Coord(token, token))

    def _nested(self) -> Any:
        """A statement inside another: one level deeper, in a scope of its own."""
        if self.types[self.i] == "{":
            return self.compound()  # counts for itself
        self.enter()
        stmt = self.statement()
        self.depth -= 1
        return stmt

    def _condition(self, word: str) -> Any:
        opening = self.expect("(", f"after '{word}'")
        cond = self.expression()
        self.expect_close(")", opening)
        return cond

    def if_statement(self) -> Any:
        """``if``; a chain of ``else if`` is parsed without recursion."""
        chain: list[tuple[Any, Any, Any]] = []
        otherwise: Any = None
        while True:
            token = self.tokens[self.i]
            self.i += 1
            cond = self._condition("if")
            then = self._nested()
            chain.append((token, cond, then))
            if len(chain) > MAX_ELSE_IFS:
                self.fail(f"more than {MAX_ELSE_IFS} 'else if' in a row", token)
            if not self.accept("else"):
                break
            if self.types[self.i] != "if":
                otherwise = self._nested()
                break
        for token, cond, then in reversed(chain):
            last = otherwise if otherwise is not None else then
            otherwise = n.If(cond, then, otherwise, Coord(token, last.coord.last))
        return otherwise

    def switch_statement(self) -> Any:
        """``switch``."""
        token = self.tokens[self.i]
        self.i += 1
        cond = self._condition("switch")
        body = self._nested()
        return n.Switch(cond, body, self.coord(token))

    def while_statement(self, pragmas: list[Any] | None = None) -> Any:
        """``while``."""
        token = self.tokens[self.i]
        self.i += 1
        cond = self._condition("while")
        body = self._nested()
        return n.While(cond, body, self.coord(token), pragmas or [])

    def do_statement(self, pragmas: list[Any] | None = None) -> Any:
        """``do ... while (cond);``."""
        token = self.tokens[self.i]
        self.i += 1
        body = self._nested()
        if not self.accept("while"):
            self.fail("expected 'while' in do/while loop")
        cond = self._condition("while")
        self.expect_semicolon("after do/while statement")
        return n.DoWhile(cond, body, self.coord(token), pragmas or [])

    def for_statement(self, pragmas: list[Any] | None = None) -> Any:
        """``for``; a declaration in it has the loop as its scope."""
        token = self.tokens[self.i]
        self.i += 1
        opening = self.expect("(", "after 'for'")
        self.scopes.append({})
        try:
            self.accept("__extension__")
            init: Any = None
            if self.types[self.i] == ";":
                self.i += 1
            elif self.types[self.i] == "__attribute__" or (
                self.starts_declaration(self.i) or self._unknown_declaration(self.types[self.i])
            ):
                first = self.tokens[self.i]
                decls = self.declaration(self.attributes())
                init = n.DeclList(decls, self.coord(first))
            else:
                init = self.expression()
                self._for_semicolon()
            cond = None
            if self.types[self.i] != ";":
                cond = self.expression()
            self._for_semicolon()
            step = None if self.types[self.i] == ")" else self.expression()
            self.expect_close(")", opening)
            body = self._nested()
        finally:
            self.scopes.pop()
        return n.For(init, cond, step, body, self.coord(token), pragmas or [])

    def _for_semicolon(self) -> None:
        if not self.accept(";"):
            self.fail("expected ';' in 'for' statement specifier", insert=";")

    def pragma(self) -> Any:
        """Pragmas before a loop belong to it; others are statements."""
        first = self.tokens[self.i]
        pragmas: list[Any] = []
        while self.types[self.i] == "pragma":
            token = self.tokens[self.i]
            self.i += 1
            pragmas.append(n.Pragma(token.text, Coord(token, token)))
        kind = self.types[self.i]
        if kind == "for":
            return self.for_statement(pragmas)
        if kind == "while":
            return self.while_statement(pragmas)
        if kind == "do":
            return self.do_statement(pragmas)
        self.sink.error(
            "c-pragma-not-loop",
            f"expected a for, while, or do-while loop to follow '#pragma {first.text.strip()}'",
            self.tokens[self.i].span(),
        )
        return n.EmptyStatement(Coord(first, first))

    # ------------------------------------------------------------------ labels
    def label(self) -> Any:
        """``name:``."""
        token = self.tokens[self.i]
        self.i += 2
        attributes = self.attributes()
        stmt = self._labelled(attributes)
        return n.Label(token.text, stmt, self.coord(token), attributes)

    def _labelled(self, attributes: list[n.Attribute] | None = None) -> Any:
        """The statement after a label: empty at the end of a block and before a declaration."""
        kind = self.types[self.i]
        colon = self.tokens[self.i - 1]
        if kind == "}" or kind == "__label__" or self._declaration_follows():
            return n.EmptyStatement(Coord(colon, colon))
        self.enter()
        if kind == "case":
            stmt = self._case_chain()
        else:
            stmt = self.statement()
        self.depth -= 1
        return stmt

    def _declaration_follows(self) -> bool:
        i = self.i
        while self.types[i] == "__extension__":
            i += 1
        return self.starts_declaration(i) or self._unknown_declaration(self.types[i])

    def case_label(self) -> Any:
        """``case a:``, ``case a ... b:``; a run of them is parsed without recursion."""
        return self._case_chain()

    def _case_chain(self) -> Any:
        labels: list[tuple[Any, Any]] = []
        while self.types[self.i] == "case":
            token = self.tokens[self.i]
            self.i += 1
            low = self.constant_expression()
            expr: Any = low
            if self.accept("..."):
                high = self.constant_expression()
                expr = n.Range(low, high, Coord(low.coord.first, high.coord.last))
            if not self.accept(":"):
                self.fail("expected ':' after 'case'", insert=":")
            labels.append((token, expr))
            if len(labels) > MAX_ELSE_IFS:
                self.fail(f"more than {MAX_ELSE_IFS} case labels on one statement", token)
        stmt = self._labelled()
        for token, expr in reversed(labels):
            stmt = n.Case(expr, [stmt], Coord(token, stmt.coord.last))
        return stmt

    def default_label(self) -> Any:
        """``default:``."""
        token = self.tokens[self.i]
        self.i += 1
        if not self.accept(":"):
            self.fail("expected ':' after 'default'", insert=":")
        stmt = self._labelled()
        return n.Default([stmt], Coord(token, stmt.coord.last))

    def local_labels(self) -> Any:
        """``__label__ a, b;``."""
        token = self.tokens[self.i]
        self.i += 1
        names: list[Any] = []
        while True:
            name = self.expect("id")
            names.append(n.ID(name.text, Coord(name, name)))
            if not self.accept(","):
                break
        self.expect_semicolon("after local label declaration")
        return n.LocalLabels(names, self.coord(token))

    # ------------------------------------------------------------------ jumps
    def goto_statement(self) -> Any:
        """``goto name;``, ``goto *expr;``."""
        token = self.tokens[self.i]
        self.i += 1
        if self.accept("*"):
            expr = self.expression()
            node: Any = n.ComputedGoto(expr, self.coord(token))
        else:
            name = self.expect("id")
            node = n.Goto(name.text, Coord(token, name, name))
        self.expect_semicolon("after goto statement")
        return node

    def break_statement(self) -> Any:
        """``break;``."""
        token = self.tokens[self.i]
        self.i += 1
        self.expect_semicolon("after break statement")
        return n.Break(Coord(token, token))

    def continue_statement(self) -> Any:
        """``continue;``."""
        token = self.tokens[self.i]
        self.i += 1
        self.expect_semicolon("after continue statement")
        return n.Continue(Coord(token, token))

    def return_statement(self) -> Any:
        """``return expr? ;``."""
        token = self.tokens[self.i]
        self.i += 1
        expr = None if self.types[self.i] == ";" else self.expression()
        last = self.tokens[self.i - 1]
        self.expect_semicolon("after return statement")
        return n.Return(expr, Coord(token, last))

    def stray_else(self) -> Any:
        """``else`` without ``if``."""
        return self.fail("expected expression: 'else' without an 'if' before it")

    # ------------------------------------------------------------------ inline assembly
    def asm_statement(self) -> Any:
        """``asm volatile goto ("template" : outputs : inputs : clobbers : labels);``."""
        token = self.tokens[self.i]
        self.i += 1
        volatile = goto = False
        while True:
            if self.accept("volatile"):
                volatile = True
            elif self.accept("goto"):
                goto = True
            elif not self.accept("inline") and not self.accept("const"):
                break
        opening = self.expect("(", "after 'asm'")
        template = self.string_literal()
        outputs: list[n.AsmOperand] = []
        inputs: list[n.AsmOperand] = []
        clobbers: list[str] = []
        labels: list[Any] = []
        basic = self.types[self.i] != ":"
        section = 0
        while self.types[self.i] != ")":
            if not self.accept(":"):
                self.fail("expected ')'", insert=")")
            section += 1
            if self.types[self.i] in (":", ")"):
                continue
            if section <= 2:
                self._asm_operands(outputs if section == 1 else inputs)
            elif section == 3:
                clobbers.append(self.string_literal().string())
                while self.accept(","):
                    clobbers.append(self.string_literal().string())
            elif section == 4:
                self._asm_labels(labels)
            else:
                self.fail("expected ')'", insert=")")
        self.expect_close(")", opening)
        self.expect_semicolon("after asm statement")
        return n.Asm(
            template,
            outputs,
            inputs,
            clobbers,
            labels,
            self.coord(token),
            volatile=volatile or basic or goto or not outputs,
            goto=goto,
            basic=basic,
        )

    def _asm_operands(self, into: list[n.AsmOperand]) -> None:
        while True:
            start = self.tokens[self.i]
            name = ""
            if self.accept("["):
                name = self.expect("id").text
                self.expect_close("]", start)
            constraint = self.string_literal().string()
            opening = self.expect("(", "after an operand's constraint")
            expr = self.expression()
            self.expect_close(")", opening)
            into.append(n.AsmOperand(name, constraint, expr, self.coord(start)))
            if not self.accept(","):
                return

    def _asm_labels(self, into: list[Any]) -> None:
        while True:
            name = self.expect("id")
            into.append(n.ID(name.text, Coord(name, name)))
            if not self.accept(","):
                return


_STATEMENTS = {
    "{": StatementParser._block,
    ";": StatementParser.empty,
    "if": StatementParser.if_statement,
    "switch": StatementParser.switch_statement,
    "while": StatementParser.while_statement,
    "do": StatementParser.do_statement,
    "for": StatementParser.for_statement,
    "case": StatementParser.case_label,
    "default": StatementParser.default_label,
    "goto": StatementParser.goto_statement,
    "break": StatementParser.break_statement,
    "continue": StatementParser.continue_statement,
    "return": StatementParser.return_statement,
    "asm": StatementParser.asm_statement,
    "pragma": StatementParser.pragma,
    "else": StatementParser.stray_else,
}
