"""The public suite bpf_conformance, in process: every test in every engine of the machine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bpfcc.driver.asm_object import read_assembly
from bpfcc.isa.asm import assemble_insns
from bpfcc.isa.disasm import disassemble
from bpfcc.isa.insn import encode
from bpfcc.objfile.write import to_bytes
from bpfcc.vm import plugin
from bpfcc.vm.code import Code
from bpfcc.vm.engine import Careful, Engine, Interpreter

SUITE = Path(__file__).parents[3] / "shared" / "conformance"
pytestmark = pytest.mark.skipif(
    not SUITE.is_dir(), reason="the public suite's data files are not beside the repository"
)
_DIRECTIVES = ("asm", "result", "mem", "raw", "no register offset", " c", "error")


def sections(text: str) -> dict[str, list[str]]:
    """Split a .data file: ``#`` starts a comment, a line with ``--`` a section."""
    found: dict[str, list[str]] = {}
    current: list[str] = []
    for line in text.splitlines():
        line = line.split("#", 1)[0]
        if "--" in line:
            name = next((one for one in _DIRECTIVES if one in line), "?")
            current = found.setdefault(name, [])
        elif line.strip():
            current.append(line)
    return found


def hexadecimal(lines: list[str]) -> str:
    return " ".join(" ".join(lines).split())


FILES = sorted(SUITE.glob("*.data")) if SUITE.is_dir() else []


def test_the_whole_suite_is_here() -> None:
    assert len(FILES) == 313


@pytest.mark.parametrize("engine", [Interpreter, Careful], ids=lambda engine: engine.name)
def test_suite(engine: type[Interpreter]) -> None:
    assert failures_of(engine) == []


@pytest.mark.parametrize("mode", ["regions", "arena", "unchecked"])
def test_suite_in_native_code(mode: str) -> None:
    pytest.importorskip("llvmlite", reason="llvmlite is not installed")
    from bpfcc.llvm.jit import engine

    assert failures_of(engine(mode, cache=False)) == []


def failures_of(engine: Callable[[Code], Engine]) -> list[tuple[str, int, int]]:
    """Run the suite; return (file, r0, expected) of those that fail."""
    failures = []
    for path in FILES:
        parts = sections(path.read_text())
        text = "\n".join(parts["asm"])
        memory = bytes.fromhex(hexadecimal(parts.get("mem", [])))
        expected_text = parts["result"][-1].strip()
        expected = int(expected_text, 16 if "0x" in expected_text else 10)
        got = plugin.execute(encode(assemble_insns(text)), memory, engine=engine)
        if got != expected:
            failures.append((path.name, got, expected))
    return failures


def test_protocol() -> None:
    """The plugin as the suite's runner calls it: two spaces between bytes, r0 in hex back."""
    passed = 0
    for path in FILES:
        parts = sections(path.read_text())
        insns = assemble_insns("\n".join(parts["asm"]))
        assert assemble_insns(disassemble(insns)) == insns, path.name
        program = "  ".join(f"{byte:02x}" for byte in encode(insns)) + "  \n"
        args = []
        if "mem" in parts:
            data = bytes.fromhex(hexadecimal(parts["mem"]))
            args = ["  ".join(f"{byte:02x}" for byte in data) + "  "]
        code, text = plugin.main(args, program)
        assert code == 0, (path.name, text)
        expected_text = parts["result"][-1].strip()
        assert int(text, 16) == int(expected_text, 16 if "0x" in expected_text else 10), path.name
        passed += 1
    assert passed == 313


def test_malformed_programs_are_refused_with_the_field_named() -> None:
    files = sorted((SUITE / "negative").glob("unused-*.data"))
    assert len(files) == 45
    for path in files:
        raw = hexadecimal(sections(path.read_text())["raw"])
        code, text = plugin.main([], raw + "\n")
        field = path.stem.rsplit("-", 1)[1]
        assert code == 1
        assert "at 0: " in text and f" {field} " in text, (path.name, text)


def test_unwind_helper_and_faults() -> None:
    exit_only = encode(assemble_insns("r0 = 7; exit")).hex()
    assert plugin.main([], exit_only) == (0, "7")
    code, text = plugin.main([], encode(assemble_insns("r0 = *(u64 *)(r1 + 8); exit")).hex())
    assert code == 1
    assert "null pointer plus 8" in text
    code, text = plugin.main([], encode(assemble_insns("l: goto l")).hex())
    assert (code, "limit" in text) == (1, True)
    assert plugin.main(["--jit"], exit_only)[0] == 1
    assert plugin.main(["zz"], exit_only)[0] == 1
    assert plugin.main([], "95 00 00")[0] == 1
    assert plugin.main(["--bogus"], exit_only) == (1, "unknown option --bogus")


@pytest.mark.parametrize(
    ("args", "stdin", "message"),
    [
        (["aa 0"], "95", "the memory has an odd number of hexadecimal digits, 3"),
        (["0xaa"], "95", "the memory is not hexadecimal: 'x' at digit 1"),
        ([], "95 0g", "the program on standard input is not hexadecimal: 'g' at digit 3"),
        ([], "", "no instructions"),
        ([], "b7", "not a multiple of 8 bytes"),
        (["--elf"], "7f 45", "not an ELF file"),
        (["--frob"], "95", "unknown option --frob"),
    ],
)
def test_what_the_plugin_refuses(args: list[str], stdin: str, message: str) -> None:
    code, text = plugin.main(args, stdin)
    assert code == 1
    assert message in text


def test_objects_with_functions_of_their_own() -> None:
    """The suite's runner hands over ELF: calls between functions are relocated."""
    text = (
        "r1 = 7; call twice; exit; twice: r0 = r1; r0 += r0; if r0 > 3 goto out; r0 = 1; out: exit"
    )
    image = to_bytes(read_assembly(text)).hex(" ")
    assert plugin.main(["--elf"], image + "\r\n") == (0, "e")
    assert plugin.main(["01  02  ", "--elf", "--careful"], image) == (0, "e")
