from __future__ import annotations

import random
import subprocess
import sys
import types

from bpfcc.c.parse import Parser
from bpfcc.c.preprocess.lexer import lex
from bpfcc.c.preprocess.tokens import Token
from bpfcc.c.syntax import nodes as n
from bpfcc.support.diagnostics import Sink
from bpfcc.support.source import SourceFile


def test_pycparser_is_left_alone():
    code = (
        "import sys; import bpfcc.c.syntax.nodes as n\n"
        "assert 'pycparser' not in sys.modules and 'pycparser.c_lexer' not in sys.modules\n"
        "from pycparser import c_ast, c_parser\n"
        "assert c_parser.CParser().parse('int x;').ext[0].name == 'x'\n"
        "assert n.c_ast.Decl.__slots__ == c_ast.Decl.__slots__\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_nodes_are_pycparsers_and_can_be_walked():
    text = "int f(int a) { return ({ a + 1; }) ?: 2; }"
    chunk = types.SimpleNamespace(tokens=lex(text, 0, len(text), SourceFile("t.c", text)))
    (function,) = Parser(Sink()).parse_chunk(chunk, lambda name: False)
    seen = []
    stack = [function]
    while stack:
        node = stack.pop()
        assert isinstance(node, n.c_ast.Node)
        seen.append(type(node).__name__)
        stack += [child for _, child in node.children()]
    assert {"FuncDef", "Decl", "StmtExpr", "BinaryOp", "TernaryOp", "IntLiteral"} <= set(seen)


def test_chunks_inside_chunks():
    """The index may ask for another chunk while one is being parsed."""

    def chunk(text):
        return types.SimpleNamespace(tokens=lex(text, 0, len(text), SourceFile("t.c", text)))

    sink = Sink()
    parser = Parser(sink)
    asked = []

    def is_typedef(name):
        if name == "T" and not asked:
            asked.append(name)
            assert parser.parse_chunk(chunk("typedef int T;"), lambda _: False)[0].name == "T"
        return name == "T"

    (decl,) = parser.parse_chunk(chunk("T x;"), is_typedef)
    assert decl.name == "x" and not sink.diagnostics


def _pragma(text, file):
    return Token("pragma", text, file, 0)


def test_pragmas_anywhere():
    text = "static int x = 1; int f(void) { a; for (;;) ; }"
    file = SourceFile("t.c", text)
    tokens = lex(text, 0, len(text), file)
    at = {t.text: i for i, t in enumerate(tokens)}
    tokens.insert(at["for"], _pragma("unroll", file))
    tokens.insert(at["a"] + 1, _pragma("GCC diagnostic pop", file))
    tokens.insert(at["a"], _pragma("GCC diagnostic push", file))
    tokens.insert(at["="], _pragma("pack(1)", file))
    sink = Sink()
    chunk = types.SimpleNamespace(tokens=tokens)
    nodes = Parser(sink).parse_chunk(chunk, lambda name: False)
    assert not sink.diagnostics
    assert [type(node).__name__ for node in nodes] == ["Pragma", "Decl", "FuncDef"]
    items = nodes[2].body.block_items
    assert [type(i).__name__ for i in items] == ["Pragma", "Pragma", "ID", "For"]
    assert [p.string for p in items[3].pragmas] == ["unroll"]


WORDS = """int char struct union enum s t x y T if else for while do switch case default return goto
break { } ( ) [ ] ; : , . -> ... = == + - * / & && | ! ~ ? ++ sizeof typeof _Generic asm static const
__attribute__ __extension__ 1 0x2 'c' "s" 1.5 _Static_assert typedef unsigned long void [[ ]] # @ \\
__builtin_offsetof __label__ inline""".split()


def test_random_tokens_never_crash():
    rng = random.Random(5)
    for _ in range(400):
        text = " ".join(rng.choice(WORDS) for _ in range(rng.randrange(1, 60)))
        if rng.random() < 0.5:
            text = "int f(int a) { " + text + " }"
        file = SourceFile("t.c", text)
        sink = Sink()
        chunk = types.SimpleNamespace(tokens=lex(text, 0, len(text), file))
        Parser(sink).parse_chunk(chunk, lambda name: name == "T")
        for diagnostic in sink.diagnostics:
            assert diagnostic.span is not None
            diagnostic.span.position()


def test_damaged_programs_never_crash():
    source = (
        "struct s { int a : 3; union { char b[4]; }; } __attribute__((packed));\n"
        "static __attribute__((noinline)) int f(struct s *p, int (*g)(int)) {\n"
        "  for (int i = 0; i < 3; i++) { if (p->a) continue; else g(i); }\n"
        '  asm volatile("" : "+r"(p) :: "memory"); switch (p->a) { case 1 ... 2: return 3; default: ; }\n'
        "  return ({ typeof(p->a) x = (int){ 1 }; x ?: 2; }); }\n"
    )
    rng = random.Random(9)
    for _ in range(300):
        text = source
        for _ in range(rng.randrange(1, 4)):
            i = rng.randrange(len(text))
            j = min(len(text), i + rng.randrange(1, 8))
            text = text[:i] + rng.choice(["", "(", "}", ";", text[j : j + 9], "*"]) + text[j:]
        chunk = types.SimpleNamespace(tokens=lex(text, 0, len(text), SourceFile("t.c", text)))
        Parser(Sink()).parse_chunk(chunk, lambda name: False)
