from __future__ import annotations

import sys
import types
from typing import Any

import pytest

from bpfcc.c.parse import Parser
from bpfcc.c.preprocess.lexer import lex
from bpfcc.c.unit import RECURSION_LIMIT
from bpfcc.support.diagnostics import Sink
from bpfcc.support.source import SourceFile


class Parsed:
    """The nodes of a text and what was said about it."""

    def __init__(self, nodes: list[Any], sink: Sink, file: SourceFile) -> None:
        self.nodes = nodes
        self.sink = sink
        self.file = file

    @property
    def messages(self) -> list[str]:
        return [f"{d.span.position()[2]}: {d.message}" for d in self.sink.diagnostics]


@pytest.fixture
def parse() -> Any:
    def run(text: str, types_: str = "", std: str = "gnu17") -> Parsed:
        file = SourceFile("t.c", text)
        sink = Sink()
        chunk = types.SimpleNamespace(tokens=lex(text, 0, len(text), file))
        known = set(types_.split())
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(RECURSION_LIMIT)
        try:
            nodes = Parser(sink, std=std).parse_chunk(chunk, known.__contains__)
        finally:
            sys.setrecursionlimit(limit)
        return Parsed(nodes, sink, file)

    return run


def shape(node: Any) -> Any:
    """A tree as nested lists: class name, plain attributes, children. For comparing."""
    if isinstance(node, list):
        return [shape(each) for each in node]
    if node is None or isinstance(node, (str, int, float, bytes)):
        return node
    fields = []
    for base in type(node).__mro__:
        for name in base.__dict__.get("__slots__", ()):
            if name not in ("coord", "__weakref__", "text", "storage", "underlying_type"):
                value = getattr(node, name, None)
                if value not in (None, [], ()):
                    fields.append((name, shape(value)))
    return [type(node).__name__, *dict(fields).items()]


@pytest.fixture
def expr(parse: Any) -> Any:
    """Parse an expression; returns (node, messages)."""

    def run(text: str, types_: str = "") -> Any:
        found = parse(f"int f(void) {{ {text}; }}", types_)
        assert not found.messages, found.messages
        return found.nodes[0].body.block_items[0]

    return run


@pytest.fixture
def stmts(parse: Any) -> Any:
    """Parse the statements of a function body."""

    def run(text: str, types_: str = "") -> Any:
        found = parse(f"int f(void) {{ {text} }}", types_)
        assert not found.messages, found.messages
        return found.nodes[0].body.block_items

    return run


@pytest.fixture(name="shape")
def shape_fixture() -> Any:
    return shape
