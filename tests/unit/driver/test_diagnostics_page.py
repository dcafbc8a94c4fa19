"""Every id that can be reported is documented, and docs/diagnostics.md is the page that is made."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import bpfcc
from bpfcc.driver.diagnostics_page import all_ids, for_terminal, page
from bpfcc.driver.formats import help_url
from bpfcc.verifier.words import WORDS

PACKAGE = Path(bpfcc.__file__).parent
_ID = re.compile(r"(bpf|c)-[a-z0-9-]+")
_NO_ID = {"bpf-budget"}  # a common beginning


def _calls(tree: ast.AST):
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", None) or getattr(node.func, "id", "")
            yield name, node


def emitted() -> dict[str, set[str]]:
    """Every id that the sources spell, or make of the group of a warning; with the files."""
    found: dict[str, set[str]] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        if path.name in ("catalogue.py", "c_rules.py", "warning_names.py"):
            continue
        tree = ast.parse(path.read_text())
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                if _ID.fullmatch(node.value):
                    found.setdefault(node.value, set()).add(path.name)
        for name, call in _calls(tree):
            if name != "warning" or not call.args:
                continue
            if any(k.arg == "id" for k in call.keywords):
                continue
            for node in ast.walk(call.args[0]):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    group = node.value
                    id = group if group.startswith("bpf-") else "c-" + group
                    found.setdefault(id, set()).add(path.name)
    for id, _, _ in WORDS.values():
        found.setdefault(id, set()).add("words.py")
    return found


def rules() -> set[str]:
    """The rules that the verifier rejects by."""
    found = set()
    for path in (PACKAGE / "verifier").glob("*.py"):
        for name, call in _calls(ast.parse(path.read_text())):
            if name in ("fail", "warn", "Reject") and call.args:
                for node in ast.walk(call.args[0]):
                    if isinstance(node, ast.Constant) and isinstance(node.value, str):
                        found.add(node.value)
    return found


def test_every_id_has_a_section() -> None:
    known = all_ids()
    missing = {id: files for id, files in emitted().items() if id not in known | {}}
    assert {id: files for id, files in missing.items() if id not in _NO_ID} == {}


def test_every_rule_of_the_verifier_has_words() -> None:
    assert rules() - set(WORDS) == set()


def test_the_page_is_up_to_date() -> None:
    text = (PACKAGE / "docs" / "diagnostics.md").read_text()
    assert text == page(), "run: bpfcc explain --markdown > bpfcc/docs/diagnostics.md"


def test_every_section_can_be_linked_and_explained() -> None:
    headings = set(re.findall(r"^#{2,3} (\S+)$", page(), re.M))
    for id in all_ids():
        assert id in headings
        assert help_url(id).endswith("docs/diagnostics.md#" + id)
        text = for_terminal(id)
        assert text is not None and text.startswith(id)
    assert for_terminal("bpf-nothing") is None


@pytest.mark.parametrize("id", ["bpf-padding", "bpf-map-type"])
def test_markdown_does_not_eat_names(id: str) -> None:
    section = page().split(f"## {id}\n")[1].split("\n## ")[0]
    prose = "\n".join(line for line in section.split("\n") if not line.startswith("    "))
    assert not re.search(r"(?<!\\)[_*]", prose)
