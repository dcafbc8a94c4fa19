from __future__ import annotations

import pytest

from bpfcc.c.syntax import nodes as n


def names(items):
    return [type(item).__name__ for item in items]


def test_statement_kinds(stmts):
    items = stmts(
        "; x; { } if (a) b; else c; switch (a) { } while (a) b; do a; while (b); for (;;) ; "
        "goto l; l: ; break; continue; return; return a;"
    )
    assert names(items) == [
        "EmptyStatement", "ID", "Compound", "If", "Switch", "While", "DoWhile", "For", "Goto",
        "Label", "Break", "Continue", "Return", "Return",
    ]  # fmt: skip


def test_else_belongs_to_the_nearest_if(stmts):
    (outer,) = stmts("if (a) if (b) c; else d;")
    assert outer.iffalse is None and outer.iftrue.iffalse.name == "d"


def test_for_clauses(stmts):
    (loop,) = stmts("for (int i = 0, j; i < 3; i++, j--) ;")
    assert [d.name for d in loop.init.decls] == ["i", "j"]
    assert isinstance(loop.next, n.ExprList)
    (bare,) = stmts("for (;;) ;")
    assert (bare.init, bare.cond, bare.next) == (None, None, None)


def test_switch_labels(stmts):
    (switch,) = stmts("switch (a) { case 1: case 2 ... 5: b; case A + 1: { } default: ; case 9: }")
    items = switch.stmt.block_items
    assert names(items) == ["Case", "Case", "Default", "Case"]
    inner = items[0].stmts[0]
    assert (inner.expr.low.value, inner.expr.high.value) == (2, 5)
    assert isinstance(items[3].stmts[0], n.EmptyStatement)


def test_labels_before_declarations_and_at_the_end(stmts):
    items = stmts("l: int x = 1; m: n: x++; end: ")
    assert names(items) == ["Label", "Decl", "Label", "Label"]
    assert isinstance(items[0].stmt, n.EmptyStatement)
    assert items[2].stmt.name == "n"
    (switch,) = stmts("switch (a) { case 1: int y; y = 1; }")
    assert names(switch.stmt.block_items) == ["Case", "Decl", "Assignment"]


def test_gnu_statements(stmts):
    items = stmts("__label__ a, b; goto *p; __attribute__((fallthrough)); __extension__ int z;")
    assert names(items) == ["LocalLabels", "ComputedGoto", "AttributedStatement", "Decl"]
    assert [label.name for label in items[0].names] == ["a", "b"]
    assert items[2].attributes[0].name == "fallthrough"
    assert names(stmts("__attribute__((unused)) int z;")) == ["Decl"]
    assert names(stmts("l: __attribute__((unused)); x;")) == ["Label", "ID"]


def test_inline_assembly(stmts):
    (asm,) = stmts(
        'asm volatile("%0 = %[in]" "\\n" : "=r"(x), [m] "+m"(*p) : [in] "i"(3), "0"(y) : "r0", "memory");'
    )
    assert asm.template.string() == "%0 = %[in]\n"
    assert [(o.name, o.constraint) for o in asm.outputs] == [("", "=r"), ("m", "+m")]
    assert [(o.name, o.constraint) for o in asm.inputs] == [("in", "i"), ("", "0")]
    assert asm.clobbers == ["r0", "memory"]
    assert asm.volatile and not asm.goto and not asm.basic
    (goto,) = stmts('asm goto("" : : "r"(x) : : out, in);')
    assert [label.name for label in goto.labels] == ["out", "in"]
    assert goto.goto and goto.volatile
    (basic,) = stmts('asm("exit");')
    assert basic.basic
    (pair,) = stmts('asm("" :: "r"(x));')
    assert not pair.outputs and len(pair.inputs) == 1


def test_errors(parse):
    for body, message in [
        ("if (a b;", "21: expected ')'"),
        ("else x;", "15: expected expression: 'else' without an 'if' before it"),
        ("do x; while (1)", "30: expected ';' after do/while statement"),
        ("do x; (1);", "21: expected 'while' in do/while loop"),
        ("case 1 x;", "22: expected ':' after 'case'"),
        ("goto 5;", "20: expected identifier"),
        ("return 1", "23: expected ';' after return statement"),
        ("break", "20: expected ';' after break statement"),
        ("for (int i = 0; i < 3) ;", "36: expected ';' in 'for' statement specifier"),
        ("for (i = 0, i < 3; i++) ;", "37: expected ';' in 'for' statement specifier"),
        ("if (a) int x;", "22: expected expression"),
        ("foo_t x;", "15: unknown type name 'foo_t'"),
    ]:
        assert parse(f"int f(void) {{ {body} }}").messages[0] == message, body


def test_a_missing_semicolon_is_placed_after_the_last_token(parse):
    found = parse("int f(void)\n{\n\tint x = 1\n\tint y = 2;\n\treturn x\n}")
    positions = [d.span.position()[1:] for d in found.sink.diagnostics]
    assert positions == [(3, 11), (5, 10)]
    assert [d.fixits[0].text for d in found.sink.diagnostics] == [";", ";"]
    assert names(found.nodes[0].body.block_items) == ["Decl", "Decl", "Return"]


def test_recovery_keeps_what_is_around(parse):
    found = parse("int f(void) { a; b = = 1; c; if (x) { d = ; } e; }")
    assert len(found.messages) == 2
    assert names(found.nodes[0].body.block_items) == ["ID", "ErrorNode", "ID", "If", "ID"]


@pytest.mark.parametrize(
    "text", ["{", "if (a) ", "while (a) ", "a: ", "case 1: ", "do ", "for (;;) "]
)
def test_deep_statements(parse, text):
    assert parse("int f(void) { " + text * 3000 + "; }").messages


def test_else_if_chains_need_no_recursion(parse):
    chain = "if (a) b; " + "else if (a) b; " * 300
    assert not parse(f"int f(void) {{ {chain} }}").messages
