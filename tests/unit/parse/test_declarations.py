from __future__ import annotations

import pytest

from bpfcc.c.syntax import nodes as n


def read(node):
    """Say a declarator in words."""
    words = []
    while not isinstance(node, n.TypeDecl):
        if isinstance(node, n.PtrDecl):
            words.append(" ".join([*node.quals, "pointer to"]))
        elif isinstance(node, n.ArrayDecl):
            size = node.dim.value if isinstance(node.dim, n.IntLiteral) else ""
            words.append(f"array {size} of".replace("  ", " "))
        else:
            params = node.args.params if node.args else []
            words.append(f"function of {len(params)} returning")
        node = node.type
    base = node.type
    if isinstance(base, n.IdentifierType):
        name = " ".join(base.names)
    elif isinstance(base, n.TypeOf):
        name = base.op
    else:
        name = f"{type(base).__name__.lower()} {base.name}"
    return " ".join([*words, *node.quals, name])


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("int x;", "int"),
        ("int *x[3];", "array 3 of pointer to int"),
        ("int (*x)[3];", "pointer to array 3 of int"),
        ("int (*x)(int, char *);", "pointer to function of 2 returning int"),
        ("int *(*x[2])(void);", "array 2 of pointer to function of 1 returning pointer to int"),
        ("int (*(*x)(int))[4];", "pointer to function of 1 returning pointer to array 4 of int"),
        ("const int *const *volatile x;", "volatile pointer to const pointer to const int"),
        ("unsigned long long int x;", "unsigned long long int"),
        ("long unsigned x;", "long unsigned"),
        ("__int128 unsigned x;", "__int128 unsigned"),
        ("__signed__ char x;", "signed char"),
        ("struct s *x;", "pointer to struct s"),
        ("u32 x;", "u32"),
        ("typeof(y) x;", "typeof"),
        ("__typeof_unqual__(int) x;", "typeof_unqual"),
        ("int x[];", "array of int"),
        ("int x[2][3];", "array 2 of array 3 of int"),
        ("int x(void);", "function of 1 returning int"),
        ("int x();", "function of 0 returning int"),
        ("int x(int, ...);", "function of 2 returning int"),
        ("_Bool x;", "_Bool"),
        ("__builtin_va_list x;", "__builtin_va_list"),
        ("long unsigned int *__restrict x;", "restrict pointer to long unsigned int"),
    ],
)
def test_declarators(parse, source, wanted):
    found = parse(source, "u32")
    assert not found.messages
    (decl,) = found.nodes
    assert decl.name == "x"
    assert read(decl.type) == wanted


def test_several_declarators_share_the_type_node(parse):
    a, b = parse("struct s { int m; } *a, b[2];").nodes
    assert a.type.type.type is b.type.type.type


@pytest.mark.parametrize(
    "source",
    [
        "static const volatile unsigned x;",
        "unsigned static volatile const x;",
        "const unsigned volatile static x;",
    ],
)
def test_specifiers_in_any_order(parse, source):
    (decl,) = parse(source).nodes
    assert decl.storage == ["static"]
    assert sorted(decl.quals) == ["const", "volatile"]
    assert decl.type.type.names == ["unsigned"]


def test_typedef_names_and_shadowing(parse):
    found = parse("int f(T a) { T *p; int T = 1; T * a; { typedef int q; q z; } return T; }", "T")
    assert not found.messages
    items = found.nodes[0].body.block_items
    assert isinstance(items[0], n.Decl) and isinstance(items[2], n.BinaryOp)
    # A parameter hides the type in the body.
    assert isinstance(
        parse("int f(int T) { T * 2; }", "T").nodes[0].body.block_items[0], n.BinaryOp
    )
    # After a type, the name is declared even if it is a type.
    (member,) = parse("struct s { int T; };", "T").nodes
    assert member.type.decls[0].name == "T"
    assert parse("void f(T (T));", "T").nodes[0].type.args.params[0].name is None


def test_attributes_in_every_position(parse):
    found = parse(
        "__attribute__((a1)) static __attribute__((a2)) int __attribute__((a3)) "
        "* __attribute__((a4)) (__attribute__((a5)) *f)(void) __attribute__((a6)), "
        '__attribute__((a7)) g __asm__("name") __attribute__((a8)) = 1;'
    )
    assert not found.messages
    f, g = found.nodes
    pointer = f.type
    assert [a.name for a in f.attributes] == ["a5", "a6"]
    assert [a.name for a in g.attributes] == ["a7", "a8"]
    assert g.asm_label.string() == "name"
    assert [a.name for a in pointer.attributes] == []
    assert [a.name for a in pointer.type.type.attributes] == ["a4"]
    assert [a.name for a in pointer.type.type.type.attributes] == ["a1", "a2", "a3"]


def test_attributes_of_records_enums_and_parameters(parse):
    found = parse(
        "struct __attribute__((packed)) s { int a __attribute__((aligned(8))); } "
        "__attribute__((__aligned__(16), preserve_access_index)) v; "
        "enum e { A __attribute__((unused)) = 1, B } __attribute__((packed)); "
        'int f(int x __attribute__((btf_decl_tag("t"))), struct s __attribute__((btf_type_tag("u"))) *);'
    )
    assert not found.messages
    v, e, f = found.nodes
    record = v.type.type
    assert [a.name for a in record.attributes] == ["packed", "aligned", "preserve_access_index"]
    assert record.decls[0].attributes[0].args[0].value == 8
    assert [a.name for a in e.type.values.enumerators[0].attributes] == ["unused"]
    assert [a.name for a in e.type.attributes] == ["packed"]
    x, pointer = f.type.args.params
    assert x.attributes[0].args[0].string() == "t"
    assert isinstance(pointer, n.Typename)
    assert pointer.type.type.attributes[0].args[0].string() == "u"


@pytest.mark.parametrize(
    ("source", "kinds"),
    [
        ("format(printf, 1, 2)", ["ID", "IntLiteral", "IntLiteral"]),
        ("mode(__word__)", ["ID"]),
        ("aligned(sizeof(int) * 2)", ["BinaryOp"]),
        ("__aligned__(__alignof__(long long))", ["UnaryOp"]),
        ('section("a" "b")', ["StringLiteral"]),
        ("cleanup(f)", ["ID"]),
        ("const", None),
    ],
)
def test_attribute_arguments(parse, source, kinds):
    found = parse(f"int x __attribute__(({source}));")
    assert not found.messages
    args = found.nodes[0].attributes[0].args
    assert (args if args is None else [type(a).__name__ for a in args]) == kinds


def test_c23_attributes(parse):
    found = parse("[[nodiscard]] int f(void); int g [[gnu::unused]];")
    assert not found.messages
    assert [a.name for a in found.nodes[0].type.type.attributes] == ["nodiscard"]
    assert [a.name for a in found.nodes[1].attributes] == ["unused"]


def test_records(parse):
    (decl,) = parse(
        "struct s { int a, b : 3; unsigned : 4; long : 0; struct { int c; }; union u { int d; } e;"
        ' struct {} empty; ; _Static_assert(1, "x"); int flex[]; };'
    ).nodes
    kinds = [(type(m).__name__, getattr(m, "name", None)) for m in decl.type.decls]
    assert kinds == [
        ("Decl", "a"),
        ("Decl", "b"),
        ("Decl", None),
        ("Decl", None),
        ("Decl", None),
        ("Decl", "e"),
        ("Decl", "empty"),
        ("StaticAssert", None),
        ("Decl", "flex"),
    ]
    assert decl.type.decls[1].bitsize.value == 3
    assert isinstance(decl.type.decls[4].type, n.Struct)
    assert parse("struct s;").nodes[0].type.decls is None
    assert parse("struct s {};").nodes[0].type.decls == []


def test_enums(parse):
    (decl,) = parse("enum e : unsigned char { A, B = 5, C, };").nodes
    assert [e.name for e in decl.type.values.enumerators] == ["A", "B", "C"]
    assert decl.type.underlying.type.type.names == ["unsigned", "char"]


def test_functions(parse):
    found = parse(
        "static inline int f(int a, T b) { return a; } int k(a, b) int a; char b; { }", "T"
    )
    assert not found.messages
    new, old = found.nodes
    assert new.decl.funcspec == ["inline"]
    assert new.decl.type.args.params[1].name == "b"
    assert old.decl.type.idents == ["a", "b"]
    assert [d.name for d in old.param_decls] == ["a", "b"]


def test_declared_coordinates(parse):
    a, b = parse("static int *a = 0, bee[3];").nodes
    assert a.coord.at_span.text() == "a"
    assert a.coord.span.text() == "static int *a = 0"
    assert b.coord.at_span.text() == "bee"
    assert b.coord.span.text() == "bee[3]"


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("int x\nint y;", "6: expected ';' after top level declarator"),
        ("int x y;", "6: expected ';' after top level declarator"),
        ("foo x;", "1: unknown type name 'foo'"),
        ("static foo *x;", "8: unknown type name 'foo'"),
        ("int f(foo x);", "7: unknown type name 'foo'"),
        ("struct s { foo x; };", "12: unknown type name 'foo'"),
        ("struct s { int x };", "17: expected ';' at end of declaration list"),
        ("struct s { int x; }\nint f(void) { }", "20: expected ';' after struct"),
        ("struct s int x;", "10: cannot combine with previous 'struct s' declaration specifier"),
        ("static extern int x;", "8: cannot combine with previous 'static' declaration specifier"),
        ("}", "1: extraneous closing brace ('}')"),
        ("int while;", "5: expected identifier or '(', but 'while' is a keyword"),
        ("int f(void) { int g(void) { } }", "27: function definition is not allowed here"),
        ("int f(void) { return 1;", "24: expected '}'"),
        ("enum { A B };", "10: missing ',' between enumerators"),
        ("enum;", "5: expected identifier or '{'"),
        ("struct;", "7: declaration of anonymous struct must be a definition"),
        ("int x = ;", "9: expected expression"),
        ("typedef int t = 3;", "15: illegal initializer (only variables can be initialized)"),
        ("int x __attribute__((a);", "24: expected ')'"),
    ],
)
def test_syntax_errors(parse, source, message):
    assert message in parse(source).messages


def test_did_you_mean(parse):
    from bpfcc.c.parse import Parser
    from bpfcc.c.preprocess.lexer import lex
    from bpfcc.support.diagnostics import Sink
    from bpfcc.support.source import SourceFile

    sink = Sink()
    text = "unit32_t x;"
    parser = Parser(sink, suggest=lambda name: "uint32_t" if name == "unit32_t" else "")
    chunk = type("Chunk", (), {"tokens": lex(text, 0, len(text), SourceFile("t.c", text))})
    parser.parse_chunk(chunk, lambda name: False)
    (found,) = sink.diagnostics
    assert found.message == "unknown type name 'unit32_t'; did you mean 'uint32_t'?"
    assert found.fixits[0].text == "uint32_t"


def test_standards(parse):
    assert not parse("int asm, typeof;", std="c11").messages
    assert parse("int asm;").messages
    assert not parse("bool x = true; static_assert(1);", std="gnu23").messages


@pytest.mark.parametrize("part", ["*", "(", "[1]", "struct { int a; "])
def test_deep_declarators(parse, part):
    source = "int " + part * 3000 + "x;" if part != "[1]" else "int x" + part * 3000 + ";"
    assert parse(source).messages
