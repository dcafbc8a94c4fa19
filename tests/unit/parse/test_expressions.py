from __future__ import annotations

import pytest

from bpfcc.c.syntax import nodes as n


def text(node):
    """Print an expression with all its parentheses."""
    if isinstance(node, n.BinaryOp):
        return f"({text(node.left)} {node.op} {text(node.right)})"
    if isinstance(node, n.Assignment):
        return f"({text(node.lvalue)} {node.op} {text(node.rvalue)})"
    if isinstance(node, n.UnaryOp):
        if node.op in ("p++", "p--"):
            return f"({text(node.expr)}{node.op[1:]})"
        return f"({node.op}{text(node.expr)})"
    if isinstance(node, n.TernaryOp):
        then = "" if node.iftrue is None else text(node.iftrue)
        return f"({text(node.cond)} ? {then} : {text(node.iffalse)})"
    if isinstance(node, n.ID):
        return node.name
    if isinstance(node, (n.IntLiteral, n.CharLiteral)):
        return str(node.value)
    if isinstance(node, n.StructRef):
        return f"{text(node.name)}{node.type}{node.field.name}"
    if isinstance(node, n.ArrayRef):
        return f"{text(node.name)}[{text(node.subscript)}]"
    if isinstance(node, n.FuncCall):
        args = ", ".join(map(text, node.args.exprs)) if node.args else ""
        return f"{text(node.name)}({args})"
    if isinstance(node, n.ExprList):
        return ", ".join(map(text, node.exprs))
    if isinstance(node, n.Cast):
        return f"(cast {text(node.expr)})"
    if isinstance(node, n.Typename):
        return "type"
    return type(node).__name__


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("a + b * c - d", "((a + (b * c)) - d)"),
        ("a << 1 + b", "(a << (1 + b))"),
        ("a & b == c", "(a & (b == c))"),
        ("a || b && c | d ^ e & f", "(a || (b && (c | (d ^ (e & f)))))"),
        ("a = b = c + 1", "(a = (b = (c + 1)))"),
        ("a += b ? c : d", "(a += (b ? c : d))"),
        ("a ? b : c ? d : e", "(a ? b : (c ? d : e))"),
        ("a ?: b", "(a ?  : b)"),
        ("a ? b, c : d", "(a ? b, c : d)"),
        ("-a[1].b->c(d, 2)++", "(-(a[1].b->c(d, 2)++))"),
        ("!~-+*&a", "(!(~(-(+(*(&a))))))"),
        ("sizeof a + 1", "((sizeofa) + 1)"),
        ("sizeof(a) + 1", "((sizeofa) + 1)"),
        ("sizeof(int) + 1", "((sizeoftype) + 1)"),
        ("(u32)a + b", "((cast a) + b)"),
        ("(u32)-a", "(cast (-a))"),
        ("(a)-b", "(a - b)"),
        ("(u32)(a) - b", "((cast a) - b)"),
        ("(*f)(a)(b)", "(*f)(a)(b)"),
        ("a, b, c", "a, b, c"),
        ("a - -1 - 'b'", "((a - (-1)) - 98)"),
        ("2[t]", "2[t]"),
        ("--a - b--", "((--a) - (b--))"),
        ("__extension__ a * b", "(a * b)"),
        ("a < b > c", "((a < b) > c)"),
        ("*p++ = *q--", "((*(p++)) = (*(q--)))"),
    ],
)
def test_precedence_and_association(expr, source, wanted):
    assert text(expr(source, "u32")) == wanted


def test_every_binary_operator_is_left_associative(expr):
    for op in "* / % + - << >> < > <= >= == != & ^ | && ||".split():
        assert text(expr(f"a {op} b {op} c")) == f"((a {op} b) {op} c)"


def test_spans_cover_exactly_the_expression(parse):
    found = parse("int f(void) { return (a + b) * c[ 1 ] - g(x, y); }")
    node = found.nodes[0].body.block_items[0].expr
    assert node.coord.span.text() == "(a + b) * c[ 1 ] - g(x, y)"
    assert node.coord.at_span.text() == "-"
    assert node.left.coord.span.text() == "(a + b) * c[ 1 ]"
    assert node.left.left.coord.span.text() == "(a + b)"
    assert node.left.right.coord.span.text() == "c[ 1 ]"
    assert node.right.coord.span.text() == "g(x, y)"
    member = parse("int f(void) { return p->q.r; }").nodes[0].body.block_items[0].expr
    assert member.coord.at_span.text() == "r"
    assert member.name.coord.span.text() == "p->q"


@pytest.mark.parametrize(
    ("source", "value", "kind"),
    [
        ("0", 0, "int"),
        ("2147483647", 2147483647, "int"),
        ("2147483648", 2147483648, "long"),
        ("0x7fffffff", 0x7FFFFFFF, "int"),
        ("0x80000000", 0x80000000, "unsigned int"),
        ("0xffffffffff", 0xFFFFFFFFFF, "long"),
        ("0xffffffffffffffff", 0xFFFFFFFFFFFFFFFF, "unsigned long"),
        ("9223372036854775808", 1 << 63, "unsigned long"),
        ("017", 15, "int"),
        ("0b101", 5, "int"),
        ("1u", 1, "unsigned int"),
        ("4294967296u", 1 << 32, "unsigned long"),
        ("1L", 1, "long"),
        ("1ul", 1, "unsigned long"),
        ("1LU", 1, "unsigned long"),
        ("1ll", 1, "long long"),
        ("18446744073709551615ULL", (1 << 64) - 1, "unsigned long long"),
    ],
)
def test_integer_constants(expr, source, value, kind):
    node = expr(source)
    assert (node.value, node.type_name) == (value, kind)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("08", "invalid digit '8' in octal constant"),
        ("1lul", "invalid suffix 'lul' on integer constant"),
        ("12abc", "invalid suffix 'abc' on integer constant"),
        ("0x", "invalid digit in constant '0x'"),
        ("0b12", "invalid digit '2' in binary constant"),
        (
            "18446744073709551616",
            "integer literal is too large to be represented in any integer type",
        ),
        ("1.5q", "invalid floating constant '1.5q'"),
    ],
)
def test_bad_constants(parse, source, message):
    found = parse(f"int x = {source};")
    assert found.messages == [f"9: {message}"]


@pytest.mark.parametrize(
    ("source", "value", "kind"),
    [
        ("'a'", 97, "int"),
        (r"'\n'", 10, "int"),
        (r"'\xff'", -1, "int"),
        (r"'\377'", -1, "int"),
        (r"'\0'", 0, "int"),
        (r"'\''", 39, "int"),
        ("L'\u20ac'", 0x20AC, "int"),
        ("u'z'", 122, "unsigned short"),
        (r"U'\U0001F600'", 0x1F600, "unsigned int"),
        (r"'\e'", 27, "int"),
    ],
)
def test_character_constants(expr, source, value, kind):
    node = expr(source)
    assert (node.value, node.type_name) == (value, kind)


@pytest.mark.parametrize(
    ("source", "prefix", "units"),
    [
        ('"abc"', "", b"abc"),
        ('"a" "b"  "c"', "", b"abc"),
        (r'"\1" "23"', "", b"\x0123"),
        (r'"\x1" "f"', "", b"\x01f"),
        ('"\u00e9"', "", "\u00e9".encode()),
        ('L"a" "b"', "L", [97, 98]),
        ('"a" u"\U0001f600"', "u", [97, 0xD83D, 0xDE00]),
        ('U"\U0001f600"', "U", [0x1F600]),
        (r'u8"\u00e9"', "u8", "\u00e9".encode()),
        (r'"\"\\\?\a\b\f\v\t\r\n"', "", b'"\\?\a\b\f\v\t\r\n'),
    ],
)
def test_string_literals(expr, source, prefix, units):
    node = expr(source)
    assert (node.prefix, node.units) == (prefix, units)


def test_gnu_expressions(expr, shape):
    assert isinstance(expr("({ int x = 1; x; })"), n.StmtExpr)
    literal = expr("(struct s){ .a = 1 }.a")
    assert isinstance(literal, n.StructRef) and isinstance(literal.name, n.CompoundLiteral)
    offset = expr("__builtin_offsetof(struct s, a.b[3].c)")
    assert [type(d).__name__ for d in offset.designators] == [
        "FieldDesignator",
        "FieldDesignator",
        "ArrayDesignator",
        "FieldDesignator",
    ]
    assert isinstance(expr("__builtin_types_compatible_p(int, u32 *)", "u32"), n.TypesCompatible)
    assert isinstance(expr("__builtin_choose_expr(1, a, b)"), n.ChooseExpr)
    generic = expr("_Generic(x, int: 1, const char *: 2, default: 3)")
    assert [a.type is None for a in generic.associations] == [False, False, True]
    assert expr("_Alignof(long)").op == "_Alignof"
    assert isinstance(expr("&&here"), n.LabelAddress)
    assert isinstance(expr("(typeof(x) *)0"), n.Cast)


def test_initializers(parse):
    found = parse("int t[] = { 1, [2] = 3, [4 ... 6] = 7, { .a.b[1] = 2 }, c: 5, {}, };")
    assert not found.messages
    items = found.nodes[0].init.exprs
    ranged = items[2].name[0]
    assert (ranged.index.value, ranged.last.value) == (4, 6)
    assert [type(d).__name__ for d in items[3].exprs[0].name] == [
        "FieldDesignator",
        "FieldDesignator",
        "ArrayDesignator",
    ]
    assert items[4].name[0].name == "c"
    assert items[5].exprs == []


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("x = ;", "19: expected expression"),
        ("x = (1 + 2;", "25: expected ')'"),
        ("f(1, ;", "20: expected expression"),
        ("a[1;", "18: expected ']'"),
        ("x = 1 +* / 2;", "24: expected expression"),
        ("p->1;", "18: expected identifier"),
        ("p->int;", "18: expected a member name, but 'int' is a keyword"),
        ("a ? b;", "20: expected ':'"),
        ("sizeof;", "21: expected expression"),
        ("x = {1};", "19: expected expression"),
        ("x 5;", "16: expected ';' after expression"),
    ],
)
def test_syntax_errors(parse, body, message):
    found = parse(f"int f(void) {{ {body} }}")
    assert found.messages == [message]


def test_several_errors_in_one_run(parse):
    found = parse("int f(void) { x = ; { y = (1; } if (z { } w = 3 +; return 0; }")
    assert len(found.messages) == 4
    assert len(found.nodes) == 1


@pytest.mark.parametrize(
    "opening", ["(", "-", "!(", "a[", "f(", "(int)", "*", "({ ", "x = ", "a ? "]
)
def test_deep_nesting_is_an_error_not_a_crash(parse, opening):
    found = parse("int f(void) { return " + opening * 3000 + "1; }")
    assert found.messages and "nesting level exceeded" in found.messages[0]


def test_long_chains(parse):
    assert not parse("int x = " + " + ".join(["a"] * 450) + ";").messages
    assert parse("int x = " + " + ".join(["a"] * 5000) + ";").messages
    assert parse("int x = a" + ".b" * 5000 + ";").messages
